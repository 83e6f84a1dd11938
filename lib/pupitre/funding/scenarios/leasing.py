"""Leasing: the commune rents what a lessor can take back, pays the option at the end, and buys the rest.

Who pays: the commune alone for the rents, section de fonctionnement, VAT borne in full, no FCTVA on rents; the option
price at the end is an investment, with its FCTVA. Without option (`lease_option_share=0`), the equipment is given back
and a new lease begins. Every lease gives the service that the purchase would, to the end of its life.
Belongs here: the rule and its order of years. Does not: figures (`law/`), drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.programme import Programme
from pupitre.diagnostic.ranges import Case
from pupitre.formats import cents
from pupitre.funding.finance import lease_rent
from pupitre.funding.plan import FundingPlan, Ledger, Verdict, sum_by_year
from pupitre.funding.scenarios.base import Scenario, borrowing_rate, buy, fctva_delay_years, run_services
from pupitre.law.baremes import Law

MONTHS = 12


@dataclass(frozen=True)
class LeaseTerms:
    """The terms of the leases: nominal yearly rate, years, option as a share of the price."""

    rate: float
    years: int
    option_share: float


def terms(law: Law, assumptions: Assumptions) -> LeaseTerms:
    """The consultant's terms, else the borrowing rate plus a margin, and the assumed term and option."""
    rate, years, option = assumptions.lease_rate, assumptions.lease_years, assumptions.lease_option_share
    return LeaseTerms(
        rate=borrowing_rate(law, assumptions) + law["leasing_marge"] if rate is None else rate,
        years=int(law["leasing_duree"]) if years is None else years,
        option_share=law["leasing_option_part"] if option is None else option,
    )


def check(programme: Programme, law: Law, assumptions: Assumptions) -> Verdict:
    """There must be something that a lessor can take back."""
    if programme.lines["leasable"].any():
        return Verdict(eligible=True)
    return Verdict(eligible=False, reasons=("Rien dans ce programme ne peut être loué.",))


def plan(programme: Programme, law: Law, assumptions: Assumptions, case: Case) -> FundingPlan:
    """The lease plan: rents by year, option at the end of each lease, purchase of what cannot be leased, services."""
    ledger, of = Ledger(), terms(law, assumptions)
    investments = programme.lines[programme.lines["section"] == "investissement"]
    leasable = investments[investments["leasable"]]
    leases = [lease for line in leasable.to_dict("records") for lease in leases_of(line, case, of)]
    rents = sum(_pay_rents(ledger, lease, law, assumptions) for lease in leases)
    options = _options(leases)
    buy(ledger, sum_by_year(investments[~investments["leasable"]], f"ttc_{case}"), law, assumptions)
    buy(ledger, options, law, assumptions)
    run_services(ledger, programme, case)
    after = [lease.yearly_ttc_eur for lease in leases for year in lease.counted if year not in programme.years]
    return FundingPlan(
        scenario=SCENARIO.key,
        case=case,
        start_year=programme.start_year,
        horizon_years=programme.horizon_years,
        programme_ttc_eur=programme.ttc(case),
        financing_eur=cents(rents + sum(options.values()) - leasable[f"ttc_{case}"].sum()),
        charge=ledger.charge,
        cash=ledger.cash,
        after_horizon_eur=cents(sum(after)),
    )


@dataclass(frozen=True)
class Lease:
    """One lease of one line: its years, those that count, the price HT of what it covers, VAT and terms."""

    years: range
    counted: range
    price_ht_eur: float
    vat_rate: float
    terms: LeaseTerms

    @property
    def yearly_ttc_eur(self) -> float:
        """Twelve monthly rents in advance, TTC, each rounded to the cent."""
        option_ht = self.price_ht_eur * self.terms.option_share
        months = MONTHS * len(self.years)
        monthly = lease_rent(self.price_ht_eur, self.terms.rate, months, residual_eur=option_ht)
        return cents(MONTHS * cents(monthly * (1 + self.vat_rate)))

    @property
    def option_ttc_eur(self) -> float:
        """The option price TTC."""
        return cents(self.price_ht_eur * self.terms.option_share * (1 + self.vat_rate))


def leases_of(line: Mapping[Any, Any], case: Case, of: LeaseTerms) -> list[Lease]:
    """The leases that give the service of one purchase, from its year to the end of its life, past the horizon too.

    With an option, one lease, then the equipment is the commune's; without, a new one at each term, the last of which
    counts only up to the end of that life.
    """
    first, life = line["year"], int(line["life_years"])
    years = min(of.years, life)
    starts = [first] if of.option_share else range(first, first + life, years)
    spans = [range(start, start + years) for start in starts]
    price, vat = line[f"ht_{case}"], line["vat_rate"]
    return [Lease(span, range(span.start, min(span.stop, first + life)), price, vat, of) for span in spans]


def _pay_rents(ledger: Ledger, lease: Lease, law: Law, assumptions: Assumptions) -> float:
    """Write the rents TTC that count, at the FCTVA rate of rents, and return their sum."""
    back, delay = cents(lease.yearly_ttc_eur * law["fctva_taux_loyers"]), fctva_delay_years(law, assumptions)
    for year in lease.counted:
        ledger.spend(year, "fonctionnement", "Loyers", lease.yearly_ttc_eur, back, delay)
    return lease.yearly_ttc_eur * len(lease.counted)


def _options(leases: list[Lease]) -> dict[int, float]:
    """Option prices TTC by year, paid when the term ends."""
    options: dict[int, float] = {}
    for lease in leases:
        if lease.option_ttc_eur:
            options[lease.years.stop] = options.get(lease.years.stop, 0.0) + lease.option_ttc_eur
    return options


SCENARIO = Scenario(
    key="leasing",
    label="Location",
    summary="La commune loue ce qu'un loueur peut reprendre, et achète le reste.",
    at_the_end="Le loueur reste propriétaire, sauf si la commune lève une option d'achat.",
    check=check,
    plan=plan,
)
