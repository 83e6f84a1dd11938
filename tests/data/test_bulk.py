"""The publishers' files as issued (département 35, all of France for the rest); skipped when they are not here."""

from __future__ import annotations

import runpy
from contextlib import closing
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from pupitre.data.communes import list_communes
from pupitre.data.dossier import load_dossier
from pupitre.data.raw import read_annuaire
from pupitre.data.store import connect
from pupitre.errors import UnknownCommune

ON = date(2026, 11, 22)


def scalar(store: Path, query: str) -> object:
    """The one value of a query."""
    with closing(connect(store)) as connection:
        return connection.execute(query).fetchone()[0]


def test_every_school_of_the_departement_joins(bulk: Path) -> None:
    """675 of 675 at the 2022 rentrée, by UAI."""
    assert scalar(bulk, "SELECT count(*) FROM schools") == 675
    assert scalar(bulk, "SELECT count(*) FROM enrolments WHERE rentree = 2022") == 675


def test_communes_of_the_departement(bulk: Path, shared: Path) -> None:
    """294 codes are published with pupils and classes; 35112 and 35062 are one commune today.

    So 293 of the 332 communes of 2026 have a school, and 39 have none (as 39 of the 333 of 2023 had none).
    """
    published = read_annuaire(shared / "bulk" / "annuaire_education_dept35_2023.csv")
    with closing(connect(bulk)) as connection:
        communes = list_communes(connection)
        counted = connection.execute(
            "SELECT DISTINCT code_insee FROM enrolments WHERE rentree = 2022 AND pupils > 0 AND classes > 0"
        ).fetchall()

    assert published["code_insee"].nunique() == 294
    assert len(communes) == 332
    assert len(counted) == 293
    assert int((communes["schools"] == 0).sum()) == 39


def test_schools_of_the_former_commune_are_in_the_new_one(bulk: Path) -> None:
    """35112 → 35062: no school keeps a former code, and the former code says where to go."""
    dossier = load_dossier("35062", ON, bulk)

    assert dossier.schools is not None
    assert len(dossier.schools) >= 2
    assert scalar(bulk, "SELECT count(*) FROM schools WHERE code_insee = '35112'") == 0
    with pytest.raises(UnknownCommune, match="35062 La Chapelle-Fleurigné"):
        load_dossier("35112", ON, bulk)


def test_an_rpi_spans_several_communes(bulk: Path) -> None:
    """RPI 035008: La Couyère, Lalleu, Thourie."""
    with closing(connect(bulk)) as connection:
        found = connection.execute("SELECT code_insee FROM schools WHERE rpi = '035008' ORDER BY 1").fetchall()

    assert found == [("35089",), ("35140",), ("35335",)]
    assert scalar(bulk, "SELECT count(DISTINCT rpi) FROM schools") == 29


def test_marseille_is_whole(bulk: Path) -> None:
    """The IPS of its arrondissements are in 13055, its niveau de vie once."""
    dossier = load_dossier("13055", ON, bulk)

    assert dossier.schools is None
    assert len(dossier.ips) > 200
    assert dossier.niveau_vie is not None
    assert dossier.niveau_vie.median_eur == 20600
    assert scalar(bulk, "SELECT count(*) FROM niveau_vie WHERE code_insee LIKE '132__'") == 0
    assert scalar(bulk, "SELECT count(*) FROM ips WHERE code_insee LIKE '132__' OR code_insee LIKE '751__'") == 0


def test_no_row_is_lost_for_its_code(bulk: Path) -> None:
    """All 30 059 IPS find a commune of today; 31 259 medians published, 3 593 secret, without the arrondissements."""
    assert scalar(bulk, "SELECT count(*) FROM ips") == 30059
    assert scalar(bulk, "SELECT n FROM niveau_vie_reference WHERE zone = 'FR'") == 31304 - 45
    assert scalar(bulk, "SELECT n_secret FROM niveau_vie_reference WHERE zone = 'FR'") == 3593


@pytest.mark.parametrize("table", ["ips_reference", "niveau_vie_reference"])
def test_committed_summaries_are_those_of_the_publishers_files(seven: Path, bulk: Path, table: str) -> None:
    """Read from `data/raw` or computed: the same figures."""
    frames = []
    for store in (seven, bulk):
        with closing(connect(store)) as connection:
            frames.append(pd.read_sql_query(f"SELECT * FROM {table}", connection).drop(columns="source"))  # noqa: S608

    pd.testing.assert_frame_equal(*frames)


def test_make_raw_reproduces_the_committed_bytes(shared: Path, raw: Path, tmp_path: Path) -> None:
    """`data/raw` is remade byte for byte, sidecars included, but for what is written by hand: README and example."""
    runpy.run_path(str(raw.parent / "make_raw.py"))["make_raw"](shared, tmp_path)

    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    by_hand = [raw / "README.md", *raw.glob("*_exemple.csv*")]
    committed = {path.name: path.read_bytes() for path in raw.iterdir() if path.is_file() and path not in by_hand}
    assert sorted(made) == sorted(committed)
    assert [name for name in made if made[name] != committed[name]] == []
