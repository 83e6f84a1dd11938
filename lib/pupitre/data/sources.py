"""Where each fact comes from: the kinds of files that `build` understands, and their sidecars.

`KINDS` is the one registry: a new kind of file is one reader and one entry here.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import BaseModel, Field, ValidationError

from pupitre.data import raw, raw_territory
from pupitre.data.codes import CodeInsee
from pupitre.errors import RawDataError

SIDECAR_SUFFIX = ".source.toml"
LICENCE_OUVERTE = "Licence Ouverte 2.0"
EDUCATION = "Ministère de l'Éducation nationale"
EDUCATION_DATASETS = "https://data.education.gouv.fr/explore/dataset"


@dataclass(frozen=True)
class Source:
    """One file and its origin. `name` is the file without its endings; `accessed_on` is empty when unknown."""

    name: str
    title: str
    publisher: str
    url: str
    vintage: str
    accessed_on: str
    licence: str
    sha256: str
    file: str


Text = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")]


@dataclass(frozen=True)
class Kind:
    """One kind of file: the names it bears, its reader, the tables it feeds, its origin when nothing else says it.

    Patterns are compared in lower case with `_` written `-`. `covers` says whose absence means something:
    every commune of the `departements` that appear, or only the `communes` listed.
    """

    key: str
    patterns: tuple[str, ...]
    read: Callable[[Path], pd.DataFrame]
    tables: tuple[str, ...]
    title: str
    publisher: str
    url: str
    licence: str = LICENCE_OUVERTE
    covers: str = "departements"


@dataclass(frozen=True)
class RawFile:
    """A file of a known kind, checked against its sidecar."""

    path: Path
    kind: Kind
    source: Source
    covers: str
    caveats: tuple[tuple[str, str], ...]


_DECOUPAGE = ("Etalab", "https://github.com/etalab/decoupage-administratif")
_INSEE = (
    "INSEE",
    "https://www.insee.fr/fr/statistiques/7756729",
    "INSEE, réutilisation libre avec mention de la source",
)

KINDS: tuple[Kind, ...] = (
    Kind(
        "communes_json",
        ("communes-cog*.json", "communes.json"),
        raw_territory.read_communes_json,
        ("communes",),
        "Découpage administratif : communes",
        *_DECOUPAGE,
    ),
    Kind(
        "communes",
        ("communes-cog*.csv.gz", "communes-cog*.csv"),
        raw_territory.read_communes,
        ("communes",),
        "Découpage administratif : communes et EPCI",
        *_DECOUPAGE,
    ),
    Kind(
        "epci",
        ("epci*.json",),
        raw_territory.read_epci,
        ("epci",),
        "Découpage administratif : EPCI",
        *_DECOUPAGE,
    ),
    Kind(
        "populations",
        ("donnees-communes*.csv", "insee-populations-communes-cog*.csv"),
        raw_territory.read_populations,
        ("populations",),
        "Populations légales des communes",
        "INSEE",
        "https://www.insee.fr/fr/statistiques/8680726",
    ),
    Kind(
        "annuaire",
        ("fr-en-annuaire-education*.csv", "annuaire-education*.csv"),
        raw.read_annuaire,
        ("schools",),
        "Annuaire de l'éducation",
        EDUCATION,
        f"{EDUCATION_DATASETS}/fr-en-annuaire-education/",
    ),
    Kind(
        "effectifs",
        ("fr-en-ecoles-effectifs-nb-classes*.csv", "effectifs-nb-classes*.csv"),
        raw.read_effectifs,
        ("enrolments",),
        "Effectifs d'élèves et nombre de classes par école",
        EDUCATION,
        f"{EDUCATION_DATASETS}/fr-en-ecoles-effectifs-nb_classes/",
    ),
    Kind(
        "ecoles",
        ("ecoles-rentree*.csv",),
        raw.read_schools,
        ("schools", "enrolments"),
        "Écoles, classes et élèves",
        EDUCATION,
        f"{EDUCATION_DATASETS}/fr-en-ecoles-effectifs-nb_classes/",
        covers="communes",
    ),
    Kind(
        "ips_ap_2022",
        ("fr-en-ips-ecoles-ap2022*.csv", "ips-ecoles-ap2022*.csv"),
        raw.read_ips,
        ("ips",),
        "Indice de position sociale des écoles, à partir de 2022",
        EDUCATION,
        f"{EDUCATION_DATASETS}/fr-en-ips-ecoles-ap2022/",
    ),
    Kind(
        "ips",
        ("fr-en-ips-ecoles*.csv", "ips-ecoles.csv"),
        raw.read_ips,
        ("ips",),
        "Indice de position sociale des écoles",
        EDUCATION,
        f"{EDUCATION_DATASETS}/fr-en-ips_ecoles/",
    ),
    Kind(
        "filosofi",
        ("cc-filosofi-*-com.csv",),
        raw_territory.read_filosofi,
        ("niveau_vie",),
        "Filosofi : revenus et pauvreté des ménages par commune",
        *_INSEE,
    ),
    Kind(
        "niveau_vie",
        ("niveau-vie-20??.csv",),
        raw_territory.read_niveau_vie,
        ("niveau_vie",),
        "Niveau de vie médian des communes (Filosofi)",
        *_INSEE,
    ),
    Kind(
        "fibre",
        ("fibre-20*.csv",),
        raw_territory.read_fibre,
        ("fibre",),
        "Déploiement de la fibre et fermeture du réseau cuivre",
        "Arcep",
        "https://cartefibre.arcep.fr/",
    ),
    Kind(
        "ips_resume",
        ("ips-resume-*.csv",),
        raw.read_ips_summary,
        ("ips_reference",),
        "Résumé de l'IPS des écoles par département",
        EDUCATION,
        f"{EDUCATION_DATASETS}/fr-en-ips-ecoles-ap2022/",
    ),
    Kind(
        "niveau_vie_resume",
        ("niveau-vie-resume-*.csv",),
        raw_territory.read_niveau_vie_summary,
        ("niveau_vie_reference",),
        "Déciles du niveau de vie des communes par département",
        *_INSEE,
    ),
)


def kind_of(path: Path) -> Kind | None:
    """The kind whose pattern the file's name matches, the first in the registry, or None."""
    name = path.name.lower().replace("_", "-")
    return next((kind for kind in KINDS if any(fnmatch(name, pattern) for pattern in kind.patterns)), None)


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Caveat(BaseModel):
    """What must be said of a commune's data: a sentence for the mayor."""

    code_insee: CodeInsee
    text: Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Sidecar(BaseModel):
    """Where a file comes from; other fields may stand there for the developer."""

    title: Text
    publisher: Text
    url: Text
    vintage: str
    accessed_on: date | Literal[""]
    licence: Text
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    covers: Literal["departements", "communes"] | None = None
    caveats: list[Caveat] = []


def _read_sidecar(path: Path) -> Sidecar | None:
    """The sidecar of a file, checked; None when there is none."""
    if not path.exists():
        return None
    try:
        return Sidecar.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        what = f"il manque « {where} »" if problem["type"] == "missing" else f"« {where} » n'a pas la forme attendue"
        raise RawDataError(f"{path.name} : {what}. Corrigez la fiche de source.") from None
    except (ValueError, RecursionError):
        raise RawDataError(f"{path.name} : fiche de source illisible. Corrigez-la.") from None


def _check_digest(path: Path, expected: str, found: str) -> None:
    if expected != found:
        raise RawDataError(
            f"{path.name} a été modifié ou tronqué : son contenu ne correspond plus à {path.name}{SIDECAR_SUFFIX} "
            f"(sha256 attendu {expected[:12]}…, trouvé {found[:12]}…). Reprenez le fichier d'origine."
        )


def load_raw_file(path: Path, kind: Kind) -> RawFile:
    """A file with its origin; raises `RawDataError` when a sidecar stands beside it and its sha256 differs."""
    sidecar = _read_sidecar(path.with_name(path.name + SIDECAR_SUFFIX))
    found, name = digest(path), path.name.split(".")[0]
    if sidecar is None:
        origin = {"title": kind.title, "publisher": kind.publisher, "url": kind.url, "licence": kind.licence}
        source = Source(name=name, vintage="", accessed_on="", sha256=found, file=path.name, **origin)
        return RawFile(path, kind, source, kind.covers, ())
    _check_digest(path, sidecar.sha256, found)
    told = {field: str(getattr(sidecar, field)) for field in ("title", "publisher", "url", "vintage", "licence")}
    source = Source(name=name, accessed_on=str(sidecar.accessed_on), sha256=found, file=path.name, **told)
    texts = tuple((caveat.code_insee, caveat.text) for caveat in sidecar.caveats)
    return RawFile(path, kind, source, sidecar.covers or kind.covers, texts)


def list_raw_files(raw_dir: Path) -> tuple[list[tuple[Path, Kind]], list[str]]:
    """The files of a folder with their kinds, in the registry's order, and the names of those of no known kind.

    `refreshed/` comes first and hides files of the same name. Sidecars, README and folders are not counted.
    """
    if not raw_dir.is_dir():
        raise RawDataError(f"Le dossier {raw_dir} n'existe pas. Donnez le dossier des données brutes par --raw.")
    folders = [folder for folder in (raw_dir / "refreshed", raw_dir) if folder.is_dir()]
    found = [path for folder in folders for path in sorted(folder.iterdir()) if _is_data(path)]
    unique = list({path.name: path for path in reversed(found)}.values())[::-1]
    known = [(path, kind) for path in unique if (kind := kind_of(path))]
    ignored = sorted(path.name for path in unique if not kind_of(path))
    return sorted(known, key=lambda pair: KINDS.index(pair[1])), ignored


def _is_data(path: Path) -> bool:
    hidden = path.name.startswith(".") or path.name.endswith(SIDECAR_SUFFIX)
    return path.is_file() and not hidden and not path.name.upper().startswith("README")
