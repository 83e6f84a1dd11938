"""Where the project lies on this machine."""

from __future__ import annotations

import os
from pathlib import Path

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
