"""One client's connection: requests are parsed as they come, answers leave in the same order."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

import httptools

from lambdatui.engine import http_bodies, http_heads
from lambdatui.engine.http_exchange import BodySink, Exchange

if TYPE_CHECKING:
    from lambdatui.engine.http import Server

logger = logging.getLogger(__name__)

Handler = Callable[[Exchange], None]
MAX_HEAD = 64 * 1024  # request line and headers together
MAX_PIPELINED = 32  # unanswered requests on one connection before it is no longer read
MAX_NAMES = 1024  # spellings of header names that are remembered
DRAIN_AT_MOST = 512 * 1024 * 1024  # of a body that is refused: reading it lets the client see the answer

_HEAD_TOO_LARGE = f"The request's line and headers must be smaller than {MAX_HEAD} bytes."
_ONLY_ONCE = frozenset(("host", "content-length", "authorization"))
_names: dict[bytes, str] = {}


class Connection(asyncio.Protocol):
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
        self._held = False
        self._chunk = 0
        self._met: tuple[Exchange, BodySink] | None = None  # known to whoever takes its body in pieces
        self._kept = b""  # an answer that leaves with the next one, if that was asked for already
        self._reset()

    def _reset(self) -> None:
        self._target = b""
        self._headers: dict[str, str] = {}
        self._came = 0  # bytes since the message began, and no less
        self._unfinished = 0
        self._body_came = False
        self._body: list[bytes] = []
        self._body_size = 0
        self._in_head = False
        self._in_body = False
        self._refused = False
        self._ambiguous = False
        self._exchange: Exchange | None = None
        self._sink: BodySink | None = None

    # -- transport -------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.peer = (peer[0], peer[1]) if isinstance(peer, tuple) and len(peer) >= 2 else None
        self.server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self._transport = None
        self.server.forget(self)
        left, self.queue = self.queue, deque()
        for exchange in left:
            if exchange.on_gone is not None and not exchange.ended:
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
        if not (self._in_head or self._in_body):
            data = self._take_plain(data)
        if data:
            self._parse(data)
        if self._kept and not self.queue:
            self.flush()

    def large_body_came(self, body: bytes) -> None:
        """What is read next is a head again."""
        self._read_as(self)
        self._body_came_whole(body)
        if self._kept and not self.queue:
            self.flush()

    def _take_plain(self, data: bytes) -> bytes:
        """Handles the requests that are plain and here as a whole; what is left is for the parser."""
        at, size, server = 0, len(data), self.server
        while at < size and not self._closing:
            start = data.find(b"\r\n\r\n", at, at + http_heads.LONGEST) + 4
            plain = http_heads.read(data[at:start])
            if plain is None:
                break
            method, path, query, headers, length = plain
            end = start + length
            whole = end <= size
            if length > server.max_body or not (whole or http_bodies.is_large(length)):
                break
            self.http11 = True
            exchange = Exchange(self, method, path, query, headers, data[start:end])
            self.queue.append(exchange)
            try:
                sink = server.sink_for(exchange)
                if sink is not None and whole and length:
                    sink.feed(exchange.body)
            except Exception:
                logger.exception("%s %s failed", method, path)
                self._exchange = exchange
                self._refuse(500, "The request could not be handled.")
                return b""
            if whole:
                at = end
                self._completed(exchange, sink)
            elif sink is None:
                self._exchange, self._in_body = exchange, True
                self._read_as(http_bodies.BodyReader(self, length, exchange.body))
                return b""
            else:
                self._met = exchange, sink
                break
        return data[at:]

    def _read_as(self, reader: asyncio.BaseProtocol) -> None:
        """What comes from now on is for this one."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()
            self._transport.set_protocol(reader)
            if not (self._paused or self._held):
                self._transport.resume_reading()

    def _parse(self, data: bytes) -> None:
        size = len(data)
        self._came += size
        self._chunk = size
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
        if self._in_head or self._in_body:
            # The parser keeps unfinished lines, and trailers come without end: count what gave no body.
            self._unfinished = 0 if self._body_came else self._unfinished + size
            self._body_came = False
            if self._unfinished > 4 * MAX_HEAD:
                self._refuse(431, _HEAD_TOO_LARGE)

    def write(self, pieces: Sequence[bytes]) -> None:
        if self._transport is not None:
            kept, self._kept = self._kept, b""
            self._transport.writelines((kept, *pieces) if kept else pieces)

    def flush(self) -> None:
        """Writes what may wait no longer."""
        if self._transport is not None:
            kept, self._kept = self._kept, b""
            self._transport.write(kept)

    def send(self, exchange: Exchange, answer: bytes, may_wait: bool) -> None:
        """Writes a whole answer in its turn. One that may wait leaves with the answer to the next request,
        or, if none has come, once all that came is read."""
        queue = self.queue
        if not queue or queue[0] is not exchange:
            exchange.held += (answer,)
            return
        self._kept += answer
        if not may_wait:
            self.flush()
        if len(queue) > 1 or self._paused or not exchange.keep_alive or self._closing:
            self.advance()
        else:
            queue.clear()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def advance(self) -> None:
        """Sends what the finished answer at the front held back, in order."""
        queue = self.queue
        while queue and queue[0].ended:
            done = queue.popleft()
            if not done.keep_alive:
                self._closing = True
            if queue:
                following = queue[0]
                if following.held:
                    pieces, following.held = following.held, ()
                    self.write(pieces)
                if not following.ended and following.on_drain is not None:
                    _guard(following.on_drain)
        if self._paused and len(queue) < MAX_PIPELINED and self._transport is not None:
            self._paused = False
            if not self._held:
                self._transport.resume_reading()
        if self._closing:
            self._finish()

    def hold_reading(self, hold: bool) -> None:
        """Reads no further into a body, or goes on with it."""
        if hold == self._held or self._transport is None:
            return
        self._held = hold
        if hold and not self._paused:
            self._transport.pause_reading()
        elif not hold and not self._paused:
            self.heard = time.monotonic()
            self._transport.resume_reading()

    def close_when_idle(self) -> None:
        self._closing = True
        self._finish()

    def check_progress(self, now: float, patience: float) -> None:
        if (self._in_head or self._in_body) and not self._held and now - self.heard > patience:
            self._refuse(408, "The request did not arrive in time.")

    def _finish(self) -> None:
        if self._closing and not self.queue and not (self._refused and self._in_body) and self._transport:
            if self._kept:
                self.flush()
            self._transport.close()

    def _refuse(self, status: int, sentence: str) -> None:
        """Answers what cannot be parsed, after the answers that are still owed, and closes."""
        self._in_head = self._in_body = False
        exchange, self._exchange = self._exchange, None
        if self._sink is not None and exchange is not None and exchange.on_gone is not None:
            _guard(exchange.on_gone)
        self._sink = None
        if self._closing or (exchange is not None and exchange.answered):
            self._closing = True
            self._finish()
            return
        if exchange is None:
            exchange = Exchange(self, "GET", "/", "", {})
            self.queue.append(exchange)
        exchange.keep_alive = False
        self._closing = True
        exchange.respond(status, (("Content-Type", "text/plain; charset=utf-8"),), f"{sentence}\n".encode())

    # -- parser ----------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._reset()
        self._in_head = True
        self._came = self._chunk

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes | None) -> None:
        key = _names.get(name) or _lower(name)
        text = value.decode("latin-1").strip() if value else ""
        if key in self._headers:
            # Two hosts or two lengths mean two readers could see two requests.
            self._ambiguous = self._ambiguous or key in _ONLY_ONCE
            text = f"{self._headers[key]},{text}"
        self._headers[key] = text

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._in_body = True
        if self._closing:
            return
        if self._came > MAX_HEAD and self._head_size() > MAX_HEAD:
            self._refuse(431, _HEAD_TOO_LARGE)
            return
        if self._ambiguous:
            self._refuse(400, "A header that may come only once came twice.")
            return
        parser, headers = self._parser, self._headers
        self.http11 = parser.get_http_version() != "1.0"
        target = self._target.decode("latin-1")
        if target[:1] != "/":
            target = _path_of(target)
        path, _, query = target.partition("?")
        if self._met is not None:
            (exchange, self._sink), self._met = self._met, None
        else:
            exchange = Exchange(self, parser.get_method().decode("latin-1"), path, query, headers)
            self.queue.append(exchange)
            self._sink = self.server.sink_for(exchange)
        exchange.keep_alive = parser.should_keep_alive()
        self._exchange = exchange
        length = headers.get("content-length", "0")
        if length != "0" and self._sink is None and length.isdigit() and int(length) > self.server.max_body:
            self._too_large()
        elif "expect" in headers and self.http11 and headers["expect"].lower() == "100-continue":
            exchange.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _head_size(self) -> int:
        return len(self._target) + sum(len(name) + len(text) + 4 for name, text in self._headers.items())

    def on_body(self, data: bytes) -> None:
        self._body_came = True
        if self._exchange is None:
            return
        if self._sink is not None:
            self._sink.feed(data)
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
        body, self._body = self._body, []
        self._body_came_whole(body[0] if len(body) == 1 else b"".join(body))

    def _body_came_whole(self, body: bytes) -> None:
        self._in_head = self._in_body = False
        exchange, self._exchange = self._exchange, None
        if exchange is None:
            return
        if self._refused:
            self._finish()
            return
        exchange.body = body
        if not exchange.keep_alive:
            self._closing = True  # nothing after this request is ours to answer
        sink, self._sink = self._sink, None
        self._completed(exchange, sink)

    def _completed(self, exchange: Exchange, sink: BodySink | None) -> None:
        """All of a request is here."""
        if len(self.queue) >= MAX_PIPELINED and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        try:
            if sink is None:
                self.server.handler(exchange)
            else:
                sink.finish()
        except Exception:
            _failed(exchange)

    def _too_large(self) -> None:
        """Answers at once, then reads the rest away: a client that still sends would see a reset instead."""
        self._refused = True
        self._body = []
        if self._exchange is not None:
            self._exchange.keep_alive = False
            try:
                self.server.on_too_large(self._exchange)
            except Exception:
                _failed(self._exchange)


def _failed(exchange: Exchange) -> None:
    """Whoever handles it has a defect."""
    logger.exception("%s %s failed", exchange.method, exchange.path)
    if not exchange.answered:
        exchange.respond(500, (("Content-Type", "text/plain"),), b"The request could not be handled.\n")


def _lower(name: bytes) -> str:
    """A header's name as it is looked up; clients spell it in few ways, which are remembered."""
    found = name.decode("latin-1").lower()
    if len(_names) < MAX_NAMES:
        _names[name] = found
    return found


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
