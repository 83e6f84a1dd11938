"""Readers of the publishers' files: one `read_…` per kind of file, from the file to a frame of our columns.

Belongs: what the rows of one file say together. Does not: one column (`tables`), joins between files (`assemble`).
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import pandas as pd
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from pupitre.data.codes import CODE_INSEE, CodeInsee, readable_name
from pupitre.data.tables import RELOAD, RawTable, read_table, read_text
from pupitre.errors import RawDataError

MAX_PUPILS_PER_CLASS = 60
ANNUAIRE = ("uai", "code_insee", "sector", "nom", "type", "maternelle", "elementaire", "contract")
PROJECT = ("year", "project", "code", "departement_code", "carrier", "grant", "description", "cost_eur", "subsidy_eur")
OTHER_KINDS = r"doubl|jeux|mobilier"  # split classes, playgrounds, furniture: more than digital equipment
COUNTS = ("classes", "pupils", "pupils_maternelle", "pupils_elementaire", "pupils_ulis")
COMMUNE_TEXTS = tuple(
    "code_insee nom type parent anciens_codes departement siren epci_siren epci_nom epci_type".split()
)
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]
Record = TypeVar("Record", bound=BaseModel)
STATUSES = {"": "non disponible", "s": "secret statistique", "nd": "non disponible"}


def read_annuaire(path: Path) -> pd.DataFrame:
    """Open schools, public or private under contract, one row per UAI.

    Columns uai, code_insee (as published: arrondissement or former code possible), nom, sector, level (as declared;
    a school that declares neither level is taken as a primaire), rpi (code of the dispersed RPI or NA), updated.
    Raises `RawDataError`.
    """
    table = read_table(path, ANNUAIRE, optional=("rpi", "updated"))
    kept = (table.text("type") == "Ecole") & (table.text("contract").str.upper() != "HORS CONTRAT")
    frame = replace(table, frame=table.frame[kept]).typed()
    maternelle, elementaire = frame["maternelle"].astype(bool), frame["elementaire"].astype(bool)
    level = pd.Series("primaire", frame.index).mask(maternelle & ~elementaire, "maternelle")
    frame = frame.assign(
        nom=frame["nom"].map(readable_name),
        level=level.mask(elementaire & ~maternelle, "elementaire"),
        rpi=frame["rpi"].where(~frame["rpi"].isin(["", "0"])),
    )
    return frame.drop_duplicates("uai")


def _typed_counts(table: RawTable) -> pd.DataFrame:
    """The columns of a table of enrolments, whose classes and pupils are plausible together too."""
    frame = table.typed()
    crowded = frame["pupils"] > MAX_PUPILS_PER_CLASS * frame["classes"]
    table.refuse(crowded, "pupils", f"plus de {MAX_PUPILS_PER_CLASS} élèves par classe, c'est impossible.")
    return frame


def read_effectifs(path: Path) -> pd.DataFrame:
    """Classes and pupils by school and rentrée: uai, rentree, sector, classes, pupils, pupils_… (Int64).

    The commune is not read: what the file calls its code is a postcode. Raises `RawDataError`, also for a file
    that mixes rentrées: a download cut short leaves one per school, any one, and under half have the last.
    """
    frame = _typed_counts(read_table(path, ("uai", "rentree", "sector", *COUNTS)))
    last = int(frame["rentree"].max())
    schools, current = frame["uai"].nunique(), frame.loc[frame["rentree"] == last, "uai"].nunique()
    if current < schools / 2:
        raise RawDataError(
            f"{path.name} : le fichier mélange les rentrées (écoles qui ont la dernière, {last} : {current} sur "
            f"{schools}). C'est une copie tronquée : téléchargez de nouveau le fichier entier."
        )
    return frame.drop_duplicates(["uai", "rentree"])


def read_schools(path: Path) -> pd.DataFrame:
    """Our tidy table: a school and its enrolments on one line, for the communes listed."""
    frame = _typed_counts(read_table(path, ("level", "uai", "rentree", "code_insee", "nom", "sector", *COUNTS)))
    return frame.assign(nom=frame["nom"].map(readable_name), rpi=None).drop_duplicates(["uai", "rentree"])


def read_ips(path: Path) -> pd.DataFrame:
    """IPS by school and rentrée: uai, code_insee (as published), rentree, sector, ips (Float64), status, series.

    « NS » or an empty cell gives NA and the status « non significatif ». `series` is `avant_2022` or `ap_2022`:
    the index was recomputed in 2022 and the two cannot be compared. The pupils given beside it are not read: they
    are not those of the school.
    """
    frame = read_table(path, ("ips", "rentree", "uai", "code_insee", "sector")).typed()
    status = frame["ips"].isna().map({True: "non significatif", False: ""})
    series = (frame["rentree"] >= 2022).map({True: "ap_2022", False: "avant_2022"})
    return frame.assign(status=status, series=series).drop_duplicates(["uai", "rentree"])


class _Commune(BaseModel):
    """One object of the publisher's list of communes; fields that we do not use are passed over."""

    model_config = ConfigDict(strict=True)
    code_insee: CodeInsee = Field(validation_alias="code")
    nom: Name
    type: Literal["commune-actuelle", "commune-deleguee", "commune-associee", "arrondissement-municipal"]
    parent: str = Field("", validation_alias=AliasChoices("chefLieu", "commune"))
    anciens_codes: list[str] = Field([], validation_alias="anciensCodes")
    departement: Annotated[str, Field(max_length=3)]
    siren: Annotated[str, Field(max_length=9)] = ""
    population: Annotated[int, Field(ge=0, le=3_000_000)] | None = None


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
    frame = pd.DataFrame([record.model_dump() for record in _records(path, _Commune)])
    return frame.astype({"population": "Int64"}).assign(anciens_codes=frame["anciens_codes"].str.join("|"))


def read_communes(path: Path) -> pd.DataFrame:
    """Our compact list: code_insee, nom, type, parent, anciens_codes (`|`), departement, siren, epci_…, population."""
    return read_table(path, (*COMMUNE_TEXTS, "population")).typed()


def read_epci(path: Path) -> pd.DataFrame:
    """The grouping with its own taxes of each commune: code_insee, epci_siren, epci_nom, epci_type."""
    groups = _records(path, _Epci)
    members = [(member.code, group.code, group.nom, group.type) for group in groups for member in group.membres]
    return pd.DataFrame(members, columns=["code_insee", "epci_siren", "epci_nom", "epci_type"])


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
    published = {"median_eur": f"MED{match[1]}", "households": f"NBMENFISC{match[1]}"}
    table = read_table(path, ("code_insee", *published), **published)
    status = table.text("median_eur").map(STATUSES).fillna("")
    return table.typed().assign(year=2000 + int(match[1]), status=status)


def read_fibre(path: Path) -> pd.DataFrame:
    """Our tidy table: code_insee, period (2026-T2), premises, connectable, share (0–1), copper_status, …_closing."""
    names = ("premises", "connectable", "period", "copper_closing", "copper_status", "code_insee", "share")
    table = read_table(path, names)
    frame = table.typed()
    table.refuse(frame["connectable"] > frame["premises"], "connectable", "plus de locaux raccordables que de locaux.")
    return frame.assign(**{name: frame[name].replace("", None) for name in ("copper_status", "copper_closing")})


def read_financed_projects(path: Path) -> pd.DataFrame:
    """Projects that the DETR or the DSIL subsidised, one row per project of the lists.

    Columns year (of the list), project, code (INSEE of a commune, else SIREN, as published), departement, carrier
    (commune, groupement), grant (DETR, DSIL), same_kind (1 when its title names digital equipment alone), cost_eur
    (Float64, HT ou TTC non précisé, NA when not published), subsidy_eur.
    Raises `RawDataError`, also for a subsidy above its cost.
    """
    table = read_table(path, PROJECT)
    frame = table.typed()
    table.refuse(frame["subsidy_eur"] > frame["cost_eur"], "subsidy_eur", "subvention plus élevée que le coût.")
    misnamed = (frame["carrier"] == "commune") & ~frame["code"].str.fullmatch(CODE_INSEE)
    table.refuse(misnamed, "code", "« {} » n'est pas le code INSEE d'une commune.")
    alone = ~frame["description"].str.contains(OTHER_KINDS, case=False)
    kept = frame.drop(columns="description").assign(same_kind=alone.astype("int64"))
    return kept.rename(columns={"departement_code": "departement"}).drop_duplicates("project")
