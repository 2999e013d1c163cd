"""What a task of a working day has before it, works on, and may take."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import EngineProcess
from tests.engine.deploying import ROLE, zipped
from tests.journeys.worker import Worker

HANDLER = """\
def handler(event, context):
    print("order", event.get("order"))
    if "boom" in event:
        raise ValueError("no such order")
    return {"order": event.get("order"), "version": context.function_version}
"""


@dataclass(frozen=True, slots=True)
class Day:
    """What a task works on."""

    engine: EngineProcess
    name: str
    folder: Path

    async def call(self, operation: str, **arguments: Any) -> Any:
        """What somebody else's client sees."""
        done = getattr(self.engine.client("lambda"), operation)
        return await asyncio.to_thread(done, FunctionName=self.name, **arguments)

    def create(self, name: str = "", **settings: Any) -> None:
        self.engine.client("lambda").create_function(
            FunctionName=name or self.name,
            Runtime="python3.11",
            Handler="handler.handler",
            Role=ROLE,
            Code={"ZipFile": zipped({"handler.py": HANDLER})},
            **settings,
        )

    def versions(self, count: int) -> None:
        """A function with versions, and prod at the first."""
        self.create()
        client = self.engine.client("lambda")
        for number in range(1, count + 1):
            client.get_waiter("function_updated_v2").wait(FunctionName=self.name)
            client.update_function_configuration(FunctionName=self.name, MemorySize=128 + number)
            client.get_waiter("function_updated_v2").wait(FunctionName=self.name)
            client.publish_version(FunctionName=self.name)
        client.create_alias(FunctionName=self.name, Name="prod", FunctionVersion="1")


Steps = Callable[[Worker, Day], Awaitable[None]]
TASKS: list[tuple[int, Steps, Callable[[Day], None]]] = []


def nothing(_: Day) -> None:
    """The task begins with nothing of its own."""


def task(most: int, before: Callable[[Day], None] = Day.create) -> Callable[[Steps], Steps]:
    """A task, the most keys it may take, and what there is before it."""

    def keep(steps: Steps) -> Steps:
        TASKS.append((most, steps, before))
        return steps

    return keep
