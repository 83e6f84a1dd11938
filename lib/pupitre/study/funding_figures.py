"""The named figures of the programme, of each plan and of their comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pupitre.diagnostic.programme import Programme
from pupitre.diagnostic.ranges import CASES, Case
from pupitre.diagnostic.services import share_in
from pupitre.formats import cents
from pupitre.funding.compare import winners, yearly_average_eur
from pupitre.funding.finance import implicit_rate, lease_rent, tax_points
from pupitre.funding.operation import MONTHS, Operation
from pupitre.funding.plan import PAYERS, SECTIONS, FundingPlan, commune_part, sum_by_year
from pupitre.study.naming import Named, by_row, picked, under, yearly

if TYPE_CHECKING:
    from pupitre.study.study import Study

PROGRAMME = ("start_year", "horizon_years", "schools", "pupils")
LINE = ("nature", "year", "section", "account", "life_years", "vat_rate")
LINE_BY_CASE = ("quantity", "unit_ht", "ht", "ttc")
LEASE_TEXTS = {"account": "compte_credit_bail", "option_fctva": "fctva_option", "deferred_payment": "paiement_differe"}
SOCIO_ECONOMIC = "actualisation_taux_socio_economique"
AIDING = ("caisse_des_ecoles", "departement", "region", "europe", "partenaire")
AGEC = "agec_part_reemploi"
DISPLAYS = ("reference_tableaux_interactifs_pour_1000_eleves", "reference_videoprojecteurs_pour_1000_eleves")


def collect_funding(study: Study) -> Named:
    """Every figure of the funding chapter; nothing when there is nothing to fund."""
    if study.programme is None:
        return {}
    named = _programme(study.programme, study) | _by_school(study.programme, study)
    for scenario, by_case in study.plans.items():
        for case, plan in by_case.items():
            named |= _plan(f"plan.{scenario}.{case}", plan, study)
    return named | _comparison(study.programme, study) | _lease(study)


def _programme(programme: Programme, study: Study) -> Named:
    lines, last_year = programme.lines, programme.years[-1]
    named = picked("programme", programme, PROGRAMME) | {"programme.last_year": last_year}
    for case in CASES:
        named |= under(f"programme.{case}", _case(programme, case))
    amounts = {f"{case}.{name}": lines[f"{name}_{case}"] for case in CASES for name in LINE_BY_CASE}
    index = lines["item"] + "." + lines["nature"] + "." + lines["year"].astype(str)
    named |= by_row("line", lines[list(LINE)].assign(**amounts), index)
    named["item.national_displays"] = round(sum(study.law[name] for name in DISPLAYS), 1)
    sums = {f"{case}.ttc_eur": lines.groupby("item")[f"ttc_{case}"].sum() for case in CASES}
    return named | by_row("item", pd.DataFrame(sums))


def _case(programme: Programme, case: Case) -> Named:
    lines, amount = programme.lines, f"ttc_{case}"
    ttc, ht = programme.ttc(case), lines[f"ht_{case}"].sum()
    named: Named = {"ttc_eur": ttc, "ht_eur": ht, "vat_eur": ttc - ht, "value_left_eur": programme.value_left_eur(case)}
    for section in SECTIONS:
        by_year = sum_by_year(lines[lines["section"] == section], amount)
        named[f"{section}_eur"] = programme.ttc(case, section)
        named |= yearly(section, {year: by_year.get(year, 0.0) for year in programme.years})
    by_year = sum_by_year(lines, amount)
    return named | yearly("year", {year: by_year.get(year, 0.0) for year in programme.years})


def _by_school(programme: Programme, study: Study) -> Named:
    """What each school receives, what waits for a quote or for money, what leaves, and the other way to connect."""
    named: Named = {}
    for uai, lines in programme.by_school.groupby("uai"):
        prefix = f"school.{uai}.programme"
        named |= under(prefix, {f"{case}.ttc_eur": lines[f"ttc_{case}"].sum() for case in CASES})
        named |= yearly(f"{prefix}.central", sum_by_year(lines, "ttc_central"))
    left = programme.unfunded.assign(year="later", quantity_central=programme.unfunded["quantity"])
    for line in (*programme.by_school.to_dict("records"), *left.to_dict("records")):
        name, count = f"school.{line['uai']}.line.{line['item']}.{line['nature']}", line["quantity_central"]
        named[f"{name}.{line['year']}.quantity"] = count
        named[f"{name}.quantity"] = named.get(f"{name}.quantity", 0) + count
    named |= under("quote", {f"{quote.item.key}.quantity": quote.quantity for quote in programme.quotes})
    named["programme.unfunded.ttc_eur"] = programme.unfunded["ttc"].sum()
    named |= by_row("leaving", programme.leaving) | under("leaving.total", programme.leaving.sum())
    renewed = programme.by_school.loc[programme.by_school["nature"] == "renouvellement", "ttc_central"]
    named["programme.central.renewed_eur"] = renewed.sum()
    for name, year in (("first", programme.start_year), ("last", programme.years[-1])):
        named |= {f"agec.{name}.year": year, f"agec.{name}.share": share_in(year, AGEC, study.law)}
    return named | _ways(study)


def _ways(study: Study) -> Named:
    wifi, wired, law = study.ways[True], study.ways[False], study.law
    gap = wired.ttc("central") - wifi.ttc("central")
    terminals = next((quote.quantity for quote in wifi.quotes if quote.item.key == "borne_wifi"), None)
    costs = {
        f"{name}.{case}.ttc_eur": way.ttc(case) for name, way in (("wifi", wifi), ("wired", wired)) for case in CASES
    }
    goes_with = 1 + law["accompagnement_part"] + wifi.horizon_years * law["maintenance_part"]  # of a terminal too
    break_even = gap / terminals / goes_with if terminals and cents(gap) > 0 else None
    return under("way", costs | {"extra_eur": gap, "saved_eur": -gap, "break_even_eur": break_even})


def payers_of(study: Study) -> list[str]:
    """The commune, and who bears something in some plan of the central case, in the order of the vocabulary."""
    bearing = {"commune"} | {payer for plans in study.plans.values() for payer in plans["central"].charge["payer"]}
    return [payer for payer in PAYERS if payer in bearing]


def _plan(prefix: str, plan: FundingPlan, study: Study) -> Named:
    assumptions, average, living = study.assumptions, yearly_average_eur(plan), study.dossier.niveau_vie
    pupils, households = study.programme and study.programme.pupils, living and living.households
    invested, run = (sum(plan.charge_by_year("etat", section).values()) for section in SECTIONS)
    granted = sum(grant.counted_eur for grant in plan.grants if grant.payer == "etat")
    base, redeployed = assumptions.tfpb_base_eur, assumptions.redeployed_eur_per_year
    rates: dict[str, float | None] = {"discounted_eur": _operation(study).borrowing_rate}
    known = study.law.in_force(SOCIO_ECONOMIC)
    rates["discounted_socio_economic_eur"] = study.law[SOCIO_ECONOMIC] if known else None
    named: Named = {
        "cost_eur": plan.cost_eur,
        "financing_eur": plan.financing_eur,
        "reste_a_charge_eur": plan.reste_a_charge_eur,
        "fctva_eur": invested - granted,
        "aids_eur": granted + run + sum(plan.borne_by(payer) for payer in AIDING),
        "aids_full_eur": sum(grant.full_eur for grant in plan.grants if grant.payer != "mecene"),
        "gifts_eur": plan.borne_by("mecene"),
        "families_eur": plan.borne_by("famille"),
        "groupement_eur": plan.borne_by("groupement"),
        "uncertain_eur": plan.uncertain_eur,
        "others_share": round(plan.others_share, 2),
        "first_year_cash_eur": plan.first_year_eur,
        "per_year_alone_eur": (plan.reste_a_charge_eur + plan.uncertain_eur) / plan.horizon_years,
        **{name: None if rate is None else plan.discounted_reste_a_charge_eur(rate) for name, rate in rates.items()},
        "per_year_eur": average,
        "per_pupil_per_year_eur": average / pupils if pupils else None,
        "per_household_per_year_eur": average / households if households else None,
        "after_horizon_eur": plan.after_horizon_eur,
        "tax_points": None if base is None else tax_points(average, base),
    }
    for payer in payers_of(study):
        named |= yearly(payer, plan.charge_by_year(payer))
    for section in SECTIONS:
        named |= yearly(f"commune.{section}", plan.charge_by_year("commune", section))
    last_flow = max(plans["central"].last_flow for plans in study.plans.values())
    named |= yearly("cumulative", plan.cumulative_cash_out(last_flow))
    if redeployed:
        efforts = plan.new_effort_by_year(redeployed)
        named |= yearly("new_effort", efforts) | {"new_effort_eur": sum(efforts.values())}
    return under(prefix, named)


def _comparison(programme: Programme, study: Study) -> Named:
    named: Named = {}
    if study.advice is not None:
        named["advice.best"] = study.advice.best
        named |= under("advice.gap", {f"{case}_eur": gap for case, gap in study.advice.gap_eur.items()})
        named["advice.at_risk_eur"] = study.advice.at_risk_eur
        named |= under("advice.winner", winners(study.plans, _operation(study).borrowing_rate))
        best = {case: _discounted(study, study.advice.best, case) for case in CASES}
        for scenario in study.plans:
            gaps = {f"{case}_eur": _discounted(study, scenario, case) - best[case] for case in CASES}
            named |= under(f"advice.over.{scenario}", gaps)
        if {"achat", "leasing"} <= study.plans.keys():
            gap = _discounted(study, "leasing", "central") - _discounted(study, "achat", "central")
            named["advice.leasing_over_achat_eur"] = gap
    if study.loan_plan is not None:
        own = commune_part(programme, study.assumptions.groupement_share).lines
        first = own[(own["section"] == "investissement") & (own["year"] == programme.start_year)]
        loan = {"principal_eur": first["ttc_central"].sum(), "interest_eur": study.loan_plan.financing_eur}
        loan |= {"years": _operation(study).loan_years}
        named |= under("loan", loan | {"rate": _operation(study).borrowing_rate})
    return named


def _discounted(study: Study, scenario: str, case: Case) -> float:
    return study.plans[scenario][case].discounted_reste_a_charge_eur(_operation(study).borrowing_rate)


def _lease(study: Study) -> Named:
    lease = _operation(study).lease
    named = picked("lease", lease, ("rate", "years", "option_share"))
    months, option = MONTHS * lease.years, 100 * lease.option_share
    rent = lease_rent(100, lease.rate, months, residual_eur=option)
    named["lease.effective_rate"] = round(implicit_rate(100, [rent] * months, residual_eur=option), 5)
    return named | under("lease", {name: study.law.text(figure) for name, figure in LEASE_TEXTS.items()})


def _operation(study: Study) -> Operation:
    if study.operation is None:
        raise ValueError("no operation without a programme")
    return study.operation
