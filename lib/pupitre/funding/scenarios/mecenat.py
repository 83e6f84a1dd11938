"""Mécénat: companies and individuals give money, equipment or skills; the commune buys the rest.

Who pays: the commune, the donor for the probability of each gift, the State through the FCTVA, on purchases only: what
is given in kind was not bought. A gift never reduces the base of the FCTVA, and leaves the 20 % rule.
Belongs here: which gifts count, and the limits on what the donor receives. Does not: the donor's own tax (`finance`).
"""

from __future__ import annotations

from pupitre.diagnostic.ranges import Case
from pupitre.errors import UsageError
from pupitre.formats import cents, euros, percent
from pupitre.funding.aids import requests
from pupitre.funding.operation import Operation
from pupitre.funding.payment import Ways, fund
from pupitre.funding.plan import FundingPlan, Verdict
from pupitre.funding.scenarios.base import Scenario

NO_DONOR = "Aucun don n'est annoncé : on ne compte que ce qui est promis."
SUPPLIER = (
    "Si le mécène vend aussi à la commune, le don ne dépend d'aucun marché, ni le marché du don ; aucune convention "
    "pendant une consultation (charte éthique ; code de la commande publique, L. 3)."
)
IS_SUPPLIER = "Le mécène vend aussi à la commune : faites relire la convention avant de la signer."


def check(operation: Operation) -> Verdict:
    """A gift is promised, smaller than what it pays, and what the donor receives stays within a quarter of it."""
    gifts, law = operation.assumptions, operation.law
    of_companies = gifts.gift_company_eur + gifts.gift_in_kind_eur + gifts.gift_skills_eur
    if not of_companies + gifts.gift_individuals_eur:
        return Verdict(eligible=False, reasons=(NO_DONOR,))
    reasons = [
        f"{name} vaut {euros(given)}, et il n'y a que {euros(most)} à payer ainsi."
        for name, given, most in _limits(operation)
        if given > most
    ]
    most = law["mecenat_contreparties_part"] * of_companies
    if gifts.gift_return_eur > most:
        share = percent(law["mecenat_contreparties_part"])
        reasons.append(
            f"Les contreparties ({euros(gifts.gift_return_eur)}) dépassent {share} "
            f"du don, soit {euros(most)} : le don serait une vente (doctrine fiscale ; CGI, article 238 bis)."
        )
    if not reasons:
        try:  # a gift must have a use in each case, the low one first
            plan(operation, "low")
        except UsageError as too_much:
            reasons += str(too_much).split("\n")
    if reasons:
        return Verdict(eligible=False, reasons=tuple(reasons))
    return Verdict(eligible=True, reasons=(IS_SUPPLIER,) if gifts.donor_is_supplier else ())


def plan(operation: Operation, case: Case) -> FundingPlan:
    """Everything is bought but what is given in kind, the first rows first."""
    gifts, money = operation.assumptions, operation.assumptions.gift_company_eur
    given, left = {}, gifts.gift_in_kind_eur
    for row, ttc in operation.investments[f"ttc_{case}"].items():
        if min(left, ttc) > 0:
            given[int(str(row))] = min(left, ttc) / ttc
            left = cents(left - min(left, ttc))
    ways = Ways(
        given=given,
        aids=requests(operation),
        gift_eur=money + gifts.gift_individuals_eur,
        skills_eur=gifts.gift_skills_eur,
    )
    return fund(operation, case, SCENARIO.key, ways)


def _limits(operation: Operation) -> list[tuple[str, float, float]]:
    """Name of the assumption, what is given, the most that it can pay, in the low case."""
    gifts, lines = operation.assumptions, operation.programme.lines
    invested = cents(operation.investments["ttc_low"].sum())
    skills = cents(lines.loc[lines["item"] == "accompagnement", "ttc_low"].sum())
    return [
        ("Le don en nature (gift_in_kind_eur)", gifts.gift_in_kind_eur, invested),
        ("Le mécénat de compétences (gift_skills_eur)", gifts.gift_skills_eur, skills),
    ]


SCENARIO = Scenario(
    key="mecenat",
    label="Mécénat",
    noun="le mécénat",
    advice="Achetez avec l'aide de vos mécènes, par une convention signée avant la commande",
    summary=(
        "Des entreprises ou des particuliers donnent de l'argent, du matériel ou du temps ; la commune achète le reste."
    ),
    at_the_end="La commune est propriétaire ; le don ne se répète pas tout seul au renouvellement.",
    rules=(
        "Le don va à une action éducative d'intérêt général, isolée dans les comptes (CGI, articles 238 bis et 200). "
        "Qui l'accepte : {law.mecenat_acceptation.value}.",
        "L'entreprise déduit de son impôt {law.mecenat_taux.value:percent} du don, dans la limite de "
        "{law.mecenat_plafond_plancher.value:euros} ou, s'il est plus élevé, de "
        "{law.mecenat_plafond_part.value:percent} "
        "de son chiffre d'affaires HT, l'excédent sur {law.mecenat_report.value:number} exercices (CGI, article 238 "
        "bis). Reçu : "
        "{law.mecenat_recu_entreprise.value}.",
        "Le particulier déduit {law.don_particulier_taux.value:percent}, dans la limite de "
        "{law.don_particulier_plafond_part.value:percent} de son revenu imposable (CGI, article 200). Reçu : "
        "{law.mecenat_recu_particulier.value}.",
        "Au-delà de {law.mecenat_declaration_seuil.value:euros} de dons par an, l'entreprise les déclare, "
        "contreparties "
        "comprises.",
        SUPPLIER,
        "Les contreparties restent sous {law.mecenat_contreparties_part.value:percent} du don (doctrine), par une "
        "convention "
        "écrite : projet, montant, versement, remerciements, suivi.",
        "Un don en nature ou de compétences qui appelle une contrepartie réelle peut être requalifié en marché public.",
        "Un don ne réduit pas l'assiette du FCTVA ; ce qui est donné en nature n'y entre pas : rien n'est acheté.",
    ),
    check=check,
    plan=plan,
)
