"""What a command prints: lines, tables, progress. Results on the output, the rest on the error output."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table


@contextmanager
def progress() -> Iterator[Callable[..., None]]:
    """A bar on a terminal, nothing elsewhere; yields `advance(what, done, total)`."""
    from rich.progress import Progress

    screen = Console(stderr=True)
    if not screen.is_terminal:
        yield lambda *told: None
        return
    with Progress(console=screen, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


@contextmanager
def report_progress(total: int) -> Iterator[Callable[[bool], None]]:
    """A bar with the rate, the time left and the failures so far; yields `ended(well)`. Nothing outside a terminal."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    screen = Console(stderr=True)
    if not screen.is_terminal or not total:
        yield lambda well: None
        return
    columns = ["{task.fields[rate]}", "{task.fields[failures]}"]
    left = (TextColumn("reste"), TimeRemainingColumn(compact=True))
    shown = (TextColumn("Rapports"), BarColumn(), MofNCompleteColumn(), *map(TextColumn, columns), *left)
    with Progress(*shown, TimeElapsedColumn(), console=screen, transient=True, redirect_stdout=True) as bar:
        task = bar.add_task("", total=total, rate="", failures="")
        failures = 0

        def ended(well: bool) -> None:
            nonlocal failures
            failures += not well
            bar.advance(task)
            minutes = (bar.tasks[0].elapsed or 0) / 60
            rate = f"{bar.tasks[0].completed / minutes:.0f} par minute" if minutes else ""
            bar.update(task, rate=rate, failures=f"{failures} en échec" if failures else "")

        yield ended


def table(header: list[str], rows: list[list[str]]) -> None:
    """Rows under a header: aligned on a terminal, separated by tabs elsewhere."""
    grid = Table(*header, box=None, pad_edge=False)
    for row in rows:
        grid.add_row(*row)
    screen = Console(highlight=False, markup=False)
    if screen.is_terminal:
        screen.print(grid)
    else:
        print("\n".join("\t".join(row) for row in [header, *rows]))


def shown(path: Path) -> Path:
    """A path as its reader would type it: from here when it is below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def say(message: str) -> None:
    """One line on the error output; a control or direction character of a file never reaches the terminal."""
    print(plain(message), file=sys.stderr)


def plain(text: object) -> str:
    """A text without the characters that a terminal obeys."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", "?", str(text))
