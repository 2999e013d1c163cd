"""Large bodies, read straight into the memory where they will lie: pieces are copied again and again."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdatui.engine.http_connection import Connection

LARGE, LARGEST = 128 * 1024, 8 * 1024 * 1024


def is_large(size: int) -> bool:
    """Whether a body is read so. Memory for all of it is taken on the word of its head: not for more."""
    return LARGE <= size <= LARGEST


class BodyReader(asyncio.BufferedProtocol):
    """Stands in for a connection until the body of one request is here."""

    def __init__(self, connection: Connection, size: int, begun: bytes) -> None:
        self._connection = connection
        self._room = memoryview(bytearray(size))
        self._have = len(begun)
        self._room[: self._have] = begun

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._room[self._have :]

    def buffer_updated(self, nbytes: int) -> None:
        self._have += nbytes
        self._connection.heard = time.monotonic()
        if self._have == len(self._room):
            self._connection.large_body_came(bytes(self._room))

    def eof_received(self) -> bool:
        return self._connection.eof_received()

    def pause_writing(self) -> None:
        self._connection.pause_writing()

    def resume_writing(self) -> None:
        self._connection.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connection.connection_lost(exc)
