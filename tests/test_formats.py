from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pupitre.formats import (
    MINUS,
    NBSP,
    SPECS,
    THIN_NBSP,
    about,
    as_it_is,
    cents,
    day,
    euros,
    fill,
    literal,
    number,
    percent,
    placeholders,
    rank,
    rounded,
    typeset,
    written,
)

AMOUNTS = st.floats(-1e9, 1e9, allow_nan=False)
NOUNS = "école|écoles"


def parsed(text: str) -> Decimal:
    """A French number read back."""
    return Decimal(text.replace("\u202f", "").replace("−", "-").replace(",", "."))


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, 0, "0"),
        (999, 0, "999"),
        (1000, 0, "1\u202f000"),
        (1234567.891, 2, "1\u202f234\u202f567,89"),
        (12.5, 1, "12,5"),
        (3, 2, "3,00"),
        (-1234.5, 1, "−1\u202f234,5"),
        (-0.4, 0, "0"),
    ],
)
def test_thousands_are_thin_spaces_and_decimals_follow_a_comma(value: float, decimals: int, text: str) -> None:
    """U+202F, a comma, a true minus sign, and no « −0 »."""
    assert number(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [(0.5, 0, "1"), (1.5, 0, "2"), (2.5, 0, "3"), (-2.5, 0, "-3"), (0.125, 2, "0.13"), (1.005, 2, "1.01")],
)
def test_a_half_goes_up_as_by_hand(value: float, decimals: int, expected: str) -> None:
    """Never half to even, and on the number as it is written: 1.005 is a little less in binary."""
    assert rounded(value, decimals) == Decimal(expected)
    assert parsed(number(value, decimals)) == Decimal(expected)


@given(AMOUNTS, st.integers(0, 4))
@example(2.5, 0)
@example(-0.001, 2)
def test_a_formatted_number_parses_back(value: float, decimals: int) -> None:
    """What is read is the value, rounded half up; nothing else is lost."""
    unit = Decimal(1).scaleb(-decimals)
    expected = Decimal(repr(value)).quantize(unit, rounding=ROUND_HALF_UP)

    assert parsed(number(value, decimals)) == expected


@given(AMOUNTS)
def test_cents_are_the_nearest_and_stay_put(value: float) -> None:
    """Within half a cent; rounding twice changes nothing."""
    assert abs(cents(value) - value) <= 0.005 + 1e-6
    assert cents(cents(value)) == cents(value)


def test_units_stand_after_a_no_break_space() -> None:
    """U+00A0 before € and %."""
    assert euros(1234.5) == "1\u202f235\u00a0€"
    assert euros(0.125, 2) == "0,13\u00a0€"
    assert percent(0.035) == "3,5\u00a0%"


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.16404, "16,404"), (0.2, "20"), (1, "100"), (0, "0"), (0.9695, "96,95"), (0.123456, "12,346"), (0.10, "10")],
)
def test_a_percentage_has_the_decimals_it_needs(ratio: float, text: str) -> None:
    """Three at most, no useless zero, and « 100 % », never « 1E+2 % »."""
    assert percent(ratio) == f"{text}\u00a0%"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (48.21, "48"),
        (999.6, "1\u202f000"),
        (1234, "1\u202f230"),
        (1235, "1\u202f240"),
        (79_523.4, "79\u202f500"),
        (1_355_000, "1\u202f360\u202f000"),
        (-79_523.4, "−79\u202f500"),
    ],
)
def test_about_keeps_three_figures(value: float, text: str) -> None:
    """Rounded for reading, half up; a small amount keeps its euros."""
    assert about(value) == f"{text}\u00a0€"


@given(st.floats(1, 1e9))
def test_about_is_never_far(value: float) -> None:
    """Half of one per cent at most from 100 € on, half a euro below."""
    assert abs(float(parsed(about(value)[:-2])) - value) <= max(0.5, value * 0.005) + 1e-6


@pytest.mark.parametrize(
    ("value", "noun"), [(0, "école"), (1, "école"), (1.4, "école"), (-1, "école"), (2, "écoles"), (-2, "écoles")]
)
def test_the_plural_begins_at_two(value: float, noun: str) -> None:
    """0 and 1 are singular in French, and what is rounded to them."""
    assert written(value, NOUNS).partition(NBSP)[2] == noun


@given(st.floats(-100, 100))
@example(1.5)
@example(1.9)
def test_a_noun_agrees_with_the_number_that_is_read(value: float) -> None:
    """« 2 écoles », never « 2 école »: the noun follows the number as it is written."""
    text, noun = written(value, NOUNS).split(NBSP)

    assert noun == ("écoles" if abs(parsed(text)) >= 2 else "école")


def test_the_first_is_1er() -> None:
    """« 1er », then « 2e »; in a date too, and only for the first of the month."""
    assert [rank(1), rank(2), rank(10.0)] == ["1er", "2e", "10e"]
    assert day("2024-09-01") == "1er\u00a0septembre\u00a02024"
    assert day(date(2026, 8, 21)) == "21\u00a0août\u00a02026"


@pytest.mark.parametrize(
    ("value", "text"),
    [(14.4, "14,4"), (5.0, "5"), (100, "100"), (0.052, "0,052"), (3253, "3\u202f253"), ("6156", "6156")],
)
def test_a_value_as_it_is(value: float | str, text: str) -> None:
    """All its decimals and no other; an account stays a text, without thousands."""
    assert as_it_is(value) == text


@pytest.mark.parametrize("sign", [":", ";", "!", "?", "%", "€", "»"])
def test_a_high_sign_is_not_cut_from_its_word(sign: str) -> None:
    """U+00A0 before it, in place of the space; no space is invented where there was none."""
    assert typeset(f"mot {sign} mot") == f"mot\u00a0{sign} mot"
    assert typeset(f"mot{sign}") == f"mot{sign}"


def test_quotes_and_apostrophes_are_french() -> None:
    """« and » hold their word; ' becomes ’."""
    assert typeset("l'école « Jean Jaurès » d'Orlu") == "l’école «\u00a0Jean Jaurès\u00a0» d’Orlu"


@given(st.text(alphabet="a' :;!?%€«»\u00a0", max_size=30))
def test_typesetting_twice_changes_nothing(text: str) -> None:
    """Whatever the text."""
    assert typeset(typeset(text)) == typeset(text)


@pytest.mark.parametrize("spec", [*SPECS, NOUNS])
def test_an_unknown_value_says_so(spec: str) -> None:
    """Whatever the spec: neither « None », nor « 0 »."""
    assert written(None, spec) == "non connu"


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (1234.567, "euros", "1\u202f235\u00a0€"),
        (1234.565, "cents", "1\u202f234,57\u00a0€"),
        (79_523.4, "about", "79\u202f500\u00a0€"),
        (0.035, "percent", "3,5\u00a0%"),
        (0.96952, "percent1", "97\u00a0%"),
        (0.9646, "percent1", "96,5\u00a0%"),
        (2021, "year", "2021"),
        (2021.0, "year", "2021"),
        (2022, "school_year", "2022-2023"),
        (2024.0, "school_year", "2024-2025"),
        ("2026-T1", "quarter", "1er trimestre 2026"),
        (12345, "number", "12\u202f345"),
        (14.45, "decimal", "14,5"),
        (14.445, "decimal2", "14,45"),
        (1, "rank", "1er"),
        (5.0, "plain", "5"),
        ("2026-11-22", "day", "22\u00a0novembre\u00a02026"),
        ("Mirepoix", "text", "Mirepoix"),
        (3000, NOUNS, "3\u202f000\u00a0écoles"),
    ],
)
def test_a_value_is_written_as_its_spec_says(value: float | str, spec: str, text: str) -> None:
    """Each spec; a year has no thousands."""
    assert written(value, spec) == text


def test_an_unknown_spec_is_an_error() -> None:
    """A misspelt spec never prints a raw number."""
    with pytest.raises(KeyError, match="eurros"):
        written(3, "eurros")


def test_a_template_is_filled_by_name() -> None:
    """The figure, its spec, the text between; without a spec the value is a text."""
    figures = {"nom": "Orlu", "n": 1, "cost": 1234.5}

    assert fill("{nom} : {n:école|écoles}, {cost:euros}.", figures) == "Orlu : 1\u00a0école, 1\u202f235\u00a0€."
    assert list(placeholders("{nom}, {n:year}!")) == [("", "nom", "text"), (", ", "n", "year"), ("!", None, "text")]


def test_a_missing_figure_is_an_error() -> None:
    """A sentence never names a figure that is not there."""
    with pytest.raises(KeyError, match="absent"):
        fill("{absent}", {"n": 1})


def test_a_figure_is_marked_once_with_its_name_and_value() -> None:
    """The mark of HTML sees the exact value, not only its text."""
    marked = fill("Pour {cost:euros}", {"cost": 12.5}, lambda name, value, text: f"<{name}|{value}|{text}>")

    assert marked == "Pour <cost|12.5|13\u00a0€>"


@given(st.text(max_size=40))
@example("{nom} {{ } {0}")
def test_braces_in_a_text_are_only_braces(text: str) -> None:
    """In what the consultant wrote, and in the name of a school."""
    assert fill(literal(text), {}) == text
    assert fill("{name}", {"name": text}) == text


def test_the_spaces_are_those_of_french_typography() -> None:
    """Their code points, once."""
    assert (NBSP, THIN_NBSP, MINUS) == ("\u00a0", "\u202f", "\u2212")
