"""One request and its answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lambdatui.engine.http_connection import Connection

Headers = Sequence[tuple[str, str]]
ONE_WRITE = 64 * 1024  # below this, joining head and body is cheaper than two buffers

_PHRASES = {one.value: one.phrase for one in HTTPStatus}
_BODILESS = frozenset((204, 304))


class BodySink(Protocol):
    """Takes the body of a request that is too large to wait for, as it comes in."""

    def feed(self, piece: bytes) -> None: ...
    def finish(self) -> None:
        """The body is complete. If it never is, `Exchange.on_gone` is called instead."""


class Exchange:
    """One request and its answer."""

    __slots__ = (
        "_answered",
        "_chunked",
        "_connection",
        "body",
        "ended",
        "headers",
        "held",
        "keep_alive",
        "method",
        "on_drain",
        "on_gone",
        "path",
        "query",
    )

    def __init__(
        self,
        connection: Connection,
        method: str,
        path: str,
        query: str,
        headers: dict[str, str],
        body: bytes = b"",
    ) -> None:
        self.method = method
        self.path = path
        """Still percent-encoded."""
        self.query = query
        self.headers = headers
        """Names in lower case; values as Latin-1 text, so that encoding them gives the bytes that came."""
        self.body = body
        self.on_gone: Callable[[], None] | None = None
        """Called once if the client leaves before the answer is complete."""
        self.on_drain: Callable[[], None] | None = None
        """Called when a streamed answer may go on after `blocked` was true."""
        self._connection = connection
        self.keep_alive = True
        self.held: tuple[bytes, ...] = ()  # what may only be written after the answers before it
        self._answered = False
        self.ended = False
        self._chunked = False

    @property
    def peer(self) -> tuple[str, int] | None:
        """Who asks: address and port."""
        return self._connection.peer

    @property
    def gone(self) -> bool:
        return self._connection.lost

    @property
    def answered(self) -> bool:
        return self._answered

    @property
    def blocked(self) -> bool:
        """The client reads slower than we send: wait for `on_drain`."""
        return self._connection.blocked or bool(self.held)

    def respond(self, status: int, headers: Headers, body: bytes, *, may_wait: bool = False) -> None:
        """Answers once and whole. `may_wait`: a client that has asked for more already reads both at once."""
        self.answer(status, header_lines(headers), body, may_wait=may_wait)

    def answer(self, status: int, lines: str, body: bytes, *, may_wait: bool = False) -> None:
        """The same by header lines that are written already and hold nothing from outside, or by
        `header_lines`."""
        if self._answered:
            raise RuntimeError("this exchange was answered before")
        self._answered = self.ended = True
        if status in _BODILESS or status < 200:
            self.write(self._head(status, lines))
        else:
            head = self._head(status, f"{lines}Content-Length: {len(body)}\r\n")
            if self.method == "HEAD":
                self.write(head)
            elif len(body) >= ONE_WRITE:
                self.write(head, body)
            else:
                self._connection.send(self, head + body, may_wait)
                return
        self._connection.advance()

    def start(self, status: int, headers: Headers) -> None:
        """Starts an answer that comes in pieces: `send`, `end`. A Content-Length must be kept to."""
        if self._answered:
            raise RuntimeError("this exchange was answered before")
        self._answered = True
        sized = self.method == "HEAD" or status in _BODILESS or any(_is_length(name) for name, _ in headers)
        self._chunked = self._connection.http11 and not sized
        if not self._chunked and not sized:
            self.keep_alive = False
        framing = "Transfer-Encoding: chunked\r\n" if self._chunked else ""
        self.write(self._head(status, header_lines(headers) + framing))

    def send(self, chunk: bytes) -> None:
        if chunk and not self.ended and self.method != "HEAD":
            self.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if self._chunked else chunk)

    def end(self, trailers: Headers = ()) -> None:
        if self.ended:
            return
        self.ended = True
        if self._chunked:
            self.write(b"0\r\n%b\r\n" % header_lines(trailers).encode("latin-1", "replace"))
        self._connection.advance()

    def hold_body(self, hold: bool) -> None:
        """Whoever takes the body as it comes in has enough for now, or wants more."""
        self._connection.hold_reading(hold)

    def abort(self) -> None:
        """Cuts the connection: the only honest end of a streamed answer that failed half-way."""
        self.ended = True
        self._connection.abort()

    def _head(self, status: int, lines: str) -> bytes:
        if not self.keep_alive:
            lines += "Connection: close\r\n"
        elif not self._connection.http11:
            lines += "Connection: keep-alive\r\n"
        return f"{_first_lines(status, int(time.time()))}{lines}\r\n".encode("latin-1", "replace")

    def write(self, *pieces: bytes) -> None:
        queue = self._connection.queue
        if queue and queue[0] is self:
            self._connection.write(pieces)
        else:
            self.held += pieces


@lru_cache(maxsize=64)
def _first_lines(status: int, second: int) -> str:
    """Status and date: the same for a whole second."""
    phrase = _PHRASES.get(status, "Unknown")
    return f"HTTP/1.1 {status} {phrase}\r\nDate: {formatdate(second, usegmt=True)}\r\n"


def header_lines(headers: Headers) -> str:
    """Headers as they stand in a head, each with its end; what would end one earlier is taken out."""
    text = "".join([f"{name}: {value}\r\n" for name, value in headers])
    lines = len(headers)
    if text.count("\n") == lines and text.count("\r") == lines and "\0" not in text:
        return text
    return "".join([f"{_clean(name)}: {_clean(value)}\r\n" for name, value in headers])


def _is_length(name: str) -> bool:
    return name.lower() == "content-length"


def _clean(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ").replace("\0", " ")
