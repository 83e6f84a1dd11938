from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.funding.aids import (
    Aid,
    Request,
    aids,
    amount_eur,
    closed,
    refused,
    requests,
    requests_or_usual,
    usual_requests,
    verdict_of,
)
from pupitre.funding.comparables import Comparables
from pupitre.funding.operation import Operation
from pupitre.law import baremes

Make = Callable[..., Operation]
OPEN = date(2026, 11, 22)
DAYS = {
    "label_2020": date(2020, 10, 1),
    "socle_2021": date(2021, 2, 1),
    "enir": date(2017, 9, 30),
    "enr": date(2009, 6, 1),
}
FIRST_DAYS = {
    "detr": date(2015, 1, 1),
    "dsil": date(2018, 1, 1),
    "departement": date(2015, 1, 1),
    "tne": date(2022, 1, 1),
    "socle_2021": date(2021, 1, 14),
    "label_2020": date(2020, 2, 7),
    "enir": date(2017, 1, 1),
    "enr": date(2009, 1, 1),
}
LAST_DAYS = {
    "socle_2021": date(2021, 3, 31),
    "label_2020": date(2020, 12, 31),
    "enir": date(2018, 12, 31),
    "enr": date(2009, 12, 31),
}
KNOWN = Comparables(
    scope="departement", n=12, n_groupement=0, rate_q1=0.2, rate_median=0.35, rate_q3=0.5, rate_d9=0.6,
    cost_q1_eur=1, cost_median_eur=2, cost_q3_eur=3, n_national=100, n_groupement_national=3, first_year=2018,
    last_year=2022,
)  # fmt: skip


def given_by(key: str, base: float, operation: Operation, rate: float | None = None) -> float:
    """What an aid gives for a base, at its highest rate unless another is asked."""
    aid = aids()[key]
    return amount_eur(Request(aid, operation.law[aid.rate] if rate is None else rate), base, operation)


def test_every_aid_has_its_dates_here() -> None:
    """A new aid comes with its first day."""
    assert set(aids()) == set(FIRST_DAYS)


@pytest.mark.parametrize(("key", "first"), FIRST_DAYS.items())
def test_an_aid_opens_on_its_first_day(key: str, first: date, operation_of: Make) -> None:
    """Not the day before, when it is said to be not yet open."""
    eve = first.replace(year=first.year - 1, month=12, day=31) if (first.month, first.day) == (1, 1) else None
    before = operation_of(on=eve or first.replace(day=first.day - 1), population=1_000, departement="38")

    assert verdict_of(aids()[key], operation_of(on=first, population=1_000, departement="38")).eligible
    refusal = verdict_of(aids()[key], before)
    assert not refusal.eligible
    assert "pas encore ouvert avant le " in refusal.reasons[0]
    assert refusal.reasons[0].endswith(f"{first.year}.")


@pytest.mark.parametrize(("key", "last"), LAST_DAYS.items())
def test_an_aid_closes_the_day_after_its_last(key: str, last: date, operation_of: Make) -> None:
    """With its date: a closed aid is history."""
    after = date.fromordinal(last.toordinal() + 1)

    assert verdict_of(aids()[key], operation_of(on=last, population=1_000)).eligible
    refusal = verdict_of(aids()[key], operation_of(on=after, population=1_000))
    assert not refusal.eligible
    assert refusal.reasons == (closed(aids()[key], baremes.on(after)),)
    assert "clos depuis le" in refusal.reasons[0]
    assert refusal.reasons[0].endswith(f"{last.year}.")
    assert aids()[key].label in refusal.reasons[0]


@pytest.mark.parametrize("key", sorted(set(FIRST_DAYS) - set(LAST_DAYS)))
def test_what_has_no_last_day_is_open(key: str, operation_of: Make) -> None:
    """On the day of the tests."""
    assert verdict_of(aids()[key], operation_of(population=1_000, departement="38")).eligible


@pytest.mark.parametrize(("brackets", "amount"), [("marginal", 145_000), ("cliff", 105_000)])
def test_brackets_of_a_project_of_210_000(brackets: str, amount: float, operation_of: Make) -> None:
    """TNE, finance.md §4: 70 % of 200 000 + 50 % of 10 000, or 50 % of the whole."""
    assert given_by("tne", 210_000, operation_of(aid_brackets=brackets)) == pytest.approx(amount)


@pytest.mark.parametrize(
    ("brackets", "base", "amount"),
    [
        ("marginal", 199_999, 139_999.30),
        ("marginal", 200_000, 140_000),
        ("marginal", 200_001, 140_000.50),
        ("cliff", 199_999, 139_999.30),
        ("cliff", 200_000, 100_000),
        ("cliff", 200_001, 100_000.50),
    ],
)
def test_brackets_at_the_threshold(brackets: str, base: float, amount: float, operation_of: Make) -> None:
    """Vienne: 70 % below 200 000 € HT, 50 % from 200 000 € HT on (F22)."""
    assert given_by("tne", base, operation_of(aid_brackets=brackets)) == pytest.approx(amount)


@pytest.mark.parametrize("brackets", ["marginal", "cliff"])
def test_a_rate_below_that_of_the_second_bracket_has_no_bracket(brackets: str, operation_of: Make) -> None:
    """40 % asked of TNE: 40 % of 210 000 €, not 50 % of any part."""
    assert given_by("tne", 210_000, operation_of(aid_brackets=brackets), 0.4) == pytest.approx(84_000)


@pytest.mark.parametrize(
    ("spend", "amount"), [(14_000, 7_000), (14_001, 7_000), (30_000, 7_000), (3_000, 1_500), (2_999, 0), (5_000, 2_500)]
)
def test_label_2020_in_one_school(spend: float, amount: float, operation_of: Make) -> None:
    """W19: half of a spend of 3 000 to 14 000 € a school; nothing below."""
    assert given_by("label_2020", spend, operation_of(on=DAYS["label_2020"])) == amount


def test_ceilings_by_school_count_schools(operation_of: Make) -> None:
    """Label 2020 in three schools: 21 000 € at most, and nothing under 9 000 € of spend."""
    three = operation_of(on=DAYS["label_2020"], schools=3)

    assert given_by("label_2020", 60_000, three) == 21_000
    assert given_by("label_2020", 8_999, three) == 0
    assert given_by("label_2020", 9_000, three) == 4_500


@pytest.mark.parametrize(("spend", "amount"), [(11_250, 9_000), (11_251, 9_000), (10_000, 8_000)])
def test_enr_is_80_percent_up_to_9_000(spend: float, amount: float, operation_of: Make) -> None:
    """W23: 9 000 € = 80 % of 11 250 €."""
    assert given_by("enr", spend, operation_of(on=DAYS["enr"])) == pytest.approx(amount)


@pytest.mark.parametrize(("spend", "amount"), [(14_000, 7_000), (20_000, 7_000), (8_000, 4_000)])
def test_enir_is_half_up_to_7_000(spend: float, amount: float, operation_of: Make) -> None:
    """F19."""
    assert given_by("enir", spend, operation_of(on=DAYS["enir"])) == amount


def test_the_ceiling_by_class_of_2021_needs_the_classes(operation_of: Make) -> None:
    """3 500 € a class: 35 000 € for ten; when classes are not known, brackets alone."""
    day = DAYS["socle_2021"]

    assert given_by("socle_2021", 210_000, operation_of(on=day, classes=10)) == 35_000
    assert given_by("socle_2021", 210_000, operation_of(on=day)) == pytest.approx(145_000)
    assert given_by("socle_2021", 10_000, operation_of(on=day, classes=10)) == pytest.approx(7_000)


def test_a_ceiling_of_the_request_holds(operation_of: Make) -> None:
    """The least of all limits."""
    request = Request(aids()["detr"], 0.4, ceiling_eur=3_000)

    assert amount_eur(request, 10_000, operation_of()) == 3_000
    assert amount_eur(request, 5_000, operation_of()) == 2_000
    assert amount_eur(replace(request, ceiling_eur=0), 5_000, operation_of()) == 0


@given(
    key=st.sampled_from(["detr", "dsil", "departement", "tne"]),
    rate=st.floats(0, 0.8),
    base=st.floats(0, 1e6),
    more=st.floats(0, 1e5),
)
def test_marginal_brackets_never_take_back(operation_of: Make, key: str, rate: float, base: float, more: float) -> None:
    """Spending more never brings less, nor more than the rate of what is added; never more than asked."""
    operation = operation_of()
    one, other = given_by(key, base, operation, rate), given_by(key, base + more, operation, rate)

    assert 0 <= one <= rate * base + 1e-6
    assert -1e-6 <= other - one <= rate * more + 1e-6


@pytest.mark.parametrize(
    ("key", "people", "eligible"),
    [
        ("detr", 157, True),
        ("detr", 20_000, True),
        ("detr", 20_001, False),
        ("detr", 886_040, False),
        ("dsil", 886_040, True),
        ("departement", 886_040, True),
        ("label_2020", 3_500, True),
        ("label_2020", 3_501, False),
        ("enir", 2_000, True),
        ("enir", 2_001, False),
        ("enr", 1_999, True),
        ("enr", 2_000, False),  # fewer than 2 000 inhabitants (F18, AN QE 58847), as the rule of the aid says itself
    ],
)
def test_who_may_ask_by_population(key: str, people: int, eligible: bool, operation_of: Make) -> None:
    """A refusal names the limit and its article."""
    told = verdict_of(aids()[key], operation_of(on=DAYS.get(key, OPEN), population=people))

    assert told.eligible is eligible
    if not eligible:
        assert aids()[key].article in told.reasons[0]
        assert told.reasons[0].endswith(".")


@pytest.mark.parametrize(("people", "checks"), [(2_000, False), (2_001, True), (20_000, True), (None, True)])
def test_detr_above_2_000_inhabitants_is_to_be_checked(people: int | None, checks: bool, operation_of: Make) -> None:
    """The financial potential, or the population when it is not known: eligible, and told."""
    told = verdict_of(aids()["detr"], operation_of(population=people))

    assert told.eligible
    assert bool(told.reasons) is checks
    if people is None:
        assert "population" in told.reasons[0]
    elif checks:
        assert "potentiel financier (CGCT, L. 2334-33" in told.reasons[0]


@pytest.mark.parametrize(
    ("departement", "eligible"), [("86", True), ("02", True), ("13", True), ("2A", True), ("09", False), ("8", False)]
)
def test_tne_is_for_twelve_departements(departement: str, eligible: bool, operation_of: Make) -> None:
    """The two of 2020 and the ten of 2021; a code is a text, « 8 » is not « 88 »."""
    verdict = verdict_of(aids()["tne"], operation_of(departement=departement))

    assert verdict.eligible is eligible
    assert bool(verdict.reasons) is not eligible


@pytest.mark.parametrize(
    ("people", "key"), [(1_500, "detr"), (15_000, "detr"), (30_000, "dsil"), (886_040, "dsil"), (None, "detr")]
)
def test_the_usual_request_is_the_first_open_aid(people: int | None, key: str, operation_of: Make) -> None:
    """At the median of comparable projects, 35 %, on no more a year than the third quartile of their cost."""
    known = operation_of(population=people, comparables=replace(KNOWN, cost_q3_eur=10_000))

    assert usual_requests(known) == (Request(aids()[key], 0.35, ceiling_eur_per_year=3_500),)


def test_without_comparable_projects_the_lowest_rate_is_usual(operation_of: Make) -> None:
    """20 % for the DETR; the DSIL has none, and a large town asks for nothing."""
    assert usual_requests(operation_of(population=1_500)) == (Request(aids()["detr"], 0.2),)
    assert usual_requests(operation_of(population=30_000)) == ()


def test_the_usual_aid_is_asked_when_the_consultant_says_nothing(operation_of: Make) -> None:
    """By every way to pay, once the study says so; a rate of nought is a choice."""
    of = replace(operation_of(population=1_500), asks_usual=True)

    assert requests(of) == usual_requests(of)
    assert requests(of.supposing(aids={"aide_detr": 0.0})) == ()


def test_a_rate_of_nought_asks_for_nothing_at_all(operation_of: Make) -> None:
    """Neither by the purchase with aid nor in the mix: the usual aid is for a consultant who says nothing."""
    assert requests_or_usual(operation_of(population=1_500)) == usual_requests(operation_of(population=1_500)) != ()
    assert requests_or_usual(operation_of(population=1_500, aids={"aide_detr": 0.0})) == ()


def test_an_aid_closed_to_the_commune_is_not_asked(operation_of: Make) -> None:
    """DETR of a town of 30 000 inhabitants: refused with its reason, and left out of the other ways to pay."""
    of = operation_of(population=30_000, aids={"aide_detr": 0.4, "aide_departement": 0.1})

    assert [request.aid.key for request in requests(of)] == ["departement"]
    assert len(refused(of)) == 1


def test_a_usual_request_never_exceeds_the_highest_rate(operation_of: Make) -> None:
    """80 %, whatever others obtained."""
    known = operation_of(population=1_500, comparables=replace(KNOWN, rate_median=0.9))

    assert usual_requests(known)[0].rate == 0.8


def test_before_any_aid_nothing_is_usual(operation_of: Make) -> None:
    """In 2014."""
    assert usual_requests(operation_of(on=date(2014, 6, 1), population=1_500)) == ()


def test_dsil_is_not_usual_before_2018(operation_of: Make) -> None:
    """A town of 30 000 inhabitants had none in 2017."""
    assert usual_requests(operation_of(on=date(2017, 12, 31), population=30_000)) == ()


def test_requests_are_those_of_the_consultant(operation_of: Make) -> None:
    """In his order, at his rates; a rate of nought asks for nothing."""
    asked = operation_of(aids={"aide_dsil": 0.3, "aide_detr": 0.0, "aide_tne": 0.5}, departement="86")

    assert requests(asked) == (Request(aids()["dsil"], 0.3), Request(aids()["tne"], 0.5))
    assert requests(operation_of()) == ()


def test_every_aid_of_the_law_has_its_rules_and_every_name_a_figure() -> None:
    """`aide_…` names on one side, aids on the other: none without its pair; each figure named exists."""
    law = baremes.on(OPEN)

    assert {aid.rate for aid in aids().values()} == set(law.names("aide_"))
    names = ("lowest", "beyond", "threshold", "by_school", "by_class", "least_by_school")
    for key, aid in aids().items():
        assert aid.rate == f"aide_{key}"
        for name in (*names, "population", "population_checked_from", "departements"):
            assert not getattr(aid, name) or law.history(getattr(aid, name)), name
        assert bool(aid.beyond) == bool(aid.threshold)
        assert aid.rule.endswith(".")


def test_a_base_without_limits_is_the_rate_alone(operation_of: Make) -> None:
    """Any aid that has neither bracket nor ceiling."""
    plain = Aid(key="essai", label="Essai", article="", rule="", rate="aide_detr")

    assert amount_eur(Request(plain, 0.25), 1_000_000, operation_of()) == 250_000
