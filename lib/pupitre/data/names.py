"""Names of communes and schools: compared without accents, written so that they can be read."""

from __future__ import annotations

import re
import unicodedata

WORDS = {
    "ECOLE": "école",
    "ELEMENTAIRE": "élémentaire",
    "ELEMENT.": "élémentaire",
    "MATERNELLE": "maternelle",
    "PRIMAIRE": "primaire",
    "PUBLIQUE": "publique",
    "PRIVEE": "privée",
    "APPLICATION": "d'application",
    "GPE": "groupe",
}
"""The general words of a school's name, whose accents are known; those of a proper name are lost."""

LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "’": "'"})
SMALL_WORDS = {"DE", "DU", "DES", "ET", "SUR", "AUX", "AU", "EN"}
ROMAN = re.compile(r"[IVX]{2,}")
ARTICLE_LAST = re.compile(r"(?P<name>[^\s(]+)\s*\((?P<article>l[ae]s?|l')\)", re.IGNORECASE)


def name_key(name: str) -> str:
    """A name in ASCII, lower case, words joined by hyphens: what is compared, and what names a folder.

    >>> name_key("L'Île-d'Yeu"), name_key("Œuilly")
    ('l-ile-d-yeu', 'oeuilly')
    """
    text = name.lower().translate(LETTERS)
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")


def _article_first(match: re.Match[str]) -> str:
    article, name = match["article"].capitalize(), match["name"]
    return f"{article}{name}" if article.endswith("'") else f"{article} {name}"


def _capitalised(word: str) -> str:
    if ROMAN.fullmatch(word):
        return word
    text = re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), word)
    return re.sub(r"^([DL])'", lambda part: part[0].lower(), text) if word.startswith("D'") else text


def _readable_word(word: str) -> str:
    if not word.isupper():
        return word
    return WORDS.get(word) or (word.lower() if word in SMALL_WORDS else _capitalised(word))


def readable_name(name: str) -> str:
    """The name of a school as published, in readable case. Lost accents of proper names are not guessed.

    >>> readable_name("ECOLE ELEMENTAIRE PUBLIQUE JEAN JAURES")
    'École élémentaire publique Jean Jaures'
    >>> readable_name("ECOLE ELEMENTAIRE  PUBLIQUE GARDE (LA)")
    'École élémentaire publique La Garde'
    >>> readable_name("ECOLE PRIMAIRE -")
    'École primaire'
    """
    words = re.sub(r"[\s-]+$", "", ARTICLE_LAST.sub(_article_first, name)).split()
    text = " ".join(_readable_word(word) for word in words)
    text = re.sub(r"^[eé]cole\b", "École", text, flags=re.IGNORECASE)
    return text[:1].upper() + text[1:]
