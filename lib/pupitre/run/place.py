"""Where a report stands: a directory that appears whole or not at all, whatever kills who fills it.

Belongs: the directory being filled, renames, what is left after a crash. Does not: what the directory holds.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from pupitre.errors import ReportError

LOCK, NEW, FORMER = "verrou", "nouveau", "ancien"
FAILED = "echecs"


@contextmanager
def whole_directory(target: Path) -> Iterator[Path]:
    """A directory to fill, which takes the place of `target` once it is complete, or leaves no trace.

    One process at a time fills it: another waits for its turn.
    """
    if target.is_symlink() or target.is_file():
        raise ReportError(f"« {target} » n'est pas un dossier : déplacez-le, puis relancez.")
    made = [folder for folder in (target.parent, target.parent.parent) if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _held(target):
            folder = _beside(target, NEW)
            folder.mkdir()
            yield folder
            if target.exists():
                os.replace(target, _beside(target, FORMER))
            os.replace(folder, target)
    finally:
        with suppress(OSError):  # a report stands there
            for empty in made:
                empty.rmdir()


def sweep(target: Path) -> None:
    """Take away what a process that was killed left beside `target`; the report that it was replacing comes back.

    What a living process holds is left alone.
    """
    if any(_beside(target, name).exists() for name in (LOCK, NEW, FORMER)):
        with suppress(Timeout), _held(target, blocking=False):
            pass


def stopped_notebook(target: Path) -> Path:
    """Where the notebook that stopped the report of `target` is kept, until it is made.

    >>> stopped_notebook(Path("reports/13028-la-ciotat/2026-11-22")).as_posix()
    'reports/echecs/13028-la-ciotat-2026-11-22.ipynb'
    """
    return target.parent.parent / FAILED / f"{target.parent.name}-{target.name}.ipynb"


@contextmanager
def _held(target: Path, blocking: bool = True) -> Iterator[None]:
    """Nobody else is at work on `target`, and nothing lies beside it, before and after. Raises Timeout.

    The system frees the lock when its holder ends, however it ends, and no child of the holder has it.
    """
    lock = FileLock(_beside(target, LOCK), blocking=blocking)
    with lock:
        try:
            _clear(target)
            yield
        finally:
            _clear(target)
            Path(lock.lock_file).unlink(missing_ok=True)


def _clear(target: Path) -> None:
    """The former report comes back when no other took its place, and goes otherwise, with what was begun."""
    new, former = _beside(target, NEW), _beside(target, FORMER)
    if former.exists() and not target.exists():
        os.replace(former, target)
    for left in (new, former):
        shutil.rmtree(left, ignore_errors=True)


def _beside(target: Path, name: str) -> Path:
    return target.with_name(f".{target.name}.{name}")
