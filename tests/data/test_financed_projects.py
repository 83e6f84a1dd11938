"""The projects of the DETR and DSIL lists, from the committed file to the dossier."""

from __future__ import annotations

import csv
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from pupitre.data import resource
from pupitre.data.dossier import load_dossier
from pupitre.data.raw import read_financed_projects
from pupitre.data.sources import Source, kind_of
from pupitre.data.store import build_store, connect
from pupitre.errors import RawDataError

Write = Callable[[str, str], Path]
Build = Callable[..., pd.DataFrame]
ON = date(2026, 11, 22)
NAME = "projets_numeriques_2018_2019.csv"
HEADER = "annee,id_projet,code_benef,beneficiaire,id_dep,dotation,echelon,description,cout,subvention"
ROW = "2019,p1,01004,A,01,DETR,commune,x,1000,300"


@pytest.fixture(scope="module")
def projects(seven: Path) -> pd.DataFrame:
    """Those of the committed file, as any dossier holds them."""
    return load_dossier("09194", ON, seven).financed_projects


@pytest.fixture
def built(country: Path, write: Write) -> Build:
    """The projects of a dossier of the invented country, from these lines."""

    def _build(*lines: str, on: date = ON) -> pd.DataFrame:
        write(NAME, "\n".join([HEADER, *lines]))
        store = country.parent / "s.sqlite"
        build_store(country, store)
        return load_dossier("01004", on, store).financed_projects

    return _build


def test_the_committed_file_is_read_whole(raw: Path) -> None:
    """746 projects, each once, by the kind of its name."""
    kind = kind_of(raw / NAME)
    assert kind

    read = kind.frame(raw / NAME)

    assert len(read) == 746
    assert read["project"].is_unique
    assert read["year"].value_counts().to_dict() == {2018: 413, 2019: 333}
    assert read["grant"].value_counts().to_dict() == {"DETR": 684, "DSIL": 62}


def test_the_totals_of_the_committed_file(projects: pd.DataFrame) -> None:
    """101 of 746 are carried by an EPCI or a syndicat, two have no cost; sums computed apart, from the texts."""
    assert len(projects) == 746
    assert (projects["carrier"] == "groupement").sum() == 101
    assert projects["population"].isna().sum() == 101
    assert projects["cost_eur"].isna().sum() == projects["rate"].isna().sum() == 2
    assert projects["subsidy_eur"].sum() == pytest.approx(6_323_640.34, abs=0.01)
    assert projects["cost_eur"].sum() == pytest.approx(14_738_146.08, abs=0.01)
    assert projects["rate"].dropna().between(0.06, 0.801).all()


def test_codes_stay_texts(projects: pd.DataFrame) -> None:
    """01258 keeps its zero; Corsica is 2A and 2B, though the list of 2018 writes 20A and 20B."""
    communes = projects[projects["carrier"] == "commune"]

    assert "01258" in set(projects["code"])
    assert projects["departement"].isin(["2A", "2B"]).sum() == 15
    assert not projects["departement"].str.startswith("20").any()
    assert (communes["code"].str[:2] == communes["departement"]).all()


def test_the_committed_texts_are_harmless(raw: Path) -> None:
    """No line break, no doubled space, nothing that a spreadsheet would compute."""
    with (raw / NAME).open(encoding="utf-8", newline="") as file:
        texts = [value for row in csv.reader(file) for value in row]

    assert all(value == " ".join(value.split()) for value in texts)
    assert not [value for value in texts if value.startswith(("=", "+", "-", "@"))]


def test_every_dossier_has_them_and_cites_them(seven: Path, projects: pd.DataFrame) -> None:
    """They are national; the source says what the lists do not: HT or TTC."""
    dossier = load_dossier("85113", ON, seven)
    [source] = [source for source in dossier.sources if source.file == NAME]

    pd.testing.assert_frame_equal(dossier.financed_projects, projects)
    assert isinstance(source, Source)
    assert "HT ou TTC non précisé" in source.title
    assert (source.vintage, source.licence) == ("2018 et 2019", "Licence Ouverte 2.0")


def test_a_commune_has_its_population_and_its_rate(built: Build) -> None:
    """The subsidy over the cost of the same project; a grouping has no population."""
    found = built(ROW, "2019,p2,200000172,B,74,DSIL,epci,x,2000.5,1000").to_dict("records")

    assert [(row["code"], row["carrier"], row["grant"], row["rate"]) for row in found] == [
        ("01004", "commune", "DETR", 0.3),
        ("200000172", "groupement", "DSIL", 1000 / 2000.5),
    ]
    assert found[0]["population"] == 15934
    assert pd.isna(found[1]["population"])


@pytest.mark.parametrize(
    ("code", "today", "population"), [("35112", "35062", 2451), ("35140", "35140", 550), ("35998", "35998", None)]
)
def test_a_former_commune_is_in_the_new_one(built: Build, code: str, today: str, population: int | None) -> None:
    """35112 → 35062, with the population of today; a code of no list stays, without a population."""
    row = built(ROW.replace("01004", code).replace(",01,", ",35,")).iloc[0]

    assert row["code"] == today
    assert (None if pd.isna(row["population"]) else row["population"]) == population


@pytest.mark.parametrize(
    ("level", "carrier"),
    [
        ("Commune", "commune"),
        ("commune", "commune"),
        ("EPCI", "groupement"),
        ("epci", "groupement"),
        ("Syndicat", "groupement"),
    ],
)
def test_each_spelling_of_a_carrier(write: Write, level: str, carrier: str) -> None:
    """The two years do not write them alike."""
    read = read_financed_projects(write(NAME, f"{HEADER}\n{ROW.replace('commune', level)}"))

    assert read["carrier"].tolist() == [carrier]


def test_a_cost_that_is_not_published_is_unknown(built: Build) -> None:
    """The project stays, its rate is NA: never 0."""
    row = built(ROW.replace(",1000,", ",,")).iloc[0]

    assert pd.isna(row["cost_eur"])
    assert pd.isna(row["rate"])
    assert row["subsidy_eur"] == 300


def test_a_project_counts_once(built: Build) -> None:
    """The same identifier twice is one project, the first."""
    assert built(ROW, ROW.replace("300", "400"))["subsidy_eur"].tolist() == [300]


@pytest.mark.parametrize(
    ("before", "after", "column"),
    [
        (",300", ",1000.01", "subvention"),
        (",300", ",0", "subvention"),
        (",300", ",", "subvention"),
        (",300", ",=1+1", "subvention"),
        (",1000,", ",0,", "cout"),
        (",1000,", ",-5,", "cout"),
        (",1000,", ",nan,", "cout"),
        (",01004,", ",1004,", "code_benef"),
        (",01004,", ",=01004,", "code_benef"),
        (",01004,", ",200000172,", "code_benef"),
        (",01,", ",1,", "id_dep"),
        (",01,", ",20C,", "id_dep"),
        ("DETR", "FNADT", "dotation"),
        (",commune,", ",région,", "echelon"),
        ("2019,", "19,", "annee"),
        (",p1,", ",,", "id_projet"),
        (",p1,", ",<b>,", "id_projet"),
    ],
)
def test_a_hostile_row_is_refused_with_its_place(write: Write, before: str, after: str, column: str) -> None:
    """A rate lies in ]0, 1], a code keeps its zero, a commune has a code INSEE: else the line and the column."""
    assert before in ROW
    path = write(NAME, f"{HEADER}\n{ROW}\n{ROW.replace(before, after)}\n")

    with pytest.raises(RawDataError, match=f"{NAME}, ligne 3, colonne « {column} »"):
        read_financed_projects(path)


def test_a_control_character_is_refused(write: Write) -> None:
    """Even in a text that is not kept."""
    with pytest.raises(RawDataError, match="ligne 2 : caractère de contrôle"):
        read_financed_projects(write(NAME, f"{HEADER}\n{ROW.replace(',x,', chr(27) + ',')}"))


def test_lists_of_later_years_are_not_known_yet(built: Build) -> None:
    """In 2018 the list of 2019 is not; neither year in 2017."""
    lines = (ROW, ROW.replace("2019,p1", "2018,p2"))

    assert built(*lines, on=date(2018, 12, 31))["year"].tolist() == [2018]
    assert built(*lines, on=date(2017, 12, 31)).empty


def test_without_the_file_there_is_none(country: Path) -> None:
    """An empty frame of the same columns and types, and no source."""
    store = country.parent / "s.sqlite"
    build_store(country, store)

    dossier = load_dossier("01004", ON, store)

    assert dossier.financed_projects.empty
    types = resource("queries")["financed_projects"]["types"]
    assert {name: str(kind) for name, kind in dossier.financed_projects.dtypes.items()} == types
    assert NAME not in {source.file for source in dossier.sources}


def test_they_are_read_by_an_index(seven: Path) -> None:
    """In order, without sorting."""
    query = resource("queries")["financed_projects"]["sql"]
    with closing(connect(seven)) as connection:
        plan = [row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", {"year": 2026})]

    assert len(plan) == 1
    assert "USING INDEX" in plan[0]
