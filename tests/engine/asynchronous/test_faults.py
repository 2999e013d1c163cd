"""Fault switches that change what a function's environment, its clock or its events are like."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.asynchronous.sending import Async
from tests.engine.deploying import call, deploy
from tests.engine.own import OwnApi

GROWS = """
import time
def handler(event, context):
    held = bytearray(event * 1024 * 1024)
    time.sleep(0.1)  # where memory is kept by looking, a shorter one may be missed
    return len(held)
"""
ASKS = """
import boto3
from botocore.exceptions import ClientError
def handler(event, context):
    try:
        return boto3.client("sts").get_caller_identity()["Account"]
    except ClientError as error:
        return error.response["Error"]
"""
WRITES = """
import os, time
def handler(event, context):
    try:
        with open(os.path.join(os.environ.get("TMPDIR", "/tmp"), "out"), "wb") as out:
            out.write(b"x" * event)
        time.sleep(3)
        return "written"
    except OSError as error:
        return error.strerror
"""
CONNECTS = """
import socket
def handler(event, context):
    try:
        socket.create_connection(("127.0.0.1", event), 2).close()
        return "connected"
    except OSError as error:
        return "refused"
"""


def test_a_runtime_is_killed_at_the_memory_that_is_said(world: Async) -> None:
    name = deploy(world.client, GROWS, MemorySize=512, Timeout=20)
    world.own.fault("out-of-memory", function=name, times=2, megabytes=120)
    answer = call(world.client, name, 200)
    assert answer.value["errorType"] == "Runtime.ExitError"
    assert answer.value["errorMessage"].endswith("signal: killed")
    assert "Max Memory Used: 512 MB" in answer.tail
    assert call(world.client, name, 1).value == 1 << 20, "below the limit nothing happens"
    assert call(world.client, name, 200).value == 200 << 20, "the switch is off again"


def test_without_a_figure_any_memory_is_too_much(world: Async) -> None:
    name = deploy(world.client, GROWS)
    world.own.fault("out-of-memory", function=name, times=1)
    assert call(world.client, name, 1).value["errorType"] == "Runtime.ExitError"
    assert call(world.client, name, 1).error is None


def test_a_slow_clock_makes_signatures_expire(world: Async) -> None:
    name = deploy(world.client, ASKS, Timeout=20)
    assert call(world.client, name).value == "000000000000"
    world.own.fault("clock-skew", function=name)
    refused = call(world.client, name).value
    assert refused["Code"] == "SignatureDoesNotMatch"
    assert refused["Message"].startswith("Signature expired: ")
    world.own.fault("clock-skew", function=name, seconds=60)
    assert call(world.client, name).value == "000000000000", "a minute is tolerated"


def test_an_event_is_overtaken(world: Async) -> None:
    name = world.deploy()
    world.own.fault("out-of-order", function=name, times=1)
    first, second = world.send(name), world.send(name)
    world.own.settle()
    assert world.runs() == [second]
    world.own.advance(5)
    assert world.runs() == [second, first]


def test_a_switch_that_stays_on_holds_each_event_back_once(world: Async) -> None:
    name = world.deploy()
    world.own.fault("out-of-order", function=name, seconds=2)
    sent = world.send(name)
    world.own.settle()
    assert world.runs() == []
    world.own.advance(2)
    assert world.runs() == [sent]


def test_a_tier_that_cannot_says_so_in_the_log(world: Async) -> None:
    name = deploy(world.client, CONNECTS)
    world.own.fault("network-off", function=name, times=1)
    assert call(world.client, name, world.engine.port).value == "connected"
    logs = world.engine.client("logs")
    lines = [one["message"] for one in logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]]
    assert any("The tier process cannot take the network away" in line for line in lines)


def test_who_writes_to_a_full_tmp_is_ended_where_writes_cannot_fail(world: Async) -> None:
    name = deploy(world.client, WRITES, Timeout=20)
    world.own.fault("tmp-full", function=name, times=1)
    answer = call(world.client, name, 100_000)
    assert answer.value["errorType"] == "Runtime.ExitError"
    assert "/tmp holds" in answer.tail


class Strict:
    """An engine whose tier really takes things away."""

    def __init__(self, engine: EngineProcess) -> None:
        self.engine, self.client, self.own = engine, engine.client("lambda"), OwnApi(engine)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Any:
    engine = EngineProcess(tmp_path_factory.mktemp("strict") / "data", "--isolation", "strict")
    found = Strict(engine)
    if found.own("GET", "status")["tier"] != "strict":
        engine.stop()
        pytest.skip("this machine cannot make strict environments")
    yield found
    engine.stop()


def test_writes_to_a_full_tmp_fail(strict: Strict) -> None:
    name = deploy(strict.client, WRITES.replace("time.sleep(3)", "pass"), Timeout=20)
    strict.own.fault("tmp-full", function=name, times=1)
    assert call(strict.client, name, 100_000).value == "No space left on device"
    assert call(strict.client, name, 100_000).value == "written"


def test_the_network_is_gone(strict: Strict) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        name = deploy(strict.client, CONNECTS, Timeout=20)
        assert call(strict.client, name, port).value == "connected"
        strict.own.fault("network-off", function=name, times=1)
        assert call(strict.client, name, port).value == "refused"
        assert call(strict.client, name, port).value == "connected"


@pytest.mark.parametrize("body", [{"megabytes": -1}, {"megabytes": "much"}, {"seconds": 1e9}])
def test_what_cannot_be(world: Async, body: dict[str, Any]) -> None:
    status, answer = world.own.ask("PUT", "faults", {"kind": "out-of-memory", **body})
    assert status == 400
    assert answer["message"].endswith(".")
