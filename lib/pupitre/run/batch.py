"""Many reports at once: who runs, who waits, what became of each.

Belongs: forked children at work and their outcomes, the ledger, what is already done. Does not: reading the table
(`table`), making a report (`attempt`), showing progress (`cli`).
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pupitre.errors import ReportError
from pupitre.run.engine import SLOW, NoFork, WarmParent
from pupitre.run.inputs import Order, digest
from pupitre.run.ledger import Attempt, append
from pupitre.run.place import sweep
from pupitre.run.wire import MOST_AT_ONCE

MOST_SECONDS, MOST_BYTES = 600, 2_000_000_000
WHY = {
    "timeout": f"Plus de {MOST_SECONDS // 60} minutes : interrompu.",
    "memory": f"Plus de {MOST_BYTES // 10**9} Go de mémoire : interrompu.",
    "": "Interrompu par le système (signal {}).",
}
LOST = "Interrompu deux fois avec le processus qui le faisait."
ALONE = "from pupitre.run.attempt import main; main()"
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
            told |= json.loads(line)
        if "exit" not in told:
            return None
        if "status" in told or "fault" in told:
            return told
        status = "timeout" if told["why"] == "timeout" else "killed"
        return told | {"status": status, "reason": WHY[told["why"]].format(-told["exit"])}


def make_reports(orders: Iterable[Order], jobs: int, say: Say) -> Iterator[Attempt]:
    """Make reports, `jobs` at once, and give what became of each as it ends, once it stands in the ledger.

    Raises ReportError when the machine refuses (a full disk); what was finished stays.
    """
    waiting = deque(orders)
    try:
        for running, outcome in Pool(waiting, jobs).outcomes():
            yield _recorded(running, outcome)
    except NoFork as error:
        say(SLOW.format(error))
        for running, outcome in _alone(waiting, jobs):
            yield _recorded(running, outcome)


def already_made(order: Order) -> Path | None:
    """The directory of the report, when it stands there whole, made from the same inputs."""
    for path in Path(order.out).glob(f"{order.code_insee}-*/{order.on}/run.json"):
        try:
            record = json.loads(path.read_bytes())
            kept = {name: digest(path.with_name(name)) for name in record["outputs"]}
            if record["key"] == order.key and record["outputs"] == kept:
                return path.parent
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def refused(code_insee: str, on: str, reason: str) -> Attempt:
    """The attempt that was not made: its row is wrong."""
    return Attempt(code_insee, on, "", "", "invalid_input", reason, now(), {}, 0, {})


def now() -> str:
    """The time, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _recorded(running: Running, outcome: Outcome) -> Attempt:
    """The attempt, once the ledger has it."""
    order = running.order
    if "fault" in outcome:
        raise ReportError(f"{outcome['fault']} Le lot s'arrête ; ce qui était terminé reste.")
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
    append(Path(order.out), attempt)
    return attempt


class Pool:
    """Children of a warm process at work on the orders that wait.

    A warm process that has aged, or died, is replaced once none of its children runs; what died with it is tried again.
    """

    def __init__(self, waiting: deque[Order], jobs: int) -> None:
        """Nothing is started yet."""
        self.waiting, self.jobs = waiting, jobs
        self.running = selectors.DefaultSelector()
        self.parent: WarmParent | None = None
        self.usable = self.tried = False
        self.lost: set[tuple[str, str]] = set()

    def outcomes(self) -> Iterator[tuple[Running, Outcome]]:
        """What became of each order, as it ends. Raises NoFork when no warm process can be had."""
        try:
            while self.waiting or self.running.get_map():
                self._fill()
                yield from self._collect()
        finally:
            left = [key.data.order for key in self.running.get_map().values()]
            if self.parent is not None:
                self.parent.close()
            self.running.close()
            for order in left:
                _sweep(order)

    def _fill(self) -> None:
        while self.waiting and len(self.running.get_map()) < self.jobs:
            if not self.usable:
                if self.running.get_map():
                    return
                self._renew()
            order = self.waiting[0].keyed()
            ours, theirs = socket.socketpair()
            try:
                with theirs:
                    self.parent.ask(_request("report", order, seconds=MOST_SECONDS, bytes=MOST_BYTES), theirs)
            except NoFork:
                ours.close()
                if not self.tried:
                    raise
                self.usable = False
                continue
            self.running.register(ours, selectors.EVENT_READ, Running(order, now()))
            self.waiting.popleft()
            self.tried = True

    def _renew(self) -> None:
        """Another warm process, that no order has tried yet."""
        if self.parent is not None:
            self.parent.close()
        self.parent = WarmParent()
        self.parent.ask(_request("rehearse", self.waiting[0]))
        self.usable, self.tried = True, False

    def _collect(self) -> Iterator[tuple[Running, Outcome]]:
        for key, _ in self.running.select():
            running, end = key.data, key.fileobj
            if data := end.recv(MOST_AT_ONCE):
                running.received += data
                continue
            self.running.unregister(end)
            end.close()
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


def _alone(waiting: deque[Order], jobs: int) -> Iterator[tuple[Running, Outcome]]:
    """The outcome of each order, by a process of its own, started anew, whose notebooks papermill's own engine runs."""
    with ThreadPoolExecutor(jobs) as pool:
        started = [pool.submit(_run_alone, replace(order, engine="nbclient").keyed()) for order in waiting]
        try:
            for future in as_completed(started):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _run_alone(order: Order) -> tuple[Running, Outcome]:
    running, command = Running(order, now()), [sys.executable, "-c", ALONE]
    try:
        done = subprocess.run(  # noqa: S603 (our own module, by our own interpreter)
            command, input=json.dumps(asdict(order)).encode(), capture_output=True, timeout=MOST_SECONDS
        )
    except subprocess.TimeoutExpired:
        return running, {"status": "timeout", "reason": WHY["timeout"]}
    running.received += done.stdout.splitlines()[-1] if done.stdout else b""
    running.received += b"\n" + json.dumps({"exit": done.returncode, "why": ""}).encode()
    return running, running.outcome() or {}
