"""Purchase: the commune buys, from its own funds or with a loan, and the State gives part of the VAT back.

Who pays: the commune, and the State through the FCTVA (16.404 % of the amount TTC, after its delay).
Belongs here: the rule and its order of years. Does not: figures (`law/`), drawing.
"""

from __future__ import annotations

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.programme import Programme
from pupitre.diagnostic.ranges import Case
from pupitre.formats import cents
from pupitre.funding.finance import loan_schedule
from pupitre.funding.plan import FundingPlan, Ledger, Verdict, sum_by_year
from pupitre.funding.scenarios.base import Scenario, borrowing_rate, buy, loan_years, run_services
from pupitre.law.baremes import Law


def check(programme: Programme, law: Law, assumptions: Assumptions) -> Verdict:
    """A commune may always buy."""
    return Verdict(eligible=True)


def plan(programme: Programme, law: Law, assumptions: Assumptions, case: Case) -> FundingPlan:
    """The purchase plan: investments with their FCTVA, services, and the interest of the loan when there is one."""
    ledger = Ledger()
    bought = programme.lines[programme.lines["section"] == "investissement"]
    spent = sum_by_year(bought, f"ttc_{case}")
    buy(ledger, spent, law, assumptions)
    run_services(ledger, programme, case)
    borrowed = cents(spent.get(programme.start_year, 0.0) * assumptions.loan_share)
    interest = _borrow(ledger, programme.start_year, borrowed, law, assumptions) if borrowed else 0.0
    return FundingPlan(
        scenario=SCENARIO.key,
        case=case,
        start_year=programme.start_year,
        horizon_years=programme.horizon_years,
        programme_ttc_eur=programme.ttc(case),
        financing_eur=interest,
        charge=ledger.charge,
        cash=ledger.cash,
    )


def _borrow(ledger: Ledger, year: int, principal_eur: float, law: Law, assumptions: Assumptions) -> float:
    """A loan for the first year's investment, repaid by annuities from the next year on; returns its interest."""
    schedule = loan_schedule(principal_eur, borrowing_rate(law, assumptions), loan_years(law, assumptions))
    ledger.move(year, "Emprunt reçu", principal_eur)
    for rank, row in schedule.iterrows():
        ledger.bear(year + int(str(rank)), "commune", "fonctionnement", row["interest_eur"])
        ledger.move(year + int(str(rank)), "Annuités d'emprunt", -row["annuity_eur"])
    return cents(schedule["interest_eur"].sum())


SCENARIO = Scenario(
    key="achat",
    label="Achat",
    summary="La commune achète le matériel ; l'État lui rend une partie de la TVA par le FCTVA, plus tard.",
    at_the_end="La commune est propriétaire, et assure le réemploi ou le recyclage.",
    check=check,
    plan=plan,
)
