"""What an operation knows about the request it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdatui.engine.chance import hexes

if TYPE_CHECKING:
    from lambdatui.engine.clock import Clock
    from lambdatui.engine.engine import Engine
    from lambdatui.engine.http import Exchange, Headers
    from lambdatui.engine.settings import EngineOptions
    from lambdatui.engine.store import Store
    from lambdatui.engine.wire.errors import ApiError
    from lambdatui.engine.wire.service import Service


@dataclass(slots=True)
class Context:
    """Who asks, for which account and region, and the engine that answers."""

    engine: Engine
    service: Service
    account: str
    region: str
    request_id: str
    principal: str
    """ARN of the caller."""
    user_id: str = ""

    @property
    def by_function(self) -> bool:
        """A role's keys were used, such as functions have; else the user's own."""
        return self.principal.startswith("arn:aws:sts:")

    @property
    def store(self) -> Store:
        return self.engine.store

    @property
    def clock(self) -> Clock:
        return self.engine.clock

    @property
    def settings(self) -> EngineOptions:
        return self.engine.settings

    @property
    def url(self) -> str:
        """Where the engine answers, such as http://127.0.0.1:4574."""
        return self.engine.url

    def respond(self, exchange: Exchange, status: int, lines: str, body: bytes) -> None:
        """The answer of a raw operation, by `Exchange.answer`; adds the request's id."""
        self.service.respond(self, exchange, status, lines, body)

    def start(self, exchange: Exchange, status: int, headers: Headers) -> None:
        """The beginning of a raw operation's answer that follows by `send` and `end`."""
        self.service.start(self, exchange, status, headers)

    def fail(self, exchange: Exchange, error: ApiError) -> None:
        """The error of a raw operation."""
        self.service.fail(self, exchange, error)


def new_request_id() -> str:
    """A version 4 UUID, at a fifth of the cost of `uuid`."""
    digits = hexes(32)
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
