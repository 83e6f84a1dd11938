"""The sheets of the workbook, as `workbook.toml` declares them: what each column accepts.

Belongs: the declaration, the bounds and the words that say them, the schema. Does not: one cell (`cells`), files.
"""

from __future__ import annotations

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
from pupitre.data.codes import UNSAFE, name_key
from pupitre.formats import as_it_is, percent

FIRST_DAY = date(1990, 1, 1)
DAYS_AHEAD = {"date": timedelta(), "deadline": timedelta(days=365 * 20)}
MOST = 10**12
MOST_TEXT = 1000
COMMUNE, WHOLE_COMMUNE = "commune", "Toute la commune"
LISTS = "Listes"


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
    open: bool = False

    @property
    def given(self) -> frozenset[str]:
        """The columns filled before the sheet is sent: a row that holds nothing else has no answer."""
        roles = {column.key for column in self.columns[:1] if self.per == "choices"}
        return frozenset(roles | {column.key for column in self.columns if column.prefilled})

    @property
    def names(self) -> dict[str, str]:
        """The column that each title means, by `name_key`: its header, its label, and in an open sheet its key."""
        keys = {name_key(one.key): one.key for one in self.columns if self.open}
        return keys | {name_key(text): one.key for one in self.columns for text in (one.header, one.label)}

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
        "maturity": {point["key"]: point["label"] for _, point in maturity_points()},
        "scale": {key: one["label"] for key, one in resource("workbook")["scale"].items()},
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
