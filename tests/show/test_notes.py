from __future__ import annotations

import re
from html import unescape

import pytest

from pupitre.show.html import NOTHING
from pupitre.show.notes import show_note


def test_a_note_is_paragraphs_lists_and_emphasis() -> None:
    """French spaces are put in; a heading inside is a paragraph in bold, so that the outline of the page is ours."""
    shown = unescape(show_note("## À voir\nL'école : **vite**.\n\n- un\n- deux").markup)

    assert "<h" not in shown
    assert "<p><strong>À voir</strong></p>" in shown
    assert "L’école\u00a0: <strong>vite</strong>." in shown
    assert shown.count("<li>") == 2


def test_no_note_shows_nothing() -> None:
    """Not even a frame."""
    assert show_note("") == NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "<script>attacked=1</script>",
        "<img src=x onerror=attacked=1>",
        "[ici](javascript:attacked=1)",
        "![x](https://example.org/x.png)",
        "[ici](data:text/html,attacked)",
        "</div></main><style>*{display:none}</style>",
        '<a href="x" onclick="attacked=1">x</a>',
    ],
)
def test_nothing_in_a_note_runs_or_is_fetched(text: str) -> None:
    """What HTML it holds shows as text; a link leads to https or nowhere."""
    shown = show_note(f"Avant {text} après").markup
    tags = re.findall(r"<[^>]*>", shown)

    assert {re.match(r"</?(\w+)", tag)[1] for tag in tags} <= {"div", "p", "a"}  # type: ignore[index]
    assert not [tag for tag in tags if re.search(r"javascript|data:|\bon\w+=|src=|style=", tag)]
    assert "Avant" in shown
    assert "après" in shown
    assert shown.count("<div") == shown.count("</div>") == 1


def test_a_link_to_a_safe_address_stays() -> None:
    """A source can be followed; it is told nothing of the page."""
    assert 'href="https://example.org/"' in show_note("Voir [la source](https://example.org/).").markup
    assert "noreferrer" in show_note("Voir [la source](https://example.org/).").markup
