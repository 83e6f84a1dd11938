"""Who does what: one who decides for each action, and the actions that wait for somebody.

Belongs: the sheets Gouvernance and Responsabilités. Does not: the wording of the letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from pupitre.data.sheets import sheet
from pupitre.data.workbook import Workbook
from pupitre.errors import CellIssue

SHEET = "responsabilites"
ROLES: Mapping[str, tuple[str, ...]] = {"decides": ("A", "AR"), "does": ("R", "AR")}


def actors() -> dict[str, str]:
    """Those who may have a duty: key → name."""
    return {column.key: column.label for column in sheet(SHEET).columns[1:]}


def duties_of(workbook: Workbook) -> pd.DataFrame:
    """Action → R, A, AR, C, I or None for each actor; every action of the list, in its order."""
    order = list(sheet(SHEET).column("action").choices)
    return workbook.table(SHEET).set_index("action")[list(actors())].reindex(order)


def duty_issues(workbook: Workbook) -> Iterator[CellIssue]:
    """Actions that two actors decide: one alone answers for the result."""
    for row, told in workbook.table(SHEET).iterrows():
        for actor in _with(told, "decides")[1:]:
            expected = "on attend un seul A, ou AR, sur cette ligne : un seul décide et répond du résultat"
            yield workbook.issue(SHEET, int(str(row)), actor, told[actor], expected)


def undecided(duties: pd.DataFrame, role: str) -> list[str]:
    """The actions for which nobody holds a role of `ROLES`."""
    return [str(action) for action, told in duties.iterrows() if not _with(told, role)]


def _with(told: pd.Series, role: str) -> list[str]:
    return [actor for actor in actors() if told[actor] in ROLES[role]]
