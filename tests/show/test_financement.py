from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup

from pupitre.show import show_cash, show_effort, show_payers, show_plans, show_programme
from pupitre.show.html import NOTHING, Html
from pupitre.study import Study

StudyOf = Callable[..., Study]


def parsed(piece: Html) -> Any:
    """Markup as a browser reads it."""
    return BeautifulSoup(piece.markup, "html.parser")


def values(row: Any) -> list[float]:
    """The figures of a row."""
    return [float(tag["value"]) for tag in row.find_all("data")]


@pytest.mark.parametrize("code", ["09194", "13028", "09220"])
def test_items_add_up_to_the_programme(code: str, study_of: StudyOf) -> None:
    """In each case, to the cent, and the dearest comes first, in the title too."""
    figure = parsed(show_programme(study_of(code))).figure
    *rows, total = figure.table.tbody.find_all("tr")

    for column, end in zip(zip(*map(values, rows), strict=True), values(total), strict=True):
        assert sum(column) == pytest.approx(end, abs=0.005)
    assert [values(row)[1] for row in rows] == sorted((values(row)[1] for row in rows), reverse=True)
    assert rows[0].th.get_text().lower() in figure.figcaption.get_text().lower()


def test_each_line_has_its_section_account_and_vat(study_of: StudyOf) -> None:
    """Bought lines have a quantity and a price, services have neither; TTC is HT and its VAT."""
    table = parsed(show_programme(study_of("09194"))).find_all("table")[1]
    for row in table.tbody.find_all("tr"):
        section, account = re.findall(r"[a-z]{12,}|\d{4,}", row.find_all("td")[1].get_text())
        ht, vat, ttc = values(row)[-3:]

        assert section in ("investissement", "fonctionnement")
        assert account.startswith("2" if section == "investissement" else "6")
        assert (row.find_all("td")[2].data is not None) == (section == "investissement")
        assert ttc == pytest.approx(ht * (1 + vat), abs=0.02)


def test_ht_and_vat_come_to_ttc(study_of: StudyOf) -> None:
    """And the two sections too."""
    table = parsed(show_programme(study_of("13028"))).find_all("table")[2]
    invested, running, ht, vat, ttc, _ = [values(row) for row in table.tbody.find_all("tr")]

    assert [a + b for a, b in zip(invested, running, strict=True)] == pytest.approx(ttc, abs=0.015)
    assert [a + b for a, b in zip(ht, vat, strict=True)] == pytest.approx(ttc, abs=0.015)


def test_payers_of_each_year_come_to_the_total_cost(study_of: StudyOf) -> None:
    """Commune and State, all years of a plan: its cost to all payers."""
    study = study_of("09194")
    rows = parsed(show_payers(study)).tbody.find_all("tr")
    for key, label in (("achat", "Achat, "), ("leasing", "Location")):
        paid = sum(sum(values(row)) for row in rows if row.th.get_text().startswith(label))

        assert paid == pytest.approx(float(study.figures[f"plan.{key}.central.cost_eur"] or 0), abs=0.05)


def test_the_till_ends_where_the_reste_a_charge_is(study_of: StudyOf) -> None:
    """Once FCTVA has come back, what went out is what the commune bears."""
    study = study_of("09194")
    last = values(parsed(show_cash(study)).tbody.find_all("tr")[-1])

    assert last == pytest.approx(
        [float(study.figures[f"plan.{key}.central.reste_a_charge_eur"] or 0) for key in ("achat", "leasing")], abs=0.05
    )


def test_the_comparison_holds_cost_less_the_state_is_reste_a_charge(study_of: StudyOf) -> None:
    """For each way to pay, and the notes say what each supposes."""
    page = parsed(show_plans(study_of("09194")))
    rows = {row.th.get_text(): values(row) for row in page.tbody.find_all("tr")}
    cost, state = rows["Coût total, tous payeurs"], rows["Part rendue par l’État (FCTVA)"]

    assert [a - b for a, b in zip(cost, state, strict=True)] == pytest.approx(
        rows["Reste à charge de la commune"], abs=0.015
    )
    for header in page.select("thead th")[1:]:
        assert any(item.strong.get_text().startswith(header.get_text()) for item in page.find_all("li"))


def test_new_effort_appears_only_when_something_is_redeployed(study_of: StudyOf) -> None:
    """Each year, the reste à charge less what is redeployed."""
    assert show_effort(study_of("09194")) == NOTHING
    page = parsed(show_effort(study_of("09194", redeployed_eur_per_year=3000.0)))

    assert "3\u202f000\u00a0€" in page.caption.get_text()
    for row in page.tbody.find_all("tr"):
        borne, effort = values(row)
        assert effort == pytest.approx(borne - 3000, abs=0.005) or effort == 0


@pytest.mark.parametrize("show", [show_programme, show_payers, show_cash, show_plans, show_effort])
def test_nothing_to_fund_shows_nothing(show: Callable[[Study], Html], study_of: StudyOf) -> None:
    """Neither an empty table nor a chart of zeros."""
    assert show(study_of("32258")) == NOTHING
