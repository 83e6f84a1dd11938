"""The kernel that a warm process becomes: ipykernel's own application, without its sockets and its threads.

Belongs: building it before the fork, opening it after. Does not: who forks and why (`warm`), the other end (`engine`).
Whatever a cell sees is stock: shell, streams, display, errors. What differs is under it: one stream socket for all
channels, and a thread to publish that starts in the child.
"""

from __future__ import annotations

import asyncio
import atexit
import decimal
import fcntl
import gc
import heapq
import logging
import multiprocessing.util
import os
import random
import signal
import socket
import sys
import threading
import time
import uuid
import weakref
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from contextvars import copy_context
from itertools import count
from types import SimpleNamespace
from typing import Any

import ipykernel_launcher
import matplotlib as mpl
import numpy as np
import zmq
from ipykernel.iostream import BackgroundSocket, IOPubThread
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from tornado.ioloop import IOLoop
from traitlets import Any as AnyTrait

from pupitre.run.wire import IOPUB, MOST_AT_ONCE, SHELL, Frames, packed

INLINE = "module://matplotlib_inline.backend_inline"


class Wire:
    """The kernel's end of the socket: whole frames, from any thread and from the processes that a cell forks."""

    def __init__(self, end: socket.socket) -> None:
        """Alone on it."""
        self.end, self._turns = end, os.memfd_create("turns")
        self._renew()
        os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self._lock = threading.Lock()

    def send(self, channel: int, parts: Sequence[bytes]) -> None:
        """Write one frame; nobody listens any more: the kernel has nothing to say."""
        with self._lock, suppress(BrokenPipeError, ConnectionResetError):
            fcntl.lockf(self._turns, fcntl.LOCK_EX)
            try:
                self.end.sendall(packed(channel, parts))
            finally:
                fcntl.lockf(self._turns, fcntl.LOCK_UN)


class Publisher(IOPubThread):
    """What a kernel publishes, sent by a thread of its own in the order asked, later when asked so."""

    def __init__(self) -> None:
        """Closed."""
        self.thread, self.io_loop, self.wire = threading.Thread(), self, None
        self.background_socket = BackgroundSocket(self)

    def open(self, wire: Wire) -> None:
        """Begin to send, in the process that called."""
        self.wire, self._master_pid = wire, os.getpid()
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._ranks, self._changed = count(), threading.Condition()
        self.thread = threading.Thread(target=self._run, name="IOPub", daemon=True)
        self.thread.start()

    def schedule(self, f: Callable[[], object]) -> None:
        """Call `f` in the thread, at once when it does not run: before the fork, or in a process that a cell forked."""
        if self.thread.is_alive() and os.getpid() == self._master_pid:
            self._add(0.0, f)
        else:
            f()

    def call_later(self, delay: float, f: Callable[[], object]) -> None:
        """Call `f` in the thread, `delay` seconds from now."""
        self._add(time.monotonic() + delay, f)

    def _really_send(self, msg: Sequence[bytes], *args: object, **kwargs: object) -> None:
        if self.wire is not None:
            self.wire.send(IOPUB, msg)

    def stop(self) -> None:
        """Send what waits, then no more."""
        done = threading.Event()
        self.schedule(done.set)
        done.wait(1)

    def _add(self, due: float, f: Callable[[], object]) -> None:
        with self._changed:
            heapq.heappush(self._due, (due, next(self._ranks), f))
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._due or self._due[0][0] > time.monotonic():
                    self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
                f = heapq.heappop(self._due)[2]
            f()


class Replies:
    """Where a kernel sends its replies."""

    def __init__(self, wire: Wire) -> None:
        """On a wire."""
        self._wire = wire

    def send_multipart(self, parts: Sequence[bytes], copy: bool = True, track: bool = False) -> None:
        """Send one reply."""
        self._wire.send(SHELL, parts)


class WarmKernel(IPythonKernel):
    """IPython's kernel, on a wire."""

    shell_stream = AnyTrait()
    iopub_thread = AnyTrait()
    _supports_kernel_subshells = False

    def start(self) -> None:
        """Announce itself."""
        self.io_loop = IOLoop.current()
        self.shell.exit_now = False
        self._publish_status("starting", "shell")

    def _publish_execute_input(self, *described: object) -> None:
        """Tell what runs before it runs: it may kill the kernel."""
        super()._publish_execute_input(*described)
        sys.stdout.flush()

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """One request comes at a time: none waits behind an error."""


class WarmApp(IPKernelApp):
    """IPython's kernel application, whose sockets, streams and threads wait for the fork."""

    def _later(self) -> None:
        """Nothing, before the fork."""

    init_connection_file = write_connection_file = log_connection_info = init_poller = init_sockets = _later
    init_heartbeat = init_signal = init_crash_handler = init_io = _later

    def init_kernel(self) -> None:
        """The kernel, with its shell."""
        self.iopub_thread = Publisher()
        self.iopub_socket = self.iopub_thread.background_socket
        self.kernel = WarmKernel.instance(
            parent=self,
            session=self.session,
            iopub_thread=self.iopub_thread,
            iopub_socket=self.iopub_socket,
            shell_channel_thread=SimpleNamespace(parent_thread=threading.main_thread()),
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )


def build_app(first: str) -> WarmApp:
    """The application, ready to be forked: no thread, no socket.

    `first`: a cell that loads what kernels will use; libraries that look where they are loaded see a notebook.
    """
    app = WarmApp.instance()
    app.initialize(["--HistoryManager.hist_file=:memory:", "--log-level=CRITICAL"])
    dry_run(app, [first])
    return app


def dry_run(app: WarmApp, sources: Iterable[str]) -> None:
    """Run cells here, for all that they load and draw for the first time; then forget what they named."""
    shell = app.kernel.shell
    fresh = dict(shell.user_ns)
    for source in sources:
        shell.run_cell(source)
    shell.reset()
    for name, value in fresh.items():
        shell.user_ns.setdefault(name, value)


def settle() -> None:
    """Before a fork: what stands is shared as it is, without a warning already given nor a page to be copied."""
    for module in [*sys.modules.values()]:
        if hasattr(module, "__warningregistry__"):
            module.__warningregistry__.clear()
    gc.collect()
    gc.freeze()


def become_kernel(app: WarmApp, end: socket.socket, key: bytes) -> None:
    """Serve one client in a process just forked, until it leaves; then leave too."""
    status = 1
    try:
        asyncio.events._set_running_loop(None)
        _forget_parent(app)
        wire = Wire(end)
        _open(app, wire, key)
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        with suppress(RuntimeError, KeyboardInterrupt):  # a cell may stop the loop, as `exit` does
            loop.run_until_complete(_serve(app.kernel, wire))
        _leave(app.kernel)
        status = 0
    finally:
        os._exit(status)


def _forget_parent(app: WarmApp) -> None:
    """What a fresh process would not have: the exit functions and the luck of who forked it."""
    atexit._clear()
    weakref.finalize._registry.clear()
    for function in (
        weakref.finalize._exitfunc,
        logging.shutdown,
        app.kernel.shell.atexit_operations,
        multiprocessing.util._exit_function,
    ):
        atexit.register(function)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    random.seed()
    np.random.seed()
    decimal.getcontext().clear_flags()
    sys.argv[:] = [ipykernel_launcher.__file__]
    app.kernel.shell.init_environment()
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    backend = os.environ.setdefault("MPLBACKEND", INLINE)
    dict.__setitem__(mpl.rcParams, "backend", backend)


def _open(app: WarmApp, wire: Wire, key: bytes) -> None:
    """A session of its own, streams, and the way of replies."""
    session, kernel = app.session, app.kernel
    session.session, session.key, session.pid, session.message_count = uuid.uuid4().hex, key, os.getpid(), 0
    app.iopub_thread.open(wire)
    IPKernelApp.init_io(app)
    app.displayhook.get_execution_count = lambda: kernel.execution_count
    kernel.shell_stream = Replies(wire)


async def _serve(kernel: WarmKernel, wire: Wire) -> None:
    """Hand each request to the kernel until the client hangs up; requests may come while a cell awaits."""
    loop, gone, frames, context = asyncio.get_running_loop(), asyncio.Event(), Frames(), copy_context()
    tasks = set()

    def receive() -> None:
        try:
            data = wire.end.recv(MOST_AT_ONCE, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            loop.remove_reader(wire.end)
            gone.set()
        for _, parts in frames.fed(data):
            request: list[Any] = [zmq.Message(part) for part in parts]
            task = loop.create_task(kernel.shell_main(None, request), context=context)
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    kernel.start()
    loop.add_reader(wire.end, receive)
    await gone.wait()


def _leave(kernel: WarmKernel) -> None:
    """End as an interpreter does: what was written leaves, threads end, exit functions run."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    kernel.iopub_thread.stop()
    threading._shutdown()
    atexit._run_exitfuncs()
