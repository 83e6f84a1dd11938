"""The named figures of the inventory: what the commune has, school by school and in all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from pupitre.data.workbook import Workbook
from pupitre.diagnostic.inventory import FAMILIES, Inventory
from pupitre.study.naming import Named, by_row, picked, under

if TYPE_CHECKING:
    from pupitre.study.study import Study

SCHOOL = ("known", "complete", "priority", *FAMILIES, "coverage", "terminals_per_100", "displays_per_class")
LINE = (
    "ligne", "debit_descendant", "debit_montant", "users", "need_down", "need_up", "status", "wifi", "wifi_debrayable",
    "conseil_informe", "filtrage", "charte",
)  # fmt: skip
USAGES = ("salle", "affichage", "mobiles", "raison")
TRAINING = ("enseignants", "formes", "heures")
UPKEEP = ("terminals", "technicians", "terminals_per_technician", "repair_days", "referent_hours")
STATES = {"en_panne": "broken", "inutilise": "unused", "a_remplacer": "worn"}
WIFI_DUTIES = {"wifi_debrayable": "cut", "conseil_informe": "council"}
BANDS = ("debit_bande_bas", "debit_bande_tres_haut_debit", "debit_minimum_descendant")
LIVES = ("duree_affichage", "duree_ordinateur_portable", "duree_ordinateur_fixe", "duree_tablette")
BENCHMARKS = (
    "reference_ordinateurs_pour_100_eleves_ensemble", "reference_tableaux_interactifs_pour_1000_eleves_ensemble",
    "reference_videoprojecteurs_pour_1000_eleves_ensemble", "reference_filtrage", "reference_charte",
    "reference_terminaux_par_technicien", "reference_terminaux_par_technicien_sans_gestion",
)  # fmt: skip


def collect_inventory(study: Study) -> Named:
    """Every figure of the inventory; nothing without a workbook."""
    inventory, now = study.diagnostic.inventory, study.law.day.year
    if inventory is None:
        return {}
    schools = _by_school(inventory)
    known = schools[schools["known"]]
    named = under("inventory", _schools(schools, known, inventory) | _devices(inventory, now) | _ratios(known))
    named |= picked("inventory", inventory, UPKEEP)
    compared = schools["terminals_per_100"][
        study.diagnostic.schools.set_index("uai")["ips"].reindex(schools.index).notna()
    ]
    named |= under("inventory", _network(inventory.lines) | _people(inventory, compared.dropna()))
    empty = study.diagnostic.needs.loc[~schools["known"], "classes_in_scope"]
    named |= {"inventory.unknown_elementaire": int((empty > 0).sum())} | under(
        "inventory", _spent(study.dossier.workbook)
    )
    named |= under("inventory.item", {f"{key}.coverage": share for key, share in inventory.item_coverage.items()})
    named |= picked("benchmark", study.law, BENCHMARKS)
    for name in (*BANDS, *LIVES, "wifi_loi"):
        study.law.figure(name)  # named, since a sentence says it
    named["benchmark.displays_per_1000"] = round(sum(study.law[name] for name in BENCHMARKS if "pour_1000" in name), 1)
    named |= by_row("inventory.due", inventory.by_due_year(now))
    tables = {
        "inventory": schools[list(SCHOOL)],
        "network": inventory.lines[list(LINE)],
        "usage": inventory.usages[list(USAGES)],
        "training": inventory.training[list(TRAINING)],
    }
    return named | by_row("school", pd.concat([table.add_prefix(f"{name}.") for name, table in tables.items()], axis=1))


def _by_school(inventory: Inventory) -> pd.DataFrame:
    """The schools with their ratios, NA when not known or without a count."""
    schools = inventory.schools
    pupils, classes = (schools[name].where(schools[name] > 0) for name in ("pupils", "classes"))
    return schools.assign(
        terminals_per_100=100 * (schools["ordinateur"] + schools["tablette"]) / pupils,
        displays_per_class=schools["affichage"] / classes,
    )


def _schools(schools: pd.DataFrame, known: pd.DataFrame, inventory: Inventory) -> Named:
    return {
        "schools": len(schools),
        "known": len(known),
        "incomplete": int((~known["complete"]).sum()),
        "unknown": len(schools) - len(known),
        "coverage": inventory.coverage,
        "coverage_min": known["coverage"].min(),
        "coverage_max": known["coverage"].max(),
    }


def _devices(inventory: Inventory, year: int) -> Named:
    devices = inventory.devices
    usable = devices[devices["usable"]]
    counted = usable[usable["family"].isin(FAMILIES)]
    chosen = {
        **{family: usable[usable["family"] == family] for family in FAMILIES},
        **{name: devices[devices["state"] == state] for state, name in STATES.items()},
        "counted": counted,
        "overdue": counted[(counted["due_year"] <= year).fillna(False)],
        "unknown_age": counted[counted["due_year"].isna()],
        "unused_overdue": counted[(counted["state"] == "inutilise") & (counted["due_year"] <= year).fillna(False)],
        "shared": counted[counted["uai"] == "commune"],
    }
    return {name: int(rows["number"].sum()) for name, rows in chosen.items()}


def _ratios(known: pd.DataFrame) -> Named:
    """Devices of the known schools for 100 pupils, displays a class; None without a count."""
    pupils, classes = int(known["pupils"].sum()), int(known["classes"].sum())
    displays, computers, tablets = (known[family].sum() for family in FAMILIES)
    return {
        "pupils": pupils,
        "classes": classes,
        "computers_per_100": 100 * computers / pupils if pupils else None,
        "tablets_per_100": 100 * tablets / pupils if pupils else None,
        "displays_per_1000": 1000 * displays / pupils if pupils else None,
        "displays_per_class": displays / classes if classes else None,
    }


def _network(lines: pd.DataFrame) -> Named:
    count = {status: int((lines["status"] == status).sum()) for status in ("none", "unmeasured", "short", "enough")}
    count |= {"poor": count["none"] + count["short"], "measured": count["short"] + count["enough"]}
    with_wifi = lines[lines["wifi"].fillna(False).astype(bool)]
    count |= {"copper": int((lines["ligne"] == "cuivre").sum())}
    count |= {name: int(lines[name].fillna(False).sum()) for name in ("filtrage", "charte")}
    answers = {name: with_wifi[column] for column, name in WIFI_DUTIES.items()}
    told = {f"{name}.no": int((~answer.fillna(True).astype(bool)).sum()) for name, answer in answers.items()}
    told |= {f"{name}.unsaid": int(answer.isna().sum()) for name, answer in answers.items()}
    return under("line", count) | under("wifi", told)


def _spent(workbook: Workbook | None) -> Named:
    """What the commune says it spent last year on its schools' equipment, and pays each year in services; TTC."""
    finances, services = (workbook.table(key) if workbook else pd.DataFrame() for key in ("finances", "services"))
    spent = finances.reindex(columns=["investissement", "fonctionnement"]).sum(min_count=1)
    paid = services.reindex(columns=["cout_annuel"]).sum(min_count=1)
    return {"spent_last_year_eur": spent.sum(min_count=1), "services_per_year_eur": paid.sum(min_count=1)}


def _people(inventory: Inventory, terminals_per_100: pd.Series[Any]) -> Named:
    told = inventory.training.dropna(subset=["enseignants", "formes"])
    compared = terminals_per_100 if len(terminals_per_100) > 1 else terminals_per_100[:0]
    return {
        "teachers": int(told["enseignants"].sum()),
        "trained": int(told["formes"].sum()),
        "terminals_per_100_min": compared.min(),
        "terminals_per_100_max": compared.max(),
    }
