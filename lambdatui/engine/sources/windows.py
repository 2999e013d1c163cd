"""Tumbling windows: a state that is handed from batch to batch, and a last run when the window is over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from lambdatui.engine.sources.stream_sources import Record

STATE_LIMIT = 1024 * 1024


class Tumbling:
    """The window of one shard that is open, if one is."""

    def __init__(self, length_s: int, kept: dict[str, Any] | None) -> None:
        self.length_s = length_s
        self.start: int | None = kept["start"] if kept else None
        self.state: Any = kept["state"] if kept else {}

    def of(self, record: Record) -> int:
        """When the window of a record begins."""
        return int(record.arrived // self.length_s) * self.length_s

    @property
    def end(self) -> float | None:
        return None if self.start is None else self.start + self.length_s

    def open(self, start: int) -> None:
        if self.start is None:
            self.start, self.state = start, {}

    def close(self) -> None:
        self.start, self.state = None, {}

    def keep(self) -> dict[str, Any] | None:
        """What a checkpoint remembers."""
        return None if self.start is None else {"start": self.start, "state": self.state}

    def took(self, answer: bytes) -> bool:
        """Take over the state that a run returned; False if it is too large to go on with."""
        try:
            told = orjson.loads(answer) if answer.strip() else None
        except orjson.JSONDecodeError:
            told = None
        state = told.get("state") if isinstance(told, dict) else None
        self.state = {} if state is None else state
        return len(orjson.dumps(self.state)) <= STATE_LIMIT

    def members(self, shard: str, source: str, *, final: bool, early: bool = False) -> bytes:
        """What an event has beside its records."""
        assert self.start is not None
        shown = {
            "window": {"start": _iso(self.start), "end": _iso(self.start + self.length_s)},
            "state": self.state,
            "shardId": shard,
            "eventSourceARN": source,
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": early,
        }
        return orjson.dumps(shown)[1:-1]


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
