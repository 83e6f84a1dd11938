"""The law that a plan must respect, on 10 000 € HT unless it is said otherwise: S ≤ 80 % × (T - G)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.formats import cents
from pupitre.funding.aids import Request, aids
from pupitre.funding.constraints import Breach, breaches, most_public_aid_eur
from pupitre.funding.operation import Operation
from pupitre.funding.payment import Ways, fund
from pupitre.funding.plan import FundingPlan, Ledger
from pupitre.funding.scenarios import leasing

Make = Callable[..., Operation]
OWN_SHARE, DETR = "CGCT, L. 1111-10, III", "CGCT, R. 2334-27"
RENTS, FCTVA = "CGCT, L. 1615-1 et L. 2334-36", "CGCT, L. 1615-6 et L. 1615-10"
DEFERRED, GIVE_BACK = "code de la commande publique, L. 2191-5", "CGCT, R. 1615-5"


def exactly(amount: float, key: str = "detr") -> Request:
    """A request that gives that amount, whatever the base."""
    return Request(aids()[key], 10.0, ceiling_eur=amount)


def funded(operation: Operation, *asked: Request, **ways: Any) -> FundingPlan:
    """The plan of the central case."""
    return fund(operation, "central", "essai", Ways(aids=asked, **ways))


def found(plan: FundingPlan, operation: Operation) -> dict[str, Breach]:
    """The breaches by article."""
    return {breach.article: breach for breach in breaches(plan, operation)}


def plain(text: str) -> str:
    """A sentence with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def amount_named(breach: Breach) -> float:
    """The last amount in euros of what it advises."""
    amounts = re.findall(r"à ([\d ]+(?:,\d+)?) €", plain(breach.nearest))
    return float(amounts[-1].replace(" ", "").replace(",", "."))


@pytest.mark.parametrize(
    ("spend", "gifts", "most"), [(10_000, 0, 8_000), (10_000, 2_000, 6_400), (10_000, 10_000, 0), (10_000, 12_000, 0)]
)
def test_the_most_public_aid(operation_of: Make, spend: float, gifts: float, most: float) -> None:
    """80 % of what gifts leave; never below nought."""
    assert most_public_aid_eur(spend, gifts, operation_of()) == pytest.approx(most)


@given(spend=st.floats(0, 1e6), gifts=st.floats(0, 1e6))
def test_the_most_public_aid_leaves_a_fifth_of_public_money(operation_of: Make, spend: float, gifts: float) -> None:
    """With S at its most and C = T - G - S: C is 20 % of C + S, whatever the gifts."""
    most = most_public_aid_eur(spend, gifts, operation_of())
    own = max(0.0, spend - gifts) - most

    assert own == pytest.approx(0.2 * (own + most), abs=1e-6)


@pytest.mark.parametrize("probability", [0.1, 1])
def test_aids_of_80_percent_are_allowed_and_not_one_euro_more(operation_of: Make, probability: float) -> None:
    """8 000 € pass, 8 001 € break two articles by 1 €; what may be granted counts in full, however unlikely."""
    of = operation_of(aid_probability=probability)

    assert breaches(funded(of, exactly(8_000)), of) == ()
    over = found(funded(of, exactly(8_001)), of)
    assert set(over) == {OWN_SHARE, DETR}
    assert [(breach.over_eur, breach.forbidden) for breach in over.values()] == [(1, True), (1, True)]
    assert plain(over[OWN_SHARE].nearest) == "Ramenez les aides de 8 001 € à 8 000 €, soit 80 % de la dépense HT."
    assert plain(over[DETR].nearest) == "Ramenez les aides de 8 001 € à 8 000 €."


def test_aids_add_up(operation_of: Make) -> None:
    """DETR 40 %, DSIL 30 %, département 10 %: 80 %; one euro more of any of them is too much."""
    of = operation_of(aid_probability=0.5)

    assert breaches(funded(of, exactly(4_000), exactly(3_000, "dsil"), exactly(1_000, "departement")), of) == ()
    over = found(funded(of, exactly(4_000), exactly(3_000, "dsil"), exactly(1_001, "departement")), of)
    assert (over[OWN_SHARE].over_eur, over[DETR].over_eur) == (1, 1)


def test_without_detr_its_own_ceiling_does_not_bind(operation_of: Make) -> None:
    """8 500 € of DSIL break L. 1111-10 alone."""
    of = operation_of()

    over = found(funded(of, exactly(8_500, "dsil")), of)
    assert set(over) == {OWN_SHARE}
    assert over[OWN_SHARE].over_eur == 500


@pytest.mark.parametrize(("aid", "over"), [(6_400, None), (6_401, 1), (8_000, 1_600)])
def test_a_gift_leaves_the_denominator(operation_of: Make, aid: float, over: float | None) -> None:
    """2 000 € given: 80 % of the other 8 000 €, 6 400 €, whatever the DETR still allows."""
    of = operation_of(gift_probability=0.1)
    told = found(funded(of, exactly(aid), gift_eur=2_000), of)

    assert set(told) == (set() if over is None else {OWN_SHARE})
    if over is not None:
        assert told[OWN_SHARE].over_eur == over
        assert plain(told[OWN_SHARE].nearest).endswith("à 6 400 €, soit 64 % de la dépense HT.")


def test_a_gift_in_kind_is_no_money_of_the_plan(operation_of: Make) -> None:
    """A line of 5 000 € HT given: the aid stands on the 10 000 € that are bought, 8 000 € at most."""
    of = operation_of({}, {"ht": 5_000})

    assert breaches(funded(of, exactly(8_000), given={1: 1.0}), of) == ()
    assert set(found(funded(of, exactly(8_001), given={1: 1.0}), of)) == {OWN_SHARE, DETR}


def test_what_aids_do_not_help_is_out_of_their_base(operation_of: Make) -> None:
    """10 000 € bought, 10 000 € replaced, 10 000 € leased: the public money is 8 000 € at most."""
    of = operation_of({}, {"year": 2032, "nature": "remplacement"}, {}, horizon=6)

    assert breaches(funded(of, exactly(8_000), leased=frozenset({2})), of) == ()
    assert found(funded(of, exactly(8_001), leased=frozenset({2})), of)[DETR].over_eur == 1


def test_years_are_one_operation(operation_of: Make) -> None:
    """Two purchases of 10 000 €: 16 000 € in all."""
    of = operation_of({}, {"year": 2028})

    assert breaches(funded(of, exactly(16_000)), of) == ()
    assert found(funded(of, exactly(16_001)), of)[OWN_SHARE].over_eur == 1


@given(
    ht=st.floats(1_000, 1e5).map(cents),
    shares=st.tuples(st.floats(0.3, 0.5), st.floats(0.1, 0.35)),
    gift=st.floats(0, 0.14),
)
def test_the_nearest_plan_is_allowed(operation_of: Make, ht: float, shares: tuple[float, float], gift: float) -> None:
    """The amount that it names, asked for in the same proportions with the same gift, breaks no law."""
    of, money = operation_of({"ht": ht}, aid_probability=0.5), cents(gift * ht)
    wanted = [cents(share * ht) for share in shares]
    told = [*found(funded(of, exactly(wanted[0]), exactly(wanted[1], "dsil"), gift_eur=money), of).values()]
    if not told:
        return
    most = min(map(amount_named, told))
    detr = cents(most * wanted[0] / sum(wanted))
    lowered = funded(of, exactly(detr), exactly(cents(most - detr), "dsil"), gift_eur=money)

    assert [str(breach) for breach in breaches(lowered, of)] == []


def test_the_nearest_plan_is_not_rounded_above_the_law(operation_of: Make) -> None:
    """80 % of 10 000.75 € is 8 000.60 €: 8 001 € would be too much."""
    of = operation_of({"ht": 10_000.75})
    named = amount_named(found(funded(of, exactly(8_500, "dsil")), of)[OWN_SHARE])

    assert named <= 8_000.60
    assert breaches(funded(of, exactly(named, "dsil")), of) == ()


def moved(plan: FundingPlan, year: int, amount: float, section: str) -> FundingPlan:
    """The same plan, where the State bears so much more of what the commune did."""
    ledger = Ledger()
    for row in plan.charge.itertuples():
        ledger.bear(row.year, row.payer, row.section, row.amount_eur)
    for row in plan.cash.itertuples():
        ledger.move(row.year, row.label, row.amount_eur)
    ledger.bear(year, "commune", section, -amount)
    ledger.bear(year, "etat", section, amount)
    ledger.move(year + 2, "FCTVA", amount)
    return replace(plan, charge=ledger.charge, cash=ledger.cash)


def test_rents_have_neither_fctva_nor_detr(operation_of: Make) -> None:
    """16.404 % of a rent of 2 400 €, 393.70 €, is too much by itself; to pay them in full is allowed."""
    of = operation_of(lease_rate=0, lease_option_share=0, lease_years=5)
    plan = leasing.plan(of, "central")

    assert breaches(plan, of) == ()
    told = found(moved(plan, 2027, 393.70, "fonctionnement"), of)
    assert set(told) == {RENTS}
    assert (told[RENTS].over_eur, told[RENTS].forbidden) == (393.70, True)


def test_the_state_may_help_families_of_a_plan_that_also_leases(operation_of: Make) -> None:
    """Screens leased, tablets brought, the Éducation nationale pays a tenth of them: no FCTVA on rents."""
    of = operation_of({}, {"item": "tablette", "ht": 6_000}, byod_state_share=0.1)
    plan = funded(of, leased=frozenset({0}), families=frozenset({1}))

    assert plan.charge_by_year("etat", "fonctionnement")[2027] > 0
    assert breaches(plan, of) == ()


@pytest.mark.parametrize("year", [2027, 2028])
def test_rents_are_not_helped_beside_families(operation_of: Make, year: int) -> None:
    """The same plan, with FCTVA on its rents of either year."""
    of = operation_of({}, {"item": "tablette", "ht": 6_000}, byod_state_share=0.1)
    plan = funded(of, leased=frozenset({0}), families=frozenset({1}))

    assert RENTS in found(moved(plan, year, 300, "fonctionnement"), of)


def test_fctva_stands_on_what_is_invested(operation_of: Make) -> None:
    """20 % instead of 16.404 % of 12 000 €: 431.52 € too much; the right rate, and less, are allowed."""
    of = operation_of()
    plan = funded(of)

    assert breaches(plan, of) == ()
    told = found(moved(plan, 2027, 431.52, "investissement"), of)
    assert set(told) == {FCTVA}
    assert told[FCTVA].over_eur == pytest.approx(431.52, abs=0.01)
    assert breaches(moved(plan, 2027, -100, "investissement"), of) == ()


@pytest.mark.parametrize(
    ("told", "ways"),
    [
        ({"aid_probability": 1}, {"asked": (exactly(4_000),)}),
        ({"gift_probability": 0.5}, {"gift_eur": 3_000}),
        ({"gift_probability": 1}, {"given": {0: 0.25}}),
    ],
)
def test_fctva_too_large_is_seen_beside_aids_and_gifts(
    operation_of: Make, told: dict[str, float], ways: dict[str, Any]
) -> None:
    """An aid HT is no FCTVA, a gift does not reduce its base, what is given in kind leaves it."""
    of = operation_of(**told)
    plan = funded(of, *ways.pop("asked", ()), **ways)

    assert breaches(plan, of) == ()
    assert found(moved(plan, 2027, 1, "investissement"), of)[FCTVA].over_eur == pytest.approx(1, abs=0.01)


def test_an_aid_on_ttc_leaves_the_base_of_the_fctva(operation_of: Make) -> None:
    """6 000 € of 12 000 paid by the State on the TTC price: 984.24 € of FCTVA, not 1 968.48 €."""
    of = operation_of(aid_probability=1)
    on_ttc = Request(replace(aids()["dsil"], base="ttc"), 0.5)
    plan = funded(of, on_ttc)

    assert breaches(plan, of) == ()
    assert found(moved(plan, 2027, 984.24, "investissement"), of)[FCTVA].over_eur == pytest.approx(984.24, abs=0.01)


@pytest.mark.parametrize("families", [False, True])
def test_fctva_rounded_line_by_line_is_no_breach(operation_of: Make, families: bool) -> None:
    """Forty options, or forty lots lent, of 1.20 €: their FCTVA rounds up by 0.3 cent each; 13 cents are no fault."""
    lines = [{"ht": 2.0, "item": "tablette", "quantity": 1} for _ in range(40)]
    of = operation_of(*lines, lease_option_share=0.5, byod_loan_share=0.5)
    rows = frozenset(range(40))
    plan = funded(of, families=rows) if families else funded(of, leased=rows)

    assert breaches(plan, of) == ()


def paid_in(year: int, *, upkeep: bool) -> FundingPlan:
    """A purchase of 12 000 € paid in one year, and perhaps 120 € of upkeep from 2027 on."""
    ledger = Ledger()
    ledger.spend(year, "investissement", "Achats", 12_000, 1_968.48, 2)
    for service in range(2027, 2032) if upkeep else ():
        ledger.pay(service, "fonctionnement", "Maintenance", 120)
    total = 12_600 if upkeep else 12_000
    return FundingPlan("essai", "central", 2027, 5, total, 0, ledger.charge, ledger.cash)


@pytest.mark.parametrize("upkeep", [False, True])
def test_payment_is_not_deferred(operation_of: Make, upkeep: bool) -> None:
    """What is put in service in 2027 is not paid in 2028, even when its upkeep is paid in 2027."""
    service = {"section": "fonctionnement", "item": "maintenance", "label": "Maintenance", "ht": 100}
    of = operation_of({}, *({**service, "year": 2027 + k} for k in range(5) if upkeep))

    assert breaches(paid_in(2027, upkeep=upkeep), of) == ()
    told = found(paid_in(2028, upkeep=upkeep), of)
    assert set(told) == {DEFERRED}
    assert (told[DEFERRED].over_eur, told[DEFERRED].forbidden) == (12_000, True)


@pytest.mark.parametrize(("kept", "owed"), [(0, 1_574.78), (1, 1_181.09), (3, 393.70)])
def test_devices_given_away_early_cost_and_are_allowed(operation_of: Make, kept: int, owed: float) -> None:
    """The part of the FCTVA that goes back; the nearest plan, 4 years, gives nothing back."""
    of = operation_of(given_away_after_years=kept)
    told = found(funded(of), of)

    assert set(told) == {GIVE_BACK}
    assert (told[GIVE_BACK].over_eur, told[GIVE_BACK].forbidden) == (owed, False)
    assert plain(told[GIVE_BACK].nearest) == "Gardez les appareils 4 ans après l'année de l'achat."
    later = of.supposing(given_away_after_years=4)
    assert breaches(funded(later), later) == ()


@given(rate=st.floats(0, 0.85), gift=st.floats(0, 1_500), kept=st.none() | st.integers(0, 5))
def test_a_breach_is_told_in_whole_sentences(operation_of: Make, rate: float, gift: float, kept: int | None) -> None:
    """The rule, its article, by how much, what to do; its amount is positive."""
    of = operation_of(given_away_after_years=kept, aid_probability=0.5)
    for breach in breaches(funded(of, Request(aids()["detr"], rate), gift_eur=cents(gift)), of):
        assert breach.over_eur > 0
        assert breach.article in str(breach)
        assert re.fullmatch(r"[A-ZÉ].* \(.*\) : [\d ,]+ € de trop\. [A-Z].*\.", plain(str(breach)))


def test_a_breach_below_one_euro_is_not_said_to_be_nought(operation_of: Make) -> None:
    """« 0 € de trop » would not be believed."""
    of = operation_of()
    told = str(found(funded(of, exactly(8_000.40, "dsil")), of)[OWN_SHARE])

    assert " 0 € de trop" not in plain(told)


def test_nothing_to_pay_breaks_nothing(operation_of: Make) -> None:
    """A groupement that pays all leaves an empty plan."""
    of = operation_of({"ht": 0})
    empty = pd.DataFrame(columns=["year", "payer", "section", "amount_eur"])

    assert breaches(funded(of, exactly(100)), of) == ()
    assert funded(of).charge.columns.tolist() == empty.columns.tolist()
