"""The named figures of a study: what `resultats.json` holds and what the pages may print.

Belongs: names. Does not: computing (each room has its own), wording.

A name is a path of words; its last word carries the unit: `plan.achat.central.reste_a_charge_eur`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from pupitre.diagnostic.profile import DECILES, Diagnostic, decile_rank
from pupitre.diagnostic.socle import NEED_KINDS
from pupitre.law.baremes import Figure
from pupitre.study.funding_figures import collect_funding
from pupitre.study.naming import Named, plain, under

if TYPE_CHECKING:
    from pupitre.study.study import Study

CONTEXT = (
    "reference_investissement_par_eleve", "reference_fonctionnement_par_eleve",
    "reference_internet_dans_la_moitie_des_classes",
)  # fmt: skip
SCHOOL_LISTS = ("annuaire", "fr-en-annuaire", "ecoles_rentree")
SCHOOL_FIGURES = (
    "nom", "level", "sector", "classes", "pupils", "pupils_maternelle", "pupils_elementaire", "pupils_ulis", "ips",
    "ips_rentree", "ips_compared", "ips_status", "rpi",
)  # fmt: skip


def collect(study: Study) -> Named:
    """Every figure of a study, by name, in reading order; missing ones are None."""
    named: Named = {
        **_commune(study),
        **_schools(study),
        **_places(study),
        **_needs(study.diagnostic),
    }
    named |= collect_funding(study)
    named |= _assumptions(study)
    return {name: plain(value) for name, value in (named | _law(study.law.read)).items()}


def _commune(study: Study) -> Named:
    commune = study.dossier.commune
    fields = ("code_insee", "nom", "departement", "departement_nom", "epci_nom", "population", "population_vintage")
    named = under("commune", [(name, getattr(commune, name)) for name in fields])
    named["commune.population_vintage"] = commune.population_vintage.replace("COG", "liste des communes")
    named |= under("context", [(name, study.law[name]) for name in CONTEXT])
    return {"on": study.dossier.on.isoformat(), "situation": study.diagnostic.situation} | named


def _schools(study: Study) -> Named:
    diagnostic = study.diagnostic
    named: Named = {}
    for sector in ("public", "prive_sous_contrat"):
        named |= _sector(f"schools.{sector}", diagnostic.of_sector(sector))
    known = diagnostic.schools["rentree"].dropna()
    listed = [source.vintage for source in study.dossier.sources if source.name.startswith(SCHOOL_LISTS)]
    named["schools.list_vintage"] = listed[0] if listed else None
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
    counted = schools[schools["classes"].notna() & (schools["level"] == "primaire")]
    ips = schools["ips"].dropna()
    return under(
        prefix,
        [
            ("count", len(schools)),
            *levels,
            *sums,
            ("split_unknown", int(counted["pupils_maternelle"].isna().sum())),
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
