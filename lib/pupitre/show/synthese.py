"""The first page: the commune, the figures that matter, the advice, its cost, what is not known."""

from __future__ import annotations

from pupitre.show.html import NOTHING, Html, bullets, inline, paragraph
from pupitre.show.pieces import grid, points, prose
from pupitre.study import Study
from pupitre.study.texts import say_all, say_rows

MOST = 3  # indicators of the first page, which is one sheet


def show_identity(study: Study) -> Html:
    """The commune in one sentence, or two when it has private schools under contract."""
    return prose(study, "identity", css="lead")


def show_key_figures(study: Study) -> Html:
    """Three to five figures, large, each with what it means."""
    return cards(study, "key_figures")


def cards(study: Study, name: str) -> Html:
    """Large figures, each with its label and its note, as a macro says them a line each."""
    told = "".join(
        "<li><span>{}</span> <strong>{}</strong> <small>{}</small></li>".format(
            *(inline(part, study.figures) for part in card)
        )
        for card in say_rows(study, name)
    )
    return Html(f'<ul class="cards">{told}</ul>') if told else NOTHING


def show_advice(study: Study) -> Html:
    """What we advise and why."""
    first, *others = say_all(study, "advice")
    return paragraph(first, study.figures, css="advice") + bullets(others, study.figures)


def show_cost(study: Study) -> Html:
    """What each scenario costs the commune per year, per pupil and per household, in each case."""
    if study.programme is None:
        return NOTHING
    return grid(study, "cost_table") + prose(study, "cost_note", css="note")


def show_measured(study: Study) -> Html:
    """What was measured of the first indicators, from the start to the last measure; nothing before a measure."""
    found = study.evaluation
    ranks = [] if found is None else [rank for rank, one in enumerate(found.progress, 1) if one.latest]
    return prose(study, "measured", css="note", before=found.before, ranks=ranks[:MOST]) if found and ranks else NOTHING


def show_unknown(study: Study) -> Html:
    """What we do not know."""
    return points(study, "unknown")
