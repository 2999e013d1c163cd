"""What functions print and what Lambda adds, as CloudWatch Logs shows it."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from lambdatui.engine.logs.lines import MAX_EVENT, Splitter
from lambdatui.engine.logs.patterns import BadPattern, compile_pattern
from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, log_lines, until

ID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def printing(client: Any, body: str, **config: Any) -> str:
    code = f"import logging, os, sys\ndef handler(event, context):\n    {body}\n"
    return deploy(client, code, **config)


def output(logs: Any, name: str) -> list[str]:
    """The events between START and END of the only invocation."""
    lines = log_lines(logs, name)
    start = next(index for index, line in enumerate(lines) if line.startswith("START"))
    return lines[start + 1 : -2]


# -- platform lines ----------------------------------------------------------------------------------


def test_the_events_of_a_cold_and_a_warm_invocation(client: Any, logs: Any) -> None:
    name = printing(client, "print('hello')")
    first, second = call(client, name), call(client, name)
    duration = (
        r"\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\t"
    )
    expected = [
        r"INIT_START Runtime Version: python:3\.11\.v\d+\t"
        r"Runtime Version ARN: arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}\n",
        rf"START RequestId: {first.request_id} Version: \$LATEST\n",
        r"hello\n",
        rf"END RequestId: {first.request_id}\n",
        rf"REPORT RequestId: {first.request_id}{duration}Init Duration: \d+\.\d\d ms\t\n",
        rf"START RequestId: {second.request_id} Version: \$LATEST\n",
        r"hello\n",
        rf"END RequestId: {second.request_id}\n",
        rf"REPORT RequestId: {second.request_id}{duration}\n",
    ]
    lines = log_lines(logs, name)
    assert len(lines) == len(expected)
    for line, pattern in zip(lines, expected, strict=True):
        assert re.fullmatch(pattern, line), line


def test_billed_duration_is_rounded_up_and_includes_init(client: Any) -> None:
    name = printing(client, "pass")
    for answer in (call(client, name), call(client, name)):
        report = answer.tail.splitlines()[-1]
        numbers = {
            key: float(value) for key, value in re.findall(r"\t([A-Z][A-Za-z ]*): ([\d.]+) ms", report)
        }
        used = numbers["Duration"] + numbers.get("Init Duration", 0)
        assert used <= numbers["Billed Duration"] < used + 1.02


def test_the_tail_starts_at_start_and_has_at_most_4096_bytes(client: Any) -> None:
    name = printing(client, "[print('x' * 100) for _ in range(event)]")
    short = call(client, name, 1)
    assert short.tail.startswith(f"START RequestId: {short.request_id}")
    assert short.tail.endswith("\n")
    long = call(client, name, 100)
    assert len(long.tail.encode()) == 4096
    assert long.tail.splitlines()[-1].startswith("REPORT")


def test_versions_name_their_streams(client: Any, logs: Any) -> None:
    name = printing(client, "print('v')", Publish=True)
    call(client, name)
    call(client, name, Qualifier="1")
    streams = logs.describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
    names = "\n".join(sorted(stream["logStreamName"] for stream in streams))
    found = re.findall(r"^\d{4}/\d\d/\d\d/\[(.+)\][0-9a-f]{32}$", names, re.MULTILINE)
    assert sorted(found) == ["$LATEST", "1"]


def test_json_logs(client: Any, logs: Any) -> None:
    name = printing(
        client,
        "logging.getLogger().info('seen', extra={'k': 1}); logging.debug('hidden'); print('plain')",
        LoggingConfig={"LogFormat": "JSON"},
    )
    answer = call(client, name)
    lines = log_lines(logs, name)
    assert "plain\n" in lines
    events = [json.loads(line) for line in lines if line != "plain\n"]
    kinds = [event.get("type") or event["level"] for event in events]
    assert kinds == [
        "platform.initStart",
        "platform.start",
        "INFO",
        "platform.report",
    ]
    assert events[2] | {"timestamp": ""} == {
        "timestamp": "",
        "level": "INFO",
        "message": "seen",
        "logger": "root",
        "requestId": answer.request_id,
        "k": 1,
    }
    assert events[-1]["record"]["metrics"]["memorySizeMB"] == 128


# -- output ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("print('a\\n\\nb')", ["a\n", "b\n"]),
        ("print('one\\rline')", ["one\rline\n"]),
        ("print('no newline', end='')", ["no newline\n"]),
        ("sys.stderr.write('err\\n'); print('out')", ["err\n", "out\n"]),
        ("os.write(1, b'\\xff\\x00x\\n')", ["\ufffd\x00x\n"]),
        ("os.write(2, b'raw'); os.write(1, b' pieces\\n')", ["raw pieces\n"]),
        ("os.system('echo child')", ["child\n"]),
        ("print('ü' * 3)", ["üüü\n"]),
    ],
)
def test_output_is_an_event_a_line(client: Any, logs: Any, body: str, expected: list[str]) -> None:
    name = printing(client, body)
    call(client, name)
    assert output(logs, name) == expected


def test_the_logging_module(client: Any, logs: Any) -> None:
    name = printing(client, "logging.getLogger('x').warning('two\\nlines'); logging.info('below the level')")
    answer = call(client, name)
    (line,) = output(logs, name)
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert re.fullmatch(rf"\[WARNING\]\t{stamp}\t{answer.request_id}\ttwo\nlines\n", line)


def test_a_traceback_is_one_event(client: Any, logs: Any) -> None:
    name = printing(client, "raise KeyError('k')")
    call(client, name)
    assert output(logs, name) == [
        "[ERROR] KeyError: 'k'\nTraceback (most recent call last):\n"
        "  File \"/var/task/app.py\", line 3, in handler\n    raise KeyError('k')\n"
    ]


def test_a_line_without_end_is_cut_into_events_and_kept_whole(client: Any, logs: Any) -> None:
    name = printing(client, "[os.write(1, b'x' * 65536) for _ in range(320)]", Timeout=60)
    call(client, name)
    pieces = output(logs, name)
    assert sum(len(piece.rstrip("\n")) for piece in pieces) == 20 << 20
    assert max(len(piece) for piece in pieces) <= MAX_EVENT + 1


def test_many_lines_come_all_and_in_order(client: Any, logs: Any) -> None:
    name = printing(client, "[print(n) for n in range(30000)]", Timeout=60)
    call(client, name)
    assert output(logs, name) == [f"{n}\n" for n in range(30000)]


def test_a_line_is_seen_while_the_handler_still_runs(client: Any, logs: Any) -> None:
    name = printing(client, "print('early'); import time; time.sleep(10)", Timeout=20)
    client.invoke(FunctionName=name, InvocationType="Event")

    def seen() -> bool:
        try:
            return "early\n" in log_lines(logs, name)
        except logs.exceptions.ResourceNotFoundException:
            return False

    until(seen)
    assert not any(line.startswith("REPORT") for line in log_lines(logs, name))


def test_pieces_become_lines_however_they_are_cut() -> None:
    data = b"one\n\ntwo\xfe\xfe\nmore\xfe\xfe\nend\nthr" + b"y" * 10 + b"\nlast"
    whole = Splitter()
    expected = whole.feed(data) + whole.finish()
    assert expected == ["one\n", "two\nmore\nend\n", "thr" + "y" * 10 + "\n", "last\n"]
    for size in range(1, len(data)):
        splitter = Splitter()
        events = [event for at in range(0, len(data), size) for event in splitter.feed(data[at : at + size])]
        assert events + splitter.finish() == expected, size


# -- the API -----------------------------------------------------------------------------------------


@pytest.fixture
def group(logs: Any) -> str:
    name = f"/tests/{uuid.uuid4().hex}"
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="a")
    logs.create_log_stream(logGroupName=name, logStreamName="b")
    return name


def put(logs: Any, group: str, stream: str, *messages: str, start: int = 0) -> int:
    now = int(time.time() * 1000) - 60_000 + start
    events = [{"timestamp": now + index, "message": message} for index, message in enumerate(messages)]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    return now


def test_what_is_not_there(logs: Any, group: str) -> None:
    gone = logs.exceptions.ResourceNotFoundException
    asked: list[Callable[[], Any]] = [
        lambda: logs.get_log_events(logGroupName="/nobody", logStreamName="a"),
        lambda: logs.filter_log_events(logGroupName="/nobody"),
        lambda: logs.describe_log_streams(logGroupName="/nobody"),
        lambda: logs.delete_log_group(logGroupName="/nobody"),
        lambda: logs.put_retention_policy(logGroupName="/nobody", retentionInDays=1),
    ]
    for ask in asked:
        with pytest.raises(gone) as refused:
            ask()
        assert refused.value.response["Error"]["Message"] == "The specified log group does not exist."
    with pytest.raises(gone) as refused:
        logs.get_log_events(logGroupName=group, logStreamName="nobody")
    assert refused.value.response["Error"]["Message"] == "The specified log stream does not exist."


def test_what_is_there_already(logs: Any, group: str) -> None:
    with pytest.raises(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=group)
    with pytest.raises(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_stream(logGroupName=group, logStreamName="a")


def test_groups_by_prefix_with_retention(logs: Any, group: str) -> None:
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    (found,) = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["retentionInDays"] == 7
    assert found["arn"] == f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:*"
    logs.delete_retention_policy(logGroupName=group)
    (found,) = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert "retentionInDays" not in found


def test_groups_in_pages(logs: Any) -> None:
    prefix = f"/pages/{uuid.uuid4().hex}/"
    for n in range(7):
        logs.create_log_group(logGroupName=f"{prefix}{n}")
    pages = logs.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix=prefix, PaginationConfig={"PageSize": 3}
    )
    counts = [len(page["logGroups"]) for page in pages]
    assert counts == [3, 3, 1]


def test_the_pages_of_a_stream(logs: Any, group: str) -> None:
    put(logs, group, "a", *map(str, range(10)))

    def page(**more: Any) -> tuple[list[int], str, str]:
        answer = logs.get_log_events(logGroupName=group, logStreamName="a", limit=4, **more)
        messages = [int(event["message"]) for event in answer["events"]]
        return messages, answer["nextForwardToken"], answer["nextBackwardToken"]

    latest, forward, backward = page()
    assert latest == [6, 7, 8, 9]
    assert page(nextToken=forward)[:2] == ([], forward), "at the end a token stays the same"
    earlier, _, backward = page(nextToken=backward)
    assert earlier == [2, 3, 4, 5]
    first, _, backward = page(nextToken=backward)
    assert first == [0, 1]
    assert page(nextToken=backward)[0] == []
    head, forward, _ = page(startFromHead=True)
    assert head == [0, 1, 2, 3]
    assert page(nextToken=forward)[0] == [4, 5, 6, 7]
    put(logs, group, "a", "99", start=1000)
    assert page(nextToken=page()[1])[0] == []
    assert page()[0] == [7, 8, 9, 99]


def test_times_are_from_the_start_and_before_the_end(logs: Any, group: str) -> None:
    now = put(logs, group, "a", *map(str, range(10)))
    answer = logs.get_log_events(
        logGroupName=group, logStreamName="a", startTime=now + 2, endTime=now + 5, startFromHead=True
    )
    assert [event["message"] for event in answer["events"]] == ["2", "3", "4"]
    filtered = logs.filter_log_events(logGroupName=group, startTime=now + 2, endTime=now + 5)
    assert [event["message"] for event in filtered["events"]] == ["2", "3", "4"]


def test_streams_are_interleaved_by_time_and_paged(logs: Any, group: str) -> None:
    put(logs, group, "a", "0", "1", "2")
    put(logs, group, "b", "x", "y", "z", start=-1)
    pages = list(
        logs.get_paginator("filter_log_events").paginate(logGroupName=group, PaginationConfig={"PageSize": 2})
    )
    events = [event for page in pages for event in page["events"]]
    times = [event["timestamp"] for event in events]
    assert times == sorted(times)
    assert len(events) == 6
    assert len({event["eventId"] for event in events}) == 6
    only = logs.filter_log_events(logGroupName=group, logStreamNames=["b"])["events"]
    assert [event["message"] for event in only] == ["x", "y", "z"]
    prefixed = logs.filter_log_events(logGroupName=group, logStreamNamePrefix="a")["events"]
    assert {event["logStreamName"] for event in prefixed} == {"a"}


@pytest.mark.parametrize("token", ["YWJj", "LTU=", "!!", "9" * 40, "w7w="])
@pytest.mark.parametrize("operation", ["describe_log_streams", "filter_log_events"])
def test_a_token_that_is_none(logs: Any, group: str, operation: str, token: str) -> None:
    put(logs, group, "a", "0")
    with pytest.raises(logs.exceptions.InvalidParameterException, match="nextToken is invalid"):
        getattr(logs, operation)(logGroupName=group, nextToken=token)


def test_events_out_of_order_or_out_of_time(logs: Any, group: str) -> None:
    now = int(time.time() * 1000)
    with pytest.raises(logs.exceptions.InvalidParameterException):
        logs.put_log_events(
            logGroupName=group,
            logStreamName="a",
            logEvents=[{"timestamp": now, "message": "1"}, {"timestamp": now - 1, "message": "0"}],
        )
    ages = (-15 * 86_400_000, 0, 3 * 3_600_000)
    answer = logs.put_log_events(
        logGroupName=group,
        logStreamName="a",
        logEvents=[{"timestamp": now + age, "message": str(age)} for age in ages],
    )
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}
    stored = logs.get_log_events(logGroupName=group, logStreamName="a")["events"]
    assert [event["message"] for event in stored] == ["0"]


def test_a_deleted_group_comes_back_with_the_next_invocation(client: Any, logs: Any) -> None:
    name = printing(client, "print('here')")
    call(client, name)
    logs.delete_log_group(logGroupName=f"/aws/lambda/{name}")
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        log_lines(logs, name)
    call(client, name)
    assert output(logs, name) == ["here\n"]


def test_accounts_and_regions_have_groups_of_their_own(engine: EngineProcess, logs: Any, group: str) -> None:
    elsewhere = engine.client("logs", region="eu-west-1")
    assert elsewhere.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []


# -- filter patterns ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("", "anything", None),
        ("ERROR", "an ERROR here", "an error here"),
        ("ERROR disk", "disk: ERROR", "ERROR"),
        ('"disk full"', "the disk full of", "full disk"),
        ("?ERROR ?WARN", "WARN", "INFO"),
        ("ERROR -expected", "ERROR odd", "ERROR expected"),
        ('-"not me"', "someone", "it is not me"),
        ("%40[34]%", "status 404", "status 405"),
        ('{ $.level = "ERROR" }', '{"level": "ERROR"}', '{"level": "INFO"}'),
        ("{ $.level = ERR* }", '{"level": "ERROR"}', '{"level": "INFO"}'),
        ("{ $.code >= 500 }", '{"code": 503}', '{"code": 404}'),
        ("{ $.code != 200 }", '{"code": 404}', '{"code": 200}'),
        ("{ $.a.b[1] = 2 }", '{"a": {"b": [1, 2]}}', '{"a": {"b": [2, 1]}}'),
        ('{ $.a[*].n = "x" }', '{"a": [{"n": "y"}, {"n": "x"}]}', '{"a": [{"n": "y"}]}'),
        ("{ $.a IS NULL }", '{"a": null}', '{"a": 0}'),
        ("{ $.a IS TRUE }", '{"a": true}', '{"a": 1}'),
        ("{ $.a NOT EXISTS }", '{"b": 1}', '{"a": null}'),
        ("{ $.a = 1 && $.b = 2 }", '{"a": 1, "b": 2}', '{"a": 1}'),
        ("{ $.a = 1 || $.b = 2 }", '{"b": 2}', '{"b": 1}'),
        ("{ ($.a = 1 || $.a = 2) && $.b = 3 }", '{"a": 2, "b": 3}', '{"a": 2}'),
        ("{ $.a = %^x.z$% }", '{"a": "xyz"}', '{"a": "xy"}'),
        ("{ $.a = 1 }", '{"a": 1.0}', "no JSON"),
    ],
)
def test_filter_patterns(pattern: str, matching: str, other: str | None) -> None:
    matches = compile_pattern(pattern)
    assert matches(matching)
    assert other is None or not matches(other)


@pytest.mark.parametrize(
    "pattern", ["{ $.a = ", "{ $.a }", "{ a = 1 }", "{ $.a = 1", "{ ($.a = 1 }", "%(%", "[a, b]", "x" * 1025]
)
def test_patterns_that_cannot_be_understood(pattern: str) -> None:
    with pytest.raises(BadPattern):
        compile_pattern(pattern)


def test_a_bad_pattern_is_the_callers_mistake(logs: Any, group: str) -> None:
    with pytest.raises(logs.exceptions.InvalidParameterException):
        logs.filter_log_events(logGroupName=group, filterPattern="{ $.a = ")
