"""The programme, school by school: how many and why, when, with or without Wi-Fi, what for, what waits for a quote."""

from __future__ import annotations

from pupitre.diagnostic.catalogue import items, services
from pupitre.funding.plan import sum_by_year
from pupitre.show import charts
from pupitre.show.html import NOTHING, Html
from pupitre.show.inventaire import known_inventory, school_names
from pupitre.show.pieces import drawing, grid, points, prose
from pupitre.study import Study


def show_steps(study: Study) -> Html:
    """What each school receives, when, and why that many."""
    programme = study.programme
    if programme is None or known_inventory(study) is None:
        return NOTHING
    names, known = school_names(study), items()
    bought = programme.by_school[programme.by_school["quantity_central"] > 0]
    steps = [
        (uai, names[uai], year, [(known[item], nature) for item, nature in lines[["item", "nature"]].to_numpy()])
        for uai in programme.order
        for year, lines in bought[bought["uai"] == uai].groupby("year")
    ]
    return grid(study, "steps_table", text_columns=3, steps=steps) + prose(study, "steps_note", css="note")


def show_years(study: Study) -> Html:
    """What is invested each year, under the ceiling when there is one."""
    programme, ceiling = study.programme, study.assumptions.ceiling_eur_per_year
    if programme is None or (known_inventory(study) is None and ceiling is None):
        return NOTHING
    invested = sum_by_year(programme.lines[programme.lines["section"] == "investissement"], "ttc_central")
    uri = charts.investment_by_year({year: invested.get(year, 0.0) for year in programme.years}, ceiling)
    return drawing(study, "years_picture", uri, grid(study, "years_table"))


def show_wifi(study: Study) -> Html:
    """The programme with Wi-Fi and by cable, side by side."""
    if study.programme is None or not study.figures["need.total.appareils_mobiles"]:
        return NOTHING
    return prose(study, "wifi_message") + grid(study, "wifi_table") + points(study, "wifi_notes")


def show_uses(study: Study) -> Html:
    """What each line is meant to serve, by level."""
    if study.programme is None:
        return NOTHING
    asked = {*study.programme.lines["item"], *(quote.item.key for quote in study.programme.quotes)}
    shown = [item for key, item in (items() | services()).items() if key in asked]
    return grid(study, "uses_table", text_columns=3, items=shown)


def show_upkeep(study: Study) -> Html:
    """Who repairs, how fast, who is trained."""
    return points(study, "upkeep") if known_inventory(study) else NOTHING


def show_quotes(study: Study) -> Html:
    """What the target asks for and waits for a quote."""
    quotes = study.programme.quotes if study.programme else ()
    return grid(study, "quotes_table", text_columns=3) if quotes else NOTHING


def show_conditions(study: Study) -> Html:
    """What must be settled for the equipment to serve, and what becomes of it in the end."""
    if study.programme is None:
        return NOTHING
    return points(study, "conditions") + grid(study, "leaving_table")
