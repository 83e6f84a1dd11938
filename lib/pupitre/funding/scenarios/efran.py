"""e-FRAN: a closed call of the second investment programme, and its transposition to a call that the user describes.

Who pays: the State, at the rate of the call, for the investment; the commune the rest. Partners pay research.
Belongs here: the dates of e-FRAN, the conditions of a call. Does not: figures (`law/efran.toml`); the rate of e-FRAN by
partner was not found, so that nothing is computed for it without the consultant's own call.
"""

from __future__ import annotations

from pupitre.diagnostic.ranges import Case
from pupitre.formats import euros, written
from pupitre.funding.aids import Aid, Request
from pupitre.funding.operation import Operation
from pupitre.funding.payment import Ways, fund
from pupitre.funding.plan import FundingPlan, Verdict
from pupitre.funding.scenarios.base import Scenario

CALL = Aid(key="appel", label="Appel à projets", article="règlement de l'appel", rule="", rate="")
PARTNERS = "partenaire|partenaires"
WAVES = ("efran_vague_1", "efran_vague_2")


def check(operation: Operation) -> Verdict:
    """A call is described, and the project has its size and its partners; e-FRAN itself is closed."""
    call, law = operation.assumptions, operation.law
    if call.call_rate is None:
        return Verdict(eligible=False, reasons=(_closed(operation),))
    reasons = []
    size = _project_ht_eur(operation)
    if call.call_minimum_eur is not None and size < call.call_minimum_eur:
        reasons.append(
            f"Le projet pèse {euros(size)} HT, et l'appel en demande {euros(call.call_minimum_eur)} au moins."
        )
    if call.call_partners < call.call_partners_required:
        reasons.append(
            f"L'appel demande {written(call.call_partners_required, PARTNERS)} ; le projet en a "
            f"{call.call_partners or 'aucun'} (call_partners)."
        )
    if law.in_force("efran_cloture"):
        law.figure("efran_cloture")
    return Verdict(eligible=not reasons, reasons=tuple(reasons))


def plan(operation: Operation, case: Case) -> FundingPlan:
    """Everything is bought, with the aid of the call on what is spent while it lasts."""
    call = operation.assumptions
    own = 1 - call.call_research_share
    ceiling = None if call.call_ceiling_eur is None else call.call_ceiling_eur * own
    request = Request(CALL, call.call_rate or 0.0, ceiling, _last_year(operation))
    return fund(operation, case, SCENARIO.key, Ways(aids=(request,)))


def _last_year(operation: Operation) -> int | None:
    """The last year that the call pays for."""
    years = operation.assumptions.call_years
    return None if years is None else operation.programme.start_year + years - 1


def _project_ht_eur(operation: Operation) -> float:
    """The whole project, research included, in euros HT, central case."""
    last, by_year = _last_year(operation), operation.subsidised_ht_eur("central", operation.all_bought)
    spent = sum(ht for year, ht in by_year.items() if year <= (last or year))
    return spent / (1 - operation.assumptions.call_research_share)


def _closed(operation: Operation) -> str:
    """What e-FRAN is on the day of the law."""
    law = operation.law
    if any(law.in_force(wave) for wave in WAVES):
        return "e-FRAN est ouvert, mais le taux de son aide n'a pas été trouvé : il faut le décrire."
    closed = "est clos depuis le 12 juillet 2016 : une commune ne peut plus y répondre"
    state = closed if law.in_force("efran_cloture") else "n'est pas encore ouvert"
    return f"e-FRAN {state}. Un appel qui lui ressemble se compare ici dès qu'il est décrit."


SCENARIO = Scenario(
    key="efran",
    label="Appel à projets (e-FRAN)",
    noun="l'appel à projets",
    advice="Répondez à l'appel à projets avant toute commande",
    summary="Un appel à projets d'État paie une part de l'investissement ; la commune achète le reste.",
    at_the_end="La commune est propriétaire ; l'aide ne se répète pas au renouvellement.",
    rules=(
        "**e-FRAN** (programme d'investissements d'avenir 2) : première vague du 12 octobre 2015 au 5 février 2016, "
        "présélection de la seconde en juillet 2016, et pas de troisième, décidé le 12 juillet 2016. "
        "{law.efran_laureats.value:number} lauréats, pour près de {law.efran_attribue.value:euros}, avec des "
        "chercheurs dans chaque projet pour l'évaluer.",
        "**e-FRAN 3** (2023) : réservé aux projets déjà évalués ; {law.efran3_laureats.value:number} lauréats.",
        "**Innovation dans la forme scolaire** (France 2030) : {law.forme_scolaire_minimum.value:euros} au moins sur "
        "{law.forme_scolaire_annees.value:an|ans}. Ni travaux, ni pédagogie.",
        "**Territoires numériques éducatifs** (TNE) : douze départements, par convention avec chacun.",
    ),
    check=check,
    plan=plan,
)
