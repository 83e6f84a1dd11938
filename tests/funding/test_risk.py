from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import triang

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.programme import Programme
from pupitre.diagnostic.ranges import CASES, Case
from pupitre.errors import UsageError
from pupitre.funding import risk
from pupitre.funding.operation import Operation
from pupitre.funding.plan import FundingPlan, Ledger, Verdict
from pupitre.funding.risk import CostModel, Input, Risk, assess_risk, drawn, inputs_of, model_of
from pupitre.funding.scenarios import SCENARIOS, achat, byod_tripartite, leasing, mecenat, subventions
from pupitre.funding.scenarios.base import Scenario
from pupitre.law import baremes
from pupitre.law.baremes import Law
from pupitre.study import Study

StudyOf = Callable[..., Study]
ON = date(2026, 11, 22)
LAW = baremes.on(ON)
FCTVA = LAW["fctva_taux"]
RICH = {
    "gift_company_eur": 800, "gift_in_kind_eur": 500, "gift_skills_eur": 300, "loan_share": 0.6, "loan_years": 8,
    "call_rate": 0.4, "lease_option_share": 0.05, "gift_probability": 0.7, "aid_probability": 0.3,
    "running_ceiling_eur_per_year": 9_000, "groupement_share": 0.25, "byod_state_share": 0.1,
}  # fmt: skip
STILL = {"casse_part": 0.0}


def operation_of(study: Study) -> Operation:
    """What its scenarios pay for."""
    assert study.operation is not None
    return study.operation


def model(scenario: Scenario, operation: Operation) -> CostModel:
    """The model of a scenario, under the inputs of its operation."""
    return model_of(scenario, operation, inputs_of(operation))


def charges(of: CostModel, **moved: float) -> np.ndarray[Any, Any]:
    """The columns of one point: each input central, nothing broken, but for what is moved."""
    values = {key: one.over["central"] for key, one in of.inputs.items()} | STILL | moved
    return of.charges({key: np.array([value]) for key, value in values.items()})[0]


def cost(of: CostModel, **moved: float) -> float:
    """The reste à charge at one point."""
    return float(charges(of, **moved)[0])


def line(item: str, year: int = 2027, ht: float = 1_000, **more: object) -> dict[str, object]:
    """A purchase at ±20 %, of things that no lessor takes back."""
    row: dict[str, object] = {"item": item, "label": item, "nature": "achat", "year": year, "section": "investissement"}
    row |= {"account": "2183", "leasable": False, "maintained": False, "life_years": 5, "vat_rate": 0.2}
    for case, factor in zip(CASES, (0.8, 1.0, 1.2), strict=True):
        amount = ht * factor
        row |= {f"quantity_{case}": 1, f"unit_ht_{case}": amount, f"ht_{case}": amount, f"ttc_{case}": 1.2 * amount}
    return row | more


def operation(*lines: dict[str, object], law: Law = LAW, **assumptions: object) -> Operation:
    """An operation of 2027-2031 that buys these lines."""
    none = pd.DataFrame()
    programme = Programme(2027, 5, pd.DataFrame(list(lines)), none, none, (), none, (), schools=1, pupils=14)
    return Operation(programme, law, Assumptions.model_validate(assumptions))


def law_with(**ranges: tuple[float, float, float]) -> Law:
    """The law of the day, with other low, central and high values."""
    figures = dict(baremes.load_figures(baremes.FOLDER))
    for name, (low, value, high) in ranges.items():
        figures[name] = (figures[name][-1].model_copy(update={"low": low, "value": value, "high": high}),)
    return Law(ON, figures)


STEADY = law_with(hausse_prix=(0, 0, 0))


def few(operation: Operation, scenario: str = "achat", **how: int) -> Risk:
    """A quick assessment."""
    return assess_risk(operation, scenario, **({"draws": 500, "sobol": 64} | how))


# The inputs.


@given(st.floats(0, 1, exclude_max=True), st.floats(0, 5), st.floats(0, 5), st.floats(0, 5))
def test_an_input_follows_the_triangular_law(below: float, low: float, rise: float, fall: float) -> None:
    """As scipy inverts it; a range without width is its value."""
    mode, high = low + rise, low + rise + fall
    (value,) = Input("x", {"low": low, "central": mode, "high": high}).draw(np.array([below]))
    width = high - low

    assert value == pytest.approx(triang.ppf(below, rise / width, low, width) if width > 1e-6 else mode, abs=1e-5)


@pytest.mark.parametrize(("probability", "comes"), [(0.0, [0, 0, 0]), (0.3, [1, 0, 0]), (1.0, [1, 1, 1])])
def test_a_chance_comes_whole_or_not_at_all(probability: float, comes: list[float]) -> None:
    """As often as its probability says."""
    chance = Input("x", {"low": 0, "central": probability, "high": 1}, chance=True)

    assert chance.draw(np.array([0.0, 0.3, 0.99])).tolist() == comes


def test_each_price_is_an_input_and_items_that_share_one_rise_together(study_of: StudyOf) -> None:
    """The teacher's laptop and the head's have one price; its range is that of the figure, relative to its value."""
    inputs = inputs_of(operation_of(study_of("13028")))
    figure = LAW.figure("prix_ordinateur_portable")
    assert figure.low is not None
    assert figure.high is not None

    assert inputs["prix_ordinateur_portable"].label == "Prix (ordinateur portable)"
    over = inputs["prix_ordinateur_portable"].over
    assert over["central"] == 1
    assert over["low"] == pytest.approx(figure.low / float(figure.value), abs=0.002)
    assert over["high"] == pytest.approx(figure.high / float(figure.value), abs=0.002)
    assert inputs["maintenance"].over["high"] == pytest.approx(0.094 / 0.052)
    assert [key for key in inputs if key.startswith("prix_ordinateur")] == ["prix_ordinateur_portable"]


def test_what_a_supplier_or_a_lessor_quoted_is_certain(study_of: StudyOf) -> None:
    """A quoted price and the rate of an offer do not vary; a loan, which is not signed yet, does."""
    told = inputs_of(operation_of(study_of("13028", prix_affichage=3_000, lease_rate=0.04, loan_rate=0.05)))
    rented = inputs_of(operation_of(study_of("13028", lease_rent_per_1000_eur=20)))

    assert set(told["prix_affichage"].over.values()) == {1}
    assert set(told["lease_rate"].over.values()) == {0.04}
    assert len(set(rented["lease_rate"].over.values())) == 1
    assert told["loan_rate"].over == pytest.approx({"low": 0.04, "central": 0.05, "high": 0.06})


def test_rates_vary_around_their_value_and_never_below_nought() -> None:
    """The lessor's margin goes from 0 to 5 %, the loan moves by one point."""
    inputs, free = inputs_of(operation(line("affichage"))), inputs_of(operation(line("affichage"), loan_rate=0.004))
    rate = LAW["emprunt_taux"]

    assert inputs["lease_rate"].over == pytest.approx({"low": rate, "central": rate + 0.02, "high": rate + 0.05})
    assert free["loan_rate"].over == pytest.approx({"low": 0, "central": 0.004, "high": 0.014})


@pytest.mark.parametrize(
    ("share", "low", "high"), [(None, 0.1, 0.5), (0.2, 0.1, 0.5), (0.05, 0.05, 0.5), (0.8, 0.1, 0.8)]
)
def test_the_loan_pool_keeps_the_bounds_of_the_law(share: float | None, low: float, high: float) -> None:
    """Widened to hold what the consultant supposes."""
    over = inputs_of(operation(line("affichage"), byod_loan_share=share))["byod_loan_share"].over

    assert over == {"low": low, "central": 0.3 if share is None else share, "high": high}


def test_a_term_is_moved_only_where_it_acts() -> None:
    """No loan, no rate of a loan: the rate of a lease is its own; the loan pool is that of families."""
    of = operation(line("appareil_mobile", leasable=True), line("prise_reseau"))
    terms = [set(model(module.SCENARIO, of).terms) for module in (achat, leasing, byod_tripartite)]
    borrowed = model(leasing.SCENARIO, of.supposing(loan_share=1.0)).terms

    assert terms == [set(), {"lease_rate"}, {"byod_loan_share"}]
    assert set(borrowed) == {"loan_rate", "lease_rate"}


# The model, against the plans.


@pytest.mark.parametrize("code", ["09220", "13028"])
@pytest.mark.parametrize("assumptions", [{}, RICH, {"aide_detr": 0.3, "loan_share": 1, "gift_individuals_eur": 900}])
def test_at_the_centre_the_model_is_the_plan(code: str, assumptions: dict[str, object], study_of: StudyOf) -> None:
    """To the cents: what the commune bears in all and runs each year; aids and gifts count for their probability."""
    told = (
        {**assumptions} if code == "09220" else {key: value for key, value in assumptions.items() if key != "aide_detr"}
    )
    of = operation_of(study_of(code, **told))
    seen = [scenario for scenario in SCENARIOS if scenario.check(of).eligible]
    for scenario in seen:
        plan, found = scenario.plan(of, "central"), model(scenario, of)
        run = plan.charge_by_year("commune", "fonctionnement")
        running = charges(found)[1 + len(found.years) :]

        assert cost(found) == pytest.approx(plan.reste_a_charge_eur, abs=0.2)
        assert running == pytest.approx([run.get(year, 0) for year in found.years], abs=0.2)
    assert len(seen) >= 3


MOVES: list[dict[str, float]] = [
    {"prix_affichage": 4_000, "prix_appareil_mobile": 450},
    {"prix_affichage": 2_300, "prix_imprimante": 600, "loan_rate": 0.045},
    {"prix_ordinateur_portable": 590, "prix_appareil_mobile": 570, "byod_loan_share": 0.5, "loan_rate": 0.026},
    {"prix_affichage": 3_900, "byod_loan_share": 0.15, "lease_rate": 0.08},
    {"prix_prise_reseau": 120, "prix_son_et_image": 190, "lease_rate": 0.045},
]


@pytest.mark.parametrize(
    ("code", "moves"), [*(("09220", moves) for moves in MOVES), ("13028", MOVES[2]), ("13028", MOVES[3])]
)
def test_elsewhere_the_model_stays_near_the_whole_study_made_again(
    code: str, moves: dict[str, float], study_of: StudyOf
) -> None:
    """Quotes, shares and rates given to the study: programme, services and plans are made again, within 0.5 %."""
    terms = {"loan_share": 0.5, "aid_probability": 0, "gift_company_eur": 1_000}
    of = operation_of(study_of(code, **terms))
    again = operation_of(study_of(code, **terms, **{"lease_rate": of.lease.rate, **moves}))
    at = {key: value / LAW[key] if key.startswith("prix_") else value for key, value in moves.items()}
    seen = [scenario for scenario in SCENARIOS if scenario.check(again).eligible]
    for scenario in seen:
        found, made = cost(model(scenario, of), **at), scenario.plan(again, "central").reste_a_charge_eur

        assert found == pytest.approx(made, rel=0.005), scenario.key
    assert len(seen) >= 4


@pytest.mark.parametrize("scenario", [achat, leasing, byod_tripartite], ids=lambda module: module.SCENARIO.key)
def test_a_delay_raises_all_prices(scenario: Any, study_of: StudyOf) -> None:
    """Two years late at 5 % a year: every line costs 10.25 % more, services too; rents and interest follow."""
    of = replace(operation_of(study_of("13028", loan_share=1)), asks_usual=False)
    names = [f"{name}_central" for name in ("unit_ht", "ht", "ttc")]
    lines = of.programme.lines
    later = replace(of, programme=replace(of.programme, lines=lines.assign(**{n: lines[n] * 1.1025 for n in names})))
    made = scenario.SCENARIO.plan(later, "central").reste_a_charge_eur

    assert cost(model(scenario.SCENARIO, of), retard_annees=2, hausse_prix=0.05) == pytest.approx(made, rel=1e-4)


def test_services_are_a_share_of_the_prices_they_follow() -> None:
    """Accompaniment at 28 % instead of 20 % of purchases that cost half more: 1.4 × 1.5 times as much."""
    helped = line("accompagnement", ht=200, section="fonctionnement", nature="accompagnement", life_years=None)
    found = model(achat.SCENARIO, operation(line("prise_reseau"), line("affichage", ht=0), helped))

    assert cost(found) == pytest.approx(1_200 * (1 - FCTVA) + 240, abs=0.02)
    dearer = cost(found, prix_prise_reseau=1.5, accompagnement=1.4)
    assert dearer == pytest.approx(1.5 * 1_200 * (1 - FCTVA) + 1.5 * 1.4 * 240, abs=0.02)
    assert cost(found, prix_affichage=1.5) == pytest.approx(cost(found), abs=0.02)


def test_maintenance_follows_what_is_maintained_for_as_long_as_it_serves() -> None:
    """Bought in 2027, five years of upkeep; in 2030, two; replacements and cables none."""
    lines = [
        line("affichage", maintained=True),
        line("imprimante", 2030, maintained=True),
        line("imprimante", 2031, maintained=True, nature="remplacement"),
        line("prise_reseau"),
        line("maintenance", ht=70, section="fonctionnement", nature="maintenance", life_years=None),
    ]
    found = model(achat.SCENARIO, operation(*lines))
    bought = 1_200 * (1 - FCTVA)

    assert cost(found, prix_affichage=2) - cost(found) == pytest.approx(bought + 84 * 5 / 7, abs=0.05)
    assert cost(found, prix_imprimante=2) - cost(found) == pytest.approx(2 * bought + 84 * 2 / 7, abs=0.05)
    assert cost(found, prix_prise_reseau=2) - cost(found) == pytest.approx(bought, abs=0.05)


def test_the_maintenance_of_what_is_already_there_follows_no_purchase() -> None:
    """Nothing that is maintained is bought: its own share only."""
    upkept = line("maintenance", ht=70, section="fonctionnement", nature="maintenance", life_years=None)
    found = model(achat.SCENARIO, operation(line("prise_reseau"), upkept))

    assert cost(found, prix_prise_reseau=2, maintenance=1.5) - cost(found) == pytest.approx(
        1_200 * (1 - FCTVA) + 42, abs=0.02
    )


# Breakage.


def test_what_breaks_is_bought_again_each_year_it_serves_net_of_fctva() -> None:
    """10 % of 1 200 €: five years for what is bought in 2027, two for a life of two, one in the last year; no cable."""
    lines = [
        line("affichage", leasable=True, life_years=8),
        line("imprimante", 2028, leasable=True, life_years=2),
        line("son_et_image", 2031, leasable=True),
        line("prise_reseau"),
    ]
    for scenario in (achat.SCENARIO, leasing.SCENARIO):
        found = model(scenario, operation(*lines))
        broken = charges(found, casse_part=0.1) - charges(found)

        assert broken[0] == pytest.approx(0.1 * 1_200 * (5 + 2 + 1) * (1 - FCTVA))
        assert broken[1:6] == pytest.approx([120, 240, 240, 120, 240])
        assert broken[6:] == pytest.approx(np.zeros(len(broken) - 6))


def test_what_breaks_is_bought_at_the_price_of_the_draw() -> None:
    """Half dearer, one year late at 10 %."""
    found = model(achat.SCENARIO, operation(line("affichage", leasable=True)))
    moved = {"prix_affichage": 1.5, "retard_annees": 1, "hausse_prix": 0.1}
    broken = cost(found, casse_part=0.1, **moved) - cost(found, **moved)

    assert broken == pytest.approx(0.1 * 1_200 * 5 * (1 - FCTVA) * 1.5 * 1.1)


@pytest.mark.parametrize("family_share", [None, 0])
def test_the_devices_of_families_are_not_the_commune_s_to_replace(family_share: float | None) -> None:
    """The loan pool is, at its share of the draw; in a purchase all are."""
    lines = [line("appareil_mobile", leasable=True), line("affichage", leasable=True)]
    of = operation(*lines, family_share=family_share)
    brought, bought = model(byod_tripartite.SCENARIO, of), model(achat.SCENARIO, of)
    yearly = 0.1 * 1_200 * 5 * (1 - FCTVA)

    assert cost(bought, casse_part=0.1) - cost(bought) == pytest.approx(2 * yearly)
    for share in (0.1, 0.3, 0.45):
        broken = cost(brought, casse_part=0.1, byod_loan_share=share) - cost(brought, byod_loan_share=share)
        assert broken == pytest.approx((1 + share) * yearly)


# Aids and gifts.


def test_an_aid_follows_the_spending_down_and_never_up() -> None:
    """40 % of 2 000 € HT: 800 €, whatever is paid above; of 1 800 €, 720 €; what is leased has no part in it."""
    of = operation(line("prise_reseau"), line("affichage", leasable=True), aids={"aide_detr": 0.4})
    bought, leased = model(subventions.SCENARIO, of), model(leasing.SCENARIO, of)

    def aid(found: CostModel, **moved: float) -> float:
        return cost(found, aid_probability=0, **moved) - cost(found, aid_probability=1, **moved)

    assert aid(bought) == pytest.approx(800, abs=0.05)
    assert aid(bought, prix_affichage=1.5) == pytest.approx(800, abs=0.05)
    assert aid(bought, prix_affichage=0.8) == pytest.approx(720, abs=0.05)
    assert aid(bought, prix_affichage=0.8, prix_prise_reseau=1.1) == pytest.approx(760, abs=0.05)
    assert aid(bought, prix_affichage=0.8, retard_annees=1, hausse_prix=0.05) == pytest.approx(756, abs=0.05)
    assert aid(leased, prix_affichage=0.8) == pytest.approx(400, abs=0.05)
    assert aid(leased, prix_prise_reseau=0.8) == pytest.approx(320, abs=0.05)


def test_an_aid_saves_interest_at_the_rate_of_the_draw() -> None:
    """The whole is borrowed for two years: what the aid pays is not, at 5 % as at 3.54 %."""
    terms = {"loan_share": 1, "loan_years": 2, "aids": {"aide_detr": 0.4}}
    found = model(subventions.SCENARIO, operation(line("prise_reseau", ht=100_000), **terms))
    dear = operation(line("prise_reseau", ht=100_000), loan_rate=0.04, aid_probability=1, **terms)

    made = subventions.SCENARIO.plan(dear, "central").reste_a_charge_eur
    assert cost(found, aid_probability=1, loan_rate=0.04) == pytest.approx(made, abs=5)


@pytest.mark.parametrize("probability", [0, 1])
def test_an_aid_that_is_certain_is_no_risk(probability: float) -> None:
    """Granted or refused for sure, it drives nothing; at an even chance it does."""
    of = operation(line("prise_reseau"))
    sure = few(of.supposing(aid_probability=probability), "subventions")

    assert "aid_probability" not in sure.drivers.index
    assert few(of, "subventions").drivers.index[0] == "aid_probability"


def test_an_aid_that_never_comes_costs_what_a_purchase_does(study_of: StudyOf) -> None:
    """Draw by draw: the draws are the same for all scenarios."""
    quantiles = few(operation_of(study_of("09220", aid_probability=0)), "subventions").quantiles

    pd.testing.assert_series_equal(quantiles.T["subventions"], quantiles.T["achat"], check_names=False)


def test_a_gift_in_kind_is_not_bought() -> None:
    """360 € of equipment at the price TTC: 360 € less to buy that year, of which the FCTVA was not the commune's."""
    found = model(mecenat.SCENARIO, operation(line("prise_reseau", ht=2_000), gift_in_kind_eur=360))
    with_it, without = charges(found, gift_probability=1), charges(found, gift_probability=0)

    assert without[1] == pytest.approx(2_400)
    assert with_it[1] == pytest.approx(2_040)
    assert without[0] - with_it[0] == pytest.approx(360 * (1 - FCTVA), abs=0.05)


def test_money_and_skills_that_are_given_leave_what_is_bought_as_it_was() -> None:
    """Money pays for purchases, skills for what is run."""
    helped = line("accompagnement", ht=200, section="fonctionnement", nature="accompagnement", life_years=None)
    of = operation(line("prise_reseau"), helped, gift_company_eur=300, gift_skills_eur=100)
    saved = charges(model(mecenat.SCENARIO, of), gift_probability=0) - charges(
        model(mecenat.SCENARIO, of), gift_probability=1
    )

    assert saved == pytest.approx([400, *[0] * 5, 100, *[0] * 4], abs=0.05)


def test_gifts_in_kind_and_in_money_add_up_beside_an_aid() -> None:
    """In kind 500 €, in money 200 €, whatever their chance, whether the aid comes or not; without a chance, none."""
    terms = {"gift_in_kind_eur": 500, "gift_company_eur": 200, "aids": {"aide_detr": 0.5}}
    for chance, saving in ((0.5, 500 * (1 - FCTVA) + 200), (0.1, 500 * (1 - FCTVA) + 200), (0, 0)):
        of = operation(line("affichage", ht=500), line("prise_reseau", ht=500), gift_probability=chance, **terms)
        found = model(mecenat.SCENARIO, of)
        for aid in (0, 1):
            moved = {"aid_probability": aid}
            saved = cost(found, gift_probability=0, **moved) - cost(found, gift_probability=1, **moved)
            assert saved == pytest.approx(saving, abs=0.1)


# What is told.


def test_one_price_that_varies_by_a_fifth() -> None:
    """Worked by hand: a triangle of 0.8, 1, 1.2 has its tenth at 0.8 + √0.008, its ninth tenth as far below 1.2."""
    found = assess_risk(operation(line("prise_reseau"), law=STEADY), "achat")
    net, tail = 1_200 * (1 - FCTVA), 0.008**0.5

    row = found.quantiles.loc["achat"]
    assert row["p10_eur"] == pytest.approx(net * (0.8 + tail), rel=0.005)
    assert row["p50_eur"] == pytest.approx(net, rel=0.005)
    assert row["p90_eur"] == pytest.approx(net * (1.2 - tail), rel=0.005)
    assert (found.draws, found.seed, found.scenario) == (10_000, 20_261_122, "achat")
    assert found.drivers["label"].tolist() == ["Prix (prise réseau câblée)"]
    assert found.drivers.index.tolist() == ["prix_prise_reseau"]
    assert found.drivers[["first", "total"]].to_numpy() == pytest.approx(np.ones((1, 2)), abs=0.02)


def test_two_prices_share_the_variance_as_their_squares() -> None:
    """3 000 € and 1 000 €, each ±20 %: nine tenths and one tenth."""
    drivers = assess_risk(operation(line("prise_reseau"), line("affichage", ht=3_000), law=STEADY), "achat").drivers

    assert drivers.index.tolist() == ["prix_affichage", "prix_prise_reseau"]
    assert drivers["total"].to_numpy() == pytest.approx([0.9, 0.1], abs=0.02)
    assert drivers["first"].to_numpy() == pytest.approx([0.9, 0.1], abs=0.02)


@pytest.mark.parametrize("scenario", ["achat", "leasing", "byod_tripartite"])
def test_without_all_or_nothing_causes_are_nearly_additive(scenario: str, study_of: StudyOf) -> None:
    """First-order indices add up to one; none is above its total; the first matters most."""
    drivers = assess_risk(replace(operation_of(study_of("13028")), asks_usual=False), scenario).drivers

    assert drivers["first"].sum() == pytest.approx(1, abs=0.05)
    assert (drivers["first"] <= drivers["total"]).all()
    assert drivers["total"].is_monotonic_decreasing
    assert (drivers["total"] > 0).all()
    assert ("byod_loan_share" in drivers.index) == (scenario == "byod_tripartite")
    assert ("lease_rate" in drivers.index) == (scenario == "leasing")
    assert not {"loan_rate", "gift_probability", "aid_probability"} & set(drivers.index)


def test_a_plan_that_costs_the_commune_nothing_has_no_driver(study_of: StudyOf) -> None:
    """The groupement pays for all."""
    found = few(operation_of(study_of("09220", groupement_share=1)))

    assert found.drivers.empty
    assert list(found.drivers) == ["label", "first", "total"]
    assert found.quantiles.loc["achat", ["p10_eur", "p90_eur"]].tolist() == [0, 0]


CEILINGS: list[tuple[dict[str, object], float]] = [
    ({}, np.nan),
    ({"ceiling_eur_per_year": 1_441}, 0),
    ({"ceiling_eur_per_year": 1_000}, 0.986),
    ({"ceiling_eur_per_year": 1_200}, 0.5),
    ({"running_ceiling_eur_per_year": 1_201}, 0),
    ({"running_ceiling_eur_per_year": 1_000}, 1),
    ({"ceiling_eur_per_year": 1_441, "running_ceiling_eur_per_year": 1_000}, 1),
    ({"ceiling_eur_per_year": 1_200, "running_ceiling_eur_per_year": 1_201}, 0.5),
]


@pytest.mark.parametrize(("ceilings", "probability"), CEILINGS)
def test_how_often_a_ceiling_is_passed(ceilings: dict[str, object], probability: float) -> None:
    """What is bought TTC, from 960 € to 1 440 €, FCTVA and aids apart; what is run, 1 200 € in 2028; one is enough."""
    paid = line("referent", 2028, section="fonctionnement", nature="service", life_years=None)
    paid |= {f"unit_ht_{case}": 1_000 for case in CASES}
    of = operation(line("prise_reseau"), paid, law=STEADY, aid_probability=1, **ceilings)
    exceeding = assess_risk(of, "subventions").quantiles["exceeding"]

    assert exceeding["achat"] == pytest.approx(probability, abs=0.015, nan_ok=True)
    assert exceeding["subventions"] == pytest.approx(exceeding["achat"], nan_ok=True)


def test_a_real_ceiling_below_all_and_above_all(study_of: StudyOf) -> None:
    """In every scenario, never or always, whichever of the two is passed."""
    of = operation_of(study_of("09220"))
    for ceiling, running, always in ((1e9, 1e9, 0), (100.0, 1e9, 1), (1e9, 100.0, 1)):
        limited = of.supposing(ceiling_eur_per_year=ceiling, running_ceiling_eur_per_year=running)
        assert (few(limited).quantiles["exceeding"] == always).all()


def test_quantiles_are_in_order_for_every_scenario_that_may_be_carried_out(study_of: StudyOf) -> None:
    """Those of the study, in its order, whichever drives."""
    study = study_of("09220", gift_company_eur=800, call_rate=0.4)
    found = few(operation_of(study), "leasing")

    assert found.quantiles.index.tolist() == list(study.plans)
    assert found.quantiles.columns.tolist() == ["p10_eur", "p50_eur", "p90_eur", "exceeding"]
    assert (found.quantiles["p10_eur"] < found.quantiles["p50_eur"]).all()
    assert (found.quantiles["p50_eur"] < found.quantiles["p90_eur"]).all()
    assert found.quantiles.equals(few(operation_of(study), "achat").quantiles)


@pytest.mark.parametrize("scenario", [achat.SCENARIO, leasing.SCENARIO], ids=lambda scenario: scenario.key)
def test_a_dearer_loan_never_costs_less(scenario: Scenario, study_of: StudyOf) -> None:
    """Nor a dearer lease, nor more breakage, nor a longer delay, nor a dearer price or service."""
    found = model(scenario, operation_of(study_of("09220", loan_share=1)))
    for key in ("loan_rate", "lease_rate", "casse_part", "retard_annees", "prix_affichage", "maintenance"):
        over = found.inputs[key].over
        costs = [cost(found, **{key: value}) for value in np.linspace(over["low"], over["high"], 7)]
        assert costs == sorted(costs)
    assert cost(found, loan_rate=0.04) > cost(found)


def test_quantiles_rise_with_the_rate_of_the_loan() -> None:
    """All of them, in every scenario that borrows."""
    of = operation(line("prise_reseau", ht=10_000), line("affichage", leasable=True), loan_share=1)
    cheap, dear = (few(of.supposing(loan_rate=rate)).quantiles for rate in (0.02, 0.03))

    assert cheap.index.tolist() == ["achat", "subventions", "leasing"]
    assert (cheap[["p10_eur", "p50_eur", "p90_eur"]] < dear[["p10_eur", "p50_eur", "p90_eur"]]).all(axis=None)


def test_same_seed_same_bytes() -> None:
    """Another seed gives other draws, and nearly the same answer."""
    lines = line("prise_reseau", ht=2_000), line("affichage", leasable=True), line("appareil_mobile", leasable=True)
    of = operation(*lines, gift_company_eur=300, call_rate=0.4, ceiling_eur_per_year=4_900)
    one, two, other = (assess_risk(of, "mecenat", draws=2_000, seed=seed) for seed in (7, 7, 8))

    assert len(one.quantiles) == 6
    assert one.quantiles.to_csv() == two.quantiles.to_csv() != other.quantiles.to_csv()
    assert one.drivers.to_csv() == two.drivers.to_csv() != other.drivers.to_csv()
    assert one.quantiles["p90_eur"].to_numpy() == pytest.approx(other.quantiles["p90_eur"].to_numpy(), rel=0.02)
    assert (other.seed, other.draws) == (8, 2_000)


def test_more_draws_keep_the_indices() -> None:
    """Each has its own number: draws for the quantiles, n for the indices."""
    of = operation(line("prise_reseau"), line("affichage"))
    one, more, finer = few(of), few(of, draws=600), few(of, sobol=128)

    assert one.drivers.equals(more.drivers)
    assert not one.quantiles.equals(more.quantiles)
    assert one.quantiles.equals(finer.quantiles)
    assert not one.drivers.equals(finer.drivers)


# Refusals and newcomers.


@pytest.mark.parametrize(
    ("scenario", "how", "words"),
    [
        ("achat", {"draws": 99}, "draws=99.*100 tirages"),
        ("achat", {"sobol": 1000}, "sobol=1000.*puissance de 2"),
        ("achat", {"sobol": 1}, "sobol=1,"),
        ("achat", {"sobol": 0}, "sobol=0,"),
        ("achat", {"seed": -1}, "seed=-1.*graine"),
        ("troc", {}, "« troc ».*achat, subventions"),
        ("mecenat", {}, "« mecenat » n'est pas possible"),
    ],
)
def test_what_cannot_be_drawn_is_refused(scenario: str, how: dict[str, int], words: str) -> None:
    """In French: what was read, what is expected; a scenario that is not eligible is like an unknown one."""
    with pytest.raises(UsageError, match=words):
        few(operation(line("prise_reseau")), scenario, **how)


def test_the_least_that_is_accepted() -> None:
    """100 draws, n of 2, seed 0."""
    assert few(operation(line("prise_reseau")), draws=100, sobol=2, seed=0).draws == 100


def test_a_plan_that_breaks_the_law_is_not_assessed() -> None:
    """Two aids of 60 % each: the commune keeps less than a fifth; it may still buy."""
    of = operation(line("prise_reseau"), aids={"aide_detr": 0.6, "aide_departement": 0.6})

    assert few(of).quantiles.index.tolist() == ["achat"]


def test_a_rule_that_only_costs_forbids_nothing() -> None:
    """Devices given away after a year make the commune give back FCTVA: the plan counts it, and is assessed."""
    of = operation(line("affichage", leasable=True), given_away_after_years=1)

    assert few(of).quantiles.index.tolist() == ["achat", "subventions", "leasing"]


def test_an_index_is_a_share_even_when_few_points_make_it() -> None:
    """Between 0 and 1: what the noise of four points takes beyond is cut."""
    lines = [line(item) for item in ("prise_reseau", "affichage", "imprimante", "son_et_image", "appareil_mobile")]
    for seed in range(3):
        drivers = few(operation(*lines), "subventions", sobol=4, seed=seed).drivers
        assert (drivers["first"] >= 0).all()
        assert (drivers["first"] <= drivers["total"]).all()
        assert (drivers["total"] <= 1).all()


def _pay(operation: Operation, case: Case) -> FundingPlan:
    """A subscription of 100 €, a tenth more than each line in fonctionnement, and 60 € that families invest."""
    ledger, programme = Ledger(), operation.programme
    ledger.pay(2027, "fonctionnement", "Abonnement", 100)
    for row in programme.lines.to_dict("records"):
        ledger.pay(row["year"], "fonctionnement", "Service", 1.1 * row[f"ttc_{case}"])
    ledger.bear(2027, "famille", "investissement", 60)
    added = 160 + 0.1 * programme.ttc(case)
    return FundingPlan("essai", case, 2027, 5, programme.ttc(case), added, ledger.charge, ledger.cash)


def test_a_scenario_that_nobody_foresaw_is_assessed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line in the registry: its plans say all, a fixed cost included, which no price changes."""
    new = replace(achat.SCENARIO, key="essai", check=lambda _: Verdict(eligible=True), plan=_pay)
    monkeypatch.setattr(risk, "SCENARIOS", (achat.SCENARIO, new))
    of = operation(line("prise_reseau"), line("affichage", 2028), law=STEADY)

    assert cost(model(new, of), prix_affichage=1.2) == pytest.approx(100 + 1.1 * (1_200 + 1_440))
    assert charges(model(new, of))[1:].tolist() == pytest.approx([0] * 5 + [1_420, 1_320, 0, 0, 0])
    found = few(of, "essai", draws=2_000)
    assert found.quantiles.index.tolist() == ["achat", "essai"]
    assert found.quantiles.loc["essai", "p50_eur"] == pytest.approx(100 + 1.1 * 2_400, rel=0.01)


def test_inputs_and_rows_of_the_cube_go_together() -> None:
    """One row for each, in order; another number of them is refused."""
    inputs = inputs_of(operation(line("prise_reseau")))
    point = drawn(inputs, np.full((len(inputs), 3), 0.5))

    assert list(point) == list(inputs)
    assert point["prix_prise_reseau"] == pytest.approx(np.ones(3))
    with pytest.raises(ValueError, match="zip"):
        drawn(inputs, np.zeros((len(inputs) + 1, 3)))
