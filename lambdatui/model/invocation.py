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
    restore_ms: float | None = None  # only when a snapshot was restored
    status: str = ""  # "timeout" or "error" when Lambda itself ended the run
    error_type: str = ""  # Runtime.ExitError and the like, beside status "error"

    @property
    def cold(self) -> bool:
        return self.init_ms is not None or self.restore_ms is not None


@dataclass(frozen=True, slots=True)
class InvokeError:
    """The error object that a failed run answered with."""

    type: str
    message: str
    trace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a streamed response."""

    at_ms: float  # since the call
    size: int
    text: str  # the beginning of it, safe to draw


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
    response: bytes = b""  # as it came
    text: str = ""  # the response, safe to draw
    function_error: str | None = None
    error: InvokeError | None = None
    log: tuple[str, ...] = ()  # last 4 KB of the run's log, cleaned lines
    report: Report | None = None
    clipped: bool = False  # found in the history, which keeps only the beginning of a big response
    chunks: tuple[Chunk, ...] = ()  # how a streamed response came

    @property
    def cold(self) -> bool | None:
        """Whether the run was a cold start; None when nothing tells (Event, DryRun)."""
        return self.report.cold if self.report else None

    @property
    def ok(self) -> bool:
        return self.function_error is None and 200 <= self.status < 300
