"""The first page: the commune, the figures that matter, the advice, its cost, what is not known."""

from __future__ import annotations

from pupitre.diagnostic.programme import CASES
from pupitre.show.html import NOTHING, Html, bullets, inline, paragraph, table
from pupitre.study import Study, sentences

CASE_LABELS = {"low": "Cas bas", "central": "Cas central", "high": "Cas haut"}


def show_identity(study: Study) -> Html:
    """The commune in one sentence."""
    return paragraph(sentences.identity(study), study.figures, css="lead")


def show_key_figures(study: Study) -> Html:
    """Three to five figures, large, each with what it means."""
    cards = "".join(
        f"<li><span>{inline(card.label, study.figures)}</span> <strong>{inline(card.figure, study.figures)}</strong> "
        f"<small>{inline(card.note, study.figures)}</small></li>"
        for card in sentences.key_figures(study)
    )
    return Html(f'<ul class="cards">{cards}</ul>') if cards else NOTHING


def show_advice(study: Study) -> Html:
    """What we advise and why."""
    first, *others = sentences.advice(study)
    return paragraph(first, study.figures, css="advice") + bullets(others, study.figures)


def show_cost(study: Study) -> Html:
    """What each scenario costs the commune per year, per pupil and per household, in each case."""
    if study.programme is None:
        return NOTHING
    columns = {
        "per_year_eur": "Par an",
        "per_pupil_per_year_eur": "Par élève et par an",
        "per_household_per_year_eur": "Par foyer et par an",
        "reste_a_charge_eur": "Au total",
    }
    if study.assumptions.tfpb_base_eur:
        columns["tax_points"] = "En points de taxe foncière, par an"
    specs = {"per_household_per_year_eur": "cents", "per_pupil_per_year_eur": "cents", "tax_points": "decimal2"}
    rows = [
        [f"{sentences.LABELS[scenario]}, {CASE_LABELS[case].lower()}"]
        + [f"{{plan.{scenario}.{case}.{name}:{specs.get(name, 'euros')}}}" for name in columns]
        for scenario in study.plans
        for case in CASES
    ]
    return table(sentences.COST_TITLE, ["Façon de payer", *columns.values()], rows, study.figures) + paragraph(
        sentences.cost_note(study), study.figures, css="note"
    )


def show_unknown(study: Study) -> Html:
    """What we do not know."""
    return bullets(sentences.unknown(study), study.figures)
