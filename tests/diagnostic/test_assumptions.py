from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pupitre.diagnostic.assumptions import (
    Assumptions,
    assumption_rows,
    label,
    load_assumptions,
)
from pupitre.diagnostic.catalogue import items, quoted_prices
from pupitre.errors import Contradiction, UsageError
from pupitre.formats import day
from pupitre.law import baremes
from pupitre.law.baremes import Law


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

    assert chosen.overrides() == {"loan_share": 0.5, "prix_affichage": 1900}


def test_quotes_and_own_targets_are_listed_by_the_name_that_sets_them(law: Law) -> None:
    """What the report lists can be typed again, and gives the same study."""
    values = {
        "prix_ent": 45.5,
        "prix_affichage": 1_900,
        "cible_tablette": 2.5,
        "cible_imprimante": 0,
        "target": "montaigne",
    }
    chosen = load_assumptions(values, law)

    assert chosen.overrides() == values
    assert load_assumptions(chosen.overrides(), law) == chosen


def test_prices_and_targets_have_their_own_tables(law: Law) -> None:
    """By the name of the price, and by the key of the item."""
    chosen = load_assumptions({"prix_ent": "45.5", "cible_tablette": "2.5", "cible_imprimante": 0}, law)

    assert chosen.prices == {"prix_ent": 45.5}
    assert chosen.targets == {"tablette": 2.5, "imprimante": 0}


@pytest.mark.parametrize("name", ["prices", "targets", "aids", "cible_", "prix_", "cible_chaise", "prix_chaise"])
def test_a_table_is_not_an_assumption(law: Law, name: str) -> None:
    """Only what stands in it: an item of the catalogue, a price known or to be quoted."""
    with pytest.raises(UsageError, match=f"« {name} » n'existe pas"):
        load_assumptions({name: 1}, law)


@pytest.mark.parametrize("key", items())
def test_each_item_has_its_target(law: Law, key: str) -> None:
    """And a label that says by what it is counted."""
    by = "école" if items()[key].per == "ecole" else "classe"

    assert load_assumptions({f"cible_{key}": 3}, law).targets == {key: 3}
    assert label(f"cible_{key}", law) == f"Cible par {by} : {items()[key].label}"


@pytest.mark.parametrize("name", quoted_prices())
def test_what_only_a_quote_can_price_may_be_quoted(law: Law, name: str) -> None:
    """And is said in words."""
    assert load_assumptions({name: "12.5"}, law).prices == {name: 12.5}
    assert label(name, law).startswith("Prix HT d'un devis : ")
    assert quoted_prices()[name] in label(name, law)


def test_every_assumption_is_listed_once_with_what_it_is(law: Law) -> None:
    """The rows of the sheet Hypothèses: fields, then prices, then targets; each is accepted by its name."""
    rows = assumption_rows(law)
    names = [row["nom"] for row in rows]

    assert len(set(names)) == len(names)
    assert set(names) >= {*Assumptions.model_fields} - {"prices", "targets", "aids"}
    assert {"prix_affichage", "prix_borne_wifi", "prix_heure_referent", "cible_tablette"} < set(names)
    assert {"aide_detr", "aide_dsil", "aide_socle_2021"} < set(names)
    assert not {"prices", "targets", "aids"} & set(names)
    assert all(row["sens"].strip() and row["sens"] != row["nom"] for row in rows)
    assert law.read == ()


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
        ("target", "lyon", "'socle' ou 'montaigne'"),
        ("wifi", "parfois", "true ou false"),
        ("ceiling_eur_per_year", 999.99, "au moins 1000"),
        ("groupement_share", 30, "au plus 1"),
        ("referent_hours_per_year", 1_001, "au plus 1000"),
        ("cible_tablette", 41, "au plus 40"),
        ("cible_tablette", -1, "au moins 0"),
        ("prix_ent", 0.99, "au moins 1"),
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


@given(
    st.sampled_from(sorted(set(Assumptions.model_fields) | {"cible_tablette", "prix_ent"})),
    st.floats(allow_nan=True) | st.text(),
)
def test_any_value_is_taken_or_refused_in_french(name: str, value: float | str) -> None:
    """Never another exception."""
    law = baremes.on(date(2026, 11, 22))
    try:
        load_assumptions({name: value}, law)
    except UsageError as refusal:
        alone = isinstance(refusal, Contradiction)
        assert ("Hypothèses contradictoires : " if alone else f"L'hypothèse « {name} »") in str(refusal)  # noqa: PT017


def test_assumptions_do_not_change() -> None:
    """Frozen, and no field is invented."""
    with pytest.raises(ValidationError):
        Assumptions().loan_share = 1.0  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Assumptions.model_validate({"loan": 1})


NO_NUMBERS = {"lease_kind"} | {
    name for name, field in Assumptions.model_fields.items() if isinstance(field.default, bool | str)
}
IN_NUMBERS = [row["nom"] for row in assumption_rows(baremes.on(date(2026, 11, 22))) if row["nom"] not in NO_NUMBERS]
CLOSED_AIDS = {
    "aide_enr": ("2009-01-01", "2009-12-31"),
    "aide_enir": ("2017-01-01", "2018-12-31"),
    "aide_label_2020": ("2020-02-07", "2020-12-31"),
    "aide_socle_2021": ("2021-01-14", "2021-03-31"),
}


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("name", [name for name in IN_NUMBERS if name not in CLOSED_AIDS])
def test_what_is_no_number_is_refused_by_every_field(law: Law, name: str, value: float, as_text: bool) -> None:
    """Neither « nan » nor « inf », typed or computed: the field is named, and what it accepts."""
    with pytest.raises(UsageError) as refusal:
        load_assumptions({name: str(value) if as_text else value}, law)

    assert f"L'hypothèse « {name} » vaut « {value} » : on attend " in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("loan_rate", 35, "au plus 0.5"),
        ("lease_rate", 5.54, "au plus 0.5"),
        ("loan_share", 35, "au plus 1"),
        ("groupement_share", 35, "au plus 1"),
        ("lease_option_share", 1, "au plus 0.5"),
        ("aid_probability", 50, "au plus 1"),
        ("gift_probability", -0.1, "au moins 0"),
        ("call_rate", 35, "au plus 1"),
        ("call_research_share", 0.91, "au plus 0.9"),
        ("byod_loan_share", 30, "au plus 1"),
        ("byod_state_share", -0.01, "au moins 0"),
        ("family_share", 50, "au plus 1"),
        ("family_limit", 30, "au plus 1"),
        ("uncertain_limit", 30, "au plus 1"),
        ("aide_detr", 35, "au plus 0.8"),
        ("prix_affichage", -1_900, "au moins 1"),
        ("prix_affichage", 0, "au moins 1"),
        ("prix_affichage", 1_000_001, "au plus 1000000"),
        ("cible_tablette", -1, "au moins 0"),
        ("horizon_years", 0, "au moins 1"),
        ("loan_years", 0, "au moins 1"),
        ("lease_years", 0, "au moins 1"),
        ("lease_years", 16, "au plus 15"),
        ("call_years", 0, "au moins 1"),
        ("fctva_delay_years", -1, "au moins 0"),
        ("given_away_after_years", 11, "au plus 10"),
        ("given_away_after_years", 1.5, "un nombre entier"),
        ("call_partners", 2.5, "un nombre entier"),
        ("call_partners_required", -1, "au moins 0"),
        ("donor_turnover_eur", 0, "plus de 0"),
        ("donor_turnover_eur", -1, "plus de 0"),
        ("gift_company_eur", -1, "au moins 0"),
        ("gift_individuals_eur", 1e9 + 1, "au plus 1000000000"),
        ("gift_in_kind_eur", -0.01, "au moins 0"),
        ("gift_skills_eur", -0.01, "au moins 0"),
        ("gift_return_eur", -1, "au moins 0"),
        ("call_ceiling_eur", -1, "au moins 0"),
        ("call_minimum_eur", -1, "au moins 0"),
        ("ceiling_eur_per_year", 0, "au moins 1000"),
        ("running_ceiling_eur_per_year", 999, "au moins 1000"),
        ("lease_rent_per_1000_eur", 0, "au moins 1"),
        ("lease_rent_per_1000_eur", -18.2, "au moins 1"),
        ("savings_eur", -2e9, "au moins -1000000000"),
        ("debt_eur", -1, "au moins 0"),
        ("tfpb_base_eur", -5e6, "au moins 1000"),
        ("lease_kind", "leasing", "'credit_bail', 'location_financiere' ou 'location_evolutive'"),
        ("aid_brackets", "tranches", "'marginal' ou 'cliff'"),
        ("donor_is_supplier", "peut-être", "true ou false"),
        ("aide_detr", "beaucoup", "au moins 0 et au plus 0.8"),
        ("loan_rate", "trois", "un nombre"),
        ("loan_rate", "", "un nombre"),
        ("loan_years", "cinq", "un nombre entier"),
    ],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_each_bad_input_is_refused_alone(law: Law, name: str, value: object, words: str, as_text: bool) -> None:
    """As a number or as the text that the command line gives: its name, what was read, what is accepted."""
    with pytest.raises(UsageError) as refusal:
        load_assumptions({name: str(value) if as_text else value}, law)

    assert f"L'hypothèse « {name} » vaut « {value} » : on attend " in str(refusal.value)
    assert words in str(refusal.value)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("name", ["loan_rate", "lease_rate", "call_rate", "loan_share", "family_share", "aide_detr"])
def test_a_rate_in_percent_is_told_how_to_be_written(law: Law, name: str) -> None:
    """35 is 0.35."""
    with pytest.raises(UsageError, match=r"Un taux s'écrit en ratio : 0\.\d+ pour [\d,]+ %\."):
        load_assumptions({name: 35}, law)


@pytest.mark.parametrize(("name", "span"), CLOSED_AIDS.items())
def test_a_closed_aid_names_its_dates(law: Law, name: str, span: tuple[str, str]) -> None:
    """In 2026: refused before its rate is looked at, were it nought."""
    for value in (0, 0.5, "0.5", "nan"):
        with pytest.raises(UsageError) as refusal:
            load_assumptions({name: value}, law)

        assert f"L'hypothèse « {name} »" in str(refusal.value)
        assert day(law.day) in str(refusal.value)
        assert all(day(end) in str(refusal.value) for end in span)


@pytest.mark.parametrize(("name", "span"), CLOSED_AIDS.items())
def test_an_aid_is_accepted_on_its_days_only(name: str, span: tuple[str, str]) -> None:
    """Both ends included."""
    first, last = map(date.fromisoformat, span)
    for open_day in (first, last):
        assert load_assumptions({name: "0.5"}, baremes.on(open_day)).aids == {name: 0.5}
    for other in (date.fromordinal(first.toordinal() - 1), date.fromordinal(last.toordinal() + 1)):
        with pytest.raises(UsageError, match="fermée"):
            load_assumptions({name: 0.5}, baremes.on(other))


@pytest.mark.parametrize(("name", "eve"), [("aide_tne", date(2021, 12, 31)), ("aide_dsil", date(2017, 12, 31))])
def test_an_aid_not_yet_open_says_since_when_it_is(name: str, eve: date) -> None:
    """It has no last day: « au None » is no date."""
    with pytest.raises(UsageError) as refusal:
        load_assumptions({name: 0.5}, baremes.on(eve))

    assert f"ouvert le 1er\u00a0janvier\u00a0{eve.year + 1}" in str(refusal.value)
    assert "None" not in str(refusal.value)


@pytest.mark.parametrize(("name", "highest"), [("aide_detr", 0.8), ("aide_dsil", 0.8), ("aide_tne", 0.7)])
def test_an_aid_stays_under_its_highest_rate(law: Law, name: str, highest: float) -> None:
    """Bounds included."""
    assert load_assumptions({name: highest}, law).aids == {name: highest}
    assert load_assumptions({name: 0}, law).aids == {name: 0}
    with pytest.raises(UsageError, match=f"« {name} ».*au moins 0 et au plus {highest}"):
        load_assumptions({name: highest + 0.001}, law)


@pytest.mark.parametrize(
    ("name", "close"),
    [
        ("aide_dert", "aide_detr"),
        ("gift_compagny_eur", "gift_company_eur"),
        ("lease_kinds", "lease_kind"),
        ("family_shar", "family_share"),
        ("prix_afichage", "prix_affichage"),
        ("cible_tablete", "cible_tablette"),
    ],
)
def test_an_unknown_name_finds_its_neighbour(law: Law, name: str, close: str) -> None:
    """« Vouliez-vous dire »."""
    with pytest.raises(UsageError, match=f"« {name} » n'existe pas. Vouliez-vous dire « {close} »"):
        load_assumptions({name: 0.5}, law)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"lease_rate": 0.04, "lease_rent_per_1000_eur": 18.2}, ["lease_rate", "lease_rent_per_1000_eur"]),
        ({"lease_rate": 0, "lease_rent_per_1000_eur": 18.2}, ["lease_rate", "lease_rent_per_1000_eur"]),
        ({"lease_kind": "location_financiere", "lease_option_share": 0.01}, ["lease_option_share", "lease_kind"]),
        ({"lease_kind": "location_evolutive", "lease_option_share": 0.01}, ["lease_option_share", "lease_kind"]),
        ({"call_ceiling_eur": 1}, ["call_rate"]),
        ({"call_minimum_eur": 1}, ["call_rate"]),
        ({"call_research_share": 0.1}, ["call_rate"]),
        ({"call_years": 2}, ["call_rate"]),
        ({"family_share": 0.6, "byod_state_share": 0.41}, ["family_share", "byod_state_share", "1 au plus"]),
        ({"gift_return_eur": 1}, ["gift_return_eur"]),
        ({"gift_return_eur": 1, "gift_individuals_eur": 1_000}, ["gift_return_eur"]),
    ],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_contradictions_are_refused(law: Law, values: dict[str, object], named: list[str], as_text: bool) -> None:
    """Both values are in their range, and cannot hold together: the message names what to change."""
    told = {name: str(value) for name, value in values.items()} if as_text else values
    with pytest.raises(Contradiction, match="Hypothèses contradictoires : ") as refusal:
        load_assumptions(told, law)

    assert all(words in str(refusal.value) for words in named)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    "values",
    [
        {"lease_rate": 0.04},
        {"lease_rent_per_1000_eur": 18.2},
        {"lease_kind": "location_financiere", "lease_option_share": 0},
        {"lease_kind": "credit_bail", "lease_option_share": 0.01},
        {"call_rate": 0, "call_ceiling_eur": 1, "call_minimum_eur": 1, "call_research_share": 0.1, "call_years": 2},
        {"family_share": 0.6, "byod_state_share": 0.4},
        {"gift_return_eur": 1, "gift_company_eur": 1},
        {"gift_return_eur": 1, "gift_in_kind_eur": 1},
        {"gift_return_eur": 1, "gift_skills_eur": 1},
    ],
)
def test_what_holds_together_is_accepted(law: Law, values: dict[str, object]) -> None:
    """The other side of each contradiction, kept as it was given."""
    chosen = load_assumptions(values, law)

    assert {name: getattr(chosen, name) for name in values} == values


def test_one_bad_value_leaves_nothing(law: Law) -> None:
    """Neither half an assumption nor a plan: good values beside it do not pass, in any order."""
    good, bad = {"loan_share": 0.5, "prix_affichage": 1_900}, {"loan_rate": 35}
    for values in (good | bad, bad | good):
        with pytest.raises(UsageError, match="« loan_rate »"):
            load_assumptions(values, law)


@given(
    st.dictionaries(
        st.sampled_from(IN_NUMBERS), st.floats(allow_nan=True) | st.integers(-3, 40) | st.floats(0, 1), max_size=4
    )
)
def test_what_is_accepted_is_finite_and_told_again(values: dict[str, float]) -> None:
    """Whatever is given together: refused with a sentence, or kept as it is."""
    law = baremes.on(date(2026, 11, 22))
    try:
        chosen = load_assumptions(values, law)
    except UsageError as refusal:
        assert str(refusal).startswith(("L'hypothèse « ", "Hypothèses contradictoires : "))  # noqa: PT017
    else:
        assert load_assumptions(chosen.overrides(), law) == chosen
        assert all(value == values[name] for name, value in chosen.overrides().items())
