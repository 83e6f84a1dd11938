"""What a scenario is: a key, its words, the rules that it follows, `check` and `plan`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pupitre.diagnostic.ranges import Case
from pupitre.funding.operation import Operation
from pupitre.funding.plan import FundingPlan, Verdict


@dataclass(frozen=True)
class Scenario:
    """One way to pay.

    `label` names it, `noun` names it in a sentence, with its article, `advice` tells the mayor to do it. `at_the_end`
    says who owns what at the end of the term: the non-financial difference. `rules`: what law and usage ask of it, a
    sentence each, with its article; `{law.name.value:…}` prints a dated figure. `decided_by_commune`: the commune may
    decide it alone, once aids and gifts are granted; else it is compared, never advised.
    """

    key: str
    label: str
    noun: str
    advice: str
    summary: str
    at_the_end: str
    rules: tuple[str, ...]
    check: Callable[[Operation], Verdict]
    plan: Callable[[Operation, Case], FundingPlan]
    decided_by_commune: bool = True
