"""The named figures of a study: what `resultats.json` holds and what the pages may print.

Belongs: names. Does not: computing (each room has its own), wording.

A name is a path of words; its last word carries the unit: `plan.achat.central.reste_a_charge_eur`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from pupitre.diagnostic.profile import DECILES, Diagnostic, decile_rank
from pupitre.diagnostic.programme import CASES, Programme
from pupitre.diagnostic.socle import NEED_KINDS
from pupitre.formats import Value, cents
from pupitre.funding.compare import yearly_average_eur
from pupitre.funding.finance import implicit_rate, lease_rent, tax_points
from pupitre.funding.plan import FundingPlan
from pupitre.funding.scenarios.leasing import MONTHS, terms
from pupitre.law.baremes import Figure

if TYPE_CHECKING:
    from pupitre.study.study import Study

Named = dict[str, Value]
SCHOOL_FIGURES = (
    "nom", "level", "sector", "classes", "pupils", "pupils_maternelle", "pupils_elementaire", "pupils_ulis", "ips",
    "ips_rentree", "ips_compared", "ips_status", "rpi",
)  # fmt: skip


def collect(study: Study) -> Named:
    """Every figure of a study, by name, in reading order; missing ones are None."""
    named: Named = {
        **_commune(study),
        **_schools(study.diagnostic),
        **_places(study),
        **_needs(study.diagnostic),
    }
    if study.programme is not None:
        named |= _programme(study.programme)
        for scenario, by_case in study.plans.items():
            for case, plan in by_case.items():
                named |= _plan(f"plan.{scenario}.{case}", plan, study)
        named |= _comparison(study)
    named |= _assumptions(study)
    return {name: plain(value) for name, value in (named | _law(study.law.read)).items()}


def plain(value: Any) -> Value:
    """A value as JSON holds it: no NA, no numpy number, dates as texts.

    >>> plain(pd.NA), plain(date(2026, 1, 1))
    (None, '2026-01-01')
    """
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    if isinstance(value, date):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value  # type: ignore[no-any-return]


def under(prefix: str, values: Iterable[tuple[str, Any]]) -> Named:
    """Values under a prefix.

    >>> under("a", [("b", 1)])
    {'a.b': 1}
    """
    return {f"{prefix}.{name}": value for name, value in values}


def _commune(study: Study) -> Named:
    commune = study.dossier.commune
    fields = ("code_insee", "nom", "departement", "departement_nom", "epci_nom", "population", "population_vintage")
    named = under("commune", [(name, getattr(commune, name)) for name in fields])
    named["commune.population_vintage"] = commune.population_vintage.replace("COG", "code officiel géographique")
    return {"on": study.dossier.on.isoformat(), "situation": study.diagnostic.situation} | named


def _schools(diagnostic: Diagnostic) -> Named:
    named: Named = {}
    for sector in ("public", "prive_sous_contrat"):
        named |= _sector(f"schools.{sector}", diagnostic.of_sector(sector))
    known = diagnostic.schools["rentree"].dropna()
    named["schools.rentree"] = plain(known.max()) if len(known) else None
    named["schools.without_count"] = len(diagnostic.without_count)
    for school in diagnostic.schools.to_dict("records"):
        named |= under(f"school.{school['uai']}", [(name, school[name]) for name in SCHOOL_FIGURES])
    return named


def _sector(prefix: str, schools: pd.DataFrame) -> Named:
    levels = [
        (f"{level}s", int((schools["level"] == level).sum())) for level in ("maternelle", "elementaire", "primaire")
    ]
    sums = [
        (name, int(schools[name].sum()) if schools[name].notna().any() else None)
        for name in ("classes", "pupils", "pupils_maternelle", "pupils_elementaire", "pupils_ulis")
    ]
    split = schools[["pupils_maternelle", "pupils_elementaire"]].notna().all(axis=1)
    ips = schools["ips"].dropna()
    return under(
        prefix,
        [
            ("count", len(schools)),
            *levels,
            *sums,
            ("split_unknown", int((~split).sum())),
            ("with_ips", len(ips)),
            ("ips_min", ips.min() if len(ips) else None),
            ("ips_max", ips.max() if len(ips) else None),
            ("with_ips_compared", int(schools["ips_compared"].notna().sum())),
        ],
    )


def _places(study: Study) -> Named:
    diagnostic, dossier = study.diagnostic, study.dossier
    named: Named = {}
    if diagnostic.ips_reference is not None:
        reference = diagnostic.ips_reference
        named |= under("ips.departement", [(name, reference[name]) for name in ("rentree", "n", "q1", "median", "q3")])
        public = diagnostic.of_sector("public")["ips_compared"].dropna()
        named["ips.public_above_median"] = int((public > reference["median"]).sum())
    published = dossier.ips.dropna(subset="ips")
    if diagnostic.situation == "schools_unknown" and len(published):
        last = published[published["rentree"] == published["rentree"].max()]
        found = [("rentree", last["rentree"].max()), ("n", len(last)), ("median", last["ips"].median())]
        named |= under("ips.commune", [*found, ("min", last["ips"].min()), ("max", last["ips"].max())])
    if dossier.niveau_vie is not None:
        living = dossier.niveau_vie
        named |= under("niveau_vie", [(name, getattr(living, name)) for name in ("year", "median_eur", "households")])
        if diagnostic.deciles is not None:
            deciles = diagnostic.deciles
            named |= under("niveau_vie.departement", [(name, deciles[name]) for name in ("n", "n_secret", *DECILES)])
            known = living.median_eur
            named["niveau_vie.decile_rank"] = None if known is None else decile_rank(known, deciles)
    if dossier.fibre is not None:
        fibre = dossier.fibre
        fields = ("period", "premises", "connectable", "share", "copper_status", "copper_closing")
        named |= under("fibre", [(name, getattr(fibre, name)) for name in fields])
    return named


def _needs(diagnostic: Diagnostic) -> Named:
    named: Named = {}
    rows = [*diagnostic.needs.iterrows(), ("total", diagnostic.needs.sum())]
    for uai, row in rows:
        kinds = [(kind, row[list(items)].sum()) for kind, items in NEED_KINDS.items()]
        named |= under(f"need.{uai}", [("classes_in_scope", row["classes_in_scope"]), *kinds])
    return named


def _programme(programme: Programme) -> Named:
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
    yearly = yearly_average_eur(plan)
    base = study.assumptions.tfpb_base_eur
    redeployed = study.assumptions.redeployed_eur_per_year
    named = under(
        prefix,
        [
            ("cost_eur", plan.cost_eur),
            ("financing_eur", plan.financing_eur),
            ("reste_a_charge_eur", plan.reste_a_charge_eur),
            ("fctva_eur", plan.borne_by("etat")),
            ("discounted_eur", plan.discounted_reste_a_charge_eur(study.law["emprunt_taux"])),
            (
                "discounted_socio_economic_eur",
                plan.discounted_reste_a_charge_eur(study.law["actualisation_taux_socio_economique"]),
            ),
            ("per_year_eur", cents(yearly)),
            ("per_pupil_per_year_eur", _per(yearly, study.programme.pupils if study.programme else None)),
            ("per_household_per_year_eur", _per(yearly, _households(study))),
            ("committed_after_eur", plan.committed_after_eur),
            ("tax_points", None if base is None else tax_points(yearly, base)),
        ],
    )
    for payer in ("commune", "etat"):
        named |= under(f"{prefix}.{payer}", [(f"{year}_eur", v) for year, v in plan.charge_by_year(payer).items()])
    spent = plan.cumulative_cash_out(max(plans["central"].last_flow for plans in study.plans.values()))
    named |= under(f"{prefix}.cumulative", [(f"{year}_eur", amount) for year, amount in spent.items()])
    if redeployed:
        efforts = plan.new_effort_by_year(redeployed)
        named |= under(f"{prefix}.new_effort", [(f"{year}_eur", amount) for year, amount in efforts.items()])
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
    if study.loan_plan is not None:
        rate = study.assumptions.loan_rate
        named["loan.interest_eur"] = study.loan_plan.financing_eur
        named["loan.years"] = study.assumptions.loan_years
        named["loan.rate"] = study.law["emprunt_taux"] if rate is None else rate
    lease = terms(study.law, study.assumptions)
    named |= under("lease", [("rate", lease.rate), ("years", lease.years), ("option_share", lease.option_share)])
    named["lease.effective_rate"] = _effective_rate(lease.rate, lease.years, lease.option_share)
    return named


def _effective_rate(rate: float, years: int, option_share: float) -> float:
    """The effective yearly rate of a lease of 100 € at these terms, as a ratio with five decimals."""
    rent = lease_rent(100, rate, MONTHS * years, residual_eur=100 * option_share)
    return round(implicit_rate(100, [rent] * MONTHS * years, residual_eur=100 * option_share), 5)


def _assumptions(study: Study) -> Named:
    flat: Named = {}
    for name, value in study.assumptions.overrides().items():
        flat |= under("assumption", value.items() if isinstance(value, dict) else [(name, value)])
    return flat


def _law(read: Sequence[Figure]) -> Named:
    fields = ("value", "low", "high", "price_year", "checked_on", "valid_from", "vintage")
    years = [figure.price_year for figure in read if figure.price_year]
    named: Named = under("prices", [("first_year", min(years)), ("last_year", max(years))]) if years else {}
    for figure in read:
        named |= under(f"law.{figure.name}", [(name, getattr(figure, name)) for name in fields])
    return named
