"""The law that every plan must respect, and by how much one breaks it.

Belongs: tests of a finished plan, each with its article. Does not: eligibility (each scenario), any figure (`law/`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import floor

from pupitre.formats import cents, euros, number, percent
from pupitre.funding.finance import fctva
from pupitre.funding.operation import Operation
from pupitre.funding.plan import CENT, FundingPlan, Grant, sum_by_year

IN_KIND = ("don_nature", "don_competences")
AID_OF_DETR = "detr"


@dataclass(frozen=True)
class Breach:
    """A rule that a plan breaks: its article, by how many euros, and the nearest plan that respects it.

    `forbidden`: the plan may not be carried out; otherwise the rule has a cost, which the plan counts.
    """

    rule: str
    article: str
    over_eur: float
    nearest: str
    forbidden: bool = True

    def __str__(self) -> str:
        """One sentence."""
        return f"{self.rule} ({self.article}) : {_eur(self.over_eur)} de trop. {self.nearest}"


def breaches(plan: FundingPlan, operation: Operation) -> tuple[Breach, ...]:
    """Every rule that the plan breaks; tested on what would be granted in full, not on what it counts."""
    checks = (_rents, _fctva, _payment, _give_back)
    of_plan = tuple(breach for check in checks for breach in check(plan, operation))
    return aid_breaches(plan.grants, operation) + of_plan


def aid_breaches(grants: Iterable[Grant], operation: Operation) -> tuple[Breach, ...]:
    """The rules that aids and gifts break by their amounts alone."""
    told = tuple(grants)
    return (*_own_share(told, operation), *_detr(told, operation))


def most_public_aid_eur(spend_ht_eur: float, gifts_eur: float, operation: Operation) -> float:
    """The most public aid that an investment may receive: own share ≥ 20 % of the public money, gifts left out.

    Own money C, aid S, gifts G, spending T = C + S + G:  C ≥ 20 % (C + S)  is  S ≤ 80 % (T - G)  (CGCT, L. 1111-10).
    """
    return (1 - operation.law["part_propre_minimum"]) * max(0.0, spend_ht_eur - gifts_eur)


def _own_share(grants: tuple[Grant, ...], operation: Operation) -> Iterator[Breach]:
    aids = _aids(grants)
    spend = _spend_ht(aids)
    gifts = sum(grant.full_eur for grant in grants if grant.payer == "mecene" and grant.key not in IN_KIND)
    asked, most = sum(grant.full_eur for grant in aids), most_public_aid_eur(spend, gifts, operation)
    if aids and asked > most + CENT:
        share = percent(operation.law["part_propre_minimum"])
        part = percent(floor(1000 * most / spend) / 1000) if spend else percent(0)
        yield Breach(
            rule=f"La commune garde au moins {share} du financement public, dons non comptés",
            article="CGCT, L. 1111-10, III",
            over_eur=cents(asked - most),
            nearest=f"Ramenez les aides de {_eur(asked)} à {_eur(most)}, soit {part} de la dépense HT.",
        )


def _detr(grants: tuple[Grant, ...], operation: Operation) -> Iterator[Breach]:
    aids = _aids(grants)
    detr = [grant for grant in aids if grant.key == AID_OF_DETR]
    asked = sum(grant.full_eur for grant in aids)
    share = operation.law["aide_detr"] if detr else 0.0
    most = share * _spend_ht(detr)
    if detr and asked > most + CENT:
        yield Breach(
            rule=f"Avec la DETR, les aides publiques font au plus {percent(share)} de la dépense HT",
            article="CGCT, R. 2334-27",
            over_eur=cents(asked - most),
            nearest=f"Ramenez les aides de {_eur(asked)} à {_eur(most)}.",
        )


def _rents(plan: FundingPlan, operation: Operation) -> Iterator[Breach]:
    """Neither FCTVA nor DETR on rents: in a year of rents the State runs nothing but its share of families' devices."""
    of_state = plan.charge[(plan.charge["payer"] == "etat") & (plan.charge["section"] == "fonctionnement")]
    paid, shared = sum_by_year(of_state), _shares_of_state(plan, operation)
    rented = set(plan.cash.loc[plan.cash["label"] == "Loyers", "year"])
    over = sum(max(0.0, eur - shared.get(year, 0.0)) for year, eur in paid.items() if year in rented)
    if over > CENT * (1 + len(shared)):
        yield Breach(
            rule="Les loyers n'ouvrent droit ni au FCTVA ni à la DETR",
            article="CGCT, L. 1615-1 et L. 2334-36",
            over_eur=cents(over),
            nearest="Comptez les loyers en entier à la charge de la commune.",
        )


def _shares_of_state(plan: FundingPlan, operation: Operation) -> dict[int, float]:
    """What the Éducation nationale may pay of families' devices, by year; nothing when families bring none."""
    shares: dict[int, float] = {}
    part = operation.assumptions.byod_state_share * (1 - operation.byod_loan_share)
    for row in operation.family_rows if plan.borne_by("famille") else ():
        line = operation.rows[row]
        shares[line["year"]] = shares.get(line["year"], 0.0) + part * line[f"ttc_{plan.case}"]
    return shares


def _fctva(plan: FundingPlan, operation: Operation) -> Iterator[Breach]:
    """On the amount TTC that the commune invests, less the aid of the State computed TTC."""
    invested = plan.charge[plan.charge["section"] == "investissement"]
    given = _by_year(plan, lambda grant: grant.key == "don_nature")
    on_ttc = _by_year(plan, lambda grant: grant.on_ttc)
    aided = _by_year(plan, lambda grant: grant.payer == "etat" and grant.section == "investissement")
    borne = sum_by_year(invested[~invested["payer"].isin(("groupement", "famille"))])
    back = sum_by_year(invested[invested["payer"] == "etat"])
    over = sum(
        max(0.0, back.get(year, 0.0) - aided.get(year, 0.0) - fctva(_base(ttc, given, on_ttc, year), 0, operation.law))
        for year, ttc in borne.items()
    )
    if over > CENT * (len(borne) + len(operation.rows)):  # each line may round its own
        yield Breach(
            rule="Le FCTVA se calcule sur la dépense TTC, moins les subventions de l'État calculées TTC",
            article="CGCT, L. 1615-6 et L. 1615-10",
            over_eur=cents(over),
            nearest="Recalculez le FCTVA sur cette assiette.",
        )


def _base(ttc: float, given: dict[int, float], on_ttc: dict[int, float], year: int) -> float:
    return max(0.0, cents(ttc - given.get(year, 0.0) - on_ttc.get(year, 0.0)))


def _payment(plan: FundingPlan, operation: Operation) -> Iterator[Breach]:
    """What is put in service in a year is paid for that year, in full or in rents that begin; services left aside."""
    services: dict[int, float] = {}
    for line in operation.services:
        services[line["year"]] = services.get(line["year"], 0.0) + line[f"ttc_{plan.case}"]
    paid = sum_by_year(plan.charge)
    late = sum(
        line[f"ttc_{plan.case}"]
        for line in operation.rows.values()
        if paid.get(line["year"], 0.0) - services.get(line["year"], 0.0) <= CENT
    )
    if late > CENT:
        yield Breach(
            rule="Le paiement différé est interdit dans un marché public",
            article="code de la commande publique, L. 2191-5",
            over_eur=cents(late),
            nearest="Payez le matériel, ou le premier loyer, l'année où il est livré.",
        )


def _give_back(plan: FundingPlan, operation: Operation) -> Iterator[Breach]:
    owed = -plan.cash.loc[plan.cash["label"] == "FCTVA rendu à l'État", "amount_eur"].sum()
    if owed > 0:
        years = operation.law["fctva_reprise_annees"]
        yield Breach(
            rule="Un matériel cédé avant la quatrième année fait rendre une part du FCTVA",
            article="CGCT, R. 1615-5",
            over_eur=cents(owed),
            nearest=f"Gardez les appareils {number(years)} ans après l'année de l'achat.",
            forbidden=False,
        )


def _eur(amount: float) -> str:
    """An amount to the cent, its cents left out when there are none."""
    return euros(amount, 0 if amount == int(amount) else 2)


def _aids(grants: tuple[Grant, ...]) -> list[Grant]:
    return [grant for grant in grants if grant.payer != "mecene" and grant.section == "investissement"]


def _spend_ht(aids: list[Grant]) -> float:
    """The spending HT that aids subsidise: aids of one year share the same."""
    return sum({grant.year: grant.base_eur for grant in aids}.values())


def _by_year(plan: FundingPlan, keep: Callable[[Grant], bool]) -> dict[int, float]:
    sums: dict[int, float] = {}
    for grant in plan.grants:
        if keep(grant):
            sums[grant.year] = sums.get(grant.year, 0.0) + grant.counted_eur
    return sums
