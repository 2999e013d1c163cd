"""LoggingConfig: JSON lines of each runtime, levels of functions and of Lambda itself, groups."""

from __future__ import annotations

import json
import re
import shutil
from typing import Any

import pytest

from tests.engine.deploying import call, deploy, log_lines

PYTHON = """
import logging, os
def handler(event, context):
    log = logging.getLogger("mine")
    for level in ("debug", "info", "warning", "error", "critical"):
        getattr(log, level)(level)
    if event.get("raise"):
        raise ValueError("no")
    return {name: os.environ.get(f"AWS_LAMBDA_LOG_{name}") for name in ("FORMAT", "LEVEL")}
"""
NODE = """
exports.handler = async (event) => {
  for (const level of ['trace', 'debug', 'info', 'warn', 'error']) console[level](level);
  if (event.raise) throw new Error('no');
  return { FORMAT: process.env.AWS_LAMBDA_LOG_FORMAT, LEVEL: process.env.AWS_LAMBDA_LOG_LEVEL };
};
"""
RUBY = """
require 'logger'
def handler(event:, context:)
  log = Logger.new($stdout)
  %w[debug info warn error fatal].each { |level| log.send(level, level) }
  raise 'no' if event['raise']
  { FORMAT: ENV['AWS_LAMBDA_LOG_FORMAT'], LEVEL: ENV['AWS_LAMBDA_LOG_LEVEL'] }
end
"""
PROVIDED = r"""#!/usr/bin/python3
import json, os, urllib.request
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
while True:
    with urllib.request.urlopen(f"{api}/next") as event:
        request_id = event.headers["Lambda-Runtime-Aws-Request-Id"]
    for level in ("trace", "debug", "info", "warn", "error", "fatal"):
        print(json.dumps({"level": level, "message": level, "requestId": request_id}), flush=True)
    print("plain", flush=True)
    body = {name: os.environ.get(f"AWS_LAMBDA_LOG_{name}") for name in ("FORMAT", "LEVEL")}
    data = json.dumps(body).encode()
    urllib.request.urlopen(urllib.request.Request(f"{api}/{request_id}/response", data=data)).read()
"""
FUNCTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "python": ("python3", {"code": PYTHON}),
    "node": ("node", {"code": {"app.js": NODE}, "Runtime": "nodejs20.x"}),
    "ruby": ("ruby", {"code": {"app.rb": RUBY}, "Runtime": "ruby3.3"}),
    "provided": ("python3", {"code": {"bootstrap": PROVIDED}, "Runtime": "provided.al2023"}),
}


def made(client: Any, family: str, **logging: str) -> str:
    """A function of a runtime that this machine has, with JSON logs."""
    program, config = FUNCTIONS[family]
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} here")
    settings = {"LoggingConfig": {"LogFormat": "JSON", **logging}, "Timeout": 20, "MemorySize": 256}
    return deploy(client, config["code"], **{**settings, **{k: v for k, v in config.items() if k != "code"}})


def spoken(logs: Any, name: str) -> list[dict[str, Any]]:
    """The JSON lines that the function's runtime has written."""
    found = [json.loads(line) for line in log_lines(logs, name) if line.startswith("{")]
    return [one for one in found if "type" not in one]


@pytest.mark.parametrize("family", FUNCTIONS)
def test_lines_are_json_from_info_on(client: Any, logs: Any, family: str) -> None:
    name = made(client, family)
    answer = call(client, name)
    assert answer.value == {"FORMAT": "JSON", "LEVEL": "INFO"}
    lines = spoken(logs, name)
    assert [one["level"].upper()[:4] for one in lines][:3] == ["INFO", "WARN", "ERRO"]
    assert {one["requestId"] for one in lines} == {answer.request_id}
    assert lines[0]["message"] == "info"
    if family != "provided":
        stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"
        assert all(re.fullmatch(stamp, one["timestamp"]) for one in lines)
    else:
        assert "plain\n" in log_lines(logs, name)


@pytest.mark.parametrize("family", FUNCTIONS)
@pytest.mark.parametrize(("level", "least"), [("TRACE", 5), ("ERROR", 1)])
def test_the_level_of_a_function(client: Any, logs: Any, family: str, level: str, least: int) -> None:
    name = made(client, family, ApplicationLogLevel=level)
    assert call(client, name).value["LEVEL"] == level
    levels = [one["level"].upper() for one in spoken(logs, name)]
    assert len(levels) >= least
    assert ("DEBUG" in levels) == (level == "TRACE")
    assert ("INFO" in levels) == (level == "TRACE")
    if family == "provided":
        assert ("plain\n" in log_lines(logs, name)) == (level == "TRACE"), "a line without a level is INFO"


@pytest.mark.parametrize("family", ["python", "node", "ruby"])
def test_an_error_is_one_json_line(client: Any, logs: Any, family: str) -> None:
    name = made(client, family, ApplicationLogLevel="ERROR")
    answer = call(client, name, {"raise": 1})
    assert answer.error == "Unhandled"
    record = spoken(logs, name)[-1]
    fields = record["message"] if isinstance(record.get("message"), dict) else record
    assert (record["level"], record["requestId"], fields["errorMessage"]) == (
        "ERROR",
        answer.request_id,
        "no",
    )
    assert fields["errorType"] == answer.value["errorType"]
    assert fields["stackTrace"]


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (
            "DEBUG",
            ["initStart", "initRuntimeDone", "initReport", "start", "runtimeDone", "report"],
        ),
        ("INFO", ["initStart", "start", "report"]),
        ("WARN", []),
    ],
)
def test_the_level_of_lambda_itself(client: Any, logs: Any, level: str, expected: list[str]) -> None:
    name = made(client, "python", SystemLogLevel=level, ApplicationLogLevel="FATAL")
    answer = call(client, name)
    events = [json.loads(line) for line in log_lines(logs, name)]
    kinds = [one["type"].removeprefix("platform.") for one in events if "type" in one]
    assert kinds == expected
    failed = call(client, name, {"raise": 1})
    events = [json.loads(line) for line in log_lines(logs, name) if failed.request_id in line]
    by_kind = {one["type"]: one["record"] for one in events if "type" in one}
    assert by_kind["platform.runtimeDone"]["status"] == "error", "what goes wrong is a warning"
    assert by_kind["platform.report"]["errorType"] == "ValueError"
    assert by_kind["platform.report"]["metrics"].keys() == {
        "durationMs",
        "billedDurationMs",
        "memorySizeMB",
        "maxMemoryUsedMB",
    }
    assert answer.error is None


def test_a_group_of_ones_own(client: Any, logs: Any) -> None:
    group = "/shared/by-some"
    names = [
        deploy(client, "def handler(event, context): return context.log_stream_name\n", LoggingConfig=config)
        for config in ({"LogGroup": group}, {"LogGroup": group, "LogFormat": "JSON"})
    ]
    streams = [call(client, name).value for name in names]
    for name, stream in zip(names, streams, strict=True):
        assert re.fullmatch(rf"\d{{4}}/\d\d/\d\d/{name}\[\$LATEST\][0-9a-f]{{32}}", stream)
        found = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
        assert len(found) >= 3
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        log_lines(logs, names[0])
