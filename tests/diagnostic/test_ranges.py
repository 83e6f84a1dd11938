from __future__ import annotations

from datetime import date

import pytest

from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.ranges import CASES, Case, figure_range, unit_prices
from pupitre.law import baremes
from pupitre.law.baremes import Figure, Law

ON = date(2026, 11, 22)
USUAL = Assumptions()


def test_cases_are_low_central_high() -> None:
    """In that order, which tables rely on."""
    expected: tuple[Case, ...] = ("low", "central", "high")

    assert expected == CASES


def test_a_figure_without_a_range_is_the_same_in_each_case(law: Law) -> None:
    """5 years compared; a figure with a range keeps it, in the order of the cases."""
    assert list(figure_range("horizon_annees", law).items()) == [("low", 5), ("central", 5), ("high", 5)]
    assert figure_range("accompagnement_part", law) == {"low": 0.15, "central": 0.20, "high": 0.30}


@pytest.mark.parametrize(("vat", "central"), [("TTC", 100.0), ("HT", 120.0), ("unknown", 120.0)])
def test_a_price_known_with_vat_is_brought_back_without(vat: str, central: float) -> None:
    """One whose VAT is unknown is read as HT: that never understates what the commune pays."""
    known = baremes.on(ON)
    priced = known.figure("prix_imprimante").model_copy(update={"vat": vat, "value": 120, "low": 60, "high": 240})
    figures: dict[str, tuple[Figure, ...]] = {"p": (priced,), "tva_taux_normal": known.history("tva_taux_normal")}

    prices = unit_prices("p", Law(ON, figures), USUAL)

    assert prices == {"low": central / 2, "central": central, "high": central * 2}


def test_a_quote_is_without_vat_and_without_range(law: Law) -> None:
    """It takes the place of the price known, which is then not read."""
    quoted = Assumptions(prices={"prix_imprimante": 451.25})

    assert unit_prices("prix_imprimante", law, quoted) == dict.fromkeys(CASES, 451.25)
    assert law.read == ()


def test_no_price_is_invented(law: Law) -> None:
    """A thing that only a quote can price has none until then."""
    quoted = Assumptions(prices={"prix_borne_wifi": 640})

    assert unit_prices("prix_borne_wifi", law, USUAL) is None
    assert unit_prices("prix_borne_wifi", law, quoted) == dict.fromkeys(CASES, 640)
