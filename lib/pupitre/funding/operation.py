"""The operation: what is to be paid for, by which commune, under which law. All that a scenario may know.

Belongs: the terms that the consultant gave, else the figures in force. Does not: any way to pay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.catalogue import items
from pupitre.diagnostic.programme import Programme
from pupitre.diagnostic.ranges import Case
from pupitre.errors import UsageError
from pupitre.formats import cents, euros
from pupitre.funding.comparables import Comparables
from pupitre.funding.finance import implicit_rate, lease_rent, periodic_rate
from pupitre.law.baremes import Law

CREDIT_BAIL = "credit_bail"
MONTHS = 12


@dataclass(frozen=True)
class LeaseTerms:
    """The terms of the leases: nominal yearly rate, years, option as a share of the price, kind of contract."""

    rate: float
    years: int
    option_share: float
    kind: str = CREDIT_BAIL


@dataclass(frozen=True)
class Operation:
    """A programme (the commune's own part), the law and the assumptions of its funding.

    `population`, `departement` and `classes` are the commune's, None or empty when not known; `comparables`: what
    projects of the same kind obtained. `asks_usual`: when the consultant asks for no aid, every way to pay but the
    plain purchase asks for the usual one, so that they compare.
    """

    programme: Programme
    law: Law
    assumptions: Assumptions
    population: int | None = None
    departement: str = ""
    classes: int | None = None
    comparables: Comparables | None = None
    asks_usual: bool = False

    @cached_property
    def borrowing_rate(self) -> float:
        """The rate at which the commune borrows, which discounts its cash: the consultant's, else the one in force."""
        return self._or_law("loan_rate", "emprunt_taux")

    @property
    def loan_years(self) -> int:
        """How long the commune borrows."""
        return int(self._or_law("loan_years", "emprunt_duree"))

    @cached_property
    def fctva_delay_years(self) -> int:
        """Years between a spending and its FCTVA: the commune's regime when it is known, else the default one."""
        return int(self._or_law("fctva_delay_years", "fctva_delai"))

    @property
    def aid_probability(self) -> float:
        """How likely an aid is to be granted, 0–1."""
        return self._or_law("aid_probability", "aides_probabilite")

    @property
    def gift_probability(self) -> float:
        """How likely a promised gift is to come, 0–1."""
        return self._or_law("gift_probability", "don_probabilite")

    @property
    def byod_loan_share(self) -> float:
        """Share of the devices that the commune buys and lends, for pupils who have none."""
        return self._or_law("byod_loan_share", "byod_pret_part")

    @property
    def family_share(self) -> float:
        """Share of the price of a family's device that the family pays: the mean of three quotient familial bands."""
        bands = ("byod_part_famille_basse", "byod_part_famille_moyenne", "byod_part_famille_haute")
        given = self.assumptions.family_share
        return sum(self.law[band] for band in bands) / len(bands) if given is None else given

    @cached_property
    def lease(self) -> LeaseTerms:
        """The consultant's terms, else the borrowing rate plus a margin, and the assumed term and option.

        Only a crédit-bail has an option: without one, the lease is a location financière.
        """
        asked, years = self.assumptions.lease_kind, int(self._or_law("lease_years", "leasing_duree"))
        option = 0.0 if asked not in (None, CREDIT_BAIL) else self._or_law("lease_option_share", "leasing_option_part")
        kind = asked or (CREDIT_BAIL if option else "location_financiere")
        return LeaseTerms(self._lease_rate(years, option), years, option, kind)

    def _lease_rate(self, years: int, option_share: float) -> float:
        """The rate given, else the one hidden in the rent offered for 1 000 € HT, else borrowing plus a margin."""
        rate, rent = self.assumptions.lease_rate, self.assumptions.lease_rent_per_1000_eur
        if rate is not None:
            return rate
        if rent is None:
            return self.borrowing_rate + self.law["leasing_marge"]
        months, option = MONTHS * years, 1000 * option_share
        least, most = (lease_rent(1000, rate, months, residual_eur=option, rate_kind="effective") for rate in (0, 1))
        if not cents(least) <= rent <= most:
            raise UsageError(
                f"L'hypothèse « lease_rent_per_1000_eur » vaut « {rent} » : sur {years} ans, ce loyer va de "
                f"{euros(least, 2)} (sans intérêt) à {euros(most, 2)} (100 % par an)."
            )
        effective = implicit_rate(1000, [max(rent, least)] * months, residual_eur=option)
        return MONTHS * periodic_rate(max(0.0, effective), MONTHS, "effective")

    @property
    def investments(self) -> pd.DataFrame:
        """The lines to buy, or to pay otherwise."""
        return self.programme.investments

    @property
    def services(self) -> list[dict[Any, Any]]:
        """The lines of accompaniment, maintenance and services."""
        return self.programme.services

    @property
    def rows(self) -> dict[int, dict[Any, Any]]:
        """The lines of `investments` by row."""
        return self.programme.rows

    @cached_property
    def family_rows(self) -> frozenset[int]:
        """The rows of the programme that families may bring: devices that a pupil may own."""
        own = {item.key for item in items().values() if item.personal}
        lines = self.programme.lines
        return frozenset(lines.index[lines["item"].isin(own)])

    @cached_property
    def leasable_rows(self) -> frozenset[int]:
        """The rows of the programme that a lessor can take back."""
        return frozenset(self.programme.lines.index[self.programme.lines["leasable"]])

    def subsidised_ht_eur(self, case: Case, bought: Mapping[int, float]) -> dict[int, float]:
        """Euros HT by year of what aids may pay of these rows: what is new, neither renewals nor replacements.

        `bought`: row → the share of it that is bought, 0–1.
        """
        by_year: dict[int, float] = {}
        for row, share in sorted(bought.items()):
            line = self.rows[row]
            if line["nature"] == "achat" and line[f"ht_{case}"] * share:
                by_year[line["year"]] = by_year.get(line["year"], 0.0) + line[f"ht_{case}"] * share
        return dict(sorted(by_year.items()))

    @property
    def all_bought(self) -> dict[int, float]:
        """Every row of `investments`, bought whole."""
        return dict.fromkeys(self.rows, 1.0)

    def supposing(self, **assumptions: object) -> Operation:
        """The same operation under other assumptions."""
        return replace(self, assumptions=self.assumptions.model_copy(update=assumptions))

    def _or_law(self, name: str, figure: str) -> float:
        given: float | None = getattr(self.assumptions, name)
        return self.law[figure] if given is None else given
