"""Purchase, by hand: Orlu and small invented programmes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.programme import Programme
from pupitre.formats import cents
from pupitre.funding.operation import Operation
from pupitre.funding.plan import FundingPlan, sum_by_year
from pupitre.funding.scenarios import achat
from pupitre.law import baremes
from pupitre.law.baremes import Law
from pupitre.study import Study

NONE = pd.DataFrame()
INVESTMENT = {"item": "affichage", "label": "Affichage", "nature": "achat", "section": "investissement"}
UPKEEP = {"item": "maintenance", "label": "Maintenance", "nature": "maintenance", "section": "fonctionnement"}


@pytest.fixture
def law(on: date) -> Law:
    """The figures of the day."""
    return baremes.on(on)


def programme(*, replaced: float = 0, horizon: int = 5) -> Programme:
    """10 000 € HT bought in 2027, perhaps replaced in 2032, and 100 € HT of upkeep a year."""
    rows = [{**INVESTMENT, "year": 2027, "ht_central": 10_000.0, "leasable": True}]
    if replaced:
        rows.append({**INVESTMENT, "year": 2032, "ht_central": replaced, "nature": "remplacement", "leasable": True})
    rows += [{**UPKEEP, "year": 2027 + k, "ht_central": 100.0, "leasable": False} for k in range(horizon)]
    lines = pd.DataFrame(rows).assign(life_years=5, vat_rate=0.2)
    lines["ttc_central"] = lines["ht_central"] * 1.2
    return Programme(2027, horizon, lines, NONE, NONE, (), NONE, (), schools=1, pupils=14)


def bought(law: Law, of: Programme | None = None, **assumptions: object) -> FundingPlan:
    """The purchase plan of the central case."""
    return achat.plan(Operation(of or programme(), law, Assumptions.model_validate(assumptions)), "central")


def cash_of(plan: FundingPlan, label: str) -> dict[int, float]:
    """The flows of one label by year."""
    return sum_by_year(plan.cash[plan.cash["label"] == label])


def test_a_commune_may_always_buy(law: Law) -> None:
    """Nothing refuses it."""
    assert achat.check(Operation(programme(), law, Assumptions())).eligible


def test_a_purchase_by_hand(law: Law) -> None:
    """12 000 € TTC, of which the State gives 1 968.48 € back in N+2; 120 € of upkeep a year; no financing cost."""
    plan = bought(law)

    assert plan.charge.to_numpy().tolist() == [
        [2027, "commune", "fonctionnement", 120.0],
        [2027, "commune", "investissement", 10_031.52],
        [2027, "etat", "investissement", 1_968.48],
        *[[year, "commune", "fonctionnement", 120.0] for year in (2028, 2029, 2030, 2031)],
    ]
    assert cash_of(plan, "Achats") == {2027: -12_000}
    assert cash_of(plan, "FCTVA") == {2029: 1_968.48}
    assert (plan.cost_eur, plan.financing_eur, plan.reste_a_charge_eur) == (12_600, 0, 10_631.52)
    assert plan.after_horizon_eur == 0


@pytest.mark.parametrize("delay", [0, 1, 2])
def test_fctva_comes_back_at_the_delay_of_the_regime(law: Law, delay: int) -> None:
    """N, N+1, N+2: the charge does not move, the present value does."""
    plan = bought(law, fctva_delay_years=delay)

    assert cash_of(plan, "FCTVA") == {2027 + delay: 1_968.48}
    assert plan.charge.equals(bought(law).charge)
    upkeep = sum(120 / 1.0354**k for k in range(5))
    assert plan.discounted_reste_a_charge_eur(0.0354) == cents(12_000 + upkeep - 1_968.48 / 1.0354**delay)


def test_the_regime_in_force_is_the_default(law: Law) -> None:
    """N+2, read in law/ and so listed in the report; a regime that is given is not read there."""
    bought(law)
    assert "fctva_delai" in {figure.name for figure in law.read}

    other = baremes.on(law.day)
    bought(other, fctva_delay_years=0)
    assert "fctva_delai" not in {figure.name for figure in other.read}


def test_a_replacement_has_its_own_fctva_after_the_horizon(law: Law) -> None:
    """Replaced in 2032, horizon of 6 years to 2032: FCTVA in 2034, counted."""
    plan = bought(law, programme(replaced=5_000, horizon=6))

    assert cash_of(plan, "Achats") == {2027: -12_000, 2032: -6_000}
    assert cash_of(plan, "FCTVA") == {2029: 1_968.48, 2034: 984.24}
    assert plan.last_flow == 2034
    assert plan.charge_by_year("etat")[2032] == 984.24
    assert max(plan.years) == 2032


def test_services_get_no_fctva(law: Law) -> None:
    """Maintenance is out of its base."""
    services = programme()
    plan = bought(law, services)

    assert plan.borne_by("etat") == cents(0.16404 * services.ttc("central", "investissement"))


def test_a_loan_by_hand(law: Law) -> None:
    """12 000 € borrowed at 3.5 % over 5 years: annuities of 2 657.78 € from 2028 on, interest 1 288.88 €."""
    plan = bought(law, loan_share=1, loan_rate=0.035, loan_years=5)

    assert cash_of(plan, "Emprunt reçu") == {2027: 12_000}
    assert cash_of(plan, "Annuités d'emprunt") == dict.fromkeys(range(2028, 2033), -2_657.78)
    assert plan.financing_eur == cents(5 * 2_657.78 - 12_000)
    assert plan.cost_eur == cents(12_600 + plan.financing_eur)
    assert plan.charge_by_year("commune")[2028] == 120 + 420
    assert plan.borne_by("etat") == 1_968.48
    assert plan.last_flow == 2032


def test_a_loan_is_a_share_of_the_first_year_with_vat(law: Law) -> None:
    """Half of 12 000 €, replacements left out."""
    plan = bought(law, programme(replaced=5_000, horizon=6), loan_share=0.5, loan_rate=0.035)

    assert cash_of(plan, "Emprunt reçu") == {2027: 6_000}


def test_a_loan_at_the_discount_rate_changes_no_present_value(law: Law) -> None:
    """Borrowing at 3.54 % and discounting at 3.54 %: the same cost, to the cents of the annuities."""
    without, wholly = bought(law), bought(law, loan_share=1)

    assert wholly.financing_eur > 1_000
    assert wholly.discounted_reste_a_charge_eur(0.0354) == pytest.approx(
        without.discounted_reste_a_charge_eur(0.0354), abs=0.05
    )


def test_a_loan_takes_the_rate_in_force_unless_given(law: Law) -> None:
    """3.54 % in 2026: 424.80 € the first year; a rate of 0 is a rate."""
    assert bought(law, loan_share=1).charge_by_year("commune")[2028] == cents(120 + 12_000 * 0.0354)
    assert bought(law, loan_share=1, loan_rate=0).financing_eur == 0


def test_nothing_borrowed_leaves_no_trace(law: Law) -> None:
    """Neither a line of zero nor a rate read."""
    plan = bought(law)

    assert "Emprunt reçu" not in set(plan.cash["label"])
    assert "emprunt_taux" not in {figure.name for figure in law.read}


def later(*years: int) -> Programme:
    """10 000 € HT bought in each of these years, none in others, and the usual upkeep."""
    usual = programme()
    bought_then = [usual.lines.iloc[0].to_dict() | {"year": year} for year in years]
    return replace(usual, lines=pd.DataFrame([*bought_then, *usual.lines.iloc[1:].to_dict("records")]))


def test_nothing_to_buy_the_first_year_is_nothing_to_borrow_for(law: Law) -> None:
    """The loan is for the first year: what is bought in 2029 is paid in 2029, its FCTVA comes in 2031."""
    plan = bought(law, later(2029), loan_share=1)

    assert cash_of(plan, "Achats") == {2029: -12_000}
    assert cash_of(plan, "FCTVA") == {2031: 1_968.48}
    assert not {"Emprunt reçu", "Annuités d'emprunt"} & set(plan.cash["label"])
    assert (plan.financing_eur, plan.cost_eur) == (0, 12_600)


def test_a_phased_purchase_has_its_fctva_year_by_year(law: Law) -> None:
    """12 000 € in 2027 and in 2028; half of the first only is borrowed."""
    plan = bought(law, later(2027, 2028), loan_share=0.5)

    assert cash_of(plan, "Achats") == {2027: -12_000, 2028: -12_000}
    assert cash_of(plan, "FCTVA") == {2029: 1_968.48, 2030: 1_968.48}
    assert cash_of(plan, "Emprunt reçu") == {2027: 6_000}


def test_a_commune_fully_equipped_pays_its_upkeep(law: Law) -> None:
    """Nothing to invest: 120 € a year, no FCTVA, no loan."""
    plan = bought(law, later(), loan_share=1)

    assert plan.charge["section"].unique().tolist() == ["fonctionnement"]
    assert (plan.cost_eur, plan.borne_by("etat"), plan.last_flow) == (600, 0, 2031)


def test_orlu(study_of: Callable[..., Study]) -> None:
    """1 class: 3 253 + 539 + 100 + 2×93 + 12×518 + 539 + 300 = 11 133 € HT, 13 359.60 € TTC, FCTVA 2 191.51 €."""
    study = study_of("09220")
    plan = study.plans["achat"]["central"]

    assert cash_of(plan, "Achats") == {2027: -13_359.60}
    assert plan.borne_by("etat") == 2_191.51
    assert plan.reste_a_charge_eur == cents(plan.cost_eur - 2_191.51)


def test_redeployed_spending_is_not_money_of_the_plan(study_of: Callable[..., Study]) -> None:
    """Charge and cash are the same with and without."""
    with_it, without = study_of("09220", redeployed_eur_per_year=1_000), study_of("09220")

    assert with_it.plans["achat"]["central"].charge.equals(without.plans["achat"]["central"].charge)
    assert with_it.plans["achat"]["central"].cash.equals(without.plans["achat"]["central"].cash)
    effort = with_it.plans["achat"]["central"].new_effort_by_year(1_000)
    assert [value for year, value in effort.items() if year > 2027] == [0] * (len(effort) - 1)
