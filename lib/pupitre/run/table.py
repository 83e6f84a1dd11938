"""The table of a batch, CSV or Excel: one row per report, with what one would type for it.

Belongs: opening it, its titles, what each row asks for, every cell to correct. Does not: which assumptions exist and
which values they take (`diagnostic`), whether the commune is known or the workbook right, which the report itself says.
"""

from __future__ import annotations

import csv
import difflib
import io
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

import openpyxl
import pydantic.dataclasses

from pupitre.data.answers_file import ENCODINGS, SEPARATORS, repeated
from pupitre.data.codes import CODE_INSEE, UNSAFE, CodeInsee, name_key, parse_code_insee
from pupitre.data.sheets import clean
from pupitre.data.workbook_file import checked_parts, parsed_sheet
from pupitre.diagnostic.assumptions import assumption_rows, load_assumptions
from pupitre.diagnostic.settings import parse_value
from pupitre.errors import Contradiction, PupitreError, UsageError, WorkbookError, refusal
from pupitre.formats import parse_day
from pupitre.law import baremes

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 5 * 10**6, 20_000, 200
CODE, OURS = "code_insee", ("code_insee", "on", "workbook", "nom", "commune")  # a name is left beside the code
DATED = ("prix_", "aide_")  # the assumptions that only some dates know
FORMULA = "=…"
NEAR = 0.5  # how alike « insee » and « code-insee » must be
SAVE_AS = "Dans un tableur : Enregistrer sous, « CSV UTF-8 » ou « Classeur Excel (.xlsx) », sans mot de passe."
BEYOND = "on attend un intitulé au-dessus de chaque cellule. Est-ce une virgule décimale ? Écrivez 0.5."


@pydantic.dataclasses.dataclass(frozen=True, config=pydantic.ConfigDict(strict=True))
class Row:
    """A report to make, all its values texts.

    `number`: the line of the file, as a text editor or Excel counts them; `on`: AAAA-MM-JJ; `workbook`: an absolute
    path, or nothing; `assumptions`: those common to all rows, then those of the row, which win.
    """

    number: int
    code_insee: CodeInsee
    on: str
    workbook: str
    assumptions: Mapping[str, str]


@dataclass(frozen=True)
class RowIssue:
    """One thing to correct in a row: its column (none when the row as a whole is wrong), what was read, what to write.

    `code_insee` as it was read, which may be wrong; `on`: the date of the row, none when it is the one that is wrong.

    >>> print(RowIssue(12, "loan_share", "2", "on attend au plus 1.", "13028"))
    ligne 12, colonne loan_share, « 2 » : on attend au plus 1.
    """

    number: int
    column: str
    found: str
    expected: str
    code_insee: str
    on: str = ""

    def __str__(self) -> str:
        """The message."""
        column = f", colonne {self.column}" if self.column else ""
        found = f", « {self.found} »" if self.found else ", vide" if self.column else ""
        return f"ligne {self.number}{column}{found} : {self.expected}"


def read_table(path: Path, on: date, settings: Mapping[str, str]) -> tuple[list[Row], list[RowIssue]]:
    """The reports that a table asks for, and all that is to be corrected in its other rows.

    `on`: the date of a row that gives none; `settings`: the assumptions common to all rows.
    Raises UsageError for a file that is no such table, or whose titles are wrong.
    """
    file, law = repeated(path.name), baremes.on(on)
    (_, titles), *lines = _lines(file, path)
    names = [row["nom"] for row in assumption_rows(law)]
    reader = _Reader(path.parent, on, settings, _columns(file, titles, [*OURS, *{*names, *law.names("prix_")}]))
    if not lines:
        raise UsageError(f"{file} : aucune ligne sous les intitulés. Écrivez une ligne par rapport.")
    for number, values in lines:
        reader.read(number, values)
    return reader.rows, reader.issues


class _Reader:
    """The rows of a table, read one after the other; `columns`: the name of each, nothing without a title."""

    def __init__(self, folder: Path, on: date, settings: Mapping[str, str], columns: Sequence[str]) -> None:
        self.folder, self.on, self.settings, self.columns = folder, on, settings, columns
        self.rows, self.issues = list[Row](), list[RowIssue]()
        self._first: dict[tuple[str, date], int] = {}
        self._law, self._judged = cache(baremes.on), cache(self._judge)

    def read(self, number: int, values: Sequence[Any]) -> None:
        """Read a row: it is kept when nothing is to be corrected in it."""
        pairs = [(name, value) for name, value in zip_longest(self.columns, values, fillvalue="") if clean(value)]
        cells, wrong = dict(pairs), dict[str, str]()
        cells[""] = " ".join(clean(value) for name, value in pairs if not name)
        told = partial(_told, cells, wrong)
        code, day, workbook = told(CODE, _code), told("on", self._day), told("workbook", self._workbook)
        own = {name: told(name, _setting) for name in cells if name and name not in OURS}
        chosen = {**self.settings, **{name: value for name, value in own.items() if value is not None}}
        wrong |= self._judged(tuple(chosen.items()), day, None not in own.values())
        if code and day and (first := self._first.setdefault((code, day), number)) != number:
            wrong[CODE] = f"la ligne {first} demande déjà le rapport de cette commune à cette date. Gardez-en une."
        wrong |= {"": BEYOND} if cells[""] else {}
        for column, expected in wrong.items():
            place, found = column if column in {*cells, CODE} else "", repeated(cells.get(column, ""))
            self.issues.append(
                RowIssue(number, place, found, expected, repeated(cells.get(CODE, "")), day.isoformat() if day else "")
            )
        if not wrong:
            self.rows.append(Row(number, code, day.isoformat(), workbook, chosen))

    def _day(self, value: Any) -> date:
        """The date of a row, on which some figure of law is in force."""
        text = f"{value:%Y-%m-%d}" if isinstance(value, date) else repeated(value)
        day = parse_day(text) if text else self.on
        self._law(day).require_any()
        return day

    def _workbook(self, value: Any) -> str:
        """The absolute path of a workbook that exists."""
        path = self.folder / (text := str(value).strip())
        if text and not (path.suffix.lower() == ".xlsx" and os.path.isfile(path)):
            raise UsageError("on attend un classeur .xlsx qui existe, son chemin partant du dossier de la table.")
        return os.path.abspath(path) if text else ""

    def _judge(self, chosen: Iterable[tuple[str, str]], day: date | None, whole: bool) -> dict[str, str]:
        """Why assumptions are refused, by name; under no name, what contradicts what, if they are the `whole`.

        Without a date, those that depend on it are not judged.
        """
        values = {name: value for name, value in chosen if day or not name.startswith(DATED)}
        try:
            load_assumptions(values, self._law(day or self.on))
        except Contradiction as error:
            return {"": str(error)} if whole else {}
        except UsageError as error:
            if len(values) == 1:
                return dict.fromkeys(values, str(error))
            alone = [self._judge([item], day, whole=False) for item in values.items()]
            return {name: why for wrong in alone for name, why in wrong.items()}
        return {}


def _told(cells: Mapping[str, Any], wrong: dict[str, str], column: str, read: Callable[[Any], Any]) -> Any:
    """What a cell says, as `read` reads it; nothing, and the reason in `wrong`, when it cannot."""
    try:
        if (value := cells.get(column, "")) == FORMULA:
            raise UsageError("écrivez la valeur à la place de la formule.")
        return read(value)
    except PupitreError as error:
        wrong[column] = str(error)


def _code(value: Any) -> str:
    """A code INSEE; a number of five digits can only be one, a number of four has lost its zero."""
    text = repeated(value)
    if not isinstance(value, str) and CODE_INSEE.fullmatch(f"0{text}"):
        raise UsageError(f"« 0{text} » ? Écrivez le code en texte, dans une cellule au format Texte.")
    return parse_code_insee(text)


def _setting(value: Any) -> str:
    return parse_value(UNSAFE.sub("?", clean(value)))


def _columns(file: str, titles: Sequence[Any], known: Sequence[str]) -> list[str]:
    """The name of each column, nothing without a title. Raises UsageError for all that is wrong with the titles."""
    keys, written = {name_key(name): name for name in known}, [repeated(title) for title in titles]
    names = [keys.get(name_key(title), "") for title in written]
    unknown = [title for title, name in zip(written, names, strict=True) if title and not name]
    faults = [f"colonne « {title} » inconnue, corrigez ou ôtez-la.{_near(title, known)}" for title in unknown]
    twice = [name for name in dict.fromkeys(names) if name and names.count(name) > 1]
    faults += [f"la colonne « {name} » est donnée {names.count(name)} fois, gardez-en une." for name in twice]
    if CODE not in names:
        faults = [f"il manque la colonne « {CODE} » sur la ligne des intitulés.{_near(CODE, unknown)}"]
    if faults:
        raise UsageError("\n".join(f"{file} : {fault}" for fault in faults))
    return names


def _near(text: str, among: Iterable[str]) -> str:
    keys = {name_key(one): one for one in among}
    near = difflib.get_close_matches(name_key(text), keys, 1, NEAR)
    return f" Le plus proche : « {keys[near[0]]} »." if near else ""


def _lines(file: str, path: Path) -> list[tuple[int, list[Any]]]:
    """The number and the cells of each line that says something, the titles first."""
    if not (read := READERS.get(path.suffix.lower())):
        raise UsageError(f"{file} : on attend une table .csv ou .xlsx. {SAVE_AS}")
    lines = list[tuple[int, list[Any]]]()
    for number, cells in read(file, _content(file, path)):
        while cells and not clean(cells[-1]):
            cells.pop()
        lines += [(number, cells)] if cells else []
        if len(cells) > MOST_COLUMNS or len(lines) > MOST_ROWS + 1:
            limits = f"{MOST_ROWS} lignes et {MOST_COLUMNS} colonnes au plus"
            raise UsageError(f"{file}, ligne {number} : table trop grande, on attend {limits}. Coupez-la.")
    if not lines:
        raise UsageError(f"{file} : fichier vide. Écrivez les intitulés, dont {CODE}, puis une ligne par rapport.")
    return lines


def _content(file: str, path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{file} : ce n'est pas un fichier. Donnez le chemin de la table.")
        with path.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file} : {refusal(error)}. Vérifiez le chemin et les droits.") from None
    if len(content) > MOST_BYTES:
        raise UsageError(f"{file} : une table fait {MOST_BYTES // 10**6} Mo au plus. Coupez-la en plusieurs.")
    return content


def _csv_lines(file: str, content: bytes) -> Iterator[tuple[int, list[Any]]]:
    """The cells of each line and where it begins; the separator is the one that splits the titles into most cells."""
    texts = (content.decode(encoding, "replace") for encoding in ENCODINGS)
    if (text := next((text for text in texts if not {"\0", "\ufffd"} & set(text)), None)) is None:
        raise UsageError(f"{file} : ce n'est pas un fichier de texte. {SAVE_AS}")
    separator = max(SEPARATORS, key=text.lstrip().partition("\n")[0].count)
    reader, number = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1
    try:
        for cells in reader:
            yield number, cells
            number = reader.line_num + 1
    except csv.Error:
        raise UsageError(f"{file}, ligne {number} : guillemets non refermés, ou texte sans fin. Corrigez-la.") from None


def _sheet_lines(file: str, content: bytes) -> Iterator[tuple[int, list[Any]]]:
    """The cells of each row of the first sheet, through the guards of workbooks; formulas are not read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of what it does not keep
            book = openpyxl.load_workbook(checked_parts(file, content), read_only=True, keep_links=False)
            cells, _ = parsed_sheet(book.worksheets[0], data_only=False)
    except WorkbookError as error:
        raise UsageError(str(error)) from None
    except Exception:  # a damaged file fails anywhere in zipfile, expat or openpyxl, with any exception
        raise UsageError(f"{file} : ce n'est pas un classeur .xlsx, ou il est abîmé. {SAVE_AS}") from None
    rows: dict[int, dict[int, Any]] = {}
    for (row, column), cell in sorted(cells.items()):
        rows.setdefault(row, {})[column] = FORMULA if cell.data_type == "f" else cell.value
    yield from ((row, [told.get(column) for column in range(1, max(told) + 1)]) for row, told in rows.items())


READERS = dict.fromkeys((".csv", ".tsv", ".txt"), _csv_lines) | {".xlsx": _sheet_lines}
