from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest

import pupitre.show as show
from pupitre.data.dossier import load_dossier
from pupitre.data.sheets import sheet, typed
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.assumptions import load_assumptions
from pupitre.law import baremes
from pupitre.show.evaluation import SCOPES
from pupitre.study import Study, compute_study

ON = date(2026, 11, 22)
TYPES = sorted(sheet("equipements").column("type").choices)
SCOPED = ("show_followed", "show_opinions", "show_perimeter")
PIECES = {name: getattr(show, name) for name in dir(show) if name.startswith("show_") and name not in SCOPED} | {
    f"{name} {scope}": partial(getattr(show, name), scope=scope) for name in SCOPED for scope in SCOPES
}
BLIND = {
    "show_mix", "show_risk", "show_law", "show_comparables", "show_debt", "show_effort", "show_baremes", "show_payers",
    "show_cash", "show_ips", "show_niveau_vie", "show_cost",
}  # fmt: skip


def study_with(store: Path, **rows: dict[str, object]) -> Study:
    """Mirepoix, and a workbook that says one row of each sheet named."""
    tables = {key: typed(sheet(key), {5: {"ecole": "0090312R", **row}}) for key, row in rows.items()}
    dossier = load_dossier("09194", ON, store)
    law = baremes.on(ON)
    workbook = Workbook("09194", "c.xlsx", "", None, tables, ())
    return compute_study(replace(dossier, workbook=workbook), law, load_assumptions({}, law))


@pytest.mark.parametrize("kind", TYPES)
def test_one_device_is_enough_for_a_report(store: Path, kind: str) -> None:
    """Whatever its type: no piece of page that sees it needs a figure that only another type brings."""
    study = study_with(store, equipements={"type": kind, "nombre": 3})

    assert all(piece(study).markup is not None for name, piece in PIECES.items() if name not in BLIND)


def test_pieces_that_see_no_device_need_none(store: Path) -> None:
    """Ways to pay, law, mix, risk, annex: they see the programme, and one device makes it no other kind."""
    study = study_with(store, equipements={"type": TYPES[0], "nombre": 3})

    assert set(PIECES) > BLIND
    assert all(PIECES[name](study).markup is not None for name in sorted(BLIND))


def test_a_line_that_nobody_measured_is_shown(store: Path) -> None:
    """Fibre, no rate, an inventory said complete: the chart has its scale all the same."""
    study = study_with(store, ecoles={"inventaire_complet": True}, reseau={"ligne": "fibre"})

    assert "mesuré dans aucune école" in show.show_lines(study).markup
