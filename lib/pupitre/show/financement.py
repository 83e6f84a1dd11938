"""The funding chapter: the programme, who pays what and when, what it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pupitre.diagnostic.programme import CASES, Programme
from pupitre.formats import NBSP
from pupitre.show import charts
from pupitre.show.html import NOTHING, Html, bullets, picture, table
from pupitre.show.synthese import CASE_LABELS
from pupitre.study import Study, captions, sentences


def show_programme(study: Study) -> Html:
    """What to buy, how many, at what price, in which section and account."""
    if study.programme is None:
        return NOTHING
    return _items_chart(study.programme, study) + _lines_table(study.programme, study) + _totals_table(study)


def _items_chart(programme: Programme, study: Study) -> Html:
    lines = programme.lines
    sums = lines.groupby(["item", "label"], sort=False)[[f"ttc_{case}" for case in CASES]].sum().reset_index()
    sums = sums.sort_values("ttc_central", ascending=False)
    rows = [
        [label, *(f"{{item.{item}.{case}.ttc_eur:euros}}" for case in CASES)]
        for item, label in zip(sums["item"], sums["label"], strict=True)
    ]
    rows.append(["Total", *(f"{{programme.{case}.ttc_eur:euros}}" for case in CASES)])
    header = ["Poste", *(CASE_LABELS[case] for case in CASES)]
    caption = "Coût du programme par poste, en euros TTC sur {programme.horizon_years:an|ans}"
    return picture(
        captions.items_message(study, str(sums["label"].iloc[0])),
        "Barres horizontales, un poste par barre, du plus au moins coûteux ; un trait va du cas bas au cas haut.",
        charts.cost_by_item(
            list(sums["label"]), list(sums["ttc_low"]), list(sums["ttc_central"]), list(sums["ttc_high"])
        ),
        table(caption, header, rows, study.figures, total=True),
        study.figures,
        key="Barre : le cas central. Trait : du cas bas au cas haut.",
    )


def _lines_table(programme: Programme, study: Study) -> Html:
    """One row a line; the years at which it comes back with the same amounts share the row."""
    header = ["Ligne", "Année", "Section et compte M57", "Quantité", "Prix unitaire HT", "Total HT", "TVA", "Total TTC"]
    same = ["item", "nature", "ht_low", "ht_central", "ht_high"]
    rows = [_line_row(lines.to_dict("records")) for _, lines in programme.lines.groupby(same, sort=False)]
    caption = (
        "Les lignes du programme, montants d'une année, cas central ; entre parenthèses, du cas bas au cas haut. "
        "Prix à vérifier par devis, comptes à confirmer avec le comptable"
    )
    return table(caption, header, rows, study.figures, text_columns=3)


def _line_row(lines: Sequence[Mapping[Any, Any]]) -> list[str]:
    first, last = lines[0], lines[-1]
    name = f"line.{first['item']}.{first['year']}"
    years = f"{{{name}.year:year}}" + (
        f" à {{line.{last['item']}.{last['year']}.year:year}}" if first is not last else ""
    )
    section = f"{first['section']},\ncompte {{{name}.account}}"
    bought = first["section"] == "investissement"
    quantity = f"{{{name}.central.quantity:number}}" + _span(first, name, "quantity") if bought else ""
    price = f"{{{name}.central.unit_ht:euros}}" + _span(first, name, "unit_ht") if bought else ""
    label = f"{first['label']}, remplacement" if first["nature"] == "remplacement" else str(first["label"])
    amounts = [f"{{{name}.central.ht:euros}}", f"{{{name}.vat_rate:percent}}", f"{{{name}.central.ttc:euros}}"]
    return [label, years, section, quantity, price, *amounts]


def _span(line: Mapping[Any, Any], name: str, figure: str) -> str:
    if line[f"{figure}_low"] == line[f"{figure}_high"]:
        return ""
    return f"\n({{{name}.low.{figure}:number}}{NBSP}à{NBSP}{{{name}.high.{figure}:number}})"


def _totals_table(study: Study) -> Html:
    rows = [
        [label, *(f"{{programme.{case}.{name}:euros}}" for case in CASES)]
        for name, label in {
            "investissement_eur": "Investissement TTC",
            "fonctionnement_eur": "Fonctionnement TTC",
            "ht_eur": "Total HT",
            "vat_eur": "TVA",
            "ttc_eur": "Total TTC",
            "value_left_eur": "Valeur restante à la fin, montrée sans être déduite",
        }.items()
    ]
    caption = "Le programme, de {programme.start_year:year} à {programme.last_year:year}"
    return table(caption, ["Montant", *(CASE_LABELS[case] for case in CASES)], rows, study.figures) + bullets(
        captions.cases(study), study.figures
    )


def show_payers(study: Study) -> Html:
    """Who bears each year, scenario by scenario, in the central case."""
    if not study.plans:
        return NOTHING
    central = {scenario: by_case["central"] for scenario, by_case in study.plans.items()}
    columns = {
        "commune.investissement": "Commune, investissement",
        "commune.fonctionnement": "Commune, fonctionnement",
        "etat": "État (FCTVA)",
    }
    rows = [
        [f"{sentences.LABELS[scenario]}, {year}"]
        + [f"{{plan.{scenario}.central.{column}.{year}_eur:euros}}" for column in columns]
        for scenario, plan in central.items()
        for year in plan.years
    ]
    charge = {
        sentences.LABELS[scenario]: {payer: plan.charge_by_year(payer) for payer in ("commune", "etat")}
        for scenario, plan in central.items()
    }
    return picture(
        captions.payers_message(study),
        "Barres empilées par année, une façon de payer par cadre : part de la commune, part rendue par l'État. "
        "Les montants sont dans le tableau qui suit.",
        charts.payers_by_year(charge),
        table("Qui paie chaque année, cas central", ["Façon de payer", *columns.values()], rows, study.figures),
        study.figures,
        beside=True,
    )


def show_cash(study: Study) -> Html:
    """Money gone out since the start: what the treasury feels, FCTVA at its delay."""
    if not study.plans:
        return NOTHING
    last = max(plans["central"].last_flow for plans in study.plans.values())
    series = {
        key: (sentences.LABELS[key], plans["central"].cumulative_cash_out(last)) for key, plans in study.plans.items()
    }
    years = range(study.plans[next(iter(study.plans))]["central"].start_year, last + 1)
    rows = [[str(year), *(f"{{plan.{key}.central.cumulative.{year}_eur:euros}}" for key in series)] for year in years]
    return picture(
        captions.cash_message(study),
        "Courbes de l'argent sorti de la caisse de la commune depuis le début, une par façon de payer. "
        "Les montants sont dans le tableau qui suit.",
        charts.cumulative_cash(series),
        table(
            "Argent sorti de la caisse depuis le début, cas central, fin d'année",
            ["Année", *(label for label, _ in series.values())],
            rows,
            study.figures,
        ),
        study.figures,
        beside=True,
    )


def show_plans(study: Study) -> Html:
    """What each scenario comes to: cost, reste à charge, present value, and what happens at the end."""
    if not study.plans:
        return NOTHING
    header = ["Montant, cas central", *(sentences.LABELS[key] for key in study.plans)]
    rows = [
        [label, *(f"{{plan.{key}.central.{name}:euros}}" for key in study.plans)]
        for name, label in {
            "cost_eur": "Coût total, tous payeurs",
            "financing_eur": "dont écart avec le prix du programme",
            "fctva_eur": "Part rendue par l'État (FCTVA)",
            "reste_a_charge_eur": "Reste à charge de la commune",
            "discounted_eur": "Le même, en valeur d'aujourd'hui au taux d'emprunt ({loan.rate:percent})",
            "discounted_socio_economic_eur": "Le même, au taux socio-économique "
            "({law.actualisation_taux_socio_economique.value:percent})",
            "committed_after_eur": "Loyers déjà engagés au-delà de la période",
        }.items()
        if name != "committed_after_eur" or any(study.figures[f"plan.{key}.central.{name}"] for key in study.plans)
    ]
    return table(
        "Coût, part de l'État et reste à charge selon la façon de payer", header, rows, study.figures
    ) + bullets(captions.plan_notes(study), study.figures)


def show_effort(study: Study) -> Html:
    """The new effort of each year once redeployed spending is taken off; nothing when none is declared."""
    if not study.assumptions.redeployed_eur_per_year or not study.plans:
        return NOTHING
    rows = [
        [
            f"{sentences.LABELS[key]}, {year}",
            f"{{plan.{key}.central.commune.{year}_eur:euros}}",
            f"{{plan.{key}.central.new_effort.{year}_eur:euros}}",
        ]
        for key, by_case in study.plans.items()
        for year in by_case["central"].years
    ]
    caption = "Effort nouveau, une fois déduits {assumption.redeployed_eur_per_year:euros} par an redéployés"
    return table(caption, ["Façon de payer", "Reste à charge", "Effort nouveau"], rows, study.figures)
