"""What a consultant may change: the scope, the years, the prices quoted to him, the terms of each way to pay.

Belongs: names, ranges and reading of assumptions. Does not: any default of law or price, which `law/` holds:
an assumption that is None means « the figure in force ».
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pupitre.data.sheets import sheet
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.catalogue import items, quoted_prices
from pupitre.errors import CellIssue, UsageError, WorkbookError
from pupitre.formats import echo
from pupitre.law.baremes import Law

Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0, le=0.5)]
Amount = Annotated[float, Field(ge=0, le=1e9)]
Years = Annotated[int, Field(ge=1, le=15)]
FctvaDelay = Annotated[int, Field(ge=0, le=2)]
OptionShare = Annotated[float, Field(ge=0, le=0.5)]
Price = Annotated[float, Field(ge=1, le=1e6)]
TaxBase = Annotated[float, Field(ge=1000, le=1e11)]
Ceiling = Annotated[float, Field(ge=1000, le=1e9)]
Units = Annotated[float, Field(ge=0, le=40)]
Hours = Annotated[float, Field(ge=0, le=1000)]
PREFIXES = {"prix_": "prices", "cible_": "targets"}


class Assumptions(BaseModel):
    """Assumptions of one study. Rates and shares are ratios (0.035), amounts euros; None means the figure in force.

    `prices` holds the consultant's quotes, in euros HT a unit, by the name of the price they replace; `targets` his own
    number of units by class (or by school) of an item of the catalogue.

    >>> Assumptions(loan_share=0.5).overrides()
    {'loan_share': 0.5}
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    include_private: bool = Field(default=False, description="Écoles privées sous contrat comptées (L. 442-5)")
    maternelles: bool = Field(default=True, description="Écoles maternelles comptées")
    target: Literal["socle", "montaigne"] = Field(default="socle", description="Cible : socle ou montaigne")
    targets: dict[str, Units] = Field(default={}, description="Cible de la commune, par classe ou par école")
    wifi: bool = Field(default=True, description="Appareils partagés reliés par le Wi-Fi ; non : par câble")
    horizon_years: Years | None = Field(default=None, description="Années comparées")
    prices: dict[str, Price] = Field(default={}, description="Prix de devis, en euros HT")
    ceiling_eur_per_year: Ceiling | None = Field(default=None, description="Plafond d'investissement TTC par an")
    groupement_share: Share = Field(default=0.0, description="Part payée par l'intercommunalité ou un syndicat")
    referent_hours_per_year: Hours | None = Field(default=None, description="Heures du référent, par école et par an")
    fctva_delay_years: FctvaDelay | None = Field(default=None, description="Délai du FCTVA, en années")
    loan_share: Share = Field(default=0.0, description="Part de l'investissement de la première année empruntée")
    loan_rate: Rate | None = Field(default=None, description="Taux de l'emprunt")
    loan_years: Years | None = Field(default=None, description="Durée de l'emprunt, en années")
    redeployed_eur_per_year: Amount = Field(default=0.0, description="Dépenses redéployées, en euros par an")
    lease_years: Years | None = Field(default=None, description="Durée d'une location, en années")
    lease_rate: Rate | None = Field(default=None, description="Taux de la location")
    lease_option_share: OptionShare | None = Field(default=None, description="Option d'achat, en part du prix")
    tfpb_base_eur: TaxBase | None = Field(default=None, description="Base nette de taxe foncière, en euros")

    def overrides(self) -> dict[str, object]:
        """What differs from the default, by the name that sets it: the report lists it."""
        changed = self.model_dump(exclude_defaults=True)
        prices, targets = changed.pop("prices", {}), changed.pop("targets", {})
        return {**changed, **prices, **{f"cible_{key}": value for key, value in targets.items()}}


def load_assumptions(values: Mapping[str, object], law: Law) -> Assumptions:
    """Assumptions from names and values (numbers, booleans or texts); `prix_…` and `cible_…` names go to their table.

    Raises UsageError for an unknown name (« vouliez-vous dire ») or a value out of its range.
    """
    known = [row["nom"] for row in assumption_rows(law)]
    fields: dict[str, object] = {}
    for name, value in values.items():
        if name not in known:
            raise UsageError(_unknown(name, known))
        table = next((table for prefix, table in PREFIXES.items() if name.startswith(prefix)), None)
        fields |= {table: {**fields.get(table, {}), name: value}} if table else {name: value}  # type: ignore[dict-item]
    targets: dict[str, object] = fields.get("targets", {})  # type: ignore[assignment]
    fields["targets"] = {name.removeprefix("cible_"): value for name, value in targets.items()}
    try:
        return Assumptions.model_validate(fields)
    except ValidationError as error:
        raise UsageError(_out_of_range(error)) from None


def assumption_rows(law: Law) -> list[dict[str, str]]:
    """Every assumption that may be changed: its name (`nom`) and what it is, in French (`sens`)."""
    fields = [name for name in Assumptions.model_fields if name not in PREFIXES.values()]
    prices = [figure.name for figure in law.all() if figure.name.startswith("prix_")]
    targets = [f"cible_{key}" for key in items()]
    return [
        {"nom": name, "sens": label(name, law)} for name in (*fields, *sorted({*prices, *quoted_prices()}), *targets)
    ]


def label(name: str, law: Law) -> str:
    """What an assumption is, in French, for the report."""
    if name in quoted_prices():
        return f"Prix HT d'un devis : {quoted_prices()[name]}"
    if name.startswith("prix_"):
        return f"Prix HT d'un devis : {law.history(name)[-1].label}"
    if name.startswith("cible_"):
        item = items()[name.removeprefix("cible_")]
        return f"Cible par {'école' if item.per == 'ecole' else 'classe'} : {item.label}"
    return Assumptions.model_fields[name].description or name


def workbook_settings(workbook: Workbook, law: Law) -> dict[str, object]:
    """The assumptions that a workbook sets (Finances, then Hypothèses), by name.

    Raises WorkbookError with the cell of every value that is not accepted.
    """
    settings: dict[str, object] = {}
    issues: list[CellIssue] = []
    known = [row["nom"] for row in assumption_rows(law)]
    for key, row, column, name, value in _workbook_values(workbook):
        try:
            setting = {name: parse_value(str(value))}
            load_assumptions(setting, law)
            settings |= setting
        except UsageError as error:
            wrong = (column, str(value)) if name in known else ("nom", name)
            issues.append(workbook.issue(key, row, *wrong, str(error)))
    if issues:
        raise WorkbookError(workbook.file, issues)
    return settings


def _workbook_values(workbook: Workbook) -> Iterable[tuple[str, int, str, str, object]]:
    """Sheet, row, column, name of the assumption and value of each answer that sets one."""
    finances, own = workbook.table("finances"), workbook.table("hypotheses")
    for column in sheet("finances").columns:
        value = finances[column.key].iloc[0] if len(finances) else None
        if column.assumption and not pd.isna(value):
            yield "finances", 0, column.key, column.assumption, value
    for row, answer in own.dropna(subset=["nom", "valeur"]).iterrows():
        yield "hypotheses", int(str(row)), "valeur", answer["nom"], answer["valeur"]


def parse_settings(pairs: Iterable[str]) -> dict[str, str]:
    """NAME=VALUE pairs of the command line, as texts; decimal comma, spaces in thousands, oui and non are accepted.

    >>> parse_settings(["loan_share=0,5", "prix_affichage=2 800", "include_private=oui"])
    {'loan_share': '0.5', 'prix_affichage': '2800', 'include_private': 'true'}
    """
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(f"--set {pair} : écrivez NOM=VALEUR, par exemple --set loan_share=0.5.")
        try:
            settings[name.strip()] = parse_value(value)
        except UsageError as error:
            raise UsageError(f"--set {pair} : {error}") from None
    return settings


def parse_value(text: str) -> str:
    """A value typed by hand, as `load_assumptions` reads it. Raises UsageError for thousands that may be decimals.

    >>> parse_value(" 2 800,5"), parse_value("Oui")
    ('2800.5', 'true')
    """
    plain = re.sub(r"\s", "", text)
    if re.fullmatch(r"[1-9]\d*,\d{3}|\d+\.\d{3},\d+", plain):
        raise UsageError("milliers ou décimales ? Écrivez 2800 ou 2.8.")
    return {"oui": "true", "non": "false"}.get(plain.lower(), plain.replace(",", "."))


def _unknown(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"Vouliez-vous dire « {close[0]} » ?" if close else f"Les noms admis : {', '.join(known)}."
    return f"L'hypothèse « {echo(name)} » n'existe pas. {hint}"


def _out_of_range(error: ValidationError) -> str:
    problem = error.errors()[0]
    table, name = str(problem["loc"][0]), str(problem["loc"][-1])
    name = f"cible_{name}" if table == "targets" else name
    limits = {"ge": "au moins", "gt": "plus de", "le": "au plus", "lt": "moins de"}
    bounds = [f"{words} {problem['ctx'][key]:.10g}" for key, words in limits.items() if key in problem.get("ctx", {})]
    kind = {
        "literal_error": str(problem.get("ctx", {}).get("expected", "")).replace("or", "ou"),
        "bool_parsing": "true ou false",
        "int_parsing": "un nombre entier",
        "int_from_float": "un nombre entier",
    }
    expected = " et ".join(bounds) or kind.get(problem["type"], "un nombre")
    advice = " Un taux s'écrit en ratio : 0.035 pour 3,5 %." if "rate" in name or "share" in name else ""
    return f"L'hypothèse « {name} » vaut « {echo(problem['input'])} » : on attend {expected}.{advice}"
