"""Jupyter messages between two processes over one stream socket: a channel, then parts, each after its length.

Belongs: frames. Does not: who reads, who writes, what a message says.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence

SHELL, IOPUB = 0, 1
HEAD = struct.Struct("!BH")
MOST_AT_ONCE = 1 << 18


def packed(channel: int, parts: Sequence[bytes]) -> bytes:
    """One frame.

    >>> list(Frames().fed(packed(SHELL, [b"ab", b""]) + packed(IOPUB, [b"c"])))
    [(0, [b'ab', b'']), (1, [b'c'])]
    """
    lengths = struct.pack(f"!{len(parts)}Q", *(memoryview(part).nbytes for part in parts))
    return b"".join([HEAD.pack(channel, len(parts)), lengths, *parts])


class Frames:
    """What has come so far, given back a frame at a time."""

    def __init__(self) -> None:
        """Nothing has come."""
        self._rest = bytearray()

    def fed(self, data: Iterable[int]) -> Iterator[tuple[int, list[bytes]]]:
        """The frames that `data` completes: their channel and their parts."""
        self._rest += bytes(data)
        start = 0
        while len(self._rest) - start >= HEAD.size:
            channel, count = HEAD.unpack_from(self._rest, start)
            body = start + HEAD.size + 8 * count
            if len(self._rest) < body:
                break
            lengths = struct.unpack_from(f"!{count}Q", self._rest, start + HEAD.size)
            end = body + sum(lengths)
            if len(self._rest) < end:
                break
            yield channel, _cut(self._rest, body, lengths)
            start = end
        del self._rest[:start]


def _cut(data: bytearray, start: int, lengths: Iterable[int]) -> list[bytes]:
    parts = []
    for length in lengths:
        parts.append(bytes(data[start : start + length]))
        start += length
    return parts
