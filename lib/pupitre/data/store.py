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
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from pupitre.data import assemble, resource
from pupitre.data.assemble import Parts, schema
from pupitre.data.sources import RawFile, list_raw_files, load_raw_file
from pupitre.errors import UsageError

SCHEMA_VERSION = 2

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
    total, parts, sources = len(files) + len(schema()), Parts(), []
    report = progress or (lambda label, done, total: None)
    for done, (path, kind) in enumerate(files):
        report(path.name, done, total)
        file, frame = load_raw_file(path, kind), kind.frame(path)
        vintage = file.source.vintage or _vintage(path.name, frame)
        file = dataclasses.replace(file, source=dataclasses.replace(file.source, vintage=vintage))
        parts.add(file, frame)
        sources.append(file)
    tables = _tables(parts, sources)
    _write(tables, out, lambda name, done: report(name, len(files) + done, total))
    report("", total, total)
    counts = {name: len(frame) for name, frame in tables.items()}
    return BuildReport(counts, tuple(ignored), tuple(parts.warnings))


def _vintage(name: str, frame: pd.DataFrame) -> str:
    """What a publisher's file says of its vintage, by its rows or its name."""
    if "rentree" in frame:
        first, last = frame["rentree"].min(), frame["rentree"].max()
        return f"rentrée {last}" if first == last else f"rentrées {first} à {last}"
    for column in ("year", "updated"):
        if column in frame:
            return str(frame[column].max())
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
    quartiles = assemble.reference(parts, "ips_reference", ips, assemble.ips_summary)
    deciles = assemble.reference(parts, "niveau_vie_reference", published, assemble.niveau_vie_summary)
    caveats = [*(pair for file in files for pair in file.caveats), *split]
    tables = {
        "communes": communes,
        "former_codes": assemble.former_codes(communes),
        "departements": pd.read_csv(Path(__file__).with_name("departements.csv"), dtype="str"),
        "schools": schools,
        "coverage": assemble.build_coverage(parts, current),
        "enrolments": enrolments,
        "rentrees": rentrees,
        "ips": ips,
        "ips_reference": quartiles,
        "niveau_vie": niveau_vie,
        "niveau_vie_reference": deciles,
        "fibre": assemble.build_fibre(parts, communes),
        "financed_projects": assemble.build_financed_projects(parts, communes, current),
        "caveats": pd.DataFrame(caveats, columns=["code_insee", "text"]),
        "sources": pd.DataFrame([dataclasses.asdict(file.source) for file in files]),
    }
    return {
        name: tables[name].reindex(columns=one["columns"]).sort_values(one["columns"], ignore_index=True, kind="stable")
        for name, one in schema().items()
    }


def _write(tables: dict[str, pd.DataFrame], out: Path, report: Callable[[str, int], None]) -> None:
    """Write beside `out`, then take its place: an interrupted build leaves the former store."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:
        draft = Path(folder) / out.name
        with closing(sqlite3.connect(draft)) as connection:
            for done, (name, table) in enumerate(schema().items()):
                report(name, done)
                tables[name].to_sql(name, connection, index=False)
                for number, columns in enumerate(table["indexes"]):
                    connection.execute(f"CREATE INDEX {name}_{number} ON {name} ({columns})")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.commit()
        os.replace(draft, out)


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


def ask(connection: sqlite3.Connection, query: str, **asked: object) -> list[dict[str, Any]]:
    """The rows of a query of `queries.toml`, by column."""
    found = connection.execute(resource("queries")[query]["sql"], asked)
    columns = [column for column, *_ in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found]


def typed_frame(query: str, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The rows of a query under the columns and the types that `queries.toml` gives it."""
    types = resource("queries")[query]["types"].items()
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in types})
