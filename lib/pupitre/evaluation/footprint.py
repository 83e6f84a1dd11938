"""The greenhouse gases of the schools' devices: of those the commune declares, of those the programme buys.

Belongs: kg CO2e of making, delivering and disposing of devices, by year of life, and what a longer life saves. Does
not: the factors, which `law/` holds, uses of the network and of servers, scores (`returns`).

Electricity is not in these kg: at school hours, making outweighs it for computers, tablets and screens. It stands
beside, at its most (on at every hour of class), since a projector or a printer may then take more than its making.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor

import pandas as pd

from pupitre.diagnostic.inventory import Inventory
from pupitre.diagnostic.phasing import NATURES
from pupitre.diagnostic.programme import Programme
from pupitre.diagnostic.ranges import Case
from pupitre.law.baremes import Law

IDLE = ("en_panne", "inutilise")
AMOUNTS = ("kg", "kg_per_year", "saved_kg_per_year", "electricity_kg_per_year")
LAPTOP, DESKTOP = ("ordinateur_portable",), ("ordinateur_fixe", "ecran")
MADE_OF: Mapping[str, tuple[str, ...]] = {
    "ecran_interactif": ("televiseur",),
    "affichage": ("televiseur",),
    "affichage_maternelle": ("televiseur",),
    "videoprojecteur": ("videoprojecteur",),
    "videoprojecteur_mobile": ("videoprojecteur",),
    "portable_enseignant": LAPTOP,
    "poste_enseignant": LAPTOP,
    "portable_eleve": LAPTOP,
    "appareil_mobile": LAPTOP,
    "poste_direction": LAPTOP,
    "poste_direction_maternelle": LAPTOP,
    "fixe_enseignant": DESKTOP,
    "fixe_eleve": DESKTOP,
    "tablette": ("tablette",),
    "imprimante": ("imprimante",),
}
"""What a type of the inventory, or an item of the programme, is made of, as ADEME names devices.

A computer whose kind is not told is a laptop, as the programme prices it; a shared device too, rather than a tablet,
and a display is a screen rather than a projector: the heavier of the two. A desktop has a monitor.
"""


@dataclass(frozen=True)
class Footprint:
    """The greenhouse gases of a set of devices, kg CO2e.

    `lines`, index key (a type of the inventory, an item of the programme): number (all that is made), serving (those
    that serve together), life_years (planned), kg (of `number`), then of those serving: kg_per_year (kg over their
    life), saved_kg_per_year (by one more year of life), electricity_kg_per_year (at most).
    `without_factor`: key → number of devices for which no factor is published; they are in no line and no total.
    """

    lines: pd.DataFrame
    without_factor: Mapping[str, int]

    @property
    def totals(self) -> dict[str, float]:
        """The sum of each amount."""
        return {name: float(self.lines[name].sum()) for name in AMOUNTS}


def saved_per_year(kg: float, life_years: float, more_years: float = 1) -> float:
    """What a longer life saves each year, in the unit of `kg`: made once, the device serves `more_years` more.

    >>> saved_per_year(100, 2, more_years=2), round(saved_per_year(185.1, 5), 2)
    (25.0, 6.17)
    """
    return kg / life_years - kg / (life_years + more_years)


def use_kg(watts: float, hours: float, kg_per_kwh: float) -> float:
    """The greenhouse gases of the electricity of a device that draws so many watts for so many hours, kg CO2e.

    >>> round(use_kg(200, 864, 0.098), 1)
    16.9
    """
    return watts * hours / 1000 * kg_per_kwh


def in_europeans(kg: float, law: Law) -> tuple[int, int] | None:
    """The two whole numbers of Europeans between whose yearly footprints these kg CO2e stand; None for none."""
    people = kg / 1000 / law["reference_empreinte_europeen"]
    return (floor(people), ceil(people)) if people > 0 else None


def inventory_footprint(inventory: Inventory, law: Law) -> Footprint:
    """The footprint of all devices declared; those that are broken or unused were made too, but do not serve."""
    devices = inventory.devices
    serving = devices["number"].where(~devices["state"].isin(IDLE), 0)
    by_type = devices.assign(serving=serving).groupby("type", sort=False)
    return _footprint(by_type.agg({"number": "sum", "serving": "sum", "life_years": "first"}), law)


def programme_footprint(programme: Programme, law: Law, case: Case = "central") -> Footprint:
    """The footprint of what the programme buys over its horizon; what it replaces does not serve with what replaces."""
    bought = programme.lines[programme.lines["nature"].isin(NATURES)]
    number = bought[f"quantity_{case}"]
    serving = number.where(bought["nature"] != "remplacement", 0)
    by_item = bought.assign(number=number, serving=serving).groupby("item", sort=False)
    return _footprint(by_item.agg({"number": "sum", "serving": "sum", "life_years": "first"}), law)


def _footprint(counted: pd.DataFrame, law: Law) -> Footprint:
    """Of a frame by key: number, serving, life_years."""
    told = counted[counted["number"] > 0]
    rows = {str(key): [int(one) for one in row] for key, row in zip(told.index, told.to_numpy(), strict=True)}
    lines = [(key, *row, *_amounts(key, row, law)) for key, row in rows.items() if key in MADE_OF]
    frame = pd.DataFrame(lines, columns=["key", "number", "serving", "life_years", *AMOUNTS]).set_index("key")
    return Footprint(frame, {key: number for key, (number, *_) in rows.items() if key not in MADE_OF})


def _amounts(key: str, row: list[int], law: Law) -> tuple[float, ...]:
    """In the order of `AMOUNTS`."""
    number, serving, life = row
    each, watts = (sum(law[f"reference_{of}_{part}"] for part in MADE_OF[key]) for of in ("carbone", "puissance"))
    hours, kg_per_kwh = law["reference_heures_scolaires"], law["reference_carbone_electricite"]
    made = serving * each
    return number * each, made / life, saved_per_year(made, life), use_kg(serving * watts, hours, kg_per_kwh)
