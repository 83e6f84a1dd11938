"""An Excel file opened safely: what it weighs, what it hides, then its cells. Nothing in it is ever run.

openpyxl gets a copy of the parts that were checked, never the file. Its sheet parser is called directly because its
sheets pad absent rows and expand merged ranges: one cell at row 1 048 576, one merge of a whole sheet would stall.
"""

from __future__ import annotations

import hashlib
import io
import re
import warnings
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.worksheet.cell_range import CellRange

from pupitre.data import resource
from pupitre.data.codes import name_key
from pupitre.errors import WorkbookError, refusal

MOST_BYTES, MOST_UNPACKED = 10 * 10**6, 60 * 10**6
MOST_PARTS, MOST_TAGS, MOST_SHEETS = 1000, 300_000, 100
MOST_ROWS, MOST_MERGED = 5000, 500
MOST_TEXT = 10_000  # bytes: ten times what a cell of ours accepts
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
READ_PARTS = re.compile(r"\[Content_Types\]\.xml|.*\.rels|xl/.*\.xml", re.DOTALL)
SHEET = re.compile(rb"(\w+:)?sheet\s")
STARTS = {b"\xd0\xcf\x11\xe0": "old", b"PK": ""}


@dataclass(frozen=True)
class RawWorkbook:
    """A file's digest, the sheets asked for, by `name_key`, and the titles of the others.

    `cells`: those that hold something, as openpyxl's `ReadOnlyCell`, by (row, column). A formula is its last result;
    without one it is left as a cell of data type « f ». `merged`: the bounds of merged ranges.
    """

    sha256: str
    cells: Mapping[str, dict[tuple[int, int], Any]]
    merged: Mapping[str, Sequence[tuple[int, int, int, int]]]
    others: tuple[str, ...]


def read_raw(path: Path, wanted: Collection[str]) -> RawWorkbook:
    """The sheets of a file whose `name_key` is wanted. Raises WorkbookError for a file that cannot be trusted."""
    content = _content(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of what it does not keep
            parts = checked_parts(path.name, content)
            book = openpyxl.load_workbook(parts, read_only=True, data_only=True, keep_links=False)
            kept = [sheet for sheet in book.worksheets if name_key(sheet.title) in wanted]
            sheets = {name_key(sheet.title): _checked_sheet(path.name, sheet) for sheet in kept}
    except WorkbookError:
        raise
    except Exception:  # a damaged file fails anywhere in zipfile, expat or openpyxl, with any exception
        raise refused(path.name, "damaged") from None
    if len(sheets) < len(kept):
        raise refused(path.name, "twins")
    others = tuple(title for title in book.sheetnames if name_key(title) not in wanted)
    cells, merged = ({key: sheet[part] for key, sheet in sheets.items()} for part in (0, 1))
    return RawWorkbook(hashlib.sha256(content).hexdigest(), cells, merged, others)


def refused(file: str, why: str) -> WorkbookError:
    """The error of a file refused whole, for a reason of `workbook.toml`."""
    return WorkbookError(file, problem=resource("workbook")["refused"][why])


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise refused(str(path), "folder" if path.is_dir() else "absent")
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise WorkbookError(str(path), problem=f"{refusal(error)}.") from None
    why = next((why for start, why in STARTS.items() if content.startswith(start)), "other")
    if why or len(content) > MOST_BYTES:
        raise refused(path.name, why or "heavy")
    return content


def checked_parts(file: str, content: bytes) -> io.BytesIO:
    """A copy of the XML parts that are read, once all are known to be few, small and plain."""
    copy, unpacked, tags, sheets, signs = io.BytesIO(), 0, 0, 0, ""
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(copy, "w") as kept:
        entries = archive.infolist()
        if any(entry.flag_bits & 1 for entry in entries):
            raise refused(file, "locked")
        if {entry.compress_type for entry in entries} - METHODS or len(set(archive.namelist())) < len(entries):
            raise refused(file, "damaged")
        for entry in entries:
            with archive.open(entry) as part:
                data = part.read(MOST_UNPACKED - unpacked + 1)
            read, unpacked = READ_PARTS.fullmatch(entry.filename), unpacked + len(data)
            pieces = data.split(b"<") if read else []
            tags, long = tags + len(pieces), max(map(len, pieces), default=0) > MOST_TEXT
            sheets += sum(bool(SHEET.match(piece)) for piece in data.replace(b"\0", b"").split(b"<")) if read else 0
            many = tags > MOST_TAGS or sheets > MOST_SHEETS or len(entries) > MOST_PARTS
            if unpacked > MOST_UNPACKED or many or long:
                raise refused(file, "bomb")
            signs += f"{entry.filename} {_signs(entry.filename, data)}".lower()
            if read:
                kept.writestr(entry.filename, data)
    for sign, problem in resource("workbook")["refused"]["hidden"].items():
        if sign in signs:
            raise WorkbookError(file, problem=problem)
    return copy


def _signs(name: str, data: bytes) -> str:
    """What a part says of itself: its whole text when it names the others, else its declarations."""
    text = data.replace(b"\0", b"")  # so that UTF-16 hides nothing
    whole = name in ("mimetype", "[Content_Types].xml")
    return (text if whole else b" ".join(re.findall(rb"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE))).decode("latin-1")


def _checked_sheet(file: str, sheet: Any) -> tuple[Any, ...]:
    shown, merged = parsed_sheet(sheet, data_only=True)
    written, _ = parsed_sheet(sheet, data_only=False)
    cells = {place: cell if shown[place].value is None else shown[place] for place, cell in sorted(written.items())}
    cells = {place: cell for place, cell in cells.items() if cell.value is not None}
    last = max((row for row, _ in cells), default=0)
    if last > MOST_ROWS or len(merged) > MOST_MERGED:
        limits = f"{MOST_ROWS} lignes et {MOST_MERGED} fusions de cellules au plus"
        problem = f"feuille {sheet.title} : {last} lignes, {len(merged)} fusions de cellules ; on attend {limits}."
        raise WorkbookError(file, problem=problem)
    return cells, merged


def parsed_sheet(sheet: Any, data_only: bool) -> tuple[dict[tuple[int, int], Any], tuple[Any, ...]]:
    """The cells of a sheet and the bounds of its merged ranges."""
    book = sheet.parent
    with sheet._get_source() as source:
        parser = WorkSheetParser(
            source, sheet._shared_strings, data_only, book.epoch, book._date_formats, book._timedelta_formats
        )
        parser.parse_formula = lambda element: "="  # that there is one is enough; spelling each out may take for ever
        cells = {
            (cell["row"], cell["column"]): ReadOnlyCell(sheet, **cell) for _, row in parser.parse() for cell in row
        }
    merged = parser.merged_cells.mergeCell if parser.merged_cells else ()
    return cells, tuple(CellRange(one.ref).bounds for one in merged)
