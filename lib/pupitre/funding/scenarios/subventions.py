"""Purchase with public aid: the commune buys, and asks the State or the département for part of the price HT.

Who pays: the commune, the State (aids and FCTVA), the département. An aid counts for its probability.
Belongs here: which aids are asked for. Does not: their dates, rates and ceilings (`aids`, `law/`).
"""

from __future__ import annotations

from pupitre.diagnostic.ranges import Case
from pupitre.funding.aids import refused, requests_or_usual, verdict_of
from pupitre.funding.operation import Operation
from pupitre.funding.payment import Ways, fund
from pupitre.funding.plan import FundingPlan, Verdict
from pupitre.funding.scenarios.base import Scenario


def check(operation: Operation) -> Verdict:
    """At least one aid is asked for, each of them open to the commune, and there is something new to invest in."""
    reasons = refused(operation)
    asked = requests_or_usual(operation)
    if not asked and not reasons:
        reasons = ("Aucune subvention n'est demandée, ou ouverte à la commune à cette date.",)
    if not sum(operation.subsidised_ht_eur("central", operation.all_bought).values()):
        reasons += ("Rien de neuf à acheter : une subvention aide l'investissement nouveau.",)
    to_check = tuple(reason for request in asked for reason in verdict_of(request.aid, operation).reasons)
    return Verdict(eligible=not reasons, reasons=reasons or to_check)


def plan(operation: Operation, case: Case) -> FundingPlan:
    """Everything is bought, with the consultant's aids, else the usual one."""
    return fund(operation, case, SCENARIO.key, Ways(aids=requests_or_usual(operation)))


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
        "Aucune commande avant l'accusé de réception du dossier (DETR : CGCT, R. 2334-24 ; à vérifier en préfecture).",
        "Une aide de l'État calculée sur le HT ne réduit pas le FCTVA ; calculée sur le TTC, elle le réduit "
        "(CGCT, L. 1615-10).",
        "Ni loyers, ni maintenance, ni formation : les dotations aident l'investissement (CGCT, L. 2334-36, L. "
        "2334-42).",
    ),
    check=check,
    plan=plan,
)
