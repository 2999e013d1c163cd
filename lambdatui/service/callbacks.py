"""Callers that wait to be called back, on a local engine: AWS tells of them only by what they do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from lambdatui.model.callback import CallBack
from lambdatui.service.clean import clean, clean_line
from lambdatui.service.connection import Connection

_LONGEST_LOOK_S = 20.0


class Callbacks:
    """Begin to wait in a caller's place, and see what comes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def wait_for(self, kind: str, key: str | None = None) -> CallBack:
        """``kind``: cloudformation (which gets an address), codepipeline or config (``key``: job, token)."""
        body = {"kind": kind} | ({"key": key} if key is not None else {})
        return _read(await self._ask("POST", "callbacks", json.dumps(body).encode()))

    async def answer(self, waiting: CallBack, within_s: float) -> CallBack:
        """What came within so many seconds, or that nothing did."""
        left = within_s
        while True:
            look = min(left, _LONGEST_LOOK_S)
            found = _read(await self._ask("GET", f"callbacks/{waiting.id}?wait_s={look:g}"))
            left -= look
            if found.state != "waiting" or left <= 0:
                return found

    async def drop(self, waiting: CallBack) -> None:
        """Wait no more."""
        await self._ask("DELETE", f"callbacks/{waiting.id}")

    async def _ask(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        return await self._connection.signed(method, f"/_lambdatui/{path}", body)


def _read(raw: dict[str, Any]) -> CallBack:
    deadline = raw.get("deadline")
    return CallBack(
        id=int(raw["id"]),
        state=clean_line(str(raw["state"])),
        url=str(raw.get("url") or ""),
        deadline=None if deadline is None else datetime.fromtimestamp(float(deadline), UTC),
        call=clean_line(str(raw.get("call") or "")),
        answer=_cleaned(raw.get("answer")),
        refused=tuple(clean_line(str(one)) for one in raw.get("refused", ())),
    )


def _cleaned(value: Any) -> Any:
    """The same, without what a terminal would obey."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    if isinstance(value, dict):
        return {clean_line(str(name)): _cleaned(one) for name, one in value.items()}
    return value
