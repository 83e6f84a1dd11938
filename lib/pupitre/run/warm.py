"""The warm process: it imports and tries everything once, then forks a child for each report and for each kernel.

Belongs: its requests, its children, their limits. Does not: what a report or a kernel does once forked. It has one
thread, and refuses to fork when it finds another; started by exec from `engine`, it ends when its client hangs up.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import logging
import os
import resource
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import psutil

from pupitre.run import engine
from pupitre.run.attempt import attempt_report
from pupitre.run.inputs import Order
from pupitre.run.kernel import WarmApp, become_kernel, dry_run, settle

SET_DEATH_SIGNAL, SET_CHILD_SUBREAPER = 1, 36  # of prctl(2)
LONGEST_REQUEST = 1 << 20
MOST_SECONDS, MOST_BYTES = 60, 2_000_000_000  # of a rehearsal
GLANCE_SECONDS = 0.2
PACKAGE = Path(__file__).parents[1]
Stamp = tuple[int, int]


@dataclass
class Child:
    """A report under way: its process, where its result goes, when it must be over, how many bytes it may add.

    `why` it was killed, by us.
    """

    process: int
    result: socket.socket
    deadline: float
    most_bytes: int
    why: str = ""


class Warm:
    """The process and its children."""

    def __init__(self, control: socket.socket, app: WarmApp) -> None:
        """All is imported."""
        self.control, self.app, self.own = control, app, psutil.Process()
        self.reports: dict[int, Child] = {}
        self.kernels: set[int] = set()
        self.files = stamps([])
        gc.freeze()

    def serve(self) -> None:
        """Answer until the client hangs up; look after the children meanwhile."""
        while True:
            watched: list[Any] = [self.control, *(child.process for child in self.reports.values())]
            ready = select.select(watched, [], [], GLANCE_SECONDS)[0]
            self.reap()
            self.watch()
            if self.control in ready:
                data, passed, *_ = socket.recv_fds(self.control, LONGEST_REQUEST, 1)
                if not data:
                    return
                ends = [socket.socket(fileno=descriptor) for descriptor in passed]
                try:
                    answer = self.answer(json.loads(data), ends)
                except engine.NoFork as error:
                    answer = {"refused": str(error)}
                self.control.send(json.dumps(answer).encode())
                for end in ends:
                    end.close()

    def answer(self, request: dict[str, Any], ends: list[socket.socket]) -> dict[str, object]:
        """What a request gives: the process forked. Raises NoFork."""
        if request["kind"] == "prepare":
            self.prepare(Order(**request["order"]), rehearse=request["rehearse"])
            return {"ready": os.getpid(), "threads": self.own.num_threads()}
        if changed := next((path for path, stamp in self.files.items() if stamp_of(path) != stamp), ""):
            raise engine.NoFork(f"{Path(changed).name} a changé depuis le démarrage")
        if request["kind"] == "kernel":
            pid = self.fork(lambda: self.kernel(request, ends[0]))
            self.kernels.add(pid)
        else:
            pid = self.fork(lambda: self.report(Order(**request["order"]), ends[0]))
            deadline = time.monotonic() + request["seconds"]
            self.reports[pid] = Child(os.pidfd_open(pid), ends[0].dup(), deadline, request["bytes"])
        return {"pid": pid}

    def prepare(self, order: Order, *, rehearse: bool) -> None:
        """Note the files that reports rest on, once all is loaded."""
        if rehearse:
            self.rehearse(order)
        self.files = stamps([order.store, Path(order.root) / "requirements.lock"])
        settle()

    def rehearse(self, order: Order) -> None:
        """Make a report that nobody reads: what follows finds everything loaded."""
        with bounded(), tempfile.TemporaryDirectory(prefix="pupitre-") as folder:
            engine.fork_here = self.fork_kernel
            logging.disable()  # who makes it in earnest will tell
            attempt_report(replace(order.into(Path(folder)), pdf=False))  # Pango may start a thread
            logging.disable(logging.NOTSET)
            engine.fork_here = None
            dry_run(self.app, code_of(Path(folder).glob("*/*/*.ipynb")))
        asyncio.get_event_loop_policy().get_event_loop().close()

    def report(self, order: Order, result: socket.socket) -> None:
        """In the child: a report, whose kernels it forks itself from what it has computed."""
        engine.fork_here, self.control = self.fork_kernel, result  # its kernels do not have it
        os.chdir(order.root)  # where the commune's own workbook is looked for
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (1, 2):
            os.dup2(nowhere, stream)
        result.sendall(json.dumps(attempt_report(order)).encode() + b"\n")
        os._exit(0)

    def fork_kernel(self, end: socket.socket, key: str) -> int:
        """A kernel with all that is computed here: its process. Raises NoFork."""
        gc.freeze()
        return self.fork(lambda: become_kernel(self.app, end, key.encode()))

    def kernel(self, request: Mapping[str, Any], end: socket.socket) -> None:
        """In the child: a kernel in the folder and with the environment of who asked."""
        os.environ.clear()
        os.environ.update(request["env"])
        time.tzset()
        os.chdir(request["cwd"])
        become_kernel(self.app, end, request["key"].encode())

    def fork(self, child: Callable[[], object]) -> int:
        """A child that ends with us, in a session of its own: its process. Raises NoFork when that is unsafe."""
        if (count := psutil.Process().num_threads()) > 1:
            raise engine.NoFork(f"{count} fils d'exécution y tournent")
        parent = os.getpid()
        if pid := os.fork():
            return pid
        try:
            for end in (self.control, *(other.result for other in self.reports.values())):
                end.close()  # else who waits for its end would wait for ours too
            os.setsid()
            prctl(SET_DEATH_SIGNAL, signal.SIGKILL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            if os.getppid() == parent:
                child()
        finally:
            os._exit(1)

    def reap(self) -> None:
        """Bury who ended, telling how; what the dead had started is ours now, and ends too."""
        with suppress(ChildProcessError):
            while (ended := os.wait4(-1, os.WNOHANG))[0]:
                pid, status, usage = ended
                self.kernels.discard(pid)
                if child := self.reports.pop(pid, None):
                    told = {"exit": os.waitstatus_to_exitcode(status), "why": child.why, "peak": usage.ru_maxrss << 10}
                    os.close(child.process)
                    with suppress(OSError), child.result:
                        child.result.sendall(b"\n" + json.dumps(told).encode())  # what came before may be torn
                known = self.kernels | self.reports.keys()
                kill(one for one in self.own.children() if one.pid not in known)

    def watch(self) -> None:
        """Kill the report that is too slow or too large, with all it started."""
        ours = anonymous_bytes(self.own)
        for pid, child in self.reports.items():
            report = psutil.Process(pid)
            family = [report, *report.children(recursive=True)]
            grown = sum(max(0, anonymous_bytes(one) - ours) for one in family)
            late = time.monotonic() > child.deadline
            if not child.why and (late or grown > child.most_bytes):
                child.why = "timeout" if late else "memory"
                kill(family)


def code_of(notebooks: Iterable[Path]) -> list[str]:
    """The source of every code cell."""
    cells = (cell for path in sorted(notebooks) for cell in nbformat.read(path, nbformat.NO_CONVERT).cells)
    return [cell.source for cell in cells if cell.cell_type == "code"]


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill, whoever is still there."""
    for one in processes:
        with suppress(psutil.NoSuchProcess):
            one.kill()


def anonymous_bytes(process: psutil.Process) -> int:
    """The memory of a process that no file holds; what it shares with its parent counts. None once it is gone."""
    try:
        memory = process.memory_info()
    except psutil.NoSuchProcess:
        return 0
    return int(memory.rss - memory.shared)


def stamps(others: Iterable[str | Path]) -> dict[str, Stamp]:
    """Size and time of every file that this process has loaded, of our own data, and of `others`."""
    modules = (getattr(module, "__file__", None) for module in [*sys.modules.values()])
    ours = (path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path: stamp_of(path) for path in map(str, (*filter(None, modules), *ours, *others))}


def stamp_of(path: str) -> Stamp:
    """Time and size of a file, zeros when there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@contextmanager
def bounded() -> Iterator[None]:
    """Limits for what runs in this process itself: time, memory, and one processor.

    Libraries that start a thread per processor find one, and start none.
    """
    processors, (soft, hard) = os.sched_getaffinity(0), resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * os.sysconf("SC_PAGE_SIZE") + MOST_BYTES, hard))
    os.sched_setaffinity(0, {min(processors)})
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(MOST_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        os.sched_setaffinity(0, processors)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _too_long(*signalled: object) -> None:
    raise TimeoutError("too long")


def prctl(option: int, value: int) -> None:
    """Ask the kernel something of this process."""
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def main(app: WarmApp) -> None:
    """Serve kernels of an application to the client whose socket is named on the command line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *signalled: sys.exit(1))
    prctl(SET_CHILD_SUBREAPER, 1)
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            Warm(socket.socket(fileno=int(sys.argv.pop())), app).serve()
    finally:
        with suppress(ChildProcessError):  # none is left
            while True:
                kill(psutil.Process().children(recursive=True))
                os.wait()
    os._exit(0)  # the exit functions of a shell are for kernels
