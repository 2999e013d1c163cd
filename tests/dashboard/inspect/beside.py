"""The services beside Lambda, answered from memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from lambdatui.model.neighbours import (
    Inside,
    Item,
    Neighbour,
    NeighbourKind,
    NeighboursState,
    NeighboursView,
)
from lambdatui.service.errors import NotFound
from tests.dashboard.fake_account import ACCOUNT, NOW, REGION, Gates
from tests.dashboard.fakes import FakeService
from tests.dashboard.inspect.inside import engine

SAMPLE = '{\n  "order": 42\n}'


def neighbour(kind: NeighbourKind, name: str, number: int, what: str, **more: object) -> Neighbour:
    service = {"queue": "sqs", "topic": "sns", "table": "dynamodb", "stream": "kinesis", "bus": "events"}
    arn = f"arn:aws:{service.get(kind, 's3')}:{REGION}:{ACCOUNT}:{name}"
    return Neighbour(kind, name, arn, count=number, what=what, sample=SAMPLE, **more)  # type: ignore[arg-type]


ALL = (
    neighbour(
        NeighbourKind.QUEUE, "orders", 12, "message",
        address=f"http://127.0.0.1:4574/{ACCOUNT}/orders",
        notes=("2 in flight", "gives up to orders-dlq"),
        risk="After 3 receives a message goes to orders-dlq.",
    ),
    neighbour(NeighbourKind.QUEUE, "orders-dlq", 3, "message"),
    neighbour(NeighbourKind.TOPIC, "failures", 1, "subscription", fields=("subject",)),
    neighbour(NeighbourKind.BUCKET, "invoices", 1000, "object", more=True, fields=("key",)),
    neighbour(NeighbourKind.STREAM, "clicks", 2, "shard", fields=("partition key",)),
    neighbour(NeighbourKind.TABLE, "customers", 4, "item", notes=("key id", "has a stream")),
    neighbour(NeighbourKind.BUS, "default", 0, "rule"),
)  # fmt: skip


def item(number: int, text: str, **more: object) -> Item:
    when = NOW - timedelta(minutes=5 * number)
    details = (("receives", "1"), ("ErrorCode", "200"))
    return Item(f"5fea7756-0000-4000-8000-{number:012}", text, when, len(text), details, **more)


MESSAGES = (
    item(1, '{"order": 42, "items": ["tea", "milk"]}'),
    item(2, '{"order": 43}'),
    item(3, "not JSON at all"),
)


class FakeNeighbours:
    def __init__(self, gates: Gates) -> None:
        self.gates = gates
        self.state = NeighboursState.READY
        self.sentence = ""
        self.all = list(ALL)
        self.drafts: dict[str, str] = {}
        self.inside_now = Inside(MESSAGES, effect="Looking receives: each look adds 1 to the receive count.")

    async def view(self, *, wake: bool = False) -> NeighboursView:
        await self.gates.pass_through("look")
        if self.state is NeighboursState.ASLEEP and wake:
            self.state = NeighboursState.READY
        shown = tuple(self.all) if self.state is NeighboursState.READY else ()
        return NeighboursView(str(hash((self.state, shown))), self.state, self.sentence, shown)

    async def inside(self, one: Neighbour) -> Inside:
        await self.gates.pass_through("inside", one.name)
        if one not in self.all:
            raise NotFound(f"{one.name} is gone.")
        return self.inside_now

    async def read(self, one: Neighbour, item: Item) -> str:
        return item.text

    async def put(self, one: Neighbour, text: str, values: Mapping[str, str]) -> str:
        await self.gates.pass_through("put", one.name, text, dict(values))
        at = self.all.index(one)
        self.all[at] = replace(one, count=(one.count or 0) + 1)
        return f"{one.name} took it."

    async def create(self, kind: NeighbourKind, name: str) -> None:
        await self.gates.pass_through("create", kind, name)
        self.all.append(neighbour(kind, name, 0, "message"))

    async def delete(self, one: Neighbour) -> None:
        await self.gates.pass_through("delete_neighbour", one.name)
        self.all.remove(one)


def beside() -> tuple[FakeService, FakeNeighbours]:
    """The shop on an engine with neighbours."""
    service, _ = engine()
    service.neighbours = FakeNeighbours(service.gates)
    return service, service.neighbours
