from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup, Tag

from pupitre.show import show_questions
from pupitre.study import Study
from pupitre.study.editions import is_public
from pupitre.study.texts import macros

StudyOf = Callable[..., Study]
REAL = ("00001", "09194", "13028", "09220", "92062")


def answers(study: Study) -> dict[str, str]:
    """The answer to each question, as it is read."""
    told: dict[str, str] = {}
    question = ""
    for line in BeautifulSoup(show_questions(study).markup, "html.parser").find_all(["dt", "dd"]):
        text = re.sub(r"[\u00a0\u202f]", " ", line.get_text())
        question = text if line.name == "dt" else question
        told[question] = "" if line.name == "dt" else f"{told[question]} {text}".strip()
    return told


def about(study: Study, word: str) -> str:
    """The answer to the only question that holds a word, empty when there is none."""
    found = [answer for question, answer in answers(study).items() if word in question]
    assert len(found) <= 1
    return "".join(found)


@pytest.mark.parametrize("code", REAL)
def test_each_question_is_answered(code: str, study_of: StudyOf) -> None:
    """Five to seven, each a question with its answer, as a term and what is said of it."""
    told = answers(study_of(code))
    page = BeautifulSoup(show_questions(study_of(code)).markup, "html.parser")

    assert 5 <= len(told) <= 7
    assert all(question.endswith("?") and answer.endswith(".") for question, answer in told.items())
    assert isinstance(page.dl, Tag)
    assert {child.name for child in page.dl.children if isinstance(child, Tag)} == {"dt", "dd"}


@pytest.mark.parametrize("code", REAL)
def test_the_inhabitants_may_read_every_figure(code: str, study_of: StudyOf) -> None:
    """The same words stand in both editions: no price of a line, nothing of one school."""
    names = re.findall(r'data-figure="([^"]+)"', show_questions(study_of(code)).markup)

    assert names
    assert [name for name in names if not is_public(name)] == []
    assert not [name for name in names if name.startswith("school.")]


def test_wifi_says_what_the_schools_do(study_of: StudyOf) -> None:
    """Two of the five schools that told have it; one can be cut, one council was informed; the rest is to be done."""
    told = about(study_of("00001"), "Wi-Fi")

    assert "2 écoles ont le Wi-Fi, sur 5 dont on le sait" in told
    assert "Il se coupe dans 1 école ; le conseil d’école a été informé dans 1 école. Le reste est à régler" in told
    assert "6 970 € de plus, dans le cas central." in told
    assert "Aujourd’hui" not in about(study_of("09194"), "Wi-Fi")
    assert "sans compter les bornes" in about(study_of("09194"), "Wi-Fi")


def test_what_is_not_official_is_to_be_checked(study_of: StudyOf) -> None:
    """The law, the measure, the campaign: read in secondary sources, and each says so."""
    study = study_of("09194")
    told = about(study, "Wi-Fi")

    for name in ("wifi_loi", "wifi_mesure", "wifi_campagne"):
        assert study.law.figure(name).confidence == "secondary"
        assert f"{study.law.text(name)} (à vérifier)".replace("'", "’") in told


def test_by_cable_nobody_is_exposed(study_of: StudyOf) -> None:
    """A programme without Wi-Fi answers no, and no family brings a device to it."""
    study = study_of("09194", wifi=False)

    assert about(study, "Wi-Fi").startswith("Non : le programme proposé relie tout par câble.")
    assert "familles volontaires" not in about(study, "acheter")
    assert "familles volontaires" in about(study_of("09194"), "acheter")


def test_taxes_in_points_only_when_the_base_is_known(study_of: StudyOf) -> None:
    """Bourg-Exemple tells its base; Mirepoix does not, and the answer says what is missing."""
    known, unknown = about(study_of("00001"), "impôts"), about(study_of("09194"), "impôts")

    assert "0,95 point (de 0,72 à 1,40)" in known
    assert "25 € par foyer et par an, de 19 € à 37 €" in known
    assert "selon les prix" in known
    assert "On ne sait pas encore" in unknown
    assert "point" not in unknown
    assert "selon l’existant et les prix" in unknown


def test_the_project_is_judged_once_it_has_objectives(study_of: StudyOf) -> None:
    """At the threshold of the inhabitants, not of the mayor."""
    assert "6 objectifs" in about(study_of("00001"), "utile")
    assert "11 personnes au moins" in about(study_of("00001"), "utile")
    assert about(study_of("09194"), "utile") == ""


def test_old_devices_are_those_that_the_programme_replaces(study_of: StudyOf) -> None:
    """As many as the funding chapter says; nothing is counted when none is known."""
    study = study_of("00001")

    assert study.figures["programme.to_reuse"] == study.figures["leaving.total.to_reuse"]
    assert "43 appareils sur 5 ans" in about(study, "anciens")
    assert "Ici" not in about(study_of("09194"), "anciens")


def test_nothing_to_ask_without_a_programme(study_of: StudyOf) -> None:
    """No school, no question; each answer has its macro."""
    assert show_questions(study_of("35361")).markup == ""
    assert sum(name.startswith("question_") for name in macros()) == 7
