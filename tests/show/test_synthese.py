from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup

from pupitre.show import show_advice, show_cost, show_identity, show_key_figures, show_unknown
from pupitre.show.html import NOTHING, Html
from pupitre.study import Study
from pupitre.study.texts import LABELS

StudyOf = Callable[..., Study]


def parsed(piece: Html) -> Any:
    """Markup as a browser reads it."""
    return BeautifulSoup(piece.markup, "html.parser")


def test_the_commune_stands_in_one_sentence(study_of: StudyOf) -> None:
    """Its name, département, inhabitants, public schools, pupils and classes."""
    words = parsed(show_identity(study_of("09194"))).p.get_text()

    assert words.startswith("Mirepoix (Ariège) compte 3\u202f172\u00a0habitants")
    assert "2\u00a0écoles publiques" in words
    assert "191\u00a0élèves dans 10\u00a0classes à la rentrée 2024" in words
    assert "S’y ajoute 1\u00a0école privée sous contrat, avec 94\u00a0élèves." in words


@pytest.mark.parametrize(("code", "cards"), [("09194", 4), ("09220", 4), ("32258", 0)])
def test_three_to_five_figures_matter(code: str, cards: int, study_of: StudyOf) -> None:
    """Each large, with its label and what it means; none when nothing is known."""
    items = parsed(show_key_figures(study_of(code))).find_all("li")

    assert len(items) == cards
    assert all(item.span.get_text() and item.strong.data and item.small.get_text() for item in items)


def test_the_advice_is_first_to_take_stock(study_of: StudyOf) -> None:
    """Nothing is known of the equipment: the inventory, then purchase or lease without a false winner, then why."""
    page = parsed(show_advice(study_of("09194")))
    first, *others = [page.p, *page.find_all("li")]

    assert first["class"] == ["advice"]
    assert "Faites d’abord l’inventaire." in first.strong.get_text()
    assert "pas d’écart significatif" in others[0].get_text()
    assert len(others) >= 3


@pytest.mark.parametrize("assumptions", [{}, {"gift_company_eur": 3_000, "call_rate": 0.2}], ids=["usual", "all"])
def test_cost_is_told_per_year_pupil_and_household(assumptions: dict[str, object], study_of: StudyOf) -> None:
    """One row a way to pay, in the order of the report: the central case, then its total from low to high."""
    study = study_of("09194", **assumptions)
    table = parsed(show_cost(study)).table
    rows = [[float(cell["value"]) for cell in row.find_all("data")] for row in table.tbody.find_all("tr")]

    assert [header.get_text() for header in table.thead.find_all("th")][1:4] == [
        "Par an", "Par élève et par an", "Par foyer et par an",
    ]  # fmt: skip
    assert [row.th.get_text() for row in table.tbody.find_all("tr")] == [LABELS[key] for key in study.plans]
    for (yearly, by_pupil, by_household, total, low, high), plans in zip(rows, study.plans.values(), strict=True):
        assert [low, total, high] == [plans[case].reste_a_charge_eur for case in ("low", "central", "high")]
        assert low < total < high
        assert [yearly, by_pupil, by_household] == pytest.approx(
            [total / 5, total / 5 / 191, total / 5 / 1583], abs=0.01
        )


def test_points_of_tax_appear_only_when_the_base_is_given(study_of: StudyOf) -> None:
    """Never guessed; and what is given is no more missing."""
    without, given = study_of("09194"), study_of("09194", tfpb_base_eur=4_000_000.0)

    assert "taxe foncière" not in show_cost(without).markup
    assert "taxe foncière" in show_unknown(without).markup
    assert "En points de taxe foncière" in show_cost(given).markup
    assert "base de taxe foncière" not in show_unknown(given).markup


def test_what_is_given_is_no_more_missing(study_of: StudyOf) -> None:
    """The regime of FCTVA."""
    assert "régime de FCTVA" in show_unknown(study_of("09194")).markup
    assert "régime de FCTVA" not in show_unknown(study_of("09194", fctva_delay_years=1)).markup


def test_a_caveat_of_the_sources_comes_first(study_of: StudyOf) -> None:
    """La Ciotat: the list of maternelles may be incomplete."""
    first = parsed(show_unknown(study_of("13028"))).li.get_text()

    assert first.startswith("La Ciotat\u00a0: la liste des écoles maternelles")


def test_nothing_to_fund_shows_no_cost(study_of: StudyOf) -> None:
    """No table of zeros."""
    assert show_cost(study_of("32258")) == NOTHING
