"""What a survey or a series of measures allows to say, and how far: shares, medians, changes, trends.

Belongs: pure functions of counts, series and frames, each with its interval or its p-value, and the sizes under which
there is none. Does not: reading answers, thresholds of anonymity (`anonymity`), targets (`follow_up`), words, drawing.

Intervals are at 95 %, tests two-sided, shares ratios (0-1). Under six pairs, or six schools on a side, results are
descriptive: no p-value. Of forty questions tested at once, two come out « significant » by luck alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, hypot, sqrt
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binomtest, norm, permutation_test, rankdata, t, wilcoxon

from pupitre.errors import UsageError
from pupitre.formats import echo

CONFIDENCE, POWER, ALPHA = 0.95, 0.8, 0.05
TAILS = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
Z = float(norm.ppf(TAILS[1]))
FEWEST = 6  # pairs, or schools on a side: six changes the same way, 2 × (1/2)^6 = 3 %, are the first under 5 %
DRAWS, PERMUTATIONS, SEED = 2_000, 10_000, 20261122
DIGITS = 9  # two numbers that differ by less are the same
Series: TypeAlias = "pd.Series[Any]"
Array = npt.NDArray[Any]


class Estimate(NamedTuple):
    """A value and its interval, in the unit of what is estimated; no bounds where none can be given."""

    estimate: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Proportion:
    """A share (0-1) and its interval; None without answers. `census`: all answered, so no interval: bounds equal it."""

    estimate: float | None
    low: float | None
    high: float | None
    census: bool = False


@dataclass(frozen=True)
class OrdinalSummary:
    """The answers to a question with ordered steps: `counts` of every step in order, how many gave one, how many none.

    `median_low`, `median_high`: the steps of the two middle answers, the same unless an even number of answers splits
    there (steps are not averaged); None without answers. `top_two`: the share of the last two steps.
    """

    counts: pd.Series[int]
    answered: int
    missing: int
    median_low: Any
    median_high: Any
    top_two: Proportion


class PairedTest(NamedTuple):
    """The same people before and after: how many pairs, how many of them rose, how many fell."""

    pairs: int
    rose: int
    fell: int
    p_value: float | None


class PilotEffect(NamedTuple):
    """What pilot schools gained over the others (None: a side is empty); how many of each, how many lack a measure."""

    estimate: float | None
    pilots: int
    others: int
    left_out: int
    p_value: float | None


def proportion(successes: int, answers: int, population: int | None = None) -> Proportion:
    """The share of successes among the answers, with Wilson's interval (1927); `population`: who could have answered.

    A finite population of N narrows it: n answers are worth n(N-1)/(N-n). It supposes that those who did not answer are
    as the others; `nonresponse_bounds` does not. Raises UsageError unless 0 ≤ successes ≤ answers ≤ population, whole.

    >>> proportion(7, 8, population=8)
    Proportion(estimate=0.875, low=0.875, high=0.875, census=True)
    >>> round(proportion(7, 8).low, 3), round(proportion(7, 8).high, 3)
    (0.529, 0.978)
    """
    successes, answers, population = _counted(successes, answers, population)
    if not answers:
        return Proportion(None, None, None)
    share = successes / answers
    if answers == population:
        return Proportion(share, share, share, census=True)
    worth = answers if population is None else answers * (population - 1) / (population - answers)
    pull = Z**2 / worth
    centre = (share + pull / 2) / (1 + pull)
    half = sqrt(pull * share * (1 - share) + (pull / 2) ** 2) / (1 + pull)
    return Proportion(share, max(0.0, centre - half), min(1.0, max(share, centre + half)))


def _counted(part: Any, answers: Any, people: Any) -> tuple[int, int, Any]:
    told = [0, part, answers, *([] if people is None else [people])]
    if not all(isinstance(one, int | np.integer) for one in told) or told != sorted(told):
        raise UsageError(f"« {' sur '.join(map(echo, told[1:]))} » : on attend des entiers positifs et croissants.")
    return int(part), int(answers), None if people is None else int(people)


def ordinal_summary(answers: Series, scale: Sequence[Any], population: int | None = None) -> OrdinalSummary:
    """The distribution of answers on a scale, its lowest step first; `population` as in `proportion`.

    Raises UsageError for an answer outside the scale, and as `proportion`.

    >>> told = ordinal_summary(pd.Series([1, 4, 4, 5, None]), range(1, 6))
    >>> told.counts.tolist(), told.answered, told.missing, told.median_low, told.top_two.estimate
    ([1, 0, 0, 2, 1], 4, 1, 4, 0.75)
    """
    steps, found = list(scale), answers.value_counts()
    for answer in found.index.difference(steps, sort=False):
        raise UsageError(f"Réponse « {echo(answer)} » : on attend l'un des échelons {', '.join(map(str, steps))}.")
    counts = found.reindex(pd.Index(steps), fill_value=0).astype(int)
    answered, middles = int(counts.sum()), _middles(counts.to_numpy()[None])
    low, high = (steps[rank] if answered else None for [rank] in middles)
    top_two = proportion(int(counts.iloc[-2:].sum()), answered, population)
    return OrdinalSummary(counts, answered, len(answers) - answered, low, high, top_two)


def _middles(counts: Array) -> tuple[Array, Array]:
    """The ranks of the steps of the lower and of the upper median, for each row of counts."""
    reached = counts.cumsum(axis=1)
    people = reached[:, -1:]
    return (reached <= (people - 1) // 2).sum(axis=1), (reached <= people // 2).sum(axis=1)


def response_rate(answers: int, population: int) -> float | None:
    """The share (0-1) of the people asked who answered; None when nobody was. Raises UsageError as `proportion`."""
    return proportion(answers, population).estimate


def nonresponse_bounds(successes: int, answers: int, population: int) -> tuple[float, float] | None:
    """The share in the whole population, had all who did not answer said no, then yes; None, errors: `response_rate`.

    >>> response_rate(8, 20), nonresponse_bounds(7, 8, 20)
    (0.4, (0.35, 0.95))
    """
    successes, answers, people = _counted(successes, answers, population)
    return (successes / people, (successes + people - answers) / people) if people else None


def mcnemar(rose: int, fell: int, pairs: int) -> PairedTest:
    """The exact test of McNemar (1947): were changes as likely from no to yes (`rose`) as from yes to no (`fell`)?

    `pairs`: who answered both times, changed or not. Raises UsageError for more changes than pairs, or no whole number.

    >>> mcnemar(rose=7, fell=1, pairs=20).p_value  # 2 × (1 + 8) / 2^8
    0.0703125
    """
    rose, changed, pairs = _counted(rose, rose + fell, pairs)
    p_value = float(binomtest(rose, changed).pvalue) if changed else 1.0
    return PairedTest(pairs, rose, changed - rose, p_value if pairs >= FEWEST else None)


def paired_change(before: Series, after: Series) -> PairedTest:
    """Two waves of answers by link code: yes/no (True, False) by McNemar, ranks of steps by Wilcoxon's signed ranks.

    Pairs are codes with an answer in both. Those who did not move leave the test (Wilcoxon's own rule); equal moves
    share their mean rank. Exact when all moves have one size (it is then McNemar's) and up to 100 moves; beyond,
    normal, corrected for ties. Raises UsageError for a code twice in a wave.

    >>> paired_change(pd.Series([1, 2, 2, 3, 3, 4], list("abcdef")), pd.Series([3, 3, 4, 4, 5, 4], list("abcdef")))
    PairedTest(pairs=6, rose=5, fell=0, p_value=0.0625)
    """
    waves = [wave[wave.index.notna()].dropna() for wave in (before, after)]
    for code in (code for wave in waves for code in wave.index[wave.index.duplicated()]):
        raise UsageError(f"« {echo(code)} » figure deux fois : on attend une réponse par personne.")
    was, now = pd.concat(waves, axis=1, join="inner").to_numpy(dtype=np.float64).T
    moves = (now - was)[now != was]
    test = mcnemar(int((moves > 0).sum()), int((moves < 0).sum()), len(was))
    if test.p_value is None or len(np.unique(np.abs(moves))) < 2:
        return test
    p_value = _signed_rank_p(moves) if len(moves) <= 100 else float(wilcoxon(np.sort(moves)).pvalue)
    return test._replace(p_value=p_value)


def _signed_rank_p(moves: Array) -> float:
    """Exact with ties, where scipy takes half a second; ranks are doubled, so whole; `ways` to sign them, by sum."""
    ranks, ways = (2 * rankdata(np.abs(moves))).astype(int), np.ones(1)
    for rank in ranks:
        ways = (np.pad(ways, (0, rank)) + np.pad(ways, (rank, 0))) / 2
    found = ranks[moves > 0].sum()
    return min(1.0, 2 * float(min(ways[: found + 1].sum(), ways[found:].sum())))


def difference(before: Proportion, after: Proportion) -> Estimate | None:
    """After less before, of independent samples, with Newcombe's interval (1998, method 10); None without answers.

    It joins the two Wilson intervals, so a known population counts; between two censuses no error is left.

    >>> [round(one, 4) for one in difference(proportion(48, 80), proportion(56, 70))]
    [0.2, 0.0524, 0.3339]
    """
    if before.estimate is None or after.estimate is None:
        return None
    waves = np.array([[one.estimate, one.low, one.high] for one in (before, after)], dtype=np.float64)
    (was, was_low, was_high), (now, now_low, now_high) = waves.tolist()
    gap, fall, rise = now - was, hypot(now - now_low, was_high - was), hypot(now_high - now, was - was_low)
    return Estimate(gap, gap - fall, gap + rise)


def pilot_effect(schools: pd.DataFrame) -> PilotEffect:
    """The difference in differences of school means; `schools`, index school: before, after (a number), pilot (truth).

    Each school counts once, whatever its size. The test permutes whole schools: all ways up to 10 000, else as many
    drawn from a fixed seed.

    >>> pilot_effect(pd.DataFrame({"before": [2, 3, 2], "after": [4, 4, 3], "pilot": [True, False, False]}))
    PilotEffect(estimate=1.0, pilots=1, others=2, left_out=0, p_value=None)
    """
    change = (schools["after"] - schools["before"]).dropna().astype(float)
    pilot = schools.loc[change.index, "pilot"].astype(bool)
    one, other = (np.sort(change[chosen].to_numpy()) for chosen in (pilot, ~pilot))
    estimate = float(_gap(one, other)) if len(one) and len(other) else None
    how = {"vectorized": True, "n_resamples": PERMUTATIONS, "rng": SEED}
    p_value = float(permutation_test((one, other), _gap, **how).pvalue) if min(len(one), len(other)) >= FEWEST else None
    return PilotEffect(estimate, len(one), len(other), len(schools) - len(change), p_value)


def _gap(one: Array, other: Array, axis: int = -1) -> Any:
    return np.round(one.mean(axis=axis) - other.mean(axis=axis), DIGITS)


def bootstrap_by_school(values: Series, schools: Series, median: bool = False, draws: int = DRAWS) -> Estimate:
    """The mean (or median) of all values, in their unit, with the percentile interval of schools drawn anew.

    `schools`: the school of each value, on the same index; rows without either are left out. Whole schools are drawn,
    with replacement, since pupils of one are alike. Raises UsageError under two schools or 100 draws.

    >>> bootstrap_by_school(pd.Series([1, 1, 3, 3]), pd.Series(["a", "a", "b", "b"]))
    Estimate(estimate=2.0, low=1.0, high=3.0)
    """
    table = pd.crosstab(schools, values)
    if len(table) < 2 or draws < 100:
        raise UsageError(f"Écoles : {len(table)}, tirages : {draws} ; on attend 2 écoles et 100 tirages au moins.")
    times = np.random.default_rng(SEED).multinomial(len(table), np.full(len(table), 1 / len(table)), draws)
    counts, marks = np.vstack([table.sum(), times @ table.to_numpy()]), table.columns.to_numpy(dtype=np.float64)
    found = marks[[*_middles(counts)]].mean(axis=0) if median else (counts * marks).sum(axis=1) / counts.sum(axis=1)
    return Estimate(*map(float, (found[0], *np.quantile(found[1:], TAILS))))


def pupils_needed(
    effect_sd: float, power: float = POWER, alpha: float = ALPHA, cluster_size: float = 1, icc: float = 0.0
) -> tuple[int, int]:
    """Pupils that each of two arms takes to see an effect of so many standard deviations: drawn singly, by whole class.

    2 (z(1-alpha/2) + z(power))² / effect², then times 1 + (cluster_size - 1) × icc (Kish, 1965; `icc`, 0-1: how alike
    pupils of a class are). Raises UsageError for values without meaning.

    >>> pupils_needed(0.1, cluster_size=22, icc=0.15)
    (1570, 6516)
    """
    if not (effect_sd > 0 and 0 < alpha < power < 1 <= cluster_size and 0 <= icc <= 1):
        asked = f"effect_sd={effect_sd}, power={power}, alpha={alpha}, cluster_size={cluster_size}, icc={icc}"
        raise UsageError(f"{asked} : on attend effect_sd > 0, 0 < alpha < power < 1, cluster_size ≥ 1, 0 ≤ icc ≤ 1.")
    single = ceil(2 * (float(norm.ppf(1 - alpha / 2) + norm.ppf(power)) / effect_sd) ** 2)
    return single, ceil(round(single * (1 + (cluster_size - 1) * icc), DIGITS))


def forecast(days: Sequence[float], values: Sequence[float], day: float) -> Estimate | None:
    """The value on a day of the least-squares line through measures, with the prediction interval of one more measure.

    Days are numbers from any origin; values have any unit. None when measures stand on fewer than two days; two
    measures give no interval. Raises UsageError when days and values do not match, or one is missing.

    >>> forecast([0, 100], [20, 30], 200)
    Estimate(estimate=40.0, low=None, high=None)
    """
    x, y = np.asarray(days, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if x.shape != y.shape or not np.isfinite([x, y]).all():
        raise UsageError(f"Jours : {len(x)}, valeurs : {len(y)} ; on attend une valeur pour chaque jour, sans vide.")
    if len(np.unique(x)) < 2:
        return None
    away, rise, ahead, free = x - x.mean(), y - y.mean(), day - x.mean(), len(x) - 2
    slope = (away * rise).sum() / (width := (away**2).sum())
    estimate = float(y.mean() + slope * ahead)
    if not free:
        return Estimate(estimate, None, None)
    spread = ((rise - slope * away) ** 2).sum() / free * (1 + 1 / len(x) + ahead**2 / width)
    half = float(t.ppf(TAILS[1], free)) * sqrt(spread)
    return Estimate(estimate, estimate - half, estimate + half)
