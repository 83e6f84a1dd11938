"""The dossier: all that is known of one commune on one date, from a few indexed queries."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from pupitre.data.communes import Commune, load_commune
from pupitre.data.sources import Source
from pupitre.data.store import ask, connect, typed_frame
from pupitre.data.workbook import Workbook, load_workbook
from pupitre.errors import UsageError

Fact = TypeVar("Fact")


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
    financed_projects: the school-digital projects of all France in the DETR and DSIL lists, one row each: year, code
    (INSEE of today's commune, or SIREN), departement, carrier (commune, groupement), population (of today's commune;
    Int64, NA for a grouping), grant (DETR, DSIL), cost_eur (HT ou TTC non précisé; NA when not published),
    subsidy_eur (of that grant alone: other funders are unknown), rate (subsidy_eur / cost_eur).
    sources: the files that served; caveats: French sentences on this commune's data.
    workbook: what the town hall answered, None when there is none.
    """

    commune: Commune
    on: date
    schools: pd.DataFrame | None
    ips: pd.DataFrame
    ips_reference: pd.DataFrame
    niveau_vie: NiveauVie | None
    niveau_vie_reference: pd.DataFrame
    fibre: Fibre | None
    financed_projects: pd.DataFrame
    sources: tuple[Source, ...]
    caveats: tuple[str, ...]
    workbook: Workbook | None = None


class _Reader:
    """Queries about one commune on one date, remembering the files whose rows were used."""

    def __init__(self, connection: sqlite3.Connection, commune: Commune, on: date) -> None:
        self.connection, self.commune, self.files = connection, commune, set[str]()
        quarter = f"{on.year}-T{(on.month + 2) // 3}"
        place = {"code": commune.code_insee, "departement": commune.departement}
        self.asked = place | {"rentree": last_rentree(on), "year": on.year, "quarter": quarter}

    def rows(self, query: str, **asked: object) -> list[dict[str, Any]]:
        """The rows of a query, without the columns that name files."""
        rows = ask(self.connection, query, **self.asked, **asked)
        named = [column for column in next(iter(rows), {}) if column.endswith("source")]
        self.files.update(filter(None, [row.pop(column) for row in rows for column in named]))
        return rows

    def frame(self, query: str, **asked: object) -> pd.DataFrame:
        """The rows of a query as a small typed frame."""
        return typed_frame(query, self.rows(query, **asked))

    def fact(self, kind: type[Fact], query: str) -> Fact | None:
        """The only row of a query, or None."""
        return next((kind(**row) for row in self.rows(query)), None)

    def sources(self) -> tuple[Source, ...]:
        """The files whose rows were used, and the list of communes, by name."""
        self.rows("listed")
        return tuple(Source(**row) for row in self.rows("sources", files=json.dumps(sorted(self.files))))


def last_rentree(on: date) -> int:
    """The last school year begun on a date (it begins on 1 September).

    >>> last_rentree(date(2024, 8, 31)), last_rentree(date(2024, 9, 1))
    (2023, 2024)
    """
    return on.year if on >= date(on.year, 9, 1) else on.year - 1


def load_dossier(code: str, on: date, store: Path, workbook: Path | None = None) -> Dossier:
    """The dossier of a commune: facts whose vintage begins on or before `on`, the latest of each kind.

    Enrolments are those of the last rentrée begun; a school open but absent from it keeps NA. `workbook` is the file
    that the town hall filled. Raises `UnknownCommune`, `UsageError` (code, or store missing) and `WorkbookError`.
    """
    with closing(connect(store)) as connection:
        reader = _Reader(connection, load_commune(connection, code), on)
        schools, caveats = _load_schools(reader, on)
        answers = load_workbook(workbook, reader.commune.code_insee, known_schools(schools), on) if workbook else None
        ips = reader.frame("ips")
        return Dossier(
            commune=reader.commune,
            on=on,
            schools=schools,
            ips=ips if schools is None else ips[ips["uai"].isin(schools["uai"])].reset_index(drop=True),
            ips_reference=reader.frame("ips_reference"),
            niveau_vie=reader.fact(NiveauVie, "niveau_vie"),
            niveau_vie_reference=reader.frame("niveau_vie_reference"),
            fibre=reader.fact(Fibre, "fibre"),
            financed_projects=reader.frame("financed_projects"),
            caveats=(*(row["text"] for row in reader.rows("caveats")), *caveats),
            sources=(*reader.sources(), *(_workbook_sources(answers, reader.commune) if answers else ())),
            workbook=answers,
        )


def known_schools(schools: pd.DataFrame | None) -> pd.DataFrame:
    """The schools that a workbook is prepared for and checked against. Raises `UsageError` when there is none."""
    if schools is None or schools.empty:
        raise UsageError(
            "Aucune école de cette commune n'est connue : le classeur n'a pas d'objet. Lancez le rapport seul."
        )
    return schools


def _workbook_sources(told: Workbook, commune: Commune) -> Iterator[Source]:
    """The workbook, and each file of answers beside it, whose digest would confirm guessed answers: it is not told."""
    vintage, licence = told.filled_on.isoformat() if told.filled_on else "", "document de la commune"
    title = "Classeur rempli par la commune"
    yield Source(Path(told.file).stem, title, commune.nom, "", vintage, "", licence, told.sha256, told.file)
    for file in told.answers.files:
        yield Source(Path(file).stem, "Réponses aux enquêtes", commune.nom, "", "", "", licence, "", file)


def _load_schools(reader: _Reader, on: date) -> tuple[pd.DataFrame | None, list[str]]:
    """The schools with their enrolments of the last rentrée known, and what must be said of these."""
    covered = reader.rows("coverage")
    if not covered:
        return None, []
    rentree = covered[0]["last"]
    schools = reader.frame("schools", last=rentree)
    absent, total, caveats = int(schools["rentree"].isna().sum()), len(schools), []
    if total and rentree is None:
        unknown = "Classes et élèves restent inconnus."
        caveats = [f"Effectifs : aucune rentrée connue n'est antérieure au {on:%d/%m/%Y}. {unknown}"]
    elif absent == 1:
        caveats = [f"Effectifs : une école ouverte, sur {total}, ne figure pas à la rentrée {rentree}."]
    elif absent:
        caveats = [f"Effectifs : {absent} sur {total} des écoles ouvertes ne figurent pas à la rentrée {rentree}."]
    return schools, caveats
