"""The indicators, fixed before the start: their baseline, their target, the threshold that calls the committee.

Belongs: the sheet Indicateurs. Does not: measures over time (`evaluation`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pandas as pd

from pupitre.data.sheets import clean
from pupitre.data.workbook import Workbook
from pupitre.errors import CellIssue

SHEET = "indicateurs"


def indicator_issues(workbook: Workbook) -> Iterator[CellIssue]:
    """Targets before their baseline or equal to it, thresholds past the target, objectives that are not listed."""
    ranks = set(workbook.table("objectifs")["rang"])
    table = workbook.table(SHEET).dropna(subset=["cible", "cible_le"])
    rows = table.to_dict("records")
    for row, told in zip(table.index, rows, strict=True):
        for column, expected in _wrong(told, ranks):
            yield workbook.issue(SHEET, row, column, clean(told[column]), f"on attend {expected}")


def _wrong(told: Mapping[Any, Any], ranks: Collection[int]) -> Iterator[tuple[str, str]]:
    """The column and what is expected of it, for each rule that an indicator breaks."""
    start, target, alert = told["depart"], told["cible"], told["alerte"]
    bounded = pd.notna(alert)
    past = bounded and pd.notna(start) and start != target and (alert > target) == (target > start)
    if told["depart_le"] and told["cible_le"] <= told["depart_le"]:
        yield "cible_le", f"une date après le {told['depart_le']:%d/%m/%Y}, jour de la valeur de départ"
    if pd.notna(start) and start == target:
        yield "cible", "une cible différente de la valeur de départ"
    if bounded and (alert == target or past):
        yield "alerte", "un seuil que l'on passe avant la cible, et non après"
    if pd.notna(told["objectif"]) and told["objectif"] not in ranks:
        yield "objectif", "le rang d'un objectif de la feuille Objectifs"
