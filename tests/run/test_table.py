"""The table of a batch: what a row says, and everything to correct."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import re
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from pupitre.data.codes import CODE_INSEE
from pupitre.errors import UsageError
from pupitre.law import baremes
from pupitre.run.table import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Row, RowIssue, read_table

ON = dt.date(2026, 11, 22)
CODES = st.from_regex(CODE_INSEE, fullmatch=True)
ONCE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
Lines = Sequence[Sequence[Any]]
Read = Callable[..., tuple[list[Row], list[RowIssue]]]


def csv_of(path: Path, lines: Lines, separator: str = ";") -> Path:
    """A table of texts."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=separator).writerows(lines)
    return path


def xlsx_of(path: Path, lines: Lines) -> Path:
    """An Excel table, each value of its own type."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row, values in enumerate(lines, 1):
        for column, value in enumerate(values, 1):
            book.active.cell(row, column).value = value
    book.save(path)
    return path


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The reading of a CSV text, of its bytes, or of the lines of an Excel table."""

    def _read(content: str | bytes | Lines, name: str = "", **common: str) -> tuple[list[Row], list[RowIssue]]:
        if isinstance(content, str | bytes):
            path = tmp_path / (name or "lot.csv")
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        else:
            path = xlsx_of(tmp_path / (name or "lot.xlsx"), content)
        return read_table(path, ON, common)

    return _read


@pytest.fixture
def refusal(read: Read) -> Callable[..., str]:
    """The message that a table gets as a whole."""

    def _refusal(content: Any, name: str = "") -> str:
        with pytest.raises(UsageError) as refused:
            read(content, name)
        assert str(refused.value).startswith(name or "lot.")
        return str(refused.value)

    return _refusal


@pytest.fixture
def issue(read: Read) -> Callable[..., RowIssue]:
    """The only thing to correct in a table, none of whose rows is kept."""

    def _issue(content: Any, **common: str) -> RowIssue:
        rows, issues = read(content, **common)
        assert rows == []
        assert len(issues) == 1, [str(one) for one in issues]
        return issues[0]

    return _issue


def test_a_row_says_its_report(read: Read, tmp_path: Path) -> None:
    """The code, the date, the workbook beside the table, the assumptions as the command line reads them."""
    (tmp_path / "recus").mkdir()
    (tmp_path / "recus" / "amberieu.xlsx").touch()
    rows, issues = read(
        "code_insee;nom;on;workbook;loan_share;prix_imprimante;cible_affichage;include_private\n"
        "01004;Ambérieu-en-Bugey;2026-09-01;recus/amberieu.xlsx;0,5;1 450,50;1;Oui\n"
    )

    assert issues == []
    assert rows == [
        Row(
            number=2,
            code_insee="01004",
            on="2026-09-01",
            workbook=str(tmp_path / "recus" / "amberieu.xlsx"),
            assumptions={
                "loan_share": "0.5",
                "prix_imprimante": "1450.50",
                "cible_affichage": "1",
                "include_private": "true",
            },
        )
    ]


def test_an_empty_cell_gives_nothing(read: Read) -> None:
    """The date is the batch's, there is no workbook, and the assumption keeps its default."""
    rows, _ = read("code_insee;on;workbook;loan_share\n13028;; ;\u00a0\n")

    assert rows == [Row(2, "13028", "2026-11-22", "", {})]


def test_a_table_of_codes_is_enough(read: Read) -> None:
    """One column, no separator, blank lines in between; the numbers are those of the file."""
    rows, issues = read("\ncode_insee\n\n01004\n  \n2a004\n")

    assert [(row.number, row.code_insee) for row in rows] == [(4, "01004"), (6, "2A004")]
    assert issues == []


def test_the_assumptions_of_a_row_win_over_the_common_ones(read: Read) -> None:
    """And an empty cell leaves the common one."""
    rows, _ = read("code_insee;loan_share\n01004;0.2\n13028;\n", loan_share="0.5", horizon_years="8")

    assert [dict(row.assumptions) for row in rows] == [
        {"loan_share": "0.2", "horizon_years": "8"},
        {"loan_share": "0.5", "horizon_years": "8"},
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_spreadsheets_write_csv_in_their_own_ways(read: Read, separator: str, encoding: str, end: str) -> None:
    """Three separators, three encodings, three ends of line."""
    lines = [["Commune", "Code INSEE", "loan_share"], ["L’Île-d’Yeu", "85113", "0.5"], ["Œuilly", "02565", "1"]]
    rows, issues = read(end.join(separator.join(line) for line in lines).encode(encoding))

    assert issues == []
    assert [(row.number, row.code_insee, dict(row.assumptions)) for row in rows] == [
        (2, "85113", {"loan_share": "0.5"}),
        (3, "02565", {"loan_share": "1"}),
    ]


def test_quotes_hold_separators_and_line_ends(read: Read) -> None:
    """A row is named by the line where it begins: the second of these begins on line 4."""
    rows, issues = read('code_insee,nom,loan_share\n01004,"Ambérieu,\nAin","0,5"\n13028,"La ""Ciotat""",2\n')

    assert [(row.number, dict(row.assumptions)) for row in rows] == [(2, {"loan_share": "0.5"})]
    assert [one.number for one in issues] == [4]


@ONCE
@given(codes=st.lists(CODES, min_size=1, max_size=20, unique=True))
def test_any_code_survives_csv(codes: list[str], tmp_path: Path) -> None:
    """Whatever its zeros and letters, among them 01004, 2A004, 01008."""
    given_codes = list(dict.fromkeys([*codes, "01004", "2A004", "01008", "00001"]))
    rows, issues = read_table(csv_of(tmp_path / "lot.csv", [["code_insee"], *([one] for one in given_codes)]), ON, {})

    assert [row.code_insee for row in rows] == given_codes
    assert issues == []


@ONCE
@given(codes=st.lists(CODES, min_size=1, max_size=20, unique=True))
def test_any_code_survives_excel(codes: list[str], tmp_path: Path) -> None:
    """Written as texts, all do; as numbers, those that begin by a zero are refused and no other becomes theirs."""
    texts, _ = read_table(xlsx_of(tmp_path / "lot.xlsx", [["code_insee"], *([one] for one in codes)]), ON, {})
    digits = [one for one in codes if one.isdigit()]
    lines: Lines = [["code_insee", "nom"], *([int(one), "x"] for one in digits), ["09194", "x"]]
    numbers, issues = read_table(xlsx_of(tmp_path / "lot.xlsx", lines), ON, {})

    assert [row.code_insee for row in texts] == codes
    assert {row.code_insee for row in numbers} == {one for one in digits if one[0] != "0"} | {"09194"}
    assert len(issues) == sum(one[0] == "0" for one in digits)


@ONCE
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), min_size=1, max_size=80))
def test_no_text_is_changed_into_a_code(text: str, tmp_path: Path) -> None:
    """What is kept has the very characters that were written, but for spaces and capitals; all else is said of it."""
    rows, issues = read_table(csv_of(tmp_path / "lot.csv", [["code_insee", "nom"], [text, "x"]]), ON, {})

    assert len(rows) + len(issues) == 1
    assert all(row.code_insee == re.sub(r"[\s\u200b\ufeff]", "", text).upper() for row in rows)
    assert not any(CONTROL.search(f"{one}{one.code_insee}") for one in issues)


@pytest.mark.parametrize("text", ["12:30", "No", "nan", "1_000", "1e4", "516", "13028.0", "0o1004", "１３０２８"])
def test_no_text_becomes_a_number_or_a_truth(issue: Callable[..., RowIssue], text: str) -> None:
    """What YAML, Python or a spreadsheet would read otherwise is repeated as it stands."""
    wrong = issue(f"code_insee;nom\n{text};x\n")

    assert (wrong.number, wrong.column, wrong.found, wrong.code_insee) == (2, "code_insee", text, text)
    assert f"« {text} »" in wrong.expected


@pytest.mark.parametrize("text", ["nan", "No", "1_000", "12:30"])
def test_a_text_of_an_assumption_stays_one(read: Read, text: str) -> None:
    """It is judged as on the command line, and passed on as it was written when that accepts it."""
    rows, issues = read(f"code_insee;include_private;gift_company_eur\n01004;{text};\n13028;;{text}\n")

    kept = [value for row in rows for value in row.assumptions.values()]
    assert kept == ([text] if text in ("No", "1_000") else [])
    assert {one.found for one in issues} == {text}


def test_excel_types_are_read(read: Read) -> None:
    """Numbers, shares in per cent, truths, dates; a number of five digits is a code."""
    rows, issues = read(
        [
            ["code_insee", "on", "loan_share", "include_private", "horizon_years", "call_rate", "ceiling_eur_per_year"],
            [13028, dt.date(2026, 9, 1), 0.5, True, 8, None, 12500.5],
            ["01004", dt.datetime(2026, 9, 2), 1, False, 8.0, 0.125, None],
            [97411.0, "2026-09-03", None, "oui", None, None, "2 800"],
        ]
    )

    assert issues == []
    assert [(row.code_insee, row.on, dict(row.assumptions)) for row in rows] == [
        (
            "13028",
            "2026-09-01",
            {"loan_share": "0.5", "include_private": "true", "horizon_years": "8", "ceiling_eur_per_year": "12500.5"},
        ),
        (
            "01004",
            "2026-09-02",
            {"loan_share": "1", "include_private": "false", "horizon_years": "8", "call_rate": "0.125"},
        ),
        ("97411", "2026-09-03", {"include_private": "true", "ceiling_eur_per_year": "2800"}),
    ]


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (1004, "« 01004 » ? Écrivez le code en texte"),
        (1004.0, "« 01004 » ? Écrivez le code en texte"),
        ("1004", "il manque un zéro au début. Écrivez « 01004 »"),
        (104, "un code a cinq caractères"),
        (13028.5, "un code a cinq caractères"),
        (True, "un code a cinq caractères"),
        (dt.date(1935, 9, 1), "un code a cinq caractères"),
        ("=A1", "écrivez la valeur à la place de la formule"),
        (None, "un code a cinq caractères"),
    ],
)
def test_a_cell_that_may_be_two_codes_is_none(issue: Callable[..., RowIssue], value: object, advice: str) -> None:
    """A zero lost, a decimal, a truth, a date, a formula (never evaluated), nothing: the advice says what to write."""
    wrong = issue([["nom", "code_insee"], ["Ambérieu", value]])

    assert (wrong.number, wrong.column) == (2, "code_insee")
    assert advice in str(wrong)


def test_a_formula_is_refused_wherever_it_is_read(read: Read, tmp_path: Path) -> None:
    """Even with its last result beside it; in a comment it says nothing and harms nobody."""
    lines = [["code_insee", "on", "workbook", "loan_share", "nom"], ["01004", "=B1", "=B1", "=0.5", "=B1"]]
    path = xlsx_of(tmp_path / "lot.xlsx", lines)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"<f>0.5</f><v></v>", b"<f>0.5</f><v>0.5</v>")
    assert parts["xl/worksheets/sheet1.xml"] != sheet
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    rows, issues = read_table(path, ON, {})

    assert rows == []
    assert [str(one) for one in issues] == [
        f"ligne 2, colonne {column}, « =… » : écrivez la valeur à la place de la formule."
        for column in ("on", "workbook", "loan_share")
    ]


def test_excel_is_read_on_its_first_sheet(tmp_path: Path) -> None:
    """Whichever is shown; rows far below are read at once, under their own number."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["B3"], book.active["B9"], book.active["B1048576"] = "code_insee", "01004", "13028"
    book.active = book.create_sheet("Autre")
    book.active["A1"] = "autre"
    book.save(tmp_path / "lot.xlsx")
    rows, issues = read_table(tmp_path / "lot.xlsx", ON, {})

    assert [(row.number, row.code_insee) for row in rows] == [(9, "01004"), (1048576, "13028")]
    assert issues == []


def test_everything_to_correct_is_said_at_once(read: Read, tmp_path: Path) -> None:
    """Each cell of each row, in the order of the file; the good rows are kept."""
    (tmp_path / "notes.txt").touch()
    rows, issues = read(
        "code_insee;on;workbook;loan_share;horizon_years\n"
        "1004;22/11/2026;absent.xlsx;2;huit\n"
        "13028;;;0.5;8\n"
        ";2026-02-30;notes.txt;1,234;\n"
    )

    assert [row.code_insee for row in rows] == ["13028"]
    assert [(one.number, one.column, one.found, one.code_insee) for one in issues] == [
        (2, "code_insee", "1004", "1004"),
        (2, "on", "22/11/2026", "1004"),
        (2, "workbook", "absent.xlsx", "1004"),
        (2, "loan_share", "2", "1004"),
        (2, "horizon_years", "huit", "1004"),
        (4, "code_insee", "", ""),
        (4, "on", "2026-02-30", ""),
        (4, "workbook", "notes.txt", ""),
        (4, "loan_share", "1,234", ""),
    ]
    assert str(issues[5]).startswith("ligne 4, colonne code_insee, vide : ")
    assert [one.expected for one in issues if one.column == "loan_share"] == [
        "L'hypothèse « loan_share » vaut « 2 » : on attend au plus 1. Un taux s'écrit en ratio : 0.035 pour 3,5 %.",
        "milliers ou décimales ? Écrivez 2800 ou 2.8.",
    ]


def test_two_assumptions_of_a_row_may_contradict_each_other(issue: Callable[..., RowIssue]) -> None:
    """No column bears it alone; a common assumption may be one of the two."""
    alone = issue("code_insee;lease_rate;lease_rent_per_1000_eur\n01004;0.03;20\n")
    shared = issue("code_insee;lease_rate\n01004;0.03\n", lease_rent_per_1000_eur="20")

    assert str(alone) == str(shared)
    assert str(alone).startswith("ligne 2 : Hypothèses contradictoires : lease_rate et lease_rent_per_1000_eur")


def test_a_row_may_complete_what_is_common(read: Read) -> None:
    """A call for projects needs its rate: the rows that give it are right, the other is not."""
    rows, issues = read("code_insee;call_rate\n01004;0.5\n13028;\n", call_years="3")

    assert [row.code_insee for row in rows] == ["01004"]
    assert [(one.number, one.column) for one in issues] == [(3, "")]


def test_a_contradiction_is_not_deduced_from_what_cannot_be_read(issue: Callable[..., RowIssue]) -> None:
    """A rate is given, wrongly written or out of range: the call for projects does not lack one."""
    assert issue("code_insee;call_rate;call_years\n01004;1,234;3\n").column == "call_rate"
    assert issue("code_insee;call_rate;call_years\n01004;5;3\n").column == "call_rate"


def test_a_common_assumption_that_is_wrong_is_not_laid_on_a_cell(issue: Callable[..., RowIssue]) -> None:
    """The row is refused, without a column, even where the table has one that the row leaves empty."""
    wrong = issue("code_insee;loan_share;horizon_years\n01004;;8\n", loan_share="2")

    assert str(wrong).startswith("ligne 2 : L'hypothèse « loan_share » vaut « 2 »")


def test_an_assumption_is_judged_on_the_date_of_its_row(read: Read) -> None:
    """The aid of the plan « socle » closed in 2021: right for a report of that spring, wrong for the batch's date."""
    rows, issues = read("code_insee;on;aide_socle_2021\n01004;2021-03-01;0.5\n01004;;0.5\n")

    assert [(row.number, row.on) for row in rows] == [(2, "2021-03-01")]
    assert [(one.number, one.column) for one in issues] == [(3, "aide_socle_2021")]
    assert "cette aide est fermée" in issues[0].expected


def test_without_a_date_what_depends_on_it_is_not_judged(read: Read) -> None:
    """Neither the aid nor the price; the share is."""
    _, issues = read("code_insee;on;aide_socle_2021;loan_share\n01004;bientôt;0.5;2\n13028;1950-01-01;0.5;2\n")

    assert [(one.number, one.column) for one in issues] == [(2, "on"), (2, "loan_share"), (3, "on"), (3, "loan_share")]
    assert "Aucun barème n'est en vigueur au 1950-01-01" in issues[2].expected


def test_a_report_is_asked_for_once(read: Read) -> None:
    """By code and date, however they are written, and even when the first is wrong elsewhere; the first is named."""
    rows, issues = read(
        "code_insee;on;loan_share\n2A004;;2\n2a004;2026-11-22;\n2A004;2026-11-23;\n01004;;\n 01004 ;;\n01004;;\n"
    )

    assert [(row.number, row.code_insee, row.on) for row in rows] == [
        (4, "2A004", "2026-11-23"),
        (5, "01004", "2026-11-22"),
    ]
    assert [(one.number, one.column) for one in issues] == [
        (2, "loan_share"),
        (3, "code_insee"),
        (6, "code_insee"),
        (7, "code_insee"),
    ]
    assert str(issues[3]) == (
        "ligne 7, colonne code_insee, « 01004 » : "
        "la ligne 5 demande déjà le rapport de cette commune à cette date. Gardez-en une."
    )


@pytest.mark.parametrize("text", ["01004,0,5", "01004,0.5,,oui", "01004,0.5,a,b"])
def test_a_row_has_no_more_cells_than_titles(issue: Callable[..., RowIssue], text: str) -> None:
    """A decimal comma makes one cell too many; so does a cell under no title."""
    wrong = issue(f"code_insee,loan_share\n{text}\n")

    assert (wrong.number, wrong.column, wrong.code_insee) == (2, "", "01004")
    assert wrong.found == " ".join(text.split(",")[2:]).strip()
    assert "0.5" in wrong.expected


def test_a_cell_under_an_empty_title_is_refused(issue: Callable[..., RowIssue]) -> None:
    """Nobody knows what it says."""
    assert issue("code_insee;;loan_share\n01004;x;0.5\n").found == "x"


def test_empty_cells_beyond_the_titles_are_nothing(read: Read) -> None:
    """Spreadsheets leave some; a row that is short lacks its last cells."""
    rows, issues = read("code_insee;loan_share;;;\n01004;0.5;;;;;;\n13028\n;;\n")

    assert [(row.number, dict(row.assumptions)) for row in rows] == [(2, {"loan_share": "0.5"}), (3, {})]
    assert issues == []


@pytest.mark.parametrize("name", ["a.xlsx", "sub/../a.XLSX", "deux  espaces.xlsx"])
def test_a_workbook_is_found_from_the_folder_of_the_table(read: Read, tmp_path: Path, name: str) -> None:
    """Not from where one stands; the path is absolute."""
    (tmp_path / "sub").mkdir()
    (tmp_path / name).touch()
    rows, _ = read(f"code_insee;workbook\n01004; {name} \n")

    assert rows[0].workbook == os.path.abspath(tmp_path / name)


@pytest.mark.parametrize("name", ["absent.xlsx", "dossier.xlsx", "notes.xls", "x" * 400 + ".xlsx", "12", "\x1b.xlsx"])
def test_a_workbook_that_cannot_be_one_is_refused(issue: Callable[..., RowIssue], tmp_path: Path, name: str) -> None:
    """Absent, a folder, of another kind, of a name too long; the message stays short and plain."""
    (tmp_path / "dossier.xlsx").mkdir()
    (tmp_path / "notes.xls").touch()
    wrong = issue(f"code_insee;workbook\n01004;{name}\n")

    assert wrong.column == "workbook"
    assert "un classeur .xlsx qui existe" in wrong.expected
    assert len(str(wrong)) < 250


@pytest.mark.parametrize("column", ["code_insee", "on", "workbook", "loan_share", "aide_detr"])
def test_no_message_carries_control_characters_or_a_novel(read: Read, column: str) -> None:
    """Whatever the cell holds: a terminal obeys none of it."""
    titles = list(dict.fromkeys(["code_insee", column]))
    cells = ["01004", "\x1b[31m\u202e" + "a\x07" * 3000]
    _, issues = read(f"{';'.join(titles)}\n{';'.join(cells[-len(titles) :])}\n")

    assert len(issues) == 1
    assert not CONTROL.search(str(issues[0]))
    assert "\u202e" not in str(issues[0])
    assert len(str(issues[0])) < 400


def test_titles_are_known_by_their_words(read: Read) -> None:
    """Case, spaces and accents do not matter, nor blank lines above."""
    rows, _ = read("\n\n CODE_INSEE ,Loan share\n01004,0.5\n")

    assert [dict(row.assumptions) for row in rows] == [{"loan_share": "0.5"}]


@pytest.mark.parametrize(
    ("titles", "told"),
    [
        ("insee;nom", "il manque la colonne « code_insee » sur la ligne des intitulés. Le plus proche : « insee »."),
        ("code;nom", "Le plus proche : « code »."),
        ("01004;Ambérieu", "il manque la colonne « code_insee » sur la ligne des intitulés."),
        (
            "code_insee;loan_shar",
            "colonne « loan_shar » inconnue, corrigez ou ôtez-la. Le plus proche : « loan_share ».",
        ),
        ("code_insee;zzzzzzzzz", "colonne « zzzzzzzzz » inconnue, corrigez ou ôtez-la."),
        ("code_insee;on;On", "la colonne « on » est donnée 2 fois"),
        ("code_insee;nom;nom;nom", "la colonne « nom » est donnée 3 fois"),
        ("code_insee;Code INSEE", "la colonne « code_insee » est donnée 2 fois"),
        ("code_insee;prices", "colonne « prices » inconnue, corrigez ou ôtez-la. Le plus proche : "),
    ],
)
def test_wrong_titles_refuse_the_table(refusal: Callable[..., str], titles: str, told: str) -> None:
    """One that lacks, one unknown, with the nearest when there is one; one given twice."""
    message = refusal(f"{titles}\n01004;x;x;x\n")

    assert told in message
    assert ("Le plus proche" in message) == ("Le plus proche" in told)


def test_all_wrong_titles_are_said_at_once(refusal: Callable[..., str]) -> None:
    """A line each."""
    message = refusal("code_insee;abc\x1b;on;on;loan_rat\n01004\n")

    assert [line.startswith("lot.csv : ") for line in message.splitlines()] == [True] * 3
    assert "« abc? »" in message


def test_a_price_that_begins_later_is_known_at_once(tmp_path: Path) -> None:
    """On a day without any price, the column still is one; the row says its own date."""
    day = dt.date(2003, 1, 2)
    assert not baremes.on(day).in_force("prix_imprimante")
    path = csv_of(tmp_path / "lot.csv", [["code_insee", "on", "prix_imprimante"], ["01004", "2026-11-22", "450"]])
    rows, issues = read_table(path, day, {})

    assert [(row.on, dict(row.assumptions)) for row in rows] == [("2026-11-22", {"prix_imprimante": "450"})]
    assert issues == []


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "lot.csv", "fichier vide"),
        (b"\xef\xbb\xbf\n \n;;\n", "lot.csv", "fichier vide"),
        (b"code_insee\n", "lot.csv", "aucune ligne sous les intitulés"),
        ("code_insee\n01004\n".encode("utf-16"), "lot.csv", "ce n'est pas un fichier de texte"),
        (b"PK\x03\x04\0\0", "lot.csv", "ce n'est pas un fichier de texte"),
        (b"code_insee\n\x81\n", "lot.csv", "ce n'est pas un fichier de texte"),
        (b'code_insee\n01004\n"13028\n', "lot.csv", "ligne 3 : guillemets non refermés"),
        (b"code_insee\n01004\n", "lot.ods", "on attend une table .csv ou .xlsx"),
        (b"code_insee\n01004\n", "lot", "on attend une table .csv ou .xlsx"),
        (b"code_insee\n01004\n", "lot.xlsx", "ce n'est pas un classeur .xlsx"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "lot.xlsx", "ce n'est pas un classeur .xlsx"),
        (b"", "lot.xlsx", "ce n'est pas un classeur .xlsx"),
    ],
)
def test_what_is_no_table_is_refused(refusal: Callable[..., str], content: bytes, name: str, told: str) -> None:
    """Empty, without a row, not text, torn, of another kind, damaged: in French, with what to do."""
    assert told in refusal(content, name)


def test_an_excel_table_may_be_empty_too(refusal: Callable[..., str]) -> None:
    """No title, or no row."""
    assert "fichier vide" in refusal([[]], "lot.xlsx")
    assert "aucune ligne sous les intitulés" in refusal([["code_insee"]], "lot.xlsx")


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    """Nothing there, a folder, a pipe that nobody fills."""
    (tmp_path / "dossier.csv").mkdir()
    os.mkfifo(tmp_path / "tuyau.csv")
    told = []
    for name in ("absent.csv", "dossier.csv", "tuyau.csv"):
        with pytest.raises(UsageError) as refused:
            read_table(tmp_path / name, ON, {})
        told.append(str(refused.value))

    assert told[0].startswith("absent.csv : ce chemin n'existe pas.")
    assert all("ce n'est pas un fichier" in one for one in told[1:])


def test_a_table_is_of_a_reasonable_size(refusal: Callable[..., str]) -> None:
    """In bytes, in rows, in columns: one too many of each; of bytes, blank lines count too."""
    assert "5 Mo au plus" in refusal(b"code_insee\n".ljust(MOST_BYTES + 1, b"\n"))
    assert f"ligne {MOST_ROWS + 2} : table trop grande" in refusal("code_insee\n" + "1\n" * (MOST_ROWS + 1))
    assert "ligne 2 : table trop grande" in refusal("code_insee\n01004" + ";" * MOST_COLUMNS + "x\n")
    assert "ligne 1 : table trop grande" in refusal([["nom"] * MOST_COLUMNS + ["code_insee"]])


def test_the_largest_table_is_read(read: Read) -> None:
    """As many bytes, rows and columns as there may be: all of them, but for these codes, which are wrong."""
    titles = "code_insee" + ";" * (MOST_COLUMNS - 1) + "nom\n"
    _, issues = read((titles + "1\n" * MOST_ROWS).encode().ljust(MOST_BYTES, b"\n"))

    assert len(issues) == MOST_ROWS


def bomb(part: bytes) -> bytes:
    """An Excel file whose sheet is this."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", part)
    return content.getvalue()


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (b"<a>" + b" " * 70_000_000, "beaucoup trop de données"),
        (b"<c/>" * 300_001, "beaucoup trop de données"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "définition d'entités"),
    ],
)
def test_a_bomb_is_refused(refusal: Callable[..., str], part: bytes, told: str) -> None:
    """By the guards of workbooks, before openpyxl sees it."""
    assert told in refusal(bomb(part), "lot.xlsx")


def test_a_row_holds_texts_only() -> None:
    """A code that became a number makes no row."""
    for code in (1004, "1004", "01004\n"):
        with pytest.raises(ValidationError):
            Row(2, code, "2026-11-22", "", {})  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        Row(2, "01004", "2026-11-22", "", {"loan_share": 0.5})  # type: ignore[dict-item]


@pytest.mark.parametrize(("write", "suffix"), [(csv_of, ".csv"), (xlsx_of, ".xlsx")])
def test_hundreds_of_rows_are_read_at_once(write: Callable[..., Path], suffix: str, tmp_path: Path) -> None:
    """300 rows of six cells, each its own assumptions, a third of them wrong: well under the two seconds allowed."""
    titles = ["code_insee", "on", "loan_share", "horizon_years", "prix_imprimante", "nom"]
    lines = [[f"{35000 + n}", "2026-09-01", f"{n / 200}", "8", f"{100 + n}", "x"] for n in range(300)]
    path = write(tmp_path / f"lot{suffix}", [titles, *lines])
    began = time.process_time()
    rows, issues = read_table(path, ON, {})

    assert time.process_time() - began < 2
    assert (len(rows), len(issues)) == (201, 99)  # loan_share is 1 on the row 200, more on the 99 that follow
