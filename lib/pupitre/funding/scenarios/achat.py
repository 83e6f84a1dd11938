"""Purchase: the commune buys, from its own funds or with a loan, and the State gives part of the VAT back.

Who pays: the commune, and the State through the FCTVA (16.404 % of the amount TTC, after its delay).
Belongs here: what a purchase without aid nor gift is. Does not: figures (`law/`), how it is written (`payment`).
"""

from __future__ import annotations

from pupitre.diagnostic.ranges import Case
from pupitre.funding.operation import Operation
from pupitre.funding.payment import Ways, fund
from pupitre.funding.plan import FundingPlan, Verdict
from pupitre.funding.scenarios.base import Scenario


def check(operation: Operation) -> Verdict:
    """A commune may always buy."""
    return Verdict(eligible=True)


def plan(operation: Operation, case: Case) -> FundingPlan:
    """Everything is bought, without aid nor gift."""
    return fund(operation, case, SCENARIO.key, Ways())


SCENARIO = Scenario(
    key="achat",
    label="Achat",
    noun="l'achat",
    advice="Achetez",
    summary="La commune achète le matériel ; l'État lui rend une partie de la TVA par le FCTVA, plus tard.",
    at_the_end="La commune est propriétaire, et assure le réemploi ou le recyclage.",
    rules=(
        "L'équipement des écoles publiques est à la charge de la commune (code de l'éducation, L. 212-4 et L. "
        "212-5). L'amortissement dépend de "
        "la population (CGCT, L. 2321-2).",
        "Le besoin s'estime sur tout le programme, par famille d'achats, sans le découper par année ni par école. En "
        "dessous de {law.seuil_dispense.value:euros} HT, ni publicité ni mise en concurrence obligatoires ; à "
        "partir de "
        "{law.seuil_procedure_formalisee.value:euros} HT, procédure formalisée (code de la commande publique, R. "
        "2121-1, "
        "R. 2122-8 et L. 2124-1). Un groupement de commandes ou une centrale d'achat peut s'en charger.",
        "Le FCTVA rend {law.fctva_taux.value:percent} de la dépense TTC (CGCT, L. 1615-6). Un appareil cédé avant la "
        "quatrième année qui suit celle de l'achat en fait rendre une part (CGCT, R. 1615-5).",
        "Le paiement différé est {law.paiement_differe.value} (code de la commande publique, L. 2191-5).",
    ),
    check=check,
    plan=plan,
)
