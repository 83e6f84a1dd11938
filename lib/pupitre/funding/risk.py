"""Risk: what may happen to the cost of each plan, how likely, and what matters most.

Belongs: the uncertain inputs, the cost of a plan as a function of them, quantiles, Sobol indices. Does not: any range
(`law/`), any rule of a scenario: it is asked for its plans, under other prices and terms.

A plan is linear in the prices of its lines, in the aids and in the gifts that come: a few plans give all the others.

    charge = plan + Σ (factor - 1) × what one more time this price adds + aids + gifts + breakage
    factor = price × (1 + growth)^delay;  a service, a share of these prices, follows them
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import sobol_indices, uniform

from pupitre.diagnostic.catalogue import items, services
from pupitre.diagnostic.programme import Programme
from pupitre.diagnostic.ranges import CASES, Range, figure_range
from pupitre.errors import UsageError
from pupitre.funding.compare import judge
from pupitre.funding.operation import Operation
from pupitre.funding.plan import CENT, FundingPlan
from pupitre.funding.scenarios import SCENARIOS
from pupitre.funding.scenarios.base import Scenario

Draws = npt.NDArray[np.float64]
QUANTILES = ("p10", "p50", "p90")  # a name says its percentile
SHARES = {"accompagnement": "accompagnement_part", "maintenance": "maintenance_part"}
CHANCES = ("aid_probability", "gift_probability")
TERMS = ("byod_loan_share", "loan_rate", "lease_rate")
_times: Callable[[Draws, Draws], Draws] = partial(np.einsum, "ij,jk->ik")  # without BLAS: always in the same order


@dataclass(frozen=True)
class Risk:
    """What may happen to the plans of an operation, over `draws` draws from `seed`, the same for all scenarios.

    `quantiles`: index the key of each scenario that may be carried out; p10_eur, p50_eur, p90_eur: the commune's reste
    à charge, undiscounted, in euros; exceeding: the probability (0–1) that in some year what it buys TTC, before aids,
    or what it runs passes its ceiling, NaN when it gave none. `drivers`: index the key of an input that acts on
    `scenario`, the one that matters most first; label (French), first, total: its Sobol indices (0–1) on that reste à
    charge, alone and with its crossed effects.
    """

    draws: int
    seed: int
    quantiles: pd.DataFrame
    scenario: str
    drivers: pd.DataFrame


@dataclass(frozen=True)
class Input:
    """One uncertain input: triangular over its range; or a `chance`, 1 as often as its central value says, else 0."""

    label: str
    over: Range
    chance: bool = False

    def draw(self, below: Draws) -> Draws:
        """The values whose probabilities of not being exceeded are given (0–1): the inverse of the triangular law.

        From a to b, mode m:  a + √(u (b-a)(m-a))  up to u = (m-a)/(b-a),  b - √((1-u)(b-a)(b-m))  beyond.
        """
        low, mode, high = (self.over[case] for case in CASES)
        if self.chance:
            return (below < mode).astype(np.float64)
        rising = low + np.sqrt(below * (high - low) * (mode - low))
        falling = high - np.sqrt((1 - below) * (high - low) * (high - mode))
        return np.where(below * (high - low) < mode - low, rising, falling)


def inputs_of(operation: Operation) -> dict[str, Input]:
    """What is uncertain, by the name of the price, figure or assumption that sets it.

    Prices and shares of services are relative to their central value; what a supplier or a lessor quoted is certain.
    """
    law, given, lease = operation.law, operation.assumptions, operation.lease.rate
    lent, loan, margin = (figure_range(name, law) for name in ("byod_pret_part", "emprunt_ecart", "leasing_marge"))
    offered = given.lease_rate is not None or given.lease_rent_per_1000_eur is not None
    below, above = (0.0 if offered else margin[case] - margin["central"] for case in ("low", "high"))
    rate, share = operation.borrowing_rate, operation.byod_loan_share
    return {key: _relative(key, operation) for key in _factors(operation.programme)} | {
        "aid_probability": Input("Accord des subventions", _around(0, operation.aid_probability, 1), chance=True),
        "gift_probability": Input("Venue des dons", _around(0, operation.gift_probability, 1), chance=True),
        "byod_loan_share": Input("Familles à qui la commune prête", _around(lent["low"], share, lent["high"])),
        "casse_part": Input("Casse", figure_range("casse_part", law)),
        "retard_annees": Input("Retard du programme", figure_range("retard_annees", law)),
        "hausse_prix": Input("Hausse annuelle des prix", figure_range("hausse_prix", law)),
        "loan_rate": Input("Taux d'emprunt", _around(rate + loan["low"], rate, rate + loan["high"])),
        "lease_rate": Input("Taux de la location", _around(lease + below, lease, lease + above)),
    }


def drawn(inputs: Mapping[str, Input], below: Draws) -> dict[str, Draws]:
    """The value of each input at points of the unit cube: one row an input, one column a draw."""
    return {key: one.draw(row) for (key, one), row in zip(inputs.items(), below, strict=True)}


def _around(low: float, central: float, high: float) -> Range:
    """A range, never below nought, widened to hold its central value."""
    return {"low": max(0.0, min(low, central)), "central": central, "high": max(high, central)}


def _relative(key: str, operation: Operation) -> Input:
    law, lines = operation.law, operation.programme.lines
    line = lines[lines["item"].map(_price_of) == key].iloc[0]
    known = figure_range(SHARES[key], law) if key in SHARES else Range({c: line[f"unit_ht_{c}"] for c in CASES})
    over = Range({case: known[case] / known["central"] if known["central"] else 1.0 for case in CASES})
    if key in SHARES or not law.in_force(key):
        return Input(line["label"], over)
    name = law.history(key)[-1].label.partition(" (")[0].partition(",")[0]
    return Input(f"Prix ({name[0].lower()}{name[1:]})", over)


def _factors(programme: Programme) -> list[str]:
    """The prices of the programme and the services that follow them, in its order."""
    return list(dict.fromkeys(programme.lines["item"].map(_price_of)))


@cache
def _price_of(item: str) -> str:
    """The price that an item is bought at: items that share one rise together."""
    known = items().get(item) or services().get(item)
    return known.price if known else item


@dataclass(frozen=True)
class CostModel:
    """What the commune pays under one scenario, in euros, as a function of the inputs.

    A column of its tables: the reste à charge, then for each of `years` what is bought TTC, then for each what is run.
    `table`: the plan without aid nor gift, then what one more time each factor adds, all aids, all gifts. `terms`: what
    the low, the high value of a share or a rate adds to it (in between, in proportion). `follows`: the share of each
    price in each service. `aided`: the share of each price in what aids subsidise. `broken`, `lent`: factors × columns,
    all devices in service bought again each year; those that families may bring are in `lent`, as if each was lent.
    """

    inputs: Mapping[str, Input]
    factors: list[str]
    years: range
    table: Draws
    terms: Mapping[str, list[Draws]]
    follows: Draws
    aided: Draws
    broken: Draws
    lent: Draws

    def charges(self, at: Mapping[str, Draws], kept: slice = slice(None)) -> Draws:
        """The columns of each draw.

        An aid is granted on the central estimate: it goes down with the spending that it subsidises, never up.
        """
        prices = np.column_stack([at[key] for key in self.factors])
        dearer = (1 + at["hausse_prix"]) ** at["retard_annees"]
        factors = prices * (1 + _times(prices - 1, self.follows)) * dearer[:, None]
        aided = at["aid_probability"] * np.minimum(1, 1 + _times(factors - 1, self.aided)[:, 0])
        parts = np.column_stack([np.ones_like(dearer), factors - 1, aided, at["gift_probability"]])
        charges = _times(parts, self.table[:, kept])
        for name, ends in self.terms.items():
            marks = [self.inputs[name].over[case] for case in CASES]
            for end, weight in zip(ends, ([1, 0, 0], [0, 0, 1]), strict=True):
                charges += np.interp(at[name], marks, weight)[:, None] * _times(parts, end[:, kept])
        broken, lent = _times(factors, self.broken[:, kept]), _times(factors, self.lent[:, kept])
        return charges + at["casse_part"][:, None] * (broken + at["byod_loan_share"][:, None] * lent)

    def exceeding(self, charges: Draws, ceilings: tuple[float | None, float | None]) -> float:
        """How often (0–1) a year passes its ceiling, of what is bought or of what is run, in euros; NaN without any."""
        most = [np.inf if ceiling is None else ceiling + CENT for ceiling in ceilings]
        over = charges[:, 1:] > np.repeat(most, len(self.years))
        return np.nan if set(ceilings) == {None} else float(over.any(axis=1).mean())


def model_of(scenario: Scenario, operation: Operation, inputs: Mapping[str, Input]) -> CostModel:
    """The model of one scenario, from its plans: prices doubled one by one, aids and gifts that come, terms moved."""
    sure = operation.supposing(aid_probability=0.0, gift_probability=0.0, lease_rate=operation.lease.rate)
    programme, central, moved = operation.programme, _plans(scenario, sure, inputs), {}
    for name in TERMS:
        ends = [sure.supposing(**{name: inputs[name].over[case]}) for case in CASES if case != "central"]
        if not all(scenario.plan(end, "central").charge.equals(central[0].charge) for end in ends):
            moved[name] = [_plans(scenario, end, inputs) for end in ends]
    plans = sum((plans for ends in moved.values() for plans in ends), central)
    last = max([programme.years[-1], *(year for plan in plans for year in plan.charge["year"])])
    years = range(programme.start_year, last + 1)
    table, factors = _table(central, years, inputs), _factors(programme)
    bases = np.array([sum(grant.base_eur for grant in plan.grants) for plan in central], dtype=np.float64)
    grown = (bases - bases[0])[1 : 1 + len(factors), None]
    terms = {name: [_table(end, years, inputs) - table for end in ends] for name, ends in moved.items()}
    families, leasable = operation.family_rows if "byod_loan_share" in moved else frozenset(), operation.leasable_rows
    worn = [_bought_again(operation, rows, years) for rows in (leasable - families, leasable & families)]
    follows, aided = _follows(programme, factors), grown / (grown.sum() or 1)
    return CostModel(inputs, factors, years, table, terms, follows, aided, *worn)


def _plans(scenario: Scenario, sure: Operation, inputs: Mapping[str, Input]) -> list[FundingPlan]:
    """The central plan without aid nor gift, with each price doubled, then with aids, with gifts, at their chances."""
    lines, names = sure.programme.lines, [f"{name}_central" for name in ("unit_ht", "ht", "ttc")]
    prices, operations = lines["item"].map(_price_of), [sure]
    for key in _factors(sure.programme):
        doubled = lines.assign(**{name: lines[name] * ((prices == key) + 1) for name in names})
        operations.append(replace(sure, programme=replace(sure.programme, lines=doubled)))
    operations += [sure.supposing(**{name: inputs[name].over["central"]}) for name in CHANCES]
    return [scenario.plan(operation, "central") for operation in operations]


def _table(plans: list[FundingPlan], years: range, inputs: Mapping[str, Input]) -> Draws:
    """The columns of the first plan, then what each of the others adds; aids and gifts as if they came in full."""
    table = np.array([_row(plan, years) for plan in plans])
    table[1:] -= table[0]
    table[-len(CHANCES) :] /= [[inputs[name].over["central"] or 1] for name in CHANCES]
    return table


def _row(plan: FundingPlan, years: range) -> list[float]:
    """The columns of one plan: the commune does not buy what is given in kind, nor what families or others bear."""
    bought, run = dict.fromkeys(years, 0.0), dict.fromkeys(years, 0.0)
    for year, payer, section, amount in plan.charge.to_numpy().tolist():
        if section == "investissement" and payer not in ("famille", "groupement"):
            bought[year] += amount
        elif section == "fonctionnement" and payer == "commune":
            run[year] += amount
    for grant in plan.grants:
        bought[grant.year] -= grant.counted_eur if grant.key == "don_nature" else 0
    return [plan.reste_a_charge_eur, *bought.values(), *run.values()]


def _follows(programme: Programme, factors: list[str]) -> Draws:
    """Accompaniment is a share of what is invested; maintenance, each year, of what is maintained and in service."""
    lines, follows = programme.lines, np.zeros((len(factors), len(factors)))
    ht, served = lines["ht_central"], programme.years.stop - lines["year"]
    upkept = lines["maintained"].astype(bool) & (lines["nature"] != "remplacement")
    bases = {"accompagnement": ht * (lines["section"] == "investissement"), "maintenance": ht * served * upkept}
    for key, base in bases.items():
        if key in factors and base.sum():
            shares = base.groupby(lines["item"].map(_price_of)).sum() / base.sum()
            follows[:, factors.index(key)] = shares.reindex(factors).to_numpy()
    return follows


def _bought_again(operation: Operation, rows: frozenset[int], years: range) -> Draws:
    """The devices of these rows bought again in each year of the horizon that they serve: factors × columns."""
    programme, factors = operation.programme, _factors(operation.programme)
    table, net = np.zeros((len(factors), 1 + 2 * len(years))), 1 - operation.law["fctva_taux"]
    for line in programme.lines.loc[sorted(rows)].to_dict("records"):
        for year in range(line["year"], min(line["year"] + int(line["life_years"]), programme.years.stop)):
            ttc, rank = line["ttc_central"], factors.index(_price_of(line["item"]))
            table[rank, [0, 1 + years.index(year)]] += [net * ttc, ttc]
    return table


def assess_risk(
    operation: Operation, scenario: str, *, draws: int | None = None, sobol: int | None = None, seed: int | None = None
) -> Risk:
    """The risk of every scenario that may be carried out, and what drives that of one of them, by its key.

    `draws`: how many; `sobol`: the n of the indices, a power of 2; `seed`; None: those of `law/risque.toml`.
    Raises UsageError for fewer than 100 draws, another n, a negative seed, a scenario that may not be carried out.
    """
    figures = zip((draws, sobol, seed), ("risque_tirages", "risque_sobol", "risque_graine"), strict=True)
    draws, sobol, seed = (int(operation.law[name]) if told is None else told for told, name in figures)
    if draws < 100 or sobol < 2 or sobol & (sobol - 1) or seed < 0:
        asked = f"draws={draws}, sobol={sobol}, seed={seed}"
        raise UsageError(f"{asked} : écrivez 100 tirages au moins, une puissance de 2 pour sobol, une graine positive.")
    inputs, given = inputs_of(operation), operation.assumptions
    models = {one.key: model_of(one, operation, inputs) for one in SCENARIOS if judge(one, operation)[0].eligible}
    if scenario not in models:
        raise UsageError(f"Le scénario « {scenario} » n'est pas possible ici. Choisissez : {', '.join(models)}.")
    point, rows = drawn(inputs, np.random.default_rng(seed).random((len(inputs), draws))), {}
    for key, model in models.items():
        charges = model.charges(point)
        marks = np.percentile(charges[:, 0], [int(name.removeprefix("p")) for name in QUANTILES]).round(2)
        over = model.exceeding(charges, (given.ceiling_eur_per_year, given.running_ceiling_eur_per_year))
        rows[key] = {f"{name}_eur": mark for name, mark in zip(QUANTILES, marks, strict=True)} | {"exceeding": over}
    return Risk(draws, seed, pd.DataFrame(rows).T, scenario, _drivers(models[scenario], sobol, seed))


def _drivers(model: CostModel, sobol: int, seed: int) -> pd.DataFrame:
    """The Sobol indices of the reste à charge, those of inputs that act; 0 ≤ first ≤ total ≤ 1: beyond is noise."""

    def costs(below: Draws) -> Draws:
        return model.charges(drawn(model.inputs, below), slice(1))[:, 0]

    every, rng = [uniform()] * len(model.inputs), np.random.default_rng(seed)
    found = sobol_indices(func=costs, n=sobol, dists=every, rng=rng)
    labels, total = [one.label for one in model.inputs.values()], found.total_order.clip(0, 1).round(12)
    shares = {"first": found.first_order.clip(0, total).round(12), "total": total}
    frame = pd.DataFrame({"label": labels, **shares}, index=pd.Index(model.inputs))
    return frame[frame["total"] > 0].sort_values("total", ascending=False, kind="stable")
