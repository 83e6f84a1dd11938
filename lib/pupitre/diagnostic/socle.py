"""What the socle numérique asks for in each school.

Belongs: which classes are concerned and how many of each item. Does not: prices, years, what exists already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.law.baremes import Figure, Law


@dataclass(frozen=True)
class Item:
    """One thing to buy: its label and the names of its price, life and account in `law/`.

    `leasable`: a lessor can take it back. `maintained`: its upkeep is part of yearly maintenance.
    """

    key: str
    label: str
    price: str
    life: str
    account: str = "compte_materiel_scolaire"
    leasable: bool = True
    maintained: bool = True


ITEMS = (
    Item("affichage", "Affichage collectif dans la classe", "prix_affichage", "duree_affichage"),
    Item("poste_enseignant", "Ordinateur de l'enseignant", "prix_ordinateur_portable", "duree_ordinateur_portable"),
    Item("son_et_image", "Haut-parleurs, micro et caméra", "prix_son_et_image", "duree_son_et_image"),
    Item(
        "prise_reseau", "Prises réseau dans la classe", "prix_prise_reseau", "duree_cablage",
        account="compte_cablage", leasable=False, maintained=False,
    ),
    Item("appareil_mobile", "Appareils mobiles partagés", "prix_appareil_mobile", "duree_ordinateur_portable"),
    Item("poste_direction", "Ordinateur de la direction", "prix_ordinateur_portable", "duree_ordinateur_portable"),
    Item("imprimante", "Imprimante-photocopieur de l'école", "prix_imprimante", "duree_imprimante"),
    Item("affichage_maternelle", "Affichage partagé en maternelle", "prix_affichage", "duree_affichage"),
    Item(
        "poste_direction_maternelle", "Ordinateur de la direction en maternelle",
        "prix_ordinateur_portable", "duree_ordinateur_portable",
    ),
)  # fmt: skip
ITEM_KEYS = tuple(item.key for item in ITEMS)
RANGED = ("prise_reseau", "appareil_mobile")
NEED_KINDS = {
    "affichages": ("affichage", "affichage_maternelle"),
    "postes_enseignant": ("poste_enseignant",),
    "son_et_image": ("son_et_image",),
    "prises_reseau": ("prise_reseau",),
    "appareils_mobiles": ("appareil_mobile",),
    "postes_direction": ("poste_direction", "poste_direction_maternelle"),
    "imprimantes": ("imprimante",),
}  # what a school reads: items of élémentaire and maternelle together


def classes_in_scope(level: str, classes: int, pupils: int | None, pupils_maternelle: int | None) -> int:
    """Classes that the socle concerns: all of an élémentaire, none of a maternelle, a share of a primaire.

    In a primaire: classes × élémentaire pupils (ULIS included) / all pupils, rounded up; all classes when the split
    is not known.

    A primaire of 6 classes whose 112 pupils include 41 of maternelle:

    >>> classes_in_scope("primaire", 6, 112, 41)
    4
    >>> classes_in_scope("primaire", 1, 14, None), classes_in_scope("maternelle", 3, 59, 59)
    (1, 0)
    """
    if level == "maternelle":
        return 0
    if level == "elementaire" or not pupils or pupils_maternelle is None:
        return classes
    return -(-classes * (pupils - pupils_maternelle) // pupils)


def in_scope(schools: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """Schools of the programme: public ones, and private ones under contract only when included; classes known."""
    known = schools["classes"].notna()
    wanted = (schools["sector"] == "public") | assumptions.include_private
    return schools[known & wanted].reset_index(drop=True)


def socle_needs(schools: pd.DataFrame, law: Law, assumptions: Assumptions) -> pd.DataFrame:
    """What the socle asks for: one row a school in scope, index uai; columns classes_in_scope, then item keys (int).

    An item whose quantity has a range (sockets, mobiles) has columns `<item>_low` and `<item>_high` too.
    """
    scope = in_scope(schools, assumptions)
    rows = [_school_needs(row, law, assumptions) for row in scope.to_dict("records")]
    ranged = [f"{item}_{end}" for item in RANGED for end in ("low", "high")]
    columns = ["classes_in_scope", *ITEM_KEYS, *ranged]
    return pd.DataFrame(rows, index=pd.Index(scope["uai"], name="uai"), columns=columns).fillna(0).astype(int)


def _school_needs(school: Mapping[Any, Any], law: Law, assumptions: Assumptions) -> dict[str, float]:
    level = school["level"]
    classes = classes_in_scope(
        level, int(school["classes"]), _whole(school["pupils"]), _whole(school["pupils_maternelle"])
    )
    if classes:
        return _elementaire_needs(classes, law)
    return _maternelle_needs(law) if assumptions.maternelles and level == "maternelle" else {}


def _elementaire_needs(classes: int, law: Law) -> dict[str, float]:
    sets = -(-classes // int(law["socle_classes_par_lot"]))
    return {
        "classes_in_scope": classes,
        "affichage": classes * law["socle_affichages_par_classe"],
        "poste_enseignant": classes * law["socle_postes_enseignant_par_classe"],
        "son_et_image": classes * law["socle_son_et_image_par_classe"],
        **_ranged("prise_reseau", classes, law.figure("socle_prises_par_classe")),
        **_ranged("appareil_mobile", sets, law.figure("socle_mobiles_par_lot")),
        "poste_direction": law["socle_postes_direction_par_ecole"],
        "imprimante": law["socle_imprimantes_par_ecole"],
    }


def _ranged(item: str, count: int, figure: Figure) -> dict[str, float]:
    central = float(figure.value)
    low = central if figure.low is None else figure.low
    high = central if figure.high is None else figure.high
    return {item: count * central, f"{item}_low": count * low, f"{item}_high": count * high}


def _maternelle_needs(law: Law) -> dict[str, float]:
    return {
        "affichage_maternelle": law["maternelle_affichages_par_ecole"],
        "poste_direction_maternelle": law["maternelle_postes_direction_par_ecole"],
    }


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
