"""Requests to the engine's own API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from lambdatui.service.clean import clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import ReadOnly, sentence

LONGEST_LOOK_S = 8.0
"""So long the engine holds back an answer until there is something new."""


class Asker:
    """Asks one engine."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Look; what is None or empty in the query is left out."""
        asked = urlencode({name: value for name, value in query.items() if value not in (None, "")})
        return await self._ask("GET", f"{path}?{asked}" if asked else path)

    async def ask(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A question that needs a body, and changes nothing."""
        return await self._ask(method, path, json.dumps(body).encode())

    async def change(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Change something; refused for a target that was opened read-only."""
        if self._connection.read_only:
            raise ReadOnly(
                f"{sentence(self._connection.where)} is open read-only, so nothing was changed."
                " Start without --read-only to change things."
            )
        return await self._ask(method, path, b"" if body is None else json.dumps(body).encode())

    async def _ask(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        return await self._connection.signed(method, f"/_lambdatui/{path}", body)


def line(value: Any) -> str:
    """Text from outside on one line; nothing for None."""
    return "" if value is None else clean_line(str(value))


def number(value: Any) -> float | None:
    """A number, or None."""
    return None if value is None else float(value)
