"""Queues, topics, buckets, streams, tables and buses beside the local engine, seen through the service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest

from lambdatui.model import TargetKind
from lambdatui.model.neighbours import Neighbour, NeighbourKind, NeighboursState
from lambdatui.service import Service, TargetSpec, errors, open_target
from lambdatui.service.neighbours import Neighbours
from lambdatui.service.neighbours.tables import plain, typed
from tests.conftest import EngineProcess

WITHIN_S = 20.0


@pytest.fixture
async def service(engine: EngineProcess) -> AsyncIterator[Service]:
    opened = await open_target(TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir), interactive=False)
    yield opened
    await opened.close()


@pytest.fixture
def neighbours(service: Service) -> Neighbours:
    assert service.neighbours is not None
    return service.neighbours


async def made(neighbours: Neighbours, kind: NeighbourKind, name: str) -> Neighbour:
    """A neighbour of that name, ready."""
    await neighbours.create(kind, name)
    async with asyncio.timeout(WITHIN_S):
        while True:
            one = await found(neighbours, kind, name)
            if one is not None and not {"creating", "updating"}.intersection(one.notes):
                return one
            await asyncio.sleep(0.1)


async def found(neighbours: Neighbours, kind: NeighbourKind, name: str) -> Neighbour | None:
    view = await neighbours.view(wake=True)
    assert view.state is NeighboursState.READY
    return next((one for one in view.neighbours if (one.kind, one.name) == (kind, name)), None)


async def test_nobody_is_woken_by_looking(fresh_engine: Callable[..., EngineProcess]) -> None:
    engine = fresh_engine()
    spec = TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir)
    service = await open_target(spec, interactive=False)
    try:
        assert service.neighbours is not None
        for _ in range(2):
            assert (await service.neighbours.view()).state is NeighboursState.ASLEEP
        view = await service.neighbours.view(wake=True)
        assert view.state is NeighboursState.READY
        assert [one.name for one in view.neighbours] == ["default"]
        assert (await service.neighbours.view()).stamp == view.stamp
    finally:
        await service.close()


async def test_who_is_switched_off_says_so(fresh_engine: Callable[..., EngineProcess]) -> None:
    engine = fresh_engine("--neighbours", "off")
    spec = TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir)
    service = await open_target(spec, interactive=False)
    try:
        assert service.neighbours is not None
        view = await service.neighbours.view(wake=True)
        assert view.state is NeighboursState.ABSENT
        assert "switched off" in view.sentence
    finally:
        await service.close()


async def test_messages_are_seen_and_stay(neighbours: Neighbours) -> None:
    queue = await made(neighbours, NeighbourKind.QUEUE, "seen")
    for number in range(12):
        await neighbours.put(queue, f'{{"order": {number}}}', {})
    inside = await neighbours.inside(queue)
    assert len(inside.items) == 12
    assert "adds 1 to the receive count" in inside.effect
    again = await neighbours.inside(queue)
    assert {item.id for item in again.items} == {item.id for item in inside.items}
    assert all(dict(item.details)["receives"] == "2" for item in again.items)
    counted = await found(neighbours, NeighbourKind.QUEUE, "seen")
    assert counted is not None
    assert (counted.count, counted.notes) == (12, ())
    await neighbours.delete(queue)
    assert await found(neighbours, NeighbourKind.QUEUE, "seen") is None


async def test_a_queue_that_gives_up_says_what_looking_risks(
    neighbours: Neighbours, engine: EngineProcess
) -> None:
    last = await made(neighbours, NeighbourKind.QUEUE, "gave-up")
    policy = json.dumps({"deadLetterTargetArn": last.arn, "maxReceiveCount": "3"})
    create = engine.client("sqs").create_queue
    await asyncio.to_thread(create, QueueName="gives-up", Attributes={"RedrivePolicy": policy})
    queue = await found(neighbours, NeighbourKind.QUEUE, "gives-up")
    assert queue is not None
    assert queue.risk == "After 3 receives a message goes to gave-up."
    assert queue.risk in (await neighbours.inside(queue)).effect


async def test_a_fifo_queue_asks_for_its_group(neighbours: Neighbours) -> None:
    queue = await made(neighbours, NeighbourKind.QUEUE, "in-order.fifo")
    assert queue.fields == ("group", "deduplication")
    await neighbours.put(queue, "1", {"group": "a", "deduplication": "x"})
    await neighbours.put(queue, "2", {"group": "a", "deduplication": "x"})
    assert [item.text for item in (await neighbours.inside(queue)).items] == ["1"]


async def test_an_object_is_listed_and_read(neighbours: Neighbours) -> None:
    bucket = await made(neighbours, NeighbourKind.BUCKET, "neighbour-objects")
    with pytest.raises(errors.Invalid, match="needs a key"):
        await neighbours.put(bucket, "text", {})
    await neighbours.put(bucket, "grün", {"key": "orders/42.txt"})
    await neighbours.put(bucket, "", {"key": "empty"})
    await neighbours.put(bucket, "x" * 20_000, {"key": "large"})
    items = {item.id: item for item in (await neighbours.inside(bucket)).items}
    assert await neighbours.read(bucket, items["orders/42.txt"]) == "grün"
    assert await neighbours.read(bucket, items["empty"]) == ""
    assert (await neighbours.read(bucket, items["large"])).endswith("x\n… 3,616 bytes more")
    await neighbours.delete(bucket)
    assert await found(neighbours, NeighbourKind.BUCKET, "neighbour-objects") is None


async def test_records_are_read_newest_first(neighbours: Neighbours) -> None:
    stream = await made(neighbours, NeighbourKind.STREAM, "neighbour-stream")
    for number in range(3):
        await neighbours.put(stream, str(number), {"partition key": "k"})
    for _ in range(2):
        items = (await neighbours.inside(stream)).items
        assert sorted(item.text for item in items) == ["0", "1", "2"]
        assert items[0].when is not None
        assert items[-1].when is not None
        assert items[0].when >= items[-1].when
        assert dict(items[0].details)["partition key"] == "k"


async def test_items_of_a_table_in_plain_json(neighbours: Neighbours) -> None:
    table = await made(neighbours, NeighbourKind.TABLE, "neighbour-table")
    await neighbours.put(table, table.sample, {})
    await neighbours.put(table, '{"id": "b", "total": 1.5, "tags": {"SS": ["x", "y"]}, "old": null}', {})
    texts = sorted(item.text for item in (await neighbours.inside(table)).items)
    assert texts[1] == '{"id": "id-42"}'
    assert '"total": 1.5' in texts[0]
    assert '"tags": {"SS": ["x", "y"]}' in texts[0]
    with pytest.raises(errors.Invalid, match="not JSON"):
        await neighbours.put(table, "{", {})
    with pytest.raises(errors.Invalid, match="JSON object"):
        await neighbours.put(table, "[]", {})


async def test_who_hears_of_a_topic_and_which_rules_a_bus_has(
    neighbours: Neighbours, engine: EngineProcess
) -> None:
    queue = await made(neighbours, NeighbourKind.QUEUE, "hears")
    topic = await made(neighbours, NeighbourKind.TOPIC, "says")
    subscribe = engine.client("sns").subscribe
    await asyncio.to_thread(subscribe, TopicArn=topic.arn, Protocol="sqs", Endpoint=queue.arn)
    await neighbours.put(topic, "hello", {"subject": "greeting"})
    assert '"Message": "hello"' in (await neighbours.inside(queue)).items[0].text
    counted = await found(neighbours, NeighbourKind.TOPIC, "says")
    assert counted is not None
    assert counted.count == 1
    assert (await neighbours.inside(topic)).items[0].text == f"sqs {queue.arn}"

    bus = await made(neighbours, NeighbourKind.BUS, "shop")
    put_rule = engine.client("events").put_rule
    pattern = '{"source": ["shop"]}'
    await asyncio.to_thread(put_rule, Name="orders", EventBusName="shop", EventPattern=pattern)
    item = (await neighbours.inside(bus)).items[0]
    assert (item.id, item.text, dict(item.details)["state"]) == ("orders", pattern, "ENABLED")
    await neighbours.put(bus, bus.sample, {})
    with pytest.raises(errors.Invalid, match="detail is missing"):
        await neighbours.put(bus, '{"source": "a", "detail-type": "b"}', {})


async def test_a_target_opened_read_only_is_not_put_into(engine: EngineProcess) -> None:
    spec = TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir, read_only=True)
    service = await open_target(spec, interactive=False)
    try:
        assert service.neighbours is not None
        view = await service.neighbours.view(wake=True)
        bus = next(one for one in view.neighbours if one.kind is NeighbourKind.BUS)
        with pytest.raises(errors.ReadOnly):
            await service.neighbours.put(bus, bus.sample, {})
    finally:
        await service.close()


@pytest.mark.parametrize(
    "value",
    [
        None, True, 1, -1.5, "text", [1, ["a"]], {"a": {"b": None}},
        {"SS": ["a", "b"]}, {"NS": ["1"]}, {"B": "AAE="}, {"BS": ["AAE="]}, {"B": "x", "C": 1},
    ],
)  # fmt: skip
def test_values_of_dynamodb_and_back(value: object) -> None:
    assert plain(typed(value)) == value
