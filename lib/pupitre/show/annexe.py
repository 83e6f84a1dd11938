"""The last pages: the figures of law and price that were read, what the consultant changed, and the sources of data."""

from __future__ import annotations

from pupitre.diagnostic.assumptions import label
from pupitre.show.html import Html
from pupitre.show.pieces import grid
from pupitre.study import Study


def show_baremes(study: Study) -> Html:
    """Every dated figure that the report used, with its source, computed from what was read."""
    return grid(study, "baremes_table", text_columns=6)


def show_overrides(study: Study) -> Html:
    """What the consultant changed; nothing when nothing was."""
    changed = [(name, label(name, study.law)) for name in study.assumptions.overrides()]
    return grid(study, "overrides_table", changed=changed)


def show_sources(study: Study) -> Html:
    """The open data that served this commune."""
    return grid(study, "sources_table", text_columns=5)
