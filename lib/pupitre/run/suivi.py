"""The follow-up table of the steering committee, `suivi.xlsx`: a sheet per family of indicators, and what was done.

Belongs: the file, its sheets, its charts. Does not: its words and figures, those of the page (`study/texts`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from pupitre.data.codes import FICTIONAL
from pupitre.data.sheets import sheet
from pupitre.formats import fill, typeset
from pupitre.run.page import NOTICE
from pupitre.study import Study
from pupitre.study.texts import say_rows

NAME = "suivi.xlsx"
DONE = {"Budget": "budget_table", "Calendrier": "done_table", "Livraisons": "deliveries_table"}
CELL = re.compile(r"\{([^{}:]+)(?::(\w+))?\}")
NUMBERS = {"percent": "0 %", "euros": '#,##0 "€"', "day": "dd/mm/yyyy", "plain": "General", "number": "0"}
WIDTH, FIRST_WIDTH, HEADER_HEIGHT, CHART_ROWS, TABLE_ROW = 24, 44, 32, 16, 3
LOOKS = {
    "title": {"bold": True, "font_size": 16, "font_color": "#1B1B35"},
    "note": {"italic": True, "font_color": "#555555"},
    "caption": {"bold": True, "font_color": "#2F4F7F"},
    "header": {"bold": True, "font_color": "white", "bg_color": "#2F4F7F", "text_wrap": True, "border": 1},
    "text": {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#B8BDC9"},
}


def write_follow_up(study: Study, folder: Path) -> None:
    """Write the table of a commune in a folder; nothing when its workbook has no indicator."""
    evaluation = study.evaluation
    if evaluation is None or not evaluation.progress:
        return
    with xlsxwriter.Workbook(str(folder / NAME), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": datetime(study.dossier.on.year, study.dossier.on.month, study.dossier.on.day)})
        pages = _Pages(study, book)
        for key, label in sheet("indicateurs").column("perimetre").choices.items():
            ranks = [rank for rank, one in enumerate(evaluation.progress, 1) if one.perimetre == key]
            if ranks:
                pages.write_family(label, ranks)
        for title, macro in DONE.items():
            pages.write_done(title, macro)


class _Pages:
    """The sheets of one book, and its formats."""

    def __init__(self, study: Study, book: Any) -> None:
        self.study, self.book = study, book
        self.looks = {name: book.add_format(look) for name, look in LOOKS.items()}
        self.looks |= {spec: book.add_format(LOOKS["text"] | {"num_format": form}) for spec, form in NUMBERS.items()}

    def write_family(self, label: str, ranks: Sequence[int]) -> None:
        """The indicators of a family; of each that was measured, its measures and their chart."""
        page = self._page(label)
        row = self._table(page, TABLE_ROW, "followed_table", ranks=ranks) + 1
        for rank in (rank for rank in ranks if self.study.figures[f"follow.{rank}.measures"]):
            first, row = row + 2, self._table(page, row, "series_table", n=rank)
            self._chart(page, label, first, row - 1)
            row = max(row, first + CHART_ROWS) + 1

    def write_done(self, title: str, macro: str) -> None:
        """A table of what was planned and what was done; no sheet when nothing is told."""
        ranks = range(1, 1 + int(self.study.figures["milestone.done.rows"] or 0))
        if len(say_rows(self.study, macro, ranks=ranks)) > 2:
            self._table(self._page(title), TABLE_ROW, macro, ranks=ranks)

    def _page(self, title: str) -> Any:
        page, commune = self.book.add_worksheet(title), self.study.dossier.commune
        page.set_column(0, 0, FIRST_WIDTH)
        page.set_column(1, 20, WIDTH)
        page.write_string(0, 0, typeset(f"{commune.nom} : {title}"), self.looks["title"])
        page.write_string(1, 0, NOTICE if commune.code_insee == FICTIONAL else "", self.looks["note"])
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        return page

    def _table(self, page: Any, row: int, macro: str, **given: object) -> int:
        """Write a caption, a header and rows from a row on; the first row left free."""
        [caption], header, *rows = say_rows(self.study, macro, **given)
        page.write_string(row, 0, self._filled(caption), self.looks["caption"])
        page.set_row(row + 1, HEADER_HEIGHT)
        for rank, text in enumerate(header):
            page.write_string(row + 1, rank, self._filled(text), self.looks["header"])
        for down, cells in enumerate(rows, row + 2):
            for rank, cell in enumerate(cells):
                self._write(page, (down, rank), cell)
        return row + 2 + len(rows)

    def _write(self, page: Any, place: tuple[int, int], cell: str) -> None:
        """A figure alone in its cell as a number or a date of its own, else text, never a formula."""
        found = CELL.fullmatch(cell)
        spec = found[2] if found and found[2] in NUMBERS else ""
        value = self.study.figures[found[1]] if found and spec else None
        if value is None or isinstance(value, bool):
            page.write_string(*place, self._filled(cell), self.looks["text"])
        elif isinstance(value, str):
            page.write_datetime(*place, date.fromisoformat(value), self.looks[spec])
        else:
            page.write_number(*place, value, self.looks[spec])

    def _filled(self, text: str) -> str:
        return fill(typeset(text.replace("**", "")), self.study.figures)

    def _chart(self, page: Any, label: str, first: int, last: int) -> None:
        """The measures of an indicator against the way planned, beside its table."""
        chart = self.book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
        days = [label, first, 0, last, 0]
        for column, name in ((1, "Mesuré"), (2, "Prévu")):
            chart.add_series({"name": name, "categories": days, "values": [label, first, column, last, column]})
        chart.show_blanks_as("span")
        chart.set_title({"name": [label, first - 2, 0], "name_font": {"size": 11}})  # a text might be a formula
        chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": "#DFE5EC"}}})
        chart.set_x_axis({"num_format": "mm/yyyy", "num_font": {"rotation": -45}})
        chart.set_legend({"position": "bottom"})
        page.insert_chart(first - 1, 4, chart, {"description": f"Mesures de l'indicateur : {label}"})
