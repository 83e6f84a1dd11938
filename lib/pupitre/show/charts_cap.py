"""The charts of the maturity profile and of the cap: one function each, from values to an SVG data URI."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pupitre.formats import day, number
from pupitre.show.charts import BAR_INCHES, tell, top_down
from pupitre.show.style import PALETTE, canvas, svg_uri

Scores = Sequence[float | None]


def scores_by_dimension(labels: Sequence[str], scores: Scores, lows: Scores, highs: Scores, *, most: int = 5) -> str:
    """The score of each dimension from 1 to `most`, with a line from its lowest school to its highest."""
    with canvas(0.7 + 0.33 * len(labels)) as (figure, (ax,)):
        for row, (score, low, high) in enumerate(zip(scores, lows, highs, strict=True)):
            ax.barh(row, most - 1, left=1, color=PALETTE["band"], height=0.62)
            if score is None:
                tell(ax, "non évaluable", (1, row), right=6, color=PALETTE["reference"])
                continue
            ax.barh(row, score - 1, left=1, color=PALETTE["commune"], height=0.62)
            tell(ax, number(score, 1), (most, row), right=6)
            if low is not None and high is not None:
                ax.plot([low, high], [row, row], "|-", color=PALETTE["leasing"], ms=9, mew=1.6, lw=1.6)
        top_down(ax, labels)
        ax.set_xlim(1, most + 0.4)
        ax.set_xticks(range(1, most + 1))
        return svg_uri(figure)


def milestones(labels: Sequence[str], starts: Sequence[date | None], ends: Sequence[date], now: date) -> str:
    """A line a milestone: a bar from its start, a diamond on its date; a vertical line on the day of the report."""
    with canvas(0.6 + BAR_INCHES * len(labels)) as (figure, (ax,)):
        ax.axvline(now.toordinal(), color=PALETTE["leasing"], lw=1.4, ls="--")
        for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
            ax.barh(
                row,
                (end - (start or end)).days,
                left=(start or end).toordinal(),
                color=PALETTE["milestone"],
                height=0.5,
            )
            ax.plot([end.toordinal()], [row], "D", color=PALETTE["commune"], ms=6)
            tell(ax, day(end), (end.toordinal(), row), right=9)
        top_down(ax, labels)
        first, last = min([now, *filter(None, starts), *ends]), max([now, *ends])
        width = max((last - first).days, 1)
        ax.set_xlim(first.toordinal() - 0.02 * width, last.toordinal() + 0.3 * width)
        years = [date(year, 1, 1) for year in range(first.year + 1, last.year + 1)]
        ax.set_xticks([start.toordinal() for start in years], labels=[str(start.year) for start in years])
        ax.grid(axis="x", color=PALETTE["band"], lw=0.8)
        return svg_uri(figure)


def ranks_of_schools(names: Sequence[str], ranks: Sequence[int], best: Sequence[int], worst: Sequence[int]) -> str:
    """The rank of each school, and the ranks that it takes when the weights change."""
    with canvas(0.5 + BAR_INCHES * len(names)) as (figure, (ax,)):
        for row, (place, low, high) in enumerate(zip(ranks, best, worst, strict=True)):
            ax.hlines(row, low, high, color=PALETTE["commune"], lw=5, alpha=0.4)
            ax.plot([place], [row], "o", color=PALETTE["commune"], ms=8)
        top_down(ax, names)
        ax.set_xlim(0.6, len(names) + 0.4)
        ax.set_xticks(range(1, len(names) + 1), labels=[str(place) for place in range(1, len(names) + 1)])
        return svg_uri(figure)
