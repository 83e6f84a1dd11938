"""The page of a school of the programme, for those who work there; nothing on another school, nothing on a person."""

from __future__ import annotations

from pupitre.diagnostic.catalogue import items
from pupitre.evaluation.deployment import TO_COME
from pupitre.show.evaluation import show_followed, show_opinions
from pupitre.show.html import NOTHING, Html
from pupitre.show.pieces import grid, points, prose
from pupitre.study import Study

NEXT = 4  # milestones
Sections = list[tuple[str, list[Html]]]


def schools_with_page(study: Study) -> list[str]:
    """The schools of the programme, by UAI, in the order in which they are equipped."""
    return [] if study.programme is None else list(study.programme.order)


def school_title(study: Study, uai: str) -> str:
    """The title of the page."""
    return str(study.figures[f"school.{uai}.nom"])


def school_sections(study: Study, uai: str) -> Sections:
    """Headings, each with its pieces: what the school is, would receive, has; what is followed in the commune."""
    identity, satisfaction = prose(study, "school_identity", "lead", uai=uai), show_opinions(study, "satisfaction")
    return [
        ("# Votre école", [identity, prose(study, "school_status", "note")]),
        ("# Ce qu'elle recevrait", [_receives(study, uai)]),
        ("# Ce qu'elle a déjà", [points(study, "school_has", uai=uai)]),
        ("# Ce qui est suivi", [show_followed(study, "mairie")]),
        ("# Ce que disent enseignants et élèves", [satisfaction, _note(study) if satisfaction.markup else NOTHING]),
        ("# Les prochaines dates", [_next(study)]),
    ]


def _receives(study: Study, uai: str) -> Html:
    programme = study.programme
    if programme is None:
        return NOTHING
    bought = programme.by_school[programme.by_school["quantity_central"] > 0]
    years = [
        (year, [(items()[item], nature) for item, nature in lines[["item", "nature"]].to_numpy()])
        for year, lines in bought[bought["uai"] == uai].groupby("year")
    ]
    return grid(study, "school_receives_table", text_columns=2, uai=uai, years=years)


def _note(study: Study) -> Html:
    return prose(study, "school_results_note", css="note")


def _next(study: Study) -> Html:
    states = [] if study.evaluation is None else study.evaluation.milestones["state"].tolist()
    coming = [rank for rank, state in enumerate(states, 1) if state == TO_COME]
    return points(study, "school_next", coming=coming[:NEXT])
