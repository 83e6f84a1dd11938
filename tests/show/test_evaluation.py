"""The evaluation as it is read: conclusion first, its uncertainty in words, nobody exposed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from pupitre import show
from pupitre.show.html import Html
from pupitre.study import Study
from pupitre.study.evaluation_figures import span_label

NBSP = "\u00a0"
PIECES = ("evaluation", "participation", "quotations", "budget", "done", "deliveries", "returns", "footprint", "limits")
SCOPES = ("mairie", "inspection", "satisfaction")


@pytest.fixture(scope="module")
def bourg(study_of: Callable[..., Study]) -> Study:
    """Bourg-Exemple: two waves of answers, eighteen months of measures."""
    return study_of("00001")


def words(piece: Html) -> str:
    """What is read, spaces made plain."""
    text = BeautifulSoup(piece.markup, "html.parser").get_text(" ").replace(NBSP, " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", text).replace(" .", ".").replace(" ,", ",").replace("’", "'")


def rows(piece: Html) -> list[list[str]]:
    """The cells of a table's body."""
    body = BeautifulSoup(piece.markup, "html.parser").find_all("tbody")[0]
    return [[" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])] for row in body("tr")]


def test_without_a_workbook_nothing_is_shown(study_of: Callable[..., Study]) -> None:
    """No empty heading, no empty table."""
    study = study_of("09194")

    assert [name for name in PIECES if getattr(show, f"show_{name}")(study).markup] == []
    assert [
        scope for scope in SCOPES if show.show_followed(study, scope).markup + show.show_opinions(study, scope).markup
    ] == []


def test_the_conclusion_comes_first(bourg: Study) -> None:
    """Nothing of the plan is in place yet; then how many are on time; the first page gives the values."""
    told, first = words(show.show_evaluation(bourg)), words(show.show_measured(bourg))

    assert told.startswith("Avant le projet. Rien de ce que prévoit le plan n'est encore en place")
    assert "7 indicateurs suivis : 5 à l'heure, 2 pas encore mesurables." in told
    assert "À discuter : à ce rythme, « Attente d'une réparation » manquerait son seuil d'alerte, 5 jours" in told
    assert first.startswith("Avant le projet, depuis le 20 mai 2025 : Classes dont l'affichage sert, de 46 à 58 %")
    assert "Écoles au débit suffisant, toujours 1 (en écoles)" in first


def test_an_indicator_that_changed_is_told_with_its_reason(bourg: Study) -> None:
    """Its first target stands beside the date of the change."""
    told = words(show.show_evaluation(bourg))

    assert "Indicateur changé le 5 juin 2026 : « Attente d'une réparation », cible d'origine 1 (en jours)" in told
    assert "« Le futur contrat de dépannage ne pourra promettre moins de deux jours. »" in told


def test_perimeters_are_apart(bourg: Study) -> None:
    """What the mayor answers for, what teachers and the inspection do, how satisfied people are: each question once."""
    asked = {scope: {row[0] for row in rows(show.show_opinions(bourg, scope))} for scope in SCOPES}
    followed = {scope: {row[0] for row in rows(show.show_followed(bourg, scope))} for scope in SCOPES}

    assert [len(asked[scope]) for scope in SCOPES] == [10, 2, 2]
    assert [len(followed[scope]) for scope in SCOPES] == [4, 2, 1]
    assert not asked["mairie"] & asked["inspection"]


def test_a_share_comes_with_its_margin_and_the_wave_before(bourg: Study) -> None:
    """20 teachers of 30 can count on their devices, 67 %; of 37, 73 % at most could say so; 33 % the year before."""
    [row] = [row for row in rows(show.show_opinions(bourg, "mairie")) if row[0].startswith("Le matériel de ma")]

    assert row[3:] == ["en hausse, plus que le hasard", "30", "67 %", "59 % à 73 %", "33 %"]


def test_pupils_of_a_class_are_alike(bourg: Study) -> None:
    """130 of 172 say that devices work well, 61 % the year before: told, and not tested."""
    [row] = [row for row in rows(show.show_opinions(bourg, "mairie")) if row[0].startswith("Le matériel de l")]

    assert row[1:] == [
        "Élèves, 2026", "non : 42 oui : 130", "écart observé, non testé : les élèves d’une classe se ressemblent",
        "172", "76 %", "73 % à 78 %", "61 %",
    ]  # fmt: skip


def test_near_unanimity_is_told_by_a_bound(bourg: Study) -> None:
    """In 2025, at least 21 teachers of 25 had had no training: 4 at most, 16 %, had had some."""
    [row] = [row for row in rows(show.show_opinions(bourg, "inspection")) if row[0].startswith("Je me suis formé")]

    assert row[-1] == "au plus 16 %"


def test_five_heads_are_not_shown(bourg: Study) -> None:
    """Five answers make no two categories of five; of so few who were asked, not even how many answered."""
    [row] = [row for row in rows(show.show_opinions(bourg, "mairie")) if row[1].startswith("Directions")]

    took_part = rows(show.show_participation(bourg))

    assert row[2:] == ["trop peu pour être montré", "", "", "", "", ""]
    assert [one[3:] for one in took_part if one[0].startswith("Directions")] == [["trop peu de personnes", "", ""]]


def test_no_free_answer_and_no_code_is_shown(bourg: Study) -> None:
    """Only what the consultant chose to quote; what was left out is counted."""
    pieces = [getattr(show, f"show_{name}")(bourg) for name in PIECES]
    pieces += [piece(bourg, scope) for scope in SCOPES for piece in (show.show_followed, show.show_opinions)]
    told, results = " ".join(words(piece) for piece in pieces), str(bourg.summary())
    codes = [code for code in bourg.dossier.workbook.answers.people["code"].dropna()]  # type: ignore[union-attr]

    assert len(codes) > 40
    assert not [code for code in codes if code in told or f"'{code}'" in results]
    assert "Des prises près du tableau" not in told + results
    assert "9 réponses libres, jamais reproduites" in told
    assert "« J'ai enregistré ma voix et ma grand-mère l'a écoutée. »" in told


def test_no_effect_on_learning_is_claimed(bourg: Study) -> None:
    """The page says what it would take."""
    told = words(show.show_limits(bourg))

    assert told.startswith("Aucun effet sur les apprentissages n'est affirmé.")
    assert "1 570 élèves équipés et autant de non équipés ; par classes entières, 6 516 élèves de chaque côté" in told


def test_one_pilot_school_is_not_judged(bourg: Study) -> None:
    """Its row would be its mark: the page says why there is none."""
    told = " ".join(words(show.show_opinions(bourg, scope)) for scope in SCOPES)

    assert "pilotes" not in told
    assert "Écoles pilotes : elles ne sont pas comparées aux autres. Il faudrait 3 écoles" in words(
        show.show_limits(bourg)
    )


def test_dimensions_have_scores_and_no_mark_of_the_whole(bourg: Study) -> None:
    """Four bars, four scores, nothing that adds them."""
    told = words(show.show_returns(bourg))

    for label in ("Citoyen", "Économique", "Social", "Environnemental"):
        assert label in told
    assert "ensemble" not in told


def test_duties_of_reuse_are_held_against_their_year(bourg: Study) -> None:
    """9 of 14 devices in 2026 against 50 %, 4 900 € of 31 400 € in 2025 against 20 %; the untold is not judged."""
    table = BeautifulSoup(show.show_footprint(bourg).markup, "html.parser").find_all("tbody")[1]
    told = [[cell.get_text().replace(NBSP, " ") for cell in row.find_all(["th", "td"])] for row in table("tr")]

    assert told == [
        ["2025", "aucun réformé", "50 %", "", "15,6 %", "20 %", "non"],
        ["2026, en cours", "64,3 %", "50 %", "oui, à ce jour", "non renseigné", "20 %", ""],
    ]


def test_a_chart_of_answers_not_tested_claims_no_comparison(bourg: Study) -> None:
    """Pupils alone: nothing was held against luck, and the title does not say that nothing passed it."""
    found = bourg.evaluation
    assert found is not None
    pupils = tuple(one for one in found.internal if one.groupe == "eleves")
    study = replace(bourg)
    study.__dict__["evaluation"] = replace(found, internal=pupils)
    told = words(show.show_opinions(study, "mairie"))

    assert "Les réponses favorables à propos des usages et de l'équipement, question par question" in told
    assert "que le hasard" not in told


def test_a_span_of_notes_reads_as_a_span() -> None:
    """Two neighbours, then more."""
    steps = ("Jamais", "Rarement", "Souvent")

    assert [span_label(span, steps) for span in ((3, 3), (1, 2), (1, 3))] == [
        "souvent", "jamais ou rarement", "de jamais à souvent",
    ]  # fmt: skip
