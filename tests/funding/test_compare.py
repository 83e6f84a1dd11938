from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.diagnostic.ranges import CASES, Case
from pupitre.funding.compare import advise, yearly_average_eur
from pupitre.funding.plan import FundingPlan

Costs = tuple[float, float, float]
AMOUNTS = st.floats(1, 1e6)


def plan_of(scenario: str, case: Case, cost: float, year: int = 2027, horizon: int = 5) -> FundingPlan:
    """A plan whose only flow is a payment in one year."""
    return FundingPlan(
        scenario=scenario,
        case=case,
        start_year=2027,
        horizon_years=horizon,
        programme_ttc_eur=cost,
        financing_eur=0,
        charge=pd.DataFrame(
            [(year, "commune", "fonctionnement", cost)], columns=["year", "payer", "section", "amount_eur"]
        ),
        cash=pd.DataFrame([(year, "Loyers", -cost)], columns=["year", "label", "amount_eur"]),
    )


def plans_of(year: int = 2027, **costs: Costs) -> dict[str, dict[Case, FundingPlan]]:
    """Plans by scenario and case."""
    return {
        scenario: {case: plan_of(scenario, case, cost, year) for case, cost in zip(CASES, values, strict=True)}
        for scenario, values in costs.items()
    }


def test_the_cheaper_central_case_is_advised() -> None:
    """Whatever the order in which plans come."""
    told = advise(plans_of(leasing=(10, 60, 90), achat=(20, 50, 100)), 0.03)

    assert (told.best, told.second) == ("achat", "leasing")
    assert told.gap_eur == {"low": -10, "central": 10, "high": -10}


def test_it_is_the_discounted_cost_that_counts() -> None:
    """110 € in four years are cheaper than 100 € now at 3.54 %, dearer at 1 %."""
    plans = plans_of(achat=(100, 100, 100)) | plans_of(year=2031, leasing=(110, 110, 110))

    assert advise(plans, 0.0354).best == "leasing"
    assert advise(plans, 0.01).best == "achat"


def test_overlapping_ranges_are_not_significant() -> None:
    """Even when one plan is cheaper in each case: the need itself is not known."""
    told = advise(plans_of(achat=(10, 50, 90), leasing=(20, 60, 100)), 0)

    assert not told.significant
    assert told.steady


@pytest.mark.parametrize(("low", "significant"), [(90, False), (90.01, True)])
def test_ranges_that_touch_overlap(low: float, significant: bool) -> None:
    """The dearest purchase at the price of the cheapest lease."""
    told = advise(plans_of(achat=(10, 50, 90), leasing=(low, 95, 100)), 0)

    assert told.significant is significant


def test_a_range_inside_the_other_overlaps() -> None:
    """Either way."""
    assert not advise(plans_of(achat=(10, 50, 90), leasing=(40, 60, 80)), 0).significant
    assert not advise(plans_of(achat=(40, 50, 80), leasing=(10, 60, 90)), 0).significant


@pytest.mark.parametrize("dearer", [(10, 60, 100), (20, 60, 89), (9, 60, 100)])
def test_an_advice_is_steady_only_when_cheaper_in_the_three_cases(dearer: Costs) -> None:
    """A tie is not cheaper."""
    assert not advise(plans_of(achat=(10, 50, 90), leasing=dearer), 0).steady


def test_a_single_plan_has_no_rival() -> None:
    """Nothing is compared."""
    told = advise(plans_of(achat=(10, 50, 90)), 0)

    assert (told.best, told.second, told.gap_eur) == ("achat", None, {})


def test_the_third_plan_does_not_hide_the_second() -> None:
    """The advice compares the two cheapest."""
    told = advise(plans_of(cap=(30, 70, 110), leasing=(20, 60, 100), achat=(10, 50, 90)), 0)

    assert (told.best, told.second, told.gap_eur["central"]) == ("achat", "leasing", 10)


def test_a_tie_is_settled_by_name() -> None:
    """The same report twice."""
    same = (10.0, 50.0, 90.0)

    assert advise(plans_of(leasing=same, achat=same), 0).best == "achat"
    assert advise(plans_of(achat=same, leasing=same), 0).best == "achat"


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS).map(sorted), min_size=2, max_size=4))
def test_no_plan_is_cheaper_than_the_advice(costs: list[list[float]]) -> None:
    """In the central case; the gap is that to the second, which is significant only out of its range."""
    plans = plans_of(**{f"s{rank}": (low, central, high) for rank, (low, central, high) in enumerate(costs)})
    told = advise(plans, 0.03)
    assert told.second is not None
    best, second = plans[told.best], plans[told.second]

    assert best["central"].cost_eur == min(plan["central"].cost_eur for plan in plans.values())
    assert told.gap_eur["central"] >= 0
    assert told.significant == (
        best["high"].cost_eur < second["low"].cost_eur or second["high"].cost_eur < best["low"].cost_eur
    )
    assert told.steady or not told.significant


def test_an_average_year_is_one_of_the_horizon() -> None:
    """Not of the years of the plan, which may last longer."""
    assert yearly_average_eur(plan_of("achat", "central", 1_000, year=2034, horizon=5)) == 200
