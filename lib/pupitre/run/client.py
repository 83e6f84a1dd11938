"""A kernel's client over one socket: stock nbclient and jupyter_client see channels.

Belongs: reading and writing without ever waiting for the other. Does not: having a kernel (`engine`).
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient

from pupitre.run.wire import IOPUB, MOST_AT_ONCE, SHELL, Frames, packed


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

    def hang_up(self) -> None:
        """Nothing more will be asked."""
        with suppress(OSError):
            self.end.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Stop listening."""
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


class WarmClient(AsyncKernelClient):
    """The stock client, on one link."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Until the kernel has answered and said that it is idle: then nothing of it is left to read."""
        asked = self.kernel_info()
        self._handle_kernel_info_reply(await self._next(self.shell_channel, timeout))
        state: dict[str, Any] = {}
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
