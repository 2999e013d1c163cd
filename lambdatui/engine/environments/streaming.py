"""A response that a runtime posts piece by piece, on its way to whoever waits for it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from lambdatui.engine.environments.invocation import Reply, error_body, too_large
from lambdatui.engine.http import Exchange

MAX_STREAMED = 200 * 1024 * 1024
ERROR_TYPE = "lambda-runtime-function-error-type"
ERROR_BODY = "lambda-runtime-function-error-body"

_JSON = (("Content-Type", "application/json"),)


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """How a streamed response ended. `payload` is what was collected, or the body of the error."""

    payload: bytes = b""
    error_type: str | None = None
    status: str = "success"


class Upload:
    """The body of one streamed response.

    It goes to the reply as it comes, no faster than that takes it. Who asked for the whole answer gets it
    collected, up to the size that such an answer may have.
    """

    def __init__(
        self, exchange: Exchange, reply: Reply | None, whole_limit: int, ended: Callable[[StreamEnd], None]
    ) -> None:
        self._exchange = exchange
        self._reply = reply
        self._ended = ended
        self._limit = whole_limit if reply is None else MAX_STREAMED
        self._size = 0
        self._collected: list[bytes] = []
        self._over = False
        self._refused = False
        exchange.on_gone = self._cut
        if reply is not None:
            reply.on_drain = lambda: exchange.hold_body(False)
            reply.begin(exchange.headers.get("content-type") or "application/octet-stream")

    def feed(self, piece: bytes) -> None:
        """More of the body; what comes after the end is read away."""
        if self._over:
            return
        self._size += len(piece)
        if self._size > self._limit:
            self._refused = True
            error_type, body = too_large(self._limit)
            self._end(StreamEnd(body, error_type, "error"))
        elif self._reply is None:
            self._collected.append(piece)
        else:
            self._reply.write(piece)
            if self._reply.blocked:
                self._exchange.hold_body(True)

    def finish(self) -> None:
        """The body is complete; its trailers say whether the function was content with it."""
        if self._refused:
            text = error_body(
                "RequestEntityTooLarge", f"Exceeded maximum allowed payload size ({self._limit} bytes)."
            )
            self._exchange.respond(413, _JSON, text)
        else:
            self._exchange.respond(202, _JSON, b'{"status":"OK"}\n')
        error_type = self._exchange.headers.get(ERROR_TYPE)
        if error_type:
            self._end(StreamEnd(self._error_body(error_type), error_type[:256]))
        else:
            self._end(StreamEnd(b"".join(self._collected)))

    def drop(self) -> None:
        """The invocation is over, whatever else comes."""
        if not self._over:
            self._over = True
            self._exchange.on_gone = None
            if self._reply is not None:
                self._reply.on_drain = None
            self._exchange.hold_body(False)

    def _cut(self) -> None:
        """The runtime left in the middle."""
        self._end(truncated())

    def _end(self, end: StreamEnd) -> None:
        if not self._over:
            self.drop()
            self._ended(end)

    def _error_body(self, error_type: str) -> bytes:
        try:
            body = base64.b64decode(self._exchange.headers.get(ERROR_BODY, ""), validate=True)
        except ValueError:  # also of text that is not ASCII
            body = b""
        return body or error_body(error_type, "")


def truncated() -> StreamEnd:
    """The end of a response whose runtime left before it was complete."""
    kind = "Runtime.TruncatedResponse"
    return StreamEnd(error_body(kind, "The runtime left before its response was complete."), kind, "error")
