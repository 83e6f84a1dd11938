"""The named figures of the evaluation: what is promised and measured, what may be printed of the surveys, what is done.

A question, a wave, an indicator has its rank for name: what the workbook calls them is a text like another.
"""

from __future__ import annotations

from collections import Counter
from math import ceil, floor
from typing import TYPE_CHECKING

import pandas as pd

from pupitre.data.answers import scales
from pupitre.evaluation.anonymity import FEWEST_OF_A_SIDE, PILOTS, THRESHOLDS, Span, favourable
from pupitre.evaluation.deployment import TOTAL
from pupitre.evaluation.evaluate import Evaluation
from pupitre.evaluation.follow_up import Progress
from pupitre.evaluation.footprint import in_europeans
from pupitre.evaluation.opinions import FEW, Opinion, PilotResult, compared
from pupitre.evaluation.returns import HIGHEST_SCORE
from pupitre.evaluation.statistics import ALPHA, FEWEST, Estimate, pupils_needed
from pupitre.study.naming import Named, by_row, picked, plain, under

if TYPE_CHECKING:
    from pupitre.study.study import Study

PROGRESS = (
    "indicateur", "perimetre", "unite", "start", "start_on", "target", "target_on", "alert", "state", "latest_on",
    "progress", "expected", "overdue",
)  # fmt: skip
FORMER = ("indicateur", "unite", "cible", "cible_le", "replaced_on", "motif")
WAVE = ("vague", "groupe", "le", "invites", "answered", "rate")
DELIVERY = ("ecole", "type", "prevu", "prevu_le", "livre", "livre_le", "state", "days_late")


def collect_evaluation(study: Study) -> Named:
    """Every figure of the evaluation; nothing without a workbook."""
    found = study.evaluation
    if found is None:
        return {}
    named = _follow_up(found, study) | _surveys(found) | _done(found) | _returns(found)
    quotes = by_row("quotation", found.quotations, range(1, len(found.quotations) + 1))
    named |= quotes | {"quotations": len(found.quotations)}
    return named | _footprint(found, study) | (_learning(study) if found.progress or len(found.answers.people) else {})


def _follow_up(found: Evaluation, study: Study) -> Named:
    holders = [] if study.cap is None else study.cap.indicators["responsable"].tolist()
    states = Counter(one.state for one in found.progress)
    starts = [one.start_on for one in found.progress if one.start_on]
    named: Named = {"follow.count": len(found.progress), "follow.since": plain(min(starts, default=None))}
    named |= under("follow.state", {state: states[state] for state in sorted(states)})
    for rank, (one, holder) in enumerate(zip(found.progress, holders, strict=True), 1):
        named |= under(f"follow.{rank}", _progress(one) | {"responsable": plain(holder)})
    return named | by_row("former", found.former[list(FORMER)], range(1, len(found.former) + 1))


def _progress(one: Progress) -> Named:
    """Forecasts and latest values with their intervals, each point of the series by its rank."""
    named: Named = {name: plain(getattr(one, name)) for name in PROGRESS}
    named |= {"changed": one.changed_on is not None, "set_aside": one.set_aside, "due_on": plain(one.next_on)}
    named |= _estimate("latest", one.latest) | _estimate("forecast", one.forecast) | {"measures": len(one.points)}
    for rank, point in enumerate(one.points, 1):
        planned = None if point.planned is None else round(point.planned, 1)
        named |= under(f"series.{rank}", {"le": plain(point.day), "valeur": point.value, "prevu": planned})
    return named


def _estimate(name: str, told: Estimate | None) -> Named:
    low, value, high = (None,) * 3 if told is None else (told.low, told.estimate, told.high)
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def _surveys(found: Evaluation) -> Named:
    answers, took_part = found.answers, found.participation
    told = found.internal
    named = under(
        "survey",
        {
            "people": len(answers.people),
            "waves": len(took_part),
            "threshold": THRESHOLDS["maire"],
            "compared": compared(told),
            "by_luck": ALPHA * compared(told),
            "withheld": sum(one.share is None for one in told),
        },
    )
    once = took_part.groupby("groupe")["vague"].transform("size") > 1
    unlinked = int((took_part["once"] + took_part["without_code"])[once].sum())
    named |= under("survey.left_out", {"blank": 0, "free": 0} | dict(answers.left_out) | {"unlinked": unlinked})
    named |= by_row("wave", _shown(took_part)[list(WAVE)].round({"rate": 2}), range(1, len(took_part) + 1))
    questions, waves = list(answers.questions.index), list(zip(took_part["groupe"], took_part["vague"], strict=True))
    named |= by_row("question", answers.questions, range(1, len(questions) + 1))
    for edition, opinions in (("", told), ("public.", found.public)):
        for one in opinions:
            rank, wave = questions.index(one.question) + 1, waves.index((one.groupe, one.vague)) + 1
            steps = scales()[str(answers.questions.loc[one.question, "echelle"])].steps
            named |= under(f"{edition}question.{rank}.wave.{wave}", _opinion(one, steps))
    return named | _pilots(found, questions)


def _shown(took_part: pd.DataFrame) -> pd.DataFrame:
    """Of a group so small that no answer can be shown, not even how many answered: who refused could be found."""
    few = (took_part["invites"] < 2 * THRESHOLDS["maire"]).fillna(False) | (took_part["answered"] < THRESHOLDS["maire"])
    counts = ["answered", "invites", "rate"]
    return took_part.assign(**{name: took_part[name].mask(few.astype(bool)) for name in counts})


def _opinion(one: Opinion, steps: tuple[str, ...]) -> Named:
    """What the mayor's edition may print of a question in a wave: shares and margins to the whole percentage."""
    released, share, bounds = one.released, one.share, one.nonresponse or (None, None)
    told = released is not None and (len(released.spans) > 1 or released.at_least is not None)
    named: Named = {
        "answers": released.answers if released and told else None,
        "verdict": one.change.verdict if one.change else None,
    }
    named |= dict.fromkeys(("at_least", "at_least_label", "share_least", "share_most", "share", "low", "high"))
    named |= {"census": bool(share and share.census), "nonresponse_low": bounds[0], "nonresponse_high": bounds[1]}
    if share:
        named |= {"share": share.estimate, "low": share.low, "high": share.high}
    if released and len(released.spans) > 1:
        for rank, (span, count) in enumerate(zip(released.spans, released.counts, strict=True), 1):
            named |= under(f"cell.{rank}", {"label": span_label(span, steps), "count": count})
    if released and released.at_least:
        side, count = released.at_least
        named |= {"at_least": count, "at_least_label": span_label(side, steps)}
        good = side[0] >= released.first_good
        least = 100 * count / released.answers
        named |= {"share_least": floor(least) / 100} if good else {"share_most": ceil(100 - least) / 100}
    return {name: round(value, 2) if isinstance(value, float) else value for name, value in named.items()}


def span_label(span: Span, steps: tuple[str, ...]) -> str:
    """What a printed category holds.

    >>> span_label((2, 2), ("Non", "Oui")), span_label((1, 2), ("a", "b", "c")), span_label((1, 3), ("a", "b", "c"))
    ('oui', 'a ou b', 'de a à c')
    """
    first, last = (steps[rank - 1][0].lower() + steps[rank - 1][1:] for rank in span)
    if span[0] == span[1]:
        return first
    return f"{first} ou {last}" if span[1] == span[0] + 1 else f"de {first} à {last}"


def _pilots(found: Evaluation, questions: list[str]) -> Named:
    if not found.pilots:
        return {}
    shown = [one for one in found.compared if one.estimate is not None]
    named: Named = {
        "pilot.schools": len(found.pilots),
        "pilot.fewest": FEWEST,
        "pilot.side": FEWEST_OF_A_SIDE,
        "pilot.shown": len(shown),
    }
    for rank, one in enumerate(shown, 1):
        sure = None if one.verdict == FEW else one.verdict
        question = {"question": questions.index(one.question) + 1, "estimate": one.estimate, "verdict": sure}
        named |= under(f"pilot.{rank}", question | _sides(one, found))
    return named


def _sides(one: PilotResult, found: Evaluation) -> Named:
    scale = scales()[str(found.answers.questions.loc[one.question, "echelle"])]
    first_good, named = len(scale.steps) - scale.favourable + 1, Named()
    for when, grid in zip(("before", "after"), one.sides or (), strict=True):
        for side, counts in grid.rows.items():
            good = favourable(grid.spans, counts, first_good) or 0
            named[f"{'pilots' if side == PILOTS else 'others'}.{when}"] = round(good / sum(counts), 2)
    return named


def _done(found: Evaluation) -> Named:
    budget, lines = found.budget, found.deliveries.lines
    renamed = {"vote": "vote_eur", "realise": "realise_eur", "gap": "gap_eur"}
    named = by_row("budget", budget.years.rename(columns=renamed).round({"rate": 2}), range(1, len(budget.years) + 1))
    named |= {
        "budget.rows": len(budget.years),
        "delivery.rows": len(lines),
        "milestone.done.rows": len(found.milestones),
    }
    if len(budget.years):
        total = budget.totals.loc[TOTAL]
        spent = {"known_vote_eur": total["vote"], "realise_eur": total["realise"], "rate": total["rate"]}
        named |= under("budget", spent | {"unknown": total["unknown"]})
    states = Counter(found.milestones["state"])
    named |= under("milestone.done", {state: states[state] for state in ("done", "done_late", "late", "to_come")})
    named |= by_row("milestone", found.milestones[["state", "days_late"]], range(1, len(found.milestones) + 1))
    named |= by_row("delivery", lines[list(DELIVERY)], range(1, len(lines) + 1))
    return named | (picked("delivery", found.deliveries.types.loc[TOTAL], ("prevu", "livre")) if len(lines) else {})


def _returns(found: Evaluation) -> Named:
    told, reuse = found.returns, found.reuse
    named = by_row("return", told.indicators[["value", "score"]].round(2)) | by_row(
        "return", told.dimensions[["score", "known", "asked"]]
    )
    return named | by_row("reuse", reuse) | {"returns.highest": HIGHEST_SCORE}


def _footprint(found: Evaluation, study: Study) -> Named:
    """Kilograms to the whole: the factors have no more."""
    named: Named = {}
    for name, one in {"footprint": found.footprint, "bought": found.bought}.items():
        if one is not None and len(one.lines):
            lines = one.lines.round(0)
            people = in_europeans(one.totals["kg"], study.law) or (None, None)
            number, without = int(lines["number"].sum()), sum(one.without_factor.values())
            counted = {"number": number, "declared": number + without, "tonnes": round(one.totals["kg"] / 1000, 1)}
            named |= under(name, counted | {key: round(kg) for key, kg in one.totals.items()}) | by_row(
                f"{name}.line", lines
            )
            named |= under(name, {"people_low": people[0], "people_high": people[1]})
            named[f"{name}.without_factor"] = without
    return named


def _learning(study: Study) -> Named:
    law = study.law
    size, alike = law["reference_eleves_par_classe"], law["reference_ressemblance_en_classe"]
    single, by_class = pupils_needed(law["reference_effet_apprentissages"], cluster_size=size, icc=alike)
    return {"learning.pupils": single, "learning.pupils_by_class": by_class}
