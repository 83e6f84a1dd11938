"""What the answers to the surveys say, question by question and wave by wave, from what may be printed of them.

Belongs: shares, medians, changes between waves, pilots against others, who took part. Does not: which counts may be
printed (`anonymity`), methods (`statistics`), words and drawing. Free texts never come here; nothing ranks schools.

Numbers are computed from the tables that `anonymity` releases. Two words are not: the verdict on people linked, on more
than two steps, given only where their moves are released; the verdict on pilots, given from six schools a side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from pupitre.data.answers import Answers, Scale, scales
from pupitre.evaluation import anonymity, statistics
from pupitre.evaluation.anonymity import OTHERS, PILOTS, UNTOLD, Grid, Moves, Released, Span
from pupitre.evaluation.statistics import ALPHA, FEWEST, Estimate, Proportion

UP, DOWN, SAME, FEW, UNTESTED = "up", "down", "same", "few", "untested"
ALIKE = {"eleves"}  # they answer by whole classes, and are alike within one: no independent draws
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Change:
    """What changed since the wave before of the same group.

    verdict: `up`, `down`, `same` (nothing significant at 5 %), `few` (nothing can be said), `untested` (people who are
    not linked and answer by whole classes). estimate: in favourable share, after less before, as of independent
    samples; None when a share is not released. pairs: people linked by their code who answered both times. moves: how
    many of them rose and fell, when it may be printed: the verdict is then theirs, else the estimate's.
    """

    verdict: str
    estimate: Estimate | None
    pairs: int
    moves: Moves | None


@dataclass(frozen=True)
class Opinion:
    """The answers to a question in a wave: what may be printed (`released`), and what follows from it.

    share: of favourable answers; None when not released. median: the first and last step between which the middle
    answer stands; None when all steps are merged. nonresponse: the share, had all who did not answer said no, then yes.
    by_school: the share where the school is told, its interval when schools are drawn anew, in whole points; None
    unless six schools are released. change: None in the first wave.
    """

    question: str
    groupe: str
    vague: str
    released: Released | None
    share: Proportion | None = None
    median: Span | None = None
    nonresponse: tuple[float, float] | None = None
    by_school: Estimate | None = None
    change: Change | None = None


@dataclass(frozen=True)
class PilotResult:
    """The first and the last wave of a question, in pilot schools and in others; internal edition only.

    sides: the released tables of the two waves. estimate: what the favourable share gained in pilot schools, less what
    it gained in others, in whole points (0.07). Both are None when a side is too small. verdict: as in `Change`, of
    schools permuted; `few` under six a side.
    """

    question: str
    groupe: str
    before: str
    after: str
    sides: tuple[Grid, Grid] | None
    estimate: float | None
    verdict: str


class _Wave(NamedTuple):
    """People of a group in a wave: their places in `Answers.people`, schools (ranks in names), codes (NA: not told)."""

    vague: str
    invites: int | None
    places: Array
    schools: Array
    names: list[str]
    codes: pd.Index[Any]


class _Asked(NamedTuple):
    """A question in a wave: the step of each person, people by school and step, the lowest favourable step."""

    wave: _Wave
    steps: Array
    tallies: pd.DataFrame
    first_good: int


def opinions(answers: Answers, edition: str, pilots: frozenset[str] = frozenset()) -> tuple[Opinion, ...]:
    """What each question got in each wave, in the order of questions, then waves; free questions are not there.

    `edition`: `maire` or `public`; `pilots`: the UAI of pilot schools. Raises UsageError when more people answered than
    were asked.
    """
    found = []
    for question, groupe, asked in _questions(answers):
        tables = [anonymity.release(one.tallies, one.first_good, edition, pilots) for one in asked]
        told = [_opinion(question, groupe, one, table) for one, table in zip(asked, tables, strict=True)]
        waves = pairwise(zip(asked, told, strict=True))
        found += told[:1] + [replace(after[1], change=_change(before, after, edition)) for before, after in waves]
    return tuple(found)


def compared(found: Sequence[Opinion]) -> int:
    """How many changes were tested: of forty without any change, two come out « significant » by luck."""
    return sum(one.change is not None and one.change.verdict not in (FEW, UNTESTED) for one in found)


def _questions(answers: Answers) -> Iterator[tuple[str, str, list[_Asked]]]:
    """Each question, its group, and it in each wave of the group, by date."""
    waves = _waves(answers)
    for question in map(str, answers.steps.columns):
        groupe, scale = map(str, answers.questions.loc[question, ["groupe", "echelle"]])
        steps = answers.steps[question].to_numpy(dtype=np.int64)
        yield question, groupe, [_asked(wave, steps[wave.places], scales()[scale]) for wave in waves.get(groupe, [])]


def _waves(answers: Answers) -> dict[str, list[_Wave]]:
    people, found = answers.people.reset_index(drop=True), dict[str, list[_Wave]]()
    schools, names = pd.factorize(people["uai"].fillna(UNTOLD), sort=True)
    codes, places_of = pd.Index(people["code"]), people.groupby(["groupe", "vague"]).indices
    for told in answers.waves.to_dict("records"):
        places = np.asarray(places_of.get((told["groupe"], told["vague"]), []), dtype=np.int64)
        invites = None if pd.isna(told["invites"]) else int(told["invites"])
        wave = _Wave(told["vague"], invites, places, schools[places], list(names), codes[places])
        found.setdefault(told["groupe"], []).append(wave)
    return found


def _asked(wave: _Wave, steps: Array, scale: Scale) -> _Asked:
    count, told = len(scale.steps), steps > 0
    cells = np.bincount(wave.schools[told] * count + steps[told] - 1, minlength=len(wave.names) * count)
    tallies = pd.DataFrame(cells.reshape(-1, count), pd.Index(wave.names), pd.RangeIndex(1, count + 1))
    return _Asked(wave, steps, tallies, count - scale.favourable + 1)


def _opinion(question: str, groupe: str, asked: _Asked, released: Released | None) -> Opinion:
    """What follows from what is released."""
    opinion = Opinion(question, groupe, asked.wave.vague, released)
    if released is None or len(released.spans) < 2:
        return opinion
    opinion = replace(opinion, median=_median(released), by_school=_by_school(released))
    if released.good is None:
        return opinion
    invites = asked.wave.invites
    bounds = None if invites is None else statistics.nonresponse_bounds(released.good, released.answers, invites)
    share = statistics.proportion(released.good, released.answers, invites)
    low, high = bounds or (0.0, 1.0)  # Wilson's margin passes, in a nearly whole group, what is certain
    share = replace(share, low=max(share.low or 0.0, low), high=min(share.high or 1.0, high))
    return replace(opinion, share=share, nonresponse=bounds)


def _median(released: Released) -> Span:
    middles = ((released.answers - 1) // 2, released.answers // 2)
    low, high = np.searchsorted(np.cumsum(released.counts), middles, side="right")
    return released.spans[low][0], released.spans[high][1]


def _by_school(released: Released) -> Estimate | None:
    grid = released.schools
    named = {name: row for name, row in grid.rows.items() if name != UNTOLD} if grid else {}
    if grid is None or len(named) < FEWEST or _share(grid, min(named), released.first_good) is None:
        return None
    good = [first >= released.first_good for first, _ in grid.spans]
    values = pd.Series([one for row in named.values() for one in np.repeat(good, row)], dtype=int)
    schools = pd.Series(np.repeat(list(named), [sum(row) for row in named.values()]))
    share, low, high = statistics.bootstrap_by_school(values, schools)
    return Estimate(round(share, 2), low and round(low, 2), high and round(high, 2))  # whole points


def _share(grid: Grid, row: str, first_good: int) -> float | None:
    """The favourable share of a row, when the spans say it."""
    good = anonymity.favourable(grid.spans, grid.rows[row], first_good)
    return None if good is None else good / sum(grid.rows[row])


def _change(before: tuple[_Asked, Opinion], after: tuple[_Asked, Opinion], edition: str) -> Change:
    """Of the people linked where their moves may be printed, else of the shares."""
    (was, old), (now, new) = before, after
    first, second = _links(was.wave, now.wave)
    steps = pd.DataFrame({"was": was.steps[first], "now": now.steps[second]})
    steps = steps[(steps > 0).all(axis=1)]
    moves = (steps["now"] - steps["was"]).to_numpy()
    told = anonymity.release_moves(moves, old.released, new.released, edition, was.tallies.shape[1])
    estimate = _gain(old.released, new.released)
    untested = estimate is not None and new.groupe in ALIKE
    verdict = _linked(steps, moves) if told else UNTESTED if untested else _apart(estimate)
    return Change(verdict, estimate, len(moves), told)


def _gain(old: Released | None, new: Released | None) -> Estimate | None:
    """After less before, as of two draws: how many could have answered says nothing of what luck does."""
    if old is None or new is None or old.good is None or new.good is None:
        return None
    return statistics.difference(*(statistics.proportion(one.good or 0, one.answers) for one in (old, new)))


def _links(before: _Wave, after: _Wave) -> tuple[Array, Array]:
    """The ranks, in each wave, of the people whose code stands in both."""
    first, second = (np.flatnonzero(wave.codes.notna()) for wave in (before, after))
    where = before.codes[first].get_indexer(after.codes[second])
    return first[where[where >= 0]], second[where >= 0]


def _linked(steps: pd.DataFrame, moves: Array) -> str:
    moved, test = moves[moves != 0], statistics.paired_change(steps["was"], steps["now"])
    return _verdict(np.sign(moved) @ rankdata(np.abs(moved)), test.p_value)


def _apart(estimate: Estimate | None) -> str:
    if estimate is None or estimate.low is None or estimate.high is None:
        return FEW
    return UP if estimate.low > 0 else DOWN if estimate.high < 0 else SAME


def _verdict(rise: float, p_value: float | None) -> str:
    if p_value is None:
        return FEW
    return SAME if p_value > ALPHA else UP if rise > 0 else DOWN


def pilot_results(answers: Answers, pilots: frozenset[str]) -> tuple[PilotResult, ...]:
    """What each question became from its first wave to its last, in pilot schools and in others; internal edition only.

    A question asked once has none, nor any without pilot schools.
    """
    questions = _questions(answers) if pilots else ()
    return tuple(_pilot_result(one, groupe, asked, pilots) for one, groupe, asked in questions if len(asked) > 1)


def _pilot_result(question: str, groupe: str, asked: list[_Asked], pilots: frozenset[str]) -> PilotResult:
    before, after = asked[0], asked[-1]
    tables = [anonymity.release(one.tallies, one.first_good, "maire", pilots) for one in (before, after)]
    grids = [table.sides for table in tables if table and table.sides]
    result = PilotResult(question, groupe, before.wave.vague, after.wave.vague, None, None, FEW)
    if len(grids) < 2:
        return result
    result = replace(result, sides=(grids[0], grids[1]))
    shares = [_share(grid, side, before.first_good) for side in (PILOTS, OTHERS) for grid in grids]
    told = [share for share in shares if share is not None]
    if len(told) < len(shares):
        return result
    schools = pd.DataFrame({"before": _shares(before), "after": _shares(after)})
    effect = statistics.pilot_effect(schools.assign(pilot=schools.index.isin(pilots)))
    estimate = round(told[1] - told[0] - (told[3] - told[2]), 2)
    return replace(result, estimate=estimate, verdict=_verdict(effect.estimate or 0.0, effect.p_value))


def _shares(asked: _Asked) -> pd.Series[float]:
    """The favourable share of each school that is told; it is not released."""
    named = asked.tallies.drop(index=UNTOLD, errors="ignore")
    return named.loc[:, asked.first_good :].sum(axis=1) / named.sum(axis=1)


def participation(answers: Answers) -> pd.DataFrame:
    """Who took part: a row per wave and group, in the order of `Answers.waves`.

    vague, groupe, le, invites (Int64, NA when unknown); answered: people; rate (Float64, 0-1, NA when invites is);
    linked: people whose code stands in the wave before of the group (Int64, NA in the first); once: people whose code
    stands in no other wave of the group; without_code: people who gave none. Those two are in no linked comparison.
    """
    rows = {
        (groupe, wave.vague): _took_part(waves, rank)
        for groupe, waves in _waves(answers).items()
        for rank, wave in enumerate(waves)
    }
    table, columns = answers.waves.reset_index(drop=True), ["answered", "rate", "linked", "once", "without_code"]
    told = [rows[row["groupe"], row["vague"]] for row in table.to_dict("records")]
    table = table.join(pd.DataFrame(told, columns=columns).astype("Int64"))
    return table.assign(rate=table["answered"] / table["invites"])


def _took_part(waves: Sequence[_Wave], rank: int) -> dict[str, int | None]:
    wave, others = waves[rank], [one for one in waves if one is not waves[rank]]
    codes = wave.codes[wave.codes.notna()]
    elsewhere = [code for one in others for code in one.codes]
    return {
        "answered": len(wave.places),
        "linked": int(codes.isin(waves[rank - 1].codes).sum()) if rank else None,
        "once": int((~codes.isin(elsewhere)).sum()),
        "without_code": len(wave.places) - len(codes),
    }
