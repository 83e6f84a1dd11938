"""The named figures of a study: what `resultats.json` holds and what the pages may print.

Belongs: names. Does not: computing (each room has its own), wording.

A name is a path of words; its last word carries the unit: `plan.achat.central.reste_a_charge_eur`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from pupitre.diagnostic.profile import DECILES, decile_rank
from pupitre.diagnostic.socle import NEED_KINDS
from pupitre.formats import Value
from pupitre.law.baremes import Figure
from pupitre.study.advice_figures import collect_advice, collect_prospects
from pupitre.study.cap_figures import collect_cap, collect_maturity
from pupitre.study.charter import collect_charter
from pupitre.study.evaluation_figures import collect_evaluation
from pupitre.study.funding_figures import collect_funding
from pupitre.study.inventory_figures import collect_inventory
from pupitre.study.naming import Named, by_row, finished, picked, plain, under
from pupitre.study.question_figures import collect_questions

if TYPE_CHECKING:
    from pupitre.study.study import Study

LATE = ("mix.", "risk.", "driver.", "law.")
SCHOOL_LISTS = ("annuaire", "fr-en-annuaire", "ecoles_rentree")
COMMUNE = ("code_insee", "nom", "departement", "departement_nom", "epci_nom", "population", "population_vintage")
CONTEXT = (
    "reference_investissement_par_eleve", "reference_fonctionnement_par_eleve",
    "reference_internet_dans_la_moitie_des_classes",
)  # fmt: skip
SCHOOL = (
    "nom", "level", "sector", "classes", "pupils", "pupils_maternelle", "pupils_elementaire", "pupils_ulis", "ips",
    "ips_rentree", "ips_compared", "ips_status", "rpi",
)  # fmt: skip
COUNTED = ("classes", "pupils", "pupils_maternelle", "pupils_elementaire", "pupils_ulis")
IPS = ("rentree", "n", "q1", "median", "q3")
FIBRE = ("period", "premises", "connectable", "share", "copper_status", "copper_closing")
LAW = ("value", "low", "high", "price_year", "checked_on", "valid_from", "vintage")


def collect(study: Study) -> Named:
    """The figures of a study that are known at once, by name, in reading order; missing ones are None."""
    named = _commune(study) | _schools(study) | _places(study) | _needs(study)
    named |= collect_inventory(study) | collect_maturity(study) | collect_cap(study)
    named |= collect_funding(study) | collect_advice(study) | collect_evaluation(study)
    named |= under("assumption", study.assumptions.overrides())
    named |= collect_questions(study) | collect_charter(study, named)
    return finished(named | _law(study.law.read))


def collect_late(study: Study) -> Named:
    """The figures of what takes a second to compute, the best mix and risk, and the dated figures that they read."""
    return finished(collect_prospects(study) | _law(study.law.read))


class StudyFigures(Mapping[str, Value]):
    """The named figures of a study; the late ones are computed when one of them is asked for, or all."""

    def __init__(self, study: Study) -> None:
        """Compute those that are known at once."""
        self._study, self._early = study, collect(study)

    @cached_property
    def _late(self) -> Named:
        return collect_late(self._study)

    def __getitem__(self, name: str) -> Value:
        """The value of a figure, None when it is missing; KeyError for a name that no figure bears."""
        known = name in self._early or not name.startswith(LATE)
        return (self._early if known else self._late)[name]

    def __iter__(self) -> Iterator[str]:
        """All names, the late ones after."""
        return iter(self._early | self._late)

    def __len__(self) -> int:
        """How many there are in all."""
        return len(self._early | self._late)


def _commune(study: Study) -> Named:
    commune = study.dossier.commune
    named: Named = {"on": study.dossier.on.isoformat(), "situation": study.diagnostic.situation}
    named |= picked("commune", commune, COMMUNE)
    named["commune.population_vintage"] = commune.population_vintage.replace("COG", "liste des communes")
    return named | picked("context", study.law, CONTEXT)


def _schools(study: Study) -> Named:
    diagnostic = study.diagnostic
    named: Named = {}
    for sector in ("public", "prive_sous_contrat"):
        named |= under(f"schools.{sector}", _sector(diagnostic.of_sector(sector)))
    listed = [source.vintage for source in study.dossier.sources if source.name.startswith(SCHOOL_LISTS)]
    named["schools.list_vintage"] = listed[0] if listed else None
    named["schools.rentree"] = plain(diagnostic.schools["rentree"].max())
    named["schools.without_count"] = len(diagnostic.without_count)
    return named | by_row("school", diagnostic.schools[list(SCHOOL)], diagnostic.schools["uai"])


def _sector(schools: pd.DataFrame) -> Named:
    levels, primaires = schools["level"].value_counts(), schools[schools["level"] == "primaire"]
    counted = primaires[primaires["classes"].notna()]
    return {
        "count": len(schools),
        **{f"{level}s": int(levels.get(level, 0)) for level in ("maternelle", "elementaire", "primaire")},
        **{name: schools[name].sum(min_count=1) for name in COUNTED},
        "split_unknown": int(counted["pupils_maternelle"].isna().sum()),
        "with_ips": int(schools["ips"].notna().sum()),
        "ips_min": schools["ips"].min(),
        "ips_max": schools["ips"].max(),
        "with_ips_compared": int(schools["ips_compared"].notna().sum()),
    }


def _places(study: Study) -> Named:
    """The commune among others: the IPS of its schools, the living of its inhabitants, its fibre."""
    diagnostic, dossier = study.diagnostic, study.dossier
    reference, living, deciles = diagnostic.ips_reference, dossier.niveau_vie, diagnostic.deciles
    named = picked("ips.departement", reference, IPS)
    if reference is not None:
        above = diagnostic.of_sector("public")["ips_compared"] > reference["median"]
        named["ips.public_above_median"] = int(above.sum())
    published = dossier.ips.dropna(subset="ips")
    if diagnostic.situation == "schools_unknown" and len(published):
        rentree = published["rentree"].max()
        last = published.loc[published["rentree"] == rentree, "ips"]
        named |= under("ips.commune", {"rentree": rentree, "n": len(last)} | dict(last.agg(["median", "min", "max"])))
    named |= picked("niveau_vie", living, ("year", "median_eur", "households"))
    if living and deciles is not None:
        named |= picked("niveau_vie.departement", deciles, ("n", "n_secret", *DECILES))
        known = living.median_eur
        named["niveau_vie.decile_rank"] = None if known is None else decile_rank(known, deciles)
    return named | picked("fibre", dossier.fibre, FIBRE)


def _needs(study: Study) -> Named:
    needs = study.diagnostic.needs
    kinds = {kind: needs[list(keys)].sum(axis="columns") for kind, keys in NEED_KINDS.items()}
    asked = needs[["classes_in_scope"]].assign(**kinds)
    if asked["appareils_mobiles"].any():
        study.law.figure("wifi_loi")  # named, since a sentence says it
    return by_row("need", asked) | under("need.total", asked.sum())


def _law(read: Sequence[Figure]) -> Named:
    years = [figure.price_year for figure in read if figure.price_year]
    named: Named = under("prices", {"first_year": min(years), "last_year": max(years)}) if years else {}
    for figure in read:
        named |= picked(f"law.{figure.name}", figure, LAW)
    return named
