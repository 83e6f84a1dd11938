"""The glossary of a page: the sigles and terms of art that it uses, each with its definition.

Belongs: finding a term in what a page says, the list. Does not: the definitions (`study/glossaire.toml`).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path

import pupitre.study
from pupitre.data.codes import name_key
from pupitre.show.html import NOTHING, Html, inline

FILE = Path(pupitre.study.__file__).with_name("glossaire.toml")


@dataclass(frozen=True)
class Term:
    """A term of art, its sigle when it has one, and what it means."""

    name: str
    means: str
    sigle: str = ""

    @property
    def head(self) -> str:
        """What the list is sorted by: the sigle, else the name."""
        return self.sigle or self.name

    def is_in(self, text: str) -> bool:
        """Whether a text uses it, as whole words: the sigle as it is, the name in any case and number.

        >>> clef = Term("reste à charge", "…")
        >>> clef.is_in("Les restes à charge"), clef.is_in("le reste à charger")
        (True, False)
        """
        words = r"[sx]?\s+".join(map(re.escape, self.name.split()))
        sigle = rf"|(?<!\w){re.escape(self.sigle)}(?!\w)" if self.sigle else ""
        return bool(re.search(rf"(?i:(?<!\w){words}[sx]?(?!\w)){sigle}", text))


@cache
def terms() -> tuple[Term, ...]:
    """Every term that the pages use, in alphabetical order."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))["term"]
    return tuple(sorted((Term(**one) for one in told), key=lambda term: name_key(term.head)))


def show_glossary(text: str) -> Html:
    """The terms that occur in the words of a page, in alphabetical order; nothing when none does."""
    read = unescape(text).replace("’", "'")
    items = "".join(_entry(term) for term in terms() if term.is_in(read))
    return Html(f"<dl>{items}</dl>") if items else NOTHING


def _entry(term: Term) -> str:
    head = f"{term.sigle} ({term.name})" if term.sigle else term.name[0].upper() + term.name[1:]
    return f"<dt>{inline(head, {})}</dt><dd>{inline(term.means, {})}</dd>"
