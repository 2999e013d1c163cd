"""What a line of a Lambda log says: Lambda's own lines, levels and request ids, in text and JSON format."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lambdatui.model import LogEvent, LogKind, Report
from lambdatui.service.clean import clean, clean_line

_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_START = re.compile(rf"START RequestId: ({_ID})(?: Version: (\S+))?")
_END = re.compile(rf"END RequestId: ({_ID})")
_REPORT = re.compile(rf"REPORT RequestId: ({_ID})\t?")
_FIGURE = re.compile(r"([A-Z][A-Za-z ]+): ([^\t]+)")
# [INFO]\t{time}\t{id}\ttext, [ERROR] text
_PYTHON = re.compile(rf"\[([A-Z]+)\](?:\t\S+Z\t(?:({_ID})\t)?)?")
_NODE = re.compile(rf"\d{{4}}-\S+Z\t({_ID}|undefined)\t(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\t")
_RUBY = re.compile(r"[DIWEFA], \[\S+ #\d+\]\s+(DEBUG|INFO|WARN|ERROR|FATAL|ANY) -- ")
_FAILED = re.compile(rf"(?:\S+Z )?(?:RequestId: )?({_ID}) (?:Task timed out after|Error: )")
_LEVELS = {"WARNING": "WARN", "CRITICAL": "FATAL"}
_PLATFORM = {
    "platform.initStart": LogKind.INIT_START,
    "platform.initReport": LogKind.INIT_REPORT,
    "platform.start": LogKind.START,
    "platform.runtimeDone": LogKind.END,
    "platform.report": LogKind.REPORT,
}


def event(raw: Mapping[str, Any]) -> LogEvent:
    """An event of FilterLogEvents or GetLogEvents."""
    return line(
        clean(str(raw.get("message", "")).rstrip()),
        timestamp_ms=int(raw.get("timestamp", 0)),
        stream=clean_line(str(raw.get("logStreamName", ""))),
        event_id=str(raw.get("eventId", "")),
    )


def line(text: str, *, timestamp_ms: int = 0, stream: str = "", event_id: str = "") -> LogEvent:
    """One event from its cleaned text."""
    said = _json_line(text) if text.startswith("{") else _text_line(text)
    return LogEvent(timestamp_ms=timestamp_ms, message=text, stream=stream, id=event_id, **said)


def report(text: str) -> Report | None:
    """The figures of a REPORT line."""
    head = _REPORT.match(text)
    if not head:
        return None
    figures = {name: value.strip() for name, value in _FIGURE.findall(text[head.end() :])}
    return Report(
        request_id=head[1],
        duration_ms=_number(figures.get("Duration")) or 0.0,
        billed_ms=int(_number(figures.get("Billed Duration")) or 0),
        memory_mb=int(_number(figures.get("Memory Size")) or 0),
        max_memory_mb=int(_number(figures.get("Max Memory Used")) or 0),
        init_ms=_number(figures.get("Init Duration")),
        restore_ms=_number(figures.get("Restore Duration")),
        status=figures.get("Status", ""),
        error_type=figures.get("Error Type", ""),
    )


def _text_line(text: str) -> dict[str, Any]:
    if text.startswith("INIT_START"):
        return {"kind": LogKind.INIT_START}
    if text.startswith("INIT_REPORT"):
        return {"kind": LogKind.INIT_REPORT}
    if found := _START.match(text):
        return {"kind": LogKind.START, "request_id": found[1], "version": found[2] or ""}
    if found := _END.match(text):
        return {"kind": LogKind.END, "request_id": found[1]}
    if figures := report(text):
        return {"kind": LogKind.REPORT, "request_id": figures.request_id, "report": figures}
    if found := _PYTHON.match(text):
        return {"level": _level(found[1]), "request_id": found[2] or ""}
    if found := _NODE.match(text):
        return {"level": found[2], "request_id": "" if found[1] == "undefined" else found[1]}
    if found := _RUBY.match(text):
        return {"level": "" if found[1] == "ANY" else found[1]}
    if found := _FAILED.match(text):
        return {"level": "ERROR", "request_id": found[1]}
    return {}


def _json_line(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(said, dict):
        return {}
    kind = _PLATFORM.get(str(said.get("type", "")))
    record = said.get("record")
    if kind and isinstance(record, dict):
        return _platform(kind, record)
    level, request_id = said.get("level", ""), said.get("requestId") or said.get("function_request_id", "")
    return {
        "level": _level(level) if isinstance(level, str) else "",
        "request_id": clean_line(request_id) if isinstance(request_id, str) else "",
    }


def _platform(kind: LogKind, record: Mapping[str, Any]) -> dict[str, Any]:
    request_id = clean_line(str(record.get("requestId", "")))
    said: dict[str, Any] = {"kind": kind, "request_id": request_id}
    if kind is LogKind.START:
        said["version"] = clean_line(str(record.get("version", "")))
    metrics = record.get("metrics")
    if kind is LogKind.REPORT and isinstance(metrics, dict):
        said["report"] = Report(
            request_id=request_id,
            duration_ms=_number(metrics.get("durationMs")) or 0.0,
            billed_ms=int(_number(metrics.get("billedDurationMs")) or 0),
            memory_mb=int(_number(metrics.get("memorySizeMB")) or 0),
            max_memory_mb=int(_number(metrics.get("maxMemoryUsedMB")) or 0),
            init_ms=_number(metrics.get("initDurationMs")),
            restore_ms=_number(metrics.get("restoreDurationMs")),
            status="" if record.get("status") == "success" else clean_line(str(record.get("status", ""))),
            error_type=clean_line(str(record.get("errorType") or "")),
        )
    return said


def _level(word: str) -> str:
    word = clean_line(word.upper())
    return _LEVELS.get(word, word)


def _number(text: object) -> float | None:
    """The number that a figure such as ``3.01 ms`` begins with."""
    if isinstance(text, int | float):
        return float(text)
    try:
        return float(str(text).split(" ", 1)[0])
    except ValueError:
        return None
