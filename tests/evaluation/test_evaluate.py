"""What was promised against what is measured, put together for a whole commune."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from pupitre.evaluation.anonymity import THRESHOLDS
from pupitre.evaluation.evaluate import Evaluation
from pupitre.study import Study

StudyOf = Callable[..., Study]


@pytest.fixture(scope="module")
def bourg(study_of: StudyOf) -> Evaluation:
    """The evaluation of Bourg-Exemple."""
    found = study_of("00001").evaluation
    assert found is not None
    return found


def test_a_commune_without_workbook_has_no_evaluation(study_of: StudyOf) -> None:
    """Nothing was promised, nothing is measured."""
    study = study_of("09194")

    assert study.evaluation is None
    assert not [name for name in study.figures if name.startswith(("follow.", "survey.", "return.", "footprint."))]


def test_each_indicator_has_its_progress(bourg: Evaluation) -> None:
    """From 46 to 58 on the way to 100: 12 of 54. Waiting fell from 12 to 9 on its way to 2: 3 of 10."""
    told = {one.indicateur: one for one in bourg.progress}

    assert told["Classes dont l'affichage sert"].progress == pytest.approx(12 / 54)
    assert told["Attente d'une réparation"].progress == pytest.approx(3 / 10)
    assert told["Élèves de CM2 qui ont publié"].state == "not_measurable"
    assert told["Satisfaction des enseignants"].state == "on_time"


def test_an_indicator_that_changed_is_kept_in_both_versions(bourg: Evaluation) -> None:
    """One day, then two: the first target is still there."""
    [former] = bourg.former.to_dict("records")
    [current] = [one for one in bourg.progress if one.indicateur == "Attente d'une réparation"]

    assert (former["cible"], former["replaced_on"], current.target) == (1, date(2026, 6, 5), 2)


@pytest.mark.parametrize("edition", ["maire", "public"])
def test_every_printed_category_holds_the_threshold_of_its_edition(bourg: Evaluation, edition: str) -> None:
    """Five people for the mayor, eleven for the inhabitants; bounds leave as many possible values."""
    told = bourg.internal if edition == "maire" else bourg.public
    shown = [one.released for one in told if one.released]
    cells = [count for one in shown for count in one.counts]

    assert len(shown) > 10
    assert min(cells) >= THRESHOLDS[edition]
    assert all(one.answers - one.at_least[1] >= THRESHOLDS[edition] - 1 for one in shown if one.at_least)


def test_inhabitants_read_nothing_by_school(bourg: Evaluation) -> None:
    """Nor of pilot schools; the mayor may, where every cell holds: not here, where one school alone is a pilot."""
    assert not [one for one in bourg.public if one.released and (one.released.schools or one.released.sides)]
    assert not [one for one in bourg.internal if one.released and one.released.sides]
    assert len(bourg.pilots) == 1


def test_the_returns_read_what_surveys_and_budget_say(bourg: Evaluation) -> None:
    """143 parents of 432; 22 250 € spent of 23 500 € voted; 8 devices of the 10 expected by then."""
    values = bourg.returns.indicators["value"]

    assert values["parents_response"] == pytest.approx(143 / 432)
    assert values["budget_rate"] == pytest.approx(22_250 / 23_500)
    assert values["delivered_rate"] == pytest.approx(8 / 10)
    assert 0.5 < values["pupils_favourable"] < 1


def test_satisfaction_is_that_of_its_own_questions(bourg: Evaluation) -> None:
    """Teachers: E7 alone measures it, 17 of 29; pupils: L4, 122 of 165; no other question counts."""
    values = bourg.returns.indicators["value"]

    assert values["teachers_favourable"] == pytest.approx(17 / 29)
    assert values["pupils_favourable"] == pytest.approx(122 / 165)


def test_nothing_is_due_before_the_project_begins(bourg: Evaluation) -> None:
    """It begins on 1 September 2026: of 1 123 days to the target, 70 are gone on 10 November, 6 %."""
    told = {one.indicateur: one for one in bourg.progress}

    assert told["Classes dont l'affichage sert"].expected == pytest.approx(70 / 1123)
    assert told["Écoles au débit suffisant"].expected == 0
    assert bourg.before
