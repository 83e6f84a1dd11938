from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import pupitre.show as show
from pupitre.data.dossier import load_dossier
from pupitre.data.sheets import sheet, typed
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.assumptions import load_assumptions
from pupitre.law import baremes
from pupitre.study import Study, compute_study

ON = date(2026, 11, 22)
TYPES = sorted(sheet("equipements").column("type").choices)
PIECES = [getattr(show, name) for name in dir(show) if name.startswith("show_")]


def study_with(store: Path, **rows: dict[str, object]) -> Study:
    """Mirepoix, and a workbook that says one row of each sheet named."""
    tables = {key: typed(sheet(key), {5: {"ecole": "0090312R", **row}}) for key, row in rows.items()}
    dossier = load_dossier("09194", ON, store)
    law = baremes.on(ON)
    workbook = Workbook("09194", "c.xlsx", "", None, tables, ())
    return compute_study(replace(dossier, workbook=workbook), law, load_assumptions({}, law))


@pytest.mark.parametrize("kind", TYPES)
def test_one_device_is_enough_for_a_report(store: Path, kind: str) -> None:
    """Whatever its type: no piece of page needs a figure that only another type brings."""
    study = study_with(store, equipements={"type": kind, "nombre": 3})

    assert all(piece(study).markup is not None for piece in PIECES)


def test_a_line_that_nobody_measured_is_shown(store: Path) -> None:
    """Fibre, no rate, an inventory said complete: the chart has its scale all the same."""
    study = study_with(store, ecoles={"inventaire_complet": True}, reseau={"ligne": "fibre"})

    assert "mesuré dans aucune école" in show.show_lines(study).markup
