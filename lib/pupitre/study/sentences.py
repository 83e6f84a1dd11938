"""The sentences of the report: templates whose figures are named, so that no sentence can contradict its table.

Belongs: French wording and its conditions. Does not: computing, markup. `{name:spec}` is filled by `formats.fill`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pupitre.formats import literal
from pupitre.funding.scenarios import SCENARIOS

if TYPE_CHECKING:
    from pupitre.study.study import Study

LABELS = {scenario.key: scenario.label for scenario in SCENARIOS}
ARTICLES = {"achat": "l'achat", "leasing": "la location avec option d'achat"}


class KeyFigure(NamedTuple):
    """One of the three to five figures that matter: all three fields are templates."""

    label: str
    figure: str
    note: str


def identity(study: Study) -> str:
    """The commune in one sentence, or two when it has private schools under contract."""
    where = "{commune.nom} ({commune.departement_nom}) compte {commune.population:habitant|habitants} "
    where += "({commune.population_vintage})"
    if study.figures["commune.population"] is None:
        where = "{commune.nom} ({commune.departement_nom}) a une population non connue"
    if study.diagnostic.situation == "schools_unknown":
        return f"{where}. Les données chargées ne disent rien de ses écoles."
    if study.diagnostic.situation == "no_school":
        return f"{where} et n'a pas d'école sur son territoire, d'après l'annuaire de l'Éducation nationale."
    return f"{where}{_public_schools(study)}.{_private_schools(study)}"


def _public_schools(study: Study) -> str:
    if not study.figures["schools.public.count"]:
        return " et n'a pas d'école publique"
    schools = " et {schools.public.count:école publique|écoles publiques}"
    if study.figures["schools.public.classes"] is None or study.figures["schools.rentree"] is None:
        return schools
    pupils = "{schools.public.pupils:élève|élèves} dans {schools.public.classes:classe|classes}"
    return f"{schools} : {pupils} à la rentrée {{schools.rentree:year}}"


def _private_schools(study: Study) -> str:
    if not study.figures["schools.prive_sous_contrat.count"]:
        return ""
    many = study.diagnostic.of_sector("prive_sous_contrat").shape[0] >= 2
    verb = "S'y ajoutent" if many else "S'y ajoute"
    if study.diagnostic.situation == "no_public_school":
        verb = "On y trouve"
    schools = "{schools.prive_sous_contrat.count:école privée sous contrat|écoles privées sous contrat}"
    if study.figures["schools.prive_sous_contrat.pupils"] is None:
        return f" {verb} {schools}."
    return f" {verb} {schools}, avec {{schools.prive_sous_contrat.pupils:élève|élèves}}."


def key_figures(study: Study) -> list[KeyFigure]:
    """The figures that matter: pupils, programme, what it costs the commune."""
    figures = []
    if study.figures.get("schools.public.pupils"):
        rentree = "rentrée {schools.rentree:year}"
        figures.append(KeyFigure("Élèves des écoles publiques", "{schools.public.pupils:number}", rentree))
    if study.advice is None:
        return figures
    best = f"plan.{study.advice.best}"
    span = "de {%s.low.%s:about} à {%s.high.%s:about}"
    return [
        *figures,
        KeyFigure(
            "Équiper les écoles au socle",
            "{programme.central.ttc_eur:about}",
            "TTC sur {programme.horizon_years:an|ans} si rien n'existe ; "
            "de {programme.low.ttc_eur:about} à {programme.high.ttc_eur:about} selon l'existant et les prix",
        ),
        KeyFigure(
            "À la charge de la commune, par an",
            f"{{{best}.central.per_year_eur:about}}",
            span % (best, "per_year_eur", best, "per_year_eur") + f", par {ARTICLES[study.advice.best]}",
        ),
        KeyFigure(
            "Par élève et par an",
            f"{{{best}.central.per_pupil_per_year_eur:about}}",
            span % (best, "per_pupil_per_year_eur", best, "per_pupil_per_year_eur"),
        ),
    ]


NO_PUBLIC_SCHOOL = (
    "Aucun programme n'est proposé : la commune n'a pas d'école publique. Pour une école privée sous contrat, "
    "elle prend en charge le fonctionnement dans les mêmes conditions (L. 442-5) ; l'équipement se chiffre à la demande."
)


def advice(study: Study) -> list[str]:
    """What we advise and why, most important first."""
    if study.diagnostic.situation == "no_school":
        return _advice_without_school(study)
    if study.advice is None and study.diagnostic.situation == "no_public_school":
        return [NO_PUBLIC_SCHOOL]
    if study.advice is None:
        return [
            "Rassemblez d'abord la liste des écoles, leurs classes et leurs élèves : sans elle, rien ne se chiffre."
        ]
    first = (
        "**Faites d'abord l'inventaire.** Rien n'est connu du matériel déjà présent dans les écoles : "
        "c'est pourquoi le besoin va de {programme.low.ttc_eur:about} à {programme.high.ttc_eur:about} TTC. "
        "Un relevé école par école, puis des devis, resserreront cette fourchette."
    )
    return [first, *_comparison(study)]


def _advice_without_school(study: Study) -> list[str]:
    groupement = " ({commune.epci_nom})" if study.figures["commune.epci_nom"] else ""
    return [
        "Aucun programme n'est proposé : le matériel s'achète là où sont les écoles. Trois questions à poser :",
        "**À l'inspection de l'Éducation nationale** : dans quel regroupement pédagogique (RPI) vont les enfants ?",
        "**Au syndicat scolaire, s'il existe** : est-ce lui, un SIVOS par exemple, qui équipe l'école ?",
        f"**À l'intercommunalité{groupement}** : a-t-elle la compétence scolaire, et que verse la commune ?",
    ]


def _comparison(study: Study) -> list[str]:
    told = study.advice
    if told is None or told.second is None:
        return []
    best, second = ARTICLES[told.best], ARTICLES[told.second]
    total = (
        f"**Préférez {best}.** {second[0].upper()}{second[1:]} coûte plus cher, quel que soit le besoin."
        if told.significant
        else f"**Entre {best} et {second}, pas d'écart significatif au total** : leurs fourchettes se recouvrent, "
        "parce que le besoin n'est pas encore connu."
    )
    paired = (
        f"À besoin et prix égaux, en revanche, {best} coûte moins que {second} dans les trois cas calculés : "
        "{advice.gap.central_eur:about} de moins dans le cas central, "
        "de {advice.gap.low_eur:about} à {advice.gap.high_eur:about} selon le cas (valeur d'aujourd'hui)."
        if told.steady
        else f"À besoin et prix égaux, {best} n'est pas toujours moins cher : le choix dépend des offres reçues."
    )
    return [total, paired, *WHY]


WHY = (
    "**Pour l'achat** : l'État rend {law.fctva_taux.value:percent} du prix TTC (FCTVA), et rien sur des loyers ; "
    "la commune devient propriétaire.",
    "**Pour la location** : la dépense s'étale et la reprise du matériel est prévue ; "
    "mais le contrat engage la commune pour toute sa durée, TVA et intérêts compris.",
)
COST_TITLE = "Ce que coûte {programme.horizon_years:an|ans} d'équipement à la commune, FCTVA déduit"


def unknown(study: Study) -> list[str]:
    """What is not known, and what it changes: nothing missing goes unsaid."""
    figures, missing = study.figures, [literal(caveat) for caveat in study.dossier.caveats]
    if study.programme is not None:
        missing.append(
            "Le matériel déjà présent, son âge et son état : le chiffrage central suppose que rien n'existe."
        )
    if study.diagnostic.situation == "schools_unknown":
        missing.append("Les écoles, leurs classes et leurs élèves : aucun fichier chargé ne couvre la commune.")
    if figures["schools.public.split_unknown"]:
        missing.append(
            "La part de la maternelle dans {schools.public.split_unknown:école publique|écoles publiques} : "
            "toutes leurs classes sont comptées comme élémentaires."
        )
    if figures["schools.without_count"]:
        missing.append(
            "Les classes et les élèves de {schools.without_count:école|écoles} : le programme ne les compte pas."
        )
    missing += _unknown_places(study)
    if study.programme is not None:
        missing += _unknown_costs(study)
    return missing


def _unknown_places(study: Study) -> list[str]:
    missing = []
    if study.dossier.niveau_vie is None:
        missing.append("Le niveau de vie des habitants et le nombre de ménages : le coût par foyer n'est pas calculé.")
    elif study.dossier.niveau_vie.median_eur is None:
        missing.append("Le niveau de vie des habitants, que l'INSEE ne publie pas dans les petites communes.")
    if study.dossier.fibre is None:
        missing.append("L'accès à la fibre dans la commune.")
    elif study.diagnostic.situation == "schools":
        missing.append("Le débit internet de chaque école : la fibre est connue pour la commune, pas pour l'école.")
    if study.diagnostic.situation == "schools":
        missing.append("Qui exerce la compétence scolaire : elle est supposée communale.")
    return missing


def _unknown_costs(study: Study) -> list[str]:
    missing = [
        "Les prix d'aujourd'hui : les derniers prix publics connus datent de {prices.first_year:year} à "
        "{prices.last_year:year}. Tout devis les remplace.",
        "Ce qui n'est pas chiffré, faute de prix : "
        + " ; ".join(study.programme.unpriced if study.programme else ())
        + ".",
    ]
    if study.assumptions.fctva_delay_years is None:
        missing.append(
            "Le régime de FCTVA de la commune : il est supposé versé "
            f"{_dated(study, 'fctva_delai', 'an|ans')} après la dépense."
        )
    if study.assumptions.tfpb_base_eur is None:
        missing.append("La base de taxe foncière : le coût n'est pas traduit en points d'impôt.")
    return missing


def ips_message(study: Study) -> str:
    """What the IPS chart shows; empty when nothing can be compared."""
    known = study.figures["schools.public.with_ips_compared"]
    if not known or study.diagnostic.ips_reference is None:
        return ""
    above, median = study.figures["ips.public_above_median"], "la médiane du département"
    if known == 1:
        return (
            f"La seule école publique dont l'indice social est connu est {'au-dessus de' if above else 'sous'} {median}"
        )
    some = "{ips.public_above_median:number} des " if above else "Aucune des "
    schools = "{schools.public.with_ips_compared:number} écoles publiques dont l'indice social est connu"
    verb = "dépassent" if isinstance(above, int) and above >= 2 else "dépasse"
    return f"{some}{schools} {verb} {median}"


def ips_of_unlisted_schools(study: Study) -> str:
    """What is known of the IPS of a commune whose schools no file lists; empty when nothing is."""
    if "ips.commune.n" not in study.figures:
        return ""
    known = (
        "Leur liste n'est pas connue, mais l'indice social de {ips.commune.n:école|écoles} de la commune est publié "
        "({ips.commune.rentree:school_year}) : de {ips.commune.min:decimal} à {ips.commune.max:decimal}, "
        "médiane {ips.commune.median:decimal}."
    )
    if study.diagnostic.ips_reference is None:
        return known
    return known + " Médiane des écoles publiques du département : {ips.departement.median:decimal}."


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
    copper = " Le réseau cuivre y ferme le {fibre.copper_closing:day}." if study.dossier.fibre.copper_closing else ""
    return (
        "{fibre.share:percent1} des locaux de la commune peuvent être raccordés à la fibre "
        "({fibre.connectable:number} sur {fibre.premises:number}, {fibre.period})." + copper
    )


def cost_note(study: Study) -> str:
    """What the counts of the cost table are."""
    note = "Par élève : les {programme.pupils:élève|élèves} des écoles du programme."
    if study.figures.get("niveau_vie.households"):
        note += " Par foyer : les {niveau_vie.households:ménage fiscal|ménages fiscaux} de {niveau_vie.year:year}, "
        note += "imposés ou non."
    return note


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
    return [
        "**Cas central et cas haut** : rien n'existe dans les écoles. "
        "Les prix sont médians dans le premier, hauts dans le second.",
        "**Cas bas** : la commune aurait aujourd'hui, en état de marche, le taux national de 2018-2019, dernier connu "
        f"({_dated(study, 'reference_ordinateurs_pour_100_eleves', 'decimal')} ordinateurs pour 100 élèves), "
        "et des prix bas. "
        "C'est un plancher, pas une prévision.",
        f"**Accompagnement** : {_dated(study, 'accompagnement_part', 'percent')} de l'investissement. "
        f"**Maintenance** : {_dated(study, 'maintenance_part', 'percent')} par an du prix du matériel en service.",
    ]


def payers_message(study: Study) -> str:
    """The title of the chart of payers."""
    if "achat" in study.plans:
        return "À l'achat, l'État rend {plan.achat.central.fctva_eur:about} à la commune par le FCTVA"
    return "Qui paie, année par année"


def cash_message(study: Study) -> str:
    """The title of the chart of cash."""
    if study.assumptions.loan_share:
        return "L'emprunt étale l'achat, et le FCTVA revient plus tard ; la location étale aussi la dépense"
    return "L'achat se paie d'un coup et le FCTVA revient plus tard ; la location étale la dépense"


def plan_notes(study: Study) -> list[str]:
    """What each scenario supposes, its loan or its rate, and what happens at the end."""
    notes = [
        f"**{scenario.label}.** {scenario.summary} À la fin : {scenario.at_the_end[0].lower()}{scenario.at_the_end[1:]}"
        for scenario in SCENARIOS
        if scenario.key in study.plans
    ]
    if study.loan_plan is not None:
        notes.append(
            "**Si la première année était empruntée en entier** sur {loan.years:an|ans} à {loan.rate:percent}, "
            "les intérêts ajouteraient {loan.interest_eur:euros}."
        )
    if "leasing" in study.plans:
        notes.append(
            "**Taux supposé de la location** : {lease.rate:percent} par an, soit {lease.effective_rate:percent} "
            "de taux effectif, sur {lease.years:an|ans}, option à {lease.option_share:percent} du prix. "
            "À remplacer par l'offre du loueur."
        )
    notes += [
        f"**{LABELS[key]}** : non retenu. {' '.join(verdict.reasons)}"
        for key, verdict in study.verdicts.items()
        if not verdict.eligible
    ]
    return notes


def _dated(study: Study, name: str, spec: str) -> str:
    """A figure of law in a sentence, with « à vérifier » when its source is not official."""
    value = f"{{law.{name}.value:{spec}}}"
    return value if study.law.figure(name).confidence == "official" else f"{value} (à vérifier)"
