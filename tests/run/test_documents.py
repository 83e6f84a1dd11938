from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import pytest
from docx.document import Document as Docx
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from pupitre.cap.documents import PLAIN
from pupitre.data.codes import FICTIONAL
from pupitre.data.sheets import sheet, typed
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.assumptions import Assumptions
from pupitre.formats import about, day, written
from pupitre.law import baremes
from pupitre.run.documents import DOCUMENTS, document_lines, write_documents
from pupitre.study import Study, compute_study

StudyOf = Callable[..., Study]
MIREPOIX = "09194"
LETTER, PLAN, DEPLOYMENT = DOCUMENTS
NBSP = "\u00a0"
HEADINGS = {
    LETTER: [
        "Article 1. Les signataires", "Article 2. L’objet", "Article 3. Le périmètre de chacun",
        "Article 4. Les engagements communs", "Article 5. La durée et la révision", "Article 6. Les signatures",
    ],
    PLAN: [
        "1. L’ambition", "2. Le point de départ", "3. Les besoins entendus", "4. Les objectifs",
        "5. Le périmètre d’action", "6. Le public visé", "7. L’aménagement du territoire",
        "8. La collaboration et la coopération", "9. Le temps de l’école et hors de l’école",
        "10. Les projets existants et les projets d’école", "11. Le volet numérique du projet éducatif de territoire",
        "12. Le comité d’orientation et la validation",
    ],
    DEPLOYMENT: [
        "1. L’horizon", "2. La logique de mise en œuvre", "3. Les jalons",
        "4. Le comité de pilotage et la correction des erreurs", "5. Qui fait quoi",
        "6. Les indicateurs et l’évaluation", "7. Le programme, année par année",
        "8. Le financement et la ligne budgétaire", "9. La maintenance", "10. L’appel à projets",
        "11. La communication", "12. L’approbation",
    ],
}  # fmt: skip
COMMITMENTS = {
    "Diagnostiquer": [
        "inventaire", "compétences", "associations et les entreprises proches", "conseiller municipal",
        "référents numériques", "délégation académique",
    ],
    "Fixer un cap": ["enseignants", "parents", "élèves", "périscolaires", "ont à apprendre", "projets que les écoles"],
    "Cadrer": ["collégiales", "comité de pilotage", "dès qu’elle est vue", "Données des élèves : [À compléter"],
    "Évaluer": [
        "mesures et des avis", "fixés avant de commencer", "ni les enseignants ni les écoles", "anonymes",
        "Le maire en répond pour les usages, l’équipement et les ressources",
        "Les enseignants et l’inspection en répondent pour ce que les élèves y gagnent", "satisfaction",
    ],
    "Choisir par appel à projets": ["maire donne l’élan", "consultées", "fournisseurs", "largement"],
    "Entretenir": ["opérateur avant le déploiement", "c’est lui qui l’assure", "hiérarchie reconnaît", "compensé"],
    "Financer": ["moyens de la commune", "ligne de son budget"],
    "Communiquer": ["écoles qui participent", "habitants"],
}  # fmt: skip
TABLES = {
    LETTER: [["Signataire", "Nom et qualité", "Date", "Signature"]],
    PLAN: [
        ["Qui", "Besoin exprimé", "Comment"],
        ["Rang", "Objectif", "Finalité pédagogique", "Public et temps", "Projet repris"],
        ["Signataire", "Nom et qualité", "Date", "Signature"],
    ],
    DEPLOYMENT: [
        ["Jalon", "Étape", "Dates", "Après", "Responsable"],
        ["Action", "Réalise (R)", "Décide (A)", "Est consulté (C)", "Est informé (I)"],
        ["Indicateur et définition", "Départ", "Cible", "Seuil d’alerte", "Tenu par"],
        ["Année", "Investissement", "Fonctionnement", "Total", "Du cas bas au cas haut"],
        ["École", "…", "Total"],
        ["Matériel ou câblage", "…"],
        ["Montant", "Cas central", "Du cas bas au cas haut"],
        ["Signataire", "Nom et qualité", "Date", "Signature"],
    ],
}
SIGN, MONEY, ITEMS, SCHOOLS, YEARS = range(-1, -6, -1)  # tables of the deployment, from its end
SENTENCES = {
    (LETTER, "Article 1. Les signataires"): [
        "signent cette lettre avant le déploiement :",
        "La commune, représentée par son maire : les élus, et les services sous son autorité.",
        "[À compléter : directeur académique (DASEN), recteur, ou inspecteur ayant délégation de signature]",
        "ne signent pas à ce titre.",
        "L’opérateur signe après l’attribution du marché, par avenant. Avant, les fournisseurs sont entendus à "
        "égalité, et aucun n’a de voix dans un comité.",
    ],
    (LETTER, "Article 2. L’objet"): ["« Programme Numérique Écoles 92 » (Puteaux et rectorat de Versailles, 2013)"],
    (LETTER, "Article 3. Le périmètre de chacun"): [
        "un seul acteur décide",
        "Avis et information : voir le tableau « Qui fait quoi » du document de déploiement.",
    ],
    (DEPLOYMENT, "4. Le comité de pilotage et la correction des erreurs"): [
        "Le comité se réunit aussi quand un indicateur, relevé à sa date, n’a pas atteint son seuil d’alerte."
    ],
    (DEPLOYMENT, "5. Qui fait quoi"): ["Données des élèves : [À compléter"],
    (DEPLOYMENT, "7. Le programme, année par année"): [
        "Montants arrondis à l’euro : les sommes peuvent s’en écarter d’un euro."
    ],
    (DEPLOYMENT, "8. Le financement et la ligne budgétaire"): [
        "Ce document n’ouvre pas de crédits : chaque budget les vote."
    ],
    (DEPLOYMENT, "12. L’approbation"): ["Avis du comité de pilotage : [À compléter : date du relevé de décisions]"],
}
Written = Mapping[str, Docx]


@pytest.fixture(scope="module")
def folder_of(study_of: StudyOf, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of the documents of a commune, written once."""
    folders: dict[str, Path] = {}

    def _folder(code: str) -> Path:
        if code not in folders:
            folders[code] = tmp_path_factory.mktemp(f"documents-{code}")
            write_documents(study_of(code), folders[code])
        return folders[code]

    return _folder


@pytest.fixture(scope="module")
def written_of(folder_of: Callable[[str], Path]) -> Callable[[str], Written]:
    """The documents of a commune by name, as another program reads them."""
    return lambda code: {name: docx.Document(str(folder_of(code) / f"{name}.docx")) for name in DOCUMENTS}


@pytest.fixture(scope="module")
def blank(study_of: StudyOf) -> Callable[..., Study]:
    """The fictional commune with the workbook that a test says: `blank(objectifs=[{…}])`, or an empty one."""

    def _study(**told: list[dict[str, object]]) -> Study:
        tables = {
            key: typed(sheet(key), dict(enumerate(rows, 0 if sheet(key).layout == "form" else 5)))
            for key, rows in told.items()
        }
        dossier = study_of(FICTIONAL).dossier
        workbook = Workbook(FICTIONAL, "x.xlsx", "", None, tables, ())
        return compute_study(replace(dossier, workbook=workbook), baremes.on(dossier.on), Assumptions())

    return _study


def paragraphs(document: Docx) -> Iterator[Paragraph]:
    """Every paragraph, those of the cells too."""
    yield from document.paragraphs
    for table in document.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from cell.paragraphs


def said(document: Docx) -> str:
    """All that a document says, a paragraph a line, with plain spaces."""
    return "\n".join(one.text for one in paragraphs(document)).replace(NBSP, " ").replace("\u202f", " ")


def fields(document: Docx) -> list[str]:
    """What is left to write."""
    runs = [run for one in paragraphs(document) for run in one.runs]
    return [run.text for run in runs if run.font.highlight_color == WD_COLOR_INDEX.YELLOW]


def sections(document: Docx, style: str = "Heading 1") -> dict[str, str]:
    """What stands in text under each heading of a style, with plain spaces."""
    told: dict[str, list[str]] = {}
    for one in document.paragraphs:
        assert one.style is not None
        if one.style.name == style:
            told[one.text] = []
        elif told:
            told[list(told)[-1]].append(one.text.replace(NBSP, " "))
    return {title: "\n".join(lines) for title, lines in told.items()}


def sections_of_lines(study: Study, macro: str) -> dict[str, str]:
    """What a document says under each of its headings, as it goes to be written."""
    _, *parts = "\n".join(document_lines(study, macro)).split("\n# ")
    return {title: text for title, _, text in (part.partition("\n") for part in parts)}


def rows_of(document: Docx, table: int) -> list[list[str]]:
    """The cells of a table, its header left out."""
    cells = [
        [cell.text.replace(NBSP, " ").replace("\u202f", " ") for cell in row.cells]
        for row in document.tables[table].rows
    ]
    return cells[1:]


def plain(text: str) -> str:
    """A text with plain spaces and our apostrophes."""
    return text.replace("'", "’").replace(NBSP, " ").replace("\u202f", " ")


def lowered(label: str) -> str:
    """A label inside a sentence."""
    return plain(label[0].lower() + label[1:])


def euros(cell: str) -> list[int]:
    """The amounts of a cell."""
    return [int(amount.replace(" ", "")) for amount in re.findall(r"([\d ]+) €", cell)]


def headers(study: Study, name: str) -> list[list[str]]:
    """The headers of the tables of a document; « … » stands for the years in which something is bought."""
    assert study.programme is not None
    lines = study.programme.lines
    years = sorted({str(year) for year in lines.loc[lines["section"] == "investissement", "year"]})
    return [[cell for title in header for cell in (years if title == "…" else [title])] for header in TABLES[name]]


@pytest.mark.parametrize("code", [FICTIONAL, MIREPOIX])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_document_has_its_headings_and_its_tables(
    code: str, name: str, study_of: StudyOf, written_of: Callable[[str], Written]
) -> None:
    """The charter's own lists, whatever is known; each table repeats its header."""
    document = written_of(code)[name]

    assert list(sections(document)) == HEADINGS[name]
    assert [[cell.text for cell in table.rows[0].cells] for table in document.tables] == headers(study_of(code), name)
    assert all(table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None for table in document.tables)
    assert "(Institut Montaigne, charte de bonnes pratiques, mars 2016)" in said(document)


@pytest.mark.parametrize("code", [FICTIONAL, MIREPOIX])
def test_the_letter_holds_every_principle_and_practice(code: str, written_of: Callable[[str], Written]) -> None:
    """Four principles, four practices, in their order, each with what it asks for."""
    told = sections(written_of(code)[LETTER], "Heading 2")

    assert list(told)[-len(COMMITMENTS) :] == list(COMMITMENTS)
    for principle, words in COMMITMENTS.items():
        for word in words:
            assert word in told[principle], principle


@pytest.mark.parametrize("code", [FICTIONAL, MIREPOIX])
def test_the_sentences_that_bind_stand_where_they_must(code: str, written_of: Callable[[str], Written]) -> None:
    """Who signs and when, what a vote opens, what an alert does: whatever the workbook says."""
    for (name, title), sentences in SENTENCES.items():
        told = sections(written_of(code)[name])[title]
        for sentence in sentences:
            assert sentence in told, title


def test_each_actor_has_its_perimeter(study_of: StudyOf, written_of: Callable[[str], Written]) -> None:
    """What each decides and does, in the order of the sheet's columns; only said to be heard or told when it is."""
    cap, told = study_of(FICTIONAL).cap, sections(written_of(FICTIONAL)[LETTER], "Heading 2")
    assert cap is not None
    actors = [column.key for column in sheet("responsabilites").columns[1:]]
    labels = sheet("responsabilites").column("action").choices

    assert len(told) == len(actors) + len(COMMITMENTS)
    for actor, lines in zip(actors, told.values(), strict=False):
        given = cap.duties[actor].dropna()
        for role, letter in {"Décision": "A", "Réalisation": "R"}.items():
            held = [lowered(labels[str(action)]) for action, letters in given.items() if letter in letters]
            assert re.findall(rf"^{role} : (.+)\.$", lines, re.MULTILINE) == [" ; ".join(held)] * bool(held)
        assert ("Avis ou information seulement." in lines) == (len(given) > 0 and given.isin(["C", "I"]).all())
        assert ("[À compléter" in lines) == given.empty


def test_the_commune_signs_once_and_a_committee_does_not(written_of: Callable[[str], Written]) -> None:
    """The mayor may chair a committee: it is asked for an opinion. The State signs by who has the power to."""
    documents = written_of(FICTIONAL)
    signing = [row[0] for row in rows_of(documents[LETTER], SIGN)]
    state, school = (rows_of(documents[LETTER], SIGN)[rank][1] for rank in (1, 2))

    assert signing == [
        "Pour la commune", "Pour l’Éducation nationale", "Pour les directions d’école", "Pour les enseignants",
        "Pour les équipes périscolaires", "Pour l’opérateur, par avenant", "Pour les parents d’élèves",
    ]  # fmt: skip
    assert "délégation de signature" in state
    assert "après avis du conseil d’école : [À compléter : date]" in school
    for name in (PLAN, DEPLOYMENT):
        assert [row[0] for row in rows_of(documents[name], SIGN)] == ["Pour la commune"]


def test_what_has_no_decider_is_asked_for(blank: Callable[..., Study]) -> None:
    """An action of the sheet without an A; those that the sheet does not name are fields of the table."""
    study = blank(responsabilites=[{"action": "formation", "mairie": "R"}, {"action": "choix", "services": "AR"}])
    letter, deployment = (
        [plain(line) for line in document_lines(study, macro)] for macro in ("lettre_commune", "document_deploiement")
    )
    labels = sheet("responsabilites").column("action").choices

    assert f"[[À compléter : qui décide, et répond du résultat, pour {lowered(labels['formation'])}]]" in letter
    assert f"| {plain(labels['formation'])} | Élus | [[…]] | – | –" in deployment
    assert f"| {plain(labels['choix'])} | Services | Services | – | –" in deployment
    assert f"| {plain(labels['communication'])} | [[…]] | [[…]] | [[…]] | [[…]]" in deployment


def test_several_who_hold_a_role_are_one_phrase(written_of: Callable[[str], Written]) -> None:
    """« Services, directions »: a capital at the first word only."""
    cells = [cell for row in rows_of(written_of(FICTIONAL)[DEPLOYMENT], 1) for cell in row[1:]]

    assert any(", " in cell for cell in cells)
    assert [cell for cell in cells if cell != cell.capitalize()] == []


def test_who_remains_to_be_heard_is_said_where_all_are_said_to_be(blank: Callable[..., Study]) -> None:
    """All but those whose needs are written; nothing once everybody was heard."""
    groups = {key: label for key, label in sheet("concertation").column("groupe").choices.items() if key != "autre"}
    voice = {"theme": "materiel", "besoin": "Un besoin."}

    def left(*heard: str) -> list[str]:
        study = blank(concertation=[voice | {"groupe": key} for key in heard])
        return re.findall(r"restent à entendre : (.+?)\]", plain("\n".join(document_lines(study, "lettre_commune"))))

    assert left("parents") == [", ".join(lowered(label) for key, label in groups.items() if key != "parents")]
    assert left(*groups) == []


def test_no_school_is_named_where_a_few_pupils_would_be_recognised(blank: Callable[..., Study]) -> None:
    """Neither on a need on inclusion, nor on an objective on inclusion or for pupils with particular needs."""
    school = blank().diagnostic.schools.iloc[0]
    wish, goal = {"groupe": "parents", "besoin": "B", "ecole": school["uai"]}, {"objectif": "O", "ecole": school["uai"]}
    study = blank(
        concertation=[wish | {"theme": "inclusion"}, wish | {"theme": "materiel"}],
        objectifs=[
            goal | {"rang": 1, "theme": "inclusion", "public": "tous"},
            goal | {"rang": 2, "theme": "materiel", "public": "particuliers"},
            goal | {"rang": 3, "theme": "materiel", "public": "tous"},
            goal | {"rang": 4},
        ],
    )
    rows = [line for line in document_lines(study, "plan_orientation") if line.startswith("| ")]
    shown = [row.split(" |")[0] for row in rows if plain(school["nom"]) in plain(row.replace(PLAIN, ""))]

    assert shown == ["| Parents", "| 3", "| 4"]


def test_what_the_workbook_says_is_in_the_documents(study_of: StudyOf, written_of: Callable[[str], Written]) -> None:
    """Every need, objective, milestone and indicator in its order; ambition, horizon and dates in words."""
    study, documents = study_of(FICTIONAL), written_of(FICTIONAL)
    cap = study.cap
    assert cap is not None
    plan, deployment = documents[PLAN], documents[DEPLOYMENT]
    heard, goals, steps, measures = rows_of(plan, 0), rows_of(plan, 1), rows_of(deployment, 0), rows_of(deployment, 2)

    assert sorted(row[1] for row in heard if "À compléter" not in row[1]) == sorted(map(plain, cap.voices["besoin"]))
    assert [row[1] for row in goals] == list(map(plain, cap.objectives["objectif"]))
    assert [row[0] for row in steps] == list(map(plain, cap.milestones["jalon"]))
    assert len(measures) == len(cap.indicators)
    for row, name in zip(measures, cap.indicators["indicateur"], strict=True):
        assert row[0].startswith(plain(name))
    assert plain(cap.orientation["ambition"]) in said(plan)
    groups = sheet("concertation").column("groupe").choices
    assert [row[0] for row in heard if "À compléter : à entendre" in row[1]] == [groups[key] for key in cap.unheard]


def test_a_milestone_and_an_indicator_say_their_dates_and_values(blank: Callable[..., Study]) -> None:
    """From the start to the end, or a day alone; value with its unit, then its date; what is not said is a field."""
    study = blank(
        calendrier=[
            {"jalon": "Pose", "phase": "deployer", "debut": date(2027, 1, 1), "echeance": date(2027, 7, 5)},
            {"jalon": "Vote", "echeance": date(2027, 8, 1), "apres": "Pose", "responsable": "inspection"},
        ],
        indicateurs=[
            {"indicateur": "Usage", "perimetre": "usages", "definition": "Classes", "unite": "%", "depart": 12.5,
             "depart_le": date(2026, 1, 2), "cible": 60, "cible_le": date(2029, 6, 30), "responsable": "services"},
            {"indicateur": "Débit", "perimetre": "equipement", "definition": "D", "cible": 100,
             "cible_le": date(2028, 1, 1), "alerte": 50},
        ],
    )  # fmt: skip
    lines = [line.replace(NBSP, " ") for line in document_lines(study, "document_deploiement")]

    assert "| Pose | Déployer | du 1er janvier 2027\nau 5 juillet 2027 | – | [[…]]" in lines
    assert "| Vote | [[…]] | 1er août 2027 | Pose | Inspection" in lines
    assert (
        "| **Usage** (usages)\nClasses | 12,5 %\nle 2 janvier 2026 | 60 %\npour le 30 juin 2029 | [[…]] | Services"
        in lines
    )
    assert "| **Débit** (équipements et ressources)\nD | [[…]] | 100\npour le 1er janvier 2028 | 50 | [[…]]" in lines


def test_without_a_workbook_what_is_known_stands_and_the_rest_are_fields(
    study_of: StudyOf, written_of: Callable[[str], Written]
) -> None:
    """Mirepoix: its schools, its pupils, its estimate; no objective, no date, nobody's perimeter."""
    study, documents = study_of(MIREPOIX), written_of(MIREPOIX)
    plan, deployment = said(documents[PLAN]), said(documents[DEPLOYMENT])

    assert study.cap is None
    assert "École élémentaire publique Jean Jaures, École maternelle publique Jean Jaures." in said(documents[LETTER])
    assert "Les écoles publiques comptent 191 élèves, à la rentrée 2024." in plan
    assert "C’est une estimation" in plan
    assert "Elle suppose que les écoles n’ont rien aujourd’hui." in deployment
    assert "exemple fictif" not in (plan + deployment).lower()
    for name, least in {LETTER: 20, PLAN: 30, DEPLOYMENT: 80}.items():
        assert len(fields(documents[name])) >= least, name
        assert all(re.fullmatch(r"\[(…|À\u00a0compléter\u00a0: .{3,})\]", field) for field in fields(documents[name]))


def test_the_programme_adds_up_and_shows_its_range(study_of: StudyOf, written_of: Callable[[str], Written]) -> None:
    """Each year, then the total, in euros; the way of paying is the one that the study advises."""
    study = study_of(MIREPOIX)
    years, money = (rows_of(written_of(MIREPOIX)[DEPLOYMENT], table) for table in (YEARS, MONEY))
    assert study.programme is not None
    assert study.advice is not None

    assert [row[0] for row in years] == [*map(str, study.programme.years), "Total"]
    for part in (1, 2, 3):
        assert sum(euros(row[part])[0] for row in years[:-1]) == pytest.approx(euros(years[-1][part])[0], abs=3)
    for row in [*years, *money]:
        assert euros(row[-1])[0] <= euros(row[-2])[0] <= euros(row[-1])[-1], row
    amounts = {row[0]: euros(row[1])[0] for row in money}
    for label, name in {
        "Reste à charge de la commune": "reste_a_charge_eur",
        "Reste à charge par an, si rien n’est accordé": "per_year_alone_eur",
        f"À avancer en {study.programme.start_year}": "first_year_cash_eur",
    }.items():
        assert amounts[label] == round(study.figures[f"plan.{study.advice.best}.central.{name}"])  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [FICTIONAL, MIREPOIX])
def test_what_is_bought_adds_up_by_school_and_by_year(
    code: str, study_of: StudyOf, written_of: Callable[[str], Written]
) -> None:
    """Each school that receives something; rows and columns sum to the investment; quantities are those bought."""
    study, document = study_of(code), written_of(code)[DEPLOYMENT]
    schools, bought = rows_of(document, SCHOOLS), rows_of(document, ITEMS)
    assert study.programme is not None
    lines = study.programme.lines
    served = set(study.programme.by_school["uai"])
    by_year = lines[lines["section"] == "investissement"].groupby("year")["quantity_central"].sum()
    names = study.diagnostic.schools.set_index("uai")["nom"]
    amounts = [[sum(euros(cell)) for cell in row[1:]] for row in schools]

    assert [row[0] for row in schools[:-1]] == [
        plain(names[uai]) for uai in study.diagnostic.needs.index if uai in served
    ]
    assert amounts[-1][-1] == round(study.programme.ttc("central", "investissement"))
    for row in [*amounts, *zip(*amounts, strict=True)]:
        assert sum(row[:-1]) == pytest.approx(row[-1], abs=len(row))
    counted = [sum(int(row[rank]) for row in bought if row[rank] != "–") for rank in range(1, len(bought[0]))]
    assert counted == list(by_year)


@pytest.mark.parametrize("code", [FICTIONAL, MIREPOIX])
def test_a_range_of_one_amount_is_one_amount(code: str, study_of: StudyOf) -> None:
    """« 5 500 € », never « 5 500 € à 5 500 € »."""
    lines = document_lines(study_of(code), "document_deploiement")

    assert not [line for line in lines if re.search(r"([\d\u202f]+\u00a0€) à \1", line)]
    assert [line for line in lines if re.search(r"[\d\u202f]+\u00a0€ à [\d\u202f]+\u00a0€", line)]


@pytest.mark.parametrize("ceiling", [20_000, 60_000, 1_000_000])
def test_a_ceiling_is_said_to_hold_only_where_it_does(ceiling: int, study_of: StudyOf) -> None:
    """In the central case by construction; the years of the high case that pass it are named."""
    study = study_of(MIREPOIX, ceiling_eur_per_year=ceiling)
    told = plain(sections_of_lines(study, "document_deploiement")["2. La logique de mise en œuvre"])
    assert study.programme is not None
    over = {
        year: amount
        for year in study.programme.years
        if (amount := study.figures[f"programme.high.investissement.{year}_eur"]) > ceiling  # type: ignore[operator]
    }
    said_over = ", ".join(f"{about(amount)} en {year}" for year, amount in over.items())  # type: ignore[arg-type]

    assert f"tenir {plain(about(ceiling))} d’investissement par an, dans le cas central." in told
    assert re.findall(r"le plafond serait dépassé : (.+?)\.", told) == ([plain(said_over)] if over else [])


def test_the_letter_holds_until_the_project_ends(blank: Callable[..., Study]) -> None:
    """Until the day that follows from its start and its length; asked for when one of them is not known."""
    known = blank(orientation=[{"debut": date(2026, 9, 1), "duree": 3}])
    ends, asked = (
        sections_of_lines(study, "lettre_commune")["Article 5. La durée et la révision"] for study in (known, blank())
    )

    assert f"La lettre vaut de sa signature au {day(str(known.figures['orientation.fin']))}." in ends
    assert "La lettre vaut de sa signature au [[À" in asked


def test_the_start_says_what_is_known_of_the_inventory_and_of_maturity(study_of: StudyOf) -> None:
    """How many schools, how many of them half told; the level with what it rests on, or a field."""
    study = study_of(FICTIONAL)
    plan, letter = ("\n".join(document_lines(study, macro)) for macro in ("plan_orientation", "lettre_commune"))
    half = written(
        study.figures["inventory.incomplete"], "inventaire reste à compléter|inventaires restent à compléter"
    )
    level, assessed = study.figures["maturity.level"], study.figures["maturity.assessed"]

    assert study.figures["inventory.incomplete"]
    assert half in plan
    assert half in letter
    assert (
        f"niveau {level} sur cinq, d’après {assessed} dimensions sur {study.figures['maturity.dimensions']}"
        in plain(plan)
    )
    assert "**Maturité**\u00a0: [[À" in "\n".join(document_lines(study_of(MIREPOIX), "plan_orientation"))


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({}, "le socle numérique de l’État (2021)"),
        ({"target": "montaigne"}, "la cible de huit tablettes par classe (Institut Montaigne, 2016)"),
        ({"cible_affichage": 2}, "la cible choisie par la commune"),
    ],
    ids=["socle", "montaigne", "own"],
)
def test_the_target_has_a_name(told: dict[str, object], name: str, study_of: StudyOf) -> None:
    """The State's, the Institut Montaigne's, or the commune's own."""
    plan = "\n".join(document_lines(study_of(MIREPOIX, **told), "plan_orientation"))

    assert f"Atteindre {name} coûterait" in plan


def test_a_sigle_is_explained_where_it_first_stands(study_of: StudyOf) -> None:
    """« l'inspecteur de l'Éducation nationale (IEN) », in each document that uses it."""
    for macro in DOCUMENTS.values():
        text = "\n".join(document_lines(study_of(MIREPOIX), macro))
        for sigle in {"IEN", "ERUN", "DASEN", "PEDT"} & set(re.findall(r"[A-Z]{3,}", text)):
            assert text[text.index(sigle) - 1] == "(", (macro, sigle)


def test_only_the_steering_committee_is_told_of_weeks(study_of: StudyOf) -> None:
    """The charter's rhythm is that of the follow-up, not of those who set the course."""
    plan, deployment = (
        "\n".join(document_lines(study_of(MIREPOIX), macro)) for macro in ("plan_orientation", "document_deploiement")
    )

    assert "chaque semaine" in deployment
    assert "chaque semaine" not in plan


def test_a_fictional_example_says_so_on_every_page(written_of: Callable[[str], Written]) -> None:
    """In the title, at the head and at the foot; once is enough in the text."""
    for document in written_of(FICTIONAL).values():
        assert said(document).lower().count("exemple fictif") == 2
        assert "exemple fictif" in document.paragraphs[0].text
        assert document.paragraphs[1].text.startswith("Exemple fictif")
        assert "exemple fictif" in document.sections[0].footer.paragraphs[0].text


def test_nobody_is_named(study_of: StudyOf, written_of: Callable[[str], Written]) -> None:
    """Neither a name nor an address of the sheet Contacts, nor who filled the workbook; names to sign are fields."""
    workbook = study_of(FICTIONAL).dossier.workbook
    assert workbook is not None
    contacts = workbook.table("contacts")
    personal = {str(text).lower() for column in ("nom", "courriel") for text in contacts[column].dropna()}
    documents = written_of(FICTIONAL)

    assert len(personal) >= 5
    for document in documents.values():
        assert not [text for text in personal if text in said(document).lower()]
        assert all(row[1].startswith("[À compléter") and row[2:] == ["", ""] for row in rows_of(document, -1))


@pytest.mark.parametrize("code", ["09032", "09122", "09220", "09225", "13028", "92062", "32258"])
def test_every_commune_gets_its_documents(code: str, study_of: StudyOf) -> None:
    """Small, large, without a list of schools: no hole, no brace, no identifier, no doubled sign."""
    for macro in DOCUMENTS.values():
        for line in document_lines(study_of(code), macro):
            assert not re.search(r"non connu|\b(?:None|nan|NaT)\b|[{}]|  |\.\.|\b\d{7}[A-Z]\b|_", line), line


def test_an_empty_workbook_is_like_none_but_for_the_schools(blank: Callable[..., Study], study_of: StudyOf) -> None:
    """Nothing is said: as many fields as without one, plus nothing invented."""
    study = blank()
    for macro in ("lettre_commune", "plan_orientation", "document_deploiement"):
        told, none = ("\n".join(document_lines(one, macro)) for one in (study, study_of(MIREPOIX)))
        assert told.count("[[") == none.count("[["), macro


HOSTILE = "# [[x]] **y** | {z} & <b> - 'fin'"


def test_a_hostile_workbook_is_read_as_text(blank: Callable[..., Study], tmp_path: Path) -> None:
    """Signs of ours, braces and markup are printed as they were written, in sentences and in cells."""
    form = {column.key: HOSTILE for column in sheet("orientation").columns if column.kind == "text"}
    study = blank(
        orientation=[form],
        objectifs=[{"rang": 1, "objectif": HOSTILE, "finalite": HOSTILE, "reprend": HOSTILE}],
        concertation=[{"groupe": "parents", "theme": "materiel", "besoin": HOSTILE}],
        gouvernance=[{"comite": "pilotage", "membres": HOSTILE}],
        calendrier=[{"jalon": HOSTILE, "echeance": date(2027, 1, 1)}],
        indicateurs=[{"indicateur": HOSTILE, "perimetre": "usages", "definition": HOSTILE, "unite": "| x", "cible": 1,
                      "cible_le": date(2028, 1, 1)}],
    )  # fmt: skip
    write_documents(study, tmp_path)
    told = {name: docx.Document(str(tmp_path / f"{name}.docx")) for name in DOCUMENTS}
    printed = HOSTILE.replace("'", "’")

    for name, times in {PLAN: len(form) + 4, DEPLOYMENT: 4}.items():
        assert said(told[name]).count(printed) == times
        assert list(sections(told[name])) == HEADINGS[name]
        assert [len(table.columns) for table in told[name].tables] == [len(header) for header in headers(study, name)]
        assert not [field for field in fields(told[name]) if "x" in field and "…" not in field and "À" not in field]


def test_same_study_same_bytes(study_of: StudyOf, folder_of: Callable[[str], Path], tmp_path: Path) -> None:
    """Written again, each file is the same."""
    write_documents(study_of(FICTIONAL), tmp_path)

    for path in tmp_path.iterdir():
        assert path.read_bytes() == (folder_of(FICTIONAL) / path.name).read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.docx" for name in DOCUMENTS}


def needs(*programs: str) -> None:
    """Skip a test whose program is not installed; in CI, fail."""
    for program in programs:
        if shutil.which(program) is None:
            if os.environ.get("CI") == "true":
                pytest.fail(f"{program} is not installed: see .ci/apt.txt")
            pytest.skip(f"needs {program}: see .ci/apt.txt")


def squeezed(text: str) -> str:
    """Without spaces nor hyphens, which a page may add or take."""
    return re.sub(r"[\s\u00ad\u2010•\uf0b7-]+", "", text)


@pytest.mark.parametrize("code", [FICTIONAL, MIREPOIX])
def test_libreoffice_opens_them_and_prints_every_paragraph(
    code: str, folder_of: Callable[[str], Path], written_of: Callable[[str], Written], tmp_path: Path
) -> None:
    """Nothing is lost between the file and the page; every page says its number and how many there are."""
    needs("soffice", "pdftotext")
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf"]
    files = [folder_of(code) / f"{name}.docx" for name in DOCUMENTS]
    subprocess.run([*command, "--outdir", tmp_path, *files], check=True, capture_output=True, timeout=180)
    for name, document in written_of(code).items():
        pdf = tmp_path / f"{name}.pdf"
        shown = subprocess.run(["pdftotext", "-raw", pdf, "-"], check=True, capture_output=True, text=True).stdout
        pages = shown.split("\f")[:-1]
        title = squeezed(document.core_properties.title)
        printed = "".join(re.sub(rf"{re.escape(title)}\d+/\d+", "", squeezed(page)) for page in pages)

        assert 2 <= len(pages) <= 7
        for rank, page in enumerate(pages, 1):
            assert f"{title}{rank}/{len(pages)}" in squeezed(page)
        assert not [one.text for one in paragraphs(document) if squeezed(one.text) not in printed]
