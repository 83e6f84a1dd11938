"""The consultant's own words on a commune: `notes.md` in its folder, one heading per chapter.

Belongs: finding the file, cutting it at its headings. Does not: what a page may show of it (`show/notes.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from pupitre.data.codes import CODE_INSEE, UNSAFE, name_key
from pupitre.errors import UsageError, refusal

NAME = "notes.md"
LARGEST = 100_000  # bytes
HEADING = re.compile(r"^# +(.*?)[ #]*$", re.MULTILINE)


def find_notes(raw: Path, code: str) -> Path | None:
    """The notes on a commune, None when there are none."""
    path = raw / "communes" / code / NAME
    return path if CODE_INSEE.fullmatch(code) and path.is_file() else None


def read_notes(path: Path, chapters: Sequence[str]) -> Mapping[str, str]:
    """What is written of each chapter, in Markdown, by its title as in `chapters`.

    Raises UsageError when the file cannot be read, is too large, or when a text has no chapter or an unknown one.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"« {path.name} » dépasse {LARGEST // 1000} ko : gardez ce que le maire doit lire.")
        before, *parts = HEADING.split(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"« {path.name} » ne se lit pas : {refusal(error)}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"« {path.name} » n'est pas en UTF-8 : enregistrez-le dans ce codage.") from None
    known, listed = {name_key(chapter): chapter for chapter in chapters}, ", ".join(chapters)
    if before.strip():
        raise UsageError(f"« {path.name} » : commencez par un titre de chapitre, par exemple « # {chapters[0]} ».")
    told: dict[str, str] = {}
    for title, text in zip(parts[::2], parts[1::2], strict=True):
        chapter = known.get(name_key(title))
        if chapter is None or chapter in told:
            why = "il est deux fois" if chapter else "ce chapitre n'existe pas"
            raise UsageError(f"« {path.name} », titre « {title[:60]} » : {why}. Chapitres du rapport : {listed}.")
        told[chapter] = "\n".join(UNSAFE.sub("", line) for line in text.strip().splitlines())
    return told
