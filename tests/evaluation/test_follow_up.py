"""Indicators on the way from their baseline to their target: how far, in time or late, towards what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.cap.indicators import ceiling, current_indicators
from pupitre.data.sheets import sheet, typed
from pupitre.data.workbook import Workbook
from pupitre.evaluation.follow_up import EVERY, TOLERANCE, Point, Progress, follow_up
from pupitre.evaluation.statistics import Estimate, forecast, proportion

Row = dict[str, Any]

START, END, ON = date(2026, 1, 1), date(2026, 12, 27), date(2026, 7, 20)  # 360 days; 200 of them are gone
SOUND: Row = {
    "indicateur": "Usage", "perimetre": "usages", "definition": "Classes qui s'en servent", "depart": 20,
    "depart_le": START, "cible": 60, "cible_le": END, "alerte": 40,
}  # fmt: skip
APRIL = START + timedelta(90)  # a quarter of the time: 30 is planned
JUNE = START + timedelta(180)  # half: 40


def workbook(indicators: Sequence[Row], measures: Sequence[Row] = ()) -> Workbook:
    """A workbook that was read, with these rows of two sheets."""
    rows = {"indicateurs": indicators, "mesures": measures}
    return Workbook(
        "00001",
        "x.xlsx",
        "",
        None,
        {key: typed(sheet(key), dict(enumerate(told, 5))) for key, told in rows.items()},
        (),
    )


def measure(day: date, value: float, name: str = "Usage", sur: int | None = None) -> Row:
    """A row of Mesures."""
    return {"indicateur": name, "le": day, "valeur": value, "sur": sur}


def followed(*measures: tuple[date, float], on: date = ON, sur: int | None = None, **change: object) -> Progress:
    """The progress of the sound indicator, but for `change`, from measures of it."""
    [found] = follow_up(workbook([SOUND | change], [measure(*one, sur=sur) for one in measures]), on)
    return found


# how far


@pytest.mark.parametrize(
    ("start", "target", "value", "progress"),
    [
        (20, 60, 50, 0.75),  # 30 of 40
        (20, 60, 60, 1),
        (20, 60, 70, 1.25),
        (20, 60, 20, 0),
        (20, 60, 10, -0.25),  # the wrong way
        (60, 20, 30, 0.75),  # falling: 30 of 40
        (60, 20, 20, 1),
        (60, 20, 10, 1.25),
        (60, 20, 70, -0.25),
        (0, 4, 1, 0.25),
    ],
)
def test_progress_is_the_share_of_the_way(start: float, target: float, value: float, progress: float) -> None:
    """From the baseline to the target, whichever is higher."""
    found = followed((JUNE, value), depart=start, cible=target, alerte=None)

    assert found.progress == progress
    assert (found.state == "reached") == (progress >= 1)
    assert found.direction == (1 if target > start else -1)


def test_what_is_expected_grows_with_time() -> None:
    """Measured on day 180 of 360: half; on the day of the report, day 200: 200/360."""
    found = followed((APRIL, 25), (JUNE, 38))

    assert found.expected == 0.5
    assert found.expected_today == pytest.approx(200 / 360)
    assert found.latest == Estimate(38, None, None)
    assert found.latest_on == JUNE
    assert found.points == (Point(START, 20, 20), Point(APRIL, 25, 30), Point(JUNE, 38, 40))


@pytest.mark.parametrize(
    ("value", "state"),
    [(36, "on_time"), (40, "on_time"), (59.9, "on_time"), (60, "reached"), (35.9, "late"), (20, "late"), (0, "late")],
)
def test_late_is_short_of_the_way_expected_by_more_than_a_tenth(value: float, state: str) -> None:
    """Half is expected; 36 is 16 of 40, so 0.4, a tenth short to the decimal."""
    assert TOLERANCE == 0.1
    assert followed((JUNE, value)).state == state


def test_a_measure_is_judged_on_its_own_day() -> None:
    """Measured in time in April, and once a year: nobody knows that it is late, ten months on."""
    found = followed((APRIL, 30), on=END, periodicite="an")

    assert (found.progress, found.expected, found.expected_today) == (0.25, 0.25, 1)
    assert (found.state, found.overdue) == ("on_time", False)


AFTER = END + timedelta(1)


@pytest.mark.parametrize(
    ("on", "value", "alert", "state"),
    [
        (END, 39, 40, "late"),  # the day itself is not past
        (AFTER, 39, 40, "alert"),
        (AFTER, 40, 40, "missed"),
        (AFTER, 59, 40, "missed"),
        (AFTER, 60, 40, "reached"),
        (AFTER, 39, None, "missed"),
        (AFTER, 0, 10, "alert"),  # a threshold under the baseline: it went the wrong way
        (AFTER, 10, 10, "missed"),
    ],
)
def test_once_the_date_is_past_the_target_is_missed_or_calls_the_committee(
    on: date, value: float, alert: float | None, state: str
) -> None:
    """The committee meets when not even the alert threshold is reached."""
    assert followed((END, value), on=on, alerte=alert).state == state


def test_a_target_reached_late_is_reached_and_one_that_was_left_is_not() -> None:
    """The latest measure says."""
    assert followed((AFTER, 60), on=AFTER).state == "reached"
    assert followed((JUNE, 60), (END, 50), on=AFTER).state == "missed"


# what cannot be measured


@pytest.mark.parametrize("change", [{}, {"depart": None, "depart_le": None}, {"depart": None}, {"depart_le": None}])
def test_without_a_baseline_or_a_measure_nothing_can_be_said(change: Row) -> None:
    """Though what is expected today is known with a baseline, and nothing else."""
    found = followed(**change)
    told = (found.progress, found.latest, found.latest_on, found.expected, found.forecast)

    assert found.state == "not_measurable"
    assert told == (None,) * 5
    assert found.points == (() if change else (Point(START, 20, 20),))
    assert (found.expected_today is None) == bool(change)


def test_a_target_that_is_past_without_a_measure_is_not_known_to_be_missed() -> None:
    """Nor reached."""
    assert followed(on=AFTER).state == "not_measurable"


def test_no_indicator_no_progress() -> None:
    """An empty sheet."""
    assert follow_up(workbook([]), ON) == ()


# intervals


def test_a_share_of_a_number_has_an_interval() -> None:
    """12 of 24 classes, in %; without the number, or in another unit, none."""
    share = proportion(12, 24)
    assert share.low is not None
    assert share.high is not None

    assert followed((JUNE, 50), unite="%", sur=24).latest == Estimate(50, 100 * share.low, 100 * share.high)
    assert followed((JUNE, 50), unite="%").latest == Estimate(50, None, None)
    assert followed((JUNE, 50), unite="classes", sur=60).latest == Estimate(50, None, None)


@given(part=st.integers(0, 40), whole=st.integers(1, 40))
def test_the_interval_holds_the_share_as_it_was_rounded(part: int, whole: int) -> None:
    """A whole percentage is written for 7 of 24."""
    if part <= whole:
        latest = followed((JUNE, round(100 * part / whole)), unite="%", sur=whole).latest

        assert latest is not None
        assert latest.low is not None
        assert latest.high is not None
        assert latest.low <= latest.estimate + 0.5
        assert latest.high >= latest.estimate - 0.5


# forecast


def test_the_forecast_is_that_of_the_trend_at_the_target_date() -> None:
    """20, 26 and 32 at days 0, 90, 180: one line, 2 a month, which is 44 on day 360, and no error."""
    found = followed((APRIL, 26), (JUNE, 32)).forecast

    assert found is not None
    assert found == pytest.approx((44, 44, 44))


def test_the_forecast_has_the_interval_of_one_more_measure() -> None:
    """That of `statistics.forecast` from day 0, the baseline counted."""
    told = forecast([0, 90, 180, 190], [20, 26, 31, 36], 360)

    assert followed((APRIL, 26), (JUNE, 31), (START + timedelta(190), 36)).forecast == pytest.approx(told)


def test_a_trend_takes_three_points_and_days_to_come() -> None:
    """Baseline and one measure: none. Nor on the target date, nor after."""
    measures = [(APRIL, 26.0), (JUNE, 32.0)]

    assert followed(measures[0]).forecast is None
    assert followed(*measures, on=END - timedelta(1)).forecast is not None
    assert followed(*measures, on=END).forecast is None
    assert followed(*measures, on=AFTER).forecast is None


@pytest.mark.parametrize(("unit", "most"), [("%", 100), ("note sur 5", 5), ("jours", None)])
@pytest.mark.parametrize("way", [1, -1])
def test_a_forecast_stays_where_a_value_can_be(unit: str, most: float | None, way: int) -> None:
    """Steep trends: 3, 4, 5 of 5, or the way down to nought, would go on past what can be."""
    top = most or 5
    values = [top * share for share in (0.4, 0.65, 0.95)][::way]
    found = followed((APRIL, values[1]), (JUNE, values[2]), unite=unit, depart=values[0], cible=top / 2, alerte=None)
    free = forecast([0, 90, 180], values, 360)

    assert found.forecast is not None
    assert free is not None
    expected = [max(0, one if ceiling(unit) is None else min(one, top)) for one in free if one is not None]
    assert list(found.forecast) == pytest.approx(expected)
    assert min(expected) >= 0
    assert way == -1 or most is None or max(expected) == most


# the next measure


@pytest.mark.parametrize(
    ("rhythm", "last", "due"),
    [
        ("semaine", date(2026, 3, 2), date(2026, 3, 9)),
        ("quinzaine", date(2026, 3, 2), date(2026, 3, 17)),
        ("mois", date(2026, 1, 31), date(2026, 2, 28)),
        ("trimestre", date(2026, 3, 2), date(2026, 6, 2)),
        ("semestre", date(2026, 3, 2), date(2026, 9, 2)),
        ("an", date(2026, 3, 2), END),  # the target date comes first
        (None, date(2026, 3, 2), None),
        ("mois", END, None),  # the last one
    ],
)
def test_the_next_measure_follows_the_rhythm_to_the_target_date(
    rhythm: str | None, last: date, due: date | None
) -> None:
    """From the last measure; it is overdue from the day after."""
    found = followed((last, 30), periodicite=rhythm, on=AFTER)

    assert found.next_on == due
    assert found.overdue == (due is not None)
    assert due is None or not followed((last, 30), periodicite=rhythm, on=due).overdue


def test_without_a_measure_the_baseline_is_the_last() -> None:
    """Every month from the first of January."""
    found = followed(periodicite="mois")

    assert (found.next_on, found.overdue) == (date(2026, 2, 1), True)


def test_every_rhythm_of_the_list_is_known() -> None:
    """`workbook.toml` and the library name the same."""
    assert set(EVERY) == set(sheet("indicateurs").column("periodicite").choices)


# changes


def test_a_changed_target_keeps_the_measures() -> None:
    """Twice as far from June on: 30 is a quarter of 20 → 60, an eighth of 20 → 100."""
    changed = SOUND | {"cible": 100, "modifie_le": JUNE}
    [found] = follow_up(workbook([SOUND, changed], [measure(APRIL, 30)]), ON)

    assert (found.target, found.changed_on, found.progress, found.set_aside) == (100, JUNE, 0.125, 0)
    assert [point.value for point in found.points] == [20, 30]


def test_a_changed_definition_sets_former_measures_aside() -> None:
    """Counted otherwise from June on, with its own baseline: one measure of three counts, two are said to be left."""
    changed = SOUND | {"definition": "Élèves", "depart": 10, "depart_le": APRIL, "cible": 20, "modifie_le": JUNE}
    measures = [measure(APRIL, 30), measure(JUNE - timedelta(1), 44), measure(JUNE, 15)]
    [found] = follow_up(workbook([SOUND, changed], measures), ON)

    assert (found.set_aside, found.progress, found.start) == (2, 0.5, 10)
    assert [(point.day, point.value) for point in found.points] == [(APRIL, 10), (JUNE, 15)]


def test_a_changed_definition_without_a_measure_since_is_to_be_measured() -> None:
    """Former measures say nothing of it."""
    changed = SOUND | {"unite": "écoles", "depart": 1, "cible": 6, "alerte": None, "modifie_le": JUNE}
    [found] = follow_up(workbook([SOUND, changed], [measure(APRIL, 30)]), ON)

    assert (found.state, found.set_aside) == ("not_measurable", 1)


def test_a_baseline_taken_again_starts_progress_anew() -> None:
    """The same thing is counted: what was measured before is shown, but is no progress since."""
    changed = SOUND | {"depart": 28, "depart_le": JUNE, "modifie_le": JUNE + timedelta(1)}
    before = [measure(APRIL, 30)]
    after = measure(JUNE + timedelta(9), 36)
    [still] = follow_up(workbook([SOUND, changed], before), ON)
    [since] = follow_up(workbook([SOUND, changed], [*before, after]), ON)

    assert still.state == "not_measurable"
    assert [point.value for point in still.points] == [30, 28]
    assert since.progress == 0.25  # 8 of 32


def test_progress_stands_in_the_order_of_the_cap() -> None:
    """One each, however many versions; measures go to their own."""
    rows = [SOUND, SOUND | {"indicateur": "Autre"}, SOUND | {"indicateur": "USAGE", "cible": 50, "modifie_le": JUNE}]
    book = workbook(rows, [measure(JUNE, 30, "autre"), measure(JUNE, 40, "usage")])
    found = follow_up(book, ON)

    assert [one.indicateur for one in found] == current_indicators(book)["indicateur"].tolist() == ["USAGE", "Autre"]
    assert [one.latest and one.latest.estimate for one in found] == [40, 30]


# properties

VALUES = st.integers(0, 100)
DAYS = st.lists(st.tuples(st.integers(1, 360), VALUES), min_size=1, max_size=6, unique_by=lambda one: one[0])


@given(start=VALUES, target=VALUES, told=DAYS, on=st.integers(0, 400))
def test_rising_and_falling_mirror_each_other(start: int, target: int, told: list[tuple[int, int]], on: int) -> None:
    """Counting the classes that do not, instead of those that do, changes no verdict."""
    if start != target:
        day = START + timedelta(on)
        rows = [(START + timedelta(after), value) for after, value in told]
        up = followed(*rows, on=day, depart=start, cible=target, alerte=None, unite="%")
        mirrored = [(one, 100 - value) for one, value in rows]
        down = followed(*mirrored, on=day, depart=100 - start, cible=100 - target, alerte=None, unite="%")

        assert up.direction == -down.direction
        assert (up.state, up.progress, up.expected) == (down.state, down.progress, down.expected)
        assert (up.forecast is None) == (down.forecast is None)
        if up.forecast and down.forecast and up.forecast.low is not None and down.forecast.high is not None:
            assert up.forecast.low == pytest.approx(100 - down.forecast.high, abs=1e-6)
            assert up.forecast.estimate == pytest.approx(100 - down.forecast.estimate, abs=1e-6)


@given(told=DAYS, data=st.data())
def test_the_order_of_rows_does_not_matter(told: list[tuple[int, int]], data: st.DataObject) -> None:
    """Days decide."""
    rows = [(START + timedelta(after), float(value)) for after, value in told]

    assert followed(*rows) == followed(*data.draw(st.permutations(rows)))


@given(told=DAYS)
def test_the_planned_line_goes_from_baseline_to_target(told: list[tuple[int, int]]) -> None:
    """It rises with the days, and each point stands on it or beside it."""
    points = followed(*((START + timedelta(after), value) for after, value in told)).points
    planned = [point.planned for point in points if point.planned is not None]

    assert planned == sorted(planned)
    assert planned[0] == 20
    assert planned[-1] <= 60
    assert [point.planned for point in points] == [
        pytest.approx(20 + 40 * (point.day - START).days / 360) for point in points
    ]
