"""What communes and schools are called: their codes, and their names.

Codes are text: read as numbers, they are destroyed. Names are compared without accents, and written to be read.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import Field

from pupitre.data import resource
from pupitre.errors import RawDataError, UsageError

CODE_INSEE = re.compile(r"(\d{2}|2[AB])\d{3}", re.ASCII)
CodeInsee = Annotated[str, Field(pattern=r"^([0-9]{2}|2[AB])[0-9]{3}$")]
UAI = re.compile(r"(0[0-8]\d|09[0-5]|9[78]\d|[67]20)\d{4}[A-Z]", re.ASCII)
UAI_KEYS = "ABCDEFGHJKLMNPRSTUVWXYZ"
FICTIONAL = "00001"
"""Bourg-Exemple, which shows everything and does not exist: INSEE assigns no such code, and every page says so."""

UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "’": "'"})
ROMAN = re.compile(r"[IVX]{2,}")
ARTICLE_LAST = re.compile(r"(?P<name>[^\s(]+)\s*\((?P<article>l[ae]s?|l')\)", re.IGNORECASE)


def parse_code_insee(text: str) -> str:
    """The five characters of a code INSEE, spaces stripped and Corsica in capitals.

    Says nothing of whether a commune bears it. Raises `UsageError` for a number (a leading zero is
    lost as soon as the code is one) and for any text of another shape.

    >>> parse_code_insee(" 2a004 ")
    '2A004'
    >>> parse_code_insee("1004")
    Traceback (most recent call last):
    pupitre.errors.UsageError: Code INSEE « 1004 » : il manque un zéro au début. Écrivez « 01004 ».
    """
    if not isinstance(text, str):
        raise UsageError(f"Code INSEE {text!r} : un code INSEE est un texte, pas un nombre. Écrivez « {text:0>5} ».")
    code = "".join(text.split()).upper()
    if CODE_INSEE.fullmatch(code):
        return code
    if CODE_INSEE.fullmatch(f"0{code}"):
        raise UsageError(f"Code INSEE « {text} » : il manque un zéro au début. Écrivez « 0{code} ».")
    raise UsageError(
        f"Code INSEE « {text} » : un code a cinq caractères, comme 09194 ou 2A004. "
        "Cherchez-le par le nom de la commune : « pupitre communes NOM »."
    )


def departement_of(code: str) -> str:
    """The département (or overseas territory) in which a code INSEE lies.

    >>> [departement_of(code) for code in ("09194", "2A004", "97411")]
    ['09', '2A', '974']
    """
    return code[:3] if code.startswith(("97", "98")) else code[:2]


def uai_key(digits: str) -> str:
    """The key letter that ends an UAI, from its seven digits.

    >>> uai_key("0090312")
    'R'
    """
    return UAI_KEYS[int(digits) % len(UAI_KEYS)]


def parse_uai(text: str) -> str:
    """The eight characters of a school's UAI, whose last letter is computed from the seven digits.

    Raises `RawDataError` when the shape or the key letter is wrong.

    >>> parse_uai("0090312R")
    '0090312R'
    """
    uai = text.strip().upper()
    if not UAI.fullmatch(uai):
        raise RawDataError(f"UAI « {text} » : un UAI a sept chiffres et une lettre, comme 0090312R.")
    if uai[7] != uai_key(uai[:7]):
        raise RawDataError(f"UAI « {text} » : la lettre attendue est {uai_key(uai[:7])}. Vérifiez les chiffres.")
    return uai


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
    known = resource("headers")["words"]
    text = " ".join(known.get(word) or (_capitalised(word) if word.isupper() else word) for word in words)
    text = re.sub(r"^[eé]cole\b", "École", text, flags=re.IGNORECASE)
    return text[:1].upper() + text[1:]
