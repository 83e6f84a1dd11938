"""The named figures of what surrounds the plans: aids, comparable projects, donors, debt, the best mix, risk."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pandas as pd

from pupitre.formats import placeholders
from pupitre.funding.aids import Aid, aids, requests_or_usual, verdict_of
from pupitre.funding.compare import debt_after
from pupitre.funding.gifts import company_gift
from pupitre.funding.mix import Mix
from pupitre.funding.operation import Operation
from pupitre.funding.risk import Risk
from pupitre.funding.scenarios import SCENARIOS
from pupitre.funding.scenarios.base import Scenario
from pupitre.law.baremes import Law
from pupitre.study.naming import Named, picked, plain, under

if TYPE_CHECKING:
    from pupitre.study.study import Study

LIMITS = ("threshold", "by_school", "by_class", "least_by_school", "population")
EXAMPLE_GIFT_EUR = 1000.0


def collect_advice(study: Study) -> Named:
    """Every figure of the second half of the funding chapter; nothing when there is nothing to fund."""
    operation = study.operation
    if operation is None:
        return {}
    for scenario in SCENARIOS:
        rules_of(scenario, study.law)
    return _aids(operation) | _comparables(operation) | _donor(operation) | _debt(study)


def collect_prospects(study: Study) -> Named:
    """Every figure of the best mix and of risk."""
    return {} if study.mix is None or study.risk is None else _mix(study.mix) | _risk(study.risk)


def rules_of(scenario: Scenario, law: Law) -> list[str]:
    """The rules of a scenario whose dated figures are all in force, which are marked as read."""
    kept = []
    for rule in scenario.rules:
        names = [name.split(".")[1] for _, name, _ in placeholders(rule) if name]
        if all(law.in_force(name) for name in names):
            kept.append(rule)
            for name in names:
                law.figure(name)
    return kept


def _aids(operation: Operation) -> Named:
    """The rates and limits of each aid, as they are or last were, and what is asked for."""
    named: Named = {}
    for aid in aids().values():
        named |= under(f"aid.{aid.key}", _aid(aid, operation.law) | {"eligible": verdict_of(aid, operation).eligible})
    for request in requests_or_usual(operation):
        known = operation.comparables
        asked = {"asked_rate": request.rate, "probability": operation.aid_probability}
        asked |= {"optimistic": known is not None and known.is_optimistic(request.rate)}
        named |= under(f"aid.{request.aid.key}", asked)
    return named


def _aid(aid: Aid, law: Law) -> Named:
    last = law.history(aid.rate)[-1]
    told: Named = {"rate": plain(last.value), "opened": plain(last.valid_from), "closed": plain(last.valid_to)}
    told |= {"open": law.in_force(aid.rate), "closed_year": last.valid_to.year if last.valid_to else None}
    for name in ("lowest", "beyond", *LIMITS):
        figure = getattr(aid, name)
        told[name] = law.history(figure)[-1].value if figure else None
    return told


def _comparables(operation: Operation) -> Named:
    known = operation.comparables
    return {} if known is None else under("comparable", asdict(known))


def _donor(operation: Operation) -> Named:
    """What a gift costs a company once its tax is reduced: the one promised, else an example."""
    given, law = operation.assumptions, operation.law
    amount = given.gift_company_eur + given.gift_in_kind_eur + given.gift_skills_eur or EXAMPLE_GIFT_EUR
    turnover = given.donor_turnover_eur
    floor = law["mecenat_plafond_plancher"] / law["mecenat_plafond_part"]
    back = company_gift(amount, floor if turnover is None else turnover, law)
    named: Named = {"gift_eur": amount, "net_cost_eur": back.net_cost_eur, "reduction_eur": back.reduction_eur}
    return under("donor", named | {"lost_eur": back.lost_eur, "turnover_eur": turnover})


def _debt(study: Study) -> Named:
    """Savings and debt after each plan, when the commune's accounts are known."""
    savings, debt = study.assumptions.savings_eur, study.assumptions.debt_eur
    if savings is None:
        return {}
    named: Named = {}
    for scenario, plans in study.plans.items():
        named |= under(f"debt.{scenario}", asdict(debt_after(plans["central"], savings, debt or 0.0)))
    limits = ("desendettement_vigilance", "desendettement_alerte")
    return named | under("debt", {name: study.law[name] for name in limits})


def _mix(mix: Mix) -> Named:
    named: Named = {"mix.discounted_eur": mix.discounted_eur}
    if mix.plan is not None:
        plan = mix.plan
        named |= picked("mix", plan, ("cost_eur", "reste_a_charge_eur", "uncertain_eur"))
        named |= under("mix", {"families_eur": plan.borne_by("famille"), "gifts_eur": plan.borne_by("mecene")})
        for grant in plan.grants:
            name = f"mix.grant.{grant.key}_eur"
            named[name] = float(named.get(name) or 0) + grant.counted_eur
    for rank, neighbour in enumerate(mix.neighbours):
        costs = {"extra_eur": neighbour.extra_eur, "reste_a_charge_eur": neighbour.plan.reste_a_charge_eur}
        named |= under(f"mix.neighbour.{rank}", costs)
    return named


def _risk(risk: Risk) -> Named:
    named: Named = {"risk.draws": risk.draws, "risk.seed": risk.seed}
    for scenario, row in risk.quantiles.iterrows():
        exceeding = None if pd.isna(row["exceeding"]) else round(10 * row["exceeding"])
        named |= under(f"risk.{scenario}", row) | {f"risk.{scenario}.exceeding_in_ten": exceeding}
    for key, row in risk.drivers.iterrows():
        named |= under(f"driver.{key}", {"first": round(row["first"], 3), "total": round(row["total"], 3)})
    return named
