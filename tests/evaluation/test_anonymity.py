"""What may be printed: whole tables of large enough categories, the public one cut where the internal one is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.errors import UsageError
from pupitre.evaluation import anonymity
from pupitre.evaluation.anonymity import (
    OTHERS,
    PILOTS,
    THRESHOLDS,
    UNTOLD,
    Amounts,
    Grid,
    Moves,
    Released,
    Span,
    merge,
    release,
    release_amounts,
    release_moves,
)

Rows = dict[str, list[int]]
TABLES = st.integers(2, 6).flatmap(
    lambda steps: st.dictionaries(
        st.sampled_from([UNTOLD, "0130001A", "0130002B", "0130003C"]),
        st.lists(st.integers(0, 14), min_size=steps, max_size=steps),
        min_size=1,
    )
)
FIRST_PILOT = frozenset({"0130001A"})


def tallies(rows: Rows | list[int]) -> pd.DataFrame:
    """People by school and step; one row is one school."""
    told = rows if isinstance(rows, dict) else {"0130001A": rows}
    return pd.DataFrame(told, index=range(1, len(next(iter(told.values()))) + 1)).T


def internal(rows: Rows | list[int], first_good: int = 3, pilots: frozenset[str] = frozenset()) -> Released | None:
    """What the mayor reads."""
    return release(tallies(rows), first_good, "maire", pilots)


def public(rows: Rows | list[int], first_good: int = 3) -> Released | None:
    """What the inhabitants read."""
    return release(tallies(rows), first_good, "public", frozenset())


def cuts(spans: tuple[Span, ...]) -> set[int]:
    """The steps at which a category begins."""
    return {first for first, _ in spans}


# One table.


@pytest.mark.parametrize(
    ("counts", "spans", "printed"),
    [
        ([5, 5, 5, 5], ((1, 1), (2, 2), (3, 3), (4, 4)), (5, 5, 5, 5)),
        ([4, 5, 5, 5], ((1, 2), (3, 3), (4, 4)), (9, 5, 5)),
        ([5, 4, 5, 5], ((1, 2), (3, 3), (4, 4)), (9, 5, 5)),  # 4 alone would be small: both sides of a cut count
        ([9, 0, 4, 6], ((1, 2), (3, 4)), (9, 10)),  # a printed nought would say that nobody chose step 2
        ([1, 4, 8, 0], ((1, 2), (3, 4)), (5, 8)),
        ([2, 1, 6, 9], ((1, 3), (4, 4)), (9, 9)),  # 3 unfavourable: the favourable cut cannot stand, another can
    ],
)
def test_steps_are_merged_until_each_category_holds_five(
    counts: list[int], spans: tuple[Span, ...], printed: tuple[int, ...]
) -> None:
    """As finely as can be, the cut of favourable answers first."""
    table = internal(counts)

    assert table is not None
    assert (table.spans, table.counts, table.answers) == (spans, printed, sum(counts))


def test_the_favourable_cut_comes_before_a_finer_table() -> None:
    """From the left, 1-1 and 2-3 and 4-4 would be three categories: the two sides are printed, then subdivided."""
    table = internal([5, 3, 3, 5])

    assert table is not None
    assert table.spans == ((1, 2), (3, 4))
    assert table.good == 8


def test_under_the_threshold_nothing_is_said() -> None:
    """4 answers in the mayor's edition, 10 in the public one."""
    assert internal([1, 1, 1, 1]) is None
    assert internal([1, 1, 1, 2]) is not None
    assert public([0, 0, 5, 5]) is None
    assert public([0, 0, 5, 6]) is not None


@pytest.mark.parametrize(
    ("counts", "bound"),
    [
        ([0, 0, 0, 12], ((3, 4), 8)),  # 12 - 4
        ([4, 0, 0, 12], ((3, 4), 12)),  # 16 - 4: it is true, whoever of the four
        ([12, 0, 0, 1], ((1, 2), 9)),
        ([0, 0, 0, 10], ((3, 4), 6)),
        ([0, 0, 0, 9], None),  # « at least 5 of 9 » would say that nearly all others are hidden too
        ([5, 0, 0, 5], None),  # the table says it
        ([2, 1, 6, 9], ((3, 4), 14)),  # a table cut elsewhere, and the bound: 18 - 4
    ],
)
def test_unanimity_is_a_bound(counts: list[int], bound: tuple[Span, int] | None) -> None:
    """When one side nearly all chose, the rest may be none to four: five values."""
    table = internal(counts)

    assert table is not None
    assert table.at_least == bound


def test_a_table_of_one_category_says_how_many_answered() -> None:
    """Nothing more."""
    assert internal([0, 0, 0, 7]) == Released(7, 3, ((1, 4),), (7,))


def test_the_public_table_merges_the_internal_one() -> None:
    """1-2 | 3-4 | 5-6 hold 10, 6, 11. Alone, it would be cut after step 3 (4 + 6 + 1), and step 3 found: 11 - 10."""
    mayor, inhabitants = internal([4, 6, 1, 5, 2, 9], 7), public([4, 6, 1, 5, 2, 9], 7)

    assert mayor is not None
    assert inhabitants is not None
    assert (mayor.spans, mayor.counts) == (((1, 2), (3, 4), (5, 6)), (10, 6, 11))
    assert (inhabitants.spans, inhabitants.counts) == (((1, 4), (5, 6)), (16, 11))


def test_the_public_bound_follows_from_the_internal_table() -> None:
    """6 unfavourable of 30: the mayor reads both counts; the inhabitants, 30 - 10 = 20 at least."""
    mayor, inhabitants = internal([3, 3, 0, 24]), public([3, 3, 0, 24])

    assert mayor is not None
    assert inhabitants is not None
    assert mayor.counts == (6, 24)
    assert inhabitants.at_least == ((3, 4), 20)
    assert public([0, 0, 0, 21]) == Released(21, 3, ((1, 4),), (21,))
    assert public([0, 0, 0, 22]) == Released(22, 3, ((1, 4),), (22,), ((3, 4), 12))


@given(TABLES, st.integers(2, 6))
def test_every_printed_category_holds_the_threshold_and_none_is_lost(rows: Rows, first_good: int) -> None:
    """In each edition; a table of one category is all the answers."""
    people = tallies(rows)
    for edition, threshold in THRESHOLDS.items():
        table = release(people, first_good, edition, FIRST_PILOT)
        if table is None:
            assert people.to_numpy().sum() < threshold
            continue
        assert sum(table.counts) == table.answers == people.to_numpy().sum()
        assert min(table.counts) >= threshold
        for (first, last), count in zip(table.spans, table.counts, strict=True):
            assert count == people.loc[:, first:last].to_numpy().sum()


@given(TABLES, st.integers(2, 6))
def test_editions_are_nested(rows: Rows, first_good: int) -> None:
    """Each cut of the public table is one of the internal one; its bound is no stronger; it has no row."""
    mayor, inhabitants = internal(rows, first_good, FIRST_PILOT), public(rows, first_good)
    if inhabitants is None:
        return

    assert mayor is not None
    assert cuts(inhabitants.spans) <= cuts(mayor.spans)
    assert (inhabitants.schools, inhabitants.sides) == (None, None)
    if inhabitants.at_least:
        (side, count), threshold = inhabitants.at_least, THRESHOLDS["public"]
        assert count == inhabitants.answers - threshold + 1
        assert mayor.at_least is None or (side == mayor.at_least[0] and count < mayor.at_least[1])
        assert count <= tallies(rows).loc[:, side[0] : side[1]].to_numpy().sum()


# By school, by side.


@given(TABLES, st.integers(2, 6))
def test_rows_are_whole_and_all_their_cells_hold_five(rows: Rows, first_good: int) -> None:
    """On cuts of the internal table; they add up to it; those whose school is not told are one of them, the last."""
    table = internal(rows, first_good, FIRST_PILOT)
    for grid in filter(None, (table.schools, table.sides)) if table else ():
        assert table is not None
        assert cuts(grid.spans) <= cuts(table.spans)
        assert min(min(row) for row in grid.rows.values()) >= 5
        assert sum(sum(row) for row in grid.rows.values()) == table.answers
        assert len(grid.spans) > 1
        named = [name for name in grid.rows if name != UNTOLD]
        assert named == sorted(named)
        assert list(grid.rows)[: len(named)] == named


@given(TABLES, st.integers(2, 6))
def test_sides_are_cut_where_schools_are(rows: Rows, first_good: int) -> None:
    """Those whose school is not told stand in both: two ways to cut them would give the steps between."""
    table = internal(rows, first_good, FIRST_PILOT)

    if table and table.schools and table.sides:
        assert table.sides.spans == table.schools.spans


def test_schools_by_name() -> None:
    """Never by value; here 5 | 5 is the least that may be told."""
    table = internal({"0130002B": [5, 0, 0, 5], UNTOLD: [2, 3, 9, 0], "0130001A": [9, 0, 4, 4]})

    assert table is not None
    assert table.schools == Grid(((1, 2), (3, 4)), {"0130001A": (9, 8), "0130002B": (5, 5), UNTOLD: (5, 9)})
    assert list(table.schools.rows) == ["0130001A", "0130002B", UNTOLD]


@pytest.mark.parametrize(
    "rows",
    [
        {"0130001A": [9, 0, 0, 9], "0130002B": [9, 0, 0, 4]},  # a cell of 4
        {"0130001A": [9, 0, 0, 9], "0130002B": [9, 0, 0, 9], UNTOLD: [0, 0, 0, 1]},  # found by difference
        {"0130001A": [9, 0, 0, 9]},  # one school is the commune
        {"0130001A": [9, 0, 0, 9], UNTOLD: [9, 0, 0, 9]},
        {"0130001A": [0, 0, 0, 9], "0130002B": [0, 0, 0, 9]},  # unanimous
    ],
)
def test_no_table_by_school(rows: Rows) -> None:
    """Whole or not at all."""
    table = internal(rows)

    assert table is not None
    assert table.schools is None


def test_a_school_without_answers_is_no_row() -> None:
    """It has nothing to hide."""
    table = internal({"0130001A": [9, 0, 0, 9], "0130002B": [0, 0, 0, 0], "0130003C": [5, 0, 0, 5]})

    assert table is not None
    assert table.schools is not None
    assert list(table.schools.rows) == ["0130001A", "0130003C"]


def test_sides_of_a_pilot() -> None:
    """Too few by school, enough by side; under three schools a side would be judged by its row, empty it is none."""
    rows = {f"013000{rank}A": [2, 0, 0, 3 if rank > 3 else 2] for rank in range(1, 7)}
    pilots = [frozenset(list(rows)[:count]) for count in (3, 2, 4, 6)]
    table, *others = (internal(rows, 3, one) for one in pilots)

    assert table is not None
    assert (table.schools, table.sides) == (None, Grid(((1, 2), (3, 4)), {OTHERS: (6, 9), PILOTS: (6, 6)}))
    assert [one and one.sides for one in others] == [None] * 3


# Whoever knows the rules.


def compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to share people out."""
    for bars in combinations(range(total + parts - 1), parts - 1):
        yield tuple(np.diff([-1, *bars, total + parts - 1]) - 1)


@pytest.mark.parametrize("people", [*range(5, 13), 16, 21, 22, 24])
def test_knowing_the_rules_leaves_five_values(people: int) -> None:
    """All counts that both editions would print alike: each hidden step keeps five values, by what is merged too."""
    alike: dict[Any, list[tuple[int, ...]]] = defaultdict(list)
    singles = tuple((step, step) for step in range(1, 5))
    for counts in compositions(people, 4):
        mayor = merge(Released(people, 3, singles, counts), 5)
        alike[mayor and (mayor.spans, mayor.counts, mayor.at_least)].append(counts)
    for printed, ways in alike.items():
        shown = {span[0] for span in printed[0] if span[0] == span[1]} if printed else set()
        for step, values in enumerate(zip(*ways, strict=True), 1):
            assert step in shown or len(set(values)) >= 5, (printed, step)


@pytest.mark.parametrize("people", [8, 9])
def test_knowing_the_rules_leaves_values_by_school(people: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same by school, with a threshold of two so that all can be tried: two values at least."""
    monkeypatch.setattr(anonymity, "THRESHOLDS", {"maire": 2, "public": 3})
    alike: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    for counts in compositions(people, 6):
        rows = {"0130001A": list(counts[:3]), "0130002B": list(counts[3:])}
        alike[repr((internal(rows, 3, FIRST_PILOT), public(rows)))].append(counts)
    assert len(alike) > 20
    for printed, ways in alike.items():
        for cell, values in enumerate(zip(*ways, strict=True)):
            table = internal({"0130001A": list(ways[0][:3]), "0130002B": list(ways[0][3:])}, 3, FIRST_PILOT)
            step = cell % 3 + 1
            shown = table and table.schools and (step, step) in table.schools.spans
            assert shown or len(set(values)) >= 2, (printed, cell)


# Moves.

BEFORE, AFTER = (Released(40, 2, ((1, 1), (2, 2)), counts) for counts in ((25, 15), (15, 25)))


def moves_told(rose: int, fell: int, same: int, edition: str = "maire", steps: int = 2) -> bool:
    """Whether the moves of so many people are printed, of 40 before, 15 of them favourable, and 40 after, 25."""
    found = release_moves(np.repeat([1, -1, 0], [rose, fell, same]), BEFORE, AFTER, edition, steps)

    assert found in (None, Moves(rose, fell, same))
    return found is not None


@pytest.mark.parametrize(
    ("moves", "told"),
    [
        ((16, 6, 18), True),  # 25 - 16 = 9 stay unfavourable, 15 - 6 = 9 favourable
        ((20, 10, 10), True),  # 5 and 5
        ((21, 11, 8), False),  # 4 and 4, which the tables would give
        ((14, 4, 22), False),  # 4 fell
    ],
)
def test_moves_of_everybody_are_a_table_of_four_cells(moves: tuple[int, int, int], told: bool) -> None:
    """On two steps: those who stayed favourable, and unfavourable, follow from the tables of the waves."""
    assert moves_told(*moves) == told


@pytest.mark.parametrize(
    ("moves", "told"),
    [
        ((15, 5, 19), False),  # 1 left, 1 came: the same answer, since 10 = 15 - 5
        ((15, 5, 15), True),  # 5 left, 5 came: as many favourable; 0 to 5
        ((14, 5, 16), True),  # 1 more: 0 to 4 among those who left, five values
        ((13, 5, 17), False),  # 2 more: 0 to 3
        ((15, 5, 14), False),  # 6 left, 6 came: of 15 favourable, 5 fell and 6 may have left: 4 stayed
    ],
)
def test_those_seen_once_are_not_found_from_moves(moves: tuple[int, int, int], told: bool) -> None:
    """The gain of the tables, less that of those seen twice, is what newcomers add less what leavers took."""
    assert moves_told(*moves) == told


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((25, 15), (15, 25), True),
        ((25, 15), (16, 25), False),  # one came: 0 or 1
        ((25, 18), (15, 25), False),  # three left: 0 to 3
        ((25, 19), (15, 25), True),  # four left: 0 to 4
        ((25, 15), (19, 25), True),
    ],
)
def test_who_left_and_who_came_count_apart(before: tuple[int, int], after: tuple[int, int], told: bool) -> None:
    """On more than two steps: 40 seen twice, 20 of whom rose and 10 fell, which leaves any gain of these few."""
    tables = [Released(sum(counts), 3, ((1, 2), (3, 4)), counts) for counts in (before, after)]
    moves = np.repeat([1, -1, 0], [20, 10, 10])

    assert (release_moves(moves, tables[0], tables[1], "maire", 4) is not None) == told


def test_more_steps_leave_more_room() -> None:
    """Who rose did not always become favourable: the gain is 10 of anything between -5 and 10."""
    assert moves_told(10, 5, 17, steps=4)
    assert not moves_told(10, 5, 24, steps=4)  # one left, one came: two values are not five


@pytest.mark.parametrize(("fell", "editions"), [(11, ["maire", "public"]), (10, ["maire"]), (4, [])])
def test_the_public_edition_asks_for_eleven_moves(fell: int, editions: list[str]) -> None:
    """Where the mayor's asks for five."""
    before, after = (Released(99, 2, ((1, 1), (2, 2)), counts) for counts in ((50, 49), (45, 54)))
    moves = np.repeat([1, -1, 0], [fell + 5, fell, 94 - 2 * fell])

    assert [one for one in THRESHOLDS if release_moves(moves, before, after, one, 2)] == editions


@pytest.mark.parametrize(
    ("before", "after"), [(None, AFTER), (BEFORE, None), (BEFORE, Released(40, 2, ((1, 2),), (40,)))]
)
def test_without_both_tables_no_move_is_told(before: Released | None, after: Released | None) -> None:
    """Nor without the favourable cut."""
    assert release_moves(np.repeat([1, -1, 0], [16, 6, 18]), before, after, "maire", 2) is None


# Amounts.


def amounts(**kinds: list[float | None]) -> pd.DataFrame:
    """Amounts by kind, paid to A, B, C and D."""
    return pd.DataFrame(kinds, index=list("ABCD"), dtype=float).T


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({"écrans": [50, 30, 20, 0]}, Amounts(100, {"écrans": 100})),
        ({"écrans": [85, 10, 5, None]}, Amounts(100, {"écrans": 100})),  # 85 % is not above 85 %
        ({"écrans": [86, 10, 4, None]}, Amounts(None, {})),
        ({"écrans": [60, 40, 0, None]}, Amounts(None, {})),  # two suppliers
        ({"écrans": [50, 30, 20, 0], "câbles": [0, 30, 20, 50]}, Amounts(200, {"écrans": 100, "câbles": 100})),
        ({"écrans": [50, 30, 20, 0], "câbles": [0, 30, 20, 0]}, Amounts(150, {})),  # câbles = total - écrans
        ({"écrans": [50, 30, 20, 0], "câbles": [0, 0, 0, 0]}, Amounts(100, {"écrans": 100})),
        ({"écrans": [900, 30, 20, 0], "câbles": [0, 30, 20, 50]}, Amounts(None, {})),  # 900 of 1 050
        ({}, Amounts(None, {})),
    ],
)
def test_amounts_are_told_whole_or_not_at_all(kinds: dict[str, list[float | None]], expected: Amounts) -> None:
    """Three suppliers, none above 85 %, in each total; else the total of all, if it holds."""
    assert release_amounts(amounts(**kinds)) == expected


def test_a_supplier_named_twice_is_one() -> None:
    """Two columns of one name, two rows of one kind."""
    paid = pd.DataFrame([[40, 40, 20], [1, 1, 1]], index=["écrans", "écrans"], columns=["A", "A", "B"])

    assert release_amounts(paid) == Amounts(None, {})


def test_an_amount_below_zero_is_refused() -> None:
    """It would hide who got what."""
    with pytest.raises(UsageError, match=r"« -1\.0 » : on attend un montant positif"):
        release_amounts(amounts(écrans=[50, 30, -1, 20]))
