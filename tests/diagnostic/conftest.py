"""Schools, workbooks, inventories and programmes, made from what a test says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import pytest

from pupitre.data.sheets import sheet, typed
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.inventory import Inventory, take_inventory
from pupitre.diagnostic.programme import Programme, plan_programme
from pupitre.diagnostic.socle import socle_needs
from pupitre.law import baremes
from pupitre.law.baremes import Law

Told = Mapping[str, Sequence[Mapping[str, object]]]
FIRST_ROW = 5
ON = date(2026, 11, 22)


@pytest.fixture
def law(on: date) -> Law:
    """The figures of the day, nothing read yet."""
    return baremes.on(on)


@pytest.fixture(scope="session")
def schools_of() -> Callable[..., pd.DataFrame]:
    """Public schools from what differs of an élémentaire of 4 classes: `schools_of({"classes": 7}, {})`, A then B."""

    def _schools(*schools: dict[str, Any]) -> pd.DataFrame:
        usual = {"level": "elementaire", "sector": "public", "classes": 4, "pupils": 88, "pupils_maternelle": 0}
        rows = [{"uai": chr(ord("A") + rank), **usual, "ips": None, **school} for rank, school in enumerate(schools)]
        whole = dict.fromkeys(("classes", "pupils", "pupils_maternelle"), "Int64")
        return pd.DataFrame(rows).astype(whole | {"ips": "Float64"})

    return _schools


@pytest.fixture(scope="session")
def workbook_of() -> Callable[[Told], Workbook]:
    """A workbook that was read, from its rows by sheet."""

    def _workbook(told: Told) -> Workbook:
        first = {key: 0 if sheet(key).layout == "form" else FIRST_ROW for key in told}
        tables = {key: typed(sheet(key), dict(enumerate(rows, first[key]))) for key, rows in told.items()}
        return Workbook("00001", "x.xlsx", "", None, tables, ())

    return _workbook


@pytest.fixture(scope="session")
def inventory_of(
    schools_of: Callable[..., pd.DataFrame], workbook_of: Callable[[Told], Workbook]
) -> Callable[..., Inventory]:
    """The inventory of schools from the rows of their workbook: `inventory_of(school, told={…}, wifi=False)`."""

    def _inventory(*schools: dict[str, Any], told: Told, on: date = ON, **assumptions: object) -> Inventory:
        law, workbook = baremes.on(on), workbook_of(told)
        frame = _counted(schools_of(*schools), workbook)
        needs = socle_needs(frame, law, Assumptions.model_validate(assumptions))
        return take_inventory(workbook, frame, needs, law)

    return _inventory


@pytest.fixture(scope="session")
def plan_of(
    schools_of: Callable[..., pd.DataFrame],
    workbook_of: Callable[[Told], Workbook],
    inventory_of: Callable[..., Inventory],
) -> Callable[..., Programme]:
    """The programme of schools, with what their workbook tells when there is one."""

    def _plan(*schools: dict[str, Any], told: Told | None = None, on: date = ON, **assumptions: object) -> Programme:
        inventory = None if told is None else inventory_of(*schools, told=told, on=on, **assumptions)
        frame = schools_of(*schools) if told is None else _counted(schools_of(*schools), workbook_of(told))
        return plan_programme(frame, baremes.on(on), Assumptions.model_validate(assumptions), inventory)

    return _plan


def _counted(schools: pd.DataFrame, workbook: Workbook) -> pd.DataFrame:
    """The schools with the commune's own count of classes, as the diagnostic joins it."""
    counted = workbook.table("ecoles").set_index("ecole")["classes"]
    return schools.assign(classes_counted=schools["uai"].map(counted).astype("Int64"))
