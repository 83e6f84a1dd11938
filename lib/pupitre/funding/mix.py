"""The best mix: which line is bought, leased, given or brought by families, and with which money of others.

Belongs: what is made of the solution of `mix_model`: the plan, simpler plans beside it, the limits that conflict. Does
not: how a line is paid (`payment`), the law of a plan (`constraints`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from pupitre.errors import UsageError
from pupitre.formats import cents, euros, percent
from pupitre.funding.aids import PREFIX, Request
from pupitre.funding.constraints import breaches
from pupitre.funding.mix_model import Column, Model, Rule, Solution, model_of, solve
from pupitre.funding.mix_offer import (
    BUY,
    FAMILIES,
    GIVEN,
    INVESTED,
    LEASE,
    RUNNING,
    Name,
    Offer,
    most_families_eur,
    most_uncertain_eur,
    offer_of,
    on_ttc,
)
from pupitre.funding.operation import Operation
from pupitre.funding.payment import Ways, fund
from pupitre.funding.plan import CENT, FundingPlan, Grant, sum_by_year
from pupitre.funding.scenarios import achat, byod_tripartite, leasing, mecenat, subventions

SCENARIO = "mix"
NEAREST = 1 + 2
SIMPLE = {
    "tout acheter": achat.SCENARIO,
    "louer ce qui peut l'être": leasing.SCENARIO,
    "laisser les familles apporter leurs appareils": byod_tripartite.SCENARIO,
    "prendre tous les dons promis": mecenat.SCENARIO,
}
LIMITS = {
    "ceiling_eur_per_year": "Le plafond d'investissement{year} ({value}) est dépassé",
    "running_ceiling_eur_per_year": "Le plafond de fonctionnement{year} ({value}) est dépassé",
    "family_limit": "La part laissée aux familles ({value} du programme) est dépassée",
    "uncertain_limit": "La part d'argent incertain ({value} du programme) est dépassée",
}


@dataclass(frozen=True)
class Neighbour:
    """A simple plan, which pays in one way all that allows it; what it costs, discounted, above the best mix."""

    label: str
    plan: FundingPlan
    extra_eur: float


@dataclass(frozen=True)
class Mix:
    """The plan of lowest discounted reste à charge, central case, and what stands beside it.

    `modes`: row of the programme → achat, location, familles or don. `gap`: how far, relatively, the solver is from
    having proved that none is cheaper; 0 when it has. `neighbours`: at most three simple plans within all constraints,
    the nearest first. `conflicts`: when there is no plan, which limits conflict, and how far each would have to move.
    """

    plan: FundingPlan | None
    modes: Mapping[int, str]
    discounted_eur: float | None
    gap: float
    neighbours: tuple[Neighbour, ...]
    conflicts: tuple[str, ...]


def best_mix(operation: Operation) -> Mix:
    """The best mix of one operation: the same inputs give the same mix."""
    offer = offer_of(operation)
    model = model_of(offer)
    found = solve(model)
    if found is None:
        return Mix(None, {}, None, 0.0, (), tuple(_conflicts(model, offer)))
    modes = {row: next(way for way in ways if found.chosen(way, row)) for row, ways in offer.effects.items()}
    plan = _plan(found, modes, offer)
    cost = plan.discounted_reste_a_charge_eur(operation.borrowing_rate)
    return Mix(plan, modes, cost, found.gap, _neighbours(plan, offer), ())


def respects(plan: FundingPlan, operation: Operation) -> bool:
    """Whether a plan keeps to the law, to the ceilings of both sections, to the bounds of families and of chance.

    Limits hold to half a cent, and as much again for each grant: what a plan counts of a grant is rounded.
    """
    given, of_families, chance = operation.assumptions, most_families_eur(operation), most_uncertain_eur(operation)
    invested = sum_by_year(plan.cash[plan.cash["label"].isin(INVESTED)])
    most_invested, most_run = given.ceiling_eur_per_year, given.running_ceiling_eur_per_year
    pairs = [(plan.borne_by("famille"), of_families), (plan.uncertain_eur, chance)]
    pairs += [(-eur, most_invested) for eur in invested.values() if most_invested is not None]
    pairs += [(eur, most_run) for eur in plan.charge_by_year("commune", RUNNING).values() if most_run is not None]
    lawful = not any(breach.forbidden for breach in breaches(plan, operation))
    return lawful and all(eur <= most + CENT * (1 + len(plan.grants)) for eur, most in pairs)


def _plan(found: Solution, modes: Mapping[int, str], offer: Offer) -> FundingPlan:
    """The plan of a solution.

    An aid has a grant in each year when it gives something. Where the law would else miss a part of the spending that
    the aid was computed on, it has one, of nought, in the other years too.
    """
    given = {
        row: found.amount_eur("in kind", row) / offer.lines[row]["ttc_central"]
        for row, mode in modes.items()
        if mode == GIVEN
    }
    ways = Ways(
        leased=frozenset(row for row, mode in modes.items() if mode == LEASE),
        families=frozenset(row for row, mode in modes.items() if mode == FAMILIES),
        given=given,
        skills_eur=cents(sum(found.amount_eur("skills", year) for year in offer.accompaniment_eur)),
    )
    bought = {row: 1 - given.get(row, 0.0) for row, mode in modes.items() if mode in (BUY, GIVEN)}
    grants = (*_aids(found, bought, offer), *_money(found, offer))
    told = tuple(grant for grant in grants if grant.full_eur)
    plan = fund(offer.operation, "central", SCENARIO, replace(ways, granted=told))
    if any(breach.forbidden for breach in breaches(plan, offer.operation)):
        return fund(offer.operation, "central", SCENARIO, replace(ways, granted=grants))
    return plan


def _aids(found: Solution, bought: Mapping[int, float], offer: Offer) -> Iterator[Grant]:
    """What each aid of the solution gives, in each year that it may pay a part of, nought included.

    `bought`: row → the share of it that is bought.
    """
    bases, likely = offer.operation.subsidised_ht_eur("central", bought), offer.operation.aid_probability
    for request in offer.asked:
        aid, years = request.aid, [year for year in offer.aided_years(request) if cents(bases.get(year, 0.0))]
        by_year = {year: found.amount_eur("aid", aid.key, year) for year in years}
        for year, eur in by_year.items() if any(by_year.values()) else ():
            yield Grant(aid.key, aid.label, aid.payer, year, eur, likely, cents(bases[year]), on_ttc(aid))


def _money(found: Solution, offer: Offer) -> Iterator[Grant]:
    """The gifts of money of the solution."""
    for year in offer.years:
        eur = found.amount_eur("money", year)
        if eur:
            yield Grant("don_argent", "Dons en argent", "mecene", year, eur, offer.operation.gift_probability)


def _neighbours(best: FundingPlan, offer: Offer) -> tuple[Neighbour, ...]:
    """The three nearest simple plans; of those that charge the same to the same payers, with one aid or another, one.

    One that is the best mix itself stands among them when there are no three others: it gives the mix its simple name.
    """
    rate = offer.operation.borrowing_rate
    least = best.discounted_reste_a_charge_eur(rate)
    found: list[Neighbour] = []
    for label, plan in _simple_plans(offer):
        if respects(plan, offer.operation) and not any(_same(plan, one.plan) for one in found):
            extra = cents(max(0.0, plan.discounted_reste_a_charge_eur(rate) - least))
            found.append(Neighbour(label, plan, extra))
    others = [one for one in found if not _same(one.plan, best)]
    kept = others if len(others) >= NEAREST else found
    return tuple(sorted(kept, key=lambda one: (one.extra_eur, one.label))[:NEAREST])


def _simple_plans(offer: Offer) -> Iterator[tuple[str, FundingPlan]]:
    """Each way to pay alone, without aid, with each aid, with all of them: the plans of the scenarios, central case."""
    for asked in _sets(offer.asked):
        supposed = _asking(asked, offer)
        with_aids = f", avec {' et '.join(one.aid.label for one in asked)}" if asked else ""
        for label, scenario in SIMPLE.items():
            chosen = subventions.SCENARIO if asked and scenario is achat.SCENARIO else scenario
            if chosen.check(supposed).eligible:
                try:
                    yield label + with_aids, chosen.plan(supposed, "central")
                except UsageError:  # gifts and aids exceed what there is to pay
                    continue


def _asking(asked: tuple[Request, ...], offer: Offer) -> Operation:
    """The operation that asks for these aids: the consultant's, or the usual one, with its ceiling."""
    given = {PREFIX + one.aid.key: one.rate for one in asked} if offer.operation.assumptions.aids else {}
    return replace(offer.operation.supposing(aids=given), asks_usual=bool(asked) and not given)


def _sets(asked: tuple[Request, ...]) -> list[tuple[Request, ...]]:
    return [(), *((one,) for one in asked), *([asked] if len(asked) > 1 else [])]


def _same(one: FundingPlan, other: FundingPlan) -> bool:
    """Whether two plans charge the same payers, in the same years and sections, to the euro."""
    keys = ["year", "payer", "section"]
    gaps = one.charge.set_index(keys)["amount_eur"].sub(other.charge.set_index(keys)["amount_eur"], fill_value=0.0)
    return bool((gaps.abs() < 1).all())


def _conflicts(model: Model, offer: Offer) -> Iterator[str]:
    """The limits to exceed, by as few euros in all as can be; then which of them would do alone, and its new value."""
    least = solve(_loosened(model, lambda rule: ("over", rule.moved_by, rule.year)))
    for rule in model.rules:
        over = least.amount_eur("over", rule.moved_by, rule.year) if least and rule.moved_by else 0.0
        if over:
            yield _exceeded(rule, over, offer)
    alone = [f"{name} à {value}" for name in LIMITS if (value := _enough(name, model, offer))]
    if alone:
        yield f"Pour qu'un plan existe, il suffit de porter {', ou '.join(alone)}."
    else:
        yield "Aucune de ces limites ne suffit seule : relevez-les ensemble."


def _enough(name: str, model: Model, offer: Offer) -> str | None:
    """The least value of one assumption that leaves a plan, the others as they are; None when there is none."""
    moved = solve(_loosened(model, lambda rule: ("over",) if rule.moved_by == name else None))
    if moved is None:
        return None
    limit = max(rule.most_eur for rule in model.rules if rule.moved_by == name)
    return _value(name, limit + moved.amount_eur("over"), offer)


def _loosened(model: Model, slack: Callable[[Rule], Name | None]) -> Model:
    """The same program, whose limits may be exceeded, by as few euros as possible whatever the cost.

    `slack` names what a limit is exceeded by: rules that name the same are exceeded together.
    """
    over = [slack(rule) if rule.moved_by else None for rule in model.rules]
    rules = tuple(
        replace(rule, terms={**rule.terms, name: -1.0}) if name else rule
        for rule, name in zip(model.rules, over, strict=True)
    )
    columns = {name: replace(column, cost_eur=0.0) for name, column in model.columns.items()}
    return Model(columns | {name: Column(1000.0, math.inf, whole=False) for name in over if name}, rules)


def _exceeded(rule: Rule, over_eur: float, offer: Offer) -> str:
    year = f" de {rule.year}" if rule.year else ""
    what = LIMITS[rule.moved_by].format(year=year, value=_value(rule.moved_by, rule.most_eur, offer))
    services = f" À eux seuls, les services de cette année coûtent {euros(rule.fixed_eur)}."
    alone = services if rule.fixed_eur > rule.most_eur else ""
    return f"{what} de {euros(over_eur)} au moins : relevez {rule.moved_by}.{alone}"


def _value(name: str, limit_eur: float, offer: Offer) -> str:
    """A limit as its assumption gives it, up to the euro or to the thousandth of the programme."""
    if name in ("family_limit", "uncertain_limit"):
        return percent(math.ceil(limit_eur / offer.ttc_eur * 1000 - CENT) / 1000)
    return euros(math.ceil(limit_eur))
