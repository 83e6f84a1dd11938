"""Purchase with public aid: the commune buys, and asks the State or the département for part of the price HT.

Who pays: the commune, the State (aids and FCTVA), the département. An aid counts for its probability.
Belongs here: which aids are asked for. Does not: their dates, rates and ceilings (`aids`, `law/`).
"""

from __future__ import annotations

from pupitre.diagnostic.ranges import Case
from pupitre.funding.aids import requests, usual_requests, verdict_of
from pupitre.funding.operation import Operation
from pupitre.funding.payment import Ways, fund
from pupitre.funding.plan import FundingPlan, Verdict
from pupitre.funding.scenarios.base import Scenario


def check(operation: Operation) -> Verdict:
    """At least one aid is asked for, each of them open to the commune, and there is something to invest."""
    asked = requests(operation) or usual_requests(operation)
    if not asked:
        return Verdict(eligible=False, reasons=("Aucune subvention ouverte à la commune n'est connue à cette date.",))
    if not sum(operation.subsidised_ht_eur("central", operation.all_bought).values()):
        return Verdict(eligible=False, reasons=("Rien à investir : une subvention aide l'investissement.",))
    verdicts = [verdict_of(request.aid, operation) for request in asked]
    reasons = tuple(reason for verdict in verdicts for reason in verdict.reasons)
    return Verdict(eligible=all(verdict.eligible for verdict in verdicts), reasons=reasons)


def plan(operation: Operation, case: Case) -> FundingPlan:
    """Everything is bought, with the consultant's aids, else the usual one."""
    return fund(operation, case, SCENARIO.key, Ways(aids=requests(operation) or usual_requests(operation)))


SCENARIO = Scenario(
    key="subventions",
    label="Achat avec subventions",
    noun="l'achat avec subventions",
    advice="Achetez, et demandez une subvention avant toute commande",
    summary="La commune achète et demande une aide sur la dépense HT ; l'aide est comptée pour sa probabilité.",
    at_the_end="La commune est propriétaire ; sans l'aide, elle paie l'achat entier.",
    rules=(
        "La commune garde {law.part_propre_minimum.value:percent} au moins du financement public, dons non comptés "
        "(CGCT, L. 1111-10, III).",
        "Aucun bon de commande avant que le dossier de DETR soit complet (CGCT, R. 2334-24).",
        "Une aide de l'État calculée sur le HT ne réduit pas le FCTVA ; calculée sur le TTC, elle le réduit "
        "(CGCT, L. 1615-10).",
        "Ni loyers, ni maintenance, ni formation : la DETR aide l'investissement (CGCT, L. 2334-36).",
    ),
    check=check,
    plan=plan,
)
