"""The declaration of the workbook. `python tests/data/test_sheets.py` writes docs/workbook.md again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandera.pandas as pa
import pytest

from pupitre.data.codes import name_key
from pupitre.data.sheets import Column, Sheet, kinds, schema, sheet, sheets, typed

ON = dt.date(2026, 11, 22)
DOCS = Path(__file__).parents[2] / "docs" / "workbook.md"
INTRODUCTION = """# The workbook, sheet by sheet

`lib/pupitre/data/workbook.toml` declares every sheet, column, unit, bound and choice, once. From it come the workbook
that `pupitre workbook CODE` writes, what `pupitre check` and the reports read (`Workbook.table(key)`), the drop-down
lists, the messages and this page (written by `python tests/data/test_sheets.py`; a test holds it to the declaration).

A new column is one block there; a new sheet is one `[[sheet]]` block and one reader of its table. Keys are what the
code reads, French is what the town hall reads. An empty cell is unknown (None or NA), never zero. Years and dates go
up to the date of the report (here 22 November 2026).
"""


def page() -> str:
    """The page that documents the workbook."""
    return "\n".join([INTRODUCTION, *(section(one) for one in sheets())])


def section(one: Sheet) -> str:
    """A sheet as a Markdown table."""
    lines = [
        f"## {one.title} (`{one.key}`)",
        "",
        one.help,
        "",
        "| Key | Column | Accepted | Help |",
        "|---|---|---|---|",
    ]
    return "\n".join([*lines, *(row(column) for column in one.columns), ""])


def row(column: Column) -> str:
    """A column as a line of it."""
    marks = [word for word in ("required", "unique", "prefilled", "personal") if getattr(column, word)]
    limit = f" at most `{column.at_most}`;" if column.at_most else ""
    sets = f" sets `{column.assumption}`;" if column.assumption else ""
    accepted = column.expected(ON).removeprefix("on attend ")
    if column.choices:
        accepted = ", ".join(f"`{key}` {label}" for key, label in column.choices.items())
    notes = f"{', '.join([column.kind, *marks])};{limit}{sets} "
    return f"| `{column.key}` | {column.header} | {notes}{accepted} | {column.help} |"


def test_the_page_is_up_to_date() -> None:
    """Else: `python tests/data/test_sheets.py`."""
    assert DOCS.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("one", sheets(), ids=lambda one: one.key)
def test_a_declaration_holds_together(one: Sheet) -> None:
    """Known kinds, labels that cannot be taken for one another, bounds in order, choices where there must be some."""
    labels = [label for column in one.columns for label in {name_key(column.header), name_key(column.label)}]

    assert len(set(labels)) == len(labels)
    assert len({column.key for column in one.columns}) == len(one.columns)
    assert one.layout in ("table", "form")
    assert one.per in ("", "school", "choices", "items", "rows")
    assert len(one.title) <= 31
    for column in one.columns:
        low, high = column.bounds(ON)
        assert column.kind in kinds()
        assert low < high
        assert bool(column.choices) == (column.kind == "choice")
        assert not column.at_most or one.column(column.at_most).kind == column.kind
        assert not (one.layout == "form" and column.required)


def test_labels_of_choices_never_name_another_key() -> None:
    """A cell that says one thing is not read as another."""
    for column in (column for one in sheets() for column in one.columns):
        assert len({name_key(label) for label in column.choices.values()}) == len(column.choices)
        for key, label in column.choices.items():
            assert not [other for other in column.choices if other != key and name_key(other) == name_key(label)]


def test_titles_and_headers_are_known_by_their_letters() -> None:
    """Accents, case and typography do not tell two sheets apart."""
    assert len({name_key(one.title) for one in sheets()}) == len(sheets())
    assert "listes" not in {name_key(one.title) for one in sheets()}


@pytest.mark.parametrize(("key", "row", "column"), [
    ("ecoles", {"ecole": "x", "classes": 151}, "classes"),
    ("ecoles", {"classes": 3}, "ecole"),
    ("equipements", {"ecole": "x", "type": "minitel", "nombre": 1}, "type"),
    ("equipements", {"ecole": "x", "type": "tablette", "nombre": 1, "annee": 2027}, "annee"),
    ("reseau", {"ecole": "x", "mesure_le": dt.date(2026, 11, 23)}, "mesure_le"),
    ("competences", {"ecole": "x", "enseignants": 3, "formes": 4}, "formes"),
    ("finances", {"part_groupement": 1.01}, "part_groupement"),
    ("initiatives", {"nature": "autre", "nom": "a\x00b"}, "nom"),
])  # fmt: skip
def test_the_schema_refuses(key: str, row: dict[str, object], column: str) -> None:
    """One wrong value, one failure, of that column."""
    with pytest.raises(pa.errors.SchemaErrors) as caught:
        schema(sheet(key), ON).validate(typed(sheet(key), {5: row}), lazy=True)
    [failure] = caught.value.schema_errors

    assert (failure.schema.name or failure.check.name) == column
    assert set(failure.failure_cases["index"]) == {5}


if __name__ == "__main__":
    DOCS.write_text(page(), encoding="utf-8")
