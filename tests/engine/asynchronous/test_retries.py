"""Retries, throttles, ages and configs of asynchronous events, on a manual clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import EngineProcess
from tests.engine.asynchronous.sending import CODE, Async
from tests.engine.deploying import log_lines, settled, until, zipped

NewEngine = Callable[..., EngineProcess]


def test_a_failing_event_runs_three_times_after_0_60_and_120_seconds(world: Async) -> None:
    name = world.deploy()
    request_id = world.send(name, fail="no")
    world.own.settle()
    assert world.runs() == [request_id]
    world.own.advance(59)
    assert len(world.runs()) == 1
    world.own.advance(1)
    assert len(world.runs()) == 2
    world.own.advance(119)
    assert len(world.runs()) == 2
    world.own.advance(1)
    assert world.runs() == [request_id] * 3
    (event,) = world.own.events("failed")
    assert (event["attempts"], event["of"], event["condition"]) == (3, 3, "RetriesExhausted")
    assert [entry["error"] for entry in event["history"]] == ["ValueError"] * 3
    assert world.own.events() == []


def test_an_event_is_accepted_with_an_empty_202(world: Async) -> None:
    name = world.deploy()
    answer = world.client.invoke(
        FunctionName=name, InvocationType="Event", Payload=json.dumps({"out": str(world.out)})
    )
    assert answer["StatusCode"] == 202
    assert answer["Payload"].read() == b""
    assert "ExecutedVersion" not in answer
    world.own.settle()
    assert len(world.runs()) == 1


def test_who_is_not_there_is_said_before_anything_is_accepted(world: Async) -> None:
    name = world.deploy()
    for function, qualifier in (("nobody", "$LATEST"), (name, "nothing")):
        with pytest.raises(ClientError) as caught:
            world.client.invoke(FunctionName=function, InvocationType="Event", Qualifier=qualifier)
        assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert world.own.events() == []


def test_every_attempt_logs_the_same_request_id_in_one_stream(world: Async) -> None:
    name = world.deploy()
    request_id = world.send(name, fail="no")
    for _ in range(3):
        world.own.settle()
        world.own.advance(120)
    logs = world.engine.client("logs")
    until(lambda: sum(line.startswith("REPORT") for line in log_lines(logs, name)) == 3)
    starts = [line for line in log_lines(logs, name) if line.startswith("START")]
    assert starts == [f"START RequestId: {request_id} Version: $LATEST\n"] * 3
    streams = logs.describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
    assert len(streams) == 1


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({"fail": "no"}, "ValueError"),
        ({"crash": True}, "Runtime.ExitError"),
        ({"sleep": 30}, "Sandbox.Timedout"),
    ],
)
def test_what_counts_as_a_function_error(world: Async, event: dict[str, Any], error: str) -> None:
    name = world.deploy(Timeout=1)
    world.configure(name, MaximumRetryAttempts=1)
    world.send(name, **event)
    world.own.settle()
    (waiting,) = world.own.events()
    assert (waiting["attempts"], waiting["last_error"], waiting["postponements"]) == (1, error, 0)
    assert waiting["next_due"] - waiting["accepted"] == 60
    world.own.advance(60)
    (ended,) = world.own.events("failed")
    assert (ended["attempts"], ended["condition"]) == (2, "RetriesExhausted")


def test_an_init_error_uses_up_attempts(world: Async) -> None:
    name = world.deploy("import nothing_of_this_name\n")
    world.send(name)
    world.own.settle()
    assert [world.own.next(), world.own.next()] == [60, 120]
    (ended,) = world.own.events("failed")
    assert ended["attempts"] == 3
    assert ended["last_error"] == "Runtime.ImportModuleError"


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_how_often_is_configured(world: Async, retries: int) -> None:
    name = world.deploy()
    world.configure(name, MaximumRetryAttempts=retries)
    world.send(name, fail="no")
    world.own.settle()
    for wait in (60, 120)[:retries]:
        assert world.own.next() == wait
    assert len(world.runs()) == retries + 1
    assert world.own.events() == []
    assert world.own.events("failed")[0]["condition"] == "RetriesExhausted"


def test_success_after_a_retry_ends_the_event(world: Async, tmp_path: Path) -> None:
    name = world.deploy(
        CODE.replace('if event.get("fail"):', 'if not os.path.exists(event["good"]):').replace(
            'event["fail"]', '"not yet"'
        )
    )
    good = tmp_path / "good"
    world.send(name, good=str(good))
    world.own.settle()
    good.touch()
    world.own.advance(60)
    assert len(world.runs()) == 2
    assert world.own.events() == world.own.events("failed") == []
    assert world.own.ask("POST", "clock", {"to": "next"})[0] == 409


@pytest.mark.parametrize(("age", "attempts"), [(60, 1), (90, 2), (179, 2), (180, 2), (181, 3)])
def test_an_event_whose_next_retry_would_be_too_late_is_dropped_at_once(
    world: Async, age: int, attempts: int
) -> None:
    name = world.deploy()
    world.configure(name, MaximumEventAgeInSeconds=age)
    world.send(name, fail="no")
    world.own.settle()
    for wait in (60, 120)[: attempts - 1]:
        assert world.own.next() == wait
    (ended,) = world.own.events("failed")
    assert len(world.runs()) == attempts == ended["attempts"]
    assert ended["condition"] == ("RetriesExhausted" if attempts == 3 else "EventAgeExceeded")
    assert world.own.events() == []


@pytest.mark.parametrize("kind", ["throttle", "system-error"])
def test_throttles_and_system_errors_wait_1_2_4_to_300_seconds_and_use_up_no_attempt(
    world: Async, kind: str
) -> None:
    name = world.deploy()
    world.own.fault(kind, function=name, times=11)
    request_id = world.send(name)
    world.own.settle()
    waits = [world.own.next() for _ in range(11)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert world.runs() == [request_id]
    assert world.own.events() == world.own.events("failed") == []


def test_throttles_end_with_the_age_of_six_hours(world: Async) -> None:
    name = world.deploy()
    world.own.fault("throttle", function=name)
    world.send(name)
    world.own.settle()
    waited = 0.0
    while world.own.events():
        waited += world.own.next()
    (ended,) = world.own.events("failed")
    assert 21600 - 300 <= waited < 21600
    assert (ended["attempts"], ended["condition"], world.runs()) == (0, "EventAgeExceeded", [])
    assert ended["postponements"] == 1 + 9 + (21600 - 511) // 300
    assert len(ended["history"]) <= 100


def test_throttles_between_retries_keep_the_attempts_that_are_left(world: Async) -> None:
    name = world.deploy()
    world.send(name, fail="no")
    world.own.settle()
    world.own.fault("throttle", function=name, times=2)
    assert [world.own.next() for _ in range(4)] == [60, 1, 2, 120]
    (ended,) = world.own.events("failed")
    assert [entry["outcome"] for entry in ended["history"]] == [
        *("function error", "throttle", "throttle", "function error", "function error")
    ]
    assert (ended["attempts"], len(world.runs())) == (3, 3)


def postponed(world: Async, times: int) -> None:
    """Wait until the second event was refused so often; the first one runs and holds the concurrency."""
    until(lambda: [event["postponements"] for event in world.own.events()] == [0, times])


def test_an_event_without_a_free_slot_is_kept_and_runs_later(world: Async, tmp_path: Path) -> None:
    name = world.deploy(Timeout=60)
    world.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    hold = tmp_path / "hold"
    hold.touch()
    first = world.send(name, hold=str(hold))
    until(lambda: world.runs() == [first])
    second = world.send(name)
    postponed(world, 1)
    for seconds, times in ((1, 2), (2, 3), (4, 4)):
        world.own("POST", "clock", {"advance_s": seconds})
        postponed(world, times)
    hold.unlink()
    world.own.settle()
    assert world.runs() == [first]
    world.own.advance(8)
    assert world.runs() == [first, second]


def test_more_events_than_concurrency_all_run(world: Async) -> None:
    name = world.deploy()
    world.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    sent = {world.send(name, sleep=0.002) for _ in range(100)}
    world.own.settle()
    while world.own.events(limit=1):
        world.own.next()
    assert set(world.runs()) == sent
    assert len(world.runs()) == 100
    assert world.own.events("failed") == []


def test_a_backlog_behind_a_small_concurrency_is_not_tried_event_by_event(
    world: Async, tmp_path: Path
) -> None:
    name = world.deploy(Timeout=60)
    world.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    hold = tmp_path / "hold"
    hold.touch()
    first = world.send(name, hold=str(hold))
    until(lambda: world.runs() == [first])
    for _ in range(60):
        world.send(name)
    until(lambda: sum(event["postponements"] for event in world.own.events()) == 16)
    hold.unlink()
    world.own.settle()
    assert len(world.runs()) == 61 - 16
    while world.own.events(limit=1):
        world.own.next()
    assert len(world.runs()) == 61


def test_the_backlog_of_one_function_does_not_hold_up_another(world: Async, tmp_path: Path) -> None:
    slow, quick = world.deploy(Timeout=60), world.deploy()
    hold = tmp_path / "hold"
    hold.touch()
    for _ in range(80):
        world.send(slow, hold=str(hold))
    request_id = world.send(quick)
    until(lambda: request_id in world.runs(), 30)
    hold.unlink()
    world.own.settle()
    while world.own.events(limit=1):
        world.own.next()
    assert len(world.runs()) == 81


def test_configs_of_version_alias_and_latest_are_told_apart(world: Async) -> None:
    name = world.deploy()
    world.client.publish_version(FunctionName=name)
    world.client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    world.configure(name, MaximumRetryAttempts=0)
    world.configure(name, "live", MaximumRetryAttempts=1)
    world.send(name, fail="latest")
    world.send(name, "live", fail="alias")
    world.send(name, "1", fail="version")
    world.own.settle()
    shown = [(event["qualifier"], event["attempts"], event["of"]) for event in world.own.events()]
    assert shown == [("live", 1, 2), ("1", 1, 3)]
    assert [event["qualifier"] for event in world.own.events("failed")] == [None]


def test_an_alias_means_what_it_means_when_the_attempt_begins(world: Async) -> None:
    name = world.deploy()
    world.client.publish_version(FunctionName=name)
    world.client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    world.send(name, "live", fail="no")
    world.own.settle()
    code = zipped({"app.py": CODE + "# changed\n"})
    world.client.update_function_code(FunctionName=name, ZipFile=code)
    settled(world.client, name)
    world.client.publish_version(FunctionName=name)
    world.client.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    world.own.advance(60)
    assert world.versions() == ["1", "2"]


def test_a_changed_config_counts_for_events_that_wait(world: Async) -> None:
    name = world.deploy()
    world.send(name, fail="no")
    world.own.settle()
    world.configure(name, MaximumRetryAttempts=1)
    world.own.advance(60)
    assert [event["attempts"] for event in world.own.events("failed")] == [2]


def test_events_of_a_deleted_function_end(world: Async) -> None:
    name = world.deploy()
    world.send(name, fail="no")
    world.own.settle()
    world.client.delete_function(FunctionName=name)
    world.own.advance(60)
    (ended,) = world.own.events("failed")
    assert (ended["condition"], ended["attempts"]) == ("FunctionNotFound", 1)


def test_synchronous_invocations_are_not_retried(world: Async) -> None:
    name = world.deploy()
    payload = json.dumps({"out": str(world.out), "fail": "no"})
    assert world.client.invoke(FunctionName=name, Payload=payload)["FunctionError"] == "Unhandled"
    world.own.advance(60)
    assert len(world.runs()) == 1


def test_metrics_count_what_came_and_what_was_dropped(world: Async) -> None:
    name = world.deploy()
    world.configure(name, MaximumRetryAttempts=0)
    for fail in ("", "", "no"):
        world.send(name, fail=fail)
    world.own.settle()
    totals = world.own.totals(name)
    assert (totals["AsyncEventsReceived"], totals["AsyncEventsDropped"]) == (3, 1)


def test_the_age_is_told_of_every_attempt(world: Async) -> None:
    """The metric grows while an event is tried again."""
    name = world.deploy()
    world.own.fault("throttle", function=name, times=1)
    world.send(name, fail="no")
    world.own.settle()
    assert [world.own.next() for _ in range(3)] == [1, 60, 120]
    now = datetime.now(UTC)
    told = world.engine.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="AsyncEventAge",
        Dimensions=[{"Name": "FunctionName", "Value": name}],
        StartTime=now - timedelta(days=1),
        EndTime=now + timedelta(days=30),
        Period=86_400,
        Statistics=["SampleCount", "Maximum", "Sum"],
    )["Datapoints"]
    assert {point["Unit"] for point in told} == {"Milliseconds"}
    assert sum(point["SampleCount"] for point in told) == 4
    assert max(point["Maximum"] for point in told) == pytest.approx(181_000, abs=1)
    assert sum(point["Sum"] for point in told) == pytest.approx(1000 + 61_000 + 181_000, abs=5)


def test_the_first_delay_is_a_setting(fresh_engine: NewEngine, tmp_path: Path) -> None:
    world = Async(fresh_engine("--clock", "manual", "--settle", "0", "--retry-delay", "0.5"), tmp_path)
    name = world.deploy()
    world.send(name, fail="no")
    world.own.settle()
    assert [world.own.next(), world.own.next()] == [0.5, 1.0]
