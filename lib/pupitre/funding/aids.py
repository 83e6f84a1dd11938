"""Public money that an investment may ask for: `aids.toml`, typed; who may ask, how much it comes to.

Belongs: dates, bases, rates, ceilings and brackets of aids. Does not: their figures (`law/`), who gives how likely.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pupitre.formats import day
from pupitre.funding.operation import Operation
from pupitre.funding.plan import Verdict
from pupitre.law.baremes import Law

FILE = Path(__file__).with_name("aids.toml")
PREFIX = "aide_"


@dataclass(frozen=True)
class Aid:
    """One aid. `rate` names the figure of its highest rate, which says by its dates when the aid is open.

    `lowest`: its lowest rate; `beyond`: the rate above the `threshold` of spending, in euros HT; `by_school` and
    `by_class`: its ceilings in euros of aid; `least_by_school`: spending under which it gives nothing; `population` and
    `departements`: who may ask. `usual`: what one asks for when the consultant says nothing. `base`: ht, or ttc, which
    reduces the FCTVA when the State gives it.
    """

    key: str
    label: str
    article: str
    rule: str
    rate: str
    payer: str = "etat"
    base: str = "ht"
    lowest: str = ""
    beyond: str = ""
    threshold: str = ""
    by_school: str = ""
    by_class: str = ""
    least_by_school: str = ""
    population: str = ""
    population_checked_from: str = ""
    departements: str = ""
    usual: bool = False


@dataclass(frozen=True)
class Request:
    """An aid, the rate asked for (0–1); its ceilings in euros, in all and a year, and its last year, when limited."""

    aid: Aid
    rate: float
    ceiling_eur: float | None = None
    last_year: int | None = None
    ceiling_eur_per_year: float | None = None


@cache
def aids() -> dict[str, Aid]:
    """The aids, by key, open or closed, in the order of the report."""
    return {key: Aid(key=key, **fields) for key, fields in tomllib.loads(FILE.read_text(encoding="utf-8")).items()}


def verdict_of(aid: Aid, operation: Operation) -> Verdict:
    """Whether the commune may ask for an aid on the day of the law: why not, or what it has to check."""
    law, people = operation.law, operation.population
    if not law.in_force(aid.rate):
        return Verdict(eligible=False, reasons=(closed(aid, law),))
    refusals, to_check = [], []
    if aid.population and people is not None and people > law[aid.population]:
        refusals.append(f"réservée à des communes moins peuplées ({aid.article})")
    if aid.population and people is None:
        to_check.append("la population de la commune, qui n'est pas connue")
    checked_from = aid.population_checked_from
    if checked_from and people is not None and law[checked_from] < people <= law[aid.population]:
        to_check.append(f"à cette population, le potentiel financier ({aid.article})")
    if aid.departements and operation.departement not in law.text(aid.departements).split(","):
        refusals.append("le département de la commune n'en fait pas partie")
    if refusals:
        return Verdict(eligible=False, reasons=(f"{aid.label} : {' ; '.join(refusals)}.",))
    return Verdict(eligible=True, reasons=tuple(f"{aid.label}, à vérifier : {one}." for one in to_check))


def closed(aid: Aid, law: Law) -> str:
    """Since when an aid is closed, or not yet open.

    >>> from datetime import date
    >>> from pupitre.law import baremes
    >>> closed(aids()["socle_2021"], baremes.on(date(2026, 11, 22))).endswith("clos depuis le 31\u00a0mars\u00a02021.")
    True
    """
    last = law.history(aid.rate)[-1]
    if last.valid_to and last.valid_to < law.day:
        return f"{aid.label} : clos depuis le {day(last.valid_to)}."
    first = law.history(aid.rate)[0].valid_from
    return f"{aid.label} : pas encore ouvert{f' avant le {day(first)}' if first else ''}."


def requests(operation: Operation) -> tuple[Request, ...]:
    """The aids that the consultant asks for, at his rates and open to the commune; else the usual one, if asked."""
    given = [(aids()[name.removeprefix(PREFIX)], rate) for name, rate in operation.assumptions.aids.items()]
    if not given and operation.asks_usual:
        return usual_requests(operation)
    return tuple(Request(aid, rate) for aid, rate in given if rate and verdict_of(aid, operation).eligible)


def requests_or_usual(operation: Operation) -> tuple[Request, ...]:
    """The consultant's requests; the usual one when he says nothing of aids: a rate of nought is a choice."""
    return requests(operation) if operation.assumptions.aids else usual_requests(operation)


def refused(operation: Operation) -> tuple[str, ...]:
    """Why the commune may not ask for some aids that the consultant asks for."""
    asked = [aids()[name.removeprefix(PREFIX)] for name, rate in operation.assumptions.aids.items() if rate]
    verdicts = [verdict_of(aid, operation) for aid in asked]
    return tuple(reason for verdict in verdicts if not verdict.eligible for reason in verdict.reasons)


def usual_requests(operation: Operation) -> tuple[Request, ...]:
    """When the consultant asks for none: the first usual aid open to the commune, as comparable projects obtained it.

    That is their median rate, each year on no more than the third quartile of their cost. Without comparable projects:
    its lowest rate; nothing when it has none.
    """
    known, law = operation.comparables, operation.law
    for aid in aids().values():
        if aid.usual and verdict_of(aid, operation).eligible:
            if known is not None:
                rate = min(known.rate_median, law[aid.rate])
                return (Request(aid, rate, ceiling_eur_per_year=rate * known.cost_q3_eur),)
            return (Request(aid, law[aid.lowest]),) if aid.lowest else ()
    return ()


def amount_eur(request: Request, base_eur: float, operation: Operation) -> float:
    """What an aid gives in all, in euros, for a base (HT or TTC as the aid says) of the whole operation.

    Brackets are marginal (the rate `beyond` for the part above the threshold) unless `aid_brackets` is `cliff` (that
    rate for the whole).
    """
    aid, law = request.aid, operation.law
    schools, classes = operation.programme.schools, operation.classes
    if aid.least_by_school and base_eur < law[aid.least_by_school] * schools:
        return 0.0
    amount = request.rate * base_eur
    if aid.beyond and base_eur >= law[aid.threshold]:
        above = base_eur if operation.assumptions.aid_brackets == "cliff" else base_eur - law[aid.threshold]
        amount -= (request.rate - min(request.rate, law[aid.beyond])) * above
    limits = [request.ceiling_eur] if request.ceiling_eur is not None else []
    limits += [law[aid.by_school] * schools] if aid.by_school else []
    limits += [law[aid.by_class] * classes] if aid.by_class and classes is not None else []
    return min([amount, *limits])
