"""What the communes of a portfolio have in common, as charts: situations side by side, never communes.

Belongs: grouping lines. Does not: reading them (`portfolio`), drawing (`show/charts_portfolio`), words (`words.toml`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from statistics import quantiles
from typing import Any

from pupitre.formats import Value
from pupitre.show import charts_portfolio
from pupitre.show.html import NOTHING, Html, picture, table

FEWEST = 4  # communes: fewer are read in the list
QUARTERS = 4
Cells = Mapping[str, Value | date]


def show_portfolio(lines: Sequence[Cells], words: Mapping[str, Any]) -> Html:
    """The charts of the last report of each commune; nothing when there are too few of them."""
    last = {str(cells["code"]): cells for cells in reversed(lines)}  # of a commune the latest date comes first
    told = [cells for cells in last.values() if isinstance(cells["per_pupil"], float)]
    return _costs(told, words) + _ways(told, words) if len(told) >= FEWEST else NOTHING


def _costs(told: Sequence[Cells], words: Mapping[str, Any]) -> Html:
    """What a pupil costs, by size of commune, and whether the inventory is known."""
    sizes = words["sizes"]
    groups = [[cells for cells in told if _size(cells, sizes) == rank] for rank in range(len(sizes))]
    points = [[(float(str(cells["per_pupil"])), bool(cells["known"])) for cells in group] for group in groups]
    figures: dict[str, Value] = {"communes": len(told), "known": sum(bool(cells["known"]) for cells in told)}
    figures |= _quarters("all", [value for group in points for value, _ in group])
    rows = []
    for rank, (size, group) in enumerate(zip(sizes, points, strict=True)):
        figures |= _quarters(f"{rank}", [value for value, _ in group])
        figures |= {f"{rank}.communes": len(group), f"{rank}.known": sum(known for _, known in group)}
        rows.append([size["label"], *(f"{{{rank}.{name}:{spec}}}" for name, spec in words["cost_columns"].items())])
    data = table(words["cost_caption"], words["cost_header"], rows, figures)
    uri = charts_portfolio.values_by_group([size["label"] for size in sizes], points, words["cost_unit"])
    return picture(words["cost_title"], words["cost_alternative"], uri, data, figures, key=words["cost_key"])


def _ways(told: Sequence[Cells], words: Mapping[str, Any]) -> Html:
    """What the reports advise, in the order of the alphabet."""
    advised = sorted(Counter(str(cells["way"]) for cells in told).items())
    figures: dict[str, Value] = {f"{rank}.count": count for rank, (_, count) in enumerate(advised)}
    figures |= {f"{rank}.way": way for rank, (way, _) in enumerate(advised)} | {"communes": len(told)}
    rows = [[f"{{{rank}.way}}", f"{{{rank}.count:number}}"] for rank in range(len(advised))]
    data = table(words["ways_caption"], words["ways_header"], rows, figures)
    uri = charts_portfolio.counts([way for way, _ in advised], [count for _, count in advised])
    return picture(words["ways_title"], words["ways_alternative"], uri, data, figures)


def _size(cells: Cells, sizes: Sequence[Mapping[str, Any]]) -> int:
    """The first size that holds the pupils of a commune; the last holds any."""
    pupils = cells["pupils"] if isinstance(cells["pupils"], float) else 0
    return next((rank for rank, size in enumerate(sizes) if pupils < size.get("below", pupils + 1)), len(sizes) - 1)


def _quarters(name: str, values: Sequence[float]) -> dict[str, Value]:
    """Quartiles, unknown when there are too few values for them."""
    cuts = quantiles(values, n=QUARTERS, method="inclusive") if len(values) >= FEWEST else (None,) * (QUARTERS - 1)
    return dict(zip((f"{name}.q1", f"{name}.median", f"{name}.q3"), cuts, strict=True))
