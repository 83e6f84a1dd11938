"""The three documents to edit that go with a report: the letter of all, the plan, the deployment.

Belongs: their files, and the filling of their lines. Does not: their words (`study/texts/documents.j2`), their look.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pupitre.cap.documents import as_text, write_document
from pupitre.data.codes import FICTIONAL
from pupitre.data.sheets import sheet
from pupitre.formats import NBSP, Value, fill, typeset
from pupitre.run.page import NOTICE
from pupitre.study import Study
from pupitre.study.texts import BREAK, say, say_all

DOCUMENTS = {
    "lettre-commune": "lettre_commune",
    "plan-d-orientation": "plan_orientation",
    "document-de-deploiement": "document_deploiement",
}


def write_documents(study: Study, folder: Path) -> None:
    """Write the documents of a commune in a folder: filled with what is known, fields for the rest."""
    for name, macro in DOCUMENTS.items():
        title, *lines = document_lines(study, macro)
        write_document(title, lines, study.dossier.on, folder / f"{name}.docx")


def document_lines(study: Study, macro: str) -> list[str]:
    """The title and the lines of a document, with their figures; a text of the workbook has none of our signs."""
    notice = NOTICE if study.dossier.commune.code_insee == FICTIONAL else ""
    lines = say_all(study, macro, choices=_choices, identity=say(study, "identity"), notice=notice)
    unbroken = (line.replace(BREAK, "\n").replace("[[À ", f"[[À{NBSP}") for line in lines)
    return [fill(typeset(line), study.figures, _as_text) for line in unbroken]


def _choices(sheet_key: str, column_key: str) -> Mapping[str, str]:
    return sheet(sheet_key).column(column_key).choices


def _as_text(name: str, value: Value, text: str) -> str:
    return as_text(typeset(text)) if isinstance(value, str) else text
