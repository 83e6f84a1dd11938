from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.diagnostic.ranges import CASES, Case
from pupitre.formats import cents
from pupitre.funding.compare import advise, compare, debt_after, winners, yearly_average_eur
from pupitre.funding.operation import Operation
from pupitre.funding.plan import FundingPlan, Grant, commune_part
from pupitre.funding.scenarios import SCENARIOS, achat

Costs = tuple[float, float, float]
Make = Callable[..., Operation]
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


def test_what_the_advice_counts_on_is_told(operation_of: Make) -> None:
    """Bought with DETR, 1 000 € are at risk: 2 000 € for one chance in two; an aid that is sure risks nothing."""
    for probability, at_risk in ((0.5, 1_000), (1, 0)):
        of = operation_of(population=1_500, aid_probability=probability, lease_rate=0.5)
        told = advise(compare(of, of.programme)[1], 0.0354)

        assert (told.best, told.at_risk_eur) == ("subventions", at_risk)


def test_every_scenario_has_its_verdict(operation_of: Make) -> None:
    """In the order of the report; the eligible ones have their plan in each case, the others a reason."""
    of = operation_of(population=1_500)
    verdicts, plans = compare(of, of.programme)

    assert list(verdicts) == [scenario.key for scenario in SCENARIOS]
    assert set(plans) == {key for key, verdict in verdicts.items() if verdict.eligible}
    assert set(plans) == {"achat", "subventions", "leasing"}
    assert all(set(by_case) == set(CASES) for by_case in plans.values())
    assert all(verdict.reasons for verdict in verdicts.values() if not verdict.eligible)
    assert plans["achat"]["central"].charge.equals(achat.plan(of, "central").charge)


def test_what_costs_without_being_forbidden_is_said(operation_of: Make) -> None:
    """Devices given away in their second year: eligible, with the article and the amount."""
    of = operation_of(given_away_after_years=1)
    told = compare(of, of.programme)[0]["achat"]

    assert told.eligible
    assert "R. 1615-5" in told.reasons[0]
    assert "1\u202f181,09\u00a0€" in told.reasons[0]


def test_the_groupement_is_in_every_plan(operation_of: Make) -> None:
    """Half of 12 000 €; the commune's part is compared, the whole is shown."""
    whole = operation_of(population=1_500)
    of = replace(whole, programme=commune_part(whole.programme, 0.5))
    _, plans = compare(of, whole.programme)

    for by_case in plans.values():
        assert by_case["central"].borne_by("groupement") == 6_000
        assert by_case["central"].programme_ttc_eur == 12_000
    assert plans["achat"]["central"].reste_a_charge_eur == cents(6_000 - 984.24)


def test_a_programme_without_device_is_bought(operation_of: Make) -> None:
    """Cables: neither lease nor families."""
    of = operation_of({"item": "prise_reseau", "leasable": False}, population=1_500)
    verdicts, plans = compare(of, of.programme)

    assert set(plans) == {"achat", "subventions"}
    assert not verdicts["leasing"].eligible
    assert not verdicts["byod_tripartite"].eligible


def flows(scenario: str, charge: dict[int, float], cash: dict[int, float], *grants: Grant) -> dict[Case, FundingPlan]:
    """A plan from the commune's charge and cash by year."""
    rows = [(year, "commune", "fonctionnement", amount) for year, amount in charge.items()]
    moves = [(year, "Achats", -amount) for year, amount in cash.items()]
    total = sum(charge.values())
    frames = (
        pd.DataFrame(rows, columns=["year", "payer", "section", "amount_eur"]),
        pd.DataFrame(moves, columns=["year", "label", "amount_eur"]),
    )
    return dict.fromkeys(CASES, FundingPlan(scenario, "central", 2027, 5, total, 0, *frames, grants=grants))


def test_each_criterion_has_its_winner() -> None:
    """The least in all, the least the first year, the lightest dearest year, the least that depends on others."""
    gift = Grant("don_argent", "Don", "mecene", 2027, 20, 0.5)
    plans = {
        "total": flows("total", {2027: 80}, {2027: 80}, gift),
        "first_year": flows("first_year", {2027: 90}, {2028: 90}, gift),
        "dearest_year": flows("dearest_year", {2027: 50, 2028: 50}, {2027: 50, 2028: 50}, gift),
        "independence": flows("independence", {2027: 95}, {2027: 95}),
    }

    assert winners(plans, 0.0) == {key: key for key in plans}


def test_equal_plans_are_won_by_the_first_of_the_report() -> None:
    """Not by their name."""
    same = ({2027: 80.0}, {2027: 80.0})

    assert set(winners({"b": flows("b", *same), "a": flows("a", *same)}, 0).values()) == {"b"}


def test_debt_and_savings_after_a_loan(operation_of: Make) -> None:
    """12 000 € borrowed at no interest, 120 € of upkeep a year: 990 € of savings left, 62 000 € of debt: 62.6 years."""
    upkeep = [{"section": "fonctionnement", "item": "maintenance", "ht": 100, "year": year} for year in (2027, 2028)]
    of = operation_of({}, *upkeep, loan_share=1, loan_rate=0)
    told = debt_after(achat.plan(of, "central"), 1_110, 50_000)

    assert (told.savings_before_eur, told.savings_after_eur, told.debt_after_eur) == (1_110, 990, 62_000)
    assert told.years_before == pytest.approx(50_000 / 1_110)
    assert told.years_after == pytest.approx(62_000 / 990)


def test_interest_is_a_running_cost(operation_of: Make) -> None:
    """420 € the first year of a loan of 12 000 € at 3.5 %, and the dearest."""
    of = operation_of(loan_share=1, loan_rate=0.035)

    assert debt_after(achat.plan(of, "central"), 1_000, 0).savings_after_eur == 580


@pytest.mark.parametrize("savings", [0, -500])
def test_without_savings_a_debt_is_never_repaid(operation_of: Make, savings: float) -> None:
    """No number of years, rather than a negative one."""
    told = debt_after(achat.plan(operation_of(), "central"), savings, 10_000)

    assert (told.years_before, told.years_after) == (None, None)


def test_a_purchase_without_loan_leaves_the_debt(operation_of: Make) -> None:
    """Neither running cost nor debt: an investment out of the commune's own money."""
    told = debt_after(achat.plan(operation_of(), "central"), 1_000, 10_000)

    assert (told.savings_after_eur, told.debt_after_eur, told.years_after) == (1_000, 10_000, 10)
