"""Leasing: the commune rents what a lessor can take back, pays the option when there is one, and buys the rest.

Who pays: the commune alone for the rents, section de fonctionnement, VAT borne in full, no FCTVA on rents; the option
price at the end is an investment, with its FCTVA. Without option (location financière or évolutive), the equipment is
given back and a new lease begins. Aids that the consultant asks for help what is bought.
Belongs here: what is leased. Does not: figures (`law/`), years and amounts of rents (`lease`).
"""

from __future__ import annotations

from pupitre.diagnostic.ranges import Case
from pupitre.funding.aids import requests
from pupitre.funding.operation import Operation
from pupitre.funding.payment import Ways, fund
from pupitre.funding.plan import FundingPlan, Verdict
from pupitre.funding.scenarios.base import Scenario


def check(operation: Operation) -> Verdict:
    """There must be something that a lessor can take back."""
    if operation.leasable_rows:
        return Verdict(eligible=True)
    return Verdict(eligible=False, reasons=("Rien dans ce programme ne peut être loué.",))


def plan(operation: Operation, case: Case) -> FundingPlan:
    """Rents by year, option at the end of each lease, purchase of what cannot be leased."""
    return fund(operation, case, SCENARIO.key, Ways(leased=operation.leasable_rows, aids=requests(operation)))


SCENARIO = Scenario(
    key="leasing",
    label="Location",
    noun="la location",
    advice="Louez",
    summary="La commune loue ce qu'un loueur peut reprendre, et achète le reste.",
    at_the_end="Le loueur reste propriétaire, sauf si la commune lève une option d'achat.",
    rules=(
        "**Crédit-bail** : loyers au compte {law.compte_credit_bail.value}, option d'achat à la fin ; l'option levée "
        "est un investissement, avec FCTVA. L'engagement se lit dans les annexes du budget (à vérifier).",
        "**Location financière** : loyers en location mobilière, pas d'option : le matériel est rendu, et se "
        "reloue ou se rachète ailleurs.",
        "**Location évolutive** : le loueur remplace en cours de contrat, et le loyer est revu à chaque échange. "
        "Demandez un loyer plafond écrit : sans lui, le total n'est pas borné.",
        "Ni FCTVA ni DETR sur les loyers (CGCT, L. 1615-1 et L. 2334-36), et la TVA y reste entière.",
        "Un marché de location suit la commande publique ; le paiement différé y est {law.paiement_differe.value} "
        "(L. 2191-5) : ni premier loyer repoussé, ni dernier loyer gonflé, et une option symbolique est à faire "
        "relire.",
    ),
    check=check,
    plan=plan,
)
