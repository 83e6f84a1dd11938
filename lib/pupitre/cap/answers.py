"""Where the commune goes, as its workbook says: needs heard, objectives, committees, duties, milestones, indicators.

Belongs: the noun `Cap`, and every answer that contradicts another. Does not: wording, drawing, documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any

import pandas as pd

from pupitre.cap.calendar import calendar_issues, delivery_issues, milestones_of
from pupitre.cap.governance import duties_of, duty_issues
from pupitre.cap.indicators import current_indicators, indicator_issues, measure_issues
from pupitre.cap.priorities import Ranking, criteria_of, rank_schools, weight_issues, weights_of
from pupitre.data.sheets import sheet
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.maturity import maturity_issues
from pupitre.diagnostic.profile import Diagnostic
from pupitre.diagnostic.settings import workbook_settings
from pupitre.errors import CellIssue, WorkbookError
from pupitre.law.baremes import Law

SHEETS = (
    "concertation", "objectifs", "orientation", "gouvernance", "responsabilites", "calendrier", "indicateurs",
)  # fmt: skip


@dataclass(frozen=True)
class Cap:
    """What the commune wants, and how it will go about it; the columns of a table are those of its sheet.

    `voices`: needs heard. `unheard`: the groups of which nothing is written. `objectives`: by rank. `unmet`: subjects
    of needs that no objective answers. `unasked`: ranks of the objectives whose subject nobody raised.
    `orientation`: what is answered of the form. `committees`: index comite. `duties`: see `duties_of`.
    `milestones`: by date. `indicators`: as last changed, in the order of the sheet. `ranking`: None when schools
    cannot be compared. `empty`: the sheets of `SHEETS` without an answer.
    """

    voices: pd.DataFrame
    unheard: tuple[str, ...]
    objectives: pd.DataFrame
    unmet: tuple[str, ...]
    unasked: tuple[int, ...]
    orientation: Mapping[str, Any]
    committees: pd.DataFrame
    duties: pd.DataFrame
    milestones: pd.DataFrame
    indicators: pd.DataFrame
    ranking: Ranking | None
    empty: tuple[str, ...]

    @property
    def last_day(self) -> date | None:
        """The last day of the project; None when its start or its length is not told."""
        start, years = self.orientation.get("debut"), self.orientation.get("duree")
        if start is None or years is None:
            return None
        return date(start.year + int(years), start.month, 1) + timedelta(days=start.day - 1) - timedelta(days=1)


def set_cap(workbook: Workbook, diagnostic: Diagnostic, year: int) -> Cap:
    """The cap of a commune whose workbook was checked; `year`: the one in which devices are due or not."""
    voices, objectives = workbook.table("concertation"), workbook.table("objectifs").sort_values("rang")
    raised, answered = set(voices["theme"]), set(objectives["theme"].dropna())
    groups, themes = sheet("concertation").column("groupe").choices, sheet("concertation").column("theme").choices
    told = workbook.table("orientation").astype(object).to_dict("records") or [{}]
    inventory = diagnostic.inventory
    return Cap(
        voices=voices,
        unheard=tuple(key for key in groups if key != "autre" and key not in set(voices["groupe"])),
        objectives=objectives.reset_index(drop=True),
        unmet=tuple(key for key in themes if key in raised - answered),
        unasked=tuple(objectives.loc[objectives["theme"].isin(answered - raised), "rang"]) if len(voices) else (),
        orientation={str(key): value for key, value in told[0].items() if pd.notna(value)},
        committees=workbook.table("gouvernance").set_index("comite"),
        duties=duties_of(workbook),
        milestones=milestones_of(workbook),
        indicators=current_indicators(workbook),
        ranking=None
        if inventory is None
        else rank_schools(criteria_of(workbook, inventory, diagnostic.schools, year), weights_of(workbook)),
        empty=tuple(key for key in SHEETS if workbook.table(key).empty),
    )


def answer_issues(workbook: Workbook) -> tuple[CellIssue, ...]:
    """Every answer that contradicts another or breaks a rule of its sheet, each cell taken alone being right."""
    judges = (
        maturity_issues, calendar_issues, duty_issues, indicator_issues, weight_issues, measure_issues,
        delivery_issues,
    )  # fmt: skip
    return tuple(chain.from_iterable(judge(workbook) for judge in judges))


def issues_of(workbook: Workbook, unread: tuple[CellIssue, ...], law: Law) -> tuple[CellIssue, ...]:
    """Every cell to correct, once: those that cannot be read, then what their answers break.

    Raises WorkbookError when assumptions contradict one another, which no cell alone is to blame for.
    """
    found, said = answer_issues(workbook), {(one.sheet, one.cell) for one in unread}
    try:
        workbook_settings(workbook, law)
    except WorkbookError as error:
        if not error.issues:
            raise WorkbookError(workbook.file, unread + found, error.summary.partition(" : ")[2]) from None
        found += error.issues
    return unread + tuple(one for one in found if (one.sheet, one.cell) not in said)
