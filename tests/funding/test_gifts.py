"""What gifts give back: published examples (finance.md §12), years by hand, and what holds for any gift."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.errors import BaremeNotInForce, UsageError
from pupitre.formats import cents
from pupitre.funding.gifts import Carried, GiftReturn, company_gift, individual_gift
from pupitre.law import baremes

LAW = baremes.on(date(2026, 11, 22))
GIFTS = st.floats(0, 5e6).map(cents)
TURNOVERS = st.floats(1, 1e9)
INCOMES = st.floats(1, 1e6)
CARRIED = st.lists(st.builds(Carried, st.integers(-5, -1), GIFTS, st.sampled_from([0.4, 0.6])), max_size=4)
GIVERS = pytest.mark.parametrize("gift", [company_gift, individual_gift])
Giver = Callable[..., GiftReturn]


def columns(found: GiftReturn) -> dict[str, list[float]]:
    """The years, by column."""
    return {str(name): values for name, values in found.by_year.to_dict("list").items()}


# W2: thehumansafetynet.org; W4: fondationnotredame.fr; W4b: infodon.fr, printed « 2 000 » and « 1 000 ».
@pytest.mark.parametrize(("amount", "back", "cost"), [(200, 132, 68), (150, 99, 51), (3_000, 1_980, 1_020)])
def test_published_gifts_of_individuals(amount: float, back: float, cost: float) -> None:
    """W2, W4, W4b: 66 %, here to the euro."""
    found = individual_gift(amount, 60_000, LAW)

    assert (found.reduction_eur, found.total_reduction_eur, found.net_cost_eur) == (back, back, cost)


def test_a_rounded_example_is_not_exact() -> None:
    """W4b, infodon.fr: « 2 000 » back for 3 000 € is two thirds, not 66 %."""
    found = individual_gift(3_000, 60_000, LAW)

    assert found.reduction_eur != 2_000
    assert found.net_cost_eur != 1_000


def test_the_ceiling_of_an_individual() -> None:
    """W5, infodon.fr: an income of 60 000 € retains up to 12 000 €, and a gift of 10 000 € wholly."""
    assert individual_gift(10_000, 60_000, LAW).by_year.iloc[0].tolist() == [10_000, 6_600, 0]
    assert individual_gift(12_000, 60_000, LAW).by_year.iloc[0].tolist() == [12_000, 7_920, 0]
    assert individual_gift(12_000.01, 60_000, LAW).by_year.loc[0, "excess_eur"] == 0.01


def test_a_published_excess_of_an_individual() -> None:
    """Fondationnotredame.fr: 12 000 € for an income of 40 000 €: 5 280 € at once, and 4 000 € to carry, worth 2 640."""
    found = individual_gift(12_000, 40_000, LAW)

    assert found.reduction_eur == 5_280
    assert columns(found) == {
        "base_eur": [8_000, 4_000, 0, 0, 0, 0],
        "reduction_eur": [5_280, 2_640, 0, 0, 0, 0],
        "excess_eur": [4_000, 0, 0, 0, 0, 0],
    }
    assert (found.total_reduction_eur, found.net_cost_eur, found.lost_eur) == (7_920, 4_080, 0)


# W6: icn-artem.com. It does not say that the turnover must reach 5 M€.
@pytest.mark.parametrize(
    ("turnover", "first", "total"), [(5_000_000, 15_000, 15_000), (1_000_000, 12_000, 15_000), (1, 12_000, 15_000)]
)
def test_a_published_gift_of_a_company(turnover: float, first: float, total: float) -> None:
    """W6: 25 000 € cost 10 000 €, at once if the turnover reaches 5 M€; under the floor of 20 000 €, a year later."""
    found = company_gift(25_000, turnover, LAW)

    assert (found.reduction_eur, found.total_reduction_eur, found.net_cost_eur) == (first, total, 10_000)
    assert found.lost_eur == 0


def test_a_gift_under_the_floor() -> None:
    """BOI-BIC-RICI-20-30-20: 9 000 € for a turnover of 1 500 000 €, whose 5 ‰ are 7 500 €: 5 400 €, by the floor."""
    assert company_gift(9_000, 1_500_000, LAW).reduction_eur == 5_400


# W7: culturecommunication.gouv.fr.
@pytest.mark.parametrize(("amount", "most"), [(10_000, 2_500), (100_000, 25_000)])
def test_what_a_company_may_receive_in_return(amount: float, most: float) -> None:
    """W7: a quarter of the gift."""
    assert amount * LAW["mecenat_contreparties_part"] == most


def test_five_years_and_no_more() -> None:
    """20 000 € a year for six years; 10 000 € are lost. By hand: 60 % of 120 000 €."""
    found = company_gift(130_000, 1_000_000, LAW)

    assert found.by_year.index.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.by_year.index.name == "rank"
    assert columns(found) == {
        "base_eur": [20_000] * 6,
        "reduction_eur": [12_000] * 6,
        "excess_eur": [110_000, 90_000, 70_000, 50_000, 30_000, 0],
    }
    assert (found.lost_eur, found.total_reduction_eur, found.net_cost_eur) == (10_000, 72_000, 58_000)


def test_five_per_thousand_of_the_turnover() -> None:
    """« 0,5 ‰ » was printed by a trade paper: it would retain 20 000 €, the floor."""
    assert company_gift(50_000, 8_000_000, LAW).by_year.loc[0, "base_eur"] == 40_000


def test_beyond_two_million_the_rate_falls() -> None:
    """60 % of 2 M€ and 40 % of 1 M€, when the ceiling retains all."""
    found = company_gift(3_000_000, 1_000_000_000, LAW)

    assert found.reduction_eur == found.total_reduction_eur == 1_600_000
    assert company_gift(2_000_000, 1_000_000_000, LAW).reduction_eur == 1_200_000


def test_an_excess_keeps_the_rate_of_its_year() -> None:
    """3 M€ under a ceiling of 2.5 M€: 1.2 + 0.2 M€ at once; the 0.5 M€ that are left, beyond 2 M€, at 40 %.

    Under a ceiling of 1 M€: 60 % twice, then 40 %, though each year's base is under 2 M€.
    """
    assert columns(company_gift(3_000_000, 500_000_000, LAW))["reduction_eur"][:3] == [1_400_000, 200_000, 0]
    assert columns(company_gift(3_000_000, 200_000_000, LAW))["reduction_eur"][:4] == [600_000, 600_000, 400_000, 0]


def test_a_company_uses_the_gifts_of_the_year_first() -> None:
    """CGI, 238 bis: then what is carried in, the oldest first, each at its rate."""
    found = company_gift(15_000, 1_000_000, LAW, [(-1, 10_000, 0.6), (-3, 12_000, 0.4)])

    assert columns(found) == {
        "base_eur": [20_000, 17_000, 0, 0, 0, 0],
        "reduction_eur": [9_000 + 2_000, 2_800 + 6_000, 0, 0, 0, 0],
        "excess_eur": [17_000, 0, 0, 0, 0, 0],
    }
    assert (found.reduction_eur, found.total_reduction_eur) == (11_000, 19_800)
    assert found.net_cost_eur == 6_000  # 15 000 less its own 60 %


def test_an_individual_uses_what_is_carried_in_first() -> None:
    """Fondationdefrance.org: the oldest excess comes before the gifts of the year."""
    found = individual_gift(8_000, 40_000, LAW, [Carried(-1, 1_000, 0.66), Carried(-2, 5_000, 0.60)])

    assert columns(found)["base_eur"][:3] == [8_000, 6_000, 0]
    assert columns(found)["reduction_eur"][:2] == [3_000 + 660 + 1_320, 3_960]
    assert found.net_cost_eur == 8_000 - 5_280


def test_an_old_excess_has_one_year_left() -> None:
    """Of five years ago: this year only. A gift of the year that fills the ceiling makes it lost."""
    crowded = company_gift(20_000, 1_000_000, LAW, [(-5, 3_000, 0.6)])
    roomy = company_gift(18_000, 1_000_000, LAW, [(-5, 3_000, 0.6), (-4, 3_000, 0.6)])

    assert columns(crowded)["base_eur"] == [20_000, 0, 0, 0, 0, 0]
    assert (crowded.lost_eur, crowded.by_year.loc[0, "excess_eur"]) == (3_000, 0)
    assert columns(roomy)["base_eur"] == [20_000, 3_000, 0, 0, 0, 0]
    assert roomy.lost_eur == 1_000


def test_the_oldest_excess_comes_before_the_newer() -> None:
    """The next year, what is four years old comes before what this year's gift leaves: nothing is lost."""
    found = company_gift(30_000, 1_000_000, LAW, [(-4, 20_000, 0.4)])

    assert columns(found)["base_eur"] == [20_000, 20_000, 10_000, 0, 0, 0]
    assert columns(found)["reduction_eur"][:3] == [12_000, 8_000, 6_000]
    assert found.lost_eur == 0


def test_nothing_given_gives_nothing_back() -> None:
    """Nor costs anything."""
    for found in (company_gift(0, 1, LAW), individual_gift(0, 1, LAW)):
        assert found.by_year.to_numpy().sum() == 0
        assert (found.total_reduction_eur, found.net_cost_eur, found.lost_eur) == (0, 0, 0)


def test_the_ceilings_are_those_of_the_day() -> None:
    """Before the regime of December 2020, no rate is known: the refusal says from when one is."""
    with pytest.raises(BaremeNotInForce, match="2020-12-31"):
        company_gift(1_000, 1_000_000, baremes.on(date(2019, 6, 1)))

    assert individual_gift(200, 60_000, baremes.on(date(2019, 6, 1))).reduction_eur == 132


@given(GIFTS, TURNOVERS)
def test_a_company_gets_back_its_rate_at_most(amount: float, turnover: float) -> None:
    """60 % at most, 40 % of what is used at least; bases and loss make the gift; all years are under the ceiling."""
    found = company_gift(amount, turnover, LAW)
    ceiling = max(20_000, 0.005 * turnover)

    assert found.total_reduction_eur <= 0.6 * amount + 0.05
    assert found.total_reduction_eur >= 0.4 * (amount - found.lost_eur) - 0.05
    assert cents(found.by_year["base_eur"].sum() + found.lost_eur) == amount
    assert found.by_year["base_eur"].max() <= ceiling + 0.01
    assert found.net_cost_eur == cents(amount - found.total_reduction_eur)
    assert found.reduction_eur == found.by_year.loc[0, "reduction_eur"]
    assert found.lost_eur == pytest.approx(max(0, amount - 6 * ceiling), abs=0.05)
    assert amount > ceiling or found.by_year["base_eur"].tolist() == [amount, 0, 0, 0, 0, 0]


@given(GIFTS, INCOMES)
def test_an_individual_gets_back_66_percent_of_what_is_retained(amount: float, income: float) -> None:
    """Six years under 20 % of income; the rest is lost."""
    found = individual_gift(amount, income, LAW)

    assert found.total_reduction_eur == pytest.approx(0.66 * (amount - found.lost_eur), abs=0.05)
    assert found.lost_eur == pytest.approx(max(0, amount - 6 * 0.2 * income), abs=0.05)
    assert cents(found.by_year["base_eur"].sum() + found.lost_eur) == amount
    assert found.net_cost_eur == cents(amount - found.total_reduction_eur)


@GIVERS
@given(GIFTS, st.floats(1, 1e7), CARRIED)
def test_what_is_retained_and_lost_is_what_was_given(
    gift: Giver, amount: float, size: float, carried: list[Carried]
) -> None:
    """With older gifts too: bases + lost = gift + carried, and what is left never grows."""
    found = gift(amount, size, LAW, carried)
    years = found.by_year

    assert cents(years["base_eur"].sum() + found.lost_eur) == cents(amount + sum(one.amount_eur for one in carried))
    assert found.total_reduction_eur == cents(years["reduction_eur"].sum())
    assert years["excess_eur"].is_monotonic_decreasing
    assert years["excess_eur"].iloc[-1] == 0
    assert (years >= 0).all(axis=None)
    assert 0 <= found.net_cost_eur <= amount


@GIVERS
@given(CARRIED.flatmap(st.permutations))
def test_the_order_in_which_older_gifts_are_told_changes_nothing(gift: Giver, carried: list[Carried]) -> None:
    """The oldest come first anyway; two of one year, only their sum counts when they have one rate."""
    at_one_rate = [one._replace(rate=0.6) for one in carried]
    found, other = (gift(10_000, 100_000, LAW, told) for told in (at_one_rate, sorted(at_one_rate)))

    assert found.by_year.equals(other.by_year)


NAN, INF = float("nan"), float("inf")


@GIVERS
@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ((-1, 1_000), r"« don d.*» vaut -1 : on attend un nombre, au moins 0\."),
        ((NAN, 1_000), "« don d.*» vaut nan"),
        ((INF, 1_000), "« don d.*» vaut inf"),
        ((100, 0), r"« (chiffre d'affaires annuel HT|revenu imposable) » vaut 0 : on attend un nombre, plus de 0\."),
        ((100, -1), "« (chiffre d'affaires annuel HT|revenu imposable) » vaut -1"),
        ((100, NAN), "« (chiffre d'affaires annuel HT|revenu imposable) » vaut nan"),
        ((100, INF), "« (chiffre d'affaires annuel HT|revenu imposable) » vaut inf"),
    ],
)
def test_a_hostile_gift_is_told_its_range(gift: Giver, arguments: tuple[float, float], refusal: str) -> None:
    """Without income there is no tax to reduce."""
    with pytest.raises(UsageError, match=refusal):
        gift(*arguments, LAW)


@GIVERS
@pytest.mark.parametrize(
    ("carried", "refusal"),
    [
        ((-6, 100, 0.6), "« rang de l'année d'un don reporté » vaut -6 : on attend un nombre, au moins -5, au plus -1"),
        ((0, 100, 0.6), "« rang de l'année d'un don reporté » vaut 0"),
        ((2, 100, 0.6), "« rang de l'année d'un don reporté » vaut 2"),
        ((-1, -100, 0.6), "« montant d'un don reporté » vaut -100 : on attend un nombre, au moins 0"),
        ((-1, NAN, 0.6), "« montant d'un don reporté » vaut nan"),
        ((-1, 100, 60), r"« taux d'un don reporté » vaut 60 : on attend un nombre, au moins 0, au plus 1\..*0\.035"),
        ((-1, 100, -0.1), "« taux d'un don reporté » vaut -0.1"),
    ],
)
def test_a_hostile_older_gift_is_told_its_range(gift: Giver, carried: tuple[int, float, float], refusal: str) -> None:
    """Five years old at most; this year's gifts are the amount itself."""
    with pytest.raises(UsageError, match=refusal):
        gift(100, 1_000, LAW, [(-1, 1, 0.6), carried])
