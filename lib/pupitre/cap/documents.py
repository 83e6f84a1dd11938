"""A document to edit, in .docx, from lines whose first signs say what they are.

`# ` and `## ` are headings, `- ` an item, `| ` a row (cells between « | » with a space on each side; the first row of a
table is its header), anything else a paragraph. `**…**` is strong, `[[…]]` a field to fill in.
Belongs: what a line is, and how it looks on paper. Does not: any wording (`study/texts/documents.j2`), any figure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as Docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Length, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

STYLES = {"# ": "Heading 1", "## ": "Heading 2", "- ": "List Bullet"}
ROW, CELL, AMOUNT = "| ", "Tableau", "€"
PAPER_WIDTH, PAPER_HEIGHT, MARGIN = Cm(21), Cm(29.7), Cm(2.2)
WIDTH = Length(PAPER_WIDTH - 2 * MARGIN)
FONT, INK, TINT = "Arial", RGBColor(0x0B, 0x4F, 0x8A), "E4E7ED"  # Arial has the same widths in Word and LibreOffice
LOOKS = {  # of a style: size, space before and after, in points
    "Normal": (10.5, 6, 3), "Title": (20, 0, 10), "Heading 1": (14, 14, 4), "Heading 2": (11.5, 10, 3),
    "Footer": (8.5, 0, 0), CELL: (9.5, 2, 2),
}  # fmt: skip
LINE = 1.1
LETTER, PADDING = Cm(0.175), Cm(0.6)  # of a cell: a letter on average, the margins
HAND, HAND_HEIGHT = 16, Cm(1.3)  # letters that hold in a cell to fill in by hand, and its height
SHORT = 7  # rows: a table that short is never cut between two pages, nor one to fill in by hand
WORD = "15"  # the mode of Word since 2013: an older one says « mode de compatibilité » and shifts tables to the left
PLAIN = "\u2060"  # around a sign: it is text
SIGNS = re.compile(r"[-#*|\[\]]")


def as_text(text: str) -> str:
    """A text of a data file as a line may hold it: none of its signs is read as one of ours, and all are printed.

    >>> as_text("# a | [b]").replace(PLAIN, "_")
    '_#_ a _|_ _[_b_]_'
    """
    return SIGNS.sub(rf"{PLAIN}\g<0>{PLAIN}", text)


def write_document(title: str, lines: Sequence[str], on: date, out: Path) -> None:
    """Write a title and lines as an A4 document in French, dated `on`, without an author: same lines, same bytes."""
    document, short_title = Document(), title.replace(PLAIN, "").replace("\n", "\u00a0: ")
    _set_styles(document)
    _set_page(document, short_title)
    _set_properties(document, short_title, on)
    _write(document.add_paragraph(style="Title"), title)
    for are_rows, block in groupby(lines, lambda line: line.startswith(ROW)):
        if are_rows:
            _add_table(document, [[cell.strip(" ") for cell in re.split(r" \|(?= |$)", line[1:])] for line in block])
        else:
            for line in block:
                _add_paragraph(document, line)
    _save(document, out)


def _add_paragraph(document: Docx, line: str) -> None:
    """A heading, an item or a paragraph; what announces a list or a table stays with it."""
    sign = next((sign for sign in STYLES if line.startswith(sign)), "")
    paragraph = document.add_paragraph()
    if sign:
        _set_style(paragraph, STYLES[sign])
    _write(paragraph, line.removeprefix(sign))
    if line.endswith(":"):
        paragraph.paragraph_format.keep_with_next = True


def _set_style(paragraph: Paragraph, name: str) -> None:
    """By its identifier, its name without spaces: the library reads all styles again to set one by its name."""
    paragraph._p.style = name.replace(" ", "")


def _write(paragraph: Paragraph, text: str) -> None:
    """Words, strong words, and fields, whose brackets stay so that they are seen in black and white too."""
    for part in filter(None, re.split(r"(\*\*.+?\*\*|\[\[.+?\]\])", text)):
        strong, field = part.startswith("**"), part.startswith("[[")
        words = part[2:-2] if strong else part[1:-1] if field else part
        run = paragraph.add_run(words.replace(PLAIN, ""))
        run.bold = strong or None
        run.font.highlight_color = WD_COLOR_INDEX.YELLOW if field else None


def _add_table(document: Docx, rows: Sequence[Sequence[str]]) -> None:
    """A table on the whole width, its header repeated on each page, no row cut between two.

    A row with an empty cell is tall, to be filled in by hand.
    """
    table, widths = document.add_table(0, len(rows[0]), "Table Grid"), _widths(rows)
    whole = len(rows) <= SHORT or not all(map(all, rows))
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for texts in rows:
        row, head, last = table.add_row(), texts is rows[0], texts is rows[-1]
        kept = not last and (head or whole or texts is rows[-2])  # the last row is never alone on its page
        for name in ("w:cantSplit", "w:tblHeader")[: 1 + head]:
            row._tr.get_or_add_trPr().append(OxmlElement(name))
        row.height = None if all(texts) else HAND_HEIGHT
        for cell, text, width, under in zip(row.cells, texts, widths, rows[-1], strict=True):
            cell.width, paragraph = width, cell.paragraphs[0]
            _set_style(paragraph, CELL)
            _write(paragraph, f"**{text}**" if head else text)
            paragraph.paragraph_format.keep_with_next = kept
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if under.strip("*").endswith(AMOUNT) else None
            if head:
                shade = {qn("w:val"): "clear", qn("w:color"): "auto", qn("w:fill"): TINT}
                cell._tc.get_or_add_tcPr().append(OxmlElement("w:shd", shade))


def _widths(rows: Sequence[Sequence[str]]) -> list[Length]:
    """What each column takes of the page: room for its longest word, then a part of the rest as its cells are long."""
    columns = [[re.sub(rf"[*{PLAIN}]", "", text) for text in column] for column in zip(*rows, strict=True)]
    words = [max(len(word) for text in column for word in re.split(r"[ \n-]", text)) for column in columns]
    needs = [sum(len(text) or HAND for text in column) for column in columns]
    rest = max(0, WIDTH - sum(PADDING + word * LETTER for word in words)) / sum(needs)
    widths = [PADDING + word * LETTER + rest * need for word, need in zip(words, needs, strict=True)]
    return [Length(int(WIDTH * width / sum(widths))) for width in widths]


def _set_styles(document: Docx) -> None:
    """One font, our sizes and spaces; spelling is checked in French."""
    document.styles.add_style(CELL, WD_STYLE_TYPE.PARAGRAPH).base_style = document.styles["Normal"]
    for name, (size, before, after) in LOOKS.items():
        style = cast(ParagraphStyle, document.styles[name])
        style.element.get_or_add_rPr().get_or_add_rFonts().attrib.clear()  # a font of the theme would win
        style.font.name, style.font.size = FONT, Pt(size)
        spacing = style.paragraph_format
        spacing.space_before, spacing.space_after, spacing.line_spacing = Pt(before), Pt(after), LINE
        if style.font.color.rgb:
            style.font.color.rgb = INK
    for mode in document.settings.element.xpath("//w:compatSetting[@w:name='compatibilityMode']"):
        mode.set(qn("w:val"), WORD)
    for tongue in document.styles.element.iter(qn("w:lang")):
        tongue.set(qn("w:val"), "fr-FR")


def _set_page(document: Docx, title: str) -> None:
    """A4; at the foot, the title, then the page and how many there are."""
    section, foot = document.sections[0], document.sections[0].footer.paragraphs[0]
    section.page_width, section.page_height = PAPER_WIDTH, PAPER_HEIGHT
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = MARGIN
    tabs = cast(ParagraphStyle, document.styles["Footer"]).paragraph_format.tab_stops
    tabs.clear_all()
    tabs.add_tab_stop(WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    for before, name in ((f"{title}\t", "PAGE"), (" / ", "NUMPAGES")):
        foot.add_run(before)
        foot._p.append(OxmlElement("w:fldSimple", {qn("w:instr"): name}))


def _set_properties(document: Docx, title: str, on: date) -> None:
    """Title and date; nobody's name."""
    properties = document.core_properties
    properties.title, properties.language = title, "fr-FR"
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = datetime.combine(on, time())


def _save(document: Docx, out: Path) -> None:
    """Write the file with one date for all its parts: the library stamps them with the time of the day."""
    made = BytesIO()
    document.save(made)
    with ZipFile(made) as parts, ZipFile(out, "w") as kept:
        for name in parts.namelist():
            kept.writestr(ZipInfo(name), parts.read(name), ZIP_DEFLATED)
