"""What a named figure is: its name, its value as JSON holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from pupitre.formats import Value

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


def under(prefix: str, values: Iterable[tuple[str, Any]]) -> Named:
    """Values under a prefix.

    >>> under("a", [("b", 1)])
    {'a.b': 1}
    """
    return {f"{prefix}.{name}": value for name, value in values}


def yearly(prefix: str, amounts: Mapping[int, float]) -> Named:
    """Amounts by year under a prefix.

    >>> yearly("a", {2027: 1.5})
    {'a.2027_eur': 1.5}
    """
    return under(prefix, [(f"{year}_eur", amount) for year, amount in amounts.items()])
