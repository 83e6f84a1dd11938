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
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, NotebookExecutionManager
from papermill.iorw import write_ipynb
from papermill.log import logger

from pupitre.errors import PupitreError
from pupitre.run.client import Channel, Link, WarmClient
from pupitre.run.wire import IOPUB

START = """\
import sys; sys.path.remove('')
from pupitre.run.kernel import build_app; app = build_app("import pupitre.run.warm")
from pupitre.run.warm import main; main(app)
"""
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
        self.process.terminate()
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
    request = {"kind": "kernel", "key": key, "cwd": os.getcwd(), "env": dict(os.environ)}
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


class WarmKernelManager(AsyncKernelManager):
    """The stock manager, of a kernel that is forked rather than started."""

    has_kernel = ipykernel = False

    async def start_kernel(self, **kwargs: object) -> None:
        """Fork. Raises NoFork."""
        end, theirs = socket.socketpair()
        with theirs:
            try:
                self.pid = _fork(theirs, self.session.key.decode())
            except NoFork:
                end.close()
                raise
        loop = asyncio.get_running_loop()
        _, self.link = await loop.create_connection(Link, sock=end)
        self.descriptor, self.has_kernel = os.pidfd_open(self.pid), True

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
        """Let it run its exit functions; what it still writes is read meanwhile."""
        self._signal(signal.SIGINT)
        self.link.transport.write_eof()
        loop, gone = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self.descriptor, gone.set)
        with suppress(TimeoutError):
            await asyncio.wait_for(gone.wait(), GRACE_SECONDS)
        loop.remove_reader(self.descriptor)

    async def cleanup_resources(self, restart: bool = False) -> None:
        """Kill what is left of it, and of what it started."""
        self._signal(signal.SIGKILL)
        self.link.transport.abort()
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
        run = partial(super().execute_managed_notebook, nb_man, kernel_name, **kwargs)
        try:
            if kernel_name not in KERNELS:
                raise NoFork(f"le noyau {kernel_name} n'est pas le sien")
            return run(kernel_manager_class=WarmKernelManager)
        except NoFork as error:
            logger.warning(SLOW.format(error))
            return run()
        except (DeadKernelError, CellTimeoutError):
            _tell_truth(nb_man)
            if failed_path:
                write_ipynb(nb_man.nb, failed_path)
            raise


def _tell_truth(nb_man: NotebookExecutionManager) -> None:
    """The cell that never ended failed, and those after it stay pending: papermill says that all completed."""
    begun = [rank for rank, cell in enumerate(nb_man.nb.cells) if cell.metadata.papermill["end_time"]]
    nb_man.cell_exception(nb_man.nb.cells[begun[-1]], cell_index=begun[-1])
