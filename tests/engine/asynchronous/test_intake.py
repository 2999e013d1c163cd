"""Events that come one after the other, yet together, share a commit."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from lambdatui.engine.intake import Intake
from lambdatui.engine.store.database import Database
from lambdatui.engine.store.events import EventRecord

CALLERS = 8


def event(number: int) -> EventRecord:
    return EventRecord(
        number, "000000000000", "us-east-1", "f", None, f"r-{number}", b"{}", None, None, None, 0.0, 0.0
    )


class Commits:
    """Keeps nothing; knows how many events each commit was given."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    async def write(self, change: Any, size: int) -> None:
        self.sizes.append(size // len(event(0).payload))
        await asyncio.sleep(0)


async def test_who_sends_the_next_event_once_the_last_is_kept_shares_commits_with_others() -> None:
    commits, over = Commits(), asyncio.Event()
    intake = Intake(cast(Database, commits), lambda kept: None)
    sent = [0] * CALLERS

    def send(caller: int, rounds: int) -> None:
        """In so many rounds of the event loop: no two callers are equally quick."""
        if rounds:
            asyncio.get_running_loop().call_soon(send, caller, rounds - 1)
        elif sent[caller] < 10:
            sent[caller] += 1
            intake.take(event(caller), lambda error: send(caller, caller + 1))
        elif sum(sent) == 10 * CALLERS:
            over.set()

    for caller in range(CALLERS):
        send(caller, 0)
    async with asyncio.timeout(10):
        await over.wait()
    assert commits.sizes[:3] == [CALLERS] * 3, commits.sizes
