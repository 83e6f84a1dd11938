"""What a named figure is: its name, its value as JSON holds it.

Belongs: giving names to the fields of a thing and to the cells of a frame. Does not: saying which (the figures).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from pupitre.formats import Value, cents

Named = dict[str, Value]


def plain(value: Any) -> Value:
    """A value as JSON holds it: no NA, no numpy number, dates as texts.

    >>> plain(pd.NA), plain(date(2026, 1, 1))
    (None, '2026-01-01')
    """
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    if isinstance(value, date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value  # type: ignore[no-any-return]


def finished(named: Named) -> Named:
    """Figures as JSON holds them: amounts (`…_eur`) to the cent, coverages to the whole percentage.

    >>> finished({"a_eur": 19.685, "b.coverage": 0.123, "rate": 0.123})
    {'a_eur': 19.69, 'b.coverage': 0.12, 'rate': 0.123}
    """
    values = {name: plain(value) for name, value in named.items()}
    rounded = {name for name in values if name.endswith("_eur") or ".coverage" in name}
    return {name: cents(v) if name in rounded and isinstance(v, int | float) else v for name, v in values.items()}


def under(prefix: str, values: Mapping[Any, Any] | pd.Series[Any]) -> Named:
    """Values under a prefix.

    >>> under("a", {"b": 1})
    {'a.b': 1}
    """
    return {f"{prefix}.{name}": value for name, value in values.items()}


def yearly(prefix: str, amounts: Mapping[int, float]) -> Named:
    """Amounts by year under a prefix.

    >>> yearly("a", {2027: 1.5})
    {'a.2027_eur': 1.5}
    """
    return under(prefix, {f"{year}_eur": amount for year, amount in amounts.items()})


def picked(prefix: str, thing: Any, names: Iterable[str]) -> Named:
    """Some fields of a row or of an object, under a prefix; nothing of nothing.

    >>> picked("a", {"b": 1, "c": 2}, ["b"]), picked("a", date(2026, 1, 2), ["year"]), picked("a", None, ["b"])
    ({'a.b': 1}, {'a.year': 2026}, {})
    """
    if thing is None:
        return {}
    return under(
        prefix, {name: thing[name] if hasattr(thing, "__getitem__") else getattr(thing, name) for name in names}
    )


def by_row(prefix: str, frame: pd.DataFrame, index: Iterable[Hashable] | None = None) -> Named:
    """Every cell of a frame under a prefix, by its row and its column; `index` replaces the frame's own.

    >>> by_row("a", pd.DataFrame({"b": [1], "c": ["x"]}, index=[2027]))
    {'a.2027.b': 1, 'a.2027.c': 'x'}
    """
    rows = zip(frame.index if index is None else index, frame.to_dict("records"), strict=True)
    return {name: value for key, row in rows for name, value in under(f"{prefix}.{key}", row).items()}
