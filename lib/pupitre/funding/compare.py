"""Every scenario on one operation, which one to advise, and how sure one can be of it.

Belongs: verdicts, the plans of all scenarios, the rule of advice. Does not: how it is said or drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pupitre.diagnostic.programme import Programme
from pupitre.diagnostic.ranges import CASES, Case
from pupitre.errors import UsageError
from pupitre.formats import cents
from pupitre.funding.constraints import breaches
from pupitre.funding.operation import Operation
from pupitre.funding.plan import FundingPlan, Plans, Verdict, with_groupement
from pupitre.funding.scenarios import SCENARIOS
from pupitre.funding.scenarios.base import Scenario


@dataclass(frozen=True)
class Advice:
    """The plan of lowest discounted reste à charge in the central case, against the next one.

    `significant`: the low-high ranges of the two do not overlap. `steady`: the best plan is the cheaper one in each
    case, programme and prices being the same for both. `gap_eur`: what it saves, discounted, in each case.
    `at_risk_eur`: what it would cost more, in the central case, if no aid and no gift came.
    """

    best: str
    second: str | None
    significant: bool
    steady: bool
    gap_eur: dict[Case, float]
    at_risk_eur: float = 0.0


@dataclass(frozen=True)
class Debt:
    """The commune's savings and debt once it pays for the plan: euros a year, euros, years of savings to repay it.

    `years_before`, `years_after`: None when savings are not positive: debt is then never repaid out of them.
    """

    savings_before_eur: float
    savings_after_eur: float
    debt_after_eur: float
    years_before: float | None
    years_after: float | None


def compare(
    operation: Operation, whole: Programme
) -> tuple[Mapping[str, Verdict], Mapping[str, Mapping[Case, FundingPlan]]]:
    """The verdict of each scenario, and the plans of the eligible ones: scenario → case → plan, groupement included.

    `whole`: the programme with the share of the groupement. A scenario whose plan breaks the law is not eligible.
    Raises UsageError for a rent that no rate explains.
    """
    if operation.assumptions.lease_rent_per_1000_eur is not None:
        _ = operation.lease.rate  # a rent that has no rate is refused before any plan
    verdicts, plans = {}, {}
    for scenario in SCENARIOS:
        verdicts[scenario.key], by_case = judge(scenario, operation)
        if by_case:
            plans[scenario.key] = {
                case: with_groupement(plan, whole, operation.programme) for case, plan in by_case.items()
            }
    return verdicts, plans


def judge(scenario: Scenario, operation: Operation) -> tuple[Verdict, dict[Case, FundingPlan]]:
    """Whether a scenario may be carried out, by its own conditions and by the law of its plan; its plans if so."""
    verdict = scenario.check(operation)
    if not verdict.eligible:
        return verdict, {}
    try:
        by_case = {case: scenario.plan(operation, case) for case in CASES}
    except UsageError as refusal:
        return Verdict(eligible=False, reasons=tuple(str(refusal).split("\n"))), {}
    found = breaches(by_case["central"], operation)
    if any(breach.forbidden for breach in found):
        return Verdict(eligible=False, reasons=tuple(str(breach) for breach in found if breach.forbidden)), {}
    return Verdict(eligible=True, reasons=verdict.reasons + tuple(map(str, found))), by_case


def advise(plans: Plans, rate: float) -> Advice:
    """The advice on eligible plans (scenario → case → plan), discounted at a yearly rate."""
    costs = {
        scenario: {case: plan.discounted_reste_a_charge_eur(rate) for case, plan in by_case.items()}
        for scenario, by_case in plans.items()
    }
    ranked = sorted(costs, key=lambda scenario: (costs[scenario]["central"], scenario))
    best, second = ranked[0], ranked[1] if len(ranked) > 1 else None
    at_risk = plans[best]["central"].uncertain_eur
    if second is None:
        return Advice(best, None, significant=True, steady=True, gap_eur={}, at_risk_eur=at_risk)
    gaps: dict[Case, float] = {case: costs[second][case] - costs[best][case] for case in CASES}
    overlap = costs[best]["high"] >= costs[second]["low"] and costs[second]["high"] >= costs[best]["low"]
    return Advice(best, second, not overlap, all(gap > 0 for gap in gaps.values()), gaps, at_risk)


def winners(plans: Plans, rate: float) -> dict[str, str]:
    """The scenario that does best on each criterion, central case; the first of the report when two are equal.

    `total`: discounted reste à charge. `first_year`: money to advance the first year. `dearest_year`: charge of the
    heaviest year. `independence`: money that depends on others' good will: uncertain aids and gifts, families.
    """
    central = {scenario: by_case["central"] for scenario, by_case in plans.items()}
    measures: dict[str, Callable[[FundingPlan], float]] = {
        "total": lambda plan: plan.discounted_reste_a_charge_eur(rate),
        "first_year": lambda plan: plan.first_year_eur,
        "dearest_year": lambda plan: max(plan.charge_by_year("commune").values()),
        "independence": lambda plan: plan.uncertain_eur + plan.borne_by("famille"),
    }
    return {name: min(central, key=lambda scenario: measure(central[scenario])) for name, measure in measures.items()}


def yearly_average_eur(plan: FundingPlan) -> float:
    """Reste à charge of an average year of the horizon, in euros."""
    return plan.reste_a_charge_eur / plan.horizon_years


def debt_after(plan: FundingPlan, savings_eur: float, debt_eur: float) -> Debt:
    """What a plan does to the commune's gross savings and to its capacity to repay its debt.

    Savings lose the running cost of the dearest year; debt gains what the plan borrows.

    Equation: capacity (years) = debt / gross savings.
    """
    running = max(plan.charge_by_year("commune", "fonctionnement").values())
    borrowed = plan.cash.loc[plan.cash["label"] == "Emprunt reçu", "amount_eur"].sum()
    savings, debt = cents(savings_eur - running), cents(debt_eur + borrowed)
    return Debt(savings_eur, savings, debt, _years(debt_eur, savings_eur), _years(debt, savings))


def _years(debt_eur: float, savings_eur: float) -> float | None:
    return debt_eur / savings_eur if savings_eur > 0 else None
