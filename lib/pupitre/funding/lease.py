"""One lease: its rents by year, its option, and the service that it gives.

Belongs: the years and amounts of leases. Does not: which lines are leased.
Every lease gives the service that the purchase would, to the end of its life.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pupitre.diagnostic.ranges import Case
from pupitre.formats import cents
from pupitre.funding.finance import lease_rent
from pupitre.funding.operation import MONTHS, LeaseTerms


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
