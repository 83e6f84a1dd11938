"""What a macro of `study/texts` says, as a piece of page: a paragraph, a list, a table, a chart."""

from __future__ import annotations

from pupitre.show.html import NOTHING, Html, bullets, paragraph, picture, table
from pupitre.study import Study
from pupitre.study.texts import say, say_all, say_rows


def prose(study: Study, name: str, css: str = "", **given: object) -> Html:
    """A paragraph; nothing when the macro is silent."""
    return paragraph(say(study, name, **given), study.figures, css)


def points(study: Study, name: str, **given: object) -> Html:
    """A list, one item a line; nothing when the macro is silent."""
    return bullets(say_all(study, name, **given), study.figures)


def grid(study: Study, name: str, *, text_columns: int = 1, total: bool = False, **given: object) -> Html:
    """A table whose macro says the caption, the header and the rows; nothing without a row."""
    [caption], header, *rows = say_rows(study, name, **given)
    return table(caption, header, rows, study.figures, text_columns=text_columns, total=total) if rows else NOTHING


def drawing(study: Study, name: str, uri: str, data: Html, *, beside: bool = False, **given: object) -> Html:
    """A chart whose macro says the title, the text alternative and, if need be, how to read its marks."""
    title, alternative, *key = say_all(study, name, **given)
    return picture(title, alternative, uri, data, study.figures, key="".join(key), beside=beside)
