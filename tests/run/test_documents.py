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

from pupitre.data.codes import FICTIONAL
from pupitre.data.sheets import sheet, typed
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.assumptions import Assumptions
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
    "Diagnostiquer": ["inventaire", "compétences", "conseiller municipal", "délégation académique"],
    "Fixer un cap": ["enseignants", "parents", "élèves", "périscolaires", "ont à apprendre", "projets que les écoles"],
    "Cadrer": ["collégiales", "comité de pilotage", "dès qu’elle est vue"],
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
        ["Montant", "Cas central", "Du cas bas au cas haut"],
        ["Signataire", "Nom et qualité", "Date", "Signature"],
    ],
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


def rows_of(document: Docx, table: int) -> list[list[str]]:
    """The cells of a table, its header left out."""
    cells = [
        [cell.text.replace(NBSP, " ").replace("\u202f", " ") for cell in row.cells]
        for row in document.tables[table].rows
    ]
    return cells[1:]


@pytest.mark.parametrize("code", [FICTIONAL, MIREPOIX])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_document_has_its_headings_and_its_tables(
    code: str, name: str, written_of: Callable[[str], Written]
) -> None:
    """The charter's own lists, whatever is known; each table repeats its header."""
    document = written_of(code)[name]

    assert list(sections(document)) == HEADINGS[name]
    assert [[cell.text for cell in table.rows[0].cells] for table in document.tables] == TABLES[name]
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


def test_each_signatory_has_its_perimeter(study_of: StudyOf, written_of: Callable[[str], Written]) -> None:
    """What the workbook says that each decides, does, is consulted on, is told, in the order of the sheet's columns."""
    cap, told = study_of(FICTIONAL).cap, sections(written_of(FICTIONAL)[LETTER], "Heading 2")
    assert cap is not None
    actors = [column.key for column in sheet("responsabilites").columns[1:]]
    labels = sheet("responsabilites").column("action").choices
    letters = {"Décision et responsabilité du résultat": "A", "Réalisation": "R", "Avis": "C", "Information": "I"}

    assert len(told) == len(actors) + len(COMMITMENTS)
    for actor, lines in zip(actors, told.values(), strict=False):
        for role, letter in letters.items():
            held = [labels[str(action)] for action, given in cap.duties[actor].items() if letter in (given or "")]
            wanted = " ; ".join(label[0].lower() + label[1:] for label in held).replace("'", "’")
            [found] = re.findall(rf"^{role} : (.+)\.$", lines, re.MULTILINE) or [""]
            assert found == wanted, (actor, role)


def test_what_nobody_decides_is_asked_for(blank: Callable[..., Study]) -> None:
    """An action of the sheet without an A; those that the sheet does not name are fields of the table."""
    study = blank(responsabilites=[{"action": "formation", "mairie": "R"}, {"action": "choix", "services": "AR"}])
    letter, deployment = (document_lines(study, macro) for macro in ("lettre_commune", "document_deploiement"))

    assert (
        "[[À compléter : qui décide, et répond du résultat, pour former et accompagner les enseignants]]".replace(
            " :", f"{NBSP}:"
        )
        in letter
    )
    assert "| Former et accompagner les enseignants | Mairie | [[…]] | – | –" in deployment
    assert "| Choisir le matériel et les ressources | Services | Services | – | –" in deployment
    assert "| Communiquer les résultats | [[…]] | [[…]] | [[…]] | [[…]]" in deployment


def test_what_the_workbook_says_is_in_the_documents(study_of: StudyOf, written_of: Callable[[str], Written]) -> None:
    """Every need, objective, milestone and indicator in its order; ambition, horizon and dates in words."""
    study, documents = study_of(FICTIONAL), written_of(FICTIONAL)
    cap = study.cap
    assert cap is not None
    plan, deployment = documents[PLAN], documents[DEPLOYMENT]
    heard, goals, steps, measures = rows_of(plan, 0), rows_of(plan, 1), rows_of(deployment, 0), rows_of(deployment, 2)

    def plain(texts: list[str]) -> list[str]:
        return [text.replace("'", "’").replace(NBSP, " ") for text in texts]

    assert sorted(row[1] for row in heard if "À compléter" not in row[1]) == sorted(plain(list(cap.voices["besoin"])))
    assert [row[1] for row in goals] == plain(list(cap.objectives["objectif"]))
    assert [row[0] for row in steps] == plain(list(cap.milestones["jalon"]))
    assert [row[0].split(" (")[0] for row in measures] == plain(list(cap.indicators["indicateur"]))
    assert plain([cap.orientation["ambition"]])[0] in said(plan)
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
        assert all(re.fullmatch(r"\[(…|À compléter\u00a0: .{3,})\]", field) for field in fields(documents[name]))


def test_the_programme_adds_up_and_shows_its_range(study_of: StudyOf, written_of: Callable[[str], Written]) -> None:
    """Each year, then the total, in euros; the way of paying is the one that the study advises."""
    study = study_of(MIREPOIX)
    years, money = rows_of(written_of(MIREPOIX)[DEPLOYMENT], 3), rows_of(written_of(MIREPOIX)[DEPLOYMENT], 4)
    assert study.programme is not None
    assert study.advice is not None

    def euros(cell: str) -> list[int]:
        return [int(amount.replace(" ", "")) for amount in re.findall(r"([\d ]+) €", cell)]

    assert [row[0] for row in years] == [*map(str, study.programme.years), "Total"]
    for part in (1, 2, 3):
        assert sum(euros(row[part])[0] for row in years[:-1]) == pytest.approx(euros(years[-1][part])[0], abs=3)
    for row in [*years, *money]:
        low, high = euros(row[-1])
        assert low <= euros(row[-2])[0] <= high, row
    [left] = [row for row in money if row[0] == "Reste à charge de la commune"]
    assert euros(left[1])[0] == round(study.figures[f"plan.{study.advice.best}.central.reste_a_charge_eur"])  # type: ignore[arg-type]


def test_a_fictional_example_says_so_on_every_page(written_of: Callable[[str], Written]) -> None:
    """In the title, at the head and at the foot."""
    for document in written_of(FICTIONAL).values():
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
        assert [len(table.columns) for table in told[name].tables] == [len(header) for header in TABLES[name]]
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
