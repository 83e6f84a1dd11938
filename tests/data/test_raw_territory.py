from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pupitre.data import raw as territory
from pupitre.data.sources import kind_of
from pupitre.errors import RawDataError

Write = Callable[[str, str], Path]
COMMUNES = json.loads(Path(__file__).with_name("samples").joinpath("communes.json").read_text(encoding="utf-8"))


def test_communes_of_all_types_are_kept(write: Write) -> None:
    """A commune déléguée with the code of its commune nouvelle stands beside it; former codes are joined by `|`."""
    read = territory.read_communes_json(write("communes.json", json.dumps(COMMUNES)))

    assert read["code_insee"].tolist().count("35062") == 2
    assert read.loc[read["nom"] == "La Chapelle-Fleurigné", "anciens_codes"].tolist() == ["35112"]
    assert read.loc[read["code_insee"] == "13201", "parent"].tolist() == ["13055"]
    assert read["population"].isna().sum() == 4


def test_json_with_a_byte_order_mark(write: Write) -> None:
    """Some tools add one."""
    assert len(territory.read_communes_json(write("communes.json", "\ufeff" + json.dumps(COMMUNES)))) == 9


def test_truncated_json_names_its_line(write: Write) -> None:
    """A list cut in the middle."""
    text = "[\n" + ",\n".join(map(json.dumps, COMMUNES))

    with pytest.raises(RawDataError, match=r"communes\.json, ligne 10 : JSON tronqué"):
        territory.read_communes_json(write("communes.json", text))


def test_json_without_a_required_field(write: Write) -> None:
    """The object and the field are named."""
    with pytest.raises(RawDataError, match="objet 2 : il manque le champ « type »"):
        territory.read_communes_json(
            write("c.json", json.dumps([COMMUNES[0], {"code": "01004", "nom": "A", "departement": "01"}]))
        )


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({"code": 9194}, "code"),
        ({"code": "9194"}, "code"),
        ({"nom": None}, "nom"),
        ({"nom": "A\u0001"}, "nom"),
        ({"type": "ville"}, "type"),
        ({"population": "abc"}, "population"),
        ({"population": -5}, "population"),
        ({"anciensCodes": None}, "anciensCodes"),
    ],
)
def test_json_of_a_wrong_shape_names_its_field(record: dict[str, object], field: str, write: Write) -> None:
    """A code as a number, a name that is no text, a population below zero: nothing is guessed."""
    with pytest.raises(RawDataError, match=f"objet 1 : champ « {field} » illisible"):
        territory.read_communes_json(write("c.json", json.dumps([COMMUNES[0] | record])))


@pytest.mark.parametrize("text", ["[]", "null", "5", "[1]", "[" * 100_000])
def test_json_that_is_no_list_of_objects_is_refused(text: str, write: Write) -> None:
    """However deep it nests."""
    with pytest.raises(RawDataError, match=r"c\.json"):
        territory.read_communes_json(write("c.json", text))


def test_epci_gives_each_member_its_grouping(write: Write) -> None:
    """One row per commune."""
    group = {"code": "200044469", "nom": "CC du Pays de Mirepoix", "type": "CC", "membres": [{"code": "09194"}]}

    read = territory.read_epci(write("epci.json", json.dumps([group])))

    assert read.iloc[0].tolist() == ["09194", "200044469", "CC du Pays de Mirepoix", "CC"]


def test_filosofi_year_decimal_comma_and_secrecy(write: Write) -> None:
    """The suffix gives the year; `s` is a secret, `nd` is not available; neither is a number."""
    text = "CODGEO;NBMENFISC19;MED19\n01004;346;25820,5\n09194;s;s\n35140;nd;nd\n"

    read = territory.read_filosofi(write("cc_filosofi_2019_COM.csv", text))

    assert set(read["year"]) == {2019}
    assert read["median_eur"].iloc[0] == 25820.5
    assert read["median_eur"].isna().tolist() == [False, True, True]
    assert read["status"].tolist() == ["", "secret statistique", "non disponible"]


def test_filosofi_without_median(write: Write) -> None:
    """The column sought is named with an example."""
    with pytest.raises(RawDataError, match="MED21"):
        territory.read_filosofi(write("f.csv", "CODGEO;NBMENFISC21\n01004;3\n"))


@pytest.mark.parametrize("value", ["-1", "0", "300000", "beaucoup"])
def test_filosofi_bad_median(write: Write, value: str) -> None:
    """A median is a plausible number of euros."""
    with pytest.raises(RawDataError, match=f"ligne 2, colonne « MED21 » : « {value} »"):
        territory.read_filosofi(write("f.csv", f"CODGEO;NBMENFISC21;MED21\n01004;3;{value}\n"))


FIBRE = "code_insee,period,premises,connectable,share,copper_status,copper_closing"


def test_fibre(write: Write) -> None:
    """An empty status is unknown (None), not an empty text."""
    read = territory.read_fibre(write("f.csv", f"{FIBRE}\n35140,2026-T2,359,9,0.0251,,\n"))

    assert read["share"].tolist() == [0.0251]
    assert read["copper_status"].isna().all()


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("35140,2026-T2,359,9,1.2,,", "share"),
        ("35140,2026-T2,359,9,-0.1,,", "share"),
        ("35140,2026-T2,359,360,1,,", "connectable"),
        ("35140,juin 2026,359,9,0.02,,", "period"),
    ],
)
def test_fibre_bad_rows(write: Write, row: str, column: str) -> None:
    """A rate lies between 0 and 1; no more premises reached than there are."""
    with pytest.raises(RawDataError, match=f"ligne 2, colonne « {column} »"):
        territory.read_fibre(write("f.csv", f"{FIBRE}\n{row}\n"))


def test_populations(write: Write) -> None:
    """PMUN by commune, `;`, CRLF."""
    text = "REG;COM;Commune;PMUN;PCAP;PTOT\r\n84;01004;A;15934;1;2\r\n"
    path = write("insee_populations_communes_cog2024.csv", text)
    kind = kind_of(path)

    assert kind
    read = kind.frame(path)

    assert read.iloc[0].tolist() == ["01004", 15934]
