from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pupitre.data.assemble import schema
from pupitre.data.store import BuildReport, build_store, connect
from pupitre.errors import RawDataError, UsageError

Write = Callable[[str, str], Path]
Rows = list[tuple[object, ...]]


def rows(store: Path, query: str) -> Rows:
    """The rows of a query on a store."""
    with closing(connect(store)) as connection:
        return connection.execute(query).fetchall()


def build(raw: Path) -> tuple[Path, BuildReport]:
    """The store of a folder, beside it."""
    store = raw.parent / "out" / "pupitre.sqlite"
    return store, build_store(raw, store)


def test_schools_are_found_in_the_communes_of_today(country: Path) -> None:
    """A former code leads to its commune nouvelle, an arrondissement to the whole commune."""
    store, _ = build(country)

    assert rows(store, "SELECT uai, code_insee FROM schools ORDER BY uai") == [
        ("0130419K", "13055"),
        ("0350210N", "35062"),
        ("0351658M", "35140"),
    ]


def test_enrolments_join_by_uai_and_never_by_their_postcode(country: Path) -> None:
    """35133 is a postcode of the file: the school is in 35062, as the annuaire says."""
    store, report = build(country)

    assert rows(
        store, "SELECT code_insee, rentree, pupils FROM enrolments WHERE uai = '0350210N' ORDER BY rentree"
    ) == [
        ("35062", 2021, 38),
        ("35062", 2022, 36),
    ]
    assert report.warnings == ()


def test_a_closed_school_is_lost_in_the_join_and_counted(country: Path, write: Write) -> None:
    """No annuaire any more: two rows, one school, public, are said to be left out."""
    path = country / "effectifs_nb_classes.csv"
    closed = [f"{year};X;0350577M;PUBLIC;1;20;0;20;0;35134\n" for year in (2021, 2022)]
    write(path.name, path.read_text(encoding="utf-8") + "".join(closed))

    store, report = build(country)

    assert rows(store, "SELECT count(*) FROM enrolments") == [(4,)]
    [warning] = report.warnings
    assert "effectifs_nb_classes.csv" in warning
    assert "1 (dont publiques : 1 ; lignes : 2)" in warning


def test_an_unknown_commune_code_is_said(country: Path, write: Write) -> None:
    """A school in a commune of no list is left out, and its code given."""
    path = country / "annuaire_education.csv"
    write(path.name, path.read_text(encoding="utf-8").replace("35140", "35141"))

    _, report = build(country)

    assert "Écoles : lignes écartées, au code commune inconnu : 1 (35141)." in report.warnings


def test_annuaire_covers_whole_departements_and_a_tidy_table_its_communes(country: Path, raw: Path) -> None:
    """Absence means something only where the file would have said it."""
    (country / "ecoles_rentree2024.csv").write_bytes((raw / "ecoles_rentree2024.csv").read_bytes())

    store, _ = build(country)

    assert rows(store, "SELECT zone FROM coverage WHERE source LIKE 'annuaire%'") == [("13",), ("35",)]
    assert rows(store, "SELECT zone FROM coverage WHERE source LIKE 'ecoles%'") == [("09194",)]


def test_covers_of_the_sidecar_wins(country: Path, write: Write) -> None:
    """An extract of the annuaire says that it is one."""
    annuaire = (country / "annuaire_education.csv").read_bytes()
    fields = "".join(f'{name} = "x"\n' for name in ("title", "publisher", "url", "vintage", "licence"))
    fields += 'accessed_on = "2026-11-22"\n'
    digest = hashlib.sha256(annuaire).hexdigest()
    write("annuaire_education.csv.source.toml", f'{fields}sha256 = "{digest}"\ncovers = "communes"\n')

    store, _ = build(country)

    assert rows(store, "SELECT zone FROM coverage ORDER BY zone") == [("13055",), ("35062",), ("35140",)]


def test_filosofi_counts_whole_communes_once(country: Path, write: Write) -> None:
    """The arrondissement and Marseille are both in the file: only Marseille enters."""
    write("cc_filosofi_2021_COM.csv", "CODGEO;NBMENFISC21;MED21\n13055;9;20600\n13201;1;16530\n09194;3;20190\n")

    store, _ = build(country)

    assert rows(store, "SELECT code_insee, median_eur FROM niveau_vie") == [("09194", 20190.0), ("13055", 20600.0)]


def test_fibre_counts_whole_communes_once(country: Path, write: Write) -> None:
    """The fibre of an arrondissement is already in that of Marseille."""
    header = "code_insee,period,premises,connectable,share,copper_status,copper_closing"
    write("fibre_2026T2.csv", f"{header}\n13055,2026-T2,100,90,0.9,,\n13201,2026-T2,10,5,0.5,,\n")

    store, _ = build(country)

    assert rows(store, "SELECT code_insee, premises FROM fibre") == [("13055", 100)]


def test_a_former_commune_apart_makes_the_figure_unknown(country: Path, write: Write) -> None:
    """35062 stood for La Chapelle-Janson alone: its figure is not that of La Chapelle-Fleurigné."""
    write("cc_filosofi_2021_COM.csv", "CODGEO;NBMENFISC21;MED21\n35062;9;21000\n35112;1;22000\n35140;3;20190\n")

    store, _ = build(country)

    assert rows(store, "SELECT code_insee FROM niveau_vie") == [("35140",)]
    [(code, text)] = rows(store, "SELECT code_insee, text FROM caveats")
    assert code == "35062"
    assert "2021" in str(text)


def test_ips_of_an_arrondissement_and_of_an_unlisted_school(country: Path, write: Write) -> None:
    """The annuaire says where a school is; without it, the file does, in today's codes."""
    header = "rentree_scolaire;uai;code_insee_de_la_commune;secteur;ips"
    lines = [
        "2022-2023;0350210N;35140;public;100",
        "2022-2023;0131217C;13201;public;90",
        "2022-2023;0130420L;35112;public;NS",
    ]
    write("ips_ecoles.csv", "\n".join([header, *lines]))

    store, _ = build(country)

    assert rows(store, "SELECT uai, code_insee, ips FROM ips ORDER BY uai") == [
        ("0130420L", "35062", None),
        ("0131217C", "13055", 90.0),
        ("0350210N", "35062", 100.0),
    ]


def test_populations_fill_only_what_is_missing(country: Path, write: Write) -> None:
    """A population already known keeps its value and vintage."""
    write("donnees_communes_cog2024.csv", "COM;PMUN\n09194;1\n13055;870000\n")

    store, _ = build(country)

    query = "SELECT population, population_vintage FROM communes WHERE code_insee IN ('09194', '13055') ORDER BY 1"
    assert rows(store, query) == [(3172, ""), (870000, "COG 2024")]


def test_groupings_reach_communes_of_today_only(country: Path, write: Write) -> None:
    """The commune déléguée that bears the same code gets none."""
    write("epci.json", '[{"code": "200072452", "nom": "CA F", "type": "CA", "membres": [{"code": "35062"}]}]')

    store, _ = build(country)

    query = "SELECT type, epci_nom FROM communes WHERE code_insee = '35062' ORDER BY type"
    assert rows(store, query) == [("commune-actuelle", "CA F"), ("commune-deleguee", "")]


def test_the_first_file_wins(country: Path, write: Write) -> None:
    """Refreshed enrolments replace those of the same school and rentrée, and leave the others."""
    (country / "refreshed").mkdir()
    header, *_ = (country / "effectifs_nb_classes.csv").read_text(encoding="utf-8").splitlines()
    fresh = country / "refreshed" / "effectifs_nb_classes_new.csv"
    fresh.write_text(f"{header}\n2022;X;0350210N;PUBLIC;2;41;20;21;0;35133\n", encoding="utf-8")

    store, _ = build(country)

    assert rows(store, "SELECT rentree, pupils FROM enrolments WHERE uai = '0350210N' ORDER BY 1") == [
        (2021, 38),
        (2022, 41),
    ]


def test_a_school_of_two_files_is_one_school(country: Path) -> None:
    """Département 35 and its region overlap: each UAI once, as the refreshed file says."""
    (country / "refreshed").mkdir()
    header, school, *_ = (country / "annuaire_education.csv").read_text(encoding="utf-8").splitlines()
    fresh = country / "refreshed" / "annuaire_education_new.csv"
    fresh.write_text(f"{header}\n{school.replace('publique A', 'publique Neuve')}\n", encoding="utf-8")

    store, _ = build(country)

    assert rows(store, "SELECT nom FROM schools WHERE code_insee = '35062'") == [("École primaire publique Neuve",)]


def test_the_same_files_give_the_same_content(country: Path) -> None:
    """Two builds dump the same SQL, into two folders."""
    dumps = []
    for name in ("a", "b"):
        build_store(country, country.parent / name / "s.sqlite")
        with closing(connect(country.parent / name / "s.sqlite")) as connection:
            dumps.append(list(connection.iterdump()))

    assert dumps[0] == dumps[1]


def test_a_failed_build_leaves_the_former_store(country: Path, write: Write) -> None:
    """Nothing half written: the store is what it was, and nothing lies beside it."""
    store, _ = build(country)
    before = store.read_bytes()
    write("effectifs_nb_classes.csv", "truncated")

    with pytest.raises(RawDataError):
        build_store(country, store)

    assert store.read_bytes() == before
    assert list(store.parent.iterdir()) == [store]


def test_an_interrupted_write_leaves_the_former_store(country: Path) -> None:
    """The same when it stops in the middle of the tables."""
    store, _ = build(country)
    before = store.read_bytes()

    def stop(label: str, done: int, total: int) -> None:
        if label == "ips":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_store(country, store, stop)

    assert store.read_bytes() == before
    assert list(store.parent.iterdir()) == [store]


def test_a_list_of_a_few_communes_completes_the_whole_one(country: Path, raw: Path, write: Write) -> None:
    """It replaces nothing, and its commune keeps its own grouping and vintage; alone, it is no list."""
    for path in raw.glob("communes_cog2026_exemple.csv*"):
        write(path.name, path.read_text(encoding="utf-8"))

    store, report = build(country)

    query = "SELECT epci_nom, population_vintage, source FROM communes WHERE code_insee = '00001'"
    assert rows(store, query) == [("CC de l'Exemple", "exemple fictif", "communes_cog2026_exemple.csv")]
    assert report.counts["communes"] == 9 + 1

    (country / "communes.json").unlink()
    with pytest.raises(RawDataError, match="Aucune liste de communes"):
        build(country)


def test_what_is_invented_counts_in_no_summary(country: Path, write: Write) -> None:
    """Ninety départements make a national file: the fictional commune is in the store, and not in its deciles."""
    codes = ["00001", *(f"{k:02}001" for k in range(1, 91))]
    communes = [{"code": code, "nom": code, "type": "commune-actuelle", "departement": code[:2]} for code in codes]
    write("communes.json", json.dumps(communes))
    write("cc_filosofi_2021_COM.csv", "\n".join(["CODGEO;NBMENFISC21;MED21", *(f"{code};9;20000" for code in codes)]))

    store, _ = build(country)

    assert rows(store, "SELECT count(*) FROM niveau_vie") == [(91,)]
    assert rows(store, "SELECT n FROM niveau_vie_reference WHERE zone = 'FR'") == [(90,)]
    assert rows(store, "SELECT n FROM niveau_vie_reference WHERE zone = '00'") == []


def test_without_a_list_of_communes(country: Path) -> None:
    """The one file that cannot be missing."""
    (country / "communes.json").unlink()

    with pytest.raises(RawDataError, match="Aucune liste de communes"):
        build(country)


def test_report_and_progress(country: Path, write: Write) -> None:
    """Rows by table, files of no known kind, steps that go to the end."""
    write("notes.txt", "?")
    steps: list[tuple[str, int, int]] = []
    store = country.parent / "s.sqlite"

    report = build_store(country, store, lambda *step: steps.append(step))

    assert report.ignored == ("notes.txt",)
    assert (report.counts["schools"], report.counts["communes"]) == (3, 9)
    assert [done for _, done, _ in steps] == list(range(len(steps)))
    assert steps[-1][1:] == (len(schema()) + 3, len(schema()) + 3)


def test_connect_is_read_only(seven: Path) -> None:
    """Nobody writes in the store but `build`."""
    with closing(connect(seven)) as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM communes")


@pytest.mark.parametrize("content", [None, b"", b"not a database, surely" * 100])
def test_connect_says_to_build(tmp_path: Path, content: bytes | None) -> None:
    """Missing, empty or another file: the command to run is named."""
    path = tmp_path / "s.sqlite"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(UsageError, match="pupitre build"):
        connect(path)


def test_each_question_uses_an_index(seven: Path) -> None:
    """No full scan for one commune."""
    with closing(connect(seven)) as connection:
        for table in ("communes", "schools", "ips", "niveau_vie", "fibre", "caveats"):
            plan = connection.execute(f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE code_insee = '09194'")  # noqa: S608
            assert "USING INDEX" in plan.fetchone()[-1], table
