"""The programme: the lines that bring the schools to the socle, when nothing is known of the present equipment.

Belongs: quantities and their range, years, prices, sections, accounts. Does not: who pays.

Three cases go together. *Central* and *high* suppose that nothing exists; *low* supposes that the commune has today, in
working order, the national rate of 2018-2019, last known: a floor, never a likely value. Prices take their low, central
and high values with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.socle import ITEMS, Item, in_scope, socle_needs
from pupitre.formats import cents, rounded
from pupitre.law.baremes import Law

Case = Literal["low", "central", "high"]
CASES: tuple[Case, ...] = ("low", "central", "high")
Range = dict[Case, float]
UNPRICED = (
    "l'abonnement à internet",
    "l'espace numérique de travail et les ressources",
    "les bornes Wi-Fi",
)


@dataclass(frozen=True)
class Programme:
    """The lines to fund over `horizon_years`, from the budget of `start_year` on.

    `lines`: one row a line; columns item, label, nature (achat, remplacement, accompagnement, maintenance), year,
    section, account, leasable, maintained, life_years, vat_rate, then quantity, unit_ht, ht and ttc, each with the
    suffix of its case (`_low`, `_central`, `_high`); amounts in euros, rounded to the cent line by line.
    `unpriced`: what the socle asks for and no price is known of. `schools`: how many schools it covers.
    """

    start_year: int
    horizon_years: int
    lines: pd.DataFrame
    schools: int
    pupils: int
    unpriced: tuple[str, ...] = UNPRICED

    @property
    def years(self) -> range:
        """The years compared."""
        return range(self.start_year, self.start_year + self.horizon_years)

    def ttc(self, case: Case, section: str | None = None) -> float:
        """Total TTC of a case, in euros, of one section or of both."""
        lines = self.lines if section is None else self.lines[self.lines["section"] == section]
        return cents(lines[f"ttc_{case}"].sum())

    def value_left_eur(self, case: Case) -> float:
        """Value TTC of what still has life at the end of the horizon, straight line: shown, never counted."""
        bought = self.lines[self.lines["life_years"].notna()]
        left = (bought["year"] + bought["life_years"] - self.years.stop).clip(lower=0) / bought["life_years"]
        return cents((left * bought[f"ttc_{case}"]).sum())


def plan_programme(schools: pd.DataFrame, law: Law, assumptions: Assumptions) -> Programme:
    """The programme that brings these schools to the socle; the first budget is that of the year after `law.day`."""
    scope = in_scope(schools, assumptions)
    quantities = item_quantities(schools, law, assumptions)
    start, horizon = law.day.year + 1, assumptions.horizon_years or int(law["horizon_annees"])
    years = range(start, start + horizon)
    purchases = [
        line
        for item in ITEMS
        if quantities[item.key]["high"]
        for line in _purchases(item, quantities[item.key], years, law, assumptions)
    ]
    lines = [*purchases, *_accompaniment(purchases, law), *_maintenance(purchases, years, law)]
    frame = pd.DataFrame([line.row() for line in lines])
    return Programme(start, horizon, frame, schools=len(scope), pupils=int(scope["pupils"].fillna(0).sum()))


def item_quantities(schools: pd.DataFrame, law: Law, assumptions: Assumptions) -> dict[str, Range]:
    """How many of each item to buy, in each case, for all schools together."""
    needs = socle_needs(schools, law, assumptions).sum()
    existing = _existing_at_national_rate(needs, _elementaire_pupils(schools, assumptions), law)
    quantities: dict[str, Range] = {}
    for item in ITEMS:
        need = int(needs[item.key])
        least = int(needs.get(f"{item.key}_low", need))
        most = int(needs.get(f"{item.key}_high", need))
        quantities[item.key] = {"low": max(0, least - existing.get(item.key, 0)), "central": need, "high": most}
    return quantities


def _elementaire_pupils(schools: pd.DataFrame, assumptions: Assumptions) -> int:
    """Pupils that the socle concerns, ULIS included; all those of a school whose split is not known."""
    scope = in_scope(schools, assumptions)
    concerned = scope[scope["level"] != "maternelle"]
    return int((concerned["pupils"] - concerned["pupils_maternelle"].fillna(0)).fillna(0).sum())


def _existing_at_national_rate(needs: pd.Series, pupils: int, law: Law) -> dict[str, int]:
    """Whole devices the commune would have at the rate of 2018-2019.

    Computers go to teachers first, then to the direction, then to mobile sets.
    """
    displays = law["reference_tableaux_interactifs_pour_1000_eleves"]
    displays += law["reference_videoprojecteurs_pour_1000_eleves"]
    existing = {"affichage": _whole_devices(displays, pupils, per=1000)}
    computers = _whole_devices(law["reference_ordinateurs_pour_100_eleves"], pupils, per=100)
    for item in ("poste_enseignant", "poste_direction", "appareil_mobile"):
        existing[item] = min(computers, int(needs[item]))
        computers -= existing[item]
    return existing


def _whole_devices(rate: float, pupils: int, *, per: int) -> int:
    """Whole devices only: 31.9 for 1 000 pupils make 4 for 132."""
    return int(rounded(rate, 1) * pupils / per)


def unit_prices(name: str, law: Law, assumptions: Assumptions) -> Range:
    """The unit price HT in each case: the consultant's quote when there is one, else the price known, with its range.

    A price known TTC is brought back to HT; one whose VAT is unknown is read as HT, which never understates the cost.
    """
    if name in assumptions.prices:
        return dict.fromkeys(CASES, assumptions.prices[name])
    divisor = 1 + law["tva_taux_normal"] if law.figure(name).vat == "TTC" else 1
    return {case: cents(value / divisor) for case, value in _range(name, law).items()}


@dataclass(frozen=True)
class _Line:
    """One line of the programme, before it becomes a row."""

    item: str
    label: str
    nature: str
    year: int
    section: str
    account: str
    vat_rate: float
    quantity: Range
    unit_ht: Range
    leasable: bool = False
    maintained: bool = False
    life_years: int | None = None

    def ht(self, case: Case) -> float:
        return cents(self.quantity[case] * self.unit_ht[case])

    def row(self) -> dict[str, object]:
        row = {name: value for name, value in vars(self).items() if name not in ("quantity", "unit_ht")}
        for case in CASES:
            row |= {f"quantity_{case}": self.quantity[case], f"unit_ht_{case}": self.unit_ht[case]}
            row |= {f"ht_{case}": self.ht(case), f"ttc_{case}": cents(self.ht(case) * (1 + self.vat_rate))}
        return row


def _purchases(item: Item, quantity: Range, years: range, law: Law, assumptions: Assumptions) -> list[_Line]:
    """The purchase of an item in the first year, and its replacements at the end of its life inside the horizon."""
    life = int(law[item.life])
    return [
        _Line(
            item=item.key,
            label=item.label,
            nature="achat" if year == years.start else "remplacement",
            year=year,
            section="investissement",
            account=law.text(item.account),
            vat_rate=law["tva_taux_normal"],
            quantity=quantity,
            unit_ht=unit_prices(item.price, law, assumptions),
            leasable=item.leasable,
            maintained=item.maintained,
            life_years=life,
        )
        for year in years[::life]
    ]


def _accompaniment(purchases: list[_Line], law: Law) -> list[_Line]:
    """Training and help in the year of each investment, a share of its amount HT."""
    shares = _range("accompagnement_part", law)
    lines = []
    for year in sorted({line.year for line in purchases}):
        bought = [line for line in purchases if line.year == year]
        amounts: Range = {case: shares[case] * sum(line.ht(case) for line in bought) for case in CASES}
        lines.append(_service("accompagnement", "Accompagnement et formation", year, "compte_formation", amounts, law))
    return lines


def _maintenance(purchases: list[_Line], years: range, law: Law) -> list[_Line]:
    """Upkeep, every year, a share of the price of what is in service; a replacement does not add to it."""
    shares = _range("maintenance_part", law)
    in_service = [line for line in purchases if line.maintained and line.nature == "achat"]
    amounts: Range = {case: shares[case] * sum(line.ht(case) for line in in_service) for case in CASES}
    return [_service("maintenance", "Maintenance", year, "compte_maintenance", amounts, law) for year in years]


def _service(nature: str, label: str, year: int, account: str, ht: Range, law: Law) -> _Line:
    return _Line(
        item=nature,
        label=label,
        nature=nature,
        year=year,
        section="fonctionnement",
        account=law.text(account),
        vat_rate=law["tva_taux_normal"],
        quantity=dict.fromkeys(CASES, 1),
        unit_ht={case: cents(ht[case]) for case in CASES},
    )


def _range(name: str, law: Law) -> Range:
    """The low, central and high values of a figure; its value alone when it has no range."""
    figure = law.figure(name)
    central = float(figure.value)
    low = central if figure.low is None else figure.low
    high = central if figure.high is None else figure.high
    return {"low": low, "central": central, "high": high}
