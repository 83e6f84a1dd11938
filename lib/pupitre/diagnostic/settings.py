"""Where assumptions are written: the workbook, the command line, a file of settings.

Belongs: reading names and values. Does not: which names exist, which values are accepted (`assumptions`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from pupitre.data.sheets import sheet
from pupitre.data.workbook import Workbook
from pupitre.diagnostic.assumptions import assumption_rows, load_assumptions
from pupitre.errors import CellIssue, Contradiction, UsageError, WorkbookError, refusal
from pupitre.formats import echo
from pupitre.law.baremes import Law

MOST_BYTES = 12 * 1000


def workbook_settings(workbook: Workbook, law: Law) -> dict[str, object]:
    """The assumptions that a workbook sets (Finances, then Hypothèses), by name.

    Raises WorkbookError with the cell of every value that is not accepted, or what contradicts what.
    """
    settings: dict[str, object] = {}
    issues: list[CellIssue] = []
    known = [row["nom"] for row in assumption_rows(law)]
    for key, row, column, name, value in _workbook_values(workbook):
        try:
            setting = {name: parse_value(str(value))}
            settings |= setting
            load_assumptions(setting, law)
        except Contradiction:
            continue  # of one assumption alone: it is judged with the others
        except UsageError as error:
            wrong = (column, str(value)) if name in known else ("nom", name)
            issues.append(workbook.issue(key, row, *wrong, str(error)))
    if issues:
        raise WorkbookError(workbook.file, issues)
    try:
        load_assumptions(settings, law)
    except Contradiction as error:
        raise WorkbookError(workbook.file, problem=f"feuilles Finances et Hypothèses. {error}") from None
    return settings


def _workbook_values(workbook: Workbook) -> Iterable[tuple[str, int, str, str, object]]:
    """Sheet, row, column, name of the assumption and value of each answer that sets one."""
    finances, own = workbook.table("finances"), workbook.table("hypotheses")
    for column in sheet("finances").columns:
        value = finances[column.key].iloc[0] if len(finances) else None
        if column.assumption and not pd.isna(value):
            yield "finances", 0, column.key, column.assumption, value
    for row, answer in own.dropna(subset=["nom", "valeur"]).iterrows():
        yield "hypotheses", int(str(row)), "valeur", answer["nom"], answer["valeur"]


def parse_settings(pairs: Iterable[str]) -> dict[str, str]:
    """NAME=VALUE pairs of the command line, as texts; decimal comma, spaces in thousands, oui and non are accepted.

    >>> parse_settings(["loan_share=0,5", "prix_affichage=2 800", "include_private=oui"])
    {'loan_share': '0.5', 'prix_affichage': '2800', 'include_private': 'true'}
    """
    settings: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(f"--set {pair} : écrivez NOM=VALEUR, par exemple --set loan_share=0.5.")
        try:
            given = parse_value(value)
        except UsageError as error:
            raise UsageError(f"--set {pair} : {error}") from None
        if settings.setdefault(name.strip(), given) != given:
            raise UsageError(f"--set {pair} : cette hypothèse est donnée deux fois, avec deux valeurs. Gardez-en une.")
    return settings


def read_settings(path: Path) -> dict[str, str]:
    """The assumptions of a TOML file, one `name = value` a line, as `load_assumptions` reads them.

    Raises UsageError for what is not such a file: a device, a folder, too large, not text, a table, a list, a name
    given twice.
    """
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path.name} : ce n'est pas un fichier.")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise UsageError(f"{path.name} : un fichier d'hypothèses fait {MOST_BYTES // 1000} ko au plus.")
        values = tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise UsageError(f"{path.name} : {refusal(error)}.") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path.name} : écrivez une ligne par hypothèse, par exemple loan_share = 0.5.") from None
    for name, value in values.items():
        if not isinstance(value, bool | int | float | str):
            raise UsageError(f"{path.name}, {echo(name)} : une hypothèse a une seule valeur, nombre, texte ou true.")
    return {name: _given(path.name, name, shown(value)) for name, value in values.items()}


def _given(file: str, name: str, value: str) -> str:
    try:
        return parse_value(value)
    except UsageError as error:
        raise UsageError(f"{file}, {echo(name)} : {error}") from None


def shown(value: bool | float | str) -> str:
    """A value of a TOML file as one types it: true stays a word, so that it is no number.

    >>> shown(True), shown(0.5), shown("oui")
    ('true', '0.5', 'oui')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def parse_value(text: str) -> str:
    """A value typed by hand, as `load_assumptions` reads it. Raises UsageError for thousands that may be decimals.

    >>> parse_value(" 2 800,5"), parse_value("Oui")
    ('2800.5', 'true')
    """
    plain = re.sub(r"\s", "", text)
    if re.fullmatch(r"[1-9]\d*,\d{3}|\d+\.\d{3},\d+", plain):
        raise UsageError("milliers ou décimales ? Écrivez 2800 ou 2.8.")
    return {"oui": "true", "non": "false"}.get(plain.lower(), plain.replace(",", "."))
