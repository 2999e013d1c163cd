"""Waiting for something to change, so that a screen hears of it soon and asks seldom.

Whoever looks sends the ``stamp`` of the last answer as ``since`` with ``wait_s``: the answer comes when the
stamp is another, or when the time is over. While nobody looks nothing here runs; somebody who does costs
ten comparisons a second, and one answer at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from lambdatui.engine.own.routes import Call

TICK_S = 0.1
LONGEST_LOOK_S = 8.0


async def changed(call: Call, stamp: Callable[[], str]) -> str:
    """The stamp as it is once it differs from the caller's, or the caller's patience is over."""
    since, patience = call.query.get("since"), call.number("wait_s", 0, LONGEST_LOOK_S)
    loop = asyncio.get_running_loop()
    until = loop.time() + patience
    # No event to wait for: who changes something tells nobody, so that it costs nothing when nobody looks.
    while (now := stamp()) == since and loop.time() < until and not call.engine.closing:  # noqa: ASYNC110
        await asyncio.sleep(TICK_S)
    return now
