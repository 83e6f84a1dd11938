"""The follow-up table of the steering committee, as Excel reads it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from pupitre.run.suivi import NAME, write_follow_up
from pupitre.study import Study, compute_study


@pytest.fixture(scope="module")
def path(study_of: Callable[..., Study], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table of Bourg-Exemple."""
    folder = tmp_path_factory.mktemp("suivi")
    write_follow_up(study_of("00001"), folder)
    return folder / NAME


def test_there_is_a_sheet_for_each_family_that_has_indicators(path: Path) -> None:
    """Then what was planned and done."""
    assert openpyxl.load_workbook(path).sheetnames == [
        "Usages", "Équipements et ressources", "Apports pédagogiques", "Satisfaction des enseignants", "Budget",
        "Calendrier", "Livraisons",
    ]  # fmt: skip


def test_each_indicator_that_was_measured_has_its_chart(path: Path) -> None:
    """Five of seven, each with a description for who cannot see it."""
    names = zipfile.ZipFile(path).namelist()
    drawings = [zipfile.ZipFile(path).read(name).decode() for name in names if "drawings/drawing" in name]

    assert sum(name.startswith("xl/charts/chart") for name in names) == 5
    assert sum(text.count("descr=") for text in drawings) == 5


def test_measures_are_numbers_and_dates(path: Path) -> None:
    """The way planned stands beside what is measured: 46 in May 2025, 58 in November 2026, 100 in 2029."""
    page = openpyxl.load_workbook(path)["Usages"]
    cells = [[cell.value for cell in row[:3]] for row in page.iter_rows()]
    start = next(rank for rank, row in enumerate(cells) if row[0] == "Date")

    assert cells[start + 1] == [datetime(2025, 5, 20), 46, 46]
    assert [row[1] for row in cells[start + 1 : start + 6]] == [46, 50, 50, 54, 58]
    assert cells[start + 6][::2] == [datetime(2029, 9, 28), 100]


def test_all_milestones_are_there(path: Path) -> None:
    """The committee follows those to come as well."""
    page = openpyxl.load_workbook(path)["Calendrier"]

    assert sum(cell.value == "à venir" for row in page.iter_rows() for cell in row) == 11


def test_every_sheet_says_that_the_example_is_invented(path: Path) -> None:
    """So that no page of it is taken for a real commune's."""
    book = openpyxl.load_workbook(path)

    assert all("Exemple fictif" in page["A2"].value for page in book)


def test_it_is_the_same_twice(study_of: Callable[..., Study], path: Path, tmp_path: Path) -> None:
    """Byte for byte."""
    write_follow_up(study_of("00001"), tmp_path)

    assert (tmp_path / NAME).read_bytes() == path.read_bytes()


def test_a_commune_without_indicator_has_no_table(study_of: Callable[..., Study], tmp_path: Path) -> None:
    """No empty file."""
    write_follow_up(study_of("09194"), tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_no_name_of_an_indicator_is_a_formula(study_of: Callable[..., Study], tmp_path: Path) -> None:
    """A title that begins with = would be a reference to another file."""
    study = study_of("00001")
    evaluation = study.evaluation
    assert evaluation is not None
    named = replace(evaluation.progress[0], indicateur="='\\\\evil.example\\s\\[a.xlsx]S'!$A$1")
    trapped = compute_study(study.dossier, study.law, study.assumptions)
    trapped.__dict__["evaluation"] = replace(evaluation, progress=(named, *evaluation.progress[1:]))
    write_follow_up(trapped, tmp_path)
    book = zipfile.ZipFile(tmp_path / NAME)
    charts = [book.read(name).decode() for name in book.namelist() if "charts/chart" in name]

    assert not [formula for text in charts for formula in re.findall(r"<c:f>(.*?)</c:f>", text) if "evil" in formula]
    assert not [name for name in book.namelist() if "externalLink" in name]


def test_amounts_are_grouped_by_thousands_whatever_their_size(path: Path) -> None:
    """Excel's own separator, which it writes as the reader's language does: 1 234 567 €, not 1234 567 €."""
    page = openpyxl.load_workbook(path)["Budget"]

    assert {cell.number_format for row in page.iter_rows() for cell in row if cell.value == 14000} == {'#,##0 "€"'}
