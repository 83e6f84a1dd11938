"""Where the project lies on this machine, and its settings file, `pupitre.toml`."""

from __future__ import annotations

import os
import tomllib
from datetime import date
from pathlib import Path

from pupitre.data.codes import CODE_INSEE
from pupitre.errors import UsageError


def _is_project(folder: Path) -> bool:
    return (folder / "notebooks").is_dir() and (folder / "lib").is_dir()


def project_root() -> Path:
    """The nearest parent of the current folder that holds `notebooks/` and `lib/`, else `$PUPITRE_HOME`.

    Raises `UsageError` when neither leads to a project.
    """
    here = Path.cwd()
    found = next((folder for folder in (here, *here.parents) if _is_project(folder)), None)
    if found:
        return found
    home = os.environ.get("PUPITRE_HOME")
    if home and _is_project(Path(home)):
        return Path(home)
    raise UsageError(
        f"Aucun projet Pupitre au-dessus de {here} (il y faudrait les dossiers notebooks et lib). "
        "Placez-vous dans le projet, ou donnez son dossier par la variable PUPITRE_HOME."
    )


def raw_dir() -> Path:
    """The folder of the facts as published."""
    return project_root() / "data" / "raw"


def store_path() -> Path:
    """The store that `pupitre build` writes."""
    return project_root() / "data" / "processed" / "pupitre.sqlite"


def find_workbook(code: str) -> Path | None:
    """The only workbook of the consultant's own folder on a commune. Raises `UsageError` when there are several."""
    name = "".join(code.split()).upper()
    if not CODE_INSEE.fullmatch(name):  # refused later, with its message; never a path
        return None
    folder = raw_dir() / "communes" / name
    found = [path for path in sorted(folder.glob("*.xlsx")) if not path.name.startswith(("~$", "."))]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise UsageError(
            f"Plusieurs classeurs pour {code} ({names}). Choisissez avec --workbook, ou n'en gardez qu'un."
        )
    return found[0] if found else None


def edition_date(root: Path) -> date:
    """The one date that the notebooks and `make reports` share."""
    path = root / "pupitre.toml"
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8"))["date"]
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        value = None
    if not isinstance(value, date):
        raise UsageError("pupitre.toml doit contenir la date de l'édition, par exemple : date = 2026-11-22")
    return value
