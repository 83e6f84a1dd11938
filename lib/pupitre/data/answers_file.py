"""The files of answers beside the workbook, `enquetes….csv`, opened safely: their texts, by column and row of Excel.

Belongs: which files, their weight, encoding, separator and shape. Does not: what a text means (`answers`).
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pandas as pd
from openpyxl.utils import get_column_letter

from pupitre.data import resource
from pupitre.data.codes import UNSAFE, name_key
from pupitre.data.sheets import clean, sheet
from pupitre.errors import CellIssue, refusal
from pupitre.formats import echo, number

SURVEY, ENDING = "enquetes", ".csv"
SEPARATORS, ENCODINGS = ";,\t", ("utf-8-sig", "cp1252")
MOST_BYTES, MOST_CELLS = 40 * 10**6, 5 * 10**6
MOST_COLUMNS, MOST_HEADER, MOST_SNIFFED = 300, 200, 100_000
LONGEST_SHOWN = 12  # characters of an answer


@dataclass(frozen=True)
class Texts:
    """A table of answers as it is written, of the sheet Enquêtes or of a file.

    name: of the sheet or of the file, as messages say it. frame: indexed by Excel row; the columns of the sheet by key,
    then the others by title; None or an empty text where nothing is said. places: the letter of each column. header:
    the row of the titles. sha256: of a file that was read. issues: why it was not.
    """

    name: str
    frame: pd.DataFrame
    places: Mapping[str, str]
    header: int = 1
    sha256: str = ""
    issues: tuple[CellIssue, ...] = ()


class _Refused(Exception):
    """A file that cannot be read: the cell, what was found, why (of `workbook.toml`), and the words of it."""


def answer_files(folder: Path) -> tuple[Texts, ...]:
    """Each file of answers of a folder, by name; one that cannot be read has its issue and no row."""
    shown = (path for path in folder.iterdir() if not path.name.startswith((".", "~")))
    found = [
        path for path in shown if path.suffix.lower() == ENDING and name_key(path.stem).startswith(SURVEY.rstrip("s"))
    ]
    read, known = [], dict[str, str]()
    for one in map(_read, sorted(found)):
        twin = known.setdefault(one.sha256, one.name) if one.sha256 else one.name
        expected = f"on attend chaque fichier une seule fois : il a le même contenu que « {twin} »"
        same = CellIssue(one.name, "", "", expected)
        read.append(one if twin == one.name else Texts(one.name, pd.DataFrame(), {}, issues=(same,)))
    return tuple(read)


def compared(text: str) -> str:
    """What is compared of the title of a column, of the code of a question, of the name of a wave."""
    return name_key(text) or text


def repeated(text: object) -> str:
    """What a message repeats of a text."""
    return echo(UNSAFE.sub("?", clean(text)))


def answer_repeated(text: str) -> str:
    """What a message repeats of an answer: a word or two; a sentence may name somebody.

    >>> answer_repeated("6"), answer_repeated("Mme X est malade")
    ('6', 'texte non répété')
    """
    return text if len(text) <= LONGEST_SHOWN else "texte non répété"


def _read(path: Path) -> Texts:
    name = repeated(path.name)
    try:
        content = _content(path)
        rows = _rows(_decoded(content))
        frame, places = _framed(rows)
    except _Refused as error:
        cell, found, why, *words = error.args
        expected = resource("workbook")["refused"]["answers"][why].format(*words)
        return Texts(name, pd.DataFrame(), {}, issues=(CellIssue(name, cell, repeated(found), expected),))
    return Texts(name, frame, places, sha256=hashlib.sha256(content).hexdigest())


def _content(path: Path) -> bytes:
    if path.is_symlink():
        raise _Refused("", "lien", "link")
    if not path.is_file():
        raise _Refused("", "dossier" if path.is_dir() else "autre chose", "file")
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _Refused("", refusal(error), "file") from None
    if len(content) > MOST_BYTES:
        raise _Refused("", "plus de 40 Mo", "heavy")
    return content


def _decoded(content: bytes) -> str:
    if b"\0" in content:
        raise _Refused("", "octets nuls", "text")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _Refused("", "caractères illisibles", "text")


def _rows(text: str) -> list[list[str]]:
    """The cells of each row, the titles first; the separator is the one that splits these into most cells."""
    first, rows = next(iter(text[:MOST_SNIFFED].splitlines()), ""), list[list[str]]()
    separator = max(SEPARATORS, key=first.count)
    if text.count(separator) + text.count("\n") > MOST_CELLS:
        raise _Refused("", "trop de cellules", "cells", number(MOST_CELLS))
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        raise _Refused(f"A{len(rows) + 1}", "guillemets, ou longueur", "quotes") from None
    return rows


def _framed(rows: Sequence[Sequence[str]]) -> tuple[pd.DataFrame, dict[str, str]]:
    """The texts under their titles, and the letter of each column; a column without title nor text is left out."""
    width = max(map(len, rows), default=0)
    if width > MOST_COLUMNS:
        raise _Refused("", f"{number(width)} colonnes", "columns", MOST_COLUMNS)
    if width * len(rows) > MOST_CELLS:
        raise _Refused("", "trop de cellules", "cells", number(MOST_CELLS))
    columns, places = dict[str, list[str]](), dict[str, str]()
    for rank, (head, *texts) in enumerate(zip_longest(*rows, fillvalue=""), 1):
        if key := _titled(get_column_letter(rank), clean(head)[:MOST_HEADER], texts, places):
            columns[key], places[key] = texts, get_column_letter(rank)
    for column in sheet(SURVEY).columns:
        if column.required and column.key not in columns:
            raise _Refused("A1", next(iter(columns), "fichier vide"), "absent", column.header)
    return pd.DataFrame(columns, range(2, len(rows) + 1), dtype=object), places


def _titled(letter: str, title: str, texts: Sequence[str], known: Collection[str]) -> str:
    """The key of a column: that of the sheet, else its title; empty for a column without title nor text."""
    filled = next((row for row, text in enumerate(texts, 2) if clean(text)), 0) if not title else 0
    if filled:
        raise _Refused(f"{letter}{filled}", texts[filled - 2], "title")
    key = sheet(SURVEY).names.get(name_key(title), title)
    if key and compared(key) in map(compared, known):
        raise _Refused(f"{letter}1", title, "twice")
    return key
