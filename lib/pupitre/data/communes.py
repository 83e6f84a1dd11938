"""Communes: found by their code, or not found with a message that says which code to use."""

from __future__ import annotations

import difflib
import json
import re
import sqlite3
from dataclasses import dataclass

import pandas as pd

from pupitre.data.codes import departement_of, parse_code_insee
from pupitre.data.names import name_key
from pupitre.errors import UnknownCommune

TODAY = "commune-actuelle"
TYPES = {
    "arrondissement-municipal": "un arrondissement",
    "commune-deleguee": "une commune déléguée",
    "commune-associee": "une commune associée",
}

CHOICES = """
SELECT DISTINCT today.code_insee, today.nom, departements.nom
FROM communes AS today LEFT JOIN departements ON departements.code = today.departement
WHERE today.type = 'commune-actuelle' AND today.code_insee IN (
    SELECT CASE type WHEN 'commune-actuelle' THEN code_insee ELSE parent END FROM communes WHERE {where})
ORDER BY today.code_insee
"""

LIST = """
SELECT c.code_insee, c.nom, c.departement,
    CASE WHEN covered THEN schools END AS schools,
    covered,
    covered AND schools = 0 OR EXISTS (
        SELECT 1 FROM enrolments e WHERE e.code_insee = c.code_insee AND e.pupils IS NOT NULL) AS has_pupils,
    covered AND schools = 0 OR EXISTS (
        SELECT 1 FROM ips i WHERE i.code_insee = c.code_insee AND i.ips IS NOT NULL) AS has_ips,
    EXISTS (SELECT 1 FROM niveau_vie n WHERE n.code_insee = c.code_insee AND n.median_eur IS NOT NULL) AS has_income,
    EXISTS (SELECT 1 FROM fibre f WHERE f.code_insee = c.code_insee) AS has_fibre
FROM (
    SELECT code_insee, nom, departement,
        EXISTS (SELECT 1 FROM coverage WHERE zone IN (code_insee, departement)) AS covered,
        (SELECT count(*) FROM schools s WHERE s.code_insee = communes.code_insee) AS schools
    FROM communes WHERE type = 'commune-actuelle' AND {where}) AS c
WHERE {kept}
ORDER BY c.code_insee
"""
FACTS = {
    "covered": "écoles",
    "has_pupils": "effectifs",
    "has_ips": "IPS",
    "has_income": "niveau de vie",
    "has_fibre": "fibre",
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
    row = connection.execute(
        "SELECT c.code_insee, c.nom, c.departement, coalesce(d.nom, ''), c.siren, c.epci_siren, c.epci_nom, "
        "c.epci_type, c.population, c.population_vintage FROM communes c "
        "LEFT JOIN departements d ON d.code = c.departement WHERE c.code_insee = ? AND c.type = ?",
        (code, TODAY),
    ).fetchone()
    if row is None:
        raise _unknown_code(connection, code)
    former = connection.execute("SELECT former FROM former_codes WHERE code_insee = ? ORDER BY former", (code,))
    return Commune(*(*row, tuple(value for (value,) in former)))


def _choices(connection: sqlite3.Connection, where: str, values: tuple[str, ...]) -> list[str]:
    """The communes of today to which rows of the list lead, as « 09194 Mirepoix (Ariège) »."""
    rows = connection.execute(CHOICES.format(where=where), values)
    return [f"{code} {nom} ({departement})" for code, nom, departement in rows]


def _unknown_code(connection: sqlite3.Connection, code: str) -> UnknownCommune:
    return (
        _part_of_another(connection, code)
        or _former_code(connection, code)
        or UnknownCommune(f"Aucune commune ne porte le code {code}.{_did_you_mean(_close_codes(connection, code))}")
    )


def _part_of_another(connection: sqlite3.Connection, code: str) -> UnknownCommune | None:
    row = connection.execute("SELECT nom, type, parent FROM communes WHERE code_insee = ?", (code,)).fetchone()
    if row is None:
        return None
    nom, kind, parent = row
    [whole] = _choices(connection, "code_insee = ?", (parent,))
    return UnknownCommune(f"{code} {nom} est {TYPES[kind]} de {whole} : utilisez le code {parent}.")


def _former_code(connection: sqlite3.Connection, code: str) -> UnknownCommune | None:
    row = connection.execute("SELECT code_insee FROM former_codes WHERE former = ?", (code,)).fetchone()
    if row is None:
        return None
    [today] = _choices(connection, "code_insee = ?", row)
    return UnknownCommune(f"{code} est un ancien code, aujourd'hui {today} : utilisez le code {row[0]}.")


def _swaps(code: str) -> list[str]:
    """The codes that differ by two neighbouring characters exchanged."""
    return [code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(4)]


def _close_codes(connection: sqlite3.Connection, code: str) -> list[str]:
    nearest = connection.execute(
        "SELECT code_insee FROM communes WHERE departement = ? AND type = ? "
        "ORDER BY abs(CAST(substr(code_insee, 3) AS INTEGER) - ?), code_insee LIMIT 3",
        (departement_of(code), TODAY, int(code[2:])),
    )
    close = (*_swaps(code), *(value for (value,) in nearest))
    return _choices(
        connection, "type = ? AND code_insee IN (SELECT value FROM json_each(?))", (TODAY, json.dumps(close))
    )


def _unknown_name(connection: sqlite3.Connection, name: str) -> UnknownCommune:
    key = re.sub(r"\bst(e?)\b", r"saint\1", name_key(name))
    same = _choices(connection, "name_key = ?", (key,))
    if same:
        listed = ", ".join(same)
        return UnknownCommune(f"« {name} » est un nom : donnez un code INSEE. Communes de ce nom : {listed}.")
    close = _close_names(connection, key)
    return UnknownCommune(f"« {name} » n'est ni un code INSEE ni le nom d'une commune.{_did_you_mean(close)}")


def _close_names(connection: sqlite3.Connection, key: str) -> list[str]:
    keys = connection.execute(
        "SELECT DISTINCT name_key FROM communes WHERE length(name_key) BETWEEN ? AND ?", (len(key) - 4, len(key) + 4)
    )
    close = difflib.get_close_matches(key, [value for (value,) in keys], n=5, cutoff=0.75)
    return _choices(connection, "name_key IN (SELECT value FROM json_each(?))", (json.dumps(close),))


def _did_you_mean(choices: list[str]) -> str:
    if choices:
        return f" Vouliez-vous dire {', '.join(choices)} ?"
    return " Cherchez-la : « pupitre communes NOM »."


def list_communes(connection: sqlite3.Connection, text: str = "") -> pd.DataFrame:
    """What is known of each commune: code_insee, nom, departement, schools, missing.

    Without `text`, the communes whose schools a file covers; with it, all whose name contains it (accents and case
    ignored) or whose code starts with it. `schools` is Int64, NA when no file covers the commune; `missing` lists
    in French what is not known.
    """
    key = name_key(text) or "?"  # a text of signs alone is in no name
    where, values = ("(name_key LIKE ? OR code_insee LIKE ?)", (f"%{key}%", f"{key}%")) if text else ("1", ())
    query = LIST.format(where=where, kept="1" if text else "c.covered")
    found = connection.execute(query, values)
    columns = [column for column, *_ in found.description]
    frame = pd.DataFrame(found.fetchall(), columns=columns).astype({"schools": "Int64"})
    known = frame[list(FACTS)].astype(bool)
    missing = [", ".join(label for column, label in FACTS.items() if not row[column]) for _, row in known.iterrows()]
    return frame[["code_insee", "nom", "departement", "schools"]].assign(missing=pd.array(missing, dtype="str"))
