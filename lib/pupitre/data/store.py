"""The store: one SQLite file that `build_store` writes from the raw files and that everything else reads.

The same raw files give the same content. Each table is indexed by what it is asked for, so that reading one
commune costs the same whether the store holds seven or all of France.
"""

from __future__ import annotations

import dataclasses
import os
import re
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from pupitre.data import assemble
from pupitre.data.assemble import Parts
from pupitre.data.sources import RawFile, list_raw_files, load_raw_file
from pupitre.data.summaries import IPS_COLUMNS, NIVEAU_VIE_COLUMNS, ips_summary, niveau_vie_summary
from pupitre.errors import UsageError

SCHEMA_VERSION = 1

ENROLMENT = ("rentree", "classes", "pupils", "pupils_maternelle", "pupils_elementaire", "pupils_ulis")
COMMUNE = ("code_insee", "nom", "type", "parent", "departement", "siren", "epci_siren", "epci_nom", "epci_type")
FIBRE = ("code_insee", "period", "premises", "connectable", "share", "copper_status", "copper_closing")

TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "communes": (
        (*COMMUNE, "population", "population_vintage", "name_key", "source"),
        ("code_insee", "departement", "name_key"),
    ),
    "former_codes": (("former", "code_insee"), ("former", "code_insee")),
    "departements": (("code", "nom"), ("code",)),
    "schools": (("code_insee", "uai", "nom", "level", "sector", "rpi", "source"), ("code_insee", "uai")),
    "coverage": (("zone", "source"), ("zone",)),
    "enrolments": (("code_insee", "uai", *ENROLMENT, "source"), ("code_insee, rentree", "uai")),
    "rentrees": (("zone", "rentree"), ("zone",)),
    "ips": (("code_insee", "uai", "rentree", "ips", "status", "series", "source"), ("code_insee", "uai")),
    "ips_reference": ((*IPS_COLUMNS, "source"), ("zone",)),
    "niveau_vie": (("code_insee", "year", "median_eur", "households", "status", "source"), ("code_insee",)),
    "niveau_vie_reference": ((*NIVEAU_VIE_COLUMNS, "source"), ("zone",)),
    "fibre": ((*FIBRE, "source"), ("code_insee",)),
    "caveats": (("code_insee", "text"), ("code_insee",)),
    "sources": (
        ("name", "title", "publisher", "url", "vintage", "accessed_on", "licence", "sha256", "file"),
        ("file",),
    ),
}
"""Each table: its columns (rows are sorted by them) and what it is indexed by."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class BuildReport:
    """What a build did: rows by table, files of no known kind, and what was left out (French sentences)."""

    counts: Mapping[str, int]
    ignored: tuple[str, ...]
    warnings: tuple[str, ...]


def build_store(raw: Path, out: Path, progress: Progress | None = None) -> BuildReport:
    """Read every raw file, check it, and write the store; `out` is replaced whole or left as it was.

    `progress(label, done, total)` is called before each file and each table. Raises `RawDataError`.
    """
    files, ignored = list_raw_files(raw)
    total, parts, sources = len(files) + len(TABLES), Parts(), []
    report = progress or (lambda label, done, total: None)
    for done, (path, kind) in enumerate(files):
        report(path.name, done, total)
        file, frame = _with_vintage(load_raw_file(path, kind), kind.read(path))
        parts.add(file, frame)
        sources.append(file)
    tables = _tables(parts, sources)
    _write_atomically(tables, out, lambda name, done: report(name, len(files) + done, total))
    report("", total, total)
    counts = {name: len(frame) for name, frame in tables.items()}
    return BuildReport(counts, tuple(ignored), tuple(parts.warnings))


def _with_vintage(file: RawFile, frame: pd.DataFrame) -> tuple[RawFile, pd.DataFrame]:
    """A publisher's file says its vintage by its rows or its name."""
    if file.source.vintage:
        return file, frame
    source = dataclasses.replace(file.source, vintage=_vintage(file.path.name, frame))
    return dataclasses.replace(file, source=source), frame


def _vintage(name: str, frame: pd.DataFrame) -> str:
    if "rentree" in frame:
        first, last = frame["rentree"].min(), frame["rentree"].max()
        return f"rentrée {last}" if first == last else f"rentrées {first} à {last}"
    if "year" in frame:
        return str(frame["year"].max())
    if "updated" in frame:
        return str(frame["updated"].max())
    cog = re.search(r"cog[-_ ]?(20\d\d)", name, re.IGNORECASE)
    return f"COG {cog[1]}" if cog else ""


def _tables(parts: Parts, files: list[RawFile]) -> dict[str, pd.DataFrame]:
    """Every table of the store, with its columns, sorted."""
    communes = assemble.build_communes(parts)
    current = assemble.current_codes(communes)
    schools = assemble.build_schools(parts, current)
    enrolments, rentrees = assemble.build_enrolments(parts, schools)
    ips = assemble.build_ips(parts, schools, current)
    niveau_vie, published, split = assemble.build_niveau_vie(parts, communes, current)
    caveats = [*(pair for file in files for pair in file.caveats), *split]
    tables = {
        "communes": communes,
        "former_codes": assemble.former_codes(communes),
        "departements": assemble.load_departements(),
        "schools": schools,
        "coverage": assemble.build_coverage(parts, current),
        "enrolments": enrolments,
        "rentrees": rentrees,
        "ips": ips,
        "ips_reference": _reference(parts, "ips_reference", ips, "rentree", ips_summary),
        "niveau_vie": niveau_vie,
        "niveau_vie_reference": _reference(parts, "niveau_vie_reference", published, "year", niveau_vie_summary),
        "fibre": assemble.build_fibre(parts, communes),
        "caveats": pd.DataFrame(caveats, columns=["code_insee", "text"]),
        "sources": pd.DataFrame([dataclasses.asdict(file.source) for file in files]),
    }
    return {name: _shaped(tables[name], columns) for name, (columns, _) in TABLES.items()}


def _shaped(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    shaped = frame.reindex(columns=list(columns))
    return shaped.sort_values(list(columns), ignore_index=True, kind="stable") if len(shaped) else shaped


def _reference(
    parts: Parts,
    table: str,
    frame: pd.DataFrame,
    vintage: str,
    summarise: Callable[[pd.DataFrame], pd.DataFrame],
) -> pd.DataFrame:
    """The summary of the vintages that the raw files cover nationally; that of the summary tables for the others."""
    given, national = parts.stacked(table), assemble.national_parts(frame, vintage)
    if national.empty:
        return given
    largest = national.groupby(vintage)["source"].agg(lambda files: files.value_counts().index[0])
    computed = summarise(national)
    computed = computed.assign(source=computed[vintage].map(largest))
    others = given[~given[vintage].isin(computed[vintage])] if len(given) else given
    return pd.concat([computed, others]) if len(others) else computed


def _write_atomically(tables: dict[str, pd.DataFrame], out: Path, report: Callable[[str, int], None]) -> None:
    """Write beside `out`, then take its place: an interrupted build leaves the former store."""
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        with closing(sqlite3.connect(temporary)) as connection:
            _write(connection, tables, report)
        temporary.chmod(0o644)
        os.replace(temporary, out)
    finally:
        temporary.unlink(missing_ok=True)


def _write(connection: sqlite3.Connection, tables: dict[str, pd.DataFrame], report: Callable[[str, int], None]) -> None:
    for done, (name, (_, indexes)) in enumerate(TABLES.items()):
        report(name, done)
        tables[name].to_sql(name, connection, index=False)
        for number, columns in enumerate(indexes):
            connection.execute(f"CREATE INDEX {name}_{number} ON {name} ({columns})")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.commit()


def connect(path: Path) -> sqlite3.Connection:
    """The store, read only. Raises `UsageError` when it does not exist or is not of this version."""
    if not path.is_file():
        raise UsageError(f"Les données {path} n'existent pas encore : lancez « pupitre build ».")
    connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError:
        version = None
    if version != SCHEMA_VERSION:
        connection.close()
        raise UsageError(f"{path} n'est pas un fichier de données de cette version : relancez « pupitre build ».")
    return connection
