"""The funding chapter: the programme, who pays what and when, what it comes to."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby

import pandas as pd

from pupitre.diagnostic.programme import Programme
from pupitre.diagnostic.ranges import CASES
from pupitre.show import charts
from pupitre.show.html import NOTHING, Html
from pupitre.show.pieces import drawing, grid, points, prose
from pupitre.study import Study
from pupitre.study.funding_figures import payers_of
from pupitre.study.texts import LABELS, PAYERS_SAID

LEAST_SHARE = 0.005  # of a cause of risk, to be drawn: what is rounded to one hundredth
OPTIONAL = (
    "financing_eur", "aids_eur", "gifts_eur", "families_eur", "groupement_eur", "discounted_socio_economic_eur",
    "after_horizon_eur", "uncertain_eur",
)  # fmt: skip


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
    """A group an item, a row a line; the years in a row at which it comes back with the same amounts share it."""
    same = ["item", "nature", "ht_low", "ht_central", "ht_high"]
    runs = programme.lines["year"].diff().ne(1).cumsum()  # a gap in the years begins a row
    rows = [lines.to_dict("records") for _, lines in programme.lines.groupby([*same, runs], sort=False)]
    lines = [(years[0], years[-1]["year"]) for years in rows]
    return grid(study, "lines_table", items=[list(of) for _, of in groupby(lines, key=lambda line: line[0]["item"])])


def show_payers(study: Study) -> Html:
    """Who bears each year, scenario by scenario, in the central case."""
    if not study.plans:
        return NOTHING
    payers = payers_of(study)
    charge = {
        LABELS[scenario]: {payer: by_case["central"].charge_by_year(payer) for payer in payers}
        for scenario, by_case in study.plans.items()
    }
    chart = charts.payers_by_year(charge, {payer: name[0].upper() + name[1:] for payer, name in PAYERS_SAID.items()})
    return drawing(study, "payers_picture", chart, grid(study, "payers_table"))


def show_cash(study: Study) -> Html:
    """Money gone out since the start: what the treasury feels, FCTVA at its delay."""
    if not study.plans:
        return NOTHING
    plans = {scenario: by_case["central"] for scenario, by_case in study.plans.items()}
    last = max(plan.last_flow for plan in plans.values())
    series = {scenario: (LABELS[scenario], plan.cumulative_cash_out(last)) for scenario, plan in plans.items()}
    data = grid(study, "cash_table", years=range(next(iter(plans.values())).start_year, last + 1))
    return drawing(study, "cash_picture", charts.cumulative_cash(series), data)


def show_plans(study: Study) -> Html:
    """Which scenario does best on what; what each comes to, in the end and at the end of its term."""
    if not study.plans:
        return NOTHING
    hidden = [name for name in OPTIONAL if not any(study.figures[f"plan.{key}.central.{name}"] for key in study.plans)]
    table = grid(study, "plans_table", hidden=hidden)
    return points(study, "wins") + table + points(study, "plan_notes")


def show_law(study: Study) -> Html:
    """What law allows, scenario by scenario, and the aids that exist or existed."""
    if study.operation is None:
        return NOTHING
    verdicts = grid(study, "verdicts_table", text_columns=3)
    aids = grid(study, "aids_table", text_columns=5)
    return verdicts + aids + points(study, "aids_notes") + points(study, "donor_notes")


def show_comparables(study: Study) -> Html:
    """What other communes obtained for projects of the same kind."""
    return points(study, "comparables_notes")


def show_debt(study: Study) -> Html:
    """Savings and debt once the project is paid; nothing when the commune's accounts are not known."""
    if study.assumptions.savings_eur is None or not study.plans:
        return NOTHING
    return grid(study, "debt_table") + prose(study, "debt_note", css="note")


def show_mix(study: Study) -> Html:
    """The cheapest mix of ways to pay, and three simpler plans beside it; which limits conflict when there is none."""
    if study.mix is None or study.operation is None:
        return NOTHING
    lead = prose(study, "mix_lead") + points(study, "mix_conflicts")
    if study.mix.plan is None:
        return lead
    lines = study.operation.programme.lines.loc[list(study.mix.modes)].assign(mode=list(study.mix.modes.values()))
    ways = [
        (of["label"].iloc[0], spans(of["year"]), mode) for (_, mode), of in lines.groupby(["item", "mode"], sort=False)
    ]
    grants = pd.DataFrame([asdict(grant) for grant in study.mix.plan.grants])
    given = [
        {"key": key, "label": of["label"].iloc[0], "years": spans(of["year"])}
        for key, of in (grants.groupby("key", sort=False) if len(grants) else ())
    ]
    table = grid(study, "mix_table", text_columns=3, ways=ways, grants=given)
    note = prose(study, "mix_note", css="note")
    return lead + table + grid(study, "neighbours_table") + note


def show_risk(study: Study) -> Html:
    """What may happen to each plan, and what makes the advised one vary most."""
    if study.risk is None:
        return NOTHING
    quantiles, found = study.risk.quantiles, study.risk.drivers
    labels = [LABELS[scenario] for scenario in quantiles.index]
    rows = list(quantiles[["p10_eur", "p50_eur", "p90_eur"]].itertuples(index=False, name=None))
    spread = drawing(study, "spread_picture", charts.spread_of_costs(labels, rows), grid(study, "risk_table"))
    if found.empty:
        return spread
    told = found[found["total"] >= LEAST_SHARE]
    chart = charts.drivers(told["label"].tolist(), told["total"].tolist())
    data = grid(study, "drivers_table", drivers=list(found.iterrows()))
    picture = drawing(study, "risk_picture", chart, data, costliest=found["label"].iloc[0])
    return spread + picture + points(study, "risk_notes")


def spans(years: pd.Series) -> str:
    """Years as a sentence says them, those in a row together.

    >>> spans(pd.Series([2027, 2028, 2029, 2032]))
    '2027 à 2029, 2032'
    """
    told = sorted({int(year) for year in years})
    runs = [[year for _, year in run] for _, run in groupby(enumerate(told), key=lambda pair: pair[1] - pair[0])]
    return ", ".join(f"{run[0]} à {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def show_effort(study: Study) -> Html:
    """The new effort of each year once redeployed spending is taken off; nothing when none is declared."""
    declared = study.assumptions.redeployed_eur_per_year and study.plans
    return grid(study, "effort_table") if declared else NOTHING
