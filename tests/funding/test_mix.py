"""The best mix: by hand, against every choice there is, and on real communes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import date
from itertools import product
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.programme import Programme
from pupitre.diagnostic.ranges import CASES
from pupitre.errors import PlanError
from pupitre.formats import NBSP, THIN_NBSP
from pupitre.funding import mix_model, mix_offer
from pupitre.funding.aids import Request, aids, amount_eur, requests, requests_or_usual, usual_requests
from pupitre.funding.comparables import Comparables
from pupitre.funding.constraints import breaches
from pupitre.funding.mix import Mix, best_mix, respects
from pupitre.funding.mix_model import model_of, solve
from pupitre.funding.mix_offer import offer_of
from pupitre.funding.operation import Operation
from pupitre.funding.payment import Ways, fund, run_services
from pupitre.funding.plan import FundingPlan, Grant, Ledger, sum_by_year
from pupitre.law import baremes
from pupitre.law.baremes import Law
from pupitre.study import Study

NONE = pd.DataFrame()
LAW = baremes.on(date(2026, 11, 22))
FCTVA = 0.16404
CENTS = 0.05
PLAIN: dict[str, Any] = {"lease_rate": 0.0, "lease_option_share": 0.0, "lease_years": 5, "uncertain_limit": 0.0}


def line(ht: float = 10_000.0, year: int = 2027, item: str = "affichage", **told: object) -> dict[str, Any]:
    """One investment of a five-year life, 10 units; a device that pupils may own is an `appareil_mobile`."""
    usual = {"nature": "achat", "section": "investissement", "leasable": item != "prise_reseau"}
    amounts = {f"{name}_{case}": eur for case in CASES for name, eur in (("ht", ht), ("ttc", round(ht * 1.2, 2)))}
    units = {f"quantity_{case}": 10 for case in CASES}
    return (
        {"item": item, "label": item, "year": year, "life_years": 5, "vat_rate": 0.2} | usual | amounts | units | told
    )


def service(ttc: float, year: int, item: str = "maintenance") -> dict[str, Any]:
    """Maintenance, or accompaniment, of one year."""
    nature = {"nature": item, "section": "fonctionnement", "leasable": False, "life_years": float("nan")}
    return line(ttc / 1.2, year, item) | nature


def operation(*lines: dict[str, Any], law: Law = LAW, horizon: int = 5, **assumptions: object) -> Operation:
    """A commune of 1 000 inhabitants, one school, ten classes; no aid, leases at a rate of nought, unless told."""
    programme = Programme(2027, horizon, pd.DataFrame(list(lines)), NONE, NONE, (), NONE, (), schools=1, pupils=200)
    told = Assumptions.model_validate(PLAIN | assumptions)
    return Operation(programme, law, told, population=1_000, departement="38", classes=10)


def aided(mix: Mix) -> dict[str, float]:
    """What each aid or gift of the mix gives in full."""
    assert mix.plan is not None
    sums: dict[str, float] = {}
    for grant in mix.plan.grants:
        sums[grant.key] = round(sums.get(grant.key, 0.0) + grant.full_eur, 2)
    return sums


def grants_of(mix: Mix) -> tuple[Grant, ...]:
    """The money of others that it counts on."""
    assert mix.plan is not None
    return mix.plan.grants


def cost_of(plan: FundingPlan, of: Operation) -> float:
    """Its discounted reste à charge."""
    return plan.discounted_reste_a_charge_eur(of.borrowing_rate)


def purchase_eur(ttc: float, rate: float) -> float:
    """What a purchase of the first year costs, discounted: its FCTVA comes two years later."""
    return ttc * (1 - FCTVA / (1 + rate) ** 2)


def rents_eur(ttc: float, rate: float) -> float:
    """What five yearly rents in advance cost, discounted, at a lease rate of nought."""
    return ttc / 5 * sum((1 + rate) ** -k for k in range(5))


def spaced(text: str) -> str:
    """A message with plain spaces."""
    return text.replace(NBSP, " ").replace(THIN_NBSP, " ")


# By hand


def test_a_line_is_bought_when_nothing_is_cheaper() -> None:
    """At 3.54 %: 12 000 - 1 968.48/1.0354² = 10 163.86 bought, 2 400 × 4.6667 = 11 200 leased."""
    of = operation(line())
    mix = best_mix(of)

    assert mix.modes == {0: "achat"}
    assert mix.discounted_eur == pytest.approx(purchase_eur(12_000, 0.0354), abs=CENTS)
    assert mix.plan is not None
    assert (mix.plan.scenario, mix.plan.case, mix.gap, mix.conflicts) == ("mix", "central", 0.0, ())


def test_a_line_is_leased_when_it_costs_less() -> None:
    """At 10 %: 12 000 - 1 968.48/1.21 = 10 373 bought, 2 400 × 4.1699 = 10 008 leased; a cable cannot be."""
    mix = best_mix(operation(line(), line(item="prise_reseau"), loan_rate=0.1))

    assert mix.modes == {0: "location", 1: "achat"}
    assert mix.discounted_eur == pytest.approx(rents_eur(12_000, 0.1) + purchase_eur(12_000, 0.1), abs=CENTS)


def test_at_equal_cost_a_line_is_bought() -> None:
    """A free line costs nothing in any way."""
    mix = best_mix(operation(line(0.0), line(), loan_rate=0.1))

    assert mix.modes == {0: "achat", 1: "location"}


def test_an_investment_ceiling_moves_a_line_to_leasing() -> None:
    """12 000 + 6 000 € under 12 000: the smaller is leased, since a lease costs more; under 11 999, the other is."""
    lines = line(10_000), line(5_000)

    assert best_mix(operation(*lines, ceiling_eur_per_year=18_000)).modes == {0: "achat", 1: "achat"}
    assert best_mix(operation(*lines, ceiling_eur_per_year=12_000)).modes == {0: "achat", 1: "location"}
    assert best_mix(operation(*lines, ceiling_eur_per_year=11_999)).modes == {0: "location", 1: "achat"}


def test_the_investment_ceiling_counts_options() -> None:
    """An option of 10 % of 12 000 € falls in 2032: 1 200 + 10 800 bought then are within 12 000, not within 11 999."""
    lines = line(10_000, 2027), line(9_000, 2032, "prise_reseau")
    leased = {"loan_rate": 0.1, "lease_option_share": 0.1, "horizon": 6}

    assert best_mix(operation(*lines, ceiling_eur_per_year=12_000, **leased)).modes[0] == "location"
    assert best_mix(operation(*lines, ceiling_eur_per_year=11_999, **leased)).plan is None


def test_a_running_ceiling_moves_a_line_back_to_purchase() -> None:
    """At 10 % both would be leased, 2 400 + 1 200 € a year, with 500 € of maintenance; the dearer rent goes first."""
    lines = line(10_000), line(5_000), *(service(500, 2027 + k) for k in range(5))

    assert best_mix(operation(*lines, loan_rate=0.1)).modes == {0: "location", 1: "location"}
    assert best_mix(operation(*lines, loan_rate=0.1, running_ceiling_eur_per_year=4_099)).modes == {
        0: "location",
        1: "achat",
    }
    assert best_mix(operation(*lines, loan_rate=0.1, running_ceiling_eur_per_year=2_899)).modes == {
        0: "achat",
        1: "location",
    }
    assert best_mix(operation(*lines, loan_rate=0.1, running_ceiling_eur_per_year=1_699)).modes == {
        0: "achat",
        1: "achat",
    }


UNAIDED = {"uncertain_limit": 1.0, "aid_probability": 0.0}
LENT = {"family_share": 1.0, "byod_loan_share": 0.5, "family_limit": 1.0, "ceiling_eur_per_year": 60_000}


@pytest.mark.parametrize(
    ("bought", "terms", "most"),
    [
        (line(100_000.0, item="prise_reseau"), {}, 12_000),
        (line(100_000.0, item="prise_reseau"), {"aids": {"aide_detr": 0.8}, "aid_probability": 1.0}, 4_000),
        (line(100_000.0, item="prise_reseau"), {"gift_company_eur": 20_000} | UNAIDED, 11_000),
        (line(100_000.0, item="prise_reseau"), {"gift_in_kind_eur": 20_000} | UNAIDED, 11_000),
        (line(100_000.0, item="appareil_mobile", leasable=False), LENT, 6_135),
    ],
    ids=["purchase", "aid", "gift", "gift in kind", "pool"],
)
def test_the_running_ceiling_counts_the_interest_of_a_loan(
    bought: dict[str, Any], terms: dict[str, Any], most: int
) -> None:
    """Borrowed over a year at 10 %: 12 000 € of 120 000, in 2028, aids and gifts off; of a pool of 60 000, 6 000.

    Five devices of families are insured and managed for 135 €. A service of 2027 shows which year the interest is of.
    """
    loan = {"loan_rate": 0.1, "loan_years": 1, "loan_share": 1.0}
    lines = bought, service(1_000, 2027)

    assert best_mix(operation(*lines, running_ceiling_eur_per_year=most, **loan, **terms)).plan is not None
    assert best_mix(operation(*lines, running_ceiling_eur_per_year=most - 1, **loan, **terms)).plan is None


@pytest.mark.parametrize(("limit", "expected"), [(0.32, ["achat", "achat"]), (0.34, ["familles", "achat"])])
def test_the_bound_of_families_is_a_share_of_the_programme(limit: float, expected: list[str]) -> None:
    """Families would bring 6 000 and 12 000 € of 18 000: a third is 6 000 €."""
    devices = line(5_000, item="appareil_mobile"), line(10_000, item="appareil_mobile")
    all_paid = {"family_share": 1.0, "byod_loan_share": 0.0}
    mix = best_mix(operation(*devices, family_limit=limit, **all_paid))

    assert list(mix.modes.values()) == expected


def test_families_bring_nothing_without_wifi() -> None:
    """Nor what a pupil does not own."""
    terms: dict[str, Any] = {"family_share": 1.0, "byod_loan_share": 0.0, "family_limit": 1.0}
    device = line(item="appareil_mobile")

    assert best_mix(operation(device, **terms)).modes == {0: "familles"}
    assert best_mix(operation(device, wifi=False, **terms)).modes == {0: "achat"}
    assert best_mix(operation(line(), **terms)).modes == {0: "achat"}


@pytest.mark.parametrize(("limit", "expected"), [(1.0, {"detr": 8_000}), (0.2, {"detr": 4_800}), (0.0, {})])
def test_uncertain_money_is_bounded(limit: float, expected: dict[str, float]) -> None:
    """80 % of 10 000 € HT, one chance in two: 4 000 € counted; at most 20 % of 12 000, 2 400 counted, 4 800 asked."""
    mix = best_mix(operation(line(), aids={"aide_detr": 0.8}, uncertain_limit=limit))

    assert aided(mix) == expected
    assert mix.plan is not None
    assert mix.plan.uncertain_eur == sum(expected.values()) / 2


def test_a_certain_aid_is_not_uncertain() -> None:
    """A probability of 1 counts in full, whatever the bound; of 0, nothing is asked for."""
    asked = {"aids": {"aide_detr": 0.8}, "uncertain_limit": 0.0}

    assert aided(best_mix(operation(line(), aid_probability=1.0, **asked))) == {"detr": 8_000}
    assert aided(best_mix(operation(line(), aid_probability=0.0, **asked))) == {}


def test_a_replacement_receives_no_aid() -> None:
    """80 % of the purchase of 10 000 € HT, nothing of its replacement."""
    lines = line(), line(20_000, 2032, nature="remplacement")
    mix = best_mix(operation(*lines, horizon=6, aids={"aide_detr": 0.8}, uncertain_limit=1.0))

    assert aided(mix) == {"detr": 8_000}


def test_the_own_share_leaves_gifts_out() -> None:
    """2 000 € given leave 80 % of 8 000 € to aids: a gift of 1 000 counted costs 800 of aid, and is worth it."""
    asked = {"aids": {"aide_detr": 0.8}, "uncertain_limit": 1.0}
    mix = best_mix(operation(line(), gift_company_eur=1_500, gift_individuals_eur=500, **asked))

    assert aided(mix) == {"detr": 6_400, "don_argent": 2_000}


def test_two_aids_share_what_the_own_share_leaves() -> None:
    """50 % and 50 % of 10 000 € would make it all; the first one asked for is served first."""
    asked = {"aids": {"aide_dsil": 0.5, "aide_detr": 0.5}, "uncertain_limit": 1.0}

    assert aided(best_mix(operation(line(), **asked))) == {"dsil": 5_000, "detr": 3_000}


def test_without_aid_a_gift_may_pay_all() -> None:
    """All that FCTVA leaves of 12 000 €, 10 031.52 €, is more than the price HT: no own share where no aid is."""
    mix = best_mix(operation(line(), gift_company_eur=20_000, aid_probability=0.0, uncertain_limit=1.0))

    assert aided(mix) == {"don_argent": 10_031.52}


def test_gifts_are_within_what_is_promised() -> None:
    """7 000 € for two purchases of 12 000, in two years: the first year receives them."""
    lines = line(item="prise_reseau"), line(item="prise_reseau", year=2028)
    mix = best_mix(operation(*lines, gift_company_eur=7_000, aid_probability=0.0, uncertain_limit=1.0))

    assert mix.plan is not None
    assert {grant.year: grant.full_eur for grant in mix.plan.grants} == {2027: 7_000}


def test_a_gift_too_large_for_one_year_pays_the_next_one_too() -> None:
    """10 031.52 € in 2027, all that FCTVA leaves, and what remains of 15 000 in 2028."""
    lines = line(item="prise_reseau"), line(item="prise_reseau", year=2028)
    mix = best_mix(operation(*lines, gift_company_eur=15_000, aid_probability=0.0, uncertain_limit=1.0))

    assert mix.plan is not None
    assert {grant.year: grant.full_eur for grant in mix.plan.grants} == {2027: 10_031.52, 2028: 4_968.48}


def test_aids_and_gifts_of_a_year_leave_its_fctva() -> None:
    """80 % of 20 000 € HT may not all fall in 2027, where two aids of 80 % would give 16 000 of 12 000 €."""
    lines = line(item="prise_reseau"), line(item="prise_reseau", year=2028)
    asked = {"aids": {"aide_detr": 0.8, "aide_dsil": 0.8}, "uncertain_limit": 1.0}
    mix = best_mix(operation(*lines, **asked))
    by_year = {year: sum(g.full_eur for g in grants_of(mix) if g.year == year) for year in (2027, 2028)}

    assert by_year == {2027: pytest.approx(10_031.52), 2028: pytest.approx(5_968.48)}


def comparables(**told: float) -> Comparables:
    """Projects of the same kind."""
    return Comparables(**{field.name: told.get(field.name, 1) for field in fields(Comparables)})  # type: ignore[arg-type]


def law_with(name: str, value: float) -> Law:
    """The law of the day, one figure changed."""
    figures = dict(baremes.load_figures(baremes.FOLDER))
    figures[name] = tuple(figure.model_copy(update={"value": value}) for figure in figures[name])
    return Law(LAW.day, figures)


def test_the_detr_has_its_own_ceiling() -> None:
    """Were it 50 %, 30 % of DETR would bring all aids down to 5 000 €: the DSIL alone gives 8 000."""
    asked = {"aids": {"aide_detr": 0.3, "aide_dsil": 0.8}, "uncertain_limit": 1.0}
    both = best_mix(operation(line(), law=law_with("aide_detr", 0.5), **asked))
    alone = best_mix(operation(line(), law=law_with("aide_detr", 0.5), **(asked | {"aids": {"aide_detr": 0.3}})))

    assert aided(both) == {"dsil": 8_000}
    assert aided(alone) == {"detr": 3_000}


def test_a_gift_in_kind_pays_part_of_a_line() -> None:
    """6 000 € promised, one chance in two: 3 000 € of 12 000 are not bought, nor bring FCTVA."""
    mix = best_mix(operation(line(), gift_in_kind_eur=6_000, uncertain_limit=1.0, aid_probability=0.0))

    assert mix.modes == {0: "don"}
    assert aided(mix) == {"don_nature": 6_000}
    assert mix.discounted_eur == pytest.approx(purchase_eur(9_000, 0.0354), abs=CENTS)


def test_what_is_given_receives_no_aid() -> None:
    """6 000 € given are worth 2 541, and lose 4 000 of an aid sure to come: the gift goes to a line without aid."""
    terms = {"aids": {"aide_detr": 0.8}, "aid_probability": 1.0, "gift_in_kind_eur": 6_000, "uncertain_limit": 1.0}
    alone = best_mix(operation(line(), **terms))
    beside = best_mix(operation(line(), line(nature="remplacement"), **terms))

    assert alone.modes == {0: "achat"}
    assert beside.modes == {0: "achat", 1: "don"}


def test_a_gift_in_kind_eases_the_investment_ceiling() -> None:
    """12 000 € less 3 000 counted are within 9 000, not within 8 999."""
    gift = {"gift_in_kind_eur": 6_000, "uncertain_limit": 1.0, "aid_probability": 0.0}

    assert best_mix(operation(line(item="prise_reseau"), ceiling_eur_per_year=9_000, **gift)).plan
    assert best_mix(operation(line(item="prise_reseau"), ceiling_eur_per_year=8_999, **gift)).plan is None


def test_gifts_that_are_sales_are_refused() -> None:
    """1 501 € in return for 6 000 is more than a quarter."""
    gift = {"gift_company_eur": 6_000, "gift_individuals_eur": 100, "uncertain_limit": 1.0, "aid_probability": 0.0}

    assert aided(best_mix(operation(line(), gift_return_eur=1_500, **gift))) == {"don_argent": 6_100}
    assert aided(best_mix(operation(line(), gift_return_eur=1_501, **gift))) == {"don_argent": 100}


def test_skills_pay_accompaniment_from_the_first_year_on() -> None:
    """1 500 € promised pay the 1 000 of 2027, then 500 of 2028; the plan counts one chance in two."""
    years = service(1_000, 2027, "accompagnement"), service(1_000, 2028, "accompagnement")
    mix = best_mix(operation(line(), *years, gift_skills_eur=1_500, uncertain_limit=1.0, aid_probability=0.0))

    assert mix.plan is not None
    assert {grant.year: grant.full_eur for grant in mix.plan.grants} == {2027: 1_000, 2028: 500}


def test_skills_cannot_skip_a_year() -> None:
    """1 500 € for 2028 are 1 000 once half of 1 000 comes, but 2027 is served first: 500 promised do not reach it."""
    years = service(1_000, 2027, "accompagnement"), service(1_500, 2028, "accompagnement")
    terms = {"uncertain_limit": 1.0, "aid_probability": 0.0, "running_ceiling_eur_per_year": 1_000}

    assert best_mix(operation(line(), *years, gift_skills_eur=2_000, **terms)).plan is not None
    assert best_mix(operation(line(), *years, gift_skills_eur=1_000, **terms)).plan is None


def test_aids_are_asked_for_the_first_years_first() -> None:
    """2 400 € counted of two years at 80 %: the bound leaves 9 600 asked, 8 000 in 2027 and 1 600 in 2028."""
    lines = line(), line(year=2028)
    mix = best_mix(operation(*lines, aids={"aide_detr": 0.8}, uncertain_limit=0.2))

    assert mix.plan is not None
    assert {grant.year: grant.full_eur for grant in mix.plan.grants} == {2027: 8_000, 2028: 1_600}


def test_a_year_without_aid_has_no_grant() -> None:
    """1 200 € counted of two years are 4 800 asked, all in 2027."""
    lines = line(), line(year=2028)
    mix = best_mix(operation(*lines, aids={"aide_detr": 0.8}, uncertain_limit=0.1))

    assert [(grant.year, grant.full_eur) for grant in grants_of(mix)] == [(2027, 4_800)]


def test_an_aid_on_all_years_keeps_its_base_when_the_first_ones_take_all() -> None:
    """10 000 € of DETR and DSIL fall in 2027, within 80 % of the 20 000 HT of both years, which the plan must show."""
    lines = line(), line(year=2028)
    asked = {"aids": {"aide_detr": 0.5, "aide_dsil": 0.5}, "uncertain_limit": 5_000 / 24_000}
    mix = best_mix(operation(*lines, **asked))

    assert mix.plan is not None
    assert aided(mix) == {"detr": 5_000, "dsil": 5_000}
    assert {grant.year for grant in mix.plan.grants if grant.full_eur} == {2027}
    assert {grant.year: grant.base_eur for grant in mix.plan.grants} == {2027: 10_000, 2028: 10_000}
    assert not breaches(mix.plan, operation(*lines, **asked))


def test_what_is_left_to_buy_of_a_gift_is_aided() -> None:
    """6 000 € given of 12 000: an aid of 10 % has 5 000 € HT left, and gives 500."""
    terms = {"aids": {"aide_detr": 0.1}, "gift_in_kind_eur": 6_000, "uncertain_limit": 1.0}

    assert aided(best_mix(operation(line(), **terms))) == {"don_nature": 6_000, "detr": 500}


def test_gifts_in_kind_and_of_money_leave_the_fctva_of_a_year() -> None:
    """6 000 € given of 12 000: money pays what FCTVA leaves of the other half, 5 015.76 €."""
    terms = {"gift_company_eur": 12_000, "gift_in_kind_eur": 6_000, "uncertain_limit": 1.0, "aid_probability": 0.0}

    assert aided(best_mix(operation(line(), **terms))) == {"don_nature": 6_000, "don_argent": 5_015.76}


# Aids


def test_the_aids_of_the_consultant_come_first() -> None:
    """His that are open to the commune, at his rates; else the usual one."""
    own = operation(line(), aids={"aide_departement": 0.1, "aide_dsil": 0.2})
    usual = operation(line())

    assert [(one.aid.key, one.rate) for one in requests_or_usual(own)] == [("departement", 0.1), ("dsil", 0.2)]
    assert requests_or_usual(usual) == usual_requests(usual)
    assert [one.aid.key for one in requests_or_usual(usual)] == ["detr"]


def test_the_usual_aid_has_a_ceiling_each_year() -> None:
    """As comparable projects obtained it: 35 % of 8 000 € at most, so 2 800 of 12 000 € HT and 2 100 of 6 000.

    The simple plan that buys all with it has the same ceiling.
    """
    lines = line(12_000), line(6_000, year=2028)
    of = replace(operation(*lines, uncertain_limit=1.0), comparables=comparables(rate_median=0.35, cost_q3_eur=8_000))
    mix = best_mix(of)

    assert {grant.year: grant.full_eur for grant in grants_of(mix)} == {2027: 2_800, 2028: 2_100}
    assert (mix.neighbours[0].label, mix.neighbours[0].extra_eur) == ("tout acheter, avec DETR", 0)


@pytest.mark.parametrize(
    ("day", "aid", "rate", "ht", "brackets"),
    [
        (date(2026, 11, 22), "aide_tne", 0.7, 150_000, "marginal"),
        (date(2026, 11, 22), "aide_tne", 0.7, 300_000, "marginal"),
        (date(2026, 11, 22), "aide_tne", 0.7, 300_000, "cliff"),
        (date(2026, 11, 22), "aide_tne", 0.7, 200_000, "cliff"),
        (date(2026, 11, 22), "aide_tne", 0.4, 300_000, "marginal"),
        (date(2026, 11, 22), "aide_tne", 0.4, 100_000, "marginal"),
        (date(2021, 2, 1), "aide_socle_2021", 0.7, 30_000, "marginal"),
        (date(2021, 2, 1), "aide_socle_2021", 0.7, 90_000, "marginal"),
        (date(2020, 3, 1), "aide_label_2020", 0.5, 2_999, "marginal"),
        (date(2020, 3, 1), "aide_label_2020", 0.5, 3_000, "marginal"),
        (date(2020, 3, 1), "aide_label_2020", 0.5, 20_000, "marginal"),
    ],
)
def test_an_aid_gives_what_its_rules_give(day: date, aid: str, rate: float, ht: float, brackets: str) -> None:
    """Brackets, cliffs, ceilings by class and by school, least spending: the mix asks for what `amount_eur` gives."""
    cable = line(ht, item="prise_reseau")
    of = operation(cable, law=baremes.on(day), aids={aid: rate}, aid_brackets=brackets, uncertain_limit=1.0)
    expected = amount_eur(requests(of)[0], ht, of)

    assert sum(aided(best_mix(of)).values()) == pytest.approx(expected, abs=0.01)


def test_an_aid_of_the_state_on_the_price_ttc_takes_fctva_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """40 % of 12 000 € TTC, one chance in two: 2 400 counted, and 393.70 less of FCTVA two years later."""
    ttc = replace(aids()["detr"], base="ttc")
    monkeypatch.setattr(mix_offer, "requests_or_usual", lambda _: (Request(ttc, 0.4),))
    of = operation(line(item="prise_reseau"), uncertain_limit=1.0)
    mix = best_mix(of)

    assert aided(mix) == {"detr": 4_800}
    assert mix.discounted_eur == pytest.approx(purchase_eur(12_000, 0.0354) - purchase_eur(2_400, 0.0354), abs=CENTS)
    check_the_mix(mix, of)


def test_an_aid_ends_with_its_last_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """And stays within its own ceiling: 4 000 and 4 000 € of two years, nothing of 2028, or 3 000."""
    of = operation(line(item="prise_reseau"), line(item="prise_reseau", year=2028), uncertain_limit=1.0)
    for request, expected in (
        (Request(aids()["detr"], 0.4), {2027: 4_000, 2028: 4_000}),
        (Request(aids()["detr"], 0.4, last_year=2027), {2027: 4_000}),
        (Request(aids()["detr"], 0.4, ceiling_eur=3_000), {2027: 3_000}),
    ):
        monkeypatch.setattr(mix_offer, "requests_or_usual", lambda _, asked=request: (asked,))
        assert {grant.year: grant.full_eur for grant in grants_of(best_mix(of))} == expected


def test_a_cliff_is_worth_leasing_a_line() -> None:
    """210 000 € HT at 50 % give 105 000, 195 000 at 70 % 136 500: a line of 15 000 € is not bought, to stay below."""
    lines = line(195_000, item="prise_reseau"), line(15_000)
    asked = {"aids": {"aide_tne": 0.7}, "uncertain_limit": 1.0}

    assert best_mix(operation(*lines, aid_brackets="cliff", **asked)).modes[1] == "location"
    assert best_mix(operation(*lines, aid_brackets="marginal", **asked)).modes[1] == "achat"


# No plan


def test_what_an_investment_ceiling_lacks() -> None:
    """12 000 € that cannot be leased, for 10 000 allowed."""
    mix = best_mix(operation(line(item="prise_reseau"), ceiling_eur_per_year=10_000))

    assert (mix.plan, mix.modes, mix.discounted_eur, mix.gap, mix.neighbours) == (None, {}, None, 0.0, ())
    assert [spaced(one) for one in mix.conflicts] == [
        "Le plafond d'investissement de 2027 (10 000 €) est dépassé de 2 000 € au moins : "
        "relevez ceiling_eur_per_year.",
        "Pour qu'un plan existe, il suffit de porter ceiling_eur_per_year à 12 000 €.",
    ]


def test_two_ceilings_conflict() -> None:
    """12 000 € bought for 11 000, or 2 400 € a year leased for 2 000: the first lacks less, either would do."""
    mix = best_mix(operation(line(), ceiling_eur_per_year=11_000, running_ceiling_eur_per_year=2_000))

    assert [spaced(one) for one in mix.conflicts] == [
        "Le plafond d'investissement de 2027 (11 000 €) est dépassé de 1 000 € au moins : "
        "relevez ceiling_eur_per_year.",
        "Pour qu'un plan existe, il suffit de porter ceiling_eur_per_year à 12 000 €, "
        "ou running_ceiling_eur_per_year à 2 400 €.",
    ]


def test_services_alone_may_exceed_the_running_ceiling() -> None:
    """6 240 € of services in 2029, whatever the mix, for 5 000; years within it are not named."""
    lines = line(), service(100, 2027), service(6_240, 2029)
    mix = best_mix(operation(*lines, running_ceiling_eur_per_year=5_000))

    assert [spaced(one) for one in mix.conflicts] == [
        "Le plafond de fonctionnement de 2029 (5 000 €) est dépassé de 1 240 € au moins : relevez "
        "running_ceiling_eur_per_year. À eux seuls, les services de cette année coûtent 6 240 €.",
        "Pour qu'un plan existe, il suffit de porter running_ceiling_eur_per_year à 6 240 €.",
    ]


def test_services_are_judged_when_there_is_nothing_to_buy() -> None:
    """A programme of services has a plan, or says why not."""
    lines = [service(6_240, 2027)]

    assert best_mix(operation(*lines)).plan is not None
    assert best_mix(operation(*lines, running_ceiling_eur_per_year=6_000)).plan is None


def test_limits_that_must_move_together_are_said() -> None:
    """A cable above the ceiling of investment, services above the ceiling of running: neither alone is enough."""
    lines = line(item="prise_reseau"), service(6_000, 2028)
    mix = best_mix(operation(*lines, ceiling_eur_per_year=10_000, running_ceiling_eur_per_year=5_000))

    assert len(mix.conflicts) == 3
    assert mix.conflicts[-1] == "Aucune de ces limites ne suffit seule : relevez-les ensemble."


def test_a_bound_of_families_or_of_chance_may_be_what_lacks() -> None:
    """12 000 € of devices for 1 000 allowed: families would bring all, or gifts in kind come for 11 000 € counted."""
    terms: dict[str, Any] = {"family_share": 1.0, "byod_loan_share": 0.0, "ceiling_eur_per_year": 1_000}
    device = line(item="appareil_mobile", leasable=False)
    mix = best_mix(operation(device, gift_in_kind_eur=12_000, gift_probability=0.99, family_limit=0.995, **terms))

    assert [spaced(one) for one in mix.conflicts] == [
        "La part laissée aux familles (99,5 % du programme) est dépassée de 60 € au moins : relevez family_limit.",
        "Pour qu'un plan existe, il suffit de porter ceiling_eur_per_year à 12 000 €, ou family_limit à 100 %, "
        "ou uncertain_limit à 91,7 %.",
    ]


def test_a_solver_that_gives_up_is_no_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an error, said as such."""

    class GaveUp:
        status, x, message = 1, None, "Time limit reached."

    monkeypatch.setattr(mix_model, "milp", lambda *_, **__: GaveUp)
    with pytest.raises(PlanError, match="n'a pas été trouvé"):
        best_mix(operation(line()))


# Simple plans beside it


def test_the_simple_plans_beside_the_mix() -> None:
    """One cable and one display, the DETR asked for: the mix is to buy all with it, so it stands first, at no extra."""
    of = operation(line(), line(item="prise_reseau"), aids={"aide_detr": 0.5}, uncertain_limit=1.0)
    near = best_mix(of).neighbours

    assert [one.label for one in near] == [
        "louer ce qui peut l'être, avec DETR",
        "tout acheter",
        "louer ce qui peut l'être",
    ]
    assert [one.extra_eur for one in near] == sorted(one.extra_eur for one in near)


def test_simple_plans_ask_for_each_aid_and_for_all() -> None:
    """At 10 % all is bought with both aids; to lease the display comes next, then to ask for one, whichever it is."""
    asked = {"aids": {"aide_detr": 0.2, "aide_dsil": 0.2}, "uncertain_limit": 1.0}
    of = operation(line(), line(item="prise_reseau"), loan_rate=0.1, **asked)

    assert [one.label for one in best_mix(of).neighbours] == [
        "louer ce qui peut l'être, avec DETR et DSIL",
        "tout acheter, avec DETR",
        "louer ce qui peut l'être, avec DETR",
    ]


def test_a_simple_plan_that_is_the_mix_gives_it_its_name_when_few_are_left() -> None:
    """A cable without aid can only be bought: the one simple plan is the mix."""
    near = best_mix(operation(line(item="prise_reseau"))).neighbours

    assert [(one.label, one.extra_eur) for one in near] == [("tout acheter", 0.0)]


def test_a_simple_plan_beyond_a_limit_is_left_out() -> None:
    """Under 11 000 €, 12 000 are not bought."""
    near = best_mix(operation(line(), ceiling_eur_per_year=11_000)).neighbours

    assert [one.label for one in near] == ["louer ce qui peut l'être"]


def test_aids_above_the_price_make_no_simple_plan() -> None:
    """80 % and 80 % sure to come: to lease the display and ask for both, on the cable, has no plan."""
    asked = {"aids": {"aide_detr": 0.8, "aide_dsil": 0.8}, "aid_probability": 1.0}
    near = best_mix(operation(line(), line(item="prise_reseau"), **asked)).neighbours

    assert len(near) == 3
    assert not any("DETR et DSIL" in one.label for one in near)


def test_gifts_too_large_for_an_aid_make_no_simple_plan() -> None:
    """10 000 € of gifts and 8 000 of aid exceed what is to pay: that plan is left out, the others stay."""
    of = operation(line(item="prise_reseau"), gift_company_eur=10_000, aids={"aide_detr": 0.8}, uncertain_limit=1.0)

    assert [one.label for one in best_mix(of).neighbours] == [
        "prendre tous les dons promis",
        "tout acheter, avec DETR",
        "tout acheter",
    ]


@pytest.mark.parametrize(
    "broken",
    [
        {"ceiling_eur_per_year": 11_999},
        {"running_ceiling_eur_per_year": 2_269},
        {"uncertain_limit": 0.1},
        {"family_limit": 0.1},
    ],
)
def test_a_plan_is_within_each_limit_or_not(broken: dict[str, float]) -> None:
    """12 000 € bought, 4 000 counted of an aid, 2 000 € of services and 270 of insurance, 12 000 € left to families."""
    lines = line(item="prise_reseau"), line(item="appareil_mobile"), service(2_000, 2030)
    kept = {"ceiling_eur_per_year": 12_000, "running_ceiling_eur_per_year": 2_270, "byod_loan_share": 0.0}
    kept |= {"family_share": 1.0, "family_limit": 1.0, "aids": {"aide_detr": 0.8}, "uncertain_limit": 1.0}
    of = operation(*lines, **kept)
    plan = fund(of, "central", "mix", Ways(families=frozenset({1}), aids=requests(of)))

    assert respects(plan, of)
    assert not respects(plan, of.supposing(**broken))


def test_a_plan_that_breaks_the_law_is_not_within_the_limits() -> None:
    """80 % of aid and a gift of 1 000 € leave less than a fifth to the commune."""
    of = operation(line(), aids={"aide_detr": 0.8}, uncertain_limit=1.0)

    assert respects(fund(of, "central", "mix", Ways(aids=requests(of))), of)
    assert not respects(fund(of, "central", "mix", Ways(aids=requests(of), gift_eur=1_000)), of)


# Against every choice

LINES = st.lists(
    st.builds(
        line,
        ht=st.integers(500, 20_000).map(float),
        year=st.integers(2027, 2029),
        item=st.sampled_from(["affichage", "appareil_mobile", "prise_reseau"]),
        nature=st.sampled_from(["achat", "achat", "remplacement"]),
    ),
    min_size=1,
    max_size=4,
)
TERMS: dict[str, st.SearchStrategy[Any]] = {
    "loan_rate": st.sampled_from([0.0, 0.0354, 0.1]),
    "loan_share": st.sampled_from([0.0, 0.5, 1.0]),
    "loan_years": st.integers(1, 5),
    "lease_rate": st.sampled_from([0.0, 0.06]),
    "lease_option_share": st.sampled_from([0.0, 0.1]),
    "fctva_delay_years": st.integers(0, 2),
    "family_share": st.sampled_from([0.5, 1.0]),
    "family_limit": st.sampled_from([0.1, 0.3, 1.0]),
    "ceiling_eur_per_year": st.none() | st.integers(2_000, 40_000),
    "running_ceiling_eur_per_year": st.none() | st.integers(1_000, 12_000),
    "given_away_after_years": st.sampled_from([None, 1]),
}


def ways_of(of: Operation) -> Iterator[dict[int, str]]:
    """Every way to pay every line, gifts in kind left out."""
    by_row = [
        ["achat"]
        + (["location"] if row in of.leasable_rows else [])
        + (["familles"] if row in of.family_rows and of.assumptions.wifi else [])
        for row in of.investments.index
    ]
    for chosen in product(*by_row):
        yield dict(zip(of.investments.index, chosen, strict=True))


def best_aid(of: Operation, bought: dict[int, float], rate: float) -> tuple[Grant, ...]:
    """The one aid, on the first years first, within its rate, 80 % of all that is bought, and the bound of chance."""
    base = of.subsidised_ht_eur("central", bought)
    left = min(0.8 * sum(base.values()), of.assumptions.uncertain_limit * of.programme.ttc("central") / 0.5)
    grants = []
    for year, ht in sorted(base.items()):
        full = int(min(left, rate * ht) * 100 + 1e-6) / 100
        left -= full
        grants.append(Grant("detr", "DETR", "etat", year, full, 0.5, round(ht, 2)))
    return tuple(grants)


def within(plan: FundingPlan, of: Operation) -> bool:
    """Whether a plan keeps to every limit of these examples."""
    told, ttc = of.assumptions, of.programme.ttc("central")
    cash = plan.cash[plan.cash["label"].isin(["Achats", "Options d'achat"])]
    most = told.ceiling_eur_per_year or 1e9
    running = told.running_ceiling_eur_per_year or 1e9
    return (
        all(-eur <= most + CENTS for eur in sum_by_year(cash).values())
        and all(eur <= running + CENTS for eur in plan.charge_by_year("commune", "fonctionnement").values())
        and plan.borne_by("famille") <= told.family_limit * ttc + CENTS
        and not any(breach.forbidden for breach in breaches(plan, of))
    )


def cheapest_of_all(of: Operation, rate: float) -> float | None:
    """The lowest discounted reste à charge of all choices within the limits, None when there is none."""
    costs = []
    for modes in ways_of(of):
        by_mode = {mode: frozenset(row for row, way in modes.items() if way == mode) for mode in set(modes.values())}
        granted = best_aid(of, dict.fromkeys(by_mode.get("achat", ()), 1.0), rate) if rate else ()
        leased, families = by_mode.get("location", frozenset()), by_mode.get("familles", frozenset())
        plan = fund(of, "central", "mix", Ways(leased=leased, families=families, granted=granted))
        if within(plan, of):
            costs.append(cost_of(plan, of))
    return min(costs, default=None)


def check_the_mix(mix: Mix, of: Operation) -> None:
    """What every mix holds: proved, lawful, within the limits, no dearer than a simple plan, as the program says."""
    found = solve(model_of(offer_of(of)))
    if mix.plan is None:
        assert found is None
        assert mix.conflicts
        return
    assert found is not None
    run_services(services := Ledger(), of, "central")
    fixed = services.discounted_outflow_eur(of.borrowing_rate, of.programme.start_year)
    assert mix.gap == 0
    assert mix.discounted_eur == cost_of(mix.plan, of) == pytest.approx(found.cost_eur + fixed, abs=1)
    assert respects(mix.plan, of)
    assert mix.modes.keys() == set(of.investments.index)
    assert len(mix.neighbours) <= 3
    for near in mix.neighbours:
        assert near.extra_eur == pytest.approx(cost_of(near.plan, of) - mix.discounted_eur, abs=0.03)
        assert respects(near.plan, of)


@settings(max_examples=40)
@given(
    lines=LINES,
    terms=st.fixed_dictionaries(TERMS),
    rate=st.sampled_from([0.0, 0.4, 0.8]),
    limit=st.sampled_from([0.1, 1.0]),
)
def test_no_choice_is_cheaper(lines: list[dict[str, Any]], terms: dict[str, Any], rate: float, limit: float) -> None:
    """The mix is the cheapest of all ways to pay all lines, each with the best aid; or there is none."""
    asked = {"aids": {"aide_detr": rate}, "uncertain_limit": limit} if rate else {"uncertain_limit": 0.0}
    of = operation(*lines, service(500, 2027), **(terms | asked))
    mix, least = best_mix(of), cheapest_of_all(of, rate)

    assert (mix.discounted_eur is None) == (least is None)
    if least is not None:
        assert mix.discounted_eur == pytest.approx(least, abs=1)
    check_the_mix(mix, of)


@settings(max_examples=40)
@given(
    lines=LINES,
    terms=st.fixed_dictionaries(TERMS),
    gifts=st.fixed_dictionaries(
        {
            "gift_company_eur": st.integers(0, 20_000),
            "gift_in_kind_eur": st.integers(0, 20_000),
            "gift_skills_eur": st.integers(0, 2_000),
            "gift_probability": st.sampled_from([0.0, 0.5, 1.0]),
            "uncertain_limit": st.sampled_from([0.1, 0.3, 1.0]),
            "aids": st.sampled_from([{}, {"aide_detr": 0.8}, {"aide_detr": 0.5, "aide_departement": 0.6}]),
        }
    ),
)
def test_with_gifts_and_aids_every_mix_holds(
    lines: list[dict[str, Any]], terms: dict[str, Any], gifts: dict[str, Any]
) -> None:
    """Whatever is promised, asked for and limited."""
    years = service(1_000, 2027, "accompagnement"), service(1_000, 2028, "accompagnement")
    of = operation(*lines, *years, **(terms | gifts))

    check_the_mix(best_mix(of), of)


@settings(max_examples=8)
@given(
    amounts=st.lists(st.integers(500, 20_000), min_size=1, max_size=4),
    gift=st.integers(1, 30_000),
    rate=st.sampled_from([0.0354, 0.1]),
)
def test_no_gift_in_kind_is_better_placed(amounts: list[int], gift: int, rate: float) -> None:
    """Whichever lines are given, the first as far as the promise goes, and whichever others are leased."""
    of = operation(
        *(line(float(ht)) for ht in amounts),
        gift_in_kind_eur=gift,
        loan_rate=rate,
        uncertain_limit=1.0,
        aid_probability=0.0,
    )
    prices = of.investments["ttc_central"].to_dict()
    costs = []
    for modes in product(["achat", "location", "don"], repeat=len(amounts)):
        given, left = {}, float(gift)
        for row, ttc in prices.items():
            if modes[row] == "don":
                given[row] = min(left, ttc) / ttc
                left -= min(left, ttc)
        leased = frozenset(row for row in prices if modes[row] == "location")
        costs.append(cost_of(fund(of, "central", "mix", Ways(leased=leased, given=given)), of))

    assert best_mix(of).discounted_eur == pytest.approx(min(costs), abs=1)


def test_only_what_can_leave_gives_fctva_back() -> None:
    """Given away after a year, a display costs 1 181 € more, and is leased; a cable stays, and is bought."""
    of = operation(line(), line(item="prise_reseau"), given_away_after_years=1)
    mix = best_mix(of)

    assert mix.modes == {0: "location", 1: "achat"}
    check_the_mix(mix, of)


# Real communes


@pytest.mark.parametrize("code", ["09194", "13028"])
@pytest.mark.parametrize(
    "told",
    [
        {},
        {"running_ceiling_eur_per_year": 200_000, "ceiling_eur_per_year": 300_000, "loan_share": 1.0},
        {"gift_company_eur": 5_000, "gift_in_kind_eur": 9_000, "gift_skills_eur": 2_000, "uncertain_limit": 0.2},
    ],
    ids=["usual", "ceilings", "gifts"],
)
def test_no_scenario_of_a_real_commune_is_cheaper(
    code: str, told: dict[str, float], study_of: Callable[..., Study]
) -> None:
    """Mirepoix and La Ciotat: every eligible plan within the limits costs as much, or more; twice the same mix."""
    of = study_of(code, **told).operation
    assert of is not None
    mix, again = best_mix(of), best_mix(of)
    assert mix.plan is not None
    assert again.plan is not None
    assert mix.discounted_eur is not None
    check_the_mix(mix, of)
    for plans in study_of(code, **told).plans.values():
        if respects(plans["central"], of):
            assert cost_of(plans["central"], of) >= mix.discounted_eur - 0.05
    assert (mix.modes, mix.plan.grants) == (again.modes, again.plan.grants)
    assert mix.plan.charge.equals(again.plan.charge)
    assert [(one.label, one.extra_eur) for one in mix.neighbours] == [(n.label, n.extra_eur) for n in again.neighbours]
