"""Worked examples of others (finance.md §12), their mistakes, and what must hold for any figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.errors import UsageError
from pupitre.formats import cents
from pupitre.funding.finance import (
    RateKind,
    fctva,
    fctva_give_back,
    implicit_rate,
    in_range,
    lease_rent,
    loan_schedule,
    net_present_value,
    periodic_rate,
    tax_points,
)
from pupitre.law import baremes

LAW = baremes.on(date(2026, 11, 22))
PRICES = st.floats(100, 1e6)
RATES = st.just(0.0) | st.floats(1e-6, 0.2)
PERIODS = st.integers(1, 120)
SHARES = st.just(0.0) | st.floats(0.001, 0.5)


# W1: villaudric-cit.blogspot.com, September 2023: 9 860 € HT, 11 832 € TTC.
def test_fctva_is_on_the_amount_with_vat() -> None:
    """W1, a published mistake: « 1 617 € » is the rate on HT. The law gives 1 940.92 €, and leaves 31.08 € of VAT."""
    received = fctva(11_832, 0, LAW)

    assert received == 1_940.92
    assert received != pytest.approx(1_617, abs=1)
    assert cents(11_832 - 9_860 - received) == 31.08


@pytest.mark.parametrize(
    ("ttc", "expected"),
    [
        (120_000, 19_684.80),  # §12, arithmetic identity
        (94_800, 15_550.99),  # W18, Le Pecq (Courrier des Yvelines): 79 000 € HT, printed « 15 551 »
        (0, 0),
    ],
)
def test_fctva_by_hand(ttc: float, expected: float) -> None:
    """16.404 % of TTC, to the cent."""
    assert fctva(ttc, 0, LAW) == expected


def test_le_pecq_amount_with_vat() -> None:
    """W18: 79 000 € HT are 94 800 € TTC at the rate in force."""
    assert 79_000 * (1 + LAW["tva_taux_normal"]) == pytest.approx(94_800)


def test_vat_is_never_wholly_given_back() -> None:
    """Finance.md §1: FCTVA is 19.6848 % of HT when VAT is 20 %; 0.3152 % of HT stay with the commune."""
    assert fctva(1_200_000, 0, LAW) / 1_000_000 == pytest.approx(0.196848)
    assert 0.20 - fctva(1_200_000, 0, LAW) / 1_000_000 == pytest.approx(0.003152)


def test_state_subsidies_computed_with_vat_leave_the_base() -> None:
    """L1615-10: 16.404 % of (120 000 - 50 000)."""
    assert fctva(120_000, 50_000, LAW) == 11_482.80
    assert fctva(120_000, 120_000, LAW) == 0


@pytest.mark.parametrize(("spend", "subsidy"), [(100, -1), (100, 100.01), (0, 1)])
def test_a_subsidy_is_between_zero_and_the_spending(spend: float, subsidy: float) -> None:
    """In French."""
    with pytest.raises(UsageError, match="subvention de l'État"):
        fctva(spend, subsidy, LAW)


@pytest.mark.parametrize(
    ("sold", "given_back"),
    [
        (2026, 800.0),  # in the year of acquisition: one year begun
        (2027, 600.0),  # finance.md §1, edge case 4: 1 - 2/5
        (2028, 400.0),
        (2029, 200.0),
        (2030, 0.0),  # « before the start of the 4th year after acquisition »
        (2036, 0.0),
    ],
)
def test_a_movable_that_leaves_early_gives_back_its_fctva(sold: int, given_back: float) -> None:
    """R. 1615-5, 2°: one fifth is acquired by calendar year or part of it; a cycle of four years gives nothing back."""
    assert fctva_give_back(1_000, 2026, sold, LAW) == given_back


def test_nothing_is_given_back_from_the_fourth_year_whatever_the_share() -> None:
    """Were a tenth acquired a year instead of a fifth: 60 % in the fourth calendar year, nothing in the fifth."""
    figures = baremes.load_figures(baremes.FOLDER)
    (share,) = figures["fctva_reprise_part_par_an"]
    law = baremes.Law(LAW.day, figures | {share.name: (share.model_copy(update={"value": 0.1}),)})

    assert [fctva_give_back(1_000, 2026, sold, law) for sold in (2029, 2030)] == [600, 0]


def test_the_tablets_given_at_the_end_of_the_school_year() -> None:
    """Finance.md §1, edge case 3, with amounts of ours: 230 tablets at 400 € TTC, bought in 2016, given in 2017."""
    assert fctva(230 * 400, 0, LAW) == 15_091.68
    assert fctva_give_back(15_091.68, 2016, 2017, LAW) == 9_055.01


@given(st.floats(0, 1e7), st.integers(2003, 2050), st.integers(0, 10))
def test_what_is_given_back_falls_year_after_year(received: float, acquired: int, kept: int) -> None:
    """Never more than was received, never less than nothing, and less each year."""
    now, later = (fctva_give_back(received, acquired, acquired + years, LAW) for years in (kept, kept + 1))

    assert 0 <= later <= now <= received


def test_fctva_is_at_the_rate_of_the_day() -> None:
    """15.482 % in 2013, 15.761 % in 2014."""
    assert fctva(100_000, 0, baremes.on(date(2013, 6, 1))) == 15_482
    assert fctva(100_000, 0, baremes.on(date(2014, 6, 1))) == 15_761


# W10: excel-downloads 20042741: 100 000 €, 4 %, 60 monthly rents in advance, option 1 %.
def test_a_published_rent_at_a_nominal_rate() -> None:
    """W10, excel-downloads 20042741: 1 820.50 € (1 820.5007)."""
    assert lease_rent(100_000, 0.04, 60, residual_eur=1_000) == pytest.approx(1_820.5007, abs=5e-5)


def test_the_same_rent_at_an_effective_rate() -> None:
    """W10, finance.md §6: 4 % effective gives 1 817.37 €."""
    assert cents(lease_rent(100_000, 0.04, 60, residual_eur=1_000, rate_kind="effective")) == 1_817.37


def test_rents_in_arrears_are_dearer_by_one_month_of_interest() -> None:
    """W10 again: a rent paid at the end of the month is 1/300 larger."""
    advance, arrears = (lease_rent(100_000, 0.04, 60, residual_eur=1_000, in_advance=when) for when in (True, False))

    assert arrears == pytest.approx(advance * (1 + 0.04 / 12))


def test_the_rate_of_a_published_lease() -> None:
    """W12, compta-online t65340: five yearly rents of 26 000 € in advance for 100 000 €: 15.15 % (15.153)."""
    assert implicit_rate(100_000, [26_000] * 5, periods_per_year=1) == pytest.approx(0.15153, abs=5e-6)
    assert implicit_rate(100_000, [26_000] * 5, periods_per_year=1, in_advance=False) < 0.1


def test_the_rate_of_a_monthly_lease_is_effective() -> None:
    """W10 backwards: a nominal 4 % is 4.0742 % effective (1 + 0.04/12)^12 - 1; numpy-financial's `rate` would drift."""
    rent = lease_rent(100_000, 0.04, 60, residual_eur=1_000)

    assert implicit_rate(100_000, [rent] * 60, residual_eur=1_000) == pytest.approx(1.04074154 - 1, abs=1e-8)


# W14: compta-online t65340: 21 400 €, 9.85 %, four years.
def test_a_published_loan_year_by_year() -> None:
    """W14, compta-online t65340: annuity 6 729.17; interest 2 107.90, 1 652.70, 1 152.67, 603.41; 5 516.68 in all."""
    schedule = loan_schedule(21_400, 0.0985, 4)

    assert schedule.index.tolist() == [1, 2, 3, 4]
    assert schedule["annuity_eur"].tolist() == [6_729.17] * 4
    assert schedule["interest_eur"].tolist() == [2_107.90, 1_652.70, 1_152.67, 603.41]
    assert cents(schedule["interest_eur"].sum()) == 5_516.68
    assert schedule["capital_eur"].tolist() == [4_621.27, 5_076.47, 5_576.50, 6_125.76]
    assert schedule["remaining_eur"].tolist() == [16_778.73, 11_702.26, 6_125.76, 0]


@pytest.mark.parametrize(
    ("day", "base", "rate", "aid"),
    [
        (date(2021, 2, 1), 59_000, "aide_socle_2021", 41_300),  # W17, Mèze: paid 41 000
        (date(2020, 6, 1), 3_000, "aide_label_2020", 1_500),  # W19, ac-nantes
        (date(2020, 6, 1), 14_000, "aide_label_2020", 7_000),
        (date(2009, 6, 1), 11_250, "aide_enr", 9_000),  # W23, AN QE 58847
    ],
)
def test_published_aids_are_at_the_rate_of_their_day(day: date, base: float, rate: str, aid: float) -> None:
    """W17, W19, W23: a share of the spending; the figures are in force on that day."""
    assert cents(base * baremes.on(day)[rate]) == aid


def test_published_aids_agree_with_their_limits() -> None:
    """W16: 39 307 € at 70 % and 10 112 € at 50 %; W19 and W23: limits; W21: 70 % and 10 % of the département, 80 %."""
    socle, label, enr = (baremes.on(day) for day in (date(2021, 2, 1), date(2020, 6, 1), date(2009, 6, 1)))

    assert round(39_307 * socle["aide_socle_2021"] + 10_112 * socle["socle2021_taux_au_dela"]) == 49_419 - 16_848
    assert (label["label2020_depense_minimum"], label["label2020_depense_maximum"]) == (3_000, 14_000)
    assert enr["enr_plafond"] / enr["aide_enr"] == pytest.approx(11_250)
    assert LAW["aide_tne"] + 0.10 == pytest.approx(1 - LAW["part_propre_minimum"])


def test_half_the_worth_in_22_years() -> None:
    """W22, strategie.gouv.fr: at 3.2 %, a receipt of year 22 is worth half (0.50009); of year 0, all."""
    assert net_present_value(0.032, {22: 1.0}) == pytest.approx(0.50009, abs=5e-6)
    assert net_present_value(0.032, {0: 1.0}) == 1


def test_a_textbook_lease_and_loan() -> None:
    """Etudier.com 542699: 20 000 €, residual 6 000 €, 48 months in advance, 0.5 % a month: 357.01 €; loan 469.70 €."""
    assert cents(lease_rent(20_000, 0.06, 48, residual_eur=6_000)) == 357.01
    assert cents(lease_rent(20_000, 0.06, 48, in_advance=False)) == 469.70


def test_a_two_year_lag_costs_a_fifteenth_of_fctva() -> None:
    """Finance.md §1: about 6.7 % at 3.54 %."""
    assert 1 - net_present_value(0.0354, {2: 1.0}) == pytest.approx(0.067, abs=0.0005)


def test_the_rate_of_a_period() -> None:
    """0.5 % a month is 6 % nominal, 6.168 % effective."""
    assert periodic_rate(0.06, 12) == pytest.approx(0.005)
    assert periodic_rate(1.005**12 - 1, 12, "effective") == pytest.approx(0.005)
    assert periodic_rate(0.08, 4) == pytest.approx(0.02)


def test_a_lease_at_rate_zero_is_a_division() -> None:
    """(Price - residual) / n, in advance or not; one period pays all."""
    assert lease_rent(1_200, 0, 12) == pytest.approx(100)
    assert lease_rent(1_200, 0, 12, residual_eur=120, in_advance=False) == pytest.approx(90)
    assert lease_rent(1_200, 0.05, 1) == pytest.approx(1_200)
    assert lease_rent(1_200, 0.12, 1, in_advance=False) == pytest.approx(1_212)


def test_a_larger_first_rent() -> None:
    """Finance.md §6: L = (P - F - RV·(1+i)^-n) / [(1 - (1+i)^-(n-1)) / i], written out."""
    i, n = 0.04 / 12, 60
    expected = (100_000 - 20_000 - 1_000 * (1 + i) ** -n) / ((1 - (1 + i) ** -(n - 1)) / i)

    assert lease_rent(100_000, 0.04, n, residual_eur=1_000, first_rent_eur=20_000) == pytest.approx(expected)


@pytest.mark.parametrize(
    "arguments",
    [
        {"periods": 0},
        {"residual_eur": -1},
        {"residual_eur": 1_001},
        {"price_eur": -1},
        {"first_rent_eur": 100, "in_advance": False},
        {"first_rent_eur": 100, "periods": 1},
        {"first_rent_eur": 1_001},
    ],
)
def test_an_impossible_lease_is_refused(arguments: dict[str, float]) -> None:
    """In French; a lessor never pays rents to the commune."""
    usual: dict[str, float] = {"price_eur": 1_000, "annual_rate": 0.04, "periods": 12}
    lease: Callable[..., float] = lease_rent
    with pytest.raises(UsageError, match=r"location|loyer"):
        lease(**(usual | arguments))


@pytest.mark.parametrize(("principal", "years"), [(1_000, 0), (-1, 5)])
def test_an_impossible_loan_is_refused(principal: float, years: int) -> None:
    """In French."""
    with pytest.raises(UsageError, match="l'emprunt"):
        loan_schedule(principal, 0.03, years)


def test_rents_that_explain_nothing_are_refused() -> None:
    """No rent at all, a rent that is the price."""
    with pytest.raises(UsageError, match="Aucun taux"):
        implicit_rate(1_000, [1_000])
    with pytest.raises(UsageError, match="Aucun taux"):
        implicit_rate(1_000, [0] * 12)


def test_rents_that_do_not_repay_the_price_are_refused() -> None:
    """« Leur somme ne rembourse pas le prix »: a rate of -26 % is no answer to a slip of the keyboard."""
    with pytest.raises(UsageError, match="ne rembourse pas le prix"):
        implicit_rate(100_000, [10_000] * 5, periods_per_year=1)


def test_an_option_at_the_price_leaves_the_interest() -> None:
    """Rents are then the interest alone, in arrears; at rate 0, nothing."""
    assert lease_rent(1_000, 0.06, 24, residual_eur=1_000, in_advance=False) == pytest.approx(5)
    assert lease_rent(1_000, 0.06, 24, residual_eur=1_000) == pytest.approx(5 / 1.005)
    assert lease_rent(1_000, 0, 24, residual_eur=1_000) == 0


def test_what_is_free_is_leased_for_nothing() -> None:
    """A line of the programme may have a low price of nought."""
    assert lease_rent(0, 0.04, 60) == 0
    assert loan_schedule(0, 0.04, 3)["annuity_eur"].tolist() == [0, 0, 0]
    assert fctva_give_back(0, 2026, 2026, LAW) == 0


def test_rents_that_just_repay_the_price_bear_no_interest() -> None:
    """At rate 0, W10's price: 100 000 = 60 × 1 650 + 1 000."""
    assert implicit_rate(100_000, [1_650] * 60, residual_eur=1_000) == pytest.approx(0, abs=1e-9)


def test_rents_may_differ() -> None:
    """By hand, in arrears, yearly: 1 000 = 600 / 1.1 + 550 / 1.1²."""
    assert implicit_rate(1_000, [600, 550], in_advance=False, periods_per_year=1) == pytest.approx(0.1)


def test_a_quarter_counts_four_times_a_year() -> None:
    """8 % nominal by quarters: (1 + 0.02)^4 - 1 effective."""
    rent = lease_rent(10_000, 0.08, 12, periods_per_year=4)

    assert implicit_rate(10_000, [rent] * 12, periods_per_year=4) == pytest.approx(1.02**4 - 1)


@given(PRICES, RATES, PERIODS, st.floats(0, 1), st.booleans(), st.sampled_from(["nominal", "effective"]))
def test_rents_repay_the_price_at_least(
    price: float, rate: float, periods: int, share: float, in_advance: bool, kind: RateKind
) -> None:
    """Rent × n is the price less the option, and interest on top."""
    residual = share * price
    rent = lease_rent(price, rate, periods, residual_eur=residual, in_advance=in_advance, rate_kind=kind)

    assert rent * periods >= (price - residual) * (1 - 1e-9) - 1e-6


@given(PRICES, st.floats(0.001, 0.2), st.integers(2, 120), SHARES, st.booleans())
def test_an_effective_rate_comes_back_as_it_is(
    price: float, rate: float, periods: int, share: float, in_advance: bool
) -> None:
    """`implicit_rate` gives effective rates."""
    residual = share * price
    rent = lease_rent(price, rate, periods, residual_eur=residual, in_advance=in_advance, rate_kind="effective")

    found = implicit_rate(price, [rent] * periods, residual_eur=residual, in_advance=in_advance)

    assert found == pytest.approx(rate, abs=1e-6)


@given(PRICES, RATES, PERIODS, st.floats(0, 1), st.booleans())
def test_rents_and_option_are_worth_the_price(
    price: float, rate: float, periods: int, share: float, in_advance: bool
) -> None:
    """Price = Σ rent·(1+i)^-k + residual·(1+i)^-n, k from 0 in advance, from 1 otherwise."""
    rent = lease_rent(price, rate, periods, residual_eur=share * price, in_advance=in_advance)
    first = 0 if in_advance else 1
    flows = {k: rent for k in range(first, first + periods)}
    flows[periods] = flows.get(periods, 0) + share * price

    assert net_present_value(rate / 12, flows) == pytest.approx(price, rel=1e-9)


@given(PRICES, st.floats(0.001, 0.2), st.integers(2, 120), SHARES, st.booleans())
def test_the_implicit_rate_is_that_of_the_rents(
    price: float, rate: float, periods: int, share: float, in_advance: bool
) -> None:
    """From the rate to the rents, and back to the (effective) rate."""
    rent = lease_rent(price, rate, periods, residual_eur=share * price, in_advance=in_advance)

    found = implicit_rate(price, [rent] * periods, residual_eur=share * price, in_advance=in_advance)

    assert found == pytest.approx((1 + rate / 12) ** 12 - 1, abs=1e-6)


@given(PRICES, RATES, st.integers(2, 120), SHARES, SHARES)
def test_a_larger_first_rent_is_worth_the_price_too(
    price: float, rate: float, periods: int, share: float, first: float
) -> None:
    """First rent, n-1 others, option."""
    rent = lease_rent(price, rate, periods, residual_eur=share * price, first_rent_eur=first * price)
    flows = {0: first * price} | {k: rent for k in range(1, periods)} | {periods: share * price}

    assert net_present_value(rate / 12, flows) == pytest.approx(price, rel=1e-9)


@given(PRICES, RATES, PERIODS)
def test_a_first_rent_like_the_others_changes_nothing(price: float, rate: float, periods: int) -> None:
    """The two formulas agree."""
    rent = lease_rent(price, rate, periods + 1)

    assert lease_rent(price, rate, periods + 1, first_rent_eur=rent) == pytest.approx(rent)


@given(st.floats(1_000, 1e7).map(cents), st.floats(0.0001, 0.2), st.integers(1, 30))
def test_the_capital_of_a_loan_is_the_principal(principal: float, rate: float, years: int) -> None:
    """To the cent; the annuity is constant, interest falls, nothing remains, and the present value is the principal."""
    schedule = loan_schedule(principal, rate, years)

    assert cents(schedule["capital_eur"].sum()) == principal
    assert schedule["remaining_eur"].iloc[-1] == 0
    assert (schedule["interest_eur"] >= 0).all()
    assert (schedule["annuity_eur"] - schedule["interest_eur"] - schedule["capital_eur"]).abs().max() < 0.001
    assert schedule["annuity_eur"].max() - schedule["annuity_eur"].min() <= 0.01 * years
    assert schedule["interest_eur"].iloc[0] == pytest.approx(principal * rate, abs=0.01 * years)
    flows = schedule["annuity_eur"].to_dict()
    assert net_present_value(rate, {int(str(k)): v for k, v in flows.items()}) == pytest.approx(
        principal, abs=0.05 * years
    )


@pytest.mark.parametrize(("principal", "years"), [(100, 3), (200, 3), (1_000.01, 7), (54_730.80, 7)])
def test_a_free_loan_bears_no_interest(principal: float, years: int) -> None:
    """At rate 0 the annuity is principal / years and the last one absorbs the cents, whichever way they round."""
    schedule = loan_schedule(principal, 0, years)

    assert schedule["interest_eur"].sum() == 0
    assert cents(schedule["annuity_eur"].sum()) == principal
    assert schedule["annuity_eur"].iloc[0] == cents(principal / years)


def test_a_loan_of_one_year_is_repaid_at_its_end() -> None:
    """One annuity: 1 000 and its interest."""
    assert loan_schedule(1_000, 0.035, 1).to_dict("list") == {
        "annuity_eur": [1_035.0],
        "interest_eur": [35.0],
        "capital_eur": [1_000.0],
        "remaining_eur": [0.0],
    }


@given(st.dictionaries(st.integers(0, 40), st.floats(-1e6, 1e6), max_size=12))
def test_at_rate_zero_the_present_value_is_the_sum(flows: dict[int, float]) -> None:
    """And without flows it is nothing."""
    assert net_present_value(0, flows) == pytest.approx(sum(flows.values()))


@given(st.floats(0.001, 0.2), st.integers(0, 30))
def test_a_year_later_is_worth_one_rate_less(rate: float, year: int) -> None:
    """Exactly (1 + rate)."""
    later = net_present_value(rate, {year + 1: 100.0})

    assert later * (1 + rate) == pytest.approx(net_present_value(rate, {year: 100.0}))


def test_points_of_taxe_fonciere() -> None:
    """One point of rate is 1 % of the base, 50 000 €; it is not 1 % of the tax."""
    assert tax_points(50_000, 5_000_000) == 1
    assert tax_points(0, 5_000_000) == 0
    with pytest.raises(UsageError, match="taxe foncière"):
        tax_points(1, 0)


NAN, INF = float("nan"), float("inf")
BY_PERCENTAGE = r"« taux annuel » vaut .*au moins 0, au plus 1\..*écrivez 0\.035 pour 3,5 %"


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"price_eur": -1}, r"« prix de la location » vaut -1 : on attend un nombre, au moins 0\."),
        ({"price_eur": NAN}, "« prix de la location » vaut nan"),
        ({"price_eur": INF}, "« prix de la location » vaut inf"),
        ({"annual_rate": 3.5}, BY_PERCENTAGE),
        ({"annual_rate": 3.5, "rate_kind": "effective"}, BY_PERCENTAGE),
        ({"annual_rate": -0.01}, BY_PERCENTAGE),
        ({"annual_rate": NAN}, BY_PERCENTAGE),
        ({"annual_rate": INF}, BY_PERCENTAGE),
        ({"periods": 0}, "« nombre de loyers de la location » vaut 0 : on attend un nombre, au moins 1"),
        ({"periods": -12}, "« nombre de loyers de la location » vaut -12"),
        ({"periods_per_year": 0}, "« périodes par an » vaut 0 : on attend un nombre, au moins 1"),
        ({"residual_eur": 1_000.01}, r"« option d'achat de la location » vaut 1000\.01 .* au moins 0, au plus 1000\."),
        ({"residual_eur": -0.01}, "« option d'achat de la location »"),
        ({"residual_eur": NAN}, "« option d'achat de la location »"),
        ({"first_rent_eur": 901, "residual_eur": 100}, "« premier loyer majoré » vaut 901 .* au moins 0, au plus 900"),
        ({"first_rent_eur": -1}, "« premier loyer majoré » vaut -1"),
        ({"first_rent_eur": NAN}, "« premier loyer majoré » vaut nan"),
        ({"first_rent_eur": 100, "periods": 1}, "deux loyers au moins"),
        ({"first_rent_eur": 100, "in_advance": False}, "se paie d'avance"),
    ],
)
def test_a_hostile_lease_is_told_its_range(arguments: dict[str, float], refusal: str) -> None:
    """Which field, what it was, what is accepted."""
    usual: dict[str, float] = {"price_eur": 1_000, "annual_rate": 0.04, "periods": 12}
    lease: Callable[..., float] = lease_rent
    with pytest.raises(UsageError, match=refusal):
        lease(**(usual | arguments))


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"price_eur": 0}, "« prix de la location » vaut 0 : on attend un nombre, plus de 0"),
        ({"price_eur": -5}, "« prix de la location » vaut -5"),
        ({"price_eur": NAN}, "« prix de la location »"),
        ({"rents": []}, "« nombre de loyers » vaut 0 : on attend un nombre, au moins 1"),
        ({"rents": [600, -1, 600]}, "« loyer » vaut -1 : on attend un nombre, au moins 0"),
        ({"rents": [600, NAN]}, "« loyer » vaut nan"),
        ({"rents": [600, INF]}, "« loyer » vaut inf"),
        ({"residual_eur": 1_001}, "« option d'achat de la location » vaut 1001 .* au plus 1000"),
        ({"residual_eur": -1}, "« option d'achat de la location » vaut -1"),
        ({"periods_per_year": 0}, "« périodes par an » vaut 0"),
    ],
)
def test_a_hostile_rate_to_find_is_told_its_range(arguments: dict[str, object], refusal: str) -> None:
    """One by one."""
    usual: dict[str, object] = {"price_eur": 1_000, "rents": [600, 600]}
    rate: Callable[..., float] = implicit_rate
    with pytest.raises(UsageError, match=refusal):
        rate(**(usual | arguments))


@pytest.mark.parametrize(
    ("principal", "rate", "years", "refusal"),
    [
        (1_000, 3.5, 5, BY_PERCENTAGE),
        (1_000, -0.01, 5, BY_PERCENTAGE),
        (1_000, NAN, 5, BY_PERCENTAGE),
        (-1, 0.035, 5, "« capital de l'emprunt » vaut -1 : on attend un nombre, au moins 0"),
        (NAN, 0.035, 5, "« capital de l'emprunt » vaut nan"),
        (INF, 0.035, 5, "« capital de l'emprunt » vaut inf"),
        (1_000, 0.035, 0, "« durée de l'emprunt, en années » vaut 0 : on attend un nombre, au moins 1"),
    ],
)
def test_a_hostile_loan_is_told_its_range(principal: float, rate: float, years: int, refusal: str) -> None:
    """A rate of 3.5 would be 350 %."""
    with pytest.raises(UsageError, match=refusal):
        loan_schedule(principal, rate, years)


@pytest.mark.parametrize("rate", [-1, -1.5, NAN, INF])
def test_money_cannot_lose_more_than_its_worth(rate: float) -> None:
    """At -1, the divisor is nought."""
    with pytest.raises(UsageError, match=r"« taux d'actualisation » vaut .*plus de -1"):
        net_present_value(rate, {1: 100.0})

    assert net_present_value(-0.5, {1: 100.0}) == 200


@pytest.mark.parametrize("amount", [NAN, INF, -INF])
def test_a_flow_is_a_number(amount: float) -> None:
    """An infinite flow would hide the others."""
    with pytest.raises(UsageError, match="« montant à actualiser »"):
        net_present_value(0.03, {0: 1.0, 1: amount})


@pytest.mark.parametrize(
    ("spend", "subsidy", "refusal"),
    [
        (-1, 0, "« dépense TTC » vaut -1 : on attend un nombre, au moins 0"),
        (NAN, 0, "« dépense TTC » vaut nan"),
        (INF, 0, "« dépense TTC » vaut inf"),
        (100, 101, "« subvention de l'État .*» vaut 101 : on attend un nombre, au moins 0, au plus 100"),
        (100, NAN, "« subvention de l'État .*» vaut nan"),
    ],
)
def test_a_hostile_spending_is_told_its_range(spend: float, subsidy: float, refusal: str) -> None:
    """Spending first: the subsidy is bounded by it."""
    with pytest.raises(UsageError, match=refusal):
        fctva(spend, subsidy, LAW)


@pytest.mark.parametrize(
    ("received", "sold", "refusal"),
    [
        (-1, 2027, "« FCTVA reçu » vaut -1 : on attend un nombre, au moins 0"),
        (NAN, 2027, "« FCTVA reçu » vaut nan"),
        (100, 2025, "« année de cession » vaut 2025 : on attend un nombre, au moins 2026"),
    ],
)
def test_a_hostile_give_back_is_told_its_range(received: float, sold: int, refusal: str) -> None:
    """Nothing leaves before it was acquired."""
    with pytest.raises(UsageError, match=refusal):
        fctva_give_back(received, 2026, sold, LAW)


@pytest.mark.parametrize(
    ("cost", "base", "refusal"),
    [
        (NAN, 1_000, "« coût annuel » vaut nan : on attend un nombre"),
        (1, 0, "« base nette de taxe foncière » vaut 0 : on attend un nombre, plus de 0"),
        (1, -1, "« base nette de taxe foncière » vaut -1"),
        (1, INF, "« base nette de taxe foncière » vaut inf"),
    ],
)
def test_hostile_points_are_told_their_range(cost: float, base: float, refusal: str) -> None:
    """A negative cost is a saving."""
    with pytest.raises(UsageError, match=refusal):
        tax_points(cost, base)

    assert tax_points(-50_000, 5_000_000) == -1


def test_both_ends_of_a_range_are_accepted() -> None:
    """But the one that must be exceeded; a refusal ends with its advice."""
    in_range("champ", 0, 0, 1)
    in_range("champ", 1, 0, 1)
    in_range("champ", 1e-9, above=0)
    with pytest.raises(
        UsageError, match=r"^« champ » vaut 2 : on attend un nombre, au moins 0, au plus 1\. Essayez\.$"
    ):
        in_range("champ", 2, 0, 1, advice=" Essayez.")
    with pytest.raises(UsageError, match=r"^« champ » vaut 0 : on attend un nombre, plus de 0\.$"):
        in_range("champ", 0, above=0)
