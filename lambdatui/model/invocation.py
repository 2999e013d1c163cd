"""One invocation and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class InvocationType(StrEnum):
    """How Lambda is asked to run a function."""

    REQUEST_RESPONSE = "RequestResponse"
    EVENT = "Event"
    DRY_RUN = "DryRun"


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a REPORT line."""

    request_id: str
    duration_ms: float
    billed_ms: int
    memory_mb: int
    max_memory_mb: int
    init_ms: float | None = None  # only when the run was a cold start
    status: str = ""  # "timeout" or "error" when Lambda itself ended the run

    @property
    def cold(self) -> bool:
        return self.init_ms is not None


@dataclass(frozen=True, slots=True)
class InvokeError:
    """The error object that a failed run answered with."""

    type: str
    message: str
    trace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of Invoke: what was sent, what came back."""

    function: str
    qualifier: str | None
    type: InvocationType
    payload: bytes
    started: datetime
    took_ms: float  # as the caller saw it
    status: int
    request_id: str
    executed_version: str | None = None
    response: bytes = b""
    function_error: str | None = None
    error: InvokeError | None = None
    log: tuple[str, ...] = ()  # last 4 KB of the run's log, cleaned lines
    report: Report | None = None

    @property
    def ok(self) -> bool:
        return self.function_error is None and 200 <= self.status < 300
