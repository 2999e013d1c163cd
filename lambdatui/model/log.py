"""Lines of a log."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lambdatui.model.invocation import Report


class LogKind(StrEnum):
    """What a line is: Lambda's own lines open and close a run, the rest is the function's."""

    OUTPUT = "output"
    INIT_START = "init_start"
    INIT_REPORT = "init_report"  # an init that failed or timed out
    START = "start"
    END = "end"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event of a log stream, cleaned of control characters."""

    timestamp_ms: int
    message: str  # may hold several lines (a stack trace)
    stream: str = ""
    id: str = ""
    kind: LogKind = LogKind.OUTPUT
    request_id: str = ""  # when the line says so
    level: str = ""  # DEBUG, INFO, WARN, ERROR, FATAL when the line says so
    version: str = ""  # START lines
    report: Report | None = None  # REPORT lines


class FollowKind(StrEnum):
    """How a follower of a log is doing."""

    ABSENT = "absent"  # the log group does not exist yet: nothing was logged
    FOLLOWING = "following"
    THROTTLED = "throttled"  # asked too often, waiting
    UNREACHABLE = "unreachable"  # nobody answers, trying again


@dataclass(frozen=True, slots=True)
class FollowState:
    """How a follower of a log is doing, and when it goes on."""

    kind: FollowKind
    retry_s: float = 0.0  # when it asks again, for states that wait
    sentence: str = ""  # what is wrong, for states that wait
