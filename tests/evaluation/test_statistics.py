"""What may be said of answers and measures: against scipy, statsmodels, published values, and by enumeration."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product
from math import comb, isclose, sqrt
from statistics import median_high, median_low
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import binomtest, bootstrap, norm, rankdata, wilcoxon
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.tools import add_constant

from pupitre.errors import UsageError
from pupitre.evaluation.statistics import (
    Estimate,
    PairedTest,
    PilotEffect,
    Proportion,
    bootstrap_by_school,
    difference,
    forecast,
    mcnemar,
    nonresponse_bounds,
    ordinal_summary,
    paired_change,
    pilot_effect,
    proportion,
    pupils_needed,
    response_rate,
)

Bounds = tuple[float, float, float]
LIKERT = range(1, 6)
NOTHING = Proportion(None, None, None)
SAMPLES = st.integers(1, 400).flatmap(lambda answers: st.tuples(st.integers(0, answers), st.just(answers)))
MOVES = st.lists(st.integers(-4, 4), min_size=6, max_size=10)
EFFECTS = st.lists(st.integers(-20, 20), min_size=12, max_size=12)


def bounds(of: Proportion | Estimate | None) -> Bounds:
    """The estimate and its interval, all known."""
    assert of is not None
    assert of.estimate is not None and of.low is not None and of.high is not None  # noqa: PT018
    return of.estimate, of.low, of.high


def refused(call: Callable[[], Any]) -> str:
    """The message of a refusal."""
    with pytest.raises(UsageError) as error:
        call()
    return str(error.value)


# Shares.


@pytest.mark.parametrize(
    ("successes", "answers", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998 (Statistics in Medicine 17, 857), table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (7, 8, 0.5291, 0.9776),  # the case of the reference: Wald would say 0.646 to 1.104
    ],
)
def test_the_interval_of_a_share_is_that_of_wilson(successes: int, answers: int, low: float, high: float) -> None:
    """As published."""
    assert bounds(proportion(successes, answers)) == pytest.approx((successes / answers, low, high), abs=5e-5)


@given(SAMPLES)
def test_it_is_that_of_scipy(sample: tuple[int, int]) -> None:
    """Whatever the sample."""
    expected = binomtest(*sample).proportion_ci(0.95, method="wilson")

    assert bounds(proportion(*sample))[1:] == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize(
    ("successes", "answers", "population"), [(7, 8, 20), (30, 60, 61), (0, 3, 4), (12, 40, 10_000)]
)
def test_a_finite_population_is_a_larger_sample(successes: int, answers: int, population: int) -> None:
    """The bounds p solve |p̂ - p| = z √(p(1-p)/n_eff), with n_eff = n(N-1)/(N-n): 7 of 8 in 20 are worth 8×19/12."""
    worth = answers * (population - 1) / (population - answers)
    share, low, high = bounds(proportion(successes, answers, population))

    for bound in (low, high):
        assert abs(share - bound) == pytest.approx(norm.ppf(0.975) * sqrt(bound * (1 - bound) / worth), abs=1e-9)
    assert low <= share <= high
    assert low < high


@given(SAMPLES, st.integers(1, 500), st.integers(1, 500))
def test_a_smaller_population_is_better_known(sample: tuple[int, int], one: int, more: int) -> None:
    """The interval narrows as the population does; one answer alone is worth one, whoever else might have answered."""
    small, large = (proportion(*sample, sample[1] + others) for others in (one, one + more))
    widths = [high - low for _, low, high in map(bounds, (small, large, proportion(*sample)))]

    if sample[1] == 1:
        assert widths == pytest.approx([widths[0]] * 3)
    else:
        assert widths[0] < widths[1] < widths[2]


@given(SAMPLES, st.none() | st.integers(0, 500))
def test_an_interval_lies_around_its_share_and_mirrors_it(sample: tuple[int, int], others: int | None) -> None:
    """In [0, 1]; what is said of yes is said of no."""
    successes, answers = sample
    population = None if others is None else answers + others
    share, low, high = bounds(proportion(successes, answers, population))
    no_share, no_low, no_high = bounds(proportion(answers - successes, answers, population))

    assert 0 <= low <= share <= high <= 1
    assert (1 - share, 1 - high, 1 - low) == pytest.approx((no_share, no_low, no_high), abs=1e-12)


def test_nobody_or_everybody_has_a_bound_that_is_exact() -> None:
    """0 and 1, not a hair beside."""
    for answers in range(1, 60):
        assert proportion(0, answers).low == 0
        assert proportion(answers, answers).high == 1


def test_a_census_has_no_interval_and_says_so() -> None:
    """All eight answered: 7/8 is the share, not an estimate of it."""
    assert proportion(7, 8, 8) == Proportion(0.875, 0.875, 0.875, census=True)
    assert not proportion(7, 8, 9).census
    assert not proportion(7, 8).census


@pytest.mark.parametrize("population", [None, 0, 20])
def test_without_answers_nothing_is_said(population: int | None) -> None:
    """Not even that it is a census."""
    assert proportion(0, 0, population) == NOTHING


def test_numbers_of_numpy_are_numbers() -> None:
    """Small types do not overflow."""
    assert proportion(np.uint8(200), np.uint8(220), np.uint8(250)) == proportion(200, 220, 250)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        ((9, 8), "9 sur 8"),
        ((1, 8, 7), "1 sur 8 sur 7"),
        ((-1, 8), "-1 sur 8"),
        ((-2, -1), "-2 sur -1"),
        ((0, 0, -1), "0 sur 0 sur -1"),
        ((1.0, 8), "1.0 sur 8"),
        ((1, 8.5), "1 sur 8.5"),
        ((1, 8, 9.5), "1 sur 8 sur 9.5"),
        ((None, 8), "None sur 8"),
        (("un", 8), "un sur 8"),
    ],
)
def test_counts_that_do_not_hold_are_refused(numbers: tuple[Any, ...], found: str) -> None:
    """More yes than answers, more answers than people, what is negative or not whole."""
    message = f"« {found} » : on attend des entiers positifs et croissants."

    assert refused(lambda: proportion(*numbers)) == message


# Ordinal answers.


def test_a_summary_shows_every_step_and_who_did_not_answer() -> None:
    """Nobody chose 2: it stands, with nought; top two: 3 of 5."""
    told = ordinal_summary(pd.Series([5, 1, None, 3, 4, 4, None]), LIKERT, population=50)

    assert told.counts.to_dict() == {1: 1, 2: 0, 3: 1, 4: 2, 5: 1}
    assert (told.answered, told.missing, told.median_low, told.median_high) == (5, 2, 4, 4)
    assert told.top_two == proportion(3, 5, 50)


def test_the_two_middle_answers_are_never_averaged() -> None:
    """Of 2, 2, 4, 5 the middles are 2 and 4: nobody said 3."""
    told = ordinal_summary(pd.Series([5, 2, 2, 4]), LIKERT)

    assert (told.median_low, told.median_high) == (2, 4)


@pytest.mark.parametrize("dtype", ["object", "string", "category"])
def test_the_order_is_that_of_the_scale(dtype: str) -> None:
    """Steps with names, not in the order of the alphabet; the last two are the top."""
    answers = pd.Series(["souvent", "jamais", "parfois", None, "souvent"], dtype=dtype)
    told = ordinal_summary(answers, ["jamais", "parfois", "souvent", "toujours"])

    assert told.counts.to_dict() == {"jamais": 1, "parfois": 1, "souvent": 2, "toujours": 0}
    assert list(told.counts.index) == ["jamais", "parfois", "souvent", "toujours"]
    assert (told.median_low, told.median_high) == ("parfois", "souvent")
    assert told.top_two == proportion(2, 4)


@given(st.lists(st.sampled_from([1, 2, 3, 4, 5, None])), st.randoms())
def test_a_summary_agrees_with_the_standard_library_in_any_order(answers: list[int | None], random: Any) -> None:
    """Medians, counts; answers shuffled say the same."""
    given = [answer for answer in answers if answer is not None]
    told = ordinal_summary(pd.Series(answers, dtype="Int64"), LIKERT)
    random.shuffle(answers)
    again = ordinal_summary(pd.Series(answers, dtype="float64"), LIKERT)

    assert told.counts.tolist() == again.counts.tolist() == [given.count(step) for step in LIKERT]
    assert (told.answered, told.missing) == (len(given), len(answers) - len(given))
    assert told.median_low == again.median_low == (median_low(given) if given else None)
    assert told.median_high == again.median_high == (median_high(given) if given else None)
    assert told.top_two == again.top_two == proportion(given.count(4) + given.count(5), len(given))


@pytest.mark.parametrize(("answers", "found"), [([1, 6], "6"), ([1, 2.5], "2.5"), ([1, "oui"], "oui")])
def test_an_answer_outside_its_scale_is_refused(answers: list[Any], found: str) -> None:
    """The message says it, and the steps."""
    message = f"Réponse « {found} » : on attend l'un des échelons 1, 2, 3, 4, 5."

    assert refused(lambda: ordinal_summary(pd.Series(answers), LIKERT)) == message


def test_more_answers_than_people_are_refused() -> None:
    """Three answers of two people, two of them at the top."""
    message = refused(lambda: ordinal_summary(pd.Series([1, 4, 5]), LIKERT, population=2))

    assert message.startswith("« 2 sur 3 sur 2 »")


# Who did not answer.


def test_a_response_rate_is_a_share_of_those_asked() -> None:
    """PROFETIC: 36 of 100; nobody asked, no rate."""
    assert (response_rate(36, 100), response_rate(0, 5), response_rate(0, 0)) == (0.36, 0, None)
    assert refused(lambda: response_rate(6, 5)).startswith("« 6 sur 5 »")


def test_those_who_did_not_answer_may_all_say_no_or_yes() -> None:
    """7 yes of 8, 20 asked: 7/20 to (7 + 12)/20."""
    assert nonresponse_bounds(7, 8, 20) == (0.35, 0.95)
    assert nonresponse_bounds(7, 8, 8) == (0.875, 0.875)
    assert nonresponse_bounds(0, 0, 5) == (0, 1)
    assert nonresponse_bounds(0, 0, 0) is None
    assert refused(lambda: nonresponse_bounds(7, 8, 7)).startswith("« 7 sur 8 sur 7 »")


@given(SAMPLES, st.integers(0, 500))
def test_the_bounds_hold_the_share_and_are_as_far_apart_as_people_are_missing(
    sample: tuple[int, int], absent: int
) -> None:
    """Their width is the share of those who did not answer."""
    successes, answers = sample
    found = nonresponse_bounds(successes, answers, answers + absent)

    assert found is not None
    assert found[0] - 1e-12 <= successes / answers <= found[1] + 1e-12
    assert found[1] - found[0] == pytest.approx(absent / (answers + absent))


# The same people, twice.


@pytest.mark.parametrize(
    ("rose", "fell", "p_value"),
    [
        (6, 0, 2 / 64),
        (7, 1, 18 / 256),  # 2 × (1 + 8) / 2^8
        (0, 0, 1.0),
        (3, 3, 1.0),
        (1, 0, 1.0),  # 2 × 1/2
    ],
)
def test_mcnemar_counts_the_ways(rose: int, fell: int, p_value: float) -> None:
    """Each change is a coin."""
    assert mcnemar(rose, fell, 20) == PairedTest(20, rose, fell, p_value)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(6, 100))
def test_mcnemar_is_that_of_statsmodels_and_has_no_side(rose: int, fell: int, same: int) -> None:
    """Whoever did not change has no part in it; risen and fallen may be swapped."""
    test, other = mcnemar(rose, fell, rose + fell + same), mcnemar(fell, rose, rose + fell)
    p_value = statsmodels_mcnemar([[same, rose], [fell, 0]], exact=True).pvalue

    assert test.p_value == pytest.approx(min(p_value, 1))
    assert other.p_value == (test.p_value if rose + fell >= 6 else None)


@pytest.mark.parametrize(("pairs", "tested"), [(5, False), (6, True)])
def test_under_six_pairs_nothing_is_tested(pairs: int, tested: bool) -> None:
    """Descriptive; the counts stand."""
    code = list("abcdef")[:pairs]
    yes_no = paired_change(pd.Series(False, code), pd.Series(True, code))
    steps = paired_change(pd.Series(1, code), pd.Series([2, 3, 4, 5, 4, 3][:pairs], code))

    assert (mcnemar(pairs, 0, pairs).p_value is not None) is tested
    for found in (yes_no, steps):
        assert (found.pairs, found.rose, found.fell, found.p_value is not None) == (pairs, pairs, 0, tested)


@pytest.mark.parametrize("numbers", [(5, 6, 10), (-1, 6, 10), (3, -1, 10), (1.5, 1, 10)])
def test_more_changes_than_pairs_are_refused(numbers: tuple[Any, ...]) -> None:
    """And what is negative or not whole."""
    assert "on attend des entiers positifs et croissants" in refused(lambda: mcnemar(*numbers))


def test_pairs_are_made_by_code_and_nobody_else_counts() -> None:
    """a rose, b fell, c did not answer twice, d came once, e stayed; no code is nobody's, twice."""
    before = pd.Series([False, True, None, True, True, False, False], ["a", "b", "c", "d", "e", None, None])
    after = pd.Series([True, True, True, False, True], ["e", "c", "a", "b", None])

    assert paired_change(before, after) == PairedTest(3, 1, 1, None)


@pytest.mark.parametrize("wave", [0, 1])
def test_a_code_twice_in_a_wave_is_refused(wave: int) -> None:
    """Whoever it is, before or after."""
    waves = [pd.Series([1, 2], ["a", "b"]), pd.Series([1, 2], ["a", "b"])]
    waves[wave] = pd.Series([1, 2, 3], ["a", "b", "b"])

    assert refused(lambda: paired_change(*waves)).startswith("« b » figure deux fois")


def test_wilcoxon_as_published() -> None:
    """Hollander and Wolfe 1973, p. 29, depression of nine patients: V = 40 of 45, 2 × 10/512 = 0.0391."""
    before = pd.Series([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
    after = pd.Series([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])

    assert paired_change(before, after) == PairedTest(9, 2, 7, pytest.approx(20 / 512))


def moved(moves: list[int]) -> PairedTest:
    """People who stood on 5 and moved so."""
    return paired_change(pd.Series(5, range(len(moves))), pd.Series([5 + move for move in moves]))


def signed_rank_p(moves: list[int]) -> float:
    """Twice the share of the ways to give signs to mean ranks that go as far on the nearer side."""
    ranks = rankdata([abs(move) for move in moves if move])
    found = sum(rank for rank, move in zip(ranks, filter(None, moves), strict=True) if move > 0)
    sums = [sum(rank for rank, up in zip(ranks, way, strict=True) if up) for way in product((0, 1), repeat=len(ranks))]
    sides = sum(one <= found for one in sums), sum(one >= found for one in sums)
    return min(1.0, 2 * min(sides) / len(sums))


@given(MOVES)
def test_wilcoxon_is_exact_for_few_with_ties_and_zeros(moves: list[int]) -> None:
    """As when each way to give signs is counted; who did not move leaves the test, not the pairs."""
    found = moved(moves)

    assert found.p_value == pytest.approx(signed_rank_p(moves))
    assert (found.pairs, found.rose) == (len(moves), sum(move > 0 for move in moves))
    assert found.fell == sum(move < 0 for move in moves)


@given(st.lists(st.integers(-4, 4), min_size=6, max_size=80), st.randoms())
def test_a_change_has_no_side_and_no_order(moves: list[int], random: Any) -> None:
    """Up is tested as down; people in another order are the same people."""
    found = moved(moves)
    random.shuffle(moves)
    mirrored = moved([-move for move in moves])

    assert (mirrored.rose, mirrored.fell) == (found.fell, found.rose)
    assert mirrored.p_value == pytest.approx(found.p_value)
    assert found.p_value is not None
    assert 0 <= found.p_value <= 1


@given(st.integers(0, 40), st.integers(0, 40))
def test_moves_of_one_size_are_mcnemar(rose: int, fell: int) -> None:
    """Yes and no, or two steps each: the same coins, exact for any number."""
    moves = [1] * rose + [-1] * fell + [0] * 6

    assert moved(moves) == moved([2 * move for move in moves]) == mcnemar(rose, fell, rose + fell + 6)


def test_many_moves_with_ties_go_by_the_normal_approximation() -> None:
    """Corrected for ties, without continuity, when more than a hundred moved; a hundred are counted still, and near."""
    moves = [1, -3, 2, -1, 1] * 20

    for few, many in ((moves, wilcoxon(moves, method="asymptotic").pvalue), ([0, *moves], moved(moves).p_value)):
        assert moved(few).p_value == pytest.approx(many, rel=0.02)
    assert moved(moves).p_value != pytest.approx(wilcoxon(moves, method="asymptotic").pvalue)
    assert moved([*moves, 2]).p_value == pytest.approx(wilcoxon([*moves, 2], method="asymptotic").pvalue)


# Two waves of other people.


@pytest.mark.parametrize(
    ("after", "before", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),  # Newcombe 1998 (Statistics in Medicine 17, 873), table II, method 10
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0000),
    ],
)
def test_a_difference_of_shares_has_the_interval_of_newcombe(
    after: tuple[int, int], before: tuple[int, int], low: float, high: float
) -> None:
    """As published."""
    gap = after[0] / after[1] - before[0] / before[1]

    assert bounds(difference(proportion(*before), proportion(*after))) == pytest.approx((gap, low, high), abs=5e-5)


@given(SAMPLES, SAMPLES)
def test_it_is_that_of_statsmodels_and_mirrors(before: tuple[int, int], after: tuple[int, int]) -> None:
    """Going back is the opposite; it stays within -1 and 1, around the difference."""
    gap, low, high = bounds(difference(proportion(*before), proportion(*after)))
    back = bounds(difference(proportion(*after), proportion(*before)))

    assert (low, high) == pytest.approx(confint_proportions_2indep(*after, *before, method="newcomb"), abs=1e-9)
    assert back == pytest.approx((-gap, -high, -low))
    assert -1 - 1e-12 <= low <= gap <= high <= 1 + 1e-12


def test_a_known_population_narrows_a_difference_and_a_census_ends_it() -> None:
    """Only the wave that is not whole leaves a doubt: that of its own interval; None of them, none."""
    wave, whole, later = proportion(12, 20, 25), proportion(12, 20, 20), proportion(15, 20, 20)
    gap, low, high = bounds(difference(wave, later))

    assert (gap, low, high) == pytest.approx((0.15, 0.75 - bounds(wave)[2], 0.75 - bounds(wave)[1]))
    assert bounds(difference(whole, later)) == pytest.approx((0.15, 0.15, 0.15))
    assert bounds(difference(proportion(12, 20), later))[1] < low


@pytest.mark.parametrize("waves", [(NOTHING, proportion(1, 2)), (proportion(1, 2), NOTHING), (NOTHING, NOTHING)])
def test_without_answers_there_is_no_difference(waves: tuple[Proportion, Proportion]) -> None:
    """In one wave or in both."""
    assert difference(*waves) is None


# Pilot schools and the others.


def schools(pilots: list[float], others: list[float], before: float = 3) -> pd.DataFrame:
    """Schools that start from the same point and change so."""
    changes = pd.Series([*pilots, *others], dtype=float)
    pilot = [True] * len(pilots) + [False] * len(others)
    return pd.DataFrame({"before": before, "after": before + changes, "pilot": pilot})


def permutation_p(pilots: list[int], others: list[int]) -> float:
    """Twice the share of the ways to choose the pilots whose changes sum as far on the nearer side."""
    sums = [sum(way) for way in combinations([*pilots, *others], len(pilots))]
    sides = sum(one <= sum(pilots) for one in sums), sum(one >= sum(pilots) for one in sums)
    return min(1.0, 2 * min(sides) / len(sums))


def test_the_effect_is_what_changed_more_in_pilot_schools() -> None:
    """Pilots 2 → 4 and 3 → 3.5, mean + 1.25; others 4 → 4.5, 1 → 1, mean + 0.25."""
    told = pd.DataFrame(
        {"before": [2, 3, 4, 1], "after": [4, 3.5, 4.5, 1], "pilot": [True, True, False, False]}, list("abcd")
    )

    assert pilot_effect(told) == PilotEffect(1.0, 2, 2, 0, None)


@example([5, -5, 1, -3, 2, 2, 3, -2, 2, -3, -1, 3])  # both sides sum to 2
@given(EFFECTS)
def test_the_test_of_few_schools_counts_every_way(changes: list[int]) -> None:
    """Six of twelve: 924 ways, in tenths of a step that no float holds."""
    pilots, others = changes[:6], changes[6:]
    found = pilot_effect(schools([one / 10 for one in pilots], [one / 10 for one in others]))

    assert found.estimate == pytest.approx((sum(pilots) - sum(others)) / 60, abs=1e-8)
    assert found.p_value == pytest.approx(permutation_p(pilots, others))


def test_six_schools_that_all_do_better() -> None:
    """One way of 924, twice."""
    found = pilot_effect(schools([1, 2, 3, 4, 5, 6], [0, -1, -2, -3, -4, -5]))

    assert (found.estimate, found.p_value) == (6, pytest.approx(2 / comb(12, 6)))


@given(EFFECTS, st.randoms())
def test_schools_have_no_order_and_sides_no_name(changes: list[int], random: Any) -> None:
    """Shuffled, the same; swapped, the opposite estimate and the same p-value."""
    told = schools([one / 10 for one in changes[:6]], [one / 10 for one in changes[6:]])
    order = list(told.index)
    random.shuffle(order)
    found, swapped = pilot_effect(told), pilot_effect(told.assign(pilot=~told["pilot"]))

    assert pilot_effect(told.loc[order]) == found
    assert found.estimate is not None
    assert swapped.estimate == pytest.approx(-found.estimate)
    assert swapped.p_value == pytest.approx(found.p_value)


@pytest.mark.parametrize(("pilots", "others", "tested"), [(5, 20, False), (20, 5, False), (6, 6, True)])
def test_under_six_schools_on_a_side_nothing_is_tested(pilots: int, others: int, tested: bool) -> None:
    """Descriptive; the estimate stands."""
    found = pilot_effect(schools([1.0] * pilots, [0.0] * others))

    assert (found.estimate, found.pilots, found.others) == (1, pilots, others)
    assert (found.p_value is not None) is tested


def test_many_schools_are_drawn_from_a_fixed_seed() -> None:
    """Ten of twenty: 184 756 ways, ten thousand drawn, always the same; within 0.015 (3 σ) of the exact share."""
    pilots, others = [2, 1, 3, 0, 2, 4, 1, 2, 3, 1], [1, 0, 2, 1, 3, 0, 1, 2, 0, 1]
    told = schools([float(one) for one in pilots], [float(one) for one in others])

    assert pilot_effect(told) == pilot_effect(told.iloc[::-1])
    assert pilot_effect(told).p_value == pytest.approx(permutation_p(pilots, others), abs=0.015)
    assert pilot_effect(told).p_value != pytest.approx(permutation_p(pilots, others), abs=1e-9)


@pytest.mark.parametrize("missing", [None, pd.NA, float("nan")])
def test_a_school_not_measured_twice_is_left_out_and_counted(missing: Any) -> None:
    """One pilot is left of two; without one, a side is empty."""
    told = pd.DataFrame({"before": [2, missing, 3], "after": [3, 4, 3], "pilot": [True, True, False]}, list("abc"))

    assert pilot_effect(told) == PilotEffect(1.0, 1, 1, 1, None)
    assert pilot_effect(told.iloc[1:]) == PilotEffect(None, 0, 1, 1, None)
    assert pilot_effect(told.iloc[:0]) == PilotEffect(None, 0, 0, 0, None)


# Schools drawn again.


def test_two_schools_are_drawn_as_four_ways() -> None:
    """aa, ab, ba, bb, a quarter each: the interval goes from one school to the other, weighted by answers within."""
    values, of = pd.Series([1, 2, 5, 5, 5, 6]), pd.Series(list("aabbbb"))

    assert bootstrap_by_school(values, of) == pytest.approx((4, 1.5, 5.25))
    assert bootstrap_by_school(values, of, median=True) == (5, 1.5, 5)


def test_the_mean_is_that_of_answers_not_of_schools() -> None:
    """a once and b three times: (1 + 3 × 5) / 4."""
    assert bootstrap_by_school(pd.Series([1, 5, 5, 5]), pd.Series(list("abbb"))).estimate == 4


def test_schools_of_one_size_are_drawn_as_scipy_draws_their_means() -> None:
    """Twenty schools of three pupils; the bounds agree to a twentieth of the width, by another generator."""
    pupils = np.random.default_rng(5).normal(10, 3, (20, 1)) + np.random.default_rng(6).normal(0, 1, (20, 3))
    of = pd.Series(np.repeat(np.arange(20), 3))
    found = bootstrap_by_school(pd.Series(pupils.ravel()), of, draws=20_000)
    expected = bootstrap((pupils.mean(axis=1),), np.mean, n_resamples=20_000, method="percentile", rng=7)
    low, high = expected.confidence_interval

    assert found == pytest.approx((pupils.mean(), low, high), abs=(high - low) / 20)


def test_the_median_of_drawn_schools_is_the_median_of_their_answers() -> None:
    """Answers of the schools drawn, one on another, by another generator and one draw at a time; costs in euros."""
    values = [[120.0, 80, 95], [300.0, 310], [60.0, 70, 65, 90], [150.0], [210.0, 180, 205], [99.0, 101], [75.0] * 5]
    of = [name for name, answers in zip("abcdefg", values, strict=True) for _ in answers]
    rng, whole = np.random.default_rng(3), np.concatenate(values)
    medians = [np.median(np.concatenate([values[i] for i in rng.integers(0, 7, 7)])) for _ in range(10_000)]
    found = bootstrap_by_school(pd.Series(whole), pd.Series(of), median=True)

    assert found.estimate == np.median(whole)
    assert (found.low, found.high) == pytest.approx(np.quantile(medians, [0.025, 0.975]), rel=0.1)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 5)), min_size=1), st.integers(2, 4), st.booleans())
def test_more_pupils_who_are_alike_tell_nothing_more(told: list[tuple[str, int]], times: int, median: bool) -> None:
    """Each answer given several times, in another order: to the last digit the same interval."""
    frame = pd.DataFrame([("a", 1), ("b", 5), *told], columns=["school", "value"])
    more = pd.concat([frame[::-1]] * times, ignore_index=True)
    found = bootstrap_by_school(frame["value"], frame["school"], median=median)
    again = bootstrap_by_school(more["value"], more["school"], median=median)

    assert again == pytest.approx(found)
    assert found.low is not None
    assert found.high is not None
    assert 1 <= found.low <= found.high <= 5


def test_values_and_schools_go_by_their_index_and_gaps_are_left_out() -> None:
    """A value without school and a school without value; the draws are the same each time."""
    values = pd.Series([1, 1, 3, 3, 9, None], list("uvwxyz"), dtype="Float64", name="same")
    of = pd.Series(["b", "b", "a", "a", None, "c"], list("xwvuyz"), dtype="string", name="same")

    assert bootstrap_by_school(values, of) == (2, 1, 3)
    assert bootstrap_by_school(values, of) == bootstrap_by_school(values, of)


@pytest.mark.parametrize(
    ("of", "draws", "message"),
    [("aa", 2000, "Écoles : 1, tirages : 2000"), ("", 2000, "Écoles : 0"), ("ab", 99, "Écoles : 2, tirages : 99")],
)
def test_one_school_or_few_draws_are_refused(of: str, draws: int, message: str) -> None:
    """An interval of one school would have no width."""
    values, names = pd.Series(range(len(of)), dtype=float), pd.Series(list(of), dtype=object)

    assert refused(lambda: bootstrap_by_school(values, names, draws=draws)).startswith(message)


# What it would take.


def test_an_effect_on_learning_takes_more_pupils_than_a_commune_has() -> None:
    """ELAINE's 0.1 σ: 1 570 an arm; classes of 22, ICC 0.15: 1 + 21 × 0.15 = 4.15, so 1 570 × 4.15 = 6 515.5."""
    assert pupils_needed(0.1) == (1570, 1570)
    assert pupils_needed(0.1, cluster_size=22, icc=0.15) == (1570, 6516)


@given(st.floats(0.05, 1), st.floats(0.5, 0.99), st.floats(0.001, 0.2))
def test_the_number_is_the_first_that_reaches_the_power(effect: float, power: float, alpha: float) -> None:
    """As statsmodels says of it and of one pupil fewer, each arm; by the tail where the effect is, as is usual."""
    single, _ = pupils_needed(effect, power, alpha)
    reached, short = (NormalIndPower().power(effect, n, alpha / 2, alternative="larger") for n in (single, single - 1))

    assert short < power + 1e-9
    assert reached > power - 1e-9


def test_alone_in_their_class_or_unlike_pupils_are_as_drawn_singly() -> None:
    """Alike in all, a class is one pupil: 63 × 22; a whole product is not rounded up by a float."""
    assert pupils_needed(0.5, cluster_size=22) == pupils_needed(0.5, icc=0.15) == (63, 63)
    assert pupils_needed(0.5, cluster_size=22, icc=1) == (63, 63 * 22)
    assert pupils_needed(0.1, cluster_size=25, icc=0.1) == (1570, 5338)  # 1 570 × 3.4, a hair more in floats


@pytest.mark.parametrize(
    "wrong",
    [{"effect_sd": 0}, {"effect_sd": -0.1}, {"effect_sd": float("nan")}, {"power": 1}, {"power": 0.05}, {"alpha": 0},
     {"cluster_size": 0.5}, {"icc": -0.1}, {"icc": 1.1}],
)  # fmt: skip
def test_a_study_without_meaning_is_refused(wrong: dict[str, float]) -> None:
    """The message repeats it."""
    [(name, value)] = wrong.items()

    assert f"{name}={value}" in refused(lambda: pupils_needed(**({"effect_sd": 0.1} | wrong)))


# Trends.


def test_a_forecast_prolongs_the_line() -> None:
    """Days 0, 1, 2, values 1, 2, 6: slope 2.5, mean 3; day 3: 8; residuals 0.5, -1, 0.5: s² = 1.5; t(1) = 12.706.

    Half width: 12.706 × √(1.5 × (1 + 1/3 + 2²/2)) = 28.41.
    """
    assert forecast([0, 1, 2], [1, 2, 6], 3) == pytest.approx((8, 8 - 28.412, 8 + 28.412), abs=1e-3)


@given(st.lists(st.tuples(st.integers(0, 900), st.floats(-100, 100)), min_size=3, max_size=20), st.integers(-900, 2000))
def test_it_is_that_of_statsmodels_wherever_days_begin(told: list[tuple[int, float]], day: int) -> None:
    """Days counted from the year 1 give the same as days from the first; so do measures in another order."""
    days, values = [day for day, _ in told], [value for _, value in told]
    if len(set(days)) < 2:
        assert forecast(days, values, day) is None
        return
    fitted = OLS(values, add_constant(days)).fit().get_prediction([[1, day]]).summary_frame(alpha=0.05)
    expected = fitted[["mean", "obs_ci_lower", "obs_ci_upper"]].iloc[0].tolist()
    close = {"rel": 1e-6, "abs": 1e-6 * max(map(abs, [*expected, *values]))}
    later = forecast([739_000 + one for one in days[::-1]], values[::-1], 739_000 + day)

    assert bounds(forecast(days, values, day)) == pytest.approx(expected, **close)
    assert bounds(later) == pytest.approx(expected, **close)


def test_a_perfect_line_leaves_no_doubt_and_two_measures_no_interval() -> None:
    """Two measures always lie on a line: what they say of the next is not known."""
    assert bounds(forecast([0, 10, 20], [5, 5, 5], 90)) == (5, 5, 5)
    assert forecast([0, 10], [20, 25], 30) == Estimate(35, None, None)


@pytest.mark.parametrize(("days", "values"), [([], []), ([1], [2]), ([4, 4], [1, 2]), ([4, 4, 4], [1, 2, 3])])
def test_on_one_day_nothing_moves(days: list[float], values: list[float]) -> None:
    """However often it was measured."""
    assert forecast(days, values, 9) is None


@given(st.integers(0, 1000))
def test_the_further_the_less_is_known(day: int) -> None:
    """The interval widens away from the mean day, here 10, the same on both sides."""
    days, values = [0, 5, 10, 15, 20], [1, 2, 2, 4, 3]
    widths = [high - low for _, low, high in (bounds(forecast(days, values, 10 + d)) for d in (day, day + 1, -day))]

    assert widths[0] < widths[1]
    assert isclose(widths[0], widths[2])


@pytest.mark.parametrize(("days", "values"), [([1, 2], [1]), ([1, 2], [1, float("nan")]), ([1, float("inf")], [1, 2])])
def test_a_measure_without_day_or_value_is_refused(days: list[float], values: list[float]) -> None:
    """Nothing is dropped in silence."""
    message = f"Jours : {len(days)}, valeurs : {len(values)} ; on attend une valeur pour chaque jour, sans vide."

    assert refused(lambda: forecast(days, values, 9)) == message
