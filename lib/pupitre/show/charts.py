"""The charts: one function each, from values to an SVG data URI.

Belongs: marks, axes, labels on the marks. Does not: titles and alternatives (the pages have them), computing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MaxNLocator

from pupitre.formats import as_it_is, euros, number, percent, typeset
from pupitre.show.style import PALETTE, canvas, color_of, svg_uri

BAR_INCHES = 0.27
LABEL_CHARACTERS = 54
THOUSAND = 1000
LEVELS = {"maternelle": "Maternelle", "elementaire": "Élémentaire et ULIS"}
FAMILIES = {"affichage": "Affichages", "ordinateur": "Ordinateurs", "tablette": "Tablettes"}
HATCHES = {"etat": "///"}
LINE_STYLES = {"achat": "-", "leasing": "--", "subventions": "-."}
FRAMES_A_ROW = 3
LABELS_A_SIDE = 17  # how many labels, one over another, the side of a chart can hold


def pupils_by_school(schools: pd.DataFrame) -> str:
    """Pupils of each school, maternelle and élémentaire apart; schools in the order given, first on top."""
    with canvas(0.75 + BAR_INCHES * len(schools)) as (figure, (ax,)):
        young = schools["pupils_maternelle"]
        left = pd.Series(0.0, index=schools.index)
        for (level, label), pupils in zip(LEVELS.items(), (young, schools["pupils"] - young), strict=True):
            values = pupils.fillna(0).astype(float)
            ax.barh(range(len(schools)), values, left=left, color=PALETTE[level], edgecolor=PALETTE["ink"], lw=0.6,
                    height=0.7, label=label)  # fmt: skip
            left = left + values
        for rank, total in enumerate(schools["pupils"].fillna(0).astype(int)):
            tell(ax, number(total), (total, rank), right=5)
        top_down(ax, schools["nom"])
        ax.xaxis.set_visible(False)
        ax.spines["bottom"].set_visible(False)
        figure.legend(loc="outside upper left", ncols=2)
        return svg_uri(figure)


def ips_by_school(schools: pd.DataFrame, reference: pd.Series) -> str:
    """The IPS of each school against the median and the middle half of the département's schools."""
    values = schools["ips_compared"].astype(float)
    with canvas(0.95 + BAR_INCHES * len(schools)) as (figure, (ax,)):
        ax.axvspan(reference["q1"], reference["q3"], color=PALETTE["band"])
        ax.axvline(reference["median"], color=PALETTE["reference"], lw=1.2)
        ax.plot(values, range(len(schools)), "o", color=PALETTE["commune"], ms=7)
        for rank, value in enumerate(values):
            tell(ax, number(value, 1), (value, rank), right=7)
        top_down(ax, schools["nom"])
        ax.margins(x=0.12)
        return svg_uri(figure)


def place_among_deciles(value: float, deciles: Sequence[float], label: str) -> str:
    """One commune on the scale of the deciles of its département."""
    with canvas(1.25) as (figure, (ax,)):
        ax.hlines(0, deciles[0], deciles[-1], color=PALETTE["band"], lw=12)
        ax.plot(deciles, [0] * len(deciles), "|", color=PALETTE["reference"], ms=12)
        ax.plot([value], [0], "o", color=PALETTE["commune"], ms=10)
        tell(ax, label, (value, 0), up=13, weight="bold", fontsize=None)
        ax.set_ylim(-1, 1.6)
        ax.yaxis.set_visible(False)
        ax.margins(x=0.16)
        ax.xaxis.set_major_formatter(FuncFormatter(lambda amount, _: euros(amount)))
        ax.xaxis.set_major_locator(MaxNLocator(6))
        return svg_uri(figure)


def coverage_by_school(names: Sequence[str], shares: Sequence[float]) -> str:
    """The share of the target that each school has, out of a whole that is drawn."""
    with canvas(0.5 + BAR_INCHES * len(names)) as (figure, (ax,)):
        rows = range(len(names))
        ax.barh(rows, [1] * len(names), color=PALETTE["band"], height=0.7)
        ax.barh(rows, shares, color=PALETTE["commune"], height=0.7)
        for rank, share in enumerate(shares):
            tell(ax, percent(round(share, 2)), (1, rank), right=5)
        top_down(ax, names)
        ax.set_xlim(0, 1.1)
        ax.xaxis.set_visible(False)
        ax.spines["bottom"].set_visible(False)
        return svg_uri(figure)


def devices_by_due_year(labels: Sequence[str], counts: Mapping[str, Sequence[int]]) -> str:
    """Devices by the year in which they are to be replaced, a family over another."""
    with canvas(2.6) as (figure, (ax,)):
        bars = {FAMILIES[family]: (family, values) for family, values in counts.items()}
        for rank, total in enumerate(_stacked(ax, labels, bars)):
            tell(ax, number(total), (rank, total), up=3)
        ax.margins(y=0.12)
        ax.yaxis.set_visible(False)
        figure.legend(loc="outside upper left", ncols=3)
        return svg_uri(figure)


def line_rates(
    names: Sequence[str], measured: Sequence[float | None], needs: Sequence[float], bands: Iterable[float]
) -> str:
    """The measured rate of each school's line, and its need; each step of the scale is ten times the one before."""
    with canvas(0.95 + BAR_INCHES * len(names)) as (figure, (ax,)):
        for band in bands:
            ax.axvline(band, color=PALETTE["band"], lw=1)
        for rank, (rate, need) in enumerate(zip(measured, needs, strict=True)):
            ax.plot([need], [rank], "|", color=PALETTE["leasing"], ms=15, mew=2.4)
            if rate:
                ax.plot([rate], [rank], "o", color=PALETTE["commune"], ms=7)
            shown = "pas de ligne ou pas de mesure" if rate is None else as_it_is(rate)
            tell(ax, shown, (rate or 1, rank), right=8)
        top_down(ax, names)
        ax.set_xscale("log")
        ax.set_xlim(1, max([1000, *(2 * rate for rate in measured if rate)]))
        ax.set_xticks([1, 10, 100, 1000], labels=["1", "10", "100", "1000"])
        ax.minorticks_off()
        ax.set_xlabel("Mbit/s")
        return svg_uri(figure)


def equipment_and_ips(names: Sequence[str], ips: Sequence[float], terminals: Sequence[float]) -> str:
    """Computers and tablets for 100 pupils against the IPS: one point a school."""
    with canvas(3.1) as (figure, (ax,)):
        ax.plot(ips, terminals, "o", color=PALETTE["commune"], ms=7)
        for name, x, y in zip(names, ips, terminals, strict=True):
            tell(ax, name, (x, y), up=7, fontsize=8)
        ax.margins(x=0.2, y=0.2)
        ax.set_ylim(bottom=0)
        ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.set_xlabel("Indice de position sociale (IPS)")
        ax.set_ylabel("Ordinateurs et tablettes\npour 100 élèves")
        return svg_uri(figure)


def investment_by_year(amounts: Mapping[int, float], ceiling: float | None) -> str:
    """What is invested each year, and the ceiling when there is one."""
    with canvas(2.3) as (figure, (ax,)):
        ax.bar([str(year) for year in amounts], list(amounts.values()), width=0.6, color=PALETTE["commune"])
        for rank, amount in enumerate(amounts.values()):
            tell(ax, euros(amount), (rank, amount), up=3)
        if ceiling:
            color = PALETTE["leasing"]
            ax.axhline(ceiling, color=color, lw=1.4, ls="--")
            tell(ax, f"plafond : {euros(ceiling)}", (len(amounts) - 0.5, ceiling), up=3, ha="right", color=color)
        ax.margins(y=0.15)
        ax.yaxis.set_visible(False)
        return svg_uri(figure)


def cost_by_item(labels: Sequence[str], low: Sequence[float], central: Sequence[float], high: Sequence[float]) -> str:
    """The cost of each item: a bar and its amount for the central case, a line from low to high."""
    amounts = [f" : {euros(amount)}" for amount in central]
    named = [cut(label, LABEL_CHARACTERS - len(end)) + end for label, end in zip(labels, amounts, strict=True)]
    rows = range(len(labels))
    halo = [withStroke(linewidth=3.5, foreground="white")]
    with canvas(0.8 + 0.33 * len(labels)) as (figure, (ax,)):
        ax.barh(rows, central, color=PALETTE["commune"], height=0.62)
        ax.hlines(rows, low, high, color=PALETTE["ink"], lw=1.4, path_effects=halo)
        for end in (low, high):
            ax.plot(end, rows, "|", color=PALETTE["ink"], ms=8, mew=1.4, path_effects=halo)
        top_down(ax, named)
        _thousands(ax.xaxis)
        ax.set_xlabel("milliers d’euros TTC")
        return svg_uri(figure)


def payers_by_year(plans: Mapping[str, Mapping[str, Mapping[int, float]]], names: Mapping[str, str]) -> str:
    """Who bears each year of each plan: label of the plan → payer → year → euros; `names`: payer → its legend."""
    rows = -(-len(plans) // FRAMES_A_ROW)
    with canvas(0.6 + 2.1 * rows, columns=min(len(plans), FRAMES_A_ROW), rows=rows) as (figure, axes):
        for ax, (label, payers) in zip(axes, plans.items(), strict=False):
            years = [f"’{year % 100:02}" for year in next(iter(payers.values()))]
            _stacked(ax, years, {names[payer]: (payer, list(paid.values())) for payer, paid in payers.items()})
            ax.set_title(label, fontsize=10, loc="left")
            ax.tick_params(axis="x", labelsize=8)
            _thousands(ax.yaxis)
        for ax in axes[len(plans) :]:
            ax.set_visible(False)
        for ax in axes[::FRAMES_A_ROW]:
            ax.set_ylabel("milliers d’euros TTC", fontsize=8.5)
        bearing = [payer for payer in names if any(any(payers.get(payer, {}).values()) for payers in plans.values())]
        swatches = [_swatch(payer, rank, names[payer]) for rank, payer in enumerate(bearing)]
        figure.legend(handles=swatches, loc="outside upper left", ncols=3)
        return svg_uri(figure)


def _swatch(payer: str, rank: int, name: str) -> Patch:
    color, edge = color_of(payer, rank), PALETTE["ink"]
    return Patch(facecolor=color, hatch=HATCHES.get(payer), edgecolor=edge, lw=0.5, label=name)


def cumulative_cash(series: Mapping[str, tuple[str, Mapping[int, float]]]) -> str:
    """Money gone out of the commune's till since the start: key → (label, year → euros)."""
    with canvas(3.0) as (figure, (ax,)):
        for rank, (key, (_, by_year)) in enumerate(series.items()):
            years, amounts = list(by_year), list(by_year.values())
            ax.plot(years, amounts, LINE_STYLES.get(key, ":"), color=color_of(key, rank), lw=2.2, marker="o", ms=4)
        ends = [list(by_year.values())[-1] for _, by_year in series.values()]
        places = apart(ends, ax.get_ylim()[1] / LABELS_A_SIDE)
        ax.set_ylim(0, max(ax.get_ylim()[1], *places))
        for rank, (key, at) in enumerate(zip(series, places, strict=True)):
            tell(ax, series[key][0], (years[-1], at), right=8, color=color_of(key, rank), fontsize=9)
        ax.margins(x=0.02)
        ax.set_xlim(right=years[-1] + 0.46 * (years[-1] - years[0]))
        ax.set_xticks(years)
        _thousands(ax.yaxis)
        ax.set_ylabel("milliers d’euros TTC")
        return svg_uri(figure)


def apart(values: Sequence[float], least: float) -> list[float]:
    """The same values, moved up as little as needed so that two are never nearer than `least`.

    >>> apart([10, 3, 4], 2)
    [10, 3, 5]
    """
    placed: dict[int, float] = {}
    floor = -math.inf
    for rank in sorted(range(len(values)), key=lambda rank: values[rank]):
        placed[rank] = floor = max(values[rank], floor)
        floor += least
    return [placed[rank] for rank in range(len(values))]


def drivers(labels: Sequence[str], shares: Sequence[float]) -> str:
    """What makes a cost vary: one bar a cause, its share of the spread."""
    with canvas(0.6 + 0.33 * len(labels)) as (figure, (ax,)):
        bars = ax.barh(range(len(labels)), shares, color=PALETTE["commune"], height=0.62)
        ax.bar_label(bars, [percent(round(share, 2)) for share in shares], padding=5, fontsize=8.5)
        top_down(ax, labels)
        ax.margins(x=0.12)
        ax.xaxis.set_visible(False)
        ax.spines["bottom"].set_visible(False)
        return svg_uri(figure)


def spread_of_costs(labels: Sequence[str], quantiles: Sequence[tuple[float, float, float]]) -> str:
    """The cost of each way to pay: a line from one chance in ten to nine, a point for the middle."""
    with canvas(0.8 + 0.36 * len(labels)) as (figure, (ax,)):
        for rank, (low, middle, high) in enumerate(quantiles):
            ax.hlines(rank, low, high, color=PALETTE["commune"], lw=5, alpha=0.45)
            ax.plot([middle], [rank], "o", color=PALETTE["commune"], ms=7)
            tell(ax, euros(middle), (middle, rank), up=7)
        top_down(ax, labels)
        ax.set_ylim(len(labels) - 0.4, -0.8)
        ax.set_xlim(left=0)
        _thousands(ax.xaxis)
        ax.set_xlabel("milliers d’euros TTC")
        return svg_uri(figure)


def cut(label: str, most: int) -> str:
    """A label of at most so many characters.

    >>> cut("Affichage", 9), cut("Affichage", 5)
    ('Affichage', 'Affi…')
    """
    return label if len(label) <= most else label[: most - 1] + "…"


def tell(ax: Axes, text: str, at: tuple[float, float], *, right: float = 0, up: float = 0, **style: Any) -> None:
    """A label so many points to the right of a mark, or above it."""
    place: dict[str, Any] = {"va": "center"} if right else {"ha": "center"}
    ax.annotate(text, at, (right, up), textcoords="offset points", **place | {"fontsize": 8.5} | style)


def _stacked(ax: Axes, labels: Sequence[str], bars: Mapping[str, tuple[str, Sequence[float]]]) -> Sequence[float]:
    """Bars one over another: name in the legend → (colour, values); the State's are hatched. Returns their tops."""
    bottom: Sequence[float] = [0] * len(labels)
    ax.set_xticks(range(len(labels)), labels=labels)
    ax.set_xlim(-0.6, len(labels) - 0.4)
    for rank, (name, (color, values)) in enumerate(bars.items()):
        shown = [place for place, value in enumerate(values) if value]
        floors = [bottom[place] for place in shown]
        ax.bar(shown, [values[place] for place in shown], bottom=floors, width=0.7, color=color_of(color, rank),
               hatch=HATCHES.get(color), edgecolor=PALETTE["ink"], lw=0.5, label=name)  # fmt: skip
        bottom = [below + value for below, value in zip(bottom, values, strict=True)]
    return bottom


def top_down(ax: Axes, labels: Iterable[str]) -> None:
    """One row a label, the first on top; a long label is cut."""
    shown = [cut(typeset(label), LABEL_CHARACTERS) for label in labels]
    ax.set_yticks(range(len(shown)), labels=shown)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)


def _thousands(axis: Axis) -> None:
    axis.set_major_formatter(FuncFormatter(lambda amount, _: number(amount / THOUSAND)))
    axis.grid(color=PALETTE["band"], lw=0.8)
