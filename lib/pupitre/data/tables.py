"""Delimited files, read strictly: known headers, whole lines, plausible values; else one message with the line.

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
from pathlib import Path

import pandas as pd

from pupitre.data.codes import CODE_INSEE, parse_uai
from pupitre.data.names import name_key
from pupitre.errors import RawDataError

SECTORS = {
    "public": "public",
    "secteur-public": "public",
    "prive": "prive_sous_contrat",
    "secteur-prive": "prive_sous_contrat",
    "prive-sous-contrat": "prive_sous_contrat",
}
"""Every spelling of a sector seen since 2009, as `name_key` writes it."""

MOST_BYTES = 300 * 10**6
"""Above what any publisher's file weighs: a larger one is a mistake, or a bomb once decompressed."""

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
RELOAD = "Téléchargez de nouveau le fichier ou corrigez-le."


@dataclass(frozen=True)
class Column:
    """One column of ours and the headers under which publishers gave it, compared without accents or case."""

    name: str
    spellings: tuple[str, ...] = ()
    required: bool = True

    @property
    def accepted(self) -> tuple[str, ...]:
        """Every header that stands for this column, ours included."""
        return (self.name, *self.spellings)


@dataclass(frozen=True)
class RawTable:
    """The texts of one file: columns by our names, index = line number in the file."""

    path: Path
    headers: Mapping[str, str]
    frame: pd.DataFrame

    def error(self, line: object, column: str, problem: str) -> RawDataError:
        """The error of one cell: file, line, the header as published, what is wrong."""
        header = self.headers.get(column, column)
        return RawDataError(f"{self.path.name}, ligne {line}, colonne « {header} » : {problem} {RELOAD}")

    def text(self, column: str) -> pd.Series[str]:
        """A column of texts, stripped; an optional column that is absent gives empty texts."""
        if column not in self.frame:
            return pd.Series("", index=self.frame.index, dtype="str")
        return self.frame[column].str.strip()

    def number(self, column: str, low: float, high: float, missing: Iterable[str] = ("",)) -> pd.Series[float]:
        """A column of numbers (`Float64`, decimal comma accepted) within bounds; `missing` texts give NA."""
        text = self.text(column)
        absent = text.isin(list(missing))
        values = pd.to_numeric(text.mask(absent).str.replace(",", "."), errors="coerce").astype("Float64")
        wrong = ~absent & ~values.between(low, high).fillna(False).astype(bool)
        if wrong.any():
            line = text.index[wrong][0]
            raise self.error(line, column, f"« {text[line]} » n'est pas un nombre entre {low} et {high}.")
        return values

    def count(self, column: str, high: int, missing: Iterable[str] = ("",)) -> pd.Series[int]:
        """A column of whole numbers from 0 to `high` (`Int64`)."""
        values = self.number(column, 0, high, missing)
        broken = (values % 1 != 0).fillna(False).astype(bool)
        if broken.any():
            line = values.index[broken][0]
            raise self.error(line, column, f"« {self.text(column)[line]} » n'est pas un nombre entier.")
        return values.astype("Int64")

    def parsed(self, column: str, parse: Callable[[str], object], problem: str) -> pd.Series[str]:
        """A column of texts, each through `parse` (once per distinct text), which raises to refuse it."""
        text = self.text(column)
        known: dict[str, object] = {}
        for value in text.unique():
            try:
                known[value] = parse(value)
            except (RawDataError, ValueError, KeyError) as error:
                detail = str(error) if isinstance(error, RawDataError) else f"« {value} » {problem}"
                raise self.error(text.index[text == value][0], column, detail) from None
        return text.map(known)

    def code(self, column: str = "code_insee") -> pd.Series[str]:
        """A column of codes INSEE, whole: five characters, nothing guessed."""
        return self.parsed(column, _whole_code, "n'est pas un code INSEE à cinq caractères (zéro initial perdu ?).")

    def uai(self, column: str = "uai") -> pd.Series[str]:
        """A column of UAI, each with its key letter."""
        return self.parsed(column, parse_uai, "")

    def sector(self, column: str = "sector") -> pd.Series[str]:
        """A column of sectors: `public` or `prive_sous_contrat`."""
        return self.parsed(column, lambda text: SECTORS[name_key(text)], "n'est pas un secteur connu.")

    def rentree(self, column: str = "rentree") -> pd.Series[int]:
        """A column of school years as the year they start: « 2022 » or « 2022-2023 » give 2022."""
        return self.parsed(column, _first_year, "n'est pas une année scolaire.").astype("Int64")

    def refuse(self, wrong: pd.Series[bool], column: str, problem: str) -> None:
        """Raise the error of the first line where `wrong` holds."""
        wrong = wrong.fillna(False).astype(bool)
        if wrong.any():
            raise self.error(wrong.index[wrong][0], column, problem)


def _whole_code(text: str) -> str:
    if not CODE_INSEE.fullmatch(text):
        raise ValueError
    return text


def _first_year(text: str) -> int:
    match = re.fullmatch(r"((?:19|20)\d\d)(?:-(?:20)?\d\d)?", text)
    if not match:
        raise ValueError
    return int(match[1])


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, with or without a byte order mark, gzipped or not."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise RawDataError(f"{path.name} : le fichier dépasse {MOST_BYTES // 10**6} Mo, il n'est pas lu. {RELOAD}")
        return _without_control(path, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RawDataError(f"{path.name}, ligne {line} : le fichier n'est pas en UTF-8. {RELOAD}") from None
    except (EOFError, OSError, zlib.error) as error:
        raise RawDataError(f"{path.name} : le fichier est illisible ou tronqué ({error}). {RELOAD}") from None


def _without_control(path: Path, text: str) -> str:
    """A text without control characters, which no publisher writes and which break a page or a terminal."""
    found = CONTROL.search(text)
    if found:
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


def _position(path: Path, column: Column, keys: list[str], header: list[str]) -> int | None:
    found = next((keys.index(key) for key in map(name_key, column.accepted) if key in keys), None)
    if found is None and column.required:
        accepted = ", ".join(f"« {spelling} »" for spelling in column.accepted)
        raise RawDataError(
            f"{path.name}, ligne 1 : il manque la colonne « {column.name} » (intitulés acceptés : {accepted}). "
            f"Intitulés lus : {', '.join(header)}. Prenez le fichier tel que son éditeur le publie."
        )
    return found


def read_table(path: Path, columns: Iterable[Column]) -> RawTable:
    """The columns asked for, as texts. Raises `RawDataError` for an absent column or a line of another length."""
    header, rows, numbers = _lines(path)
    keys = [name_key(label) for label in header]
    wanted = {column.name: _position(path, column, keys, header) for column in columns}
    present = {name: position for name, position in wanted.items() if position is not None}
    texts = {name: [row[position] for row in rows] for name, position in present.items()}
    frame = pd.DataFrame(texts, index=pd.Index(numbers, name="line"), dtype="str")
    return RawTable(path, {name: header[position] for name, position in present.items()}, frame)
