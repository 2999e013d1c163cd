"""The lines that Lambda itself writes around an invocation, as text or JSON; empty where it writes none."""

from __future__ import annotations

import time
from collections.abc import Sequence

import orjson

from lambdatui.engine.logs import records
from lambdatui.engine.logs.records import Init, Measures, Record

SYSTEM_LEVELS = ("DEBUG", "INFO", "WARN")


def iso_ms(seconds: float) -> str:
    """``2026-11-21T10:00:00.123Z``"""
    whole, thousandths = divmod(int(seconds * 1000), 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{thousandths:03d}Z"


def stream_name(seconds: float, version: str, environment_id: str, name: str = "") -> str:
    """The log stream of an environment that was made at a time; with a name where functions share a group."""
    return f"{time.strftime('%Y/%m/%d', time.gmtime(seconds))}/{name}[{version}]{environment_id}"


class TextReport:
    """Platform lines in the text format."""

    def init_start(self, init: Init, region: str, runtime: str) -> str:
        arn = records.runtime_version_arn(region, runtime)
        line = f"INIT_START Runtime Version: {records.runtime_version(runtime)}\tRuntime Version ARN: {arn}\n"
        return line if init.phase == "init" else ""

    def init_runtime_done(self, init: Init, status: str, error_type: str | None) -> str:
        return ""

    def init_report(self, init: Init, duration_ms: float, status: str, error_type: str | None) -> str:
        if status == "success":
            return ""
        kind = f"\tError Type: {error_type}" if error_type else ""
        return (
            f"INIT_REPORT Init Duration: {duration_ms:.2f} ms\tPhase: {init.phase}\tStatus: {status}{kind}\n"
        )

    def start(self, request_id: str, version: str) -> str:
        return f"START RequestId: {request_id} Version: {version}\n"

    def runtime_done(
        self, request_id: str, status: str, error_type: str | None, duration_ms: float, produced: int
    ) -> str:
        return ""

    def end(self, request_id: str) -> str:
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

    def extension(self, name: str, state: str, events: Sequence[str], error_type: str | None) -> str:
        kind = f"\tError Type: {error_type}" if error_type else ""
        return f"EXTENSION\tName: {name}\tState: {state}\tEvents: [{', '.join(events)}]{kind}\n"

    def subscription(self, what: str, name: str, types: Sequence[str]) -> str:
        shown = ", ".join(one.capitalize() for one in types)
        return f"{what.upper()}\tName: {name}\tState: Subscribed\tTypes: [{shown}]\n"


class JsonReport:
    """Platform events in the JSON format, from a level on."""

    def __init__(self, level: str | None) -> None:
        self._from = SYSTEM_LEVELS.index(level or "INFO")

    def init_start(self, init: Init, region: str, runtime: str) -> str:
        return self._line("INFO", "platform.initStart", records.init_start(init, region, runtime))

    def init_runtime_done(self, init: Init, status: str, error_type: str | None) -> str:
        record = records.init_runtime_done(init, status, error_type)
        return self._line(_detail(status), "platform.initRuntimeDone", record)

    def init_report(self, init: Init, duration_ms: float, status: str, error_type: str | None) -> str:
        record = records.init_report(init, duration_ms, status, error_type)
        level = "INFO" if init.kind != "on-demand" else _detail(status)
        return self._line(level, "platform.initReport", record)

    def start(self, request_id: str, version: str) -> str:
        return self._line("INFO", "platform.start", records.start(request_id, version))

    def runtime_done(
        self, request_id: str, status: str, error_type: str | None, duration_ms: float, produced: int
    ) -> str:
        record = records.runtime_done(request_id, status, error_type, duration_ms, produced)
        return self._line(_detail(status), "platform.runtimeDone", record)

    def end(self, request_id: str) -> str:
        return ""

    def report(self, request_id: str, m: Measures) -> str:
        level = "INFO" if m.status == "success" else "WARN"
        return self._line(level, "platform.report", records.report(request_id, m))

    def extension(self, name: str, state: str, events: Sequence[str], error_type: str | None) -> str:
        record = records.extension(name, state, events, error_type)
        return self._line("WARN" if error_type else "INFO", "platform.extension", record)

    def subscription(self, what: str, name: str, types: Sequence[str]) -> str:
        return self._line("INFO", f"platform.{what}Subscription", records.subscription(name, types))

    def _line(self, level: str, kind: str, record: Record) -> str:
        if SYSTEM_LEVELS.index(level) < self._from:
            return ""
        return orjson.dumps(event(kind, record)).decode() + "\n"


Report = TextReport | JsonReport


def event(kind: str, record: Record | str) -> Record:
    """An event as it stands in JSON logs and in telemetry."""
    return {"time": iso_ms(time.time()), "type": kind, "record": record}


def _detail(status: str) -> str:
    """What went well is a detail."""
    return "DEBUG" if status == "success" else "WARN"
