"""What was promised against what is measured, put together: the noun `Evaluation`.

Belongs: calling each part in its turn, and the values that one gives to another. Does not: any method.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from pupitre.cap.answers import Cap
from pupitre.cap.indicators import former_indicators
from pupitre.data.answers import Answers
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.profile import Diagnostic
from pupitre.diagnostic.programme import Programme
from pupitre.evaluation.deployment import TOTAL, Budget, Deliveries, budget_of, deliveries_of, milestones_done
from pupitre.evaluation.follow_up import Progress, follow_up
from pupitre.evaluation.footprint import Footprint, inventory_footprint, programme_footprint
from pupitre.evaluation.opinions import Opinion, PilotResult, opinions, participation, pilot_results
from pupitre.evaluation.returns import Returns, known_values, reuse_duties, score
from pupitre.law.baremes import Law

SATISFACTION = {"enseignants": "satisfaction_enseignants", "eleves": "satisfaction_eleves"}
NAMES = {"enseignants": "teachers", "eleves": "pupils"}


@dataclass(frozen=True)
class Evaluation:
    """The evaluation of a commune on one day. Of the surveys, nothing but what an edition may print leaves it.

    progress: each indicator; former: the versions that were replaced; participation: who answered; internal: what the
    mayor's edition may print of the surveys; pilots: the schools that try first (UAI); budget, milestones, deliveries:
    planned and done; reuse: duties by year; returns: the four dimensions; quotations: texte, edition, as the consultant
    chose them; footprint: of the devices declared, bought: of the programme (None without them).
    """

    answers: Answers
    progress: tuple[Progress, ...]
    former: pd.DataFrame
    participation: pd.DataFrame
    internal: tuple[Opinion, ...]
    pilots: frozenset[str]
    budget: Budget
    milestones: pd.DataFrame
    deliveries: Deliveries
    reuse: pd.DataFrame
    returns: Returns
    quotations: pd.DataFrame
    footprint: Footprint | None
    bought: Footprint | None

    @property
    def before(self) -> bool:
        """Whether nothing of the plan is in place yet: no milestone of the step Déployer was reached."""
        deployed = self.milestones["phase"] == "deployer"
        return bool(deployed.any() and self.milestones.loc[deployed, "fait_le"].isna().all())

    @cached_property
    def public(self) -> tuple[Opinion, ...]:
        """What the inhabitants' edition may print of them: less, of the same tables."""
        return opinions(self.answers, "public", self.pilots)

    @cached_property
    def compared(self) -> tuple[PilotResult, ...]:
        """Pilot schools and the others; for the mayor's edition only."""
        return pilot_results(self.answers, self.pilots)


def evaluate(
    workbook: Workbook, law: Law, diagnostic: Diagnostic, cap: Cap | None, programme: Programme | None
) -> Evaluation:
    """The evaluation of a commune whose workbook was checked, on the day of `law`."""
    day, answers = law.day, workbook.answers
    schools = workbook.table("ecoles")
    pilots = frozenset(schools.loc[schools["pilote"].fillna(False).astype(bool), "ecole"])
    names = dict(zip(diagnostic.schools["uai"], diagnostic.schools["nom"], strict=True))
    budget, deliveries, reuse = (
        budget_of(workbook, day),
        deliveries_of(workbook, names, day),
        reuse_duties(workbook, law),
    )
    took_part, told = participation(answers), opinions(answers, "maire", pilots)
    values = known_values(diagnostic, cap, reuse[reuse.index < day.year], day) | _surveyed(answers, took_part, told)
    lines = deliveries.lines.dropna(subset="livre")
    due = lines[lines["prevu_le"].map(lambda limit: limit <= day).astype(bool)]
    values |= {
        "budget_rate": budget.totals["rate"].get(TOTAL),
        "delivered_rate": due["livre"].sum() / due["prevu"].sum() if len(due) else None,
    }
    return Evaluation(
        answers=answers,
        progress=follow_up(workbook, day),
        former=former_indicators(workbook),
        participation=took_part,
        internal=told,
        pilots=pilots,
        budget=budget,
        milestones=milestones_done(workbook, day),
        deliveries=deliveries,
        reuse=reuse,
        returns=score(values),
        quotations=workbook.table("paroles"),
        footprint=inventory_footprint(diagnostic.inventory, law) if diagnostic.inventory else None,
        bought=programme_footprint(programme, law) if programme else None,
    )


def _surveyed(answers: Answers, took_part: pd.DataFrame, told: tuple[Opinion, ...]) -> dict[str, float | None]:
    """The rate of answer of parents, and how satisfied teachers and pupils were in the last wave, as printed.

    Each question on satisfaction weighs its answers.
    """
    last = took_part.groupby("groupe").tail(1).set_index("groupe")
    values: dict[str, float | None] = {"parents_response": last["rate"].get("parents")}
    for group, perimeter in SATISFACTION.items():
        asked = [one for one in told if one.groupe == group and one.vague == last["vague"].get(group)]
        on_it = [one for one in asked if answers.questions.loc[one.question, "perimetre"] == perimeter]
        shown = [one.released for one in on_it if one.released and one.released.good is not None]
        count = sum(one.answers for one in shown)
        values[f"{NAMES[group]}_favourable"] = sum(one.good or 0 for one in shown) / count if count else None
    return values
