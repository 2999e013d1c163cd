"""Following a log group: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from lambdatui.model import FollowKind, FollowState, LogEvent
from lambdatui.service import Logs, Service
from lambdatui.service.errors import Throttled, Unreachable
from lambdatui.service.logs import Pace

GROUP = "/aws/lambda/checkout"


def now_ms() -> int:
    return int(time.time() * 1000)


async def write(service: Service, stream: str, *messages: str, at: int | None = None) -> None:
    client = await service._connection.client("logs")
    await client.put_log_events(
        logGroupName=GROUP,
        logStreamName=stream,
        logEvents=[{"timestamp": at or now_ms(), "message": message} for message in messages],
    )


async def make_group(service: Service, *streams: str) -> None:
    client = await service._connection.client("logs")
    await client.create_log_group(logGroupName=GROUP)
    for stream in streams:
        await client.create_log_stream(logGroupName=GROUP, logStreamName=stream)


async def read(events: AsyncIterator[list[LogEvent]], count: int) -> list[str]:
    found: list[str] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            found += [event.message for event in await anext(events)]
    return found


async def test_history_then_new_events(aws: Service) -> None:
    await make_group(aws, "one", "two")
    await write(aws, "one", "a", "b")
    events = aws.logs.follow(GROUP, since_ms=now_ms() - 60_000, poll_s=0.05)
    assert await read(events, 2) == ["a", "b"]
    await write(aws, "two", "c")
    assert await read(events, 1) == ["c"]
    await write(aws, "one", "d", at=now_ms() - 5_000)  # late, older than the newest
    await write(aws, "two", "d")  # the same words, another event
    assert await read(events, 2) == ["d", "d"]
    await events.aclose()  # type: ignore[attr-defined]


async def test_older_events_are_left_out(aws: Service) -> None:
    await make_group(aws, "one")
    await write(aws, "one", "old", at=now_ms() - 3_600_000)
    await write(aws, "one", "new")
    found = [event.message async for page in aws.logs.since(GROUP, now_ms() - 60_000) for event in page]
    assert found == ["new"]


async def test_an_absent_group_is_no_logs_yet(aws: Service) -> None:
    states: list[FollowKind] = []
    absent = asyncio.Event()

    def hear(state: FollowState) -> None:
        states.append(state.kind)
        absent.set()

    events = aws.logs.follow(GROUP, poll_s=0.05, on_state=hear)
    reading = asyncio.create_task(read(events, 1))
    await asyncio.wait_for(absent.wait(), 20)
    await make_group(aws, "one")
    await write(aws, "one", "first")
    assert await reading == ["first"]
    assert states[0] is FollowKind.ABSENT
    assert [page async for page in aws.logs.since("/aws/lambda/never", 0)] == []


class Scripted:
    """A connection that answers what it is told to."""

    def __init__(self, *answers: list[list[dict[str, Any]]] | Exception) -> None:
        self.answers = list(answers)
        self.starts: list[int] = []
        self.looks: asyncio.Queue[None] = asyncio.Queue()

    async def pages(self, service: str, operation: str, **params: Any) -> AsyncIterator[dict[str, Any]]:
        self.starts.append(params["startTime"])
        self.looks.put_nowait(None)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        for events in answer:
            yield {"events": [event for event in events if event["timestamp"] >= params["startTime"]]}


def raw(number: int, at: int) -> dict[str, Any]:
    return {"eventId": str(number), "timestamp": at, "message": f"line {number}", "logStreamName": "s"}


async def test_throttling_is_waited_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    real_sleep = asyncio.sleep

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await real_sleep(0)

    monkeypatch.setattr("lambdatui.service.logs.asyncio.sleep", sleep)
    states: list[FollowState] = []
    connection = Scripted(
        [[raw(1, 100_000)]],
        Throttled("Slow down"),
        Throttled("Slow down"),
        Unreachable("gone"),
        [[raw(1, 100_000)], [], [raw(2, 100_001)]],
    )
    logs = Logs(connection, pace=Pace(0.0, 0.0, 2.0))  # type: ignore[arg-type]
    events = logs.follow(GROUP, since_ms=0, on_state=states.append)
    assert await read(events, 2) == ["line 1", "line 2"]
    assert [wait for wait in waits if wait] == [1.0, 2.0, 4.0]
    assert [state.kind for state in states] == ["following", "throttled", "throttled", "unreachable"]
    assert states[1].sentence == "Slow down"
    assert connection.starts == [0, 98_000, 98_000, 98_000, 98_000]


async def test_many_events_once_each() -> None:
    events = [raw(number, number * 10) for number in range(50_000)]
    pages = [events[start : start + 10_000] for start in range(0, len(events), 10_000)]
    late = [raw(50_001, 498_500)]
    connection = Scripted(pages, [*pages[-1:], late], [late])
    following = Logs(connection, pace=Pace(0.0, 0.0, 2.0)).follow(GROUP, since_ms=0)  # type: ignore[arg-type]
    found = await read(following, 50_001)
    assert len(set(found)) == 50_001


async def test_a_nudge_looks_at_once() -> None:
    connection = Scripted([], [], [[raw(1, 1)]])
    logs = Logs(connection, pace=Pace(60.0, 60.0, 2.0))  # type: ignore[arg-type]
    reading = asyncio.create_task(read(logs.follow(GROUP, since_ms=0), 1))
    for _ in range(2):
        await asyncio.wait_for(connection.looks.get(), 20)
        logs.nudge()
    assert await reading == ["line 1"]
