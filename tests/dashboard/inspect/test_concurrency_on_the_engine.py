"""The concurrency screen on a real engine: a throttled function, and a reservation that is thought over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import deploy
from tests.journeys.watcher import on_engine


def prepare(engine: EngineProcess) -> None:
    """A function that is stopped and was called, and another one."""
    client = engine.client("lambda")
    for name in ("a-shop", "b-report"):
        deploy(client, "def handler(event, context):\n    return 1\n", FunctionName=name)
        client.invoke(FunctionName=name)
    client.put_function_concurrency(FunctionName="a-shop", ReservedConcurrentExecutions=0)
    with pytest.raises(client.exceptions.TooManyRequestsException) as refused:
        client.invoke(FunctionName="a-shop")
    assert refused.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


async def test_throttles_have_a_reason_and_a_reservation_is_seen_before_it_is_sent(
    fresh_engine: Callable[..., EngineProcess],
) -> None:
    engine = fresh_engine("--settle", "0")
    await asyncio.to_thread(prepare, engine)
    async with on_engine(engine) as ui:
        await ui.until("a-shop", where="#functions")
        await ui.press("K")
        await ui.until("0 reserved", "1,000 unreserved", "✗ 1 throttled", "✗ 0", where="#frame")
        await ui.until("ReservedFunctionConcurrentInvocationLimitExceeded: it is stopped", where="#details")
        await ui.press("enter")
        await ui.until("It stops a-shop")
        await ui.press("backspace", *"901")
        await ui.until("a-shop can have 900 at most.")
        await ui.press("backspace", "0", "enter")
        await ui.until_gone("Reserved concurrency of")
        await ui.until("900 reserved", "100 unreserved", where="#pool")
        found = await asyncio.to_thread(
            engine.client("lambda").get_function_concurrency, FunctionName="a-shop"
        )
        assert found["ReservedConcurrentExecutions"] == 900
        reserve = engine.client("lambda").put_function_concurrency
        await asyncio.to_thread(reserve, FunctionName="a-shop", ReservedConcurrentExecutions=40)
        await ui.until("40 reserved", "960 unreserved", where="#pool")  # another's change is seen
