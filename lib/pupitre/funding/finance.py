"""The arithmetic of loans, leases, discounting and FCTVA: pure functions, euros and yearly ratios.

Belongs: equations. Does not: any figure of law (it is an argument), any decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy_financial as npf
import pandas as pd

from pupitre.errors import UsageError
from pupitre.formats import cents
from pupitre.law.baremes import Law

RateKind = Literal["nominal", "effective"]


def periodic_rate(annual_rate: float, periods_per_year: int, rate_kind: RateKind = "nominal") -> float:
    """The rate of one period: annual / n (nominal, the usage of French lessors) or (1 + annual)^(1/n) - 1 (effective).

    Twelve decimals: beyond, a rate is nought and the equations of annuities divide by it.

    >>> round(periodic_rate(0.06, 12), 6), round(periodic_rate(0.06, 12, "effective"), 6)
    (0.005, 0.004868)
    """
    if rate_kind == "nominal":
        return round(annual_rate / periods_per_year, 12)
    return round(float((1 + annual_rate) ** (1 / periods_per_year) - 1), 12)


def lease_rent(
    price_eur: float,
    annual_rate: float,
    periods: int,
    *,
    periods_per_year: int = 12,
    residual_eur: float = 0.0,
    first_rent_eur: float | None = None,
    in_advance: bool = True,
    rate_kind: RateKind = "nominal",
) -> float:
    """The constant rent, in euros a period, of a lease of `price_eur` whose option costs `residual_eur` at the end.

    Solves  price = Σ rent·(1+i)^-k + residual·(1+i)^-n,  k from 0 when rents fall in advance, from 1 otherwise.
    With a larger first rent F, the other n-1 rents repay price - F. At rate 0: (price - residual) / n.

    A commune leases 100 000 € of equipment for five years at 4 %, rents monthly and in advance, option 1 %
    (published: 1 820.50 €):

    >>> round(lease_rent(100_000, 0.04, 60, residual_eur=1_000), 2)
    1820.5
    """
    if periods < 1 or not 0 <= residual_eur <= price_eur:
        raise UsageError("Une location dure au moins une période, et son option ne dépasse pas le prix.")
    rate = periodic_rate(annual_rate, periods_per_year, rate_kind)
    when = "begin" if in_advance else "end"
    if first_rent_eur is None:
        return -float(npf.pmt(rate, periods, price_eur, -residual_eur, when))
    if not in_advance or periods < 2 or not 0 <= first_rent_eur <= price_eur - residual_eur:
        raise UsageError("Un premier loyer majoré se paie d'avance, suppose deux loyers et ne dépasse pas le prix.")
    residual_one_period_earlier = residual_eur / (1 + rate)
    return -float(npf.pmt(rate, periods - 1, price_eur - first_rent_eur, -residual_one_period_earlier, "end"))


def implicit_rate(
    price_eur: float,
    rents: Sequence[float],
    *,
    residual_eur: float = 0.0,
    in_advance: bool = True,
    periods_per_year: int = 12,
) -> float:
    """The effective annual rate hidden in a lease: the one at which rents and option are worth the price.

    Five yearly rents of 26 000 € in advance for 100 000 € (published: 15.15 %):

    >>> round(implicit_rate(100_000, [26_000] * 5, periods_per_year=1), 5)
    0.15153
    """
    if cents(sum(rents) + residual_eur) < cents(price_eur):
        raise UsageError("Aucun taux n'explique ces loyers : leur somme ne rembourse pas le prix.")
    flows = [price_eur, *[0.0] * len(rents)]
    for k, rent in enumerate(rents):
        flows[k if in_advance else k + 1] -= rent
    flows[-1] -= residual_eur
    rate = float(npf.irr(flows))
    if not rate > -1:
        raise UsageError("Aucun taux n'explique ces loyers : vérifiez leur nombre et leur montant.")
    return float((1 + rate) ** periods_per_year - 1)


def loan_schedule(principal_eur: float, annual_rate: float, years: int) -> pd.DataFrame:
    """A loan repaid by constant annuities at the end of each year, to the cent.

    Index year (1 … years); columns annuity_eur, interest_eur, capital_eur, remaining_eur. The annuity stays the same to
    the last: the interest of the last year absorbs the cents, so that capital adds up to the principal. At rate 0 the
    annuity is principal / years, and the last one absorbs them.

    21 400 € at 9.85 % over four years (published: annuity 6 729.17 €, first interest 2 107.90 €):

    >>> loan_schedule(21_400, 0.0985, 4).loc[1, ["annuity_eur", "interest_eur"]].tolist()
    [6729.17, 2107.9]
    """
    if years < 1 or principal_eur < 0:
        raise UsageError("Un emprunt porte sur un montant positif et dure au moins un an.")
    annuity = cents(-float(npf.pmt(periodic_rate(annual_rate, 1), years, principal_eur)))
    remaining, rows = cents(principal_eur), []
    for year in range(1, years + 1):
        last = year == years
        interest = max(0.0, cents(annuity - remaining)) if last and annual_rate else cents(remaining * annual_rate)
        capital = remaining if last else cents(annuity - interest)
        remaining = cents(remaining - capital)
        rows.append((year, cents(capital + interest), interest, capital, remaining))
    columns = ["year", "annuity_eur", "interest_eur", "capital_eur", "remaining_eur"]
    return pd.DataFrame(rows, columns=columns).set_index("year")


def net_present_value(rate: float, flows: Mapping[int, float]) -> float:
    """Signed flows by rank of year (0 is the first year), each discounted by (1 + rate)^-rank.

    100 € in 22 years are worth half at 3.2 %:

    >>> round(net_present_value(0.032, {22: 100.0}))
    50
    """
    return float(sum(amount / (1 + rate) ** rank for rank, amount in flows.items()))


def fctva(spend_ttc_eur: float, state_subsidy_on_ttc_eur: float, law: Law) -> float:
    """FCTVA on an investment, in euros: the rate in force × (spend TTC - State subsidies computed on a TTC base).

    The base is TTC, never HT; subsidies of the State computed HT, and those of all others, are not deducted.

    >>> from datetime import date
    >>> from pupitre.law import baremes
    >>> fctva(120_000, 0, baremes.on(date(2026, 1, 1)))
    19684.8
    """
    if not 0 <= state_subsidy_on_ttc_eur <= spend_ttc_eur:
        raise UsageError("La subvention de l'État ne peut ni être négative ni dépasser la dépense.")
    return cents(law["fctva_taux"] * (spend_ttc_eur - state_subsidy_on_ttc_eur))


def tax_points(cost_eur: float, tfpb_base_eur: float) -> float:
    """A yearly cost in points of taxe foncière: one point brings 1 % of the net base of the built property tax.

    30 000 € a year for a base of 5 000 000 €:

    >>> tax_points(30_000, 5_000_000)
    0.6
    """
    if tfpb_base_eur <= 0:
        raise UsageError("La base nette de taxe foncière doit être positive.")
    return cost_eur / (tfpb_base_eur / 100)
