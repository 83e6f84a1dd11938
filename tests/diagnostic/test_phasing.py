"""Who is equipped when, by hand on a few steps, then whatever the steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pupitre.diagnostic.inventory import Inventory
from pupitre.diagnostic.phasing import Step, order_of_schools, timetable, wanted
from pupitre.diagnostic.ranges import CASES

InventoryOf = Callable[..., Inventory]
SchoolsOf = Callable[..., pd.DataFrame]
YEARS = range(2027, 2032)
PRICES = {"ecran": 800.0, "portable": 300.0, "micro": 100.0}
LIVES = {"ecran": 8, "portable": 5, "micro": 2}


def step(item: str, count: float, year: int = 2027, uai: str = "A", nature: str = "achat") -> Step:
    """As many in the three cases."""
    return Step(uai, item, nature, year, dict.fromkeys(CASES, count))


def bought(steps: list[Step]) -> dict[tuple[str, str, int], float]:
    """School, item and year → central quantity, whatever its nature."""
    counts: Counter[tuple[str, str, int]] = Counter()
    for one in steps:
        counts[one.uai, one.item, one.year] += int(one.count["central"])
    return {key: count for key, count in counts.items() if count}


def planned(*wants: Step, ceiling: float = inf, years: range = YEARS) -> tuple[list[Step], list[Step]]:
    """The timetable of a few steps at the prices and lives above."""
    return timetable(list(wants), years, PRICES, LIVES, ceiling)


# order of schools


def test_the_commune_s_priority_comes_first(schools_of: SchoolsOf, inventory_of: InventoryOf) -> None:
    """C, then B, then the school without a rank, though it has nothing."""
    told = {
        "ecoles": [
            {"ecole": "C", "priorite": 1},
            {"ecole": "B", "priorite": 2},
            {"ecole": "A", "inventaire_complet": True},
        ],
        "equipements": [{"ecole": "C", "type": "ecran_interactif", "nombre": 4, "annee": 2025}],
    }
    schools = ({}, {}, {})

    assert order_of_schools(schools_of(*schools), inventory_of(*schools, told=told)) == ["C", "B", "A"]


def test_then_the_least_equipped_or_not_known(schools_of: SchoolsOf, inventory_of: InventoryOf) -> None:
    """B is not told, D has nothing, then A and C by their displays."""
    told = {
        "equipements": [
            {"ecole": "A", "type": "ecran_interactif", "nombre": 4, "annee": 2025},
            {"ecole": "C", "type": "ecran_interactif", "nombre": 2, "annee": 2025},
        ],
        "ecoles": [{"ecole": "D", "inventaire_complet": True}],
    }
    schools = ({}, {}, {}, {})

    assert order_of_schools(schools_of(*schools), inventory_of(*schools, told=told)) == ["B", "D", "C", "A"]


def test_then_the_lowest_ips_then_the_uai(schools_of: SchoolsOf) -> None:
    """Without a workbook: 80, then 100, then those without IPS (maternelles) by their number."""
    schools = schools_of({"uai": "Z"}, {"uai": "Y", "ips": 100.0}, {"uai": "X", "ips": 80.0}, {"uai": "B"})

    assert order_of_schools(schools, None) == ["X", "Y", "B", "Z"]
    assert order_of_schools(schools.drop(columns="ips"), None) == ["B", "X", "Y", "Z"]
    assert order_of_schools(schools.iloc[::-1], None) == ["X", "Y", "B", "Z"]


# what is wanted


def test_what_is_wanted_school_by_school(schools_of: SchoolsOf) -> None:
    """Missing first, then due at once or in its year; what is due after the years compared is neither."""
    needs = pd.DataFrame(
        {"ecran": [4, 2], "portable": [0, 5], "portable_low": [0, 4], "portable_high": [0, 6]}, ["A", "B"]
    )
    stock = {("A", "ecran", case): [(2033, 1), (2030, 1), (2020, 1)] for case in CASES}

    steps = [one for one in wanted(needs, stock, ["B", "A"], ["ecran", "portable"], YEARS) if any(one.count.values())]

    assert steps == [
        step("ecran", 2, uai="B"),
        Step("B", "portable", "achat", 2027, {"low": 4, "central": 5, "high": 6}),
        step("ecran", 1),
        step("ecran", 1, nature="renouvellement"),
        step("ecran", 1, 2030, nature="renouvellement"),
    ]


# the timetable


def test_without_a_ceiling_all_is_bought_the_first_year() -> None:
    """And replaced at the end of each life: 2 years for the microphones."""
    steps, unfunded = planned(step("ecran", 3), step("micro", 4), step("portable", 2, 2030, nature="renouvellement"))

    assert bought(steps) == {
        ("A", "ecran", 2027): 3,
        ("A", "micro", 2027): 4,
        ("A", "micro", 2029): 4,
        ("A", "micro", 2031): 4,
        ("A", "portable", 2030): 2,
    }
    assert {(one.item, one.nature, one.year) for one in steps if one.year > 2027} == {
        ("micro", "remplacement", 2029),
        ("micro", "remplacement", 2031),
        ("portable", "renouvellement", 2030),
    }
    assert unfunded == []


def test_a_ceiling_spreads_what_it_cannot_pay_at_once() -> None:
    """1 000 € a year, 5 laptops at 300 €: 3, then 2."""
    steps, unfunded = planned(step("portable", 5), ceiling=1_000)

    assert bought(steps) == {("A", "portable", 2027): 3, ("A", "portable", 2028): 2}
    assert unfunded == []


def test_schools_are_served_in_their_order_and_what_does_not_fit_is_skipped() -> None:
    """1 000 €: a screen of A (800), no laptop (300), two microphones (200); then B gets what A leaves.

    2028: 3 laptops of A (900) leave 100: B's laptops wait, its microphone does not.
    2029: B's two laptops, and the two microphones of 2027 again.
    """
    wants = [
        step("ecran", 1),
        step("portable", 3),
        step("micro", 2),
        step("portable", 2, uai="B"),
        step("micro", 1, uai="B"),
    ]
    steps, unfunded = planned(*wants, ceiling=1_000, years=range(2027, 2030))

    assert bought(steps) == {
        ("A", "ecran", 2027): 1,
        ("A", "micro", 2027): 2,
        ("A", "portable", 2028): 3,
        ("B", "micro", 2028): 1,
        ("A", "micro", 2029): 2,
        ("B", "portable", 2029): 2,
    }
    assert unfunded == []


def test_what_is_bought_together_is_not_cut_in_two() -> None:
    """3 microphones leave 700 €: 3 laptops (900) wait for 2028, where they fit; of 4, which never do, 2 do not."""
    together, _ = planned(step("micro", 3), step("portable", 3), ceiling=1_000, years=range(2027, 2029))
    cut, _ = planned(step("micro", 3), step("portable", 4), ceiling=1_000, years=range(2027, 2029))

    assert bought(together) == {("A", "micro", 2027): 3, ("A", "portable", 2028): 3}
    assert bought(cut) == {("A", "micro", 2027): 3, ("A", "portable", 2027): 2, ("A", "portable", 2028): 2}


def test_what_is_dearer_than_the_ceiling_is_told_and_holds_nothing_back() -> None:
    """A screen at 800 € under 700 € is never bought; the laptops behind it are."""
    steps, unfunded = planned(step("ecran", 2), step("portable", 2), ceiling=700)

    assert bought(steps) == {("A", "portable", 2027): 2}
    assert unfunded == [step("ecran", 2)]


def test_what_is_left_at_the_end_is_told() -> None:
    """3 a year for 2 years, 10 wanted: 4 are left out."""
    steps, unfunded = planned(step("portable", 10), ceiling=1_000, years=range(2027, 2029))

    assert bought(steps) == {("A", "portable", 2027): 3, ("A", "portable", 2028): 3}
    assert unfunded == [step("portable", 4)]


def test_what_falls_due_comes_before_what_is_new() -> None:
    """1 000 € a year; a screen is due in 2028 (800): no new laptop that year."""
    steps, _ = planned(step("portable", 5), step("ecran", 1, 2028, nature="renouvellement"), ceiling=1_000)

    assert bought(steps) == {("A", "portable", 2027): 3, ("A", "ecran", 2028): 1, ("A", "portable", 2029): 2}


def test_what_falls_due_may_exceed_the_ceiling() -> None:
    """Two screens due in 2028 (1 600) under 1 000: both are renewed, and nothing new is bought that year."""
    steps, unfunded = planned(
        step("micro", 30), step("ecran", 2, 2028, nature="renouvellement"), ceiling=1_000, years=range(2027, 2029)
    )

    assert bought(steps) == {("A", "micro", 2027): 10, ("A", "ecran", 2028): 2}
    assert unfunded == [step("micro", 20)]


def test_what_was_already_due_waits_its_turn_like_what_is_missing() -> None:
    """Due in the first year: in the order of the schools, under the ceiling, and it keeps its nature."""
    steps, _ = planned(step("ecran", 2, nature="renouvellement"), ceiling=1_000)

    assert [(one.nature, one.year, one.count["central"]) for one in steps] == [
        ("renouvellement", 2027, 1),
        ("renouvellement", 2028, 1),
    ]


def test_what_is_bought_later_is_replaced_later() -> None:
    """12 microphones, 10 a year: 10 in 2027 and 2029 and 2031, 2 in 2028 and 2030; replacements take their room."""
    steps, _ = planned(step("micro", 12), step("portable", 2), ceiling=1_000)

    assert bought(steps) == {
        ("A", "micro", 2027): 10,
        ("A", "micro", 2028): 2,
        ("A", "portable", 2028): 2,
        ("A", "micro", 2029): 10,
        ("A", "micro", 2030): 2,
        ("A", "micro", 2031): 10,
    }


@pytest.mark.parametrize(("price", "count"), [(3_903.60, 3), (646.80, 7), (111.60, 11), (399.99, 100), (0.1, 3)])
def test_a_ceiling_that_is_just_the_price_is_enough(price: float, count: int) -> None:
    """To the cent: no float is between."""
    [bought_then], left = timetable(
        [step("ecran", count)], range(2027, 2028), {"ecran": price}, LIVES, round(count * price, 2)
    )

    assert (bought_then.count["central"], left) == (count, [])


def test_a_thing_without_a_price_is_not_held_back() -> None:
    """It waits for a quote, not for room."""
    [one], left = timetable([step("ecran", 3)], YEARS, {"ecran": 0.0}, LIVES, 1_000)

    assert (one.year, one.count["central"], left) == (2027, 3, [])


def test_the_other_cases_follow_the_central_one() -> None:
    """3 laptops a year: the low case takes its 4 in the same years, the high one its 2 more in the last of them."""
    want = Step("A", "portable", "achat", 2027, {"low": 4, "central": 7, "high": 9})
    steps, _ = planned(want, ceiling=1_000)

    assert [(one.year, *one.count.values()) for one in steps] == [(2027, 3, 3, 3), (2028, 1, 3, 3), (2029, 0, 1, 3)]


def test_what_only_the_high_case_wants_is_bought_at_once() -> None:
    """Nothing in the central case: no timetable to follow."""
    steps, left = planned(Step("A", "portable", "achat", 2027, {"low": 0, "central": 0, "high": 3}), ceiling=1_000)

    assert [(one.year, *one.count.values()) for one in steps] == [(2027, 0, 0, 3)]
    assert left == []


def test_what_the_ceiling_leaves_out_is_left_out_of_all_cases() -> None:
    """A school that receives no screen in the central case receives none in the high one."""
    steps, unfunded = planned(Step("A", "ecran", "achat", 2027, {"low": 1, "central": 2, "high": 3}), ceiling=700)

    assert unfunded == [step("ecran", 2)]
    assert steps == []


def test_what_is_funded_in_part_is_not_completed_in_the_high_case() -> None:
    """One screen of two in one year at 1 000 €: one in each case, not the third that only the high case wants."""
    want = Step("A", "ecran", "achat", 2027, {"low": 1, "central": 2, "high": 3})
    steps, unfunded = planned(want, ceiling=1_000, years=range(2027, 2028))

    assert [(one.year, *one.count.values()) for one in steps] == [(2027, 1, 1, 1)]
    assert unfunded == [step("ecran", 1)]


COUNTS = st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(0, 8)).map(
    lambda counts: dict(zip(CASES, sorted(counts), strict=True))
)
WANTS = st.lists(
    st.builds(
        Step,
        st.sampled_from(["A", "B"]),
        st.sampled_from(["ecran", "portable", "micro"]),
        st.just("achat"),
        st.sampled_from(YEARS),
        COUNTS,
    ).map(lambda one: one if one.year == 2027 else replace(one, nature="renouvellement")),
    max_size=8,
    unique_by=lambda one: (one.uai, one.item, one.year),
)
FIRST: list[Step] = [step("ecran", 3), step("portable", 1)]


@given(WANTS, st.just(inf) | st.integers(50, 6_000))
@example(FIRST, 1_100)
def test_every_unit_is_bought_once_or_told_to_be_left_out(wants: list[Step], ceiling: float) -> None:
    """By item, in the central case; nothing is left out without a ceiling; low ≤ central ≤ high in each purchase."""
    steps, unfunded = planned(*wants, ceiling=ceiling)

    for item in PRICES:
        asked = sum(one.count["central"] for one in wants if one.item == item)
        given_ = sum(one.count["central"] for one in steps if one.item == item and one.nature != "remplacement")
        left = sum(one.count["central"] for one in unfunded if one.item == item)
        assert given_ + left == asked
    assert ceiling < inf or unfunded == []
    for one in steps:
        assert 0 <= one.count["low"] <= one.count["central"] <= one.count["high"]
        assert all(count == int(count) for count in one.count.values())
        assert one.year in YEARS


@given(WANTS, st.integers(50, 6_000))
def test_a_year_never_spends_more_than_its_ceiling_or_what_is_due(wants: list[Step], ceiling: int) -> None:
    """And nothing that fits waits: the room left is less than any lot, or than any unit of a lot above the ceiling."""
    steps, _ = planned(*wants, ceiling=ceiling)
    new = [one for one in steps if one.nature == "achat"]
    waiting = {(one.uai, one.item) for one in wants if one.nature == "achat"}
    for year in YEARS:
        spent = sum(one.count["central"] * PRICES[one.item] for one in steps if one.year == year)
        due = spent - sum(one.count["central"] * PRICES[one.item] for one in new if one.year == year)
        assert spent <= max(ceiling, due)
        for thing in waiting:
            asked = sum(one.count["central"] for one in wants if (one.uai, one.item, one.nature) == (*thing, "achat"))
            served = sum(one.count["central"] for one in new if (one.uai, one.item) == thing and one.year <= year)
            lot = (asked - served) * PRICES[thing[1]]
            assert not lot or ceiling - spent < (PRICES[thing[1]] if lot > ceiling else lot)


@given(WANTS, st.integers(50, 6_000))
def test_a_replacement_follows_each_purchase_by_a_life(wants: list[Step], ceiling: int) -> None:
    """As many, in each case, one life after, inside the years compared, and nothing else is replaced."""
    steps, _ = planned(*wants, ceiling=ceiling)
    expected: Counter[tuple[Any, ...]] = Counter()
    found: Counter[tuple[Any, ...]] = Counter()
    for one in steps:
        if one.nature == "remplacement":
            found[one.uai, one.item, one.year] += int(one.count["high"])
            continue
        for year in range(one.year + LIVES[one.item], YEARS.stop, LIVES[one.item]):
            expected[one.uai, one.item, year] += int(one.count["high"])

    assert +found == +expected
