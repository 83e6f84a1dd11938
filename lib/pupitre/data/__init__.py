"""What is known of a commune: raw files read, one store built, one `Dossier` loaded.

Belongs: encodings, headers, codes, joins, sources. Does not: any judgement on what the figures mean.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def resource(name: str) -> dict[str, Any]:
    """A TOML file of this room, read once, when it is first asked for."""
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))
