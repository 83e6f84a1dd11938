"""The plan: who bears each euro of the programme, and when the commune's money moves.

Belongs: the shape of a plan and its invariants. Does not: the rule of any scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Any

import pandas as pd

from pupitre.diagnostic.programme import Programme
from pupitre.diagnostic.ranges import CASES, Case
from pupitre.errors import PlanError
from pupitre.formats import cents
from pupitre.funding.finance import net_present_value

PAYERS = (
    "commune", "groupement", "caisse_des_ecoles", "etat", "departement", "region", "europe", "mecene", "famille",
    "partenaire",
)  # fmt: skip
SECTIONS = ("investissement", "fonctionnement")
CENT = 0.005


@dataclass(frozen=True)
class Grant:
    """Money of others that a plan counts on, one year: an aid, or a gift (payer « mecene »).

    `full_eur`: what comes if it is granted; the plan counts it for `probability` (0–1). `base_eur`: the spending HT
    that it subsidises. `on_ttc`: an aid of the State computed on a TTC base, which reduces the FCTVA.
    """

    key: str
    label: str
    payer: str
    year: int
    full_eur: float
    probability: float
    base_eur: float = 0.0
    on_ttc: bool = False
    section: str = "investissement"

    @property
    def counted_eur(self) -> float:
        """What the plan counts, to the cent."""
        return cents(self.full_eur * self.probability)


@dataclass(frozen=True)
class FundingPlan:
    """How one scenario funds one case of the programme.

    `charge`: year, payer, section, amount_eur ≥ 0; says who bears what, FCTVA in the year of the spending; adds up to
    `cost_eur` = `programme_ttc_eur` + `financing_eur` (interest of a loan, or rents above the price).
    `cash`: year, label, amount_eur, signed, the commune's only; adds up to minus its reste à charge.
    `financing_eur`: what this way to pay adds: interest, rents above the price, insurance of families' devices.
    `after_horizon_eur`: the rents TTC among them that fall after the horizon: what is bought serves after it too.
    `grants`: the money of others that it counts on, FCTVA left out; gifts in kind have no base.
    """

    scenario: str
    case: Case
    start_year: int
    horizon_years: int
    programme_ttc_eur: float
    financing_eur: float
    charge: pd.DataFrame
    cash: pd.DataFrame
    after_horizon_eur: float = 0.0
    grants: tuple[Grant, ...] = ()

    def __post_init__(self) -> None:
        """Check the invariants; a plan that breaks one never exists."""
        unknown = set(self.charge["payer"]) - set(PAYERS) | set(self.charge["section"]) - set(SECTIONS)
        if unknown:
            raise PlanError(f"Plan « {self.scenario} » : payeur ou section inconnus : {sorted(unknown)}.")
        if (self.charge["amount_eur"] < 0).any():
            raise PlanError(f"Plan « {self.scenario} » : une charge est négative.")
        missing = self.programme_ttc_eur + self.financing_eur - self.cost_eur
        if abs(missing) > CENT:
            raise PlanError(f"Plan « {self.scenario} » : {missing:.2f} € du programme ne sont portés par personne.")
        gap = self.cash["amount_eur"].sum() + self.reste_a_charge_eur
        if abs(gap) > CENT:
            raise PlanError(
                f"Plan « {self.scenario} » : la caisse et la charge de la commune diffèrent de {gap:.2f} €."
            )

    @property
    def cost_eur(self) -> float:
        """All that is paid, by anybody, TTC."""
        return cents(self.charge["amount_eur"].sum())

    @cached_property
    def reste_a_charge_eur(self) -> float:
        """What the commune bears in the end, FCTVA received."""
        return self.borne_by("commune")

    def borne_by(self, payer: str) -> float:
        """What one payer bears, in euros."""
        return cents(self.charge.loc[self.charge["payer"] == payer, "amount_eur"].sum())

    def charge_by_year(self, payer: str, section: str | None = None) -> dict[int, float]:
        """What one payer bears each year, in one section or both; every year of the plan is there."""
        of_section = self.charge if section is None else self.charge[self.charge["section"] == section]
        borne = sum_by_year(of_section[of_section["payer"] == payer])
        return {year: borne.get(year, 0.0) for year in self.years}

    @property
    def years(self) -> range:
        """From the first year compared to the last one with a charge, the horizon at least."""
        return range(self.start_year, max([self.start_year + self.horizon_years - 1, *self.charge["year"]]) + 1)

    def discounted_reste_a_charge_eur(self, rate: float) -> float:
        """Present value of the commune's cash, as a positive cost; the first year is not discounted."""
        flows = sum_by_year(self.cash)
        return cents(-net_present_value(rate, {year - self.start_year: amount for year, amount in flows.items()}))

    @property
    def uncertain_eur(self) -> float:
        """What it counts on and may not come: aids and gifts, for their probability."""
        return cents(sum(grant.counted_eur for grant in self.grants if grant.probability < 1))

    @property
    def first_year_eur(self) -> float:
        """What goes out of the commune's till the first year, before any money that may not come."""
        awaited = [grant for grant in self.grants if grant.year == self.start_year and grant.probability < 1]
        out = self.cumulative_cash_out(self.start_year)[self.start_year]
        return cents(out + sum(grant.counted_eur for grant in awaited))

    @property
    def others_share(self) -> float:
        """The share of the cost that others than the commune bear, FCTVA included, 0–1."""
        return 1 - self.reste_a_charge_eur / self.cost_eur if self.cost_eur else 0.0

    @property
    def last_flow(self) -> int:
        """The year of the last flow of the commune's money."""
        return int(max([self.start_year, *self.cash["year"]]))

    def cumulative_cash_out(self, last_year: int) -> dict[int, float]:
        """Money gone out of the commune's till since the start, at the end of each year up to `last_year`."""
        flows = sum_by_year(self.cash)
        years = range(self.start_year, last_year + 1)
        return dict(zip(years, (cents(-total) for total in accumulate(flows.get(y, 0.0) for y in years)), strict=True))

    def new_effort_by_year(self, redeployed_eur_per_year: float) -> dict[int, float]:
        """Reste à charge of each year once the spending given up elsewhere is taken off, never below zero."""
        charged = self.charge_by_year("commune")
        return {year: cents(max(0.0, amount - redeployed_eur_per_year)) for year, amount in charged.items()}


class Ledger:
    """Gathers the charge and the cash of a plan while a scenario writes it."""

    def __init__(self) -> None:
        """Start empty."""
        self._charge: list[tuple[int, str, str, float]] = []
        self._cash: list[tuple[int, str, float]] = []

    def bear(self, year: int, payer: str, section: str, amount_eur: float) -> None:
        """Write that a payer bears an amount."""
        self._charge.append((year, payer, section, cents(amount_eur)))

    def move(self, year: int, label: str, amount_eur: float) -> None:
        """Write a flow of the commune's money, signed."""
        self._cash.append((year, label, cents(amount_eur)))

    def pay(self, year: int, section: str, label: str, amount_eur: float) -> None:
        """Write an amount that the commune bears and pays the same year."""
        self.bear(year, "commune", section, amount_eur)
        self.move(year, label, -amount_eur)

    def spend(self, year: int, section: str, label: str, ttc_eur: float, fctva_eur: float, delay_years: int) -> None:
        """Write a spending that the commune pays, and the FCTVA that the State gives back after its delay."""
        self.bear(year, "commune", section, ttc_eur - fctva_eur)
        self.move(year, label, -ttc_eur)
        if fctva_eur:
            self.bear(year, "etat", section, fctva_eur)
            self.move(year + delay_years, "FCTVA", fctva_eur)

    def receive(self, grant: Grant) -> None:
        """Write that others bear part of what the commune had to, and that the money comes the same year."""
        self.bear(grant.year, "commune", grant.section, -grant.counted_eur)
        self.bear(grant.year, grant.payer, grant.section, grant.counted_eur)
        self.move(grant.year, grant.label, grant.counted_eur)

    def discounted_outflow_eur(self, rate: float, start_year: int) -> float:
        """Present value of the commune's flows so far, as a positive cost."""
        return -sum(amount / (1 + rate) ** (year - start_year) for year, _, amount in self._cash)

    @property
    def charge(self) -> pd.DataFrame:
        """Charge summed by year, payer and section."""
        return _summed(self._charge, ["year", "payer", "section"])

    @property
    def cash(self) -> pd.DataFrame:
        """Cash summed by year and label."""
        return _summed(self._cash, ["year", "label"])


@dataclass(frozen=True)
class Verdict:
    """Whether a scenario may be used, and why."""

    eligible: bool
    reasons: tuple[str, ...] = ()


Plans = Mapping[str, Mapping[Case, FundingPlan]]


def commune_part(programme: Programme, groupement_share: float) -> Programme:
    """The programme less the share of every line that the groupement bears, to the cent."""
    if not groupement_share:
        return programme
    names = [f"{name}_{case}" for name in ("ht", "ttc") for case in CASES]
    lines = programme.lines.assign(**{n: (programme.lines[n] * (1 - groupement_share)).map(cents) for n in names})
    return replace(programme, lines=lines)


def with_groupement(plan: FundingPlan, whole: Programme, own: Programme) -> FundingPlan:
    """A plan of the commune's part, and what the groupement bears of each line, TTC; its own FCTVA is its affair."""
    if whole is own:
        return plan
    borne = whole.lines[f"ttc_{plan.case}"] - own.lines[f"ttc_{plan.case}"]
    rows = whole.lines[["year", "section"]].assign(payer="groupement", amount_eur=borne)
    charge = pd.concat([plan.charge, rows.loc[borne > 0, plan.charge.columns]])
    summed = _summed(charge.to_numpy().tolist(), ["year", "payer", "section"])
    return replace(plan, programme_ttc_eur=whole.ttc(plan.case), charge=summed)


def sum_by_year(frame: pd.DataFrame, column: str = "amount_eur") -> dict[int, float]:
    """Amounts of a frame summed by its `year`, to the cent."""
    sums = frame.groupby("year")[column].sum()
    return {int(year): cents(amount) for year, amount in zip(sums.index, sums, strict=True)}


def _summed(rows: list[Any], keys: list[str]) -> pd.DataFrame:
    sums: dict[tuple[Any, ...], float] = {}
    for *key, amount in rows:
        sums[tuple(key)] = sums.get(tuple(key), 0.0) + amount
    kept = [(*key, cents(amount)) for key, amount in sorted(sums.items()) if cents(amount)]
    return pd.DataFrame(kept, columns=[*keys, "amount_eur"])
