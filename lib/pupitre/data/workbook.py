"""The workbook that the town hall filled: its answers as tables, and every cell to correct, at once.

Belongs: finding headers, rows and answers, and the cell of each. Does not: opening a file (`workbook_file`), what
a column accepts (`sheets`), what a cell says (`cells`), the answers to the surveys (`answers`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.utils import get_column_letter

from pupitre.data import resource
from pupitre.data.answers import Answers, no_answers
from pupitre.data.answers_file import MOST_COLUMNS, MOST_HEADER, SURVEY, Texts, answer_files, compared
from pupitre.data.answers_reader import read_answers
from pupitre.data.cells import Refused, parse_value, school_index, shown
from pupitre.data.codes import name_key, parse_code_insee
from pupitre.data.quotes import HIDDEN, quote_issues
from pupitre.data.sheets import LISTS, Column, Sheet, clean, schema, sheet, sheets, typed
from pupitre.data.workbook_file import RawWorkbook, read_raw, refused
from pupitre.errors import CellIssue, UsageError, WorkbookError
from pupitre.formats import echo

ANSWER = "Réponse"
OWNER = "lisez_moi"
LAST_HEADER_ROW = 60
Place = tuple[int, int]


@dataclass(frozen=True)
class Workbook:
    """A workbook read whole: `tables` by sheet, `notices` of what was left out, `places` of each column.

    A table has one row per answer, indexed by its row number in Excel, and every column of its sheet: choices as
    keys, schools as UAI, a place as UAI or « commune », shares as ratios, None or NA where nothing is said. A form
    has one row, 0, or none. `answers`: those to the surveys, of the sheet Enquêtes and of the files beside the
    workbook; nothing else is kept of that sheet than the wave of each row.
    """

    code_insee: str
    file: str
    sha256: str
    filled_on: date | None
    tables: Mapping[str, pd.DataFrame]
    notices: tuple[str, ...]
    places: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    answers: Answers = field(default_factory=no_answers)

    def table(self, key: str) -> pd.DataFrame:
        """The rows of a sheet, none when it is absent."""
        return self.tables[key] if key in self.tables else typed(sheet(key), {})

    def issue(self, sheet_key: str, row: int, column_key: str, found: str, expected: str) -> CellIssue:
        """What is wrong with the answer of a row of `table(sheet_key)`, with its cell."""
        place = self.places.get(sheet_key, {}).get(column_key, "")
        return CellIssue(sheet(sheet_key).title, f"{place}{row}" if place.isalpha() else place, echo(found), expected)


def workbook_code(path: Path) -> str:
    """The code INSEE of the commune that a workbook was prepared for. Raises WorkbookError."""
    return _owner(path, _raw(path), date.max)[0]


def load_workbook(path: Path, code_insee: str, schools: pd.DataFrame, on: date) -> Workbook:
    """The answers of a workbook of this commune. Raises WorkbookError, with every cell to correct."""
    workbook, issues = read_workbook(path, code_insee, schools, on)
    if issues:
        raise WorkbookError(workbook.file, issues)
    return workbook


def read_workbook(
    path: Path, code_insee: str, schools: pd.DataFrame, on: date
) -> tuple[Workbook, tuple[CellIssue, ...]]:
    """The answers that can be read, and the cells to correct. Raises WorkbookError for a file refused whole."""
    raw = _raw(path)
    code, filled_on, issues = _owner(path, raw, on)
    if code != code_insee:
        problem = f"ce classeur est celui de {code}, pas de {code_insee}. Prenez celui de la commune."
        raise WorkbookError(path.name, problem=problem)
    index = school_index(schools)
    readers = {one.key: _Reader(one, raw, index, on) for one in sheets() if one.key != OWNER}
    tables = {key: reader.read() for key, reader in readers.items()}
    others = [_notice("sheet_other", echo(title)) for title in raw.others]
    notices = (*others, *chain.from_iterable(reader.notices for reader in readers.values()))
    places = {key: reader.places() for key, reader in readers.items()}
    book = Workbook(code, path.name, raw.sha256, filled_on, tables, notices, places)
    book, later = _with_answers(book, readers[SURVEY].header, path.parent, schools)
    found = (*issues, *chain.from_iterable(reader.issues() for reader in readers.values()))
    known = {(one.sheet, one.cell) for one in found}
    return book, (*found, *(one for one in later if (one.sheet, one.cell) not in known))


def _with_answers(
    book: Workbook, header: int, folder: Path, schools: pd.DataFrame
) -> tuple[Workbook, tuple[CellIssue, ...]]:
    """The answers to the surveys in place of the texts of their sheet, and the issues of these and of quotes."""
    table = book.table(SURVEY)
    given = Texts(sheet(SURVEY).title, table, book.places[SURVEY], header)
    answers, issues = read_answers(book, (given, *answer_files(folder)), school_index(schools))
    rows = {row: {"vague": wave} for row, wave in zip(table.index, table["vague"], strict=True)}
    told = replace(book, tables={**book.tables, SURVEY: typed(sheet(SURVEY), rows)}, answers=answers)
    return told, (*issues, *quote_issues(book, schools))


def cell_name(place: Place) -> str:
    """The name that Excel gives to a cell, by row and column from 1.

    >>> cell_name((14, 4))
    'D14'
    """
    return f"{get_column_letter(place[1])}{place[0]}"


def _notice(key: str, *words: str) -> str:
    return str(resource("workbook")["notice"][key]).format(*words)


def _raw(path: Path) -> RawWorkbook:
    return read_raw(path, {name_key(title) for title in (LISTS, *(one.title for one in sheets()))})


def _owner(path: Path, raw: RawWorkbook, on: date) -> tuple[str, date | None, list[CellIssue]]:
    """Whose the workbook is, and when it was filled: the answers of « Lisez-moi »."""
    reader = _Reader(sheet(OWNER), raw, {}, on)
    [answers] = reader.read().to_dict("records") or [{"code_insee": None, "rempli_le": None}]
    if answers["code_insee"] is None:
        raise refused(path.name, "owner")
    try:
        return parse_code_insee(echo(answers["code_insee"])), answers["rempli_le"], reader.issues()
    except UsageError as error:
        raise WorkbookError(path.name, problem=f"feuille « {reader.sheet.title} » : {error}") from None


class _Reader:
    """One sheet on its way to a table: `grid` says in which cell each answer of each row stands."""

    def __init__(self, sheet: Sheet, raw: RawWorkbook, schools: Mapping[str, Sequence[str]], on: date) -> None:
        self.sheet, self.schools, self.on = sheet, schools, on
        self.cells = dict(raw.cells.get(name_key(sheet.title), {}))
        self.merged = raw.merged.get(name_key(sheet.title), ())
        self.notices = [] if self.cells else [_notice("sheet_absent", sheet.title)]
        self.found: dict[Place, CellIssue] = {}
        self.grid: dict[int, dict[str, Place]] = {}
        self.heads: dict[Place, str] = {}
        self.header = 0

    def read(self) -> pd.DataFrame:
        """The table; issues, notices and places are then complete."""
        labels = self.sheet.names
        top = {place: cell for place, cell in self.cells.items() if place[0] <= LAST_HEADER_ROW}
        self.heads = {place: name_key(clean(cell.value)[:MOST_HEADER]) for place, cell in top.items()}
        marks = {place: labels[text] for place, text in self.heads.items() if text in labels}
        if self.cells:
            (self._lay_form if self.sheet.layout == "form" else self._lay_table)(marks)
        self._unmerge()
        rows = {row: self._values(answers) for row, answers in self.grid.items()}
        frame = typed(self.sheet, {row: values for row, values in rows.items() if set(values) - self.sheet.given})
        self._check(frame)
        return frame

    def issues(self) -> list[CellIssue]:
        """What is to be corrected, in the order of reading."""
        return [self.found[place] for place in sorted(self.found)]

    def places(self) -> dict[str, str]:
        """The column of each key, or its cell in a form."""
        answers = next(iter(self.grid.values()), {})
        form = self.sheet.layout == "form"
        return {key: cell_name(place) if form else get_column_letter(place[1]) for key, place in answers.items()}

    def _refuse(self, place: Place, expected: str, cell: str = "", personal: bool = False) -> None:
        personal |= any(column.personal for column in self.sheet.columns) and bool(cell)
        found = HIDDEN if personal else shown(self.cells.get(place, EMPTY_CELL))
        self.found.setdefault(place, CellIssue(self.sheet.title, cell or cell_name(place), found, expected))

    def _lay_form(self, marks: Mapping[Place, str]) -> None:
        """Each answer stands on the right of its question, or in the column of answers when it has a title."""
        titled = [place[1] for place, text in self.heads.items() if text == name_key(ANSWER)]
        answers: dict[str, Place] = {}
        for place, key in marks.items():
            if key in answers:
                self._refuse(place, "on attend chaque question une seule fois")
            answers.setdefault(key, (place[0], titled[0] if titled else place[1] + 1))
        self.grid = {0: answers}
        self._report_absent(answers)

    def _lay_table(self, marks: Mapping[Place, str]) -> None:
        """The header is the row that bears the most labels; answers stand below."""
        header, count = max(Counter(row for row, _ in marks).items(), key=lambda one: one[1], default=(0, 0))
        if count < 2:
            return self._refuse((1, 1), "on attend plus bas la ligne des intitulés, telle qu'elle était")
        self.header, columns = header, dict[str, int]()
        marks = {**marks, **self._open(header, marks)}
        for place in [place for place in self.cells if place[0] == header]:
            if place not in marks:
                words = self.sheet.title, cell_name(place), shown(self.cells[place])
                self.notices.append(_notice("column_other", *words))
            elif columns.setdefault(marks[place], place[1]) != place[1]:
                self._refuse(place, "on attend chaque intitulé une seule fois")
        kept = set(columns.values())
        rows = sorted({row for row, column in self.cells if row > header and column in kept})
        self.grid = {row: {key: (row, column) for key, column in columns.items()} for row in rows}
        for rank, key in enumerate(self._report_absent(columns), 1):
            free = (header, max(column for row, column in self.cells if row == header) + rank)
            self._refuse(free, f"on attend la colonne « {self.sheet.column(key).header} », qui manque")

    def _open(self, header: int, marks: Mapping[Place, str]) -> dict[Place, str]:
        """The columns added to an open sheet, by the place of their title; they become columns of the sheet."""
        heads = {place: clean(cell.value)[:MOST_HEADER] for place, cell in self.cells.items() if place[0] == header}
        places = [place for place, head in heads.items() if head and place not in marks and self.sheet.open]
        for place in places[MOST_COLUMNS:][:1]:
            self._refuse(place, f"on attend au plus {MOST_COLUMNS} colonnes")
        titles: dict[str, str] = {}
        for place in places[:MOST_COLUMNS]:
            titles.setdefault(compared(heads[place]), heads[place])
        added = (Column(title, title, "text", "") for title in titles.values())
        self.sheet = replace(self.sheet, columns=(*self.sheet.columns, *added))
        return {place: titles[compared(heads[place])] for place in places[:MOST_COLUMNS]}

    def _report_absent(self, present: Mapping[str, object]) -> list[str]:
        """Note the columns that are absent, and give those that cannot be."""
        absent = [column for column in self.sheet.columns if column.key not in present]
        self.notices += [_notice("column_absent", self.sheet.title, one.header) for one in absent if not one.required]
        return [column.key for column in absent if column.required]

    def _unmerge(self) -> None:
        """Rows merged under one school all get it; any other merged answer is refused."""
        places = [(place, key) for answers in self.grid.values() for key, place in answers.items()]
        for left, top, right, bottom in self.merged:
            hit = [one for one in places if top <= one[0][0] <= bottom and left <= one[0][1] <= right]
            if not hit or (top, left) not in self.cells:
                continue
            if left == right and self.sheet.column(hit[0][1]).kind in ("school", "place"):
                self.cells |= {place: self.cells[top, left] for place, _ in hit}
            else:
                span = f"{cell_name((top, left))}:{cell_name((bottom, right))}"
                self._refuse((top, left), "on attend des cellules séparées, non fusionnées", span)

    def _values(self, answers: Mapping[str, Place]) -> dict[str, object]:
        """What the cells of a row say; those that cannot be read are noted."""
        values: dict[str, object] = {}
        for key, place in answers.items():
            column = self.sheet.column(key)
            try:
                value = parse_value(self.cells.get(place, EMPTY_CELL), column, self.schools)
            except Refused as advice:
                expected = f"{column.expected(self.on)}. {advice}".rstrip(". ")
                self._refuse(place, expected, personal=column.personal)
            else:
                values |= {} if value is None else {key: value}
        return values

    def _check(self, frame: pd.DataFrame) -> None:
        """Note what the schema refuses; a check of two columns bears the name of the one to report."""
        try:
            schema(self.sheet, self.on).validate(frame, lazy=True)
        except pa.errors.SchemaErrors as errors:
            for error in errors.schema_errors:
                column = self.sheet.column(error.schema.name or error.check.name)
                expected = getattr(error.check, "error", None) or column.expected(self.on)
                for row in dict.fromkeys(error.failure_cases["index"]):
                    if column.key in self.grid[row]:
                        self._refuse(self.grid[row][column.key], expected, personal=column.personal)
