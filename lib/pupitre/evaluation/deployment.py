"""Planned against done: money voted and spent, milestones due and reached, devices ordered and in service.

Belongs: the sheets Budget suivi, Calendrier and Livraisons, on a day. Does not: dates that cannot hold together
(`cap.calendar`), what may be published of amounts (`anonymity`), words, drawing.

A milestone or a delivery is done (in time, or nobody noted when), done_late, late (not done, and its day is past),
to_come, or unknown (its day is past, and nobody says how many devices are in service).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from pupitre.cap.calendar import milestones_of
from pupitre.data.codes import name_key
from pupitre.data.sheets import sheet
from pupitre.data.workbook import Workbook

TOTAL, TO_COME = "total", "to_come"


@dataclass(frozen=True)
class Budget:
    """Euros TTC voted and spent; rate: realise / vote (NA when nothing was voted), gap: realise - vote.

    `years`, by year then section: annee, section, vote, realise (NA when a line of it is not told), rate, gap, running
    (the year of the report is not over). `totals`, index section, then « total »: vote, realise, rate and gap of the
    rows of `years` whose spending is told, and of them alone; unknown: how many are not, unknown_vote: their vote.
    """

    years: pd.DataFrame
    totals: pd.DataFrame


@dataclass(frozen=True)
class Deliveries:
    """Devices ordered and in service.

    `lines`, in the order of the names of schools, what is shared last: the columns of the sheet, state, days_late (of
    what is late, or came late; NA otherwise). `types`, index type in the order of the list, then « total »: prevu,
    livre and rate (livre / prevu) of the lines whose devices in service are told, and of them alone (NA when none is);
    unknown (lines that are not told), unknown_prevu (what they ordered), late (lines that are late on that day).
    """

    lines: pd.DataFrame
    types: pd.DataFrame


def budget_of(workbook: Workbook, on: date) -> Budget:
    """The budget followed; lines of one year and section are added up."""
    sums = workbook.table("budget").groupby(["annee", "section"])[["vote", "realise"]].sum(skipna=False).reset_index()
    years = _listed(sums, "budget", "section").sort_values("annee", kind="stable").reset_index(drop=True)
    totals = _totals(_listed(sums, "budget", "section"), "section", "vote", "realise")
    years, totals = (
        one.assign(rate=_rate(one["realise"], one["vote"]), gap=one["realise"] - one["vote"]) for one in (years, totals)
    )
    return Budget(years.assign(running=years["annee"] >= on.year), totals)


def milestones_done(workbook: Workbook, on: date) -> pd.DataFrame:
    """The milestones by date: the columns of `milestones_of`, state, days_late (NA when to come; 0: done in time)."""
    table = milestones_of(workbook)
    told = [(due, done is not None, done) for due, done in zip(table["echeance"], table["fait_le"], strict=True)]
    return table.join(_standings(told, table.index, on))


def deliveries_of(workbook: Workbook, names: Mapping[str, str], on: date) -> Deliveries:
    """The deliveries; `names`: uai → name of the school."""
    table = workbook.table("livraisons")
    order = sorted(table.index, key=lambda row: _place(str(table.loc[row, "ecole"]), names))
    lines = table.loc[order].reset_index(drop=True)
    complete = [None if pd.isna(one) else bool(one) for one in lines["livre"] >= lines["prevu"]]
    told = list(zip(lines["prevu_le"], complete, lines["livre_le"], strict=True))
    lines = lines.join(_standings(told, lines.index, on))
    kinds = _listed(lines.assign(late=lines["state"].eq("late").astype("Int64")), "livraisons", "type")
    types = _totals(kinds, "type", "prevu", "livre", "late")
    return Deliveries(lines, types.assign(rate=_rate(types["livre"], types["prevu"])))


def amounts_paid(workbook: Workbook) -> pd.DataFrame:
    """Euros TTC paid by type (index) and supplier (columns, as first written), 0 where nothing was.

    Nothing at all when a payment has no supplier told, who might be one of the others: how many there are is then not
    known, on which what may be published depends.
    """
    table = workbook.table("livraisons")
    paid = table[table["montant"].gt(0).fillna(False)]
    if paid["fournisseur"].isna().any():
        paid = paid.iloc[:0]
    keys = paid["fournisseur"].map(name_key)
    suppliers = paid["fournisseur"].groupby(keys).transform("first")
    return paid.groupby(["type", suppliers])["montant"].sum().unstack(fill_value=0).astype("float64")


def _listed(table: pd.DataFrame, key: str, column: str) -> pd.DataFrame:
    """The rows in the order of the list from which a column of a sheet chooses."""
    choices = list(sheet(key).column(column).choices)
    return table.sort_values(column, key=lambda keys: keys.map(choices.index), kind="stable")


def _totals(table: pd.DataFrame, by: str, planned: str, done: str, *counts: str) -> pd.DataFrame:
    """By group, then in all: both sums where both are told; how many rows are not, and what they planned."""
    told = table[done].notna()
    left_out = {"unknown": (~told).astype("Int64"), f"unknown_{planned}": table[planned].mask(told, 0)}
    parts = table.assign(**{planned: table[planned].where(told)}, **left_out)
    groups = pd.concat([parts, parts.assign(**{by: TOTAL})]).groupby(by, sort=False)
    return groups[[planned, done]].sum(min_count=1).join(groups[[*left_out, *counts]].sum())


def _rate(done: pd.Series[Any], planned: pd.Series[Any]) -> pd.Series[Any]:
    return done / planned.where(planned > 0)


def _standings(told: Iterable[tuple[date, bool | None, date | None]], index: pd.Index[Any], on: date) -> pd.DataFrame:
    """The state and days_late of what is due on a day, done or not (None: not known), on a day if it is told."""
    rows = [_standing(*one, on) for one in told]
    return pd.DataFrame(rows, index, columns=["state", "days_late"]).astype({"state": "object", "days_late": "Int64"})


def _standing(due: date, done: bool | None, day: date | None, on: date) -> tuple[str, int | None]:
    if done:
        late = None if day is None else max(0, (day - due).days)
        return ("done_late" if late else "done"), late
    if on <= due:
        return TO_COME, None
    return ("unknown", None) if done is None else ("late", (on - due).days)


def _place(place: str, names: Mapping[str, str]) -> tuple[bool, str, str]:
    return place not in names, name_key(names.get(place, "")), place
