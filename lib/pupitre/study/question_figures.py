"""The named figures of the parents' questions: counts of the whole commune that its inhabitants may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pupitre.evaluation.anonymity import THRESHOLDS
from pupitre.study.naming import Named, under

if TYPE_CHECKING:
    from pupitre.study.study import Study

LAW = ("wifi_loi", "wifi_mesure", "wifi_campagne", "reen_part_reemploi")


def collect_questions(study: Study) -> Named:
    """Every count that an answer needs beside those of other chapters; nothing without a programme."""
    if study.programme is None:
        return {}
    for name in LAW:
        if study.law.in_force(name):
            study.law.figure(name)  # named, since a sentence says it
    named: Named = {"programme.to_reuse": int(study.programme.leaving["to_reuse"].sum())}
    inventory = study.diagnostic.inventory
    if study.evaluation is not None:
        named["public.threshold"] = THRESHOLDS["public"]
    return named if inventory is None else named | _network(inventory.lines)


def _network(lines: pd.DataFrame) -> Named:
    """Schools that have Wi-Fi, a filter, a charter of use, of those that told."""
    with_wifi = lines[lines["wifi"].fillna(False).astype(bool)]
    counted = {"told": int(lines["wifi"].notna().sum()), "schools": len(with_wifi)}
    counted |= {"cut": _yes(with_wifi["wifi_debrayable"]), "informed": _yes(with_wifi["conseil_informe"])}
    safe = {name: _yes(lines[name]) for name in ("filtrage", "charte")}
    safe |= {f"{name}_told": int(lines[name].notna().sum()) for name in ("filtrage", "charte")}
    return under("wifi", counted) | under("schools.internet", safe)


def _yes(answers: pd.Series) -> int:
    return int(answers.fillna(False).astype(bool).sum())
