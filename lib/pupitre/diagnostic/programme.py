"""The programme: the lines that bring the schools from what they have to the target.

Belongs: prices, sections, accounts, services, what waits for a quote. Does not: who pays.

Three cases go together. Where the inventory is not known, *central* and *high* suppose that nothing exists, and *low*
that the commune has the national rate of 2018-2019: a floor, never a likely value. Prices take their low, central and
high values with them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.catalogue import items
from pupitre.diagnostic.inventory import Inventory
from pupitre.diagnostic.phasing import NATURES, Step, order_of_schools, timetable, wanted
from pupitre.diagnostic.ranges import CASES, Case, Range, unit_prices
from pupitre.diagnostic.services import Quote, accompaniment, leaving_devices, maintenance, quoted_services
from pupitre.diagnostic.socle import in_scope, socle_needs
from pupitre.diagnostic.stock import existing_stock
from pupitre.formats import cents
from pupitre.law.baremes import Law


@dataclass(frozen=True)
class Programme:
    """The lines to fund over `horizon_years`, from the budget of `start_year` on.

    `lines`: one row a line; columns item, label, nature (achat, renouvellement, remplacement, accompagnement,
    maintenance, service), year, section, account, leasable, maintained, life_years, vat_rate, then quantity, unit_ht,
    ht and ttc, each with the suffix of its case (`_low`, `_central`, `_high`); amounts in euros. `by_school`: the same
    purchases school by school (uai, item, nature, year, quantity, ht and ttc by case, to the cent): `lines` adds them.
    `unfunded`: uai, item, nature, quantity, ttc left out by the ceiling, central case. `quotes`: what has no price.
    `leaving`: see `leaving_devices`. `order`: the schools as they are served. `schools`, `pupils`: how many.
    """

    start_year: int
    horizon_years: int
    lines: pd.DataFrame
    by_school: pd.DataFrame
    unfunded: pd.DataFrame
    quotes: tuple[Quote, ...]
    leaving: pd.DataFrame
    order: tuple[str, ...]
    schools: int
    pupils: int

    @property
    def years(self) -> range:
        """The years compared."""
        return range(self.start_year, self.start_year + self.horizon_years)

    @cached_property
    def investments(self) -> pd.DataFrame:
        """The lines to buy, or to pay otherwise."""
        return self.lines[self.lines["section"] == "investissement"]

    @cached_property
    def services(self) -> list[dict[Any, Any]]:
        """The lines of accompaniment, maintenance and services."""
        return self.lines[self.lines["section"] == "fonctionnement"].to_dict("records")

    @cached_property
    def rows(self) -> dict[int, dict[Any, Any]]:
        """The lines of `investments` by row."""
        lines = self.investments
        return {int(str(row)): line for row, line in zip(lines.index, lines.to_dict("records"), strict=True)}

    @property
    def unpriced(self) -> tuple[str, ...]:
        """What the target asks for and no price is known of, as a sentence names it."""
        return tuple(quote.item.quote for quote in self.quotes)

    def ttc(self, case: Case, section: str | None = None) -> float:
        """Total TTC of a case, in euros, of one section or of both."""
        lines = self.lines if section is None else self.lines[self.lines["section"] == section]
        return cents(lines[f"ttc_{case}"].sum())

    def value_left_eur(self, case: Case) -> float:
        """Value TTC of what still has life at the end of the horizon, straight line: shown, never counted."""
        bought = self.lines[self.lines["life_years"].notna()]
        left = (bought["year"] + bought["life_years"] - self.years.stop).clip(lower=0) / bought["life_years"]
        return cents((left * bought[f"ttc_{case}"]).sum())


def plan_programme(
    schools: pd.DataFrame, law: Law, assumptions: Assumptions, inventory: Inventory | None = None
) -> Programme:
    """The programme that brings these schools to the target; the first budget is that of the year after `law.day`."""
    scope, needs = in_scope(schools, assumptions), socle_needs(schools, law, assumptions)
    start = law.day.year + 1
    years = range(start, start + (assumptions.horizon_years or int(law["horizon_annees"])))
    asked = [item for item in items().values() if needs[item.key].any()]
    order = order_of_schools(scope, inventory)
    stock = existing_stock(schools, needs, inventory, years, law, assumptions)
    wants = list(wanted(needs, stock, order, [item.key for item in asked], years))
    prices = {item.key: unit_prices(item.price, law, assumptions) for item in asked}
    lives = {item.key: int(law[item.life]) for item in asked}
    vat = law["tva_taux_normal"]
    unit = {key: price["central"] * (1 + vat) if price else 0.0 for key, price in prices.items()}
    ceiling = assumptions.ceiling_eur_per_year or math.inf
    bought, left = timetable(wants, years, unit, lives, ceiling)
    unfunded = [(s.uai, s.item, s.nature, s.count["central"], cents(s.count["central"] * unit[s.item])) for s in left]
    priced = [step for step in bought if prices[step.item]]
    by_school = _by_school(priced, prices, vat)
    purchases = _purchases(by_school, prices, law)
    services, quotes = quoted_services(needs, inventory, law, assumptions, years)
    told = {key: there for key, there in stock.items() if inventory and key[0] in inventory.existing.index}
    upkeep = maintenance(bought, told, prices, years, law)
    lines = pd.DataFrame([*purchases, *accompaniment(purchases, law), *upkeep, *services])
    return Programme(
        start_year=years.start,
        horizon_years=len(years),
        lines=lines,
        by_school=by_school,
        unfunded=pd.DataFrame(unfunded, columns=["uai", "item", "nature", "quantity", "ttc"]),
        quotes=(*_item_quotes(bought, prices), *quotes),
        leaving=leaving_devices(priced, needs, inventory, years, law),
        order=tuple(order),
        schools=len(scope),
        pupils=int(scope["pupils"].fillna(0).sum()),
    )


def _by_school(bought: Iterable[Step], prices: dict[str, Range | None], vat: float) -> pd.DataFrame:
    rows = []
    for step in bought:
        row: dict[str, Any] = {"uai": step.uai, "item": step.item, "nature": step.nature, "year": step.year}
        price = prices[step.item] or {}
        for case in CASES:
            ht = cents(step.count[case] * price[case])
            row |= {f"quantity_{case}": step.count[case], f"ht_{case}": ht, f"ttc_{case}": cents(ht * (1 + vat))}
        rows.append(row)
    amounts = [f"{name}_{case}" for case in CASES for name in ("quantity", "ht", "ttc")]
    frame = pd.DataFrame(rows, columns=["uai", "item", "nature", "year", *amounts])
    return frame.groupby(["uai", "item", "nature", "year"], sort=False, as_index=False)[amounts].sum().round(2)


def _purchases(by_school: pd.DataFrame, prices: dict[str, Range | None], law: Law) -> list[dict[str, Any]]:
    """The purchases of all schools together: by item, nature and year, in our order."""
    keys, amounts = ["item", "nature", "year"], [name for name in by_school if str(name).endswith(CASES)]
    ranks = {key: rank for rank, key in enumerate((*items(), *NATURES))}
    summed = by_school.groupby(keys, as_index=False)[amounts].sum().round(2)
    summed = summed.sort_values(keys, key=lambda column: column.replace(ranks) if column.name != "year" else column)
    lines = []
    for row in summed.to_dict("records"):
        item, price = items()[row["item"]], prices[row["item"]] or {}
        line = {str(name): value for name, value in row.items()} | {f"unit_ht_{case}": price[case] for case in CASES}
        line |= {"label": item.label, "leasable": item.leasable, "maintained": item.maintained}
        line |= {"section": "investissement", "vat_rate": law["tva_taux_normal"], "account": law.text(item.account)}
        lines.append(line | {"life_years": int(law[item.life])})
    return lines


def _item_quotes(bought: Iterable[Step], prices: dict[str, Range | None]) -> list[Quote]:
    """The items asked for whose price only a quote can give."""
    waiting: Counter[str] = Counter()
    for step in bought:
        if prices[step.item] is None and step.nature != "remplacement":
            waiting[step.item] += int(step.count["central"])
    return [Quote(items()[key], count) for key, count in waiting.items() if count]
