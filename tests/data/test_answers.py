"""The answers to the surveys: layouts, files, people, and each thing that cannot be counted, with its cell."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.data.answers import Answers, no_answers, scales, step_of
from pupitre.data.answers_file import MOST_BYTES, Texts, answer_files
from pupitre.data.answers_reader import read_answers
from pupitre.data.cells import school_index
from pupitre.data.dossier import Dossier, load_dossier
from pupitre.data.quotes import HIDDEN, quote_issues
from pupitre.data.sheets import sheet, typed
from pupitre.data.workbook import Workbook, load_workbook, read_workbook
from pupitre.data.workbook_writer import build_workbook
from pupitre.errors import CellIssue, WorkbookError

ON = dt.date(2026, 11, 22)
JAURES, MATERNELLE = "0090312R", "0090313S"
SCHOOLS = pd.DataFrame({"uai": [JAURES, MATERNELLE], "nom": ["École élémentaire Jean Jaures", "École Les Lilas"]})
SCHOOL = f"École élémentaire Jean Jaures ({JAURES})"
DECLARED = ["vague", "ecole", "code", "question", "reponse"]
ASKED = {
    "E1": ("enseignants", "accord"),
    "E2": ("enseignants", "frequence"),
    "E3": ("enseignants", "oui_non"),
    "E4": ("enseignants", "note"),
    "E5": ("enseignants", "libre"),
    "E6": ("enseignants", "pix"),
    "L1": ("eleves", "oui_non"),
    "L2": ("eleves", "note"),
}
TEACHERS = [code for code in ASKED if code.startswith("E")]
HELD = [("2026", "enseignants", 2026, 30), ("2025", "enseignants", 2025, None), ("2026", "eleves", 2026, 200)]
Row = Mapping[str, object]


def asking(**others: Mapping[int, Row]) -> Workbook:
    """A workbook that asks the questions of `ASKED` in the waves of `HELD`, and says what `others` say."""
    questions = {
        row: {"question": code, "intitule": f"{code} ?", "groupe": group, "echelle": scale, "perimetre": "usages"}
        for row, (code, (group, scale)) in enumerate(ASKED.items(), 5)
    }
    waves = {
        row: {"vague": wave, "groupe": group, "le": dt.date(year, 5, 4), "invites": invited}
        for row, (wave, group, year, invited) in enumerate(HELD, 5)
    }
    rows = {"questions": questions, "vagues": waves, **others}
    tables = {key: typed(sheet(key), told) for key, told in rows.items()}
    letters = {key: {one.key: "ABCDEFGHI"[rank] for rank, one in enumerate(sheet(key).columns)} for key in ("vagues",)}
    letters |= {key: {"question": "A", "texte": "A"} for key in ("questions", "paroles")}
    return Workbook("09194", "w.xlsx", "", None, tables, (), letters)


def written(rows: Sequence[Row], name: str = "Enquêtes", header: int = 4) -> Texts:
    """Rows as the sheet holds them, under the titles that they bear: 1 is cell A5."""
    titles = list(dict.fromkeys([*DECLARED, *(title for row in rows for title in row)]))
    columns = {title: [row.get(title) for row in rows] for title in titles}
    frame = pd.DataFrame(columns, range(header + 1, header + 1 + len(rows)), dtype=object)
    return Texts(name, frame, {title: "ABCDEFGHIJKLMNOP"[rank] for rank, title in enumerate(titles)}, header)


def read(*tables: Texts, book: Workbook | None = None) -> tuple[Answers, tuple[CellIssue, ...]]:
    """The answers of tables, and what is to be corrected."""
    return read_answers(book or asking(), tables or (written([]),), school_index(SCHOOLS))


def answers_of(*rows: Row) -> Answers:
    """The answers of rows that are right."""
    answers, issues = read(written(rows))
    assert issues == ()
    return answers


def issues_of(*rows: Row, book: Workbook | None = None) -> list[tuple[str, str, str]]:
    """The cell, what was found and what is expected of each issue of rows of the sheet."""
    return [(one.cell, one.found, one.expected) for one in read(written(rows), book=book)[1]]


def said(**answers: object) -> Row:
    """A row of 2026."""
    return {"vague": "2026", **answers}


def same(one: Answers, other: Answers) -> bool:
    """Whether two answers are alike, but for the files read."""
    tables = all(getattr(one, key).equals(getattr(other, key)) for key in ("questions", "waves", "people", "steps"))
    return tables and one.left_out == other.left_out


def as_csv(rows: Sequence[Row], separator: str = ";", titles: Sequence[str] = ()) -> str:
    """Rows as Excel writes them."""
    named = list(titles) or list(dict.fromkeys(title for row in rows for title in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, named, delimiter=separator, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def filed(folder: Path, content: str | bytes, name: str = "enquetes-a.csv") -> tuple[Answers, tuple[CellIssue, ...]]:
    """The answers of a file, alone in its folder."""
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read(*answer_files(folder))


# Layouts and people


def test_a_row_is_a_person_and_a_column_a_question() -> None:
    """Steps from 1, 0 without an answer; waves by date within a group; a free text is counted, never kept."""
    told = answers_of(
        said(ecole=SCHOOL, code="X1", E1="Tout à fait d'accord", E2="Jamais", E3="Non", E5="Merci", E6="17"),
        {"vague": "2025", "E1": "Pas du tout d'accord", "E2": "ne sait pas", "E4": "4"},
    )

    assert told.people.to_dict("records") == [
        {"vague": "2026", "groupe": "enseignants", "uai": JAURES, "code": "x1"},
        {"vague": "2025", "groupe": "enseignants", "uai": None, "code": None},
    ]
    assert told.steps.to_dict("list") == {
        "E1": [4, 1], "E2": [1, 0], "E3": [1, 0], "E4": [0, 4], "E6": [3, 0], "L1": [0, 0], "L2": [0, 0],
    }  # fmt: skip
    assert set(told.steps.dtypes) == {np.dtype("int8")}
    assert told.left_out == {"blank": 4, "free": 1}  # E4, then E2, E3 and E6: E5 is free, L1 and L2 have no column
    assert told.waves[["vague", "groupe"]].to_numpy().tolist() == [
        ["2025", "enseignants"], ["2026", "enseignants"], ["2026", "eleves"],
    ]  # fmt: skip
    assert told.waves["invites"].tolist() == [pd.NA, 30, 200]
    assert list(told.questions.index) == list(ASKED)
    assert told.questions.loc["E6"].tolist() == ["E6 ?", "enseignants", "pix", "usages"]
    assert "Merci" not in str(vars(told))


def test_a_row_that_answers_two_groups_is_two_people() -> None:
    """The group of an answer is that of its question."""
    told = answers_of(said(code="a", E3="Oui", L1="Non"), said(L2="5", E3=""))

    assert told.people["groupe"].tolist() == ["enseignants", "eleves", "eleves"]
    assert told.people["code"].tolist() == ["a", "a", None]
    assert told.steps[["E3", "L1", "L2"]].to_numpy().tolist() == [[2, 0, 0], [0, 1, 0], [0, 0, 5]]
    assert told.left_out == {"blank": 2, "free": 0}  # L2 of the first, L1 of the second: E3 was not asked to a pupil


def test_rows_of_one_code_are_one_person_in_the_long_layout() -> None:
    """Without a code each row is a person; a code known in another wave or group is another person there."""
    long = [("2026", "x", "E3", "Oui"), ("2026", "X", "E4", "2"), ("2025", "x", "E4", "3"), ("2026", "x", "L2", "1")]
    rows = [dict(zip(("vague", "code", "question", "reponse"), one, strict=True)) for one in long]
    told = answers_of(*rows, said(question="e3", reponse="non"), said(question="E3", reponse="?"))

    assert told.people[["vague", "groupe", "code"]].to_numpy().tolist() == [
        ["2026", "enseignants", "x"], ["2025", "enseignants", "x"], ["2026", "eleves", "x"],
        ["2026", "enseignants", None],
    ]  # fmt: skip
    assert told.steps[["E3", "E4", "L2"]].to_numpy().tolist() == [[2, 2, 0], [0, 3, 0], [0, 0, 1], [1, 0, 0]]
    assert told.left_out == {"blank": 1, "free": 0}


def test_both_layouts_may_stand_in_one_row() -> None:
    """And a person may have a wide row and others."""
    told = answers_of(
        said(question="E3", reponse="Oui", E4="5"), said(code="a", E4="1"), said(code="a", question="E3", reponse="Non")
    )

    assert told.steps[["E3", "E4"]].to_numpy().tolist() == [[2, 5], [1, 1]]


def test_the_school_of_a_person_is_the_first_one_told() -> None:
    """A row may not know it."""
    long = [said(code="a", question=code, reponse="1", ecole=school) for code, school in (("E4", ""), ("E6", SCHOOL))]

    assert answers_of(*long).people["uai"].tolist() == [JAURES]


def test_a_row_without_an_answer_is_nobody_and_is_counted() -> None:
    """Seven questions with steps, all blank; an empty row is nothing."""
    told = answers_of(said(**dict.fromkeys(ASKED, "")), {}, said(E3="Oui", E5=""))

    assert len(told.people) == 1
    assert told.left_out == {"blank": 7 + 4, "free": 0}


def test_nothing_asked_nothing_told() -> None:
    """As a workbook that was never read."""
    told, issues = read_answers(Workbook("09194", "w.xlsx", "", None, {}, ()), (written([]),), {})

    assert issues == ()
    for key in ("questions", "waves", "people", "steps"):
        assert list(getattr(told, key).columns) == list(getattr(no_answers(), key).columns)
        assert getattr(told, key).empty
    assert (told.left_out, told.files) == (no_answers().left_out, no_answers().files)
    assert Workbook("09194", "w.xlsx", "", None, {}, ()).answers.people.empty


TEXTS = {code: ["", *scales()[scale].steps, "nsp"] for code, (_, scale) in ASKED.items()}
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {"vague": st.sampled_from(["2025", "2026"]), "ecole": st.sampled_from(["", SCHOOL, MATERNELLE])}
        | {code: st.sampled_from(TEXTS[code] if code != "E5" else ["", "a;\n\"b'", "=1+1"]) for code in TEACHERS}
    ),
    max_size=12,
)


@given(PEOPLE)
def test_both_layouts_say_the_same(people: list[dict[str, str]]) -> None:
    """One row a person, or one row an answer, blanks written."""
    wide = [{**one, "code": f"c{rank}"} for rank, one in enumerate(people)]
    long = [
        {key: one[key] for key in ("vague", "ecole", "code")} | {"question": code, "reponse": one[code]}
        for one in wide
        for code in TEACHERS
    ]

    assert same(answers_of(*wide), answers_of(*long))


@given(PEOPLE, st.sampled_from(";,\t"), st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]))
def test_a_file_says_what_the_sheet_says(
    tmp_path_factory: pytest.TempPathFactory, people: list[dict[str, str]], separator: str, encoding: str
) -> None:
    """Whatever its separator and its encoding, with labels or with keys."""
    folder = tmp_path_factory.mktemp("answers")
    titles = ["vague", "ecole", *TEACHERS]
    text = as_csv(people, separator, titles).replace("vague", "Vague", 1).replace("ecole", "École", 1)
    told, issues = filed(folder, text.encode(encoding))

    assert issues == ()
    assert same(told, answers_of(*people, *([] if people else [said(**dict.fromkeys(TEACHERS))])) if people else told)
    assert list(told.files) == ["enquetes-a.csv"]


def test_a_small_survey_is_counted_as_it_was_drawn(tmp_path: Path) -> None:
    """Four hundred people, forty questions of four scales, blanks among them: every step is the one drawn."""
    draw, names = random.Random(6), ("accord", "note", "frequence", "oui_non")  # noqa: S311 (no secret)
    asked = {
        row: {
            "question": f"Q{row}",
            "intitule": "?",
            "groupe": "eleves",
            "echelle": names[row % 4],
            "perimetre": "usages",
        }
        for row in range(40)
    }
    drawn = {
        one["question"]: [draw.choice(range(len(scales()[one["echelle"]].steps) + 1)) for _ in range(400)]
        for one in asked.values()
    }
    texts = {code: ["", *scales()[names[int(code[1:]) % 4]].steps] for code in drawn}
    rows = [
        {"vague": "2026", "code": f"c{person}", **{code: texts[code][steps[person]] for code, steps in drawn.items()}}
        for person in range(400)
    ]
    waves = {5: {"vague": "2026", "groupe": "eleves", "le": ON, "invites": 400}}
    (tmp_path / "enquetes.csv").write_text(as_csv(rows), encoding="utf-8")
    told, issues = read(*answer_files(tmp_path), book=asking(questions=asked, vagues=waves))

    assert issues == ()
    assert told.steps.to_dict("list") == drawn
    assert told.people["code"].tolist() == [f"c{person}" for person in range(400)]
    assert told.left_out == {"blank": sum(steps.count(0) for steps in drawn.values()), "free": 0}


# One answer


@pytest.mark.parametrize(("scale", "text", "rank"), [
    ("accord", "tout à fait d’accord", 4), ("accord", "TOUT A FAIT D'ACCORD", 4), ("accord", "4", 4),
    ("accord", "5", 0), ("accord", "d'accord", 0), ("note", "1", 1), ("note", "5", 5), ("note", "4,0", 4),
    ("note", "4.0", 4), ("note", "4,5", 0), ("note", "0", 0), ("note", "-1", 0), ("note", "+4", 0), ("note", ">4", 0),
    ("note", "4/5", 0), ("note", "4 %", 0), ("frequence", "Chaque jour", 5), ("frequence", "3", 3),
    ("frequence", "9" * 900, 0),
    ("oui_non", "Oui", 2), ("oui_non", "O", 2), ("oui_non", "VRAI", 2), ("oui_non", "1", 2), ("oui_non", "non", 1),
    ("oui_non", "N", 1), ("oui_non", "Faux", 1), ("oui_non", "0", 1), ("oui_non", "2", 0), ("oui_non", "peut-être", 0),
    ("pix", "0", 1), ("pix", "7", 1), ("pix", "8", 2), ("pix", "39", 5), ("pix", "40", 6), ("pix", "48", 6),
    ("pix", "1024", 6), ("pix", "1024,5", 0), ("pix", "1025", 0), ("pix", "-8", 0), ("pix", "beaucoup", 0),
    ("libre", "4", 0),
])  # fmt: skip
def test_a_step_is_known_by_its_words_or_its_number(scale: str, text: str, rank: int) -> None:
    """Case, accents and apostrophes do not count; a number is a rank, or a score that its width divides."""
    assert step_of(text, scales()[scale]) == rank


def test_a_number_of_excel_is_a_step() -> None:
    """4.0 and 4 are the same cell; true is yes."""
    told = answers_of(said(E4=4.0, E3=True, E6=24))

    assert told.steps[["E4", "E3", "E6"]].to_numpy().tolist() == [[4, 2, 4]]


def test_scales_hold_together() -> None:
    """Steps that cannot be taken for one another; as many favourable ones as there are, or less."""
    for scale in scales().values():
        assert [step_of(step, scale) for step in scale.steps] == list(range(1, len(scale.steps) + 1))
        assert 0 <= scale.favourable <= max(len(scale.steps) - 1, 0)


# What cannot be counted


@pytest.mark.parametrize(("row", "cell", "found", "expected"), [
    (said(E1="D'accord"), "F5", "D'accord", "on attend « Pas du tout d'accord », « Plutôt pas d'accord », "
     "« Plutôt d'accord », « Tout à fait d'accord », ou son rang de 1 à 4"),
    (said(E4="6"), "F5", "6", "on attend « 1 », « 2 », « 3 », « 4 », « 5 »"),
    (said(E3="parfois"), "F5", "parfois", "on attend oui ou non"),
    (said(E6="2000"), "F5", "2000", "on attend un nombre de 0 à 1\u202f024"),
    (said(question="E3", reponse="parfois"), "E5", "parfois", "on attend oui ou non"),
    (said(question="E9", reponse="Oui"), "D5", "E9", "on attend un code de la feuille Questions"),
    (said(reponse="Oui"), "D5", "", "on attend un code de la feuille Questions"),
    (said(E3="Oui", Horodateur="8 h 12"), "G4", "Horodateur", "on attend un code de la feuille Questions"),
    ({"vague": "2024", "E3": "Oui"}, "A5", "2024",
     "on attend une vague de la feuille Vagues d'enquête, pour le groupe Enseignants"),
    ({"vague": "2024", "L1": "Oui", "E3": "Oui"}, "A5", "2024",
     "on attend une vague de la feuille Vagues d'enquête, pour le groupe Enseignants"),
    ({"vague": "2025", "L1": "Oui", "E3": "Oui"}, "A5", "2025",
     "on attend une vague de la feuille Vagues d'enquête, pour le groupe Élèves"),
    ({"E3": "Oui"}, "A5", "", "on attend le nom d'une vague"),
    (said(E3="Oui", ecole="École des Mines"), "B5", "École des Mines",
     "on attend une école de la commune, écrite « Nom (UAI) » comme dans la liste"),
    (said(E5="x" * 1001), "F5", "texte non répété",
     "on attend un texte d'au plus 1 000 caractères, sans caractère de contrôle"),
    (said(E5="a\u202eb"), "F5", "a?b", "on attend un texte d'au plus 1 000 caractères, sans caractère de contrôle"),
    (said(E3="Oui", code="a\x07b"), "C5", HIDDEN,
     "on attend un texte d'au plus 1 000 caractères, sans caractère de contrôle"),
    (said(question="E3", reponse="Oui", E3="Oui"), "D5", "E3", "on attend une seule réponse par question"),
    (said(E4="=1+1"), "F5", "=1+1", "on attend « 1 », « 2 », « 3 », « 4 », « 5 »"),
])  # fmt: skip
def test_an_answer_that_cannot_be_counted_has_its_cell(row: Row, cell: str, found: str, expected: str) -> None:
    """One fault, one issue."""
    assert issues_of(row) == [(cell, found, expected)]


@pytest.mark.parametrize("code", ["Camille Dupont", "c@ecole.fr", "DUPONT", "dupont-camille", "c d", "Élodie"])
def test_a_code_is_never_a_name(code: str) -> None:
    """Nor repeated."""
    contacts = {5: {"role": "ien", "nom": "Camille Dupont"}, 6: {"role": "dsi", "nom": "ELODIE M."}}
    [issue] = issues_of(said(E3="Oui", code=code), book=asking(contacts=contacts))

    assert issue == ("C5", HIDDEN, "on attend un code, pas un nom")
    assert answers_of(said(E3="Oui", code="dupont3")).people["code"].tolist() == ["dupont3"]


@pytest.mark.parametrize(("second", "line"), [
    (said(code="a", E3="Non"), 5),
    (said(code="A", E4="2"), 5),
    (said(code="a", question="E3", reponse="Non"), 5),
    (said(code="a", question="E4", reponse="2", ecole=MATERNELLE), 5),
])  # fmt: skip
def test_a_code_given_twice_in_a_wave_and_a_group(second: Row, line: int) -> None:
    """In wide a second row, in long a second answer to a question, or another school; the code is not repeated."""
    first = said(code="a", E3="Oui", ecole=SCHOOL)

    assert issues_of(first, said(code="b", E3="Oui"), second) == [
        ("C7", HIDDEN, f"on attend un code par personne, déjà donné ligne {line}")
    ]
    assert issues_of(first, {**second, "vague": "2025"}) == []


def test_a_code_given_twice_in_two_tables() -> None:
    """The message says in which."""
    sheet_row, file_row = written([said(code="a", E3="Oui")]), written([said(code="a", E4="2")], "enquetes-b.csv", 1)
    [issue] = read(sheet_row, file_row)[1]

    assert str(issue) == (
        "feuille enquetes-b.csv, cellule C2, « donnée personnelle, non répétée » : "
        "on attend un code par personne, déjà donné ligne 5 de « Enquêtes »."
    )


def test_more_answers_than_people() -> None:
    """Thirty were asked; without a code each row of the long layout is one."""
    rows = [said(E3="Oui") for _ in range(31)]
    [issue] = read(written(rows))[1]

    assert str(issue) == (
        "feuille Vagues d'enquête, cellule D5, « 30 » : on attend au moins 31, le nombre de personnes qui ont répondu "
        "; sans code, chaque ligne en est une."
    )
    assert issues_of(*rows[:30]) == []
    assert len(issues_of(*(said(question="E3", reponse="Oui") for _ in range(31)))) == 1


def wave(name: str, day: int, group: str = "eleves") -> Row:
    """A wave of May 2026."""
    return {"vague": name, "groupe": group, "le": dt.date(2026, 5, day)}


@pytest.mark.parametrize(("rows", "cell", "expected"), [
    ([wave("Avant", 4), wave("avant", 5)], "A6", "on attend chaque vague une seule fois par groupe"),
    ([wave("1", 4), wave("1", 4)], "A6", "on attend chaque vague une seule fois par groupe"),
    ([wave("1", 4), wave("2", 4)], "C6", "on attend une date différente à chaque vague d'un groupe"),
    ([wave("1", 4), wave("1", 4, "parents")], "", ""),
])  # fmt: skip
def test_waves_of_a_group_differ(rows: list[Row], cell: str, expected: str) -> None:
    """By their name and by their date."""
    issues = issues_of(book=asking(vagues=dict(enumerate(rows, 5))))

    assert [(found, words) for found, _, words in issues] == ([(cell, expected)] if cell else [])


@pytest.mark.parametrize(("code", "words"), [
    ("e1", "plus qu'une majuscule ou un accent pour le distinguer de « E1 »"), ("É1", "« E1 »"),
    ("Réponse", "un code qui ne soit pas un intitulé de la feuille Enquêtes"), ("code", "un intitulé"), ("F1", ""),
])  # fmt: skip
def test_codes_of_questions_cannot_be_taken_for_others(code: str, words: str) -> None:
    """Nor for a column of the answers."""
    one = {"intitule": "?", "groupe": "eleves", "echelle": "note", "perimetre": "usages"}
    issues = issues_of(book=asking(questions={5: {"question": "E1", **one}, 6: {"question": code, **one}}))

    assert [cell for cell, _, _ in issues] == (["A6"] if words else [])
    assert all(words in expected for *_, expected in issues)


def test_there_are_at_most_three_hundred_questions() -> None:
    """The next one is refused, and not read."""
    one = {"intitule": "?", "groupe": "eleves", "echelle": "note", "perimetre": "usages"}
    asked = {row: {"question": f"Q{row}", **one} for row in range(5, 306)}
    told, [issue] = read(book=asking(questions=asked))

    assert (issue.cell, issue.expected) == ("A305", "on attend 300 questions au plus")
    assert len(told.questions) == 300


def test_fifty_issues_a_table_then_how_many_more() -> None:
    """In the order of rows, then of columns."""
    row = {"vague": "2025", "E4": "6"}
    issues = issues_of(*([{**row, "E3": "parfois"}] * 30), *([{**row, "code": "a"}] * 60))

    assert [cell for cell, *_ in issues[:4]] == ["F5", "G5", "F6", "G6"]
    assert len(issues) == 51
    assert issues[-1] == ("", "129\u00a0autres cellules", "on attend de même")  # 30 × 2 + 60 + 59 - 50


# Files


def test_titles_of_files_may_be_labels_or_keys(tmp_path: Path) -> None:
    """Other columns are questions, whatever their case; the name of a file may have accents and capitals."""
    text = "École;VAGUE;Code de la personne;e3;Question;reponse\r\n" + f"Les Lilas ({MATERNELLE});2026;a;Oui;E4;2\r\n"
    told, issues = filed(tmp_path, text, "Enquêtes-Élèves.CSV")

    assert issues == ()
    assert told.people.to_numpy().tolist() == [["2026", "enseignants", MATERNELLE, "a"]]
    assert told.steps[["E3", "E4"]].to_numpy().tolist() == [[2, 2]]


def test_rows_are_those_of_excel(tmp_path: Path) -> None:
    """A blank line is a row, a line break between quotes is not; a short row is filled, empty cells at the end drop."""
    text = 'vague;E5;E4\n\n2026;"a\n""b"" ; c";\n2026\n2026;;3;;\n;;\n2026;;7\n'
    told, [issue] = filed(tmp_path, text)

    assert (issue.sheet, issue.cell, issue.found) == ("enquetes-a.csv", "C7", "7")
    assert told.left_out == {"blank": 2, "free": 1}
    assert told.steps["E4"].tolist() == [0, 3, 0]


def test_a_mark_of_encoding_before_a_quoted_title_is_no_text(tmp_path: Path) -> None:
    """As Excel writes « CSV UTF-8 »."""
    told, issues = filed(tmp_path, '\ufeff"vague","E5, ou plus","E4"\r\n"2026","","4"\r\n')

    assert [(one.cell, one.found) for one in issues] == [("B1", "E5, ou plus")]
    assert told.steps["E4"].tolist() == [4]


def test_files_are_read_by_name_and_nothing_else_is(tmp_path: Path) -> None:
    """Each with its digest; what is not called so is not opened."""
    for name in ("enquetes-b.csv", "enquetes-a.csv"):
        (tmp_path / name).write_text(f"vague;E4\n2026;{1 if 'a.' in name else 2}\n", encoding="utf-8")
    for name in ("mes-enquetes.csv", "enquetes.txt", ".enquetes.csv", "~$enquetes.csv", "enquetes.csv.zip"):
        (tmp_path / name).write_bytes(b"\0")
    told, issues = read(*answer_files(tmp_path))

    assert issues == ()
    assert list(told.files) == ["enquetes-a.csv", "enquetes-b.csv"]
    assert {len(digest) for digest in told.files.values()} == {64}
    assert told.steps["E4"].tolist() == [1, 2]


@pytest.mark.parametrize(("content", "cell", "found", "words"), [
    (b"vague;E4\n2026;4\0\n", "", "octets nuls", "un fichier texte"),
    ("vague;E4\n2026;4\n".encode("utf-16"), "", "octets nuls", "un fichier texte"),
    (b"vague;E4\n2026;\x81\x8d\n", "", "caractères illisibles", "un fichier texte"),
    (b"", "A1", "fichier vide", "dont « Vague », qui manque"),
    (b"\n\nvague;E4\n", "A3", "vague", "un intitulé en première ligne"),
    (b"wave;E4\n2026;4\n", "A1", "wave", "dont « Vague », qui manque"),
    (b"vague;E4\n2026;4;5\n", "C2", "5", "un intitulé en première ligne"),
    (b"vague;;E4\n2026;;4\n2026;x;4\n", "B3", "x", "un intitulé en première ligne"),
    (b"vague;E4;e4\n2026;4;4\n", "C1", "e4", "chaque intitulé une seule fois"),
    ("vague;École;ecole\n".encode(), "C1", "ecole", "chaque intitulé une seule fois"),
    (b'vague;E4\n2026;"4\n2026;4\n', "A2", "guillemets, ou longueur", "des guillemets refermés"),
    (b'vague;E5\n2026;"a"b\n', "A2", "guillemets, ou longueur", "des guillemets refermés"),
    (b"vague;E5\n2026;4\n2026;" + b"x" * 2 * 10**6, "A3", "guillemets, ou longueur", "d'au plus 1 000 caractères"),
    (b"x" * 2 * 10**6, "A1", "guillemets, ou longueur", "d'au plus 1 000 caractères"),
    (b"vague" + b";E" * 10**6, "", "1 000 001 colonnes", "300 colonnes au plus"),
    (b"vague;E4\n" + b";" * 10**6, "", "1 000 001 colonnes", "300 colonnes au plus"),
    (b"vague;E4\n" + b"\n" * 5 * 10**6, "", "trop de cellules", "5\u202f000\u202f000 cellules au plus"),
    (b"vague" + b";" * 299 + b"\n" * 20000, "", "trop de cellules", "5\u202f000\u202f000 cellules au plus"),
    (b"x" * (MOST_BYTES + 1), "", "plus de 40 Mo", "40 Mo au plus"),
])  # fmt: skip
def test_a_file_that_cannot_be_trusted(tmp_path: Path, content: bytes, cell: str, found: str, words: str) -> None:
    """One issue, no answer, no digest."""
    told, [issue] = filed(tmp_path, content)

    assert (issue.sheet, issue.cell, issue.found) == ("enquetes-a.csv", cell, found)
    assert issue.expected.startswith("on attend ")
    assert words in issue.expected
    assert told.people.empty
    assert told.files == {}


def test_links_and_folders_are_not_read(tmp_path: Path) -> None:
    """Wherever they lead."""
    folder = tmp_path / "commune"
    (folder / "enquetes-dossier.csv").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("vague;E4\n2026;4\n", encoding="utf-8")
    (folder / "enquetes-lien.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "enquetes-mort.csv").symlink_to(tmp_path / "absent.csv")
    told, issues = read(*answer_files(folder))

    assert [(one.sheet, one.found) for one in issues] == [
        ("enquetes-dossier.csv", "dossier"), ("enquetes-lien.csv", "lien"), ("enquetes-mort.csv", "lien"),
    ]  # fmt: skip
    assert told.people.empty


def test_texts_that_look_like_formulas_do_nothing(tmp_path: Path) -> None:
    """Counted when they are free, refused when they are steps, and shown on one line without control characters."""
    text = 'vague;code;E5;E4\n2026;=1+1;"=HYPERLINK(""http://a"";""b"")";"@SOMME(A1)\r\n\x1b[31m"\n'
    told, [issue] = filed(tmp_path, text)

    assert told.left_out["free"] == 1
    assert (issue.cell, issue.found) == ("D2", "texte non répété")
    assert "HYPERLINK" not in str(vars(told))


# Quotes


@pytest.mark.parametrize(("quote", "found"), [
    ("Madame Dupont nous aide.", HIDDEN), ("camille dupont nous aide.", HIDDEN), ("Avec Élodie, tout va.", HIDDEN),
    ("Écrivez-moi : a@ecole.fr", HIDDEN), ("Appelez le 05 61 00 00 00.", HIDDEN), ("Au +33561000000.", HIDDEN),
    ("À l'école jean jaurès, rien ne marche.", "École élémentaire Jean Jaures"),
    ("Chez Jaurès.", "École élémentaire Jean Jaures"),
    ("Aux Lilas, le débit manque.", "École Les Lilas"), ("Ma maîtresse m'aide.", "maîtresse"),
    ("L'IEN est venu.", "IEN"), ("Je suis enseignante de CM2.", "enseignante de"), ("Dit la Directrice.", "directrice"),
    ("Les élèves lisent mieux, l'école s'équipe.", ""), ("Le directeurat, un maître-mot ? Non.", "maître"),
    ("J'ai enregistré ma voix en 2026, 12 fois.", ""), ("Des lilas fleurissent.", ""),
])  # fmt: skip
def test_a_quote_says_neither_who_nor_where(quote: str, found: str) -> None:
    """A name of a contact, a school, an address, a telephone, a role."""
    contacts = {5: {"role": "ien", "nom": "Camille Dupont"}, 6: {"role": "dsi", "nom": "ELODIE des Prés"}}
    book = asking(contacts=contacts, paroles={7: {"texte": quote, "edition": "public"}})
    expected = [CellIssue("Paroles choisies", "A7", found, "on attend une parole sans nom, ni école, ni fonction")]

    assert list(quote_issues(book, SCHOOLS)) == (expected if found else [])


# The workbook


@pytest.fixture(scope="module")
def mirepoix(store: Path) -> Dossier:
    """Three schools."""
    return load_dossier("09194", ON, store)


@pytest.fixture
def fill(mirepoix: Dossier, tmp_path: Path) -> Callable[..., Path]:
    """The workbook of Mirepoix with two questions and a wave, and the answers that a test writes."""

    def _fill(**cells: object) -> Path:
        path = tmp_path / "w.xlsx"
        build_workbook(mirepoix, [], ON, path)
        book: Any = openpyxl.load_workbook(path)
        accord = ("E1", "Cela sert", "Enseignants", "D'accord ou non (4 réponses)", "Usages")
        free = ("E2", "Pourquoi ?", "Enseignants", "Réponse libre", "Usages")
        told = [("Questions", 5, accord), ("Questions", 6, free)]
        for title, row, values in [
            *told,
            ("Vagues d'enquête", 5, ("2026", "Enseignants", dt.datetime(2026, 10, 9), 3)),
        ]:
            for rank, value in enumerate(values, 1):
                book[title].cell(row, rank, value)
        for cell, value in cells.items():
            book["Enquêtes"][cell] = value
        book.save(tmp_path / "w.xlsx")
        return path

    return _fill


def test_the_workbook_and_the_files_beside_it_are_read_together(fill: Callable[..., Path], store: Path) -> None:
    """Columns added to the sheet are questions, without a notice; each file is a source."""
    path = fill(F4="E1", G4="E2", A5=2026, F5="plutôt d'accord", G5=12, A6="2026", D6="e1", E6=1)
    path.with_name("enquetes-plus.csv").write_text("vague;E1\n2026;4\n", encoding="utf-8")
    dossier = load_dossier("09194", ON, store, path)

    assert dossier.workbook is not None
    assert dossier.workbook.notices == ()
    kept = dossier.workbook.table("enquetes")
    assert kept["vague"].tolist() == ["2026", "2026"]
    assert kept.drop(columns="vague").isna().all(axis=None)
    assert list(kept.columns) == DECLARED
    assert dossier.workbook.answers.steps["E1"].tolist() == [3, 1, 4]
    assert dossier.workbook.answers.left_out == {"blank": 0, "free": 1}
    source = dossier.sources[-1]
    assert (source.file, source.title) == ("enquetes-plus.csv", "Réponses aux enquêtes")
    assert source.sha256 == ""  # it would confirm answers that somebody guesses
    assert len(dossier.workbook.answers.files["enquetes-plus.csv"]) == 64


def test_issues_of_surveys_stand_with_the_others(fill: Callable[..., Path], mirepoix: Dossier) -> None:
    """Each cell once: what the sheet refused is not refused again."""
    assert mirepoix.schools is not None
    path = fill(F4="E1", G4="Âge", H4="é1", I4=" ", A5="2026", F5="oui", A6="2026", B6="Poudlard", F6=2, F7=3)
    path.with_name("enquetes.csv").write_text("vague;E1\n2026;12\n", encoding="utf-8")
    with pytest.raises(WorkbookError) as caught:
        load_workbook(path, "09194", mirepoix.schools, ON)
    workbook, issues = read_workbook(path, "09194", mirepoix.schools, ON)

    assert [(one.sheet, one.cell) for one in caught.value.issues] == [
        ("Enquêtes", "H4"), ("Enquêtes", "B6"), ("Enquêtes", "A7"), ("Enquêtes", "G4"), ("Enquêtes", "F5"),
        ("enquetes.csv", "B2"),
    ]  # fmt: skip
    assert issues == caught.value.issues
    assert workbook.answers.steps["E1"].tolist() == [0, 2, 0]


def test_a_sheet_has_three_hundred_columns_at_most(fill: Callable[..., Path], mirepoix: Dossier) -> None:
    """The next one is refused, and the answers are read no further."""
    assert mirepoix.schools is not None
    letters = [openpyxl.utils.get_column_letter(rank) for rank in range(6, 308)]
    issues = read_workbook(fill(A5="2026", **{f"{one}4": f"x{one}" for one in letters}), "09194", mirepoix.schools, ON)[
        1
    ]

    assert (issues[0].cell, issues[0].expected) == (f"{letters[300]}4", "on attend au plus 300 colonnes")
    assert issues[-1].found == "250\u00a0autres cellules"


# What may name somebody


@pytest.mark.parametrize("code", ["sophie.martin", "0612345678", "12/03/2014", "120890177FA", "a b", "a@b"])
def test_a_code_that_says_who_is_refused(tmp_path: Path, code: str) -> None:
    """A name, a telephone, a day of birth, a number of pupil; and it is not repeated."""
    [issue] = filed(tmp_path, f"vague;code;E1\n2026;{code};4\n")[1]

    assert (issue.cell, issue.found) == ("B2", HIDDEN)


def test_a_sentence_is_not_repeated_by_a_message(tmp_path: Path) -> None:
    """It may be about somebody; a number or a word is shown."""
    issues = filed(tmp_path, "vague;E1\n2026;Mme X est malade\n2026;7\n")[1]

    assert [issue.found for issue in issues] == ["texte non répété", "7"]


@pytest.mark.parametrize("ends", ["\r", "\n", "\r\n"])
def test_lines_may_end_as_on_any_machine(tmp_path: Path, ends: str) -> None:
    """Old Macs, Linux, Windows."""
    told, issues = filed(tmp_path, ends.join(["vague;E1", "2026;4", "2026;3", ""]))

    assert issues == ()
    assert told.steps["E1"].tolist() == [4, 3]


def test_a_file_named_in_the_singular_is_read(tmp_path: Path) -> None:
    """Rather than left out without a word."""
    told, _ = filed(tmp_path, "vague;E1\n2026;4\n", "enquete-x.csv")

    assert list(told.files) == ["enquete-x.csv"]


def test_the_same_file_twice_is_refused(tmp_path: Path) -> None:
    """« enquetes (1).csv » would count everybody twice, and three people would pass for six."""
    filed(tmp_path, "vague;E1\n2026;4\n")
    _, [issue] = filed(tmp_path, "vague;E1\n2026;4\n", "enquetes-a (1).csv")

    assert "même contenu" in issue.expected
