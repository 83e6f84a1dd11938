from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from pupitre.diagnostic.assumptions import Assumptions, label
from pupitre.formats import day, typeset
from pupitre.law import baremes
from pupitre.show import show_baremes, show_overrides, show_sources
from pupitre.show.annexe import Group
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


def groups(study: Study) -> list[tuple[Tag, list[list[str]]]]:
    """The header of each source, and the rows of its figures."""
    page = BeautifulSoup(show_baremes(study).markup, "html.parser")
    bodies = [body.find_all("tr") for body in page.find_all("tbody")]
    return [
        (head.th, [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in told]) for head, *told in bodies
    ]


def told_of(study: Study) -> dict[str, tuple[str, list[str]]]:
    """The first line of each row → the header of its group, its cells."""
    found = {cells[0]: (head.get_text("\n"), cells) for head, told in groups(study) for cells in told}
    return {figure.name: one for figure in study.read for label, one in found.items()
            if label.startswith(typeset(figure.label))}  # fmt: skip


def test_the_annex_has_one_line_for_each_figure_read(fresh: Study) -> None:
    """Computed from what was read; no cell is empty, no group neither."""
    found = groups(fresh)

    assert sum(len(told) for _, told in found) == len(fresh.law.read) == len(fresh.read) > 30
    assert set(told_of(fresh)) == {figure.name for figure in fresh.read}
    assert all(told and all(len(row) == 2 and all(cell.strip() for cell in row) for row in told) for _, told in found)


def test_a_source_is_said_linked_and_dated_once(fresh: Study) -> None:
    """Over all the figures that were read in it, trusted alike and checked on the same day; in alphabetical order."""
    heads = [head for head, _ in groups(fresh)]
    known = {(of.source.title, of.source.url, of.confidence, of.checked_on) for of in fresh.read if of.source.url}
    links = [(link.get_text(), link["href"]) for head in heads for link in head.find_all("a")]
    texts = [head.get_text() for head in heads]

    assert sorted(links) == sorted((typeset(title), url) for title, url, *_ in known)
    assert all(re.search(r"· relues? le (1er|\d+)\u00a0\w+\u00a020\d\d", words) for words in texts)
    assert len(set(texts)) == len(texts) < len(fresh.read)
    assert [title for title, _ in links] == [typeset(of[0]) for of in sorted(known, key=lambda of: of[0].casefold())]


def test_a_figure_that_is_not_official_is_to_be_checked(fresh: Study) -> None:
    """By its confidence, under the source that gives it; an assumption stands with the assumptions, last."""
    told = told_of(fresh)
    for figure in fresh.read:
        head, _ = told[figure.name]
        assert ("· officielle ·" in head) is (figure.confidence == "official")
        assert ("à vérifier" in head) is (figure.confidence != "official")
        assert head.startswith("Hypothèses de travail") is (figure.kind == "assumed" and not figure.source.url)
    assumed = [head.get_text().startswith("Hypothèses de travail") for head, _ in groups(fresh)]

    assert assumed == sorted(assumed)
    assert any(assumed)


def test_each_figure_says_since_when_and_all_that_was_noted(study_of: StudyOf) -> None:
    """On its row, or over the rows that share it; the reason of an assumption is on its row."""
    study = study_of("09194")
    told = told_of(study)
    for figure in study.read:
        words = " ".join([told[figure.name][0], *told[figure.name][1]])
        since = figure.valid_from if not (figure.price_year or figure.vintage or figure.kind) else None
        expected = [str(figure.price_year or figure.vintage), *re.split(r"(?<=[.?!]) ", figure.note)]
        expected += [f"depuis le {day(since)}"] if since else []
        assert all(typeset(part) in words for part in expected), figure.name
    drancy, fee = (told[name][1] for name in ("prix_imprimante", "aides_probabilite"))

    assert drancy[0].endswith("Sans prix publié\u00a0: à remplacer par un devis.")
    assert fee[0].endswith(
        "Aucune part de demandes acceptées n’a été trouvée. À remplacer par l’avis de la préfecture."
    )


def test_an_assumption_that_is_alone_keeps_its_year() -> None:
    """What has a date says it, on its row when no header does."""
    alone = [figure for figure in baremes.on(date(2026, 11, 22)).all() if figure.name == "prix_imprimante"]

    assert alone[0].price_year
    assert not Group(alone).one_date
    assert Group([alone[0].model_copy(update={"kind": "observed"})]).one_date


def test_a_value_agrees_with_its_unit(study_of: StudyOf) -> None:
    """« 1 appareil par classe », « 4 classes par lot », « 8 Mbit/s », « 3,2 % par an », a text without unit."""
    told = {name: cells[1].partition(" · ")[0] for name, (_, cells) in told_of(study_of("00001")).items()}

    assert told["socle_affichages_par_classe"] == "1 appareil par classe"
    assert told["socle_classes_par_lot"] == "4 classes par lot"
    assert told["socle_mobiles_par_lot"] == "12 appareils par lot (de 10 à 15)"
    assert told["debit_par_utilisateur"] == "1 Mbit/s par utilisateur"
    assert told["actualisation_taux_socio_economique"] == "3,2\u00a0% par an"
    assert told["retard_annees"] == "0 année (de 0 à 2)"
    assert told["compte_maintenance"] == "compte 6156"
    assert told["paiement_differe"] == "interdit"
    assert told_of(study_of("00001"))["reen_part_reemploi"][1][1] == "50\u00a0% · depuis le 1er\u00a0janvier\u00a02025"


def test_a_price_shows_its_range_its_year_and_its_vat(study_of: StudyOf) -> None:
    """And says when its VAT is not known; an assumption stands among the assumptions."""
    told = told_of(study_of("09194"))
    head, display = told["prix_affichage"]
    assumed, printer = told["prix_imprimante"]

    assert display[1].replace("\u202f", "").startswith("3253 euros (de 2122 à 4173)")
    assert "2019" in head + display[1]
    assert "prix observé, TVA non précisée, lu comme HT" in display[0]
    assert "(HT)" in printer[0]
    assert "2021" in printer[1]
    assert assumed.startswith("Hypothèses de travail")


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
        "donor_turnover_eur": "2\u202f000\u202f000 €",
        "donor_is_supplier": "oui",
        "call_partners": "3",
        "lease_rent_per_1000_eur": "21,5 €",
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
