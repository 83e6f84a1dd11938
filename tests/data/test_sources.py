from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from pupitre.data.assemble import schema
from pupitre.data.codes import FICTIONAL
from pupitre.data.sources import SIDECAR_SUFFIX, digest, kind_of, kinds, list_raw_files, load_raw_file
from pupitre.errors import RawDataError

Write = Callable[[str, str], Path]
FIELDS = ("title", "publisher", "url", "vintage", "accessed_on", "licence", "sha256")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("communes_cog2026.json", "communes_json"),
        ("communes.json", "communes_json"),
        ("communes_cog2026.csv.gz", "communes"),
        ("epci_2026.json", "epci"),
        ("donnees_communes.csv", "populations"),
        ("insee_populations_communes_cog2024.csv", "populations"),
        ("fr-en-annuaire-education.csv", "annuaire"),
        ("annuaire_education_dept35_2023.csv", "annuaire"),
        ("fr-en-ecoles-effectifs-nb_classes.csv", "effectifs"),
        ("effectifs_nb_classes_dept35_2019-2022.csv", "effectifs"),
        ("ecoles_rentree2024.csv", "ecoles"),
        ("fr-en-ips_ecoles.csv", "ips"),
        ("fr-en-ips-ecoles-ap2022.csv", "ips_ap_2022"),
        ("ips_ecoles_ap2022_2022-2023.csv", "ips_ap_2022"),
        ("ips_ecoles.csv", "ips"),
        ("ips_resume_2022.csv", "ips_resume"),
        ("cc_filosofi_2021_COM.csv", "filosofi"),
        ("niveau_vie_2021.csv", "niveau_vie"),
        ("niveau_vie_resume_2021.csv", "niveau_vie_resume"),
        ("fibre_2026T2.csv", "fibre"),
        ("projets_numeriques_2018_2019.csv", "projets_numeriques"),
        ("communes_cog2026_exemple.csv", "communes"),
        ("ecoles_rentree2024_exemple.csv", "ecoles"),
        ("ips_ecoles_exemple.csv", "ips"),
        ("niveau_vie_2021_exemple.csv", "niveau_vie"),
        ("fibre_2026T2_exemple.csv", "fibre"),
        ("cc_filosofi_2021_IRIS.csv", None),
        ("snee_controles.csv", None),
    ],
)
def test_kind_of(name: str, key: str | None) -> None:
    """Publishers' names, and ours, lead to one kind each."""
    kind = kind_of(Path(name))

    assert (kind.key if kind else None) == key


def test_each_kind_has_its_reader_its_tables_and_its_origin() -> None:
    """A mistake in `kinds.toml` is seen here; keys are unique, and what a kind feeds is a table or completes one."""
    assert len({kind.key for kind in kinds()}) == len(kinds())
    for kind in kinds():
        assert kind.columns if kind.read is None else kind.read.__name__.startswith("read_")
        assert set(kind.tables) <= {*schema(), "epci", "populations"}
        assert kind.url.startswith("https://")


def test_every_committed_file_has_its_sidecar(raw: Path) -> None:
    """Title, publisher, url, vintage, date, licence and the sha256 of the file; no path of a machine."""
    files = [path for path in raw.iterdir() if path.is_file() and path.suffix in (".csv", ".gz")]

    assert len(files) == 13
    for path in files:
        sidecar = tomllib.loads(path.with_name(path.name + SIDECAR_SUFFIX).read_text(encoding="utf-8"))
        assert set(FIELDS) <= set(sidecar)
        assert all(sidecar[field] for field in FIELDS)
        assert sidecar["sha256"] == digest(path)
        assert sidecar["url"].startswith("https://")


def test_what_is_invented_says_so(raw: Path) -> None:
    """Each file of the fictional commune, in its title and its licence; it lists that commune alone."""
    invented = [path for path in raw.iterdir() if path.is_file() and "exemple" in path.name and path.suffix == ".csv"]

    assert len(invented) == 5
    for path in invented:
        source = tomllib.loads(path.with_name(path.name + SIDECAR_SUFFIX).read_text(encoding="utf-8"))
        assert source["title"].startswith("Exemple fictif")
        assert (source["publisher"], source["licence"]) == ("Pupitre", "Licence MIT, données inventées")
        assert {line.split(",")[0] for line in path.read_text(encoding="utf-8").splitlines()[1:]} == {FICTIONAL}
    for path in set(raw.glob("*.csv")) - set(invented):
        assert f"\n{FICTIONAL}," not in path.read_text(encoding="utf-8")


def sidecar(sha256: str, *fields: str) -> str:
    """A sidecar with this digest, its other fields filled."""
    texts = dict.fromkeys(FIELDS, "x") | {"accessed_on": "2026-11-22"}
    lines = [f'{field} = "{texts[field]}"' for field in fields or FIELDS if field != "sha256"]
    return "\n".join([*lines, f'sha256 = "{sha256}"'])


def load(path: Path) -> object:
    """The file, by the kind of its name."""
    kind = kind_of(path)
    assert kind
    return load_raw_file(path, kind)


def test_an_altered_file_is_refused(write: Write) -> None:
    """One byte less than when the sidecar was written."""
    path = write("fibre_2026T2.csv", "a,b\n1,2\n")
    write(f"fibre_2026T2.csv{SIDECAR_SUFFIX}", sidecar(digest(path)))
    assert load(path)

    write("fibre_2026T2.csv", "a,b\n1,2")
    with pytest.raises(RawDataError, match=r"fibre_2026T2\.csv a été modifié ou tronqué"):
        load(path)


@pytest.mark.parametrize(
    ("text", "message"), [(sidecar("0", "title"), "il manque « publisher »"), ("title = ", "illisible")]
)
def test_a_bad_sidecar_is_named(write: Write, text: str, message: str) -> None:
    """A sidecar is whole or it is an error."""
    path = write("fibre_2026T2.csv", "a,b\n")
    write(f"fibre_2026T2.csv{SIDECAR_SUFFIX}", text)

    with pytest.raises(RawDataError, match=message):
        load(path)


def test_a_file_without_sidecar_has_its_publisher(write: Write) -> None:
    """The registry knows who issues it; when it was fetched nobody knows."""
    path = write("cc_filosofi_2021_COM.csv", "CODGEO\n")
    kind = kind_of(path)
    assert kind

    source = load_raw_file(path, kind).source

    assert (source.name, source.publisher, source.accessed_on) == ("cc_filosofi_2021_COM", "INSEE", "")
    assert source.sha256 == digest(path)


def test_listing_ignores_what_it_must_and_says_the_rest(country: Path, write: Write) -> None:
    """README, sidecars, hidden files and folders are not data; a file of no known kind is reported."""
    write("notes.txt", "?")
    write(f"communes.json{SIDECAR_SUFFIX}", "")
    write(".hidden", "")
    (country / "communes").mkdir()

    known, ignored = list_raw_files(country)

    assert [path.name for path, _ in known] == ["communes.json", "annuaire_education.csv", "effectifs_nb_classes.csv"]
    assert ignored == ["notes.txt"]


def test_refreshed_files_hide_those_of_the_same_name(country: Path) -> None:
    """What `pupitre refresh` brought is preferred."""
    (country / "refreshed").mkdir()
    fresh = country / "refreshed" / "communes.json"
    fresh.write_text("[]", encoding="utf-8")

    known, _ = list_raw_files(country)

    assert [path for path, kind in known if kind.key == "communes_json"] == [fresh]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """`--raw` mistyped."""
    with pytest.raises(RawDataError, match=r"n'existe pas.*--raw"):
        list_raw_files(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "line",
    [
        'covers = "xyz"',
        "covers = 3",
        "caveats = 3",
        'caveats = ["x"]',
        '[[caveats]]\ncode_insee = "09194"',
        '[[caveats]]\ncode_insee = 9194\ntext = "x"',
        f'[[caveats]]\ncode_insee = "09194"\ntext = "{"x" * 1000}"',
        '[[caveats]]\ncode_insee = "09194"\ntext = "\\u001b[31m"',
    ],
)
def test_a_sidecar_of_a_wrong_shape_is_refused(line: str, tmp_path: Path) -> None:
    """`covers` decides whether a commune has no school; a caveat is printed: neither is guessed."""
    path = tmp_path / "niveau_vie_2021.csv"
    path.write_text("x")
    path.with_name(path.name + SIDECAR_SUFFIX).write_text(sidecar(digest(path)) + "\n" + line, encoding="utf-8")

    with pytest.raises(RawDataError, match=r"source\.toml"):
        load(path)


def test_an_empty_sidecar_is_no_sidecar(tmp_path: Path) -> None:
    """It would let an altered file pass."""
    path = tmp_path / "niveau_vie_2021.csv"
    path.write_text("x")
    path.with_name(path.name + SIDECAR_SUFFIX).write_text("")

    with pytest.raises(RawDataError, match="il manque « title »"):
        load(path)
