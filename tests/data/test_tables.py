from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from pupitre.data import resource
from pupitre.data.tables import RawTable, read_table, read_text
from pupitre.errors import RawDataError

COLUMNS = ("code_insee", "pupils")


def table(folder: Path, content: bytes, name: str = "table.csv") -> RawTable:
    """The table read from these bytes."""
    path = folder / name
    path.write_bytes(content)
    return read_table(path, COLUMNS)


@pytest.mark.parametrize(
    "content",
    [
        "Code commune;Nombre total d'élèves\n01004;12\n",
        "\ufeffcode_commune;nombre_total_d_eleves\r\n01004;12\r\n",
        "pupils,CODE COMMUNE,autre\n12,01004,x\n",
        'code_insee,pupils\n"01004"," 12 "',
    ],
)
def test_spellings_separators_marks_and_line_ends(tmp_path: Path, content: str) -> None:
    """Labels or technical names, `;` or `,`, BOM, CRLF, quotes: the same row; the code keeps its zero."""
    read = table(tmp_path, content.encode())

    assert read.column("code_insee").tolist() == ["01004"]
    assert read.column("pupils").tolist() == [12]


def test_gzip_is_read_and_a_truncated_one_refused(tmp_path: Path) -> None:
    """A `.gz` cut short is one French message."""
    content = gzip.compress(b"code_insee,pupils\n01004,12\n")

    assert len(table(tmp_path, content, "t.csv.gz").frame) == 1
    with pytest.raises(RawDataError, match=r"t\.csv\.gz : .*tronqué"):
        table(tmp_path, content[:-9], "t.csv.gz")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("code_insee;pupils\n01004;12\n0100", "ligne 3 : valeurs lues : 1, attendues : 2"),
        ("code_insee;pupils\n01004;12;9\n", "ligne 2 : valeurs lues : 3, attendues : 2"),
        ('code_insee,pupils\n01004,"12\n', "ligne 2 : guillemets"),
        ("", "vide"),
        ("code_insee;pupils\n", "vide"),
    ],
)
def test_truncated_files(tmp_path: Path, content: str, message: str) -> None:
    """A line of another length, an open quote, nothing: the file and the line are named."""
    with pytest.raises(RawDataError, match=rf"table\.csv.*{message}"):
        table(tmp_path, content.encode())


def test_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    """Latin-1 is not guessed."""
    with pytest.raises(RawDataError, match=r"ligne 2 : .*UTF-8"):
        table(tmp_path, "code_insee;pupils\né;1\n".encode("latin-1"))


def test_an_absent_column_is_named_with_its_spellings(tmp_path: Path) -> None:
    """The message tells what was sought, under which names, and what was read."""
    with pytest.raises(RawDataError) as caught:
        table(tmp_path, b"code_insee;eleves\n01004;12\n")

    for word in ("« pupils »", "« Nombre total d'élèves »", "eleves"):
        assert word in str(caught.value)


@pytest.mark.parametrize("value", ["-3", "3001", "12a", "12.5", "1e9", "inf", "nan"])
def test_absurd_counts_name_file_line_column_and_value(tmp_path: Path, value: str) -> None:
    """The header is quoted as the file spells it; the line is that of the file, past a quoted line break."""
    content = f'Code commune;Nombre total d\'élèves;x\n01004;12;"a\nb"\n01004;{value};c\n'

    with pytest.raises(RawDataError, match=rf"table\.csv, ligne 4, colonne « Nombre total d'élèves » : « {value} »"):
        table(tmp_path, content.encode()).column("pupils")


def test_decimal_comma_and_missing_values(tmp_path: Path) -> None:
    """« 45,5 » is 45.5; an empty cell is unknown, never zero."""
    read = table(tmp_path, b"code_insee;pupils\n01004;45,5\n01004;\n01004;s\n")

    values = read.number("pupils", 0, 100, ["", "s"], whole=False)

    assert values.iloc[0] == 45.5
    assert values.isna().tolist() == [False, True, True]


@pytest.mark.parametrize("code", ["1004", "010041", "", "2C001"])
def test_codes_are_never_repaired(tmp_path: Path, code: str) -> None:
    """A code that lost its zero is refused: padding it would be a guess."""
    with pytest.raises(RawDataError, match=f"ligne 3, colonne « Code commune » : « {code} »"):
        table(tmp_path, f"Code commune;pupils\n01004;1\n{code};1\n".encode()).column("code_insee")


def test_a_file_too_large_once_decompressed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes may hold gigabytes: reading stops at the limit, whatever the file weighs on disk."""
    monkeypatch.setattr("pupitre.data.tables.MOST_BYTES", 1000)
    bomb = tmp_path / "communes_cog2026.csv.gz"
    bomb.write_bytes(gzip.compress(b"0" * 1_000_000))

    with pytest.raises(RawDataError, match="dépasse"):
        read_text(bomb)


def test_a_control_character_is_refused_with_its_line(tmp_path: Path) -> None:
    """It would break a chart, a page or a terminal."""
    with pytest.raises(RawDataError, match="ligne 2 : caractère de contrôle"):
        table(tmp_path, b"code_insee,pupils\n01004,1\x012\n")


def test_every_column_is_read_in_a_known_way() -> None:
    """A mistake in `headers.toml` is seen here; what has a bound is a number."""
    told = resource("headers")

    for name, column in told["column"].items():
        assert column.get("read", "text") in {"text", "count", "number", *told["read"]}, name
        assert ("high" in column) == (column.get("read") in ("count", "number")), name


@pytest.mark.parametrize("uai", ["{}", "{x}", '"0350210\nN"'])
def test_a_strange_text_is_repeated_as_it_is(tmp_path: Path, uai: str) -> None:
    """Braces and line breaks break no message."""
    path = tmp_path / "t.csv"
    path.write_text(f"uai;pupils\n{uai};1\n", encoding="utf-8")

    with pytest.raises(RawDataError, match="un UAI a sept chiffres") as caught:
        read_table(path, ("uai",)).column("uai")

    assert uai.strip('"') in str(caught.value)
