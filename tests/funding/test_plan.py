from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.diagnostic.programme import Programme
from pupitre.errors import PlanError
from pupitre.formats import cents
from pupitre.funding.plan import PAYERS, SECTIONS, FundingPlan, Ledger, commune_part, sum_by_year, with_groupement

Charge = list[tuple[int, str, str, float]]
Cash = list[tuple[int, str, float]]

# A purchase of 1 200 € TTC in 2027, FCTVA 196.85 € in 2029, and 100 € of upkeep in 2028.
CHARGE: Charge = [
    (2027, "commune", "investissement", 1_003.15),
    (2027, "etat", "investissement", 196.85),
    (2028, "commune", "fonctionnement", 100.0),
]
CASH: Cash = [(2027, "Achats", -1_200.0), (2028, "Maintenance", -100.0), (2029, "FCTVA", 196.85)]


def plan_of(
    charge: Charge = CHARGE, cash: Cash = CASH, *, programme: float = 1_300, financing: float = 0, horizon: int = 5
) -> FundingPlan:
    """A plan from its rows, starting in 2027."""
    return FundingPlan(
        scenario="essai",
        case="central",
        start_year=2027,
        horizon_years=horizon,
        programme_ttc_eur=programme,
        financing_eur=financing,
        charge=pd.DataFrame(charge, columns=["year", "payer", "section", "amount_eur"]),
        cash=pd.DataFrame(cash, columns=["year", "label", "amount_eur"]),
    )


def test_a_plan_that_holds_is_made() -> None:
    """Cost, what each bears, year by year, horizon and all."""
    plan = plan_of()

    assert plan.cost_eur == 1_300
    assert plan.reste_a_charge_eur == 1_103.15
    assert plan.borne_by("etat") == 196.85
    assert plan.borne_by("mecene") == 0
    assert plan.charge_by_year("commune") == {2027: 1_003.15, 2028: 100, 2029: 0, 2030: 0, 2031: 0}
    assert plan.charge_by_year("etat") == {2027: 196.85, 2028: 0, 2029: 0, 2030: 0, 2031: 0}
    assert plan.charge_by_year("commune", "fonctionnement") == {2027: 0, 2028: 100, 2029: 0, 2030: 0, 2031: 0}


def test_a_negative_charge_is_refused() -> None:
    """A charge is borne, never received: FCTVA is the State's charge, not the commune's gain."""
    charge = [*CHARGE, (2029, "commune", "investissement", -196.85)]
    with pytest.raises(PlanError, match=r"« essai ».*négative"):
        plan_of(charge, programme=1_103.15)


@pytest.mark.parametrize("row", [(2027, "mairie", "investissement", 1.0), (2027, "etat", "exploitation", 1.0)])
def test_an_unknown_payer_or_section_is_refused(row: tuple[int, str, str, float]) -> None:
    """With its name."""
    with pytest.raises(PlanError, match=r"mairie|exploitation"):
        plan_of([*CHARGE, row], programme=1_301)


@pytest.mark.parametrize("payer", PAYERS)
def test_each_payer_of_the_vocabulary_may_bear(payer: str) -> None:
    """Design §8."""
    charge = [*CHARGE, (2027, payer, "fonctionnement", 10.0)]
    cash = [*CASH, (2027, "Don", -10.0)] if payer == "commune" else CASH

    assert plan_of(charge, cash, programme=1_310).cost_eur == 1_310


@pytest.mark.parametrize("gap", [0.01, -0.01, 500])
def test_money_that_nobody_bears_is_refused(gap: float) -> None:
    """One cent is enough, either way; the amount is told."""
    with pytest.raises(PlanError, match=f"{gap:.2f}"):
        plan_of(programme=1_300 + gap)


def test_financing_is_part_of_the_cost() -> None:
    """Interest is borne like the rest."""
    charge = [*CHARGE, (2028, "commune", "fonctionnement", 35.0)]
    cash = [*CASH, (2027, "Emprunt reçu", 1_000.0), (2028, "Annuités", -1_035.0)]

    assert plan_of(charge, cash, financing=35).cost_eur == 1_335
    with pytest.raises(PlanError, match=r"35\.00"):
        plan_of(charge, cash, financing=70)


@pytest.mark.parametrize("gap", [0.01, -0.01, 196.85])
def test_cash_that_differs_from_the_charge_is_refused(gap: float) -> None:
    """A FCTVA forgotten, or counted twice."""
    with pytest.raises(PlanError, match="caisse"):
        plan_of(cash=[*CASH, (2030, "FCTVA", gap)])


def test_the_first_year_is_not_discounted() -> None:
    """1 200 + 100 / 1.1 - 196.85 / 1.21."""
    plan = plan_of()

    assert plan.discounted_reste_a_charge_eur(0.10) == cents(1_200 + 100 / 1.1 - 196.85 / 1.21)
    assert plan.discounted_reste_a_charge_eur(0) == plan.reste_a_charge_eur


@given(st.floats(0.001, 0.2))
def test_waiting_for_fctva_costs(rate: float) -> None:
    """At any rate the purchase costs more than if the State paid at once, and the gap is that of two years."""
    late = plan_of(horizon=1).discounted_reste_a_charge_eur(rate)
    soon = plan_of(cash=[*CASH[:2], (2027, "FCTVA", 196.85)], horizon=1).discounted_reste_a_charge_eur(rate)

    assert late - soon == pytest.approx(196.85 * (1 - (1 + rate) ** -2), abs=0.011)


def test_cash_after_the_horizon_counts() -> None:
    """A horizon of one year, FCTVA in 2029: it is in the till's total and in the present value."""
    plan = plan_of(horizon=1)

    assert plan.last_flow == 2029
    assert plan.cumulative_cash_out(2029) == {2027: 1_200, 2028: 1_300, 2029: 1_103.15}
    assert plan.discounted_reste_a_charge_eur(0.10) == plan_of(horizon=5).discounted_reste_a_charge_eur(0.10)


def test_a_charge_after_the_horizon_has_its_year() -> None:
    """The option of a lease, paid the day after."""
    plan = plan_of(horizon=1)

    assert list(plan.years) == [2027, 2028]
    assert plan.charge_by_year("commune") == {2027: 1_003.15, 2028: 100}


def test_cumulative_cash_has_every_year() -> None:
    """Years without a flow keep the total of the one before, up to the year asked."""
    assert plan_of().cumulative_cash_out(2031) == {
        2027: 1_200,
        2028: 1_300,
        2029: 1_103.15,
        2030: 1_103.15,
        2031: 1_103.15,
    }
    assert plan_of().cumulative_cash_out(2028) == {2027: 1_200, 2028: 1_300}


def test_redeployed_spending_takes_off_the_effort_year_by_year() -> None:
    """300 € a year given up elsewhere: 703.15 € in 2027, nothing in 2028 where 100 € were due."""
    assert plan_of().new_effort_by_year(300) == {2027: 703.15, 2028: 0, 2029: 0, 2030: 0, 2031: 0}


@given(st.floats(0, 1e5))
def test_an_effort_is_never_negative_and_the_charge_never_changes(redeployed: float) -> None:
    """Whatever is redeployed."""
    plan = plan_of()
    efforts = plan.new_effort_by_year(redeployed)

    assert all(0 <= effort <= charge for effort, charge in zip(efforts.values(), (1_003.15, 100, 0, 0, 0), strict=True))
    assert plan.new_effort_by_year(0) == plan.charge_by_year("commune")
    assert plan.reste_a_charge_eur == 1_103.15


@pytest.mark.parametrize("delay", [0, 1, 2])
def test_a_ledger_writes_a_spending_twice(delay: int) -> None:
    """Charge: the commune and the State, in the year of the spending; cash: all out, FCTVA back after its delay."""
    ledger = Ledger()
    ledger.spend(2027, "investissement", "Achats", 1_200, 196.85, delay)

    assert ledger.charge.to_numpy().tolist() == [
        [2027, "commune", "investissement", 1_003.15],
        [2027, "etat", "investissement", 196.85],
    ]
    assert ledger.cash.to_numpy().tolist() == [[2027, "Achats", -1_200], [2027 + delay, "FCTVA", 196.85]]


def test_a_spending_without_fctva_is_the_commune_s_alone() -> None:
    """No row of zero for the State, in its own section."""
    ledger = Ledger()
    ledger.spend(2027, "fonctionnement", "Loyers", 1_200, 0, 2)

    assert ledger.charge.to_numpy().tolist() == [[2027, "commune", "fonctionnement", 1_200]]
    assert ledger.cash.to_numpy().tolist() == [[2027, "Loyers", -1_200]]


def test_a_ledger_sums_by_year_payer_and_section() -> None:
    """Rows of the same kind become one, to the cent; of another year, payer or section they stay apart."""
    ledger = Ledger()
    for _ in range(3):
        ledger.pay(2027, "fonctionnement", "Loyers", 0.1)
    ledger.pay(2028, "fonctionnement", "Loyers", 1)
    ledger.bear(2027, "etat", "fonctionnement", 2)
    ledger.bear(2027, "commune", "investissement", 3)

    assert ledger.charge.to_numpy().tolist() == [
        [2027, "commune", "fonctionnement", 0.3],
        [2027, "commune", "investissement", 3],
        [2027, "etat", "fonctionnement", 2],
        [2028, "commune", "fonctionnement", 1],
    ]
    assert ledger.cash.to_numpy().tolist() == [[2027, "Loyers", -0.3], [2028, "Loyers", -1]]


def test_sums_by_year_are_in_order_and_to_the_cent() -> None:
    """0.1 + 0.2 is 0.3."""
    frame = pd.DataFrame({"year": [2028, 2027, 2027], "amount_eur": [5.0, 0.1, 0.2], "ttc_low": [1.0, 2.0, 3.0]})

    assert sum_by_year(frame) == {2027: 0.3, 2028: 5.0}
    assert sum_by_year(frame, "ttc_low") == {2027: 5.0, 2028: 1.0}


# The share of a groupement: 1 000 € HT invested and 333.33 € TTC of upkeep, in 2027, in the central case.
LINES = [
    {"year": 2027, "section": "investissement", "ht": 1_000.0, "ttc": 1_200.0},
    {"year": 2027, "section": "fonctionnement", "ht": 277.77, "ttc": 333.33},
]


def programme(lines: list[dict[str, Any]] = LINES) -> Programme:
    """A programme from the amounts of its central case; half of them in the low case, double in the high one."""
    none, factors = pd.DataFrame(), {"low": 0.5, "central": 1, "high": 2}
    rows = [
        {name: line[name] for name in ("year", "section")}
        | {f"{name}_{case}": cents(line[name] * factor) for name in ("ht", "ttc") for case, factor in factors.items()}
        for line in lines
    ]
    return Programme(2027, 5, pd.DataFrame(rows), none, none, (), none, (), schools=1, pupils=14)


def shared(share: float, lines: list[dict[str, Any]] = LINES) -> FundingPlan:
    """A plan in which the commune pays its part at once, without FCTVA, and the groupement the rest."""
    whole = programme(lines)
    own, ledger = commune_part(whole, share), Ledger()
    for line in own.lines.to_dict("records"):
        ledger.pay(line["year"], line["section"], "Achats", line["ttc_central"])
    plan = FundingPlan("essai", "central", 2027, 5, own.ttc("central"), 0, ledger.charge, ledger.cash)
    return with_groupement(plan, whole, own)


def test_the_commune_s_part_is_cut_line_by_line_to_the_cent() -> None:
    """A third is borne by the groupement: 800 € of 1 200, 222.22 € of 333.33; HT too, in each case; the rest stays."""
    own = commune_part(programme(), 1 / 3)

    assert own.lines["ttc_central"].tolist() == [800, 222.22]
    assert own.lines["ht_central"].tolist() == [666.67, 185.18]
    assert own.lines["ttc_high"].tolist() == [1_600, 444.44]
    assert own.lines[["year", "section"]].equals(programme().lines[["year", "section"]])
    assert (own.schools, own.pupils, own.years) == (1, 14, programme().years)


def test_the_groupement_bears_what_the_commune_does_not() -> None:
    """400 € and 111.11 €, in their section and year; all in all 1 533.33 €, of which no cash is the commune's."""
    plan = shared(1 / 3)

    assert plan.charge.to_numpy().tolist() == [
        [2027, "commune", "fonctionnement", 222.22],
        [2027, "commune", "investissement", 800],
        [2027, "groupement", "fonctionnement", 111.11],
        [2027, "groupement", "investissement", 400],
    ]
    assert (plan.programme_ttc_eur, plan.cost_eur, plan.reste_a_charge_eur) == (1_533.33, 1_533.33, 1_022.22)
    assert plan.cash["amount_eur"].sum() == pytest.approx(-1_022.22)


def test_no_share_changes_no_plan() -> None:
    """Neither an amount nor a row of the groupement."""
    whole = programme()

    pd.testing.assert_frame_equal(commune_part(whole, 0).lines, whole.lines)
    assert set(shared(0).charge["payer"]) == {"commune"}
    assert shared(0).reste_a_charge_eur == 1_533.33


def test_a_groupement_that_pays_all_leaves_the_commune_nothing() -> None:
    """The whole is its own, and the plan still holds."""
    plan = shared(1)

    assert (plan.reste_a_charge_eur, plan.borne_by("groupement"), plan.cost_eur) == (0, 1_533.33, 1_533.33)
    assert plan.cash["amount_eur"].sum() == 0


@given(
    st.floats(0, 1),
    st.lists(
        st.fixed_dictionaries(
            {
                "year": st.integers(2027, 2031),
                "section": st.sampled_from(SECTIONS),
                "ht": st.floats(0, 1e5).map(cents),
                "ttc": st.floats(0, 1e5).map(cents),
            }
        ),
        min_size=1,
        max_size=6,
    ),
)
def test_shares_add_up_to_the_cost_to_the_cent(share: float, lines: list[dict[str, Any]]) -> None:
    """Whatever the share; no row is negative; each bears its share within half a cent a line."""
    plan = shared(share, lines)
    total = cents(sum(line["ttc"] for line in lines))

    assert plan.cost_eur == total
    assert cents(plan.borne_by("commune") + plan.borne_by("groupement")) == total
    assert plan.borne_by("groupement") == pytest.approx(share * total, abs=0.0051 * len(lines))
