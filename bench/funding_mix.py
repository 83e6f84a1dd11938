"""What the best mix of a large programme costs: thirty schools, ten years, with and without limits."""

from __future__ import annotations

import statistics
import time

import pandas as pd

from pupitre.data.project import edition_date, project_root
from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.programme import plan_programme
from pupitre.funding.mix import best_mix
from pupitre.funding.operation import Operation
from pupitre.law import baremes

SCHOOLS, YEARS, RUNS = 30, 10, 5
NEEDED = 250_000
GIFTS = {"gift_company_eur": 40_000, "gift_in_kind_eur": 60_000, "gift_skills_eur": 20_000}
TIGHT = {"running_ceiling_eur_per_year": 320_000, "family_limit": 0.05, "uncertain_limit": 0.2, "loan_share": 0.5}
CASES: dict[str, dict[str, object]] = {
    "no limit": {},
    "with gifts": GIFTS,
    "within limits": GIFTS | TIGHT,
    "under its needs": GIFTS | {"ceiling_eur_per_year": 200_000},
    "in conflict": {"running_ceiling_eur_per_year": 150_000},
}


def operation_of(given: dict[str, object]) -> Operation:
    """A commune of thirty invented schools that buys over several years, under a ceiling."""
    law = baremes.on(edition_date(project_root()))
    rows = [
        {
            "uai": f"S{rank}",
            "sector": "public",
            "level": ("elementaire", "primaire", "maternelle")[rank % 3],
            "classes": 4 + rank % 9,
            "pupils": 90 + 17 * (rank % 11),
            "pupils_maternelle": 30 if rank % 3 == 1 else None,
        }
        for rank in range(SCHOOLS)
    ]
    counts = dict.fromkeys(("classes", "pupils", "pupils_maternelle"), "Int64")
    assumptions = Assumptions.model_validate({"horizon_years": YEARS, "ceiling_eur_per_year": NEEDED} | given)
    needed = assumptions.model_copy(update={"ceiling_eur_per_year": NEEDED})
    programme = plan_programme(pd.DataFrame(rows).astype(counts), law, needed)
    return Operation(
        programme, law, assumptions, population=15_000, departement="09", classes=sum(r["classes"] for r in rows)
    )


def median_s(operation: Operation) -> float:
    """Median time of `best_mix`, in seconds, the first run left out."""
    times = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        best_mix(operation)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    """Print one line a case."""
    for label, given in CASES.items():
        operation = operation_of(given)
        mix = best_mix(operation)
        found = "no plan" if mix.plan is None else f"gap {mix.gap:g}"
        lines = len(operation.investments)
        print(f"best mix, {label:<15} {lines} lines   {median_s(operation):5.2f} s (aim: 1)   {found}")


if __name__ == "__main__":
    main()
