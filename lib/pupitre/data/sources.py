"""Where each fact comes from: the kinds of files that `build` understands, and their sidecars.

`kinds.toml` is the one registry: a new kind of file is one entry there, and one reader when its columns need it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import BaseModel, Field, ImportString, ValidationError

from pupitre.data import resource
from pupitre.data.codes import CodeInsee
from pupitre.data.tables import read_table
from pupitre.errors import RawDataError

SIDECAR_SUFFIX = ".source.toml"
Text = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")]
Covers = Literal["departements", "communes"]


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


class Origin(BaseModel):
    """What a file is and who issues it."""

    title: Text
    publisher: Text
    url: Text
    licence: Text


class Kind(Origin):
    """One kind of file: the names it bears, its reader (or columns, each read alone), the tables that it feeds."""

    key: str
    patterns: tuple[str, ...]
    read: ImportString[Callable[[Path], pd.DataFrame]] | None = None
    columns: tuple[str, ...] = ()
    tables: tuple[str, ...]
    covers: Covers = "departements"

    def frame(self, path: Path) -> pd.DataFrame:
        """The rows of a file of this kind. Raises `RawDataError`."""
        return self.read(path) if self.read else read_table(path, self.columns).typed()


class Caveat(BaseModel):
    """What must be said of a commune's data: a sentence for the mayor."""

    code_insee: CodeInsee
    text: Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Sidecar(Origin):
    """Where a file comes from; other fields may stand there for the developer."""

    vintage: str
    accessed_on: date | Literal[""]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    covers: Covers | None = None
    caveats: list[Caveat] = []


@dataclass(frozen=True)
class RawFile:
    """A file of a known kind, checked against its sidecar."""

    path: Path
    kind: Kind
    source: Source
    covers: str
    caveats: tuple[tuple[str, str], ...] = ()


@cache
def kinds() -> tuple[Kind, ...]:
    """Every kind of file, in order of precedence."""
    return tuple(Kind.model_validate(kind) for kind in resource("kinds")["kind"])


def kind_of(path: Path) -> Kind | None:
    """The kind whose pattern the file's name matches, the first in the registry, or None."""
    name = path.name.lower().replace("_", "-")
    return next((kind for kind in kinds() if any(fnmatch(name, pattern) for pattern in kind.patterns)), None)


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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


def load_raw_file(path: Path, kind: Kind) -> RawFile:
    """A file with its origin; raises `RawDataError` when a sidecar stands beside it and its sha256 differs."""
    found, published = digest(path), set(Origin.model_fields)
    told = _read_sidecar(path.with_name(path.name + SIDECAR_SUFFIX)) or Sidecar(
        vintage="", accessed_on="", sha256=found, **kind.model_dump(include=published)
    )
    if told.sha256 != found:
        raise RawDataError(
            f"{path.name} a été modifié ou tronqué : son contenu ne correspond plus à {path.name}{SIDECAR_SUFFIX} "
            f"(sha256 attendu {told.sha256[:12]}…, trouvé {found[:12]}…). Reprenez le fichier d'origine."
        )
    dates = {"vintage": told.vintage, "accessed_on": str(told.accessed_on)}
    named = {"name": path.name.split(".")[0], "file": path.name, "sha256": found}
    source = Source(**named, **dates, **told.model_dump(include=published))
    caveats = tuple((caveat.code_insee, caveat.text) for caveat in told.caveats)
    return RawFile(path, kind, source, told.covers or kind.covers, caveats)


def list_raw_files(raw_dir: Path) -> tuple[list[tuple[Path, Kind]], list[str]]:
    """The files of a folder with their kinds, in the registry's order, and the names of those of no known kind.

    `refreshed/` comes first and hides files of the same name. Sidecars, README and folders are not counted.
    """
    if not raw_dir.is_dir():
        raise RawDataError(f"Le dossier {raw_dir} n'existe pas. Donnez le dossier des données brutes par --raw.")
    folders = [folder for folder in (raw_dir / "refreshed", raw_dir) if folder.is_dir()]
    files = [path for folder in folders for path in sorted(folder.iterdir()) if path.is_file()]
    data = [path for path in files if not path.name.upper().startswith((".", "README"))]
    found = [path for path in data if not path.name.endswith(SIDECAR_SUFFIX)]
    unique = list({path.name: path for path in reversed(found)}.values())[::-1]
    known = [(path, kind) for path in unique if (kind := kind_of(path))]
    ignored = sorted(path.name for path in unique if not kind_of(path))
    return sorted(known, key=lambda pair: kinds().index(pair[1])), ignored
