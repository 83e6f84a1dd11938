"""How each line is paid: bought, leased, brought by families, given; with which money of others. It makes the plan.

Belongs: what each way to pay writes in the ledger, year by year. Does not: which way a scenario chooses, any figure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pupitre.diagnostic.ranges import Case
from pupitre.errors import UsageError
from pupitre.formats import cents, euros
from pupitre.funding.aids import Request, amount_eur
from pupitre.funding.constraints import aid_breaches
from pupitre.funding.finance import fctva, fctva_give_back, loan_schedule
from pupitre.funding.lease import leases_of
from pupitre.funding.operation import Operation
from pupitre.funding.plan import FundingPlan, Grant, Ledger

Line = Mapping[Any, Any]
TOO_MUCH = "Les aides et les dons dépassent la dépense d'une année : baissez-les."


@dataclass(frozen=True)
class Ways:
    """Which rows of the programme are not bought, and which money of others is asked for.

    `leased`, `families`: rows. `given`: row → share of it (0–1) that a donor gives in kind. `gift_eur`: gifts of money
    promised, `skills_eur`: accompaniment given; each counts for the probability of a gift, an aid for that of an aid.
    `granted`: aids and gifts of money decided elsewhere, in years when something is bought; no gift in kind.
    """

    leased: frozenset[int] = frozenset()
    families: frozenset[int] = frozenset()
    given: Mapping[int, float] = field(default_factory=dict)
    aids: tuple[Request, ...] = ()
    gift_eur: float = 0.0
    skills_eur: float = 0.0
    granted: tuple[Grant, ...] = ()


def fund(operation: Operation, case: Case, scenario: str, ways: Ways) -> FundingPlan:
    """The plan that pays the whole programme in these ways.

    Raises UsageError when gifts or aids exceed what there is to pay: the law that they break, and the nearest plan.
    """
    programme, ledger = operation.programme, Ledger()
    rows = operation.rows
    bought = {row: line for row, line in rows.items() if row not in ways.leased | ways.families}
    added = sum(lease(ledger, rows[row], operation, case) for row in sorted(ways.leased))
    added += sum(bring(ledger, rows[row], operation, case) for row in sorted(ways.families))
    spent, movable, grants = _give(ledger, bought, ways.given, operation, case)
    grants += _aids({row: 1 - ways.given.get(row, 0.0) for row in bought}, ways.aids, operation, case)
    grants += ways.granted
    grants += _gifts(spent, ways.gift_eur, grants, operation)
    buy(ledger, spent, movable, grants, operation)
    for grant in grants:
        if grant.key != "don_nature":
            ledger.receive(grant)
    pools = [pool_eur(rows[row], operation, case) for row in ways.families if rows[row]["year"] == programme.start_year]
    added += _borrow(ledger, spent.get(programme.start_year, 0.0) + sum(pools), grants, operation)
    grants += run_services(ledger, operation, case, ways.skills_eur)
    charge = ledger.charge
    if (charge["amount_eur"] < 0).any():
        raise UsageError("\n".join(map(str, aid_breaches(grants, operation))) or TOO_MUCH)
    after = [
        rent.yearly_ttc_eur
        for row in ways.leased
        for rent in leases_of(rows[row], case, operation.lease)
        for year in rent.counted
        if year not in programme.years
    ]
    return FundingPlan(
        scenario=scenario,
        case=case,
        start_year=programme.start_year,
        horizon_years=programme.horizon_years,
        programme_ttc_eur=programme.ttc(case),
        financing_eur=cents(added),
        charge=charge,
        cash=ledger.cash,
        after_horizon_eur=cents(sum(after)),
        grants=tuple(grants),
    )


def buy(
    ledger: Ledger, spent: Mapping[int, float], movable: Mapping[int, float], grants: list[Grant], operation: Operation
) -> None:
    """Write purchases TTC by year and their FCTVA, which the aids of the State computed TTC reduce.

    `movable`: the share of each year's purchases that can leave the schools; when they leave before the fourth year
    after their own, part of the FCTVA is given back.
    """
    law, delay, kept = operation.law, operation.fctva_delay_years, operation.assumptions.given_away_after_years
    for year, ttc in sorted(spent.items()):
        on_ttc = sum(grant.counted_eur for grant in grants if grant.year == year and grant.on_ttc)
        back = fctva(ttc, on_ttc, law)
        ledger.spend(year, "investissement", "Achats", ttc, back, delay)
        owed = 0.0 if kept is None else fctva_give_back(cents(back * movable[year]), year, year + kept, law)
        if owed:
            ledger.bear(year, "commune", "investissement", owed)
            ledger.bear(year, "etat", "investissement", -owed)
            ledger.move(year + (kept or 0), "FCTVA rendu à l'État", -owed)


def lease(ledger: Ledger, line: Line, operation: Operation, case: Case) -> float:
    """Write the rents and the option of one line; returns what they add to its price TTC."""
    law, delay, options = operation.law, operation.fctva_delay_years, 0.0
    rents = 0.0
    for one in leases_of(line, case, operation.lease):
        back = cents(one.yearly_ttc_eur * law["fctva_taux_loyers"])
        for year in one.counted:
            ledger.spend(year, "fonctionnement", "Loyers", one.yearly_ttc_eur, back, delay)
        rents += one.yearly_ttc_eur * len(one.counted)
        if one.option_ttc_eur:
            back = fctva(one.option_ttc_eur, 0, law)
            ledger.spend(one.years.stop, "investissement", "Options d'achat", one.option_ttc_eur, back, delay)
            options += one.option_ttc_eur
    return cents(rents + options - line[f"ttc_{case}"])


def bring(ledger: Ledger, line: Line, operation: Operation, case: Case) -> float:
    """Write the devices of one line that families bring; returns insurance and management, which they add.

    The commune buys the loan pool, with its FCTVA. It helps families with the rest of the price, in fonctionnement and
    so without FCTVA; the Éducation nationale pays the share that the consultant supposes. Each device of a family is
    insured and managed, at the commune's cost, every year of its life inside the horizon.
    """
    law, year, ttc = operation.law, line["year"], line[f"ttc_{case}"]
    lent = pool_eur(line, operation, case)
    state = cents((ttc - lent) * operation.assumptions.byod_state_share)
    family = min(cents((ttc - lent) * operation.family_share), cents(ttc - lent - state))
    if lent:
        buy(ledger, {year: lent}, {year: 1.0}, [], operation)
    ledger.bear(year, "etat", "fonctionnement", state)
    ledger.bear(year, "famille", "fonctionnement", family)
    ledger.pay(year, "fonctionnement", "Aide aux familles", cents(ttc - lent - state - family))
    devices = line[f"quantity_{case}"] * (1 - operation.byod_loan_share)
    yearly = cents(devices * (law["byod_assurance_par_an"] + law["byod_gestion_par_an"]))
    served = [y for y in operation.programme.years if year <= y < year + int(line["life_years"])]
    for service in served:
        ledger.pay(service, "fonctionnement", "Assurance et gestion des appareils", yearly)
    return cents(yearly * len(served))


def run_services(ledger: Ledger, operation: Operation, case: Case, skills_eur: float = 0.0) -> list[Grant]:
    """Write maintenance, accompaniment and services, the same in every scenario; skills given pay accompaniment."""
    left, grants = skills_eur, list[Grant]()
    paid: dict[tuple[str, str, int], float] = {}
    for line in operation.services:
        key = line["item"], line["label"], line["year"]
        paid[key] = paid.get(key, 0.0) + line[f"ttc_{case}"]
    for (item, label, year), ttc in paid.items():
        ledger.pay(year, "fonctionnement", label, ttc)
        given = cents(min(left, ttc)) if item == "accompagnement" else 0.0
        if given > 0:
            grants.append(_gift(operation, "don_competences", "Mécénat de compétences", year, given, "fonctionnement"))
            ledger.receive(grants[-1])
            left = cents(left - given)
    return grants


def pool_eur(line: Line, operation: Operation, case: Case) -> float:
    """What the commune buys TTC of the devices of one line that families bring, to lend them."""
    return cents(line[f"ttc_{case}"] * operation.byod_loan_share)


def _give(
    ledger: Ledger, bought: Mapping[int, Line], given: Mapping[int, float], operation: Operation, case: Case
) -> tuple[dict[int, float], dict[int, float], list[Grant]]:
    """Write what a donor gives in kind; returns what is left to buy, TTC by year, its movable share, and the gifts."""
    spent, movable = dict[int, float](), dict[int, float]()
    grants = []
    for row, line in bought.items():
        year, ttc = line["year"], line[f"ttc_{case}"]
        gift = _gift(operation, "don_nature", "Dons en nature", year, ttc * given.get(row, 0.0))
        if gift.full_eur:
            ledger.bear(gift.year, gift.payer, gift.section, gift.counted_eur)
            grants.append(gift)
        left = cents(ttc - gift.counted_eur)
        spent[year] = cents(spent.get(year, 0.0) + left)
        movable[year] = movable.get(year, 0.0) + (left if line["leasable"] else 0.0)
    spent = {year: ttc for year, ttc in spent.items() if ttc}
    return spent, {year: movable[year] / ttc for year, ttc in spent.items()}, grants


def _aids(bought: Mapping[int, float], asked: tuple[Request, ...], operation: Operation, case: Case) -> list[Grant]:
    """What each aid gives, shared between the years by their spending, the cents to the last.

    `bought`: row → the share of it that the commune buys.
    """
    grants: list[Grant] = []
    by_year = operation.subsidised_ht_eur(case, bought) if asked else {}
    for request in asked:
        aid = request.aid
        tax = operation.law["tva_taux_normal"] if aid.base == "ttc" else 0
        base = {year: ht * (1 + tax) for year, ht in by_year.items() if year <= (request.last_year or year)}
        most = math.inf if request.ceiling_eur_per_year is None else request.ceiling_eur_per_year
        total = cents(amount_eur(request, sum(base.values()), operation))
        left = total
        for year, ht in base.items():
            share = left if year == max(base) else cents(total * ht / sum(base.values()))
            left, part = cents(left - share), cents(min(share, most))
            grants.append(
                Grant(
                    key=aid.key,
                    label=aid.label,
                    payer=aid.payer,
                    year=year,
                    full_eur=part,
                    probability=operation.aid_probability,
                    base_eur=cents(by_year[year]),
                    on_ttc=aid.base == "ttc" and aid.payer == "etat",
                )
            )
    return [grant for grant in grants if grant.full_eur]


def _gifts(spent: Mapping[int, float], gift_eur: float, grants: list[Grant], operation: Operation) -> list[Grant]:
    """Gifts of money pay what FCTVA, aids and gifts in kind, in full, leave of the first purchases, then the next."""
    gifts, left = [], gift_eur
    for year, ttc in sorted(spent.items()):
        of_year = [grant for grant in grants if grant.year == year]
        whole = cents(ttc - sum(g.full_eur - g.counted_eur for g in of_year if g.key == "don_nature"))
        aided = sum(grant.full_eur for grant in of_year if grant.key != "don_nature")
        room = max(0.0, cents(whole - fctva(max(0.0, whole), 0, operation.law) - aided))
        if min(left, room) > 0:
            gifts.append(_gift(operation, "don_argent", "Dons en argent", year, min(left, room)))
            left = cents(left - min(left, room))
    if left > 0:
        raise UsageError(
            f"Le don en argent dépasse de {euros(left, 2)} ce qui reste à payer des achats : baissez "
            "gift_company_eur ou gift_individuals_eur."
        )
    return gifts


def _gift(
    operation: Operation, key: str, label: str, year: int, full_eur: float, section: str = "investissement"
) -> Grant:
    probability = operation.gift_probability if full_eur else 1.0
    return Grant(key, label, "mecene", year, cents(full_eur), probability, section=section)


def _borrow(ledger: Ledger, spent_eur: float, grants: list[Grant], operation: Operation) -> float:
    """A loan for the first year's purchases, aids and gifts off, repaid by annuities from the next year on.

    Returns its interest.
    """
    year = operation.programme.start_year
    received = [g.counted_eur for g in grants if g.year == year and g.key not in ("don_nature", "don_competences")]
    principal = cents((spent_eur - sum(received)) * operation.assumptions.loan_share)
    if not principal:
        return 0.0
    schedule = loan_schedule(principal, operation.borrowing_rate, operation.loan_years)
    ledger.move(year, "Emprunt reçu", principal)
    for rank, row in schedule.iterrows():
        ledger.bear(year + int(str(rank)), "commune", "fonctionnement", row["interest_eur"])
        ledger.move(year + int(str(rank)), "Annuités d'emprunt", -row["annuity_eur"])
    return cents(schedule["interest_eur"].sum())
