from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup

from pupitre.diagnostic.assumptions import Assumptions, label
from pupitre.formats import typeset
from pupitre.law import baremes
from pupitre.show import show_baremes, show_overrides, show_sources
from pupitre.show.html import NOTHING, Html
from pupitre.study import Study, compute_study

StudyOf = Callable[..., Study]


def rows(piece: Html) -> list[list[str]]:
    """The texts of a table, row by row."""
    found: Any = BeautifulSoup(piece.markup, "html.parser").tbody
    return [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in found.find_all("tr")]


@pytest.fixture(scope="module")
def fresh(study_of: StudyOf) -> Study:
    """Mirepoix, of which nothing was shown before."""
    known = study_of("09194")
    return compute_study(known.dossier, baremes.on(known.dossier.on), Assumptions())


def test_the_annex_has_one_line_for_each_figure_read(fresh: Study) -> None:
    """Computed from what was read: value, date, source, reliability, day of checking; no cell is empty."""
    found = rows(show_baremes(fresh))

    assert len(found) == len(fresh.law.read) == len(fresh.read) > 30
    assert all(all(cell.strip() for cell in row) for row in found)
    assert all(re.search(r"(1er|\d+)\u00a0\w+\u00a020\d\d", row[-1]) for row in found)


def test_a_figure_that_is_not_official_is_to_be_checked(fresh: Study) -> None:
    """By its confidence, one line after the other."""
    for figure, row in zip(fresh.read, rows(show_baremes(fresh)), strict=True):
        assert row[0].startswith(typeset(figure.label))
        assert ("officiel" in row[-1]) is (figure.confidence == "official")
        assert ("à vérifier" in row[-1]) is (figure.confidence != "official")


def test_a_price_shows_its_range_its_year_and_its_vat(study_of: StudyOf) -> None:
    """And says when its VAT is not known, or when it is an assumption."""
    found = {row[0]: row for row in rows(show_baremes(study_of("09194")))}
    display = next(row for label, row in found.items() if label.startswith("Affichage collectif installé"))

    assert display[1].replace("\u202f", "").startswith("3253 (de 2122 à 4173)")
    assert "euros" in display[1] + display[2]
    assert "2019" in display
    assert "prix observé, TVA non précisée, lu comme HT" in display[0]
    assert any("(hypothèse, HT)" in label for label in found)


def test_what_the_consultant_changed_is_listed(study_of: StudyOf) -> None:
    """A quote replaces a price; nothing changed, no table."""
    assert show_overrides(study_of("09194")) == NOTHING
    found = rows(show_overrides(study_of("09194", prix_affichage=1999.5, fctva_delay_years=1, maternelles=False)))

    assert {cells[1] for cells in found} >= {"1\u202f999,5", "1"}
    assert len(found) == 3
    assert not {"True", "False"} & {cells[1] for cells in found}


GIVEN: dict[str, object] = {
    "include_private": True,
    "maternelles": False,
    "target": "montaigne",
    "wifi": False,
    "horizon_years": 6,
    "ceiling_eur_per_year": 40_000,
    "groupement_share": 0.1,
    "referent_hours_per_year": 20,
    "fctva_delay_years": 1,
    "loan_share": 0.5,
    "loan_rate": 0.03,
    "loan_years": 7,
    "redeployed_eur_per_year": 2_500,
    "lease_years": 4,
    "lease_rate": 0.06,
    "lease_option_share": 0.02,
    "lease_kind": "credit_bail",
    "aid_probability": 0.4,
    "aid_brackets": "cliff",
    "gift_company_eur": 3_000,
    "gift_individuals_eur": 250,
    "gift_in_kind_eur": 1_500,
    "gift_skills_eur": 700,
    "gift_probability": 0.8,
    "gift_return_eur": 100,
    "donor_is_supplier": True,
    "donor_turnover_eur": 2_000_000,
    "call_rate": 0.35,
    "call_ceiling_eur": 12_000,
    "call_minimum_eur": 4_000,
    "call_research_share": 0.15,
    "call_years": 3,
    "call_partners_required": 2,
    "call_partners": 3,
    "byod_loan_share": 0.25,
    "byod_state_share": 0.2,
    "family_share": 0.45,
    "family_limit": 0.12,
    "uncertain_limit": 0.22,
    "running_ceiling_eur_per_year": 30_000,
    "given_away_after_years": 3,
    "savings_eur": 90_000,
    "debt_eur": 310_000,
    "tfpb_base_eur": 4_000_000,
    "aide_detr": 0.275,
    "aide_dsil": 0.125,
    "aide_departement": 0.05,
    "aide_tne": 0.03,
    "prix_affichage": 1_999.5,
    "cible_affichage": 1,
}
OTHERWISE: dict[str, object] = {"lease_rent_per_1000_eur": 21.5, "lease_kind": "location_financiere"}


@pytest.fixture(scope="module")
def overridden(study_of: StudyOf) -> dict[str, str]:
    """Each assumption given to two studies, since some exclude others: its label, as the annex says it."""
    told: dict[str, str] = {}
    for given in (GIVEN, OTHERWISE):
        study = study_of("09194", **given)
        found = rows(show_overrides(study))
        assert [row[0] for row in found] == [typeset(label(name, study.law)) for name in study.assumptions.overrides()]
        told |= dict(zip(study.assumptions.overrides(), (row[1] for row in found), strict=True))
    return told


def test_every_assumption_that_was_given_is_listed(overridden: dict[str, str]) -> None:
    """Whatever it is: none can change the report and stay unsaid; one that is new must be given here too."""
    given = {*GIVEN, *OTHERWISE}

    assert set(overridden) == given
    assert {*Assumptions.model_fields} - {"prices", "targets", "aids"} <= given


def test_a_share_is_listed_in_percent(overridden: dict[str, str]) -> None:
    """As the sentences say it, whatever its name; an amount in thousands, a truth as « oui », a number as it is."""
    expected = {
        "loan_rate": "3 %",
        "call_rate": "35 %",
        "family_share": "45 %",
        "byod_state_share": "20 %",
        "aide_detr": "27,5 %",
        "aide_departement": "5 %",
        "aid_probability": "40 %",
        "gift_probability": "80 %",
        "family_limit": "12 %",
        "uncertain_limit": "22 %",
        "donor_turnover_eur": "2\u202f000\u202f000",
        "donor_is_supplier": "oui",
        "call_partners": "3",
        "lease_rent_per_1000_eur": "21,5",
    }

    assert {name: overridden[name].replace("\u00a0", " ") for name in expected} == expected


def test_a_contract_is_listed_in_words(overridden: dict[str, str]) -> None:
    """« location financière »: no word of the code reaches the mayor."""
    assert "_" not in overridden["lease_kind"]


def test_every_source_that_served_is_named(study_of: StudyOf) -> None:
    """Title, publisher, vintage, licence and day of reading, one line for each."""
    study = study_of("09194")
    found = rows(show_sources(study))

    assert len(found) == len(study.dossier.sources)
    assert all(all(cell.strip() for cell in row) for row in found)
    assert any("Filosofi" in row[0] and row[1] == "INSEE" and row[2] == "2021" for row in found)
