"""What a batch survives. It is run here as its user runs it; then someone kills, starves or misuses it."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest

from pupitre.run.ledger import Attempt, latest, read_ledger

CODES = [f"3590{rank}" for rank in range(10)]
DAYS = ["2026-11-21", "2026-11-22"]
ROWS = {(code, day) for day in DAYS for code in CODES[:8]}
KINDS = ("batch", "warm", "report", "kernel")  # each starts the next
STRESS = os.environ.get("HYPOTHESIS_PROFILE") == "stress"
KILLS, ROUNDS = 5, 20 if STRESS else 1
MARK = "PUPITRE_TEST"
PATIENCE = 60
COMMAND = """
import sys
from pupitre import cli
from pupitre.run import batch
batch.MOST_SECONDS, batch.MOST_BYTES = int(sys.argv.pop(1)), int(sys.argv.pop(1))
cli.main()
"""
NO_FORK = COMMAND.replace(
    "cli.main()",
    """
def refuse():
    raise batch.NoFork("pas ici")
batch.WarmParent = refuse
cli.main()
""",
)


class Process(NamedTuple):
    """A process that a batch started, or the batch: which of `KINDS` it is, by its rank."""

    pid: int
    depth: int


class Batch:
    """A batch of a project, in a session of its own, as in a terminal; two reports at once."""

    def __init__(
        self, project: Path, *options: str, command: str = COMMAND, seconds: int = 600, most_bytes: int = 2 * 10**9
    ) -> None:
        """Start it, with limits of its own for each report."""
        self.project, self.out, self.told = project, project / "sortie", Path(tempfile.mkstemp(dir=project)[1])
        known = ("--data", "base.sqlite", "--on", DAYS[-1], "--out", "sortie", "--jobs", "2")
        with self.told.open("w") as told:
            self.process = subprocess.Popen(
                [sys.executable, "-c", command, str(seconds), str(most_bytes), "batch", "lot.csv", *known, *options],
                cwd=project,
                env={**os.environ, MARK: str(project), "TMPDIR": str(project)},  # what is killed leaves files there
                stdout=subprocess.DEVNULL,
                stderr=told,
                start_new_session=True,
            )

    def ended(self) -> tuple[int, str]:
        """Its status and what it said, once it has ended."""
        status = self.process.wait(PATIENCE * 10)
        return status, self.told.read_text(encoding="utf-8")

    def alive(self) -> list[Process]:
        """All the processes of the project."""
        parents = {pid: parent for pid, parent in map(_parent, _marked(self.project)) if parent}
        return [Process(pid, _depth(pid, parents)) for pid in parents]

    def of(self, kind: str) -> list[int]:
        """The processes of a kind."""
        return [one.pid for one in self.alive() if one.depth == KINDS.index(kind)]

    def kill(self, kind: str, luck: random.Random) -> bool:
        """Kill a process of a kind, at a random moment; whether there was one before the batch ended."""
        while self.process.poll() is None:
            time.sleep(luck.uniform(0, 0.3))
            if found := self.of(kind):
                os.kill(luck.choice(found), signal.SIGKILL)
                return True
        return False

    def attempts(self) -> list[Attempt]:
        """Its ledger."""
        return read_ledger(self.out)

    def made(self) -> set[tuple[str, str]]:
        """The rows whose last attempt went well."""
        return {row for row, attempt in latest(self.attempts()).items() if attempt.status == "ok"}


def _marked(project: Path) -> list[int]:
    mark = f"{MARK}={project}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def _parent(pid: int) -> tuple[int, int]:
    """A process and its parent, 0 when it is over."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return pid, 0
    return pid, 0 if state == "Z" else int(parent)


def _depth(pid: int, parents: dict[int, int]) -> int:
    return 1 + _depth(parents[pid], parents) if parents.get(pid) in parents else 0


def until(reached: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, "still waiting"
        time.sleep(0.05)


def table(project: Path, lines: Iterable[str], header: str = "code_insee") -> Path:
    """A project, with its table."""
    (project / "lot.csv").write_text("\n".join([header, *lines]), encoding="utf-8")
    return project


def many_rows(project: Path) -> Path:
    """A project whose table asks for sixteen reports: eight communes at two dates."""
    return table(project, (f"{code};{day}" for code, day in sorted(ROWS)), "code_insee;on")


def assert_whole(out: Path) -> None:
    """Each report has the files of its record, with their digests, and no other."""
    for folder in out.glob("35*/2*"):
        record = json.loads((folder / "run.json").read_bytes())
        files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
        assert files.pop("run.json")
        assert files == record["outputs"], folder


def reports(out: Path) -> dict[str, bytes]:
    """Every page and every result."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for name in ("rapport.html", "resultats.json")
        for path in out.glob(f"35*/2*/{name}")
    }


def left_beside(out: Path) -> list[Path]:
    """What is neither a report nor what tells of them."""
    return [*out.glob("35*/.*"), *out.glob("echecs/*"), *out.glob(".portefeuille*")]


def ledger_of(out: Path) -> bytes:
    """The whole lines of a ledger."""
    path = out / "journal.jsonl"
    return path.read_bytes().rpartition(b"\n")[0] if path.exists() else b""


@pytest.fixture(scope="module")
def undisturbed(project_at: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """A batch of many rows, begun."""
    return Batch(many_rows(project_at(tmp_path_factory.mktemp("temoin") / "projet")))


def test_one_folder_has_one_batch_at_a_time(undisturbed: Batch) -> None:
    """The second refuses, and says what to do; the first does not mind."""
    until((undisturbed.out / ".verrou").exists)
    second = Batch(undisturbed.project)
    status, told = second.ended()

    assert undisturbed.process.poll() is None
    assert (status, told) == (
        2,
        f"Un autre lot travaille dans « {undisturbed.out} ». Attendez qu'il finisse, ou choisissez un autre dossier "
        "avec l'option --out.\n",
    )
    assert undisturbed.ended() == (0, "16 rapports à jour, 0 en échec.\n")
    assert undisturbed.made() == ROWS


def test_whoever_is_killed_no_report_is_partial_and_the_next_run_ends_well(undisturbed: Batch, project: Path) -> None:
    """Batch, warm process, report or kernel, at any moment: the ledger only grows, nothing is left running.

    The next run gives the pages and the results of a batch that nobody disturbed, to the byte.
    """
    luck, kills = random.Random(7), 0  # noqa: S311 (no secret)
    many_rows(project)
    undisturbed.ended()

    for number in range(ROUNDS):
        kinds = luck.sample(["report", *KINDS[1:]], k=KILLS - 1) if ROUNDS == 1 else luck.choices(KINDS, k=KILLS)
        killed = Batch(project, *(["--force"] if number else []))
        for kind in [*kinds, "batch"]:
            ledger = ledger_of(killed.out)
            kills += killed.kill(kind, luck)
            assert ledger_of(killed.out).startswith(ledger)
        killed.ended()
        until(lambda batch=killed: not batch.alive())  # type: ignore[misc]
        assert_whole(killed.out)

        again = Batch(project)
        assert again.ended() == (0, "16 rapports à jour, 0 en échec.\n")
        assert ledger_of(again.out).startswith(ledger)
        assert again.made() == ROWS
        assert reports(again.out) == reports(undisturbed.out)
        assert left_beside(again.out) == []
        assert_whole(again.out)

    assert kills >= KILLS * ROUNDS // 2  # some came after the end


MOMENTS: dict[str, tuple[int, int, Callable[[Batch], object]]] = {
    "Ctrl-C, reports under way": (signal.SIGINT, 130, lambda batch: len(batch.made()) > 1),
    "an order to end, reports not begun": (signal.SIGTERM, 143, lambda batch: batch.of("warm")),
}


@pytest.mark.parametrize(("number", "status", "reached"), MOMENTS.values(), ids=MOMENTS)
def test_a_batch_that_is_interrupted_leaves_what_was_finished(
    number: int, status: int, reached: Callable[[Batch], object], project: Path
) -> None:
    """Sent to all that a terminal sees: it ends within seconds, with a list of what stands, and nothing runs on."""
    batch = Batch(many_rows(project))
    until(lambda: reached(batch))
    begun = time.monotonic()
    os.killpg(batch.process.pid, number)
    ended = batch.ended()

    assert time.monotonic() - begun < 10
    assert ended == (status, "Interrompu. Ce qui était terminé reste.\n" if status == 130 else "")
    assert batch.alive() == []
    assert {(path.parent.name[:5], path.name) for path in batch.out.glob("35*/2*")} == batch.made() < ROWS
    assert (batch.out / "index.html").read_text(encoding="utf-8").count("rapport.html") == len(batch.made())
    assert left_beside(batch.out) == []
    assert_whole(batch.out)


@pytest.mark.parametrize("number", [signal.SIGTERM, *([signal.SIGKILL] if STRESS else [])])
def test_where_nothing_is_forked_a_batch_that_is_stopped_leaves_nothing_running(
    number: signal.Signals, project: Path
) -> None:
    """The signal comes to the batch alone; the processes that it started end with it, and their kernels."""
    batch = Batch(many_rows(project), command=NO_FORK)
    until(lambda: batch.of("report"))  # here a kernel, whose report comes straight from the batch
    os.kill(batch.process.pid, number)
    begun = time.monotonic()
    batch.ended()
    until(lambda: not batch.alive())

    assert time.monotonic() - begun < 10
    assert batch.made() == set()
    assert number == signal.SIGKILL or left_beside(batch.out) == []


MISUSES = {
    "35900": ("import os; os._exit(3)", "killed", "noyau est mort"),
    "35901": (
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(0.01)",
        "timeout",
        "minutes",
    ),
    "35902": ("hoard = []\nwhile True: hoard.append(b'x' * 10**7)", "killed", "mémoire"),
    "35903": ("import sys; sys.exit()", "cell_error", "avant sa fin"),
    "35904": ("import sys; sys.exit(3)", "cell_error", "SystemExit : 3"),
    "35905": ("for _ in range(100): print('x' * 10**6)", "cell_error", "Mo"),
    "35906": ("import os; os.closerange(3, 1000)", "killed", "noyau est mort"),
    "35907": ("import os, time\nif not os.fork():\n    os.setsid()\n    time.sleep(10**6)", "ok", ""),
    "35908": ("1 / 0", "cell_error", "ZeroDivisionError"),
    "35909": ("", "ok", ""),
}


def test_a_notebook_that_misbehaves_fails_alone(project: Path) -> None:
    """Each row ends with its status and a reason; the others are made, and nothing is left running."""
    path = project / "notebooks" / "05-synthese.ipynb"
    notebook = nbformat.read(path, as_version=4)
    sources = {code: source for code, (source, _, _) in MISUSES.items()}
    notebook.cells.append(nbformat.v4.new_code_cell(f"exec({sources!r}[code_insee])"))
    nbformat.write(notebook, path)
    batch = Batch(table(project, CODES), seconds=15, most_bytes=10**9)
    status, told = batch.ended()
    until(lambda: not batch.alive())
    attempts = {attempt.code_insee: attempt for attempt in batch.attempts()}

    assert status == 1
    assert {code: attempt.status for code, attempt in attempts.items()} == {
        code: status for code, (_, status, _) in MISUSES.items()
    }
    for code, (_, _, reason) in MISUSES.items():
        assert reason in attempts[code].reason
    failed = [f"{one.code_insee} : {one.reason}" for one in batch.attempts() if one.status != "ok"]
    assert told.splitlines() == [*failed, "2 rapports à jour, 8 en échec."]
    assert_whole(batch.out)
    assert not [*batch.out.glob("35*/.*")]
    kept = {path.name[:5] for path in batch.out.glob("echecs/*.ipynb")}
    assert kept >= {"35900", "35904", "35906", "35908"}
