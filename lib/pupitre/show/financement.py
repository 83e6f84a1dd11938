"""The funding chapter: the programme, who pays what and when, what it comes to."""

from __future__ import annotations

from pupitre.diagnostic.programme import Programme
from pupitre.diagnostic.ranges import CASES
from pupitre.show import charts
from pupitre.show.html import NOTHING, Html
from pupitre.show.pieces import drawing, grid, points
from pupitre.study import Study
from pupitre.study.texts import LABELS


def show_programme(study: Study) -> Html:
    """What to buy, how many, at what price, in which section and account."""
    if study.programme is None:
        return NOTHING
    lines, totals = _lines_table(study.programme, study), grid(study, "totals_table")
    return _items_chart(study.programme, study) + lines + totals + points(study, "cases")


def _items_chart(programme: Programme, study: Study) -> Html:
    sums = programme.lines.groupby(["item", "label"], sort=False)[[f"ttc_{case}" for case in CASES]].sum()
    sums = sums.sort_values("ttc_central", ascending=False)
    labels = [str(label) for _, label in sums.index]
    uri = charts.cost_by_item(labels, *(sums[f"ttc_{case}"].tolist() for case in CASES))
    data = grid(study, "items_table", total=True, items=list(sums.index))
    return drawing(study, "items_picture", uri, data, costliest=labels[0])


def _lines_table(programme: Programme, study: Study) -> Html:
    """One row a line; the years in a row at which it comes back with the same amounts share it."""
    same = ["item", "nature", "ht_low", "ht_central", "ht_high"]
    runs = programme.lines["year"].diff().ne(1).cumsum()  # a gap in the years begins a row
    rows = [lines.to_dict("records") for _, lines in programme.lines.groupby([*same, runs], sort=False)]
    return grid(study, "lines_table", text_columns=3, lines=[(years[0], years[-1]["year"]) for years in rows])


def show_payers(study: Study) -> Html:
    """Who bears each year, scenario by scenario, in the central case."""
    if not study.plans:
        return NOTHING
    payers = ("commune", "etat", *(["groupement"] if study.assumptions.groupement_share else []))
    charge = {
        LABELS[scenario]: {payer: by_case["central"].charge_by_year(payer) for payer in payers}
        for scenario, by_case in study.plans.items()
    }
    return drawing(study, "payers_picture", charts.payers_by_year(charge), grid(study, "payers_table"), beside=True)


def show_cash(study: Study) -> Html:
    """Money gone out since the start: what the treasury feels, FCTVA at its delay."""
    if not study.plans:
        return NOTHING
    plans = {scenario: by_case["central"] for scenario, by_case in study.plans.items()}
    last = max(plan.last_flow for plan in plans.values())
    series = {scenario: (LABELS[scenario], plan.cumulative_cash_out(last)) for scenario, plan in plans.items()}
    data = grid(study, "cash_table", years=range(next(iter(plans.values())).start_year, last + 1))
    return drawing(study, "cash_picture", charts.cumulative_cash(series), data, beside=True)


def show_plans(study: Study) -> Html:
    """What each scenario comes to: cost, reste à charge, present value, and what happens at the end."""
    if not study.plans:
        return NOTHING
    hidden = [
        name
        for name in ("groupement_eur", "after_horizon_eur")
        if not any(study.figures[f"plan.{scenario}.central.{name}"] for scenario in study.plans)
    ]
    return grid(study, "plans_table", hidden=hidden) + points(study, "plan_notes")


def show_effort(study: Study) -> Html:
    """The new effort of each year once redeployed spending is taken off; nothing when none is declared."""
    declared = study.assumptions.redeployed_eur_per_year and study.plans
    return grid(study, "effort_table") if declared else NOTHING
