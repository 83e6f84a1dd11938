"""What would say who speaks: in a quote that the consultant chose, in the code of a person.

Belongs: names, schools, addresses, roles, in free words. Does not: which edition prints a quote (`show`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

import pandas as pd

from pupitre.data import resource
from pupitre.data.codes import name_key
from pupitre.errors import CellIssue

if TYPE_CHECKING:
    from pupitre.data.workbook import Workbook

ADDRESS = re.compile(r"\S@\S|(?:\+33|\b0)[\s.-]?[1-9](?:[\s.-]?\d\d){4}")
WORD = re.compile(r"[^\W\d_]{3,}")
IDENTITY = re.compile(r"\d{8}|\d\d?[/.-]\d\d?[/.-]\d{2,4}")  # a telephone, a number of pupil, a day of birth
CIVILITY = re.compile(r"\b(?:M\.|Mme|Mlle|Monsieur|Madame)\s+[A-ZÀ-Ý]")
PLACES = (
    ("paroles", "texte", "une parole sans nom, ni école, ni fonction"),
    ("questions", "intitule", "une question qui ne nomme ni personne, ni école"),
    ("vagues", "vague", "un nom de vague sans personne ni école"),
)
HIDDEN = "donnée personnelle, non répétée"


def contact_names(book: Workbook) -> tuple[str, ...]:
    """The names of the sheet Contacts et rôles."""
    return tuple(book.table("contacts")["nom"].dropna())


def looks_like_a_name(code: str, names: Iterable[str]) -> bool:
    """Whether a link code is an address, words, or made of a name of those given.

    >>> [looks_like_a_name(code, ["Camille Dupont"]) for code in ("a b", "a@b", "DUPONT", "dupont.camille", "cd-12")]
    [True, True, True, True, False]
    >>> [looks_like_a_name(code, []) for code in ("sophie.martin", "0612345678", "12/03/2014", "soleil7")]
    [True, True, True, False]
    """
    words = set(name_key(code).split("-"))
    if IDENTITY.search(code) or len(WORD.findall(code)) > 1:
        return True
    long = any(WORD.fullmatch(word) for word in words)
    return bool({" ", "@"} & set(code)) or (long and any(words <= set(name_key(name).split("-")) for name in names))


def quote_issues(book: Workbook, schools: pd.DataFrame) -> tuple[CellIssue, ...]:
    """The quotes of the sheet Paroles choisies that bear a name, a school, an address or a role; so of questions."""
    found = (_betrayed(book, *column, schools["nom"]) for column in PLACES)
    return tuple(chain.from_iterable(found))


def _betrayed(book: Workbook, sheet: str, column: str, what: str, schools: Iterable[str]) -> Iterator[CellIssue]:
    texts, names = book.table(sheet)[column].dropna(), contact_names(book)
    roles = resource("workbook")["words"]["roles"] if sheet == "paroles" else ()
    for row, text in texts.items():
        if word := next(_betrayals(text, names, schools, roles), ""):
            yield book.issue(sheet, int(str(row)), column, word, f"on attend {what}")


def _betrayals(text: str, names: Iterable[str], schools: Iterable[str], roles: Iterable[str]) -> Iterator[str]:
    """What a quote betrays, as a message may repeat it."""
    key, capitals = f"-{name_key(text)}-", {name_key(word) for word in WORD.findall(text) if word[0].isupper()}
    if ADDRESS.search(text) or CIVILITY.search(text) or any(_named(name, key, capitals) for name in names):
        yield HIDDEN
    yield from (name for name in schools if _named(name, key, capitals))
    roles = resource("workbook")["words"]["roles"]
    yield from (role for role in roles if f"-{name_key(role)}-" in key)


def _named(name: str, key: str, capitals: set[str]) -> bool:
    """Whether a text bears a name: its own words one after the other, or one of them with a capital."""
    common = resource("workbook")["words"]["common"]
    words = name_key(name).split("-")
    own = [word for word in words if WORD.fullmatch(word) and word not in common]
    span = words[words.index(own[0]) :] if own else []
    return bool(capitals & set(own)) or (len(span) > 1 and f"-{'-'.join(span)}-" in key)
