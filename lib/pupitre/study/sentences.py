"""The sentences of the report: templates whose figures are named, so that no sentence can contradict its table.

Belongs: French wording and its conditions. Does not: computing, markup. `{name:spec}` is filled by `formats.fill`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pupitre.data.dossier import last_rentree
from pupitre.formats import literal
from pupitre.funding.scenarios import SCENARIOS

if TYPE_CHECKING:
    from pupitre.study.study import Study

LABELS = {scenario.key: scenario.label for scenario in SCENARIOS}
ARTICLES = {"achat": "l'achat", "leasing": "la location"}


class KeyFigure(NamedTuple):
    """One of the three to five figures that matter: all three fields are templates."""

    label: str
    figure: str
    note: str


def identity(study: Study) -> str:
    """The commune in one sentence, or two when it has private schools under contract."""
    where = "{commune.nom} ({commune.departement_nom}) compte {commune.population:habitant|habitants}"
    where += " ({commune.population_vintage})" if study.figures["commune.population_vintage"] else ""
    if study.figures["commune.population"] is None:
        where = "{commune.nom} ({commune.departement_nom}) a une population non connue"
    if study.diagnostic.situation == "schools_unknown":
        return f"{where}. Nous n'avons pas la liste de ses écoles."
    if study.diagnostic.situation == "no_school":
        return f"{where} et n'a pas d'école sur son territoire, d'après l'annuaire ({{schools.list_vintage}})."
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
            f"en moyenne, par {ARTICLES[study.advice.best]} ; "
            + span % (best, "per_year_eur", best, "per_year_eur")
            + f". À avancer en {{programme.start_year:year}} : {{{best}.central.first_year_cash_eur:about}}",
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
        "**Faites d'abord l'inventaire.** Rien n'est connu du matériel déjà présent, et les prix connus sont anciens : "
        "le besoin va de {programme.low.ttc_eur:about} à {programme.high.ttc_eur:about} TTC. "
        "Un relevé école par école resserrera le bas de cette fourchette ; des devis, le haut."
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
    if not told.steady:
        paired = (
            f"**Selon le cas, {best} ou {second} coûte moins** : pas d'écart significatif. Le choix dépend des offres."
        )
        return [paired, *REASONS]
    paired = (
        f"**{best[0].upper()}{best[1:]} coûte moins que {second}, à besoin et prix égaux** : "
        "{advice.gap.central_eur:about} de moins dans le cas central, de {advice.gap.low_eur:about} à "
        "{advice.gap.high_eur:about} selon le cas (valeur d'aujourd'hui, location supposée à {lease.rate:percent})."
    )
    if not told.significant:
        paired += (
            " Tant que le besoin n'est pas relevé, les fourchettes des deux se recouvrent : "
            "pas d'écart significatif au total."
        )
    return [paired, *_beyond_horizon(study), *REASONS]


def _beyond_horizon(study: Study) -> list[str]:
    """A warning when leases outlast the years compared: the comparison is then not like for like."""
    if not study.figures.get("plan.leasing.central.committed_after_eur"):
        return []
    return [
        "**Attention** : {plan.leasing.central.committed_after_eur:about} de loyers courent au-delà des "
        "{programme.horizon_years:an|ans} comparés. La location paraît moins chère qu'elle n'est."
    ]


REASONS = (
    "**Pour l'achat** : l'État rend {law.fctva_taux.value:percent} du prix TTC (FCTVA) ; "
    "la commune est propriétaire dès le premier jour.",
    "**Pour la location** : la dépense s'étale et reste en fonctionnement ; mais sans FCTVA sur les loyers, et le contrat "
    "engage la commune pour toute sa durée, intérêts et TVA compris.",
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
            "toutes les classes y sont comptées comme élémentaires."
        )
    if figures["schools.without_count"]:
        missing.append(
            "Les classes et les élèves de {schools.without_count:école|écoles} : le programme ne les compte pas."
        )
    if figures["schools.rentree"] is not None and int(str(figures["schools.rentree"])) < last_rentree(study.dossier.on):
        missing.append(
            "Les effectifs d'aujourd'hui : les derniers connus sont ceux de la rentrée {schools.rentree:year}."
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
    unpriced = study.programme.unpriced if study.programme else ()
    missing = [
        "Les subventions (DETR, DSIL, département) : aucune n'est comptée. Elles peuvent aider un achat, pas des loyers "
        "(à vérifier auprès de la préfecture).",
        f"Ce qui n'est pas chiffré, faute de prix : {' ; '.join(unpriced)}.",
    ]
    if "prices.first_year" in study.figures:
        missing.append(
            "Les prix d'aujourd'hui : les derniers connus datent de {prices.first_year:year} à {prices.last_year:year}, souvent sans "
            "dire s'ils sont hors taxes ; lus ainsi, ils majorent plutôt le total. Tout devis les remplace."
        )
    if study.assumptions.fctva_delay_years is None:
        delay = dated(study, "fctva_delai", "an|ans")
        missing.append(
            f"Le régime de FCTVA de la commune : il est supposé versé {delay} après la dépense, et peut l'être plus tôt."
        )
    if study.assumptions.tfpb_base_eur is None:
        missing.append("La base de taxe foncière : le coût n'est pas traduit en points d'impôt.")
    return missing


def cost_note(study: Study) -> str:
    """What the counts of the cost table are."""
    note = "Par élève : les {programme.pupils:élève|élèves} des écoles du programme."
    if study.figures.get("niveau_vie.households"):
        note += " Par foyer : les {niveau_vie.households:ménage fiscal|ménages fiscaux} de {niveau_vie.year:year}, "
        note += "imposés ou non."
    return note


def dated(study: Study, name: str, spec: str) -> str:
    """A figure of law in a sentence, with « à vérifier » when its source is not official."""
    value = f"{{law.{name}.value:{spec}}}"
    return value if study.law.figure(name).confidence == "official" else f"{value} (à vérifier)"
