"""The last pages: the figures of law and price that were read, what the consultant changed, and the sources of data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from pupitre.diagnostic.assumptions import label
from pupitre.law.baremes import Figure
from pupitre.show.html import NOTHING, Html, Link, table
from pupitre.show.pieces import grid
from pupitre.study import Study
from pupitre.study.texts import say_rows

SENTENCES = re.compile(r"(?<=[.?!]) (?=[A-ZÀÉ])")
WORKING = re.compile(r"^Hypothèse de travail(?: :|,) ")  # what the header of the group says already


@dataclass(frozen=True)
class Group:
    """The figures of one source, read and trusted alike, and what is said of each; or assumptions that have none."""

    figures: Sequence[Figure]

    @property
    def first(self) -> Figure:
        """One of them, for what they share."""
        return self.figures[0]

    @property
    def assumed(self) -> bool:
        """Whether the source is a reason rather than something that can be read."""
        return _is_assumed(self.first)

    @property
    def one_date(self) -> bool:
        """Whether all are of the same day, year or vintage; assumptions seldom have one."""
        return (
            not self.assumed
            and len({(figure.price_year, figure.vintage, figure.valid_from) for figure in self.figures}) == 1
        )

    @property
    def shared(self) -> list[str]:
        """The sentences that are noted of every figure, when there are several."""
        first, *others = map(_notes, self.figures)
        return [said for said in first if others and all(said in other for other in others)]

    @property
    def rows(self) -> list[tuple[Figure, str]]:
        """Each figure, with what is noted of it alone."""
        return [(figure, " ".join(n for n in _notes(figure) if n not in self.shared)) for figure in self.figures]


def show_baremes(study: Study) -> Html:
    """Every dated figure that the report used, computed from what was read; each source once, over its figures."""
    groups = [Group(list(figures)) for _, figures in groupby(sorted(study.read, key=_source), key=_source)]
    links = {f"source.{n}": Link(of.first.source.title, of.first.source.url) for n, of in enumerate(groups)}
    [caption], header, *rows = say_rows(study, "baremes_table", groups=groups)
    return table(caption, header, rows, study.summary() | links, text_columns=2) if rows else NOTHING


def _source(figure: Figure) -> tuple[object, ...]:
    """Its place in the annex: what has a source, by its title; then what is assumed."""
    title = "" if _is_assumed(figure) else figure.source.title
    return _is_assumed(figure), title.casefold(), figure.source.url, figure.confidence, figure.checked_on


def _is_assumed(figure: Figure) -> bool:
    return figure.kind == "assumed" and not figure.source.url


def _notes(figure: Figure) -> list[str]:
    """What is noted of a figure, sentence by sentence; of an assumption, its reason first."""
    reason = WORKING.sub("", figure.source.title)
    said = f"{reason[0].upper()}{reason[1:]}. {figure.note}" if _is_assumed(figure) else figure.note
    return SENTENCES.split(said.strip()) if said else []


def show_overrides(study: Study) -> Html:
    """What the consultant changed; nothing when nothing was."""
    changed = [(name, label(name, study.law)) for name in study.assumptions.overrides()]
    return grid(study, "overrides_table", changed=changed)


def show_sources(study: Study) -> Html:
    """The open data that served this commune."""
    return grid(study, "sources_table", text_columns=5)
