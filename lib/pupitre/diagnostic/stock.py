"""What the schools already have of what the target asks for, with the year in which each part is due for replacement.

Belongs: the inventory where there is one; where there is none, what each case supposes. Does not: what to buy.

A device whose age is not known has lived half its life; in the low case it lasts as long as the years compared. A
school whose equipment is not told has nothing in the central and high cases; in the low case, its share of what the
commune would have at the national rate of 2018-2019.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pandas as pd

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.inventory import Inventory, stands_for
from pupitre.diagnostic.ranges import CASES, Case
from pupitre.diagnostic.socle import in_scope
from pupitre.formats import rounded
from pupitre.law.baremes import Law

Batch = tuple[int, int]
Stock = dict[tuple[str, str, Case], list[Batch]]
"""School, item, case → (year due, how many); a batch due after the years compared is not replaced."""


def existing_stock(
    schools: pd.DataFrame,
    needs: pd.DataFrame,
    inventory: Inventory | None,
    years: range,
    law: Law,
    assumptions: Assumptions,
) -> Stock:
    """The stock of every school of the programme, at most what it is asked for, the last due first."""
    known = list(inventory.existing.index) if inventory else []
    unknown = needs[~needs.index.isin(known)]
    stock: Stock = {}
    if inventory:
        for uai, item, case, batch in _declared(inventory, needs, years):
            stock.setdefault((uai, item, case), []).append(batch)
    if len(unknown):
        for (uai, item), count in _at_national_rate(schools, unknown, law, assumptions).items():
            stock[uai, item, "low"] = [(years.stop, count)]
    kept = {key: _kept(batches, quantity(needs, *key)) for key, batches in stock.items()}
    return {key: batches for key, batches in kept.items() if batches}


def quantity(needs: pd.DataFrame, uai: str, item: str, case: Case) -> int:
    """How many of an item a school is asked for, in a case."""
    column = f"{item}_{case}"
    return int(needs.loc[uai, column if column in needs.columns else item])  # type: ignore[arg-type]


def _declared(inventory: Inventory, needs: pd.DataFrame, years: range) -> Iterator[tuple[str, str, Case, Batch]]:
    """School, item, case and batch of each line of usable equipment, then of the sockets and Wi-Fi already there."""
    usable, terminals = inventory.devices[inventory.devices["usable"]], Counter[str]()
    for row in usable.to_dict("records"):
        uai, item, count = row["uai"], stands_for(row["type"], row["uai"], needs), int(row["number"])
        terminals[uai] += count * (item == "borne_wifi")
        half, told = years.start - (-int(row["life_years"]) // 2), row["due_year"]
        for case in CASES if item else ():
            unknown = years.stop if case == "low" else half
            yield uai, item, case, (unknown if pd.isna(told) else int(told), count)
    for uai, line in zip(needs.index, inventory.lines.loc[needs.index].to_dict("records"), strict=True):
        classes = quantity(needs, uai, "classes_in_scope", "central")
        wired = 0 if pd.isna(line["classes_raccordees"]) else min(line["classes_raccordees"], classes)
        for case in CASES if classes else ():
            yield uai, "prise_reseau", case, (years.stop, quantity(needs, uai, "prise_reseau", case) * wired // classes)
            if line["wifi"] is True and line["wifi_debrayable"] is not False:
                missing = max(0, quantity(needs, uai, "borne_wifi", case) - terminals[uai])
                yield uai, "borne_wifi", case, (years.stop, missing)


def _kept(batches: list[Batch], need: int) -> list[Batch]:
    """The batches that serve, the last due first: what exceeds the need is not replaced."""
    kept, room = [], need
    for due, count in sorted(batches, reverse=True):
        if room:
            kept.append((due, min(count, room)))
            room -= min(count, room)
    return kept


def _at_national_rate(
    schools: pd.DataFrame, needs: pd.DataFrame, law: Law, assumptions: Assumptions
) -> dict[tuple[str, str], int]:
    """Whole devices that these schools would have at the rate of 2018-2019, shared out in their order.

    Computers go to teachers first, then to the direction, then to mobile sets.
    """
    scope = in_scope(schools[schools["uai"].isin(needs.index)], assumptions)
    concerned = scope[scope["level"] != "maternelle"]  # ULIS included; all pupils of a school whose split is not known
    pupils = int((concerned["pupils"] - concerned["pupils_maternelle"].fillna(0)).fillna(0).sum())
    displays = law["reference_tableaux_interactifs_pour_1000_eleves"]
    displays += law["reference_videoprojecteurs_pour_1000_eleves"]
    shared = _share_out("affichage", int(rounded(displays, 1) * pupils / 1000), needs)
    computers = int(rounded(law["reference_ordinateurs_pour_100_eleves"], 1) * pupils / 100)
    for item in ("poste_enseignant", "poste_direction", "appareil_mobile"):
        given = min(computers, int(needs[item].sum()))
        shared |= _share_out(item, given, needs)
        computers -= given
    return shared


def _share_out(item: str, count: int, needs: pd.DataFrame) -> dict[tuple[str, str], int]:
    shared = {}
    for uai in needs.index:
        shared[uai, item] = min(count, quantity(needs, uai, item, "low"))
        count -= shared[uai, item]
    return shared
