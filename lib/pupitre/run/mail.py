"""A draft of an e-mail to the town hall: the main figures of a report, and the report attached.

Belongs: which report, the message, its weight. Does not: sending (nothing is), words (`templates/mail`), computing.
What the report says is not trusted: another hand may have been there. The same report gives the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from pupitre.data.codes import FICTIONAL, name_key
from pupitre.data.project import Consultant
from pupitre.errors import UsageError
from pupitre.formats import NBSP, Value, echo, fill, number, placeholders, typeset
from pupitre.run.page import NOTICE, TEMPLATES
from pupitre.run.portfolio import cells_of, is_plain_file, read_figures, report_folders
from pupitre.study.texts import LABELS

DRAFT = "courriel.eml"
FOLDER = TEMPLATES / "mail"
WORDS = tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))
TEXTS, ERRORS = WORDS["texts"], WORDS["errors"]
ATTACHED = {"rapport.html": "attached_html", "rapport.pdf": "attached_pdf"}
MOST_BYTES = 5_000_000
MEGABYTE = 1_000_000
LARGEST_FIGURE = 1e12  # beyond, a file that is not ours
LONGEST_NAME = 100
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.ASCII | re.IGNORECASE)
LONGEST_LOCAL, LONGEST_DOMAIN = 64, 253


def parse_address(text: str) -> Address:
    """One address, as a header may hold it: letters without accents before the @, a domain after.

    Raises UsageError for anything else: a name beside the address, several addresses, a line break.

    >>> str(parse_address("mairie@école.fr"))
    'mairie@xn--cole-9oa.fr'
    """
    local, _, domain = text.partition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        domain = ""
    sizes = len(local) <= LONGEST_LOCAL and len(domain) <= LONGEST_DOMAIN
    if not (sizes and LOCAL.fullmatch(local) and DOMAIN.fullmatch(domain)):
        raise UsageError(ERRORS["address"].format(echo=echo(text)))
    return Address(username=local, domain=domain)


def write_mail(out: Path, code: str, on: date | None, to: Address, cc: Sequence[Address], by: Consultant) -> Path:
    """Write the draft in the directory of the report of a commune: the one of `on`, else the latest. Nothing is sent.

    Raises UsageError when there is no such report, or when the message would be too heavy.
    """
    folder = find_report(out, code, on)
    message = mail_of(folder, code, by)
    message["To"] = to
    if cc:
        message["Cc"] = tuple(cc)
    content = message.as_bytes()
    if len(content) > MOST_BYTES:
        files = ", ".join(f"{name} {megabytes((folder / name).stat().st_size)}" for name in _attached(folder))
        raise UsageError(
            ERRORS["too_heavy"].format(size=megabytes(len(content)), most=megabytes(MOST_BYTES), files=files)
        )
    draft, new = folder / DRAFT, folder / f".{DRAFT}"
    new.unlink(missing_ok=True)
    new.write_bytes(content)
    os.replace(new, draft)
    return draft


def find_report(out: Path, code: str, on: date | None) -> Path:
    """The directory of the report of a commune on a day, the latest when none is asked. Raises UsageError."""
    day = on.isoformat() if on else ""
    found = [folder for folder in report_folders(out) if folder.parent.name.startswith(f"{code}-")]
    found = [folder for folder in found if folder.name == day or not day]
    if not found:
        raise UsageError(ERRORS["no_report"].format(code=code, on=f" du {day}" if day else "", out=out))
    return max(found, key=lambda folder: folder.name)


def mail_of(folder: Path, code: str, by: Consultant) -> EmailMessage:
    """The message for the report of a directory, to nobody yet. Raises UsageError when the report cannot be read."""
    figures, files = read_figures(folder), _attached(folder)
    if not figures or "rapport.html" not in files or figures.get("commune.code_insee") != code:
        raise UsageError(ERRORS["unreadable"].format(code=code, folder=folder))
    names = {name: f"rapport-{name_key(folder.parent.name)}-{folder.name}{Path(name).suffix}" for name in files}
    words = _words(figures, folder, names, by)
    house = Environment(loader=FileSystemLoader(FOLDER), trim_blocks=True, autoescape=select_autoescape(["html.j2"]))
    text, html = (house.get_template(f"courriel.{kind}.j2").render(words) for kind in ("txt", "html"))
    message = EmailMessage(policy=SMTP)
    message["Subject"] = words["subject"]
    message["X-Unsent"] = "1"  # opened as a draft, to be read over and sent
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    for file, name in names.items():
        kind = ("text", "html") if file.endswith(".html") else ("application", "pdf")
        message.add_attachment((folder / file).read_bytes(), *kind, filename=name)
    _set_boundaries(message, hashlib.sha256(html.encode()).hexdigest())
    return message


def main_figures(figures: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    """The rows of the mail: label, figure, precision; what the report does not have, or has none of, is left out."""
    best = str(figures.get("advice.best"))
    rows = []
    for row in WORDS["rows"]:
        value, note = (_filled(row.get(part, ""), figures, best) for part in ("value", "note"))
        if value:
            rows.append((typeset(row["label"]), value, note))
    return rows


def megabytes(size: int) -> str:
    """A size in bytes, to be read.

    >>> megabytes(534_000) == f"0,6{NBSP}Mo", megabytes(1) == f"0,1{NBSP}Mo"
    (True, True)
    """
    tenth = MEGABYTE // 10
    return number(-(-size // tenth) / 10, 1) + f"{NBSP}Mo"


def _words(figures: Mapping[str, Value], folder: Path, names: Mapping[str, str], by: Consultant) -> dict[str, Any]:
    """What both parts of the message say."""
    code = str(figures["commune.code_insee"])
    told = {"name": _in_header(str(cells_of(figures, code, "")["name"] or code)), "on": folder.name}
    priced, known = figures.get("advice.best") in LABELS, figures.get("inventory.known")
    lines = [TEXTS["no_inventory"]] if priced and not known else []
    lines += [TEXTS["rounded" if priced else "no_programme"]]
    lines += [TEXTS[ATTACHED[file]].format(file=name) for file, name in names.items()]
    said = {key: fill(typeset(TEXTS[key]), told) for key in ("subject", "greeting", "intro", "caption", "closing")}
    return said | {
        "header": TEXTS["header"],
        "rows": main_figures(figures),
        "lines": [typeset(line) for line in lines],
        "signature": [typeset(part) for part in (by.nom, by.societe) if part],
        "notice": NOTICE if code == FICTIONAL else "",
    }


def _filled(template: str, figures: Mapping[str, Value], best: str) -> str:
    """A template with its figures; nothing when one is missing, zero, or no number that we would write."""
    template = typeset(template.replace("[best]", best if best in LABELS else "none"))
    values = [figures.get(name) for _, name, _ in placeholders(template) if name]
    known = all(isinstance(value, float) and 0 < abs(value) < LARGEST_FIGURE for value in values)
    return fill(template, figures) if known else ""


def _in_header(text: str) -> str:
    """A name on one line, without what is not seen, nor what would turn the line around."""
    return "".join(char for char in " ".join(text.split()) if char.isprintable())[:LONGEST_NAME]


def _attached(folder: Path) -> list[str]:
    """The files of a report that go with the mail."""
    return [name for name in ATTACHED if is_plain_file(folder / name)]


def _set_boundaries(message: EmailMessage, seed: str) -> None:
    """What separates the parts, else drawn by chance; encoded as they are, no part holds « =_ »."""
    for rank, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"=_{rank}_{seed[:32]}")
