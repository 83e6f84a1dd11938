"""What may be printed of answers, and of amounts, so that nobody finds again what one person or one firm did.

Belongs: the thresholds, and the tables released. Whatever an edition says of a survey is computed from these tables
alone. Does not: statistics (`statistics`), which table answers which question (`opinions`).

The rules, each held by the solver-based attack of the tests:

- One table by question and wave. Adjacent steps are merged until each printed category holds the threshold; an empty
  one too, since a printed nought says that nobody answered it. The cut between unfavourable and favourable answers is
  kept when both sides hold the threshold; else one side is nearly everybody, and is told by a bound (`at_least`).
- The public table merges the internal one: two tables cut at different steps would give the step between them.
- Rows are internal, whole or not at all: one cell left out would be found by difference. Schools are told on a merge of
  the internal table; the two sides of a pilot on that of the schools when it is printed, for the same people stand in
  both.
- How many rose and fell is internal or public as the tables are, and hidden when those who answered only once could be
  found by difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pupitre.errors import UsageError
from pupitre.formats import echo

THRESHOLDS = {"maire": 5, "public": 11}  # INSEE's habit, and its rule for natural persons: at least so many
FEWEST_OF_A_SIDE = 3  # schools: fewer would be judged by the row of their side, or found by moving one across
FEWEST_SUPPLIERS, MOST_OF_ONE = 3, 0.85  # INSEE's rules for firms
PILOTS, OTHERS, UNTOLD = "pilotes", "autres", ""
Span = tuple[int, int]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """Answers by row: `spans`, the first and last step (from 1) of each category; `rows`: name → counts, same order.

    A row is a code UAI, or `PILOTS` and `OTHERS`; people whose school is not told are the row `UNTOLD`, last.
    """

    spans: tuple[Span, ...]
    rows: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Released:
    """What an edition may print of the answers to one question in one wave.

    answers: how many. first_good: the lowest favourable step. spans: the first and last step (from 1) of each printed
    category; one alone, of all steps, says nothing but the number of answers. counts: people in each. at_least: when
    the spans do not part unfavourable from favourable answers, the side that nearly all chose, a number it reaches.
    schools, sides: the same answers by school, and in pilot schools and others; None when any cell would be too small.
    """

    answers: int
    first_good: int
    spans: tuple[Span, ...]
    counts: tuple[int, ...]
    at_least: tuple[Span, int] | None = None
    schools: Grid | None = None
    sides: Grid | None = None

    @property
    def good(self) -> int | None:
        """How many answers are favourable; None when the printed categories do not say it."""
        return favourable(self.spans, self.counts, self.first_good)


class Moves(NamedTuple):
    """People who answered twice: how many gave a higher step the second time, a lower one, the same one."""

    rose: int
    fell: int
    same: int


class Amounts(NamedTuple):
    """What may be printed of amounts, in euros: their total, and by kind; None and empty when a firm would be seen."""

    total: float | None
    by_kind: Mapping[str, float]


def favourable(spans: tuple[Span, ...], counts: tuple[int, ...], first_good: int) -> int | None:
    """How many of the counts are favourable answers; None when a span holds both kinds.

    >>> favourable(((1, 2), (3, 4)), (6, 9), 3), favourable(((1, 3), (4, 4)), (6, 9), 3)
    (9, None)
    """
    if first_good not in {first for first, _ in spans}:
        return None
    return sum(count for (first, _), count in zip(spans, counts, strict=True) if first >= first_good)


def merge(table: Released, threshold: int) -> Released | None:
    """The table whose categories all hold the threshold, cut as finely as they allow; None under so many answers.

    >>> merge(Released(17, 3, ((1, 1), (2, 2), (3, 3), (4, 4)), (1, 4, 5, 7)), 5).counts
    (5, 5, 7)
    >>> merge(Released(12, 2, ((1, 1), (2, 2)), (0, 12)), 5)
    Released(answers=12, first_good=2, spans=((1, 2),), counts=(12,), at_least=((2, 2), 8), schools=None, sides=None)
    """
    if table.answers < threshold:
        return None
    spans, counts = _merged(np.array([table.counts]), table.spans, table.first_good, threshold)
    merged = Released(table.answers, table.first_good, spans, tuple(counts[0].tolist()))
    return replace(merged, at_least=_at_least(table, merged, threshold))


def _merged(cells: Counts, spans: tuple[Span, ...], first_good: int, threshold: int) -> tuple[tuple[Span, ...], Counts]:
    """The columns merged so that each row holds the threshold in each: as many as can be, from the left.

    One column may be all there is, however few; the cut of favourable answers comes first when it holds.
    """

    def enough(start: int, stop: int) -> bool:
        return bool(cells[:, start:stop].sum(axis=1).min() >= threshold)

    last = len(spans)
    cut = next((rank for rank, (first, _) in enumerate(spans) if first == first_good), 0)
    edges = [0]
    for stop in [cut, last] if cut and enough(0, cut) and enough(cut, last) else [last]:
        for end in range(edges[-1] + 1, stop):
            if enough(edges[-1], end) and enough(end, stop):
                edges.append(end)
        edges.append(stop)
    merged = tuple((spans[start][0], spans[stop - 1][1]) for start, stop in pairwise(edges))
    return merged, np.add.reduceat(cells, edges[:-1], axis=1)


def _at_least(table: Released, merged: Released, threshold: int) -> tuple[Span, int] | None:
    """Which side nearly all chose: the other one then holds 0 to threshold - 1 people, as many possible values."""
    low, high = (1, table.first_good - 1), (table.first_good, table.spans[-1][1])
    if table.good is None:
        side = table.at_least[0] if table.at_least else None
    else:
        side = high if 2 * table.good > table.answers else low
    told = merged.good is None and table.answers >= 2 * threshold and side
    return (told, table.answers - threshold + 1) if told else None


def release(tallies: pd.DataFrame, first_good: int, edition: str, pilots: frozenset[str]) -> Released | None:
    """What an edition may print of the answers to a question; None when there are too few.

    `tallies`: how many people by school (index: UAI, or `UNTOLD`) and step (columns, in order). `first_good`: the
    lowest favourable step. `pilots`: the schools that try something first.
    """
    cells = tallies.to_numpy(dtype=np.int64)
    singles = tuple((step, step) for step in range(1, cells.shape[1] + 1))
    everything = Released(int(cells.sum()), first_good, singles, tuple(cells.sum(axis=0).tolist()))
    internal = merge(everything, THRESHOLDS["maire"])
    if internal is None or edition != "maire":
        return internal and merge(internal, THRESHOLDS[edition])
    sides = tallies.index.map(lambda uai: uai and (PILOTS if uai in pilots else OTHERS))
    schools = _grid(tallies, internal.spans, first_good)
    answered = list(sides[tallies.sum(axis=1) > 0])
    several = min(answered.count(side) for side in (PILOTS, OTHERS)) >= FEWEST_OF_A_SIDE
    by_side = _grid(tallies.groupby(sides).sum(), schools.spans if schools else internal.spans, first_good)
    by_side = by_side if several else None
    return replace(internal, schools=schools, sides=by_side)


def _grid(tallies: pd.DataFrame, spans: tuple[Span, ...], first_good: int) -> Grid | None:
    """Rows that answered, by name, `UNTOLD` last; None unless two are named and every cell holds the threshold."""
    rows = tallies[tallies.sum(axis=1) > 0].sort_index()
    names = [str(name) for name in rows.index]
    if len(set(names) - {UNTOLD}) < 2:
        return None
    cells = np.add.reduceat(rows.to_numpy(dtype=np.int64), [first - 1 for first, _ in spans], axis=1)
    merged, counts = _merged(cells, spans, first_good, THRESHOLDS["maire"])
    told = dict(zip(names, map(tuple, counts.tolist()), strict=True))
    return Grid(merged, dict(sorted(told.items(), key=lambda row: row[0] == UNTOLD))) if len(merged) > 1 else None


def release_moves(
    moves: Counts, before: Released | None, after: Released | None, edition: str, steps: int
) -> Moves | None:
    """How many of the people linked rose, fell, stayed; None when one is too few, or would tell of those not linked.

    `moves`: the step after less the step before, of each person linked; `before`, `after`: what the edition prints of
    the two waves; `steps`: how many the scale has. The favourable answers gained are the moves, which would be printed,
    and the answers of people seen once, which shall not follow from them.

    >>> before, after = (Released(40, 2, ((1, 1), (2, 2)), counts) for counts in ((25, 15), (15, 25)))
    >>> release_moves(np.repeat([1, -1, 0], [16, 6, 18]), before, after, "maire", 2)
    Moves(rose=16, fell=6, same=18)
    >>> release_moves(np.repeat([1, -1, 0], [16, 6, 17]), before, after, "maire", 2)  # one person left, one came
    """
    threshold = THRESHOLDS[edition]
    told = Moves(int((moves > 0).sum()), int((moves < 0).sum()), int((moves == 0).sum()))
    if before is None or after is None or before.good is None or after.good is None or min(told) < threshold:
        return None
    left, came = before.answers - len(moves), after.answers - len(moves)
    stayed = min(before.answers - before.good - told.rose, before.good - told.fell) - left
    if steps == 2 and stayed < threshold:
        return None
    least, most = (told.rose - told.fell,) * 2 if steps == 2 else (-told.fell, told.rose)
    gained = after.good - before.good
    return told if _hidden(left, came, gained - most, gained - least, threshold) else None


def _hidden(left: int, came: int, least: int, most: int, threshold: int) -> bool:
    """Whether the favourable answers of the people who left, then of those who came, may still take enough values.

    The second less the first is known to be `least` to `most`; each is 0 to all of them.
    """
    firsts = min(left, came - least) - max(0, -most) + 1
    seconds = min(came, left + most) - max(0, least) + 1
    return all(not people or values >= threshold for people, values in ((left, firsts), (came, seconds)))


def release_amounts(amounts: pd.DataFrame) -> Amounts:
    """The totals of amounts by kind (index) and supplier (columns), in euros; 0 or NA where nothing was paid.

    Each printed total counts at least three suppliers, none above 85 % of it. By kind all totals are printed or none:
    one left out would be found by difference. Kinds without an amount are not there. Raises UsageError below zero.

    >>> release_amounts(pd.DataFrame({"A": [50.0, 9], "B": [30.0, 0], "C": [20.0, 1]}, ["écrans", "câbles"]))
    Amounts(total=110.0, by_kind={})
    """
    paid = amounts.fillna(0).astype(float)
    for value in paid.to_numpy()[paid.to_numpy() < 0]:
        raise UsageError(f"Montant « {echo(value)} » : on attend un montant positif.")
    paid = paid.groupby(level=0).sum().T.groupby(level=0).sum().T
    kinds = paid[paid.sum(axis=1) > 0]
    whole = kinds.sum()
    total = float(whole.sum()) if _many(whole) else None
    told = all(_many(row) for _, row in kinds.iterrows())
    return Amounts(total, {str(kind): float(value) for kind, value in kinds.sum(axis=1).items()} if told else {})


def _many(amounts: pd.Series[float]) -> bool:
    """Enough suppliers, none of which is nearly the whole."""
    return bool((amounts > 0).sum() >= FEWEST_SUPPLIERS and amounts.max() <= MOST_OF_ONE * amounts.sum())
