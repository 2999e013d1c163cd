"""A believable load on the sample functions, so that every screen has something to show."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lambdatui.model import InvocationType
from lambdatui.service.errors import NotFound, ServiceError, Throttled, Unreachable

if TYPE_CHECKING:
    from lambdatui.service.facade import Service

MOST_A_SECOND = 20.0
"""However fast it is asked for: a demonstration is no load test."""
AT_ONCE = 12
"""Invocations under way at any time; who is slow holds back the rest."""
BURST_EVERY_S = 15.0
"""So often a crowd comes, and environments are born for it."""
BURST = 6


@dataclass(frozen=True, slots=True)
class Visit:
    """One kind of call, and how often it comes among the others."""

    name: str
    function: str
    weight: int
    payload: Mapping[str, Any]
    kind: InvocationType = InvocationType.REQUEST_RESPONSE


VISITS = (
    Visit("greetings", "hello", 8, {"name": "Ada"}),
    Visit("echoes", "echo", 4, {"order": 42, "items": ["tea", "milk"]}),
    Visit("chatter", "chatty", 1, {"lines": 20}),
    Visit("events", "flaky", 4, {"order": 7}, InvocationType.EVENT),
    Visit("orders", "flaky", 2, {"order": 8}),
    Visit("naps", "slow", 2, {"seconds": 1.5}),
    Visit("timeouts", "slow", 1, {"seconds": 9}, InvocationType.EVENT),
    Visit("hunger", "hungry", 1, {"megabytes": 60}),
    Visit("gluttony", "hungry", 1, {"megabytes": 400}, InvocationType.EVENT),
)
_CROWD = Visit("bursts", "slow", 0, {"seconds": 1})


@dataclass(slots=True)
class Tally:
    """What came of the calls."""

    sent: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    """Answered with an error of the function."""
    refused: int = 0
    """Not run at all: throttled, or the function is not there."""

    @property
    def total(self) -> int:
        return sum(self.sent.values())


class Traffic:
    """Sends calls at a steady rate, with a crowd now and then, until it is cancelled."""

    def __init__(self, service: Service, *, rate: float = 4.0, seed: int | None = None) -> None:
        self.tally = Tally()
        self._service = service
        self._pause = 1 / min(MOST_A_SECOND, max(0.1, rate))
        self._chance = random.Random(seed)  # noqa: S311 - what comes next is no secret
        self._room = asyncio.Semaphore(AT_ONCE)

    async def run(self, seconds: float | None = None) -> None:
        """Send until cancelled, or for so many seconds; what is under way then is awaited."""
        loop = asyncio.get_running_loop()
        ends = None if seconds is None else loop.time() + seconds
        crowd = loop.time() + BURST_EVERY_S / 3
        async with asyncio.TaskGroup() as calls:
            while ends is None or loop.time() < ends:
                if loop.time() >= crowd:
                    crowd += BURST_EVERY_S
                    for _ in range(BURST):
                        calls.create_task(self._send(_CROWD))
                await self._room.acquire()
                self._room.release()
                calls.create_task(self._send(self._next()))
                await asyncio.sleep(self._pause * self._chance.uniform(0.5, 1.5))

    def _next(self) -> Visit:
        return self._chance.choices(VISITS, [visit.weight for visit in VISITS])[0]

    async def _send(self, visit: Visit) -> None:
        async with self._room:
            payload = json.dumps(visit.payload).encode()
            try:
                run = await self._service.invoker.invoke(
                    visit.function, payload, type=visit.kind, remember=False
                )
            except (NotFound, Throttled):
                self.tally.refused += 1
            except Unreachable:
                raise
            except ServiceError:  # a fault that somebody armed
                self.tally.failed += 1
            else:
                self.tally.sent[visit.name] += 1
                self.tally.failed += run.function_error is not None
