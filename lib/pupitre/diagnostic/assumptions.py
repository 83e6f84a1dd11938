"""What a consultant may change: the scope, the years, the prices quoted to him, the terms of each way to pay.

Belongs: names, ranges and contradictions of assumptions. Does not: where they are written (`settings`), any default of
law or price, which `law/` holds: an assumption that is None means « the figure in force ».
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pupitre.diagnostic.catalogue import items, quoted_prices
from pupitre.errors import Contradiction, UsageError
from pupitre.formats import day, echo
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
Rent = Annotated[float, Field(ge=1, le=1000)]
Partners = Annotated[int, Field(ge=0, le=100)]
Age = Annotated[int, Field(ge=0, le=10)]
PREFIXES = {"prix_": "prices", "cible_": "targets", "aide_": "aids"}
Turnover = Annotated[float, Field(gt=0, le=1e12)]
Savings = Annotated[float, Field(ge=-1e9, le=1e10)]
ResearchShare = Annotated[float, Field(ge=0, le=0.9)]
LeaseKind = Literal["credit_bail", "location_financiere", "location_evolutive"]


class Assumptions(BaseModel):
    """Assumptions of one study. Rates and shares are ratios (0.035), amounts euros; None means the figure in force.

    `prices` holds the consultant's quotes, in euros HT a unit, by the name of the price they replace; `targets` his own
    number of units by class (or by school) of an item of the catalogue; `aids` the rates of the aids that he asks for.

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
    lease_kind: LeaseKind | None = Field(default=None, description="Contrat de location")
    lease_rent_per_1000_eur: Rent | None = Field(default=None, description="Loyer HT offert, par mois, pour 1 000 € HT")
    aids: dict[str, Share] = Field(default={}, description="Subventions demandées, en part de la dépense")
    aid_probability: Share | None = Field(default=None, description="Probabilité qu'une subvention soit accordée")
    aid_brackets: Literal["marginal", "cliff"] = Field(
        default="marginal",
        description="Au-delà du seuil : taux réduit pour la seule part qui dépasse (marginal) ou pour le tout (cliff)",
    )
    gift_company_eur: Amount = Field(default=0.0, description="Dons en argent promis par des entreprises")
    gift_individuals_eur: Amount = Field(default=0.0, description="Dons en argent promis par des particuliers")
    gift_in_kind_eur: Amount = Field(default=0.0, description="Matériel donné, au prix TTC d'achat évité")
    gift_skills_eur: Amount = Field(
        default=0.0, description="Mécénat de compétences, au prix TTC de l'accompagnement évité"
    )
    gift_probability: Share | None = Field(default=None, description="Probabilité qu'un don promis arrive")
    gift_return_eur: Amount = Field(default=0.0, description="Contreparties offertes au mécène, en valeur")
    donor_is_supplier: bool = Field(default=False, description="Le mécène vend aussi à la commune")
    donor_turnover_eur: Turnover | None = Field(default=None, description="Chiffre d'affaires HT du mécène")
    call_rate: Share | None = Field(default=None, description="Appel à projets : taux de l'aide")
    call_ceiling_eur: Amount | None = Field(default=None, description="Appel à projets : aide maximale")
    call_minimum_eur: Amount | None = Field(default=None, description="Appel à projets : taille minimale du projet, HT")
    call_research_share: ResearchShare = Field(
        default=0.0, description="Appel à projets : part du projet réservée à la recherche"
    )
    call_years: Years | None = Field(default=None, description="Appel à projets : durée, en années")
    call_partners_required: Partners = Field(default=0, description="Appel à projets : partenaires exigés")
    call_partners: Partners = Field(default=0, description="Appel à projets : partenaires trouvés")
    byod_loan_share: Share | None = Field(default=None, description="Part des appareils que la commune prête")
    byod_state_share: Share = Field(default=0.0, description="Part du prix payée par l'Éducation nationale")
    family_share: Share | None = Field(default=None, description="Part moyenne du prix payée par la famille")
    family_limit: Share | None = Field(default=None, description="Part du coût laissée aux familles, au plus")
    uncertain_limit: Share | None = Field(
        default=None, description="Part du coût couverte par de l'argent incertain, au plus"
    )
    running_ceiling_eur_per_year: Ceiling | None = Field(default=None, description="Plafond de fonctionnement par an")
    given_away_after_years: Age | None = Field(
        default=None, description="Âge auquel les appareils sont donnés ou vendus"
    )
    savings_eur: Savings | None = Field(default=None, description="Épargne brute annuelle de la commune")
    debt_eur: Amount | None = Field(default=None, description="Dette de la commune au 31 décembre")
    tfpb_base_eur: TaxBase | None = Field(default=None, description="Base nette de taxe foncière, en euros")

    @model_validator(mode="after")
    def _holds_together(self) -> Assumptions:
        for wrong, message in CONTRADICTIONS.items():
            if wrong(self):
                raise ValueError(message)
        return self

    def overrides(self) -> dict[str, object]:
        """What differs from the default, by the name that sets it: the report lists it."""
        changed = self.model_dump(exclude_defaults=True)
        prices, targets, aids = (changed.pop(table, {}) for table in ("prices", "targets", "aids"))
        return {**changed, **prices, **{f"cible_{key}": value for key, value in targets.items()}, **aids}


CONTRADICTIONS: dict[Callable[[Assumptions], bool], str] = {
    lambda a: a.lease_rate is not None and a.lease_rent_per_1000_eur is not None: (
        "lease_rate et lease_rent_per_1000_eur se contredisent : donnez le taux ou le loyer, pas les deux"
    ),
    lambda a: a.lease_kind not in (None, "credit_bail") and bool(a.lease_option_share): (
        "lease_option_share suppose un crédit-bail : lease_kind=credit_bail, ou une option de 0"
    ),
    lambda a: a.lease_kind == "credit_bail" and a.lease_option_share == 0: (
        "un crédit-bail a une option d'achat : lease_option_share au-dessus de 0, ou lease_kind=location_financiere"
    ),
    lambda a: (
        (
            a.call_rate is None
            and (a.call_ceiling_eur is not None or a.call_minimum_eur is not None or a.call_years is not None)
        )
        or (a.call_rate is None and bool(a.call_research_share or a.call_partners or a.call_partners_required))
    ): ("les hypothèses call_… décrivent un appel à projets : donnez aussi son taux, call_rate"),
    lambda a: a.family_share is not None and a.family_share + a.byod_state_share > 1: (
        "family_share et byod_state_share dépassent ensemble le prix : leur somme vaut 1 au plus"
    ),
    lambda a: bool(a.gift_return_eur) and not (a.gift_company_eur or a.gift_in_kind_eur or a.gift_skills_eur): (
        "gift_return_eur est une contrepartie sans don : donnez aussi le don d'une entreprise"
    ),
}


def load_assumptions(values: Mapping[str, object], law: Law) -> Assumptions:
    """Assumptions from names and values (numbers, booleans or texts); `prix_…` and `cible_…` names go to their table.

    Raises UsageError for an unknown name (« vouliez-vous dire »), a value out of its range or an aid that is closed,
    Contradiction for two values that cannot hold together.
    """
    known = [row["nom"] for row in assumption_rows(law)]
    fields: dict[str, object] = {}
    for name, value in values.items():
        if name not in known:
            raise UsageError(_unknown(name, known))
        if name.startswith("aide_"):
            _check_rate(name, value, law)
        table = next((table for prefix, table in PREFIXES.items() if name.startswith(prefix)), None)
        fields |= {table: {**fields.get(table, {}), name: value}} if table else {name: value}  # type: ignore[dict-item]
    targets: dict[str, object] = fields.get("targets", {})  # type: ignore[assignment]
    fields["targets"] = {name.removeprefix("cible_"): value for name, value in targets.items()}
    try:
        return Assumptions.model_validate(fields)
    except ValidationError as error:
        problem = error.errors()[0]
        if not problem["loc"]:
            raise Contradiction(f"Hypothèses contradictoires : {problem['ctx']['error']}.") from None
        raise UsageError(_out_of_range(error)) from None


def assumption_rows(law: Law) -> list[dict[str, str]]:
    """Every assumption that may be changed: its name (`nom`) and what it is, in French (`sens`)."""
    fields = [name for name in Assumptions.model_fields if name not in PREFIXES.values()]
    prices = [figure.name for figure in law.all() if figure.name.startswith("prix_")]
    targets = [f"cible_{key}" for key in items()]
    names = (*fields, *sorted({*prices, *quoted_prices()}), *targets, *law.names("aide_"))
    return [{"nom": name, "sens": label(name, law)} for name in names]


def label(name: str, law: Law) -> str:
    """What an assumption is, in French, for the report."""
    if name in quoted_prices():
        return f"Prix HT d'un devis : {quoted_prices()[name]}"
    if name.startswith("prix_"):
        return f"Prix HT d'un devis : {law.history(name)[-1].label}"
    if name.startswith("aide_"):
        return f"Taux demandé. {law.history(name)[-1].label}"
    if name.startswith("cible_"):
        item = items()[name.removeprefix("cible_")]
        return f"Cible par {'école' if item.per == 'ecole' else 'classe'} : {item.label}"
    return Assumptions.model_fields[name].description or name


def _check_rate(name: str, value: object, law: Law) -> None:
    """Refuse an aid that is closed on the day of the law, or a rate above its highest."""
    if not law.in_force(name):
        known = law.history(name)[-1]
        start = f"Elle a ouvert le {day(known.valid_from)}" if known.valid_from else "On ne sait quand elle a ouvert"
        end = f", et elle est close depuis le {day(known.valid_to)}" if known.valid_to else ""
        raise UsageError(f"L'hypothèse « {name} » : au {day(law.day)}, cette aide est fermée. {start}{end}.")
    highest = law.history(name)[-1].value
    try:
        accepted = 0 <= float(str(value)) <= float(highest)
    except ValueError:
        accepted = False
    if not accepted:
        raise UsageError(
            f"L'hypothèse « {name} » vaut « {echo(value)} » : on attend au moins 0 et au plus {highest}. "
            "Un taux s'écrit en ratio : 0.35 pour 35 %."
        )


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
