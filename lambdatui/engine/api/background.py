"""What goes on after the answer: states that settle a moment later, on the engine's clock."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from lambdatui.engine.store import StoreUnavailable

if TYPE_CHECKING:
    from lambdatui.engine.engine import Engine

logger = logging.getLogger(__name__)
AGAIN_S = 1.0
_running: set[asyncio.Future[None]] = set()  # the loop itself only keeps weak references to tasks


def after_settling(engine: Engine, work: Callable[[], Awaitable[object]], times: float = 1.0) -> None:
    """Do ``work`` once the settle time, or ``times`` as much, is over."""
    engine.clock.call_later(engine.settings.settle * times, lambda: soon(work))


def soon(work: Callable[[], Awaitable[object]]) -> None:
    """Do ``work`` beside what runs."""
    task = asyncio.ensure_future(_guard(work))
    _running.add(task)
    task.add_done_callback(_running.discard)


async def _guard(work: Callable[[], Awaitable[object]]) -> None:
    """Do it again while the disk is full: a state must not hang for ever."""
    told = False
    while True:
        try:
            await work()
        except StoreUnavailable as error:
            if not told:
                logger.warning("what goes on in the background waits: %s", error)
            told = True
            await asyncio.sleep(AGAIN_S)
        except Exception:
            logger.exception("what goes on in the background failed")
            return
        else:
            return
