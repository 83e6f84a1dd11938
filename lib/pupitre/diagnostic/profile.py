"""Where the commune stands: its schools, their place among others, what the socle asks for, what is not known.

Belongs: facts put beside their reference. Does not: what to buy (the programme), how it is said (the study).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pupitre.data.dossier import Dossier
from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.inventory import Inventory, take_inventory
from pupitre.diagnostic.maturity import Maturity, assess_maturity
from pupitre.diagnostic.socle import socle_needs
from pupitre.law.baremes import Law

Situation = Literal["schools", "no_public_school", "no_school", "schools_unknown"]
DECILES = tuple(f"d{rank}" for rank in range(1, 10))


@dataclass(frozen=True)
class Diagnostic:
    """The commune's situation.

    `schools`: the dossier's schools with `ips` (last known), `ips_rentree`, `ips_compared` (at the rentrée of the
    reference), `ips_status` and `classes_counted` (by the commune, this year); empty when there is none or when they
    are not known. `needs`: see `socle_needs`. `ips_reference`: row of the département for public schools, or None.
    `deciles`: row of the département, or None. `inventory`, `maturity`: None without a workbook.
    """

    situation: Situation
    schools: pd.DataFrame
    needs: pd.DataFrame
    ips_reference: pd.Series | None
    deciles: pd.Series | None
    inventory: Inventory | None = None
    maturity: Maturity | None = None

    def of_sector(self, sector: str) -> pd.DataFrame:
        """The schools of one sector."""
        return self.schools[self.schools["sector"] == sector]

    @property
    def without_count(self) -> pd.DataFrame:
        """Schools known by name whose classes are not: they are not costed."""
        return self.schools[self.schools["classes"].isna()]


def diagnose(dossier: Dossier, law: Law, assumptions: Assumptions) -> Diagnostic:
    """The diagnostic of a commune on the date of the law."""
    reference = _reference(dossier.ips_reference, dossier.commune.departement, {"sector": "public"})
    schools = _with_ips(dossier, None if reference is None else int(reference["rentree"]))
    workbook = dossier.workbook
    if workbook is not None:
        counted = workbook.table("ecoles").set_index("ecole")["classes"]
        schools = schools.assign(classes_counted=schools["uai"].map(counted).astype("Int64"))
    needs = socle_needs(schools, law, assumptions)
    inventory = None if workbook is None else take_inventory(workbook, schools, needs, law)
    pupils = schools.set_index("uai")["pupils"].reindex(needs.index)
    return Diagnostic(
        situation=_situation(dossier),
        schools=schools,
        needs=needs,
        ips_reference=reference,
        deciles=_reference(dossier.niveau_vie_reference, dossier.commune.departement, {}),
        inventory=inventory,
        maturity=None
        if workbook is None or inventory is None
        else assess_maturity(workbook, inventory, pupils, law.day.year),
    )


def decile_rank(value: float, deciles: pd.Series) -> int:
    """In which tenth of the communes of the département a value falls: 1 the lowest, 10 the highest.

    >>> decile_rank(20_500, pd.Series({f"d{k}": 20_000 + 100 * k for k in range(1, 10)}))
    6
    """
    return 1 + sum(bool(value >= deciles[name]) for name in DECILES)


def _situation(dossier: Dossier) -> Situation:
    if dossier.schools is None:
        return "schools_unknown"
    if dossier.schools.empty:
        return "no_school"
    return "schools" if (dossier.schools["sector"] == "public").any() else "no_public_school"


def _with_ips(dossier: Dossier, compared_rentree: int | None) -> pd.DataFrame:
    schools = pd.DataFrame(columns=_SCHOOL_COLUMNS) if dossier.schools is None else dossier.schools
    by_school = dossier.ips.sort_values("rentree").groupby("uai")
    last = by_school.last() if len(dossier.ips) else pd.DataFrame(columns=["ips", "rentree", "status"])
    compared = dossier.ips[dossier.ips["rentree"] == compared_rentree].set_index("uai")["ips"]
    return schools.assign(
        ips=schools["uai"].map(last["ips"]),
        ips_rentree=schools["uai"].map(last["rentree"]),
        ips_status=schools["uai"].map(last["status"]),
        ips_compared=schools["uai"].map(compared),
    )


_SCHOOL_COLUMNS = [
    "uai", "nom", "level", "sector", "rentree", "classes", "pupils", "pupils_maternelle", "pupils_elementaire",
    "pupils_ulis", "rpi",
]  # fmt: skip


def _reference(frame: pd.DataFrame, zone: str, where: dict[str, str]) -> pd.Series | None:
    rows = frame[frame["zone"] == zone]
    for column, value in where.items():
        rows = rows[rows[column] == value]
    return None if rows.empty else rows.iloc[-1]
