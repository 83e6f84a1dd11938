from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from pupitre.run.lightening import lighter
from pupitre.show.html import Html, picture, table
from pupitre.show.html import text as plain

FIGURES = {
    "plan.achat.low.eur": 1.5, "plan.achat.high.eur": 2.0, "plan.leasing.low.eur": 3, "school.0090313S.pupils": 14,
    "school.0090313S.classes": 1, "on": "2026-11-22",
}  # fmt: skip
LONG = {f"une.façon.de.payer.{end}": rank for rank, end in enumerate("abc")}


def page_of(piece: Html) -> BeautifulSoup:
    """A piece of page as the exporter writes it, lightened."""
    return BeautifulSoup(lighter(str(BeautifulSoup(piece.markup, "html.parser"))), "html.parser")


def rows_of(*rows: list[str]) -> BeautifulSoup:
    """A table of figures, lightened."""
    return page_of(table("c", ["x", "y", "z"], rows, FIGURES | LONG))


def names(page: BeautifulSoup) -> list[tuple[str, str]]:
    """What the row of each figure says, and what the figure says."""
    return [(tag.find_parent("tr").get("data-of", ""), tag["data-figure"]) for tag in page.find_all("data")]


def test_the_words_that_begin_the_names_of_a_row_are_told_once() -> None:
    """Or that end them, and only when it is shorter; each row for itself; put together they are the names."""
    page = rows_of(
        ["A", "{une.façon.de.payer.a} {une.façon.de.payer.b}", "{une.façon.de.payer.c}"],
        ["B", "{school.0090313S.pupils}", "{school.0090313S.classes}"],
        ["C", "{plan.achat.low.eur}", "{plan.leasing.low.eur}"],
        ["D", "{plan.achat.low.eur}", "{plan.achat.high.eur}"],
        ["E", "{plan.achat.low.eur}", ""],
    )

    assert names(page) == [
        *[("une.façon.de.payer.*", end) for end in "abc"],
        ("school.0090313S.*", "pupils"), ("school.0090313S.*", "classes"),
        ("plan.*.low.eur", "achat"), ("plan.*.low.eur", "leasing"),
        ("plan.achat.*.eur", "low"), ("plan.achat.*.eur", "high"),
        ("", "plan.achat.low.eur"),
    ]  # fmt: skip


def test_the_values_and_the_words_stay() -> None:
    """Whatever is told once."""
    page = rows_of(["A", "{school.0090313S.pupils:élève|élèves}", "{school.0090313S.classes:classe|classes}"])

    assert [(tag["value"], tag.get_text()) for tag in page.find_all("data")] == [
        ("14", "14\u00a0élèves"),
        ("1", "1\u00a0classe"),
    ]
    assert [tag["scope"] for tag in page.find_all("th")] == ["col"] * 3 + ["row"]
    assert page.tr.get("data-of") is None


HOSTILE = [
    ' class="x" data-figure="plan.achat.low" <data data-figure="a.b.c" value="1">',
    'it\'s "quoted" value="1" / > <br/>',
    '</figcaption><div aria-label="x" class="chart">',
    "<style>a { b: c; }</style>",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_what_looks_like_markup_in_a_text_stays_a_text(words: str) -> None:
    """In a cell, a caption, a title, an alternative."""
    told = {"nom": words}
    data = table("{nom}", ["{nom}"], [["{nom}"]], told)
    soup = page_of(picture("{nom}", "{nom}", "data:image/svg+xml;base64,QUE9PQ==", data, told))

    assert soup.img["alt"] == plain("{nom}", told) == words
    assert [tag.get_text() for tag in soup.find_all(["figcaption", "caption", "th"])] == [words.replace("'", "’")] * 4
    assert [soup.find(id=region["aria-labelledby"]).name for region in soup.find_all(role="region")] == [
        "figcaption",
        "caption",
    ]


def test_a_chart_and_its_table_are_named_by_their_captions() -> None:
    """The words of a caption are not told a second time; no name stands twice."""
    data = table("Légende", ["x"], [["1"]], {})
    soup = page_of(picture("Titre", "a", "data:,", data, {}) + data)
    regions = soup.find_all(role="region")

    assert [soup.find(id=region["aria-labelledby"]).get_text() for region in regions] == ["Titre", "Légende", "Légende"]
    assert len({region["aria-labelledby"] for region in regions}) == 3
    assert not soup.select("[aria-label]")


def test_a_style_sheet_keeps_its_rules_and_its_words() -> None:
    """Comments, indents and blanks around braces go; what is between quotes and in selectors stays."""
    sheet = (
        '<style>\n/* a\n b */\nh1 > :is(p, a) {\n  color: red;\n}\n@page { @top { content: "Ici : là"; } }\n</style>'
    )

    assert lighter(sheet) == '<style>h1 > :is(p, a){color: red}@page{@top{content: "Ici : là"}}</style>'


def test_only_a_word_goes_without_quotes() -> None:
    """A class of two words, an address and a policy keep them."""
    markup = (
        '<p class="a b" id="x-1"><a href="#x"></a><img alt="" src="data:,="/><br/><i role="note" tabindex="0"></i></p>'
    )

    assert lighter(markup) == (
        '<p class="a b" id=x-1><a href="#x"></a><img alt="" src="data:,="><br><i role=note tabindex=0></i></p>'
    )
