"""Small operations made by hand: what is bought, when, for how much."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.programme import Programme
from pupitre.diagnostic.ranges import CASES
from pupitre.formats import cents
from pupitre.funding.operation import Operation
from pupitre.law import baremes

NONE = pd.DataFrame()
USUAL = {"item": "affichage", "nature": "achat", "year": 2027, "section": "investissement", "account": "21831"}
PLACE = ("population", "departement", "classes", "comparables")


@pytest.fixture(scope="session")
def operation_of(on: date) -> Callable[..., Operation]:
    """An operation from what differs of one purchase of 10 000 € HT (12 000 TTC, FCTVA 1 968.48 €), life 5, in 2027.

    `operation_of({"ht": 5_000, "leasable": False}, {…}, horizon=5, schools=1, on=…, population=…, **assumptions)`: `ht`
    is that of every case unless `low` or `high` differ; nothing else is to be paid.
    """

    def _operation(*lines: dict[str, Any], horizon: int = 5, schools: int = 1, on: date = on, **told: Any) -> Operation:
        place = {name: told.pop(name) for name in PLACE if name in told}
        frame = pd.DataFrame([_line(rank, line) for rank, line in enumerate(lines or ({},))])
        programme = Programme(2027, horizon, frame, NONE, NONE, (), NONE, (), schools=schools, pupils=20 * schools)
        return Operation(programme, baremes.on(on), Assumptions.model_validate(told), **place)

    return _operation


def _line(rank: int, told: dict[str, Any]) -> dict[str, Any]:
    told = {"ht": 10_000.0, "quantity": 10, **told}
    row = USUAL | {"label": f"Ligne {rank}", "leasable": True, "maintained": True, "life_years": 5, "vat_rate": 0.2}
    row |= {name: value for name, value in told.items() if name not in ("ht", "quantity", *CASES)}
    for case in CASES:
        ht = float(told.get(case, told["ht"]))
        row |= {f"quantity_{case}": told["quantity"], f"unit_ht_{case}": ht / (told["quantity"] or 1)}
        row |= {f"ht_{case}": ht, f"ttc_{case}": cents(ht * (1 + row["vat_rate"]))}
    return row
