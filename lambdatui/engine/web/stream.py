"""The answer of a function URL that streams."""

from __future__ import annotations

from collections.abc import Callable

from lambdatui.engine.dispatch import Done, Outcome
from lambdatui.engine.http import Exchange
from lambdatui.engine.streamed_reply import StreamedReply
from lambdatui.engine.web import answers
from lambdatui.engine.wire.errors import ApiError

PRELUDE_TYPE = "application/vnd.awslambda.http-integration-response"
END_OF_PRELUDE = b"\0" * 8
MAX_PRELUDE = 1 << 20


class UrlStream(StreamedReply):
    """Passes the function's bytes on. A prelude before them says status, headers and cookies."""

    def __init__(self, exchange: Exchange, dress: Callable[[answers.Pairs], answers.Pairs]) -> None:
        super().__init__(exchange)
        self._dress = dress
        self._prelude: bytearray | None = None

    def begin(self, content_type: str) -> None:
        if content_type.partition(";")[0].strip().lower() == PRELUDE_TYPE:
            self._prelude = bytearray()
        else:
            self._start(200, [("Content-Type", content_type)])

    def write(self, piece: bytes) -> None:
        if self._prelude is None:
            self._exchange.send(piece)
            return
        searched = max(0, len(self._prelude) - len(END_OF_PRELUDE))
        self._prelude += piece
        end = self._prelude.find(END_OF_PRELUDE, searched)
        if end >= 0:
            text, rest = bytes(self._prelude[:end]), bytes(self._prelude[end + len(END_OF_PRELUDE) :])
            self._read(text)
            self._prelude = None
            self._exchange.send(rest)
        elif len(self._prelude) > MAX_PRELUDE:
            self._prelude = None
            self._bad_gateway()

    def done(self, whole: Done) -> Done:
        """What to do when the function is done; `whole` answers if it never began to stream."""

        def finish(outcome: Outcome | ApiError) -> None:
            exchange = self._exchange
            if exchange.gone or exchange.ended:
                return
            if self._prelude is not None:
                self._bad_gateway()
            elif not exchange.answered:
                whole(outcome)
            elif isinstance(outcome, ApiError) or outcome.function_error:
                exchange.abort()
            else:
                exchange.end()

        return finish

    def _read(self, text: bytes) -> None:
        try:
            status, headers = answers.prelude(text)
        except answers.Malformed:
            self._bad_gateway()
            return
        if not any(name.lower() == "content-type" for name, _ in headers):
            headers = [("Content-Type", "application/octet-stream"), *headers]
        self._start(status, headers)

    def _start(self, status: int, headers: answers.Pairs) -> None:
        if not self._exchange.gone:
            self._exchange.start(status, self._dress(headers))

    def _bad_gateway(self) -> None:
        if not self._exchange.gone:
            headers = self._dress([("Content-Type", "application/json")])
            self._exchange.respond(502, headers, b"Internal Server Error")
