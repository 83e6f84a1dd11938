"""The charts of the evaluation: one function each, from values to an SVG data URI."""

from __future__ import annotations

from collections.abc import Sequence

from pupitre.formats import percent, typeset
from pupitre.show.charts import BAR_INCHES, tell, top_down
from pupitre.show.style import PALETTE, canvas, svg_uri

Marks = Sequence[tuple[float, float, float] | None]
FURTHEST = 1.25  # how far from the start a bar goes, the target being 1


def progress_to_targets(
    labels: Sequence[str], done: Sequence[float | None], expected: Sequence[float | None], ends: Sequence[str]
) -> str:
    """The way done from the start (0) to the target (1) of each indicator, where it should be, what it ends with."""
    with canvas(0.7 + 0.33 * len(labels)) as (figure, (ax,)):
        for row, (now, due, end) in enumerate(zip(done, expected, ends, strict=True)):
            ax.barh(row, 1, color=PALETTE["band"], height=0.62)
            if now is None:
                tell(ax, "pas encore mesurable", (0, row), right=6, color=PALETTE["reference"])
                continue
            ax.barh(row, min(max(now, 0), FURTHEST), color=PALETTE["commune"], height=0.62)
            tell(ax, typeset(end), (max(1, min(now, FURTHEST)), row), right=6)
            if due is not None:
                ax.plot([due], [row], "|", color=PALETTE["leasing"], ms=17, mew=2.4)
        top_down(ax, labels)
        ax.set_xlim(0, FURTHEST + 0.25)
        ax.set_xticks([0, 1], labels=["départ", "cible"])
        return svg_uri(figure)


def shares_by_wave(labels: Sequence[str], before: Marks, after: Marks) -> str:
    """The share of good answers to each question: a hollow point for the wave before, a full one with its interval."""
    with canvas(0.55 + 1.25 * BAR_INCHES * len(labels)) as (figure, (ax,)):
        for row, (was, now) in enumerate(zip(before, after, strict=True)):
            ax.hlines(row, 0, 1, color=PALETTE["band"], lw=1)
            if was is not None:
                ax.plot([was[0]], [row], "o", ms=7, mfc="white", mec=PALETTE["reference"], mew=1.6)
            if now is None:
                tell(ax, "trop peu de réponses", (1, row), right=8, color=PALETTE["reference"])
                continue
            share, low, high = now
            ax.hlines(row, low, high, color=PALETTE["commune"], lw=5, alpha=0.35)
            ax.plot([share], [row], "o", color=PALETTE["commune"], ms=8)
            tell(ax, percent(round(share, 2)), (1, row), right=8)
        top_down(ax, labels)
        ax.set_xlim(-0.02, 1.3)
        ax.set_xticks([0, 0.5, 1], labels=[typeset(percent(share)) for share in (0, 0.5, 1)])
        return svg_uri(figure)
