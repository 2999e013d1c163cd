"""The dashboard on a real engine, before somebody who waits until something is to be seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from lambdatui.dashboard.app import LambdaTui
from lambdatui.dashboard.clipboard import Clipboard
from lambdatui.dashboard.screens.main import MainScreen
from lambdatui.model import TargetKind
from lambdatui.service import TargetSpec
from tests.conftest import EngineProcess
from tests.dashboard.driver import WITHIN, Person
from tests.engine.deploying import ROLE, zipped

HANDLER = """
def handler(event, context):
    print("order", event.get("order"))
    if "boom" in event:
        raise ValueError("no such order")
    return {"charged": True, "version": context.function_version}
"""


class Watcher(Person):
    """A person before whom others work, too: what they do is awaited by name."""

    async def settle(self) -> None:
        """The engine answers when it answers; what is awaited is named with `until`."""
        await self.pilot.pause()


@asynccontextmanager
async def on_engine(
    engine: EngineProcess, size: tuple[int, int] = (120, 40), **options: Any
) -> AsyncIterator[Watcher]:
    """The dashboard on this engine, with its own list read."""
    spec = TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir, **options)
    written: list[str] = []
    app = LambdaTui(spec, clipboard=Clipboard(written.append, environ={}))
    async with app.run_test(size=size, notifications=True) as pilot:
        person = Watcher(pilot, None)  # type: ignore[arg-type]
        async with asyncio.timeout(WITHIN):
            while not isinstance(app.screen, MainScreen):
                await pilot.pause(0.02)
        yield person


def create(engine: EngineProcess, name: str, code: str = HANDLER) -> None:
    """What `aws lambda create-function` does."""
    engine.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Handler="handler.handler",
        Role=ROLE,
        Code={"ZipFile": zipped({"handler.py": code})},
    )
