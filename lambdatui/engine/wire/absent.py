"""Services that this engine does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from lambdatui.engine.wire.errors import ApiError
from lambdatui.engine.wire.protocol import ERROR_TYPE, REQUEST_ID, Reply
from lambdatui.engine.wire.service import Service

if TYPE_CHECKING:
    from lambdatui.engine.context import Context
    from lambdatui.engine.http import Exchange


class AbsentService(Service):
    """Says plainly that there is no such service, in JSON: which protocol the caller speaks is unknown."""

    def __init__(self, name: str) -> None:
        super().__init__(name, ())

    def serve(self, ctx: Context, exchange: Exchange) -> None:
        text = f"The lambdatui engine does not have the service {self.name!r}."
        self.fail(ctx, exchange, ApiError("NotImplementedException", text, 501, type=None))

    def fail(self, ctx: Context, exchange: Exchange, error: ApiError) -> None:
        headers = [
            ("Content-Type", "application/json"),
            (REQUEST_ID, ctx.request_id),
            (ERROR_TYPE, error.code),
        ]
        body = {"__type": error.code, "message": error.message}
        self._send(exchange, Reply(error.status or 400, headers, orjson.dumps(body)))

    def too_large(self, ctx: Context, exchange: Exchange, limit: int) -> None:
        text = f"Request must be smaller than {limit} bytes"
        self.fail(ctx, exchange, ApiError("RequestEntityTooLargeException", text, 413, type=None))
