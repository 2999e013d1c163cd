"""The lines that Lambda itself writes around an invocation, as text or as JSON."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Any

import orjson


def iso_ms(seconds: float) -> str:
    """``2026-11-21T10:00:00.123Z``"""
    whole, thousandths = divmod(int(seconds * 1000), 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{thousandths:03d}Z"


def stream_name(seconds: float, version: str, environment_id: str) -> str:
    """The log stream of an environment that was made at a time."""
    return f"{time.strftime('%Y/%m/%d', time.gmtime(seconds))}/[{version}]{environment_id}"


def runtime_version_arn(region: str, runtime: str) -> str:
    """A stable name for what runs a runtime identifier."""
    return f"arn:aws:lambda:{region}::runtime:{hashlib.sha256(runtime.encode()).hexdigest()}"


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


class TextReport:
    """Platform lines in the text format."""

    def init_start(self, region: str, runtime: str) -> str:
        family, version = _family(runtime)
        arn = runtime_version_arn(region, runtime)
        return f"INIT_START Runtime Version: {family}:{version}.v1\tRuntime Version ARN: {arn}\n"

    def init_report(self, duration_ms: float, status: str, error_type: str | None) -> str:
        kind = f"\tError Type: {error_type}" if error_type else ""
        return f"INIT_REPORT Init Duration: {duration_ms:.2f} ms\tPhase: init\tStatus: {status}{kind}\n"

    def start(self, request_id: str, version: str) -> str:
        return f"START RequestId: {request_id} Version: {version}\n"

    def end(self, request_id: str, measures: Measures) -> str:
        return f"END RequestId: {request_id}\n"

    def report(self, request_id: str, m: Measures) -> str:
        line = (
            f"REPORT RequestId: {request_id}\tDuration: {m.duration_ms:.2f} ms"
            f"\tBilled Duration: {m.billed_ms} ms\tMemory Size: {m.memory_mb} MB"
            f"\tMax Memory Used: {m.max_memory_mb} MB\t"
        )
        if m.init_ms is not None:
            line += f"Init Duration: {m.init_ms:.2f} ms\t"
        if m.status != "success":
            line += f"Status: {m.status}"
            if m.error_type and m.status == "error":
                line += f"\tError Type: {m.error_type}"
        return f"{line}\n"


class JsonReport:
    """Platform events in the JSON format."""

    def init_start(self, region: str, runtime: str) -> str:
        family, version = _family(runtime)
        record = {
            "initializationType": "on-demand",
            "phase": "init",
            "runtimeVersion": f"{family}:{version}.v1",
            "runtimeVersionArn": runtime_version_arn(region, runtime),
        }
        return _event("platform.initStart", record)

    def init_report(self, duration_ms: float, status: str, error_type: str | None) -> str:
        record: dict[str, Any] = {
            "initializationType": "on-demand",
            "phase": "init",
            "status": status,
            "metrics": {"durationMs": round(duration_ms, 3)},
        }
        if error_type:
            record["errorType"] = error_type
        return _event("platform.initReport", record)

    def start(self, request_id: str, version: str) -> str:
        return _event("platform.start", {"requestId": request_id, "version": version})

    def end(self, request_id: str, measures: Measures) -> str:
        record: dict[str, Any] = {"requestId": request_id, "status": measures.status}
        if measures.error_type:
            record["errorType"] = measures.error_type
        return _event("platform.runtimeDone", record)

    def report(self, request_id: str, m: Measures) -> str:
        metrics: dict[str, Any] = {
            "durationMs": round(m.duration_ms, 3),
            "billedDurationMs": m.billed_ms,
            "memorySizeMB": m.memory_mb,
            "maxMemoryUsedMB": m.max_memory_mb,
        }
        if m.init_ms is not None:
            metrics["initDurationMs"] = round(m.init_ms, 3)
        record: dict[str, Any] = {"requestId": request_id, "metrics": metrics, "status": m.status}
        if m.error_type:
            record["errorType"] = m.error_type
        return _event("platform.report", record)


Report = TextReport | JsonReport


def _event(kind: str, record: dict[str, Any]) -> str:
    return orjson.dumps({"time": iso_ms(time.time()), "type": kind, "record": record}).decode() + "\n"


def _family(runtime: str) -> tuple[str, str]:
    """``python3.13`` is ``python`` and ``3.13``; ``nodejs22.x`` is ``nodejs`` and ``22``."""
    if runtime.startswith("provided."):
        return "provided", runtime.partition(".")[2]
    family = runtime.rstrip("0123456789.x")
    return family.rstrip("."), runtime[len(family) :].rstrip(".x") or "1"
