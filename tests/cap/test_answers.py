"""What was asked for beside what is aimed at, and every cell to correct, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pupitre.cap.answers import SHEETS, Cap, answer_issues, issues_of, set_cap
from pupitre.data.dossier import Dossier
from pupitre.data.sheets import sheet
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.inventory import take_inventory
from pupitre.diagnostic.profile import diagnose
from pupitre.errors import WorkbookError
from pupitre.law import baremes

WorkbookOf = Callable[..., Workbook]
CapOf = Callable[..., Cap]
ReadFilled = Callable[..., Any]
Row = dict[str, Any]

ON = date(2026, 11, 22)
JAURES, MATERNELLE = "0090312R", "0090313S"
GROUPS = list(sheet("concertation").column("groupe").choices)


def voice(group: str, theme: str) -> Row:
    """A need heard."""
    return {"groupe": group, "theme": theme, "besoin": "Que cela marche"}


def aim(rank: int, theme: str | None) -> Row:
    """An objective."""
    return {"rang": rank, "objectif": f"Objectif {rank}", "theme": theme}


@pytest.fixture
def cap_of(workbook_of: WorkbookOf, mirepoix: Dossier) -> CapOf:
    """The cap of Mirepoix, two public schools, from the rows of its workbook."""

    def _cap(year: int = 2026, **told: list[Row]) -> Cap:
        workbook, law = workbook_of(**told), baremes.on(ON)
        bare = diagnose(mirepoix, law, Assumptions())
        inventory = take_inventory(workbook, bare.schools, bare.needs, law)
        return set_cap(workbook, replace(bare, inventory=inventory), year)

    return _cap


# needs and objectives


@pytest.mark.parametrize(
    ("heard", "unheard"),
    [
        ([], ("enseignants", "directions", "parents", "mairie", "operateurs", "eleves", "periscolaire")),
        (["parents", "autre", "parents"],
         ("enseignants", "directions", "mairie", "operateurs", "eleves", "periscolaire")),
        (["autre"], ("enseignants", "directions", "parents", "mairie", "operateurs", "eleves", "periscolaire")),
        (GROUPS, ()),
    ],
)  # fmt: skip
def test_who_was_not_heard(cap_of: CapOf, heard: list[str], unheard: tuple[str, ...]) -> None:
    """The seven groups of the charter, in the order of the list; « autre » is nobody in particular."""
    found = cap_of(concertation=[voice(group, "materiel") for group in heard])

    assert found.unheard == unheard
    assert found.voices["groupe"].tolist() == heard


def test_needs_without_an_answer_and_answers_without_a_need(cap_of: CapOf) -> None:
    """Asked: material, the internet (twice), upkeep. Aimed at: material (1), training (2), no subject (3), ENT (4)."""
    found = cap_of(
        concertation=[voice("parents", "entretien"), voice("eleves", "internet"), voice("mairie", "internet"),
                      voice("parents", "materiel")],
        objectifs=[aim(4, "ressources"), aim(2, "formation"), aim(3, None), aim(1, "materiel")],
    )  # fmt: skip

    assert found.unmet == ("internet", "entretien")
    assert found.unasked == (2, 4)
    assert found.objectives["rang"].tolist() == [1, 2, 3, 4]
    assert found.objectives["objectif"].tolist() == [f"Objectif {rank}" for rank in (1, 2, 3, 4)]
    assert found.objectives.index.tolist() == [0, 1, 2, 3]


def test_objectives_are_not_unasked_for_when_nobody_was_heard(cap_of: CapOf) -> None:
    """The consultation is what is missing, not the need."""
    found = cap_of(objectifs=[aim(1, "materiel")])

    assert (found.unasked, found.unmet) == ((), ())


def test_without_objectives_every_need_is_unmet(cap_of: CapOf) -> None:
    """Each subject once."""
    found = cap_of(concertation=[voice("parents", "materiel"), voice("eleves", "materiel")])

    assert (found.unmet, found.unasked) == (("materiel",), ())
    assert found.objectives.empty


# the rest of the cap


def test_a_blank_workbook_is_a_cap_to_fill(cap_of: CapOf) -> None:
    """Every sheet is said to be empty, none stands in the way."""
    found = cap_of()

    assert found.empty == SHEETS
    assert found.orientation == {}
    assert all(len(table) == 0 for table in (found.voices, found.objectives, found.committees, found.milestones))
    assert found.indicators.empty


@pytest.mark.parametrize("key", SHEETS)
def test_a_sheet_with_one_answer_is_not_empty(cap_of: CapOf, key: str) -> None:
    """The others are."""
    rows: dict[str, Row] = {
        "concertation": voice("parents", "materiel"),
        "objectifs": aim(1, None),
        "orientation": {"ambition": "Apprendre"},
        "gouvernance": {"comite": "pilotage", "rythme": "mois"},
        "responsabilites": {"action": "choix", "mairie": "A"},
        "calendrier": {"jalon": "Pose", "echeance": ON},
        "indicateurs": {"indicateur": "Usage", "cible": 1, "cible_le": ON},
    }

    assert cap_of(**{key: [rows[key]]}).empty == tuple(one for one in SHEETS if one != key)


def test_the_plan_of_orientation_holds_what_is_answered(cap_of: CapOf) -> None:
    """By question; what is not answered is absent, so that a document leaves a field for it."""
    told = {"ambition": "Apprendre", "debut": date(2027, 1, 4), "duree": 3, "pedt": "non"}

    assert cap_of(orientation=[told]).orientation == told


def test_tables_of_the_cap(cap_of: CapOf) -> None:
    """Committees by name, duties and milestones in order, indicators in that of the sheet."""
    found = cap_of(
        gouvernance=[{"comite": "pilotage", "rythme": "mois"}, {"comite": "orientation", "preside": "mairie"}],
        responsabilites=[{"action": "choix", "mairie": "A"}, {"action": "diagnostic", "services": "AR"}],
        calendrier=[{"jalon": "B", "echeance": date(2028, 1, 1), "apres": "a"}, {"jalon": "A", "echeance": ON}],
        indicateurs=[{"indicateur": "Z", "cible": 1, "cible_le": ON}, {"indicateur": "A", "cible": 2, "cible_le": ON}],
    )

    assert found.committees["rythme"].to_dict() == {"pilotage": "mois", "orientation": None}
    assert found.duties["services"].dropna().to_dict() == {"diagnostic": "AR"}
    assert found.duties["mairie"].dropna().to_dict() == {"choix": "A"}
    assert [action for action in found.duties.index if action in ("choix", "diagnostic")] == ["diagnostic", "choix"]
    assert found.milestones[["jalon", "apres"]].to_numpy().tolist() == [["A", None], ["B", "A"]]
    assert found.indicators["indicateur"].tolist() == ["Z", "A"]
    assert found.indicators.index.tolist() == [0, 1]


def test_a_changed_indicator_is_in_the_cap_as_last_changed(cap_of: CapOf) -> None:
    """Once; how it was stands in `former_indicators`."""
    first: Row = {"indicateur": "Usage", "cible": 60, "cible_le": date(2028, 6, 30)}
    changed = first | {"cible": 50, "modifie_le": ON}

    assert cap_of(indicateurs=[first, changed]).indicators["cible"].tolist() == [50]


# the ranking


def test_the_schools_are_ranked_by_the_weights_of_the_workbook(cap_of: CapOf) -> None:
    """A school project puts the maternelle first, its lower number of pupils puts it second."""
    projects: list[Row] = [{"ecole": JAURES, "projet": False}, {"ecole": MATERNELLE, "projet": True}]
    by_project = cap_of(ecoles=projects, priorites=[{"critere": "projet", "poids": 2}]).ranking
    by_size = cap_of(ecoles=projects, priorites=[{"critere": "eleves", "poids": 2}]).ranking

    assert by_project is not None
    assert by_size is not None
    assert by_project.schools.index.tolist() == [MATERNELLE, JAURES]
    assert by_size.schools.index.tolist() == [JAURES, MATERNELLE]
    assert by_project.weights == {"projet": 1.0}


@pytest.mark.parametrize(("year", "share"), [(2026, 0.0), (2027, 1.0)])
def test_the_year_decides_what_is_due(cap_of: CapOf, year: int, share: float) -> None:
    """A tablet of 2023 lives four years."""
    devices = [{"ecole": uai, "type": "tablette", "nombre": 1, "annee": 2023} for uai in (JAURES, MATERNELLE)]
    ranking = cap_of(year, equipements=devices, priorites=[{"critere": "age", "poids": 1}]).ranking

    assert ranking is not None
    assert ranking.schools["score"].tolist() == [share, share]


def test_schools_that_cannot_be_compared_are_not_ranked(
    cap_of: CapOf, mirepoix: Dossier, workbook_of: WorkbookOf
) -> None:
    """One project told of two schools; no inventory."""
    workbook = workbook_of()
    bare = diagnose(mirepoix, baremes.on(ON), Assumptions())

    assert (
        cap_of(ecoles=[{"ecole": JAURES, "projet": True}], priorites=[{"critere": "projet", "poids": 1}]).ranking
        is None
    )
    assert bare.inventory is None
    assert set_cap(workbook, bare, 2026).ranking is None


# issues


WRONG: dict[str, dict[str, object]] = {
    "Maturité": {"A45": "x", "B45": "Plan d'orientation écrit", "F45": f"École ({JAURES})", "G45": 3},
    "Calendrier": {"A5": "Pose", "D5": "04/01/2027", "E5": "Néant"},
    "Responsabilités": {"B5": "A", "C5": "A"},
    "Indicateurs": {"A5": "Usage", "B5": "Usages", "D5": "Classes", "K5": 20, "M5": 20, "N5": "30/06/2028"},
    "Priorités": {"B5": 0},
    "Mesures": {"A5": "Usages", "B5": "01/10/2026", "C5": 30},
    "Livraisons": {"A5": "Toute la commune", "B5": "Visualiseur", "C5": 2, "D5": "01/10/2026", "F5": "02/10/2026"},
}
CELLS = [
    ("Maturité", "F45"),
    ("Calendrier", "E5"),
    ("Responsabilités", "C5"),
    ("Indicateurs", "M5"),
    ("Priorités", "B5"),
    ("Mesures", "A5"),
    ("Livraisons", "E5"),
]


def test_every_sheet_is_judged(read_filled: ReadFilled) -> None:
    """Through Excel: one contradiction a sheet, each with its cell, in the order of the sheets."""
    workbook, unread = read_filled(WRONG)
    sound, _ = read_filled({})

    assert unread == ()
    assert [(issue.sheet, issue.cell) for issue in answer_issues(workbook)] == CELLS
    assert answer_issues(sound) == ()


@pytest.mark.parametrize("step", [6, 0, "2,5", -1, "trois"])
def test_a_step_outside_one_to_five_is_refused(read_filled: ReadFilled, step: object) -> None:
    """The message says the sheet, the cell and the steps."""
    _, [issue] = read_filled({"Maturité": {"G7": step}})

    assert (issue.sheet, issue.cell, issue.found) == ("Maturité", "G7", str(step))
    assert issue.expected.startswith("on attend un choix de la liste : « 1 », « 2 », « 3 », « 4 », « 5 »")


@pytest.mark.parametrize("step", [1, 2.0, "3", "4", 5, "sans objet"])
def test_a_step_from_one_to_five_is_read(read_filled: ReadFilled, step: object) -> None:
    """As a number, as a text, or « sans objet »."""
    workbook, unread = read_filled({"Maturité": {"G7": step}})

    assert unread == ()
    assert len(workbook.table("maturite")) == 1
    assert answer_issues(workbook) == ()


def test_issues_of_cells_answers_and_assumptions_come_together(read_filled: ReadFilled) -> None:
    """What cannot be read first; then what contradicts; then an assumption; no cell twice."""
    answers = {**WRONG, "Écoles": {"C5": "douze"}, "Hypothèses": {"A5": "loan_share", "C5": "beaucoup"}}
    workbook, unread = read_filled(answers)
    found = issues_of(workbook, unread, baremes.on(ON))

    assert [(issue.sheet, issue.cell) for issue in found] == [("Écoles", "C5"), *CELLS, ("Hypothèses", "C5")]


CONTRADICTION = {"A5": "lease_rate", "C5": "0,04", "A6": "lease_rent_per_1000_eur", "C6": "18,2"}


def test_assumptions_that_contradict_one_another_are_refused(read_filled: ReadFilled) -> None:
    """No cell alone is to blame: their own error says it."""
    workbook, unread = read_filled({"Hypothèses": CONTRADICTION})

    assert unread == ()
    with pytest.raises(WorkbookError, match="se contredisent"):
        issues_of(workbook, unread, baremes.on(ON))


def test_assumptions_that_contradict_one_another_hide_no_cell(read_filled: ReadFilled) -> None:
    """The error that says it lists the cells to correct as well: one unreadable, one that names no milestone."""
    answers = {"Hypothèses": CONTRADICTION, "Écoles": {"C5": "douze"}, "Calendrier": WRONG["Calendrier"]}
    workbook, unread = read_filled(answers)

    with pytest.raises(WorkbookError, match="se contredisent") as refusal:
        issues_of(workbook, unread, baremes.on(ON))
    assert [(issue.sheet, issue.cell) for issue in refusal.value.issues] == [("Écoles", "C5"), ("Calendrier", "E5")]


UNREAD: list[tuple[str, dict[str, object], str]] = [
    ("Calendrier", {"A5": "Pose", "C5": "04/01/2027"}, "D5"),
    ("Calendrier", {"A5": "Pose", "D5": "bientôt"}, "D5"),
    ("Calendrier", {"A5": "Pose", "D5": "04/01/2027", "A6": "Bilan", "E6": "Pose"}, "D6"),
    ("Calendrier", {"A5": "Bilan", "D5": "04/01/2028", "E5": "Pose", "A6": "Pose"}, "D6"),
    ("Calendrier", {"D5": "04/01/2028"}, "A5"),
    ("Calendrier", {"A5": "Pose", "D5": "31/12/1989"}, "D5"),  # out of bounds, and before the start: told once
    ("Indicateurs", {"A5": "Usage", "B5": "Usages", "D5": "Classes", "K5": 20, "N5": "30/06/2028", "O5": 4}, "M5"),
    ("Indicateurs", {"A5": "Usage", "B5": "Usages", "D5": "Classes", "L5": "01/10/2026", "M5": 20}, "N5"),
    ("Responsabilités", {"B30": "A", "C30": "R"}, "A30"),
    ("Priorités", {"B5": "douze"}, "B5"),
    ("Maturité", {"F45": "Toute la commune", "G45": 3}, "B45"),
]


@pytest.mark.parametrize(("title", "page", "cell"), UNREAD)
def test_a_cell_that_cannot_be_read_does_not_stop_the_judges(
    read_filled: ReadFilled, title: str, page: dict[str, object], cell: str
) -> None:
    """`pupitre check` hands the judges what could be read: the cell alone is told, with a start date beside it."""
    workbook, unread = read_filled({title: page, "Plan d'orientation": {"B14": "04/01/2027"}})

    assert [(issue.sheet, issue.cell) for issue in unread] == [(title, cell)]
    assert issues_of(workbook, unread, baremes.on(ON)) == unread
