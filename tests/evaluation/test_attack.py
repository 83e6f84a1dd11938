"""Hidden counts, attacked with a solver from all that two editions print of a question asked twice.

The attacker holds the mayor's edition and the public one, knows how many people answered each time, and (every other
study) how many in each school. He does not hold the library: what he knows is written here, from what is released.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

from pupitre.data.answers import Answers, scales
from pupitre.evaluation import anonymity
from pupitre.evaluation.anonymity import OTHERS, PILOTS, UNTOLD, Grid, Moves, Released, Span, merge, release
from pupitre.evaluation.opinions import Opinion, opinions

STRESS = os.environ.get("HYPOTHESIS_PROFILE") == "stress"
SEEDS = range(10_000 if STRESS else 200)
SCALES = {key: scale for key, scale in scales().items() if scale.steps}
SLACK = 1e-6  # the solver's
SIDES = (OTHERS, PILOTS, UNTOLD)
Vector = npt.NDArray[np.float64]
Told = tuple[Opinion, ...]


@dataclass(frozen=True)
class Survey:
    """A question asked twice.

    people: how many by school (the last one: not told), step in the first wave, step in the second (0: no answer, or
    not known to be the same person). answers: the same, as the library reads it.
    """

    people: npt.NDArray[np.int64]
    names: list[str]
    pilots: frozenset[str]
    answers: Answers

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """How many answered, by wave and school."""
        return np.array([self.people[:, 1:].sum(axis=(1, 2)), self.people[:, :, 1:].sum(axis=(1, 2))])


@dataclass(frozen=True)
class Facts:
    """What is known of the hidden counts: sums that equal a number, sums that reach one."""

    equal: tuple[tuple[Vector, int], ...]
    reach: tuple[tuple[Vector, int], ...] = ()

    def __add__(self, other: Facts) -> Facts:
        """Both."""
        return Facts(self.equal + other.equal, self.reach + other.reach)


# Surveys, drawn from a seed.


def survey(seed: int) -> Survey:
    """One to six schools of 1 to 60 people, who agree or not, come back or not, with a code or not."""
    rng = np.random.default_rng(seed)
    scale = str(rng.choice(list(SCALES)))
    count = len(SCALES[scale].steps)
    names = [f"0130{rank:03d}A" for rank in range(rng.integers(1, 7))]
    sizes = rng.integers(1, rng.choice([4, 13, 61]), len(names))
    schools = np.repeat(np.arange(len(names)), sizes)
    schools[rng.random(len(schools)) < rng.choice([0, 0, 0.1, 0.4])] = len(names)
    before = rng.choice(count, len(schools), p=opinion_of(rng, count)) + 1
    moved = rng.random(len(schools)) < rng.choice([0, 0.3, 0.8])
    after = np.where(moved, rng.choice(count, len(schools), p=opinion_of(rng, count)) + 1, before)
    gone(rng, before, after)
    for steps in (before, after):
        steps[rng.random(len(steps)) < rng.choice([0, 0, 0.1])] = 0
    coded = rng.random(len(schools)) < rng.choice([0, 0.7, 1, 1])
    pilots = frozenset(name for name in names if rng.random() < 0.5)
    return written(names, schools, np.array([before, after]), coded, scale, pilots)


def opinion_of(rng: np.random.Generator, count: int) -> Vector:
    """How likely each step is: even, uneven, or one nearly sure."""
    return rng.dirichlet(np.full(count, rng.choice([100, 100, 1, 0.2, 0.02])) + 1e-3)


def gone(rng: np.random.Generator, before: npt.NDArray[np.int64], after: npt.NDArray[np.int64]) -> None:
    """All stay, or one person comes, or one leaves, or many do both."""
    how = rng.choice(["stay", "comes", "leaves", "many", "many"])
    if how == "comes":
        before[rng.integers(len(before))] = 0
    if how == "leaves":
        after[rng.integers(len(after))] = 0
    if how == "many":
        before[rng.random(len(before)) < rng.random() / 2] = 0
        after[rng.random(len(after)) < rng.random() / 2] = 0


def written(
    names: list[str],
    schools: npt.NDArray[np.int64],
    steps: npt.NDArray[np.int64],
    coded: npt.NDArray[np.bool_],
    scale: str,
    pilots: frozenset[str] = frozenset(),
) -> Survey:
    """The survey of these people: school (a rank, the last: not told), step in each wave, a code or not."""
    count = len(SCALES[scale].steps)
    shape = (len(names) + 1, count + 1, count + 1)
    once, people = np.zeros_like(schools), np.zeros(shape, dtype=np.int64)
    for chosen, *told in [(coded, *steps), (~coded, steps[0], once), (~coded, once, steps[1])]:
        np.add.at(people, (schools[chosen], *(wave[chosen] for wave in told)), 1)
    people[:, 0, 0] = 0
    table = pd.DataFrame({"vague": np.repeat(["0", "1"], len(schools)), "groupe": "eleves"})
    table["uai"] = np.tile(np.array([*names, None], dtype=object)[schools], 2)
    table["code"] = np.tile(np.where(coded, np.arange(len(schools)).astype(str), None), 2)
    table["Q"] = steps.ravel().astype("int8")
    questions = pd.DataFrame({"intitule": "?", "groupe": "eleves", "echelle": scale, "perimetre": "usages"}, ["Q"])
    waves = pd.DataFrame({"vague": ["0", "1"], "groupe": "eleves", "le": [date(2025, 6, 1), date(2026, 6, 1)]})
    waves["invites"] = pd.array([None, None], "Int64")
    return Survey(people, names, pilots, Answers(questions, waves, table.iloc[:, :4], table[["Q"]], {}, {}))


# What is printed, in terms of what is hidden.


def sum_of(survey: Survey, wave: int, steps: Iterable[int], schools: Sequence[int] | None = None) -> Vector:
    """The people of these schools (all) who gave one of these steps in a wave."""
    chosen = np.zeros(survey.people.shape)
    rows = range(len(chosen)) if schools is None else schools
    every = range(chosen.shape[1])
    chosen[np.ix_(rows, *((list(steps), every) if wave == 0 else (every, list(steps))))] = 1
    return chosen.ravel()


def linked(survey: Survey, keep: Callable[..., Any]) -> Vector:
    """The people linked whose two steps are so."""
    _, was, now = np.indices(survey.people.shape)
    return ((was > 0) & (now > 0) & keep(was, now)).astype(float).ravel()


MOVES: dict[str, Callable[..., Any]] = {
    "any": lambda was, now: was > 0,
    "rose": np.less,
    "fell": np.greater,
    "same": np.equal,
}


def sizes_known(survey: Survey, by_school: bool) -> Facts:
    """How many answered each time, in each school or in all."""
    every, schools = range(1, survey.people.shape[1]), range(len(survey.people))
    whole = [(sum_of(survey, wave, every), int(sizes.sum())) for wave, sizes in enumerate(survey.sizes)]
    each = [(sum_of(survey, wave, every, [one]), int(survey.sizes[wave, one])) for wave in (0, 1) for one in schools]
    return Facts(tuple(whole + each * by_school))


def printed(survey: Survey, told: Told) -> Facts:
    """What an edition prints of the two waves."""
    facts = Facts(())
    for wave, opinion in enumerate(told):
        if opinion.released:
            facts += printed_of(survey, wave, opinion.released)
        if opinion.change:
            facts += Facts(((linked(survey, MOVES["any"]), opinion.change.pairs),))
            facts += printed_moves(survey, opinion.change.moves)
    return facts


def printed_moves(survey: Survey, moves: Moves | None) -> Facts:
    """How many rose, fell, stayed."""
    return Facts(tuple((linked(survey, MOVES[key]), value) for key, value in moves._asdict().items()) if moves else ())


def printed_of(survey: Survey, wave: int, table: Released) -> Facts:
    """What a released table says: a sum for each category, a bound, sums by school and by side."""
    steps = [range(first, last + 1) for first, last in table.spans]
    equal = [(sum_of(survey, wave, span), count) for span, count in zip(steps, table.counts, strict=True)]
    for grid in filter(None, (table.schools, table.sides)):
        equal += printed_rows(survey, wave, grid)
    if table.at_least is None:
        return Facts(tuple(equal))
    (first, last), count = table.at_least
    return Facts(tuple(equal), ((sum_of(survey, wave, range(first, last + 1)), count),))


def printed_rows(survey: Survey, wave: int, grid: Grid) -> list[tuple[Vector, int]]:
    """A sum for each row and category."""
    return [
        (sum_of(survey, wave, range(first, last + 1), row_of(survey, name)), count)
        for name, row in grid.rows.items()
        for (first, last), count in zip(grid.spans, row, strict=True)
    ]


def row_of(survey: Survey, name: str) -> list[int]:
    """The schools of a row."""
    sides = {name: PILOTS if name in survey.pilots else OTHERS for name in survey.names}
    if name == UNTOLD:
        return [len(survey.names)]
    return [rank for rank, school in enumerate(survey.names) if name in (school, sides[school])]


def editions(survey: Survey) -> tuple[Told, Told]:
    """The internal edition, the public one."""
    internal, public = (opinions(survey.answers, edition, survey.pilots) for edition in ("maire", "public"))
    return internal, public


# The attack.


class Solver:
    """The least and the greatest values of sums of hidden counts, given facts; solutions found on the way are kept."""

    def __init__(self, survey: Survey, facts: Facts, drawn: int = 4) -> None:
        """Some solutions at random already show that most counts are not determined."""
        self.equal, self.values = csr_array([vector for vector, _ in facts.equal]), [value for _, value in facts.equal]
        self.reach = -csr_array([vector for vector, _ in facts.reach]) if facts.reach else None
        self.least = [-value for _, value in facts.reach] if facts.reach else None
        ceiling = np.full(survey.people.shape, np.inf)
        ceiling[:, 0, 0] = 0
        self.bounds = np.stack([np.zeros(ceiling.size), ceiling.ravel()], axis=1)
        rng = np.random.default_rng(0)
        self.points = [self.solve(rng.normal(size=ceiling.size) + 1.5) for _ in range(drawn)]

    def solve(self, cost: Vector) -> Vector:
        """Hidden counts that fit the facts at the least cost."""
        found = linprog(
            cost,
            self.reach,
            self.least,
            self.equal,
            self.values,
            self.bounds,
            method="highs",
            options={"presolve": False},
        )
        assert found.status == 0, found.message
        return np.asarray(found.x)

    def possible(self, target: Vector, enough: float = np.inf) -> tuple[int, int]:
        """The least and the greatest whole values of a sum; any that are so many apart will do, when there are."""
        for sign in (1, -1):
            low, high = self.seen(target)
            if high - low + 1 < enough:
                self.points.append(self.solve(sign * target))
        return self.seen(target)

    def seen(self, target: Vector) -> tuple[int, int]:
        """The same, among the solutions found so far."""
        values = np.array(self.points) @ target
        return int(np.ceil(values.min() - SLACK)), int(np.floor(values.max() + SLACK))


@dataclass(frozen=True)
class Hidden:
    """A count that nobody shall find: `part` of the people in `whole`; it must keep so many possible values."""

    part: Vector
    whole: Vector
    values: int


def hidden(survey: Survey, facts: Facts, by_school: bool, values: int) -> list[Hidden]:
    """The counts to attack, but those printed as they are (a side may have one school that answered).

    Each step of each wave, in all and by school; the steps of people seen once, when others were seen twice; how many
    rose, fell, stayed. Where the attacker knows how many answered in a school, two values.
    """
    found, paired = [], linked(survey, MOVES["any"])
    some_linked = bool(paired @ survey.people.ravel())
    for wave, sizes in enumerate(survey.sizes):
        every, once = range(1, survey.people.shape[1]), 1 - paired
        whole = sum_of(survey, wave, every)
        for step in every:
            part = sum_of(survey, wave, [step])
            found += [Hidden(part, whole, values)] + [Hidden(part * once, whole * once, 2)] * some_linked
            found += [
                Hidden(
                    sum_of(survey, wave, [step], [school]),
                    sum_of(survey, wave, every, [school]),
                    2 if by_school else values,
                )
                for school, size in enumerate(sizes)
                if 0 < size < sizes.sum()
            ]
    found += [Hidden(linked(survey, MOVES[key]), paired, 2) for key in Moves._fields]
    nobody = [np.isin(np.indices(survey.people.shape)[0], np.flatnonzero(sizes == 0)) for sizes in survey.sizes]
    seen = [np.indices(survey.people.shape)[wave] > 0 for wave in (1, 2)]
    there = ~(by_school & (nobody[0] & seen[0] | nobody[1] & seen[1])).ravel()
    shown = {(vector * there).tobytes() for vector, _ in facts.equal}
    return [one for one in found if (one.part * there).tobytes() not in shown]


@dataclass
class Tally:
    """How the attack went: counts attacked, recovered (one value left), and too narrow (fewer values than asked)."""

    studies: int = 0
    attacked: int = 0
    recovered: int = 0
    narrow: int = 0


def attack(survey: Survey, facts: Facts, by_school: bool, values: int, tally: Tally) -> None:
    """Look for each hidden count; the truth is always possible."""
    facts = sizes_known(survey, by_school) + facts
    solver, truth = Solver(survey, facts), survey.people.ravel()
    assert all(vector @ truth == value for vector, value in facts.equal)
    assert all(vector @ truth >= value for vector, value in facts.reach)
    for one in hidden(survey, facts, by_school, values):
        low, high = solver.possible(one.part, one.values)
        if high - low + 1 < one.values:
            _, people = solver.possible(one.whole)
            tally.recovered += low == high and people > 0
            tally.narrow += high - low < min(one.values - 1, people)
        tally.attacked += 1
    tally.studies += 1


def attacked(facts_of: Callable[[Survey], Facts | None], seeds: Iterable[int]) -> Tally:
    """The attack of these studies, given what is printed of each (None: leave it); the odd ones, with school sizes."""
    tally = Tally()
    for seed in seeds:
        one = survey(seed)
        if facts := facts_of(one):
            attack(one, facts, bool(seed % 2), anonymity.THRESHOLDS["maire"], tally)
    return tally


def both(survey: Survey) -> Facts:
    """The two editions, side by side."""
    internal, public = editions(survey)
    return printed(survey, internal) + printed(survey, public)


# What it finds.


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str, Tally], None]:
    """Print a line of results."""

    def _say(what: str, tally: Tally) -> None:
        with capsys.disabled():
            counts = f"{tally.attacked} hidden counts, {tally.recovered} recovered, {tally.narrow} too narrow"
            print(f"\n{what}: {tally.studies} studies, {counts}")

    return _say


Say = Callable[[str, Tally], None]


def test_nothing_is_recovered_from_both_editions(say: Say) -> None:
    """Nor does any count keep fewer than five possible values, as far as people in it allow."""
    tally = attacked(both, SEEDS)
    say("both editions", tally)

    assert (tally.recovered, tally.narrow) == (0, 0)
    assert tally.attacked > 30 * len(SEEDS)


def test_the_public_edition_alone_leaves_eleven_values(say: Say) -> None:
    """Whoever answered, at commune level and in a school."""
    tally = Tally()
    for seed in SEEDS[::20]:
        one = survey(seed)
        attack(one, printed(one, editions(one)[1]), False, anonymity.THRESHOLDS["public"], tally)
    say("public edition", tally)

    assert (tally.recovered, tally.narrow) == (0, 0)


def without_thresholds(survey: Survey) -> Facts:
    """Any count is printed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anonymity, "THRESHOLDS", {"maire": 1, "public": 1})
        return both(survey)


def without_nesting(survey: Survey) -> Facts | None:
    """The public table is cut on its own; where the internal one is cut there too, nothing changes."""
    internal, _ = editions(survey)
    apart = [merge(single_steps(survey, wave, one.released), 11) for wave, one in enumerate(internal) if one.released]
    tables = [one.released for one in internal if one.released]
    if all(nested(table.spans, one.spans) for one, table in zip(tables, apart, strict=True) if table):
        return None
    facts = printed(survey, internal)
    for wave, table in enumerate(apart):
        facts += printed_of(survey, wave, table) if table else Facts(())
    return facts


def nested(coarse: tuple[Span, ...], fine: tuple[Span, ...]) -> bool:
    """Whether each cut of the first is a cut of the second."""
    return {first for first, _ in coarse} <= {first for first, _ in fine}


def single_steps(survey: Survey, wave: int, table: Released) -> Released:
    """The counts of all steps."""
    counts = [count_of(survey, sum_of(survey, wave, [step])) for step in range(1, survey.people.shape[1])]
    return Released(
        table.answers, table.first_good, tuple((step, step) for step in range(1, len(counts) + 1)), tuple(counts)
    )


def count_of(survey: Survey, part: Vector) -> int:
    """How many people there really are."""
    return int(part @ survey.people.ravel())


def cell_by_cell(survey: Survey) -> Facts:
    """Each cell of a table by school is printed when it is large enough, whatever the others are."""
    facts = both(survey)
    for wave, table in enumerate(one.released for one in editions(survey)[0]):
        for (first, last), school in product(table.spans if table else (), range(len(survey.people))):
            cell = sum_of(survey, wave, range(first, last + 1), [school])
            if (count := count_of(survey, cell)) >= 5:
                facts += Facts(((cell, count),))
    return facts


def all_moves(survey: Survey) -> Facts | None:
    """How many rose, fell, stayed, however few; where nobody came or left, nobody is found."""
    seen = [count_of(survey, linked(survey, MOVES["any"])), *survey.sizes.sum(axis=1)]
    if not 0 < seen[0] < max(seen):
        return None
    moves = Moves(*(count_of(survey, linked(survey, MOVES[key])) for key in Moves._fields))
    return both(survey) + printed_moves(survey, moves)


OFF: dict[Callable[[Survey], Facts | None], range] = {
    without_thresholds: SEEDS[::20],
    without_nesting: SEEDS,
    cell_by_cell: SEEDS[::10],
    all_moves: SEEDS[::8],
}


@pytest.mark.parametrize("facts_of", OFF, ids=lambda one: one.__name__)
def test_without_protection_counts_are_recovered(facts_of: Callable[[Survey], Facts | None], say: Say) -> None:
    """The same attack, of the same studies, succeeds: what it does not find is hidden by the rules, not from it."""
    tally = attacked(facts_of, OFF[facts_of])
    say(facts_of.__name__.replace("_", " "), tally)

    assert tally.recovered > 0


def test_a_newcomer_would_be_found_from_moves_that_are_all_large_enough() -> None:
    """All else being linked, favourable answers are those who rose, less those who fell, and the one who came."""
    moves = {"rose": 10, "fell": 6, "same": 18}
    before, after = (np.repeat(one, [*moves.values(), 1]) for one in ([1, 2, 1, 0], [2, 1, 1, 2]))
    one = written(["A"], np.zeros(35, dtype=np.int64), np.array([before, after]), np.full(35, True), "oui_non")
    facts = sizes_known(one, True) + both(one)
    newcomer = sum_of(one, 1, [2]) * (1 - linked(one, MOVES["any"]))

    assert Solver(one, facts).possible(newcomer) == (0, 1)
    assert Solver(one, facts + printed_moves(one, Moves(**moves))).possible(newcomer) == (1, 1)


def test_sides_cut_apart_from_schools_would_give_the_steps_between() -> None:
    """The five of those whose school is not told who gave step 1, taken from the seven who gave 1 or 2, leave two."""
    school, untold = [5, 3, 2, 1], [5, 2, 3, 3]  # schools are cut 1 | 2-4; the sides, alone, 1-2 | 3-4
    names, count = [f"0130{rank:03d}A" for rank in range(6)], sum(school)
    ranks = np.append(np.repeat(np.arange(6), count), np.full(sum(untold), 6))
    steps = np.append(np.tile(np.repeat([1, 2, 3, 4], school), 6), np.repeat([1, 2, 3, 4], untold))
    asked = np.array([steps, np.zeros_like(steps)])
    one = written(names, ranks, asked, np.full(len(ranks), False), "accord", frozenset(names[:3]))
    table = editions(one)[0][0].released
    assert table is not None
    assert table.schools is not None
    assert table.sides is not None
    assert table.schools.spans == table.sides.spans == ((1, 1), (2, 4))

    rows = {name: [count_of(one, sum_of(one, 0, [step], row_of(one, name))) for step in range(1, 5)] for name in SIDES}
    apart = release(pd.DataFrame(rows).T, table.first_good, "maire", frozenset())
    assert apart is not None
    assert apart.schools is not None
    facts, hidden_count = sizes_known(one, False) + both(one), sum_of(one, 0, [2], [6])
    low, high = Solver(one, facts).possible(hidden_count)
    assert high - low >= 4
    facts += Facts(tuple(printed_rows(one, 0, apart.schools)))
    assert Solver(one, facts).possible(hidden_count) == (2, 2)


# The solver itself.


def placements(rows: Vector, left: Vector, rank: int = 0) -> Iterator[list[int]]:
    """All whole counts whose sums are these; each row of 0 and 1 says which counts make a sum."""
    if rank == rows.shape[1]:
        yield from [[]] * (not left.any())
        return
    concerned = rows[:, rank]
    for count in range(int(left[concerned > 0].min()) + 1):
        yield from ([count, *others] for others in placements(rows, left - count * concerned, rank + 1))


@pytest.mark.parametrize(
    ("schools", "steps"),
    [
        ([0, 0, 0, 1, 1], [[1, 2, 2, 1, 2], [0, 0, 0, 0, 0]]),
        ([0, 0, 0, 0, 0], [[1, 1, 2, 2, 2], [2, 1, 2, 1, 1]]),
        ([0, 0, 0, 0, 0], [[1, 1, 2, 2, 0], [2, 0, 2, 1, 1]]),
        ([0, 0, 1, 1, 1], [[1, 2, 2, 1, 0], [2, 2, 1, 0, 1]]),
    ],
)
def test_bounds_are_those_of_enumeration(schools: list[int], steps: list[list[int]]) -> None:
    """All ways to place so few people are tried: the least and the greatest that fit are the solver's."""
    people = np.array(schools), np.array(steps), np.full(len(schools), True)
    one = written([str(name) for name in sorted(set(schools))], *people, "oui_non")
    parts = [sum_of(one, 0, [1]), sum_of(one, 1, [1]), linked(one, MOVES["any"])]
    facts = sizes_known(one, True) + Facts(tuple((part, count_of(one, part)) for part in parts))
    rows, sums = (np.array(side, dtype=np.float64) for side in zip(*facts.equal, strict=True))
    concerned = rows.any(axis=0)
    ways = np.array(list(placements(rows[:, concerned], sums)))

    solver, targets = Solver(one, facts), hidden(one, facts, True, 5)
    assert len(ways) > 1
    assert len(targets) > 4
    for target in targets:
        found = ways @ target.part[concerned]
        assert solver.possible(target.part) == (found.min(), found.max())
