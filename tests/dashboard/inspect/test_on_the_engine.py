"""The inspection screens on a real engine: keys in, what really happens out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from tests.conftest import EngineProcess
from tests.engine.deploying import deploy
from tests.journeys.watcher import on_engine

QUEUE = "arn:aws:sqs:us-east-1:000000000000:orders-dlq"
CODE = """\
import time
def handler(event, context):
    time.sleep(event.get("sleep", 0))
    if event.get("boom"):
        raise ValueError("no such order")
    return 1
"""


async def send(engine: EngineProcess, name: str, kind: str = "RequestResponse", **event: Any) -> None:
    invoke = engine.client("lambda").invoke
    await asyncio.to_thread(invoke, FunctionName=name, Payload=json.dumps(event), InvocationType=kind)


async def test_environments_are_born_killed_and_provisioned(
    fresh_engine: Callable[..., EngineProcess],
) -> None:
    engine = fresh_engine()
    name = await asyncio.to_thread(deploy, engine.client("lambda"), CODE, FunctionName="a-shop")
    async with on_engine(engine) as ui:
        await ui.until("a-shop", where="#functions")
        await ui.press("V")
        await ui.until("No environment lives.")
        await send(engine, name)
        await ui.until("a-shop", "first", " ms", "1 alive", where="#frame")
        await asyncio.gather(send(engine, name, sleep=0.5), send(engine, name, sleep=0.5))
        await ui.until("scale-out", "2 alive · 0 busy", where="#frame")  # a busy one is asked about
        await ui.press("g", "x")
        await ui.until("1 alive", "✗", "ended")
        await ui.press("j", "X")
        await ui.until("0 alive")
        await send(engine, name)
        await ui.until("reset")
        await asyncio.to_thread(engine.client("lambda").publish_version, FunctionName=name)
        await ui.press("ctrl+n")
        await ui.until("Provisioned concurrency of a-shop")
        await ui.press("ctrl+u", "1", "tab", "2", "enter")
        await ui.until_gone("Provisioned concurrency of")
        await ui.until("provisioned", "3 alive")


async def test_an_event_from_its_first_failure_to_the_end_on_a_clock_pushed_ahead(
    fresh_engine: Callable[..., EngineProcess],
) -> None:
    engine = fresh_engine("--clock", "manual", "--settle", "0")
    client = engine.client("lambda")
    name = await asyncio.to_thread(
        deploy, client, CODE, FunctionName="a-shop", DeadLetterConfig={"TargetArn": QUEUE}
    )
    async with on_engine(engine) as ui:
        await ui.until("a-shop", where="#functions")
        await ui.press("Q")
        await ui.until("No event is under way.")
        await send(engine, name, "Event", boom=True)
        await ui.until("2 of 3", "ValueError", "in 60 s", "▸ sqs orders-dlq", where="#frame")
        await ui.until("try 1 ✗ ─ 60 s ─ ◌", where="#details")
        await ui.press("f")
        await ui.until("3 of 3", "in 120 s", where="#frame")
        await ui.press("i")
        await ui.until("1 under way 0", "2 given up 1")
        await ui.press("2")
        await ui.until("3 of 3", "given up: RetriesExhausted", where="#frame")
        await ui.press("R")
        await ui.until("Replay event")
        await ui.press("enter")
        await ui.until("1 under way 1")


async def test_a_fault_armed_by_key_fires(fresh_engine: Callable[..., EngineProcess]) -> None:
    engine = fresh_engine()
    name = await asyncio.to_thread(deploy, engine.client("lambda"), CODE, FunctionName="a-shop")
    async with on_engine(engine) as ui:
        await ui.until("a-shop", where="#functions")
        await ui.press("F")
        await ui.until("throttle", "nothing is armed")
        await ui.press("enter")
        await ui.until("Arm throttle")
        await ui.press("ctrl+u", "tab", "1", "enter")
        await ui.until("1 fault armed", "1 more")
        client = engine.client("lambda")
        try:
            await asyncio.to_thread(client.invoke, FunctionName=name)
        except client.exceptions.TooManyRequestsException:
            pass
        else:
            raise AssertionError("it was not throttled")
        await ui.until("used up", "fired 1 time")
        await ui.press("X")
        await ui.until("nothing is armed")


async def test_an_engine_that_is_looked_at_dies_and_comes_back(
    fresh_engine: Callable[..., EngineProcess],
) -> None:
    engine = fresh_engine()
    name = await asyncio.to_thread(deploy, engine.client("lambda"), CODE, FunctionName="a-shop")
    await send(engine, name)
    async with on_engine(engine) as ui:
        await ui.until("a-shop", where="#functions")
        await ui.press("V")
        await ui.until("1 alive")
        engine.stop(9)
        await ui.until("is gone", "What is shown is from before.", "a-shop")
        fresh_engine(data_dir=engine.data_dir)
        await ui.until_gone("is gone")
        await ui.until("No environment lives.")
