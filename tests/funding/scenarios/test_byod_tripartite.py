"""Devices brought by families, by hand: 10 tablets, 7 200 € TTC, beside a screen of 12 000 € TTC."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.formats import cents
from pupitre.funding.operation import Operation
from pupitre.funding.plan import sum_by_year
from pupitre.funding.scenarios import achat, byod_tripartite

Make = Callable[..., Operation]
TABLETS = {"item": "tablette", "ht": 6_000, "quantity": 10}


def test_devices_of_pupils_and_wifi_are_enough(operation_of: Make) -> None:
    """Eligible, with what is to be known: no French example, and nobody can be required to buy (L. 132-1)."""
    told = byod_tripartite.check(operation_of(TABLETS))

    assert told.eligible
    assert any("L. 132-1" in reason for reason in told.reasons)
    assert any("Aucun exemple" in reason for reason in told.reasons)


@pytest.mark.parametrize(
    ("line", "told", "words"),
    [({}, {}, ["appareil"]), (TABLETS, {"wifi": False}, ["Wi-Fi"]), ({}, {"wifi": False}, ["appareil", "Wi-Fi"])],
)
def test_refusals(operation_of: Make, line: dict[str, object], told: dict[str, object], words: list[str]) -> None:
    """Nothing that a pupil may own, no Wi-Fi to connect it, or both."""
    verdict = byod_tripartite.check(operation_of(line, **told))

    assert not verdict.eligible
    assert len(verdict.reasons) == len(words)
    assert all(word in reason for word, reason in zip(words, verdict.reasons, strict=True))


def test_the_law_s_shares_by_hand(operation_of: Make) -> None:
    """30 % lent: 2 160 €; of 5 040 €, families 43.33 %, 2 184 €; the commune helps with 2 856 €, and 189 € a year."""
    plan = byod_tripartite.plan(operation_of(TABLETS), "central")

    assert plan.borne_by("famille") == 2_184
    assert sum_by_year(plan.cash[plan.cash["label"] == "Aide aux familles"]) == {2027: -2_856}
    assert plan.charge_by_year("commune", "investissement")[2027] == cents(2_160 - 354.33)
    assert plan.borne_by("etat") == 354.33
    assert plan.financing_eur == 5 * 189
    assert plan.cost_eur == 7_200 + 945


def test_the_rest_is_bought(operation_of: Make) -> None:
    """The screen, with its FCTVA and its aid; families bring tablets alone."""
    of = operation_of({}, TABLETS, aids={"aide_detr": 0.4}, aid_probability=1, byod_loan_share=0)
    plan = byod_tripartite.plan(of, "central")

    assert plan.charge_by_year("etat", "investissement")[2027] == 1_968.48 + 4_000
    assert [(grant.key, grant.base_eur) for grant in plan.grants] == [("detr", 10_000)]


def test_the_state_pays_nothing_unless_it_is_supposed(operation_of: Make) -> None:
    """No text makes it: the share is the consultant's."""
    of = operation_of(TABLETS, byod_loan_share=0)

    assert byod_tripartite.plan(of, "central").borne_by("etat") == 0
    assert byod_tripartite.plan(of.supposing(byod_state_share=0.25), "central").borne_by("etat") == 1_800


def test_what_is_replaced_is_brought_again(operation_of: Make) -> None:
    """New families, five years later."""
    of = operation_of(TABLETS, {**TABLETS, "year": 2032, "nature": "remplacement"}, horizon=6, family_share=0.5)
    plan = byod_tripartite.plan(of, "central")

    assert plan.charge_by_year("famille") == dict.fromkeys(range(2027, 2033), 0) | {2027: 2_520, 2032: 2_520}
    insured = sum_by_year(plan.cash[plan.cash["label"] == "Assurance et gestion des appareils"])
    assert insured == dict.fromkeys(range(2027, 2033), -189)


def test_all_lent_is_all_bought(operation_of: Make) -> None:
    """Loan share 1: the charge of a purchase, no family, no insurance."""
    of = operation_of(TABLETS, byod_loan_share=1)
    plan = byod_tripartite.plan(of, "central")

    assert plan.charge.equals(achat.plan(of, "central").charge)
    assert plan.financing_eur == 0


def test_nothing_lent_has_no_fctva(operation_of: Make) -> None:
    """Families buy, the commune helps: fonctionnement, without FCTVA (L. 212-10)."""
    plan = byod_tripartite.plan(operation_of(TABLETS, byod_loan_share=0), "central")

    assert set(plan.charge["section"]) == {"fonctionnement"}
    assert "FCTVA" not in set(plan.cash["label"])


@given(lent=st.floats(0, 1), state=st.floats(0, 1), family=st.floats(0, 1))
def test_the_price_is_shared_to_the_cent(operation_of: Make, lent: float, state: float, family: float) -> None:
    """Families, Éducation nationale and commune: 7 200 € in all, whatever the shares, none negative."""
    share = min(family, 1 - state)
    of = operation_of(TABLETS, byod_loan_share=lent, byod_state_share=state, family_share=share)
    plan = byod_tripartite.plan(of, "central")

    assert plan.cost_eur == cents(7_200 + plan.financing_eur)
    assert (plan.charge["amount_eur"] >= 0).all()
    assert plan.borne_by("famille") == pytest.approx(7_200 * (1 - lent) * share, abs=0.02)
    assert plan.financing_eur == pytest.approx(5 * 10 * (1 - lent) * (15 + 12), abs=0.03)
