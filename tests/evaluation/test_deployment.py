"""Planned against done: money, milestones, devices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.data.sheets import COMMUNE, sheet, typed
from pupitre.data.workbook import Workbook
from pupitre.evaluation.deployment import TOTAL, amounts_paid, budget_of, deliveries_of, milestones_done

Row = dict[str, Any]

ON = date(2026, 11, 22)
NAMES = {"0090312R": "Jean Jaurès", "0090313S": "Les Acacias", "0090314T": "école du Bourg"}
JAURES, ACACIAS, BOURG = NAMES


def workbook(**rows: Sequence[Row]) -> Workbook:
    """A workbook that was read, from the rows of its sheets."""
    tables = {key: typed(sheet(key), dict(enumerate(told, 5))) for key, told in rows.items()}
    return Workbook("00001", "x.xlsx", "", None, tables, ())


def told(table: pd.DataFrame) -> list[list[Any]]:
    """The rows, None where nothing is known."""
    return [[None if pd.isna(value) else value for value in row] for row in table.to_numpy().tolist()]


# budget


def line(year: int, section: str, voted: float, spent: float | None = None) -> Row:
    """A row of Budget suivi."""
    return {"annee": year, "section": section, "vote": voted, "realise": spent}


BUDGET = [
    line(2026, "fonctionnement", 10_000),
    line(2025, "fonctionnement", 8_000, 10_000),
    line(2025, "investissement", 20_000, 15_000),
    line(2026, "investissement", 5_000, 1_000),
]


def test_the_budget_by_year_and_section() -> None:
    """15 000 of 20 000 is 75 %, 5 000 less; 10 000 of 8 000 is 125 %, 2 000 more; what is not told stays so."""
    years = budget_of(workbook(budget=BUDGET), ON).years

    assert told(years[["annee", "section", "vote", "realise", "rate", "gap", "running"]]) == [
        [2025, "investissement", 20_000, 15_000, 0.75, -5_000, False],
        [2025, "fonctionnement", 8_000, 10_000, 1.25, 2_000, False],
        [2026, "investissement", 5_000, 1_000, 0.2, -4_000, True],
        [2026, "fonctionnement", 10_000, None, None, None, True],
    ]
    assert years.index.tolist() == [0, 1, 2, 3]


def test_totals_compare_what_is_told_and_count_what_is_not() -> None:
    """16 000 of 25 000; 10 000 of the 8 000 of 2025, the 10 000 of 2026 being set aside; 26 000 of 33 000 in all."""
    totals = budget_of(workbook(budget=BUDGET), ON).totals

    assert totals.index.tolist() == ["investissement", "fonctionnement", TOTAL]
    assert told(totals[["vote", "realise", "rate", "gap", "unknown", "unknown_vote"]]) == [
        [25_000, 16_000, 0.64, -9_000, 0, 0],
        [8_000, 10_000, 1.25, 2_000, 1, 10_000],
        [33_000, 26_000, pytest.approx(26 / 33), -7_000, 1, 10_000],
    ]


def test_lines_of_one_year_and_section_are_added_up() -> None:
    """A vote and its amendment; one that is not told leaves their sum unknown."""
    amended = [line(2025, "investissement", 100, 90), line(2025, "investissement", 20, 10)]
    unknown = [line(2025, "investissement", 100, 90), line(2025, "investissement", 20)]

    assert told(budget_of(workbook(budget=amended), ON).years[["vote", "realise"]]) == [[120, 100]]
    assert told(budget_of(workbook(budget=unknown), ON).years[["vote", "realise"]]) == [[120, None]]


def test_nothing_voted_has_no_rate_but_a_gap() -> None:
    """500 spent of nothing; nothing of nothing."""
    rows = [line(2025, "investissement", 0, 500), line(2025, "fonctionnement", 0, 0)]

    assert told(budget_of(workbook(budget=rows), ON).years[["rate", "gap"]]) == [[None, 500], [None, 0]]


def test_a_year_is_running_until_its_end() -> None:
    """On the last day of 2025, and on the first of 2026."""
    book = workbook(budget=[line(2025, "investissement", 1, 1)])

    assert budget_of(book, date(2025, 12, 31)).years["running"].tolist() == [True]
    assert budget_of(book, date(2026, 1, 1)).years["running"].tolist() == [False]


def test_all_unknown_has_no_sum() -> None:
    """Not nought."""
    totals = budget_of(workbook(budget=[line(2025, "investissement", 7)]), ON).totals

    assert (
        told(totals[["vote", "realise", "rate", "gap", "unknown", "unknown_vote"]])
        == [[None, None, None, None, 1, 7]] * 2
    )


SECTIONS, AMOUNTS = st.sampled_from(["investissement", "fonctionnement"]), st.integers(0, 10**6)
LINES = st.lists(st.tuples(st.integers(2020, 2026), SECTIONS, AMOUNTS, st.none() | AMOUNTS))


@given(rows=LINES, data=st.data())
def test_no_euro_is_lost_and_the_order_of_rows_does_not_matter(
    rows: list[tuple[int, str, int, int | None]], data: st.DataObject
) -> None:
    """What was voted is compared or set aside; sections add up to the total."""
    found = budget_of(workbook(budget=[line(*row) for row in rows]), ON)
    mixed = budget_of(workbook(budget=[line(*row) for row in data.draw(st.permutations(rows))]), ON)
    columns = ["vote", "realise", "unknown", "unknown_vote"]

    assert found.years["vote"].sum() == sum(row[2] for row in rows)
    if rows:
        *sections, whole = told(found.totals[columns].fillna(0))
        assert whole == [sum(parts) for parts in zip(*sections, strict=True)]
        assert whole[0] + whole[3] == sum(row[2] for row in rows)
    pd.testing.assert_frame_equal(found.years, mixed.years)
    pd.testing.assert_frame_equal(found.totals, mixed.totals)


# milestones


@pytest.mark.parametrize(
    ("due", "done", "state", "late"),
    [
        (ON, None, "to_come", None),
        (ON - timedelta(1), None, "late", 1),
        (ON - timedelta(30), None, "late", 30),
        (ON + timedelta(9), None, "to_come", None),
        (ON - timedelta(9), ON - timedelta(9), "done", 0),
        (ON - timedelta(9), ON - timedelta(20), "done", 0),
        (ON - timedelta(9), ON - timedelta(8), "done_late", 1),
        (ON - timedelta(9), ON, "done_late", 9),
        (ON + timedelta(9), ON, "done", 0),
    ],
)
def test_a_milestone_is_done_late_or_to_come(due: date, done: date | None, state: str, late: int | None) -> None:
    """Its own day is in time; a milestone done keeps the days by which it was late."""
    row = {"jalon": "Pose", "echeance": due, "fait_le": done}

    assert told(milestones_done(workbook(calendrier=[row]), ON)[["state", "days_late"]]) == [[state, late]]


def test_milestones_come_by_date() -> None:
    """With the columns of their sheet."""
    rows = [{"jalon": "Bilan", "echeance": ON}, {"jalon": "Pose", "echeance": date(2026, 1, 5), "fait_le": ON}]
    found = milestones_done(workbook(calendrier=rows), ON)

    assert found["jalon"].tolist() == ["Pose", "Bilan"]
    assert found["state"].tolist() == ["done_late", "to_come"]
    assert list(found) == [*(column.key for column in sheet("calendrier").columns), "state", "days_late"]


# deliveries


def order(place: str, kind: str, asked: int, due: date, **delivered: object) -> Row:
    """A row of Livraisons."""
    return {"ecole": place, "type": kind, "prevu": asked, "prevu_le": due, **delivered}


PAST, LATER = date(2026, 9, 1), date(2026, 12, 4)


@pytest.mark.parametrize(
    ("due", "delivered", "state", "late"),
    [
        (PAST, {"livre": 6, "livre_le": PAST}, "done", 0),
        (PAST, {"livre": 6, "livre_le": date(2026, 9, 4)}, "done_late", 3),
        (PAST, {"livre": 6}, "done", None),  # nobody noted when
        (PAST, {"livre": 4, "livre_le": PAST}, "late", 82),  # 29 days of September, 31, 22
        (PAST, {"livre": 0}, "late", 82),
        (PAST, {}, "unknown", None),
        (ON, {"livre": 0}, "to_come", None),
        (LATER, {}, "to_come", None),
        (LATER, {"livre": 6, "livre_le": ON}, "done", 0),
    ],
)
def test_a_delivery_is_late_until_all_is_in_service(due: date, delivered: Row, state: str, late: int | None) -> None:
    """Four of six are late; nobody knowing how many is no proof."""
    lines = deliveries_of(workbook(livraisons=[order(JAURES, "tablette", 6, due, **delivered)]), NAMES, ON).lines

    assert told(lines[["state", "days_late"]]) == [[state, late]]


DELIVERIES = [
    order(COMMUNE, "visualiseur", 2, LATER, livre=0),
    order(ACACIAS, "visualiseur", 4, PAST, livre=3),
    order(BOURG, "tablette", 10, PAST, livre=10),
    order(JAURES, "visualiseur", 5, PAST),
    order(ACACIAS, "tablette", 20, PAST, livre=11),
]


def test_deliveries_stand_in_the_order_of_the_names_of_schools() -> None:
    """Case and accents apart (« du Bourg » before « Jean » and « Les »), what is shared last: a list, not a rank."""
    lines = deliveries_of(workbook(livraisons=DELIVERIES), NAMES, ON).lines

    assert lines["ecole"].tolist() == [BOURG, JAURES, ACACIAS, ACACIAS, COMMUNE]
    assert lines["type"].tolist()[2:4] == ["visualiseur", "tablette"]
    assert lines.index.tolist() == [0, 1, 2, 3, 4]


def test_deliveries_by_type() -> None:
    """Tablets: 21 of 30, one line late. Visualisers: 3 of the 6 of which something is told, the 5 of Jaurès apart."""
    types = deliveries_of(workbook(livraisons=DELIVERIES), NAMES, ON).types
    choices = list(sheet("livraisons").column("type").choices)

    assert types.index.tolist() == [*sorted(["visualiseur", "tablette"], key=choices.index), TOTAL]
    assert told(types.loc[["tablette", "visualiseur", TOTAL]][
        ["prevu", "livre", "rate", "unknown", "unknown_prevu", "late"]
    ]) == [
        [30, 21, 0.7, 0, 0, 1],
        [6, 3, 0.5, 1, 5, 1],
        [36, 24, pytest.approx(2 / 3), 1, 5, 2],
    ]  # fmt: skip


def test_nothing_followed_makes_empty_tables() -> None:
    """With their columns, so that a page asks for no more than their length."""
    blank = workbook()
    budget, deliveries = budget_of(blank, ON), deliveries_of(blank, NAMES, ON)

    assert (len(budget.years), len(budget.totals), len(milestones_done(blank, ON))) == (0, 0, 0)
    assert (len(deliveries.lines), len(deliveries.types), amounts_paid(blank).size) == (0, 0, 0)
    assert {"rate", "gap", "running"} <= set(budget.years)
    assert {"state", "days_late"} <= set(deliveries.lines)
    assert {"rate", "late", "unknown"} <= set(deliveries.types)


# amounts


def paid(kind: str, supplier: str | None, amount: float | None) -> Row:
    """A delivery that was paid."""
    return order(JAURES, kind, 1, PAST, fournisseur=supplier, montant=amount)


def test_amounts_by_type_and_supplier() -> None:
    """Suppliers whose names differ by case or accents are one: three would be counted where two were paid."""
    tablets = [paid("tablette", "Éduc'Info", 100), paid("tablette", "EDUC INFO", 50), paid("tablette", "Autre", 30)]
    others = [paid("visualiseur", "Autre", 7), paid("visualiseur", "Troisième", None), paid("visualiseur", "Autre", 0)]
    found = amounts_paid(workbook(livraisons=[*tablets, *others]))

    assert found.to_dict() == {
        "Autre": {"tablette": 30, "visualiseur": 7},
        "Éduc'Info": {"tablette": 150, "visualiseur": 0},
    }


def test_a_payment_without_a_supplier_leaves_nothing_to_publish() -> None:
    """It may be to one of the others; a line that was not paid may have none."""
    rows = [paid("tablette", "A", 100), paid("tablette", None, None)]

    assert amounts_paid(workbook(livraisons=rows)).size == 1
    assert amounts_paid(workbook(livraisons=[*rows, paid("tablette", None, 1)])).size == 0
