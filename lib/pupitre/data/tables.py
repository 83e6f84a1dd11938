"""Delimited files, read strictly: known headers, whole lines, plausible values; else one message with the line.

`headers.toml` says of each column its headers and what it holds.
Belongs: encodings, separators, header spellings, bounds. Does not: what one file or another means (`raw`).
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from pupitre.data import resource
from pupitre.data.codes import name_key, parse_uai
from pupitre.errors import RawDataError

MOST_BYTES = 300 * 10**6
"""Above what any publisher's file weighs: a larger one is a mistake, or a bomb once decompressed."""

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
RELOAD = "Téléchargez de nouveau le fichier ou corrigez-le."
SAID: Mapping[str, Callable[[str], object]] = {
    "uai": parse_uai,
    "rentree": lambda text: int(text[:4]),
    "sector": lambda text: resource("headers")["sectors"][name_key(text)],
    "flag": "1".__eq__,
    "departement": lambda text: re.sub("20(?=[AB])", "2", text),  # 2A is 20A in the list of 2018
    "carrier": lambda text: "commune" if text.lower() == "commune" else "groupement",
    "day": lambda text: text and str(date.fromisoformat(text)),
}
"""What a text of the form expected says, when it is not the text itself; a function raises to refuse it."""


@dataclass(frozen=True)
class RawTable:
    """The texts of one file: columns by our names, index = line number in the file."""

    path: Path
    headers: Mapping[str, str]
    frame: pd.DataFrame

    def typed(self) -> pd.DataFrame:
        """Every column, each read as `headers.toml` says."""
        return pd.DataFrame({str(name): self.column(str(name)) for name in self.frame})

    def column(self, name: str) -> pd.Series[Any]:
        """One column, read as `headers.toml` says."""
        told = {"read": "text"} | resource("headers")["column"].get(name, {})
        if (how := told["read"]) in ("count", "number"):
            return self.number(name, told.get("low", 0), told["high"], told.get("missing", [""]), how == "count")
        return self.text(name) if how == "text" else self.said(name, how)

    def text(self, column: str) -> pd.Series[str]:
        """A column of texts, stripped."""
        return self.frame[column].str.strip()

    def number(self, column: str, low: float, high: float, missing: list[str], whole: bool) -> pd.Series[Any]:
        """A column of numbers within bounds: `Float64`, decimal comma accepted, or `Int64`; `missing` texts give NA."""
        text = self.text(column)
        absent = text.isin(missing)
        values = pd.to_numeric(text.mask(absent).str.replace(",", "."), errors="coerce").astype("Float64")
        plausible = absent | values.between(low, high).fillna(False)
        self.refuse(~plausible, column, f"« {{}} » n'est pas un nombre entre {low} et {high}.")
        self.refuse((values % 1 != 0) & whole, column, "« {} » n'est pas un nombre entier.")
        return values.astype("Int64") if whole else values

    def said(self, column: str, how: str) -> pd.Series[Any]:
        """A column of texts that have one form, what each says, found once per distinct text."""
        form, text = resource("headers")["read"][how], self.text(column)
        self.refuse(~text.str.fullmatch(form["pattern"], flags=re.ASCII), column, form["problem"])
        known: dict[str, object] = {}
        for value in text.unique():
            try:
                known[value] = SAID.get(how, str)(value)
            except (RawDataError, ValueError, KeyError) as error:
                self.refuse(text == value, column, form["problem"] or str(error))
        return text.map(known)

    def refuse(self, wrong: pd.Series[bool], column: str, problem: str) -> None:
        """Raise the error of the first line where `wrong` holds; `{}` in the problem stands for what was read.

        It says the file, the line, the header as published and what is wrong.
        """
        wrong = wrong.fillna(False).astype(bool)
        if wrong.any():
            line, header = wrong.index[wrong][0], self.headers.get(column, column)
            told = problem.replace("{}", self.text(column)[line])
            raise RawDataError(f"{self.path.name}, ligne {line}, colonne « {header} » : {told} {RELOAD}")


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, with or without a byte order mark, gzipped or not."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise RawDataError(f"{path.name} : le fichier dépasse {MOST_BYTES // 10**6} Mo, il n'est pas lu. {RELOAD}")
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RawDataError(f"{path.name}, ligne {line} : le fichier n'est pas en UTF-8. {RELOAD}") from None
    except (EOFError, OSError, zlib.error) as error:
        raise RawDataError(f"{path.name} : le fichier est illisible ou tronqué ({error}). {RELOAD}") from None
    if found := CONTROL.search(text):  # no publisher writes one, and it breaks a page or a terminal
        line = text.count("\n", 0, found.start()) + 1
        raise RawDataError(f"{path.name}, ligne {line} : caractère de contrôle, le fichier est altéré. {RELOAD}")
    return text


def _lines(path: Path) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, rows and the line number on which each row ends; a row of another length is an error."""
    text = read_text(path)
    header_line = text.partition("\n")[0]
    separator = ";" if header_line.count(";") > header_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        numbered = [(reader.line_num, row) for row in reader if row]
    except csv.Error:
        raise RawDataError(
            f"{path.name}, ligne {reader.line_num} : guillemets mal fermés, le fichier est tronqué ou altéré. {RELOAD}"
        ) from None
    if len(numbered) < 2:
        raise RawDataError(f"{path.name} : le fichier est vide. {RELOAD}")
    header = numbered[0][1]
    for number, row in numbered[1:]:
        if len(row) != len(header):
            raise RawDataError(
                f"{path.name}, ligne {number} : valeurs lues : {len(row)}, attendues : {len(header)} ; "
                f"la ligne est tronquée ou altérée. {RELOAD}"
            )
    return header, [row for _, row in numbered[1:]], [number for number, _ in numbered[1:]]


def read_table(path: Path, columns: Iterable[str], optional: Iterable[str] = (), **published: str) -> RawTable:
    """The columns asked for, as texts, under their names or the headers that `headers.toml` and `published` give.

    Raises `RawDataError` for an absent column, unless it is optional: its texts are then empty.
    """
    header, rows, numbers = _lines(path)
    positions = {name_key(label): position for position, label in reversed(list(enumerate(header)))}
    found: dict[str, int] = {}
    for name in (*columns, *optional):
        spellings = resource("headers")["column"].get(name, {}).get("headers", [])
        accepted = [name, *spellings, *([published[name]] if name in published else [])]
        position = next((positions[key] for key in map(name_key, accepted) if key in positions), None)
        if position is not None:
            found[name] = position
        elif name not in optional:
            listed = ", ".join(f"« {spelling} »" for spelling in accepted)
            raise RawDataError(
                f"{path.name}, ligne 1 : il manque la colonne « {name} » (intitulés acceptés : {listed}). "
                f"Intitulés lus : {', '.join(header)}. Prenez le fichier tel que son éditeur le publie."
            )
    texts = {name: [row[position] for row in rows] for name, position in found.items()}
    frame = pd.DataFrame(texts, index=pd.Index(numbers, name="line"), dtype="str")
    frame = frame.assign(**{name: "" for name in optional if name not in found})
    return RawTable(path, {name: header[position] for name, position in found.items()}, frame)
