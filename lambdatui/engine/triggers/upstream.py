"""The smallest HTTP/1.1 client that a proxy needs: one connection per request, bodies in pieces both ways."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol, cast
from urllib.parse import urlsplit

import httptools

from lambdatui.engine.triggers.signing import Header, Keys, keys_for, scope_headers, signed

CONNECT_WITHIN = 10.0
_HOP_BY_HOP = frozenset(("connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "date"))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests go, and what every one of them carries."""

    host: str
    port: int
    tls: bool = False
    headers: tuple[Header, ...] = ()
    own_host: str | None = None
    """The Host to say; None passes on the one that the client said."""
    keys: Keys | None = None
    """What requests are signed with; None where nobody looks at signatures."""

    @classmethod
    def of(cls, url: str) -> Endpoint:
        """The endpoint that a URL names; ValueError if it is no http URL or has a path."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
            raise ValueError(f"{url!r} is no endpoint: say http://HOST:PORT or https://HOST:PORT.")
        tls = parts.scheme == "https"
        port = parts.port or (443 if tls else 80)
        return cls(parts.hostname, port, tls, own_host=parts.netloc, keys=keys_for(parts.hostname))

    def signature(
        self,
        scope: tuple[str, str, str],
        method: str,
        target: str,
        headers: Iterable[Header],
        payload: str | bytes,
    ) -> list[Header]:
        """The headers that say who asks: an account, in a region, for a service."""
        if self.keys is None:
            return scope_headers(*scope)
        url = f"{'https' if self.tls else 'http'}://{self.own_host}{target}"
        return signed(self.keys, *scope, method=method, url=url, headers=headers, payload=payload)


class Receiver(Protocol):
    """Hears of the response as it comes. Exactly one of `end` and `cut` is the last call."""

    def head(self, status: int, headers: list[Header]) -> None: ...
    def data(self, piece: bytes) -> None: ...
    def end(self) -> None: ...
    def cut(self) -> None: ...
    def writable(self) -> None:
        """After `Upstream.blocked` was true: more of the request may be written."""


class Upstream(asyncio.Protocol):
    """One request's connection."""

    def __init__(self, receiver: Receiver, *, bodiless: bool) -> None:
        """`bodiless`: the answer to a HEAD, which has a length and no body."""
        self.blocked = False
        self._receiver = receiver
        self._bodiless = bodiless
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[Header] = []
        self._sized = False
        self._began = False
        self._over = False

    def write(self, *pieces: bytes) -> None:
        if self._transport is not None and not self._over:
            self._transport.writelines(pieces)

    def hold(self, hold: bool) -> None:
        """Reads no further, or goes on."""
        if self._transport is None or self._over:
            return
        if hold:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def abort(self) -> None:
        """Drops the request; the receiver hears no more."""
        self._over = True
        if self._transport is not None:
            self._transport.abort()

    # -- transport -------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._over:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._finish(whole=False)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._finish(whole=exc is None and self._began and not self._sized)

    def pause_writing(self) -> None:
        self.blocked = True

    def resume_writing(self) -> None:
        self.blocked = False
        if not self._over:
            self._receiver.writable()

    # -- parser ----------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._headers = []

    def on_header(self, name: bytes, value: bytes | None) -> None:
        self._headers.append((name.decode("latin-1"), (value or b"").decode("latin-1").strip()))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            return
        self._began = True
        names = {name.lower() for name, _ in self._headers}
        self._sized = bool(names & {"content-length", "transfer-encoding"})
        self._receiver.head(status, [pair for pair in self._headers if pair[0].lower() not in _HOP_BY_HOP])
        if self._bodiless:
            self._finish(whole=True)

    def on_body(self, data: bytes) -> None:
        if not self._over:
            self._receiver.data(data)

    def on_message_complete(self) -> None:
        if self._began:
            self._finish(whole=True)

    def _finish(self, whole: bool) -> None:
        if self._over:
            return
        self._over = True
        if self._transport is not None:
            self._transport.close()
        if whole:
            self._receiver.end()
        else:
            self._receiver.cut()


async def connect(
    endpoint: Endpoint, receiver: Receiver, *, bodiless: bool = False, dialled: socket.socket | None = None
) -> Upstream:
    """A connection for one request; OSError (TimeoutError among them) if nobody answers there.

    `dialled` is one that is open already, and becomes the connection's own.
    """
    loop = asyncio.get_running_loop()
    if dialled is not None:
        _, upstream = await loop.create_connection(
            lambda: Upstream(receiver, bodiless=bodiless), sock=dialled
        )
        return upstream
    secure = ssl.create_default_context() if endpoint.tls else None
    async with asyncio.timeout(CONNECT_WITHIN):
        _, upstream = await loop.create_connection(
            lambda: Upstream(receiver, bodiless=bodiless), endpoint.host, endpoint.port, ssl=secure
        )
    return upstream


def request_head(endpoint: Endpoint, method: str, target: str, headers: Iterable[Header]) -> bytes:
    """Request line and headers, with what the endpoint wants of every request."""
    lines = [f"{method} {target} HTTP/1.1\r\n"]
    for name, value in (*headers, *endpoint.headers, ("Connection", "close")):
        lines.append(f"{name}: {value}\r\n")
    lines.append("\r\n")
    return "".join(lines).encode("latin-1", "replace")


@dataclass(slots=True)
class Response:
    """What a neighbour answered."""

    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(slots=True)
class _Collector:
    """Gathers a whole response."""

    done: asyncio.Future[Response]
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)

    def head(self, status: int, headers: list[Header]) -> None:
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}

    def data(self, piece: bytes) -> None:
        self.pieces.append(piece)

    def end(self) -> None:
        if not self.done.done():
            self.done.set_result(Response(self.status, self.headers, b"".join(self.pieces)))

    def cut(self) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionResetError("the connection ended before the answer did"))

    def writable(self) -> None:
        """Nothing waits: the whole request is in the transport's buffer."""


async def send(
    endpoint: Endpoint,
    method: str,
    target: str,
    headers: Iterable[Header],
    body: bytes,
    dialled: socket.socket | None = None,
) -> Response:
    """One request with its whole answer; OSError if there is none. Set a time-out around it."""
    collector = _Collector(asyncio.get_running_loop().create_future())
    upstream = await connect(endpoint, collector, bodiless=method == "HEAD", dialled=dialled)
    try:
        upstream.write(request_head(endpoint, method, target, headers), body)
        return await collector.done
    finally:
        upstream.abort()
