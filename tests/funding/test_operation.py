from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from pupitre.errors import UsageError
from pupitre.funding.operation import LeaseTerms, Operation
from pupitre.funding.scenarios import leasing

Make = Callable[..., Operation]
DEFAULTS = [
    ("borrowing_rate", "loan_rate", "emprunt_taux", 0.0354, 0.0),
    ("loan_years", "loan_years", "emprunt_duree", 5, 8),
    ("fctva_delay_years", "fctva_delay_years", "fctva_delai", 2, 0),
    ("aid_probability", "aid_probability", "aides_probabilite", 0.5, 0.0),
    ("gift_probability", "gift_probability", "don_probabilite", 0.5, 1.0),
    ("byod_loan_share", "byod_loan_share", "byod_pret_part", 0.3, 0.0),
    ("family_share", "family_share", "byod_part_famille_moyenne", pytest.approx(1.3 / 3), 0.0),
]


def read(operation: Operation) -> set[str]:
    """The figures of law that were read so far."""
    return {figure.name for figure in operation.law.read}


@pytest.mark.parametrize(("name", "assumption", "figure", "usual", "given"), DEFAULTS)
def test_a_default_reads_the_law_and_a_choice_does_not(
    operation_of: Make, name: str, assumption: str, figure: str, usual: object, given: float
) -> None:
    """The report lists a figure only when it was used; a zero that is given is a choice."""
    default, chosen = operation_of(), operation_of(**{assumption: given})

    assert getattr(default, name) == usual
    assert figure in read(default)
    assert getattr(chosen, name) == given
    assert read(chosen) == set()


def test_the_family_share_is_the_mean_of_three_bands(operation_of: Make) -> None:
    """10, 50 and 70 % of the price."""
    operation = operation_of()

    assert operation.family_share == pytest.approx((0.1 + 0.5 + 0.7) / 3)
    assert {f"byod_part_famille_{band}" for band in ("basse", "moyenne", "haute")} <= read(operation)


def test_rates_are_those_of_the_day(operation_of: Make) -> None:
    """0.62 % in 2021, 3.79 % in 2023."""
    assert operation_of(on=date(2021, 6, 1)).borrowing_rate == 0.0062
    assert operation_of(on=date(2023, 6, 1)).borrowing_rate == 0.0379


def test_the_usual_lease(operation_of: Make) -> None:
    """A crédit-bail of 5 years at 3.54 % + 2 %, option 1 %."""
    operation = operation_of()

    assert operation.lease == LeaseTerms(pytest.approx(0.0554), 5, 0.01, "credit_bail")
    assert {"emprunt_taux", "leasing_marge", "leasing_duree", "leasing_option_part"} == read(operation)


def test_a_loan_that_is_quoted_moves_the_usual_lease(operation_of: Make) -> None:
    """The lessor's margin stands on the commune's own rate."""
    assert operation_of(loan_rate=0.01).lease.rate == pytest.approx(0.03)


@pytest.mark.parametrize("kind", ["location_financiere", "location_evolutive"])
def test_only_a_credit_bail_has_an_option(operation_of: Make, kind: str) -> None:
    """The assumed 1 % is not even read."""
    operation = operation_of(lease_kind=kind, lease_rate=0.04)

    assert operation.lease == LeaseTerms(0.04, 5, 0.0, kind)
    assert read(operation) == {"leasing_duree"}


def test_a_lease_without_option_is_a_location_financiere(operation_of: Make) -> None:
    """Whoever asks for no option asks for that contract; an option given makes a crédit-bail."""
    assert operation_of(lease_option_share=0).lease.kind == "location_financiere"
    assert operation_of(lease_option_share=0.1).lease.kind == "credit_bail"
    assert operation_of(lease_kind="credit_bail").lease.option_share == 0.01


def test_terms_that_are_given_are_kept(operation_of: Make) -> None:
    """Without reading the law."""
    operation = operation_of(lease_rate=0.0, lease_years=3, lease_option_share=0.25)

    assert operation.lease == LeaseTerms(0.0, 3, 0.25, "credit_bail")
    assert read(operation) == set()


def test_the_published_rent_gives_the_published_rate(operation_of: Make) -> None:
    """W10: 18.205 € a month for 1 000 €, 60 months, option 1 %: 4 % nominal; neither loan rate nor margin is read."""
    operation = operation_of(lease_rent_per_1000_eur=18.205, lease_years=5, lease_option_share=0.01)

    assert operation.lease.rate == pytest.approx(0.04, abs=1e-5)
    assert read(operation) == set()


def test_a_rent_with_a_large_option(operation_of: Make) -> None:
    """Etudier 542699: 357.01 € for 20 000, option 6 000, 48 months, 0.5 % a month: 6 % nominal."""
    operation = operation_of(lease_rent_per_1000_eur=357.01 / 20, lease_years=4, lease_option_share=0.3)

    assert operation.lease.rate == pytest.approx(0.06, abs=1e-4)


def test_a_rent_that_repays_the_price_and_no_more_has_no_interest(operation_of: Make) -> None:
    """60 rents of 16 € and an option of 40 € for 1 000 €: 0 %."""
    operation = operation_of(lease_rent_per_1000_eur=16, lease_years=5, lease_option_share=0.04)

    assert operation.lease.rate == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("rent", [18.5, 20, 25])
def test_the_rents_of_a_plan_are_those_that_were_offered(operation_of: Make, rent: float) -> None:
    """10 000 € HT: twelve times ten times the rent, VAT added, to the cent of a month."""
    operation = operation_of(lease_rent_per_1000_eur=rent, lease_years=5, lease_option_share=0)
    cash = leasing.plan(operation, "central").cash

    assert cash["amount_eur"].tolist() == pytest.approx([-12 * 10 * rent * 1.2] * 5, abs=0.12)


@pytest.mark.parametrize("rent", [10, 16.66, 60, 1_000])
def test_a_rent_that_no_lessor_asks_is_refused_by_its_name(operation_of: Make, rent: float) -> None:
    """600 € of rents for 1 000 €, or more than 100 % a year: the message names the assumption to correct."""
    operation = operation_of(lease_rent_per_1000_eur=rent, lease_years=5, lease_option_share=0)

    with pytest.raises(UsageError, match="lease_rent_per_1000_eur"):
        _ = operation.lease


def test_what_aids_may_pay(operation_of: Make) -> None:
    """What is new among some rows, by year, HT; neither renewals, replacements, services, nor what is given."""
    operation = operation_of(
        {},
        {"ht": 500, "year": 2028},
        {"ht": 700, "nature": "remplacement", "year": 2032},
        {"ht": 900, "section": "fonctionnement", "nature": "service"},
        {"ht": 30, "low": 0},
        {"ht": 800, "nature": "renouvellement"},
    )

    assert operation.subsidised_ht_eur("central", operation.all_bought) == {2027: 10_030, 2028: 500}
    assert operation.subsidised_ht_eur("low", {1: 0.5, 4: 1.0}) == {2028: 250}
    assert operation.subsidised_ht_eur("central", {}) == {}


def test_rows_that_families_may_bring_and_that_a_lessor_takes_back(operation_of: Make) -> None:
    """A pupil owns a tablet, not a screen; a lessor takes back both, not cables."""
    cables = {"item": "prise_mobile", "leasable": False}
    operation = operation_of({"item": "appareil_mobile"}, {"item": "tablette"}, {"item": "affichage"}, cables)

    assert operation.family_rows == {0, 1}
    assert operation.leasable_rows == {0, 1, 2}
    assert len(operation.investments) == 4


def test_supposing_changes_assumptions_and_nothing_else(operation_of: Make) -> None:
    """A new operation; the first keeps its own."""
    first = operation_of(population=157, departement="09", loan_share=0.2)
    other = first.supposing(loan_share=1.0)

    assert (first.assumptions.loan_share, other.assumptions.loan_share) == (0.2, 1.0)
    assert (other.programme, other.law, other.population, other.departement) == (first.programme, first.law, 157, "09")
