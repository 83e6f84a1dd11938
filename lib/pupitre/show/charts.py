"""The charts: one function each, from values to an SVG data URI.

Belongs: marks, axes, labels on the marks. Does not: titles and alternatives (the pages have them), computing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MaxNLocator

from pupitre.formats import euros, number
from pupitre.show.style import PALETTE, canvas, svg_uri

BAR_INCHES = 0.27
LABEL_CHARACTERS = 54
THOUSAND = 1000


def pupils_by_school(schools: pd.DataFrame) -> str:
    """Pupils of each school, maternelle and élémentaire apart; schools in the order given, first on top."""
    with canvas(0.75 + BAR_INCHES * len(schools)) as (figure, (ax,)):
        left = pd.Series(0.0, index=schools.index)
        for level, column in (("maternelle", "pupils_maternelle"), ("elementaire", "elementaire_and_ulis")):
            values = schools[column].fillna(0).astype(float)
            ax.barh(range(len(schools)), values, left=left, color=PALETTE[level], edgecolor=PALETTE["ink"], lw=0.6,
                    height=0.7, label=_LEVELS[level])  # fmt: skip
            left = left + values
        for rank, total in enumerate(schools["pupils"].fillna(0).astype(int)):
            ax.annotate(number(total), (total, rank), (5, 0), textcoords="offset points", va="center", fontsize=8.5)
        _top_down(ax, schools["nom"])
        ax.xaxis.set_visible(False)
        ax.spines["bottom"].set_visible(False)
        figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=9)
        return svg_uri(figure)


def ips_by_school(schools: pd.DataFrame, reference: pd.Series) -> str:
    """The IPS of each school against the median and the middle half of the département's schools."""
    with canvas(0.95 + BAR_INCHES * len(schools)) as (figure, (ax,)):
        ax.axvspan(reference["q1"], reference["q3"], color=PALETTE["band"])
        ax.axvline(reference["median"], color=PALETTE["reference"], lw=1.2)
        ax.plot(schools["ips_compared"].astype(float), range(len(schools)), "o", color=PALETTE["commune"], ms=7)
        for rank, value in enumerate(schools["ips_compared"].astype(float)):
            ax.annotate(number(value, 1), (value, rank), (7, 0), textcoords="offset points", va="center", fontsize=8.5)
        _top_down(ax, schools["nom"])
        ax.margins(x=0.12)
        return svg_uri(figure)


def place_among_deciles(value: float, deciles: Sequence[float], label: str) -> str:
    """One commune on the scale of the deciles of its département."""
    with canvas(1.25) as (figure, (ax,)):
        ax.hlines(0, deciles[0], deciles[-1], color=PALETTE["band"], lw=12)
        ax.plot(deciles, [0] * len(deciles), "|", color=PALETTE["reference"], ms=12)
        ax.plot([value], [0], "o", color=PALETTE["commune"], ms=10)
        ax.annotate(label, (value, 0), (0, 13), textcoords="offset points", ha="center", weight="bold")
        ax.set_ylim(-1, 1.6)
        ax.yaxis.set_visible(False)
        ax.margins(x=0.16)
        ax.xaxis.set_major_formatter(FuncFormatter(lambda amount, _: euros(amount)))
        ax.xaxis.set_major_locator(MaxNLocator(6))
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
        _top_down(ax, named)
        _thousands(ax, "x")
        ax.set_xlabel("milliers d’euros TTC")
        return svg_uri(figure)


def payers_by_year(plans: Mapping[str, Mapping[str, Mapping[int, float]]]) -> str:
    """Who bears each year of each plan: label of the plan → payer → year → euros."""
    with canvas(2.9, columns=len(plans)) as (figure, axes):
        for ax, (label, payers) in zip(axes, plans.items(), strict=True):
            bottom = dict.fromkeys(next(iter(payers.values())), 0.0)
            for payer, by_year in payers.items():
                years = [str(year) for year in by_year]
                ax.bar(years, list(by_year.values()), bottom=list(bottom.values()), width=0.7,
                       color=PALETTE[payer], hatch="///" if payer == "etat" else None, edgecolor=PALETTE["ink"], lw=0.5,
                       label=_PAYERS[payer])  # fmt: skip
                bottom = {year: bottom[year] + by_year[year] for year in by_year}
            ax.set_title(label, fontsize=10, loc="left")
            _thousands(ax, "y")
        axes[0].set_ylabel("milliers d’euros TTC")
        handles, names = axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper left", ncols=2, frameon=False, fontsize=9)
        return svg_uri(figure)


def cumulative_cash(series: Mapping[str, tuple[str, Mapping[int, float]]]) -> str:
    """Money gone out of the commune's till since the start: key → (label, year → euros)."""
    with canvas(2.7) as (figure, (ax,)):
        for key, (label, by_year) in series.items():
            years, amounts = list(by_year), list(by_year.values())
            style = {"achat": "-", "leasing": "--"}.get(key, ":")
            ax.plot(years, amounts, style, color=PALETTE[key], lw=2.2, marker="o", ms=4)
            ax.annotate(
                label, (years[-1], amounts[-1]), (8, 0), textcoords="offset points", va="center", color=PALETTE[key]
            )
        ax.set_ylim(bottom=0)
        ax.margins(x=0.02)
        ax.set_xlim(right=years[-1] + 0.38 * (years[-1] - years[0]))
        ax.set_xticks(years)
        _thousands(ax, "y")
        ax.set_ylabel("milliers d’euros TTC")
        return svg_uri(figure)


_LEVELS = {"maternelle": "Maternelle", "elementaire": "Élémentaire et ULIS"}
_PAYERS = {"commune": "La commune", "etat": "L'État, par le FCTVA"}


def cut(label: str, most: int) -> str:
    """A label of at most so many characters.

    >>> cut("Affichage", 9), cut("Affichage", 5)
    ('Affichage', 'Affi…')
    """
    return label if len(label) <= most else label[: most - 1] + "…"


def _top_down(ax: Axes, labels: Iterable[str]) -> None:
    """One row a label, the first on top; a long label is cut."""
    shown = [cut(label, LABEL_CHARACTERS) for label in labels]
    ax.set_yticks(range(len(shown)), labels=shown)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)


def _thousands(ax: Axes, which: str) -> None:
    axis = ax.xaxis if which == "x" else ax.yaxis
    axis.set_major_formatter(FuncFormatter(lambda amount, _: number(amount / THOUSAND)))
    ax.grid(axis=which, color=PALETTE["band"], lw=0.8)  # type: ignore[arg-type]
