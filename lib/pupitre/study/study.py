"""The one place that puts a commune's results together.

Belongs: calling each room in its turn. Does not: naming figures (`figures`), saying them (`sentences`), drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pupitre.cap.answers import Cap, issues_of, set_cap
from pupitre.data.dossier import Dossier, load_dossier
from pupitre.data.project import edition_date, find_workbook, project_root, store_path
from pupitre.diagnostic.assumptions import Assumptions, load_assumptions
from pupitre.diagnostic.maturity import maturity_notices
from pupitre.diagnostic.profile import Diagnostic, diagnose
from pupitre.diagnostic.programme import Programme, plan_programme
from pupitre.diagnostic.settings import workbook_settings
from pupitre.errors import WorkbookError
from pupitre.evaluation.evaluate import Evaluation, evaluate
from pupitre.formats import Value, parse_day
from pupitre.funding.comparables import find_comparables
from pupitre.funding.compare import Advice, advise, compare
from pupitre.funding.mix import Mix, best_mix
from pupitre.funding.operation import Operation
from pupitre.funding.plan import FundingPlan, Plans, Verdict, commune_part
from pupitre.funding.risk import Risk, assess_risk
from pupitre.funding.scenarios import SCENARIOS, achat
from pupitre.law import baremes
from pupitre.law.baremes import Figure, Law
from pupitre.study import figures

DECIDED_BY_COMMUNE = {scenario.key for scenario in SCENARIOS if scenario.decided_by_commune}


@dataclass(frozen=True)
class Study:
    """Everything computed for one commune on one date.

    `programme`, `plans`, `loan_plan` and `advice` are absent when there is nothing to fund: no school, or no count.
    `ways`: the programme with Wi-Fi (True) and wired (False), without a ceiling.
    `plans`: scenario → case → plan, eligible scenarios only; `verdicts` says why of the others.
    `cap`: where the commune goes, None without a workbook.
    `operation`: what the scenarios pay for, the commune's part.
    `loan_plan`: the central purchase, its first year wholly borrowed.
    """

    dossier: Dossier
    law: Law
    assumptions: Assumptions
    diagnostic: Diagnostic
    cap: Cap | None
    programme: Programme | None
    ways: Mapping[bool, Programme]
    operation: Operation | None
    verdicts: Mapping[str, Verdict]
    plans: Plans
    loan_plan: FundingPlan | None
    advice: Advice | None

    @cached_property
    def evaluation(self) -> Evaluation | None:
        """What was promised against what is measured, None without a workbook."""
        told = self.dossier.workbook
        return None if told is None else evaluate(told, self.law, self.diagnostic, self.cap, self.programme)

    @cached_property
    def mix(self) -> Mix | None:
        """The best mix of ways to pay, None without a programme."""
        return None if self.operation is None else best_mix(self.operation)

    @cached_property
    def risk(self) -> Risk | None:
        """What may happen to each plan, and what matters most to the one advised; None without a programme."""
        if self.operation is None or self.advice is None:
            return None
        return assess_risk(self.operation, self.advice.best)

    @cached_property
    def figures(self) -> figures.StudyFigures:
        """Every figure of the report, by name: the content of `resultats.json`."""
        return figures.StudyFigures(self)

    @cached_property
    def read(self) -> tuple[Figure, ...]:
        """Every dated figure that the whole report reads."""
        self.summary()
        return self.law.read

    @property
    def notices(self) -> tuple[str, ...]:
        """What was left out of the workbook, and what is too little answered to count."""
        workbook = self.dossier.workbook
        return () if workbook is None else (*workbook.notices, *maturity_notices(workbook))

    def summary(self) -> dict[str, Value]:
        """The figures, as plain JSON values."""
        return dict(self.figures)


def load_study(
    code_insee: str,
    on: str = "",
    data: str = "",
    assumptions: Mapping[str, object] | None = None,
    workbook: str = "",
) -> Study:
    """The study of a commune, as the notebooks ask for it.

    `on`: AAAA-MM-JJ, the edition date of `pupitre.toml` when empty. `data`: a store, the project's own when empty.
    `workbook`: a file, the one in the commune's own folder when empty and there. `assumptions` win over the workbook's.
    Raises WorkbookError with every cell to correct.
    """
    day = parse_day(on) if on else edition_date(project_root())
    law = baremes.on(day)
    law.require_any()
    filled = Path(workbook) if workbook else find_workbook(code_insee)
    dossier = load_dossier(code_insee, day, Path(data) if data else store_path(), filled)
    if dossier.workbook and (issues := issues_of(dossier.workbook, (), law)):
        raise WorkbookError(dossier.workbook.file, issues)
    told = workbook_settings(dossier.workbook, law) if dossier.workbook else {}
    return compute_study(dossier, law, load_assumptions(told | dict(assumptions or {}), law))


def compute_study(dossier: Dossier, law: Law, assumptions: Assumptions) -> Study:
    """Diagnostic, programme, plans and advice for a dossier."""
    diagnostic = diagnose(dossier, law, assumptions)
    cap = set_cap(dossier.workbook, diagnostic, law.day.year) if dossier.workbook else None
    if not diagnostic.needs.to_numpy().sum():
        return Study(dossier, law, assumptions, diagnostic, cap, None, {}, None, {}, {}, None, None)
    schools, inventory = diagnostic.schools, diagnostic.inventory
    programme = plan_programme(schools, law, assumptions, inventory)
    whole = assumptions.model_copy(update={"ceiling_eur_per_year": None})
    connected = {wifi: whole.model_copy(update={"wifi": wifi}) for wifi in (True, False)}
    operation = Operation(
        programme=commune_part(programme, assumptions.groupement_share),
        law=law,
        assumptions=assumptions,
        population=dossier.commune.population,
        departement=dossier.commune.departement,
        classes=int(diagnostic.needs["classes_in_scope"].sum()),
        asks_usual=True,
        comparables=find_comparables(
            dossier.financed_projects, dossier.commune.departement, dossier.commune.population, law
        ),
    )
    verdicts, plans = compare(operation, programme)
    return Study(
        dossier=dossier,
        law=law,
        assumptions=assumptions,
        diagnostic=diagnostic,
        cap=cap,
        programme=programme,
        ways={
            wifi: programme if way == assumptions else plan_programme(schools, law, way, inventory)
            for wifi, way in connected.items()
        },
        verdicts=verdicts,
        plans=plans,
        operation=operation,
        loan_plan=achat.plan(operation.supposing(loan_share=1.0), "central"),
        advice=advise({key: plans[key] for key in plans if key in DECIDED_BY_COMMUNE}, operation.borrowing_rate),
    )
