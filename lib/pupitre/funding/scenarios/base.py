"""What a scenario is: a key, a label, what it means in one sentence, `check` and `plan`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.programme import Programme
from pupitre.diagnostic.ranges import Case
from pupitre.funding.finance import fctva
from pupitre.funding.plan import FundingPlan, Ledger, Verdict, sum_by_year
from pupitre.law.baremes import Law


@dataclass(frozen=True)
class Scenario:
    """One way to pay. `at_the_end` says who owns what at the end of the term: the non-financial difference."""

    key: str
    label: str
    summary: str
    at_the_end: str
    check: Callable[[Programme, Law, Assumptions], Verdict]
    plan: Callable[[Programme, Law, Assumptions, Case], FundingPlan]


def borrowing_rate(law: Law, assumptions: Assumptions) -> float:
    """The rate at which the commune borrows, which discounts its cash: the consultant's, else the average in force."""
    return law["emprunt_taux"] if assumptions.loan_rate is None else assumptions.loan_rate


def loan_years(law: Law, assumptions: Assumptions) -> int:
    """How long the commune borrows."""
    return int(law["emprunt_duree"]) if assumptions.loan_years is None else assumptions.loan_years


def fctva_delay_years(law: Law, assumptions: Assumptions) -> int:
    """Years between a spending and its FCTVA: the commune's regime when it is known, else the default one."""
    delay = assumptions.fctva_delay_years
    return int(law["fctva_delai"]) if delay is None else delay


def buy(ledger: Ledger, spent_by_year: dict[int, float], law: Law, assumptions: Assumptions) -> None:
    """Write purchases TTC by year, with their FCTVA at the delay of the commune's regime."""
    for year, ttc in spent_by_year.items():
        delay = fctva_delay_years(law, assumptions)
        ledger.spend(year, "investissement", "Achats", ttc, fctva(ttc, 0, law), delay)


def run_services(ledger: Ledger, programme: Programme, case: Case) -> None:
    """Write maintenance and accompaniment, the same in every scenario."""
    services = programme.lines[programme.lines["section"] == "fonctionnement"]
    for label in services["label"].unique():
        for year, ttc in sum_by_year(services[services["label"] == label], f"ttc_{case}").items():
            ledger.pay(year, "fonctionnement", label, ttc)
