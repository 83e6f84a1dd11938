"""The reports of a folder, together: `index.html` lists them, `portefeuille.xlsx` gathers their figures.

Belongs: what is on disk, a line per commune and date, by name. Does not: computing, ranking, words (`words.toml`).
Nothing read is trusted: another hand may have been there, and what cannot be read says so on its line.
"""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

import xlsxwriter
from jinja2 import Environment, FileSystemLoader
from pydantic import AfterValidator, FiniteFloat, TypeAdapter, ValidationError
from xlsxwriter.exceptions import FileCreateError

from pupitre.data.codes import FICTIONAL, name_key
from pupitre.diagnostic.ranges import CASES
from pupitre.formats import UNKNOWN, Value, fill, typeset
from pupitre.run.ledger import Attempt, latest, read_ledger
from pupitre.run.page import TEMPLATES
from pupitre.run.portfolio_charts import show_portfolio
from pupitre.run.suivi import LOOKS, NUMBERS
from pupitre.show.html import NOTHING, Link, table
from pupitre.study.texts import LABELS

INDEX, BOOK = "index.html", "portefeuille.xlsx"
FOLDER = TEMPLATES / "portfolio"
WORDS = tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))
TEXTS, COLUMNS, TEXT_COLUMNS = WORDS["texts"], WORDS["columns"], 7
COMMUNE = re.compile(r"(\d{2}|2[AB])\d{3}-.*", re.ASCII | re.DOTALL)
DAY = re.compile(r"2\d{3}-\d{2}-\d{2}", re.ASCII)
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
OTHER_PAGES = (("public", "public.html", "pour les habitants"), ("pdf", "rapport.pdf", "PDF"))
LONGEST_TEXT = 400  # characters of a cell
LARGEST_RESULTS = 20_000_000  # bytes: ours have some hundred thousand
MOST_ROWS = 1_048_575  # of a sheet of Excel, without its header
BEFORE_ALL = datetime(1980, 1, 1)  # a zip knows no date before
SAFE = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}

Cell = Value | date
Cells = Mapping[str, Cell]


def clean(text: str) -> str:
    """A text of a file as a cell may hold it: not too long, nothing that a page or a book refuses.

    >>> clean("a\\x00\\nb"), len(clean("a" * 1000))
    ('a b', 400)
    """
    text = UNPRINTABLE.sub(" ", text)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


Text = Annotated[str, AfterValidator(clean)]
RESULTS = TypeAdapter(dict[Text, Text | bool | FiniteFloat | None])


class Entry(NamedTuple):
    """A line: a report on disk, or an attempt that failed and left none.

    `cells` by column; `folder`: that of the report, or None; `figures`: how many can be read; `failed`: whether its
    last attempt did.
    """

    cells: Cells
    folder: Path | None
    figures: int
    failed: bool


def write_portfolio(out: Path) -> None:
    """Write both files of a folder of reports from what it holds: the same folder gives the same bytes.

    Each takes the place of the former once it is whole. The caller holds the lock of the folder. Raises OSError.
    """
    entries = gather(out)
    with tempfile.TemporaryDirectory(prefix=".portefeuille.", dir=out) as folder:
        draft = Path(folder)
        (draft / INDEX).write_text(_page(entries), encoding="utf-8")
        _write_book(draft / BOOK, entries)
        for name in (BOOK, INDEX):
            os.replace(draft / name, out / name)


def gather(out: Path) -> list[Entry]:
    """The lines of a folder, by name without accents; of a commune, the latest date first."""
    last: dict[tuple[str, str], Attempt] = {}
    with suppress(OSError):
        last = latest(read_ledger(out))
    entries = []
    for folder in report_folders(out):
        code, _, slug = folder.parent.name.partition("-")
        entries.append(_entry(code, folder.name, slug, folder, last.pop((code, folder.name), None)))
    names = {entry.cells["code"]: entry.cells["name"] for entry in entries}
    for (code, on), attempt in last.items():
        if attempt.status != "ok":  # if it was, its report was taken away since
            slug = str(names.get(code) or "") or attempt.folder.partition("/")[0].partition("-")[2]
            entries.append(_entry(code, on, slug, None, attempt))
    entries.sort(key=lambda entry: str(entry.cells["on"]), reverse=True)
    return sorted(entries, key=lambda entry: (name_key(str(entry.cells["name"] or "")), str(entry.cells["code"])))


def report_folders(out: Path) -> list[Path]:
    """The folders that may hold a report, by their names; links are not followed."""
    named = [one for one in sorted(out.glob("*-*/2*")) if COMMUNE.fullmatch(one.parent.name) and _day(one.name)]
    return [one for one in named if os.path.isdir(one) and not any(map(os.path.islink, (one, one.parent)))]


def _entry(code: str, on: str, name: str, folder: Path | None, last: Attempt | None) -> Entry:
    """The line of a report, on disk or not, and what became of the last attempt at it."""
    figures, failed = read_figures(folder), last is not None and last.status != "ok"
    state, reason = WORDS["states"]["ok" if figures else "unreadable"], "" if figures else TEXTS["unreadable"]
    if last and failed:
        tried, reason = WORDS["states"][last.status], last.reason
        state = TEXTS["last_attempt"].format(state=state, tried=tried) if folder else tried
    cells = cells_of(figures, code, clean(name))
    cells |= {"on": _day(on) or clean(on), "state": state, "reason": clean(reason)}
    return Entry(cells, folder, len(figures), failed)


def cells_of(figures: Mapping[str, Value], code: str, slug: str) -> dict[str, Cell]:
    """What the figures of a report say; a figure of another type than its column's is as good as missing."""
    best, situation = str(figures.get("advice.best")), str(figures.get("situation"))
    cells: dict[str, Cell] = {}
    for key, column in COLUMNS.items():
        value, number = figures.get(column.get("figure", "").format(best=best)), column["spec"] != "text"
        missing = TEXTS["not_applicable"] if number and situation in WORDS["without_school"] else None
        cells[key] = value if type(value) is (float if number else str) else missing
    name = str(cells["name"] or slug).removesuffix(TEXTS["fictional"])
    cells |= {"code": clean(code), "name": name + TEXTS["fictional"] if code == FICTIONAL else name or None}
    cells |= {"schools": None} if situation == "schools_unknown" else {}
    advice = _advice(figures, best) or WORDS["without_plan"].get(situation)
    cells |= {"known": bool(figures.get("inventory.known")), "way": _way(figures, best)}
    return cells | {"situation": WORDS["situations"].get(situation), "advice": advice}


def _way(figures: Mapping[str, Value], best: str) -> str:
    """The cheapest way to pay, when it is so in each case."""
    gaps = [figures.get(f"advice.gap.{case}_eur") for case in CASES]
    dearer = any(isinstance(gap, float) and gap <= 0 for gap in gaps)
    return str(TEXTS["no_gap"]) if dearer else LABELS.get(best, "")[:1].lower() + LABELS.get(best, "")[1:]


def _advice(figures: Mapping[str, Value], best: str) -> str:
    """The cheapest way to pay; the inventory first, when there is none."""
    way = _way(figures, best)
    return way if not way or figures.get("inventory.known") else TEXTS["inventory_first"].format(way=way)


def read_figures(folder: Path | None) -> dict[str, Value]:
    """The figures of a report, those of law left out; none when they cannot be read or are not ours."""
    path = folder / "resultats.json" if folder else None
    with suppress(OSError, ValidationError):
        if path and is_plain_file(path) and path.stat().st_size <= LARGEST_RESULTS:
            read = RESULTS.validate_json(path.read_bytes(), strict=True)
            return {name: value for name, value in read.items() if not name.startswith("law.")}
    return {}


def is_plain_file(path: Path) -> bool:
    """Whether a file stands there, and no link."""
    return os.path.isfile(path) and not os.path.islink(path)  # where access is denied, `Path.is_file` raises


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    return None


def _page(entries: Sequence[Entry]) -> str:
    """The list as a page."""
    columns = {key: column for key, column in COLUMNS.items() if key != "reason"}
    figures: dict[str, Any] = {f"{n}.{key}": cell for n, one in enumerate(entries) for key, cell in one.cells.items()}
    rows = []
    for rank, (cells, folder, *_) in enumerate(entries):
        name = str(cells["name"] or UNKNOWN)
        figures[f"{rank}.name"] = Link(name, _address(folder, "rapport.html"))
        others = {key: (_address(folder, file), f"{name}, {label}") for key, file, label in OTHER_PAGES}
        figures |= {f"{rank}.{key}": Link(label, address) for key, (address, label) in others.items()}
        specs = {key: "text" if isinstance(cells[key], str) else column["spec"] for key, column in columns.items()}
        row = {key: f"{{{rank}.{key}:{spec}}}" for key, spec in specs.items()}
        row["name"] += "".join(f"\n{{{rank}.{key}}}" for key, (address, _) in others.items() if address)
        rows.append([*(row | {"state": row["state"] + (f"\n{{{rank}.reason}}" if cells["reason"] else "")}).values()])
    header = [column["label"] for column in columns.values()]
    listed = table(TEXTS["caption"], header, rows, figures, text_columns=TEXT_COLUMNS) if rows else NOTHING
    folders = FileSystemLoader([FOLDER, TEMPLATES / "mairie"])
    page = Environment(loader=folders, autoescape=True).get_template(f"{INDEX}.j2")
    charts = show_portfolio([one.cells for one in entries], WORDS["charts"])
    return page.render(summary=_summary(entries), book=BOOK, table=listed, charts=charts)


def _summary(entries: Sequence[Entry]) -> str:
    """How many communes, reports and failures."""
    counts = {
        "communes": len({one.cells["code"] for one in entries}),
        "reports": sum(one.figures > 0 for one in entries),
        "unreadable": sum(one.folder is not None and not one.figures for one in entries),
        "failed": sum(one.failed for one in entries),
    }
    said = [words for name, words in WORDS["summary"].items() if counts[name] or name == "communes"]
    return fill(typeset(" ".join(said)), counts)


def _address(folder: Path | None, name: str) -> str:
    """Where a page of a report is, from the list; nothing when there is none."""
    page = folder / name if folder else None
    return quote("/".join(page.parts[-3:]), errors="surrogateescape") if page and is_plain_file(page) else ""


def _write_book(path: Path, entries: Sequence[Entry]) -> None:
    """The list and all figures as a book of Excel."""
    days = [datetime(on.year, on.month, on.day) for one in entries if isinstance(on := one.cells["on"], date)]
    told = [entry for entry in entries if entry.figures]
    names = None if sum(one.figures for one in told) <= MOST_ROWS else _common_names(told)
    columns = {key: dict(column) for key, column in WORDS["figures"].items()}
    if names is not None:
        columns["figure"]["label"] += fill(typeset(TEXTS["common_only"]), {"names": len(names)})
    try:
        with xlsxwriter.Workbook(str(path), SAFE | {"tmpdir": str(path.parent)}) as book:
            book.set_properties({"created": max(days, default=BEFORE_ALL)})
            looks = {spec: book.add_format({"num_format": form}) for spec, form in NUMBERS.items()}
            looks |= {"text": None, "header": book.add_format(LOOKS["header"])}
            _write_sheet(book.add_worksheet("Communes"), looks, COLUMNS, (entry.cells for entry in entries))
            _write_sheet(book.add_worksheet("Chiffres"), looks, columns, _figure_rows(told, names))
    except FileCreateError as error:
        raise error.args[0] from None  # the OSError that it wraps


def _common_names(entries: Sequence[Entry]) -> list[str]:
    """The names that all reports have, in the order of the first, as many as a sheet holds."""
    shared: dict[str, Value] = {}
    for rank, entry in enumerate(entries):
        figures = read_figures(entry.folder)
        shared = {name: None for name in shared if name in figures} if rank else figures
    return list(shared)[: MOST_ROWS // len(entries)]


def _figure_rows(entries: Iterable[Entry], names: Sequence[str] | None) -> Iterator[Cells]:
    """A row for each figure of each report, read again: hundreds of reports are too much to hold."""
    for entry in entries:
        figures, start = read_figures(entry.folder), {key: entry.cells[key] for key in ("code", "name", "on")}
        for name in figures if names is None else names:
            yield start | {"figure": name, "value": figures.get(name)}


def _write_sheet(page: Any, looks: Mapping[str, Any], columns: Mapping[str, Any], rows: Iterable[Cells]) -> None:
    """A sheet: its header, which stays in sight, its filters, its rows; a text is never a formula nor a link."""
    write = {str: page.write_string, float: page.write_number, bool: page.write_boolean, date: page.write_datetime}
    last, places = 0, [(rank, key, looks[columns[key]["spec"]]) for rank, key in enumerate(columns)]
    for rank, column in enumerate(columns.values()):
        page.set_column(rank, rank, column["width"])
        page.write_string(0, rank, column["label"], looks["header"])
    for last, cells in enumerate(rows, 1):
        for rank, key, look in places:
            value = UNKNOWN if cells[key] is None else cells[key]
            write[type(value)](last, rank, value, look)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, last, len(columns) - 1)
    page.ignore_errors({"number_stored_as_text": f"A1:B{last + 1}"})
