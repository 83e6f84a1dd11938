"""Which plan to advise, and how sure one can be of it.

Belongs: the rule of advice. Does not: how it is said or drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

from pupitre.diagnostic.ranges import CASES, Case
from pupitre.funding.plan import FundingPlan, Plans


@dataclass(frozen=True)
class Advice:
    """The plan of lowest discounted reste à charge in the central case, against the next one.

    `significant`: the low-high ranges of the two do not overlap. `steady`: the best plan is the cheaper one in each
    case, programme and prices being the same for both. `gap_eur`: what it saves, discounted, in each case.
    """

    best: str
    second: str | None
    significant: bool
    steady: bool
    gap_eur: dict[Case, float]


def advise(plans: Plans, rate: float) -> Advice:
    """The advice on eligible plans (scenario → case → plan), discounted at a yearly rate."""
    costs = {
        scenario: {case: plan.discounted_reste_a_charge_eur(rate) for case, plan in by_case.items()}
        for scenario, by_case in plans.items()
    }
    ranked = sorted(costs, key=lambda scenario: (costs[scenario]["central"], scenario))
    best, second = ranked[0], ranked[1] if len(ranked) > 1 else None
    if second is None:
        return Advice(best, None, significant=True, steady=True, gap_eur={})
    gaps: dict[Case, float] = {case: costs[second][case] - costs[best][case] for case in CASES}
    overlap = costs[best]["high"] >= costs[second]["low"] and costs[second]["high"] >= costs[best]["low"]
    return Advice(best, second, not overlap, all(gap > 0 for gap in gaps.values()), gaps)


def yearly_average_eur(plan: FundingPlan) -> float:
    """Reste à charge of an average year of the horizon, in euros."""
    return plan.reste_a_charge_eur / plan.horizon_years
