"""The three cases that go together: low, central, high.

Belongs: reading a figure with its range, the price of a unit in each case. Does not: quantities.
"""

from __future__ import annotations

from typing import Literal

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.formats import cents
from pupitre.law.baremes import Law

Case = Literal["low", "central", "high"]
CASES: tuple[Case, ...] = ("low", "central", "high")
Range = dict[Case, float]


def figure_range(name: str, law: Law) -> Range:
    """The low, central and high values of a figure; its value alone when it has no range."""
    figure = law.figure(name)
    central = float(figure.value)
    low = central if figure.low is None else figure.low
    high = central if figure.high is None else figure.high
    return {"low": low, "central": central, "high": high}


def unit_prices(name: str, law: Law, assumptions: Assumptions) -> Range | None:
    """The unit price HT in each case: the consultant's quote when there is one, else the price known, with its range.

    None when no price is known. A price known TTC is brought back to HT; one whose VAT is unknown is read as HT, which
    never understates the cost.
    """
    if name in assumptions.prices:
        return dict.fromkeys(CASES, assumptions.prices[name])
    if not law.in_force(name):
        return None
    divisor = 1 + law["tva_taux_normal"] if law.figure(name).vat == "TTC" else 1
    return {case: cents(value / divisor) for case, value in figure_range(name, law).items()}
