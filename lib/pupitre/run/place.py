"""Where a report stands: a directory that appears whole or not at all, whatever kills who fills it.

Belongs: temporary directories, renames, what is left after a crash. Does not: what the directory holds.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pupitre.errors import ReportError

FORMER = ".former"


@contextmanager
def whole_directory(target: Path) -> Iterator[Path]:
    """A directory to fill, which takes the place of `target` once it is complete, or leaves no trace."""
    if target.is_symlink() or target.is_file():
        raise ReportError(f"« {target} » n'est pas un dossier : déplacez-le, puis relancez.")
    made = [folder for folder in (target.parent, target.parent.parent) if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.{os.getpid()}.", dir=target.parent))
    try:
        yield folder
        folder.chmod(0o755)
        _swap(folder, target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # another run may have put its own there
            for empty in made:
                empty.rmdir()
        raise


def sweep(target: Path) -> None:
    """Take away what a process that was killed left beside `target`; the report that it was replacing comes back."""
    for left in target.parent.glob(f".{target.name}.*"):
        owner = left.name.removeprefix(f".{target.name}.").partition(".")[0]
        if owner.isdecimal() and not _runs(int(owner)):
            if left.suffix == FORMER and not target.exists():
                os.replace(left, target)
            shutil.rmtree(left, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _swap(folder: Path, target: Path) -> None:
    """Put a complete folder at `target`; the former one comes back if that fails, and goes if it does not."""
    former = folder.with_name(f"{folder.name}{FORMER}")
    if target.exists():
        os.replace(target, former)
    try:
        os.replace(folder, target)
    except OSError:
        if former.exists():
            os.replace(former, target)
        raise
    shutil.rmtree(former, ignore_errors=True)
