"""The dossier: all that is known of one commune on one date, from a few indexed queries."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from pupitre.data.communes import Commune, load_commune
from pupitre.data.sources import Source
from pupitre.data.store import connect

SCHOOL_TYPES = {
    "uai": "str",
    "nom": "str",
    "level": "str",
    "sector": "str",
    "rentree": "Int64",
    "classes": "Int64",
    "pupils": "Int64",
    "pupils_maternelle": "Int64",
    "pupils_elementaire": "Int64",
    "pupils_ulis": "Int64",
    "rpi": "object",
}
IPS_TYPES = {"uai": "str", "rentree": "int64", "ips": "Float64", "status": "str", "series": "str"}
IPS_REFERENCE_TYPES = {"zone": "str", "sector": "str", "rentree": "int64", "n": "int64"} | dict.fromkeys(
    ("q1", "median", "q3"), "Float64"
)
NIVEAU_VIE_REFERENCE_TYPES = {"zone": "str", "year": "int64", "n": "int64", "n_secret": "int64"} | {
    f"d{k}": "Float64" for k in range(1, 10)
}

SCHOOLS = """
SELECT s.uai, s.nom, s.level, s.sector, e.rentree, e.classes, e.pupils, e.pupils_maternelle, e.pupils_elementaire,
    e.pupils_ulis, s.rpi, s.source, e.source
FROM schools s LEFT JOIN enrolments e ON e.uai = s.uai AND e.rentree = ?
WHERE s.code_insee = ? ORDER BY s.uai
"""
IPS = """
SELECT uai, rentree, ips, status, series, source FROM ips
WHERE code_insee = ? AND rentree <= ? ORDER BY uai, rentree
"""
IPS_REFERENCE = """
SELECT zone, sector, rentree, n, q1, median, q3, source FROM ips_reference
WHERE zone IN (?, 'FR') AND rentree <= ? ORDER BY zone, sector, rentree
"""
NIVEAU_VIE = """
SELECT year, median_eur, households, status, source FROM niveau_vie
WHERE code_insee = ? AND year <= ? ORDER BY year DESC LIMIT 1
"""
NIVEAU_VIE_REFERENCE = """
SELECT zone, year, n, n_secret, d1, d2, d3, d4, d5, d6, d7, d8, d9, source FROM niveau_vie_reference
WHERE zone IN (?1, 'FR') AND year = coalesce(
    ?3, (SELECT max(year) FROM niveau_vie_reference WHERE zone = 'FR' AND year <= ?2))
ORDER BY zone
"""
FIBRE = """
SELECT period, premises, connectable, share, copper_status, copper_closing, source FROM fibre
WHERE code_insee = ? AND period <= ? ORDER BY period DESC LIMIT 1
"""
SOURCES = """
SELECT name, title, publisher, url, vintage, accessed_on, licence, sha256, file FROM sources
WHERE file IN (SELECT value FROM json_each(?)) ORDER BY file
"""
NO_ENROLMENT = "Effectifs : aucune rentrée connue n'est antérieure au {on}. Classes et élèves restent inconnus."
ABSENT_SCHOOLS = "Effectifs : {n} sur {total} des écoles ouvertes ne figurent pas à la rentrée {rentree}."
ABSENT_SCHOOL = "Effectifs : une école ouverte, sur {total}, ne figure pas à la rentrée {rentree}."


@dataclass(frozen=True)
class NiveauVie:
    """Median income per consumption unit in a commune, euros per year; `status` says why it is missing."""

    year: int
    median_eur: float | None
    households: int | None
    status: str


@dataclass(frozen=True)
class Fibre:
    """Premises of a commune that fibre reaches (`share`, 0–1), and the end of copper. Says nothing of a school."""

    period: str
    premises: int
    connectable: int
    share: float
    copper_status: str | None
    copper_closing: str | None


@dataclass(frozen=True)
class Dossier:
    """All that is known of a commune on the date `on`.

    schools: None when no file covers the commune, empty when it is covered and has no school; else one row per
    school sorted by uai: uai, nom, level (maternelle, elementaire, primaire), sector (public, prive_sous_contrat),
    rentree, classes, pupils, pupils_maternelle, pupils_elementaire (ULIS excluded), pupils_ulis (Int64, NA when
    unknown), rpi (code of the dispersed RPI or None).
    ips: uai, rentree, ips (Float64), status, series; schools of this commune only.
    ips_reference: zone (département and « FR »), sector, rentree, n, q1, median, q3.
    niveau_vie_reference: zone, year, n, n_secret, d1 … d9 in euros.
    sources: the files that served; caveats: French sentences on this commune's data.
    """

    commune: Commune
    on: date
    schools: pd.DataFrame | None
    ips: pd.DataFrame
    ips_reference: pd.DataFrame
    niveau_vie: NiveauVie | None
    niveau_vie_reference: pd.DataFrame
    fibre: Fibre | None
    sources: tuple[Source, ...]
    caveats: tuple[str, ...]


class _Reader:
    """Queries about one commune, remembering the files whose rows were used."""

    def __init__(self, connection: sqlite3.Connection, commune: Commune) -> None:
        self.connection, self.commune = connection, commune
        self.files: set[str] = set()

    def rows(self, query: str, *values: object, sources: int = 1) -> list[tuple[Any, ...]]:
        """The rows of a query, without their last columns (`sources` of them), which name files."""
        rows = self.connection.execute(query, values).fetchall()
        self.files.update(name for row in rows for name in row[len(row) - sources :] if name)
        return [row[: len(row) - sources] for row in rows]

    def frame(self, types: dict[str, str], query: str, *values: object, sources: int = 1) -> pd.DataFrame:
        """The rows of a query as a small typed frame."""
        columns = zip(*self.rows(query, *values, sources=sources), strict=True)
        data = dict(zip(types, columns, strict=False)) or {name: () for name in types}
        return pd.DataFrame({name: pd.Series(list(data[name]), dtype=kind) for name, kind in types.items()})


def last_rentree(on: date) -> int:
    """The last school year begun on a date (it begins on 1 September).

    >>> last_rentree(date(2024, 8, 31)), last_rentree(date(2024, 9, 1))
    (2023, 2024)
    """
    return on.year if on >= date(on.year, 9, 1) else on.year - 1


def load_dossier(code: str, on: date, store: Path) -> Dossier:
    """The dossier of a commune: facts whose vintage begins on or before `on`, the latest of each kind.

    Enrolments are those of the last rentrée begun; a school open but absent from it keeps NA. Raises
    `UnknownCommune` and `UsageError` (code, or store missing).
    """
    with closing(connect(store)) as connection:
        reader = _Reader(connection, load_commune(connection, code))
        schools, caveats = _load_schools(reader, on)
        year, reference = _load_niveau_vie(reader, on)
        return Dossier(
            commune=reader.commune,
            on=on,
            schools=schools,
            ips=_load_ips(reader, on, schools),
            ips_reference=_load_ips_reference(reader, on),
            niveau_vie=year,
            niveau_vie_reference=reference,
            fibre=_load_fibre(reader, on),
            caveats=(*_stored_caveats(reader), *caveats),
            sources=_load_sources(reader),
        )


def _zones(reader: _Reader) -> tuple[str, str]:
    return reader.commune.code_insee, reader.commune.departement


def _load_schools(reader: _Reader, on: date) -> tuple[pd.DataFrame | None, list[str]]:
    covered = reader.rows("SELECT zone, source FROM coverage WHERE zone IN (?, ?)", *_zones(reader))
    if not covered:
        return None, []
    [(rentree,)] = reader.rows(
        "SELECT max(rentree) FROM rentrees WHERE zone IN (?, ?) AND rentree <= ?",
        *_zones(reader),
        last_rentree(on),
        sources=0,
    )
    schools = reader.frame(SCHOOL_TYPES, SCHOOLS, rentree, reader.commune.code_insee, sources=2)
    schools["level"] = pd.array(list(map(_level, *_level_columns(schools))), dtype="str")
    return schools, list(_enrolment_caveats(schools, rentree, on))


def _level_columns(schools: pd.DataFrame) -> tuple[Iterable[object], ...]:
    return schools["level"], schools["pupils_maternelle"], schools["pupils_elementaire"]


def _level(declared: str, maternelle: object, elementaire: object) -> str:
    """The level that the pupils show when their split is known, else the one declared."""
    if maternelle is pd.NA or elementaire is pd.NA or maternelle == elementaire == 0:
        return declared
    return "primaire" if maternelle and elementaire else "maternelle" if maternelle else "elementaire"


def _enrolment_caveats(schools: pd.DataFrame, rentree: object, on: date) -> Iterable[str]:
    absent, total = int(schools["rentree"].isna().sum()), len(schools)
    if total and rentree is None:
        yield NO_ENROLMENT.format(on=on.strftime("%d/%m/%Y"))
    elif absent == 1:
        yield ABSENT_SCHOOL.format(total=total, rentree=rentree)
    elif absent:
        yield ABSENT_SCHOOLS.format(n=absent, total=total, rentree=rentree)


def _load_ips(reader: _Reader, on: date, schools: pd.DataFrame | None) -> pd.DataFrame:
    """The IPS of the commune's schools; where schools are known, of those only."""
    ips = reader.frame(IPS_TYPES, IPS, reader.commune.code_insee, last_rentree(on))
    return ips if schools is None else ips[ips["uai"].isin(schools["uai"])].reset_index(drop=True)


def _load_ips_reference(reader: _Reader, on: date) -> pd.DataFrame:
    return reader.frame(IPS_REFERENCE_TYPES, IPS_REFERENCE, reader.commune.departement, last_rentree(on))


def _load_niveau_vie(reader: _Reader, on: date) -> tuple[NiveauVie | None, pd.DataFrame]:
    """The commune's figure and the deciles of the same year (of the last year when it has none)."""
    found = reader.rows(NIVEAU_VIE, reader.commune.code_insee, on.year)
    niveau_vie = NiveauVie(*found[0]) if found else None
    year = niveau_vie.year if niveau_vie else None
    departement = reader.commune.departement
    return niveau_vie, reader.frame(NIVEAU_VIE_REFERENCE_TYPES, NIVEAU_VIE_REFERENCE, departement, on.year, year)


def _load_fibre(reader: _Reader, on: date) -> Fibre | None:
    quarter = f"{on.year}-T{(on.month + 2) // 3}"
    found = reader.rows(FIBRE, reader.commune.code_insee, quarter)
    return Fibre(*found[0]) if found else None


def _stored_caveats(reader: _Reader) -> list[str]:
    query = "SELECT text FROM caveats WHERE code_insee = ? ORDER BY text"
    return [text for (text,) in reader.rows(query, reader.commune.code_insee, sources=0)]


def _load_sources(reader: _Reader) -> tuple[Source, ...]:
    """The files whose rows were used, and the list of communes, by name."""
    reader.rows("SELECT source FROM communes WHERE code_insee = ?", reader.commune.code_insee)
    files = json.dumps(sorted(reader.files))
    return tuple(Source(*row) for row in reader.connection.execute(SOURCES, (files,)))
