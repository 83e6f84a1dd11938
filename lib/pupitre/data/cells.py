"""What one cell of the workbook says of its column.

A cell is accepted when it can mean one thing only, refused with advice otherwise.
Belongs: one cell, or one text of a file of answers. Does not: what a column accepts (`sheets`), rows, files.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from pupitre.data import resource
from pupitre.data.codes import UNSAFE, name_key
from pupitre.data.sheets import COMMUNE, MOST, WHOLE_COMMUNE, Column, clean
from pupitre.formats import echo

FLAGS = dict.fromkeys("oui o vrai true 1".split(), True) | dict.fromkeys("non n faux false 0".split(), False)
NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?: \d{3})+|\d+)(?:[.,]\d+)?) ?([^\d\s.,+-].*)?")
SIGNED = re.compile(r"[+\-−] ?\d")
AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
YEAR = re.compile(r"(?:(?:(?:0?[1-9]|[12]\d|3[01])/)?(?:0?[1-9]|1[0-2])/)?(\d{4})")
DAY = re.compile(r"(?P<d>\d{1,2})([/.-])(?P<m>\d{1,2})\2(?P<y>\d{4})|(?P<Y>\d{4})-(?P<M>\d\d)-(?P<D>\d\d)")
UAI_AT_END = re.compile(r"(?:.*\()?(\d{7}[A-Z])\)?", re.IGNORECASE)


class Refused(Exception):
    """A cell that cannot be read; the message, if any, says what to write."""


def shown(cell: Any) -> str:
    """What a message repeats of a cell."""
    return "=…" if cell.data_type == "f" else echo(UNSAFE.sub("?", clean(cell.value)))


def unsaid(text: str) -> bool:
    """Whether a clean text says nothing, or that nobody knows."""
    return not text or text.lower() in resource("workbook")["words"]["unknown"]


def parse_value(cell: Any, column: Column, schools: Mapping[str, Sequence[str]]) -> Any:
    """What a cell says of a column; None when it is empty or says that nobody knows. Raises `Refused`."""
    if cell.data_type in ("e", "f") or (isinstance(cell.value, float) and not math.isfinite(cell.value)):
        raise Refused("Écrivez la valeur à la place de la formule")
    text = clean(cell.value)
    if not text or (unsaid(text) and not column.required):
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
            return find_school(text, schools)
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


def school_index(schools: pd.DataFrame) -> dict[str, list[str]]:
    """The UAI of the schools of each name, and of each UAI, by `name_key`; `schools`: uai, nom."""
    index: dict[str, list[str]] = {}
    for uai, name in schools[["uai", "nom"]].itertuples(index=False):
        index.setdefault(name_key(name), []).append(uai)
        index[name_key(uai)] = [uai]
    return index


def find_school(text: str, schools: Mapping[str, Sequence[str]]) -> str:
    """The UAI of the school that a clean text names, of a `school_index`. Raises `Refused`."""
    match = UAI_AT_END.fullmatch(text)
    found = schools.get(name_key(match[1] if match else text), ())
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
