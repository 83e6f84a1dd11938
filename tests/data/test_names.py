from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.data.names import name_key, readable_name


@pytest.mark.parametrize(
    ("published", "readable"),
    [
        ("ECOLE ELEMENTAIRE PUBLIQUE JEAN JAURES", "École élémentaire publique Jean Jaures"),
        ("ECOLE ELEMENTAIRE  PUBLIQUE GARDE (LA)", "École élémentaire publique La Garde"),
        ("ECOLE MATERNELLE PUBLIQUE AFFERAGE (L')", "École maternelle publique L'Afferage"),
        ("ECOLE PRIMAIRE -", "École primaire"),
        ("ECOLE PRIMAIRE PRIVEE JEANNE D'ARC", "École primaire privée Jeanne d'Arc"),
        ("ECOLE PRIMAIRE PRIVEE JEAN XXIII", "École primaire privée Jean XXIII"),
        ("ECOLE PRIMAIRE PRIVEE SAINT-MAURICE", "École primaire privée Saint-Maurice"),
        ("ECOLE ELEMENTAIRE PUBLIQUE DE LESTANG", "École élémentaire publique de Lestang"),
        ("ECOLE ELEMENTAIRE APPLICATION LA FONTAINE", "École élémentaire d'application La Fontaine"),
        ("Ecole primaire publique les Lucioles", "École primaire publique les Lucioles"),
        ("École élémentaire Garde (la)", "École élémentaire La Garde"),
        ("", ""),
    ],
)
def test_readable_name(published: str, readable: str) -> None:
    """General words get their accents, proper names keep what was published."""
    assert readable_name(published) == readable


@given(st.text(alphabet="ABCDEÉ '-().12", max_size=40))
def test_a_readable_name_stays_so(published: str) -> None:
    """Whatever is published: no doubled space, no space at the ends, the same when read again."""
    name = readable_name(published)

    assert "  " not in name
    assert name == name.strip()


@pytest.mark.parametrize(
    ("name", "key"),
    [("L'Île-d'Yeu", "l-ile-d-yeu"), ("L’Haÿ-les-Roses", "l-hay-les-roses"), ("Œuilly", "oeuilly"), (" FOIX ", "foix")],
)
def test_name_key(name: str, key: str) -> None:
    """Accents, case, hyphens, apostrophes and ligatures do not count."""
    assert name_key(name) == key
