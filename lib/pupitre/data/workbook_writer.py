"""The workbook to send to the town hall: « Lisez-moi », then the sheets, prefilled, with lists and help.

Every text is written as a text: a school's name that begins with = never becomes a formula. The same inputs give the
same bytes.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range_abs

from pupitre.data import resource
from pupitre.data.dossier import Dossier, known_schools
from pupitre.data.sheets import LISTS, WHOLE_COMMUNE, Column, Sheet, kinds, maturity_points, sheets
from pupitre.data.workbook import ANSWER, OWNER
from pupitre.errors import UsageError
from pupitre.formats import day, typeset

HEADER_ROW = 3
SPARE_ROWS, OPEN_ROWS = {"choices": 25, "items": 60, "": 60}, 300
WIDEST, TALL, TALL_WIDTH = 90, 52, 36  # characters; points and characters of a row that wraps
Row = Mapping[str, object]


def build_workbook(dossier: Dossier, rows: Sequence[Row], on: date, out: Path) -> None:
    """Write the workbook of a commune to a new file; `rows` are those of the sheet that its caller prefills.

    Raises `UsageError` when no school is known, or when the file exists: what was filled is never lost.
    """
    schools = known_schools(dossier.schools)
    if out.exists():
        raise UsageError(f"« {out} » existe déjà, peut-être rempli. Donnez un autre nom avec -o.")
    named = [
        {"ecole": f"{nom} ({uai})", "classes_publiees": classes}
        for nom, uai, classes in schools[["nom", "uai", "classes"]].astype(object).where(schools.notna(), None).values
    ]
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=out.parent) as folder:
        draft = Path(folder) / "workbook.xlsx"
        with xlsxwriter.Workbook(draft, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            book.set_properties({"title": "Écoles et numérique", "created": datetime(on.year, on.month, on.day)})
            _Writer(book, {"school": named, "items": _points(), "rows": rows}, on).write(dossier)
        os.replace(draft, out)


def _points() -> list[Row]:
    """The points of the maturity model, to situate for the whole commune."""
    return [
        {key: typeset(point[key]) for key in ("un", "trois", "cinq")}
        | {"dimension": typeset(one["label"]), "point": typeset(point["label"]), "ecole": WHOLE_COMMUNE}
        for one, point in maturity_points()
    ]


class _Writer:
    """One book being written: its formats, and the lists that its cells choose from."""

    def __init__(self, book: Any, prefilled: Mapping[str, Sequence[Row]], on: date) -> None:
        self.book, self.prefilled, self.on = book, prefilled, on
        looks: dict[str, dict[str, object]] = resource("workbook")["format"]
        looks = looks | {kind: {**looks["answer"], "num_format": one.shown} for kind, one in kinds().items()}
        self.looks = {name: book.add_format(look) for name, look in looks.items()}
        schools = [str(row["ecole"]) for row in prefilled["school"]]
        self.choices = {"school": schools, "place": [WHOLE_COMMUNE, *schools], "flag": ["Oui", "Non"]}
        self.lists: dict[tuple[str, ...], int] = {}

    def write(self, dossier: Dossier) -> None:
        """Every sheet, and last the hidden one where the lists stand: Excel holds no long list in a cell's rule."""
        for sheet in sheets():
            if sheet.key == OWNER:
                self._write_readme(sheet, dossier)
            else:
                (self._write_form if sheet.layout == "form" else self._write_table)(sheet)
        page = self.book.add_worksheet(LISTS)
        for texts, rank in self.lists.items():
            page.write_column(0, rank, texts)
        page.hide()

    def _write_readme(self, sheet: Sheet, dossier: Dossier) -> None:
        """Whose the workbook is, how to fill it."""
        page, told = self._page(sheet.title, [24, 110]), resource("workbook")["readme"]
        values = [dossier.commune.code_insee, dossier.commune.nom, day(self.on), "", ""]
        lines = [
            ("title", f"Le numérique dans les écoles de {dossier.commune.nom}", "", ""),
            ("hint", told["about"], "", ""),
            *(
                ("label", column.label, "given" if value else column.kind, value)
                for column, value in zip(sheet.columns, values, strict=True)
            ),
            ("heading", "Comment le remplir", "", ""),
            *(("step", str(rank), "plain", step) for rank, step in enumerate(told["steps"], 1)),
            ("heading", "Les couleurs", "", ""),
            *((look, "", "plain", text) for look, text in told["legend"].items()),
            ("heading", "Données personnelles", "plain", told["privacy"]),
        ]
        for row, (look, label, other, text) in enumerate(lines):
            page.set_row(row, 32 if look in ("title", "heading", "hint") else 20)
            page.write_string(row, 0, typeset(label), self.looks[look])
            if other:
                page.write_string(row, 1, typeset(text), self.looks[other])
        self._validate(page, (6, 1, 6, 1), sheet.columns[-1])

    def _write_table(self, sheet: Sheet) -> None:
        """One row a thing."""
        given: Sequence[Row] = self.prefilled.get(sheet.per, [])
        if sheet.per == "choices":
            given = [{sheet.columns[0].key: typeset(choice)} for choice in sheet.columns[0].choices.values()]
        widest = TALL_WIDTH if sheet.per == "items" else WIDEST
        widths = [min(self._width(column, given), widest) for column in sheet.columns]
        page = self._page(sheet.title, widths, sheet.open)
        helps = [("Obligatoire. " if one.required and not one.prefilled else "") + one.help for one in sheet.columns]
        self._head(page, sheet, [one.header for one in sheet.columns], helps)
        whole = sheet.per == "choices" and sheet.columns[0].unique
        spare = OPEN_ROWS if sheet.open else SPARE_ROWS.get(sheet.per, 0)
        last = HEADER_ROW + len(given) + (0 if whole else spare)
        for rank, column in enumerate(sheet.columns):
            for row, values in enumerate(given, HEADER_ROW + 1):
                look = self.looks["given" if column.key in sheet.given else column.kind]
                page.write(row, rank, values.get(column.key), look)
            for row in range(HEADER_ROW + 1 + len(given), last + 1):
                page.write_blank(row, rank, None, self.looks[column.kind])
            self._validate(page, (HEADER_ROW + 1, rank, last, rank), column)
        for row in range(HEADER_ROW + 1, HEADER_ROW + 1 + len(given) * (sheet.per == "items")):
            page.set_row(row, TALL)
        page.freeze_panes(HEADER_ROW + 1, int(sheet.columns[0].key in sheet.given))

    def _write_form(self, sheet: Sheet) -> None:
        """One question a row."""
        page = self._page(sheet.title, [60, 26, 80])
        self._head(page, sheet, ["Question", ANSWER, "À savoir"], [""] * 3)
        for row, column in enumerate(sheet.columns, HEADER_ROW + 1):
            page.write_string(row, 0, typeset(column.header), self.looks["given"])
            page.write_blank(row, 1, None, self.looks[column.kind])
            page.write_string(row, 2, typeset(column.help), self.looks["help"])
            self._validate(page, (row, 1, row, 1), column)

    def _page(self, title: str, widths: Sequence[int], free: bool = False) -> Any:
        """An empty sheet, protected so that its titles stay, unless columns may be added (`free`)."""
        page = self.book.add_worksheet(title)
        for rank, width in enumerate(widths):
            page.set_column(rank, rank, width)
        if not free:
            page.protect("", {"format_columns": True, "format_rows": True})
        page.set_default_row(18)
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.set_footer("&L&A&RPage &P sur &N")
        return page

    def _head(self, page: Any, sheet: Sheet, headers: Sequence[str], helps: Sequence[str]) -> None:
        """Title, help of the sheet, help of each column, headers."""
        page.write_string(0, 0, sheet.title, self.looks["title"])
        page.write_string(1, 0, typeset(sheet.help), self.looks["hint"])
        for rank, (header, text) in enumerate(zip(headers, helps, strict=True)):
            page.write_string(HEADER_ROW - 1, rank, typeset(text), self.looks["help"])
            page.write_string(HEADER_ROW, rank, typeset(header), self.looks["header"])
        for row, height in enumerate((28, 20, 66 if any(helps) else 8, 64 if any(helps) else 30)):
            page.set_row(row, height)
        page.repeat_rows(HEADER_ROW)

    def _width(self, column: Column, given: Sequence[Row]) -> int:
        texts = [*column.choices.values(), *(str(row.get(column.key, "")) for row in given if column.prefilled)]
        return max(kinds()[column.kind].width, max(map(len, texts), default=0) + 5)

    def _validate(self, page: Any, place: tuple[int, int, int, int], column: Column) -> None:
        """What Excel lets one type: a little more than what is read, which says better what is wrong."""
        later = self.on.replace(year=min(self.on.year + 2, date.max.year), day=1)
        rule: dict[str, Any] = {"error_title": "Réponse à corriger", "error_message": "Choisissez dans la liste."}
        texts = self.choices.get(column.kind) or [typeset(choice) for choice in column.choices.values()]
        if texts:
            rank = self.lists.setdefault(tuple(texts), len(self.lists))
            rule |= {"validate": "list", "source": f"={LISTS}!{xl_range_abs(0, rank, len(texts) - 1, rank)}"}
        elif kinds()[column.kind].rule:
            low, high = column.bounds(later)
            rule |= {"validate": kinds()[column.kind].rule, "criteria": "between", "minimum": low, "maximum": high}
            rule["error_message"] = f"Ici, {typeset(column.expected(later))}."
        if "validate" in rule:
            page.data_validation(*place, rule)
