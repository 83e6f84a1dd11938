"""The named figures of maturity and of the cap: what is declared and measured, what is wanted, by whom and for when.

Answers that are texts have a name too, so that a page shows them as they were written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pupitre.cap.answers import Cap
from pupitre.cap.priorities import Ranking
from pupitre.data.sheets import sheet
from pupitre.study.naming import Named, by_row, picked, under

if TYPE_CHECKING:
    from pupitre.study.study import Study

LEVELS = ("level", "median_level", "measured_level", "steady", "robust")
DIMENSION = ("score", "measured_score", "level", "answered", "asked", "schools", "low", "high", "capped")
POINT = ("declared", "measured", "step", "evidence", "from_inventory", "differs", "schools_differ", "not_applicable")
TABLES = {"voice": "voices", "objective": "objectives", "milestone": "milestones", "indicator": "indicators"}


def collect_maturity(study: Study) -> Named:
    """Every figure of the maturity profile; nothing without a workbook."""
    maturity = study.diagnostic.maturity
    if maturity is None:
        return {}
    dimensions, points = maturity.dimensions, maturity.points
    named = picked("maturity", maturity, LEVELS) | by_row("maturity", dimensions[list(DIMENSION)])
    counts = {
        "dimensions": len(dimensions),
        "assessed": int(dimensions["score"].notna().sum()),
        "points": len(points),
        "answered": int(points["declared"].notna().sum()),
        "differing": int(points["differs"].sum()),
    }
    return named | under("maturity", counts) | by_row("maturity.point", points[list(POINT)])


def collect_cap(study: Study) -> Named:
    """Every figure and answer of the cap; nothing without a workbook."""
    cap = study.cap
    if cap is None:
        return {}
    form = sheet("orientation").columns
    answers = {column.key: cap.orientation.get(column.key) for column in form}
    named = under("orientation", answers | {"fin": cap.last_day})
    for name, table in TABLES.items():
        frame: pd.DataFrame = getattr(cap, table)
        named |= by_row(name, frame, range(1, len(frame) + 1)) | {f"cap.{table}": len(frame)}
    named |= by_row("committee", cap.committees) | by_row("duty", cap.duties.dropna(how="all"))
    return named | _heard(cap) | (_ranking(cap.ranking) if cap.ranking else {})


def _heard(cap: Cap) -> Named:
    """People heard: those of one meeting, questionnaire or interview count once, whatever they asked for."""
    met = cap.voices.groupby(["groupe", "forme", "entendu_le"], dropna=False)["personnes"].max()
    people = met.groupby("groupe").sum(min_count=1)
    return under("cap.heard", people) | {"cap.people": people.sum(min_count=1)}


def _ranking(ranking: Ranking) -> Named:
    """Shares to the whole percentage: weights are chosen by hand."""
    schools = ranking.schools.add_prefix("priority.").join(ranking.criteria.add_prefix("criterion.")).round(2)
    weights = {key: round(weight, 2) for key, weight in ranking.weights.items()}
    return under("priority.weight", weights) | by_row("school", schools) | {"priority.steady": ranking.steady}
