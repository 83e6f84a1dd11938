"""Plain French on every page: short sentences, whole words, agreements, explained sigles. Typography: test_page.py.

A sentence ends at . ? ! or with its line; neither a colon nor a semicolon ends it. What the commune wrote and what
the annex quotes of a source are not our words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup, Tag

from pupitre.formats import NBSP, THIN_NBSP, typeset

if TYPE_CHECKING:
    Report = Any

CODES = ("00001", "09194", "13028", "92062", "09220", "35062", "35999")
BLOCKS = "p, li, th, td, caption, figcaption, summary, h1, h2, h3, h4, dt, dd, small"
SENTENCE_BLOCKS = ("p", "li", "dd")
LONGEST = 35
SPACE = rf"[ {NBSP}{THIN_NBSP}]"

OF_THE_COMMUNE = re.compile(
    r"\.nom$|^commune\.epci_nom$"
    r"|^(voice|objective|orientation|committee|milestone|indicator|follow|former|question|quotation)\.(?!.*\.ecole$)"
)
"""Figures that are texts of the commune, shown as they were written."""

FORBIDDEN = (
    r"\b(nan|NaN|None|null|inf|NaT|Traceback|TODO|FIXME|undefined|True|False|lorem)\b",
    r"\b(the|and|of|with|from|report|school|schools|pupil|pupils|year|years|unknown|missing|cost|warning|purchase)\b",
    r"[{}]|%[sd]\b|<NA>",
)
TWICE = rf"\.\.|,{SPACE}*[,.;:?!]|;{SPACE}*[;.,:]|:{SPACE}*[:.,;]|{SPACE}[.,)]|\({SPACE}|{SPACE}{{2,}}|[?!]\."
FAMILIAR = r"\b(tu|ton|tes|toi|t’es|peux-tu)\b"
SINGULAR_IN_S = {"mois", "fois", "plus", "sans", "puis", "dans", "sous", "temps", "pas", "mais", "très", "cas", "et/s"}
NOUNS = r"école|élève|classe|appareil|prise|an|année|habitant|ménage|foyer|poste|ordinateur|tablette|projet|indicateur"
SIGLE = re.compile(r"(?<![\w-])(e-FRAN|M57|(?:[A-Z]{2,}|[A-Z]+[a-z]?[A-Z]+)(?:/s)?)(?![\w-])")
EVERYBODY_KNOWS = {"CP", "CE", "CM", "II", "III", "IV", "STaR", "ISTE", "ELAINE"}  # levels, numbers, names of studies


@dataclass(frozen=True)
class Block:
    """What is read in one go."""

    page: str
    tag: str
    text: str

    def sentences(self) -> Iterator[str]:
        """Its sentences, one after the other."""
        for line in self.text.split("\n"):
            yield from (sentence.strip() for sentence in re.split(rf"(?<=[.?!…]){SPACE}+", line) if sentence.strip())


@cache
def pages(folder: Path) -> dict[str, BeautifulSoup]:
    """Each page of a report, without style, by its name."""
    read = {path.name: BeautifulSoup(path.read_text("utf-8"), "html.parser") for path in sorted(folder.glob("*.html"))}
    for soup in read.values():
        for style in soup.find_all("style"):
            style.decompose()
        for line_break in soup.find_all("br"):
            line_break.replace_with("\n")
    return read


def is_a_source(tag: Tag) -> bool:
    """Whether a cell is of the two tables of the annex, which quote sources and open data."""
    table = tag.find_parent("table")
    return table is not None and table.th.get_text() in ("Donnée", "Données") and tag.name in ("th", "td")


@cache
def own_blocks(report: Report) -> list[Block]:
    """What the pages of a report say in our words."""
    texts = [str(value) for name, value in report.results.items() if OF_THE_COMMUNE.search(name) and value is not None]
    told = sorted({typeset(text) for text in texts if " " in text}, key=len, reverse=True)
    blocks = []
    for name, soup in pages(report.folder).items():
        for tag in soup.main.select(BLOCKS):
            if tag.find(BLOCKS.split(", ")) or is_a_source(tag):
                continue
            text = tag.get_text()
            for answer in told:
                text = text.replace(answer, "…")
            if "<script>" not in text:
                blocks.append(Block(name, tag.name, text))
        blocks += [Block(name, "img", str(image["alt"])) for image in soup.find_all("img")]
    return blocks


@pytest.fixture(params=CODES)
def told(request: pytest.FixtureRequest, report_of: Callable[[str], Report]) -> list[Block]:
    """The blocks of a report in turn."""
    return own_blocks(report_of(request.param))


def words(sentence: str) -> int:
    """How many words a reader counts: a number with its unit is one word, an elision belongs to its word.

    >>> words(f"L’école a 12{NBSP}000{NBSP}€ : c’est peu.")
    5
    """
    return len([word for word in sentence.replace(THIN_NBSP, "").split(" ") if re.search(r"\w", word)])


def test_sentences_are_short(told: list[Block]) -> None:
    """A reader who is in a hurry reads 35 words in one breath, not more."""
    long = {sentence for block in told for sentence in block.sentences() if words(sentence) > LONGEST}

    assert not long, "\n".join(f"{words(one)}: {one}" for one in sorted(long))


@pytest.mark.parametrize("pattern", [*FORBIDDEN, TWICE, FAMILIAR])
def test_what_must_not_be_read(pattern: str, told: list[Block]) -> None:
    """What a program writes for nothing, English, a template, a comma twice, a familiar word."""
    found = {block.text for block in told if re.search(pattern, block.text, re.I if pattern == FAMILIAR else 0)}

    assert not found, found


def test_the_plural_begins_at_two(told: list[Block]) -> None:
    """« 0 école », « 1 école », « 1,5 an », « 2 écoles »."""
    for block in told:
        flat = block.text.replace(THIN_NBSP, "")
        for word in re.findall(rf"(?<![\d,.-])[01](?:,\d+)?{SPACE}([^\W\d_]+s)\b", flat):
            assert word in SINGULAR_IN_S, block
        assert not re.search(rf"(?<![\d,])(?:[2-9]|[1-9]\d+)(?:,\d+)?{SPACE}(?:{NOUNS})\b(?!s)", flat), block


def test_about_goes_with_a_range(told: list[Block]) -> None:
    """« environ » alone does not say how sure we are."""
    for block in told:
        for sentence in block.sentences():
            if re.search(r"\benviron\b", sentence):
                assert re.search(rf"\bde\b.+{SPACE}à{SPACE}|\bentre\b.+\bet\b", sentence), sentence


def test_a_number_in_a_sentence_has_its_unit(report_of: Callable[[str], Report]) -> None:
    """A bare number is a year, or a noun follows it, or it says out of how many."""
    for code in CODES:
        for name, soup in pages(report_of(code).folder).items():
            for tag in soup.select("p data, li data, dd data"):
                if re.search(r"[^\W\d]|[€%]", tag.get_text()) or re.fullmatch(r"(19|20)\d\d", tag.get_text()):
                    continue
                before, after = (around(tag, side) for side in ("previous_siblings", "next_siblings"))
                counted = re.match(rf"{SPACE}[^\W\d_]{{2,}}|{SPACE}(à|\(en){SPACE}", after)
                out_of = re.search(rf"\b(sur|de|à|en( [^\W\d_]+){{1,2}}){SPACE}$", before)
                announced = before.endswith("(") and after.startswith(")")

                assert counted or out_of or announced or is_a_card(tag), (
                    name,
                    before[-60:],
                    tag.get_text(),
                    after[:60],
                )


def around(tag: Tag, side: str) -> str:
    """What is read before or after a figure."""
    texts = [node.get_text() for node in getattr(tag, side)]
    return "".join(reversed(texts) if side == "previous_siblings" else texts)


def is_a_card(tag: Tag) -> bool:
    """Whether a figure stands alone under its label, as on the first page."""
    return tag.parent.get_text(strip=True) == tag.get_text()


def test_sigles_are_explained(report_of: Callable[[str], Report]) -> None:
    """Beside their first use, or in the glossary of the page."""
    for code in CODES:
        report = report_of(code)
        blocks = own_blocks(report)
        for name, soup in pages(report.folder).items():
            defined = " ".join(term.get_text() for term in soup.select("#glossaire ~ dl > dt"))
            text = "\n".join(block.text for block in blocks if block.page == name)
            for sigle in set(SIGLE.findall(text)) - EVERYBODY_KNOWS:
                beside = (
                    rf"\({re.escape(sigle)}\)|{re.escape(sigle)} \(|\b{re.escape(sigle)}, l|\b{re.escape(sigle)} fait"
                )

                assert sigle in defined.split() or re.search(beside, text), (code, name, sigle)
