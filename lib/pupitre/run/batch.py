"""Many reports at once: who runs, who waits, what became of each.

Belongs: forked children at work and their outcomes, the ledger, what is already done. Does not: reading the table
(`table`), making a report (`attempt`), showing progress (`cli`).
"""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from itertools import starmap
from pathlib import Path
from typing import Any

from pupitre.errors import ReportError, refusal
from pupitre.run.engine import SLOW, NoFork, WarmParent
from pupitre.run.inputs import Order, digest
from pupitre.run.ledger import NAME, Attempt, append, latest, read_ledger
from pupitre.run.place import stopped_notebook, sweep
from pupitre.run.wire import MOST_AT_ONCE

MOST_SECONDS, MOST_BYTES = 600, 2_000_000_000
FEW = 6  # reports: a rehearsal costs more than it spares them
WHY = {
    "timeout": f"Plus de {MOST_SECONDS // 60} minutes : interrompu.",
    "memory": f"Plus de {MOST_BYTES // 10**9} Go de mémoire : interrompu.",
    "signal": "Interrompu par le système (signal {}).",
    "exit": "Interrompu : son processus s'est arrêté de lui-même.",
}
STOP = "Le lot s'arrête ; ce qui était terminé reste."
LOST = "Interrompu deux fois avec le processus qui le faisait."
ALONE = (sys.executable, "-c", "from pupitre.run.attempt import main; main()")
Outcome = Mapping[str, Any]
Say = Callable[[str], None]


@dataclass
class Running:
    """A report under way: what was asked, what came of it so far."""

    order: Order
    began: str
    received: bytearray = field(default_factory=bytearray)

    def outcome(self) -> Outcome | None:
        """What became of it; None when the process that watched over it is gone too."""
        told: dict[str, Any] = {}
        for line in self.received.splitlines():
            with suppress(ValueError):  # torn: who wrote it was killed
                told |= json.loads(line)
        if "exit" not in told:
            return None
        if "status" in told or "fault" in told:
            return told
        why = told["why"] or ("signal" if told["exit"] < 0 else "exit")
        status = "timeout" if why == "timeout" else "killed"
        return told | {"status": status, "reason": WHY[why].format(-told["exit"])}


def make_reports(orders: Iterable[Order], jobs: int, say: Say) -> Generator[Attempt]:
    """Make reports, `jobs` at once, and give what became of each as it ends, once it stands in the ledger.

    Raises ReportError when the machine refuses (a full disk); what was finished stays.
    """
    waiting = deque(orders)
    try:
        with closing(Pool(waiting, jobs).outcomes()) as outcomes:
            yield from starmap(_recorded, outcomes)
    except NoFork as error:
        say(SLOW.format(error))
        with closing(_alone(waiting, jobs)) as outcomes:
            yield from starmap(_recorded, outcomes)


def already_made(order: Order) -> Path | None:
    """The directory of the report, when it stands there whole, made from the same inputs.

    What a crash left there is put right first, and so is a ledger that says otherwise.
    """
    _sweep(order)
    for path in Path(order.out).glob(f"{order.code_insee}-*/{order.on}/run.json"):
        try:
            record = json.loads(path.read_bytes())
            kept = {name: digest(path.with_name(name)) for name in record["outputs"]}
            whole = record["key"] == order.key and record["outputs"] == kept
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if whole:
            _acknowledge(order, path.parent, kept)
            return path.parent
    return None


def refused(code_insee: str, on: str, reason: str) -> Attempt:
    """The attempt that was not made: its row is wrong."""
    return Attempt(code_insee, on, "", "", "invalid_input", reason, now(), {}, 0, {})


def now() -> str:
    """The time, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _acknowledge(order: Order, folder: Path, outputs: Mapping[str, str]) -> None:
    """Tell the ledger of a report that stands: killed before it could, or tried since with inputs that are gone."""
    out = Path(order.out)
    last = _last_attempts(out, (out / NAME).stat().st_size if (out / NAME).exists() else 0)
    known = last.get((order.code_insee, order.on))
    if known is None or (known.status, known.key) != ("ok", order.key):
        path = folder.relative_to(out).as_posix()
        append(out, Attempt(order.code_insee, order.on, path, order.key, "ok", "", now(), {}, 0, outputs))
        stopped_notebook(folder).unlink(missing_ok=True)


@cache
def _last_attempts(out: Path, size: int) -> Mapping[tuple[str, str], Attempt]:
    """The last attempt at each report, read again when the ledger has grown."""
    return latest(read_ledger(out))


def _recorded(running: Running, outcome: Outcome) -> Attempt:
    """The attempt, once the ledger has it."""
    order = running.order
    if "fault" in outcome:
        raise ReportError(f"{outcome['fault']} {STOP}")
    folder = outcome.get("folder", "")
    attempt = Attempt(
        code_insee=order.code_insee,
        on=order.on,
        folder=Path(folder).relative_to(order.out).as_posix() if folder else "",
        key=order.key,
        status=outcome["status"],
        reason=outcome["reason"],
        began=running.began,
        seconds=outcome.get("seconds", {}),
        peak_bytes=outcome.get("peak", 0),
        outputs=outcome.get("outputs", {}),
    )
    try:
        append(Path(order.out), attempt)
    except OSError as error:
        raise ReportError(f"« {error.filename or order.out} » : {refusal(error)}. {STOP}") from error
    return attempt


class Pool:
    """Children of a warm process at work on the orders that wait.

    A warm process that has aged, or died, is replaced once none of its children runs; what died with it is tried again.
    """

    def __init__(self, waiting: deque[Order], jobs: int) -> None:
        """Nothing is started yet."""
        self.waiting, self.jobs = waiting, jobs
        self.running: dict[socket.socket, Running] = {}
        self.parent: WarmParent | None = None
        self.usable = self.tried = False
        self.lost: set[tuple[str, str]] = set()

    def outcomes(self) -> Generator[tuple[Running, Outcome]]:
        """What became of each order, as it ends. Raises NoFork when no warm process can be had."""
        try:
            while self.waiting or self.running:
                self._fill()
                yield from self._collect()
        finally:
            self._close()
            for end, running in self.running.items():
                end.close()
                _sweep(running.order)

    def _fill(self) -> None:
        while self.waiting and len(self.running) < self.jobs:
            if not self.usable and self.running:
                return
            parent = self.parent if self.parent and self.usable else self._renewed()
            order = self.waiting[0].keyed()
            ours, theirs = socket.socketpair()
            self.running[ours] = Running(order, now())
            try:
                with theirs:
                    parent.ask(_request("report", order, seconds=MOST_SECONDS, bytes=MOST_BYTES), theirs)
            except NoFork:
                del self.running[ours]
                ours.close()
                if not self.tried:
                    raise
                self.usable = False
                continue
            self.waiting.popleft()
            self.tried = True

    def _renewed(self) -> WarmParent:
        """Another warm process, that no order has tried yet; if something kills it at once, yet another."""
        self._close()
        self.parent, prepare = WarmParent(), _request("prepare", self.waiting[0], rehearse=len(self.waiting) > FEW)
        try:
            self.parent.ask(prepare)
        except NoFork:
            self._close()
            self.parent = WarmParent()
            self.parent.ask(prepare)
        self.usable, self.tried = True, False
        return self.parent

    def _close(self) -> None:
        if self.parent is not None:
            self.parent.close()

    def _collect(self) -> Iterator[tuple[Running, Outcome]]:
        for end in select.select(self.running, [], [])[0]:
            running = self.running[end]
            if data := end.recv(MOST_AT_ONCE):
                running.received += data
                continue
            end.close()
            del self.running[end]
            order, outcome = running.order, running.outcome()
            if outcome is None:
                self.usable = False
                if (order.code_insee, order.on) not in self.lost:
                    self.lost.add((order.code_insee, order.on))
                    self.waiting.appendleft(order)
                    continue
                outcome = {"status": "killed", "reason": LOST}
            if outcome.get("status") != "ok":
                _sweep(order)
            yield running, outcome


def _request(kind: str, order: Order, **limits: int) -> dict[str, object]:
    return {"kind": kind, "order": asdict(order), **limits}


def _sweep(order: Order) -> None:
    """Take away what a report that was killed left."""
    for folder in Path(order.out).glob(f"{order.code_insee}-*"):
        sweep(folder / order.on)
        with suppress(OSError):
            folder.rmdir()


def _alone(waiting: deque[Order], jobs: int) -> Generator[tuple[Running, Outcome]]:
    """The outcome of each order, by a process of its own, started anew, whose notebooks papermill's own engine runs."""
    started: list[subprocess.Popen[bytes]] = []
    with ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(_run_alone, replace(order, engine="nbclient"), started) for order in waiting]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in started:
                process.kill()


def _run_alone(order: Order, started: list[subprocess.Popen[bytes]]) -> tuple[Running, Outcome]:
    running, why, pipe = Running(order.keyed(), now()), "", subprocess.PIPE
    with tempfile.TemporaryFile() as told:  # no pipe: what a notebook leaves behind could hold it open
        with subprocess.Popen(ALONE, bufsize=0, stdin=pipe, stdout=told, stderr=subprocess.DEVNULL) as process:  # noqa: S603 (our own module, by our own interpreter)
            started.append(process)
            with suppress(BrokenPipeError):
                process.stdin.write(json.dumps(asdict(running.order)).encode() + b"\n")  # type: ignore[union-attr]
            try:
                process.wait(MOST_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                why = "timeout"
        told.seek(0)
        running.received += told.read() + b"\n" + json.dumps({"exit": process.returncode, "why": why}).encode()
    outcome = running.outcome() or {}
    if outcome.get("status") != "ok":
        _sweep(order)
    return running, outcome
