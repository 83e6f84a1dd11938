"""Leasing, by hand, on small programmes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.programme import Programme
from pupitre.formats import cents
from pupitre.funding.finance import implicit_rate
from pupitre.funding.lease import Lease, leases_of
from pupitre.funding.operation import LeaseTerms, Operation
from pupitre.funding.plan import FundingPlan, sum_by_year
from pupitre.funding.scenarios import leasing
from pupitre.law import baremes
from pupitre.law.baremes import Law
from pupitre.study import Study

LAW = baremes.on(date(2026, 11, 22))
NONE = pd.DataFrame()
W10 = {"lease_rate": 0.04, "lease_years": 5, "lease_option_share": 0.01}  # excel-downloads 20042741


@pytest.fixture
def law(on: date) -> Law:
    """The figures of the day, nothing read yet."""
    return baremes.on(on)


def programme(*items: tuple[float, int, bool], horizon: int = 5) -> Programme:
    """Items bought in 2027 and replaced at the end of life: price HT, life, whether a lessor takes it back."""
    rows = [
        {
            "item": f"item{rank}",
            "label": f"Item {rank}",
            "nature": "achat" if year == 2027 else "remplacement",
            "year": year,
            "section": "investissement",
            "leasable": leasable,
            "life_years": life,
            "vat_rate": 0.2,
            "ht_central": price,
            "ttc_central": cents(price * 1.2),
        }
        for rank, (price, life, leasable) in enumerate(items)
        for year in range(2027, 2027 + horizon, life)
    ]
    return Programme(2027, horizon, pd.DataFrame(rows), NONE, NONE, (), NONE, (), schools=1, pupils=14)


def leased(of: Programme, **assumptions: object) -> FundingPlan:
    """The lease plan of the central case."""
    return leasing.plan(Operation(of, LAW, Assumptions.model_validate(assumptions)), "central")


def cash_of(plan: FundingPlan, label: str) -> dict[int, float]:
    """The flows of one label by year."""
    return sum_by_year(plan.cash[plan.cash["label"] == label])


def test_rents_of_a_published_lease() -> None:
    """W10, excel-downloads 20042741: 1 820.50 € HT a month in advance, 2 184.60 € TTC, 26 215.20 € a year."""
    plan = leased(programme((100_000, 5, True)), **W10)

    assert cash_of(plan, "Loyers") == dict.fromkeys(range(2027, 2032), -26_215.20)


def test_the_option_is_bought_the_day_after_the_term() -> None:
    """1 % of 100 000 €: 1 200 € TTC in 2032, with its FCTVA of 196.85 € in 2034; rents get none."""
    plan = leased(programme((100_000, 5, True)), **W10)

    assert cash_of(plan, "Options d'achat") == {2032: -1_200}
    assert cash_of(plan, "FCTVA") == {2034: 196.85}
    assert plan.borne_by("etat") == 196.85
    assert plan.charge_by_year("etat") == {**dict.fromkeys(range(2027, 2032), 0), 2032: 196.85}
    assert plan.after_horizon_eur == 0


def test_rents_are_running_costs_and_the_option_an_investment() -> None:
    """Sections."""
    charge = leased(programme((100_000, 5, True)), **W10).charge

    assert charge[charge["year"] < 2032]["section"].unique().tolist() == ["fonctionnement"]
    assert charge[charge["year"] == 2032]["section"].unique().tolist() == ["investissement"]
    assert charge[charge["section"] == "fonctionnement"]["payer"].unique().tolist() == ["commune"]


def test_financing_is_what_the_lease_costs_above_the_price() -> None:
    """5 × 26 215.20 + 1 200 - 120 000."""
    plan = leased(programme((100_000, 5, True)), **W10)

    assert plan.financing_eur == 12_276.00
    assert plan.cost_eur == 132_276.00


def test_cables_are_bought_in_the_same_plan() -> None:
    """With their FCTVA in N+2, beside the rents of the rest."""
    plan = leased(programme((100_000, 5, True), (1_000, 15, False)), **W10)

    assert cash_of(plan, "Achats") == {2027: -1_200}
    assert cash_of(plan, "Options d'achat") == {2032: -1_200}
    assert cash_of(plan, "FCTVA") == {2029: 196.85, 2034: 196.85}


@pytest.mark.parametrize("delay", [0, 1, 2])
def test_fctva_of_the_option_comes_back_at_the_delay(delay: int) -> None:
    """Counted from the year of the option."""
    plan = leased(programme((100_000, 5, True)), **W10, fctva_delay_years=delay)

    assert cash_of(plan, "FCTVA") == {2032 + delay: 196.85}


def test_a_zero_rate_lease_without_option_costs_the_price() -> None:
    """120 000 € TTC over the life, nothing more, and no FCTVA."""
    plan = leased(programme((100_000, 5, True)), lease_rate=0, lease_years=5, lease_option_share=0)

    assert (plan.cost_eur, plan.financing_eur, plan.borne_by("etat")) == (120_000, 0, 0)
    assert cash_of(plan, "Loyers") == dict.fromkeys(range(2027, 2032), -24_000)


ITEMS = st.lists(st.tuples(st.floats(50, 1e5).map(cents), st.integers(1, 10), st.just(True)), min_size=1, max_size=4)


@given(ITEMS, st.integers(1, 12))
def test_a_zero_rate_lease_over_the_life_costs_all_that_is_bought(
    items: list[tuple[float, int, bool]], horizon: int
) -> None:
    """Rents inside the horizon and after it, within half a cent a month and a lease: as much as the purchase."""
    of = programme(*items, horizon=horizon)
    plan = leased(of, lease_rate=0, lease_years=15, lease_option_share=0)
    months = sum(12 * life for life in of.lines["life_years"])

    assert plan.cost_eur == pytest.approx(of.ttc("central"), abs=0.0051 * months)


@given(ITEMS, st.floats(0.001, 0.15))
def test_a_lease_is_worth_its_price_at_its_own_rate(items: list[tuple[float, int, bool]], rate: float) -> None:
    """Twelve rents a year, in advance, VAT apart: the implicit rate is the one asked."""
    price, life, _ = items[0]
    lease = Lease(range(2027, 2027 + life), range(0), price, 0.2, LeaseTerms(rate, life, 0.01))
    rent = lease.yearly_ttc_eur / 12 / 1.2

    found = implicit_rate(price, [rent] * 12 * life, residual_eur=lease.option_ttc_eur / 1.2)

    assert found == pytest.approx((1 + rate / 12) ** 12 - 1, abs=0.02 * 12 / price + 1e-6)


def test_without_option_the_lease_is_renewed_at_its_term() -> None:
    """Given back after 3 years of a life of 5: a second lease takes over, for the 2 years that are left."""
    plan = leased(programme((36_000, 5, True)), lease_rate=0, lease_years=3, lease_option_share=0)

    assert cash_of(plan, "Loyers") == dict.fromkeys(range(2027, 2032), -14_400)
    assert plan.after_horizon_eur == 0
    assert cash_of(plan, "Achats") == cash_of(plan, "Options d'achat") == {}


def test_with_option_a_new_lease_begins_at_the_end_of_life() -> None:
    """Leased 3 years, bought in 2030, used to 2031, leased again in 2032 and bought in 2035, past the horizon."""
    plan = leased(programme((36_000, 5, True), horizon=6), lease_rate=0, lease_years=3, lease_option_share=0.1)

    assert cash_of(plan, "Loyers") == dict.fromkeys([2027, 2028, 2029, 2032, 2033, 2034], -12_960)
    assert cash_of(plan, "Options d'achat") == {2030: -4_320, 2035: -4_320}
    assert plan.after_horizon_eur == 25_920


def test_a_lease_never_outlives_the_equipment() -> None:
    """A term of 15 years asked for what lives 5 is a term of 5."""
    plan = leased(programme((100_000, 5, True)), lease_rate=0.04, lease_years=15, lease_option_share=0.01)

    assert cash_of(plan, "Loyers") == cash_of(leased(programme((100_000, 5, True)), **W10), "Loyers")


def test_what_is_leased_past_the_horizon_counts_to_its_end() -> None:
    """Three years compared, five leased: all rents and the option count, as the whole price of a purchase does."""
    plan = leased(programme((100_000, 5, True), horizon=3), **W10)

    assert cash_of(plan, "Loyers") == dict.fromkeys(range(2027, 2032), -26_215.20)
    assert cash_of(plan, "Options d'achat") == {2032: -1_200}
    assert plan.after_horizon_eur == 52_430.40
    assert plan.financing_eur == 12_276.00


def renewed(year: int, price: float = 100_000, life: int = 5, horizon: int = 5) -> Programme:
    """What is there already and falls due in that year; replaced at the end of its life when that is inside."""
    usual = programme((price, life, True), horizon=horizon)
    first = usual.lines.iloc[0].to_dict()
    rows = [
        first | {"nature": "renouvellement" if when == year else "remplacement", "year": when}
        for when in range(year, 2027 + horizon, life)
    ]
    return replace(usual, lines=pd.DataFrame(rows))


def test_what_is_renewed_has_its_own_lease_from_its_year_on() -> None:
    """Due in 2029, 5 years: three years of rents inside, two after, and its option in 2034."""
    plan = leased(renewed(2029), **W10)

    assert cash_of(plan, "Loyers") == dict.fromkeys(range(2029, 2034), -26_215.20)
    assert cash_of(plan, "Options d'achat") == {2034: -1_200}
    assert plan.after_horizon_eur == 52_430.40
    assert plan.financing_eur == 12_276.00


def test_a_renewed_lease_ends_with_its_option() -> None:
    """Due in 2029, leased 3 years at no interest: 36 000 € less 10 % over 36 months, then 4 320 € TTC in 2032."""
    plan = leased(renewed(2029, 36_000), lease_rate=0, lease_years=3, lease_option_share=0.1)

    assert cash_of(plan, "Loyers") == dict.fromkeys([2029, 2030, 2031], -12_960)
    assert cash_of(plan, "Options d'achat") == {2032: -4_320}
    assert plan.after_horizon_eur == 0


def test_what_replaces_a_renewal_is_leased_at_the_end_of_its_life() -> None:
    """8 years, due in 2028, life 5: a lease in 2028 and one in 2033, whose 2035 falls after, each with its option."""
    plan = leased(renewed(2028, 36_000, horizon=8), lease_rate=0, lease_years=3, lease_option_share=0.1)

    assert cash_of(plan, "Loyers") == dict.fromkeys([2028, 2029, 2030, 2033, 2034, 2035], -12_960)
    assert cash_of(plan, "Options d'achat") == {2031: -4_320, 2036: -4_320}
    assert plan.after_horizon_eur == 12_960


def test_without_option_a_renewed_lease_follows_another() -> None:
    """Due in 2029, given back every 2 years: leases of 2029, 2031 and 2033, the last for one year of that life."""
    plan = leased(renewed(2029, 24_000), lease_rate=0, lease_years=2, lease_option_share=0)

    assert cash_of(plan, "Loyers") == dict.fromkeys(range(2029, 2034), -14_400)
    assert plan.after_horizon_eur == 28_800


@given(st.integers(1, 15), st.integers(1, 15), st.booleans(), st.integers(2027, 2040))
def test_leases_give_the_service_of_the_purchase(years: int, life: int, option: bool, first: int) -> None:
    """Without option each year of the life is counted once; with it, the term from the first year, then it is owned."""
    line = {"year": first, "life_years": life, "ht_central": 1_000.0, "vat_rate": 0.2}
    leases = leases_of(line, "central", LeaseTerms(0.04, years, 0.1 if option else 0.0))

    counted = [year for lease in leases for year in lease.counted]
    assert counted == list(range(first, first + (min(years, life) if option else life)))
    assert all(len(lease.years) == min(years, life) for lease in leases)


def test_purchases_of_several_years_make_as_many_leases() -> None:
    """36 000 € in 2027, and as much in 2028 by the ceiling: rents overlap, each runs its 3 years."""
    usual = programme((36_000, 5, True))
    lines = pd.DataFrame([usual.lines.iloc[0].to_dict() | {"year": year} for year in (2027, 2028)])
    plan = leased(replace(usual, lines=lines), lease_rate=0, lease_years=3, lease_option_share=0.1)

    assert cash_of(plan, "Loyers") == {2027: -12_960, 2028: -25_920, 2029: -25_920, 2030: -12_960}
    assert cash_of(plan, "Options d'achat") == {2030: -4_320, 2031: -4_320}


def test_terms_are_the_loan_rate_and_a_margin_unless_given(law: Law) -> None:
    """3.54 % + 2 %, 5 years, option 1 %; a zero that is given is kept."""
    given_ = Assumptions(lease_rate=0, lease_years=3, lease_option_share=0)

    assert Operation(programme(), law, Assumptions()).lease == LeaseTerms(pytest.approx(0.0554), 5, 0.01, "credit_bail")
    assert Operation(programme(), law, given_).lease == LeaseTerms(0, 3, 0, "location_financiere")


def test_nothing_to_lease_is_refused_with_its_reason(law: Law) -> None:
    """Cables alone."""
    verdict = leasing.check(Operation(programme((1_000, 15, False)), law, Assumptions()))

    assert not verdict.eligible
    assert "loué" in verdict.reasons[0]
    assert leasing.check(Operation(programme((1_000, 5, True)), law, Assumptions())).eligible


def test_orlu_month_by_month(study_of: Callable[..., Study]) -> None:
    """Each line has its rent, rounded to the cent: the same as the formula of finance.md §6 written out."""
    plan = study_of("09220").plans["leasing"]["central"]
    i, n = 0.0554 / 12, 60
    annuity = (1 - (1 + i) ** -n) / i * (1 + i)
    prices = (3_253, 539, 100, 12 * 518, 539, 300)
    rents = [cents(1.2 * (price - 0.01 * price * (1 + i) ** -n) / annuity) for price in prices]

    assert cash_of(plan, "Loyers") == dict.fromkeys(range(2027, 2032), -cents(12 * sum(rents)))
    assert cash_of(plan, "Achats") == {2027: -cents(2 * 93 * 1.2)}
    assert cash_of(plan, "Options d'achat") == {2032: -cents(sum(cents(0.012 * p) for p in prices))}
