"""The evaluation: progress to targets, what people answer, planned and done, returns. Nothing ranks schools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pupitre.evaluation.deployment import TO_COME
from pupitre.evaluation.evaluate import Evaluation
from pupitre.evaluation.follow_up import falls_short
from pupitre.evaluation.opinions import DOWN, FEW, UNTESTED, UP, Opinion
from pupitre.evaluation.returns import HIGHEST_SCORE
from pupitre.show import charts_cap, charts_evaluation
from pupitre.show.diagnostic import CHART_ROWS
from pupitre.show.html import NOTHING, Html, text
from pupitre.show.pieces import drawing, grid, points, prose
from pupitre.study import Study
from pupitre.study.texts import say

SCOPES = {
    "mairie": ("usages", "equipement"),
    "inspection": ("apports",),
    "satisfaction": ("satisfaction_enseignants", "satisfaction_eleves"),
}
ROW = ["label", "dimension", "unit"]
NO_RANGE = (None,) * 4


@dataclass(frozen=True)
class _Asked:
    """A question as it was answered in a wave, both by rank, and in the wave before."""

    question: int
    wave: int
    opinion: Opinion
    before: _Asked | None


def show_evaluation(study: Study) -> Html:
    """How many indicators are on time, what calls the committee, and what was changed."""
    found = study.evaluation
    if found is None or not found.progress:
        return NOTHING
    progress = list(enumerate(found.progress, 1))
    calls = {
        "short": [rank for rank, one in progress if falls_short(one)],
        "alerts": [rank for rank, one in progress if one.state in ("missed", "alert")],
        "overdue": [rank for rank, one in progress if one.overdue],
        "former": range(1, len(found.former) + 1),
    }
    lead = prose(study, "evaluation_lead", css="lead", before=found.before)
    return lead + points(study, "evaluation_calls", **calls)


def show_perimeter(study: Study, scope: str) -> Html:
    """Indicators and answers of a perimeter (a key of `SCOPES`): those who answer for it read it apart."""
    return show_followed(study, scope) + show_opinions(study, scope)


def show_planned(study: Study) -> Html:
    """What was planned and what is done: budget, calendar, devices."""
    return show_budget(study) + show_done(study) + show_deliveries(study)


def show_followed(study: Study, scope: str) -> Html:
    """The indicators of a perimeter (a key of `SCOPES`): how far each is on its way."""
    found = study.evaluation
    ranks = [] if found is None else [n for n, one in enumerate(found.progress, 1) if one.perimetre in SCOPES[scope]]
    if found is None or not ranks:
        return NOTHING
    told = [found.progress[rank - 1] for rank in ranks]
    drawn = told[:CHART_ROWS]
    done, expected = ([getattr(one, name) for one in drawn] for name in ("progress", "expected"))
    ends = [
        text(say(study, "bar_end", n=n), study.figures) if one.latest else ""
        for n, one in zip(ranks, drawn, strict=False)
    ]
    uri = charts_evaluation.progress_to_targets([one.indicateur for one in drawn], done, expected, ends)
    late = [rank for rank, one in zip(ranks, told, strict=True) if one.state == "late"]
    measured = any(one.progress is not None for one in told)
    table = grid(study, "followed_table", text_columns=3, ranks=ranks, scope=scope)
    if not measured:
        return table
    forecast = any(one.forecast for one in told)
    titles = {"late": late, "before": found.before, "scope": scope}
    picture = drawing(study, "followed_picture", uri, table, beside=True, **titles)
    return picture + (prose(study, "followed_note", css="note") if forecast else NOTHING)


def show_participation(study: Study) -> Html:
    """Who answered, and what keeps them from being recognised."""
    found = study.evaluation
    if found is None or not len(found.participation):
        return NOTHING
    return grid(study, "participation_table") + prose(study, "participation_note", css="note")


def show_opinions(study: Study, scope: str) -> Html:
    """What people answer to the questions of a perimeter (a key of `SCOPES`), and since the wave before."""
    told = [] if study.evaluation is None else _asked(study.evaluation, scope)
    if study.evaluation is None or not told:
        return NOTHING
    rows = [(one.question, one.wave, _cells(one.opinion), one.before and one.before.wave) for one in told]
    data = grid(study, "opinions_table", text_columns=4, told=rows, scope=scope)
    return _pictured(study, told, data, scope) + _absent(study, told) + _pilots(study, scope)


def _pictured(study: Study, told: Sequence[_Asked], data: Html, scope: str) -> Html:
    """The table under its chart, whose title says what moved; alone when there is one question."""
    if len(told) == 1:
        return data
    labels = [str(study.figures[f"question.{one.question}.intitule"]) for one in told[:CHART_ROWS]]
    drawn = told[:CHART_ROWS]
    before, after = [_mark(one.before) for one in drawn], [_mark(one) for one in drawn]
    uri = charts_evaluation.shares_by_wave(labels, before, after)
    changes = [(one.question, one.opinion.change) for one in told if one.opinion.change]
    moved = {word: [n for n, change in changes if change.verdict == word] for word in (UP, DOWN)}
    compared = any(change.verdict not in (FEW, UNTESTED) for _, change in changes)
    titles = {"rose": moved[UP], "fell": moved[DOWN], "compared": compared, "scope": scope}
    return drawing(study, "opinions_picture", uri, data, beside=True, **titles)


def _absent(study: Study, told: Sequence[_Asked]) -> Html:
    """What those who did not answer could change, of the question where they weigh most."""
    wide = [(bounds[1] - bounds[0], -one.question, one) for one in told if (bounds := one.opinion.nonresponse)]
    return prose(study, "opinions_note", css="note", worst=max(wide)[2]) if wide else NOTHING


def _pilots(study: Study, scope: str) -> Html:
    """What pilot schools and the others both answered."""
    if study.evaluation is None:
        return NOTHING
    shown = [one for one in study.evaluation.compared if one.estimate is not None]
    perimeters = study.evaluation.answers.questions["perimetre"]
    ranks = [rank for rank, one in enumerate(shown, 1) if perimeters[one.question] in SCOPES[scope]]
    table = grid(study, "pilots_table", pilots=ranks)
    return table + prose(study, "pilots_note", css="note") if ranks else NOTHING


def show_quotations(study: Study) -> Html:
    """What the consultant chose to quote, without name, school or role."""
    return points(study, "quotations")


def show_budget(study: Study) -> Html:
    """What was voted and what was spent, and how the rest goes."""
    states: list[str] = [] if study.evaluation is None else study.evaluation.milestones["state"].tolist()
    coming = states.index(TO_COME) + 1 if TO_COME in states else None
    return points(study, "done_lead", next=coming) + grid(study, "budget_table", text_columns=2)


def show_done(study: Study) -> Html:
    """The milestones that were reached, or should be."""
    states: list[str] = [] if study.evaluation is None else study.evaluation.milestones["state"].tolist()
    return grid(study, "done_table", ranks=[rank for rank, state in enumerate(states, 1) if state != TO_COME])


def show_deliveries(study: Study) -> Html:
    """What was ordered, and what is in service."""
    return grid(study, "deliveries_table", text_columns=2)


def show_returns(study: Study) -> Html:
    """The four dimensions, each with its score and its indicators."""
    found = study.evaluation
    if found is None or found.returns.indicators["value"].isna().all():
        return NOTHING
    told = found.returns.indicators
    labels = {str(key): str(label) for key, label in found.returns.dimensions["label"].items()}
    scores = [None if score is pd.NA else float(score) for score in found.returns.dimensions["score"]]
    uri = charts_cap.scores_by_dimension(list(labels.values()), scores, NO_RANGE, NO_RANGE, most=HIGHEST_SCORE)
    rows = [(key, *row) for key, row in told.assign(dimension=told["dimension"].map(labels))[ROW].T.items()]
    known = [(key, label) for (key, label), score in zip(labels.items(), scores, strict=True) if score is not None]
    data = grid(study, "returns_table", text_columns=2, indicators=rows)
    picture = drawing(study, "returns_picture", uri, data, beside=True, known=known)
    return picture + prose(study, "returns_note", css="note", dimensions=labels)


def show_footprint(study: Study) -> Html:
    """What making the devices emits, what one more year of life saves, and the duties of reuse."""
    found = study.evaluation
    if found is None:
        return NOTHING
    lines = [] if found.footprint is None else found.footprint.lines.index.tolist()
    told, year = found.reuse, study.law.day.year
    years = [(one, one >= year, bool(none)) for one, none in zip(told.index.tolist(), told["none_left"], strict=True)]
    duties = grid(study, "reuse_table", years=years)
    if not lines:
        return duties
    return (
        prose(study, "footprint_lead")
        + grid(study, "footprint_table", lines=lines)
        + prose(study, "footprint_note", css="note")
        + duties
    )


def show_limits(study: Study) -> Html:
    """What the evaluation does not say, what was left out and why."""
    told = () if study.evaluation is None else study.evaluation.progress
    return points(study, "limits", set_aside=[rank for rank, one in enumerate(told, 1) if one.set_aside])


def _asked(found: Evaluation, scope: str) -> list[_Asked]:
    """The questions of a perimeter as they were last answered, in their order, each with the wave before."""
    questions, took_part = list(found.answers.questions.index), found.participation
    waves = list(zip(took_part["groupe"], took_part["vague"], strict=True))
    last: dict[str, _Asked] = {}
    for one in found.internal:
        wave = waves.index((one.groupe, one.vague))
        if found.answers.questions.loc[one.question, "perimetre"] in SCOPES[scope] and took_part["answered"].iloc[wave]:
            rank = questions.index(one.question) + 1
            last[one.question] = _Asked(rank, wave + 1, one, last.get(one.question))
    return list(last.values())


def _cells(one: Opinion) -> int:
    return len(one.released.spans) if one.released and len(one.released.spans) > 1 else 0


def _mark(one: _Asked | None) -> tuple[float, float, float] | None:
    share = one.opinion.share if one else None
    if share is None or share.estimate is None:
        return None
    return share.estimate, share.low or 0.0, share.high or 0.0
