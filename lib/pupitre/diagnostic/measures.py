"""What the inventory proves of the maturity of a commune, point by point.

The steps follow thresholds that `maturity.toml` holds beside their words: conventions of ours, no law and no norm.
A list that is not complete proves what is there, never what is missing.
Belongs: values, and the step of each. Does not: what is declared, dimensions and levels (`maturity`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pupitre.data import resource
from pupitre.data.sheets import COMMUNE, maturity_points, sheet
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.inventory import Inventory

NOT_ASKED = 0
"""The step of what is « sans objet »."""
NO_OBJECT = -1
ROLES = {"elu", "referent", "erun"}


def rule(name: str) -> Any:
    """A figure of the rules of the model, as `maturity.toml` declares them."""
    return resource("maturity")["rule"][name]


def enough(known: Any, asked: Any) -> Any:
    """Whether 60 % at least of what is asked is known; never when nothing is. Numbers, or Series of numbers.

    >>> enough(3, 5), enough(2, 5), enough(0, 0)
    (True, False, False)
    """
    return (known > 0) & (100 * known >= rule("answered_percent") * asked)


def ladder(value: float | None, thresholds: Sequence[float]) -> float:
    """The step of a value: 1, and 1 more for each threshold reached; falling thresholds say that less is better.

    NaN for an unknown value; « sans objet » (0) for one that has no object (-1).

    >>> [ladder(share, [0.5, 1]) for share in (0, 0.5, 1)], [ladder(days, [10, 5, 2]) for days in (11, 10, 2)]
    ([1, 2, 3], [1, 2, 4])
    >>> ladder(1, [1, 1]), ladder(None, [1, 1]), ladder(-1, [1, 1])
    (3, nan, 0)
    """
    if value is None or pd.isna(value):
        return math.nan
    if value == NO_OBJECT:
        return NOT_ASKED
    less = thresholds[0] > thresholds[-1]
    return 1 + sum(value <= one if less else value >= one for one in thresholds)


def measured_steps(workbook: Workbook, inventory: Inventory, year: int) -> pd.DataFrame:
    """The steps that the inventory proves, by point and place (a school, or « commune »); NaN where it does not know.

    A measure proves step 3 or 4 at most. `year`: devices that are due then, or before, are past their life.
    """
    values = _of_schools(workbook, inventory, year) | {
        point: pd.Series({COMMUNE: value}, dtype=float) for point, value in _of_commune(workbook, inventory).items()
    }
    thresholds = {point["key"]: point["seuils"] for _, point in maturity_points() if "seuils" in point}
    return pd.DataFrame(
        {point: pd.Series([ladder(one, thresholds[point]) for one in of], of.index) for point, of in values.items()}
    ).T.astype(float)


def _of_schools(workbook: Workbook, inventory: Inventory, year: int) -> dict[str, pd.Series[float]]:
    """What is measured in each school, in the unit of its thresholds."""
    lines, usages = inventory.lines, inventory.usages
    rates = [lines["debit_descendant"] / lines["need_down"], lines["debit_montant"] / lines["need_up"]]
    rate = pd.concat(rates, axis=1).min(axis=1).where(rates[0].notna())
    flags = lines[["wifi_debrayable", "conseil_informe", "filtrage", "charte"]].astype("Float64")
    wifi = (flags["wifi_debrayable"] + flags["conseil_informe"]).where(lines["wifi"].notna())
    ranks = {key: rank for rank, key in enumerate(sheet("usages").column("affichage").choices)}
    uses = usages[["affichage", "mobiles", "salle"]].apply(lambda of: of.map(ranks)).astype(float)
    return {
        "debit": rate.mask(lines["ligne"] == "aucune", 0),
        "raccordement": _share(inventory, "prise_reseau"),
        "wifi": wifi.mask(~lines["wifi"].fillna(True).astype(bool), NO_OBJECT),
        "filtrage": flags["filtrage"] + flags["charte"],
        "affichage": _covered(inventory, "affichage"),
        "poste_enseignant": _covered(inventory, "poste_enseignant"),
        "mobiles": _covered(inventory, "appareil_mobile", "tablette"),
        "direction": _covered(inventory, "poste_direction", "poste_direction_maternelle"),
        "age": _young(inventory, year),
        "ent": _served(workbook, inventory, "ent"),
        "ressources_pedagogiques": _served(workbook, inventory, "ressources"),
        "formation": inventory.training["heures"],
        "agents": inventory.training["agents"],
        "usage_enseignant": uses["affichage"],
        "usage_eleves": uses[["mobiles", "salle"]].max(axis=1, skipna=False),
    }


def _of_commune(workbook: Workbook, inventory: Inventory) -> Mapping[str, float | None]:
    """What is measured once; the load is infinite without a technician.

    A school with a managed fleet and one without prove « some »; « none » and « all » are to be known of every one.
    """
    schools, contacts = inventory.schools, workbook.table("contacts")
    held = set(contacts.loc[contacts["nom"].notna(), "role"])
    projects = workbook.table("ecoles").set_index("ecole")["projet"].reindex(schools.index).dropna().astype(float)
    managed = _served(workbook, inventory, "parc")
    load = math.inf if inventory.technicians == 0 else inventory.terminals_per_technician
    return {
        "referents": len(held & ROLES) if held else None,
        "projets_ecole": projects.mean() if enough(len(projects), len(schools)) else None,
        "charge": load if enough(schools["known"].sum(), len(schools)) else None,
        "delai": inventory.repair_days,
        "parc": managed.mean() if managed.nunique() > 1 or managed.notna().all() else None,
    }


def _covered(inventory: Inventory, *items: str) -> pd.Series[float]:
    """The share of devices, but for a list that is not complete: it proves nothing, unless all of it is there."""
    share = _share(inventory, *items)
    complete = inventory.schools["complete"].reindex(share.index)
    return share.where(complete | share.isin([1, NO_OBJECT]))


def _share(inventory: Inventory, *items: str) -> pd.Series[float]:
    """School → share of what is asked for that is there, 1 at most; no school is counted for more than its need."""
    asked, held = inventory.needs[[*items]], inventory.existing[[*items]]
    share = held.clip(upper=asked).sum(axis=1, skipna=False) / asked.sum(axis=1)
    return share.mask(asked.sum(axis=1) == 0, NO_OBJECT)


def _young(inventory: Inventory, year: int) -> pd.Series[float]:
    """School → share of usable devices not yet due, among those whose age is known when they are enough."""
    usable = inventory.devices[inventory.devices["usable"]]
    due, number = usable["due_year"], usable["number"]
    counts = {"there": number, "known": number.where(due.notna(), 0), "young": number.where(due > year, 0)}
    of = pd.DataFrame(counts).groupby(usable["uai"]).sum().reindex(inventory.lines.index).astype(float)
    return (of["young"] / of["known"]).where(enough(of["known"], of["there"]))


def _served(workbook: Workbook, inventory: Inventory, service: str) -> pd.Series[float]:
    """School → 1 when it has this service, 0 when its inventory is complete without it; else not known.

    Nothing is known as long as the sheet is empty.
    """
    schools = inventory.lines.index
    there = pd.Series(schools.isin(list(inventory.served.get(service, ()))), schools)
    return there.astype(float).where(there | (inventory.schools["complete"] & (len(workbook.table("services")) > 0)))
