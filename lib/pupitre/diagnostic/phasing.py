"""Who is equipped when: quantities by school, item and year, in the order of the schools and under a yearly ceiling.

Belongs: what is missing, renewed, replaced, and the year of each. Does not: prices of lines, services.

What is missing (`achat`) or already due (`renouvellement`) is bought in the order of the schools; what falls due later
is renewed in its year; what the programme bought is replaced at the end of its life (`remplacement`). The timetable is
made on the central case; the two others follow it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from pupitre.diagnostic.inventory import Inventory
from pupitre.diagnostic.ranges import CASES, Range
from pupitre.diagnostic.stock import Stock, quantity
from pupitre.formats import cents

NATURES = ("achat", "renouvellement", "remplacement")


@dataclass(frozen=True)
class Step:
    """How many of an item one school receives in one year, in each case, and why: one of `NATURES`."""

    uai: str
    item: str
    nature: str
    year: int
    count: Range


def order_of_schools(schools: pd.DataFrame, inventory: Inventory | None) -> list[str]:
    """The commune's own priority, then the least equipped (or not known), then the lowest IPS, then the UAI."""
    ranked = schools.set_index("uai").reindex(columns=["ips", "priority", "coverage"])
    if inventory:
        ranked[["priority", "coverage"]] = inventory.schools[["priority", "coverage"]].reindex(ranked.index)
    last = {"priority": float("inf"), "coverage": 0.0, "ips": float("inf")}
    keys = ranked.astype("Float64").fillna(last).reset_index()
    return [str(uai) for uai in keys.sort_values([*last, "uai"])["uai"]]


def wanted(needs: pd.DataFrame, stock: Stock, schools: list[str], keys: list[str], years: range) -> Iterator[Step]:
    """What each school lacks, what is due at once and what falls due later; schools and items in the order given."""
    for uai in schools:
        for item in keys:
            batches = {case: stock.get((uai, item, case), []) for case in CASES}
            asked: Range = {case: quantity(needs, uai, item, case) for case in CASES}
            missing: Range = {case: asked[case] - sum(count for _, count in batches[case]) for case in CASES}
            yield Step(uai, item, "achat", years.start, missing)
            for year in years if any(batches.values()) else ():
                due: Range = {
                    case: sum(count for when, count in batches[case] if max(when, years.start) == year)
                    for case in CASES
                }
                yield Step(uai, item, "renouvellement", year, due)


def timetable(
    wants: list[Step],
    years: range,
    unit_eur: Mapping[str, float],
    life_years: Mapping[str, int],
    ceiling_eur: float,
) -> tuple[list[Step], list[Step]]:
    """What is bought, year by year, and what the ceiling leaves out (central case); replacements included.

    `unit_eur`: price of a unit TTC by item, central case; `ceiling_eur` may be infinite. What falls due, and what must
    be replaced, comes before what is new, and may exceed the ceiling.
    """
    spent = dict.fromkeys(years, 0.0)
    waiting = [step for step in wants if step.year == years.start]
    later = [step for step in wants if step.year > years.start]
    bought = [part for step in later for part in _with_replacements(step, years, life_years)]
    for step in bought:
        spent[step.year] += cents(step.count["central"] * unit_eur[step.item])
    slots: list[dict[int, int]] = [{} for _ in waiting]
    left = [int(step.count["central"]) for step in waiting]
    for year in years:
        for rank, step in enumerate(waiting):
            price = unit_eur[step.item]
            units = _affordable(left[rank], price, max(0.0, round(ceiling_eur - spent[year], 2)), ceiling_eur)
            if units:
                slots[rank][year] = units
                left[rank] -= units
                for again in years[year - years.start :: life_years[step.item]]:
                    spent[again] += cents(units * price)
    placed = [part for step, when, rest in zip(waiting, slots, left, strict=True) for part in _spread(step, when, rest)]
    bought += [part for step in placed for part in _with_replacements(step, years, life_years)]
    rest = [replace(step, count=dict.fromkeys(CASES, n)) for step, n in zip(waiting, left, strict=True) if n]
    return [step for step in bought if any(step.count.values())], rest


def _affordable(left: int, price: float, room: float, ceiling: float) -> int:
    """The whole lot when it fits, to the cent; of one dearer than the ceiling of a year, as many units as fit."""
    if cents(left * price) <= room:
        return left
    return round(1000 * room) // round(1000 * price) if left * price > ceiling else 0


def _spread(step: Step, slots: Mapping[int, int], left: int) -> Iterator[Step]:
    """A step by year: the low case fills the same years until served, the high one adds its excess to the last.

    Nothing more for the high case when the ceiling leaves part of the central one out.
    """
    low, excess = step.count["low"], 0 if left else step.count["high"] - step.count["central"]
    years = slots if slots or left else {step.year: 0}
    for year, units in years.items():
        part = min(low, units)
        low -= part
        more = excess if year == max(years) else 0
        yield replace(step, year=year, count={"low": part, "central": units, "high": units + more})


def _with_replacements(step: Step, years: range, life_years: Mapping[str, int]) -> Iterator[Step]:
    """A step, and what replaces it at the end of each life inside the horizon."""
    yield step
    life = life_years[step.item]
    for year in range(step.year + life, years.stop, life):
        yield replace(step, nature="remplacement", year=year)
