"""Waiting until an app has nothing left to do, without sleeping.

Textual's own way looks at the clock: it sleeps for 20 ms three times a key, and up to a second each while
others use the machine. But all that a screen does, it does in one event loop, and that can be asked.
"""

from __future__ import annotations

import asyncio
from typing import Any

from textual import app, pilot
from textual._context import active_app

SOON = 0.025
"""Timers due within this time are waited for."""
HELD = 0.5
"""A thread that takes longer is held by its test."""
NAP = 0.5
"""Who sleeps no longer goes on by itself: it waits for a pause in the typing."""
PATIENCE = 20.0
"""A machine that others use may take seconds for one screen; no screen is busy for ever."""

_in_threads: set[asyncio.Future[Any]] = set()
_run_in_executor = asyncio.BaseEventLoop.run_in_executor


def _noted(loop: asyncio.BaseEventLoop, *call: Any) -> asyncio.Future[Any]:
    future = _run_in_executor(loop, *call)
    _in_threads.add(future)
    future.add_done_callback(_in_threads.discard)
    return future


async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Until the loop is at rest: nothing to run, to draw or under way in a thread, no timer soon.

    The arguments are those of the function that this one stands in for.
    """
    loop: Any = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while loop.time() < until:
        await _nothing_to_run(loop, until)
        threads = [future for future in _in_threads if future.get_loop() is loop]
        if threads and (await asyncio.wait(threads, timeout=HELD))[0]:
            continue
        frames = _frames()
        if frames and frames[-1]._active.is_set():
            active_app.get().screen._on_timer_update()
            continue
        idle = [getattr(timer._task, "_fut_waiter", None) for timer in frames]
        timers = [each for each in loop._scheduled if not each.cancelled()]
        due = min(
            (each.when() for each in timers if not any(arg in idle for arg in each._args)), default=until
        )
        if due >= loop.time() + SOON:
            return
        await asyncio.sleep(max(0.0, due - loop.time()))


def _frames() -> list[Any]:
    """The timers by which screens draw what changed; the last one is that of the screen in sight."""
    app = active_app.get(None)
    return [screen._update_timer for screen in app.screen_stack] if app is not None else []


async def _nothing_to_run(loop: Any, until: float) -> None:
    """Two rounds of the loop, each of which looks at files and sockets too, without anything to do."""
    quiet = 0
    while quiet < 2 and loop.time() < until:
        await asyncio.sleep(0)
        quiet = 0 if loop._ready else quiet + 1


def asleep_for(task: asyncio.Task[Any] | None) -> float:
    """Seconds until a task that sleeps for a moment goes on; 0 for one that waits for something else."""
    loop: Any = asyncio.get_running_loop()
    waiter = getattr(task, "_fut_waiter", None)
    timers = [each for each in loop._scheduled if waiter and not each.cancelled()]
    due = [each.when() - loop.time() for each in timers if waiter in each._args]
    return max((rest for rest in due if rest <= NAP), default=0.0)


def install() -> None:
    """Pilots wait this way from now on."""
    asyncio.BaseEventLoop.run_in_executor = _noted  # type: ignore[method-assign, assignment]
    for module in (app, pilot):
        module.wait_for_idle = wait_for_idle  # type: ignore[attr-defined]
