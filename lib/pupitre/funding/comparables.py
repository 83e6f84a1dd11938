"""What was really financed: projects of the same kind in the DETR and DSIL lists, to hold an expected rate against.

Belongs: which projects compare, the quantiles of what they obtained. Does not: any rate assumed for a plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pupitre.data.assemble import QUANTILES
from pupitre.law.baremes import Law

Scope = Literal["departement", "size", "all"]


@dataclass(frozen=True)
class Comparables:
    """What projects of the same kind obtained from one grant, DETR or DSIL.

    A rate is the subsidy over the cost of the same project (0–1); the lists tell one grant at a time, so that a
    project's total aid may be higher: other funders are unknown. Costs are in euros, HT ou TTC non précisé. Quantiles
    are interpolated linearly, each project weighing the same.

    Projects whose title names furniture, playgrounds or split classes are left out: they paid for something else too.
    scope: projects of the `departement`, of communes of the same `size`, or `all`. n: those whose cost is published,
    on which the quantiles rest; n_groupement: how many of these an EPCI or a syndicat carried (none in `size`, since
    only a commune has a population). n_national and n_groupement_national: all the projects of the lists, with or
    without a cost. first_year and last_year: those of the lists.
    """

    scope: Scope
    n: int
    n_groupement: int
    rate_q1: float
    rate_median: float
    rate_q3: float
    rate_d9: float
    cost_q1_eur: float
    cost_median_eur: float
    cost_q3_eur: float
    n_national: int
    n_groupement_national: int
    first_year: int
    last_year: int

    def is_optimistic(self, rate: float) -> bool:
        """Whether an expected rate (0–1) is above the ninth decile of the rates obtained.

        Both are compared to a tenth of a percent: subsidies are rounded to the euro, and 80 % obtained is 79.99 %.
        """
        return round(rate * 1000) > round(self.rate_d9 * 1000)


def find_comparables(projects: pd.DataFrame, departement: str, population: int | None, law: Law) -> Comparables | None:
    """The projects to which a commune compares, among `Dossier.financed_projects`; None when no cost is known.

    Those of its département when there are at least `comparables_minimum`; else those of communes from half to double
    its population, in all France, on the same condition; else all.

    >>> from datetime import date
    >>> from pupitre.law import baremes
    >>> told = {"year": 2018, "departement": "09", "carrier": "commune", "population": 900, "cost_eur": 8000}
    >>> projects = pd.DataFrame([told | {"same_kind": True, "rate": rate / 100} for rate in range(20, 31)])
    >>> found = find_comparables(projects, "09", None, baremes.on(date(2026, 11, 22)))
    >>> found.scope, found.n, round(found.rate_median, 2), round(found.rate_d9, 2), found.is_optimistic(0.5)
    ('departement', 11, 0.25, 0.29, True)
    """
    known = projects[projects["same_kind"]].dropna(subset=["rate"])
    if known.empty:
        return None
    scope, kept = _closest(known, departement, population, law["comparables_minimum"])
    rates = {f"rate_{name}": float(kept["rate"].quantile(share)) for name, share in QUANTILES.items()}
    costs = {f"cost_{name}_eur": float(kept["cost_eur"].quantile(QUANTILES[name])) for name in ("q1", "median", "q3")}
    return Comparables(
        scope=scope,
        n=len(kept),
        n_groupement=_groupements(kept),
        **rates,
        **costs,
        n_national=len(projects),
        n_groupement_national=_groupements(projects),
        first_year=int(projects["year"].min()),
        last_year=int(projects["year"].max()),
    )


def _closest(
    projects: pd.DataFrame, departement: str, population: int | None, minimum: float
) -> tuple[Scope, pd.DataFrame]:
    """The narrowest scope that holds enough projects, and these."""
    near = projects[projects["departement"] == departement]
    if len(near) >= minimum:
        return "departement", near
    if population is not None:
        alike = projects[projects["population"].between(population / 2, population * 2).fillna(False)]
        if len(alike) >= minimum:
            return "size", alike
    return "all", projects


def _groupements(projects: pd.DataFrame) -> int:
    return int((projects["carrier"] == "groupement").sum())
