"""What goes with equipment: accompaniment, maintenance, services on the consultant's quote, the end of life.

Belongs: their quantities, years and accounts. Does not: purchases.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.catalogue import Item, items, services
from pupitre.diagnostic.inventory import Inventory
from pupitre.diagnostic.phasing import Step
from pupitre.diagnostic.ranges import CASES, Case, Range, figure_range, unit_prices
from pupitre.diagnostic.stock import Stock, quantity
from pupitre.formats import cents
from pupitre.law.baremes import Law

Prices = Mapping[str, Range | None]


@dataclass(frozen=True)
class Quote:
    """What is asked for and waits for a price: how many, None when it is to be agreed."""

    item: Item
    quantity: float | None


def accompaniment(purchases: list[dict[str, Any]], law: Law) -> Iterator[dict[str, Any]]:
    """Training and help in the year of each investment, a share of its amount HT."""
    shares, invested = figure_range("accompagnement_part", law), pd.DataFrame(purchases)
    for year, of in invested.groupby("year") if len(invested) else ():
        unit: Range = {case: cents(shares[case] * float(of[f"ht_{case}"].sum())) for case in CASES}
        yield _line("accompagnement", "Accompagnement et formation", int(str(year)), "compte_formation", law, 1, unit)


def maintenance(
    bought: Iterable[Step], stock: Stock, prices: Prices, years: range, law: Law
) -> Iterator[dict[str, Any]]:
    """Upkeep, every year, a share of the price of what is in service: in `stock`, or bought up to then."""
    shares = figure_range("maintenance_part", law)
    new = [(step.year, _value(step.item, step.count, prices)) for step in bought if step.nature == "achat"]
    for year in years:
        in_service = [value for since, value in new if since <= year]
        unit: Range = {
            case: cents(shares[case] * (_there(stock, prices, case) + sum(value[case] for value in in_service)))
            for case in CASES
        }
        yield _line("maintenance", "Maintenance", year, "compte_maintenance", law, 1, unit)


def _value(item: str, count: Range, prices: Prices) -> Range:
    """What devices cost today, HT; nothing for what needs no upkeep or has no price."""
    price = prices[item] if items()[item].maintained else None
    return {case: count[case] * (price[case] if price else 0) for case in CASES}


def _there(stock: Stock, prices: Prices, case: Case) -> float:
    counted = [(item, sum(count for _, count in batches)) for (_, item, of), batches in stock.items() if of == case]
    return sum(_value(item, dict.fromkeys(CASES, count), prices)[case] for item, count in counted)


def quoted_services(
    needs: pd.DataFrame, inventory: Inventory | None, law: Law, assumptions: Assumptions, years: range
) -> tuple[list[dict[str, Any]], list[Quote]]:
    """Services as lines when the consultant gave their price, as quotes to ask for when he did not."""
    lines, quotes = [], []
    for service in services().values():
        count, price = _count(service.key, needs, inventory, assumptions), unit_prices(service.price, law, assumptions)
        if price is None or count is None:
            quotes += [Quote(service, count)] if count != 0 else []
            continue
        for year in (years if service.yearly else years[:1]) if count else ():
            line = _line(service.key, service.label, year, service.account, law, count, price, service.untaxed)
            lines.append(line | {"nature": "service"})
    return lines, quotes


def _count(key: str, needs: pd.DataFrame, inventory: Inventory | None, assumptions: Assumptions) -> float | None:
    """How many schools, teachers or hours a service is for; None when it is to be agreed.

    Teachers to train: those not yet trained; where they are not told, one a class of the programme.
    """
    schools = set(needs.index[needs.any(axis=1)])
    classes = needs.loc[needs.any(axis=1), "classes_in_scope"]
    if key == "referent":
        hours = assumptions.referent_hours_per_year
        return None if hours is None else hours * len(schools)
    if key == "formation" and inventory:
        told = inventory.training.loc[classes.index]
        return float((told["enseignants"] - told["formes"].fillna(0)).fillna(classes).sum())
    if key == "formation":
        return float(classes.sum())
    return float(len(schools - (inventory.served.get(key, frozenset()) if inventory else frozenset())))


def _line(
    key: str, label: str, year: int, account: str, law: Law, count: float, unit: Range, untaxed: bool = False
) -> dict[str, Any]:
    """One line of running cost, with its amounts in each case."""
    line = {"item": key, "label": label, "nature": key, "year": year, "section": "fonctionnement"}
    line |= {"account": law.text(account), "leasable": False, "maintained": False, "life_years": None}
    vat = 0.0 if untaxed else law["tva_taux_normal"]
    for case in CASES:
        ht = cents(count * unit[case])
        line |= {f"quantity_{case}": count, f"unit_ht_{case}": unit[case], f"ht_{case}": ht}
        line |= {f"ttc_{case}": cents(ht * (1 + vat))}
    return line | {"vat_rate": vat}


def leaving_devices(
    bought: Iterable[Step], needs: pd.DataFrame, inventory: Inventory | None, years: range, law: Law
) -> pd.DataFrame:
    """Devices that leave in the central case: index year; leaving, under_age (or of unknown age), to_reuse (at least).

    Of the equipment of ten years at most that a collectivité discards in a year, a share goes to reuse (loi n°
    2021-1485, article 16, and décret n° 2023-266). Broken devices leave in the first year, the others when they are
    renewed, or due when nothing replaces them; cables stay in the walls.
    """
    again = [step for step in bought if step.nature == "remplacement" and items()[step.item].leasable]
    rows = [(step.year, int(step.count["central"]), law[items()[step.item].life]) for step in again]
    if inventory:
        renewed = [step for step in bought if step.nature == "renouvellement"]
        rows += _declared(inventory.devices, renewed, needs, years)
    limit = law.history("reen_age_maximal")[-1].value
    if rows and law.in_force("reen_part_reemploi"):
        for name in ("reen_part_reemploi", "reen_age_maximal"):
            law.figure(name)  # read, since it counts
    frame = pd.DataFrame(rows, columns=["year", "leaving", "age"])
    young = frame["leaving"].where(frame["age"].isna() | (frame["age"] <= limit), 0)
    by_year = frame.assign(under_age=young).groupby("year")[["leaving", "under_age"]].sum().astype(int)
    shares = [share_in(int(str(year)), "reen_part_reemploi", law) for year in by_year.index]
    to_reuse = [math.ceil(share * count) for share, count in zip(shares, by_year["under_age"], strict=True)]
    return by_year.assign(to_reuse=to_reuse)


def share_in(year: int, name: str, law: Law) -> float:
    """The share that a duty asks for in a year, past or to come; nothing before the duty."""
    return next((float(figure.value) for figure in law.history(name) if figure.in_force(date(year, 1, 1))), 0.0)


def _declared(
    devices: pd.DataFrame, renewed: Iterable[Step], needs: pd.DataFrame, years: range
) -> Iterator[tuple[int, int, float]]:
    """The year, number and age of what leaves of each declared line, the oldest first; what is not renewed stays."""
    calendar: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for step in sorted(renewed, key=lambda step: step.year):
        calendar.setdefault((step.uai, step.item), []).append((step.year, int(step.count["central"])))
    half = years.start + (devices["life_years"] + 1) // 2
    due = devices["due_year"].fillna(half).clip(lower=years.start).mask(~devices["usable"], years.start)
    devices = devices.assign(due=due).sort_values("due", kind="stable")
    there = devices[devices["usable"]].groupby(["uai", "item"])["number"].sum()
    for row in devices.to_dict("records"):
        key, left, bought = (row["uai"], row["item"]), int(row["number"]), row["year"]
        spare, dates = left, calendar.get(key, [])
        if row["usable"] and row["item"]:
            spare = min(left, max(0, int(there[key]) - quantity(needs, *key, "central")))
            there[key] -= spare
        leaving = [(int(row["due"]), spare)]
        left -= spare
        while left and dates:
            year, count = dates.pop(0)
            leaving.append((year, min(left, count)))
            dates[:0] = [(year, count - left)] if count > left else []
            left -= min(left, count)
        for year, count in leaving:
            if count and year < years.stop:
                yield year, count, math.nan if pd.isna(bought) else year - bought
