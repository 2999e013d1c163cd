"""The metrics of real runs, read as any client of CloudWatch reads them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, settled, until
from tests.engine.extending import extended
from tests.engine.metrics.asking import FLAKY, ask, place
from tests.engine.own import OwnApi


def active(client: Any, name: str, version: str) -> None:
    """Wait until a version can be invoked: it may be Pending for longer than $LATEST is."""
    until(
        lambda: client.get_function_configuration(FunctionName=name, Qualifier=version)["State"] == "Active"
    )


def test_invocations_errors_and_durations(client: Any, watch: Any) -> None:
    name = deploy(client, FLAKY)
    for event in ("ok", "fail", "ok"):
        call(client, name, event)
    where = place(name)
    stats = [("Invocations", "Sum"), ("Errors", "Sum"), ("Errors", "Average"), ("Throttles", "Sum")]
    stats += [("Duration", stat) for stat in ("SampleCount", "Minimum", "p50", "p99.9", "Maximum", "Average")]
    values = ask(watch, *((metric, stat, where) for metric, stat in stats))
    assert values[:3] == [3, 1, pytest.approx(1 / 3)]
    assert values[3:5] == [0, 3]
    least, middle, high, most, average = (value or 0.0 for value in values[5:])
    assert 0 < least <= middle <= high <= most
    assert least <= average <= most


def test_dimensions_tell_what_was_invoked_and_what_ran(client: Any, watch: Any) -> None:
    name = deploy(client, FLAKY, Publish=True)
    client.update_function_configuration(FunctionName=name, Description="other")
    settled(client, name)
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="2")
    call(client, name)
    call(client, name, "fail", Qualifier="live")
    call(client, name, Qualifier="1")
    asked = [place(name), place(name, name), place(name, f"{name}:live"), place(name, f"{name}:1")]
    asked += [place(name, f"{name}:live", "2"), place(name, f"{name}:live", "1")]
    invocations = ask(watch, *(("Invocations", "Sum", where) for where in asked))
    assert invocations == [3, 1, 1, 1, 1, None]
    assert ask(watch, *(("Errors", "Sum", where) for where in asked[:5])) == [1, 0, 1, 0, 1]


def test_what_all_functions_did_together(client: Any, engine: EngineProcess, watch: Any) -> None:
    other = {"access_key": "300000000001"}
    mine, theirs = engine.client("lambda", **other), engine.client("cloudwatch", **other)
    for name in (deploy(mine, FLAKY), deploy(mine, FLAKY)):
        call(mine, name)
    account = ["Invocations", "ConcurrentExecutions", "UnreservedConcurrentExecutions"]
    values = ask(theirs, *((metric, "Maximum", []) for metric in account))
    assert values == [1, 1, 1]
    assert ask(theirs, ("Invocations", "Sum", [])) == [2]
    before = (ask(watch, ("Invocations", "Sum", []))[0] or 0) - 0
    call(mine, deploy(mine, FLAKY))
    assert ask(watch, ("Invocations", "Sum", []))[0] in (before, None)


def test_concurrency_of_a_function_of_what_was_invoked_and_of_what_ran(client: Any, watch: Any) -> None:
    meets = """
import socket
def handler(event, context):
    with socket.create_connection(("127.0.0.1", event)) as line:
        line.recv(1)  # when all are there
"""
    name = deploy(client, meets, Timeout=60, MemorySize=512, Publish=True)
    active(client, name, "1")
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(3) as pool:
        server.settimeout(60)
        port = server.getsockname()[1]
        qualifiers: list[dict[str, str]] = [{"Qualifier": "live"}, {"Qualifier": "live"}, {}]
        calls = [pool.submit(call, client, name, port, **more) for more in qualifiers]
        lines = [server.accept()[0] for _ in calls]
        for line in lines:
            line.close()
        assert [one.result().error for one in calls] == [None] * 3
    asked = [place(name), place(name, name), place(name, f"{name}:live"), place(name, f"{name}:live", "1")]
    asked += [place(name, f"{name}:1")]
    most = ask(watch, *(("ConcurrentExecutions", "Maximum", where) for where in asked))
    assert most == [3, 1, 2, 2, None]


def test_extensions_that_go_on_after_the_answer(client: Any, watch: Any) -> None:
    lingers = "register('INVOKE')\nloop(lambda event: time.sleep(0.2))\n"
    name = extended(client, {"lingerer": lingers}, Publish=True)
    active(client, name, "1")
    call(client, name, Qualifier="1")
    call(client, name, Qualifier="1")  # begins when the first is over

    def known() -> bool:
        found = ask(watch, ("PostRuntimeExtensionsDuration", "SampleCount", place(name)))
        return found == [2]

    until(known)
    for where in (place(name), place(name, f"{name}:1")):
        (least,) = ask(watch, ("PostRuntimeExtensionsDuration", "Minimum", where))
        assert least is not None
        assert 150 < least < 10_000
    without = deploy(client, FLAKY)
    call(client, without)
    assert ask(watch, ("PostRuntimeExtensionsDuration", "SampleCount", place(without))) == [None]


def test_throttles_are_no_invocations(client: Any, watch: Any) -> None:
    name = deploy(client, FLAKY)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    for _ in range(2):
        with pytest.raises(ClientError, match="TooManyRequests"):
            call(client, name)
    where = place(name)
    throttles = [("Throttles", "Sum", where), ("Invocations", "Sum", where), ("Errors", "Sum", where)]
    assert ask(watch, *throttles) == [2, None, None]


def test_provisioned_concurrency(client: Any, watch: Any) -> None:
    name = deploy(client, FLAKY, Publish=True)
    client.put_provisioned_concurrency_config(
        FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=1
    )
    of_it = {"FunctionName": name, "Qualifier": "1"}
    until(lambda: client.get_provisioned_concurrency_config(**of_it)["Status"] == "READY")
    call(client, name, Qualifier="1")
    where = place(name, f"{name}:1")
    metrics = ("Invocations", "SpilloverInvocations", "Utilization")
    found = ask(watch, *((f"ProvisionedConcurrency{one}", "Sum", where) for one in metrics))
    assert found == [1, None, 1]
    assert ask(watch, ("ProvisionedConcurrentExecutions", "Maximum", where)) == [1]


def test_asynchronous_events(client: Any, engine: EngineProcess, watch: Any) -> None:
    name = deploy(client, FLAKY)
    client.invoke(FunctionName=name, InvocationType="Event", Payload=b'"ok"')
    OwnApi(engine).settle()
    metrics = [("AsyncEventsReceived", "Sum"), ("AsyncEventAge", "SampleCount"), ("Invocations", "Sum")]
    assert ask(watch, *((*one, place(name)) for one in metrics)) == [1, 1, 1]


def test_metrics_outlive_the_engine(fresh_engine: Callable[..., EngineProcess]) -> None:
    first = fresh_engine()
    name = deploy(first.client("lambda"), FLAKY)
    call(first.client("lambda"), name)
    first.stop()
    second = fresh_engine(data_dir=first.data_dir)
    call(second.client("lambda"), name)
    assert ask(second.client("cloudwatch"), ("Invocations", "Sum", place(name))) == [2]
