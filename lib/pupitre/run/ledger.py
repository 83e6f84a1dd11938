"""The ledger of a folder of reports: one line per attempt, added and never changed, and the lock of the folder.

Belongs: writing a record so that no crash spoils another, reading what can be read, one batch at a time. Does not:
deciding what is to be done again, nor any word for the reader of the reports.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Literal

from filelock import FileLock, Timeout
from pydantic import FiniteFloat, TypeAdapter, ValidationError

from pupitre.errors import UsageError

NAME = "journal.jsonl"
LOCK = ".verrou"
LONGEST_REASON = 2000  # characters: an error may quote a whole file
LONGEST_LINE = 1_000_000  # bytes: what is longer is none of ours

Status = Literal["ok", "cell_error", "invalid_input", "timeout", "killed"]


@dataclass(frozen=True)
class Attempt:
    """One attempt at one report.

    `code_insee` and `on` as they were asked, even wrong; `folder` under the folder of reports
    (« 13028-la-ciotat/2026-11-22 »), or nothing when it is not known; `key`: hex digest of all inputs; `reason`: in
    French, nothing when `ok`; `began`: ISO, UTC; `seconds` of each step and of the whole; `peak_bytes` of memory;
    `outputs`: the SHA-256 of each file.
    """

    code_insee: str
    on: str
    folder: str
    key: str
    status: Status
    reason: str
    began: str
    seconds: Mapping[str, FiniteFloat]
    peak_bytes: int
    outputs: Mapping[str, str]


RECORD = TypeAdapter(Attempt)


def append(folder: Path, attempt: Attempt) -> None:
    """Add a record to the ledger of a folder, and wait until the disk has it.

    One write at the end of the file: attempts of several processes do not mix. A line left torn by a crash is closed
    first. Raises OSError when the disk is full: the former records stay as they were.
    """
    kept = asdict(attempt) | {"reason": attempt.reason[:LONGEST_REASON]}
    line = json.dumps(kept, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"
    with (folder / NAME).open("ab+", buffering=0) as file:
        record = b"\n" + line if _is_torn(file) else line
        if file.write(record) < len(record):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / NAME))
        os.fsync(file.fileno())


def read_ledger(folder: Path) -> list[Attempt]:
    """The records of a folder, the oldest first; none when it has no ledger.

    What is not a whole record, with values of the right types, is left out.
    """
    try:
        with (folder / NAME).open("rb") as file:
            return [attempt for line in _lines(file) for attempt in _parsed(line)]
    except FileNotFoundError:
        return []


def latest(attempts: Iterable[Attempt]) -> dict[tuple[str, str], Attempt]:
    """The last attempt at each report, by code INSEE and date."""
    return {(attempt.code_insee, attempt.on): attempt for attempt in attempts}


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other batches out of a folder, made when it is missing.

    Raises UsageError when another batch holds it. The system frees it when its holder ends, however it ends; the
    children of the holder do not have it, whether they are forked (the library closes its descriptor in them) or run
    another program (the descriptor does not pass to it).
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise UsageError(
            f"Un autre lot travaille dans « {folder} ». Attendez qu'il finisse, ou choisissez un autre dossier "
            "avec l'option --out."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _is_torn(file: FileIO) -> bool:
    """Whether the last line lacks its end. True too in the middle of another's write: an empty line harms nobody."""
    if not file.seek(0, os.SEEK_END):
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file, those too long to be ours left out; the last may lack its end."""
    starts = True
    while piece := file.readline(LONGEST_LINE):
        ends = piece.endswith(b"\n") or len(piece) < LONGEST_LINE
        if starts and ends:
            yield piece
        starts = ends


def _parsed(line: bytes) -> list[Attempt]:
    """The record of a line, or nothing."""
    try:
        return [RECORD.validate_json(line, strict=True)]
    except ValidationError:
        return []
