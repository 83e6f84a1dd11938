"""Communes: found by their code, or not found with a message that says which code to use."""

from __future__ import annotations

import difflib
import json
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from pupitre.data.codes import departement_of, name_key, parse_code_insee
from pupitre.data.store import ask, typed_frame
from pupitre.errors import UnknownCommune

LEADS = {
    "arrondissement-municipal": "{asked} {nom} est un arrondissement de {today}",
    "commune-deleguee": "{asked} {nom} est une commune déléguée de {today}",
    "commune-associee": "{asked} {nom} est une commune associée de {today}",
    "ancien-code": "{asked} est un ancien code, aujourd'hui {today}",
}


@dataclass(frozen=True)
class Commune:
    """A commune of today. `epci_…` are empty where it belongs to no grouping; `population` None when unknown.

    `population_vintage` says of which list the population is; `former_codes` are those of the communes merged in it.
    """

    code_insee: str
    nom: str
    departement: str
    departement_nom: str
    siren: str
    epci_siren: str
    epci_nom: str
    epci_type: str
    population: int | None
    population_vintage: str
    former_codes: tuple[str, ...]

    @property
    def slug(self) -> str:
        """Code and name for a folder, in ASCII without spaces: « 13028-la-ciotat »."""
        return f"{self.code_insee}-{name_key(self.nom)}"[:80].rstrip("-")


def load_commune(connection: sqlite3.Connection, code: str) -> Commune:
    """The commune of today that bears this code INSEE.

    Raises `UsageError` for a text that has not the shape of a code, `UnknownCommune` for a name, an unknown code,
    a former code, an arrondissement, a commune déléguée or associée, saying each time which code to use.
    """
    if isinstance(code, str) and not re.match(r"\s*\d", code):
        raise _unknown_name(connection, code)
    code = parse_code_insee(code)
    found = ask(connection, "commune", code=code)
    if not found:
        raise _unknown_code(connection, code)
    former = (row["former"] for row in ask(connection, "former_codes", code=code))
    return Commune(**found[0], former_codes=tuple(former))


def _choices(connection: sqlite3.Connection, keys: Iterable[str]) -> list[str]:
    """The communes of today to which codes or keys of names lead, as « 09194 Mirepoix (Ariège) »."""
    return [row["choice"] for row in ask(connection, "choices", keys=json.dumps(list(keys)))]


def _unknown_code(connection: sqlite3.Connection, code: str) -> UnknownCommune:
    """A part of a commune, a former code, or a code that no list has: each leads to others."""
    if found := ask(connection, "leads", code=code):
        [today] = _choices(connection, [found[0]["code"]])
        told = LEADS[found[0]["type"]].format(asked=code, nom=found[0]["nom"], today=today)
        return UnknownCommune(f"{told} : utilisez le code {found[0]['code']}.")
    swaps = json.dumps([code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(4)])
    close = ask(connection, "close_codes", codes=swaps, departement=departement_of(code), number=int(code[2:]))
    choices = _choices(connection, (row["code_insee"] for row in close))
    return _unknown(f"Aucune commune ne porte le code {code}.", choices)


def _unknown_name(connection: sqlite3.Connection, name: str) -> UnknownCommune:
    """A name leads to the communes that bear it, or nearly."""
    key = re.sub(r"\bst(e?)\b", r"saint\1", name_key(name))
    if same := ", ".join(_choices(connection, [key])):
        return UnknownCommune(f"« {name} » est un nom : donnez un code INSEE. Communes de ce nom : {same}.")
    keys = [row["name_key"] for row in ask(connection, "close_lengths", length=len(key))]
    choices = _choices(connection, difflib.get_close_matches(key, keys, n=5, cutoff=0.75))
    return _unknown(f"« {name} » n'est ni un code INSEE ni le nom d'une commune.", choices)


def _unknown(problem: str, choices: list[str]) -> UnknownCommune:
    hint = f"Vouliez-vous dire {', '.join(choices)} ?" if choices else "Cherchez-la : « pupitre communes NOM »."
    return UnknownCommune(f"{problem} {hint}")


def list_communes(connection: sqlite3.Connection, text: str = "") -> pd.DataFrame:
    """What is known of each commune: code_insee, nom, departement, schools, missing.

    Without `text`, the communes whose schools a file covers; with it, all whose name contains it (accents and case
    ignored) or whose code starts with it. `schools` is Int64, NA when no file covers the commune; `missing` lists
    in French what is not known.
    """
    key = name_key(text) or "?"  # a text of signs alone is in no name
    return typed_frame("list", ask(connection, "list", text=text, part=f"%{key}%", start=f"{key}%"))
