"""The sources screen on a real engine: a queue that is read and filtered, a shard that is blocked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.widgets import TextArea

from tests.conftest import EngineProcess
from tests.engine.deploying import deploy
from tests.journeys.watcher import on_engine

CODE = """\
import base64
def handler(event, context):
    for record in event["Records"]:
        if "kinesis" in record and base64.b64decode(record["kinesis"]["data"]) == b"bad":
            raise ValueError("no such click")
"""


def prepare(engine: EngineProcess) -> str:
    """A function that reads a queue and a stream whose first record it cannot take; the queue's URL."""
    client, sqs, kinesis = engine.client("lambda"), engine.client("sqs"), engine.client("kinesis")
    name = deploy(client, CODE, FunctionName="a-shop")
    url = str(sqs.create_queue(QueueName="orders")["QueueUrl"])
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    kinesis.create_stream(StreamName="clicks", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="clicks", WaiterConfig={"Delay": 1})
    stream = kinesis.describe_stream_summary(StreamName="clicks")["StreamDescriptionSummary"]["StreamARN"]
    client.create_event_source_mapping(FunctionName=name, EventSourceArn=queue)
    client.create_event_source_mapping(
        FunctionName=name, EventSourceArn=stream, StartingPosition="TRIM_HORIZON", BatchSize=1
    )
    kinesis.put_record(StreamName="clicks", Data=b"bad", PartitionKey="k")
    return url


async def test_a_queue_is_watched_filtered_and_paused_and_a_blocked_shard_named(
    fresh_engine: Callable[..., EngineProcess],
) -> None:
    engine = fresh_engine("--settle", "0")
    url = await asyncio.to_thread(prepare, engine)
    sqs = engine.client("sqs")
    async with on_engine(engine) as ui:
        await ui.until("a-shop", where="#functions")
        await ui.press("S")
        await ui.until("SQS orders", "Kinesis clicks", "▲ blocked", "2 mappings · 1 blocked")
        await ui.press(*_to(ui.text("LineTable"), "Kinesis clicks"))
        await ui.until("blocks shardId-000000000000, try", "ValueError", where="#details")
        await asyncio.to_thread(sqs.send_message, QueueUrl=url, MessageBody='{"kind": "tea"}')
        await ui.press(*_to(ui.text("LineTable"), "SQS orders"))
        await ui.until("1 read, 0 filtered out", where="#details")
        await ui.press("e")
        await ui.until("tea", "The record passes: there is no filter.")
        ui.app.screen.query_one("#pattern TextArea", TextArea).text = '{"body": {"kind": ["order"]}}'
        await ui.until('✗ body.kind is "tea", wanted "order"')
        await ui.press("ctrl+s")
        await ui.until("· 1 filter ·", where="#details")
        await asyncio.to_thread(sqs.send_message, QueueUrl=url, MessageBody='{"kind": "tea"}')
        await ui.until("1 filtered out", where="#details")
        await ui.press("s")
        await ui.until("◌ Disabled", where="#frame")
        await asyncio.to_thread(sqs.send_message, QueueUrl=url, MessageBody='{"kind": "order"}')
        await ui.press("s")
        await ui.until("● Enabled", "OK", where="#frame")


def _to(drawn: str, text: str) -> list[str]:
    """The keys that lead to the row with that text."""
    rows = drawn.splitlines()[1:]
    return ["g", *["j"] * next(number for number, row in enumerate(rows) if text in row)]
