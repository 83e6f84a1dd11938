"""What every scenario must hold, whatever the schools and the assumptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.data.sheets import sheet, typed
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.catalogue import equipment
from pupitre.diagnostic.inventory import take_inventory
from pupitre.diagnostic.programme import Programme, plan_programme
from pupitre.diagnostic.ranges import CASES, Case
from pupitre.diagnostic.socle import socle_needs
from pupitre.formats import cents
from pupitre.funding.plan import commune_part, with_groupement
from pupitre.funding.scenarios import SCENARIOS
from pupitre.funding.scenarios.base import Scenario
from pupitre.law import baremes
from pupitre.study import Study

LAW = baremes.on(date(2026, 11, 22))
AMOUNTS = [f"{name}_{case}" for name in ("quantity", "ht", "ttc") for case in CASES]

each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.key)

SCHOOLS = st.lists(
    st.fixed_dictionaries(
        {
            "level": st.sampled_from(["elementaire", "primaire", "maternelle"]),
            "classes": st.integers(1, 15),
            "pupils": st.integers(14, 400),
            "pupils_maternelle": st.none() | st.integers(0, 14),
        }
    ),
    min_size=1,
    max_size=3,
)
ASSUMPTIONS = st.builds(
    Assumptions,
    horizon_years=st.none() | st.integers(1, 15),
    fctva_delay_years=st.none() | st.integers(0, 2),
    loan_share=st.sampled_from([0, 0.3, 1]),
    loan_rate=st.none() | st.just(0) | st.floats(1e-6, 0.1),
    loan_years=st.integers(1, 15),
    redeployed_eur_per_year=st.floats(0, 20_000),
    lease_years=st.none() | st.integers(1, 15),
    lease_rate=st.none() | st.just(0) | st.floats(1e-6, 0.2),
    lease_option_share=st.none() | st.floats(0, 0.5),
    prices=st.sampled_from([{}, {"prix_affichage": 1_900.0}, {"prix_appareil_mobile": 333.33}]),
)


def programme_of(
    schools: list[dict[str, Any]], assumptions: Assumptions, devices: list[dict[str, Any]] | None = None
) -> Programme:
    """The programme of public schools, with the devices that a workbook lists."""
    rows = [{"uai": f"S{rank}", "sector": "public", **school} for rank, school in enumerate(schools)]
    frame = pd.DataFrame(rows).astype(dict.fromkeys(("classes", "pupils", "pupils_maternelle"), "Int64"))
    if devices is None:
        return plan_programme(frame, LAW, assumptions)
    here = {*frame["uai"], "commune"}
    table = typed(sheet("equipements"), dict(enumerate(row for row in devices if row["ecole"] in here)))
    workbook = Workbook("00001", "x.xlsx", "", None, {"equipements": table}, ())
    inventory = take_inventory(workbook, frame, socle_needs(frame, LAW, assumptions), LAW)
    return plan_programme(frame, LAW, assumptions, inventory)


def scaled(programme: Programme, factor: float) -> Programme:
    """The same programme, each line that many times."""
    lines = programme.lines.assign(**{name: programme.lines[name] * factor for name in AMOUNTS})
    return replace(programme, lines=lines)


@each_scenario
@given(schools=SCHOOLS, assumptions=ASSUMPTIONS)
def test_the_charge_is_the_cost_and_the_cash_reconciles(
    scenario: Scenario, schools: list[dict[str, Any]], assumptions: Assumptions
) -> None:
    """To the cent, in each case; or a refusal with its reason."""
    programme = programme_of(schools, assumptions)
    verdict = scenario.check(programme, LAW, assumptions)
    if not verdict.eligible:
        assert verdict.reasons
        return
    for case in CASES:
        plan = scenario.plan(programme, LAW, assumptions, case)

        assert (plan.scenario, plan.case) == (scenario.key, case)
        assert (plan.start_year, plan.horizon_years) == (programme.start_year, programme.horizon_years)
        assert plan.programme_ttc_eur == programme.ttc(case)
        assert cents(plan.charge["amount_eur"].sum()) == cents(programme.ttc(case) + plan.financing_eur)
        assert cents(plan.cash["amount_eur"].sum()) == -plan.reste_a_charge_eur
        assert cents(plan.borne_by("commune") + plan.borne_by("etat")) == plan.cost_eur
        assert plan.charge["year"].min() == programme.start_year
        assert plan.cash["year"].min() == programme.start_year
        assert plan.after_horizon_eur >= 0
        efforts = plan.new_effort_by_year(assumptions.redeployed_eur_per_year)
        assert min(efforts.values()) >= 0


DEVICES = st.lists(
    st.fixed_dictionaries(
        {
            "ecole": st.sampled_from(["S0", "S1", "S2", "commune"]),
            "type": st.sampled_from(list(equipment())),
            "nombre": st.integers(1, 30),
            "annee": st.none() | st.integers(2010, 2026),
            "etat": st.sampled_from([None, "en_panne", "a_remplacer"]),
        }
    ),
    max_size=6,
)


@each_scenario
@given(
    schools=SCHOOLS,
    devices=DEVICES,
    assumptions=ASSUMPTIONS,
    ceiling=st.none() | st.integers(1_000, 30_000),
    share=st.sampled_from([0, 0.1, 1 / 3, 1]),
)
def test_a_commune_and_its_groupement_bear_the_whole(
    scenario: Scenario,
    schools: list[dict[str, Any]],
    devices: list[dict[str, Any]],
    assumptions: Assumptions,
    ceiling: int | None,
    share: float,
) -> None:
    """With what exists, under a ceiling, whoever shares: rows sum to the cost, and the groupement bears its share."""
    told = assumptions.model_copy(update={"ceiling_eur_per_year": ceiling})
    whole = programme_of(schools, told, devices)
    own = commune_part(whole, share)
    if not scenario.check(own, LAW, told).eligible:
        return
    for case in CASES:
        alone = scenario.plan(own, LAW, told, case)
        plan = with_groupement(alone, whole, own)

        assert cents(plan.charge["amount_eur"].sum()) == cents(whole.ttc(case) + plan.financing_eur) == plan.cost_eur
        assert plan.borne_by("groupement") == cents(whole.ttc(case) - own.ttc(case))
        assert plan.reste_a_charge_eur == alone.reste_a_charge_eur
        assert (plan.charge["amount_eur"] >= 0).all()
        if share == 0:
            assert plan.charge.equals(alone.charge)
        if share == 1:
            assert plan.reste_a_charge_eur == 0


@each_scenario
@given(schools=SCHOOLS, assumptions=ASSUMPTIONS)
def test_services_are_the_same_in_every_scenario(
    scenario: Scenario, schools: list[dict[str, Any]], assumptions: Assumptions
) -> None:
    """Accompaniment and maintenance are paid by the commune the year they are due."""
    programme = programme_of(schools, assumptions)
    if not scenario.check(programme, LAW, assumptions).eligible:
        return
    cash = scenario.plan(programme, LAW, assumptions, "central").cash
    for label in ("Maintenance", "Accompagnement et formation"):
        lines = programme.lines[programme.lines["label"] == label]
        assert cash[cash["label"] == label]["year"].tolist() == lines["year"].tolist()
        assert cash[cash["label"] == label]["amount_eur"].tolist() == (-lines["ttc_central"]).tolist()


@each_scenario
@given(schools=SCHOOLS, assumptions=ASSUMPTIONS)
def test_two_half_programmes_cost_one(
    scenario: Scenario, schools: list[dict[str, Any]], assumptions: Assumptions
) -> None:
    """Within the cents that rounding leaves: half a cent a rent (as many months as lives), a line or a loan year."""
    whole = scaled(programme_of(schools, assumptions), 2)
    half = scaled(whole, 0.5)
    if not scenario.check(whole, LAW, assumptions).eligible:
        return
    one = scenario.plan(whole, LAW, assumptions, "central")
    other = scenario.plan(half, LAW, assumptions, "central")
    rents = 12 * whole.lines["life_years"].sum() + len(whole.lines)

    assert abs(2 * other.reste_a_charge_eur - one.reste_a_charge_eur) <= 0.015 * (rents + 60)
    assert 2 * other.discounted_reste_a_charge_eur(0.03) == pytest.approx(
        one.discounted_reste_a_charge_eur(0.03), abs=0.015 * (rents + 60)
    )


@each_scenario
@given(schools=SCHOOLS, assumptions=ASSUMPTIONS)
def test_a_dearer_case_never_costs_less(
    scenario: Scenario, schools: list[dict[str, Any]], assumptions: Assumptions
) -> None:
    """Low, central, high."""
    programme = programme_of(schools, assumptions)
    if not scenario.check(programme, LAW, assumptions).eligible:
        return
    costs = [scenario.plan(programme, LAW, assumptions, case).reste_a_charge_eur for case in CASES]

    assert costs == sorted(costs)


@each_scenario
@pytest.mark.parametrize("case", CASES)
def test_a_commune_of_fourteen_pupils(scenario: Scenario, case: Case, study_of: Callable[..., Study]) -> None:
    """Orlu: one class; every scenario has its plan, its payers are the commune and the State."""
    plan = study_of("09220").plans[scenario.key][case]

    assert 0 < plan.reste_a_charge_eur < plan.cost_eur
    assert set(plan.charge["payer"]) == {"commune", "etat"}


@each_scenario
def test_a_scenario_says_what_it_is(scenario: Scenario) -> None:
    """In French: a label, one sentence, what happens at the end."""
    assert scenario.label.strip()
    assert scenario.summary.endswith(".")
    assert scenario.at_the_end.endswith(".")


def test_keys_are_unique() -> None:
    """One file, one line in the registry, one key."""
    keys = [scenario.key for scenario in SCENARIOS]

    assert len(set(keys)) == len(keys) >= 2
