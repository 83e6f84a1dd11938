"""Dates that hold together and dates that do not, one broken rule at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pupitre.cap.calendar import calendar_issues, delivery_issues, milestones_of
from pupitre.data.workbook import Workbook

WorkbookOf = Callable[..., Workbook]
Row = dict[str, Any]

START, MARCH = date(2027, 1, 4), date(2027, 3, 1)
# Every limit is reached and none is passed: on the start day, begun the day that the milestone before ends, due or done
# the day it begins. Rows 5 to 8 of the sheet.
SOUND: dict[str, Row] = {
    "Diagnostic": {"echeance": START},
    "Choix": {"debut": START, "echeance": MARCH, "apres": "Diagnostic"},
    "Pose": {"debut": MARCH, "echeance": MARCH, "apres": "Choix", "fait_le": MARCH},
    "Bilan": {"echeance": MARCH, "apres": "Pose"},
}


def rows(**changes: Row) -> list[Row]:
    """The sound calendar, with what changes of a milestone."""
    return [{"jalon": name, **told, **changes.get(name, {})} for name, told in SOUND.items()]


def told(workbook: Workbook) -> list[str]:
    """The messages."""
    return [str(issue) for issue in calendar_issues(workbook)]


def cells(workbook: Workbook) -> list[str]:
    """The cells to correct."""
    return [issue.cell for issue in calendar_issues(workbook)]


def test_a_calendar_that_reaches_every_limit_is_sound(workbook_of: WorkbookOf) -> None:
    """A milestone may fall on the start day, on the day of the one before, and last one day."""
    assert told(workbook_of(calendrier=rows(), orientation=[{"debut": START}])) == []


def test_an_empty_calendar_is_sound(workbook_of: WorkbookOf) -> None:
    """Nothing is judged, nothing is listed."""
    assert told(workbook_of(orientation=[{"debut": START}])) == []
    assert milestones_of(workbook_of()).empty


ALONE: list[tuple[str, Row, str]] = [
    ("Pose", {"echeance": date(2027, 2, 28)},
     "D7, « 28/02/2027 » : on attend une échéance à partir du 01/03/2027, son début."),
    ("Diagnostic", {"echeance": date(2027, 1, 3)},
     "D5, « 03/01/2027 » : on attend une date à partir du 04/01/2027 (feuille Plan d'orientation, Début du projet)."),
    ("Choix", {"debut": date(2027, 1, 3), "apres": None},
     "C6, « 03/01/2027 » : on attend une date à partir du 04/01/2027 (feuille Plan d'orientation, Début du projet)."),
    ("Pose", {"debut": date(2027, 2, 28)},
     "C7, « 28/02/2027 » : on attend une date à partir du 01/03/2027, échéance de « Choix »."),
    ("Bilan", {"echeance": date(2027, 2, 28)},
     "D8, « 28/02/2027 » : on attend une date à partir du 01/03/2027, échéance de « Pose »."),
    ("Bilan", {"apres": "Repose"},
     "E8, « Repose » : on attend le nom d'un autre jalon, écrit comme dans la première colonne."),
    ("Bilan", {"apres": "bilan"},
     "E8, « bilan » : on attend un jalon qui n'attend pas lui-même « Bilan »."),
    ("Pose", {"fait_le": date(2027, 2, 28)},
     "G7, « 28/02/2027 » : on attend une date à partir du 01/03/2027, son début."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "message"), ALONE)
def test_each_rule_broken_alone_has_its_cell_and_its_words(
    workbook_of: WorkbookOf, name: str, change: Row, message: str
) -> None:
    """One issue, whose message says the sheet, the cell, what was read and the rule."""
    workbook = workbook_of(calendrier=rows(**{name: change}), orientation=[{"debut": START}])

    assert told(workbook) == [f"feuille Calendrier, cellule {message}"]


def test_every_broken_rule_is_told_at_once(workbook_of: WorkbookOf) -> None:
    """Diagnostic before the start, Choix ends before it begins, Pose begins before Choix ends, Bilan waits for none."""
    wrong = rows(
        Diagnostic={"echeance": date(2026, 12, 1)},
        Choix={"debut": date(2027, 4, 1)},
        Pose={"debut": date(2027, 2, 1)},
        Bilan={"apres": "Néant"},
    )

    assert cells(workbook_of(calendrier=wrong, orientation=[{"debut": START}])) == ["D5", "D6", "C7", "E8"]


@pytest.mark.parametrize("orientation", [[], [{"ambition": "Apprendre"}]])
def test_without_a_start_of_the_project_none_is_required(workbook_of: WorkbookOf, orientation: list[Row]) -> None:
    """A form without a row, or without that answer."""
    early = rows(Diagnostic={"echeance": date(1999, 1, 1)})

    assert told(workbook_of(calendrier=early, orientation=orientation)) == []


def test_the_cell_is_that_of_the_file(read_filled: Callable[..., Any]) -> None:
    """Through Excel: an empty row is skipped, the third milestone stands in row 8."""
    page = {
        "A5": "Diagnostic", "D5": "04/01/2027",
        "A6": "Choix", "C6": "04/01/2027", "D6": "01/03/2027", "E6": "diagnostic",
        "A8": "Pose", "C8": "01/03/2027", "D8": "28/02/2027", "E8": "  CHOIX ",
    }  # fmt: skip
    workbook, unreadable = read_filled({"Calendrier": page, "Plan d'orientation": {"B14": "04/01/2027"}})
    moved = page | {"D5": "03/01/2027", "D8": "01/03/2027"}
    early, _ = read_filled({"Calendrier": moved, "Plan d'orientation": {"B14": "04/01/2027"}})

    assert unreadable == ()
    assert told(workbook) == [
        "feuille Calendrier, cellule D8, « 28/02/2027 » : on attend une échéance à partir du 01/03/2027, son début."
    ]
    assert cells(early) == ["D5"]


# names


@pytest.mark.parametrize(
    "written", ["Pose des écrans", "POSE DES ECRANS", "pose  des-écrans.", "pose des e\u0301crans"]
)
def test_a_milestone_is_known_without_case_accents_or_punctuation(workbook_of: WorkbookOf, written: str) -> None:
    """It is then shown as its own row writes it."""
    workbook = workbook_of(
        calendrier=[
            {"jalon": "Pose des écrans", "echeance": START},
            {"jalon": "Bilan", "echeance": MARCH, "apres": written},
        ]
    )

    assert told(workbook) == []
    assert milestones_of(workbook)["apres"].tolist() == [None, "Pose des écrans"]


def test_two_milestones_that_differ_by_case_or_accents_only_are_refused(workbook_of: WorkbookOf) -> None:
    """« Après : pose » would mean either: the second is to be renamed."""
    twins = [{"jalon": "Pose réglée", "echeance": START}, {"jalon": "pose REGLEE", "echeance": MARCH}]

    assert cells(workbook_of(calendrier=twins)) == ["A6"]


# loops


@pytest.mark.parametrize(("names", "told_cells"), [("A", ["E5"]), ("AB", ["E5", "E6"]), ("ABC", ["E5", "E6", "E7"])])
def test_a_loop_is_told_once_for_each_of_its_milestones(
    workbook_of: WorkbookOf, names: str, told_cells: list[str]
) -> None:
    """Each waits for the one before it, and the first for the last: their dates are not judged as well."""
    loop = [{"jalon": name, "echeance": date(2027, 1, 9 - rank), "apres": names[rank - 1]}
            for rank, name in enumerate(names)]  # fmt: skip
    workbook = workbook_of(calendrier=loop)

    assert cells(workbook) == told_cells
    assert all("qui n'attend pas lui-même" in message for message in told(workbook))


def test_a_chain_that_leads_into_a_loop_is_no_part_of_it(workbook_of: WorkbookOf) -> None:
    """C and D wait for A and B, which wait for one another; D's dates are judged all the same, against C's."""
    chain = [
        {"jalon": "A", "echeance": START, "apres": "B"},
        {"jalon": "B", "echeance": START, "apres": "A"},
        {"jalon": "C", "echeance": MARCH, "apres": "A"},
        {"jalon": "D", "echeance": START, "apres": "C"},
    ]

    assert cells(workbook_of(calendrier=chain)) == ["E5", "E6", "D8"]


def test_a_chain_that_ends_on_an_unknown_name_is_no_loop(workbook_of: WorkbookOf) -> None:
    """Only the one that names it is to correct."""
    chain = [
        {"jalon": "A", "echeance": START, "apres": "Z"},
        {"jalon": "B", "echeance": START, "apres": "A"},
        {"jalon": "C", "echeance": START, "apres": "B"},
    ]

    assert cells(workbook_of(calendrier=chain)) == ["E5"]


GRAPHS = st.lists(st.none() | st.integers(0, 9), min_size=1, max_size=9)


@given(waits=GRAPHS)
@example(waits=[1, 2, 0, 0, 3, 5, None])
def test_whatever_waits_for_whatever_loops_are_found(workbook_of: WorkbookOf, waits: list[int | None]) -> None:
    """A milestone is in a loop when following « après » from it comes back to it; a rank too high is no milestone."""
    workbook = workbook_of(
        calendrier=[
            {"jalon": f"Jalon {rank}", "echeance": START, "apres": None if before is None else f"jalon {before}"}
            for rank, before in enumerate(waits)
        ]
    )
    after: dict[int, int | None] = dict(enumerate(waits))
    expected = []
    for rank, before in enumerate(waits):
        reached = {before}
        for _ in waits:
            before = None if before is None else after.get(before)
            reached.add(before)
        unknown = waits[rank] is not None and waits[rank] not in after
        expected += [f"E{5 + rank}"] if rank in reached or unknown else []

    assert cells(workbook) == expected


# the milestones in order


def test_milestones_come_by_date(workbook_of: WorkbookOf) -> None:
    """Those of one day in the order of the sheet; an unknown name is no milestone; rows count from nought."""
    workbook = workbook_of(
        calendrier=[
            {"jalon": "Bilan", "echeance": date(2028, 6, 30), "apres": "POSE", "responsable": "mairie"},
            {"jalon": "Pose", "debut": START, "echeance": MARCH, "apres": "Néant", "phase": "deployer"},
            {"jalon": "Achat", "echeance": START, "phase": "cadrer"},
            {"jalon": "Avis", "echeance": START},
        ]
    )
    found = milestones_of(workbook)

    assert list(found) == ["jalon", "phase", "debut", "echeance", "apres", "responsable", "fait_le"]
    assert found.index.tolist() == [0, 1, 2, 3]
    assert found["jalon"].tolist() == ["Achat", "Avis", "Pose", "Bilan"]
    assert found["apres"].tolist() == [None, None, None, "Pose"]
    assert found["responsable"].tolist() == [None, None, None, "mairie"]
    assert found["phase"].tolist() == ["cadrer", None, "deployer", None]
    assert found["debut"].tolist() == [None, None, START, None]


# deliveries


ORDER: Row = {"ecole": "commune", "type": "tablette", "prevu": 6, "prevu_le": MARCH}


@pytest.mark.parametrize(
    "told",
    [{}, {"livre": 0}, {"livre": 4}, {"livre": 6, "livre_le": START}, {"livre": 1, "livre_le": date(2027, 9, 1)}],
)
def test_a_delivery_may_be_told_in_part(workbook_of: WorkbookOf, told: Row) -> None:
    """Nothing is known, none came, some came nobody noted when, all came early, some came late."""
    assert list(delivery_issues(workbook_of(livraisons=[ORDER | told]))) == []


def test_a_day_of_service_says_that_devices_are_in_service(workbook_of: WorkbookOf) -> None:
    """With none, or with nobody knowing how many, the day contradicts."""
    rows = [ORDER | {"livre_le": MARCH}, ORDER, ORDER | {"livre": 0, "livre_le": MARCH}]

    assert [str(issue) for issue in delivery_issues(workbook_of(livraisons=rows))] == [
        "feuille Livraisons, cellule E5, vide : on attend le nombre d'appareils en service ce jour-là.",
        "feuille Livraisons, cellule F7, « 01/03/2027 » : on attend une case vide, tant que rien n'est en service.",
    ]
