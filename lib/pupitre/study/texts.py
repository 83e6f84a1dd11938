"""The words of the report: Jinja macros in `texts/*.j2`, with named figures, so that no sentence contradicts its table.

Belongs: finding a macro, its words on one line. Does not: any French (the templates), any figure (`formats.fill`).
A macro decides which words are said; `{name:spec}` stays a placeholder, filled when it is shown. Macros see `f`, the
figures by name, `study`, the globals of `macros`, and what the caller gives by name. Nothing of a data file is read as
a template: it is a figure, or it goes through `literal`.
"""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from pupitre.data.dossier import last_rentree
from pupitre.data.sheets import sheet
from pupitre.diagnostic.ranges import CASES
from pupitre.formats import day, literal
from pupitre.funding.aids import aids, verdict_of
from pupitre.funding.scenarios import SCENARIOS
from pupitre.study.advice_figures import rules_of
from pupitre.study.funding_figures import payers_of

if TYPE_CHECKING:
    from pupitre.study.study import Study

FOLDER = Path(__file__).with_name("texts")
LABELS = {scenario.key: scenario.label for scenario in SCENARIOS}
ADVICE = {scenario.key: scenario.advice for scenario in SCENARIOS}
NOUNS = {scenario.key: scenario.noun for scenario in SCENARIOS}
PAYERS_SAID = {
    "commune": "la commune",
    "groupement": "l'intercommunalité ou un syndicat",
    "caisse_des_ecoles": "la caisse des écoles",
    "etat": "l'État",
    "departement": "le département",
    "region": "la région",
    "europe": "l'Europe",
    "mecene": "les mécènes",
    "famille": "les familles",
    "partenaire": "les partenaires",
}
BREAK = "\v"  # in a cell, the end of a line
CASE_LABELS = {"low": "Cas bas", "central": "Cas central", "high": "Cas haut"}


def one_line(text: str) -> str:
    """Words on one line, no space before a full stop or a comma; no-break spaces stay.

    >>> one_line("Une école \\n , ou deux. "), one_line("5\\u00a0 %")
    ('Une école, ou deux.', '5\\xa0 %')
    """
    return re.sub(r" (?=[.,)])", "", re.sub(r"[ \t\r\n]+", " ", text)).strip(" ")


def inert(text: str) -> str:
    """A text of a file as a macro may print it: neither placeholder, nor emphasis, nor line, nor cell.

    >>> inert("a {b}\\n | c")
    'a {{b}} \\u2060| c'
    """
    return literal(one_line(text)).replace("|", "\u2060|")


def say(study: Study, name: str, **given: object) -> str:
    """The text of a macro, as one paragraph; empty when it has nothing to say."""
    return one_line(" ".join(say_all(study, name, **given)))


def say_all(study: Study, name: str, **given: object) -> list[str]:
    """The sentences of a macro, one for each line that says something."""
    words = {"f": study.figures, "study": study, "dated": partial(dated, study), **given}
    text = str(getattr(macros()[name].make_module(words), name)())
    return [line for line in map(one_line, text.split("\n")) if line]


def say_rows(study: Study, name: str, **given: object) -> list[list[str]]:
    """The rows of a macro, one a line, their cells between « | » with a space on each side; a cell may be empty."""
    rows = (line.replace(BREAK, "\n") for line in say_all(study, name, **given))
    return [[cell.strip(" ") for cell in re.split(r"(?:^| )\|(?= |$)", row)] for row in rows]


def dated(study: Study, name: str, spec: str) -> str:
    """A figure of law in a sentence, with « à vérifier » when its source is not official."""
    value = f"{{law.{name}.value:{spec}}}"
    return value if study.law.figure(name).confidence == "official" else f"{value} (à vérifier)"


def ruled(study: Study, rule: str) -> str:
    """A rule of a scenario, each of its dated figures with « à vérifier » when its source is not official."""
    return re.sub(r"\{law\.(\w+)\.value(?::([^}]+))?\}", lambda found: dated(study, found[1], found[2] or "text"), rule)


def choice(sheet_key: str, column: str, key: str | None) -> str:
    """What the workbook shows of a choice; empty when nothing was chosen.

    >>> choice("gouvernance", "comite", "pilotage"), choice("gouvernance", "comite", None)
    ('Comité de pilotage', '')
    """
    return sheet(sheet_key).column(column).choices[key] if key else ""


def _is_none(value: object) -> bool:
    return bool(value) if isinstance(value, StrictUndefined) else value is None  # bool() refuses a misspelt figure


@cache
def macros() -> dict[str, Template]:
    """The template of each macro; a name that begins with an underscore stays in its file."""
    house = Environment(loader=FileSystemLoader(FOLDER), undefined=StrictUndefined)  # noqa: S701 (html.py escapes)
    house.globals |= {
        "ADVICE": ADVICE,
        "NOUNS": NOUNS,
        "BREAK": BREAK,
        "CASES": CASES,
        "CASE_LABELS": CASE_LABELS,
        "LABELS": LABELS,
    }
    house.globals |= {
        "aids": aids(),
        "payers_of": payers_of,
        "ruled": ruled,
        "rules_of": rules_of,
        "verdict_of": verdict_of,
    }
    house.globals |= {
        "SCENARIOS": SCENARIOS,
        "PAYERS_SAID": PAYERS_SAID,
        "choice": choice,
        "day": day,
        "last_rentree": last_rentree,
        "literal": inert,
    }
    house.filters["line"] = one_line
    house.tests["none"] = _is_none
    templates = [house.get_template(name) for name in house.list_templates()]
    return {name: template for template in templates for name in vars(template.module) if not name.startswith("_")}
