"""What a gift to the commune costs its giver: the tax reduction of companies and of individuals, over the years.

Belongs: equations. Does not: any figure of law (it is an argument), whether a gift comes, what it pays for.
A reduction is counted as if the giver owed enough tax to use it: whether he does is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from pupitre.formats import cents
from pupitre.funding.finance import AS_RATIO, in_range
from pupitre.law.baremes import Law


class Carried(NamedTuple):
    """What is left of an older gift: rank of its year (-1 is last year), euros above the ceiling, rate of that year."""

    rank: int
    amount_eur: float
    rate: float


@dataclass(frozen=True)
class GiftReturn:
    """What the State gives back to a giver, in euros, the year of the gift (rank 0) and the years of carry-forward.

    `by_year`: index rank; columns base_eur (retained that year under the ceiling), reduction_eur (of that base) and
    excess_eur (still usable in a later year). It counts the older gifts that are carried in, as do `reduction_eur` (its
    first year), `total_reduction_eur` (its sum) and `lost_eur` (what no year retained in time), so that bases + lost =
    gift + carried. `net_cost_eur` is the gift less the reductions that it earned itself: without older gifts, the gift
    less the total.
    """

    reduction_eur: float
    total_reduction_eur: float
    net_cost_eur: float
    by_year: pd.DataFrame
    lost_eur: float


def company_gift(
    amount_eur: float, turnover_eur: float, law: Law, carried: Sequence[tuple[int, float, float]] = ()
) -> GiftReturn:
    """The tax reduction of a company whose gifts of the year are `amount_eur`, for a yearly turnover HT (CGI, 238 bis).

    ceiling = max(20 000 €, 5 ‰ × turnover); base = gifts of the year, then what is carried in, the oldest first, within
    the ceiling; reduction = 60 % of gifts up to 2 M€ a year, 40 % beyond. What exceeds the ceiling is carried to the
    five following years at the rate of its own. The gift is not deductible besides: net cost = gift - reduction.
    `carried` are `Carried`, five years old at most. The years after have the same turnover and law, and no new gift.
    Of a gift above 2 M€, the part at 60 % is retained first. A company without turnover is refused.

    A company gives 25 000 € and sells for 5 M€ a year (published: net cost 10 000 €); for 1 M€, it takes two years:

    >>> from datetime import date
    >>> from pupitre.law import baremes
    >>> law = baremes.on(date(2026, 11, 22))
    >>> company_gift(25_000, 5_000_000, law).net_cost_eur
    10000.0
    >>> company_gift(25_000, 1_000_000, law).by_year["reduction_eur"].tolist()
    [12000.0, 3000.0, 0.0, 0.0, 0.0, 0.0]
    """
    in_range("don de l'entreprise", amount_eur, 0)
    in_range("chiffre d'affaires annuel HT", turnover_eur, above=0)
    years = int(law["mecenat_report"])
    older = _checked(carried, years)
    ceiling = max(law["mecenat_plafond_plancher"], law["mecenat_plafond_part"] * turnover_eur)
    at_full_rate = min(amount_eur, law["mecenat_seuil"])
    new = [
        Carried(0, at_full_rate, law["mecenat_taux"]),
        Carried(0, amount_eur - at_full_rate, law["mecenat_taux_au_dela"]),
    ]
    return _spread([*new, *older], ceiling, years)


def individual_gift(
    amount_eur: float, taxable_income_eur: float, law: Law, carried: Sequence[tuple[int, float, float]] = ()
) -> GiftReturn:
    """The tax reduction of a person whose gifts of the year are `amount_eur`, for a yearly taxable income (CGI, 200).

    ceiling = 20 % × income; reduction = 66 % of what the ceiling retains. The excess is carried to the five following
    years, and there, unlike a company's, it comes before the gifts of the year, the oldest first. `carried` are
    `Carried`, five years old at most. The years after have the same income and law, and no new gift. Without taxable
    income there is neither ceiling nor tax to reduce: it is refused.

    A household with 60 000 € of taxable income gives 200 € to the schools (published: 132 € back, 68 € of cost):

    >>> from datetime import date
    >>> from pupitre.law import baremes
    >>> found = individual_gift(200, 60_000, baremes.on(date(2026, 11, 22)))
    >>> found.reduction_eur, found.net_cost_eur
    (132.0, 68.0)
    """
    in_range("don du particulier", amount_eur, 0)
    in_range("revenu imposable", taxable_income_eur, above=0)
    years = int(law["don_particulier_report"])
    older = _checked(carried, years)
    new = Carried(0, amount_eur, law["don_particulier_taux"])
    return _spread([*older, new], law["don_particulier_plafond_part"] * taxable_income_eur, years)


def _checked(carried: Iterable[tuple[int, float, float]], years: int) -> list[Carried]:
    """What is carried in, one a year and a rate, the oldest first and the lowest rate; refused when out of range."""
    sums: dict[tuple[int, float], float] = {}
    for one in map(Carried._make, carried):
        in_range("rang de l'année d'un don reporté", one.rank, -years, -1)
        in_range("montant d'un don reporté", one.amount_eur, 0)
        in_range("taux d'un don reporté", one.rate, 0, 1, advice=AS_RATIO)
        sums[one.rank, one.rate] = cents(sums.get((one.rank, one.rate), 0.0) + cents(one.amount_eur))
    return [Carried(rank, amount, rate) for (rank, rate), amount in sorted(sums.items())]


def _spread(gifts: Sequence[Carried], ceiling_eur: float, years: int) -> GiftReturn:
    """Retain gifts under the ceiling of each year: in their order the year of the gift, the oldest first after."""
    ceiling = cents(ceiling_eur)
    left = [cents(gift.amount_eur) for gift in gifts]
    earned = [0.0] * len(gifts)
    turns = list(range(len(gifts)))
    rows = []
    for year in range(years + 1):
        room, before = ceiling, sum(earned)
        for k in turns:
            used = min(left[k], room) if year <= gifts[k].rank + years else 0.0
            left[k], room = cents(left[k] - used), cents(room - used)
            earned[k] += cents(used * gifts[k].rate)
        usable = sum(left[k] for k in turns if year < gifts[k].rank + years)
        rows.append((year, cents(ceiling - room), cents(sum(earned) - before), cents(usable)))
        turns.sort(key=lambda k: gifts[k].rank)
    by_year = pd.DataFrame(rows, columns=["rank", "base_eur", "reduction_eur", "excess_eur"]).set_index("rank")
    own = sum(cents(gift.amount_eur) - earned[k] for k, gift in enumerate(gifts) if gift.rank == 0)
    return GiftReturn(
        reduction_eur=rows[0][2],
        total_reduction_eur=cents(sum(earned)),
        net_cost_eur=cents(own),
        by_year=by_year,
        lost_eur=cents(sum(left)),
    )
