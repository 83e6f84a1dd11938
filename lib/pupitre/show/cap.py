"""The maturity profile, and where the commune goes: needs, objectives, committees, milestones, indicators, order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from pupitre.cap.answers import SHEETS, Cap
from pupitre.cap.governance import actors, undecided
from pupitre.data.sheets import sheet
from pupitre.formats import literal
from pupitre.show import charts_cap
from pupitre.show.diagnostic import CHART_ROWS
from pupitre.show.html import NOTHING, Html
from pupitre.show.inventaire import held_roles, school_names
from pupitre.show.pieces import drawing, grid, points, prose
from pupitre.study import Study
from pupitre.study.naming import plain

WEAKEST = 5


def show_maturity(study: Study) -> Html:
    """The profile first, then the level and what it is worth, then what is declared otherwise than measured."""
    maturity = study.diagnostic.maturity
    if maturity is None or maturity.points["step"].isna().all():
        return NOTHING
    told = maturity.points
    dimensions: list[dict[str, Any]] = [
        {str(name): plain(value) for name, value in row.items()}
        for row in maturity.dimensions.reset_index(names="key").to_dict("records")
    ]
    numbers = ([one[name] for one in dimensions] for name in ("score", "low", "high"))
    uri = charts_cap.scores_by_dimension([one["label"] for one in dimensions], *numbers)
    of = maturity.dimensions.loc[told["dimension"]].set_index(told.index)
    listed = list(zip(told.index, told["label"], of["label"], strict=True))
    differing = zip(told.index, told["label"], of["by_school"], strict=True)
    weakest = told["step"].dropna().sort_values(kind="stable").index[:WEAKEST]
    notes = {
        "weakest": [(told.loc[key, "label"], f"maturity.point.{key}.step") for key in weakest],
        "unassessed": [(one["label"], _missing(told, one["key"])) for one in dimensions if one["score"] is None],
    }
    data = grid(study, "points_table", text_columns=3, told=listed)
    return (
        drawing(study, "maturity_picture", uri, data, dimensions=dimensions)
        + grid(study, "maturity_table", text_columns=2, dimensions=dimensions)
        + points(study, "maturity_notes", dimensions=dimensions, **notes)
        + grid(study, "differing_table", differing=[one for one in differing if told.loc[one[0], "differs"]])
    )


def show_cap(study: Study) -> Html:
    """What the commune wants, in its own words, how far the plan has come, and what it lacks before a vote."""
    cap = study.cap
    if cap is None or not _begun(cap):
        return NOTHING
    return prose(study, "cap_lead", css="lead") + prose(study, "cap_summary")


def show_vote(study: Study) -> Html:
    """What the council would have to vote, and what it costs."""
    if study.cap is None or study.advice is None or not _begun(study.cap):
        return NOTHING
    return points(study, "vote", elected="elu" in held_roles(study))


def show_before_vote(study: Study) -> Html:
    """What the council should see settled before it votes."""
    cap, form = study.cap, sheet("orientation")
    if cap is None or not _begun(cap):
        return NOTHING
    told = {"pedt_volet", *cap.orientation} if cap.orientation.get("pedt") == "non" else cap.orientation
    followed, measured = set(cap.indicators["objectif"].dropna()), set(cap.indicators["perimetre"])
    gaps = {
        "unmet": _ranks(cap.voices["theme"].isin(cap.unmet)) if len(cap.objectives) else [],
        "uncovered": [
            key for key in sheet("indicateurs").column("perimetre").choices if measured and key not in measured
        ],
        "unasked": _ranks(cap.objectives["rang"].isin(cap.unasked)),
        "unwritten": [column.label for column in form.columns if column.kind == "text" and column.key not in told],
        "undecided": [] if "responsabilites" in cap.empty else undecided(cap.duties, "decides"),
        "undone": [] if "responsabilites" in cap.empty else undecided(cap.duties, "does"),
        "unmeasured": _ranks(cap.indicators["depart"].isna()),
        "unfollowed": _ranks(~cap.objectives["rang"].isin(followed)) if len(cap.indicators) else [],
        "passed": _ranks((cap.milestones["echeance"] < study.dossier.on) & cap.milestones["fait_le"].isna()),
    }
    return points(study, "before_vote", **gaps)


def show_voices(study: Study) -> Html:
    """Who asked for what."""
    cap = study.cap
    if cap is None or cap.voices.empty:
        return NOTHING
    themes = list(sheet("concertation").column("theme").choices)
    order = 1 + cap.voices.reset_index()["theme"].map(themes.index).sort_values(kind="stable").index
    return grid(study, "voices_table", text_columns=4, order=order)


def show_objectives(study: Study) -> Html:
    """What the project must change, ranked."""
    return grid(study, "objectives_table", text_columns=6) if study.cap and len(study.cap.objectives) else NOTHING


def show_orientation(study: Study) -> Html:
    """The plan d'orientation, answer by answer, with what remains to be written."""
    cap = study.cap
    if cap is None or not (cap.orientation or len(cap.objectives)):
        return NOTHING
    goals = _ranks(cap.objectives["finalite"].notna())
    publics = cap.objectives["public"].dropna().unique()
    return grid(study, "orientation_table", text_columns=2, goals=goals, publics=publics)


def show_governance(study: Study) -> Html:
    """The two committees and their rhythm, then who does what."""
    cap = study.cap
    if cap is None or {"gouvernance", "responsabilites"} <= set(cap.empty):
        return NOTHING
    committees = grid(study, "committees_table", text_columns=6)
    if "responsabilites" in cap.empty:
        return committees
    named = list(actors().items())
    duties = grid(study, "duties_table", text_columns=len(named) + 1, actors=named)
    return committees + duties + prose(study, "duties_note", css="note")


def show_calendar(study: Study) -> Html:
    """The milestones on a line of time, against the day of the report."""
    cap = study.cap
    if cap is None or cap.milestones.empty:
        return NOTHING
    drawn = cap.milestones.head(CHART_ROWS)
    names, starts, ends = (drawn[name].tolist() for name in ("jalon", "debut", "echeance"))
    uri = charts_cap.milestones(names, starts, ends, study.dossier.on)
    data = grid(study, "calendar_table", text_columns=6)
    return drawing(study, "calendar_picture", uri, data, beside=True)


def show_indicators(study: Study) -> Html:
    """How one will know."""
    if study.cap is None or study.cap.indicators.empty:
        return NOTHING
    return grid(study, "indicators_table", text_columns=3) + prose(study, "indicators_note", css="note")


def show_priorities(study: Study) -> Html:
    """Which schools first, and what this order owes to the weights."""
    ranking = study.cap and study.cap.ranking
    if not ranking:
        return NOTHING
    names, labels = school_names(study), sheet("priorites").column("critere").choices
    schools = [(uai, names[str(uai)]) for uai in ranking.schools.index]
    drawn = ranking.schools.head(CHART_ROWS)
    places = (drawn[name].tolist() for name in ("rank", "best_rank", "worst_rank"))
    uri = charts_cap.ranks_of_schools([name for _, name in schools[:CHART_ROWS]], *places)
    criteria = [(key, labels[key]) for key in ranking.weights]
    data = grid(study, "priorities_table", schools=schools, criteria=criteria)
    first = [literal(name) for uai, name in schools if ranking.schools.loc[uai, "rank"] == 1]
    told = {"schools": schools, "first_ones": first, "criteria": criteria}
    picture = drawing(study, "priorities_picture", uri, data, beside=True, **told)
    asked = study.diagnostic.needs.index.difference(ranking.schools.index)
    unranked = [literal(names[str(uai)]) for uai in asked]
    return picture + prose(study, "priorities_note", css="note", unranked=unranked)


def show_to_fill(study: Study) -> Html:
    """What is still to be written with the commune, sheet by sheet."""
    sheets = [*_maturity_to_fill(study), *(study.cap.empty if study.cap else SHEETS)]
    titles = {key: sheet(key).title for key in sheets}
    if not sheets:
        return NOTHING
    return prose(study, "to_fill_intro") + points(study, "to_fill", sheets=sheets, titles=titles)


def show_documents(study: Study) -> Html:
    """The documents that come with the report, to complete and sign."""
    return points(study, "documents_list")


def _missing(told: pd.DataFrame, dimension: str) -> list[str]:
    """The labels of the points of a dimension that nobody situated."""
    return told.loc[(told["dimension"] == dimension) & told["step"].isna() & ~told["not_applicable"], "label"].tolist()


def _begun(cap: Cap) -> bool:
    return len(cap.empty) < len(SHEETS)


def _maturity_to_fill(study: Study) -> list[str]:
    return [] if study.figures.get("maturity.answered") else ["maturite"]


def _ranks(where: Iterable[bool]) -> list[int]:
    """The ranks, from one, of the rows that hold."""
    return [rank for rank, held in enumerate(where, 1) if held]
