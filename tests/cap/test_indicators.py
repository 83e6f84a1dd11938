"""Indicators whose baseline, target, threshold and objective hold together, or not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.cap.indicators import indicator_issues
from pupitre.data.workbook import Workbook

WorkbookOf = Callable[..., Workbook]
Row = dict[str, Any]

OBJECTIVES: list[Row] = [{"rang": 2, "objectif": "Former"}, {"rang": 1, "objectif": "Équiper"}]
SOUND: Row = {
    "indicateur": "Usage chaque semaine", "perimetre": "usages", "definition": "Classes qui s'en servent",
    "objectif": 2, "depart": 20, "depart_le": date(2026, 10, 1), "cible": 60, "cible_le": date(2028, 6, 30),
    "alerte": 30,
}  # fmt: skip


def told(workbook: Workbook) -> list[str]:
    """The messages."""
    return [str(issue) for issue in indicator_issues(workbook)]


def cells(workbook: Workbook) -> list[str]:
    """The cells to correct."""
    return [issue.cell for issue in indicator_issues(workbook)]


def judged(workbook_of: WorkbookOf, **change: object) -> Workbook:
    """A workbook with two objectives and an indicator that is sound but for `change`."""
    return workbook_of(objectifs=OBJECTIVES, indicateurs=[SOUND | change])


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"cible_le": date(2026, 10, 2)},
        {"depart_le": None},
        {"depart": None},
        {"depart": None, "depart_le": None, "alerte": None, "objectif": None},
        {"objectif": 1},
        {"depart": 0, "alerte": 0},
        {"cible": 20.5, "alerte": 20.25},
    ],
)
def test_a_sound_indicator_has_no_issue(workbook_of: WorkbookOf, change: Row) -> None:
    """The target may fall on the day after the baseline; what is not told is not judged; nought is a value."""
    assert told(judged(workbook_of, **change)) == []


def test_no_indicator_no_issue(workbook_of: WorkbookOf) -> None:
    """Objectives alone are fine."""
    assert told(workbook_of(objectifs=OBJECTIVES)) == []


ALONE: list[tuple[Row, str]] = [
    ({"cible_le": date(2026, 10, 1)},
     "I5, « 01/10/2026 » : on attend une date après le 01/10/2026, jour de la valeur de départ."),
    ({"cible_le": date(2026, 9, 30)},
     "I5, « 30/09/2026 » : on attend une date après le 01/10/2026, jour de la valeur de départ."),
    ({"cible": 20, "alerte": None}, "H5, « 20 » : on attend une cible différente de la valeur de départ."),
    ({"depart": 0, "cible": 0, "alerte": None}, "H5, « 0 » : on attend une cible différente de la valeur de départ."),
    ({"alerte": 60.5}, "J5, « 60.5 » : on attend un seuil que l'on passe avant la cible, et non après."),
    ({"objectif": 3}, "C5, « 3 » : on attend le rang d'un objectif de la feuille Objectifs."),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), ALONE)
def test_each_rule_broken_alone_has_its_cell_and_its_words(workbook_of: WorkbookOf, change: Row, message: str) -> None:
    """One issue, whose message says the sheet, the cell, what was read and the rule."""
    assert told(judged(workbook_of, **change)) == [f"feuille Indicateurs, cellule {message}"]


@pytest.mark.parametrize(
    ("start", "target", "alert", "sound"),
    [
        (20, 60, 59, True),  # rising: below the target is on the way, and so is a fall below the baseline
        (20, 60, 20, True),
        (20, 60, 10, True),
        (20, 60, 60, False),
        (20, 60, 61, False),
        (60, 20, 21, True),  # falling: above
        (60, 20, 60, True),
        (60, 20, 70, True),
        (60, 20, 20, False),
        (60, 20, 19, False),
        (None, 60, 59, True),  # which way is not known: the target itself alone is refused
        (None, 60, 61, True),
        (None, 60, 60, False),
    ],
)
def test_the_alert_comes_before_the_target(
    workbook_of: WorkbookOf, start: float | None, target: float, alert: float, sound: bool
) -> None:
    """A threshold on the far side would call the committee when all goes well."""
    workbook = judged(workbook_of, depart=start, cible=target, alerte=alert)

    assert cells(workbook) == ([] if sound else ["J5"])


@pytest.mark.parametrize("alert", [10, 30])
def test_a_target_equal_to_its_baseline_is_one_fault_whatever_the_alert(workbook_of: WorkbookOf, alert: float) -> None:
    """No way is told, so the threshold is on no side: the target alone is to correct."""
    assert cells(judged(workbook_of, depart=20, cible=20, alerte=alert)) == ["H5"]


def test_an_indicator_may_have_no_alert(workbook_of: WorkbookOf) -> None:
    """Alone, or beside one that has one: it is to be set, not a fault."""
    alone, first = SOUND | {"alerte": None}, {**SOUND, "indicateur": "Autre"}

    assert told(workbook_of(objectifs=OBJECTIVES, indicateurs=[alone])) == []
    assert told(workbook_of(objectifs=OBJECTIVES, indicateurs=[alone, first])) == []


def test_without_objectives_a_rank_measures_nothing(workbook_of: WorkbookOf) -> None:
    """An indicator that names none is fine."""
    rows = [SOUND, SOUND | {"objectif": None}]

    assert cells(workbook_of(indicateurs=rows)) == ["C5"]


def test_every_broken_rule_of_every_row_is_told(workbook_of: WorkbookOf) -> None:
    """Three faults in the first row, none in the second, one in the third."""
    first = SOUND | {"cible_le": date(2026, 1, 1), "alerte": 60, "objectif": 30}
    rows = [first, SOUND, SOUND | {"objectif": 3}]

    assert cells(workbook_of(objectifs=OBJECTIVES, indicateurs=rows)) == ["I5", "J5", "C5", "C7"]


ROW = {"A5": "Usage", "B5": "Usages", "C5": 1, "D5": "Classes qui s'en servent", "F5": 20, "G5": "01/10/2026",
       "H5": 60, "I5": "30/06/2028", "J5": 30}  # fmt: skip


def test_the_cell_is_that_of_the_file(read_filled: Callable[..., Any]) -> None:
    """Through Excel: a rank that no objective has, a target date that comes too soon."""
    objectives = {"A5": 1, "B5": "Équiper"}
    sound, unreadable = read_filled({"Indicateurs": ROW, "Objectifs": objectives})
    wrong, _ = read_filled({"Indicateurs": ROW | {"C5": 2, "I5": "01/10/2026"}, "Objectifs": objectives})

    assert (unreadable, told(sound)) == ((), [])
    assert told(wrong) == [
        "feuille Indicateurs, cellule I5, « 01/10/2026 » : "
        "on attend une date après le 01/10/2026, jour de la valeur de départ.",
        "feuille Indicateurs, cellule C5, « 2 » : on attend le rang d'un objectif de la feuille Objectifs.",
    ]


@pytest.mark.parametrize(
    ("cell", "expected"), [("H5", "on attend un nombre de 0 à"), ("I5", "on attend une date du 01/01/1990 au")]
)
def test_an_indicator_without_target_or_without_its_date_is_not_read(
    read_filled: Callable[..., Any], cell: str, expected: str
) -> None:
    """The sheet itself requires both."""
    _, [issue] = read_filled({"Indicateurs": ROW | {cell: None}, "Objectifs": {"A5": 1, "B5": "Équiper"}})

    assert str(issue).startswith(f"feuille Indicateurs, cellule {cell}, vide : {expected}")


VALUES = st.integers(0, 9).map(float)


@given(start=VALUES, target=VALUES, alert=VALUES)
def test_rising_and_falling_are_one_rule_in_a_mirror(
    workbook_of: WorkbookOf, start: float, target: float, alert: float
) -> None:
    """Counting down from 9 instead of up changes no verdict, where the way is told."""
    if start != target:
        up = judged(workbook_of, depart=start, cible=target, alerte=alert)
        down = judged(workbook_of, depart=9 - start, cible=9 - target, alerte=9 - alert)

        assert cells(up) == cells(down)
