"""What answers say, from what may be printed of them: shares, medians, changes, pilots, who took part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.data.answers import Answers
from pupitre.evaluation.anonymity import OTHERS, PILOTS, Moves
from pupitre.evaluation.opinions import (
    DOWN,
    FEW,
    SAME,
    UP,
    Change,
    Opinion,
    PilotResult,
    compared,
    opinions,
    participation,
    pilot_results,
)
from pupitre.evaluation.statistics import (
    Proportion,
    bootstrap_by_school,
    difference,
    nonresponse_bounds,
    paired_change,
    proportion,
)

Person = tuple[str | None, str | None, int]  # school, code, step (0: no answer)
A, B, C = "0130001A", "0130002B", "0130003C"


def answers(*waves: Sequence[Person], scale: str = "accord", invites: Sequence[int | None] | None = None) -> Answers:
    """One question, asked to teachers once a year; answers are those of the waves, in order."""
    rows = [(f"{2025 + rank}", "enseignants", *person) for rank, wave in enumerate(waves) for person in wave]
    people = pd.DataFrame(rows, columns=["vague", "groupe", "uai", "code", "step"])
    times = pd.DataFrame({"vague": [f"{2025 + rank}" for rank in range(len(waves))], "groupe": "enseignants"})
    times["le"] = [date(2025 + rank, 6, 1) for rank in range(len(waves))]
    times["invites"] = pd.array(invites or [None] * len(waves), dtype="Int64")
    questions = pd.DataFrame(
        {"intitule": "?", "groupe": "enseignants", "echelle": [scale, "libre"], "perimetre": "usages"}, ["E1", "E2"]
    )
    steps = people.pop("step").astype("int8").to_frame("E1")
    return Answers(questions, times, people, steps, {}, {})


def people(counts: Sequence[int], school: str | None = A) -> list[Person]:
    """So many people at each step, without a code."""
    return [(school, None, step) for step, count in enumerate(counts, 1) for _ in range(count)]


def coded(steps: Sequence[int], school: str | None = A) -> list[Person]:
    """A person at each of these steps, always the same codes."""
    return [(school, f"c{rank}", step) for rank, step in enumerate(steps)]


def told(*waves: Sequence[Person], edition: str = "maire", **more: Any) -> tuple[Opinion, ...]:
    """The opinions on the question."""
    return opinions(answers(*waves, **more), edition)


def change(*waves: Sequence[Person], **more: Any) -> Change:
    """The change at the last wave."""
    found = told(*waves, **more)[-1].change
    assert found is not None
    return found


# One wave.


def test_the_share_is_that_of_the_released_table() -> None:
    """5 + 8 of 20 favourable, of 50 who could have answered; free questions are not there."""
    [one] = told(people([2, 5, 5, 8]), invites=[50])

    assert (one.question, one.groupe, one.vague) == ("E1", "enseignants", "2025")
    assert one.released is not None
    assert one.released.counts == (7, 5, 8)
    assert one.share == proportion(13, 20, 50)
    assert one.nonresponse == nonresponse_bounds(13, 20, 50)  # 13/50 to 43/50
    assert one.median == (3, 3)
    assert one.change is None


def test_a_census_has_no_interval_and_an_unknown_population_no_bounds() -> None:
    """All 20 answered; or nobody knows how many could have."""
    [census], [unknown] = told(people([7, 0, 5, 8]), invites=[20]), told(people([7, 0, 5, 8]))

    assert census.share == Proportion(0.65, 0.65, 0.65, census=True)
    assert unknown.share == proportion(13, 20)
    assert unknown.nonresponse is None


@pytest.mark.parametrize(
    ("counts", "median"),
    [
        ([5, 5, 5, 6], (3, 3)),  # the 11th of 21
        ([5, 5, 5, 5], (2, 3)),  # the 10th and the 11th of 20
        ([9, 1, 5, 5], (1, 3)),  # printed 1-2 | 3 | 4, 10 | 5 | 5: between steps 1 and 3
        ([1, 9, 1, 5], (1, 2)),  # printed 10 | 6: the 8th and the 9th of 16
    ],
)
def test_the_median_is_a_category(counts: list[int], median: tuple[int, int]) -> None:
    """Or the two between which it falls."""
    [one] = told(people(counts))

    assert one.median == median


@pytest.mark.parametrize("counts", [[0, 0, 2, 2], [1, 1, 3, 4], [0, 0, 2, 20]])
def test_what_is_not_released_is_not_told(counts: list[int]) -> None:
    """Too few, or nearly all of one mind: no share, no median."""
    [one] = told(people(counts), invites=[50])

    assert (one.share, one.median, one.nonresponse, one.by_school) == (None, None, None, None)
    assert (one.released is None) == (sum(counts) < 5)


def test_a_table_without_the_favourable_cut_has_a_median_but_no_share() -> None:
    """3 unfavourable, 6 and 9 favourable: printed 1-3 | 4."""
    [one] = told(people([2, 1, 6, 9]), invites=[50])

    assert (one.share, one.nonresponse, one.median) == (None, None, (1, 4))


def test_blank_answers_are_not_answers() -> None:
    """They took part, they did not answer this one."""
    [one] = told([*people([7, 0, 5, 8]), (A, None, 0)])

    assert one.released is not None
    assert one.released.answers == 20


def test_no_answer_no_wave_no_opinion() -> None:
    """A wave that nobody answered; a group that was never asked."""
    [empty] = told([])

    assert (empty.released, empty.share) == (None, None)
    assert told() == ()


@given(st.lists(st.tuples(st.sampled_from([A, B, None]), st.integers(0, 4)), max_size=60), st.randoms())
def test_the_order_of_people_does_not_matter(rows: list[tuple[str | None, int]], random: Any) -> None:
    """Two waves with codes, read in any order, and twice."""
    before = [(school, f"c{rank}", step) for rank, (school, step) in enumerate(rows)]
    after = [(school, code, 4 - step if step else 1) for school, code, step in before]
    mixed = [random.sample(wave, len(wave)) for wave in (before, after)]

    assert told(*mixed) == told(before, after) == told(before, after)


def test_what_is_told_depends_on_the_released_tables_alone() -> None:
    """People moved within a printed category (5 | 10), or to a school that is not printed, change nothing."""
    one, other = [*people([2, 3, 4, 3]), *people([0, 0, 0, 3], B)], [*people([1, 4, 6, 2]), *people([0, 0, 0, 2], B)]
    wave = people([12, 0, 0, 12])

    assert told(one, wave) == told(other, wave)
    assert told(wave, one, edition="public") == told(wave, other, edition="public")


# Changes.


def test_two_waves_without_codes_are_compared_as_two_samples() -> None:
    """10 of 40, then 30 of 40: Newcombe's interval is above nought."""
    found = change(people([30, 0, 0, 10]), people([10, 0, 0, 30]))

    assert found == Change(UP, difference(proportion(10, 40), proportion(30, 40)), 0, None)
    assert change(people([10, 0, 0, 30]), people([30, 0, 0, 10])).verdict == DOWN
    assert change(people([20, 0, 0, 20]), people([19, 0, 0, 21])).verdict == SAME


@pytest.mark.parametrize("other", [[], people([1, 1, 1, 1]), people([0, 0, 1, 20]), people([2, 1, 6, 9])])
def test_a_share_that_is_not_released_is_not_compared(other: list[Person]) -> None:
    """Before or after."""
    for waves in ([people([20, 0, 0, 20]), other], [other, people([20, 0, 0, 20])]):
        assert change(*waves) == Change(FEW, None, 0, None)


def test_people_linked_are_compared_with_themselves() -> None:
    """On two steps, McNemar: 15 rose and 5 fell, p = 2 P(X ≤ 5), X of 20 at one half, 0.041; 14 and 5, 0.064."""
    before, after = np.repeat([1, 2, 1, 2], [15, 5, 10, 10]), np.repeat([2, 1, 1, 2], [15, 5, 10, 10])
    found = change(coded(before), coded(after), scale="oui_non")

    assert (found.verdict, found.pairs, found.moves) == (UP, 40, Moves(15, 5, 20))
    assert found.estimate == difference(proportion(15, 40), proportion(25, 40))
    assert change(coded(after), coded(before), scale="oui_non").verdict == DOWN
    after[0] = 1
    found = change(coded(before), coded(after), scale="oui_non")
    assert (found.verdict, found.moves) == (SAME, Moves(14, 5, 21))


def test_people_linked_whose_moves_are_hidden_are_compared_as_two_samples() -> None:
    """8 of 20, then 14: McNemar would say « up » (2 / 2^6 = 0.031) only if six rose and none fell; shares say less."""
    before, after = np.repeat([1, 2, 1], [6, 8, 6]), np.repeat([2, 2, 1], [6, 8, 6])
    found = change(coded(before), coded(after), scale="oui_non")

    assert (paired_change(pd.Series(before), pd.Series(after)).p_value or 1) < 0.05
    assert found == Change(SAME, difference(proportion(8, 20), proportion(14, 20)), 20, None)


def test_the_verdict_on_more_steps_is_that_of_ranks() -> None:
    """14 rose by one step, 13 fell by three: more rose, but Wilcoxon's ranks are 14 × 7.5 against 13 × 21."""
    counts = [7, 7, 13, 10, 10]
    before, after = np.repeat([1, 3, 4, 1, 4], counts), np.repeat([2, 4, 1, 1, 4], counts)
    found, back = change(coded(before), coded(after)), change(coded(after), coded(before))

    assert (paired_change(pd.Series(before), pd.Series(after)).p_value or 1) < 0.05
    assert (found.verdict, found.moves) == (DOWN, Moves(14, 13, 20))
    assert (back.verdict, back.moves) == (UP, Moves(13, 14, 20))


def test_codes_link_whatever_their_order_and_blanks_are_no_pair() -> None:
    """One code without an answer the second time; people without a code are linked to nobody."""
    steps = [1] * 20 + [4] * 20
    before, after = coded(steps), coded([*steps[:-1], 0])[::-1]
    found = change([*before, (A, None, 1)], [*after, (A, None, 4)])

    assert found.pairs == 39
    assert found.moves is None


def test_each_wave_is_compared_with_the_one_before() -> None:
    """Not with the first."""
    waves = [people([30, 0, 0, 10]), people([10, 0, 0, 30]), people([10, 0, 0, 30])]

    assert [one.change and one.change.verdict for one in told(*waves)] == [None, UP, SAME]
    assert compared(told(*waves)) == 2
    assert compared(told(waves[0], [])) == 0


# By school, pilots.


def test_six_schools_give_an_interval_by_school() -> None:
    """In whole points, from the table that is printed; not five, nor without the favourable cut in it."""
    schools = [f"01300{rank:02d}A" for rank in range(6)]
    wave = [person for rank, school in enumerate(schools) for person in people([5, 0, 0, 5 + 3 * rank], school)]
    [one], [fewer] = told(wave), told([person for person in wave if person[0] != schools[0]])
    values = pd.Series([int(step == 4) for _, _, step in wave])
    expected = bootstrap_by_school(values, pd.Series([str(school) for school, _, _ in wave]))

    assert one.by_school is not None
    assert [round(100 * value, 6) for value in one.by_school] == [round(100 * value) for value in expected]
    assert fewer.by_school is None
    assert told(wave, edition="public")[0].by_school is None


def pilot(*waves: Mapping[str | None, Sequence[int]], pilots: frozenset[str] = frozenset({A})) -> PilotResult:
    """The result on the question, of counts by school."""
    wide = [[person for school, counts in wave.items() for person in people(counts, school)] for wave in waves]
    [result] = pilot_results(answers(*wide), pilots)
    return result


def shared(pilots: list[int], others: list[int]) -> dict[str | None, list[int]]:
    """Answers of each side shared by three schools, the last of which has what remains."""
    told: dict[str | None, list[int]] = {}
    for side, counts in enumerate((pilots, others)):
        for rank in range(3):
            part = [count // 3 if rank < 2 else count - 2 * (count // 3) for count in counts]
            told[f"01300{side}{rank}A"] = part
    return told


PILOT_THREE = frozenset(f"013000{rank}A" for rank in range(3))


def test_pilots_gained_more_than_others() -> None:
    """Pilots 5/10 to 15/20, others 10/30 to 11/30: 25 points less 3.33, in whole points 22; too few schools to test."""
    first, last = shared([5, 0, 0, 5], [20, 0, 0, 10]), shared([5, 0, 0, 15], [19, 0, 0, 11])
    found = pilot(first, first, last, pilots=PILOT_THREE)

    assert (found.before, found.after, found.estimate, found.verdict) == ("2025", "2027", 0.22, FEW)
    assert found.sides is not None
    assert [grid.rows for grid in found.sides] == [
        {OTHERS: (20, 10), PILOTS: (5, 5)}, {OTHERS: (19, 11), PILOTS: (5, 15)},
    ]  # fmt: skip


def test_a_side_too_small_says_nothing() -> None:
    """4 favourable in the pilot schools; one person whose school is not told; a side of two schools."""
    first = shared([6, 0, 0, 5], [20, 0, 0, 10])
    hidden = [shared([7, 0, 0, 4], [20, 0, 0, 10]), {**first, None: [1]}, shared([0, 0, 0, 11], [20, 0, 0, 10])]

    for last in hidden:
        found = pilot(first, last, pilots=PILOT_THREE)
        assert (found.sides, found.estimate, found.verdict) == (None, None, FEW)
    assert pilot(first, first, pilots=PILOT_THREE).estimate == 0
    assert pilot(first, first, pilots=frozenset(sorted(PILOT_THREE)[:2])).estimate is None


def test_six_schools_a_side_give_a_verdict() -> None:
    """Each pilot went from 5 to 10 of 15, the others stayed: of 924 ways to choose six, two are as far apart."""
    schools = [f"01300{rank:02d}A" for rank in range(12)]
    first = {school: [10, 0, 0, 5] for school in schools}
    last = {school: [5, 0, 0, 10] if rank < 6 else [10, 0, 0, 5] for rank, school in enumerate(schools)}

    assert pilot(first, last, pilots=frozenset(schools[:6])).verdict == UP
    assert pilot(last, first, pilots=frozenset(schools[:6])).verdict == DOWN
    assert pilot(first, first, pilots=frozenset(schools[:6])).verdict == SAME
    assert pilot(first, last, pilots=frozenset(schools[:5])).verdict == FEW
    assert pilot(first, last, pilots=frozenset(schools[:6])).estimate == 0.33
    unknown: list[dict[str | None, list[int]]] = [{**wave, None: wave[schools[11]]} for wave in (first, last)]
    for wave in unknown:
        del wave[schools[11]]
    assert pilot(*unknown, pilots=frozenset(schools[:6])).verdict == FEW


def test_without_pilots_or_a_second_wave_there_is_no_result() -> None:
    """Nothing to compare."""
    wave = people([5, 0, 0, 5])

    assert pilot_results(answers(wave, wave), frozenset()) == ()
    assert pilot_results(answers(wave), frozenset({A})) == ()


# Who took part.


def test_participation() -> None:
    """Three codes come back, of four and five; one person gave none; a code seen in 2025 and 2027 is seen twice."""
    first = [(A, "x", 1), (A, "y", 1), (B, "z", 1), (B, "gone", 1)]
    second = [(A, "x", 1), (A, "y", 1), (B, "z", 0), (B, "new", 1), (None, None, 1)]
    third = [(A, "gone", 1)]
    table = participation(answers(first, second, third, invites=[8, None, 2]))

    assert list(table.columns) == [
        "vague", "groupe", "le", "invites", "answered", "rate", "linked", "once", "without_code",
    ]  # fmt: skip
    assert table["answered"].tolist() == [4, 5, 1]
    assert table["rate"].tolist() == [0.5, pd.NA, 0.5]
    assert table["linked"].tolist() == [pd.NA, 3, 0]
    assert table["once"].tolist() == [0, 1, 0]
    assert table["without_code"].tolist() == [0, 1, 0]


def test_groups_are_apart() -> None:
    """The same code in another group is another person; waves of each group follow one another."""
    one = answers(coded([1] * 5), coded([4] * 5))
    both = [pd.concat([table, table.assign(groupe="eleves")], ignore_index=True) for table in (one.waves, one.people)]
    steps = pd.concat([one.steps, one.steps], ignore_index=True)
    table = participation(Answers(one.questions, both[0], both[1], steps, {}, {}))

    assert table["answered"].tolist() == [5, 5, 5, 5]
    assert table["linked"].tolist() == [pd.NA, 5, pd.NA, 5]
    assert len(opinions(Answers(one.questions, both[0], both[1], steps, {}, {}), "maire")) == 2
