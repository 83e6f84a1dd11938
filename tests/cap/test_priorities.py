"""Which schools first, ranked by hand, then whatever the criteria and the weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.cap.priorities import Ranking, criteria_of, rank_schools, weight_issues, weights_of
from pupitre.data.sheets import sheet
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.inventory import take_inventory
from pupitre.diagnostic.socle import socle_needs
from pupitre.law import baremes

WorkbookOf = Callable[..., Workbook]
Row = dict[str, Any]

CRITERIA = list(sheet("priorites").column("critere").choices)
NA = pd.NA


def criteria(index: str, **columns: Sequence[object]) -> pd.DataFrame:
    """School × criterion: `criteria("AB", age=[0.2, 0.9])`."""
    return pd.DataFrame(columns, index=list(index), dtype="Float64")


def ranked(told: pd.DataFrame, **weights: float) -> Ranking:
    """The ranking, which exists."""
    found = rank_schools(told, weights)
    assert found is not None
    return found


def cells(workbook: Workbook) -> list[str]:
    """The cells to correct."""
    return [issue.cell for issue in weight_issues(workbook)]


def weighted(workbook_of: WorkbookOf, *weights: float | None) -> Workbook:
    """The weights of the first criteria, from row 5."""
    return workbook_of(
        priorites=[{"critere": key, "poids": told} for key, told in zip(CRITERIA, weights, strict=False)]
    )


# weights


@pytest.mark.parametrize(
    ("weights", "wrong"),
    [
        ([], []),
        ([None, None], []),
        ([1], []),
        ([0, 0, 0.5], []),
        ([0, None, 3], []),
        ([0], ["B5"]),
        ([0, 0, 0, 0, 0, 0], ["B5"]),
        ([None, 0, None, 0], ["B6"]),
    ],
)
def test_weights_that_are_all_nought_are_refused(
    workbook_of: WorkbookOf, weights: list[float | None], wrong: list[str]
) -> None:
    """Told once, where the first one stands; nothing told is not nought."""
    assert cells(weighted(workbook_of, *weights)) == wrong


def test_the_cell_and_the_rule_are_those_of_the_file(read_filled: Callable[..., Any]) -> None:
    """Through Excel: the third and fifth of six criteria."""
    workbook, unreadable = read_filled({"Priorités": {"B7": 0, "B9": "0"}})

    assert unreadable == ()
    assert [str(issue) for issue in weight_issues(workbook)] == [
        "feuille Priorités, cellule B7, « 0 » : "
        "on attend au moins un poids supérieur à zéro, sur cette ligne ou une autre."
    ]


@pytest.mark.parametrize("weights", [[], [None] * 6])
def test_criteria_count_alike_when_no_weight_is_told(workbook_of: WorkbookOf, weights: list[None]) -> None:
    """The six of them."""
    assert weights_of(weighted(workbook_of, *weights)) == dict.fromkeys(CRITERIA, 1.0)


def test_a_criterion_without_a_weight_does_not_count_beside_one_that_has(workbook_of: WorkbookOf) -> None:
    """Neither does one of nought; the rest as told, in the order of the sheet."""
    assert weights_of(weighted(workbook_of, None, 3, 0, 0.5)) == {"age": 3.0, "ips": 0.5}


# criteria


def measured(workbook: Workbook, schools: Sequence[Row], year: int = 2026) -> pd.DataFrame:
    """The criteria of élémentaires of four classes, A first, that differ as said."""
    usual = {
        "level": "elementaire",
        "sector": "public",
        "classes": 4,
        "pupils": 88,
        "pupils_maternelle": 0,
        "ips": None,
    }
    rows = [{"uai": "ABCDEF"[rank], **usual, **school} for rank, school in enumerate(schools)]
    counts = dict.fromkeys(("classes", "pupils", "pupils_maternelle", "classes_counted"), "Int64")
    frame = pd.DataFrame(rows).assign(classes_counted=None).astype({**counts, "ips": "Float64"})
    law = baremes.on(date(2026, 11, 22))
    inventory = take_inventory(workbook, frame, socle_needs(frame, law, Assumptions()), law)
    return criteria_of(workbook, inventory, frame, year)


def values(told: pd.DataFrame, criterion: str) -> list[float | None]:
    """A column, None where nothing is known."""
    return [None if pd.isna(value) else float(value) for value in told[criterion]]


DEVICES: list[Row] = [
    {"ecole": "A", "type": "ecran_interactif", "nombre": 3, "annee": 2018},  # lives 8 years: due in 2026
    {"ecole": "A", "type": "tablette", "nombre": 1, "annee": 2024},  # lives 4: due in 2028
    {"ecole": "A", "type": "portable_eleve", "nombre": 4},  # of unknown age
    {"ecole": "A", "type": "tablette", "nombre": 9, "annee": 2010, "etat": "en_panne"},
    {"ecole": "B", "type": "tablette", "nombre": 2, "annee": 2023},  # due in 2027
    {"ecole": "commune", "type": "tablette", "nombre": 10, "annee": 2010},  # no school's
    {"ecole": "D", "type": "tablette", "nombre": 2},
]


@pytest.mark.parametrize(
    ("year", "shares"),
    [(2025, [0.0, 0.0]), (2026, [0.75, 0.0]), (2027, [0.75, 1.0]), (2028, [1.0, 1.0])],
)
def test_age_is_the_share_of_dated_devices_that_are_due(
    workbook_of: WorkbookOf, year: int, shares: list[float]
) -> None:
    """Of A: 3 screens due in 2026 and a tablet due in 2028. What is broken or undated does not count."""
    told = measured(workbook_of(equipements=DEVICES), [{}, {}, {}, {}], year)

    assert values(told, "age") == [*shares, None, None]


def test_coverage_counts_backwards(workbook_of: WorkbookOf) -> None:
    """A, told complete with nothing, lacks everything; B has what its inventory says; of C nothing is known."""
    workbook = workbook_of(
        ecoles=[{"ecole": "A", "inventaire_complet": True}], equipements=[row for row in DEVICES if row["ecole"] == "B"]
    )
    told = measured(workbook, [{}, {}, {}])
    [bare, other, unknown] = values(told, "couverture")

    assert (bare, unknown) == (1.0, None)
    assert other is not None
    assert 0.5 < other < 1.0


def test_a_line_that_is_absent_or_short_comes_first(workbook_of: WorkbookOf) -> None:
    """One measured and enough can wait; one that nobody measured, or told of, is not known."""
    lines: list[Row] = [
        {"ecole": "A", "ligne": "aucune"},
        {"ecole": "B", "ligne": "cuivre", "debit_descendant": 6, "debit_montant": 1},
        {"ecole": "C", "ligne": "fibre", "debit_descendant": 900, "debit_montant": 900},
        {"ecole": "D", "ligne": "fibre"},
    ]

    assert values(measured(workbook_of(reseau=lines), [{}] * 5), "internet") == [1.0, 1.0, 0.0, None, None]


def test_the_least_favoured_pupils_come_first(workbook_of: WorkbookOf) -> None:
    """IPS from the lowest of the commune (1) to the highest (0): 100 is halfway from 80 to 120, and 90 at 3/4."""
    told = measured(workbook_of(), [{"ips": 80}, {"ips": 120}, {"ips": 100}, {"ips": 90}, {}])

    assert values(told, "ips") == [1.0, 0.0, 0.5, 0.75, None]


@pytest.mark.parametrize("schools", [[{"ips": 95}, {}], [{"ips": 95}, {"ips": 95}], [{}, {}]])
def test_ips_says_nothing_when_it_tells_no_school_from_another(workbook_of: WorkbookOf, schools: list[Row]) -> None:
    """One known, all equal, none known."""
    assert values(measured(workbook_of(), schools), "ips") == [None, None]


def test_the_largest_school_comes_first(workbook_of: WorkbookOf) -> None:
    """In shares of the largest: 100, 50 and 25 pupils."""
    told = measured(workbook_of(), [{"pupils": 50}, {"pupils": 100}, {"pupils": None}, {"pupils": 25}])

    assert values(told, "eleves") == [0.5, 1.0, None, 0.25]


def test_schools_without_any_pupil_are_not_told_apart(workbook_of: WorkbookOf) -> None:
    """Nought divides nothing."""
    assert values(measured(workbook_of(), [{"pupils": 0}, {"pupils": 0}]), "eleves") == [None, None]


def test_enrolments_unknown_of_every_school_are_a_criterion_unknown(workbook_of: WorkbookOf) -> None:
    """As before the first rentrée that is known (`load_dossier` then leaves NA): no error."""
    assert values(measured(workbook_of(), [{"pupils": None}, {"pupils": None}]), "eleves") == [None, None]


def test_a_commune_without_a_school_in_scope_has_no_criteria(workbook_of: WorkbookOf) -> None:
    """A private school alone, which the programme leaves out: nothing to rank, no error."""
    told = measured(workbook_of(), [{"sector": "prive_sous_contrat"}])

    assert told.empty
    assert rank_schools(told, dict.fromkeys(CRITERIA, 1.0)) is None


def test_a_school_project_comes_first(workbook_of: WorkbookOf) -> None:
    """Yes, no, not told, not in the sheet; rows in another order than the schools."""
    rows: list[Row] = [{"ecole": "B", "projet": False}, {"ecole": "A", "projet": True}, {"ecole": "C", "classes": 5}]

    assert values(measured(workbook_of(ecoles=rows), [{}] * 4), "projet") == [1.0, 0.0, None, None]


def test_criteria_are_those_of_the_sheet(workbook_of: WorkbookOf) -> None:
    """One column each, so that each weight finds its own; schools in their order."""
    told = measured(workbook_of(equipements=DEVICES), [{}, {}])

    assert list(told) == CRITERIA
    assert told.index.tolist() == ["A", "B"]


# scores and ranks


def test_scores_and_ranks_by_hand() -> None:
    """Weights 3 and 1. A: (3 × 0.2 + 1) / 4 = 0.4. B: 0.9, its other criterion unknown. C: (3 × 0.6 + 0) / 4 = 0.45."""
    found = ranked(criteria("ABC", age=[0.2, 0.9, 0.6], ips=[1, NA, 0]), age=3, ips=1)

    assert found.schools.index.tolist() == ["B", "C", "A"]
    assert found.schools["score"].tolist() == pytest.approx([0.9, 0.45, 0.4])
    assert found.schools["rank"].tolist() == [1, 2, 3]
    assert found.weights == {"age": 0.75, "ips": 0.25}


def test_equal_scores_share_a_rank_and_the_next_is_skipped() -> None:
    """0.5, 0.1, 0.9, 0.5: ranks 2, 4, 1, 2, equals in the order given."""
    found = ranked(criteria("ABCD", age=[0.5, 0.1, 0.9, 0.5]), age=1)

    assert found.schools["rank"].to_dict() == {"C": 1, "A": 2, "D": 2, "B": 4}
    assert list(found.schools.index) == ["C", "A", "D", "B"]
    assert found.schools[["best_rank", "worst_rank"]].to_numpy().tolist() == [[1, 1], [2, 2], [2, 2], [4, 4]]


def test_scores_equal_but_for_the_arithmetic_of_computers_are_equal() -> None:
    """0.1 + 0.2 is not 0.3 for them: (0.1 × 0.3 + 0.2 × 0.3 + 0.7 × 0.3) / 1 and 0.3; a millionth is a difference."""
    same = ranked(criteria("AB", age=[0.3, NA], ips=[0.3, NA], projet=[0.3, 0.3]), age=0.1, ips=0.2, projet=0.7)
    other = ranked(criteria("AB", age=[0.3, 0.300001]), age=1)

    assert same.schools["rank"].tolist() == [1, 1]
    assert other.schools["rank"].to_dict() == {"B": 1, "A": 2}


def test_what_does_not_count_is_left_out() -> None:
    """A weight of nought, a criterion that is unknown of every school, one that is not measured; weights sum to one."""
    told = criteria("AB", age=[0.2, 0.9], ips=[1, 0], internet=[NA, NA], projet=[0, 0])
    found = ranked(told, internet=5, age=3, ips=0, other=9, projet=1)

    assert found.weights == {"age": 0.75, "projet": 0.25}
    assert list(found.criteria) == ["age", "projet"]
    assert found.schools["score"].to_dict() == pytest.approx({"B": 0.675, "A": 0.15})


def test_a_school_of_which_less_than_half_is_known_is_not_ranked() -> None:
    """Weights 3, 2 and 1 of 6: of B, 3 is known, which is half; of C, 2 and 1; of D, 2 alone, so that it waits."""
    told = criteria("ABCD", age=[0.9, 0.5, NA, NA], ips=[0.9, NA, 0.2, 1], projet=[0.9, NA, 0.2, NA])
    found = ranked(told, age=3, ips=2, projet=1)

    assert found.schools.index.tolist() == ["A", "B", "C"]
    assert found.criteria.index.tolist() == ["A", "B", "C"]


def test_a_school_of_which_nothing_that_counts_is_known_is_not_ranked() -> None:
    """C's only answer bears no weight; D has none: neither last, nor first."""
    found = ranked(criteria("ACBD", age=[0.2, NA, 0.9, NA], ips=[NA, 1, NA, NA]), age=1)

    assert found.schools.index.tolist() == found.criteria.index[::-1].tolist() == ["B", "A"]


def test_nought_is_known() -> None:
    """A school that can wait is ranked, last."""
    assert ranked(criteria("AB", age=[0, 0.1]), age=1).schools["rank"].to_dict() == {"B": 1, "A": 2}


@pytest.mark.parametrize(
    ("told", "weights"),
    [
        (criteria("A", age=[0.5]), {"age": 1}),
        (criteria("", age=[]), {"age": 1}),
        (criteria("AB", age=[0.5, NA]), {"age": 1}),
        (criteria("AB", age=[NA, NA]), {"age": 1}),
        (criteria("AB", age=[0.5, 0.6]), {"age": 0}),
        (criteria("AB", age=[0.5, 0.6]), {}),
    ],
)
def test_fewer_than_two_schools_known_are_no_ranking(told: pd.DataFrame, weights: Mapping[str, float]) -> None:
    """One school, none, one known, none known, no weight."""
    assert rank_schools(told, weights) is None


# sensitivity: A first on one criterion, B on the other; weights w and 1, each moved by half at most


def rivals(weight: float) -> Ranking:
    """A comes first when w × m1 > m2, m1 and m2 drawn from 0.5 to 1.5."""
    return ranked(criteria("AB", age=[1, 0], ips=[0, 1]), age=weight, ips=1)


@pytest.mark.parametrize(
    ("weight", "lost"),
    [
        (1, 0.5),
        (1.9, 0.0796),  # ∫ (1.5 - 1.9 m) dm for m from 0.5 to 1.5 / 1.9 = 0.59211 - 0.51250
        (2.3, 0.0266),  # 0.48913 - 0.46250
        (3, 0),  # 3 × 0.5 = 1 × 1.5: never
    ],
)
def test_the_share_of_draws_in_which_a_school_is_first(weight: float, lost: float) -> None:
    """The area in which B wins, within three standard deviations of a thousand draws."""
    share = rivals(weight).schools["first_share"]

    assert share["B"] == pytest.approx(lost, abs=3 * (lost * (1 - lost) / 1000) ** 0.5)
    assert share["A"] + share["B"] == pytest.approx(1)


@pytest.mark.parametrize(("weight", "steady"), [(1, False), (1.9, False), (2.3, True), (3, True)])
def test_ranks_keep_nine_draws_in_ten(weight: float, steady: bool) -> None:
    """One draw in twenty is left out at each end: B's 8 % of wins count, its 3 % do not."""
    found = rivals(weight)

    bounds = found.schools.loc[["A", "B"], ["best_rank", "worst_rank"]].to_numpy().tolist()
    assert bounds == ([[1, 1], [2, 2]] if steady else [[1, 2], [1, 2]])
    assert found.steady is steady


def test_the_first_is_steady_or_not_whatever_the_order_of_the_schools() -> None:
    """B leads here, and comes second in the table of criteria."""
    assert ranked(criteria("AB", age=[0, 1], ips=[0.2, 0.9]), age=1, ips=1).steady is True
    assert ranked(criteria("AB", age=[0, 1], ips=[1, 0.2]), age=1, ips=1).steady is False


def test_the_rank_lies_within_its_bounds() -> None:
    """A is first by a hair under the weights told, and second under any other: from 1 to 2, not from 2 to 2."""
    schools = ranked(criteria("ABC", age=[0.501, 1, 0], ips=[0.501, 0, 1]), age=1, ips=1).schools

    assert schools["rank"].to_dict()["A"] == 1
    assert all(schools["best_rank"] <= schools["rank"])
    assert all(schools["rank"] <= schools["worst_rank"])


KEYS = ("age", "ips", "projet")
SHARES = st.integers(0, 10).map(lambda tenths: tenths / 10)
TABLES = st.lists(st.tuples(*[st.one_of(SHARES, st.just(NA))] * 3), min_size=2, max_size=6).map(
    lambda rows: pd.DataFrame(rows, list("ABCDEF"[: len(rows)]), KEYS, dtype="Float64")
)
WEIGHTS = st.fixed_dictionaries({key: st.integers(1, 20) for key in KEYS})


@given(told=TABLES, weights=WEIGHTS)
def test_a_ranking_is_a_ranking(told: pd.DataFrame, weights: dict[str, int]) -> None:
    """Scores fall, ranks are one more than the schools above, bounds are ranks, someone is first in each draw."""
    found = rank_schools(told, weights)
    asked = [key for key in KEYS if told[key].notna().any()]
    total = sum(weights[key] for key in asked)
    known = {uai for uai in told.index if 2 * sum(weights[key] for key in asked if told[key].notna()[uai]) >= total > 0}

    assert (found is None) == (len(known) < 2)
    if found is not None:
        schools, count = found.schools, len(found.schools)
        assert set(schools.index) == known
        assert sum(found.weights.values()) == pytest.approx(1)
        assert schools["score"].is_monotonic_decreasing
        assert schools["score"].between(0, 1).all()
        assert schools["rank"].tolist() == [1 + sum(schools["score"] > score) for score in schools["score"]]
        assert (schools["best_rank"] <= schools["worst_rank"]).all()
        assert schools[["best_rank", "worst_rank"]].isin(range(1, count + 1)).all(axis=None)
        assert schools["first_share"].between(0, 1).all()
        assert schools["first_share"].sum() >= 1 - 1e-9
        alone = [sum(told.loc[uai].isna()) == 2 for uai in schools.index]
        assert schools["score"][alone].tolist() == pytest.approx(
            [float(told.loc[uai].max()) for uai in schools.index[alone]]
        )


@given(told=TABLES, weights=WEIGHTS)
def test_the_same_question_has_the_same_answer(told: pd.DataFrame, weights: dict[str, int]) -> None:
    """Draws are seeded; neither the table nor the weights given are changed."""
    table, given_weights = told.copy(), dict(weights)
    first, second = rank_schools(told, weights), rank_schools(told, weights)

    pd.testing.assert_frame_equal(told, table)
    assert weights == given_weights
    if first is not None and second is not None:
        pd.testing.assert_frame_equal(first.schools, second.schools)


@given(told=TABLES, weights=WEIGHTS, times=st.sampled_from([0.001, 0.5, 3, 7, 100]))
def test_only_the_proportions_of_weights_count(told: pd.DataFrame, weights: dict[str, int], times: float) -> None:
    """All multiplied by one number: the same scores, ranks and sensitivity."""
    first = rank_schools(told, weights)
    second = rank_schools(told, {key: weight * times for key, weight in weights.items()})

    assert (first is None) == (second is None)
    if first is not None and second is not None:
        pd.testing.assert_frame_equal(first.schools, second.schools)
        assert first.weights == pytest.approx(second.weights)


@given(
    low=st.tuples(SHARES, SHARES, SHARES),
    more=st.tuples(SHARES, SHARES, SHARES),
    other=st.tuples(SHARES, SHARES, SHARES),
    weights=WEIGHTS,
)
def test_a_school_that_is_ahead_on_every_criterion_is_never_behind(
    low: tuple[float, ...], more: tuple[float, ...], other: tuple[float, ...], weights: dict[str, int]
) -> None:
    """B is at least as urgent as A in all: its rank and bounds are no worse; more urgent in one, it is before."""
    high = tuple(np.minimum(np.add(low, more), 1))
    table = pd.DataFrame([low, high, other], list("ABC"), KEYS, dtype="Float64")
    schools = ranked(table, **weights).schools

    behind, ahead = schools.loc["A"], schools.loc["B"]
    assert (ahead[["rank", "best_rank", "worst_rank"]] <= behind[["rank", "best_rank", "worst_rank"]]).all()
    assert ahead["first_share"] >= behind["first_share"]
    assert (ahead["rank"] < behind["rank"]) == (high != low)


@given(told=TABLES, weights=WEIGHTS)
def test_the_order_of_the_schools_changes_nothing(told: pd.DataFrame, weights: dict[str, int]) -> None:
    """Each school has the same line, read from the last to the first."""
    first, second = rank_schools(told, weights), rank_schools(told.iloc[::-1], weights)

    if first is not None and second is not None:
        pd.testing.assert_frame_equal(first.schools.sort_index(), second.schools.sort_index())
