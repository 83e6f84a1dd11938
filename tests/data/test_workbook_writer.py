from __future__ import annotations

import dataclasses
import datetime as dt
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pupitre.data.codes import name_key
from pupitre.data.dossier import Dossier, load_dossier
from pupitre.data.sheets import sheets
from pupitre.data.workbook import load_workbook
from pupitre.data.workbook_writer import build_workbook
from pupitre.errors import UsageError

ON = dt.date(2026, 11, 22)
ROWS = [{"nom": "loan_rate", "sens": "Taux de l'emprunt"}, {"nom": "=1+1", "sens": "@somme"}]


@pytest.fixture(scope="module")
def mirepoix(store: Path) -> Dossier:
    """Three schools."""
    return load_dossier("09194", ON, store)


@pytest.fixture(scope="module")
def written(mirepoix: Dossier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook as it is sent."""
    path = tmp_path_factory.mktemp("workbook") / "new" / "09194-mirepoix.xlsx"
    build_workbook(mirepoix, ROWS, ON, path)
    return path


@pytest.fixture(scope="module")
def book(written: Path) -> Any:
    """The same, opened."""
    return openpyxl.load_workbook(written)


def test_the_sheets_stand_in_order_and_the_lists_are_hidden(book: Any) -> None:
    """« Lisez-moi » comes first."""
    assert book.sheetnames == [*(one.title for one in sheets()), "Listes"]
    assert [page.title for page in book.worksheets if page.sheet_state != "visible"] == ["Listes"]


def test_lisez_moi_says_whose_it_is_and_how_to_fill_it(book: Any) -> None:
    """Whose, when; what is typed there is not locked."""
    page = book["Lisez-moi"]

    assert page["A1"].value == "Le numérique dans les écoles de Mirepoix"
    assert [page[cell].value for cell in ("A3", "B3", "B4", "B5")] == [
        "Code INSEE", "09194", "Mirepoix", "22\u00a0novembre\u00a02026",
    ]  # fmt: skip
    assert [page[cell].protection.locked for cell in ("B3", "B6", "B7")] == [True, False, False]
    assert page["B7"].number_format == "dd/mm/yyyy"
    text = "\n".join(str(cell.value) for row in page for cell in row if cell.value)
    assert "Données personnelles" in text
    assert "« enquetes-….csv »".replace(" »", "\u00a0»").replace("« ", "«\u00a0") in text
    assert "« nous ne savons pas »".replace(" »", "\u00a0»").replace("« ", "«\u00a0") in text


def test_headers_have_their_units_and_each_column_its_help(book: Any) -> None:
    """Right above the rows, and frozen."""
    page = book["Réseau"]

    assert page["C4"].value == "Débit descendant mesuré (Mbit/s)"
    assert page["C3"].value == "Mesuré depuis une classe, pas celui du contrat."
    assert book["Équipements"]["C3"].value == "Obligatoire. Combien d’appareils sur cette ligne."
    assert page.freeze_panes == "B5"
    for one in sheets()[1:]:
        rows = [one.header for one in one.columns]
        heads = [cell.value for cell in (book[one.title][4] if one.layout == "table" else book[one.title]["A"][4:])]
        assert [name_key(str(head)) for head in heads] == [name_key(row) for row in rows]


def test_what_is_known_is_grey_and_locked_the_rest_is_white_and_open(book: Any) -> None:
    """Every sheet is protected without a password, but for that of the answers, to which columns are added."""
    page, contacts = book["Écoles"], book["Contacts et rôles"]

    assert page["A5"].value == "École élémentaire publique Jean Jaures (0090312R)"
    assert page["B5"].value == 7
    assert [page[cell].protection.locked for cell in ("A5", "B5", "C5", "G7")] == [True, True, False, False]
    assert page["A5"].fill.fgColor.rgb == "FFE4E7ED"
    assert page["A8"].value is None
    assert contacts["A5"].value == "Élu en charge du numérique scolaire"
    assert [contacts[cell].protection.locked for cell in ("A5", "B5", "A15")] == [True, False, False]
    assert not any(one.protection.password for one in book.worksheets)
    assert [one.title for one in book.worksheets if not one.protection.sheet] == ["Enquêtes", "Listes"]
    assert book["Équipements"].max_row == 64
    assert book["Équipements"]["A64"].protection.locked is False
    assert book["Enquêtes"].max_row == 304


def rules(book: Any, title: str) -> dict[str, Any]:
    """The rule of each range of a sheet."""
    return {str(rule.sqref): rule for rule in book[title].data_validations.dataValidation}


def test_lists_numbers_and_dates_are_guarded_in_french(book: Any) -> None:
    """A list refers to the hidden sheet, for Excel holds 255 characters in a cell; messages too are within it."""
    lots, reseau = rules(book, "Équipements"), rules(book, "Réseau")
    page, span = lots["B5:B64"].formula1.split("!")
    types = [row[0].value for row in book[page][span.replace("$", "")]]

    assert types[0] == "Tableau ou écran interactif (TNI, VPI, ENI)"
    assert len(types) == 16
    assert book["Listes"]["A1"].value
    assert (lots["C5:C64"].type, lots["C5:C64"].formula1, lots["C5:C64"].formula2) == ("whole", "1", "2000")
    assert reseau["E5:E7"].type == "date"
    assert lots["C5:C64"].error.startswith("Ici, on attend un nombre entier de 1 à 2")
    assert rules(book, "Finances de la commune")["B8"].formula2 == "1"
    assert rules(book, "Lisez-moi")["B7"].type == "date"
    for one in sheets():
        for rule in rules(book, one.title).values():
            assert len(rule.error) <= 255
            assert len(rule.errorTitle) <= 32


def test_nothing_written_is_a_formula(mirepoix: Dossier, tmp_path: Path) -> None:
    """A school, a commune, a row of the caller: whatever they are called."""
    assert mirepoix.schools is not None
    names = ['=HYPERLINK("http://a","b")', "+1", "http://exemple.fr"]
    hostile = dataclasses.replace(
        mirepoix,
        commune=dataclasses.replace(mirepoix.commune, nom="=1+1"),
        schools=mirepoix.schools.assign(nom=names),
    )
    build_workbook(hostile, ROWS, ON, tmp_path / "w.xlsx")
    with zipfile.ZipFile(tmp_path / "w.xlsx") as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}

    assert not [name for name, text in parts.items() if re.search(r"<f>|<hyperlink", text)]
    opened = openpyxl.load_workbook(tmp_path / "w.xlsx")
    assert {opened["Écoles"][f"A{row}"].data_type for row in (5, 6, 7)} == {"s"}
    assert opened["Lisez-moi"]["B4"].value == "=1+1"
    assert hostile.schools is not None
    assert load_workbook(tmp_path / "w.xlsx", "09194", hostile.schools, ON).notices == ()


def test_the_same_inputs_give_the_same_bytes(mirepoix: Dossier, written: Path, tmp_path: Path) -> None:
    """Another day gives another file."""
    build_workbook(mirepoix, ROWS, ON, tmp_path / "a.xlsx")
    build_workbook(mirepoix, ROWS, dt.date(2026, 11, 23), tmp_path / "b.xlsx")

    assert (tmp_path / "a.xlsx").read_bytes() == written.read_bytes()
    assert (tmp_path / "b.xlsx").read_bytes() != written.read_bytes()


def test_what_was_filled_is_never_overwritten(mirepoix: Dossier, tmp_path: Path) -> None:
    """Not even an empty file; and a failure leaves nothing behind."""
    (tmp_path / "w.xlsx").write_bytes(b"rempli")
    with pytest.raises(UsageError, match=r"existe déjà.*-o"):
        build_workbook(mirepoix, ROWS, ON, tmp_path / "w.xlsx")
    with pytest.raises(AttributeError):
        build_workbook(mirepoix, [None], ON, tmp_path / "x.xlsx")  # type: ignore[list-item]

    assert (tmp_path / "w.xlsx").read_bytes() == b"rempli"
    assert [path.name for path in tmp_path.iterdir()] == ["w.xlsx"]


def test_a_commune_without_a_known_school_gets_none(mirepoix: Dossier, store: Path, tmp_path: Path) -> None:
    """None is known, or there is none: nothing would be to fill."""
    assert mirepoix.schools is not None
    for dossier in (load_dossier("32258", ON, store), dataclasses.replace(mirepoix, schools=mirepoix.schools.iloc[:0])):
        with pytest.raises(UsageError, match="Aucune école"):
            build_workbook(dossier, ROWS, ON, tmp_path / "w.xlsx")
