"""Queues, topics, buckets, streams, tables and buses beside a local engine: see, look inside, put.

They answer at the engine's own endpoint, and start when they are first asked: `Neighbours.view` asks nobody
that is not awake, unless told to wake them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from operator import attrgetter
from typing import Protocol

from lambdatui.model.neighbours import Inside, Item, Neighbour, NeighbourKind, NeighboursState, NeighboursView
from lambdatui.service.clean import clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import Invalid
from lambdatui.service.neighbours.buckets import Buckets
from lambdatui.service.neighbours.buses import Buses
from lambdatui.service.neighbours.queues import Queues
from lambdatui.service.neighbours.streams import Streams
from lambdatui.service.neighbours.tables import Tables
from lambdatui.service.neighbours.topics import Topics
from lambdatui.service.together import together

_STATES = {
    "not started": NeighboursState.ASLEEP,
    **dict.fromkeys(("off", "not installed", "failed"), NeighboursState.ABSENT),
}
_JSON_ONLY = frozenset({NeighbourKind.TABLE, NeighbourKind.BUS})


class Holder(Protocol):
    """What is asked of each service beside Lambda."""

    async def all(self) -> list[Neighbour]: ...

    async def inside(self, one: Neighbour) -> Inside: ...

    async def put(self, one: Neighbour, text: str, values: Mapping[str, str]) -> str: ...

    async def create(self, name: str) -> None: ...

    async def delete(self, one: Neighbour) -> None: ...


class Neighbours:
    """Everything beside Lambda at one endpoint."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._buckets = Buckets(connection)
        self.drafts: dict[str, str] = {}
        """What a person typed last, by the ARN of what it was for."""
        self._services: dict[NeighbourKind, Holder] = {
            NeighbourKind.QUEUE: Queues(connection),
            NeighbourKind.TOPIC: Topics(connection),
            NeighbourKind.BUCKET: self._buckets,
            NeighbourKind.STREAM: Streams(connection),
            NeighbourKind.TABLE: Tables(connection),
            NeighbourKind.BUS: Buses(connection),
        }

    async def view(self, *, wake: bool = False) -> NeighboursView:
        """All there is. Who sleeps is let sleep, unless ``wake``."""
        state, sentence = await self.state()
        if state is NeighboursState.ABSENT or (state is NeighboursState.ASLEEP and not wake):
            return _seen(state, sentence)
        found = await together(service.all() for service in self._services.values())
        ordered = (one for some in found for one in sorted(some, key=attrgetter("name")))
        return _seen(NeighboursState.READY, sentence, tuple(ordered))

    async def state(self) -> tuple[NeighboursState, str]:
        """Whether they answer, and the sentence that says more; asks only the engine."""
        raw = (await self._connection.signed("GET", "/_lambdatui/status")).get("neighbours", {})
        state = _STATES.get(str(raw.get("state", "")), NeighboursState.READY)
        return state, clean_line(str(raw.get("sentence", "")))

    async def inside(self, one: Neighbour) -> Inside:
        """What it holds, the first hundred or so."""
        return await self._services[one.kind].inside(one)

    async def read(self, one: Neighbour, item: Item) -> str:
        """The content of something inside; of a large object the beginning."""
        if one.kind is NeighbourKind.BUCKET and item.size:
            return await self._buckets.read(one, item.id)
        return item.text

    async def put(self, one: Neighbour, text: str, values: Mapping[str, str]) -> str:
        """Put something into it, as if it had come from outside; a sentence that says what became of it.
        ``values``: what its ``fields`` ask for."""
        if one.kind in _JSON_ONLY and not isinstance(parsed(text), dict):
            raise Invalid(f"What a {one.kind} takes is a JSON object.")
        return await self._services[one.kind].put(one, text, values)

    async def create(self, kind: NeighbourKind, name: str) -> None:
        """Make a simple one."""
        await self._services[kind].create(name)

    async def delete(self, one: Neighbour) -> None:
        """Delete it, with all it holds."""
        await self._services[one.kind].delete(one)


def parsed(text: str) -> object:
    """JSON, or Invalid with where it stops being JSON."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise Invalid(f"This is not JSON: {error}.") from error
    except RecursionError as error:
        raise Invalid("This is nested too deeply.") from error


def _seen(
    state: NeighboursState, sentence: str = "", neighbours: tuple[Neighbour, ...] = ()
) -> NeighboursView:
    stamp = sha256(repr((state, sentence, neighbours)).encode()).hexdigest()
    return NeighboursView(stamp, state, sentence, neighbours)
