"""The inhabitants' edition: intentions, tools, what is proposed, what was answered by enough people to be printed.

What it may print stands in `study/editions.toml`; it compares no school and gives no price of a line.
"""

from __future__ import annotations

from collections.abc import Iterator

from pupitre.show.html import NOTHING, Html
from pupitre.show.inventaire import school_names
from pupitre.show.pieces import grid, points, prose
from pupitre.show.synthese import cards
from pupitre.study import Study


def show_public_figures(study: Study) -> Html:
    """The cost in a few figures, and that nothing is decided."""
    return cards(study, "public_figures") + prose(study, "public_status", css="note")


def show_benefits(study: Study) -> Html:
    """What is intended for children, teachers and parents, and that it is to be verified."""
    told = points(study, "benefits")
    return told + prose(study, "benefits_note", css="note") if told.markup else NOTHING


def show_public_objectives(study: Study) -> Html:
    """What the commune wants, in its own words; nothing on particular pupils."""
    return NOTHING if study.cap is None else points(study, "public_objectives")


def show_public_opinions(study: Study) -> Html:
    """What was answered, of the last wave of each question, at the thresholds of this edition."""
    if not (rows := list(_told(study))):
        return NOTHING
    return prose(study, "public_opinions_lead") + grid(study, "public_opinions_table", text_columns=3, told=rows)


def show_proposal(study: Study) -> Html:
    """What would be bought, who would pay, what is not sure."""
    return NOTHING if study.advice is None else points(study, "public_proposal")


def show_public_years(study: Study) -> Html:
    """Which school is equipped which years, without amounts."""
    programme = study.programme
    if programme is None:
        return NOTHING
    names, bought = school_names(study), programme.by_school[programme.by_school["quantity_central"] > 0]
    years = bought.groupby("uai")["year"].unique().map(sorted)
    schools = [(uai, names[uai], [str(year) for year in years.get(uai, [])]) for uai in programme.order]
    return grid(study, "public_years_table", schools=schools) + prose(study, "public_years_note", css="note")


def _told(study: Study) -> Iterator[tuple[int, int, int]]:
    """Of each question that this edition may print: its rank, that of its last wave, how many categories it has."""
    found = study.evaluation
    if found is None:
        return
    questions, took_part = list(found.answers.questions.index), found.participation
    waves = list(zip(took_part["groupe"], took_part["vague"], strict=True))
    last = {one.question: one for one in found.public if one.released and len(one.released.spans) > 1}
    for question, one in last.items():
        spans = one.released.spans if one.released else ()
        yield questions.index(question) + 1, waves.index((one.groupe, one.vague)) + 1, len(spans)
