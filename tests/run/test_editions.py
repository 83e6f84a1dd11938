"""The three editions of a study: what each says, to whom, and what it keeps back."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from bs4 import BeautifulSoup

from pupitre.data.project import Consultant
from pupitre.errors import ReportError
from pupitre.run.page import render
from pupitre.show.ecole import schools_with_page
from pupitre.study import Study
from pupitre.study.editions import is_public, rule_of

if TYPE_CHECKING:
    Report = Any

LARGEST = {"rapport.html": 400_000, "public.html": 300_000}
QUESTIONS = ["Ce que cela doit apporter", "Les outils et les usages", "Ce qui est proposé", "Vos questions"]
PIXEL = b64decode(b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def page_of(report: Report, name: str) -> BeautifulSoup:
    """A page of a report, parsed."""
    return BeautifulSoup((report.folder / name).read_text(encoding="utf-8"), "html.parser")


def figures_of(page: BeautifulSoup) -> set[str]:
    """The names of the figures that a page prints, whole."""
    return {(row["data-of"] if (row := one.find_parent(attrs={"data-of": True})) else "*").replace(
            "*", one["data-figure"]) for one in page.find_all("data")}  # fmt: skip


def notebook(title: str, markup: str) -> nbformat.NotebookNode:
    """An executed notebook of one section."""
    output = nbformat.v4.new_output("display_data", data={"text/html": markup})
    cells = [nbformat.v4.new_markdown_cell(f"# {title}"), nbformat.v4.new_code_cell(outputs=[output])]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.fixture
def example(report_of: Callable[[str], Report]) -> Report:
    """The commune whose workbook is whole."""
    return report_of("00001")


@pytest.mark.parametrize("code", ["00001", "13028"])
def test_each_figure_that_the_inhabitants_do_not_get_has_its_rule(
    code: str, report_of: Callable[[str], Report]
) -> None:
    """Withheld, for a reason that is written; or open to them, and left out for they need it less."""
    mayor, public = (figures_of(page_of(report_of(code), name)) for name in LARGEST)
    absent = mayor - public
    withheld = {name for name in absent if not is_public(name)}

    assert {name for name in public if not is_public(name)} == set()
    assert withheld
    assert all(rule_of(name).why for name in withheld)
    assert absent - withheld <= {name for name in mayor if is_public(name)}


def test_a_figure_that_is_not_for_them_is_never_printed(study_of: Callable[..., Study]) -> None:
    """Whatever a notebook shows: the report fails rather than say it."""
    wrong = notebook("En bref", '<p><data value="1" data-figure="school.0130419K.ips">1</data></p>')

    with pytest.raises(ReportError, match="ips"):
        render(study_of("13028"), [wrong], "public")


def test_the_inhabitants_read_the_four_questions(example: Report) -> None:
    """In the order of the campaign: what it brings, which tools, what is proposed, their questions."""
    titles = [title.get_text().replace("’", "'") for title in page_of(example, "public.html").main.find_all("h2")]

    assert titles == ["En bref", *QUESTIONS, "Sources", "Glossaire"]


def test_no_person_no_quotation_no_supplier_leaves_the_town_hall(
    example: Report, study_of: Callable[..., Study]
) -> None:
    """Neither for the inhabitants nor for a school."""
    workbook = study_of("00001").dossier.workbook
    assert workbook is not None
    told = {sheet: workbook.table(sheet) for sheet in ("contacts", "paroles", "livraisons", "services")}
    secret = {
        *told["contacts"]["nom"].dropna(),
        *told["contacts"]["courriel"].dropna(),
        *told["paroles"]["texte"].dropna(),
        *told["livraisons"]["fournisseur"].dropna(),
        *told["services"]["prestataire"].dropna(),
    }
    pages = [path for path in example.folder.glob("*.html") if path.name != "rapport.html"]

    assert len(secret) > 5
    assert len(pages) == 7
    for path in pages:
        text = page_of(example, path.name).get_text()
        assert [words for words in secret if words.replace("'", "’") in text or words in text] == []


def test_a_school_reads_of_itself_and_of_the_commune_only(example: Report, study_of: Callable[..., Study]) -> None:
    """One page for each school of the programme; no figure and no name of another."""
    study = study_of("00001")
    names = dict(zip(study.diagnostic.schools["uai"], study.diagnostic.schools["nom"], strict=True))
    schools = schools_with_page(study)

    assert sorted(path.name for path in example.folder.glob("ecole-*.html")) == sorted(
        f"ecole-{uai}.html" for uai in schools
    )
    for uai in schools:
        page = page_of(example, f"ecole-{uai}.html")
        of_schools = {name.split(".")[1] for name in figures_of(page) if name.startswith("school.")}
        assert of_schools <= {uai}
        assert names[uai] in page.h1.get_text()
        assert [name for other, name in names.items() if other != uai and name in page.get_text()] == []


@pytest.mark.parametrize("name", LARGEST)
def test_a_page_is_light(name: str, report: Report) -> None:
    """A mail carries it."""
    assert (report.folder / name).stat().st_size <= LARGEST[name]


def test_each_edition_says_for_whom_it_is(example: Report) -> None:
    """Above the title, and at the foot of each sheet."""
    said = {
        name: (page.find(class_="kicker").get_text(), page.style.get_text())
        for name in ("rapport.html", "public.html", "ecole-0000023A.html")
        for page in [page_of(example, name)]
    }

    for name, words in {"rapport": "Rapport au maire", "public": "Édition pour les habitants"}.items():
        kicker, _ = said[f"{name}.html"]
        assert kicker.startswith(words)
    assert "Page de l’école" in said["ecole-0000023A.html"][0]
    assert "Rapport au maire" in said["rapport.html"][1]


def test_the_cover_says_who_establishes_the_report(study_of: Callable[..., Study]) -> None:
    """Name, firm and logo, whose alternative is not empty; nothing when nobody is told."""
    study, told = study_of("09194"), notebook("L'essentiel", "<p>x</p>")
    by = Consultant("Zoé <b>", "Cabinet & Cie", PIXEL, "image/png")
    signed = BeautifulSoup(render(study, [told], consultant=by), "html.parser")
    bare = BeautifulSoup(render(study, [told]), "html.parser")

    assert "2026, par Zoé <b>, Cabinet & Cie" in signed.header.get_text()
    assert signed.header.img["alt"] == "Logo de Cabinet & Cie"
    assert b64decode(signed.header.img["src"].partition("base64,")[2]) == PIXEL
    assert bare.header.img is None
    assert ", par" not in bare.header.get_text()


def test_the_consultant_speaks_first_in_his_chapters(study_of: Callable[..., Study]) -> None:
    """Under his own heading; a chapter that he does not write of has none, and one that had nothing is there for it."""
    study = study_of("09194")
    chapters = [notebook("Diagnostic", "<p>calcul</p>"), notebook("Cap", "")]
    page = BeautifulSoup(render(study, chapters, notes={"Cap": "Attendre **mars**."}), "html.parser")
    titles = [title.get_text() for title in page.main.find_all(["h2", "h3"])]

    assert titles[:3] == ["Diagnostic", "Cap", "Avis du consultant"]
    assert page.find(class_="opinion").strong.get_text() == "mars"


@pytest.mark.parametrize("title", ['L"île', "</style><script>x", "a\\b\n{}"])
def test_a_title_cannot_leave_the_style_of_the_page(title: str, study_of: Callable[..., Study]) -> None:
    """It is printed at the head of each sheet by a style sheet, where nothing but letters stands as it is."""
    study = study_of("09194")
    commune = replace(study.dossier.commune, nom=title)
    html = render(replace(study, dossier=replace(study.dossier, commune=commune)), [notebook("En bref", "<p>x</p>")])
    [running] = re.findall(r'@top-left ?\{ ?content: "([^"]*)"', html)

    assert re.fullmatch(r"[\w \\]+", running, re.ASCII)
    assert html.count("</style>") == 1
