"""The sheets of the workbook, as `workbook.toml` declares them: what each column accepts, what a cell says of it.

A cell is accepted when it can mean one thing only, refused with advice otherwise.
Belongs: the declaration, the bounds and the words that say them, one cell, the schema. Does not: files.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import chain
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pydantic import TypeAdapter

from pupitre.data import resource
from pupitre.data.codes import name_key
from pupitre.formats import as_it_is, echo, percent

FIRST_DAY = date(1990, 1, 1)
DAYS_AHEAD = {"date": timedelta(), "deadline": timedelta(days=365 * 20)}
MOST = 10**12
MOST_TEXT = 1000
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
COMMUNE, WHOLE_COMMUNE = "commune", "Toute la commune"
LISTS = "Listes"
FLAGS = dict.fromkeys("oui o vrai true 1".split(), True) | dict.fromkeys("non n faux false 0".split(), False)
NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?: \d{3})+|\d+)(?:[.,]\d+)?) ?([^\d\s.,+-].*)?")
SIGNED = re.compile(r"[+\-−] ?\d")
AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
YEAR = re.compile(r"(?:(?:(?:0?[1-9]|[12]\d|3[01])/)?(?:0?[1-9]|1[0-2])/)?(\d{4})")
DAY = re.compile(r"(?P<d>\d{1,2})([/.-])(?P<m>\d{1,2})\2(?P<y>\d{4})|(?P<Y>\d{4})-(?P<M>\d\d)-(?P<D>\d\d)")
UAI_AT_END = re.compile(r"(?:.*\()?(\d{7}[A-Z])\)?", re.IGNORECASE)


@dataclass(frozen=True)
class Kind:
    """A kind of column: what it accepts in words, its dtype in a table, its rule, format and width in Excel."""

    expected: str
    dtype: str = "object"
    rule: str = ""
    shown: str = "@"
    width: int = 20


@dataclass(frozen=True)
class Column:
    """One column of a sheet (or one question of a form): the comments of `workbook.toml` say what each field means."""

    key: str
    label: str
    kind: str
    help: str
    unit: str = ""
    required: bool = False
    unique: bool = False
    prefilled: bool = False
    personal: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    low: int | float | None = None
    high: int | float | None = None
    at_most: str = ""
    assumption: str = ""

    @property
    def header(self) -> str:
        """The label and its unit."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    def bounds(self, on: date) -> tuple[Any, Any]:
        """The least and the greatest value accepted on a date; a share is a ratio."""
        if self.kind in DAYS_AHEAD:
            return FIRST_DAY, on + min(DAYS_AHEAD[self.kind], date.max - on)
        ceiling = {"year": on.year, "share": 1}.get(self.kind, MOST)
        return self.low or 0, ceiling if self.high is None else min(self.high, ceiling)

    def expected(self, on: date) -> str:
        """What a cell of this column accepts, in words."""
        written: dict[str, Callable[[Any], str]] = {"share": percent, "year": str}
        written |= dict.fromkeys(DAYS_AHEAD, "{:%d/%m/%Y}".format)
        low, high = map(written.get(self.kind, as_it_is), self.bounds(on))
        choices = ", ".join(f"« {choice} »" for choice in self.choices.values())
        return f"on attend {kinds()[self.kind].expected.format(low=low, high=high, choices=choices)}"


@dataclass(frozen=True)
class Sheet:
    """One sheet, its columns in order."""

    key: str
    title: str
    help: str
    columns: tuple[Column, ...]
    layout: str = "table"
    per: str = ""

    @property
    def given(self) -> frozenset[str]:
        """The columns filled before the sheet is sent: a row that holds nothing else has no answer."""
        roles = {column.key for column in self.columns[:1] if self.per == "choices"}
        return frozenset(roles | {column.key for column in self.columns if column.prefilled})

    def column(self, key: str) -> Column:
        """A column by its key."""
        return next(column for column in self.columns if column.key == key)


@cache
def kinds() -> dict[str, Kind]:
    """Every kind of column."""
    return TypeAdapter(dict[str, Kind]).validate_python(resource("workbook")["kind"])


@cache
def sheets() -> tuple[Sheet, ...]:
    """Every sheet, in order; the first, « Lisez-moi », says whose the workbook is."""
    lists = resource("workbook")["list"] | {
        "maturity": {point["key"]: point["label"] for _, point in maturity_points()}
    }
    declared = deepcopy(resource("workbook")["sheet"])
    for column in chain.from_iterable(one["columns"] for one in declared):
        if isinstance(column.get("choices"), str):
            column["choices"] = lists[column["choices"]]
    return TypeAdapter(tuple[Sheet, ...]).validate_python(declared)


def maturity_points() -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Each point of the maturity model with its dimension, in order, as `maturity.toml` declares them."""
    return [(one, point) for one in resource("maturity")["dimension"] for point in one["point"]]


def sheet(key: str) -> Sheet:
    """A sheet by its key."""
    return next(one for one in sheets() if one.key == key)


def typed(sheet: Sheet, rows: Mapping[int, Mapping[str, object]]) -> pd.DataFrame:
    """The rows of a sheet by row number, columns of their types; what is absent is None in texts and dates, else NA."""
    index = pd.Index(list(rows), dtype="int64")
    columns = {
        one.key: pd.Series([row.get(one.key) for row in rows.values()], index, dtype=kinds()[one.kind].dtype)
        for one in sheet.columns
    }
    return pd.DataFrame(columns, index)


def schema(sheet: Sheet, on: date) -> pa.DataFrameSchema:
    """What the rows of a sheet must satisfy on a date; the error of each check is what a message expects."""
    columns = {
        one.key: pa.Column(kinds()[one.kind].dtype, list(_checks(one, on)), nullable=not one.required)
        for one in sheet.columns
    }
    return pa.DataFrameSchema(
        columns, [_at_most(one, sheet.column(one.at_most)) for one in sheet.columns if one.at_most]
    )


def _checks(column: Column, on: date) -> Iterator[pa.Check]:
    if column.choices:
        yield pa.Check.isin(list(column.choices), error=column.expected(on))
    elif kinds()[column.kind].rule:
        yield pa.Check.in_range(*column.bounds(on), error=column.expected(on))
    elif column.kind != "flag":
        yield pa.Check(
            lambda text: isinstance(text, str) and 0 < len(text) <= MOST_TEXT and not UNSAFE.search(text),
            element_wise=True,
            error=column.expected(on),
        )
    if column.unique:
        yield pa.Check(lambda values: ~values.duplicated(), error="on attend une seule ligne de ce nom")


def _at_most(column: Column, other: Column) -> pa.Check:
    """The check of two columns; it bears the name of the one to report."""
    return pa.Check(
        lambda frame: ~(frame[column.key] > frame[other.key]).fillna(False).astype(bool),
        name=column.key,
        ignore_na=False,
        error=f"on attend au plus le nombre de « {other.label} »",
    )


class Refused(Exception):
    """A cell that cannot be read; the message, if any, says what to write."""


def clean(value: object) -> str:
    """A value as its reader sees it: one line, plain spaces, no decimals to a whole number.

    >>> clean(" 1\u00a0200 € "), clean(12.0), clean(True), clean(date(2026, 3, 12)), clean(None)
    ('1 200 €', '12', 'oui', '12/03/2026', '')
    """
    if value is None or isinstance(value, bool):
        return {None: "", True: "oui", False: "non"}[value]
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    whole = isinstance(value, float) and value.is_integer()
    return re.sub(r"[\s\u200b\ufeff]+", " ", f"{value:.0f}" if whole else str(value)).strip()


def shown(cell: Any) -> str:
    """What a message repeats of a cell."""
    return "=…" if cell.data_type == "f" else echo(UNSAFE.sub("?", clean(cell.value)))


def parse_value(cell: Any, column: Column, schools: Mapping[str, str]) -> Any:
    """What a cell says of a column; None when it is empty or says that nobody knows. Raises `Refused`."""
    if cell.data_type in ("e", "f") or (isinstance(cell.value, float) and not math.isfinite(cell.value)):
        raise Refused("Écrivez la valeur à la place de la formule")
    text = clean(cell.value)
    if not text or (text.lower() in resource("workbook")["words"]["unknown"] and not column.required):
        return None
    match column.kind:
        case "text":
            return text
        case "free" if not isinstance(cell.value, date):
            return text
        case "flag":
            return _one_of(FLAGS, text.lower())
        case "choice" if not SIGNED.match(text):  # « -1 » is not the choice « 1 »
            keys = {name_key(key): key for key in column.choices}
            return _one_of(keys | {name_key(label): key for key, label in column.choices.items()}, name_key(text))
        case "place" if name_key(text) in (COMMUNE, name_key(WHOLE_COMMUNE)):
            return COMMUNE
        case "school" | "place":
            return _school(text, schools)
        case "year":
            return int(_match(YEAR, text)[1])
        case "date" | "deadline":
            return _day(_match(DAY, text))
        case "count" | "number" | "euros" | "share":
            return _number(cell, text, column)
    raise Refused


def _one_of(values: Mapping[str, Any], text: str) -> Any:
    if text not in values:
        raise Refused
    return values[text]


def _match(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    if not (match := pattern.fullmatch(text)):
        raise Refused
    return match


def _school(text: str, schools: Mapping[str, str]) -> str:
    match = UAI_AT_END.fullmatch(text)
    uai, key = match[1].upper() if match else "", name_key(text)
    found = [known for known, name in schools.items() if (known == uai if match else name_key(name) == key)]
    if len(found) != 1:
        raise Refused("Plusieurs écoles portent ce nom : écrivez aussi leur UAI" if found else "")
    return found[0]


def _day(match: re.Match[str]) -> date:
    try:
        return date(*(int(match[part] or match[part.upper()]) for part in "ymd"))
    except ValueError:
        raise Refused from None


def _number(cell: Any, text: str, column: Column) -> float:
    number, percent = cell.value, "%" in (cell.number_format or "")
    if isinstance(number, bool) or not isinstance(number, int | float):
        number, percent = _written_number(cell, text, column), "%" in text
        number = round(number / 100, 10) if percent and column.kind == "share" else number
    elif percent and column.kind == "number":
        number = round(number * 100, 10)  # its reader sees 60 %
    if column.kind == "share" and number >= 1 and not percent:
        raise Refused(f"Écrivez {text} %")
    if abs(number) > MOST or (column.kind == "count" and number != int(number)):
        raise Refused
    return int(number) if column.kind == "count" else number


def _written_number(cell: Any, text: str, column: Column) -> float:
    """The number that a text says, with the column's unit or without."""
    words = resource("workbook")["words"]
    if name_key(text) in words["numerals"]:
        raise Refused(f"Écrivez {words['numerals'].index(name_key(text))}")
    digits, unit = _match(NUMBER, text if isinstance(cell.value, str) else "").groups()
    known = column.unit.lower()
    names = {known, known.rstrip("s"), *known.split()[:1], *words["units"].get(column.kind, ())}
    if unit and unit.lower() not in names:
        raise Refused
    if AMBIGUOUS.fullmatch(digits):
        raise Refused("Milliers ou décimales ? Écrivez 1234 ou 1,2")
    return float(digits.replace(" ", "").replace(",", "."))
