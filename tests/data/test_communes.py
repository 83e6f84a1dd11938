from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from pupitre.data.codes import FICTIONAL
from pupitre.data.communes import list_communes, load_commune
from pupitre.data.store import build_store, connect
from pupitre.errors import UnknownCommune, UsageError


@pytest.fixture(scope="module")
def france(seven: Path) -> Iterator[sqlite3.Connection]:
    """The committed store, which knows every commune."""
    with closing(connect(seven)) as connection:
        yield connection


def test_load_commune(france: sqlite3.Connection) -> None:
    """Code, names, SIREN, grouping, population with its vintage, slug."""
    commune = load_commune(france, " 13028 ")

    assert (commune.nom, commune.departement, commune.departement_nom) == ("La Ciotat", "13", "Bouches-du-Rhône")
    assert (commune.siren, commune.epci_siren, commune.epci_type) == ("211300280", "200054807", "METRO")
    assert (commune.population, commune.population_vintage) == (38477, "COG 2026")
    assert commune.slug == "13028-la-ciotat"


def test_a_commune_without_grouping(france: sqlite3.Connection) -> None:
    """L'Île-d'Yeu belongs to no EPCI."""
    commune = load_commune(france, "85113")

    assert (commune.epci_siren, commune.epci_nom, commune.epci_type) == ("", "", "")
    assert commune.slug == "85113-l-ile-d-yeu"


def test_an_unknown_population_is_none(france: sqlite3.Connection) -> None:
    """Nobody lives in Kerguelen, and no list says so: unknown is not zero; Beaumont-en-Verdunois has 0."""
    assert load_commune(france, "98412").population is None
    assert load_commune(france, "55039").population == 0


def test_corsica_in_lower_case(france: sqlite3.Connection) -> None:
    """2a004 is Ajaccio."""
    assert load_commune(france, "2a004").nom == "Ajaccio"


def test_the_commune_of_today_wins_over_its_namesake(france: sqlite3.Connection) -> None:
    """35062 is also borne by the commune déléguée of La Chapelle-Janson."""
    commune = load_commune(france, "35062")

    assert commune.nom == "La Chapelle-Fleurigné"
    assert commune.former_codes == ("35112",)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("13201", ["Marseille 1er Arrondissement", "un arrondissement de 13055 Marseille", "utilisez le code 13055"]),
        ("35112", ["Fleurigné", "35062 La Chapelle-Fleurigné (Ille-et-Vilaine)", "utilisez le code 35062"]),
        ("09914", ["Aucune commune ne porte le code 09914", "Vouliez-vous dire", "09194 Mirepoix (Ariège)"]),
        ("96123", ["Aucune commune ne porte le code 96123", "Vouliez-vous dire 69123 Lyon (Rhône) ?"]),
        ("99999", ["Aucune commune ne porte le code 99999", "pupitre communes"]),
    ],
)
def test_codes_that_are_not_communes_of_today(france: sqlite3.Connection, code: str, words: list[str]) -> None:
    """Each message says which code to use instead."""
    with pytest.raises(UnknownCommune) as caught:
        load_commune(france, code)

    for word in words:
        assert word in str(caught.value)


def test_a_commune_associee_leads_to_its_commune(france: sqlite3.Connection) -> None:
    """The word « associée » and the code to use."""
    code, parent = france.execute(
        "SELECT code_insee, parent FROM communes c WHERE type = 'commune-associee' AND code_insee <> parent "
        "AND NOT EXISTS (SELECT 1 FROM communes t WHERE t.code_insee = c.code_insee AND t.type = 'commune-actuelle')"
    ).fetchone()

    with pytest.raises(UnknownCommune, match=f"une commune associée de {parent} .*utilisez le code {parent}"):
        load_commune(france, code)


def test_a_former_code_without_name(country: Path) -> None:
    """A code known only as a former one."""
    path = country / "communes.json"
    path.write_text(path.read_text(encoding="utf-8").replace('["35112"]', '["35112", "35998"]'), encoding="utf-8")
    build_store(country, country / "s.sqlite")

    with (
        closing(connect(country / "s.sqlite")) as connection,
        pytest.raises(UnknownCommune, match=r"35998 est un ancien code, .*utilisez le code 35062"),
    ):
        load_commune(connection, "35998")


@pytest.mark.parametrize("name", ["Mirepoix", "MIREPOIX", " mirepoix ", "Mirépoix"])
def test_a_name_lists_every_commune_that_bears_it(france: sqlite3.Connection, name: str) -> None:
    """Both Mirepoix, accents and case ignored; none is chosen."""
    with pytest.raises(UnknownCommune, match=r"09194 Mirepoix \(Ariège\), 32258 Mirepoix \(Gers\)"):
        load_commune(france, name)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("ile d'yeu l'", "85113"),
        ("la-ciotat", "13028 La Ciotat"),
        ("St-Denis", "97411 Saint-Denis (La Réunion)"),
        ("Ste-Anne", "97226 Sainte-Anne (Martinique)"),
        ("mirpoix", "09194 Mirepoix (Ariège)"),
        ("Ciotat", "13028 La Ciotat (Bouches-du-Rhône)"),
        ("La Chapelle-Janson", "35062 La Chapelle-Fleurigné (Ille-et-Vilaine)"),
        ("Marseille 1er arrondissement", "13055 Marseille (Bouches-du-Rhône)"),
    ],
)
def test_close_names_and_former_names(france: sqlite3.Connection, name: str, found: str) -> None:
    """Abbreviations, a missing article or letter, a commune that is now part of another."""
    with pytest.raises(UnknownCommune) as caught:
        load_commune(france, name)

    assert found in str(caught.value)


@pytest.mark.parametrize("name", ["xyzzyxyzzy", "", "   "])
def test_a_name_close_to_none(france: sqlite3.Connection, name: str) -> None:
    """The message says how to search."""
    with pytest.raises(UnknownCommune, match="pupitre communes NOM"):
        load_commune(france, name)


@pytest.mark.parametrize("code", ["1004", "091940", 9194])
def test_a_malformed_code_is_a_usage_error(france: sqlite3.Connection, code: object) -> None:
    """Codes are text, five characters."""
    with pytest.raises(UsageError):
        load_commune(france, code)  # type: ignore[arg-type]


def test_list_what_is_known(france: sqlite3.Connection) -> None:
    """The seven communes with schools, and the fictional one; Orlu's one school has no IPS."""
    known = list_communes(france).set_index("code_insee")

    assert list(known.index) == ["00001", "09032", "09122", "09194", "09220", "09225", "13028", "92062"]
    assert known.loc["13028", "schools"] == 23
    assert known.loc["09220", "missing"] == "IPS"
    assert known.loc["09194", "missing"] == ""
    assert str(known["schools"].dtype) == "Int64"


def test_the_fictional_commune_is_named_so(france: sqlite3.Connection) -> None:
    """In the place of its département, and of the vintage of its population."""
    commune = load_commune(france, FICTIONAL)

    assert (commune.nom, commune.departement_nom, commune.slug) == (
        "Bourg-Exemple", "exemple fictif", "00001-bourg-exemple",
    )  # fmt: skip
    assert commune.population_vintage == "exemple fictif"
    assert commune.epci_nom == "CC de l'Exemple"
    with pytest.raises(UnknownCommune, match=r"00001 Bourg-Exemple \(exemple fictif\)"):
        load_commune(france, "bourg exemple")


@pytest.mark.parametrize("text", ["mirepoix", "MIREPOIX", " Mirepoix", "0919"])
def test_list_by_name_or_code(france: sqlite3.Connection, text: str) -> None:
    """With a text, every commune that matches, known or not."""
    found = list_communes(france, text).set_index("code_insee")

    assert "09194" in found.index
    assert len(found) > 1
    unknown = found.drop("09194").iloc[0]
    assert pd.isna(unknown["schools"])
    assert unknown["missing"].startswith("écoles, effectifs, IPS")


def test_an_unmatched_text_gives_an_empty_table(france: sqlite3.Connection) -> None:
    """The columns stay; a `%` is no joker."""
    for text in ("xyzzyxyzzy", "%", "_"):
        found = list_communes(france, text)
        assert list(found) == ["code_insee", "nom", "departement", "schools", "missing"]
        assert found.empty


def test_a_covered_commune_without_school_lacks_no_enrolment(country: Path) -> None:
    """Zero schools is a fact; 01004, which no file covers, is unknown (NA)."""
    build_store(country, country / "s.sqlite")
    with closing(connect(country / "s.sqlite")) as connection:
        covered, every = list_communes(connection), list_communes(connection, "0").set_index("code_insee")

    assert covered.set_index("code_insee").loc["35999", ["schools", "missing"]].tolist() == [
        0,
        "niveau de vie, fibre",
    ]
    assert every["schools"].isna().to_dict() == {"01004": True, "09194": True}
