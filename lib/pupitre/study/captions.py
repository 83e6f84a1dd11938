"""The words around charts and tables, chapter by chapter.

Belongs: titles that say what a picture shows, notes under a table. Does not: the first page (`sentences`), markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pupitre.funding.scenarios import SCENARIOS
from pupitre.study.sentences import LABELS, dated

if TYPE_CHECKING:
    from pupitre.study.study import Study

YEAR = "{ips.departement.rentree:year}"


def ips_message(study: Study) -> str:
    """What the IPS chart shows; empty when nothing can be compared."""
    known = study.figures["schools.public.with_ips_compared"]
    if not known or study.diagnostic.ips_reference is None:
        return ""
    above, median = study.figures["ips.public_above_median"], "la médiane du département"
    if known == 1:
        side = "est" if above else "n'est pas"
        return f"La seule école publique dont l'indice est connu à la rentrée {YEAR} {side} au-dessus de {median}"
    some = "{ips.public_above_median:number} des " if above else "Aucune des "
    negation = "" if above else "ne "
    schools = (
        f"{{schools.public.with_ips_compared:number}} écoles publiques dont l'indice est connu à la rentrée {YEAR}"
    )
    verb = "dépassent" if isinstance(above, int) and above >= 2 else "dépasse"
    return f"{some}{schools} {negation}{verb} {median}"


def ips_of_unlisted_schools(study: Study) -> str:
    """What is known of the IPS of a commune whose schools no file lists; empty when nothing is."""
    if "ips.commune.n" not in study.figures:
        return ""
    return (
        "La liste des écoles n'est pas connue, mais l'indice social de {ips.commune.n:école|écoles} de la commune, publiques "
        "et privées, est publié ({ips.commune.rentree:school_year}) : de {ips.commune.min:decimal} à "
        "{ips.commune.max:decimal}, médiane {ips.commune.median:decimal}."
    )


def niveau_vie_message(study: Study) -> str:
    """Where the commune's median standard of living falls; empty when it is not published."""
    if study.figures.get("niveau_vie.median_eur") is None:
        return ""
    place = "Niveau de vie médian des habitants : {niveau_vie.median_eur:euros} par an en {niveau_vie.year:year}"
    if study.figures.get("niveau_vie.decile_rank") is None:
        return place
    return place + ", {niveau_vie.decile_rank:rank} dixième des communes du département, du plus modeste au plus aisé"


def fibre_message(study: Study) -> str:
    """The share of premises that can be connected; empty when it is not known."""
    if study.dossier.fibre is None:
        return ""
    copper = (
        " Le réseau cuivre doit y fermer le {fibre.copper_closing:day}." if study.dossier.fibre.copper_closing else ""
    )
    return (
        "{fibre.share:percent1} des locaux de la commune peuvent être raccordés à la fibre "
        "({fibre.connectable:number} sur {fibre.premises:number}, {fibre.period:quarter})." + copper
    )


def sets(study: Study) -> str:
    """How mobile devices are counted; empty when no class is concerned."""
    if not study.figures["need.total.appareils_mobiles"]:
        return ""
    return (
        "Les appareils mobiles se comptent par lots entiers de {law.socle_mobiles_par_lot.value:number}, un pour "
        "{law.socle_classes_par_lot.value:number} classes au plus : une petite école en reçoit un lot."
    )


def internet_in_2019(study: Study) -> str:
    """The last national figure on internet in classes."""
    share = dated(study, "reference_internet_dans_la_moitie_des_classes", "percent")
    return (
        f"Au niveau national, en 2018-2019, internet arrivait dans la moitié des classes au moins de {share} des écoles "
        "élémentaires publiques."
    )


def pupils_message(study: Study, shown: int) -> str:
    """The title of the chart of pupils."""
    if shown < study.diagnostic.of_sector("public").shape[0]:
        return f"Les {shown} plus grandes écoles publiques de la commune"
    return "{schools.public.pupils:élève|élèves} dans {schools.public.count:école publique|écoles publiques}"


def items_message(study: Study, costliest: str) -> str:
    """The title of the chart of costs."""
    return f"Premier poste de dépense : {costliest[0].lower()}{costliest[1:]}"


def cases(study: Study) -> list[str]:
    """What the three cases suppose."""
    computers = dated(study, "reference_ordinateurs_pour_100_eleves", "decimal")
    return [
        f"**Cas central** : rien n'existe. Prix au milieu de ce qui a été trouvé, accompagnement de "
        f"{dated(study, 'accompagnement_part', 'percent')} de l'investissement, maintenance de "
        f"{dated(study, 'maintenance_part', 'percent')} par an du prix du matériel en service.",
        "**Cas haut** : rien n'existe, et les prix, la taille des lots mobiles, l'accompagnement "
        "({law.accompagnement_part.high:percent}) et la maintenance ({law.maintenance_part.high:percent}) sont au plus haut.",
        f"**Cas bas** : les écoles élémentaires auraient aujourd'hui, en état, les taux nationaux de 2018-2019, derniers "
        f"connus : {computers} ordinateurs pour 100 élèves, et {{item.national_displays:decimal}} affichages pour mille. "
        "Prix, accompagnement ({law.accompagnement_part.low:percent}) et maintenance ({law.maintenance_part.low:percent}) "
        "au plus bas. C'est un cas favorable, pas une prévision.",
        "**Pour situer** : en 2018, les communes investissaient "
        f"{dated(study, 'reference_investissement_par_eleve', 'euros')} par élève et par an dans leurs écoles, et y "
        f"dépensaient {dated(study, 'reference_fonctionnement_par_eleve', 'euros')} de fonctionnement (médiane).",
    ]


def payers_message(study: Study) -> str:
    """The title of the chart of payers."""
    if "achat" in study.plans:
        return "À l'achat, l'État rend {plan.achat.central.fctva_eur:about} à la commune par le FCTVA"
    return "Qui paie, année par année"


def cash_message(study: Study) -> str:
    """The title of the chart of cash."""
    lease = " ; la location étale la dépense" if "leasing" in study.plans else ""
    if study.assumptions.loan_share:
        return f"L'emprunt étale l'achat, et le FCTVA revient plus tard{lease}"
    return f"L'achat se paie d'un coup et le FCTVA revient plus tard{lease}"


def plan_notes(study: Study) -> list[str]:
    """What each scenario supposes, its loan or its rate, and what happens at the end."""
    notes = [
        f"**{scenario.label}.** {scenario.summary} À la fin : {scenario.at_the_end[0].lower()}{scenario.at_the_end[1:]}"
        for scenario in SCENARIOS
        if scenario.key in study.plans
    ]
    loan = "sur {loan.years:an|ans} à {loan.rate:percent}"
    if study.assumptions.loan_share:
        notes.append(
            f"**L'achat est emprunté** à hauteur de {{assumption.loan_share:percent}} de la première année, {loan}."
        )
    else:
        notes.append(
            f"**Si l'investissement de la première année était emprunté en entier** ({{loan.principal_eur:euros}}) {loan}, "
            "les intérêts ajouteraient {loan.interest_eur:euros}. La part de fonctionnement ne s'emprunte pas."
        )
    notes += _lease_notes(study) if "leasing" in study.plans else []
    return notes + [
        f"**{LABELS[key]}** : non retenu. {' '.join(verdict.reasons)}"
        for key, verdict in study.verdicts.items()
        if not verdict.eligible
    ]


def _lease_notes(study: Study) -> list[str]:
    option = (
        "avec une option d'achat à {lease.option_share:percent} du prix, dépense d'investissement qui ouvre droit au FCTVA "
        "(à vérifier)"
        if study.figures["lease.option_share"]
        else "sans option d'achat : le matériel est rendu, et reloué"
    )
    return [
        "**Location supposée** : {lease.rate:percent} par an, soit {lease.effective_rate:percent2} de taux effectif, "
        f"sur {{lease.years:an|ans}}, {option}. Loyers au compte {{lease.account}}. À remplacer par l'offre du loueur.",
        "**Un contrat à faire relire** : le paiement différé est {lease.deferred_payment} dans un marché public (code de la "
        "commande publique, L. 2191-5). Un premier loyer repoussé ou un dernier loyer gonflé s'y exposent.",
    ]
