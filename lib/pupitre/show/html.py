"""Pieces of page: text with named figures, tables, pictures.

Belongs: markup and escaping. Does not: any wording of results, any colour.
Every figure is written `<data value="…" data-figure="name">`, and its name is in `resultats.json`;
the page tells once what the names of a row have in common (`run/lightening.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from pupitre.formats import Figures, Value, fill, typeset


@dataclass(frozen=True)
class Html:
    """Markup that a notebook shows."""

    markup: str

    def _repr_html_(self) -> str:
        return self.markup

    def __repr__(self) -> str:
        """Say its length, so that the markup does not stand twice in a notebook."""
        return f"Html({len(self.markup)} characters)"

    def __add__(self, other: Html) -> Html:
        """One piece after the other."""
        return Html(self.markup + other.markup)


class Link(str):
    """A text that leads to an address, when it has one; as a figure, it is written as a link."""

    address: str

    def __new__(cls, text: str, address: str = "") -> Link:
        """Keep the address beside the text."""
        link = super().__new__(cls, text)
        link.address = address
        return link


NOTHING = Html("")
SHORT_ROWS, SHORT_TEXT = 15, 2500  # rows and characters: a table that short is never cut between two pages


def mark(name: str, value: Value, text: str) -> str:
    """A figure as `<data>`; texts and unknown values as plain escaped text, a `Link` as a link."""
    if isinstance(value, Link) and value.address:
        return f'<a href="{escape(value.address)}">{escape(typeset(text))}</a>'
    if value is None or isinstance(value, str | bool):
        return escape(typeset(text))
    return f'<data value="{value}" data-figure="{escape(name)}">{escape(text)}</data>'


def inline(template: str, figures: Figures) -> str:
    """A sentence as markup: its figures marked, `**…**` strong, French spaces."""
    strong = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(typeset(template), quote=False))
    return fill(strong.replace("\n", "<br>"), figures, mark)


def text(template: str, figures: Figures) -> str:
    """A sentence as plain text, for an alternative or a title."""
    return fill(typeset(template.replace("**", "")), figures)


def paragraph(template: str, figures: Figures, css: str = "") -> Html:
    """A paragraph; nothing for an empty template."""
    if not template:
        return NOTHING
    return Html(f"<p{_css(css)}>{inline(template, figures)}</p>")


def bullets(templates: Sequence[str], figures: Figures) -> Html:
    """A list; nothing without an item."""
    items = "".join(f"<li>{inline(template, figures)}</li>" for template in templates)
    return Html(f"<ul>{items}</ul>") if items else NOTHING


def table(
    caption: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    figures: Figures,
    *,
    text_columns: int = 1,
    total: bool = False,
) -> Html:
    """A table with caption and scoped headers; cells are templates, where a line feed breaks the line.

    The first cell of a row is its header; a row of one cell, where others have more, begins a group and is its header.
    The first `text_columns` columns align as text, the others as numbers; `total` sets the last row apart.
    """
    head = _row(header, figures, head=True)
    body = "".join(
        _row(row, figures, total=total and row is rows[-1])
        if len(row) == len(header)
        else _group(row[0], figures, header)
        for row in rows
    )
    bodies = f"<tbody>{body}</tbody>".replace("<tbody></tbody>", "")
    is_short = len(rows) <= SHORT_ROWS and sum(len(cell) for row in rows for cell in row) <= SHORT_TEXT
    size = " short" if is_short else ""
    css = f"t{text_columns}" + (" groups" if len(rows[0]) < len(header) else "")
    return Html(
        f'<div class="table{size}" tabindex="0" role="region" aria-label="{escape(text(caption, figures))}">'
        f'<table class="{css}"><caption>{inline(caption, figures)}</caption>'
        f"<thead>{head}</thead>{bodies}</table></div>"
    )


def picture(
    title: str, alternative: str, uri: str, data: Html, figures: Figures, *, key: str = "", beside: bool = False
) -> Html:
    """A chart: its message as title, its text alternative, how to read its marks, and the table of its figures.

    The table opens on demand, or stands under the picture, on paper too, when it is `beside`.
    """
    opened = f"<details><summary>Les chiffres de ce graphique</summary>{data.markup}</details></figure>"
    return Html(
        f"<figure><figcaption>{inline(title, figures)}</figcaption>"
        f'<div class="chart" tabindex="0" role="region" aria-label="{escape(text(title, figures))}">'
        f'<img alt="{escape(text(alternative, figures))}" src="{uri}"></div>'
        + (f'<p class="note">{inline(key, figures)}</p>' if key else "")
        + (f"</figure>{data.markup}" if beside else opened)
    )


def _row(cells: Sequence[str], figures: Figures, *, head: bool = False, total: bool = False) -> str:
    """A row: its first cell is its header, or each cell that of its column."""
    row = ""
    for rank, cell in enumerate(cells):
        tag, scope = ("td", "") if rank and not head else ("th", f' scope="{"col" if head else "row"}"')
        row += f"<{tag}{scope}>{inline(cell, figures)}</{tag}>"
    return f"<tr{_css('total' if total else '')}>{row}</tr>"


def _group(cell: str, figures: Figures, header: Sequence[str]) -> str:
    """The header of a group, as wide as the table."""
    return f'</tbody><tbody><tr><th colspan="{len(header)}" scope="rowgroup">{inline(cell, figures)}</th></tr>'


def _css(name: str) -> str:
    return f' class="{name}"' if name else ""
