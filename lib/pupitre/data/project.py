"""Where the project lies on this machine, and its settings file, `pupitre.toml`."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pupitre.data.codes import CODE_INSEE, UNSAFE
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


SETTINGS = "pupitre.toml"
LONGEST_NAME = 80
LARGEST_LOGO = 60_000  # bytes: it stands in every page
PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


@dataclass(frozen=True)
class Consultant:
    """Who establishes the reports, each part empty when `pupitre.toml` does not tell it.

    `nom`, `societe`: words; `logo`: a picture, `logo_type`: its MIME type.
    """

    nom: str = ""
    societe: str = ""
    logo: bytes = b""
    logo_type: str = ""


def edition_date(root: Path) -> date:
    """The one date that the notebooks and `make reports` share."""
    value = _settings(root).get("date")
    if not isinstance(value, date):
        raise UsageError(f"{SETTINGS} doit contenir la date de l'édition, par exemple : date = 2026-11-22")
    return value


def load_consultant(root: Path) -> Consultant:
    """The consultant of `pupitre.toml`. Raises UsageError when a name is no text, when the logo cannot be printed."""
    told = _settings(root).get("consultant", {})
    if not isinstance(told, dict) or not told.keys() <= {"nom", "societe", "logo"}:
        raise UsageError(f"{SETTINGS}, [consultant] : on y attend nom, societe et logo, rien d'autre.")
    if wrong := next((key for key, text in told.items() if not _is_name(text)), ""):
        raise UsageError(f"{SETTINGS}, [consultant], {wrong} : on attend un texte de {LONGEST_NAME} signes au plus.")
    logo, kind = _logo(root, told["logo"]) if told.get("logo") else (b"", "")
    return Consultant(told.get("nom", ""), told.get("societe", ""), logo, kind)


def _is_name(text: object) -> bool:
    return isinstance(text, str) and len(text) <= LONGEST_NAME and not UNSAFE.search(text)


def _settings(root: Path) -> dict[str, Any]:
    """What `pupitre.toml` says, nothing when there is none."""
    try:
        return tomllib.loads((root / SETTINGS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{SETTINGS} ne se lit pas ({error}). Il contient la date de l'édition, par exemple : date = 2026-11-22"
        ) from None


def _logo(root: Path, name: str) -> tuple[bytes, str]:
    """A picture beside `pupitre.toml`, and its type by its first bytes."""
    path = (root / name).resolve()
    try:
        content = path.read_bytes() if path.is_relative_to(root.resolve()) else b""
    except OSError:
        content = b""
    kind = next((kind for start, kind in PICTURES.items() if content.startswith(start)), "")
    if not kind or len(content) > LARGEST_LOGO:
        raise UsageError(
            f"{SETTINGS}, logo « {name} » : on attend une image PNG ou JPEG du dossier du projet, "
            f"de {LARGEST_LOGO // 1000} ko au plus."
        )
    return content, kind
