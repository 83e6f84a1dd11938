"""Indicators whose baseline, target, threshold, objective, versions and measures hold together, or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.cap.indicators import (
    current_indicators,
    direction,
    former_indicators,
    indicator_issues,
    measure_issues,
    measures_of,
)
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
     "N5, « 01/10/2026 » : on attend une date après le 01/10/2026, jour de la valeur de départ."),
    ({"cible_le": date(2026, 9, 30)},
     "N5, « 30/09/2026 » : on attend une date après le 01/10/2026, jour de la valeur de départ."),
    ({"cible": 20, "alerte": None}, "M5, « 20 » : on attend une cible différente de la valeur de départ."),
    ({"depart": 0, "cible": 0, "alerte": None}, "M5, « 0 » : on attend une cible différente de la valeur de départ."),
    ({"alerte": 60.5}, "O5, « 60.5 » : on attend un seuil que l'on passe avant la cible, et non après."),
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

    assert cells(workbook) == ([] if sound else ["O5"])


@pytest.mark.parametrize("alert", [10, 30])
def test_a_target_equal_to_its_baseline_is_one_fault_whatever_the_alert(workbook_of: WorkbookOf, alert: float) -> None:
    """No way is told, so the threshold is on no side: the target alone is to correct."""
    assert cells(judged(workbook_of, depart=20, cible=20, alerte=alert)) == ["M5"]


def test_an_indicator_may_have_no_alert(workbook_of: WorkbookOf) -> None:
    """Alone, or beside one that has one: it is to be set, not a fault."""
    alone, first = SOUND | {"alerte": None}, {**SOUND, "indicateur": "Autre"}

    assert told(workbook_of(objectifs=OBJECTIVES, indicateurs=[alone])) == []
    assert told(workbook_of(objectifs=OBJECTIVES, indicateurs=[alone, first])) == []


def test_without_objectives_a_rank_measures_nothing(workbook_of: WorkbookOf) -> None:
    """An indicator that names none is fine."""
    rows = [SOUND, SOUND | {"indicateur": "Autre", "objectif": None}]

    assert cells(workbook_of(indicateurs=rows)) == ["C5"]


def test_every_broken_rule_of_every_row_is_told(workbook_of: WorkbookOf) -> None:
    """Three faults in the first row, none in the second, one in the third."""
    first = SOUND | {"cible_le": date(2026, 1, 1), "alerte": 60, "objectif": 30}
    rows = [first, SOUND | {"indicateur": "Autre"}, SOUND | {"indicateur": "Troisième", "objectif": 3}]

    assert cells(workbook_of(objectifs=OBJECTIVES, indicateurs=rows)) == ["N5", "O5", "C5", "C7"]


ROW = {"A5": "Usage", "B5": "Usages", "C5": 1, "D5": "Classes qui s'en servent", "K5": 20, "L5": "01/10/2026",
       "M5": 60, "N5": "30/06/2028", "O5": 30}  # fmt: skip


def test_the_cell_is_that_of_the_file(read_filled: Callable[..., Any]) -> None:
    """Through Excel: a rank that no objective has, a target date that comes too soon."""
    objectives = {"A5": 1, "B5": "Équiper"}
    sound, unreadable = read_filled({"Indicateurs": ROW, "Objectifs": objectives})
    wrong, _ = read_filled({"Indicateurs": ROW | {"C5": 2, "N5": "01/10/2026"}, "Objectifs": objectives})

    assert (unreadable, told(sound)) == ((), [])
    assert told(wrong) == [
        "feuille Indicateurs, cellule N5, « 01/10/2026 » : "
        "on attend une date après le 01/10/2026, jour de la valeur de départ.",
        "feuille Indicateurs, cellule C5, « 2 » : on attend le rang d'un objectif de la feuille Objectifs.",
    ]


@pytest.mark.parametrize(
    ("cell", "expected"), [("M5", "on attend un nombre de 0 à"), ("N5", "on attend une date du 01/01/1990 au")]
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


# the way


@pytest.mark.parametrize(
    ("sens", "start", "target", "alert", "told_cells"),
    [
        ("hausse", 20, 60, 30, []),
        ("baisse", 60, 20, 30, []),
        ("hausse", 60, 20, 30, ["M5"]),  # already higher than what is wanted
        ("hausse", 60, 60, 30, ["M5"]),
        ("baisse", 20, 60, 30, ["M5"]),
        ("baisse", 20, 20, 30, ["M5"]),
        ("hausse", None, 60, 30, []),
        ("hausse", None, 60, 61, ["O5"]),  # the way is told, so the far side is known without a baseline
        ("baisse", None, 60, 59, ["O5"]),
        ("baisse", None, 60, 61, []),
    ],
)
def test_a_target_is_not_already_reached(
    workbook_of: WorkbookOf, sens: str, start: float | None, target: float, alert: float, told_cells: list[str]
) -> None:
    """Where the way is told, the target stands further on it than the baseline."""
    assert cells(judged(workbook_of, sens=sens, depart=start, cible=target, alerte=alert)) == told_cells


def test_a_target_already_reached_has_its_words(workbook_of: WorkbookOf) -> None:
    """Other than those of a target equal to its baseline, which says no way at all."""
    assert told(judged(workbook_of, sens="baisse")) == [
        "feuille Indicateurs, cellule M5, « 60 » : on attend une cible que la valeur de départ n'a pas déjà atteinte."
    ]


@pytest.mark.parametrize(
    ("told_row", "way"),
    [
        ({"sens": None, "depart": 20, "cible": 60}, 1),
        ({"sens": None, "depart": 60, "cible": 20}, -1),
        ({"sens": None, "depart": pd.NA, "cible": 20}, 0),
        ({"sens": "baisse", "depart": pd.NA, "cible": 20}, -1),
        ({"sens": "hausse", "depart": pd.NA, "cible": 20}, 1),
    ],
)
def test_the_way_is_told_or_goes_from_baseline_to_target(told_row: Row, way: int) -> None:
    """Neither: it is not known."""
    assert direction(told_row) == way


@pytest.mark.parametrize(
    ("unit", "value", "message"),
    [
        ("%", 100, None),
        ("%", 100.5, "on attend un nombre de 0 à 100 (unité : %)."),
        ("note sur 5", 5, None),
        ("note sur 5", 6, "on attend un nombre de 0 à 5 (unité : note sur 5)."),
        ("Sur 20", 21, "on attend un nombre de 0 à 20 (unité : Sur 20)."),
        ("jours", 400, None),
        ("jours sur 5", 400, None),  # not a mark
        (None, 400, None),
    ],
)
@pytest.mark.parametrize("column", ["depart", "cible"])
def test_a_value_stays_under_the_most_that_its_unit_can_be(
    workbook_of: WorkbookOf, unit: str | None, value: float, message: str | None, column: str
) -> None:
    """A share of 100 %, a mark out of five; days have no end. Falling when the baseline is the one to judge."""
    other = {"depart": {"cible": 1, "alerte": 2}, "cible": {"depart": 0, "alerte": 1}}[column]
    found = told(judged(workbook_of, unite=unit, **{column: value}, **other))

    assert [one.partition(" : ")[2] for one in found] == ([message] if message else [])


# versions


CHANGED = date(2027, 1, 4)
AGAIN = date(2027, 6, 1)


def version(changed: date | None, **change: object) -> Row:
    """The sound indicator, as changed on a day."""
    return SOUND | {"modifie_le": changed} | change


def versions(workbook_of: WorkbookOf, *rows: Row) -> Workbook:
    """A workbook whose indicators stand on these rows."""
    return workbook_of(objectifs=OBJECTIVES, indicateurs=rows)


@pytest.mark.parametrize(
    "rows",
    [
        [version(None), version(CHANGED, cible=50)],
        [version(None), version(CHANGED), version(AGAIN)],
        [version(AGAIN), version(None), version(CHANGED)],  # the dates say the order
        [version(None), version(date(2026, 10, 2))],  # the day after the baseline
        [version(None, depart_le=None), version(date(2026, 9, 1), depart_le=None)],
        [version(None), version(CHANGED), version(None, indicateur="Autre"), version(CHANGED, indicateur="AUTRE")],
    ],
)
def test_an_indicator_may_be_changed_after_its_start(workbook_of: WorkbookOf, rows: list[Row]) -> None:
    """Each version but the first has its own day."""
    assert told(versions(workbook_of, *rows)) == []


WRONG_VERSIONS: list[tuple[list[Row], str]] = [
    ([version(None), version(None)],
     "Q6, vide : on attend la date où cette ligne remplace la ligne 5, ou un autre nom d'indicateur."),
    ([version(None), version(None, indicateur="USAGE, chaque semaine")],
     "Q6, vide : on attend la date où cette ligne remplace la ligne 5, ou un autre nom d'indicateur."),
    ([version(CHANGED)],
     "Q5, « 04/01/2027 » : on attend une case vide, ou sur une autre ligne l'indicateur d'origine, sans date."),
    ([version(AGAIN), version(CHANGED)],
     "Q6, « 04/01/2027 » : on attend une case vide, ou sur une autre ligne l'indicateur d'origine, sans date."),
    ([version(None), version(CHANGED), version(CHANGED)],
     "Q7, « 04/01/2027 » : on attend une autre date que celle de la ligne 6, qui change le même indicateur."),
    ([version(None), version(date(2026, 10, 1))],
     "Q6, « 01/10/2026 » : on attend une date après le 01/10/2026, jour de la valeur de départ."),
    ([version(None), version(CHANGED, cible_le=CHANGED)],
     "N6, « 04/01/2027 » : on attend une date après le 04/01/2027, jour où l'indicateur a changé."),
    ([version(None), version(CHANGED, sens="baisse")],
     "M6, « 60 » : on attend une cible que la valeur de départ n'a pas déjà atteinte."),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "message"), WRONG_VERSIONS)
def test_each_rule_of_versions_broken_alone_has_its_cell_and_its_words(
    workbook_of: WorkbookOf, rows: list[Row], message: str
) -> None:
    """Names that differ by case and punctuation are one; the rules of a row hold for each version."""
    assert told(versions(workbook_of, *rows)) == [f"feuille Indicateurs, cellule {message}"]


def test_the_last_version_counts_and_the_others_are_kept(workbook_of: WorkbookOf) -> None:
    """Usage 60, then 50 in January, then 40 in June; « Autre » stands between, unchanged."""
    other = version(None, indicateur="Autre")
    last = version(AGAIN, indicateur="usage chaque semaine", cible=40, motif="Deux écoles de moins")
    rows = [version(None), other, last, version(CHANGED, cible=50, motif="Travaux")]
    book = versions(workbook_of, *rows)
    current, former = current_indicators(book), former_indicators(book)

    assert list(current) == list(book.table("indicateurs"))
    assert current[["indicateur", "cible"]].to_numpy().tolist() == [["usage chaque semaine", 40], ["Autre", 60]]
    assert former[["cible", "replaced_on", "motif"]].to_numpy().tolist() == [
        [60, CHANGED, "Travaux"],
        [50, AGAIN, "Deux écoles de moins"],
    ]
    assert current.index.tolist() == former.index.tolist() == [0, 1]
    assert list(former) == [*current, "replaced_on"]


def test_without_indicators_there_are_no_versions(workbook_of: WorkbookOf) -> None:
    """Tables without a row, with their columns."""
    blank = workbook_of()

    assert (len(current_indicators(blank)), len(former_indicators(blank)), len(measures_of(blank))) == (0, 0, 0)
    assert list(current_indicators(blank)) == list(blank.table("indicateurs"))
    assert list(measure_issues(blank)) == []


@given(order=st.permutations(range(5)))
def test_the_order_of_rows_changes_no_version(workbook_of: WorkbookOf, order: list[int]) -> None:
    """Dates decide; only the order in which indicators are listed follows the sheet."""
    rows = [version(None), version(CHANGED, cible=50), version(AGAIN, cible=40),
            version(None, indicateur="Autre"), version(CHANGED, indicateur="Autre", cible=45)]  # fmt: skip
    book = versions(workbook_of, *(rows[rank] for rank in order))
    kept = current_indicators(book).set_index("indicateur")["cible"].to_dict()

    assert kept == {SOUND["indicateur"]: 40, "Autre": 45}
    assert sorted(former_indicators(book)["cible"]) == [50, 60, 60]
    assert told(book) == []


# measures


def measured(workbook_of: WorkbookOf, *measures: tuple[Any, ...], rows: Sequence[Row] = (SOUND,)) -> Workbook:
    """A workbook with the sound indicator, and measures of it: a day, a value, another name."""
    told_measures = [
        {"indicateur": name[0] if name else SOUND["indicateur"], "le": day, "valeur": value}
        for day, value, *name in measures
    ]
    return workbook_of(objectifs=OBJECTIVES, indicateurs=rows, mesures=told_measures)


def told_of_measures(workbook: Workbook) -> list[str]:
    """The messages."""
    return [str(issue) for issue in measure_issues(workbook)]


MARCH = date(2027, 3, 1)


def test_sound_measures_have_no_issue(workbook_of: WorkbookOf) -> None:
    """From the day after the baseline, in any order; the same name as often as one likes, nearly as it is written."""
    book = measured(
        workbook_of, (MARCH, 30), (date(2026, 10, 2), 0, "usage  chaque SEMAINE."), (CHANGED, 30), rows=[SOUND]
    )

    assert told_of_measures(book) == []


PERCENTS: Row = SOUND | {"unite": "%"}
WRONG_MEASURES: list[tuple[list[tuple[Any, ...]], Row, str]] = [
    ([(MARCH, 30, "Usages")], SOUND,
     "Mesures, cellule A5, « Usages » : on attend le nom d'un indicateur, écrit comme dans la feuille Indicateurs."),
    ([(date(2026, 9, 30), 30)], SOUND,
     "Mesures, cellule B5, « 30/09/2026 » : on attend une date après le 01/10/2026, jour de la valeur de départ."),
    ([(date(2026, 10, 1), 30)], SOUND,
     "Mesures, cellule B5, « 01/10/2026 » : on attend une date après le 01/10/2026, jour de la valeur de départ."),
    ([(MARCH, 30), (CHANGED, 30), (MARCH, 40)], SOUND,
     "Mesures, cellule B7, « 01/03/2027 » : on attend une seule mesure de cet indicateur par jour."),
    ([(MARCH, 100), (CHANGED, 100.5)], PERCENTS,
     "Mesures, cellule C6, « 100.5 » : on attend un nombre de 0 à 100 (unité : %)."),
    ([(MARCH, 30), (CHANGED, 30)], SOUND | {"depart": None},
     "Indicateurs, cellule K5, vide : on attend la valeur de départ, puisque l'indicateur a des mesures."),
    ([(MARCH, 30)], SOUND | {"depart_le": None},
     "Indicateurs, cellule L5, vide : on attend le jour de la valeur de départ, puisque l'indicateur a des mesures."),
]  # fmt: skip


@pytest.mark.parametrize(("measures", "row", "message"), WRONG_MEASURES)
def test_each_rule_of_measures_broken_alone_has_its_cell_and_its_words(
    workbook_of: WorkbookOf, measures: list[tuple[Any, ...]], row: Row, message: str
) -> None:
    """A missing baseline is told once, whatever the number of measures, and on its own sheet."""
    assert told_of_measures(measured(workbook_of, *measures, rows=[row])) == [f"feuille {message}"]


def test_two_indicators_are_measured_on_one_day(workbook_of: WorkbookOf) -> None:
    """As two that nobody knows: their names alone are to correct."""
    rows = [SOUND, SOUND | {"indicateur": "Autre"}]

    assert told_of_measures(measured(workbook_of, (MARCH, 30), (MARCH, 40, "Autre"), rows=rows)) == []
    assert len(told_of_measures(measured(workbook_of, (MARCH, 30, "X"), (MARCH, 40, "Y"), rows=rows))) == 2


def test_measures_that_cannot_be_read_are_not_judged(workbook_of: WorkbookOf) -> None:
    """Two without a day, which the sheet itself refuses; one without a value."""
    assert told_of_measures(measured(workbook_of, (None, 30), (None, 40), (MARCH, None))) == []


@pytest.mark.parametrize("column", ["definition", "numerateur", "denominateur", "unite"])
def test_a_measure_belongs_to_what_was_counted_on_its_day(workbook_of: WorkbookOf, column: str) -> None:
    """Changed in January 2027: a measure of that day is the first of the new series, in its unit and its definition."""
    rows = [SOUND, version(CHANGED, **{column: "autrement"})]
    before = date(2027, 1, 3)
    found = measures_of(measured(workbook_of, (CHANGED, 40), (before, 30), (MARCH, 50), rows=rows))

    assert found["le"].tolist() == [before, CHANGED, MARCH]
    assert found["series"].nunique() == 2
    assert found["series"].iloc[0] != found["series"].iloc[1] == found["series"].iloc[2]
    assert found["name"].nunique() == 1


def test_a_target_that_changes_leaves_one_series(workbook_of: WorkbookOf) -> None:
    """Nothing else is counted: measures before and after compare, whatever the case in which they are described."""
    shouted = str(SOUND["definition"]).upper()
    rows = [SOUND, version(CHANGED, cible=40, definition=shouted, cible_le=date(2029, 1, 1), alerte=None)]
    found = measures_of(measured(workbook_of, (CHANGED, 40), (date(2026, 11, 1), 30), rows=rows))

    assert found["series"].nunique() == 1


def test_a_measure_is_judged_by_the_version_of_its_day(workbook_of: WorkbookOf) -> None:
    """In %, from 1 October 2026; counted in classes from January 2027, with a baseline of that month.

    November is after the first baseline, though before the second; 120 is no %, but may be a number of classes.
    """
    rows = [PERCENTS, version(CHANGED, unite="classes", depart=12, depart_le=CHANGED, cible=140)]
    november = date(2026, 11, 2)

    assert told_of_measures(measured(workbook_of, (november, 30), (MARCH, 120), rows=rows)) == []
    assert len(told_of_measures(measured(workbook_of, (november, 120), (MARCH, 120), rows=rows))) == 1
    assert [one[:32] for one in told_of_measures(measured(workbook_of, (CHANGED, 30), rows=rows))] == [
        "feuille Mesures, cellule B5, « 0"
    ]


def test_a_baseline_taken_again_does_not_refuse_what_was_measured_before(workbook_of: WorkbookOf) -> None:
    """The same thing is counted: the first baseline is the limit."""
    rows = [SOUND, version(AGAIN, depart=25, depart_le=MARCH)]

    assert told_of_measures(measured(workbook_of, (CHANGED, 22), rows=rows)) == []


def test_a_percentage_is_written_as_one(workbook_of: WorkbookOf) -> None:
    """0.59 in an indicator in % is a share written as a ratio; in days, it is half a day; 0 and 1 are values."""
    day, percent = date(2026, 11, 1), SOUND | {"unite": "%"}
    wrong = "feuille Mesures, cellule C5, « 0.59 » : on attend un pourcentage : écrivez 59 pour 59 %."

    assert told_of_measures(measured(workbook_of, (day, 0.59), rows=[percent])) == [wrong]
    assert told_of_measures(measured(workbook_of, (day, 0.59), rows=[SOUND | {"unite": "jours"}])) == []
    assert told_of_measures(measured(workbook_of, (day, 0), (date(2026, 11, 2), 1), rows=[percent])) == []


@pytest.mark.parametrize(("perimeter", "people", "refused"), [
    ("satisfaction_enseignants", 9, True), ("satisfaction_enseignants", 10, False), ("apports", 2, True),
    ("usages", 2, False), ("apports", None, False),
])  # fmt: skip
def test_a_measure_of_opinions_is_of_ten_people_at_least(
    workbook_of: WorkbookOf, perimeter: str, people: int | None, refused: bool
) -> None:
    """66.7 % of 3, then 50 % of 1, would tell what each of them said; classes and devices are no people."""
    row = {"indicateur": SOUND["indicateur"], "le": date(2026, 11, 1), "valeur": 50, "sur": people}
    book = workbook_of(objectifs=OBJECTIVES, indicateurs=[SOUND | {"perimetre": perimeter}], mesures=[row])

    assert [issue.cell for issue in measure_issues(book)] == (["D5"] if refused else [])
