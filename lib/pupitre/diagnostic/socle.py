"""What the target asks for in each school: the socle numérique, eight tablets a class, or the commune's own target.

Belongs: which classes are concerned and how many of each item. Does not: prices, years, what exists already.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.catalogue import items
from pupitre.diagnostic.ranges import figure_range
from pupitre.law.baremes import Law

RANGED = ("prise_reseau", "appareil_mobile", "prise_mobile")
NEED_KINDS = {
    "affichages": ("affichage", "affichage_maternelle"),
    "postes_enseignant": ("poste_enseignant",),
    "son_et_image": ("son_et_image",),
    "prises_reseau": ("prise_reseau", "prise_mobile"),
    "appareils_mobiles": ("appareil_mobile", "tablette"),
    "bornes_wifi": ("borne_wifi",),
    "postes_direction": ("poste_direction", "poste_direction_maternelle"),
    "imprimantes": ("imprimante",),
}
"""How the report groups the items."""


def classes_in_scope(level: str, classes: int, pupils: int | None, pupils_maternelle: int | None) -> int:
    """Classes that the socle concerns.

    None in a maternelle, all in an élémentaire. In a primaire, classes × pupils outside maternelle (ULIS included) /
    all pupils, rounded up; all classes when the split is not known.

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
    known = schools["classes"].notna() | schools.get("classes_counted", schools["classes"]).notna()
    wanted = (schools["sector"] == "public") | assumptions.include_private
    return schools[known & wanted].reset_index(drop=True)


def socle_needs(schools: pd.DataFrame, law: Law, assumptions: Assumptions) -> pd.DataFrame:
    """What the target asks for: one row a school in scope, index uai; columns classes_in_scope, then item keys (int).

    An item whose quantity has a range (sockets, mobiles) has columns `<item>_low` and `<item>_high` too. The commune's
    own count of classes (column `classes_counted`, when there is one) replaces the published one.
    """
    scope = in_scope(schools, assumptions)
    rows = [_school_needs(row, law, assumptions) for row in scope.to_dict("records")]
    ranged = [f"{item}_{end}" for item in RANGED for end in ("low", "high")]
    columns = ["classes_in_scope", *items(), *ranged]
    return pd.DataFrame(rows, index=pd.Index(scope["uai"], name="uai"), columns=columns).fillna(0).astype(int)


def _school_needs(school: Mapping[Any, Any], law: Law, assumptions: Assumptions) -> dict[str, float]:
    level, counted = school["level"], _whole(school.get("classes_counted"))
    if counted is None:
        known = _whole(school["pupils"]), _whole(school["pupils_maternelle"])
        counted = classes_in_scope(level, int(school["classes"]), *known)
    if counted:
        return _elementaire_needs(counted, law, assumptions)
    return _maternelle_needs(law, assumptions) if assumptions.maternelles and level == "maternelle" else {}


def _elementaire_needs(classes: int, law: Law, assumptions: Assumptions) -> dict[str, float]:
    sets = -(-classes // int(law["socle_classes_par_lot"]))
    needs = {
        "classes_in_scope": classes,
        "affichage": classes * law["socle_affichages_par_classe"],
        "poste_enseignant": classes * law["socle_postes_enseignant_par_classe"],
        "son_et_image": classes * law["socle_son_et_image_par_classe"],
        **_ranged("prise_reseau", classes, "socle_prises_par_classe", law),
        **_mobiles(classes, sets, law, assumptions),
        "poste_direction": law["socle_postes_direction_par_ecole"],
        "imprimante": law["socle_imprimantes_par_ecole"],
    }
    needs = _with_own_targets(needs, classes, assumptions)
    if assumptions.wifi:
        return _with_own_targets(needs | {"borne_wifi": sets}, classes, assumptions)
    wired = {name: count for name, count in needs.items() if name.startswith("appareil_mobile")}
    needs |= {name.replace("appareil", "prise"): count for name, count in wired.items()}
    return _with_own_targets(needs, classes, assumptions)


def _mobiles(classes: int, sets: int, law: Law, assumptions: Assumptions) -> dict[str, float]:
    """The pupils' devices: whole sets, or eight tablets a class; without Wi-Fi, laptops take the place of tablets."""
    if assumptions.target == "socle":
        return _ranged("appareil_mobile", sets, "socle_mobiles_par_lot", law)
    item = "tablette" if assumptions.wifi else "appareil_mobile"
    count = classes * law["montaigne_tablettes_par_classe"]
    return dict.fromkeys((item, f"{item}_low", f"{item}_high"), count)


def _with_own_targets(needs: dict[str, float], classes: int, assumptions: Assumptions) -> dict[str, float]:
    """The commune's own number of units by class, or by school, in place of the target's; without a range.

    Without Wi-Fi, its tablets are laptops too.
    """
    for name, target in assumptions.targets.items():
        key = "appareil_mobile" if name == "tablette" and not assumptions.wifi else name
        if key in needs or (classes and key in ("appareil_mobile", "tablette")):
            count = float(math.ceil(round(target * (classes if items()[key].per == "classe" else 1), 2)))
            needs |= dict.fromkeys([key, *(f"{key}_{end}" for end in ("low", "high") if key in RANGED)], count)
    return needs


def _ranged(item: str, count: int, figure: str, law: Law) -> dict[str, float]:
    span = figure_range(figure, law)
    return {item: count * span["central"], f"{item}_low": count * span["low"], f"{item}_high": count * span["high"]}


def _maternelle_needs(law: Law, assumptions: Assumptions) -> dict[str, float]:
    needs = {
        "affichage_maternelle": law["maternelle_affichages_par_ecole"],
        "poste_direction_maternelle": law["maternelle_postes_direction_par_ecole"],
    }
    return _with_own_targets(needs, 0, assumptions)


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
