"""What every scenario must hold, whatever the schools and the assumptions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
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
from pupitre.funding.compare import compare
from pupitre.funding.constraints import breaches
from pupitre.funding.finance import loan_schedule
from pupitre.funding.operation import Operation
from pupitre.funding.plan import PAYERS, FundingPlan, commune_part, sum_by_year, with_groupement
from pupitre.funding.scenarios import SCENARIOS
from pupitre.funding.scenarios.base import Scenario
from pupitre.law import baremes
from pupitre.study import Study

LAW = baremes.on(date(2026, 11, 22))
AMOUNTS = [f"{name}_{case}" for name in ("quantity", "ht", "ttc") for case in CASES]
PLACES = [(None, ""), (157, "09"), (2_001, "38"), (20_001, "13"), (886_040, "75")]
NO_SPENDING = {"FCTVA", "FCTVA rendu à l'État", "Emprunt reçu", "Annuités d'emprunt"}
IN_KIND = ("don_nature",)

half_as_many = settings(max_examples=max(1, settings.default.max_examples // 2))
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
LOANS = st.fixed_dictionaries(
    {
        "horizon_years": st.none() | st.integers(1, 15),
        "fctva_delay_years": st.none() | st.integers(0, 2),
        "loan_share": st.sampled_from([0, 0.3, 1]),
        "loan_rate": st.none() | st.just(0) | st.floats(1e-6, 0.1),
        "loan_years": st.integers(1, 15),
        "redeployed_eur_per_year": st.floats(0, 20_000),
        "given_away_after_years": st.none() | st.integers(0, 10),
        "prices": st.sampled_from([{}, {"prix_affichage": 1_900.0}, {"prix_appareil_mobile": 333.33}]),
    }
)
LEASES = st.fixed_dictionaries(
    {
        "lease_years": st.none() | st.integers(1, 15),
        "lease_rate": st.none() | st.just(0) | st.floats(1e-6, 0.2),
        "lease_kind": st.none(),
        "lease_option_share": st.none() | st.floats(0, 0.5),
    }
) | st.fixed_dictionaries(
    {
        "lease_years": st.none() | st.integers(1, 15),
        "lease_rate": st.none() | st.just(0) | st.floats(1e-6, 0.2),
        "lease_kind": st.sampled_from(["location_financiere", "location_evolutive"]),
        "lease_option_share": st.sampled_from([None, 0]),
    }
)
AIDS = st.fixed_dictionaries(
    {
        "aids": st.sampled_from(
            [{}, {"aide_detr": 0.4}, {"aide_dsil": 0.2, "aide_departement": 0.35}, {"aide_detr": 0.0, "aide_tne": 0.7}]
        ),
        "aid_probability": st.sampled_from([None, 0, 0.7, 1]),
        "aid_brackets": st.sampled_from(["marginal", "cliff"]),
        "gift_probability": st.sampled_from([None, 0, 0.7, 1]),
        "byod_loan_share": st.sampled_from([None, 0, 1 / 3, 1]),
        "byod_state_share": st.sampled_from([0, 0.2]),
        "family_share": st.sampled_from([None, 0, 0.55, 0.8]),
    }
)
CALLS = st.just({}) | st.fixed_dictionaries(
    {
        "call_rate": st.sampled_from([0, 0.3, 0.8]),
        "call_ceiling_eur": st.none() | st.floats(0, 1e5),
        "call_minimum_eur": st.none() | st.floats(0, 1e5),
        "call_research_share": st.sampled_from([0, 0.1, 0.9]),
        "call_years": st.none() | st.integers(1, 15),
        "call_partners": st.integers(0, 3),
        "call_partners_required": st.integers(0, 3),
    }
)
GIFTS = st.fixed_dictionaries(
    {
        "gift_company_eur": st.sampled_from([0, 0.03, 0.07]),
        "gift_individuals_eur": st.sampled_from([0, 0.03]),
        "gift_in_kind_eur": st.sampled_from([0, 0.1, 0.3]),
        "gift_skills_eur": st.sampled_from([0, 0.1, 1]),
    }
)


@cache
def _planned(schools: str, devices: str, assumptions: str) -> Programme:
    told = Assumptions.model_validate_json(assumptions)
    rows = [{"uai": f"S{rank}", "sector": "public", **school} for rank, school in enumerate(json.loads(schools))]
    frame = pd.DataFrame(rows).astype(dict.fromkeys(("classes", "pupils", "pupils_maternelle"), "Int64"))
    if not json.loads(devices):
        return plan_programme(frame, LAW, told)
    here = {*frame["uai"], "commune"}
    table = typed(sheet("equipements"), dict(enumerate(row for row in json.loads(devices) if row["ecole"] in here)))
    workbook = Workbook("00001", "x.xlsx", "", None, {"equipements": table}, ())
    inventory = take_inventory(workbook, frame, socle_needs(frame, LAW, told), LAW)
    return plan_programme(frame, LAW, told, inventory)


def programme_of(
    schools: list[dict[str, Any]], assumptions: Assumptions, devices: list[dict[str, Any]] | None = None
) -> Programme:
    """The programme of public schools, with the devices that a workbook lists."""
    mine = Assumptions(
        **{name: getattr(assumptions, name) for name in ("horizon_years", "prices", "ceiling_eur_per_year", "wifi")}
    )
    return _planned(json.dumps(schools), json.dumps(devices), mine.model_dump_json())


def with_gifts(of: Programme, told: dict[str, Any], shares: dict[str, float]) -> Assumptions:
    """Assumptions whose gifts are these shares of what the low case lets them pay."""
    invested = of.ttc("low", "investissement")
    skills = of.lines.loc[of.lines["item"] == "accompagnement", "ttc_low"].sum()
    most = {name: skills if name == "gift_skills_eur" else invested for name in shares}
    return Assumptions.model_validate(told | {name: cents(share * most[name]) for name, share in shares.items()})


@st.composite
def operations(draw: st.DrawFn, aids: st.SearchStrategy[dict[str, Any]] = AIDS) -> Operation:
    """A few schools, and a commune that may ask, receive, borrow, lease, share."""
    schools = draw(SCHOOLS)
    told = draw(LOANS) | draw(LEASES) | draw(aids) | draw(CALLS)
    of = programme_of(schools, Assumptions.model_validate(told))
    population, departement = draw(st.sampled_from(PLACES))
    classes = sum(school["classes"] for school in schools)
    return Operation(of, LAW, with_gifts(of, told, draw(GIFTS)), population, departement, classes)


def scaled(operation: Operation, factor: float) -> Operation:
    """The same operation, each line, each gift and each ceiling in euros that many times."""
    lines = operation.programme.lines
    programme = replace(operation.programme, lines=lines.assign(**{name: lines[name] * factor for name in AMOUNTS}))
    told = operation.assumptions
    in_euros = [name for name in Assumptions.model_fields if name.startswith(("gift_", "call_")) and "_eur" in name]
    given_ = {name: getattr(told, name) * factor for name in in_euros if getattr(told, name)}
    return replace(operation, programme=programme).supposing(**given_)


def a_sentence(text: str) -> bool:
    """French, whole: a capital or a guillemet, a full stop, no value that was not written for a reader."""
    return (text[0].isupper() or text.startswith(("«", "e-FRAN"))) and text.endswith(".") and "None" not in text


def cash_of(plan: FundingPlan, label: str) -> dict[int, float]:
    """The flows of one label by year."""
    return sum_by_year(plan.cash[plan.cash["label"] == label])


def interest_of(plan: FundingPlan, operation: Operation) -> dict[int, float]:
    """The interest of the loan that the plan received, by year."""
    received = cash_of(plan, "Emprunt reçu")
    if not received:
        return {}
    year, principal = next(iter(received.items()))
    schedule = loan_schedule(principal, operation.borrowing_rate, operation.loan_years)
    return {year + int(str(rank)): amount for rank, amount in schedule["interest_eur"].items()}


def counted(plan: FundingPlan, *payers: str, section: str = "investissement") -> dict[int, float]:
    """What the plan counts of the grants of some payers, by year."""
    sums: dict[int, float] = {}
    for grant in plan.grants:
        if grant.payer in payers and grant.section == section:
            sums[grant.year] = cents(sums.get(grant.year, 0.0) + grant.counted_eur)
    return sums


@each_scenario
@given(operation=operations())
def test_the_charge_is_the_cost_and_the_cash_reconciles(scenario: Scenario, operation: Operation) -> None:
    """To the cent, in each case, which never costs less than a lower one; or a refusal with its reason."""
    programme = operation.programme
    verdict = scenario.check(operation)
    assert all(map(a_sentence, verdict.reasons))
    if not verdict.eligible:
        assert verdict.reasons
        return
    costs = []
    for case in CASES:
        plan = scenario.plan(operation, case)

        assert (plan.scenario, plan.case) == (scenario.key, case)
        assert (plan.start_year, plan.horizon_years) == (programme.start_year, programme.horizon_years)
        assert plan.programme_ttc_eur == programme.ttc(case)
        assert cents(plan.charge["amount_eur"].sum()) == cents(programme.ttc(case) + plan.financing_eur)
        assert cents(plan.cash["amount_eur"].sum()) == -plan.reste_a_charge_eur
        assert cents(sum(map(plan.borne_by, PAYERS))) == plan.cost_eur
        assert 0 <= plan.reste_a_charge_eur <= plan.cost_eur
        assert plan.charge["year"].min() == programme.start_year
        assert plan.cash["year"].min() == programme.start_year
        assert plan.after_horizon_eur >= 0
        assert min(plan.new_effort_by_year(operation.assumptions.redeployed_eur_per_year).values()) >= 0
        costs.append(plan.reste_a_charge_eur)
    assert costs == sorted(costs)


@each_scenario
@given(operation=operations())
@half_as_many
def test_each_year_s_charge_is_explained_to_the_cent(scenario: Scenario, operation: Operation) -> None:
    """What is spent, given in kind, brought by families, paid by the State that year; the interest of the loan."""
    if not scenario.check(operation).eligible:
        return
    plan = scenario.plan(operation, "central")
    spent = plan.cash[(plan.cash["amount_eur"] < 0) & ~plan.cash["label"].isin(NO_SPENDING)]
    state = plan.charge_by_year("etat", "fonctionnement")
    in_kind = {grant.year: 0.0 for grant in plan.grants if grant.key in IN_KIND}
    for grant in plan.grants:
        if grant.key in IN_KIND:
            in_kind[grant.year] += grant.counted_eur
    paid, interest = sum_by_year(spent), interest_of(plan, operation)
    family = plan.charge_by_year("famille")
    charged = sum_by_year(plan.charge)

    for year in sorted({*charged, *paid, *interest}):
        whole = -paid.get(year, 0) + in_kind.get(year, 0) + family.get(year, 0) + state.get(year, 0)
        assert charged.get(year, 0.0) == cents(whole + interest.get(year, 0.0)), year
    if scenario.key not in ("leasing", "byod_tripartite"):
        lines = operation.investments
        invested = sum_by_year(plan.charge[plan.charge["section"] == "investissement"])
        assert invested == {year: ttc for year, ttc in sum_by_year(lines, "ttc_central").items() if ttc}
        assert plan.financing_eur == cents(sum(interest.values()))


@each_scenario
@given(operation=operations())
@half_as_many
def test_no_payer_bears_more_than_what_explains_it(scenario: Scenario, operation: Operation) -> None:
    """The State its aids and FCTVA, less what is given back; others their grants; families a share of their devices."""
    if not scenario.check(operation).eligible:
        return
    plan, told = scenario.plan(operation, "central"), operation.assumptions
    back, given_back = cash_of(plan, "FCTVA"), cash_of(plan, "FCTVA rendu à l'État")
    aids, kept = counted(plan, "etat"), told.given_away_after_years or 0

    for year, borne in plan.charge_by_year("etat", "investissement").items():
        fctva = back.get(year + operation.fctva_delay_years, 0.0) + given_back.get(year + kept, 0.0)
        assert borne == cents(fctva + aids.get(year, 0.0)), year
    bought = -sum(amount for label in ("Achats", "Options d'achat") for amount in cash_of(plan, label).values())
    rounding = 0.005 * (len(operation.investments) + 1)
    assert sum(back.values()) == pytest.approx(0.16404 * bought, abs=rounding)
    assert plan.borne_by("departement") == sum(counted(plan, "departement").values())
    assert plan.borne_by("mecene") == cents(
        sum(sum(counted(plan, "mecene", section=of).values()) for of in ("investissement", "fonctionnement"))
    )
    theirs = operation.programme.lines.loc[sorted(operation.family_rows), "ttc_central"].sum()
    brought = theirs * (1 - operation.byod_loan_share) if scenario.key == "byod_tripartite" else 0.0
    assert plan.borne_by("famille") == pytest.approx(operation.family_share * brought, abs=rounding)
    state = sum(plan.charge_by_year("etat", "fonctionnement").values())
    assert state == pytest.approx(told.byod_state_share * brought, abs=rounding)
    named = {"commune", "etat", "departement", "mecene", "famille"}
    assert set(plan.charge["payer"]) <= named
    for grant in plan.grants:
        assert 0 <= grant.counted_eur <= grant.full_eur
        likely = operation.gift_probability if grant.payer == "mecene" else operation.aid_probability
        assert grant.probability == likely
        assert grant.full_eur > 0


@each_scenario
@given(operation=operations(AIDS.map(lambda aids: aids | {"aids": {}})))
@half_as_many
def test_a_plan_that_asks_for_no_aid_breaks_no_law(scenario: Scenario, operation: Operation) -> None:
    """Whatever is given, leased, shared: nothing forbidden; giving devices away early only costs."""
    operation = operation.supposing(call_rate=None)
    if not scenario.check(operation).eligible:
        return
    for case in CASES:
        found = breaches(scenario.plan(operation, case), operation)

        assert [str(breach) for breach in found if breach.forbidden] == []


NO_THRESHOLD = AIDS.filter(lambda told: "aide_tne" not in told["aids"])


@each_scenario
@given(operation=operations(NO_THRESHOLD))
@half_as_many
def test_two_half_programmes_cost_one(scenario: Scenario, operation: Operation) -> None:
    """Gifts and ceilings halved too; within half a cent a rent (as many months as lives), a line or a loan year."""
    whole = scaled(operation, 2)
    half = scaled(whole, 0.5)
    if not scenario.check(whole).eligible:
        return
    assert scenario.check(half).eligible
    one, other = scenario.plan(whole, "central"), scenario.plan(half, "central")
    rents = 12 * whole.programme.lines["life_years"].sum() + len(whole.programme.lines)

    for payer in PAYERS:
        assert 2 * other.borne_by(payer) == pytest.approx(one.borne_by(payer), abs=0.015 * (rents + 60))
    assert 2 * other.discounted_reste_a_charge_eur(0.03) == pytest.approx(
        one.discounted_reste_a_charge_eur(0.03), abs=0.015 * (rents + 60)
    )


@each_scenario
@given(operation=operations())
@half_as_many
def test_a_zero_rate_gives_the_price(scenario: Scenario, operation: Operation) -> None:
    """Neither interest nor rents above the price; families' devices are insured and managed, whatever the rate."""
    free = operation.supposing(loan_rate=0, lease_rate=0, lease_years=15, byod_loan_share=1.0)
    if not scenario.check(free).eligible:
        return
    for case in CASES:
        plan = scenario.plan(free, case)
        months = 12 * free.investments["life_years"].sum()

        assert plan.financing_eur == pytest.approx(0, abs=0.0051 * months if scenario.key == "leasing" else 0)
        assert plan.cost_eur == pytest.approx(free.programme.ttc(case), abs=0.0051 * months + 0.005)


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
    told=st.tuples(LOANS, LEASES, AIDS, CALLS),
    gifts=GIFTS,
    ceiling=st.none() | st.integers(1_000, 30_000),
    share=st.sampled_from([0, 0.1, 1 / 3, 1]),
)
@half_as_many
def test_a_commune_and_its_groupement_bear_the_whole(
    scenario: Scenario,
    schools: list[dict[str, Any]],
    devices: list[dict[str, Any]],
    told: tuple[dict[str, Any], ...],
    gifts: dict[str, float],
    ceiling: int | None,
    share: float,
) -> None:
    """With what exists, under a ceiling, whoever shares: rows sum to the cost, and the groupement bears its share."""
    loans, leases, aids, calls = told
    settings_ = loans | leases | aids | calls | {"ceiling_eur_per_year": ceiling}
    whole = programme_of(schools, Assumptions.model_validate(settings_), devices)
    own = commune_part(whole, share)
    operation = Operation(own, LAW, with_gifts(own, settings_, gifts), 1_500)
    if not scenario.check(operation).eligible:
        return
    for case in CASES:
        alone = scenario.plan(operation, case)
        plan = with_groupement(alone, whole, own)

        assert cents(plan.charge["amount_eur"].sum()) == cents(whole.ttc(case) + plan.financing_eur) == plan.cost_eur
        assert plan.borne_by("groupement") == cents(whole.ttc(case) - own.ttc(case))
        assert plan.reste_a_charge_eur == alone.reste_a_charge_eur
        assert (plan.charge["amount_eur"] >= 0).all()
        if share == 0:
            assert plan.charge.equals(alone.charge)
        if share == 1:
            assert plan.reste_a_charge_eur == 0 or scenario.key == "byod_tripartite"


@each_scenario
@given(operation=operations())
@half_as_many
def test_services_are_the_same_in_every_scenario(scenario: Scenario, operation: Operation) -> None:
    """Accompaniment and maintenance are paid by the commune the year they are due, whoever gives skills."""
    if not scenario.check(operation).eligible:
        return
    cash = scenario.plan(operation, "central").cash
    for label in ("Maintenance", "Accompagnement et formation"):
        lines = operation.programme.lines[operation.programme.lines["label"] == label]
        assert cash[cash["label"] == label]["year"].tolist() == lines["year"].tolist()
        assert cash[cash["label"] == label]["amount_eur"].tolist() == (-lines["ttc_central"]).tolist()


SOMEBODY = {"mecenat": {"mecene"}, "byod_tripartite": {"famille"}}
ALL_ASKED = {"gift_company_eur": 1_000, "call_rate": 0.3}


@each_scenario
@pytest.mark.parametrize("case", CASES)
def test_a_commune_of_fourteen_pupils(scenario: Scenario, case: Case, study_of: Callable[..., Study]) -> None:
    """Orlu: one class; every scenario has its plan; its payers are the commune, the State, and who gives or brings."""
    study = study_of("09220", **ALL_ASKED)
    assert study.operation is not None
    assert study.operation.population == 157
    plan = study.plans[scenario.key][case]

    assert 0 < plan.reste_a_charge_eur < plan.cost_eur
    assert set(plan.charge["payer"]) == {"commune", "etat"} | SOMEBODY.get(scenario.key, set())


THREE_HUNDRED = [
    {"level": "elementaire", "classes": 8 + rank % 9, "pupils": 190 + rank, "pupils_maternelle": 0}
    for rank in range(300)
]


@each_scenario
def test_a_commune_of_three_hundred_schools(scenario: Scenario) -> None:
    """886 040 inhabitants: no DETR; every scenario has its plan, for millions of euros, and none breaks the law."""
    told = Assumptions.model_validate(ALL_ASKED | {"aids": {"aide_dsil": 0.2}})
    programme = programme_of(THREE_HUNDRED, told)
    operation = Operation(programme, LAW, told, 886_040, "75", sum(school["classes"] for school in THREE_HUNDRED))
    verdicts, plans = compare(operation, programme)

    assert verdicts[scenario.key].eligible, verdicts[scenario.key].reasons
    assert programme.schools == 300
    for case in CASES:
        plan = plans[scenario.key][case]
        assert plan.cost_eur > (1_000_000 if case == "low" else 10_000_000)
        assert cents(sum(map(plan.borne_by, PAYERS))) == plan.cost_eur
        assert "detr" not in {grant.key for grant in plan.grants}


@each_scenario
def test_a_scenario_says_what_it_is(scenario: Scenario) -> None:
    """In French: a label, a noun, one sentence, what happens at the end, the rules it follows."""
    assert scenario.label.strip()
    assert scenario.noun.startswith(("le ", "la ", "l'"))
    assert scenario.summary.endswith(".")
    assert scenario.at_the_end.endswith(".")
    assert scenario.rules
    assert all(rule.endswith(".") for rule in scenario.rules)


def test_keys_are_unique() -> None:
    """One file, one line in the registry, one key."""
    keys = [scenario.key for scenario in SCENARIOS]

    assert len(set(keys)) == len(keys) >= 6
