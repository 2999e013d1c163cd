"""One small HTTP/1.1 server for every listener of the engine.

Callback style: a request becomes one `Exchange`, the handler answers it at once or later. There is no
task per request, and headers and body of an answer leave in one write.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from typing import Any, cast

from lambdatui.engine.http_connection import MAX_PIPELINED, Connection, Handler
from lambdatui.engine.http_exchange import BodySink, Exchange, Headers, header_lines

__all__ = ["MAX_PIPELINED", "BodySink", "Exchange", "Handler", "Headers", "Server", "header_lines", "serve"]

SinkFor = Callable[[Exchange], BodySink | None]
STALLED_AFTER = 60.0  # seconds without a byte in the middle of a request


class Server:
    """A listener; made by `serve`."""

    def __init__(
        self, handler: Handler, max_body: int, on_too_large: Handler | None, sink_for: SinkFor | None
    ) -> None:
        self.handler = handler
        self.max_body = max_body
        self.on_too_large = on_too_large or self._plain_too_large
        self.sink_for = sink_for or _no_sink
        self.connections: set[Connection] = set()
        self.port = 0
        self._listener: asyncio.Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._closed = False
        self._empty = asyncio.Event()

    async def _listen(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: Connection(self), host, port, backlog=1024)
        self.port = cast(Any, self._listener.sockets[0]).getsockname()[1]
        self._sweep()

    def close(self) -> None:
        """No new connections; the open ones end as soon as their answers are out."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self._listener is not None:
            self._listener.close()
        self._closed = True
        if not self.connections:
            self._empty.set()
        for connection in list(self.connections):
            connection.close_when_idle()

    async def wait_closed(self, within: float) -> None:
        """Waits, after `close`, until the last connection has ended; `within` seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._empty.wait()

    def listen_on(self, listening: socket.socket) -> Callable[[], None]:
        """Serves another socket, too, that listens already; what comes back ends that."""
        loop = asyncio.get_running_loop()
        opening = loop.create_task(loop.create_server(lambda: Connection(self), sock=listening))

        def close() -> None:
            opening.add_done_callback(lambda opened: opened.result().close())

        return close

    def forget(self, connection: Connection) -> None:
        self.connections.discard(connection)
        if self._closed and not self.connections:
            self._empty.set()

    def abort(self) -> None:
        """Cuts every connection that is still open."""
        for connection in list(self.connections):
            connection.abort()

    def _sweep(self) -> None:
        now = time.monotonic()
        for connection in list(self.connections):
            connection.check_progress(now, STALLED_AFTER)
        self._sweeper = asyncio.get_running_loop().call_later(STALLED_AFTER / 4, self._sweep)

    def _plain_too_large(self, exchange: Exchange) -> None:
        text = f"A request body must be smaller than {self.max_body} bytes.\n"
        exchange.respond(413, (("Content-Type", "text/plain"),), text.encode())


def _no_sink(_: Exchange) -> BodySink | None:
    return None


async def serve(
    handler: Handler,
    host: str,
    port: int,
    *,
    max_body: int,
    on_too_large: Handler | None = None,
    sink_for: SinkFor | None = None,
) -> Server:
    """Listens on `host:port` (0: any free port). `on_too_large` may shape the 413, for an empty body.

    `sink_for` sees every request before its body: what it returns takes the body in pieces, of any size, and
    answers the exchange instead of `handler`.
    """
    server = Server(handler, max_body, on_too_large, sink_for)
    await server._listen(host, port)
    return server
