"""The charts of a portfolio: all its communes at once, one function each, from values to an SVG data URI."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from pupitre.formats import number, typeset
from pupitre.show.charts import tell, top_down
from pupitre.show.style import PALETTE, canvas, svg_uri

GROUP_INCHES, BAR_INCHES = 0.75, 0.3
LAYERS, LAYER = 5, 0.1  # points of a group lie on five lines, so that neighbours stay apart
HALF = 0.4

Points = Sequence[tuple[float, bool]]


def values_by_group(labels: Sequence[str], groups: Sequence[Points], unit: str) -> str:
    """A point for each commune, group by group, full when its second part is true; a line at the middle of a group."""
    with canvas(0.75 + GROUP_INCHES * len(labels)) as (figure, (ax,)):
        for row, points in enumerate(groups):
            for rank, (value, full) in enumerate(sorted(points)):
                height = row + LAYER * (rank % LAYERS - LAYERS // 2)
                fill = PALETTE["commune"] if full else "white"
                ax.plot([value], [height], "o", ms=5, mfc=fill, mec=PALETTE["commune"], mew=0.9)
            if points:
                middle = median(value for value, _ in points)
                ax.vlines(middle, row - HALF, row + HALF, color=PALETTE["leasing"], lw=2)
                tell(ax, number(middle), (middle, row - HALF), right=4, color=PALETTE["leasing"])
        top_down(ax, labels)
        ax.set_xlim(left=0)
        ax.set_xlabel(typeset(unit))
        return svg_uri(figure)


def counts(labels: Sequence[str], numbers: Sequence[int]) -> str:
    """A bar for each label, its number at the end."""
    with canvas(0.35 + BAR_INCHES * len(labels)) as (figure, (ax,)):
        ax.barh(range(len(labels)), numbers, color=PALETTE["commune"], height=0.66)
        for row, count in enumerate(numbers):
            tell(ax, number(count), (count, row), right=5)
        top_down(ax, labels)
        ax.xaxis.set_visible(False)
        ax.spines["bottom"].set_visible(False)
        return svg_uri(figure)
