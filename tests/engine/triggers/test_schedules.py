"""Rules and schedules that a clock sets off, the engine's own."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import EngineProcess
from tests.engine.deploying import ROLE, until
from tests.engine.own import OwnApi
from tests.engine.signing import send, signed
from tests.engine.triggers.callee import Function, make_rule

Engines = Callable[..., EngineProcess]


def test_a_rule_on_a_clock_that_is_pushed(fresh_engine: Engines) -> None:
    engine = fresh_engine("--clock", "manual", "--settle", "0")
    own, function = OwnApi(engine), Function(engine)
    rule = make_rule(engine, function, ScheduleExpression="rate(1 hour)")
    engine.client("events").put_targets(Rule=rule, Targets=[{"Id": "f", "Arn": function.arn}])
    began = own("GET", "clock")["now"]
    own.advance(3599)
    assert own.events() == []
    own.advance(2)
    [event] = function.got(1)
    due = datetime.fromtimestamp(began + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert event["time"] == due
    own.advance(3 * 3600)
    assert len({event["time"] for event in function.got(4)}) == 4
    [shown] = own("GET", "schedules")["schedules"]
    assert (shown["expression"], shown["next"]) == ("rate(1 hour)", began + 5 * 3600)
    assert own.next() == began + 5 * 3600 - (began + 3601 + 3 * 3600)
    assert len(function.got(5)) == 5


def test_schedules_run_on_the_engines_clock(fresh_engine: Engines) -> None:
    engine = fresh_engine("--clock", "x600")
    function = Function(engine)
    rule = make_rule(engine, function, ScheduleExpression="rate(5 minutes)")
    events = engine.client("events")
    events.put_targets(Rule=rule, Targets=[{"Id": "f", "Arn": function.arn}])
    first, second = function.got(2)[:2]
    assert (first["source"], first["detail-type"], first["detail"]) == ("aws.events", "Scheduled Event", {})
    assert first["resources"] == [events.describe_rule(Name=rule)["Arn"]]
    assert first["time"] < second["time"]
    events.remove_targets(Rule=rule, Ids=["f"])
    events.delete_rule(Name=rule)


def test_the_scheduler(fresh_engine: Engines) -> None:
    engine = fresh_engine("--clock", "x600")
    function, scheduler = Function(engine), engine.client("scheduler")
    target = {"Arn": function.arn, "RoleArn": ROLE}
    window = {"Mode": "OFF"}
    arn = scheduler.create_schedule(
        Name="every",
        ScheduleExpression="rate(10 minutes)",
        FlexibleTimeWindow=window,
        Target={**target, "Input": '{"of": "<aws.scheduler.schedule-arn>"}'},
    )["ScheduleArn"]
    assert function.got(2)[:2] == [{"of": arn}] * 2
    scheduler.delete_schedule(Name="every")
    now = send(engine, signed(engine, "GET", "/_lambdatui/status")).json()["clock"]["now"]
    soon = datetime.fromtimestamp(now + 1200, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    call = {"FunctionName": function.name, "Payload": '{"universal": 1}'}
    universal = {**target, "Arn": "arn:aws:scheduler:::aws-sdk:lambda:invoke", "Input": json.dumps(call)}
    once = {"Name": "once", "FlexibleTimeWindow": window, "Target": universal}
    scheduler.create_schedule(
        **once, ScheduleExpression="at(2020-01-01T00:00:00)", ActionAfterCompletion="DELETE"
    )
    scheduler.update_schedule(**once, ScheduleExpression=f"at({soon})", ActionAfterCompletion="DELETE")
    until(lambda: {"universal": 1} in function.got())
    until(lambda: scheduler.list_schedules()["Schedules"] == [])


def test_a_schedule_makes_up_for_nothing_that_was_before_it(fresh_engine: Engines) -> None:
    engine = fresh_engine("--clock", "manual", "--settle", "0")
    own, function = OwnApi(engine), Function(engine)
    engine.client("scheduler").create_schedule(
        Name="old",
        ScheduleExpression="rate(1 hour)",
        StartDate=datetime(2020, 1, 1, tzinfo=UTC),
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": function.arn, "RoleArn": ROLE},
    )
    [shown] = own("GET", "schedules")["schedules"]
    assert (shown["next"] % 3600, own.events()) == (0, [])
    own.next()
    assert len(function.got(1)) == 1


def test_what_would_never_fire_is_refused(fresh_engine: Engines) -> None:
    engine = fresh_engine()
    scheduler, events = engine.client("scheduler"), engine.client("events")
    asked = {
        "Name": "wrong",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": "arn:aws:lambda:us-east-1:000000000000:function:f", "RoleArn": ROLE},
    }
    with pytest.raises(ClientError, match=r"ValidationException.*Invalid Schedule Expression rate\(0 days\)"):
        scheduler.create_schedule(**asked, ScheduleExpression="rate(0 days)")
    with pytest.raises(ClientError, match=r"ValidationException.*there is no time zone 'Mars/Base'"):
        scheduler.create_schedule(
            **asked, ScheduleExpression="rate(1 day)", ScheduleExpressionTimezone="Mars/Base"
        )
    assert scheduler.list_schedules()["Schedules"] == []
    scheduler.create_schedule(**asked, ScheduleExpression="rate(1 day)")
    with pytest.raises(ClientError, match="ValidationException"):
        scheduler.update_schedule(**asked, ScheduleExpression="cron(0 0 * * * *)")
    assert scheduler.get_schedule(Name="wrong")["ScheduleExpression"] == "rate(1 day)"
    with pytest.raises(ClientError, match="Parameter ScheduleExpression is not valid"):
        events.put_rule(Name="wrong", ScheduleExpression="cron(0 25 * * ? *)")
    assert events.list_rules()["Rules"] == []


def test_schedules_go_with_the_neighbours_that_kept_them(fresh_engine: Engines) -> None:
    engine = fresh_engine("--clock", "x600")
    function = Function(engine)
    rule = make_rule(engine, function, ScheduleExpression="rate(10 minutes)")
    engine.client("events").put_targets(Rule=rule, Targets=[{"Id": "f", "Arn": function.arn}])
    function.got(1)

    def neighbours() -> Any:
        return send(engine, signed(engine, "GET", "/_lambdatui/status")).json()["neighbours"]

    os.kill(neighbours()["pid"], signal.SIGKILL)
    until(lambda: neighbours()["restarts"] == 1)
    assert engine.client("events").list_rules()["Rules"] == []
    sent = len(function.got())
    function.client.invoke(FunctionName=function.name, Payload=b'{"marker": 1}')
    assert len(function.got(sent + 1)) <= sent + 2
