"""The platform's events as AWS shapes them: the records of JSON logs and of the Telemetry API."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]


@dataclass(slots=True)
class Measures:
    """The figures of one invocation."""

    duration_ms: float
    billed_ms: int
    memory_mb: int
    max_memory_mb: int
    init_ms: float | None
    status: str = "success"
    """success, timeout or error"""
    error_type: str | None = None


@dataclass(frozen=True, slots=True)
class Init:
    """An initialisation: why it runs, and inside of what."""

    kind: str = "on-demand"
    """AWS_LAMBDA_INITIALIZATION_TYPE"""
    phase: str = "init"
    """`invoke` when it runs inside an invocation."""

    def record(self, **more: Any) -> Record:
        return {"initializationType": self.kind, "phase": self.phase, **more}


def init_start(init: Init, region: str, runtime: str, **more: Any) -> Record:
    return init.record(
        runtimeVersion=runtime_version(runtime),
        runtimeVersionArn=runtime_version_arn(region, runtime),
        **more,
    )


def init_runtime_done(init: Init, status: str, error_type: str | None) -> Record:
    return _with_error(init.record(status=status), error_type)


def init_report(init: Init, duration_ms: float, status: str, error_type: str | None) -> Record:
    record = init.record(status=status, metrics={"durationMs": round(duration_ms, 3)})
    return _with_error(record, error_type)


def start(request_id: str, version: str) -> Record:
    return {"requestId": request_id, "version": version}


def runtime_done(
    request_id: str, status: str, error_type: str | None, duration_ms: float, produced: int
) -> Record:
    metrics = {"durationMs": round(duration_ms, 3), "producedBytes": produced}
    return _with_error({"requestId": request_id, "status": status, "metrics": metrics}, error_type)


def report(request_id: str, m: Measures) -> Record:
    metrics: Record = {
        "durationMs": round(m.duration_ms, 3),
        "billedDurationMs": m.billed_ms,
        "memorySizeMB": m.memory_mb,
        "maxMemoryUsedMB": m.max_memory_mb,
    }
    if m.init_ms is not None:
        metrics["initDurationMs"] = round(m.init_ms, 3)
    return _with_error({"requestId": request_id, "metrics": metrics, "status": m.status}, m.error_type)


def extension(name: str, state: str, events: Sequence[str], error_type: str | None) -> Record:
    return _with_error({"name": name, "state": state, "events": list(events)}, error_type)


def subscription(name: str, types: Sequence[str]) -> Record:
    return {"name": name, "state": "Subscribed", "types": list(types)}


def logs_dropped(size: int, count: int, reason: str) -> Record:
    return {"droppedBytes": size, "droppedRecords": count, "reason": reason}


def tracing(trace_id: str | None) -> Record:
    """What goes with an invocation's events where they are traced."""
    parts = dict(part.partition("=")[::2] for part in (trace_id or "").split(";"))
    return {"spanId": parts.get("Parent", ""), "type": "X-Amzn-Trace-Id", "value": trace_id}


def runtime_version(runtime: str) -> str:
    """``python3.13`` runs as ``python:3.13.v1``."""
    return "{}:{}.v1".format(*_family(runtime))


def runtime_version_arn(region: str, runtime: str) -> str:
    """A stable name for what runs a runtime identifier."""
    return f"arn:aws:lambda:{region}::runtime:{hashlib.sha256(runtime.encode()).hexdigest()}"


def _with_error(record: Record, error_type: str | None) -> Record:
    if error_type:
        record["errorType"] = error_type
    return record


def _family(runtime: str) -> tuple[str, str]:
    """``python3.13`` is ``python`` and ``3.13``; ``nodejs22.x`` is ``nodejs`` and ``22``."""
    if runtime.startswith("provided."):
        return "provided", runtime.partition(".")[2]
    family = runtime.rstrip("0123456789.x")
    return family.rstrip("."), runtime[len(family) :].rstrip(".x") or "1"
