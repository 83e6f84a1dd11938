"""What a school may need and what the workbook may list: `catalogue.toml`, typed.

Belongs: reading the catalogue. Does not: quantities, prices, lives, which `law/` holds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("catalogue.toml")


@dataclass(frozen=True)
class Item:
    """One thing to buy, or one service to pay; `price`, `life` and `account` name figures of `law/`.

    `gap` says what is missing, `quote` names it in a sentence while no price is known, `uses` says by level what it is
    meant to serve. `per`: what one unit is counted for. `leasable`: a lessor can take it back. `personal`: a pupil may
    own it, so that a family may bring it. `maintained`: its
    upkeep is part of yearly maintenance. A service has no life, is paid by the year or once, with VAT or not.
    """

    key: str
    label: str
    price: str
    gap: str
    life: str = ""
    account: str = "compte_materiel_scolaire"
    per: str = "classe"
    leasable: bool = True
    personal: bool = False
    maintained: bool = True
    yearly: bool = False
    untaxed: bool = False
    quote: str = ""
    uses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Equipment:
    """A type of the sheet Équipements: the items it can stand for, its life, what it counts as."""

    serves: tuple[str, ...]
    life: str
    family: str


@cache
def items() -> dict[str, Item]:
    """The items of the programme, by key, in the order of the report."""
    return {key: Item(key=key, **fields) for key, fields in _read()["item"].items()}


@cache
def services() -> dict[str, Item]:
    """The services of the programme, by key."""
    return {key: Item(key=key, **fields) for key, fields in _read()["service"].items()}


@cache
def equipment() -> dict[str, Equipment]:
    """What each type of equipment stands for, by the key of the workbook."""
    return {key: Equipment(**fields) for key, fields in _read()["equipment"].items()}


def quoted_prices() -> dict[str, str]:
    """The prices that only a quote can give, and what they pay."""
    return {thing.price: thing.label for thing in (items() | services()).values() if thing.quote}


def _read() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
