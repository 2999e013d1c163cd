"""One small HTTP/1.1 server for every listener of the engine.

Callback style: a request becomes one `Exchange`, the handler answers it at once or later. There is no
task per request, and headers and body of an answer leave in one write.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, cast

import httptools

logger = logging.getLogger(__name__)

Headers = Sequence[tuple[str, str]]
MAX_HEAD = 64 * 1024  # request line and headers together
MAX_PIPELINED = 32  # unanswered requests on one connection before it is no longer read
ONE_WRITE = 64 * 1024  # below this, joining head and body is cheaper than two buffers
STALLED_AFTER = 60.0  # seconds without a byte in the middle of a request
DRAIN_AT_MOST = 512 * 1024 * 1024  # of a body that is refused: reading it lets the client see the answer

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_BODILESS = frozenset((204, 304))
_HEAD_TOO_LARGE = f"The request's line and headers must be smaller than {MAX_HEAD} bytes."


class Exchange:
    """One request and its answer."""

    __slots__ = (
        "_answered",
        "_chunked",
        "_connection",
        "_ended",
        "_keep_alive",
        "_waiting",
        "body",
        "headers",
        "method",
        "on_drain",
        "on_gone",
        "path",
        "peer",
        "query",
    )

    def __init__(self, connection: _Connection, method: str, target: str, headers: dict[str, str]) -> None:
        self.method = method
        path, _, query = target.partition("?")
        self.path = path
        """Still percent-encoded."""
        self.query = query
        self.headers = headers
        """Names in lower case; values as Latin-1 text, so that encoding them gives the bytes that came."""
        self.body = b""
        self.peer = connection.peer
        self.on_gone: Callable[[], None] | None = None
        """Called once if the client leaves before the answer is complete."""
        self.on_drain: Callable[[], None] | None = None
        """Called when a streamed answer may go on after `blocked` was true."""
        self._connection = connection
        self._keep_alive = True
        self._waiting: list[bytes] = []  # what may only be written after the answers before it
        self._answered = False
        self._ended = False
        self._chunked = False

    @property
    def gone(self) -> bool:
        return self._connection.lost

    @property
    def answered(self) -> bool:
        return self._answered

    @property
    def blocked(self) -> bool:
        """The client reads slower than we send: wait for `on_drain`."""
        return self._connection.blocked or bool(self._waiting)

    def respond(self, status: int, headers: Headers, body: bytes) -> None:
        """Answers once and whole."""
        self._begin()
        silent = status in _BODILESS or status < 200
        head = self._head(status, headers, None if silent else len(body))
        self._ended = True
        if silent or self.method == "HEAD" or not body:
            self._write(head)
        elif len(body) < ONE_WRITE:
            self._write(head + body)
        else:
            self._write(head, body)
        self._connection.advance()

    def start(self, status: int, headers: Headers) -> None:
        """Starts an answer of unknown length; `send` and `end` follow."""
        self._begin()
        self._chunked = self._connection.http11 and self.method != "HEAD" and status not in _BODILESS
        if not self._chunked:
            self._keep_alive = False
        framing = (("Transfer-Encoding", "chunked"),) if self._chunked else ()
        self._write(self._head(status, (*headers, *framing), None))

    def send(self, chunk: bytes) -> None:
        if chunk and not self._ended and self.method != "HEAD":
            self._write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if self._chunked else chunk)

    def end(self, trailers: Headers = ()) -> None:
        if self._ended:
            return
        self._ended = True
        if self._chunked:
            lines = "".join(f"{_clean(name)}: {_clean(value)}\r\n" for name, value in trailers)
            self._write(b"0\r\n%b\r\n" % lines.encode("latin-1", "replace"))
        self._connection.advance()

    def abort(self) -> None:
        """Cuts the connection: the only honest end of a streamed answer that failed half-way."""
        self._ended = True
        self._connection.abort()

    def _begin(self) -> None:
        if self._answered:
            raise RuntimeError("this exchange was answered before")
        self._answered = True

    def _head(self, status: int, headers: Iterable[tuple[str, str]], length: int | None) -> bytes:
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}\r\nDate: {_date()}\r\n"]
        for name, value in headers:
            if "\n" in value or "\r" in value or "\0" in value:
                value = _clean(value)
            lines.append(f"{name}: {value}\r\n")
        if length is not None:
            lines.append(f"Content-Length: {length}\r\n")
        if not self._keep_alive:
            lines.append("Connection: close\r\n")
        elif not self._connection.http11:
            lines.append("Connection: keep-alive\r\n")
        lines.append("\r\n")
        return "".join(lines).encode("latin-1", "replace")

    def _write(self, *pieces: bytes) -> None:
        if self._connection.queue and self._connection.queue[0] is self:
            self._connection.write(pieces)
        else:
            self._waiting.extend(pieces)


Handler = Callable[[Exchange], None]


class _Connection(asyncio.Protocol):
    """Parses requests and keeps their answers in order."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.queue: deque[Exchange] = deque()
        self.lost = False
        self.blocked = False
        self.http11 = True
        self.peer: tuple[str, int] | None = None
        self.heard = time.monotonic()
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._closing = False
        self._paused = False
        self._reset()

    def _reset(self) -> None:
        self._target = b""
        self._headers: dict[str, str] = {}
        self._head_size = 0
        self._unfinished = 0
        self._body: list[bytes] = []
        self._body_size = 0
        self._in_head = False
        self._in_body = False
        self._refused = False
        self._ambiguous = False
        self._exchange: Exchange | None = None

    # -- transport -------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.peer = (peer[0], peer[1]) if isinstance(peer, tuple) and len(peer) >= 2 else None
        self.server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self.server.forget(self)
        left, self.queue = self.queue, deque()
        for exchange in left:
            if exchange.on_gone is not None and not exchange._ended:
                _guard(exchange.on_gone)

    def pause_writing(self) -> None:
        self.blocked = True

    def resume_writing(self) -> None:
        self.blocked = False
        if self.queue and self.queue[0].on_drain is not None:
            _guard(self.queue[0].on_drain)

    def eof_received(self) -> bool:
        """A closed half means the client left: a long poll would never hear of it otherwise."""
        return False

    def data_received(self, data: bytes) -> None:
        self.heard = time.monotonic()
        if self._closing and not self._refused:
            return
        size = len(data)
        while data:
            try:
                self._parser.feed_data(data)
                data = b""
            except httptools.HttpParserUpgrade as upgrade:
                # Some clients offer h2c with every first request; we stay with HTTP/1.1 and read on.
                data = data[upgrade.args[0] :]
                self._parser = httptools.HttpRequestParser(self)
            except httptools.HttpParserCallbackError as failure:
                logger.error("request failed", exc_info=failure.__context__ or failure)
                self._refuse(500, "The request could not be handled.")
                return
            except httptools.HttpParserError:
                self._refuse(400, "This is not an HTTP/1.1 request.")
                return
        if self._in_head:  # the parser keeps an unfinished line to itself: count what it was fed
            self._unfinished += size
            if self._unfinished > 4 * MAX_HEAD:
                self._refuse(431, _HEAD_TOO_LARGE)

    def write(self, pieces: Sequence[bytes]) -> None:
        if self._transport is None or self.lost:
            return
        if len(pieces) == 1:
            self._transport.write(pieces[0])
        else:
            self._transport.writelines(pieces)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def advance(self) -> None:
        """Sends what the finished answer at the front held back, in order."""
        while self.queue and self.queue[0]._ended:
            done = self.queue.popleft()
            if not done._keep_alive:
                self._closing = True
            if self.queue:
                following = self.queue[0]
                if following._waiting:
                    pieces, following._waiting = following._waiting, []
                    self.write(pieces)
                if not following._ended and following.on_drain is not None:
                    _guard(following.on_drain)
        if self._paused and len(self.queue) < MAX_PIPELINED and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        self._finish()

    def close_when_idle(self) -> None:
        self._closing = True
        self._finish()

    def check_progress(self, now: float) -> None:
        if (self._in_head or self._in_body) and now - self.heard > STALLED_AFTER:
            self._refuse(408, "The request did not arrive in time.")

    def _finish(self) -> None:
        if self._closing and not self.queue and not (self._refused and self._in_body) and self._transport:
            self._transport.close()

    def _refuse(self, status: int, sentence: str) -> None:
        """Answers what cannot be parsed, after the answers that are still owed, and closes."""
        self._in_head = self._in_body = False
        exchange, self._exchange = self._exchange, None
        if self._closing or (exchange is not None and exchange.answered):
            self._closing = True
            self._finish()
            return
        if exchange is None:
            exchange = Exchange(self, "GET", "/", {})
            self.queue.append(exchange)
        exchange._keep_alive = False
        self._closing = True
        exchange.respond(status, (("Content-Type", "text/plain; charset=utf-8"),), f"{sentence}\n".encode())

    # -- parser ----------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._reset()
        self._in_head = True

    def on_url(self, url: bytes) -> None:
        self._target += url
        self._head_size += len(url)

    def on_header(self, name: bytes, value: bytes | None) -> None:
        text = (value or b"").decode("latin-1").strip()
        key = name.decode("latin-1").lower()
        self._head_size += len(name) + len(text) + 4
        if key in self._headers:
            # Two hosts or two lengths mean two readers could see two requests.
            self._ambiguous = self._ambiguous or key in ("host", "content-length", "authorization")
            text = f"{self._headers[key]},{text}"
        self._headers[key] = text

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._in_body = True
        if self._closing:
            return
        if self._head_size > MAX_HEAD:
            self._refuse(431, _HEAD_TOO_LARGE)
            return
        if self._ambiguous:
            self._refuse(400, "A header that may come only once came twice.")
            return
        self.http11 = self._parser.get_http_version() != "1.0"
        target = self._target.decode("latin-1")
        if not target.startswith("/"):
            target = _path_of(target)
        exchange = Exchange(self, self._parser.get_method().decode("latin-1"), target, self._headers)
        exchange._keep_alive = self._parser.should_keep_alive()
        self._exchange = exchange
        self.queue.append(exchange)
        length = self._headers.get("content-length", "0")
        if length.isdigit() and int(length) > self.server.max_body:
            self._too_large()
        elif self.http11 and self._headers.get("expect", "").lower() == "100-continue":
            exchange._write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, data: bytes) -> None:
        if self._exchange is None:
            return
        self._body_size += len(data)
        if self._refused:
            if self._body_size > DRAIN_AT_MOST:
                self.abort()
        elif self._body_size > self.server.max_body:
            self._too_large()
        else:
            self._body.append(data)

    def on_message_complete(self) -> None:
        self._in_head = self._in_body = False
        exchange, self._exchange = self._exchange, None
        if exchange is None:
            return
        if self._refused:
            self._finish()
            return
        body = self._body
        self._body = []
        exchange.body = body[0] if len(body) == 1 else b"".join(body)
        if not exchange._keep_alive:
            self._closing = True  # nothing after this request is ours to answer
        if len(self.queue) >= MAX_PIPELINED and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._handle(self.server.handler, exchange)

    def _too_large(self) -> None:
        """Answers at once, then reads the rest away: a client that still sends would see a reset instead."""
        self._refused = True
        self._body = []
        if self._exchange is not None:
            self._exchange._keep_alive = False
            self._handle(self.server.on_too_large, self._exchange)

    @staticmethod
    def _handle(handler: Handler, exchange: Exchange) -> None:
        try:
            handler(exchange)
        except Exception:
            logger.exception("%s %s failed", exchange.method, exchange.path)
            if not exchange.answered:
                exchange.respond(
                    500, (("Content-Type", "text/plain"),), b"The request could not be handled.\n"
                )


class Server:
    """A listener; made by `serve`."""

    def __init__(self, handler: Handler, max_body: int, on_too_large: Handler | None) -> None:
        self.handler = handler
        self.max_body = max_body
        self.on_too_large = on_too_large or self._plain_too_large
        self.connections: set[_Connection] = set()
        self.port = 0
        self._listener: asyncio.Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._closed = False
        self._empty = asyncio.Event()

    async def _listen(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: _Connection(self), host, port, backlog=1024)
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

    def forget(self, connection: _Connection) -> None:
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
            connection.check_progress(now)
        self._sweeper = asyncio.get_running_loop().call_later(STALLED_AFTER / 4, self._sweep)

    def _plain_too_large(self, exchange: Exchange) -> None:
        text = f"A request body must be smaller than {self.max_body} bytes.\n"
        exchange.respond(413, (("Content-Type", "text/plain"),), text.encode())


async def serve(
    handler: Handler, host: str, port: int, *, max_body: int, on_too_large: Handler | None = None
) -> Server:
    """Listens on `host:port` (0: any free port). `on_too_large` may shape the 413, for an empty body."""
    server = Server(handler, max_body, on_too_large)
    await server._listen(host, port)
    return server


_date_cache = (0, "")


def _date() -> str:
    global _date_cache
    second = int(time.time())
    if _date_cache[0] != second:
        _date_cache = (second, formatdate(second, usegmt=True))
    return _date_cache[1]


def _clean(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ").replace("\0", " ")


def _path_of(target: str) -> str:
    """The path of an absolute-form target, as proxies send it."""
    _, separator, rest = target.partition("://")
    if not separator:
        return f"/{target}"
    slash = rest.find("/")
    return rest[slash:] if slash >= 0 else "/"


def _guard(callback: Callable[[], None]) -> None:
    try:
        callback()
    except Exception:
        logger.exception("a callback of an exchange failed")
