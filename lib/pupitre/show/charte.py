"""The charter of communal management: each recommendation, where the commune stands, and what shows it."""

from __future__ import annotations

from itertools import groupby

from pupitre.show.html import NOTHING, Html
from pupitre.show.pieces import grid, prose
from pupitre.study import Study
from pupitre.study.charter import assess, filled_sheets, principles


def show_charter(study: Study) -> Html:
    """How many recommendations are in each state, then all of them, by principle; nothing without schools."""
    if study.diagnostic.situation != "schools":
        return NOTHING
    titles, standings = principles(), assess(study.figures, filled_sheets(study.dossier.workbook))
    groups = [(titles[key], list(told)) for key, told in groupby(standings, key=lambda one: one.commitment.principle)]
    table = grid(study, "charter_table", text_columns=3, groups=groups)
    return prose(study, "charter_lead") + table + prose(study, "charter_note", css="note")
