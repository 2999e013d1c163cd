"""The services beside Lambda on a real engine: keys in, what really happens out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.conftest import EngineProcess
from tests.engine.deploying import deploy
from tests.journeys.watcher import on_engine

DLQ = "arn:aws:sqs:us-east-1:000000000000:orders-dlq"
CODE = """\
def handler(event, context):
    if event.get("boom"):
        raise ValueError("no such order")
    return 1
"""


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
        await ui.until("Delete queue orders?")
        await ui.press("tab", "enter")
        await ui.until("1 queue ")
    assert "orders" not in str(await asyncio.to_thread(client.list_queues))


async def test_an_event_that_failed_is_read_edited_and_brought_back(
    fresh_engine: Callable[..., EngineProcess],
) -> None:
    engine = fresh_engine()
    client, sqs = engine.client("lambda"), engine.client("sqs")
    name = await asyncio.to_thread(
        deploy, client, CODE, FunctionName="a-shop", DeadLetterConfig={"TargetArn": DLQ}
    )
    settings = {"FunctionName": name, "MaximumRetryAttempts": 0}
    await asyncio.to_thread(client.put_function_event_invoke_config, **settings)
    async with on_engine(engine) as ui:
        await ui.until("a-shop", where="#functions")
        await ui.press("D")
        await ui.until("do not run. s starts them.")
        await asyncio.to_thread(sqs.create_queue, QueueName="orders-dlq")
        event = {"FunctionName": name, "InvocationType": "Event", "Payload": b'{"boom": 1}'}
        await asyncio.to_thread(client.invoke, **event)
        await ui.until("orders-dlq", "events of a-shop", "1 message")
        await ui.press("enter")
        await ui.until("200 no such order", '{"boom": 1}', "dead letter")
        await ui.press("e")
        await ui.until("Redrive ", "To function", "a-shop")
        await ui.press("tab", "f7", "backspace")
        await ui.type("{")
        await ui.press("ctrl+j")
        await ui.until("is not JSON", "Redrive ")
        await ui.type("}")
        await ui.press("ctrl+j")
        await ui.until("1 of 1 message brought back to function a-shop.", "orders-dlq is empty.")
        await ui.press("Q", "3")
        await ui.until("done 1")
        await ui.press("enter")
        await ui.until("─ Event ─", "ended well")
