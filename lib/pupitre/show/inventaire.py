"""What the schools have: the part of the diagnostic that the workbook feeds."""

from __future__ import annotations

import pandas as pd

from pupitre.data.sheets import sheet
from pupitre.diagnostic.catalogue import items
from pupitre.diagnostic.inventory import Inventory
from pupitre.show import charts
from pupitre.show.diagnostic import CHART_ROWS, short_name
from pupitre.show.html import NOTHING, Html
from pupitre.show.pieces import drawing, grid, points, prose
from pupitre.study import Study
from pupitre.study.inventory_figures import BANDS, USAGES


def school_names(study: Study) -> dict[str, str]:
    """The short name of each school, by UAI."""
    schools = study.diagnostic.schools
    return dict(zip(schools["uai"], schools["nom"].map(short_name), strict=True))


def known_inventory(study: Study) -> Inventory | None:
    """The inventory when it tells the equipment of at least one school."""
    inventory = study.diagnostic.inventory
    return inventory if inventory is not None and len(inventory.existing) else None


def show_coverage(study: Study) -> Html:
    """What share of the target each school has, and its devices beside the national figures."""
    inventory = known_inventory(study)
    if inventory is None:
        return NOTHING
    known = inventory.schools[inventory.schools["known"]].sort_values("coverage", ascending=False, kind="stable")
    names = [(uai, school_names(study)[uai]) for uai in known.index]
    shares = known["coverage"].fillna(0).tolist()
    uri = charts.coverage_by_school([name for _, name in names[:CHART_ROWS]], shares[:CHART_ROWS])
    worst_first = [(key, items()[key].label) for key in inventory.item_coverage.sort_values(kind="stable").index]
    return (
        drawing(study, "coverage_picture", uri, grid(study, "coverage_table", schools=names), beside=True)
        + points(study, "coverage_notes")
        + grid(study, "items_coverage_table", items=worst_first)
        + grid(study, "benchmark_table")
        + prose(study, "benchmark_note", css="note")
    )


def show_ages(study: Study) -> Html:
    """When the devices that work reach the end of their life."""
    inventory, now = known_inventory(study), study.law.day.year
    if inventory is None or not study.figures["inventory.counted"]:
        return NOTHING
    due = inventory.by_due_year(now)
    years = [(year, {now: f"{now} ou avant", 0: "Âge inconnu"}.get(year, str(year))) for year in due.index]
    families = [(family, label) for family, label in charts.FAMILIES.items() if family in due]
    counts = {family: due[family].astype(int).tolist() for family, _ in families}
    uri = charts.devices_by_due_year([label for _, label in years], counts)
    data = grid(study, "ages_table", years=years, families=families)
    return drawing(study, "ages_picture", uri, data) + prose(study, "ages_note", css="note")


def show_lines(study: Study) -> Html:
    """The measured rate of each school's line against its need, and what is told of its Wi-Fi."""
    inventory = known_inventory(study)
    if inventory is None or inventory.lines["ligne"].isna().all():
        return NOTHING
    kinds, names = sheet("reseau").column("ligne").choices, school_names(study)
    lines, drawn = inventory.lines["ligne"].items(), inventory.lines.head(CHART_ROWS)
    schools = [(uai, names[str(uai)], kinds.get(kind, "non renseignée")) for uai, kind in lines]
    data = grid(study, "lines_table_of_schools", text_columns=5, schools=schools)
    rates = [None if pd.isna(rate) else float(rate) for rate in drawn["debit_descendant"]]
    bands = [study.law[name] for name in BANDS]
    uri = charts.line_rates([names[uai] for uai in drawn.index], rates, drawn["need_down"].tolist(), bands)
    return drawing(study, "lines_picture", uri, data, beside=True) + points(study, "lines_notes")


def show_usages(study: Study) -> Html:
    """How often the equipment serves, and why not when it does not."""
    inventory = known_inventory(study)
    if inventory is None:
        return NOTHING
    answered = inventory.usages[list(USAGES)].dropna(how="all").index
    columns = [sheet("usages").column(name) for name in USAGES]
    return grid(study, "usages_table", text_columns=len(USAGES) + 1, columns=columns, schools=answered)


def show_gaps(study: Study) -> Html:
    """Equipment against the IPS, school by school."""
    inventory = known_inventory(study)
    if inventory is None:
        return NOTHING
    rates = {uai: study.figures[f"school.{uai}.inventory.terminals_per_100"] for uai in inventory.existing.index}
    both = study.diagnostic.schools.set_index("uai")[["ips"]].assign(terminals=pd.Series(rates, dtype=float)).dropna()
    if len(both) < 2:
        return NOTHING
    names = [(str(uai), school_names(study)[str(uai)]) for uai in both.index]
    uri = charts.equipment_and_ips([name for _, name in names], both["ips"].tolist(), both["terminals"].tolist())
    return drawing(study, "gaps_picture", uri, grid(study, "gaps_table", schools=names))


def held_roles(study: Study) -> set[str]:
    """The roles for which the workbook names somebody."""
    workbook = study.dossier.workbook
    return set() if workbook is None else set(workbook.table("contacts").dropna(subset="nom")["role"])


def show_ecosystem(study: Study) -> Html:
    """Who holds which role, and what was already tried; no name of a person."""
    workbook = study.dossier.workbook
    if workbook is None:
        return NOTHING
    held, natures = held_roles(study), sheet("initiatives").column("nature").choices
    labels = sheet("contacts").column("role").choices
    roles = [(label, key in held) for key, label in labels.items() if key != "autre"]
    tried = workbook.table("initiatives").astype(object)
    rows = tried.where(tried.notna(), "").to_dict("records")
    known = grid(study, "roles_table", text_columns=2, roles=roles) if held else NOTHING
    return known + grid(study, "initiatives_table", text_columns=4, tried=rows, natures=natures)
