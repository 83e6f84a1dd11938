"""The maturity model: its words, its rules on scores, and what a workbook makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations_with_replacement
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.data.sheets import maturity_points
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.inventory import Inventory
from pupitre.diagnostic.maturity import (
    Maturity,
    assess_maturity,
    dimension_level,
    maturity_issues,
    maturity_notices,
    overall_level,
)
from pupitre.errors import UsageError
from pupitre.study import Study

Row = dict[str, Any]
MaturityOf = Callable[..., Maturity]
SANS_OBJET = "sans_objet"

POINTS: dict[str, list[str]] = {}
for _dimension, _point in maturity_points():
    POINTS.setdefault(_dimension["key"], []).append(_point["key"])


# The words.


def test_the_model_has_eight_dimensions_of_five_points() -> None:
    """Forty points, no key twice."""
    assert [len(points) for points in POINTS.values()] == [5] * 8
    assert len({point for points in POINTS.values() for point in points}) == 40


@pytest.mark.parametrize(("point"), [point for _, point in maturity_points()], ids=lambda point: point["key"])
def test_three_steps_are_described(point: Mapping[str, str]) -> None:
    """Each in one different sentence of 95 characters at most."""
    texts = [point[step] for step in ("un", "trois", "cinq")]

    assert len({text.lower() for text in texts}) == 3
    for text in texts:
        assert 10 < len(text) <= 95
        assert text[0].isupper()
        assert text.endswith(".")
        assert text.count(".") == 1
        assert text == " ".join(text.split())


def test_no_text_serves_twice() -> None:
    """A hundred and twenty texts."""
    assert len({point[step] for _, point in maturity_points() for step in ("un", "trois", "cinq")}) == 120


# The level of a dimension.


@pytest.mark.parametrize("total", range(6, 25))
def test_the_texas_star_rule(total: int) -> None:
    """Six items of 1 to 4: a sum of 6–8 is level 1, 9–14 level 2, 15–20 level 3, 21–24 level 4; no cap."""
    published = 1 + sum(total >= first for first in (9, 15, 21))
    ways = [items for items in combinations_with_replacement(range(1, 5), 6) if sum(items) == total]

    assert ways
    assert {dimension_level(items) for items in ways} == {published}


@pytest.mark.parametrize(
    ("scores", "level"),
    [
        ([3, 3, 3, None, None], 3),  # 3 of 5, 60 %
        ([3, 3, None, None, None], None),  # 2 of 5
        ([4, 4, None, SANS_OBJET, SANS_OBJET], 4),  # 2 of 3, 67 %
        ([4, None, SANS_OBJET, SANS_OBJET, SANS_OBJET], None),  # 1 of 2
        ([2, 2, None, None, SANS_OBJET], None),  # 2 of 4: not asked is not answered
        ([5, SANS_OBJET, SANS_OBJET, SANS_OBJET, SANS_OBJET], 5),
        ([SANS_OBJET] * 5, None),
        ([None] * 5, None),
        ([], None),
        ([1] * 6 + [None] * 4, 1),  # 6 of 10
        ([1] * 59 + [None] * 41, None),
    ],
)
def test_under_60_percent_nothing_is_said(scores: list[Any], level: int | None) -> None:
    """Of the points that are asked: « sans objet » is left out of both sides."""
    assert dimension_level(scores) == level


@pytest.mark.parametrize(
    ("scores", "level"),
    [
        ([2, 3], 3),  # 2.5
        ([1, 2, 1, 2], 2),  # 1.5
        ([3, 4], 4),  # 3.5: half to even would say 4 too, but 2 for 2.5
        ([2, 2, 2, 3, 3], 2),  # 2.4
        ([2, 2, 3, 3, 3], 3),  # 2.6
        ([2] * 501 + [3] * 500, 2),  # 2.4995
    ],
)
def test_halves_go_up(scores: list[int], level: int) -> None:
    """2.5 is 3, and only halves."""
    assert dimension_level(scores) == level


@pytest.mark.parametrize(
    ("scores", "evidence", "level"),
    [
        ([5, 5, 5, 5, 5], None, 5),
        ([5, 5, 5, 5, 5], ["declare"] * 5, 4),
        ([5, 5, 5, 5, 5], ["Déclaré", None, "declare", float("nan"), pd.NA], 4),
        ([5, 5, 5, 5, 5], [*["declare"] * 4, "documente"], 5),
        ([5, 5, 5, 5, 5], ["Mesuré", *["déclaré"] * 4], 5),
        ([5, 5, 5, 5, None], [*["declare"] * 4, "mesure"], 4),
        ([5, 5, 5, 5, SANS_OBJET], [*["declare"] * 4, "Documenté"], 4),
        ([5, 4, 4, 4, 5], ["declare"] * 5, 4),
        ([2, 2, 2, 2, 2], ["declare"] * 5, 2),
    ],
)
def test_what_is_only_declared_does_not_pass_4(scores: list[Any], evidence: list[Any], level: int) -> None:
    """One answered point that a document or a reading shows is enough; the evidence of an empty one is none."""
    assert dimension_level(scores, evidence) == level


@pytest.mark.parametrize("score", [0, 6, -1, 2.5, float("inf"), "3", "oui"])
def test_a_score_outside_the_steps_is_refused(score: object) -> None:
    """The message says which, and what is expected."""
    with pytest.raises(UsageError, match=rf"Échelon « {score} » : on attend un nombre entier de 1 à 5"):
        dimension_level([3, score])


def test_scores_come_as_numbers_of_any_kind() -> None:
    """Of numpy, of pandas, whole floats; « sans objet » as it is written or keyed; NaN is not answered."""
    assert dimension_level([np.int64(3), 3.0, Fraction(3)]) == 3
    assert dimension_level(pd.Series([4, 4, pd.NA], dtype="Int64")) == 4
    assert dimension_level(iter([2.0, 2.0, float("nan"), "Sans objet", "sans_objet"])) == 2


def test_evidence_is_one_known_grade_a_score() -> None:
    """Two errors, two messages."""
    with pytest.raises(UsageError, match="1 preuves pour 2 échelons"):
        dimension_level([3, 3], ["mesure"])
    with pytest.raises(UsageError, match="Preuve « certain » : on attend « déclaré », « documenté » ou « mesuré »"):
        dimension_level([3, 3], ["mesure", "certain"])


answers = st.lists(st.sampled_from([1, 2, 3, 4, 5, None, SANS_OBJET]), max_size=12)


@given(answers, st.randoms())
def test_a_level_lies_among_its_scores_whatever_their_order(scores: list[Any], chance: Any) -> None:
    """None exactly when fewer than 60 % of what is asked is known."""
    known = [score for score in scores if isinstance(score, int)]
    asked = [score for score in scores if score != SANS_OBJET]
    level = dimension_level(scores)

    assert (level is None) == (not known or len(known) / len(asked) < 0.6)
    assert level is None or min(known) <= level <= max(known)
    assert dimension_level(chance.sample(scores, len(scores))) == level
    assert dimension_level([*scores, SANS_OBJET]) == level


@given(st.lists(st.integers(1, 5), min_size=1, max_size=12))
def test_a_cap_only_ever_lowers_5_to_4(scores: list[int]) -> None:
    """And a reading lifts it."""
    level = dimension_level(scores)

    assert level is not None
    assert dimension_level(scores, [None for _ in scores]) == min(level, 4)
    assert dimension_level(scores, ["mesure", *["declare" for _ in scores[1:]]]) == level


# The level of the commune.


@pytest.mark.parametrize(
    ("scores", "levels", "level"),
    [
        ([3, 3, 3], None, 3),
        ([5, 5, 5, 5, 5, 5, 5, 1], None, 2),  # mean 4.5, floor 1 + 1
        ([4, 4, 4, 2], None, 3),  # mean 3.5, floor 2 + 1
        ([2.5, 2.5], None, 3),
        ([2.49], None, 2),
        ([2.4999999999], None, 3),  # what floats may make of 2.5
        ([1.1, 2.2, 4.2], None, 2),  # 7.5 / 3 is 2.5, the floor is 1 + 1
        ([2.1, 2.2, 3.2], None, 3),  # 7.5 / 3 again, which floats add up to a little less or more
        ([4.6, 4.6], [4, 4], 5),
        ([4.6, 4.6], [5, 3], 4),
        ([4, None, 4, float("nan"), pd.NA], [4, None, 4, None, None], 4),
        ([], None, None),
        ([None, None], None, None),
        ([3], [], None),
    ],
)
def test_the_weakest_dimension_holds_the_commune_back(
    scores: Sequence[Any], levels: Sequence[Any] | None, level: int | None
) -> None:
    """The mean rounded half up, one above the lowest level at most (TSI)."""
    assert overall_level(scores, levels) == level


def test_levels_come_by_name_or_in_a_row() -> None:
    """Mappings and Series are read by their values."""
    scores = {"reseau": 4.0, "usages": 1.0, "suivi": None}

    assert overall_level(scores) == 2
    assert overall_level(scores, {"reseau": 4, "usages": 3}) == 3  # mean 2.5
    assert overall_level(pd.Series([4.0, pd.NA, 3.5], dtype="Float64")) == 4  # 3.75


@pytest.mark.parametrize("score", [0.9, 5.1, -3, float("inf")])
def test_an_impossible_score_is_refused(score: float) -> None:
    """Scores are means of steps."""
    with pytest.raises(UsageError, match="on attend un nombre de 1 à 5"):
        overall_level([3, score])


@given(st.lists(st.floats(1, 5), min_size=1, max_size=8), st.randoms())
def test_the_commune_is_one_above_its_weakest_at_most(scores: list[float], chance: Any) -> None:
    """Never above its best, whatever the order."""
    level, rounded = overall_level(scores), [overall_level([score]) or 0 for score in scores]

    assert level is not None
    assert min(rounded) <= level <= min(min(rounded) + 1, max(rounded))
    assert overall_level(chance.sample(scores, len(scores))) == level


# What a workbook makes of them.


@pytest.fixture(scope="module")
def maturity_of(
    schools_of: Callable[..., pd.DataFrame],
    workbook_of: Callable[..., Workbook],
    inventory_of: Callable[..., Inventory],
) -> MaturityOf:
    """The maturity of schools: `maturity_of([("debit", "A", 3, "mesure")], school, reseau=[…])`, one school else."""

    def _maturity(answers: list[tuple[Any, ...]], *schools: Row, **told: list[Row]) -> Maturity:
        sheets = {"maturite": answered(*answers), **told}
        frame = schools_of(*(schools or ({},)))
        inventory = inventory_of(*(schools or ({},)), told=sheets)
        pupils = frame.set_index("uai")["pupils"]
        return assess_maturity(workbook_of(sheets), inventory, pupils, 2026)

    return _maturity


def answered(*answers: tuple[Any, ...]) -> list[Row]:
    """Rows of the sheet Maturité: point, place, step, evidence."""
    names = ("point", "ecole", "echelon", "preuve")
    rows = [dict(zip(names, answer, strict=False)) for answer in answers]
    return [row | {"echelon": None if row["echelon"] is None else str(row["echelon"])} for row in rows]


def whole(dimension: str, *steps: Any, place: str = "commune", evidence: str | None = None) -> list[tuple[Any, ...]]:
    """The answers of a dimension, point after point."""
    return [(point, place, step, evidence) for point, step in zip(POINTS[dimension], steps, strict=False)]


def everywhere(step: int, evidence: str | None = None) -> list[tuple[Any, ...]]:
    """The same answer to the forty points."""
    return [answer for dimension in POINTS for answer in whole(dimension, *[step] * 5, evidence=evidence)]


def plain(value: Any) -> Any:
    """A value, None when it is not known."""
    return None if pd.isna(value) else value


def test_a_dimension_told_for_the_commune(maturity_of: MaturityOf) -> None:
    """Pilotage: 1, 2, 2, 3 and one not answered make 8/4 = 2."""
    found = maturity_of(whole("pilotage", 1, 2, 2, 3)).dimensions.loc["pilotage"]

    assert [found[one] for one in ("answered", "asked", "score", "level")] == [4, 5, 2, 2]
    assert [plain(found[one]) for one in ("schools", "low", "high")] == [None, None, None]
    assert not found["by_school"]


def test_a_dimension_under_60_percent_keeps_its_points(maturity_of: MaturityOf) -> None:
    """Two answers of five: neither score nor level, but the steps that are known."""
    found = maturity_of(whole("suivi", 3, 4))

    assert found.dimensions.loc["suivi", ["answered", "asked"]].tolist() == [2, 5]
    assert found.dimensions.loc["suivi", ["score", "level"]].isna().all()
    assert found.points.loc[["budget", "indicateurs"], "step"].tolist() == [3, 4]


def test_sans_objet_is_asked_of_nobody(maturity_of: MaturityOf) -> None:
    """Suivi: 2 and 3 of three points that have an object, 67 %: 2.5, level 3."""
    found = maturity_of(whole("suivi", 2, 3, None, SANS_OBJET, SANS_OBJET))
    suivi = found.points[found.points["dimension"] == "suivi"]

    assert found.dimensions.loc["suivi", ["answered", "asked", "score", "level"]].tolist() == [2, 3, 2.5, 3]
    assert suivi["not_applicable"].tolist() == [False, False, False, True, True]
    assert suivi["evidence"].tolist() == ["declare", "declare", None, None, None]


# Three schools: A of 100 pupils, B of 50, C of 50.
SCHOOLS: tuple[Row, ...] = ({"pupils": 100}, {"pupils": 50}, {"pupils": 50})


def test_schools_weigh_their_pupils(maturity_of: MaturityOf) -> None:
    """Competences: A all at 4, B all at 1, C as the commune says, 2: (100 × 4 + 50 × 1 + 50 × 2) / 200 = 2.75."""
    told = whole("competences", *[2] * 5)
    told += whole("competences", *[4] * 5, place="A") + whole("competences", *[1] * 5, place="B")
    found = maturity_of(told, *SCHOOLS)

    columns = ["answered", "asked", "score", "level", "low", "high"]
    assert found.dimensions.loc["competences", columns].tolist() == [5, 5, 2.75, 3, 1, 4]
    assert found.dimensions.loc["competences", "schools"] == 3
    assert set(found.points.loc[POINTS["competences"], "declared"]) == {2.75}


def test_a_school_is_scored_on_what_it_answered(maturity_of: MaturityOf) -> None:
    """A answers 3 of 5: 3, 3, 3. B answers 2 of 5 and is not scored; C 2 of 3, the others « sans objet »: 1, 1.

    (100 × 3 + 50 × 1) / 150 = 2.333; the first point: (100 × 3 + 50 × 5 + 50 × 1) / 200 = 3.
    """
    told = whole("competences", 3, 3, 3, place="A") + whole("competences", 5, 5, place="B")
    told += whole("competences", 1, 1, None, SANS_OBJET, SANS_OBJET, place="C")
    found = maturity_of(told, *SCHOOLS)
    competences = found.dimensions.loc["competences"]

    assert competences["score"] == pytest.approx(350 / 150)
    assert competences[["answered", "asked", "level", "low", "high", "schools"]].tolist() == [3, 5, 2, 1, 3, 2]
    assert found.points.loc["formation", "step"] == 3
    assert not found.points.loc["agents", "not_applicable"]


def test_a_small_school_does_not_speak_for_the_dimension(maturity_of: MaturityOf) -> None:
    """A answers the one point that it is asked, B and C none of five: 1 of 5, although A could be scored."""
    told = whole("competences", 4, *[SANS_OBJET] * 4, place="A")
    found = maturity_of(told, *SCHOOLS).dimensions.loc["competences"]

    assert found[["answered", "asked"]].tolist() == [1, 5]
    assert [plain(found[one]) for one in ("score", "level", "low", "high")] == [None] * 4
    assert found["schools"] == 0


def test_one_scored_school_has_no_range(maturity_of: MaturityOf) -> None:
    """A is the only one told of."""
    found = maturity_of(whole("competences", *[3] * 5, place="A"), *SCHOOLS).dimensions.loc["competences"]

    assert found["score"] == 3
    assert [plain(found[one]) for one in ("low", "high")] == [None, None]


@pytest.mark.parametrize(
    ("pupils", "score"),
    [
        ((100, 50, None), 2.5),  # C weighs 75: (400 + 100 + 75) / 225 = 2.56 (see below)
        ((None, None, None), 7 / 3),
        ((0, 0, 0), 7 / 3),
        ((0, 50, 50), 7 / 3),
    ],
)
def test_a_school_of_unknown_size_weighs_the_mean_of_the_others(
    maturity_of: MaturityOf, pupils: tuple[int | None, ...], score: float
) -> None:
    """A at 4, B at 2, C at 1. With 100, 50 and their mean 75: (400 + 100 + 75) / 225; equal weights: 7/3."""
    told = [
        answer
        for place, step in (("A", 4), ("B", 2), ("C", 1))
        for answer in whole("competences", *[step] * 5, place=place)
    ]
    expected = 575 / 225 if score == 2.5 else score
    found = maturity_of(told, *({"pupils": count} for count in pupils))

    assert found.dimensions.loc["competences", "score"] == pytest.approx(expected)


def test_an_empty_answer_of_a_school_leaves_the_commune_s(maturity_of: MaturityOf) -> None:
    """A row for A with a remark and no step."""
    found = maturity_of([*whole("competences", *[2] * 5), ("formation", "A", None)])

    assert found.points.loc["formation", "step"] == 2


def test_what_is_declared_counts_before_what_is_measured(maturity_of: MaturityOf) -> None:
    """Filter and charter measured at 3 in A and 1 in B; A declares 5, B nothing: (100 × 5 + 50 × 1) / 150 = 3.667."""
    network: list[Row] = [
        {"ecole": "A", "filtrage": True, "charte": True},
        {"ecole": "B", "filtrage": False, "charte": False},
    ]
    found = maturity_of([("filtrage", "A", 5, "documente")], *SCHOOLS, reseau=network).points.loc["filtrage"]

    assert found["declared"] == 5
    assert found["measured"] == pytest.approx((100 * 3 + 50 * 1) / 150)
    assert found["step"] == pytest.approx(550 / 150)
    assert (found["evidence"], found["from_inventory"]) == ("documente", False)


@pytest.mark.parametrize(
    ("declared", "differs"),
    [(1, True), (2, True), (3, False), (4, False), (5, False), (SANS_OBJET, True), (None, False)],
)
def test_a_measure_contradicts_what_it_can_disprove(maturity_of: MaturityOf, declared: Any, differs: bool) -> None:
    """Filter and charter prove step 3, the most that they can: a higher step is not contradicted, a lower one is."""
    network = [{"ecole": "A", "filtrage": True, "charte": True}]
    found = maturity_of([("filtrage", "A", declared)], reseau=network).points.loc["filtrage"]

    assert found["differs"] == differs
    assert found["schools_differ"] == int(differs)


def test_an_answer_above_what_is_measured_is_seen(maturity_of: MaturityOf) -> None:
    """The commune says 3 of all; one of two papers in A and B is 2, both in C is 3: two schools differ."""
    one, both = {"filtrage": True, "charte": False}, {"filtrage": True, "charte": True}
    network: list[Row] = [{"ecole": uai, **of} for uai, of in (("A", one), ("B", one), ("C", both))]
    found = maturity_of([("filtrage", "commune", 3)], *SCHOOLS, reseau=network).points.loc["filtrage"]

    assert (found["declared"], found["measured"], found["step"]) == (3, 2.25, 3)
    assert (found["differs"], found["schools_differ"], found["evidence"]) == (True, 2, "declare")


MATERNELLE: Row = {"level": "maternelle", "pupils": 60, "pupils_maternelle": 60}


def test_a_commune_s_answer_goes_to_the_schools_that_it_concerns(maturity_of: MaturityOf) -> None:
    """No display is asked of a maternelle: the 4 of the commune is that of B, not of A."""
    told = whole("equipements", 4, 2, 2, 2)
    found = maturity_of(told, MATERNELLE, {}, ecoles=[{"ecole": "A", "inventaire_complet": True}])
    equipements = found.dimensions.loc["equipements"]

    # A keeps direction, 2 by the commune, of direction and age: 1 of 2, 50 %. B: 4, 2, 2, 2 of five points: 10/4 = 2.5.
    assert found.points.loc["affichage", ["declared", "step"]].tolist() == [4, 4]
    assert not found.points.loc["affichage", "not_applicable"]
    assert equipements[["score", "schools"]].tolist() == [2.5, 1]


def test_a_school_s_own_answer_stands_where_the_inventory_sees_no_object(maturity_of: MaturityOf) -> None:
    """The maternelle A has displays all the same, 3 for 60 pupils; B, as the commune, 4: (60 × 3 + 88 × 4) / 148."""
    told = [("affichage", "commune", 4), ("affichage", "A", 3)]
    found = maturity_of(told, MATERNELLE, {}, ecoles=[{"ecole": "A", "inventaire_complet": True}])

    assert found.points.loc["affichage", "step"] == pytest.approx(532 / 148)


def test_a_commune_s_answer_is_no_answer_where_no_school_has_an_object(maturity_of: MaturityOf) -> None:
    """No Wi-Fi in A is « sans objet » there, whatever is said of all: 4 points of 5 are asked."""
    found = maturity_of([("wifi", "commune", 3)], reseau=[{"ecole": "A", "wifi": False}])
    wifi = found.points.loc["wifi"]

    assert wifi[["not_applicable", "differs"]].tolist() == [True, False]
    assert [plain(wifi[one]) for one in ("declared", "step", "evidence")] == [None, None, None]
    assert found.dimensions.loc["reseau", "asked"] == 4


def test_a_point_measured_without_object_is_not_asked(maturity_of: MaturityOf) -> None:
    """No Wi-Fi, and nothing declared."""
    found = maturity_of([], reseau=[{"ecole": "A", "wifi": False}])

    assert found.points.loc["wifi", "not_applicable"]
    assert found.dimensions.loc["reseau", "asked"] == 4


def test_measures_may_lower_the_level(maturity_of: MaturityOf) -> None:
    """All at 3, but a repair takes 20 days and no roles are held: Entretien (3 × 4 + 1) / 5 = 2.6, still 3.

    With every measured point of Réseau, Équipements and Usages at 1, measures make levels of 2 and 1 and a floor.
    """
    nothing: list[Row] = [{"ecole": "A", "inventaire_complet": True}]
    usages: list[Row] = [{"ecole": "A", "affichage": "jamais", "mobiles": "jamais", "salle": "absente"}]
    found = maturity_of(everywhere(3), ecoles=nothing, usages=usages)

    # Équipements: four points measured at 1 and age, not known, at 3: 7/5 = 1.4, level 1, so the commune at 2.
    # Usages: two points at 1, three at 3: 11/5 = 2.2. Nothing contradicts Pilotage.
    assert found.dimensions.loc["equipements", ["score", "measured_score"]].tolist() == [3, 1.4]
    assert found.dimensions.loc["usages", ["score", "measured_score"]].tolist() == [3, 2.2]
    assert found.dimensions.loc["pilotage", ["score", "measured_score"]].tolist() == [3, 3]
    assert (found.level, found.measured_level) == (3, 2)
    assert not found.robust


def test_the_level_needs_60_percent_of_the_dimensions(maturity_of: MaturityOf) -> None:
    """Five of eight are 62.5 %, four are 50 %."""
    told = [whole(dimension, *[3] * 5) for dimension in POINTS]
    five, four = (maturity_of([answer for of in told[:count] for answer in of]) for count in (5, 4))

    assert (five.level, five.median_level, five.measured_level, five.steady, five.robust) == (3, 3, 3, 1, True)
    assert (four.level, four.median_level, four.measured_level, four.steady, four.robust) == (
        None,
        None,
        None,
        0,
        False,
    )


def test_the_median_is_another_way_to_count(maturity_of: MaturityOf) -> None:
    """Eight times 1, 1, 2, 2, 2: the mean is 1.6 and the level 2; eight times 1, 1, 1, 3, 4: mean 2, median 1."""
    near, far = (
        maturity_of([answer for one in POINTS for answer in whole(one, *steps)])
        for steps in ((1, 1, 2, 2, 2), (1, 1, 1, 3, 4))
    )

    assert (near.level, near.median_level) == (2, 2)
    assert (far.level, far.median_level) == (2, 1)
    assert not far.robust


def test_a_dimension_that_is_not_assessed_weighs_nothing(maturity_of: MaturityOf) -> None:
    """Five dimensions at 3, one answer of 1 in a sixth: no way to count sees it."""
    told = [answer for one in list(POINTS)[:5] for answer in whole(one, *[3] * 5)]
    found = maturity_of([*told, ("budget", "commune", 1)])

    assert (found.level, found.median_level, found.measured_level, found.steady) == (3, 3, 3, 1)


def test_the_cap_shows_in_its_dimension(maturity_of: MaturityOf) -> None:
    """All at 5: what is declared stops at 4, what one document shows does not."""
    told = everywhere(5)
    told[0] = (*told[0][:3], "documente")
    found = maturity_of(told).dimensions

    assert found["level"].tolist() == [5, 4, 4, 4, 4, 4, 4, 4]
    assert found["capped"].tolist() == [False] + [True] * 7
    assert set(found["score"]) == {5}


def test_a_commune_that_only_declares_is_no_5(maturity_of: MaturityOf) -> None:
    """Eight dimensions at 5 without proof are eight levels of 4, and one of 4, in every draw; one document opens 5."""
    declared, proved = maturity_of(everywhere(5)), maturity_of(everywhere(5, "documente"))

    assert (declared.level, declared.median_level, declared.steady, declared.robust) == (4, 4, 1.0, True)
    assert (proved.level, proved.steady) == (5, 1.0)


def test_a_document_on_a_lower_level_opens_no_5(maturity_of: MaturityOf) -> None:
    """A dimension documented at 4 beside seven declared at 5: no level shown passes 4, nor does the commune's."""
    told = everywhere(5)
    written = [(*row[:2], 4, "documente") if row[0] in POINTS["pilotage"] else row for row in told]
    found = maturity_of(written)

    assert found.dimensions["level"].tolist() == [4] * 8
    assert found.level == 4


def test_a_level_under_5_is_not_capped(maturity_of: MaturityOf) -> None:
    """Nothing was lowered."""
    assert not maturity_of(everywhere(4)).dimensions["capped"].any()


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        (("declare", "mesure", "documente"), "declare"),  # 100, 50, 50
        (("mesure", "declare", "declare"), "declare"),  # 100 against 50 + 50
        (("mesure", "documente", "documente"), "documente"),
        (("mesure", "declare", "documente"), "mesure"),
        ((None, "mesure", "mesure"), "declare"),
        (("documente", "documente", "mesure"), "documente"),
    ],
)
def test_the_evidence_of_a_point_is_that_of_most_pupils(
    maturity_of: MaturityOf, grades: tuple[str | None, ...], expected: str
) -> None:
    """A has 100 pupils, B and C 50; of two grades that weigh as much, the lower; an empty one is declared."""
    told = [("familles", place, 3, grade) for place, grade in zip("ABC", grades, strict=True)]

    assert maturity_of(told, *SCHOOLS).points.loc["familles", "evidence"] == expected


def test_only_a_step_that_counts_has_evidence(maturity_of: MaturityOf) -> None:
    """« Sans objet », documented in the 100 pupils of A, proves nothing of B, and C says nothing."""
    told = [("familles", "A", SANS_OBJET, "documente"), ("familles", "B", 3, None)]
    found = maturity_of(told, *SCHOOLS).points["evidence"]

    assert (found["familles"], found["production"]) == ("declare", None)


def test_what_one_small_school_measured_does_not_lift_the_cap(maturity_of: MaturityOf) -> None:
    """C, 50 pupils of 200, measured its five points; the commune declares 5 of the others."""
    told = whole("competences", *[5] * 5) + whole("competences", *[5] * 5, place="C", evidence="mesure")
    found = maturity_of(told, *SCHOOLS).dimensions.loc["competences"]

    assert found[["score", "level", "capped"]].tolist() == [5, 4, True]


DECLARATIONS = {
    *("wifi", "filtrage", "referents", "projets_ecole", "delai"),
    *("formation", "agents", "usage_enseignant", "usage_eleves"),
}


def test_only_what_is_counted_is_measured(maturity_of: MaturityOf) -> None:
    """The workbook repeats what people say of nine points: these steps of the inventory are declarations."""
    steps: dict[str, list[Row]] = {
        "ecoles": [{"ecole": "A", "inventaire_complet": True, "projet": True}],
        "equipements": [{"ecole": "A", "type": "tablette", "nombre": 12, "annee": 2025}],
        "reseau": [
            {"ecole": "A", "ligne": "fibre", "debit_descendant": 200, "classes_raccordees": 4, "wifi": True}
            | dict.fromkeys(("wifi_debrayable", "conseil_informe", "filtrage", "charte"), True)
        ],
        "services": [{"service": "maintenance", "ecole": "commune", "etp": 1, "delai": 2}],
        "contacts": [{"role": "elu", "nom": "Exemple"}],
        "competences": [{"ecole": "A", "heures": 6, "agents": 1}],
        "usages": [{"ecole": "A", "affichage": "jour", "mobiles": "jour", "salle": "jour"}],
    }
    points = maturity_of([], **steps).points
    measured = {
        *("debit", "raccordement", "affichage", "poste_enseignant", "mobiles", "direction", "age"),
        *("charge", "ent", "ressources_pedagogiques", "parc"),
    }

    assert set(points.index[points["evidence"] == "declare"]) == DECLARATIONS
    assert set(points.index[points["evidence"] == "mesure"]) == measured
    assert set(points.index[points["from_inventory"]]) == DECLARATIONS | measured


def test_what_the_inventory_only_repeats_does_not_lift_the_cap(maturity_of: MaturityOf) -> None:
    """Usages all at 5, but 4 that the workbook repeats: 4.8, capped; a class that was counted would open it."""
    told = whole("usages", None, 5, 5, 5, 5)
    found = maturity_of(told, usages=[{"ecole": "A", "affichage": "jour"}]).dimensions.loc["usages"]

    assert found[["score", "level", "capped"]].tolist() == [4.8, 4, True]


def test_a_point_that_one_school_declares_is_not_of_the_inventory(maturity_of: MaturityOf) -> None:
    """Hours of training told of A and B; then A declares; then A says « sans objet », and only B's hours count."""
    hours: list[Row] = [{"ecole": uai, "heures": 6} for uai in "AB"]
    told = ([], [("formation", "A", 3)], [("formation", "A", SANS_OBJET)], [("formation", "commune", 3)])
    found = [maturity_of(one, *SCHOOLS, competences=hours).points["from_inventory"] for one in told]

    assert [one["formation"] for one in found] == [True, False, True, False]
    assert not found[0]["entraide"]


def test_draws_are_repeated_and_depend_on_the_answers(maturity_of: MaturityOf) -> None:
    """Levels on the edge of 2.5 fall on either side; far from it, on one."""
    edge = [answer for one in POINTS for answer in whole(one, 2, 3, 2, 3, None)]
    first, again, far = maturity_of(edge), maturity_of(edge), maturity_of(everywhere(2))
    held = maturity_of([*everywhere(5)[:35], *whole("suivi", *[1] * 5)])

    assert first.steady == again.steady
    assert 0.3 < first.steady < 0.8
    assert not first.robust
    assert far.steady == 1
    assert (held.level, held.steady) == (2, 1)  # one above the weakest in every draw, whatever the mean


def test_draws_move_the_weights_of_dimensions_too(maturity_of: MaturityOf) -> None:
    """Each dimension at one step throughout, so that weights of points change nothing: 2, 2, 2, 2, 3, 3, 3, 3."""
    steps = dict(zip(POINTS, (2, 2, 2, 2, 3, 3, 3, 3), strict=True))
    found = maturity_of([answer for one, step in steps.items() for answer in whole(one, *[step] * 5)])

    assert found.level == 3
    assert 0.3 < found.steady < 0.7


def test_draws_of_95_percent_are_steady(maturity_of: MaturityOf) -> None:
    """The bound is included, and the three levels agree."""
    found = maturity_of(everywhere(3))

    assert replace(found, steady=0.95).robust
    assert not replace(found, steady=0.949).robust
    assert not replace(found, median_level=2).robust
    assert not replace(found, measured_level=2).robust


def test_an_empty_sheet_still_has_measured_points(maturity_of: MaturityOf) -> None:
    """Nothing is declared; the network tells two points of Réseau, of four that have an object."""
    found = maturity_of([], reseau=[{"ecole": "A", "ligne": "aucune", "wifi": False, "filtrage": True, "charte": True}])

    assert found.points["declared"].isna().all()
    assert found.points.loc[["debit", "filtrage"], "step"].tolist() == [1, 3]
    assert found.points.loc["debit", "evidence"] == "mesure"
    assert found.dimensions.loc["reseau", ["answered", "asked"]].tolist() == [2, 4]
    assert found.level is None


def test_nothing_told_is_nothing_assessed(maturity_of: MaturityOf) -> None:
    """Forty points without a step, eight dimensions without a score."""
    found = maturity_of([])

    assert (len(found.points), len(found.dimensions)) == (40, 8)
    assert found.points[["declared", "measured", "step", "evidence"]].isna().all(axis=None)
    assert found.dimensions[["score", "measured_score", "level", "low", "high"]].isna().all(axis=None)
    assert not found.dimensions["capped"].any()
    assert not found.points["from_inventory"].any()


def test_tables_keep_the_order_and_the_types_of_the_model(maturity_of: MaturityOf) -> None:
    """Whatever the order of the answers."""
    found = maturity_of(list(reversed(everywhere(3))))

    assert list(found.points.index) == [point for points in POINTS.values() for point in points]
    assert list(found.dimensions.index) == list(POINTS)
    assert {str(found.points[one].dtype) for one in ("declared", "measured", "step")} == {"Float64"}
    assert {str(found.points[one].dtype) for one in ("from_inventory", "differs", "not_applicable")} == {"bool"}
    scores = ("score", "measured_score", "low", "high")
    assert {str(found.dimensions[one].dtype) for one in scores} == {"Float64"}
    assert {str(found.dimensions[one].dtype) for one in ("level", "schools")} == {"Int64"}


@pytest.fixture(scope="module")
def unmeasured(inventory_of: Callable[..., Inventory]) -> Inventory:
    """One school of which nothing is told."""
    return inventory_of({}, told={})


@given(st.data())
def test_the_profile_follows_the_rules_that_are_tested(
    workbook_of: Callable[..., Workbook], unmeasured: Inventory, data: st.DataObject
) -> None:
    """One school: each dimension is `dimension_level` of its answers, the commune is `overall_level` of the means."""
    choices = st.sampled_from([1, 2, 3, 4, 5, None, SANS_OBJET])
    grades = st.sampled_from(["declare", "documente", "mesure", None])
    told = {one: data.draw(st.lists(st.tuples(choices, grades), min_size=5, max_size=5)) for one in POINTS}
    rows = [
        (point, "commune", step, grade)
        for one, of in told.items()
        for point, (step, grade) in zip(POINTS[one], of, strict=True)
    ]
    pupils = pd.Series({"A": 88})
    found = assess_maturity(workbook_of({"maturite": answered(*rows)}), unmeasured, pupils, 2026)

    levels = {one: dimension_level(*zip(*of, strict=True)) for one, of in told.items()}
    steps = {one: [step for step, _ in of if isinstance(step, int)] for one, of in told.items() if levels[one]}
    enough = len(steps) >= 5
    assert [plain(level) for level in found.dimensions["level"]] == list(levels.values())
    assert found.level == (overall_level([float(np.mean(of)) for of in steps.values()], levels) if enough else None)
    assert found.median_level == (overall_level([median(of) for of in steps.values()]) if enough else None)
    assert found.measured_level == found.level
    assert found.dimensions["measured_score"].equals(found.dimensions["score"])
    assert 0 <= found.steady <= 1


# What is to be corrected, and what is to be completed.


def test_a_point_is_answered_once_for_a_place(workbook_of: Callable[..., Workbook]) -> None:
    """The second row, of the commune or of a school, is the one to correct; an empty row answers nothing."""
    told = [("debit", "commune", 3), ("debit", "A", 2), ("debit", "A", 2), ("wifi", "commune", None)]
    told += [("wifi", "commune", 1), ("debit", "commune", 4)]
    found = maturity_issues(placed(workbook_of({"maturite": answered(*told)})))

    assert [(one.cell, one.found) for one in found] == [("F7", "A"), ("F10", "Toute la commune")]
    assert {one.expected for one in found} == {"on attend une seule réponse pour ce point et cette école"}
    assert str(found[0]).startswith("feuille Maturité, cellule F7, « A » : on attend")


def test_a_commune_s_point_is_not_a_school_s(workbook_of: Callable[..., Workbook]) -> None:
    """Pilotage, Maintenance and Financement are judged for the commune; twice wrong is told once."""
    told = [("contrat", "A", 3), ("contrat", "A", 3), ("familles", "A", 3), ("budget", "commune", 3)]
    found = maturity_issues(placed(workbook_of({"maturite": answered(*told)})))

    assert [one.cell for one in found] == ["F5", "F6"]
    assert {one.expected for one in found} == {
        "on attend « Toute la commune » : ce point se juge pour la commune entière"
    }


def test_a_sheet_without_fault_is_not_reported(workbook_of: Callable[..., Workbook]) -> None:
    """Empty, or a school beside the commune."""
    assert maturity_issues(workbook_of({})) == ()
    assert maturity_issues(workbook_of({"maturite": answered(("debit", "commune", 3), ("debit", "A", 2))})) == ()


def placed(workbook: Workbook) -> Workbook:
    """The workbook, its columns known as a reader knows them."""
    return replace(workbook, places={"maturite": {"ecole": "F", "echelon": "G"}})


def test_a_dimension_begun_asks_for_the_rest(workbook_of: Callable[..., Workbook]) -> None:
    """Suivi: one step and one « sans objet », so 1 of 4; Pilotage has 3 of 5; nothing else is begun."""
    told = [*whole("suivi", 3, SANS_OBJET), *whole("pilotage", 3, 3, 3)]
    [notice] = maturity_notices(placed(workbook_of({"maturite": answered(*told)})))

    assert notice.startswith(
        "Feuille Maturité, colonne G, « Financement, évaluation, sobriété » : points situés, 1 sur 4"
    )
    assert "60 %" in notice
    assert notice.endswith(
        "Il reste : « Résultats communiqués », « Réemploi et fin de vie du matériel », "
        "« Veille sur les appels à projets »."
    )


@pytest.mark.parametrize(
    "told",
    [
        [],
        whole("suivi", *[SANS_OBJET] * 5),
        whole("suivi", 3, 3, 3),
        [*whole("suivi", *[SANS_OBJET] * 4), ("veille", "commune", 2)],
    ],
)
def test_a_dimension_not_begun_or_answered_asks_for_nothing(
    workbook_of: Callable[..., Workbook], told: list[tuple[Any, ...]]
) -> None:
    """Nor one that has no object."""
    assert maturity_notices(workbook_of({"maturite": answered(*told)})) == ()


def test_the_example_shows_what_differs(study_of: Callable[..., Study]) -> None:
    """Bourg-Exemple: what differs is declared and measured, and every level follows the rules."""
    found = study_of("00001").diagnostic.maturity
    assert found is not None
    differing, scored = found.points[found.points["differs"]], found.dimensions.dropna(subset="score")

    assert differing["measured"].notna().all()
    assert (differing["schools_differ"] >= 1).all()
    assert (scored["low"].fillna(scored["score"]) <= scored["score"]).all()
    assert (scored["score"] <= scored["high"].fillna(scored["score"])).all()
    assert found.points.loc[found.points["measured"].notna(), "step"].notna().all()
    assert (100 * scored["answered"] >= 60 * scored["asked"]).all()
    assert scored["measured_score"].notna().all()
    assert len(scored) >= 5
    assert found.level == overall_level(scored["score"], scored["level"])


def test_the_example_by_hand(study_of: Callable[..., Study]) -> None:
    """Bourg-Exemple: the maternelle has no display to be asked for, the Hameau a list that is not complete.

    Équipements (affichage, poste, mobiles, direction, âge), by pupils: maternelle (71) 3, 1 of two points: 2. Tilleuls
    (218) 4, 2, 2, 3, 1: 2.4. Prés (171) 4, 2, 3, 3, 3: 3. Third (112) 4, 2, 1, 3, 1: 2.2. The Hameau has 2 of 5, the
    sixth 1 of 5. (71 × 2 + 218 × 2.4 + 171 × 3 + 112 × 2.2) / 572 = 1 424.6 / 572.
    Measured, affichage is 2 where it was 4, so 2, 2, 2.6 and 1.8: 1 224.2 / 572.
    Ressources (ENT, ressources, budget, données): 1.5, 2, 2.5 and 1.5 in the same schools: 1 138 / 572.
    """
    found = study_of("00001").diagnostic.maturity
    assert found is not None
    equipements, ressources = found.dimensions.loc["equipements"], found.dimensions.loc["ressources"]

    assert equipements["score"] == pytest.approx(1424.6 / 572)
    assert equipements["measured_score"] == pytest.approx(1224.2 / 572)
    assert equipements[["level", "schools", "low", "high"]].tolist() == [2, 4, 2, 3]
    assert ressources["score"] == pytest.approx(1138 / 572)
    assert found.points.loc["affichage", "schools_differ"] == 3
    assert found.points.loc["production", "evidence"] == "declare"  # documented in the 171 pupils of Prés, of 701
