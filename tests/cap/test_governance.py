"""Who decides, who does, and the one row in two that says it twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.cap.governance import actors, duties_of, duty_issues, undecided
from pupitre.data.sheets import sheet
from pupitre.data.workbook import Workbook

WorkbookOf = Callable[..., Workbook]
Row = dict[str, Any]

ACTIONS = list(sheet("responsabilites").column("action").choices)
# In another order than the list's, which is diagnostic, concertation, …, choix.
TOLD: list[Row] = [
    {"action": "choix", "mairie": "A", "services": "R", "enseignants": "C", "parents": "I"},
    {"action": "diagnostic", "services": "AR", "directions": "R"},
    {"action": "concertation", "mairie": "I", "enseignants": "C"},
]


def cells(workbook: Workbook) -> list[str]:
    """The cells to correct."""
    return [issue.cell for issue in duty_issues(workbook)]


def test_actors_are_the_columns_of_the_sheet_and_its_list() -> None:
    """Who presides, answers or holds is chosen among the same eight."""
    assert tuple(actors()) == tuple(sheet("gouvernance").column("preside").choices)
    assert len(actors()) == 8


@pytest.mark.parametrize(
    ("letters", "wrong"),
    [
        ({"mairie": "A", "services": "R", "parents": "I", "directions": "C"}, []),
        ({"mairie": "AR", "services": "R"}, []),
        ({"services": "R", "directions": "R", "enseignants": "C", "parents": "C"}, []),
        ({"mairie": "A", "services": "A"}, ["C5"]),
        ({"mairie": "AR", "parents": "A"}, ["I5"]),
        ({"services": "A", "operateur": "AR"}, ["H5"]),
        ({"mairie": "A", "services": "AR", "inspection": "A"}, ["C5", "D5"]),
    ],
)
def test_one_alone_decides(workbook_of: WorkbookOf, letters: Row, wrong: list[str]) -> None:
    """A and AR both decide; the first of the row is kept, each other is to correct. Nobody is no contradiction."""
    assert cells(workbook_of(responsabilites=[{"action": "choix", **letters}])) == wrong


def test_rows_are_judged_one_by_one(workbook_of: WorkbookOf) -> None:
    """Two rows may have the same actor decide; the third one is in row 7."""
    rows = [{"action": action, "mairie": "A"} for action in ACTIONS[:2]]
    wrong = {"action": ACTIONS[2], "mairie": "A", "parents": "AR"}

    assert cells(workbook_of(responsabilites=rows)) == []
    assert cells(workbook_of(responsabilites=[*rows, wrong])) == ["I7"]


def test_the_cell_and_the_rule_are_those_of_the_file(read_filled: Callable[..., Any]) -> None:
    """Through Excel: the sheet comes with its actions, the second one in row 6."""
    workbook, unreadable = read_filled({"Responsabilités": {"B5": "A", "B6": "A", "D6": "r", "F6": "AR"}})

    assert unreadable == ()
    assert [str(issue) for issue in duty_issues(workbook)] == [
        "feuille Responsabilités, cellule F6, « AR » : "
        "on attend un seul A, ou AR, sur cette ligne : un seul décide et répond du résultat."
    ]
    assert duties_of(workbook).loc["concertation", "inspection"] == "R"


def test_duties_come_in_the_order_of_the_list(workbook_of: WorkbookOf) -> None:
    """One column an actor, None where nothing is said."""
    duties = duties_of(workbook_of(responsabilites=TOLD))
    told = [action for action in duties.index if action in ("diagnostic", "concertation", "choix")]

    assert told == ["diagnostic", "concertation", "choix"]
    assert list(duties) == list(actors())
    assert duties.loc["choix"].dropna().to_dict() == {
        "mairie": "A",
        "services": "R",
        "enseignants": "C",
        "parents": "I",
    }
    assert duties_of(workbook_of()).dropna(how="all").empty


@pytest.mark.parametrize(
    ("role", "without"),
    [
        ("decides", ["concertation"]),
        ("does", ["concertation"]),
    ],
)
def test_actions_without_a_holder(workbook_of: WorkbookOf, role: str, without: list[str]) -> None:
    """AR both decides and does: Services alone on the diagnostic suffices."""
    found = undecided(duties_of(workbook_of(responsabilites=TOLD)), role)

    assert [action for action in found if action in ("diagnostic", "concertation", "choix")] == without


def test_an_action_left_blank_has_no_holder(workbook_of: WorkbookOf) -> None:
    """The sheet lists every action: a row that nobody filled is the first to show as undecided."""
    assert undecided(duties_of(workbook_of(responsabilites=TOLD)), "decides") == [
        action for action in ACTIONS if action not in ("diagnostic", "choix")
    ]


LETTERS = st.lists(
    st.fixed_dictionaries({actor: st.sampled_from([None, "R", "A", "AR", "C", "I"]) for actor in actors()}),
    max_size=4,
)


@given(told=LETTERS)
def test_a_table_without_issue_has_one_decider_an_action_at_most(workbook_of: WorkbookOf, told: list[Row]) -> None:
    """As many issues as deciders too many."""
    workbook = workbook_of(
        responsabilites=[{"action": action, **row} for action, row in zip(ACTIONS, told, strict=False)]
    )
    letters = [[row[actor] for actor in actors() if row[actor]] for row in told]
    deciders = [sum(letter in ("A", "AR") for letter in row) for row in letters]

    assert len(cells(workbook)) == sum(max(count - 1, 0) for count in deciders)
