"""The dashboard on 10,000 functions of which one writes 1,000 lines a second: what ``bench.busy`` looks at.

The service answers from memory, as in the tests; everything above it is the program itself.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, cast

from lambdatui.dashboard.app import LambdaTui
from lambdatui.model import FollowKind, FollowState, LogEvent, LogKind, TargetKind
from lambdatui.service import TargetSpec
from tests.dashboard.fake_account import version
from tests.dashboard.fakes import LOCAL, FakeService

FUNCTIONS, RATE = 10_000, 1000
BATCHES_A_SECOND = 20
TEXT = "INFO     charging card ****4242 for order {} at the gateway, attempt 1 of 3, request 7c1e22b0"


class BusyLogs:
    """A log of which more comes all the time, whichever function is asked for."""

    def __init__(self, lines_a_second: int) -> None:
        self._batch = lines_a_second // BATCHES_A_SECOND

    async def follow(self, group: str, **options: Any) -> AsyncIterator[list[LogEvent]]:
        options["on_state"](FollowState(FollowKind.FOLLOWING))
        if not self._batch:
            await asyncio.Event().wait()
        number, loop = 0, asyncio.get_running_loop()
        due = loop.time()
        while True:
            numbers = range(number, number + self._batch)
            yield [LogEvent(at, TEXT.format(at), "s", str(at), LogKind.OUTPUT) for at in numbers]
            number += self._batch
            due += 1 / BATCHES_A_SECOND
            await asyncio.sleep(max(0.0, due - loop.time()))


def crowd(functions: int = FUNCTIONS, lines_a_second: int = RATE) -> FakeService:
    """So many functions, ``f-00000`` and so on."""
    service = FakeService(LOCAL)
    for number in range(functions):
        service.store.add(version(f"f-{number:05d}", ago=timedelta(minutes=number)))
    service.logs = cast("Any", BusyLogs(lines_a_second))
    service.functions.page_size = functions
    service.stamped = 0
    return service


def main() -> None:
    gc.disable()  # as `run` does
    sys.setswitchinterval(0.001)
    service = crowd(lines_a_second=int(sys.argv[1]))
    LambdaTui(TargetSpec(TargetKind.LOCAL), opener=cast("Any", service.open)).run()


if __name__ == "__main__":
    main()
