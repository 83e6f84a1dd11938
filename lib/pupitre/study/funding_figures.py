"""The named figures of the programme, of each plan and of their comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pupitre.diagnostic.programme import CASES, Programme
from pupitre.formats import cents
from pupitre.funding.compare import yearly_average_eur
from pupitre.funding.finance import implicit_rate, lease_rent, tax_points
from pupitre.funding.plan import SECTIONS, FundingPlan
from pupitre.funding.scenarios.base import borrowing_rate, loan_years
from pupitre.funding.scenarios.leasing import MONTHS, terms
from pupitre.study.naming import Named, under, yearly

if TYPE_CHECKING:
    from pupitre.study.study import Study


def collect_funding(study: Study) -> Named:
    """Every figure of the funding chapter; nothing when there is nothing to fund."""
    if study.programme is None:
        return {}
    named = _programme(study.programme, study)
    for scenario, by_case in study.plans.items():
        for case, plan in by_case.items():
            named |= _plan(f"plan.{scenario}.{case}", plan, study)
    return named | _comparison(study)


def _programme(programme: Programme, study: Study) -> Named:
    named: Named = {
        "programme.start_year": programme.start_year,
        "programme.last_year": programme.years[-1],
        "programme.horizon_years": programme.horizon_years,
        "programme.schools": programme.schools,
        "programme.pupils": programme.pupils,
    }
    for case in CASES:
        named[f"programme.{case}.ttc_eur"] = programme.ttc(case)
        named[f"programme.{case}.ht_eur"] = cents(programme.lines[f"ht_{case}"].sum())
        named[f"programme.{case}.vat_eur"] = cents(programme.ttc(case) - cents(programme.lines[f"ht_{case}"].sum()))
        named[f"programme.{case}.value_left_eur"] = programme.value_left_eur(case)
        for section in ("investissement", "fonctionnement"):
            named[f"programme.{case}.{section}_eur"] = programme.ttc(case, section)
        for year in programme.years:
            of_year = programme.lines[programme.lines["year"] == year]
            named[f"programme.{case}.year.{year}_eur"] = cents(of_year[f"ttc_{case}"].sum())
    for line in programme.lines.to_dict("records"):
        named |= under(f"line.{line['item']}.{line['year']}", _line(line))
    displays = ("reference_tableaux_interactifs_pour_1000_eleves", "reference_videoprojecteurs_pour_1000_eleves")
    named["item.national_displays"] = round(sum(study.law[name] for name in displays), 1)
    for item, lines in programme.lines.groupby("item"):
        named |= under(f"item.{item}", [(f"{case}.ttc_eur", cents(lines[f"ttc_{case}"].sum())) for case in CASES])
    return named


def _line(line: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    shared = [(name, line[name]) for name in ("nature", "year", "section", "account", "life_years", "vat_rate")]
    amounts = [
        (f"{case}.{name}", line[f"{name}_{case}"]) for case in CASES for name in ("quantity", "unit_ht", "ht", "ttc")
    ]
    return [*shared, *amounts]


def _plan(prefix: str, plan: FundingPlan, study: Study) -> Named:
    average = yearly_average_eur(plan)
    base = study.assumptions.tfpb_base_eur
    redeployed = study.assumptions.redeployed_eur_per_year
    named = under(
        prefix,
        [
            ("cost_eur", plan.cost_eur),
            ("financing_eur", plan.financing_eur),
            ("reste_a_charge_eur", plan.reste_a_charge_eur),
            ("fctva_eur", plan.borne_by("etat")),
            ("first_year_cash_eur", plan.cumulative_cash_out(plan.start_year)[plan.start_year]),
            (
                "discounted_eur",
                plan.discounted_reste_a_charge_eur(borrowing_rate(study.law, study.assumptions)),
            ),
            (
                "discounted_socio_economic_eur",
                plan.discounted_reste_a_charge_eur(study.law["actualisation_taux_socio_economique"]),
            ),
            ("per_year_eur", cents(average)),
            ("per_pupil_per_year_eur", _per(average, study.programme.pupils if study.programme else None)),
            ("per_household_per_year_eur", _per(average, _households(study))),
            ("committed_after_eur", plan.committed_after_eur),
            ("tax_points", None if base is None else tax_points(average, base)),
        ],
    )
    for payer in ("commune", "etat"):
        named |= yearly(f"{prefix}.{payer}", plan.charge_by_year(payer))
    for section in SECTIONS:
        named |= yearly(f"{prefix}.commune.{section}", plan.charge_by_year("commune", section))
    spent = plan.cumulative_cash_out(max(plans["central"].last_flow for plans in study.plans.values()))
    named |= yearly(f"{prefix}.cumulative", spent)
    if redeployed:
        efforts = plan.new_effort_by_year(redeployed)
        named |= yearly(f"{prefix}.new_effort", efforts)
        named[f"{prefix}.new_effort_eur"] = cents(sum(efforts.values()))
    return named


def _households(study: Study) -> int | None:
    return study.dossier.niveau_vie.households if study.dossier.niveau_vie else None


def _per(amount: float, count: int | None) -> float | None:
    return cents(amount / count) if count else None


def _comparison(study: Study) -> Named:
    named: Named = {}
    if study.advice is not None:
        named["advice.best"] = study.advice.best
        named |= under("advice.gap", [(f"{case}_eur", cents(gap)) for case, gap in study.advice.gap_eur.items()])
    if study.programme is not None and study.loan_plan is not None:
        lines = study.programme.lines
        first = lines[(lines["section"] == "investissement") & (lines["year"] == study.programme.start_year)]
        named["loan.principal_eur"] = cents(first["ttc_central"].sum())
        named["loan.interest_eur"] = study.loan_plan.financing_eur
        named["loan.years"] = loan_years(study.law, study.assumptions)
        named["loan.rate"] = borrowing_rate(study.law, study.assumptions)
    return named | _lease(study)


def _lease(study: Study) -> Named:
    lease = terms(study.law, study.assumptions)
    texts = {"account": "compte_credit_bail", "option_fctva": "fctva_option", "deferred_payment": "paiement_differe"}
    return under(
        "lease",
        [
            ("rate", lease.rate),
            ("years", lease.years),
            ("option_share", lease.option_share),
            ("effective_rate", _effective_rate(lease.rate, lease.years, lease.option_share)),
            *((name, study.law.text(figure)) for name, figure in texts.items()),
        ],
    )


def _effective_rate(rate: float, years: int, option_share: float) -> float:
    """The effective yearly rate of a lease of 100 € at these terms, as a ratio with five decimals."""
    rent = lease_rent(100, rate, MONTHS * years, residual_eur=100 * option_share)
    return round(implicit_rate(100, [rent] * MONTHS * years, residual_eur=100 * option_share), 5)
