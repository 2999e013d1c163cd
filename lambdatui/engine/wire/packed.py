"""Bodies that SDKs compress, where the service's model lets them."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from lambdatui.engine.wire.errors import ApiError, serialization

if TYPE_CHECKING:
    from lambdatui.engine.http import Exchange

LARGEST = 16 << 20
_GZIP = 16 + zlib.MAX_WBITS


def unpack(exchange: Exchange) -> None:
    """Puts the body that was meant in the place of the one that came; raises ApiError if it is broken."""
    if exchange.headers.get("content-encoding", "").lower() != "gzip":
        return
    inflate = zlib.decompressobj(_GZIP)
    try:
        body = inflate.decompress(exchange.body, LARGEST)
    except zlib.error as error:
        raise serialization(f"The request's body is no gzip: {error}") from None
    if inflate.unconsumed_tail:
        text = f"The request's body is larger than {LARGEST} bytes."
        raise ApiError("RequestEntityTooLargeException", text, 413, type=None)
    if not inflate.eof:
        raise serialization("The request's body is no gzip: it ends too early")
    exchange.body = body
    del exchange.headers["content-encoding"]
