from __future__ import annotations

import datetime as dt
import io
import os
import re
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pupitre.data import resource
from pupitre.data.dossier import Dossier, load_dossier
from pupitre.data.sheets import schema, sheets
from pupitre.data.workbook import Workbook, load_workbook, read_workbook, workbook_code
from pupitre.data.workbook_writer import build_workbook
from pupitre.errors import WorkbookError

ON = dt.date(2026, 11, 22)
TYPES, FIRST = "[Content_Types].xml", "xl/worksheets/sheet4.xml"
EXAMPLES = 500 if os.environ.get("HYPOTHESIS_PROFILE") == "stress" else 40
Parts = dict[str, bytes]


@pytest.fixture(scope="module")
def mirepoix(store: Path) -> Dossier:
    """Three schools."""
    return load_dossier("09194", ON, store)


@pytest.fixture(scope="module")
def sent(mirepoix: Dossier, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of the workbook as it is sent."""
    path = tmp_path_factory.mktemp("workbook") / "sent.xlsx"
    build_workbook(mirepoix, [{"nom": "loan_rate", "sens": "Taux"}], ON, path)
    return path.read_bytes()


@pytest.fixture
def refusal(mirepoix: Dossier, tmp_path: Path) -> Callable[..., str]:
    """The message that a file gets, whether its code or its answers are asked for."""

    def _refusal(content: bytes, name: str = "rempli.xlsx") -> str:
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(WorkbookError) as coded:
            workbook_code(path)
        with pytest.raises(WorkbookError) as loaded:
            load_workbook(path, "09194", schools(mirepoix), ON)
        assert str(coded.value) == str(loaded.value)
        assert str(loaded.value).startswith(f"{name} : ")
        assert loaded.value.issues == ()
        return str(loaded.value)

    return _refusal


def schools(dossier: Dossier) -> pd.DataFrame:
    """Those of the dossier."""
    assert dossier.schools is not None
    return dossier.schools


def parts_of(content: bytes) -> Parts:
    """The parts of an archive, by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return out.getvalue()


def with_part(content: bytes, name: str, data: bytes) -> bytes:
    """The same archive with one part more, or another one in its place."""
    return archive(parts_of(content) | {name: data})


def edited(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The same archive, one part edited."""
    part = parts_of(content)[name]
    assert old in part
    return with_part(content, name, part.replace(old, new, 1))


REFUSED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda sent: b"", "n'est pas un classeur Excel"),
    "a table": (lambda sent: "Nom;Nombre\nÉcole;3\n".encode(), "n'est pas un classeur Excel"),
    "an old workbook, or a locked one": (lambda sent: b"\xd0\xcf\x11\xe0" + b"\0" * 600, "ancien classeur (.xls), ou"),
    "OpenDocument": (
        lambda sent: archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"}),
        "OpenDocument (.ods)",
    ),
    "any other archive": (lambda sent: archive({"notes.txt": b"rien"}), "illisible"),
    "macros": (lambda sent: with_part(sent, "xl/vbaProject.bin", b"\0"), "macros"),
    "macros under another name": (
        lambda sent: edited(sent, TYPES, b"</Types>", b'<Override PartName="/xl/a.bin" '
                            b'ContentType="application/vnd.ms-office.vbaProject"/></Types>'), "macros"),
    "the type of a workbook with macros": (
        lambda sent: edited(sent, TYPES, b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                            b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"), ".xlsm"),
    "Excel 4 macros": (lambda sent: with_part(sent, "xl/macrosheets/sheet1.xml", b"<a/>"), "Excel 4"),
    "links to other files": (
        lambda sent: with_part(sent, "xl/externalLinks/externalLink1.xml", b"<a/>"), "lié à d'autres fichiers"),
    "a document type": (
        lambda sent: edited(sent, FIRST, b"<worksheet", b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><worksheet'),
        "définition d'entités"),
    "a billion laughs": (
        lambda sent: edited(sent, FIRST, b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet'), "entités"),
    "entities in UTF-16": (
        lambda sent: with_part(sent, FIRST, '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16")), "entités"),
    "many megabytes": (lambda sent: with_part(sent, "xl/media/a.png", os.urandom(10_100_000)), "dépasse 10 Mo"),
    "megabytes once unpacked": (lambda sent: with_part(sent, "xl/media/a.png", b"\0" * 61_000_000), "décompressé"),
    "a million cells": (
        lambda sent: edited(sent, FIRST, b"<sheetData>", b"<sheetData>" + b'<row r="90"/>' * 1_000_000), "décompressé"),
    "a text without end": (
        lambda sent: edited(sent, FIRST, b"</sheetData>", b'<row r="9"><c r="A9" t="str"><v>' + b"(1 " * 10**6
                            + b"</v></c></row></sheetData>"), "décompressé"),
    "a thousand parts": (lambda sent: archive(parts_of(sent) | {f"a{k}": b"" for k in range(1000)}), "décompressé"),
    "another way to pack": (lambda sent: archive(parts_of(sent), zipfile.ZIP_BZIP2), "illisible"),
    "a row far below": (
        lambda sent: edited(sent, FIRST, b"</sheetData>", b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>'
                            b"</sheetData>"), "feuille Équipements : 1048576 lignes"),
    "merges without number": (
        lambda sent: edited(sent, FIRST, b"</sheetData>", b"</sheetData><mergeCells>"
                            + b'<mergeCell ref="A1:XFD1048576"/>' * 501 + b"</mergeCells>"), "501 fusions"),
    "half a file": (lambda sent: sent[: len(sent) // 2], "illisible"),
    "a part that is not XML": (lambda sent: with_part(sent, FIRST, b"<worksheet"), "illisible"),
    "a text that does not exist": (
        lambda sent: edited(sent, FIRST, b"</sheetData>", b'<row r="90"><c r="A90" t="s"><v>99999</v></c></row>'
                            b"</sheetData>"), "illisible"),
    "two sheets of one name": (
        lambda sent: edited(sent, "xl/workbook.xml", b'name="Usages"', 'name="réseau"'.encode()),
        "deux feuilles portent le même nom"),
    "no sheet of ours": (lambda sent: plain_book(), "ne donne pas le code INSEE"),
}  # fmt: skip


def plain_book() -> bytes:
    """Any workbook."""
    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"] = "bonjour"
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(("make", "words"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_trusted_is_refused_whole(
    make: Callable[[bytes], bytes], words: str, sent: bytes, refusal: Callable[..., str]
) -> None:
    """One line that names the file and says what to do; nothing of it is run, nothing unpacked without a limit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = make(sent)
    message = refusal(content)

    assert words in message
    assert message.count("\n") == 0


def test_an_encrypted_part_and_a_part_twice(sent: bytes, refusal: Callable[..., str]) -> None:
    """The flag of the archive's own encryption; the ambiguity that hides one part behind another."""
    marked = bytearray(sent)
    for found in re.finditer(rb"PK\x01\x02", sent):
        marked[found.start() + 8] |= 1
    twice = io.BytesIO(sent)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(twice, "a") as packed:
        packed.writestr(FIRST, b"<worksheet/>")

    assert "mot de passe" in refusal(bytes(marked))
    assert "illisible" in refusal(twice.getvalue())


def test_a_size_that_lies_does_not_fill_the_memory(sent: bytes, refusal: Callable[..., str]) -> None:
    """A part that says it is small and is not."""
    content = bytearray(with_part(sent, "xl/media/a.png", b"\0" * 50_000_000))
    size = (50_000_000).to_bytes(4, "little")
    while (place := content.find(size)) >= 0:
        content[place : place + 4] = (10).to_bytes(4, "little")

    assert "illisible" in refusal(bytes(content))


def test_a_path_that_is_no_file(tmp_path: Path, sent: bytes, mirepoix: Dossier) -> None:
    """Absent, a folder: said with the path. A link to a file is a file."""
    (tmp_path / "vrai.xlsx").write_bytes(sent)
    (tmp_path / "lien.xlsx").symlink_to(tmp_path / "vrai.xlsx")

    with pytest.raises(WorkbookError, match="n'existe pas"):
        workbook_code(tmp_path / "absent.xlsx")
    with pytest.raises(WorkbookError, match="dossier"):
        workbook_code(tmp_path)
    assert load_workbook(tmp_path / "lien.xlsx", "09194", schools(mirepoix), ON).file == "lien.xlsx"


def test_a_merge_of_a_whole_sheet_and_styles_to_the_last_row(sent: bytes, mirepoix: Dossier, tmp_path: Path) -> None:
    """Neither is expanded: the file is read as fast as another."""
    path = tmp_path / "rempli.xlsx"
    content = edited(sent, FIRST, b"</sheetData>", b'<row r="1048576" s="1" ht="20"><c r="XFD1048576" s="1"/></row>'
                     b'</sheetData><mergeCells><mergeCell ref="J1:XFD1048576"/></mergeCells>')  # fmt: skip
    path.write_bytes(content)

    assert load_workbook(path, "09194", schools(mirepoix), ON).table("equipements").empty


HOSTILE = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30),
    st.sampled_from(["=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@A1", "1.234", "1,5", "30 %", "NaN", "inf", "1e400",
                     "²", "١٢", "12/2026", "31/02/2026", "2026-02-30", "#REF!", "#N/A", "oui", "?", "commune",
                     "École (0090312R)", "\u202e", "\x85", "0" * 400, "<b>&amp;</b>", "_x0001_"]),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.booleans(),
    st.none(),
    st.dates(dt.date(1900, 3, 1), dt.date(9999, 12, 31)),
    st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(9999, 12, 31)),
    st.times(),
    st.timedeltas(dt.timedelta(0), dt.timedelta(days=9999)),
)  # fmt: skip
CHANGES = st.lists(
    st.tuples(st.sampled_from([one.title for one in sheets()]), st.integers(1, 12), st.integers(1, 12), HOSTILE,
              st.sampled_from(["General", "@", "0%", "dd/mm/yyyy", "[h]:mm", '0 "€"'])),
    max_size=25,
)  # fmt: skip
MERGES = st.lists(
    st.tuples(st.sampled_from([one.title for one in sheets()]), st.sampled_from(["A5:A7", "B5:C5", "A4:A6", "A1:H12"])),
    max_size=2,
)


def changed(sent: bytes, changes: list[Any], merges: list[Any], path: Path) -> None:
    """Write the workbook with other values in some of its cells."""
    book = openpyxl.load_workbook(io.BytesIO(sent))
    for title, row, column, value, shown in changes:
        cell = book[title].cell(row, column)
        cell.value, cell.number_format = value, shown
    for title, span in merges:
        book[title].merge_cells(span)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book.save(path)


def check_outcome(path: Path, dossier: Dossier) -> Workbook | None:
    """A workbook whose tables hold, or a refusal with real cells; anything else fails."""
    try:
        workbook, issues = read_workbook(path, "09194", schools(dossier), ON)
    except WorkbookError:
        return None
    for issue in issues:
        assert issue.sheet in [one.title for one in sheets()]
        assert re.fullmatch(r"[A-Z]+\d+(:[A-Z]+\d+)?", issue.cell)
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", str(issue))
    if issues:
        return None
    for one in sheets()[1:]:
        table = workbook.table(one.key)
        schema(one, ON).validate(table)
        for column in one.columns:
            if column.kind in ("school", "place"):
                assert set(table[column.key].dropna()) <= {"commune", *schools(dossier)["uai"]}
    return workbook


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(changes=CHANGES, merges=MERGES)
def test_no_cell_makes_it_fail_or_lets_nonsense_in(
    changes: list[Any], merges: list[Any], sent: bytes, mirepoix: Dossier, tmp_path: Path
) -> None:
    """Any value anywhere: tables that hold, or issues with their cells."""
    path = tmp_path / "rempli.xlsx"
    try:
        changed(sent, changes, merges, path)
    except (ValueError, OverflowError, AttributeError, openpyxl.utils.exceptions.IllegalCharacterError):
        assume(False)  # openpyxl itself does not write it
    check_outcome(path, mirepoix)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_makes_it_fail(data: st.DataObject, sent: bytes, mirepoix: Dossier, tmp_path: Path) -> None:
    """Bytes changed or cut, in the archive or in one of its parts."""
    path, parts = tmp_path / "rempli.xlsx", parts_of(sent)
    name = data.draw(st.sampled_from(["", *sorted(parts)]), "part")
    content = bytearray(parts[name] if name else sent)
    for place, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=6)
    ):
        content[place] = byte
    content = content[: data.draw(st.sampled_from([len(content)] * 3 + [len(content) // 2, 1]), "kept")]
    path.write_bytes(with_part(sent, name, bytes(content)) if name else bytes(content))
    check_outcome(path, mirepoix)


def test_what_is_never_read(sent: bytes, mirepoix: Dossier, tmp_path: Path) -> None:
    """Pictures, comments, properties, drawings, printer settings: even damaged, they change nothing."""
    path = tmp_path / "rempli.xlsx"
    path.write_bytes(archive(parts_of(sent) | {"docProps/core.xml": b"<", "xl/media/image1.png": b"?",
                                               "xl/drawings/drawing1.xml": b"<"}))  # fmt: skip

    assert load_workbook(path, "09194", schools(mirepoix), ON).notices == ()


def test_a_thousand_sheets_are_refused_before_they_are_opened(sent: bytes, refusal: Callable[..., str]) -> None:
    """Each name costs: 3 000 of them took 18 s."""
    sheets = b'<sheet name="x" sheetId="99" r:id="rId1"/>' * 1000
    parts = parts_of(sent)
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"<sheets>", b"<sheets>" + sheets)

    assert resource("workbook")["refused"]["bomb"] in refusal(archive(parts))


def test_the_name_in_a_merged_cell_of_contacts_is_not_repeated(sent: bytes, mirepoix: Dossier, tmp_path: Path) -> None:
    """Neither by the personal column itself, nor by a merge that covers it."""
    book = openpyxl.load_workbook(io.BytesIO(sent))
    book["Contacts et rôles"]["C5"] = "Camille Exemple"
    book["Contacts et rôles"].merge_cells("C5:C6")
    book.save(tmp_path / "c.xlsx")

    with pytest.raises(WorkbookError) as error:
        load_workbook(tmp_path / "c.xlsx", "09194", schools(mirepoix), mirepoix.on)
    assert "C5:C6" in str(error.value)
    assert "Camille" not in str(error.value)
