"""A neighbour as the door sees it: a service that is passed on as it comes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lambdatui.engine.triggers.forward import Forward
from lambdatui.engine.triggers.refusals import refuse
from lambdatui.engine.wire.errors import ApiError
from lambdatui.engine.wire.service import Service

if TYPE_CHECKING:
    from lambdatui.engine.context import Context
    from lambdatui.engine.http import BodySink, Exchange
    from lambdatui.engine.triggers.neighbours import Neighbours

_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


class NeighbourService(Service):
    """Its requests are neither parsed nor changed, except for who signed them."""

    def __init__(self, name: str, neighbours: Neighbours) -> None:
        super().__init__(name, ())
        self._neighbours = neighbours

    def serve(self, ctx: Context, exchange: Exchange) -> None:
        """Passes on a request whose body is here and checked."""
        forward = Forward(self._neighbours, ctx, exchange, None)
        forward.feed(exchange.body)
        forward.finish()

    def stream(self, ctx: Context, exchange: Exchange) -> BodySink:
        """Passes on a request whose body comes yet; its signature covers the hash that it states."""
        stated = exchange.headers.get("x-amz-content-sha256", "")
        return Forward(self._neighbours, ctx, exchange, stated.lower() if _SHA256.fullmatch(stated) else None)

    def fail(self, ctx: Context, exchange: Exchange, error: ApiError) -> None:
        refuse(exchange, self.name, error, ctx.request_id)

    def too_large(self, ctx: Context, exchange: Exchange, limit: int) -> None:
        text = f"Request must be smaller than {limit} bytes"
        self.fail(ctx, exchange, ApiError("RequestEntityTooLargeException", text, 413, type=None))
