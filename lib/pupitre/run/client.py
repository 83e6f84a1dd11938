"""A kernel's client over one socket: stock nbclient and jupyter_client see channels.

Belongs: reading and writing without ever waiting for the other. Does not: having a kernel (`engine`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient

from pupitre.run.wire import IOPUB, SHELL, Frames, packed


class Link(asyncio.Protocol):
    """The client's end of a kernel's socket: what came waits by channel."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        """Nothing has come yet."""
        self.frames = Frames()
        self.queues: dict[int, asyncio.Queue[list[bytes]]] = {SHELL: asyncio.Queue(), IOPUB: asyncio.Queue()}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Sort what came."""
        for channel, parts in self.frames.fed(data):
            self.queues[channel].put_nowait(parts)

    async def receive(self, channel: int, timeout: float | None) -> list[bytes]:
        """The next message of a channel. Raises Empty after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                return await self.queues[channel].get()
        except TimeoutError:
            raise Empty from None

    def send_multipart(self, parts: Sequence[bytes], **kwargs: object) -> None:
        """Send a request, as a socket of Jupyter's session does; never waits for the kernel to read it."""
        self.transport.write(packed(SHELL, parts))


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
