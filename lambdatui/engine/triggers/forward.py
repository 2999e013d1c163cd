"""One request on its way to a neighbour and back: bytes both ways as they come, no body ever held whole."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import orjson

from lambdatui.engine.triggers.errors import NeighbourError
from lambdatui.engine.triggers.refusals import refuse
from lambdatui.engine.triggers.signing import UNSIGNED, Header
from lambdatui.engine.triggers.upstream import Endpoint, Upstream, connect, request_head
from lambdatui.engine.wire.errors import ApiError

if TYPE_CHECKING:
    from lambdatui.engine.context import Context
    from lambdatui.engine.http import Exchange
    from lambdatui.engine.triggers.neighbours import Neighbours

logger = logging.getLogger(__name__)

AHEAD = 256 * 1024
"""Bytes that may wait for a slow side."""
AT_ONCE = 64 * 1024
"""An answer below this leaves in one write."""

_OURS = frozenset(
    (
        *("authorization", "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer"),
        *(
            "transfer-encoding",
            "upgrade",
            "x-amz-security-token",
            "x-lambdatui-neighbour",
            "x-lambdatui-patience",
            "x-moto-account-id",
        ),
    )
)
_AUTH_PARAMETERS = re.compile(
    r"(?:^|&)(?:X-Amz-(?:Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Security-Token)"
    r"|AWSAccessKeyId|Signature|Expires|x-amz-security-token)=[^&]*"
)
_VIRTUAL_HOST = re.compile(r"([a-z0-9][a-z0-9.-]{1,61}[a-z0-9]?)\.localhost:(\d+)", re.ASCII)


def virtual_bucket(host: str) -> str | None:
    """The bucket in a host name such as my-bucket.localhost:4574 or my-bucket.s3.localhost:4574."""
    match = _VIRTUAL_HOST.fullmatch(host.lower())
    if match is None:
        return None
    bucket = match[1].removesuffix(".s3")
    return None if bucket == "s3" else bucket


class Forward:
    """Takes the request's body (`feed`, `finish`) and the neighbour's answer, and keeps both moving."""

    def __init__(self, neighbours: Neighbours, ctx: Context, exchange: Exchange, stated: str | None) -> None:
        """`stated`: the body's SHA-256 as it was signed, in hex; None if there is nothing to check."""
        self._neighbours = neighbours
        self._ctx = ctx
        self._exchange = exchange
        self._stated = stated
        self._digest = hashlib.sha256() if stated is not None else None
        self._chunked = "content-length" not in exchange.headers and "transfer-encoding" in exchange.headers
        self._upstream: Upstream | None = None
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._last = b""
        self._finished = False
        self._over = False
        self._status = 0
        self._headers: list[Header] = []
        self._answer: list[bytes] | None = []
        exchange.on_gone = self._gone
        self._task = asyncio.get_running_loop().create_task(self._connect())

    # -- the request -----------------------------------------------------------------------------

    def feed(self, piece: bytes) -> None:
        """A part of the body. The last one stays back until the whole is known to be what was signed."""
        if self._over:
            return
        if self._digest is not None:
            self._digest.update(piece)
        self._queue(self._last)
        self._last = piece
        self._flush()

    def finish(self) -> None:
        if self._over:
            return
        if self._digest is not None and self._digest.hexdigest() != self._stated:
            text = "The provided 'x-amz-content-sha256' header does not match what was computed."
            self._fail(ApiError("XAmzContentSHA256Mismatch", text, 400))
            return
        self._queue(self._last)
        self._last = b""
        if self._chunked:
            self._pending.append(b"0\r\n\r\n")
        self._finished = True
        self._flush()

    def writable(self) -> None:
        self._flush()

    def _queue(self, piece: bytes) -> None:
        if piece:
            self._pending.append(b"%x\r\n%b\r\n" % (len(piece), piece) if self._chunked else piece)
            self._pending_size += len(piece)

    def _flush(self) -> None:
        if self._upstream is not None and not self._upstream.blocked and self._pending:
            pending, self._pending, self._pending_size = self._pending, [], 0
            self._upstream.write(*pending)
        self._exchange.hold_body(not self._finished and self._pending_size > AHEAD)

    async def _connect(self) -> None:
        try:
            endpoint = await self._neighbours.endpoint()
            upstream = await connect(endpoint, self, bodiless=self._exchange.method == "HEAD")
        except NeighbourError as error:
            self._fail(ApiError(error.code, error.message, error.status))
        except OSError as error:
            logger.warning("no neighbour answers: %s", error)
            self._lost()
        except Exception:
            logger.exception("%s %s could not be passed on", self._exchange.method, self._exchange.path)
            self._lost()
        else:
            if self._over:
                upstream.abort()
                return
            self._upstream = upstream
            upstream.write(self._head(endpoint))
            self._flush()

    def _head(self, endpoint: Endpoint) -> bytes:
        exchange = self._exchange
        host = exchange.headers.get("host", "")
        path, query = exchange.path, exchange.query
        bucket = virtual_bucket(host) if self._ctx.service.name == "s3" else None
        if bucket is not None:
            path = f"/{bucket}{path}"
            host = self._neighbours.host
        if "ignature=" in query:
            query = _AUTH_PARAMETERS.sub("", query).lstrip("&")
        target = f"{path}?{query}" if query else path
        scope = (self._ctx.account, self._ctx.region, self._ctx.service.name)
        headers = list(self._request_headers(endpoint.own_host or host))
        payload = exchange.headers.get("x-amz-content-sha256", UNSIGNED)
        signature = endpoint.signature(scope, exchange.method, target, headers, payload)
        brought = {name.lower() for name, _ in signature}
        headers = [pair for pair in headers if pair[0].lower() not in brought]
        return request_head(endpoint, exchange.method, target, [*headers, *signature])

    def _request_headers(self, host: str) -> Iterable[Header]:
        headers = self._exchange.headers
        yield "Host", host
        for name, value in headers.items():
            if name not in _OURS:
                yield name, value
        if "content-length" in headers:
            yield "Content-Length", headers["content-length"]
        elif self._chunked:
            yield "Transfer-Encoding", "chunked"

    # -- the answer ------------------------------------------------------------------------------

    def head(self, status: int, headers: list[Header]) -> None:
        self._status = status
        self._headers = [pair for pair in headers if pair[0].lower() != "server"]
        length = next((value for name, value in headers if name.lower() == "content-length"), None)
        refused = any(name == "X-Lambdatui-Refusal" for name, _ in headers)
        small = length is not None and length.isdigit() and int(length) <= AT_ONCE
        if not small and not refused:
            self._begin()

    def data(self, piece: bytes) -> None:
        if self._answer is not None:
            self._answer.append(piece)
            return
        self._exchange.send(piece)
        if self._exchange.blocked and self._upstream is not None:
            self._upstream.hold(True)

    def end(self) -> None:
        self._close()
        if self._answer is None:
            self._exchange.end()
            return
        body = b"".join(self._answer)
        if any(name == "X-Lambdatui-Refusal" for name, _ in self._headers):
            code = "NotImplemented" if self._status == 501 else "InternalFailure"
            self._refuse(ApiError(code, str(orjson.loads(body)["message"]), self._status))
        elif self._exchange.method == "HEAD":
            self._exchange.start(self._status, self._headers)
            self._exchange.end()
        else:
            headers = [pair for pair in self._headers if pair[0].lower() != "content-length"]
            self._exchange.respond(self._status, headers, body)

    def cut(self) -> None:
        self._lost()

    def _begin(self) -> None:
        self._exchange.on_drain = self._drained
        self._exchange.start(self._status, self._headers)
        self._answer = None

    def _drained(self) -> None:
        if self._upstream is not None and not self._over:
            self._upstream.hold(False)

    # -- bad ends --------------------------------------------------------------------------------

    def _lost(self) -> None:
        """The neighbour is gone in the middle."""
        if self._answer is None and not self._over:
            self._over = True
            self._exchange.abort()
            return
        self._fail(ApiError("ServiceUnavailable", "The neighbour ended before it had answered.", 503))

    def _fail(self, error: ApiError) -> None:
        if self._over:
            return
        self._close()
        if self._upstream is not None:
            self._upstream.abort()
        self._refuse(error)

    def _refuse(self, error: ApiError) -> None:
        refuse(self._exchange, self._ctx.service.name, error, self._ctx.request_id)

    def _close(self) -> None:
        self._over = True
        self._pending = []
        self._exchange.hold_body(False)

    def _gone(self) -> None:
        """The client left."""
        if self._over:
            return
        self._over = True
        self._pending = []
        if self._upstream is not None:
            self._upstream.abort()
