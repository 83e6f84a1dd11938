"""Readers of the files on communes: codes, groupings, populations, niveau de vie, fibre.

Belongs: headers, codes, bounds. Does not: joins between files (`store`).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd

from pupitre.data.tables import RELOAD, Column, RawTable, read_table, read_text
from pupitre.errors import RawDataError

COMMUNE_TEXTS = (
    "code_insee",
    "nom",
    "type",
    "parent",
    "anciens_codes",
    "departement",
    "siren",
    "epci_siren",
    "epci_nom",
    "epci_type",
)
DECILES = tuple(f"d{k}" for k in range(1, 10))
MAX_POPULATION = 3_000_000
MAX_MEDIAN_EUR = 200_000
STATUSES = {"": "non disponible", "s": "secret statistique", "nd": "non disponible"}


def _records(path: Path, required: tuple[str, ...]) -> list[dict[str, Any]]:
    """The objects of a JSON list, each with the fields required."""
    try:
        records: list[dict[str, Any]] = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise RawDataError(f"{path.name}, ligne {error.lineno} : JSON tronqué ou altéré. {RELOAD}") from None
    for number, record in enumerate(records, start=1):
        absent = [field for field in required if field not in record]
        if absent:
            raise RawDataError(f"{path.name}, objet {number} : il manque le champ « {absent[0]} ». {RELOAD}")
    return records


def read_communes_json(path: Path) -> pd.DataFrame:
    """The list of communes as its publisher issues it; the columns of `read_communes`, without groupings.

    All types are kept: a commune déléguée may bear the code of its commune nouvelle.
    """
    rows = [
        {
            "code_insee": record["code"],
            "nom": record["nom"],
            "type": record["type"],
            "parent": record.get("chefLieu") or record.get("commune") or "",
            "anciens_codes": "|".join(record.get("anciensCodes", ())),
            "departement": record["departement"],
            "siren": record.get("siren", ""),
            "population": record.get("population"),
        }
        for record in _records(path, ("code", "nom", "type", "departement"))
    ]
    return pd.DataFrame(rows).astype({"population": "Int64"})


def read_communes(path: Path) -> pd.DataFrame:
    """Our compact list: code_insee, nom, type, parent, anciens_codes (`|`), departement, siren, epci_…, population."""
    table = read_table(path, (*map(Column, COMMUNE_TEXTS), Column("population")))
    texts = pd.DataFrame({name: table.text(name) for name in COMMUNE_TEXTS})
    return texts.assign(code_insee=table.code(), population=table.count("population", MAX_POPULATION))


def read_epci(path: Path) -> pd.DataFrame:
    """The grouping with its own taxes of each commune: code_insee, epci_siren, epci_nom, epci_type."""
    return pd.DataFrame(
        [
            (member["code"], group["code"], group["nom"], group["type"])
            for group in _records(path, ("code", "nom", "type", "membres"))
            for member in group["membres"]
        ],
        columns=["code_insee", "epci_siren", "epci_nom", "epci_type"],
    )


def read_populations(path: Path) -> pd.DataFrame:
    """Municipal populations: code_insee, population (Int64). Paris, Lyon and Marseille only by arrondissement."""
    table = read_table(path, (Column("code_insee", ("COM",)), Column("population", ("PMUN",))))
    return pd.DataFrame({"code_insee": table.code(), "population": table.count("population", MAX_POPULATION)})


def _niveau_vie(table: RawTable, year: pd.Series[int] | int) -> pd.DataFrame:
    status = table.text("median_eur").map(lambda text: STATUSES.get(text, ""))
    return pd.DataFrame(
        {
            "code_insee": table.code(),
            "year": year,
            "median_eur": table.number("median_eur", 1, MAX_MEDIAN_EUR, tuple(STATUSES)),
            "households": table.count("households", MAX_POPULATION, tuple(STATUSES)),
            "status": status,
        }
    )


def read_filosofi(path: Path) -> pd.DataFrame:
    """Niveau de vie as INSEE issues it: code_insee, year, median_eur (Float64), households (Int64), status.

    The year is the suffix of the columns (MED21 → 2021). `s` gives NA and « secret statistique ». Arrondissements
    and whole communes are both there: `store` keeps the latter.
    """
    match = re.search(r"\bMED(\d\d)\b", read_text(path).partition("\n")[0])
    if not match:
        raise RawDataError(
            f"{path.name}, ligne 1 : il manque la colonne « MED » suivie de l'année (MED21 pour 2021). "
            "Prenez le fichier tel que l'INSEE le publie."
        )
    suffix = match[1]
    columns = (
        Column("code_insee", ("CODGEO",)),
        Column("median_eur", (f"MED{suffix}",)),
        Column("households", (f"NBMENFISC{suffix}",)),
    )
    return _niveau_vie(read_table(path, columns), 2000 + int(suffix))


def read_niveau_vie(path: Path) -> pd.DataFrame:
    """Our tidy table of niveaux de vie; the columns of `read_filosofi`."""
    table = read_table(path, map(Column, ("code_insee", "year", "median_eur", "households", "status")))
    frame = _niveau_vie(table, table.rentree("year"))
    return frame.assign(status=table.text("status"))


def read_niveau_vie_summary(path: Path) -> pd.DataFrame:
    """Our summary of niveaux de vie: zone, year, n, n_secret, d1 … d9 (deciles of the communes' medians, euros)."""
    table = read_table(path, map(Column, ("zone", "year", "n", "n_secret", *DECILES)))
    counts = {name: table.count(name, 100_000) for name in ("n", "n_secret")}
    deciles = {name: table.number(name, 1, MAX_MEDIAN_EUR) for name in DECILES}
    return pd.DataFrame({"zone": table.text("zone"), "year": table.rentree("year")} | counts | deciles)


def read_fibre(path: Path) -> pd.DataFrame:
    """Our tidy table: code_insee, period (2026-T2), premises, connectable, share (0–1), copper_status, …_closing."""
    names = ("code_insee", "period", "premises", "connectable", "share", "copper_status", "copper_closing")
    table = read_table(path, map(Column, names))
    premises, connectable = (table.count(name, MAX_POPULATION) for name in ("premises", "connectable"))
    table.refuse(connectable > premises, "connectable", "plus de locaux raccordables que de locaux.")
    table.refuse(~table.text("period").str.fullmatch(r"20\d\d-T[1-4]"), "period", "attendu : 2026-T2, par exemple.")
    copper = {name: table.text(name).replace("", None) for name in names[-2:]}
    keys = {"code_insee": table.code(), "period": table.text("period")}
    counts = {"premises": premises, "connectable": connectable, "share": table.number("share", 0, 1)}
    return pd.DataFrame(keys | counts | copper)
