"""The choice of a mix as a linear program: its columns, the rules of law, the limits of the commune; its solver.

Belongs: what is minimised and what binds it. Does not: costs (`mix_offer`), what is made of a solution (`mix`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from pupitre.errors import PlanError
from pupitre.funding.aids import Request
from pupitre.funding.constraints import AID_OF_DETR
from pupitre.funding.finance import loan_schedule
from pupitre.funding.mix_offer import (
    BUY,
    FAMILIES,
    GIVEN,
    Name,
    Offer,
    Terms,
    effect_of,
    most_families_eur,
    most_uncertain_eur,
    on_ttc,
    plus,
    times,
)
from pupitre.funding.payment import pool_eur, run_services
from pupitre.funding.plan import CENT, Ledger

A_HAIR = CENT / 1000
INFEASIBLE = 2  # a status of `milp`
MOST_NODES = 100 * 1000


@dataclass(frozen=True)
class Column:
    """One choice: the discounted cost of a unit, the most of it, whether it is yes or no, what orders equal choices."""

    cost_eur: float
    most: float = 1.0
    whole: bool = True
    preference: float = 0.0


@dataclass(frozen=True)
class Rule:
    """`fixed_eur` + Σ terms ≤ `most_eur`; or, when `exact`, equal to it.

    `moved_by`: the assumption that moves a limit of the commune, none for a law; `year`: when it holds for one year.
    """

    terms: Terms
    most_eur: float = 0.0
    fixed_eur: float = 0.0
    moved_by: str = ""
    year: int | None = None
    exact: bool = False


@dataclass(frozen=True)
class Model:
    """The columns by name, and the rules that bind them."""

    columns: Mapping[Name, Column]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Solution:
    """What is chosen, by column; its discounted cost, what is fixed left out; the relative gap, 0 when it is proved."""

    values: Mapping[Name, float]
    cost_eur: float
    gap: float

    def chosen(self, *name: object) -> bool:
        """Whether the answer is yes."""
        return self.values.get(name, 0.0) > 1 / 2

    def amount_eur(self, *name: object) -> float:
        """An amount, down to the cent; what is within a hundredth of the next cent is that cent."""
        return float(np.floor(self.values.get(name, 0.0) * 100 + CENT)) / 100


def solve(model: Model) -> Solution | None:
    """The choice of lowest cost, or None when the rules leave none. A gap worth less than half a cent is none.

    In thousands of euros and without presolve: HiGHS 1.12 then hardly ever has to solve again what it found, and to say
    so on the standard output (HiGHS, issue 2783). Raises PlanError when it gives up.
    """
    used = {name for rule in model.rules for name in rule.terms}
    columns = {name: column for name, column in model.columns.items() if name in used and column.most}
    ranks = {name: rank for rank, name in enumerate(columns)}
    terms = np.zeros((len(model.rules), len(columns)))
    for rank, rule in enumerate(model.rules):
        known = [name for name in rule.terms if name in ranks]
        terms[rank, [ranks[name] for name in known]] = [rule.terms[name] for name in known]
    unit = np.array([1 if column.whole else 1000 for column in columns.values()])
    scale = np.array([1 if rule.exact else 1000 for rule in model.rules])
    most = np.array([rule.most_eur - rule.fixed_eur for rule in model.rules]) / scale
    found = milp(
        np.array([column.cost_eur + column.preference for column in columns.values()]) * unit / 1000,
        integrality=[int(column.whole) for column in columns.values()],
        bounds=Bounds(0, np.array([column.most for column in columns.values()]) / unit),
        constraints=LinearConstraint(terms * unit / scale[:, None], np.where(scale == 1, most, -np.inf), most),
        options={"mip_rel_gap": 0, "presolve": False, "node_limit": MOST_NODES},
    )
    if found.status == INFEASIBLE:
        return None
    if found.x is None:
        raise PlanError(f"Le meilleur mélange n'a pas été trouvé : {found.message}")
    values = dict(zip(columns, (found.x * unit).tolist(), strict=True))
    cost = sum(columns[name].cost_eur * value for name, value in values.items())
    gap = float(found.mip_gap or 0.0)
    return Solution(values, cost, gap if gap * abs(found.fun) * 1000 > CENT else 0.0)


def model_of(offer: Offer) -> Model:
    """The program whose solution is the best mix."""
    rules = (_one_way, _in_kind, _aids, _own_share, _money, _skills, _invested, _running, _families, _uncertain)
    return Model(_columns(offer), tuple(rule for of in rules for rule in of(offer)))


def _columns(offer: Offer) -> dict[Name, Column]:
    """Ways of each line, then euros in full of gifts in kind, aids, gifts of money and skills, then switches.

    At equal cost a purchase is preferred, by half a cent at least for each other line, then the first lines and aids.
    """
    operation, columns = offer.operation, dict[Name, Column]()
    likely, promised = operation.gift_probability, operation.assumptions
    for rank, (row, effects) in enumerate(offer.effects.items()):
        order = 1 + rank / len(offer.effects)
        for way, effect in effects.items():
            columns[way, row] = Column(effect.cost_eur, preference=0.0 if way == BUY else CENT * order)
        if GIVEN in effects:
            price = offer.lines[row]["ttc_central"]
            most = min(price, promised.gift_in_kind_eur)
            columns["in kind", row] = Column(-likely * effects[GIVEN].cost_eur / price, most, False, A_HAIR * order)
    for rank, request in enumerate(offer.asked):
        for year in offer.aided_years(request):
            worth = operation.aid_probability * (offer.discount(year) - _fctva_lost(request, year, offer))
            columns["aid", request.aid.key, year] = Column(-worth, math.inf, False, A_HAIR * (1 + rank))
        columns |= {(switch, request.aid.key): Column(0.0) for switch in ("least", "beyond", "asked")}
    for year in offer.years:
        columns["money", year] = Column(-likely * offer.discount(year), offer.money_eur, False, A_HAIR)
    for year, ttc in offer.accompaniment_eur.items():
        most = min(ttc, promised.gift_skills_eur)
        columns["skills", year] = Column(-likely * offer.discount(year), most, False, A_HAIR)
        columns["skilled", year] = Column(0.0)
    return columns | {("asked",): Column(0.0)}


def _fctva_lost(request: Request, year: int, offer: Offer) -> float:
    """What one euro of an aid of the State on an amount TTC takes off the FCTVA, discounted."""
    operation = offer.operation
    if not on_ttc(request.aid):
        return 0.0
    return operation.law["fctva_taux"] * offer.discount(year + operation.fctva_delay_years)


def _one_way(offer: Offer) -> Iterator[Rule]:
    """Each line is paid in one way."""
    for row, effects in offer.effects.items():
        yield Rule({(way, row): 1.0 for way in effects}, 1.0, exact=True)


def _in_kind(offer: Offer) -> Iterator[Rule]:
    """What is given of a line is part of it, and all gifts in kind are within what is promised."""
    rows = offer.rows(GIVEN)
    for row in rows:
        yield Rule({("in kind", row): 1.0, (GIVEN, row): -offer.lines[row]["ttc_central"]})
    yield Rule({("in kind", row): 1.0 for row in rows}, offer.operation.assumptions.gift_in_kind_eur)


def _aids(offer: Offer) -> Iterator[Rule]:
    """Each aid stays within its rate every year, within its brackets and ceilings in all, as `amount_eur` counts."""
    law, schools, classes = offer.operation.law, offer.operation.programme.schools, offer.operation.classes
    for request in offer.asked:
        aid, years = request.aid, offer.aided_years(request)
        tax = law["tva_taux_normal"] if aid.base == "ttc" else 0.0
        base = times(1 + tax, plus(*(offer.base(year) for year in years)))
        given, widest = offer.granted(request), (1 + tax) * offer.widest_ht_eur
        for year in years:
            yield Rule({("aid", aid.key, year): 1.0} | times(-request.rate * (1 + tax), offer.base(year)))
            if request.ceiling_eur_per_year is not None:
                yield Rule({("aid", aid.key, year): 1.0}, request.ceiling_eur_per_year)
        if aid.least_by_school:  # asked for only when the spending reaches the least
            least, switch = law[aid.least_by_school] * schools, ("least", aid.key)
            yield Rule(given | {switch: -request.rate * widest})
            yield Rule({switch: least} | times(-1.0, base))
        if aid.beyond:
            lower, threshold = min(request.rate, law[aid.beyond]), law[aid.threshold]
            more, switch = (request.rate - lower) * threshold, ("beyond", aid.key)
            cliff = offer.operation.assumptions.aid_brackets == "cliff"
            yield Rule(given | times(-lower, base) | ({switch: more} if cliff else {}), more)
            if cliff:
                yield Rule(base | {switch: -widest}, threshold - CENT)
        ceilings = [request.ceiling_eur, law[aid.by_school] * schools if aid.by_school else None]
        ceilings += [law[aid.by_class] * classes if aid.by_class and classes is not None else None]
        yield from (Rule(given, most) for most in ceilings if most is not None)


def _own_share(offer: Offer) -> Iterator[Rule]:
    """Aids within 80 % of what is bought less the gifts of money; with the DETR, within its own ceiling too.

    As long as no aid is asked for, gifts may pay all: a switch says so.
    """
    law, aided = offer.operation.law, sorted({year for request in offer.asked for year in offer.aided_years(request)})
    base, everything = plus(*(offer.base(year) for year in aided)), plus(*(offer.granted(r) for r in offer.asked))
    share = 1 - law["part_propre_minimum"]
    gifts = {("money", year): share for year in offer.years}
    switch = {("asked",): share * offer.money_eur}
    yield Rule(everything | times(-share, base) | gifts | switch, share * offer.money_eur)
    yield Rule(everything | {("asked",): -offer.widest_ht_eur})
    for request in offer.asked:
        if request.aid.key == AID_OF_DETR and law["aide_detr"] < share:
            most, only = offer.widest_ht_eur, ("asked", AID_OF_DETR)
            yield Rule(everything | times(-law["aide_detr"], base) | {only: most}, most)
            yield Rule(offer.granted(request) | {only: -most})


def _money(offer: Offer) -> Iterator[Rule]:
    """Gifts of money are within what is promised; all that is given and aided, in full, leaves the FCTVA of a year."""
    yield Rule({("money", year): 1.0 for year in offer.years}, offer.money_eur)
    for year in offer.years:
        aided = {("aid", request.aid.key, year): 1.0 for request in offer.aiding(year)}
        left = times(offer.operation.law["fctva_taux"] - 1, offer.spent(year, given=1))
        yield Rule({("money", year): 1.0} | aided | left)


def _skills(offer: Offer) -> Iterator[Rule]:
    """Skills are within what is promised, and pay the accompaniment of a year when that of the year before is paid."""
    due = offer.accompaniment_eur
    yield Rule({("skills", year): 1.0 for year in due}, offer.operation.assumptions.gift_skills_eur)
    for before, year in pairwise(sorted(due)):
        yield Rule({("skilled", before): due[before], ("skills", before): -1.0})
        yield Rule({("skills", year): 1.0, ("skilled", before): -due[year]})


def _invested(offer: Offer) -> Iterator[Rule]:
    """What the commune buys each year, options included, before aids."""
    most, likely = offer.operation.assumptions.ceiling_eur_per_year, offer.operation.gift_probability
    for year, terms in offer.by_year(lambda effect: effect.invested_eur).items():
        given = {("in kind", row): -likely for row in offer.rows(GIVEN, year)}
        if most is not None:
            yield Rule(terms | given, most, moved_by="ceiling_eur_per_year", year=year)


def _running(offer: Offer) -> Iterator[Rule]:
    """What the commune runs each year, interest included: services are fixed, skills given pay a part of them."""
    operation, most = offer.operation, offer.operation.assumptions.running_ceiling_eur_per_year
    if most is None:
        return
    run_services(services := Ledger(), operation, "central")
    fixed, interest = effect_of(services, operation).running_eur, _interest(offer)
    lines = offer.by_year(lambda effect: effect.running_eur)
    for year in sorted({*fixed, *interest, *lines}):
        skills = {("skills", year): -operation.gift_probability} if year in offer.accompaniment_eur else {}
        terms = plus(lines.get(year, {}), interest.get(year, {}), skills)
        yield Rule(terms, most, fixed.get(year, 0.0), "running_ceiling_eur_per_year", year)


def _interest(offer: Offer) -> dict[int, Terms]:
    """The interest of each year of the loan, which is a share of the first purchases, aids and gifts off.

    Borrowed at the rate that discounts, it changes no present value: it stands in no cost.
    """
    operation, start = offer.operation, offer.operation.programme.start_year
    if not operation.assumptions.loan_share * offer.ttc_eur:
        return {}
    aids_of_year = {("aid", one.aid.key, start): -operation.aid_probability for one in offer.aiding(start)}
    gifts = {("money", start): -operation.gift_probability} if start in offer.years else {}
    lent = {(FAMILIES, row): pool_eur(offer.lines[row], operation, "central") for row in offer.rows(FAMILIES, start)}
    spent = offer.spent(start, given=operation.gift_probability)
    principal = times(operation.assumptions.loan_share, spent | lent | aids_of_year | gifts)
    schedule = loan_schedule(offer.ttc_eur, operation.borrowing_rate, operation.loan_years)["interest_eur"]
    return {start + rank: times(eur / offer.ttc_eur, principal) for rank, eur in enumerate(schedule, 1)}


def _families(offer: Offer) -> Iterator[Rule]:
    """What families pay in all."""
    terms = {(FAMILIES, row): offer.effects[row][FAMILIES].families_eur for row in offer.rows(FAMILIES)}
    yield Rule(terms, most_families_eur(offer.operation), moved_by="family_limit")


def _uncertain(offer: Offer) -> Iterator[Rule]:
    """What may not come, counted for its probability."""
    operation = offer.operation
    gifts = dict.fromkeys(("in kind", "money", "skills"), operation.gift_probability)
    likely = gifts | {"aid": operation.aid_probability}
    terms = {name: likely[name[0]] for name in _columns(offer) if likely.get(name[0], 1.0) < 1}
    yield Rule(terms, most_uncertain_eur(operation), moved_by="uncertain_limit")
