"""The arithmetic of loans, leases, discounting and FCTVA: pure functions, euros and yearly ratios.

Belongs: equations, and the refusal of numbers that they do not take. Does not: any figure of law (it is an argument),
any decision.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy_financial as npf
import pandas as pd

from pupitre.errors import UsageError
from pupitre.formats import cents
from pupitre.law.baremes import Law

RateKind = Literal["nominal", "effective"]
AS_RATIO = " Un taux s'écrit en ratio : écrivez 0.035 pour 3,5 %."


def in_range(
    field: str,
    value: float,
    lowest: float = -math.inf,
    highest: float = math.inf,
    *,
    above: float = -math.inf,
    advice: str = "",
) -> None:
    """Refuse what is not a finite number, at least `lowest`, at most `highest` and more than `above`.

    The refusal names the field and what is accepted, in French:

    >>> in_range("taux annuel", 3.5, 0, 1)
    Traceback (most recent call last):
    pupitre.errors.UsageError: « taux annuel » vaut 3.5 : on attend un nombre, au moins 0, au plus 1.
    """
    if math.isfinite(value) and lowest <= value <= highest and value > above:
        return
    limits = {"plus de": above, "au moins": lowest, "au plus": highest}
    wanted = ["un nombre", *(f"{words} {limit:.10g}" for words, limit in limits.items() if math.isfinite(limit))]
    raise UsageError(f"« {field} » vaut {value:.10g} : on attend {', '.join(wanted)}.{advice}")


def periodic_rate(annual_rate: float, periods_per_year: int, rate_kind: RateKind = "nominal") -> float:
    """The rate of one period: annual / n (nominal, the usage of French lessors) or (1 + annual)^(1/n) - 1 (effective).

    Twelve decimals: beyond, a rate is nought and the equations of annuities divide by it. A rate is a ratio, 0 to 1.

    >>> round(periodic_rate(0.06, 12), 6), round(periodic_rate(0.06, 12, "effective"), 6)
    (0.005, 0.004868)
    """
    in_range("taux annuel", annual_rate, 0, 1, advice=AS_RATIO)
    in_range("périodes par an", periods_per_year, 1)
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
    With a larger first rent F, the other n-1 rents repay price - F. At rate 0: (price - residual) / n. A price
    of nought has rents of nought (a line of the programme may be free); a negative one is refused.

    A commune leases 100 000 € of equipment for five years at 4 %, rents monthly and in advance, option 1 %
    (published: 1 820.50 €):

    >>> round(lease_rent(100_000, 0.04, 60, residual_eur=1_000), 2)
    1820.5
    """
    in_range("prix de la location", price_eur, 0)
    in_range("nombre de loyers de la location", periods, 1)
    in_range("option d'achat de la location", residual_eur, 0, price_eur)
    rate = periodic_rate(annual_rate, periods_per_year, rate_kind)
    when = "begin" if in_advance else "end"
    if first_rent_eur is None:
        return -float(npf.pmt(rate, periods, price_eur, -residual_eur, when))
    if not in_advance or periods < 2:
        raise UsageError("Un premier loyer majoré se paie d'avance et suppose deux loyers au moins.")
    in_range("premier loyer majoré", first_rent_eur, 0, price_eur - residual_eur)
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

    Solves for i the equation of `lease_rent` with each rent as it is, then gives (1 + i)^n - 1, n periods a year. Rents
    and option that do not add up to the price have no rate of a lessor: they are refused, as is a price of nought.

    Five yearly rents of 26 000 € in advance for 100 000 € (published: 15.15 %):

    >>> round(implicit_rate(100_000, [26_000] * 5, periods_per_year=1), 5)
    0.15153
    """
    in_range("prix de la location", price_eur, above=0)
    in_range("option d'achat de la location", residual_eur, 0, price_eur)
    in_range("nombre de loyers", len(rents), 1)
    in_range("périodes par an", periods_per_year, 1)
    for rent in rents:
        in_range("loyer", rent, 0)
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
    in_range("capital de l'emprunt", principal_eur, 0)
    in_range("durée de l'emprunt, en années", years, 1)
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
    """Signed flows by rank of year (0 is the first year), each discounted by (1 + rate)^-rank; without flows, 0.

    The rate is more than -1: at -1 money loses all its worth within the year.

    100 € in 22 years are worth half at 3.2 %:

    >>> round(net_present_value(0.032, {22: 100.0}))
    50
    """
    in_range("taux d'actualisation", rate, above=-1)
    for amount in flows.values():
        in_range("montant à actualiser", amount)
    return float(sum(amount / (1 + rate) ** rank for rank, amount in flows.items()))


def fctva(spend_ttc_eur: float, state_subsidy_on_ttc_eur: float, law: Law) -> float:
    """FCTVA on an investment, in euros: the rate in force × (spend TTC - State subsidies computed on a TTC base).

    The base is TTC, never HT; subsidies of the State computed HT, and those of all others, are not deducted.

    >>> from datetime import date
    >>> from pupitre.law import baremes
    >>> fctva(120_000, 0, baremes.on(date(2026, 1, 1)))
    19684.8
    """
    in_range("dépense TTC", spend_ttc_eur, 0)
    in_range("subvention de l'État calculée sur un montant TTC", state_subsidy_on_ttc_eur, 0, spend_ttc_eur)
    return cents(law["fctva_taux"] * (spend_ttc_eur - state_subsidy_on_ttc_eur))


def fctva_give_back(fctva_eur: float, acquired: int, sold: int, law: Law) -> float:
    """The part of an FCTVA, in euros, that is repaid when a movable acquired in one calendar year leaves in another.

    FCTVA × (1 - part acquired a year × calendar years begun, the year of acquisition being the first); nothing from the
    start of the fourth year that follows it. To sell, or to give to pupils, is to leave. In the very year: 80 %.

    A commune gives to its pupils, in the second calendar year, tablets that brought 1 000 € of FCTVA:

    >>> from datetime import date
    >>> from pupitre.law import baremes
    >>> fctva_give_back(1_000, 2026, 2027, baremes.on(date(2026, 11, 22)))
    600.0
    """
    in_range("FCTVA reçu", fctva_eur, 0)
    in_range("année de cession", sold, acquired)
    if sold >= acquired + law["fctva_reprise_annees"]:
        return 0.0
    years_begun = sold - acquired + 1
    return cents(fctva_eur * (1 - law["fctva_reprise_part_par_an"] * years_begun))


def tax_points(cost_eur: float, tfpb_base_eur: float) -> float:
    """A yearly cost in points of taxe foncière: one point brings 1 % of the net base of the built property tax.

    cost / (1 % × base): a point of rate (40 % → 41 %), not 1 % of the tax. A saving is a negative cost.

    30 000 € a year for a base of 5 000 000 €:

    >>> tax_points(30_000, 5_000_000)
    0.6
    """
    in_range("coût annuel", cost_eur)
    in_range("base nette de taxe foncière", tfpb_base_eur, above=0)
    return cost_eur / (tfpb_base_eur / 100)
