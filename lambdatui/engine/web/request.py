"""A request as the services in front of Lambda see it, before an event is made of it."""

from __future__ import annotations

import base64
import os
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from lambdatui.engine.context import new_request_id
from lambdatui.engine.http import Exchange

# Between the client and us alone; the services in front of Lambda do not pass them on.
_HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade")
)
_TEXT = re.compile(r"text/.*|application/(json|xml|javascript|[^;]*\+(json|xml))", re.ASCII)


@dataclass(slots=True)
class WebRequest:
    """One request. Header names are in lower case; path and query are as they were sent."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    host: str
    """The name under which the function is reached, with the port."""
    source_ip: str
    id: str = field(default_factory=new_request_id)
    at: float = field(default_factory=time.time)

    @classmethod
    def of(cls, exchange: Exchange, path: str, host: str) -> WebRequest:
        """What `exchange` asks for at `host`, with the headers that AWS adds on the way."""
        source = exchange.peer[0] if exchange.peer else "127.0.0.1"
        headers = {
            name: _readable(value) for name, value in exchange.headers.items() if name not in _HOP_BY_HOP
        }
        trace = headers.get("x-amzn-trace-id") or f"Root=1-{int(time.time()):08x}-{os.urandom(12).hex()}"
        headers |= {
            "host": host,
            "x-amzn-trace-id": trace,
            "x-forwarded-for": source,
            "x-forwarded-port": host.rpartition(":")[2],
            "x-forwarded-proto": "http",
        }
        return cls(exchange.method, path, exchange.query, headers, exchange.body, host, source)

    @property
    def trace_id(self) -> str:
        return self.headers["x-amzn-trace-id"]

    @property
    def user_agent(self) -> str | None:
        return self.headers.get("user-agent")

    @property
    def epoch_ms(self) -> int:
        return int(self.at * 1000)

    @property
    def clf_time(self) -> str:
        """The time as access logs write it."""
        return f"{datetime.fromtimestamp(self.at, UTC):%d/%b/%Y:%H:%M:%S} +0000"

    def cookies(self) -> list[str]:
        return [part for piece in self.headers.get("cookie", "").split(";") if (part := piece.strip())]

    def decoded_query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query, keep_blank_values=True)

    def raw_query(self) -> list[tuple[str, str]]:
        """Names and values as they were sent."""
        pieces = (piece.partition("=") for piece in self.query.split("&") if piece)
        return [(name, value) for name, _, value in pieces]

    def content(self) -> tuple[str, bool]:
        """The body as an event carries it: as text, or in base64 if it is none."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if (not kind or _TEXT.fullmatch(kind)) and "content-encoding" not in self.headers:
            try:
                return self.body.decode(), False
            except UnicodeDecodeError:
                pass
        return base64.b64encode(self.body).decode(), bool(self.body)


def joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Repeated names with their values joined by commas."""
    return {name: ",".join(values) for name, values in grouped(pairs).items()}


def grouped(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Every name with all its values."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _readable(value: str) -> str:
    """Header bytes as UTF-8, where they are."""
    if value.isascii():
        return value
    raw = value.encode("latin-1")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return value
