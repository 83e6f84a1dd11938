"""Workbooks made from what a test says of them, and workbooks as a town hall fills them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from pupitre.data.dossier import Dossier, known_schools, load_dossier
from pupitre.data.sheets import Sheet, sheet, sheets, typed
from pupitre.data.workbook import Workbook, read_workbook
from pupitre.data.workbook_writer import build_workbook
from pupitre.errors import CellIssue

FIRST_ROW = 5
Row = Mapping[str, object]


@pytest.fixture(scope="session")
def workbook_of() -> Callable[..., Workbook]:
    """A workbook that was read, from its rows by sheet, the first in row 5: `workbook_of(calendrier=[{…}])`."""
    places = {one.key: _places(one) for one in sheets()}

    def _workbook(**told: Sequence[Row]) -> Workbook:
        first = {key: 0 if sheet(key).layout == "form" else FIRST_ROW for key in told}
        tables = {key: typed(sheet(key), dict(enumerate(rows, first[key]))) for key, rows in told.items()}
        return Workbook("00001", "x.xlsx", "", None, tables, (), places)

    return _workbook


def _places(one: Sheet) -> dict[str, str]:
    form = one.layout == "form"
    return {
        column.key: f"B{FIRST_ROW + rank}" if form else get_column_letter(1 + rank)
        for rank, column in enumerate(one.columns)
    }


@pytest.fixture(scope="session")
def mirepoix(store: Path, on: date) -> Dossier:
    """Three schools, of which one is private."""
    return load_dossier("09194", on, store)


@pytest.fixture(scope="session")
def read_filled(
    mirepoix: Dossier, on: date, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., tuple[Workbook, tuple[CellIssue, ...]]]:
    """Write a real workbook, fill its cells, read it: `read_filled({"Calendrier": {"A5": "Pose"}})`."""
    path = tmp_path_factory.mktemp("cap") / "blank.xlsx"
    build_workbook(mirepoix, [], on, path)

    def _read(answers: Mapping[str, Mapping[str, object]]) -> tuple[Workbook, tuple[CellIssue, ...]]:
        book = openpyxl.load_workbook(path)
        for title, cells in answers.items():
            for cell, value in cells.items():
                book[title][cell] = value
        book.save(path.with_name("filled.xlsx"))
        return read_workbook(path.with_name("filled.xlsx"), "09194", known_schools(mirepoix.schools), on)

    return _read
