"""Dated figures: law, prices and references, each with its source and the day somebody checked it.

Belongs: reading `law/**/*.toml`, refusing what breaks their rules, answering « what is the figure on that date? »
and remembering what was read. Does not: any arithmetic.

>>> law = on(date(2026, 11, 22))
>>> law["fctva_taux"]
0.16404
>>> [figure.name for figure in law.read]
['fctva_taux']
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from pupitre.errors import BaremeNotInForce, InvalidBareme, UnknownBareme

FOLDER = Path(__file__).parent
STALE_AFTER_DAYS = 365

Confidence = Literal["official", "secondary", "unverified"]


class Source(BaseModel):
    """Where a figure was read."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    title: str
    url: str = ""


class Figure(BaseModel):
    """One value of a figure, in force from `valid_from` to `valid_to` (included), in `unit`.

    `low` and `high` bound an uncertain value; `kind`, `price_year` and `vat` belong to prices; `vintage` to references.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    label: str
    unit: str
    value: float | int | str
    low: float | None = None
    high: float | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: Source
    checked_on: date
    confidence: Confidence
    quote: str = ""
    note: str = ""
    kind: Literal["quoted", "observed", "assumed"] | None = None
    price_year: int | None = None
    vat: Literal["HT", "TTC", "unknown"] | None = None
    vintage: str = ""

    @model_validator(mode="after")
    def _holds_together(self) -> Figure:
        ends = [end for end in (self.low, self.value, self.high) if isinstance(end, int | float)]
        if ends != sorted(ends):
            raise ValueError("la valeur doit être comprise entre low et high")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to précède valid_from")
        if not self.vintage and self.valid_from is None:
            raise ValueError("valid_from (ou vintage, pour une statistique observée) est obligatoire")
        if not self.source.url and self.confidence == "official":
            raise ValueError("une valeur officielle (confidence = official) porte l'adresse de sa source")
        return self

    def in_force(self, day: date) -> bool:
        """Whether the value holds on that day; a reference, dated by its vintage, is readable at any date."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)

    def is_stale(self, day: date) -> bool:
        """Whether the last check is more than a year before that day."""
        return (day - self.checked_on).days > STALE_AFTER_DAYS


class Law:
    """The figures in force on one day; remembers each one that was read."""

    def __init__(self, day: date, figures: dict[str, tuple[Figure, ...]]) -> None:
        """Keep the day and all values, ended ones included."""
        self.day = day
        self._figures = figures
        self._read: dict[str, Figure] = {}

    def __repr__(self) -> str:
        """Say the day and how many figures were read."""
        return f"Law(day={self.day.isoformat()}, read={len(self._read)})"

    def __getitem__(self, name: str) -> float:
        """The value in force of a numeric figure, in its own unit."""
        value = self.figure(name).value
        if isinstance(value, str):
            raise InvalidBareme(f"Le barème « {name} » est un texte : lisez-le par law.text.")
        return float(value)

    def text(self, name: str) -> str:
        """The value in force of a figure that is a text: an account, a rule."""
        return str(self.figure(name).value)

    def figure(self, name: str) -> Figure:
        """The figure in force with all that is known of it; it is remembered as read."""
        for figure in self.history(name):
            if figure.in_force(self.day):
                self._read[name] = figure
                return figure
        raise BaremeNotInForce(self._other_dates(name))

    def in_force(self, name: str) -> bool:
        """Whether a figure bears this name and has a value on that day; nothing is marked as read."""
        return any(figure.in_force(self.day) for figure in self._figures.get(name, ()))

    def history(self, name: str) -> tuple[Figure, ...]:
        """All values of a figure, the oldest first, ended ones included."""
        if name not in self._figures:
            raise UnknownBareme(_unknown(name, self._figures))
        return self._figures[name]

    def names(self, prefix: str) -> tuple[str, ...]:
        """The names of all figures that begin so, ended ones included, sorted."""
        return tuple(sorted(name for name in self._figures if name.startswith(prefix)))

    @property
    def read(self) -> tuple[Figure, ...]:
        """What was read so far, by name."""
        return tuple(self._read[name] for name in sorted(self._read))

    def require_any(self) -> None:
        """Refuse a day on which no dated figure is in force: references alone make no report."""
        dated = [figure for values in self._figures.values() for figure in values if figure.valid_from]
        if not any(figure.in_force(self.day) for figure in dated):
            first = min(figure.valid_from for figure in dated if figure.valid_from)
            raise BaremeNotInForce(
                f"Aucun barème n'est en vigueur au {self.day.isoformat()} : le premier l'est depuis le "
                f"{first.isoformat()}. Choisissez une date plus récente avec --on."
            )

    def all(self) -> tuple[Figure, ...]:
        """Every figure in force on that day: stale first, then unverified, then by name; nothing is marked as read."""
        standing = (figure for values in self._figures.values() for figure in values if figure.in_force(self.day))
        rank = {"unverified": 0, "secondary": 1, "official": 2}
        return tuple(sorted(standing, key=lambda f: (not f.is_stale(self.day), rank[f.confidence], f.name)))

    def _other_dates(self, name: str) -> str:
        spans = [_span(figure) for figure in self._figures[name]]
        return (
            f"Le barème « {name} » n'a pas de valeur au {self.day.isoformat()} : il en a {', '.join(spans)}. "
            "Choisissez une de ces dates avec --on, ou ajoutez la valeur qui manque, avec sa source, dans law/."
        )


def on(day: date) -> Law:
    """The figures in force on that day."""
    return Law(day, load_figures(FOLDER))


@cache
def load_figures(folder: Path) -> dict[str, tuple[Figure, ...]]:
    """Every figure of every TOML file under a folder: name → values, the oldest first."""
    figures: dict[str, tuple[Figure, ...]] = {}
    for path in sorted(folder.rglob("*.toml")):
        for name, values in read_figures(path).items():
            if name in figures:
                raise InvalidBareme(f"{path.name} : le barème « {name} » existe déjà dans un autre fichier.")
            figures[name] = values
    return figures


def read_figures(path: Path) -> dict[str, tuple[Figure, ...]]:
    """The figures of one TOML file, checked."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidBareme(f"{path.name} n'est pas un fichier TOML valide : {error}") from None
    return {name: _values(path, name, table) for name, table in tables.items()}


def _values(path: Path, name: str, table: object) -> tuple[Figure, ...]:
    if not isinstance(table, dict):
        raise InvalidBareme(f"{path.name}, « {name} » : écrivez une table [{name}] suivie de [[{name}.values]].")
    shared = {key: value for key, value in table.items() if key != "values"}
    rows = table.get("values")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InvalidBareme(f"{path.name}, barème « {name} » : ajoutez au moins une valeur, [[{name}.values]].")
    try:
        found = [Figure.model_validate({"name": name, **shared, **row}) for row in rows]
    except ValidationError as error:
        raise InvalidBareme(f"{path.name}, barème « {name} » : {_first_problem(error)}") from None
    values = tuple(sorted(found, key=lambda figure: figure.valid_from or date.min))
    for before, after in pairwise(values):
        if (after.valid_from or date.min) <= (before.valid_to or date.max):
            raise InvalidBareme(f"{path.name}, barème « {name} » : {_span(before)} et {_span(after)} se recouvrent.")
    return values


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"])
    words = {"missing": "ce champ manque", "extra_forbidden": "ce champ n'existe pas"}
    return f"{where or 'valeur'} : {words.get(problem['type'], problem['msg'].removeprefix('Value error, '))}"


def _span(figure: Figure) -> str:
    start = figure.valid_from.isoformat() if figure.valid_from else figure.vintage
    return f"du {start} au {figure.valid_to.isoformat()}" if figure.valid_to else f"depuis le {start}"


def _unknown(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=3)
    hint = f" Vouliez-vous dire {' ou '.join(f'« {c} »' for c in close)} ?" if close else ""
    return f"Aucun barème ne s'appelle « {name} ».{hint} `pupitre baremes` les montre tous."
