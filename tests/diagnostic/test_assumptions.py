from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pupitre.diagnostic.assumptions import Assumptions, load_assumptions, parse_settings
from pupitre.errors import UsageError
from pupitre.law import baremes
from pupitre.law.baremes import Law


@pytest.fixture
def law(on: date) -> Law:
    """The figures of the day."""
    return baremes.on(on)


def test_nothing_said_changes_nothing(law: Law) -> None:
    """Public schools, maternelles in, figures in force, no loan, nothing redeployed; no price is read."""
    default = load_assumptions({}, law)

    assert default == Assumptions()
    assert default.overrides() == {}
    assert (default.include_private, default.maternelles) == (False, True)
    assert (default.loan_share, default.redeployed_eur_per_year) == (0, 0)
    assert law.read == ()


def test_only_what_differs_is_listed(law: Law) -> None:
    """The report names what the consultant changed, and that only."""
    chosen = load_assumptions({"loan_share": 0.5, "maternelles": True, "prix_affichage": 1900}, law)

    assert chosen.overrides() == {"loan_share": 0.5, "prices": {"prix_affichage": 1900}}


def test_texts_of_the_command_line_are_read(law: Law) -> None:
    """A decimal comma, a truth, an integer, a price."""
    pairs = ["loan_rate=0,035", "include_private=true", " horizon_years = 8 ", "prix_imprimante=450,50"]
    chosen = load_assumptions(parse_settings(pairs), law)

    assert chosen.loan_rate == 0.035
    assert chosen.include_private is True
    assert chosen.horizon_years == 8
    assert chosen.prices == {"prix_imprimante": 450.5}


def test_a_value_may_hold_an_equals_sign() -> None:
    """Only the first one separates."""
    assert parse_settings(["a=b=c"]) == {"a": "b=c"}


@pytest.mark.parametrize("pair", ["loan_share", "=3", "loan_share=", " = "])
def test_a_setting_is_a_name_and_a_value(pair: str) -> None:
    """The refusal repeats what was typed and shows how to write it."""
    with pytest.raises(UsageError, match="NOM=VALEUR") as refusal:
        parse_settings([pair])

    assert pair in str(refusal.value)


def test_a_misspelt_assumption_finds_its_neighbour(law: Law) -> None:
    """« Vouliez-vous dire », for prices too; a name far from all gets the list."""
    with pytest.raises(UsageError, match=r"« loan_shar ».*Vouliez-vous dire « loan_share »"):
        load_assumptions({"loan_shar": 1}, law)
    with pytest.raises(UsageError, match="Vouliez-vous dire « prix_affichage »"):
        load_assumptions({"prix_afichage": 1900}, law)
    with pytest.raises(UsageError, match=r"Les noms admis.*horizon_years"):
        load_assumptions({"zzzzzz": 1}, law)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("loan_share", 1.01, "au plus 1"),
        ("loan_share", -0.01, "au moins 0"),
        ("loan_rate", 3.5, "0.035 pour 3,5 %"),
        ("lease_rate", "3,5 %", "un nombre"),
        ("horizon_years", 0, "au moins 1"),
        ("horizon_years", 16, "au plus 15"),
        ("horizon_years", "5.5", "entier"),
        ("fctva_delay_years", 3, "au plus 2"),
        ("loan_years", 0, "au moins 1"),
        ("prix_affichage", 0, "au moins 1"),
        ("prix_affichage", "inf", "au plus 1000000"),
        ("redeployed_eur_per_year", -1, "au moins 0"),
        ("redeployed_eur_per_year", "nan", "redeployed_eur_per_year"),
        ("tfpb_base_eur", 0, "au moins 1000"),
        ("lease_option_share", 0.51, "au plus 0.5"),
        ("include_private", "oui", "true ou false"),
    ],
)
def test_an_absurd_value_is_refused_with_its_name_and_bounds(law: Law, name: str, value: object, words: str) -> None:
    """What was read, what is expected; a rate typed in percent is told how to be written."""
    with pytest.raises(UsageError, match=words) as refusal:
        load_assumptions({name: value}, law)

    assert f"« {name} »" in str(refusal.value)
    assert f"« {value} »" in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("loan_share", 1), ("loan_rate", 0), ("horizon_years", 15), ("fctva_delay_years", 0), ("lease_option_share", 0)],
)
def test_bounds_are_included(law: Law, name: str, value: float) -> None:
    """And zero is a choice, not « the figure in force »."""
    assert getattr(load_assumptions({name: value}, law), name) == value


@given(st.sampled_from(sorted(set(Assumptions.model_fields) - {"prices"})), st.floats(allow_nan=True) | st.text())
def test_any_value_is_taken_or_refused_in_french(name: str, value: float | str) -> None:
    """Never another exception."""
    law = baremes.on(date(2026, 11, 22))
    try:
        load_assumptions({name: value}, law)
    except UsageError as refusal:
        assert f"L'hypothèse « {name} »" in str(refusal)  # noqa: PT017


def test_assumptions_do_not_change() -> None:
    """Frozen, and no field is invented."""
    with pytest.raises(ValidationError):
        Assumptions().loan_share = 1.0  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Assumptions.model_validate({"loan": 1})
