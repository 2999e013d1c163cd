"""What all answers have in common that leave over HTTP while their function still writes them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from lambdatui.engine.http import Exchange


class StreamedReply(ABC):
    """Takes a function's stream no faster than the client does. A client that left takes everything."""

    def __init__(self, exchange: Exchange) -> None:
        self.version = ""
        self.on_drain: Callable[[], None] | None = None
        self._exchange = exchange
        exchange.on_drain = self._drained
        exchange.on_gone = self._drained

    @property
    def blocked(self) -> bool:
        """The client reads slower than the function writes: wait for `on_drain`."""
        return self._exchange.blocked and not self._exchange.gone

    @abstractmethod
    def begin(self, content_type: str) -> None:
        """The function answers by a stream of this type."""

    @abstractmethod
    def write(self, piece: bytes) -> None:
        """The next bytes of it."""

    def _drained(self) -> None:
        if self.on_drain is not None:
            self.on_drain()
