from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.data.codes import UAI_KEYS, departement_of, name_key, parse_code_insee, parse_uai, readable_name, uai_key
from pupitre.errors import RawDataError, UsageError

CODES = st.from_regex(r"([0-9]{2}|2[AB])[0-9]{3}", fullmatch=True)
DIGITS = st.from_regex(r"(0[0-8][0-9]|09[0-5]|97[1-6]|[67]20)[0-9]{4}", fullmatch=True)


@given(CODES, st.sampled_from(["", " ", "  "]))
def test_a_code_survives_spaces_and_lower_case(code: str, space: str) -> None:
    """A code INSEE is a text: what is read is what was written, the leading zero included."""
    assert parse_code_insee(space + code.lower() + space) == code


@given(st.text(max_size=7))
def test_any_text_is_a_code_or_one_french_error(text: str) -> None:
    """No text passes that has not the shape of a code, and none crashes."""
    if re.fullmatch(r"([0-9]{2}|2[AB])[0-9]{3}", "".join(text.split()).upper()):
        assert len(parse_code_insee(text)) == 5
    else:
        with pytest.raises(UsageError, match=r"^Code INSEE"):
            parse_code_insee(text)


@given(st.integers(min_value=1001, max_value=9999))
def test_a_lost_zero_is_suggested(number: int) -> None:
    """« 1004 » suggests « 01004 »."""
    with pytest.raises(UsageError, match=f"0{number}"):
        parse_code_insee(str(number))


def test_a_number_is_refused() -> None:
    """An int has already lost its zero, even when it has five figures."""
    with pytest.raises(UsageError, match=r"texte.*« 13028 »"):
        parse_code_insee(13028)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="« 01004 »"):
        parse_code_insee(1004)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "Mirepoix", "2C004", "A2004", "091944", "0919", "١٢٣٤٥"])
def test_other_shapes_are_refused(text: str) -> None:
    """A name, a third Corsica, six figures: not codes."""
    with pytest.raises(UsageError):
        parse_code_insee(text)


@pytest.mark.parametrize(
    ("code", "departement"),
    [("09194", "09"), ("2A004", "2A"), ("2B033", "2B"), ("97411", "974"), ("98735", "987"), ("13055", "13")],
)
def test_departement(code: str, departement: str) -> None:
    """Overseas, the département has three characters."""
    assert departement_of(code) == departement


@given(DIGITS)
def test_one_key_letter_fits_each_uai(digits: str) -> None:
    """The letter is computed from the seven digits; the 22 others are refused."""
    key = uai_key(digits)

    assert parse_uai(f" {digits}{key.lower()} ") == digits + key
    for other in set(UAI_KEYS) - {key}:
        with pytest.raises(RawDataError, match=f"attendue est {key}"):
            parse_uai(digits + other)


@pytest.mark.parametrize("uai", ["0090312R", "9760102G", "0350122T", "6200092F", "7200716R"])
def test_real_uai(uai: str) -> None:
    """Mainland, Mayotte, Corsica."""
    assert parse_uai(uai) == uai


@pytest.mark.parametrize("uai", ["", "90312R", "00903120", "0990312A", "SANS OBJET"])
def test_not_an_uai(uai: str) -> None:
    """Seven digits in a known range, then a letter."""
    with pytest.raises(RawDataError, match="sept chiffres"):
        parse_uai(uai)


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
