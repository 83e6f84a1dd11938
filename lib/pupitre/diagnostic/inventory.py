"""The inventory: what the workbook says of each school, beside what the target asks for.

Belongs: counting, ages, coverage, line rates, maintenance load. Does not: what to buy (the programme), wording.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pupitre.data.workbook import Workbook
from pupitre.diagnostic.catalogue import equipment, items
from pupitre.law.baremes import Law

COMMUNE = "commune"
FAMILIES = ("affichage", "ordinateur", "tablette")
TERMINAL_ITEMS = ("poste_enseignant", "appareil_mobile", "tablette", "poste_direction", "poste_direction_maternelle")


@dataclass(frozen=True)
class Inventory:
    """What the commune declares of its schools: one row a school of the programme, index uai, unless said otherwise.

    `devices`: one row a line of Équipements: uai (« commune » when shared), type, family, item (what it stands for in
    its school, empty when nothing asks for it), number, year, state, life_years, due_year (year + life; this year when
    it is to be replaced; NA when its age is not known), usable (neither broken, nor a Wi-Fi that cannot be cut).
    `schools`: known (its equipment is told), complete, priority, pupils, classes, `affichage`, `ordinateur`,
    `tablette` (usable devices; NA when not known), coverage (0–1, NA when not known).
    `needs` and `existing`: known schools only, one column an item; usable devices that stand for it, NA when not told.
    `lines`: the sheet Réseau, with users, need_down, need_up (Mbit/s) and status (none, unmeasured, short, enough).
    `usages`, `training`: the sheets as declared. `technicians` (full-time equivalents), `repair_days`,
    `referent_hours` (a year, all schools): None when not told. `served`: service → schools that have it.
    """

    devices: pd.DataFrame
    schools: pd.DataFrame
    needs: pd.DataFrame
    existing: pd.DataFrame
    lines: pd.DataFrame
    usages: pd.DataFrame
    training: pd.DataFrame
    technicians: float | None
    repair_days: float | None
    referent_hours: float | None
    served: Mapping[str, frozenset[str]]

    @property
    def item_coverage(self) -> pd.Series[float]:
        """Item → share of what the target asks for that is there, no school counted for more than its own need."""
        held = self.existing.clip(upper=self.needs)
        asked = self.needs.where(held.notna()).sum()
        return (held.sum() / asked)[asked > 0].astype(float)

    @property
    def coverage(self) -> float | None:
        """The share of the target that the known schools have: the mean of the items, each counted for the commune."""
        shares = self.item_coverage
        return float(shares.mean()) if len(shares) else None

    @property
    def terminals(self) -> int:
        """Usable computers and tablets, shared ones included: what technicians look after."""
        return _count(self.devices, self.devices["family"].isin(["ordinateur", "tablette"]))

    @property
    def terminals_per_technician(self) -> float | None:
        """The maintenance load; None without a technician."""
        return self.terminals / self.technicians if self.technicians else None

    def by_due_year(self, now: int) -> pd.DataFrame:
        """Usable devices by the year in which they are due (this one at the earliest), one column a family.

        Every year from this one to the last is there, then 0, which stands for « age not known », when it is needed.
        """
        usable = self.devices[self.devices["usable"] & self.devices["family"].isin(FAMILIES)]
        due = usable["due_year"].clip(lower=now).fillna(0)
        counts = usable.pivot_table(index=due, columns="family", values="number", aggfunc="sum", fill_value=0)
        years = range(now, max([now, *(int(year) for year in due)]) + 1)
        return counts.reindex([*years, *([0] if 0 in counts.index else [])], fill_value=0)


def take_inventory(workbook: Workbook, schools: pd.DataFrame, needs: pd.DataFrame, law: Law) -> Inventory:
    """The inventory of the schools in scope (`needs` has their index) from a workbook that was checked."""
    told, listed = workbook.table("ecoles").set_index("ecole").reindex(needs.index), workbook.table("equipements")
    devices = _devices(listed[listed["ecole"].isin([*needs.index, COMMUNE])], needs, law)
    complete = told["inventaire_complet"].fillna(False).astype(bool)
    known = complete | needs.index.isin(devices["uai"])
    network = workbook.table("reseau").set_index("ecole").reindex(needs.index)
    stuck = network.index[~network["wifi_debrayable"].fillna(True).astype(bool)]  # a Wi-Fi that cannot be cut is to go
    going = (devices["type"] == "borne_wifi") & devices["uai"].isin(stuck)
    devices = devices.assign(usable=devices["usable"] & ~going)
    lines = _lines(network, needs, devices, law)
    asked = needs.loc[known, list(items())]
    existing = _existing(devices, asked, needs["classes_in_scope"], network)
    shares = (existing / asked.where(asked > 0)).clip(upper=1)  # of what is asked for and told of, one at most
    upkeep = workbook.table("services").query("service == 'maintenance'")
    staff = workbook.table("contacts").query("role == 'referent'")
    return Inventory(
        devices=devices,
        schools=_schools(schools, told, known, complete, devices).assign(
            coverage=shares.mean(axis=1).astype("Float64")
        ),
        needs=asked,
        existing=existing,
        lines=lines,
        usages=workbook.table("usages").set_index("ecole").reindex(needs.index),
        training=workbook.table("competences").set_index("ecole").reindex(needs.index),
        technicians=_total(upkeep["etp"]),
        repair_days=None if upkeep["delai"].isna().all() else float(upkeep["delai"].max()),
        referent_hours=_total(staff["heures"]),
        served=_served(workbook, lines),
    )


def _devices(table: pd.DataFrame, needs: pd.DataFrame, law: Law) -> pd.DataFrame:
    kinds = equipment()
    life = table["type"].map({key: int(law[kinds[key].life]) for key in table["type"].unique()}).astype("Int64")
    worn = table["etat"] == "a_remplacer"
    return pd.DataFrame(
        {
            "uai": table["ecole"],
            "type": table["type"],
            "family": table["type"].map(lambda key: kinds[key].family),
            "item": [stands_for(key, uai, needs) for key, uai in zip(table["type"], table["ecole"], strict=True)],
            "number": table["nombre"],
            "year": table["annee"],
            "state": table["etat"],
            "life_years": life,
            "due_year": (table["annee"] + life).mask(worn, law.day.year),
            "usable": table["etat"].fillna("") != "en_panne",
        }
    )


def stands_for(kind: str, uai: str, needs: pd.DataFrame) -> str:
    """The first item that this type of equipment can stand for and that its school is asked for, else an empty text.

    Where the shared devices are wired, a tablet stands for none of them: it has no socket.
    """
    if uai not in needs.index or (kind == "tablette" and needs.loc[uai, "prise_mobile"]):
        return ""
    return next((item for item in equipment()[kind].serves if needs.loc[uai, item]), "")


def _existing(
    devices: pd.DataFrame, asked: pd.DataFrame, classes: pd.Series[int], network: pd.DataFrame
) -> pd.DataFrame:
    """Usable devices by school and item; sockets follow the classes already wired; Wi-Fi counts whole when told."""
    usable = devices[devices["usable"] & (devices["item"] != "")]
    counted = usable.pivot_table(index="uai", columns="item", values="number", aggfunc="sum", fill_value=0)
    existing = counted.reindex(index=asked.index, columns=asked.columns, fill_value=0).astype("Float64")
    wired = (network["classes_raccordees"].clip(upper=classes) / classes.where(classes > 0)).reindex(asked.index)
    existing["prise_reseau"] = (wired * asked["prise_reseau"]).mask(asked["prise_reseau"] == 0, 0).astype("Float64")
    told = network.reindex(asked.index)
    there = told["wifi"].fillna(False).astype(bool) & told["wifi_debrayable"].fillna(True).astype(bool)
    existing["borne_wifi"] = existing["borne_wifi"].mask(there, asked["borne_wifi"])
    existing["prise_mobile"] = existing["prise_mobile"].mask(asked["prise_mobile"] > 0)
    return existing


def _schools(
    schools: pd.DataFrame, told: pd.DataFrame, known: pd.Series[bool], complete: pd.Series[bool], devices: pd.DataFrame
) -> pd.DataFrame:
    counts = schools.set_index("uai").reindex(told.index)
    frame = pd.DataFrame({"known": known, "complete": complete, "priority": told["priorite"]}, index=told.index)
    for family in FAMILIES:
        here = [_count(devices, (devices["uai"] == uai) & (devices["family"] == family)) for uai in told.index]
        frame[family] = pd.Series(here, index=told.index, dtype="Int64").where(known)
    own = counts.get("classes_counted", counts["classes"]).where(counts["level"] == "elementaire")
    return frame.assign(pupils=counts["pupils"], classes=own.fillna(counts["classes"]))


def _lines(network: pd.DataFrame, needs: pd.DataFrame, devices: pd.DataFrame, law: Law) -> pd.DataFrame:
    """At most one user a terminal: those of the target, or those there when they are more."""
    terminals = devices[devices["usable"] & devices["family"].isin(["ordinateur", "tablette"])]
    there = terminals.groupby("uai")["number"].sum().reindex(needs.index).fillna(0)
    users = needs[list(TERMINAL_ITEMS)].sum(axis=1).clip(lower=there).astype(int)
    need = (users * law["debit_par_utilisateur"]).clip(lower=law["debit_minimum_descendant"])
    frame = network.assign(users=users, need_down=need, need_up=law["debit_minimum_montant"])
    return frame.assign(status=[_line_status(row) for row in frame.to_dict("records")])


def _line_status(line: Mapping[Any, Any]) -> str:
    down, up = line["debit_descendant"], line["debit_montant"]
    if line["ligne"] == "aucune":
        return "none"
    if pd.isna(down):
        return "unmeasured"
    return "short" if down < line["need_down"] or (pd.notna(up) and up < line["need_up"]) else "enough"


def _served(workbook: Workbook, lines: pd.DataFrame) -> dict[str, frozenset[str]]:
    """A line that is known to be absent or too slow is to be asked for, paid or not."""
    rows, schools = workbook.table("services"), lines.index
    served = {
        str(service): frozenset(schools) if (of["ecole"] == COMMUNE).any() else frozenset(of["ecole"])
        for service, of in rows.groupby("service")
    }
    connected, poor = set(schools[lines["ligne"].notna()]), set(schools[lines["status"].isin(["none", "short"])])
    return served | {"internet": frozenset((served.get("internet", frozenset()) | connected) - poor)}


def _count(devices: pd.DataFrame, where: pd.Series[bool]) -> int:
    return int(devices.loc[where & devices["usable"], "number"].sum())


def _total(values: pd.Series[float]) -> float | None:
    return float(values.sum()) if values.notna().any() else None
