"""Each indicator against its target: how far, whether in time, where it is heading, when it is to be measured next.

Belongs: progress of the sheet Mesures on the sheet Indicateurs. Does not: which rows cannot hold together
(`cap.indicators`), intervals and trends themselves (`statistics`), words, drawing.

Values are in the indicator's own unit, as written (48 for 48 %); progress and what is expected of it are shares of the
way from baseline to target: 0 at the baseline, 1 at the target, so that rising and falling indicators read alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from pupitre.cap.indicators import PERCENT, Told, ceiling, direction, measures_of, versions_of
from pupitre.data.workbook import Workbook
from pupitre.evaluation.statistics import DIGITS, Estimate, forecast, proportion

TOLERANCE = 0.1  # of the way: what a season or the rounding of a measure may hide
FEWEST_POINTS = 3  # under three, baseline included, a trend has no interval
EVERY = {
    "semaine": pd.DateOffset(weeks=1), "quinzaine": pd.DateOffset(days=15), "mois": pd.DateOffset(months=1),
    "trimestre": pd.DateOffset(months=3), "semestre": pd.DateOffset(months=6), "an": pd.DateOffset(years=1),
}  # fmt: skip


class Point(NamedTuple):
    """A value measured on a day; `planned`: that of the straight line from baseline to target (None: no baseline)."""

    day: date
    value: float
    planned: float | None


@dataclass(frozen=True)
class Progress:
    """One indicator, as last changed, on one day; None where it is not known.

    `points`: by day, the baseline among them. `set_aside`: measures of this indicator that count something else, made
    before its definition or its unit changed. `direction`: 1 it must rise, -1 fall, 0 not known. `latest`: the last
    measure after the baseline, with its interval when it is a share of a number that is told; `latest_on`: its day.
    `progress`: of `latest`, under 0 when it went the wrong way, over 1 past the target. `expected`: on `latest_on`,
    what it is judged against; `expected_today`: on the day of the report. `state`: not_measurable (no baseline, or no
    measure since), reached (by the latest measure), then, the target date being past, missed, or alert (not even the
    alert threshold is reached: the committee meets); before it, late (short of `expected` by more than `TOLERANCE`) or
    on_time. `forecast`: at the target date, None when it has come. `next_on`: when it is to be measured again, the
    target date at most; `overdue`: that day is past.
    """

    indicateur: str
    perimetre: str
    unite: str | None
    direction: int
    start: float | None
    start_on: date | None
    target: float
    target_on: date
    alert: float | None
    changed_on: date | None
    points: tuple[Point, ...]
    set_aside: int
    state: str = "not_measurable"
    latest: Estimate | None = None
    latest_on: date | None = None
    progress: float | None = None
    expected: float | None = None
    expected_today: float | None = None
    forecast: Estimate | None = None
    next_on: date | None = None
    overdue: bool = False


@dataclass(frozen=True)
class _Way:
    """The straight line from the baseline to the target; nothing is due before the project begins."""

    start: float
    start_on: date
    target: float
    target_on: date
    begins_on: date

    def done(self, value: float) -> float:
        """The share of the way at which a value stands."""
        return (value - self.start) / (self.target - self.start)

    def due(self, day: date) -> float:
        """The share of the time gone on a day, from 0 to 1: that of the way on which the line stands."""
        return min(max((day - self.begins_on) / (self.target_on - self.begins_on), 0.0), 1.0)

    def planned(self, day: date) -> float:
        """The value of the line on a day."""
        return self.start + (self.target - self.start) * self.due(day)


def follow_up(workbook: Workbook, on: date) -> tuple[Progress, ...]:
    """The progress of each indicator of a workbook without issue, in the order of `current_indicators`.

    Time runs from the baseline, or from the first day of the project (Plan d'orientation) when it is later.
    """
    current, measures = versions_of(workbook).drop_duplicates("name", keep="last"), measures_of(workbook)
    begins = next(iter(workbook.table("orientation")["debut"].dropna()), None)
    named = {name: measures[measures["name"] == name] for name in current["name"]}
    return tuple(_followed(told, named[told["name"]], on, begins) for told in current.to_dict("records"))


def _followed(told: Told, named: pd.DataFrame, on: date, begins: date | None) -> Progress:
    start, target, target_on = told["depart"], float(told["cible"]), told["cible_le"]
    start_on, begins_on = told["depart_le"], told["depart_le"]
    if begins and start_on and start_on < begins < target_on:
        begins_on = begins
    known = not (pd.isna(start) or start_on is None)
    way = _Way(float(start), start_on, target, target_on, begins_on) if known else None
    measures = named[named["series"] == told["series"]]
    found = Progress(
        indicateur=told["indicateur"],
        perimetre=told["perimetre"],
        unite=told["unite"],
        direction=direction(told),
        start=_known(start),
        start_on=start_on,
        target=target,
        target_on=target_on,
        alert=_known(told["alerte"]),
        changed_on=told["modifie_le"],
        points=_points(measures, way),
        set_aside=len(named) - len(measures),
    )
    return found if way is None else _measured(found, way, told, measures, on)


def falls_short(one: Progress) -> bool:
    """Whether the trend misses the alert threshold at the target date, for an indicator that is not there yet."""
    if one.forecast is None or one.alert is None or one.state == "reached":
        return False
    return one.direction * (one.forecast.estimate - one.alert) < 0


def _known(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _points(measures: pd.DataFrame, way: _Way | None) -> tuple[Point, ...]:
    values = dict(zip(measures["le"], measures["valeur"].astype(float), strict=True))
    values |= {way.start_on: way.start} if way else {}
    return tuple(Point(day, values[day], way.planned(day) if way else None) for day in sorted(values))


def _measured(found: Progress, way: _Way, told: Told, measures: pd.DataFrame, on: date) -> Progress:
    """What the measures after the baseline say."""
    since = measures[measures["le"].map(lambda day: day > way.start_on).astype(bool)]
    next_on = _next(told["periodicite"], since["le"].iloc[-1] if len(since) else way.start_on, way.target_on)
    found = replace(found, expected_today=way.due(on), next_on=next_on, overdue=next_on is not None and next_on < on)
    if since.empty:
        return found
    value, day, counted = since[["valeur", "le", "sur"]].iloc[-1]
    done, due = way.done(float(value)), way.due(day)
    return replace(
        found,
        latest=_latest(float(value), counted, found.unite),
        latest_on=day,
        progress=done,
        expected=due,
        state=_state(done, due, None if found.alert is None else way.done(found.alert), on > way.target_on),
        forecast=None if on >= way.target_on else _forecast(found.points, way.target_on, ceiling(found.unite)),
    )


def _next(rhythm: str | None, last: date, target_on: date) -> date | None:
    if rhythm is None or last >= target_on:
        return None
    return min((pd.Timestamp(last) + EVERY[rhythm]).date(), target_on)


def _latest(value: float, counted: Any, unit: str | None) -> Estimate:
    """The value, and when it is a share (in %) of a number of people or things, its interval."""
    if unit != PERCENT or pd.isna(counted):
        return Estimate(value, None, None)
    share = proportion(round(value / 100 * counted), int(counted))
    low, high = (None if bound is None else 100 * bound for bound in (share.low, share.high))
    return Estimate(value, low, high)


def _state(done: float, due: float, alert: float | None, past: bool) -> str:
    if done >= 1:
        return "reached"
    if past:
        return "missed" if alert is None or done >= alert else "alert"
    return "on_time" if round(done - due + TOLERANCE, DIGITS) >= 0 else "late"


def _forecast(points: tuple[Point, ...], day: date, most: float | None) -> Estimate | None:
    """The trend of the points on a day, with its interval, no lower than nought and no higher than can be."""
    if len(points) < FEWEST_POINTS:
        return None
    told = forecast([point.day.toordinal() for point in points], [point.value for point in points], day.toordinal())
    return told and Estimate(*(_bounded(value, most) for value in told))


def _bounded(value: Any, most: float | None) -> Any:
    return None if value is None else max(0.0, value if most is None else min(value, most))
