from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from bs4 import BeautifulSoup, Tag
from nbformat import NotebookNode

from pupitre.data.codes import FICTIONAL
from pupitre.formats import NBSP, SPECS, THIN_NBSP, number, typeset, written
from pupitre.run.page import NOTICE, chapter, outline

if TYPE_CHECKING:
    from collections.abc import Callable

    Report = Any

MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
NOUNS = "école|élève|classe|appareil|prise|an|année|habitant|ménage|commune|foyer|poste|ordinateur|euro|mois"
OF_TEXTS = {"day", "quarter", "text"}
SOURCE_COLUMNS = {"Données", "Millésime", "Licence"}

WITHOUT_A_FIGURE = (
    r"\bloi n°\s\d{4}-\d+( du \d{1,2} \w+ \d{4})?, article \d+",  # a law, by its name
    r"\bAGEC, article \d+",
    rf"\b(1er|\d{{1,2}})[ {NBSP}]({'|'.join(MONTHS)})([ {NBSP}](19|20)\d\d)?\b",  # a date in words
    rf"\b[LR]\.{NBSP}\d+(-\d+)*\b",  # an article of a code
    r"\bCGI, articles? 238 bis( et 200)?|\(CGI, article 200\)|\bRGPD, article \d+",
    r"\b(e-FRAN 3|d’avenir 2|France 2030|cycles 2 et 3)\b",  # a call, a programme, the cycles of the school, by name
    r"\b20\d\d-20\d\d\b",  # a school year
    r"\b(1er|[2-4]e) trimestre 20\d\d\b",  # a quarter
    r"\bmoins de 5\b",  # what statistical secrecy leaves
    r"\b(19|20)\d\d\b",  # a year
    r"\(\d{7}[A-Z]\)",  # the UAI of a school
    r"\bcode INSEE (\d{2}|2[AB])\d{3}\b",
    r"\bM57\b",
    r"\bC[EM][12]\b",  # a level of the school
    r"\bDécile [1-9]\b",
    rf"\bpour (100|1{THIN_NBSP}000)\b",  # a unit
)
"""What a page may write in digits without a name in resultats.json. Accounts are checked apart, sources are quoted."""

ANSWERS = (
    r"^(voice|objective|orientation|committee|milestone|indicator|follow|former|question|quotation)\.(?!.*\.ecole$)"
)
"""The texts of a workbook have a name, and are shown as they were written."""

ENGLISH = (
    "the and of with for from school schools pupil pupils low high unknown missing true false null undefined nan none "
    "traceback error dataframe series warning purchase lease year years cost figure_"
).split()


def text_nodes(soup: BeautifulSoup) -> Iterator[str]:
    """What is read: texts and alternatives, without style."""
    for style in soup.find_all("style"):
        style.decompose()
    yield from (str(node) for node in soup.find_all(string=True) if type(node).__name__ == "NavigableString")
    yield from (str(tag[name]) for tag in soup.find_all(True) for name in ("alt", "aria-label") if tag.has_attr(name))


def block_texts(soup: BeautifulSoup) -> list[str]:
    """The text of each block that is read in one go, its figures in place, and the alternatives."""
    for line_break in soup.find_all("br"):
        line_break.replace_with("\n")
    blocks = soup.find_all(["p", "li", "th", "td", "caption", "figcaption", "summary", "h1", "h2", "h3", "small"])
    alternatives = [str(image["alt"]) for image in soup.find_all("img")]
    return [block.get_text() for block in blocks] + alternatives


def own_words(report: Report) -> list[str]:
    """The blocks of a page, without what it quotes: sources, caveats, names of communes and schools."""
    told = re.compile(rf"\.nom$|{ANSWERS}")  # a text of several words: the key of a choice is none
    quoted = [value for name, value in report.results.items() if told.search(name) and " " in str(value)]
    names = [typeset(str(value)) for value in quoted]
    texts = block_texts(without_sources(report.soup()))
    for name in sorted(names, key=len, reverse=True):
        texts = [text.replace(name, "") for text in texts]
    return [text for text in texts if "<script>" not in text]


def without_sources(soup: BeautifulSoup) -> BeautifulSoup:
    """The page without the cells that quote a source or its label."""
    for cell in soup.select(".groups tbody th"):
        cell.decompose()
    for table in soup.find_all("table"):
        headers = [header.get_text() for header in table.select("thead th")]
        if "Producteur" not in headers:
            continue
        for row in table.select("tbody tr"):
            for header, cell in zip(headers, row.find_all(["th", "td"]), strict=True):
                if header in SOURCE_COLUMNS:
                    cell.decompose()
    return soup


def headings(soup: BeautifulSoup) -> list[Tag]:
    """All headings, in reading order."""
    return list(soup.find_all(re.compile(r"^h[1-6]$")))


def test_a_page_is_a_whole_french_document(report: Report) -> None:
    """Doctype, language, charset, one title, one h1, one main."""
    soup = report.soup()

    assert report.html.startswith("<!DOCTYPE html>")
    assert soup.html["lang"] == "fr"
    assert soup.find("meta", charset=True)["charset"].lower() == "utf-8"
    assert [len(soup.find_all(name)) for name in ("title", "h1", "main", "nav", "body")] == [1, 1, 1, 1, 1]
    assert soup.title.get_text() == soup.h1.get_text()
    assert str(report.results["commune.nom"]) in soup.h1.get_text()


def test_no_heading_skips_a_level(report: Report) -> None:
    """From one heading to the next, one level down at most; the first is the h1."""
    levels = [int(heading.name[1]) for heading in headings(report.soup())]

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert levels.count(1) == 1


def sources(soup: BeautifulSoup) -> list[Tag]:
    """The links to what the dated figures were read in."""
    return list(soup.select("#hypotheses-et-sources ~ .table .groups [scope=rowgroup] > a"))


def test_ids_are_unique_and_every_link_leads_somewhere(report: Report) -> None:
    """An anchor that leads nowhere is a mistake; only the source of a dated figure is outside."""
    soup = report.soup()
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    inside = [link["href"] for link in soup.find_all("a") if link not in sources(soup)]

    assert len(ids) == len(set(ids))
    assert set(inside) <= {f"#{name}" for name in ids}
    assert all(link["href"].startswith("https://") for link in sources(soup))
    assert bool(sources(soup)) is bool(report.run["figures_read"])


def test_the_table_of_contents_is_the_headings(report: Report) -> None:
    """Every heading of the page, in its order, by its text and its id; nothing else."""
    soup = report.soup()
    told = [(link["href"], link.get_text()) for link in soup.nav.find_all("a")]
    read = [(f"#{heading['id']}", heading.get_text()) for heading in headings(soup.main)]

    assert told == read
    assert read[0] == ("#lessentiel", "L’essentiel")
    assert read[-2:] == [("#hypotheses-et-sources", "Hypothèses et sources"), ("#glossaire", "Glossaire")]


def test_no_heading_is_an_orphan(report: Report) -> None:
    """Between a section's heading and the next heading stands something to read besides its introduction."""
    shown = ("table", "figure", "ul")
    main = report.soup().main
    for heading in main.find_all("h3"):
        following = []
        for sibling in heading.find_next_siblings():
            if sibling.name in ("h2", "h3"):
                break
            following.append(sibling)

        assert any(
            tag.name in shown or tag.find(shown) or tag.find("data") or {"advice", "opinion"} & {*tag.get("class", [])}
            for tag in following
        ), heading.get_text()


def test_a_page_forbids_scripts_and_requests(report: Report) -> None:
    """Its policy starts from nothing, and gives leave only to its own images and styles."""
    policy = report.soup().find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    directives = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";")}

    assert directives.pop("default-src") == ["'none'"]
    assert directives.pop("img-src") == ["data:"]
    assert directives.pop("style-src") == ["'unsafe-inline'"]
    assert all(sources == ["'none'"] for sources in directives.values())


def test_a_page_stands_alone(report: Report) -> None:
    """No script, no frame, no handler; no address but its own images and anchors, and sources that wait for a click."""
    soup = report.soup()
    for link in sources(soup):
        link.decompose()
    addresses = [tag[name] for tag in soup.find_all(True) for name in ("src", "href", "srcset") if tag.has_attr(name)]

    assert not soup.find_all(["script", "iframe", "object", "embed", "link", "form", "base"])
    assert not [tag for tag in soup.find_all(True) for name in tag.attrs if name.lower().startswith("on")]
    assert all(address.startswith(("#", "data:image/svg+xml;base64,")) for address in addresses)
    assert "url(" not in report.html
    assert "@import" not in report.html


def test_code_is_absent_rather_than_hidden(report: Report) -> None:
    """No input cell, no parameter, no prompt, no warning of the kernel."""
    for token in ("jp-", "In [", "load_study", "show_", "assumptions", "code_insee", "stderr", "papermill", "Html("):
        assert token not in report.html, token


def test_a_page_says_nothing_of_the_machine(report: Report) -> None:
    """No path, neither of the store nor of the report, in what is handed over."""
    for text in (report.html, *((report.folder / name).read_text() for name in ("resultats.json", "run.json"))):
        assert str(report.store.parent) not in text
        assert str(report.folder) not in text
        assert "/tmp" not in text  # noqa: S108


def test_a_page_weighs_less_than_400_kb(report: Report) -> None:
    """It is sent by e-mail."""
    assert (report.folder / "rapport.html").stat().st_size <= 400_000


def test_images_say_what_they_show(report: Report) -> None:
    """A text alternative of a sentence, a title, and the figures in a table that opens below or stands there."""
    soup = report.soup()
    for image in soup.find_all("img"):
        assert len(image["alt"]) >= 20, image["alt"]
        figure = image.find_parent("figure")
        assert figure.select_one("details table") or figure.find_next_sibling().find("table")
        assert figure.figcaption.get_text(strip=True)


def test_tables_are_captioned_and_scoped(report: Report) -> None:
    """A caption, a scope for every header, a header for every row and column, no ragged row."""
    for table in report.soup().find_all("table"):
        columns = table.select("thead th")

        assert table.caption.get_text(strip=True)
        assert all(header.get_text(strip=True) and header["scope"] == "col" for header in columns)
        for group in table.find_all("th", scope="rowgroup"):
            assert group["colspan"] == str(len(columns))
            assert not group.parent.find_previous_sibling()  # a group is a body of its own
            group.parent.decompose()
        for row in table.select("tbody tr"):
            cells = row.find_all(["th", "td"])
            assert cells[0].name == "th"
            assert cells[0]["scope"] == "row"
            assert cells[0].get_text(strip=True)
            assert len(cells) == len(columns)


def test_what_scrolls_is_named_by_its_caption(report: Report) -> None:
    """Each table and chart, by the words that are read there."""
    soup = report.soup()
    for region in soup.find_all(role="region"):
        caption = soup.find(id=region["aria-labelledby"])

        assert caption is (region.caption or region.find_previous_sibling("figcaption"))
        assert region["tabindex"] == "0"
    assert len(soup.find_all(role="region")) == len(soup.find_all("table")) + len(soup.find_all("img"))


def name_of(figure: Tag) -> str:
    """The name of a figure: what its row says of all, its own word for the star."""
    row = figure.find_parent("tr")
    return (row.get("data-of", "*") if row else "*").replace("*", figure["data-figure"])


def test_every_figure_is_in_the_results_under_its_name(report: Report) -> None:
    """The same value, to the last digit."""
    figures = report.soup().find_all("data")

    assert figures
    for tag in figures:
        assert name_of(tag) in report.results, tag
        assert tag["value"] == str(report.results[name_of(tag)]), tag


def test_what_is_read_is_the_value_written(report: Report) -> None:
    """The text of a figure is its value in one of the ways of writing a number, and no other number."""
    for tag in report.soup().find_all("data"):
        value = float(tag["value"])
        noun = tag.get_text().partition(NBSP)[2].partition(NBSP)[0]
        ways = {written(value, spec) for spec in SPECS if spec not in OF_TEXTS} | {str(int(value))}
        nouns = f"{number(value)}{NBSP}{noun}"

        assert tag.get_text() in ways or tag.get_text().startswith(nouns), tag


def test_what_is_left_in_digits_is_a_date_a_code_or_a_source(report: Report) -> None:
    """Outside `<data>`, every digit belongs to a listed pattern, or to a text that is itself in the results."""
    soup = without_sources(report.soup())
    accounts = {str(value) for name, value in report.results.items() if re.search(r"\.account$|^law\.compte", name)}
    for tag in soup.find_all(["data", "style"]):
        tag.decompose()
    for image in soup.find_all("img"):
        image.decompose()
    quoted = [value for name, value in report.results.items() if re.search(rf"\.nom$|^law\..*\.value$|{ANSWERS}", name)]
    names = [typeset(value) for value in quoted if isinstance(value, str) and len(value) > 3 and not value.isalpha()]
    for text in (str(node) for node in soup.body.find_all(string=True)):
        rest = text
        for name in sorted(names, key=len, reverse=True):
            rest = rest.replace(name, "")
        for pattern in WITHOUT_A_FIGURE:
            rest = re.sub(pattern, "", rest)

        if re.sub(r".*\bcompte ", "", rest.strip()).partition(".")[0] not in accounts | steps(report):
            assert not re.search(r"\d", rest), text


def steps(report: Report) -> set[str]:
    """The steps of a scale, « 4 ou 5 », as a table writes them before their count."""
    labels = [str(value) for name, value in report.results.items() if re.search(r"cell\.\d+\.label$|_label$", name)]
    return {f"{typeset(label)}{NBSP}:" for label in labels}


def test_the_figures_of_an_alternative_are_in_its_table(report: Report) -> None:
    """An alternative cannot mark its figures: each stands, as written, in the figure's own text."""
    for figure in report.soup().find_all("figure"):
        after = figure.find_next_sibling()
        told = figure.get_text() + (after.get_text() if after else "")
        for found in re.findall(rf"\d[\d,{THIN_NBSP}]*", figure.img["alt"]):
            assert found.rstrip(",") in told, figure.img["alt"]


def test_missing_values_are_words(report: Report) -> None:
    """Never what Python writes for nothing, never empty brackets."""
    for text in text_nodes(report.soup()):
        assert not re.search(r"\b(nan|NaN|None|NaT|inf|<NA>|Traceback|undefined)\b", text), text
    for text in own_words(report):
        assert not re.search(r"\(\s*\)|\(\s*[,;)]|\[\s*\]|[{}]", text), text


def test_no_english_and_no_identifier_is_left(report: Report) -> None:
    """Words of the code never reach the mayor."""
    for text in own_words(report):
        words = set(re.findall(r"[a-z_]+", text.lower()))
        assert not words & set(ENGLISH), text
        assert not re.search(r"\b[a-z]+_[a-z_]+\b", text), text


def test_french_spaces(report: Report) -> None:
    """A no-break space before : ; ! ? % € », one after «, a thin one in thousands, the curly apostrophe."""
    for text in own_words(report):
        assert not re.search(r" [:;!?%€»]|« |\d[%€]|[^\W\d_][!?;»]|\w'\w", text), text
        assert not re.search(rf"\d[ {NBSP}]\d{{3}}(?!\d)", text), text
        assert not re.search(r"(?<![\d(])\d{4,}(?=[\s\u00a0](€|élèves|habitants|ménages))", text), text
        assert not re.search(r"\d\.\d", text), text


def test_one_takes_the_singular_and_two_the_plural(report: Report) -> None:
    """« 1 école », « 3 écoles »; a year or a code is not a count."""
    for text in block_texts(report.soup()):
        flat = text.replace(THIN_NBSP, "")
        for noun in re.findall(r"(?<![\d,.])1[ \u00a0]([^\W\d_]+s)\b", flat):
            assert noun in {"mois", "fois", "sans"}, text
        assert not re.search(rf"(?<![\d,])([2-9]|[1-9]\d+)(,\d+)?(\u00a0| |\s\([^)]*\)\s)({NOUNS})\b(?!s)", flat), text


def test_what_agrees_with_one_school_is_singular(report_of: Callable[[str], Report]) -> None:
    """Orlu has one school: nothing is said of « leurs classes » or « des écoles »."""
    for text in block_texts(report_of("09220").soup()):
        assert not re.search(r"\b1\u00a0école publique\b.*\bleurs\b", text), text


def test_hostile_names_are_read_as_they_are(report_of: Callable[[str], Report]) -> None:
    """A name, a caveat and a source's title with markup, quotes, braces and dollars appear as text."""
    report = report_of("35062")
    text = report.soup().get_text()

    assert "<script>document.title=" in text
    assert "& {x} $a_1$" in text
    assert "{nom} incomplète" in text
    assert "Annuaire <b>gras</b> & {titre}" in text
    assert "&amp;lt;" not in report.html


def test_a_commune_without_a_school_gets_its_one_page(empty: Report) -> None:
    """What to ask and to whom, what is not known, the sources; no programme, no chart."""
    soup = empty.soup()

    assert [heading.get_text() for heading in headings(soup.main)] == [
        "L’essentiel",
        "Ce que nous conseillons",
        "Ce que nous ne savons pas",
        "Hypothèses et sources",
        "Glossaire",
    ]
    questions = [
        item.get_text() for item in soup.find("h3", id="ce-que-nous-conseillons").find_next("ul").find_all("li")
    ]
    assert len(questions) == 3
    assert all(question.endswith(f"{NBSP}?") for question in questions)
    assert "RPI" in questions[0]
    assert "SIVOS" in questions[1]
    assert "ntercommunalité" in questions[2]
    assert empty.results["situation"] == "no_school"
    assert not [name for name in empty.results if name.startswith(("plan.", "programme."))]


def test_a_fictional_commune_says_so_at_the_top_and_on_every_printed_page(report_of: Callable[[str], Report]) -> None:
    """A banner before anything else, the same words in the margin of each sheet but the first, and beside the name."""
    report = report_of(FICTIONAL)
    soup = report.soup()
    [banner] = soup.find_all("aside")
    style = soup.style.get_text()

    assert NOTICE.startswith(f"Exemple fictif{NBSP}:")
    assert banner.get_text(strip=True) == NOTICE
    assert banner.find_previous_sibling()["class"] == ["skip"]
    assert banner.find_next_sibling().name == "header"
    assert f'@page{{@top-right{{content: "{NOTICE}"' in style
    assert style.rindex("@page :first") > style.rindex(NOTICE)
    assert "exemple fictif" in soup.find("p", class_="kicker").get_text()


def test_only_the_example_is_called_one(report: Report) -> None:
    """Neither in words nor in style."""
    said = [words in report.html for words in ("fictif", "@top-right", "<aside")]

    assert said == [report.code == FICTIONAL] * 3


def test_a_commune_without_known_schools_is_not_said_to_have_none(report_of: Callable[[str], Report]) -> None:
    """32258: nothing loaded speaks of its schools, so nothing is said of their number, and it is listed as missing."""
    report = report_of("32258")
    text = report.soup().main.get_text()
    missing = report.soup().find("h3", id="ce-que-nous-ne-savons-pas").find_next("ul").get_text()

    assert report.results["situation"] == "schools_unknown"
    assert "n’a pas d’école" not in text
    assert "école" in missing


def test_orlu_says_only_what_is_known(report_of: Callable[[str], Report]) -> None:
    """One school, one class, 14 pupils, no IPS: its section is left out, heading and all."""
    soup = report_of("09220").soup()

    assert "1\u00a0école publique : 14\u00a0élèves dans 1\u00a0classe".replace(" :", "\u00a0:") in soup.main.get_text()
    assert soup.find(id="le-contexte-social-des-ecoles") is None
    assert soup.find(id="les-ecoles") is not None


def code_cell(html: str = "", tags: tuple[str, ...] = ()) -> NotebookNode:
    """A code cell that showed this markup."""
    outputs = [nbformat.v4.new_output("display_data", data={"text/html": html})]
    return nbformat.v4.new_code_cell("call()", outputs=outputs, metadata={"tags": list(tags)})


def prose(source: str, tags: tuple[str, ...] = ()) -> NotebookNode:
    """A markdown cell."""
    return nbformat.v4.new_markdown_cell(source, metadata={"tags": list(tags)})


def kept(*cells: NotebookNode) -> list[str]:
    """What a chapter keeps: the prose, or the markup shown."""
    return [
        cell.source if cell.cell_type == "markdown" else cell.outputs[0]["data"]["text/html"]
        for cell in chapter(nbformat.v4.new_notebook(cells=list(cells)))
    ]


def test_a_section_with_nothing_to_show_leaves_with_its_heading() -> None:
    """Its introduction goes too; its neighbours stay, in their order."""
    cells = [prose("# C"), prose("## A\n\nintro"), code_cell(), prose("## B"), code_cell("<p>b</p>")]

    assert kept(*cells) == ["# C", "## B", "<p>b</p>"]


def test_a_chapter_with_nothing_to_show_leaves_altogether() -> None:
    """Title included."""
    assert kept(prose("# C"), prose("## A"), code_cell(), prose("## B"), code_cell()) == []


@pytest.mark.parametrize("tag", ["parameters", "injected-parameters", "setup", "atelier"])
def test_cells_of_the_workshop_are_not_shown(tag: str) -> None:
    """Even when they show something."""
    assert kept(prose("# C"), code_cell("<p>x</p>", (tag,)), code_cell("<p>y</p>")) == ["# C", "<p>y</p>"]
    assert kept(prose("# C"), prose("pour nous", (tag,)), code_cell("<p>y</p>")) == ["# C", "<p>y</p>"]


def test_the_same_heading_twice_takes_two_ids() -> None:
    """And the outline follows chapters and sections."""
    cells = [prose("# Écoles"), prose("## L'école"), prose("## L'école"), prose("# Écoles")]
    toc = outline(cells)

    assert [(entry["id"], [section["id"] for section in entry["sections"]]) for entry in toc] == [  # type: ignore[attr-defined]
        ("ecoles", ["lecole", "lecole-2"]),
        ("ecoles-2", []),
    ]
    assert cells[1].source.strip() == '<h3 id="lecole">L’école</h3>'
