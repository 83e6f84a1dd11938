"""What the project brings back, in four dimensions: indicators, a score of each, a mean by dimension.

Belongs: the duties of reuse, the values that the study knows, scores from 1 to 4. Does not: the footprint, surveys and
budget (their values are given), words, drawing. There is no mark of the whole, and no radar, whose area depends on the
order of its axes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from pupitre.cap.answers import Cap
from pupitre.data.sheets import sheet
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.inventory import Inventory
from pupitre.diagnostic.maturity import Maturity
from pupitre.diagnostic.measures import enough, ladder
from pupitre.diagnostic.profile import Diagnostic
from pupitre.diagnostic.services import share_in
from pupitre.errors import UsageError
from pupitre.evaluation.footprint import IDLE
from pupitre.formats import echo
from pupitre.law.baremes import Law

FILE = Path(__file__).with_name("returns.toml")
DIGITS, TENTHS = 9, 10
HIGHEST_SCORE = 4  # of MAREVA, from 1
DUTIES = {
    "reuse": ("remis", "reformes", "reen_part_reemploi"),
    "second_hand": ("achats_reemploi", "achats", "agec_part_reemploi"),
}
POINTS = {"results_shared": "restitution", "inclusion": "accessibilite", "end_of_life": "reemploi"}
Values = Mapping[str, float | None]


@dataclass(frozen=True)
class Indicator:
    """One indicator of a dimension; the comments of `returns.toml` say what each field means."""

    key: str
    dimension: str
    label: str
    unit: str
    steps: tuple[float, ...]
    around: float | None = None
    law: str = ""


@dataclass(frozen=True)
class Returns:
    """The scores of the project.

    `indicators`, index key, in the order of `returns.toml`: dimension, label, unit, law (the duty behind its step 3,
    else empty), value (NA when unknown), score (1 to 4, NA when unknown).
    `dimensions`, index key: label, score (mean of the known scores to a tenth, NA when fewer than half are), known,
    asked.
    """

    indicators: pd.DataFrame
    dimensions: pd.DataFrame


@cache
def indicators() -> dict[str, Indicator]:
    """Every indicator, by key."""
    return {one["key"]: Indicator(**(one | {"steps": tuple(one["steps"])})) for one in _declared()["indicator"]}


@cache
def _declared() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def score(values: Values) -> Returns:
    """The scores of the values known of each indicator, in its unit; a key that is absent, or None, is not known.

    Raises UsageError for a key that no indicator bears, or a negative value.

    >>> told = score({"reuse_to_duty": 1.2, "in_service": 0.95, "repair_days": 5})
    >>> told.indicators["score"].dropna().to_dict(), told.dimensions["score"].dropna().to_dict()
    ({'repair_days': 3, 'reuse_to_duty': 3, 'in_service': 4}, {'environnemental': 3.5})
    """
    for key, value in values.items():
        if key not in indicators() or (pd.notna(value) and not value >= 0):
            raise UsageError(f"Indicateur « {echo(key)} », « {echo(value)} » : on attend un nombre positif, ou rien.")
    rows = [
        {"key": one.key, "dimension": one.dimension, "label": one.label, "unit": one.unit, "law": one.law}
        | {"value": values.get(one.key), "score": _score(one, values.get(one.key))}
        for one in indicators().values()
    ]
    table = pd.DataFrame(rows).set_index("key").astype({"value": "Float64", "score": "Int64"})
    return Returns(table, _dimensions(table))


def _score(one: Indicator, value: float | None) -> float | None:
    if value is None or pd.isna(value):
        return None
    return ladder(value if one.around is None else round(abs(value - one.around), DIGITS), one.steps)


def _dimensions(table: pd.DataFrame) -> pd.DataFrame:
    labels = pd.Series(_declared()["dimension"])
    by_dimension = table.groupby("dimension")["score"]
    known, asked, total = (by_dimension.agg(how).reindex(labels.index) for how in ("count", "size", "sum"))
    counted = known.where(2 * known >= asked).astype("Int64")
    tenths = (2 * TENTHS * total + counted) // (2 * counted)  # half up
    return pd.DataFrame({"label": labels, "score": tenths.astype("Float64") / TENTHS, "known": known, "asked": asked})


def reuse_duties(workbook: Workbook, law: Law) -> pd.DataFrame:
    """What the sheet Réemploi tells of each year beside the duties of that year, which bind every collectivité.

    Index year, in order; `none_left`: no device was disposed of; for reuse (loi REEN: devices disposed of) and
    second_hand (loi AGEC: purchases): `_share` (0-1, NA when not told or out of nothing), `_duty` (NA in a year that
    begins without one: AGEC from 2025 on, as its decree came in July 2024), `_met` (NA when either is).
    """
    table = workbook.table("reemploi").set_index("annee").sort_index()
    told = pd.DataFrame({"none_left": table["reformes"].eq(0).fillna(False).astype(bool)}, table.index)
    for name, (part, whole, figure) in DUTIES.items():
        if len(table) and law.in_force(figure):
            law.figure(figure)  # read, since the report says it
        duty = pd.Series([share_in(int(year), figure, law) for year in table.index], table.index, dtype="Float64")
        base = table[whole].astype("Float64")
        told[f"{name}_share"] = table[part].astype("Float64") / base.where(base > 0)
        told[f"{name}_duty"] = duty.where(duty > 0)
        told[f"{name}_met"] = told[f"{name}_share"].round(DIGITS) >= told[f"{name}_duty"]
    return told


def known_values(diagnostic: Diagnostic, cap: Cap | None, reuse: pd.DataFrame, day: date) -> dict[str, float | None]:
    """The values that the study itself knows on a day; `reuse` as `reuse_duties`, of which the last year told counts.

    Surveys give parents_response, teachers_favourable, pupils_favourable; the follow-up gives
    budget_rate, delivered_rate.
    """
    values = _of_cap(cap, day) if cap else {}
    values |= _of_inventory(diagnostic.inventory, day.year) if diagnostic.inventory else {}
    values |= _of_maturity(diagnostic.maturity) if diagnostic.maturity else {}
    for name in DUTIES:
        times = (reuse[f"{name}_share"] / reuse[f"{name}_duty"]).dropna()
        values[f"{name}_to_duty"] = None if times.empty else float(times.iloc[-1])
    return values


def _of_cap(cap: Cap, day: date) -> dict[str, float | None]:
    groups = [key for key in sheet("concertation").column("groupe").choices if key != "autre"]
    reviews = cap.milestones[cap.milestones["phase"] == "evaluer"]
    due = reviews[reviews["echeance"].map(lambda limit: limit <= day).astype(bool)]
    return {
        "groups_heard": 1 - len(cap.unheard) / len(groups) if len(cap.voices) else None,
        "reviews_held": _share_of(int(due["fait_le"].notna().sum()), len(due)),
    }


def _of_inventory(inventory: Inventory, year: int) -> dict[str, float | None]:
    """A share counts when 60 % of what it is a share of is known."""
    devices, number = inventory.devices, inventory.devices["number"]
    told, usable = devices["state"].notna(), devices["usable"] & devices["due_year"].notna()
    states, ages = int(number[told].sum()), int(number[usable].sum())
    idle = int(number[devices["state"].isin(IDLE)].sum())
    young = int(number[usable & (devices["due_year"] > year).fillna(False)].sum())
    return {
        "repair_days": inventory.repair_days,
        "in_service": _share_of(states - idle, states) if enough(states, number.sum()) else None,
        "in_life": _share_of(young, ages) if enough(ages, number[devices["usable"]].sum()) else None,
        "equity": _equity(inventory.schools.loc[inventory.schools["complete"], "coverage"].dropna()),
        "training_hours": _training(inventory.training),
    }


def _equity(coverage: pd.Series[float]) -> float | None:
    """The least equipped school over the best, of those whose list is complete; None under two."""
    return _share_of(float(coverage.min()), float(coverage.max())) if len(coverage) > 1 else None


def _training(training: pd.DataFrame) -> float | None:
    """Hours per teacher, each school weighing its teachers."""
    told = training[["enseignants", "heures"]].dropna().astype(float)
    hours, teachers = float((told["enseignants"] * told["heures"]).sum()), float(told["enseignants"].sum())
    return _share_of(hours, teachers) if enough(len(told), len(training)) else None


def _of_maturity(maturity: Maturity) -> dict[str, float | None]:
    steps: dict[str, Any] = {key: maturity.points.loc[point, "step"] for key, point in POINTS.items()}
    return {key: None if pd.isna(step) else float(step) for key, step in steps.items()}


def _share_of(part: float, whole: float) -> float | None:
    return part / whole if whole else None
