"""The calendar: milestones in order, what each waits for, and the dates that cannot hold together.

Belongs: the sheet Calendrier, the dates of Livraisons. Does not: drawing it, what is late (`evaluation.deployment`),
the dates of a cell taken alone (`data.sheets`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pandas as pd

from pupitre.data.codes import name_key
from pupitre.data.sheets import clean, sheet
from pupitre.data.workbook import Workbook
from pupitre.errors import CellIssue

SHEET, DELIVERIES = "calendrier", "livraisons"
Milestone = Mapping[Any, Any]


def milestones_of(workbook: Workbook) -> pd.DataFrame:
    """The milestones by date: jalon, phase, debut, echeance, apres (as `jalon` writes it), responsable, fait_le."""
    table = workbook.table(SHEET)
    names = {name_key(name): name for name in table["jalon"]}
    before = pd.Series([names.get(name_key(name)) if name else None for name in table["apres"]], table.index, "object")
    return table.assign(apres=before).sort_values("echeance", kind="stable").reset_index(drop=True)


def calendar_issues(workbook: Workbook) -> Iterator[CellIssue]:
    """Milestones that end before they begin, before the project starts or before what they wait for; loops."""
    table, start = workbook.table(SHEET).dropna(subset="jalon"), _start(workbook)
    rows = table.to_dict("records")
    named = {name_key(told["jalon"]): told for told in reversed(rows)}
    for row, told in zip(table.index, rows, strict=True):
        for column, expected in _wrong(told, named, start):
            yield workbook.issue(SHEET, row, column, clean(told[column]), f"on attend {expected}")


def delivery_issues(workbook: Workbook) -> Iterator[CellIssue]:
    """Deliveries with a day of service, but no device in service that day, or nothing said of how many."""
    table = workbook.table(DELIVERIES).dropna(subset="livre_le")
    for row in table.index[table["livre"].isna()]:
        yield workbook.issue(DELIVERIES, row, "livre", "", "on attend le nombre d'appareils en service ce jour-là")
    for row in table.index[table["livre"].eq(0).fillna(False)]:
        found = clean(table.loc[row, "livre_le"])
        yield workbook.issue(
            DELIVERIES, row, "livre_le", found, "on attend une case vide, tant que rien n'est en service"
        )


def _start(workbook: Workbook) -> date | None:
    return next(iter(workbook.table("orientation")["debut"]), None)


def _early(day: date | None, limit: date | None) -> bool:
    """Whether a day that is told comes before another."""
    return bool(day and limit and day < limit)


def _wrong(told: Milestone, named: Mapping[str, Milestone], start: date | None) -> Iterator[tuple[str, str]]:
    """The column and what is expected of it, for each rule that a milestone breaks."""
    column = "debut" if told["debut"] else "echeance"
    if named[name_key(told["jalon"])] is not told:
        yield "jalon", "un nom qui diffère des autres par plus que ses majuscules ou ses accents"
    if _early(told["echeance"], told["debut"]):
        yield "echeance", f"une échéance à partir du {told['debut']:%d/%m/%Y}, son début"
    if _early(told["fait_le"], told["debut"]):
        yield "fait_le", f"une date à partir du {told['debut']:%d/%m/%Y}, son début"
    if start and _early(told[column], start):
        where = f"{sheet('orientation').title}, {sheet('orientation').column('debut').label}"
        yield column, f"une date à partir du {start:%d/%m/%Y} (feuille {where})"
    if not told["apres"]:
        return
    before, waited = named.get(name_key(told["apres"])), _waited(told, named)
    if before is None:
        yield "apres", "le nom d'un autre jalon, écrit comme dans la première colonne"
    elif name_key(told["jalon"]) in waited:
        yield "apres", f"un jalon qui n'attend pas lui-même « {told['jalon']} »"
    elif _early(told[column], before["echeance"]):
        yield column, f"une date à partir du {before['echeance']:%d/%m/%Y}, échéance de « {before['jalon']} »"


def _waited(told: Milestone, named: Mapping[str, Milestone]) -> set[str]:
    """The keys of all that a milestone waits for, directly or not."""
    waited: set[str] = set()
    while told["apres"] and name_key(told["apres"]) not in waited:
        waited.add(name_key(told["apres"]))
        told = named.get(name_key(told["apres"]), {"apres": None})
    return waited
