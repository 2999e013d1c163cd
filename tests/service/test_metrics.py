"""Figures from CloudWatch, with moto as an AWS of somebody else's making."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from lambdatui.model import TargetKind
from lambdatui.service import Service, TargetSpec, open_target
from tests.conftest import EngineProcess

NOW = datetime.now(UTC)


async def put(service: Service, metric: str, value: float, ago: timedelta, **dimensions: str) -> None:
    client = await service._connection.client("cloudwatch")
    datum: dict[str, Any] = {
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": text} for name, text in dimensions.items()],
        "Timestamp": NOW - ago,
        "Value": value,
    }
    await client.put_metric_data(Namespace="AWS/Lambda", MetricData=[datum])


async def test_the_activity_of_many_functions_is_few_calls(aws: Service) -> None:
    for name, count in (("function-3", 4.0), ("function-299", 7.0)):
        await put(aws, "Invocations", count, timedelta(minutes=5), FunctionName=name)
        await put(aws, "Errors", 1.0, timedelta(minutes=5), FunctionName=name)
    calls: list[int] = []
    client = await aws._connection.client("cloudwatch")
    client.meta.events.register(
        "before-call.cloudwatch.GetMetricData", lambda params, **rest: calls.append(1)
    )
    names = [f"function-{number}" for number in range(300)]
    found = await aws.metrics.activity(names, minutes=60, steps=30)
    assert list(found) == names
    assert len(calls) == 2
    assert (found["function-3"].total, found["function-3"].failed) == (4, 1)
    assert found["function-299"].total == 7
    assert found["function-0"].total == 0
    one = found["function-3"]
    assert (one.step_s, len(one.invocations), len(one.errors)) == (120, 30, 30)
    place = int((NOW - timedelta(minutes=5) - one.start).total_seconds() // one.step_s)
    assert one.invocations[place] == 4


async def test_steps_are_as_long_as_aws_keeps_points_for(aws: Service) -> None:
    lengths = {}
    for minutes in (5, 60, 24 * 60, 20 * 24 * 60, 90 * 24 * 60):
        lengths[minutes] = (await aws.metrics.account(minutes=minutes, steps=1000)).step_s
    assert lengths == {5: 60, 60: 60, 24 * 60: 120, 20 * 24 * 60: 1800, 90 * 24 * 60: 10_800}
    day = await aws.metrics.account(minutes=24 * 60, steps=48)
    assert (day.step_s, len(day.throttles)) == (1800, 48)


async def test_the_versions_behind_an_alias(aws: Service) -> None:
    through = {"FunctionName": "pay", "Resource": "pay:live"}
    for version, invocations, errors in (("1", 9.0, 0.0), ("2", 4.0, 1.0)):
        ago = timedelta(minutes=3)
        await put(aws, "Invocations", invocations, ago, **through, ExecutedVersion=version)
        await put(aws, "Errors", errors, ago, **through, ExecutedVersion=version)
    await put(aws, "Invocations", 100.0, timedelta(minutes=30), **through, ExecutedVersion="1")
    since = NOW - timedelta(minutes=10)
    old, new, unused = await aws.metrics.by_version("pay", "live", ["1", "2", "3"], since=since)
    assert (old.version, old.invocations, old.errors, old.error_rate) == ("1", 9, 0, 0.0)
    assert (new.invocations, new.errors, new.error_rate) == (4, 1, 0.25)
    assert (unused.invocations, unused.p95_ms, unused.error_rate) == (0, None, None)


async def test_the_account(aws: Service) -> None:
    await put(aws, "ConcurrentExecutions", 3.0, timedelta(minutes=2))
    await put(aws, "ConcurrentExecutions", 8.0, timedelta(minutes=2))
    await put(aws, "Throttles", 2.0, timedelta(minutes=2))
    found = await aws.metrics.account(minutes=30)
    assert max(found.concurrent) == 8
    assert sum(found.throttles) == 2
    assert sum(found.invocations) == 0


async def test_the_same_of_a_local_engine(engine: EngineProcess, code: bytes) -> None:
    spec = TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir)
    local = await open_target(spec, interactive=False)
    began = datetime.now(UTC)
    try:
        await local.functions.create("seen", runtime="python3.12", handler="handler.handler", code=code)
        await local.versions.publish("seen")
        await local.versions.put_alias("seen", "live", version="1")
        for _ in range(3):
            await local.invoker.invoke("seen", b"{}", qualifier="live")
        activity = await local.metrics.activity(["seen", "unseen"], minutes=30)
        [figures] = await local.metrics.by_version("seen", "live", ["1"], since=began)
        account = await local.metrics.account(minutes=5)
    finally:
        await local.functions.delete("seen")
        await local.close()
    assert (activity["seen"].total, activity["seen"].failed, activity["unseen"].total) == (3, 0, 0)
    assert (figures.invocations, figures.errors, figures.throttles) == (3, 0, 0)
    assert figures.p95_ms is not None
    assert 0 < figures.p95_ms < 3000
    assert sum(account.invocations) >= 3
    assert max(account.concurrent) >= 1
