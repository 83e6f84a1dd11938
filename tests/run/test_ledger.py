"""The ledger and the lock of a folder of reports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.errors import UsageError
from pupitre.run.ledger import LOCK, NAME, Attempt, append, latest, locked, read_ledger

ATTEMPT = Attempt(
    code_insee="01004",
    on="2026-11-22",
    folder="01004-amberieu-en-bugey/2026-11-22",
    key="ab12",
    status="ok",
    reason="",
    began="2026-11-22T08:00:00Z",
    seconds={"study": 0.5, "total": 2.0},
    peak_bytes=100_000_000,
    outputs={"rapport.html": "cd34"},
)
FAILED = replace(ATTEMPT, code_insee="2A004", status="cell_error", reason="Le carnet s'est arrêté.\n« 05 »\u2028")
WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from pupitre.run.ledger import append
from tests.run.test_ledger import ATTEMPT
for rank in range(200):
    append(Path(sys.argv[1]), replace(ATTEMPT, code_insee=sys.argv[2], key=str(rank)))
"""
FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from pupitre.run.ledger import NAME, append
from tests.run.test_ledger import FAILED
folder = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = (folder / NAME).stat().st_size + int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
try:
    append(folder, FAILED)
except OSError as error:
    print("refused", (folder / NAME).stat().st_size == size)
"""
HOLDER = """
import os, subprocess, sys, time
from pathlib import Path
from pupitre.run.ledger import locked
with locked(Path(sys.argv[1])):
    if sys.argv[2] == "forks":
        child = os.fork()
        if not child:
            time.sleep(60)
            os._exit(0)
    else:
        child = subprocess.Popen(["sleep", "60"], close_fds=False, stdout=subprocess.DEVNULL).pid
    print(child, flush=True)
    time.sleep(60)
"""


def command(code: str, *arguments: object) -> list[str]:
    """A process of Python that runs a text of this file."""
    return [sys.executable, "-c", code, *map(str, arguments)]


def line_of(**changed: object) -> bytes:
    """The line of a record, with values changed; those that are None are taken out."""
    values = {name: value for name, value in (asdict(ATTEMPT) | changed).items() if value is not None}
    return json.dumps(values).encode() + b"\n"


@pytest.fixture
def torn(tmp_path: Path) -> tuple[Path, bytes, bytes]:
    """A folder, the bytes of its first record and those of its second, which a crash is to cut."""
    append(tmp_path, ATTEMPT)
    first = (tmp_path / NAME).read_bytes()
    append(tmp_path, FAILED)
    return tmp_path, first, (tmp_path / NAME).read_bytes().removeprefix(first)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """In the order of the attempts, a line each, whatever the text."""
    append(tmp_path, ATTEMPT)
    append(tmp_path, FAILED)

    assert read_ledger(tmp_path) == [ATTEMPT, FAILED]
    assert (tmp_path / NAME).read_bytes().count(b"\n") == 2


def test_a_record_is_on_disk_before_the_next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut after an attempt does not take it away."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size))
    append(tmp_path, ATTEMPT)

    assert synced == [(tmp_path / NAME).stat().st_size]


@given(reason=st.text(max_size=40), seconds=st.floats(0, 1e9), peak=st.integers(0, 2**40))
def test_any_record_is_one_line_read_back(
    tmp_path_factory: pytest.TempPathFactory, reason: str, seconds: float, peak: int
) -> None:
    """Its text may hold line ends, quotes and signs of any script."""
    folder = tmp_path_factory.mktemp("ledger")
    attempt = replace(ATTEMPT, reason=reason, seconds={reason: seconds}, peak_bytes=peak)
    append(folder, attempt)
    append(folder, ATTEMPT)

    assert read_ledger(folder) == [attempt, ATTEMPT]


def test_a_reason_that_quotes_a_whole_file_is_cut(tmp_path: Path) -> None:
    """Its beginning says enough; half a sign, which no file can hold, becomes a question mark."""
    append(tmp_path, replace(FAILED, reason="\ud800" + "x" * 10_000_000))

    assert [attempt.reason for attempt in read_ledger(tmp_path)] == ["?" + "x" * 1999]


def test_no_ledger_is_no_attempt(tmp_path: Path) -> None:
    """Neither in an empty folder nor in none."""
    assert read_ledger(tmp_path) == read_ledger(tmp_path / "absent") == []


def test_a_torn_line_loses_its_record_only(torn: tuple[Path, bytes, bytes]) -> None:
    """Wherever the crash cuts it, the former record and the next are whole; all but its end, it is whole too."""
    folder, first, second = torn
    for cut in range(len(second) + 1):
        (folder / NAME).write_bytes(first + second[:cut])
        kept = [ATTEMPT, FAILED] if cut >= len(second) - 1 else [ATTEMPT]
        assert read_ledger(folder) == kept
        append(folder, FAILED)
        assert read_ledger(folder) == [*kept, FAILED]
        assert b"\n\n" not in (folder / NAME).read_bytes()


@pytest.mark.parametrize("room", [0, 1, 100])
def test_a_full_disk_leaves_what_was_written(tmp_path: Path, root: Path, room: int) -> None:
    """The error is seen, even when the beginning of the record could be written; the next record is whole."""
    append(tmp_path, ATTEMPT)
    former = (tmp_path / NAME).read_bytes()
    found = subprocess.run(command(FULL_DISK, tmp_path, room), cwd=root, capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "refused True"
    assert (tmp_path / NAME).read_bytes().startswith(former)
    assert read_ledger(tmp_path) == [ATTEMPT]
    append(tmp_path, FAILED)
    assert read_ledger(tmp_path) == [ATTEMPT, FAILED]


def test_two_processes_lose_nothing(tmp_path: Path, root: Path) -> None:
    """200 records each at once: all 400 are there, those of each in their order."""
    writers = [subprocess.Popen(command(WRITER, tmp_path, code), cwd=root) for code in ("01004", "2A004")]

    assert [writer.wait() for writer in writers] == [0, 0]
    for code in ("01004", "2A004"):
        keys = [attempt.key for attempt in read_ledger(tmp_path) if attempt.code_insee == code]
        assert keys == [str(rank) for rank in range(200)]


@pytest.mark.parametrize(
    "line",
    [
        b"bonjour\n",
        b"\n",
        b"[]\n",
        b"[" * 200_000 + b"\n",
        b"null\n",
        b"\xff\xfe\n",
        line_of()[:-2] + b"\xff\n",
        line_of(reason=None),
        line_of(code_insee=1004),
        line_of(peak_bytes=True),
        line_of(peak_bytes="1"),
        line_of(status="fini"),
        line_of(seconds={"total": float("nan")}),
        line_of(seconds={"total": float("inf")}),
        line_of(seconds={"total": 1}).replace(b": 1}", b": 1e999}"),
        line_of(seconds=[]),
        line_of(outputs={"rapport.html": 1}),
        line_of(outputs={"rapport.html": "x" * 10_000_000}),
        b"x" * 10_000_000 + line_of(),
        b" " * 2_000_000 + line_of(),
    ],
    ids=range(20),
)
def test_a_foreign_line_is_left_out(tmp_path: Path, line: bytes) -> None:
    """Whatever its text, its values or its length, its neighbours are read."""
    (tmp_path / NAME).write_bytes(line_of() + line + line_of(key="next") + line)

    assert read_ledger(tmp_path) == [ATTEMPT, replace(ATTEMPT, key="next")]


def test_a_record_of_a_later_version_is_read(tmp_path: Path) -> None:
    """What it says more is left out; a whole number is a number of seconds."""
    (tmp_path / NAME).write_bytes(line_of(engine="warm", seconds={"study": 0.5, "total": 2}))

    assert read_ledger(tmp_path) == [ATTEMPT]


def test_the_latest_attempt_counts(tmp_path: Path) -> None:
    """Of each commune on each date."""
    again, before = replace(FAILED, status="ok", reason=""), replace(ATTEMPT, on="2025-11-22")

    assert latest([FAILED, ATTEMPT, before, again]) == {
        ("2A004", "2026-11-22"): again,
        ("01004", "2026-11-22"): ATTEMPT,
        ("01004", "2025-11-22"): before,
    }


def test_a_folder_serves_one_batch_at_a_time(tmp_path: Path) -> None:
    """The second is told so in French, and what to do; it disturbs neither the first nor the next."""
    folder = tmp_path / "a" / "reports"
    with locked(folder):
        for _ in range(2):
            with (
                pytest.raises(UsageError, match=r"^Un autre lot travaille dans « .*reports ».*--out\.$"),
                locked(folder),
            ):
                pass
    with pytest.raises(RuntimeError, match="any"), locked(folder):
        raise RuntimeError("any")
    with locked(folder):
        assert (folder / LOCK).exists()


@pytest.mark.parametrize("way", ["forks", "spawns"])
def test_a_killed_batch_leaves_the_folder_free(tmp_path: Path, root: Path, way: str) -> None:
    """Even when a child of it lives on: the lock is held while the batch lives, and does not pass to its child."""
    with batch_with_a_child(tmp_path, root, way) as (batch, child):
        with pytest.raises(UsageError, match="Un autre lot"), locked(tmp_path):
            pass
        batch.kill()
        batch.wait()
        os.kill(child, 0)  # raises if there is no such process
        with locked(tmp_path):
            pass


@contextmanager
def batch_with_a_child(folder: Path, root: Path, way: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that holds the lock of a folder, and the pid of its child."""
    with subprocess.Popen(command(HOLDER, folder, way), cwd=root, stdout=subprocess.PIPE, text=True) as batch:
        assert batch.stdout
        child = int(batch.stdout.readline())
        try:
            yield batch, child
        finally:
            batch.kill()
            os.kill(child, signal.SIGKILL)
