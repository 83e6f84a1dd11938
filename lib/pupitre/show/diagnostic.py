"""The diagnostic chapter: schools, social context, fibre, what the socle asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from pupitre.diagnostic.profile import DECILES
from pupitre.diagnostic.socle import NEED_KINDS
from pupitre.formats import euros, literal
from pupitre.show import charts
from pupitre.show.html import NOTHING, Html, paragraph, picture, table
from pupitre.study import Study, captions

LEVELS = {"maternelle": "maternelle", "elementaire": "élémentaire", "primaire": "primaire"}
SECTORS = {"public": "publiques", "prive_sous_contrat": "privées sous contrat"}
SPLIT = ("pupils", "pupils_maternelle", "pupils_elementaire", "pupils_ulis")
CHART_ROWS = 25
NEED_LABELS = {
    "affichages": "Affichages collectifs",
    "postes_enseignant": "Postes enseignant",
    "son_et_image": "Son et image",
    "prises_reseau": "Prises réseau",
    "appareils_mobiles": "Appareils mobiles",
    "postes_direction": "Postes de direction",
    "imprimantes": "Impri\u00admantes",
}


def show_schools(study: Study) -> Html:
    """Where the pupils are: a chart of the public schools, then a table for each sector."""
    return _pupils_chart(study) + _school_tables(study)


def _pupils_chart(study: Study) -> Html:
    public = study.diagnostic.of_sector("public")
    shown = public[public["pupils"].notna()].sort_values(["pupils", "uai"], ascending=[False, True]).head(CHART_ROWS)
    if len(shown) < 2 or not shown[["pupils_maternelle", "pupils_elementaire"]].notna().all(axis=None):
        return NOTHING
    shown = shown.assign(
        elementaire_and_ulis=shown["pupils"] - shown["pupils_maternelle"], nom=shown["nom"].map(short_name)
    )
    return picture(
        captions.pupils_message(study, len(shown)),
        "Barres horizontales, une par école publique, de la plus grande à la plus petite : élèves de maternelle puis "
        "d'élémentaire. Les valeurs sont dans le tableau des écoles publiques.",
        charts.pupils_by_school(shown),
        _split_table(shown, study),
        study.figures,
    )


def _split_table(schools: pd.DataFrame, study: Study) -> Html:
    rows = [[_name(uai), *(f"{{school.{uai}.{name}:number}}" for name in SPLIT)] for uai in schools["uai"]]
    for row, school in zip(rows, schools.to_dict("records"), strict=True):
        if school["pupils"] != sum(school[name] for name in SPLIT[1:]):
            row[-1] = "secret (moins de 5)"
    header = ["École", "Élèves", "Maternelle", "Élémentaire hors ULIS", "ULIS"]
    return table("Élèves par école publique, rentrée {schools.rentree:year}", header, rows, study.figures)


def _school_tables(study: Study) -> Html:
    pieces = NOTHING
    for sector, label in SECTORS.items():
        schools = study.diagnostic.of_sector(sector)
        if len(schools):
            pieces = pieces + _school_table(schools, sector, label, study)
    return pieces


def _school_table(schools: pd.DataFrame, sector: str, label: str, study: Study) -> Html:
    header = ["École", "Niveau", "Classes", "Élèves", "Indice social (IPS)"]
    rows = [
        [
            f"{_name(school['uai'])} ({school['uai']})",
            LEVELS[school["level"]],
            f"{{school.{school['uai']}.classes:number}}",
            f"{{school.{school['uai']}.pupils:number}}",
            _ips_cell(school),
        ]
        for school in schools.to_dict("records")
    ]
    rows.append(["Ensemble", "", f"{{schools.{sector}.classes:number}}", f"{{schools.{sector}.pupils:number}}", ""])
    label += ", hors programme" if sector != "public" and not study.assumptions.include_private else ""
    caption = f"Écoles {label}" + (
        ", rentrée {schools.rentree:year}" if study.figures["schools.rentree"] else " (effectifs non connus)"
    )
    return table(caption, header, rows, study.figures, text_columns=2, total=True)


def _ips_cell(school: Mapping[Any, Any]) -> str:
    if pd.notna(school["ips"]):
        prefix = f"school.{school['uai']}"
        return f"{{{prefix}.ips:decimal}} ({{{prefix}.ips_rentree:school_year}})"
    if school["level"] == "maternelle":
        return "sans objet"
    return f"{{school.{school['uai']}.ips_status}}" if school["ips_status"] == "non significatif" else "non publié"


def short_name(name: str) -> str:
    """A school's name without what its table already says: neither « École » nor its sector.

    >>> short_name("École élémentaire publique Jean Jaures"), short_name("École primaire publique")
    ('Élémentaire Jean Jaures', 'Primaire')
    """
    short = re.sub(r"^École ((?:maternelle|élémentaire|primaire)\b)(?: publique| privée)?", r"\1", name).strip()
    return short[:1].upper() + short[1:]


def _name(uai: object) -> str:
    return f"{{school.{uai}.nom}}"


def show_ips(study: Study) -> Html:
    """The IPS of the public schools in the distribution of the département."""
    message, reference = captions.ips_message(study), study.diagnostic.ips_reference
    if not message or reference is None:
        return paragraph(captions.ips_of_unlisted_schools(study), study.figures)
    public = study.diagnostic.of_sector("public")
    known = public[public["ips_compared"].notna()].sort_values(["ips_compared", "uai"], ascending=[False, True])
    rows = [[_name(uai), f"{{school.{uai}.ips_compared:decimal}}"] for uai in known["uai"]]
    bounds = {
        "q1": "Un quart des écoles sont sous",
        "median": "Médiane du département",
        "q3": "Un quart des écoles dépassent",
    }
    rows += [[label, f"{{ips.departement.{name}:decimal}}"] for name, label in bounds.items()]
    caption = (
        "IPS {ips.departement.rentree:school_year} des écoles publiques, "
        "et repères des {ips.departement.n:number} écoles publiques du département"
    )
    shown = known.head(CHART_ROWS).assign(nom=lambda schools: schools["nom"].map(short_name))
    return picture(
        message,
        f"{message}. La médiane du département est de {{ips.departement.median:decimal}} ; la moitié centrale "
        "des écoles va de {ips.departement.q1:decimal} à {ips.departement.q3:decimal}.",
        charts.ips_by_school(shown, reference),
        table(caption, ["École ou repère", "IPS"], rows, study.figures),
        study.figures,
        key="Point : une école, à la rentrée {ips.departement.rentree:year}. Trait : la médiane des écoles publiques "
        "du département. Bande : la moitié d'entre elles, autour de la médiane.",
    )


def show_niveau_vie(study: Study) -> Html:
    """The commune's median standard of living among the communes of its département."""
    message, living, deciles = captions.niveau_vie_message(study), study.dossier.niveau_vie, study.diagnostic.deciles
    if not message or living is None or living.median_eur is None:
        return NOTHING
    if deciles is None:
        return paragraph(message + ".", study.figures)
    rows = [["{commune.nom}", "{niveau_vie.median_eur:euros}"]]
    rows += [[f"Décile {name[1:]}", f"{{niveau_vie.departement.{name}:euros}}"] for name in DECILES]
    caption = (
        "Niveau de vie médian {niveau_vie.year:year} : la commune, et les déciles des "
        "{niveau_vie.departement.n:number} communes du département où il est publié"
    )
    return picture(
        message,
        f"{message}. Les neuf déciles vont de {{niveau_vie.departement.d1:euros}} "
        "à {niveau_vie.departement.d9:euros}.",
        charts.place_among_deciles(
            living.median_eur, [float(deciles[name]) for name in DECILES], euros(living.median_eur)
        ),
        table(caption, ["Repère", "Euros par an et par unité de consommation"], rows, study.figures),
        study.figures,
        key="Point : la commune. Traits : les neuf déciles, qui partagent les communes du département en dix parts.",
    )


def show_fibre(study: Study) -> Html:
    """Fibre in the commune: context, not the line of each school."""
    message = captions.fibre_message(study)
    if not message:
        return NOTHING
    return (
        paragraph(message, study.figures)
        + paragraph(
            "Ce chiffre porte sur tous les locaux de la commune. Il ne dit pas si chaque école est raccordée : "
            "c'est à relever sur place.",
            study.figures,
            css="note",
        )
        + paragraph(captions.internet_in_2019(study), study.figures, css="note")
    )


def show_socle(study: Study) -> Html:
    """What the socle asks for in each school."""
    needs = study.diagnostic.needs
    if not needs.to_numpy().sum():
        return NOTHING
    kinds = [kind for kind, keys in NEED_KINDS.items() if needs[list(keys)].to_numpy().any()]
    names = study.diagnostic.schools.set_index("uai")["nom"].map(short_name).map(literal)
    rows = [
        [names[uai], f"{{need.{uai}.classes_in_scope:number}}", *(f"{{need.{uai}.{kind}:number}}" for kind in kinds)]
        for uai in needs.index
        if needs.loc[uai].any()
    ]
    total = ["{need.total.classes_in_scope:number}", *(f"{{need.total.{kind}:number}}" for kind in kinds)]
    header = ["École", "Classes concernées", *(NEED_LABELS[kind] for kind in kinds)]
    return table(
        "Ce que demande le socle numérique, école par école",
        header,
        [*rows, ["Ensemble", *total]],
        study.figures,
        total=True,
    ) + paragraph(captions.sets(study), study.figures, css="note")
