from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from pupitre.data.codes import name_key
from pupitre.formats import typeset
from pupitre.show.glossaire import Term, show_glossary, terms
from pupitre.show.html import NOTHING


def entries(text: str) -> dict[str, str]:
    """The glossary of a page that says this: what each term means."""
    page = BeautifulSoup(show_glossary(text).markup, "html.parser")
    return {term.get_text(): term.find_next_sibling("dd").get_text() for term in page.find_all("dt")}


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.head)
def test_a_definition_is_short_and_whole(term: Term) -> None:
    """One or two sentences, 25 words at most, no figure of law, no word of itself, a name beside the sigle."""
    assert len(term.means.split()) <= 25
    assert re.match(r"[A-ZÀÉÊ]", term.means)
    assert term.means.endswith(".")
    assert not re.search(r"\d", term.means)
    assert term.name.casefold() not in term.means.casefold()
    assert term.sigle not in term.means.split() or not term.sigle


def test_each_term_is_defined_once() -> None:
    """Whether it is looked up by its sigle or by its name."""
    told = [name for term in terms() for name in {term.name, term.head}]

    assert len(told) == len(set(told))


def test_each_term_is_one_that_a_page_can_print(root: Path) -> None:
    """In a template, a notebook or a label of the library; what no page says any more leaves the glossary."""
    kept = [path for path in (root / "lib").rglob("*") if path.suffix in (".j2", ".toml", ".py")]
    written = [path for path in kept if path.name != "glossaire.toml"] + list((root / "notebooks").glob("*.ipynb"))
    told = "\n".join(path.read_text(encoding="utf-8") for path in written)

    assert [term.head for term in terms() if not term.is_in(told)] == []


def test_only_the_terms_of_the_page_are_defined_in_their_order() -> None:
    """By sigle or by name, whichever the page uses; é sorts as e."""
    found = entries("Le reste à charge, une fois le FCTVA rendu ; l’épargne brute ; l'espace numérique de travail.")

    assert list(found) == [
        "ENT (espace numérique de travail)",
        "Épargne brute",
        "FCTVA (fonds de compensation pour la TVA)",
        "Reste à charge",
    ]
    assert found["Reste à charge"] == next(typeset(term.means) for term in terms() if term.name == "reste à charge")
    assert [term.head for term in terms()] == sorted((term.head for term in terms()), key=name_key)


@pytest.mark.parametrize("text", [
    "FCTVA", "(FCTVA)", "du FCTVA, puis", "Fonds de compensation pour la TVA", "fonds de compensation\npour la TVA",
])  # fmt: skip
def test_a_term_is_found_whatever_surrounds_it(text: str) -> None:
    """Brackets, a comma, a capital, the end of a line."""
    assert "FCTVA (fonds de compensation pour la TVA)" in entries(text)


@pytest.mark.parametrize("text", ["", "rien", "ils sont lents, ils ent", "ENTREE", "e-ent", "un restes à charger"])
def test_a_piece_of_word_is_no_term(text: str) -> None:
    """Nor are the small letters of a sigle: nothing is shown, not even an empty list."""
    assert show_glossary(text) == NOTHING


def test_a_name_may_be_in_the_plural_and_its_apostrophe_curly_or_coded() -> None:
    """As a page has it."""
    assert list(entries("les restes à charge")) == ["Reste à charge"]
    assert list(entries("en valeur d’aujourd’hui")) == list(entries("en valeur d&#x27;aujourd&#x27;hui"))
    assert list(entries("en valeur d’aujourd’hui")) == ["Valeur d’aujourd’hui"]


def test_what_the_page_says_never_comes_back_as_markup() -> None:
    """Only our words are shown."""
    assert show_glossary("<script>ENT</script>").markup == show_glossary("ENT").markup
