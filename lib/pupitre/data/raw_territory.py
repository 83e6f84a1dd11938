"""Readers of the files on communes: codes, groupings, populations, niveau de vie, fibre.

Belongs: headers, codes, bounds. Does not: joins between files (`store`).
"""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from pupitre.data.codes import CodeInsee
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
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]
Record = TypeVar("Record", bound=BaseModel)
STATUSES = {"": "non disponible", "s": "secret statistique", "nd": "non disponible"}


class _Commune(BaseModel):
    """One object of the publisher's list of communes; fields that we do not use are passed over."""

    model_config = ConfigDict(strict=True)
    code: CodeInsee
    nom: Name
    type: Literal["commune-actuelle", "commune-deleguee", "commune-associee", "arrondissement-municipal"]
    departement: Annotated[str, Field(max_length=3)]
    chefLieu: str = ""
    commune: str = ""
    anciensCodes: list[str] = []
    siren: Annotated[str, Field(max_length=9)] = ""
    population: Annotated[int, Field(ge=0, le=MAX_POPULATION)] | None = None


class _Member(BaseModel):
    """One commune of a grouping."""

    model_config = ConfigDict(strict=True)
    code: CodeInsee


class _Epci(BaseModel):
    """One grouping of communes with its own taxes."""

    model_config = ConfigDict(strict=True)
    code: Annotated[str, Field(max_length=9)]
    nom: Name
    type: Annotated[str, Field(max_length=20)]
    membres: list[_Member]


def _records(path: Path, model: type[Record]) -> list[Record]:
    """The objects of a JSON list, each checked; the error names the object and the field."""
    try:
        records: list[Record] = TypeAdapter(list[model]).validate_python(json.loads(read_text(path)))  # type: ignore[valid-type]
    except json.JSONDecodeError as error:
        raise RawDataError(f"{path.name}, ligne {error.lineno} : JSON tronqué ou altéré. {RELOAD}") from None
    except ValidationError as error:
        raise RawDataError(f"{path.name}{_where(error)}. {RELOAD}") from None
    except (ValueError, RecursionError):
        raise RawDataError(f"{path.name} : JSON illisible. {RELOAD}") from None
    if not records:
        raise RawDataError(f"{path.name} : la liste est vide. {RELOAD}")
    return records


def _where(error: ValidationError) -> str:
    """The object and the field of the first mistake, counted from one."""
    problem = error.errors()[0]
    where = problem["loc"]
    number = f", objet {int(where[0]) + 1}" if where else ""
    field = f"champ « {where[1]} » " if len(where) > 1 else ""
    return f"{number} : " + (f"il manque le {field}" if problem["type"] == "missing" else f"{field}illisible").strip()


def read_communes_json(path: Path) -> pd.DataFrame:
    """The list of communes as its publisher issues it; the columns of `read_communes`, without groupings.

    All types are kept: a commune déléguée may bear the code of its commune nouvelle.
    """
    rows = [
        {
            "code_insee": record.code,
            "nom": record.nom,
            "type": record.type,
            "parent": record.chefLieu or record.commune,
            "anciens_codes": "|".join(record.anciensCodes),
            "departement": record.departement,
            "siren": record.siren,
            "population": record.population,
        }
        for record in _records(path, _Commune)
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
            (member.code, group.code, group.nom, group.type)
            for group in _records(path, _Epci)
            for member in group.membres
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
    table.parsed("copper_closing", lambda day: day and date.fromisoformat(day), "n'est pas une date AAAA-MM-JJ.")
    copper = {name: table.text(name).replace("", None) for name in names[-2:]}
    keys = {"code_insee": table.code(), "period": table.text("period")}
    counts = {"premises": premises, "connectable": connectable, "share": table.number("share", 0, 1)}
    return pd.DataFrame(keys | counts | copper)
