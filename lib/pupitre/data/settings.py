"""The settings file of the project, `pupitre.toml`: the date of the edition."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

from pupitre.errors import UsageError


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
