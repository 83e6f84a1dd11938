"""What a consultant may change: the scope, the years, the prices quoted to him, the terms of each way to pay.

Belongs: names, ranges and reading of assumptions. Does not: any default of law or price, which `law/` holds:
an assumption that is None means « the figure in force ».
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pupitre.errors import UsageError
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
PRICE_PREFIX = "prix_"


class Assumptions(BaseModel):
    """Assumptions of one study. Rates and shares are ratios (0.035), amounts euros; None means the figure in force.

    `prices` holds the consultant's quotes, in euros HT a unit, by the name of the price they replace.

    >>> Assumptions(loan_share=0.5).overrides()
    {'loan_share': 0.5}
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    include_private: bool = Field(default=False, description="Écoles privées sous contrat comptées (L. 442-5)")
    maternelles: bool = Field(default=True, description="Écoles maternelles comptées")
    horizon_years: Years | None = Field(default=None, description="Années comparées")
    prices: dict[str, Price] = Field(default={}, description="Prix de devis, en euros HT")
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
        """What differs from the default, by name: the report lists it."""
        return self.model_dump(exclude_defaults=True)


def load_assumptions(values: Mapping[str, object], law: Law) -> Assumptions:
    """Assumptions from names and values (numbers, booleans or texts); `prix_…` names go to `prices`.

    Raises UsageError for an unknown name (« vouliez-vous dire ») or a value out of its range.
    """
    prices = {name: value for name, value in values.items() if name.startswith(PRICE_PREFIX)}
    plain = {name: value for name, value in values.items() if name not in prices}
    known_prices = [figure.name for figure in law.all() if figure.name.startswith(PRICE_PREFIX)]
    known_fields = [name for name in Assumptions.model_fields if name != "prices"]
    for name in values:
        if name not in known_prices + known_fields:
            raise UsageError(_unknown(name, known_prices + known_fields))
    try:
        return Assumptions.model_validate({**plain, "prices": prices})
    except ValidationError as error:
        raise UsageError(_out_of_range(error)) from None


def label(name: str, law: Law) -> str:
    """What an assumption is, in French, for the report."""
    if name.startswith(PRICE_PREFIX):
        return f"Prix HT d'un devis : {law.history(name)[-1].label}"
    return Assumptions.model_fields[name].description or name


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
        settings[name.strip()] = _plain_number(pair, value)
    return settings


def _plain_number(pair: str, value: str) -> str:
    text = re.sub(r"\s", "", value)
    if re.fullmatch(r"[1-9]\d*,\d{3}|\d+\.\d{3},\d+", text):
        raise UsageError(f"--set {pair} : milliers ou décimales ? Écrivez 2800 ou 2.8.")
    return {"oui": "true", "non": "false"}.get(text.lower(), text.replace(",", "."))


def _unknown(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"Vouliez-vous dire « {close[0]} » ?" if close else f"Les noms admis : {', '.join(known)}."
    return f"L'hypothèse « {echo(name)} » n'existe pas. {hint}"


def _out_of_range(error: ValidationError) -> str:
    problem = error.errors()[0]
    name = str(problem["loc"][-1])
    limits = {"ge": "au moins", "gt": "plus de", "le": "au plus", "lt": "moins de"}
    bounds = [f"{words} {problem['ctx'][key]:.10g}" for key, words in limits.items() if key in problem.get("ctx", {})]
    kind = {"bool_parsing": "true ou false", "int_parsing": "un nombre entier", "int_from_float": "un nombre entier"}
    expected = " et ".join(bounds) or kind.get(problem["type"], "un nombre")
    advice = " Un taux s'écrit en ratio : 0.035 pour 3,5 %." if "rate" in name or "share" in name else ""
    return f"L'hypothèse « {name} » vaut « {echo(problem['input'])} » : on attend {expected}.{advice}"
