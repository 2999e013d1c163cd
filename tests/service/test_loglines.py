"""What lines of a log say."""

from __future__ import annotations

import json

import pytest

from lambdatui.model import LogKind, Report
from lambdatui.service import loglines

ID = "7c1ea4d2-0000-4abc-8def-0123456789ab"


@pytest.mark.parametrize(
    ("text", "kind", "request_id", "version", "level"),
    [
        ("INIT_START Runtime Version: python:3.13.v1\tRuntime Version ARN: arn:x", "init_start", "", "", ""),
        ("INIT_REPORT Init Duration: 9999.00 ms\tPhase: init\tStatus: timeout", "init_report", "", "", ""),
        (f"START RequestId: {ID} Version: $LATEST", "start", ID, "$LATEST", ""),
        (f"START RequestId: {ID} Version: 12", "start", ID, "12", ""),
        (f"END RequestId: {ID}", "end", ID, "", ""),
        ("just printed", "output", "", "", ""),
        ("START of something else", "output", "", "", ""),
        (f"[INFO]\t2026-01-31T12:00:00.000Z\t{ID}\tcharging", "output", ID, "", "INFO"),
        (f"[WARNING]\t2026-01-31T12:00:00.000Z\t{ID}\thm", "output", ID, "", "WARN"),
        ("[ERROR] KeyError: 'x'\nTraceback (most recent call last):", "output", "", "", "ERROR"),
        (f"2026-01-31T12:00:00.000Z\t{ID}\tERROR\tInvoke Error \t{{}}", "output", ID, "", "ERROR"),
        ("2026-01-31T12:00:00.000Z\tundefined\tINFO\tat import", "output", "", "", "INFO"),
        ("W, [2026-01-31T12:00:00.000000 #8]  WARN -- : careful", "output", "", "", "WARN"),
        (f"2026-01-31T12:00:00.000Z {ID} Task timed out after 1.00 seconds", "output", ID, "", "ERROR"),
        (f"RequestId: {ID} Error: Runtime exited with error: exit status 1", "output", ID, "", "ERROR"),
        (f'{{"level":"ERROR","message":"no","requestId":"{ID}"}}', "output", ID, "", "ERROR"),
        (f'{{"level":"warning","function_request_id":"{ID}"}}', "output", ID, "", "WARN"),
        (f'{{"type":"platform.start","record":{{"requestId":"{ID}","version":"3"}}}}', "start", ID, "3", ""),
        (f'{{"type":"platform.runtimeDone","record":{{"requestId":"{ID}"}}}}', "end", ID, "", ""),
        ('{"type":"platform.initStart","record":{}}', "init_start", "", "", ""),
        ('{"type":"platform.report","record":7}', "output", "", "", ""),
        ('{"level": 30, "requestId": null}', "output", "", "", ""),
        ("{not json", "output", "", "", ""),
        ("{" * 100_000, "output", "", "", ""),
        ('{"a":' * 50_000, "output", "", "", ""),
    ],
)
def test_lines(text: str, kind: str, request_id: str, version: str, level: str) -> None:
    event = loglines.line(text)
    assert (event.kind, event.request_id, event.version, event.level) == (kind, request_id, version, level)
    assert event.message == text


@pytest.mark.parametrize(
    ("line", "report"),
    [
        (
            f"REPORT RequestId: {ID}\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB"
            "\tMax Memory Used: 36 MB\tInit Duration: 110.10 ms\t",
            Report(ID, 3.01, 4, 128, 36, init_ms=110.10),
        ),
        (
            f"REPORT RequestId: {ID}\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\tMemory Size: 128 MB"
            "\tMax Memory Used: 36 MB\tStatus: timeout",
            Report(ID, 1000.0, 1000, 128, 36, status="timeout"),
        ),
        (
            f"REPORT RequestId: {ID}\tDuration: 5.00 ms\tBilled Duration: 5 ms\tMemory Size: 128 MB"
            "\tMax Memory Used: 36 MB\tStatus: error\tError Type: Runtime.ExitError",
            Report(ID, 5.0, 5, 128, 36, status="error", error_type="Runtime.ExitError"),
        ),
        (
            f"REPORT RequestId: {ID}\tDuration: 5.00 ms\tBilled Duration: 300 ms\tMemory Size: 512 MB"
            "\tMax Memory Used: 90 MB\tRestore Duration: 290.50 ms\tBilled Restore Duration: 200 ms\t"
            "\nXRAY TraceId: 1-5759e988-bd862e3fe1be46a994272793\tSegmentId: 53\tSampled: true",
            Report(ID, 5.0, 300, 512, 90, restore_ms=290.5),
        ),
        (
            json.dumps(
                {
                    "time": "2026-01-31T12:00:00.000Z",
                    "type": "platform.report",
                    "record": {
                        "requestId": ID,
                        "status": "timeout",
                        "metrics": {
                            "durationMs": 1000.5,
                            "billedDurationMs": 1001,
                            "memorySizeMB": 256,
                            "maxMemoryUsedMB": 41,
                            "initDurationMs": 99.5,
                        },
                    },
                }
            ),
            Report(ID, 1000.5, 1001, 256, 41, init_ms=99.5, status="timeout"),
        ),
    ],
)
def test_reports(line: str, report: Report) -> None:
    event = loglines.line(line)
    assert event.kind is LogKind.REPORT
    assert event.report == report


def test_cold_is_said_by_init_and_by_restore() -> None:
    assert Report(ID, 1, 1, 128, 1, init_ms=1.0).cold
    assert Report(ID, 1, 1, 128, 1, restore_ms=1.0).cold
    assert not Report(ID, 1, 1, 128, 1).cold


def test_events_are_cleaned() -> None:
    event = loglines.event(
        {"timestamp": 5, "message": "\x1b[31mred\x1b[0m\n", "logStreamName": "a\x07", "eventId": "e"}
    )
    assert (event.message, event.stream, event.timestamp_ms, event.id) == ("red", "a␇", 5, "e")
