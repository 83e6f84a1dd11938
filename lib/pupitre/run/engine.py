"""The `warm` engine of papermill: each kernel is forked from a process that has already imported everything.

Belongs: the worker's side, a manager and a client of stock nbclient over one socket; asking for a fork. Does not: the
process that forks (`warm`), the kernel (`kernel`). Light: papermill loads this module whenever it starts.
"""

from __future__ import annotations

import array
import asyncio
import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, NotebookExecutionManager
from papermill.iorw import write_ipynb
from papermill.log import logger

from pupitre.errors import PupitreError
from pupitre.run.wire import IOPUB, MOST_AT_ONCE, SHELL, Frames, packed

START = "from pupitre.run.warm import main; main()"
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
KERNELS = ("python3", "python")
LONGEST_REPLY = 1 << 16
GRACE_SECONDS = 5.0
SLOW = "Moteur rapide indisponible ({}) : les carnets sont exécutés par nbclient."


class NoFork(PupitreError):
    """No kernel can be forked here: the message says why."""


class WarmParent:
    """The process that forks, seen from the one that asks: started by exec, it ends with it."""

    def __init__(self) -> None:
        """Start it. Raises NoFork where it cannot be."""
        if not sys.platform.startswith("linux"):
            raise NoFork("ce système ne sait pas dupliquer un processus sans risque")
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 (our own module, by our own interpreter)
                [sys.executable, "-Xfrozen_modules=off", "-c", START, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={**os.environ, **ONE_THREAD},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def ask(self, request: Mapping[str, object], *ends: socket.socket) -> dict[str, Any]:
        """Send a request with sockets for the child, and wait for the answer. Raises NoFork with the reason."""
        try:
            descriptors = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [end.fileno() for end in ends]))]
            self.control.sendmsg([json.dumps(request).encode()], descriptors if ends else [])
            answer = self.control.recv(LONGEST_REPLY)
        except OSError:
            answer = b""
        told: dict[str, Any] = json.loads(answer or '{"refused": "le processus qui les prépare s\'est arrêté"}')
        if "refused" in told:
            raise NoFork(told["refused"])
        return told

    def close(self) -> None:
        """Let it go: it ends its children, then itself."""
        self.control.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE_SECONDS)
        self.process.kill()
        self.process.wait()


Fork = Callable[[socket.socket, str], int]
fork_here: Fork | None = None
"""How this very process forks a kernel, when it is warm itself."""

_parents: dict[int, WarmParent] = {}


def _fork(end: socket.socket, key: str) -> int:
    """A kernel at the other end of a socket: its process."""
    if fork_here is not None:
        return fork_here(end, key)
    request = {"kind": "kernel", "key": key, "cwd": os.getcwd(), "env": dict(os.environ), "argv": sys.argv[:1]}
    for _ in range(2):  # a parent that has aged leaves: another is started
        if os.getpid() not in _parents:
            _parents[os.getpid()] = WarmParent()
            atexit.register(_close)
        try:
            return int(_parents[os.getpid()].ask(request, end)["pid"])
        except NoFork as error:
            _close()
            refused = error
    raise refused


def _close() -> None:
    parent = _parents.pop(os.getpid(), None)
    if parent is not None:
        parent.close()


class Link:
    """The client's end of a kernel's socket: what came waits by channel, what cannot leave yet waits too."""

    def __init__(self, end: socket.socket) -> None:
        """Nothing has come yet."""
        self.end, self.frames = end, Frames()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.queues: dict[int, deque[list[bytes]]] = {SHELL: deque(), IOPUB: deque()}
        self.waiting: dict[int, asyncio.Future[None]] = {}
        self.unsent = bytearray()

    async def receive(self, channel: int, timeout: float | None) -> list[bytes]:
        """The next message of a channel. Raises Empty after `timeout` seconds."""
        loop = asyncio.get_running_loop()
        if self.loop is not loop:
            self.loop = loop
            loop.add_reader(self.end, self._readable)
        if self.unsent:
            self._leave()
        if not self.queues[channel]:
            self.waiting[channel] = loop.create_future()
            try:
                await asyncio.wait_for(self.waiting[channel], timeout)
            except TimeoutError:
                raise Empty from None
        return self.queues[channel].popleft()

    def send_multipart(self, parts: Sequence[bytes], **kwargs: object) -> None:
        """Send a request, as a socket of Jupyter's session does; never waits for the kernel to read it."""
        self.unsent += packed(SHELL, parts)
        self._leave()

    def close(self) -> None:
        """Hang up."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.remove_reader(self.end)
            self.loop.remove_writer(self.end)
        self.end.close()

    def _readable(self) -> None:
        try:
            data = self.end.recv(MOST_AT_ONCE, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data and self.loop:
            self.loop.remove_reader(self.end)
        for channel, parts in self.frames.fed(data):
            self.queues[channel].append(parts)
            future = self.waiting.get(channel)
            if future is not None and not future.done():
                future.set_result(None)

    def _leave(self) -> None:
        try:
            del self.unsent[: self.end.send(self.unsent, socket.MSG_DONTWAIT)]
        except BlockingIOError:
            pass
        except OSError:
            self.unsent.clear()
        if self.loop is not None:
            if self.unsent:
                self.loop.add_writer(self.end, self._leave)
            else:
                self.loop.remove_writer(self.end)


class Channel:
    """One channel of a kernel, as nbclient uses it."""

    def __init__(self, link: Link, session: Any, number: int = SHELL) -> None:
        """A channel by its number."""
        self.link, self.session, self.number = link, session, number

    def start(self) -> None:
        """It is open as long as the link."""

    stop = start

    def is_alive(self) -> bool:
        """It is open as long as the link."""
        return True

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """The next message. Raises Empty after `timeout` seconds."""
        _, parts = self.session.feed_identities(await self.link.receive(self.number, timeout))
        message: dict[str, Any] = self.session.deserialize(parts)
        return message

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a request."""
        self.session.send(self.link, message)


class WarmClient(AsyncKernelClient):  # type: ignore[misc]
    """The stock client, on one link."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Until the kernel has answered and said that it is idle: then nothing of it is left to read."""
        asked = self.kernel_info()
        self._handle_kernel_info_reply(await self._next(self.shell_channel, timeout))
        state = {}
        while state.get("content", {}).get("execution_state") != "idle" or state["parent_header"]["msg_id"] != asked:
            state = await self._next(self.iopub_channel, timeout)

    async def _next(self, channel: Channel, timeout: float | None) -> dict[str, Any]:
        waited = 0
        while waited < (timeout or float("inf")):
            with suppress(Empty):
                return await channel.get_msg(1)
            if not await self.parent.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            waited += 1
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


class WarmKernelManager(AsyncKernelManager):  # type: ignore[misc]
    """The stock manager, of a kernel that is forked rather than started: as soon as it is made."""

    def __init__(self) -> None:
        """Fork. Raises NoFork."""
        super().__init__(kernel_name=KERNELS[0])
        end, theirs = socket.socketpair()
        with theirs:
            self.pid = _fork(theirs, self.session.key.decode())
        self.descriptor, self.link = os.pidfd_open(self.pid), Link(end)

    has_kernel = True

    def client(self, **kwargs: object) -> WarmClient:
        """The client of this kernel."""
        client = WarmClient(session=self.session, parent=self)
        shell, iopub = Channel(self.link, self.session), Channel(self.link, self.session, IOPUB)
        client._shell_channel, client._iopub_channel = shell, iopub
        client._stdin_channel = client._control_channel = client._hb_channel = shell
        return client

    async def is_alive(self) -> bool:
        """Whether its process runs."""
        return not select.select([self.descriptor], [], [], 0)[0]

    _async_is_alive = is_alive

    async def interrupt_kernel(self) -> None:
        """As Ctrl-C does, with what it started."""
        self._signal(signal.SIGINT)

    async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:
        """Nothing: the engine lets it go."""

    async def cleanup_resources(self, restart: bool = False) -> None:
        """Nothing: the engine lets it go."""

    def let_go(self) -> None:
        """Let it run its exit functions, then kill it with what it started."""
        self._signal(signal.SIGINT)
        with suppress(OSError):
            self.link.end.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + GRACE_SECONDS
        watched = [self.descriptor, self.link.end]
        while self.descriptor not in (ready := select.select(watched, [], [], deadline - time.monotonic())[0]):
            if not ready:
                break
            if not self.link.end.recv(MOST_AT_ONCE):  # what it still had to write
                watched = [self.descriptor]
        self._signal(signal.SIGKILL)
        self.link.close()
        os.close(self.descriptor)
        with suppress(ChildProcessError):  # the child of another, who reaps it
            os.waitpid(self.pid, 0)

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


class WarmEngine(NBClientEngine):  # type: ignore[misc]
    """Papermill's own engine, whose kernels are forked; where they cannot be, papermill's own engine."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, failed_path: str = "", **kwargs: Any
    ) -> object:
        """Run the notebook. `failed_path`: where it is written when its kernel dies or is too slow."""
        try:
            if kernel_name not in KERNELS:
                raise NoFork(f"le noyau {kernel_name} n'est pas le sien")
            manager = WarmKernelManager()
        except NoFork as error:
            logger.warning(SLOW.format(error))
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, km=manager, **kwargs)
        except (DeadKernelError, CellTimeoutError):
            _tell_truth(nb_man)
            if failed_path:
                write_ipynb(nb_man.nb, failed_path)
            raise
        finally:
            manager.let_go()


def _tell_truth(nb_man: NotebookExecutionManager) -> None:
    """The cell that never ended failed, and those after it stay pending: papermill says that all completed."""
    begun = [rank for rank, cell in enumerate(nb_man.nb.cells) if cell.metadata.papermill["end_time"]]
    nb_man.cell_exception(nb_man.nb.cells[begun[-1]], cell_index=begun[-1])
