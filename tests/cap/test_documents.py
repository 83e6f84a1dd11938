from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import docx
import pytest
from docx.document import Document as Docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX
from docx.oxml.ns import qn
from docx.shared import Cm
from docx.text.paragraph import Paragraph
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pupitre.cap.documents import HAND_HEIGHT, PLAIN, SHORT, as_text, write_document

ON = date(2026, 11, 22)
LINES = [
    "Un début, **fort** : [[À compléter : la date]].",
    "# Un titre",
    "## Un sous-titre",
    "Ceci annonce\u00a0:",
    "- un point",
    "- un autre, [[…]]",
    "| Qui | Montant | Visa",
    "| **Mairie** | 12\u00a0€ |",
    "| Écoles | | vu",
    "Une fin.",
]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where a document is written."""
    return tmp_path / "document.docx"


def written(lines: Sequence[str], out: Path, title: str = "Un plan\nBourg & <Ville>") -> Docx:
    """The document of some lines, as another program reads it."""
    write_document(title, lines, ON, out)
    return docx.Document(str(out))


def highlighted(paragraph: Paragraph) -> list[str]:
    """The fields of a paragraph."""
    return [run.text for run in paragraph.runs if run.font.highlight_color == WD_COLOR_INDEX.YELLOW]


def flags(document: Docx, name: str, table: int = 0) -> list[bool]:
    """For each row of a table, whether it has a property."""
    return [row._tr.find(f".//{qn(name)}") is not None for row in document.tables[table].rows]


def test_the_first_signs_of_a_line_say_what_it_is(out: Path) -> None:
    """Real styles, so that Word and LibreOffice make an outline; none of the signs is printed."""
    told = [(one.style.name, one.text) for one in written(LINES, out).paragraphs if one.style]

    assert told == [
        ("Title", "Un plan\nBourg & <Ville>"),
        ("Normal", "Un début, fort : [À compléter : la date]."),
        ("Heading 1", "Un titre"),
        ("Heading 2", "Un sous-titre"),
        ("Normal", "Ceci annonce\u00a0:"),
        ("List Bullet", "un point"),
        ("List Bullet", "un autre, […]"),
        ("Normal", "Une fin."),
    ]


def test_fields_are_seen_in_colour_and_in_black_and_white(out: Path) -> None:
    """Highlighted, brackets and all; what stands around is not, and strong words are bold alone."""
    paragraphs = written(LINES, out).paragraphs

    assert [highlighted(one) for one in paragraphs if highlighted(one)] == [["[À compléter : la date]"], ["[…]"]]
    assert [run.text for run in paragraphs[1].runs if run.bold] == ["fort"]


def test_rows_make_a_table_whose_header_is_repeated(out: Path) -> None:
    """One table; no row is cut; amounts to the right, under their header; the whole width, no more."""
    document = written([*LINES[:6], *LINES[6:9:2], LINES[7], "Fin."], out)
    [table] = document.tables
    centred = [cell.paragraphs[0].alignment for cell in table.rows[0].cells]

    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Qui", "Montant", "Visa"], ["Écoles", "", "vu"], ["Mairie", "12\u00a0€", ""],
    ]  # fmt: skip
    assert all(run.bold for cell in table.rows[0].cells for run in cell.paragraphs[0].runs)
    assert flags(document, "w:tblHeader") == [True, False, False]
    assert flags(document, "w:cantSplit") == [True, True, True]
    assert centred == [None, WD_ALIGN_PARAGRAPH.RIGHT, None]
    assert sum(column.width or 0 for column in table.columns) == pytest.approx(Cm(21 - 2 * 2.2), abs=1000)
    assert [cell.width for cell in table.rows[1].cells] == [column.width for column in table.columns]


def test_two_tables_are_two_when_a_line_stands_between(out: Path) -> None:
    """Rows that follow each other make one."""
    rows = ["| a | b", "| c | d"]

    assert len(written([*rows, *rows], out).tables) == 1
    assert len(written([*rows, "Puis :", *rows], out).tables) == 2


def test_a_row_to_fill_in_by_hand_is_tall(out: Path) -> None:
    """An empty cell asks for a pen; others take the height of their words."""
    [table] = written(["| Nom | Signature", "| Maire |", "| Parents | absents"], out).tables

    assert [row.height for row in table.rows] == [None, pytest.approx(HAND_HEIGHT, abs=1000), None]


def test_a_column_has_room_for_its_longest_word_and_long_texts_take_the_rest(out: Path) -> None:
    """« Fonctionnement » in bold takes 2,6 cm at 9,5 points, « A » 0,2 cm; the long column is the widest."""
    rows = ["| Fonctionnement | A | Pourquoi", f"| 1 | 2 | {'des mots et encore des mots ' * 6}"]
    first, second, third = [column.width or 0 for column in written(rows, out).tables[0].columns]

    assert first > Cm(2.6)
    assert Cm(0.6) < second < first < third


def test_what_announces_stays_with_what_follows(out: Path) -> None:
    """Headings by their style; a line that ends with a colon; the header and its first row."""
    document = written(LINES, out)
    kept = {one.text: bool(one.paragraph_format.keep_with_next) for one in document.paragraphs}

    assert [text for text, is_kept in kept.items() if is_kept] == ["Ceci annonce\u00a0:"]
    assert all(document.styles[f"Heading {level}"].paragraph_format.keep_with_next for level in (1, 2))


@pytest.mark.parametrize(
    ("last", "rows", "whole"),
    [("vu", SHORT, True), ("vu", SHORT + 1, False), ("", SHORT + 1, True)],
    ids=["short", "long", "to-sign"],
)
def test_a_short_table_or_one_to_sign_holds_on_one_page(last: str, rows: int, whole: bool, out: Path) -> None:
    """Each row is kept with the next, but the last; in a long table, only the header and the last row but one are."""
    [table] = written(["| Qui | Visa"] + [f"| x | {last}"] * (rows - 1), out).tables
    kept = [bool(row.cells[0].paragraphs[0].paragraph_format.keep_with_next) for row in table.rows]

    assert kept == [True, *[whole] * (rows - 3), True, False]


def test_the_page_is_a4_in_french_and_says_where_it_is(out: Path) -> None:
    """21 × 29,7 cm, margins of 2,2 cm; at the foot, the title, the page and how many there are."""
    document = written(LINES, out)
    section = document.sections[0]
    foot = section.footer.paragraphs[0]
    margins = [section.left_margin, section.right_margin, section.top_margin, section.bottom_margin]

    assert (section.page_width, section.page_height) == pytest.approx((Cm(21), Cm(29.7)), abs=1000)
    assert margins == pytest.approx([Cm(2.2)] * 4, abs=1000)
    assert foot.text == "Un plan\u00a0: Bourg & <Ville>\t / "
    assert [field.get(qn("w:instr")) for field in foot._p.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    assert {tongue.get(qn("w:val")) for tongue in document.styles.element.iter(qn("w:lang"))} == {"fr-FR"}


def test_a_document_has_a_title_and_a_date_and_no_author(out: Path) -> None:
    """Neither a person, nor the library, nor the machine."""
    properties = written(LINES, out).core_properties
    with ZipFile(out) as parts:
        whole = b"".join(parts.read(name) for name in parts.namelist()).lower()

    assert properties.title == "Un plan\u00a0: Bourg & <Ville>"
    assert {properties.created.replace(tzinfo=None), properties.modified.replace(tzinfo=None)} == {
        datetime(2026, 11, 22)
    }
    assert properties.author == properties.last_modified_by == properties.comments == ""
    assert b"python-docx" not in whole


def test_same_lines_same_bytes_at_any_time(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No part bears the time of the day; another date is another document."""
    written(LINES, out)
    first = out.read_bytes()
    monkeypatch.setattr("time.time", lambda: 2e9)
    written(LINES, out)

    assert out.read_bytes() == first
    with ZipFile(out) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        for part in parts.namelist():
            if part.endswith(".xml"):
                ElementTree.fromstring(parts.read(part))  # noqa: S314 (we wrote it)
    write_document("Un plan", LINES, date(2026, 11, 23), out)
    assert out.read_bytes() != first


HOSTILE = st.text(
    st.one_of(
        st.sampled_from("#-*|[] :€&<>\"'"),
        st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters=f"{PLAIN}\ufffe\uffff"),
    ),
    min_size=1,
    max_size=30,
).filter(lambda text: text == " ".join(text.split()))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@example(text="# Titre").via("a heading")
@example(text="- [[À compléter : x]] **y**").via("an item, a field, strong words")
@example(text="| a | b |").via("a row")
@example(text="***gras*** [[[x]]] ---").via("signs three by three")
@example(text="<w:p>&amp;").via("markup")
@given(text=HOSTILE)
def test_a_text_of_a_workbook_stays_text_wherever_it_stands(text: str, out: Path) -> None:
    """As a paragraph, after a sign, among strong words, in a cell: printed whole, and nothing of it is structure."""
    safe = as_text(text)
    document = written([safe, f"- {safe}", f"**{safe}** fin", "| A | B", f"| {safe} | b"], out, title=f"T {safe}")
    title, plain, item, strong = document.paragraphs
    [table] = document.tables

    assert [one.style.name for one in document.paragraphs if one.style] == ["Title", "Normal", "List Bullet", "Normal"]
    assert (title.text, plain.text, item.text, strong.text) == (f"T {text}", text, text, f"{text} fin")
    assert [cell.text for cell in table.rows[1].cells] == [text, "b"]
    assert "".join(run.text for run in strong.runs if run.bold) == text
    assert not [field for one in document.paragraphs for field in highlighted(one)]
