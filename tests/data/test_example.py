"""The workbook of Bourg-Exemple: read without an error, invented throughout, with the faults of real ones."""

from __future__ import annotations

import re
import runpy
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pupitre.data.codes import FICTIONAL, parse_uai
from pupitre.data.dossier import Dossier, load_dossier
from pupitre.data.workbook import Workbook, load_workbook, read_workbook
from pupitre.diagnostic.settings import workbook_settings
from pupitre.law import baremes


@pytest.fixture(scope="module")
def path(raw: Path) -> Path:
    """The committed workbook."""
    return raw / "communes" / FICTIONAL / "bourg-exemple.xlsx"


@pytest.fixture(scope="module")
def dossier(seven: Path, path: Path, on: date) -> Dossier:
    """The commune and its workbook."""
    return load_dossier(FICTIONAL, on, seven, path)


@pytest.fixture(scope="module")
def answers(dossier: Dossier) -> Workbook:
    """What the town hall would have answered."""
    assert dossier.workbook is not None
    return dossier.workbook


def test_it_passes_the_checks_of_a_workbook(path: Path, dossier: Dossier, on: date) -> None:
    """No error, nothing left out, and every assumption is accepted."""
    assert dossier.schools is not None
    answers, issues = read_workbook(path, FICTIONAL, dossier.schools, on)

    assert issues == ()
    assert answers.notices == ()
    assert {"prix_affichage", "ceiling_eur_per_year", "tfpb_base_eur"} <= set(
        workbook_settings(answers, baremes.on(on))
    )


def test_its_size_is_that_of_a_small_town(dossier: Dossier) -> None:
    """Six schools, some thirty classes, some seven hundred pupils, one tiny school, one that spans both levels."""
    schools = dossier.schools
    assert schools is not None

    assert schools["level"].value_counts().to_dict() == {"elementaire": 3, "maternelle": 2, "primaire": 1}
    assert (schools["classes"].sum(), schools["pupils"].sum(), schools["pupils"].min()) == (30, 701, 31)
    assert (schools["pupils"] == schools[["pupils_maternelle", "pupils_elementaire", "pupils_ulis"]].sum(axis=1)).all()
    assert 80 <= dossier.ips["ips"].min() < dossier.ips["ips"].max() <= 125


def test_none_of_its_schools_exists(path: Path, dossier: Dossier, root: Path) -> None:
    """Their numbers begin with 000, which is no département; the committed schools have none of them."""
    assert dossier.schools is not None
    book = openpyxl.load_workbook(path, read_only=True)
    cells = [str(value) for page in book for row in page.iter_rows(values_only=True) for value in row if value]
    found = {uai for cell in cells for uai in re.findall(r"\b\d{7}[A-Z]\b", cell)}
    real = (root / "data" / "raw" / "ecoles_rentree2024.csv").read_text(encoding="utf-8")
    book.close()

    assert found == set(dossier.schools["uai"])
    for uai in found:
        assert parse_uai(uai).startswith("000")
        assert uai not in real


def test_its_people_and_firms_are_invented(answers: Workbook) -> None:
    """Each bears « Exemple » in its name, and no address can be written to."""
    contacts = answers.table("contacts")
    named = [*contacts["nom"], *answers.table("services")["prestataire"]]

    assert all("Exemple" in name for name in named)
    assert all(address.endswith("@exemple.invalid") for address in contacts["courriel"].dropna())


def test_it_has_the_faults_of_a_real_one(answers: Workbook) -> None:
    """Gaps, an old stock, what is broken or unused, a school that did not answer, another without network."""
    equipment = answers.table("equipements")
    network = answers.table("reseau").set_index("ecole")
    schools = answers.table("ecoles").set_index("ecole")
    silent = schools.index[schools["inventaire_complet"].isna()]

    assert 35 <= len(equipment) <= 45
    assert set(equipment["etat"]) == {"en_service", "inutilise", "en_panne", "a_remplacer"}
    assert equipment["annee"].isna().any()
    assert (equipment["annee"] <= 2013).any()
    assert len(silent) == 1
    assert not equipment["ecole"].isin(silent).any()
    assert "commune" in set(equipment["ecole"])
    assert (network["ligne"] == "aucune").sum() == 1
    assert network["debit_descendant"].dropna().tolist() == [18, 300, 6]
    assert (network["wifi"] & ~network["wifi_debrayable"]).sum() == 1
    assert (~network["conseil_informe"].dropna()).sum() == 1
    assert answers.table("services")["etp"].sum() == 0.2
    assert len(answers.table("finances")) == 1
    assert set(answers.table("initiatives")["nature"]) >= {"experience", "association", "entreprise"}


def test_it_has_two_waves_of_answers_and_eighteen_months_of_measures(answers: Workbook) -> None:
    """Teachers and pupils were asked twice, parents and heads once; measures go from May 2025 to November 2026."""
    waves = answers.answers.waves.groupby("groupe").size().to_dict()
    days = [*answers.table("indicateurs")["depart_le"].dropna(), *answers.table("mesures")["le"]]

    assert waves == {"enseignants": 2, "eleves": 2, "parents": 1, "directions": 1}
    assert (min(days), max(days)) == (date(2025, 5, 20), date(2026, 11, 10))
    assert len(answers.answers.people) > 500


def test_its_indicator_of_satisfaction_is_what_its_survey_says(answers: Workbook) -> None:
    """4 or 5 out of 5 to E7, of those who answered: 10 of 22 in 2025, 17 of 29 in 2026."""
    people, marks = answers.answers.people, answers.answers.steps["E7"]
    shares = {
        wave: (marks[people["vague"] == wave].pipe(lambda told: told[told > 0]) >= 4).mean()
        for wave in "2025 2026".split()
    }
    indicator = answers.table("indicateurs").set_index("indicateur").loc["Satisfaction des enseignants"]
    measure = answers.table("mesures").set_index("indicateur").loc["Satisfaction des enseignants"]

    assert round(100 * shares["2025"]) == indicator["depart"]
    assert round(100 * shares["2026"]) == measure["valeur"]


def test_it_is_remade_as_it_was(path: Path, seven: Path, answers: Workbook, dossier: Dossier, tmp_path: Path) -> None:
    """`data/make_example.py` gives the same answers, and files beside; two runs give the same bytes."""
    make_example = runpy.run_path(str(path.parents[3] / "make_example.py"))["make_example"]
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        make_example(seven, tmp_path / name / path.name)
    assert dossier.schools is not None
    again = load_workbook(tmp_path / "a" / path.name, FICTIONAL, dossier.schools, dossier.on)
    beside = sorted(one.name for one in path.parent.glob("*.csv"))

    assert (tmp_path / "a" / path.name).read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    assert beside == sorted(one.name for one in (tmp_path / "a").glob("*.csv")) == sorted(answers.answers.files)
    for name in beside:
        assert (tmp_path / "a" / name).read_bytes() == (path.parent / name).read_bytes()
    for key, table in answers.tables.items():
        pd.testing.assert_frame_equal(again.table(key), table)
