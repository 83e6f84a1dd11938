"""Gifts, by hand, on 10 000 € HT: 12 000 € TTC, FCTVA 1 968.48 €, and 1 200 € TTC of accompaniment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.formats import cents
from pupitre.funding.compare import compare
from pupitre.funding.operation import Operation
from pupitre.funding.plan import sum_by_year
from pupitre.funding.scenarios import mecenat

Make = Callable[..., Operation]
TRAINING = {
    "item": "accompagnement", "label": "Accompagnement", "nature": "accompagnement", "section": "fonctionnement",
    "ht": 1_000,
}  # fmt: skip


def test_nobody_gives_is_refused(operation_of: Make) -> None:
    """Only what is promised counts; the mayor reads it, so no name of an assumption stands there."""
    told = mecenat.check(operation_of())

    assert not told.eligible
    assert told.reasons == ("Aucun don n'est annoncé : on ne compte que ce qui est promis.",)


@pytest.mark.parametrize("name", ["gift_company_eur", "gift_individuals_eur", "gift_in_kind_eur", "gift_skills_eur"])
def test_any_gift_is_enough(operation_of: Make, name: str) -> None:
    """One is promised."""
    assert mecenat.check(operation_of({}, TRAINING, **{name: 100})).eligible


@pytest.mark.parametrize(
    ("gifts", "words"),
    [
        ({"gift_in_kind_eur": 12_000.01}, "gift_in_kind_eur"),
        ({"gift_company_eur": 10_031.53}, "don en argent"),
        ({"gift_company_eur": 5_000, "gift_individuals_eur": 5_031.53}, "don en argent"),
        ({"gift_in_kind_eur": 6_000, "gift_company_eur": 5_015.77}, "don en argent"),
        ({"gift_skills_eur": 1_200.01}, "gift_skills_eur"),
    ],
)
def test_a_gift_larger_than_what_it_pays_is_refused(operation_of: Make, gifts: dict[str, float], words: str) -> None:
    """All is given in kind, what FCTVA leaves is given in money, accompaniment in skills: not a cent above."""
    told = mecenat.check(operation_of({}, TRAINING, **gifts))

    assert not told.eligible
    assert words in told.reasons[0]


@pytest.mark.parametrize(
    "gifts",
    [
        {"gift_in_kind_eur": 12_000},
        {"gift_company_eur": 10_031.52},
        {"gift_in_kind_eur": 6_000, "gift_company_eur": 5_015.76},
        {"gift_skills_eur": 1_200},
    ],
)
def test_the_largest_gift_is_accepted_and_has_its_plan(operation_of: Make, gifts: dict[str, float]) -> None:
    """The commune pays nothing of what was given; no charge is negative."""
    of = operation_of({}, TRAINING, gift_probability=1, **gifts)

    assert mecenat.check(of).eligible
    plan = mecenat.plan(of, "central")
    assert plan.borne_by("mecene") == cents(sum(gifts.values()))
    assert plan.cost_eur == 13_200


@given(first=st.floats(100, 5_000).map(cents), second=st.floats(100, 5_000).map(cents))
def test_the_limit_of_gifts_is_that_of_the_plan(operation_of: Make, first: float, second: float) -> None:
    """What the verdict accepts to the cent, over two years, the plan spends to the cent."""
    lines = ({"ht": first}, {"ht": second, "year": 2028})
    most = cents((1 - 0.16404) * operation_of(*lines).programme.ttc("central"))
    for gift in (cents(most - 0.01), most):
        of = operation_of(*lines, gift_probability=1, gift_company_eur=gift)

        assert not mecenat.check(of).eligible or mecenat.plan(of, "central").borne_by("mecene") == gift


def test_limits_are_those_of_the_low_case(operation_of: Make) -> None:
    """A gift has a use in each case: 6 000 € TTC may be all that is needed."""
    low = {"low": 5_000}

    assert not mecenat.check(operation_of(low, gift_in_kind_eur=6_001)).eligible
    of = operation_of(low, gift_in_kind_eur=6_000, gift_probability=1)
    assert mecenat.check(of).eligible
    assert mecenat.plan(of, "low").borne_by("mecene") == 6_000
    assert mecenat.plan(of, "high").borne_by("mecene") == 6_000


@pytest.mark.parametrize("rate", [0.4, 0.8])
def test_a_gift_that_fits_beside_no_aid_is_refused_beside_a_large_one(operation_of: Make, rate: float) -> None:
    """9 000 € pay what FCTVA leaves of 12 000, not what DETR leaves too: a verdict with its reason, never a failure."""
    of = operation_of(gift_company_eur=9_000, aids={"aide_detr": rate}, population=1_500)
    verdicts, plans = compare(of, of.programme)

    assert not verdicts["mecenat"].eligible
    assert "don" in verdicts["mecenat"].reasons[0]
    assert "achat" in plans


@pytest.mark.parametrize(("returned", "eligible"), [(2_500, True), (2_500.01, False)])
def test_what_the_donor_receives_is_a_quarter_at_most(operation_of: Make, returned: float, eligible: bool) -> None:
    """W7: 2 500 € for a gift of 10 000; above it is a sale (CGI, 238 bis)."""
    gifts = {"gift_company_eur": 6_000, "gift_in_kind_eur": 3_000, "gift_skills_eur": 1_000}
    told = mecenat.check(operation_of({"ht": 20_000}, TRAINING, gift_return_eur=returned, **gifts))

    assert told.eligible is eligible
    if not eligible:
        assert "CGI, article 238 bis" in told.reasons[0]


def test_gifts_of_individuals_pay_no_return_of_a_company(operation_of: Make) -> None:
    """A quarter of 1 000 €, not of 5 000."""
    gifts = {"gift_company_eur": 1_000, "gift_individuals_eur": 4_000}

    assert mecenat.check(operation_of(gift_return_eur=250, **gifts)).eligible
    assert not mecenat.check(operation_of(gift_return_eur=251, **gifts)).eligible


def test_every_fault_is_told(operation_of: Make) -> None:
    """Too much in kind, too much of skills, too much in return."""
    told = mecenat.check(operation_of(gift_in_kind_eur=13_000, gift_skills_eur=1, gift_return_eur=9_000))

    assert len(told.reasons) == 3


def test_a_donor_who_sells_is_told_the_charter(operation_of: Make) -> None:
    """Allowed, on conditions, which stand in the rules of every donor (code de la commande publique, L. 3)."""
    told = mecenat.check(operation_of(gift_company_eur=1_000, donor_is_supplier=True))

    assert told.eligible
    assert "vend aussi" in told.reasons[0]
    assert any("code de la commande publique, L. 3" in rule for rule in mecenat.SCENARIO.rules)
    assert mecenat.check(operation_of(gift_company_eur=1_000)).reasons == ()


@pytest.mark.parametrize(("probability", "money", "kind", "skills"), [(1, 3_000, 2_400, 600), (0.5, 1_500, 1_200, 300)])
def test_all_gifts_by_hand(operation_of: Make, probability: float, money: float, kind: float, skills: float) -> None:
    """3 000 € of money, 2 400 € in kind, 600 € of skills: FCTVA on what is bought, 9 600 € or 10 800 €."""
    of_money, others = {"gift_company_eur": 2_000, "gift_individuals_eur": 1_000}, {"gift_in_kind_eur": 2_400}
    told = of_money | others | {"gift_skills_eur": 600, "gift_probability": probability}
    plan = mecenat.plan(operation_of({}, TRAINING, **told), "central")
    fctva = cents(0.16404 * (12_000 - kind))

    assert plan.charge.to_numpy().tolist() == [
        [2027, "commune", "fonctionnement", 1_200 - skills],
        [2027, "commune", "investissement", cents(12_000 - kind - fctva - money)],
        [2027, "etat", "investissement", fctva],
        [2027, "mecene", "fonctionnement", skills],
        [2027, "mecene", "investissement", kind + money],
    ]
    assert sum_by_year(plan.cash[plan.cash["label"] == "Achats"]) == {2027: kind - 12_000}
    assert plan.uncertain_eur == (0 if probability == 1 else money + kind + skills)


def test_gifts_in_kind_pay_the_first_rows(operation_of: Make) -> None:
    """15 000 € of 12 000 and 12 000: the whole first row, a quarter of the second."""
    of = operation_of({}, {"year": 2028}, gift_in_kind_eur=15_000, gift_probability=1)
    plan = mecenat.plan(of, "central")

    assert plan.charge_by_year("mecene") == {2027: 12_000, 2028: 3_000, 2029: 0, 2030: 0, 2031: 0}
    assert sum_by_year(plan.cash[plan.cash["label"] == "Achats"]) == {2028: -9_000}


def test_a_gift_is_no_reason_to_lose_an_aid(operation_of: Make) -> None:
    """DETR 40 % of what is bought: a gift in kind of 1 200 € lowers what the commune bears, it never raises it."""
    told: dict[str, Any] = {"aids": {"aide_detr": 0.4}, "aid_probability": 1, "gift_probability": 1, "population": 157}
    with_it = mecenat.plan(operation_of(gift_in_kind_eur=1_200, **told), "central")
    without = mecenat.plan(operation_of(gift_individuals_eur=0.01, **told), "central")

    assert with_it.reste_a_charge_eur < without.reste_a_charge_eur
