"""What a mix may choose: the ways to pay each line with what each costs, the aids to ask for, the gifts promised.

Belongs: costs, read in the ledgers that `payment` writes for one line, and amounts. Does not: rules (`mix_model`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pupitre.funding.aids import Aid, Request, requests_or_usual
from pupitre.funding.operation import Operation
from pupitre.funding.payment import Line, bring, buy, lease
from pupitre.funding.plan import Ledger, sum_by_year

Name = tuple[Any, ...]
Terms = Mapping[Name, float]

BUY, LEASE, FAMILIES, GIVEN = "achat", "location", "familles", "don"
RUNNING = "fonctionnement"
INVESTED = ("Achats", "Options d'achat")


@dataclass(frozen=True)
class Effect:
    """What one line paid in one way costs the commune, discounted, invests and runs by year; what families pay."""

    cost_eur: float
    invested_eur: Mapping[int, float]
    running_eur: Mapping[int, float]
    families_eur: float


@dataclass(frozen=True)
class Offer:
    """All that may be chosen: the lines by row, what each way does to each, the aids to ask for.

    `aided_ht_eur`: row → euros HT that aids may pay, when the row is bought.
    """

    operation: Operation
    lines: Mapping[int, Line]
    effects: Mapping[int, Mapping[str, Effect]]
    asked: tuple[Request, ...]
    aided_ht_eur: Mapping[int, float]

    @property
    def ttc_eur(self) -> float:
        """The whole programme TTC, of which the bounds of families and of uncertain money are shares: a constant."""
        return self.operation.programme.ttc("central")

    @property
    def money_eur(self) -> float:
        """Gifts of money promised."""
        return self.operation.assumptions.gift_company_eur + self.operation.assumptions.gift_individuals_eur

    @property
    def accompaniment_eur(self) -> dict[int, float]:
        """Accompaniment TTC by year, which skills given may pay."""
        lines = self.operation.programme.lines
        return sum_by_year(lines[lines["item"] == "accompagnement"], "ttc_central")

    @property
    def years(self) -> list[int]:
        """The years of the lines."""
        return sorted({line["year"] for line in self.lines.values()})

    def rows(self, way: str, year: int | None = None) -> list[int]:
        """The rows that may be paid in one way, of a year or of all."""
        return [row for row, line in self.lines.items() if way in self.effects[row] and year in (None, line["year"])]

    def discount(self, year: int) -> float:
        """The present value of one euro of a year."""
        return float((1 + self.operation.borrowing_rate) ** (self.operation.programme.start_year - year))

    def base(self, year: int) -> dict[Name, float]:
        """What aids may pay of a year, euros HT: lines bought, less what is given of them, even if it does not come."""
        rows = {row: self.aided_ht_eur[row] for row in self.rows(BUY, year) if self.aided_ht_eur.get(row)}
        terms: dict[Name, float] = {(BUY, row): ht for row, ht in rows.items()}
        for row in rows.keys() & set(self.rows(GIVEN)):
            terms |= {(GIVEN, row): rows[row], ("in kind", row): -rows[row] / self.lines[row]["ttc_central"]}
        return terms

    @property
    def widest_ht_eur(self) -> float:
        """All that aids may pay when everything is bought, euros HT."""
        return sum(self.aided_ht_eur.values())

    def aided_years(self, request: Request) -> list[int]:
        """The years that an aid may pay a part of."""
        return [year for year in self.years if self.base(year) and year <= (request.last_year or year)]

    def aiding(self, year: int) -> list[Request]:
        """The aids that may pay a part of a year."""
        return [request for request in self.asked if year in self.aided_years(request)]

    def granted(self, request: Request) -> dict[Name, float]:
        """What an aid gives in all."""
        return {("aid", request.aid.key, year): 1.0 for year in self.aided_years(request)}

    def by_year(self, spent: Callable[[Effect], Mapping[int, float]]) -> dict[int, dict[Name, float]]:
        """What each way to pay each line makes spend, year by year: `spent` says which section."""
        by_year: dict[int, dict[Name, float]] = {}
        for row, effects in self.effects.items():
            for way, effect in effects.items():
                for year, eur in spent(effect).items():
                    by_year.setdefault(year, {})[way, row] = eur
        return dict(sorted(by_year.items()))

    def spent(self, year: int, given: float) -> dict[Name, float]:
        """Purchases TTC of a year, loan pools of families left out, less this share (0–1) of the gifts in kind."""
        price = {(way, row): self.lines[row]["ttc_central"] for way in (BUY, GIVEN) for row in self.rows(way, year)}
        return price | {("in kind", row): -given for row in self.rows(GIVEN, year)}


def offer_of(operation: Operation) -> Offer:
    """What may be chosen for each line, and the aids to ask for."""
    operation = _lawful_gifts(operation)
    lines, asked = operation.rows, requests_or_usual(operation)
    aided = {row: sum(operation.subsidised_ht_eur("central", {row: 1.0}).values()) for row in lines if asked}
    return Offer(operation, lines, {row: _effects(row, lines[row], operation) for row in lines}, asked, aided)


def _lawful_gifts(operation: Operation) -> Operation:
    """The operation without the gifts of companies that get too much in return: these would be sales."""
    given = operation.assumptions
    gifts = given.gift_company_eur + given.gift_in_kind_eur + given.gift_skills_eur
    if not given.gift_return_eur or given.gift_return_eur <= operation.law["mecenat_contreparties_part"] * gifts:
        return operation
    return operation.supposing(gift_company_eur=0.0, gift_in_kind_eur=0.0, gift_skills_eur=0.0, gift_return_eur=0.0)


def _effects(row: int, line: Line, operation: Operation) -> dict[str, Effect]:
    """The ways to pay one line, the purchase first; what is given is bought when the gift does not come."""
    purchase, rents, brought = Ledger(), Ledger(), Ledger()
    buy(purchase, {line["year"]: line["ttc_central"]}, {line["year"]: float(line["leasable"])}, [], operation)
    effects = {BUY: effect_of(purchase, operation)}
    if row in operation.leasable_rows:
        lease(rents, line, operation, "central")
        effects[LEASE] = effect_of(rents, operation)
    if row in operation.family_rows and operation.assumptions.wifi:
        bring(brought, line, operation, "central")
        effects[FAMILIES] = effect_of(brought, operation)
    if operation.assumptions.gift_in_kind_eur and line["ttc_central"]:
        effects[GIVEN] = effects[BUY]
    return effects


def effect_of(ledger: Ledger, operation: Operation) -> Effect:
    """What a ledger makes the commune spend, and the families."""
    charge, cash = ledger.charge, ledger.cash
    borne = list(zip(*(charge[name].tolist() for name in ("year", "payer", "section", "amount_eur")), strict=True))
    moved = zip(*(cash[name].tolist() for name in ("year", "label", "amount_eur")), strict=True)
    return Effect(
        cost_eur=ledger.discounted_outflow_eur(operation.borrowing_rate, operation.programme.start_year),
        invested_eur=plus(*({year: -eur} for year, label, eur in moved if label in INVESTED)),
        running_eur=plus(*({year: eur} for year, payer, of, eur in borne if (payer, of) == ("commune", RUNNING))),
        families_eur=sum(eur for _, payer, _, eur in borne if payer == "famille"),
    )


def most_families_eur(operation: Operation) -> float:
    """The most that families may pay in all: a share of the whole programme TTC, which does not depend on the mix."""
    share = operation.assumptions.family_limit
    return operation.programme.ttc("central") * (operation.law["mix_part_familles"] if share is None else share)


def most_uncertain_eur(operation: Operation) -> float:
    """The most that may depend on money that may not come: a share of the whole programme TTC."""
    share = operation.assumptions.uncertain_limit
    return operation.programme.ttc("central") * (operation.law["mix_part_incertaine"] if share is None else share)


def on_ttc(aid: Aid) -> bool:
    """Whether an aid reduces the FCTVA."""
    return aid.base == "ttc" and aid.payer == "etat"


def plus(*parts: Mapping[Any, float]) -> dict[Any, float]:
    """The sum of sums: equal names are added."""
    sums: dict[Any, float] = {}
    for name, value in (pair for part in parts for pair in part.items()):
        sums[name] = sums.get(name, 0.0) + value
    return sums


def times(factor: float, terms: Terms) -> dict[Name, float]:
    """A sum, so many times."""
    return {name: factor * value for name, value in terms.items()}
