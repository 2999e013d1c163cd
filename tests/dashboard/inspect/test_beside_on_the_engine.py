"""The services beside Lambda on a real engine: keys in, what really happens out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.conftest import EngineProcess
from tests.journeys.test_dashboard_on_the_engine import home, on_engine

__all__ = ["home"]  # a fixture


async def test_a_queue_is_made_filled_looked_into_and_deleted(
    fresh_engine: Callable[..., EngineProcess],
) -> None:
    engine = fresh_engine()
    async with on_engine(engine) as ui:
        await ui.until("echo", where="#functions")
        await ui.press("B")
        await ui.until("do not run. s starts them.")
        await ui.press("s")
        await ui.until("default", "bus")
        await ui.press("ctrl+n")
        await ui.until("New neighbour")
        await ui.press("ctrl+u")
        await ui.type("queue")
        await ui.press("tab")
        await ui.type("orders")
        await ui.press("enter")
        await ui.until("0 messages")
        await ui.press("g", "i")
        await ui.until("Put into queue orders", '"order": 42')
        await ui.press("ctrl+j")
        await ui.until("1 message")
        client = engine.client("sqs")
        await asyncio.to_thread(client.create_queue, QueueName="another")
        await ui.until("2 queues")
        await ui.press("g", "j", "enter")
        await ui.until("queue orders", "1 message", "receives 1", '"order": 42')
        await ui.press("escape")
        await ui.until("─ Neighbours ─")
        await ui.press("x")
        await ui.until("What it holds (1 message) is gone with it.")
        await ui.press("tab", "enter")
        await ui.until("1 queue ")
    assert "orders" not in str(await asyncio.to_thread(client.list_queues))
