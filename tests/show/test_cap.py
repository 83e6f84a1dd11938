"""The chapter that a council reads: what it says of Bourg-Exemple, and of a commune that said nothing yet."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from pupitre import show
from pupitre.cap.answers import Cap, set_cap
from pupitre.data.codes import FICTIONAL
from pupitre.data.sheets import sheet, typed
from pupitre.formats import NBSP
from pupitre.show import charts_cap
from pupitre.show.html import Html
from pupitre.study import Study, compute_study

StudyOf = Callable[..., Study]
PIECES: dict[str, Callable[[Study], Html]] = {
    name: getattr(show, f"show_{name}")
    for name in (
        "maturity", "cap", "vote", "before_vote", "voices", "objectives", "orientation", "governance", "calendar",
        "indicators", "priorities",
    )
}  # fmt: skip
Answers = dict[str, dict[int, dict[str, object]]]


@pytest.fixture(scope="module")
def bourg(study_of: StudyOf) -> Study:
    """The commune that answered."""
    return study_of(FICTIONAL)


@pytest.fixture(scope="module")
def answered(bourg: Study) -> Callable[[Answers], Study]:
    """The same with other answers in the sheets of the cap, and none in those that are not given."""

    def _answered(answers: Answers) -> Study:
        workbook = bourg.dossier.workbook
        assert workbook is not None
        blank = ("maturite", "concertation", "objectifs", "orientation", "gouvernance", "responsabilites", "calendrier",
                 "indicateurs", "priorites")  # fmt: skip
        tables = {key: typed(sheet(key), answers.get(key, {})) for key in blank}
        told = replace(workbook, tables={**workbook.tables, **tables})
        return compute_study(replace(bourg.dossier, workbook=told), bourg.law, bourg.assumptions)

    return _answered


def words(piece: Html) -> str:
    """What is read, spaces made plain."""
    text = BeautifulSoup(piece.markup, "html.parser").get_text(" ").replace(NBSP, " ")
    return re.sub(r"\s+", " ", text).replace(" .", ".").replace(" ,", ",")


def rows(piece: Html, rank: int = 0) -> list[list[str]]:
    """The cells of a table."""
    body = BeautifulSoup(piece.markup, "html.parser").find_all("tbody")[rank]
    return [[cell.get_text().replace(NBSP, " ") for cell in row.find_all(["th", "td"])] for row in body("tr")]


def svg_of(uri: str) -> str:
    """The drawing."""
    return base64.b64decode(uri.partition("base64,")[2]).decode()


def test_the_profile_comes_before_any_level(bourg: Study) -> None:
    """Eight bars, then the level, then what it is worth."""
    read = words(show.show_maturity(bourg))

    assert (
        read.index("Les dimensions vont de 2,0 à 2,5")
        < read.index("Le profil de maturité")
        < read.index("Niveau d’ensemble")
    )
    assert read.index("Niveau d’ensemble") < read.index("la façon de compter")
    assert len(rows(show.show_maturity(bourg), 1)) == 8


def test_a_dimension_half_answered_is_not_assessed(bourg: Study) -> None:
    """Two points of five: no score, no level, and it is said."""
    [told] = [row for row in rows(show.show_maturity(bourg), 1) if row[0] == "Compétences et accompagnement"]

    assert told[1:5] == ["non évaluable", "", "", "2 sur 5"]
    assert "Compétences et accompagnement : non évaluable. À renseigner" in words(show.show_maturity(bourg))


def test_what_is_measured_differs_visibly_from_what_is_declared(bourg: Study) -> None:
    """Displays declared at 4, measured at 2 in every school that is known."""
    gaps = {row[0]: row[1:] for row in rows(show.show_maturity(bourg), 2)}

    assert gaps["Affichage collectif par classe"][:2] == ["4,0", "2,0"]
    assert gaps["Affichage collectif par classe"][2].endswith("écoles")
    assert gaps["Délai de rétablissement"] == ["4,0", "2,0", "la commune"]
    assert f"{len(gaps)} points sont déclarés autrement" in words(show.show_maturity(bourg))


def items(piece: Html) -> list[str]:
    """The lines of a list."""
    return [item.get_text().replace(NBSP, " ") for item in BeautifulSoup(piece.markup, "html.parser")("li")]


def test_what_the_council_would_vote_comes_with_its_cost(bourg: Study, answered: Callable[[Answers], Study]) -> None:
    """Plan and letter, budget line of the first year, aid and gifts before any order; the elected one is known here."""
    told = " ".join(items(show.show_vote(bourg)))

    assert "Approuver le plan d’orientation" in told
    assert "Désigner" not in told
    assert "de fonctionnement en 2027" in told
    assert "Autoriser la demande de subvention et la convention de mécénat, avant toute commande." in told
    assert "par an en moyenne" in told
    assert "si rien n’est accordé" in told
    assert show.show_vote(answered({})).markup == ""


def test_what_must_be_settled_before_a_vote_is_listed(bourg: Study) -> None:
    """Who was not heard, what was asked in vain, what is not written nor measured, what ends too soon, what is late."""
    told = items(show.show_before_vote(bourg))

    assert told[0] == "À entendre : opérateurs ; périscolaire."
    assert told[1].startswith(
        "Sujets sans objectif : « Le même matériel dans les deux écoles du bourg. » (directions d’é"
    )
    assert told[2].startswith(
        "Objectif sans besoin entendu : « Ouvrir le matériel au club du soir » (tous n’ont pas été"
    )
    assert told[3] == "À écrire dans le plan : volet numérique du PEDT."
    assert told[4].startswith("Le projet éducatif de territoire (PEDT) finit avant le projet, le 31 août 2028")
    assert told[5].count("«") == 2
    assert told[6] == "Aucun indicateur ne mesure : satisfaction des élèves."
    assert told[7] == "Objectif qu’aucun indicateur ne suit : « Ouvrir le matériel au club du soir »."
    assert told[8] == "L’inventaire est à finir : 1 école n’a pas répondu, 1 école a répondu en partie."
    assert len(told) == 9


def test_a_milestone_past_its_day_is_asked_about_unless_it_is_done(answered: Callable[[Answers], Study]) -> None:
    """The report is of 22 November 2026."""
    past = {"jalon": "Inventaire relu", "echeance": date(2026, 10, 16)}
    asked = "Échéance passée : « Inventaire relu ». Est-ce fait ?"
    open_, done = ({"calendrier": {5: past | more}} for more in ({}, {"fait_le": date(2026, 11, 5)}))

    assert asked in items(show.show_before_vote(answered(open_)))
    assert asked not in items(show.show_before_vote(answered(done)))


def test_a_project_of_five_years_ends_on_the_eve_of_its_anniversary(
    bourg: Study, answered: Callable[[Answers], Study]
) -> None:
    """From 1 September 2026 for five years: 31 August 2031; from 29 February, 28 February; not told, not known."""
    leap = answered({"orientation": {0: {"debut": date(2028, 2, 29), "duree": 1}}}).cap
    vague = answered({"orientation": {0: {"debut": date(2028, 2, 29)}}}).cap

    assert bourg.figures["orientation.fin"] == "2031-08-31"
    assert leap is not None
    assert leap.last_day == date(2029, 2, 28)
    assert vague is not None
    assert vague.last_day is None


def test_no_school_is_named_beside_pupils_with_special_needs(answered: Callable[[Answers], Study]) -> None:
    """A few children could be recognised; another objective keeps its school."""
    goal = {"objectif": "Lire", "ecole": "0000021Y", "rang": 1}
    shown = [
        words(show.show_objectives(answered({"objectifs": {5: {**goal, **kind}}})))
        for kind in ({"theme": "inclusion"}, {"public": "particuliers"}, {"theme": "materiel"})
    ]

    assert ["Tilleuls" in text for text in shown] == [False, False, True]


def test_a_plan_without_a_gap_has_only_the_inventory_to_finish(answered: Callable[[Answers], Study]) -> None:
    """Everyone heard, all that is asked answered, all that is promised measured."""
    groups = [key for key in sheet("concertation").column("groupe").choices if key != "autre"]
    texts = {one.key: "Écrit." for one in sheet("orientation").columns if one.kind == "text"}
    scopes = sheet("indicateurs").column("perimetre").choices
    promise = {"definition": "Une", "objectif": 1, "depart": 2.0, "cible": 5.0, "cible_le": date(2028, 1, 1)}
    study = answered({
        "concertation": {
            row: {"groupe": group, "theme": "materiel", "besoin": "Du matériel."} for row, group in enumerate(groups, 5)
        },
        "objectifs": {5: {"rang": 1, "objectif": "Équiper", "theme": "materiel"}},
        "orientation": {0: texts},
        "indicateurs": {row: {"indicateur": key, "perimetre": key, **promise} for row, key in enumerate(scopes, 5)},
    })  # fmt: skip

    assert [line.partition(" :")[0] for line in items(show.show_before_vote(study))] == ["L’inventaire est à finir"]
    assert words(show.show_cap(study)).startswith("« Écrit. » 1 objectif, 5 indicateurs, et rien n’est encore validé")


def test_people_of_one_meeting_count_once(answered: Callable[[Answers], Study], bourg: Study) -> None:
    """Twenty-one teachers asked for three things on one day: 21 people, with 5, 143, 6 and 48 others."""
    meeting = {"groupe": "parents", "theme": "materiel", "besoin": "x", "personnes": 10}
    twice = answered(
        {"concertation": {5: meeting, 6: {**meeting, "theme": "temps"}, 7: {**meeting, "forme": "atelier"}}}
    )
    unsaid = answered({"concertation": {5: {**meeting, "personnes": None}}})

    assert bourg.figures["cap.people"] == 21 + 5 + 143 + 6 + 48
    assert twice.figures["cap.people"] == 20
    assert unsaid.figures["cap.people"] is None
    assert "entendue" not in words(show.show_cap(unsaid))


def test_an_answer_is_shown_as_it_was_written(answered: Callable[[Answers], Study]) -> None:
    """Markup, braces, stars and bars of a town hall are its text, wherever they come."""
    hostile = "<b>a</b> {nom} **fort** | b [[c]] {{ d }}"
    study = answered({
        "concertation": {5: {"groupe": "parents", "theme": "materiel", "besoin": hostile}},
        "objectifs": {5: {"rang": 1, "objectif": hostile, "finalite": hostile, "reprend": hostile, "public": "tous"}},
        "orientation": {0: {"ambition": hostile, "pedt_volet": hostile}},
        "gouvernance": {5: {"comite": "pilotage", "membres": hostile}},
        "calendrier": {5: {"jalon": hostile, "echeance": date(2027, 1, 1)}},
        "indicateurs": {5: {"indicateur": hostile, "perimetre": "usages", "definition": hostile, "unite": hostile,
                            "cible": 5.0, "cible_le": date(2028, 1, 1)}},
    })  # fmt: skip
    for name in ("cap", "voices", "objectives", "orientation", "governance", "calendar", "indicators", "before_vote"):
        markup = PIECES[name](study).markup
        soup = BeautifulSoup(re.sub(r'src="data:[^"]*"', "", markup), "html.parser")

        assert hostile in soup.get_text().replace(NBSP, " "), name
        assert not soup.find("b"), name
        assert not [tag for tag in soup("strong") if "fort" == tag.get_text()], name


def test_a_commune_without_a_workbook_sees_what_is_to_be_filled(study_of: StudyOf) -> None:
    """The eight sheets, and not one empty table."""
    study = study_of("09194")
    strong = BeautifulSoup(show.show_to_fill(study).markup, "html.parser")("strong")

    assert [item.get_text() for item in strong] == [
        "Maturité", "Concertation", "Objectifs", "Plan d’orientation", "Gouvernance", "Responsabilités", "Calendrier",
        "Indicateurs",
    ]  # fmt: skip
    assert [name for name, piece in PIECES.items() if piece(study).markup] == []


def test_what_is_still_empty_in_a_workbook_is_said(answered: Callable[[Answers], Study]) -> None:
    """One sheet filled, seven to fill; the measures of the inventory alone already draw a profile."""
    study = answered({"objectifs": {5: {"rang": 1, "objectif": "Équiper"}}})
    strong = BeautifulSoup(show.show_to_fill(study).markup, "html.parser")("strong")

    assert "Objectifs" not in {item.get_text() for item in strong}
    assert len(strong) == 7
    assert "mesuré" in words(show.show_maturity(study))
    assert rows(show.show_objectives(study))[0][:2] == ["1. Équiper", "à écrire"]


def test_an_empty_workbook_shows_no_empty_table(answered: Callable[[Answers], Study]) -> None:
    """Neither plan, nor committee, nor list to settle; the inventory still ranks the schools."""
    study = answered({})
    silent = [name for name, piece in PIECES.items() if not piece(study).markup]

    assert silent == [name for name in PIECES if name not in ("maturity", "priorities")]


def test_each_milestone_has_its_date_and_the_day_of_the_report_its_line() -> None:
    """Dates in words beside the marks; a milestone without a start is a diamond alone; one milestone is enough."""
    drawn = svg_of(charts_cap.milestones(["A", "B"], [date(2026, 9, 1), None], [date(2027, 1, 5), date(2028, 3, 1)],
                                         date(2026, 11, 22)))  # fmt: skip
    alone = svg_of(charts_cap.milestones(["A"], [None], [date(2026, 11, 22)], date(2026, 11, 22)))

    assert f"5{NBSP}janvier{NBSP}2027" in drawn
    assert [year in drawn for year in (">2027<", ">2028<", ">2026<")] == [True, True, False]
    assert f"22{NBSP}novembre{NBSP}2026" in alone


def test_a_bar_starts_at_one_and_an_unknown_one_says_so() -> None:
    """The scale is from 1 to 5: a score of 1 is no length."""
    drawn = svg_of(charts_cap.scores_by_dimension(["A", "B"], [2.5, None], [1.0, None], [4.0, None]))

    assert ">2,5<" in drawn
    assert ">non évaluable<" in drawn


def test_the_order_of_schools_says_what_it_owes_to_the_weights(bourg: Study) -> None:
    """The first comes first in eight draws in ten; each criterion has its weight in its header."""
    read = words(show.show_priorities(bourg))
    first = rows(show.show_priorities(bourg))[0]

    assert "passe en premier dans 82 % des essais" in read
    assert "École la moins équipée (poids : 30 % )" in read
    assert first[:3] == ["Élémentaire du Vieux Lavoir", "1", "77 %"]
    assert "non un jugement sur les écoles" in read


def test_one_criterion_alone_gives_an_order_that_no_weight_moves(answered: Callable[[Answers], Study]) -> None:
    """Whatever its weight, it weighs all."""
    study = answered({"priorites": {5: {"critere": "couverture", "poids": 7.0}}})

    assert "un seul critère compte" in words(show.show_priorities(study))


def test_two_schools_alike_are_both_first(answered: Callable[[Answers], Study]) -> None:
    """No school comes before another of the same score: both are named, and nothing is said steady."""
    study = answered({"priorites": {5: {"critere": "projet", "poids": 7.0}}})

    assert study.figures["priority.steady"] is False
    assert "À égalité en tête : " in words(show.show_priorities(study))


def test_the_cap_is_that_of_its_workbook(bourg: Study) -> None:
    """Nothing of it but from the sheets: the same workbook gives the same cap."""
    workbook = bourg.dossier.workbook
    assert workbook is not None
    again = set_cap(workbook, bourg.diagnostic, bourg.law.day.year)

    assert isinstance(bourg.cap, Cap)
    pd.testing.assert_frame_equal(again.milestones, bourg.cap.milestones)
    assert again.orientation == bourg.cap.orientation


def test_a_point_declared_without_object_and_measured_says_both(answered: Callable[[Answers], Study]) -> None:
    """« Sans objet » stands where there is no number, beside what the inventory says."""
    study = answered({"maturite": {5: {"point": "delai", "ecole": "commune", "echelon": "sans_objet"}}})

    assert rows(show.show_maturity(study), 2) == [["Délai de rétablissement", "sans objet", "2,0", "la commune"]]
