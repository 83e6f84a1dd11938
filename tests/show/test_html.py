from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup, Tag
from hypothesis import given
from hypothesis import strategies as st

from pupitre.formats import NBSP, THIN_NBSP, literal
from pupitre.show.html import NOTHING, Html, Link, bullets, inline, mark, paragraph, picture, table, text

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "A & B",
    "&lt;b&gt;",
    "{nom} et }{",
    "$x$ \\frac",
    'l\'école "Zoé"',
    "**gras**",
]


def parsed(piece: Html | str) -> BeautifulSoup:
    """Markup as a browser reads it."""
    return BeautifulSoup(piece if isinstance(piece, str) else piece.markup, "html.parser")


def typed(words: str) -> str:
    """A text with the one change that French typography makes of these samples."""
    return words.replace("'", "’")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_among_figures_is_read_as_it_is(name: str) -> None:
    """Whatever it holds: it is text, never markup, never a template."""
    page = parsed(inline("L'école {nom}.", {"nom": name}))

    assert page.get_text() == typed(f"L'école {name}.")
    assert page.find(True) is None


@pytest.mark.parametrize("words", HOSTILE[:-1])
def test_a_caveat_written_as_literal_is_read_as_it_is(words: str) -> None:
    """A text of a source, in a paragraph, a list and a table's cell and caption."""
    words = words.replace("{", "").replace("}", "") + " {accolades}"
    for piece in (
        paragraph(literal(words), {}),
        bullets([literal(words)], {}),
        table(literal(words), ["a"], [[literal(words)]], {}),
    ):
        page = parsed(piece)
        assert typed(words) in page.get_text()
        assert page.find(["script", "img", "b"]) is None


@pytest.mark.parametrize("name", HOSTILE)
def test_an_alternative_holds_any_name(name: str) -> None:
    """A quote does not end the attribute."""
    image = parsed(picture("t", "École {nom}, vue", "data:,", NOTHING, {"nom": name})).img

    assert image["alt"] == f"École {name}, vue"
    assert set(image.attrs) == {"alt", "src"}


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40))
def test_no_text_becomes_markup(words: str) -> None:
    """Any text at all, as a name and as a literal."""
    for markup in (inline("{nom}", {"nom": words}), inline(literal(words.replace("*", "")), {})):
        assert parsed(markup).find(["script", "img", "a", "b"]) is None
        assert "<" not in re.sub(r"</?(strong|br)>", "", markup)


def test_a_figure_carries_its_name_and_exact_value() -> None:
    """What is read may be rounded; the value is not."""
    tag = parsed(inline("{cost:about}", {"cost": 79523.41})).data

    assert isinstance(tag, Tag)
    assert tag["value"] == "79523.41"
    assert tag["data-figure"] == "cost"
    assert tag.get_text() == f"79{THIN_NBSP}500{NBSP}€"


@pytest.mark.parametrize("value", [None, "texte", True])
def test_what_is_no_number_is_no_figure(value: str | bool | None) -> None:
    """A name, a date or an unknown value is plain text."""
    assert mark("x", value, "a < b") == "a &lt; b"


def test_an_unknown_value_says_so() -> None:
    """Never « None »."""
    assert inline("{cost:euros}", {"cost": None}) == "non connu"


def test_a_sentence_is_typeset() -> None:
    """Strong words, no-break spaces, curly apostrophe, line breaks."""
    assert inline("**Combien ?**\nL'école", {}) == f"<strong>Combien{NBSP}?</strong><br>L’école"
    assert text("**Combien ?** L'école {n}", {"n": "A"}) == f"Combien{NBSP}? L’école A"


def test_nothing_to_say_leaves_nothing() -> None:
    """No empty paragraph, no empty list."""
    assert paragraph("", {}) == bullets([], {}) == NOTHING


def test_a_table_has_caption_scopes_and_a_total() -> None:
    """Text to the left, numbers to the right, the total apart; it can be reached by the keyboard."""
    figures = {"n": 2, "year": 2024}
    page = parsed(
        table("Écoles {year:year}", ["École", "Niveau", "Élèves"], [["A", "p", "{n:number}"], ["Ensemble", "", "{n}"]],
              figures, text_columns=2, total=True)
    )  # fmt: skip

    assert page.caption.get_text() == "Écoles 2024"
    assert page.caption.parent.name == "table"
    assert [tag["scope"] for tag in page.thead.find_all("th")] == ["col"] * 3
    assert [tag["scope"] for tag in page.tbody.find_all("th")] == ["row", "row"]
    assert page.table["class"] == ["t2"]
    assert [tag.get("class") for tag in page.tbody.find_all("tr")] == [None, ["total"]]
    assert (page.div["tabindex"], page.div["role"], page.div["aria-label"]) == ("0", "region", "Écoles 2024")


def test_a_row_of_one_cell_begins_a_group() -> None:
    """It is the header of the rows under it, as wide as they are; each group is a body of its own, none is empty."""
    page = parsed(table("c", ["a", "b"], [["Un"], ["x", "1"], ["y", "2"], ["Deux"], ["z", "3"]], {}, text_columns=2))
    heads = page.find_all("th", scope="rowgroup")

    assert [head.get_text() for head in heads] == ["Un", "Deux"]
    assert [head["colspan"] for head in heads] == ["2", "2"]
    assert [[th.get_text() for th in body.find_all("th")] for body in page.find_all("tbody")] == [
        ["Un", "x", "y"],
        ["Deux", "z"],
    ]
    assert page.table["class"] == ["t2", "groups"]


def test_a_table_of_one_column_has_no_group() -> None:
    """A row of one cell is a row like another there."""
    page = parsed(table("c", ["a"], [["x"], ["y"]], {}))

    assert len(page.find_all("tbody")) == 1
    assert page.find("th", scope="rowgroup") is None
    assert page.table["class"] == ["t1"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_link_leads_to_its_address_and_reads_as_its_text(name: str) -> None:
    """Whatever its text and its address hold; without an address it is a text."""
    page = parsed(inline("{source} · lue", {"source": Link(name, f"https://exemple.fr/?a={name}")}))

    assert page.a["href"] == f"https://exemple.fr/?a={name}"
    assert page.a.get_text() == typed(name)
    assert page.get_text() == f"{typed(name)} · lue"
    assert len(page.find_all(True)) == 1
    assert parsed(inline("{source}", {"source": Link(name)})).find(True) is None
    assert text("{source}", {"source": Link(name, "https://exemple.fr")}) == name


def test_a_picture_has_title_alternative_key_and_data() -> None:
    """In that order; no key, no paragraph."""
    data = table("c", ["a"], [["b"]], {})
    page = parsed(picture("{n:élève|élèves}", "{n:élève|élèves} ?", "data:,x", data, {"n": 2}, key="Barre : a."))

    parts = page.figure.find_all(["figcaption", "img", "p", "details"])

    assert [tag.name for tag in parts] == ["figcaption", "img", "p", "details"]
    assert page.figcaption.data["data-figure"] == "n"
    assert page.img["alt"] == f"2{NBSP}élèves{NBSP}?"
    assert page.details.summary.get_text()
    assert page.details.table.caption.get_text() == "c"
    assert parsed(picture("t", "a", "data:,", data, {})).find("p") is None


def test_a_notebook_shows_markup_once() -> None:
    """Rich display has it, the plain one only its length."""
    piece = Html("<p>a</p>") + Html("<p>b</p>")

    assert piece._repr_html_() == "<p>a</p><p>b</p>"
    assert "<p>" not in repr(piece)
