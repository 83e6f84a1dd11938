"""The last pages: the figures of law and price that were read, what the consultant changed, and the sources of data."""

from __future__ import annotations

from pupitre.diagnostic.assumptions import label
from pupitre.formats import day, literal
from pupitre.law.baremes import Figure
from pupitre.show.html import NOTHING, Html, table
from pupitre.study import Study

CONFIDENCE = {
    "official": "source officielle",
    "secondary": "source secondaire, à vérifier",
    "unverified": "valeur à vérifier",
}
KINDS = {"quoted": "devis", "observed": "prix observé", "assumed": "hypothèse", None: ""}


def show_baremes(study: Study) -> Html:
    """Every dated figure that the report used, with its source, computed from what was read."""
    named = study.figures  # naming the figures reads the last of the law
    rows = [_bareme(figure, study) for figure in study.law.read]
    header = ["Donnée", "Valeur", "Unité", "Date", "Source", "Fiabilité et relecture"]
    return (
        table("Barèmes, prix et repères utilisés", header, rows, named, text_columns=len(header)) if rows else NOTHING
    )


def show_overrides(study: Study) -> Html:
    """What the consultant changed; nothing when nothing was."""
    names = [name.removeprefix("assumption.") for name in study.figures if name.startswith("assumption.")]
    rows = [[label(name, study.law), f"{{assumption.{name}:{_spec(name)}}}"] for name in names]
    return (
        table("Hypothèses changées par le consultant", ["Hypothèse", "Valeur"], rows, study.figures)
        if rows
        else NOTHING
    )


def show_sources(study: Study) -> Html:
    """The open data that served this commune."""
    rows = [
        [
            literal(source.title),
            literal(source.publisher),
            literal(source.vintage) or "non précisé",
            literal(source.licence),
            _accessed(source.accessed_on),
        ]
        for source in study.dossier.sources
    ]
    header = ["Données", "Producteur", "Millésime", "Licence", "Consultées le"]
    return (
        table("Données ouvertes utilisées", header, rows, study.figures, text_columns=len(header)) if rows else NOTHING
    )


def _bareme(figure: Figure, study: Study) -> list[str]:
    name = f"law.{figure.name}"
    spec = "percent" if figure.unit.startswith("ratio") else "plain"
    value = f"{{{name}.value:{spec}}}"
    if figure.low is not None and figure.high is not None:
        value += f" (de {{{name}.low:{spec}}} à {{{name}.high:{spec}}})"
    source = literal(figure.source.title) + (f". {literal(figure.note)}" if figure.note else "")
    trust = f"{CONFIDENCE[figure.confidence]},\nrelue le {{{name}.checked_on:day}}"
    trust += ", à relire" if figure.is_stale(study.dossier.on) else ""
    unit = "part" if figure.unit == "ratio" else figure.unit.replace("ratio", "part")
    return [figure.label + _price(figure), value, unit, _when(figure), source, trust]


def _spec(assumption: str) -> str:
    return "percent" if assumption.endswith(("_rate", "_share")) else "plain"


def _price(figure: Figure) -> str:
    if figure.price_year is None:
        return " (hypothèse)" if figure.kind == "assumed" else ""
    vat = {"HT": "HT", "TTC": "TTC", "unknown": "TVA non précisée, lu comme HT", None: ""}[figure.vat]
    return f" ({KINDS[figure.kind]}, {vat})"


def _when(figure: Figure) -> str:
    if figure.price_year is not None:
        return f"{{law.{figure.name}.price_year:year}}"
    if figure.vintage:
        return f"{{law.{figure.name}.vintage}}"
    if figure.kind == "assumed":
        return "sans date"
    return f"depuis le {{law.{figure.name}.valid_from:day}}"


def _accessed(accessed_on: str) -> str:
    return day(accessed_on) if accessed_on else "non précisé"
