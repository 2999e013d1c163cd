"""Many callers of an unsigned engine at once: one keep-alive connection each, no SDK in between."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

FUNCTIONS = "/2015-03-31/functions"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one request."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        return json.loads(self.body)


class Caller:
    """One client; it makes its connection again when the engine has closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes = b"") -> Reply:
        """Send a request and wait for its answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        answer = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            self.close()
        return Reply(int(lines[0].split()[1]), headers, answer)

    async def invoke(self, name: str, event: Any) -> Reply:
        """Invoke a function with an event."""
        return await self.ask("POST", f"{FUNCTIONS}/{name}/invocations", json.dumps(event).encode())

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
