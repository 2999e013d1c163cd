"""SHUTDOWN: what extensions are owed before the processes of an environment are killed.

Without extensions there is no such phase. With internal ones the runtime gets a SIGTERM and half a second,
with external ones all of them together two seconds: the runtime goes first, then the extensions hear of it.
"""

from __future__ import annotations

import asyncio
import signal

from lambdatui.engine.environments.extensions import SHUTDOWN, Extensions
from lambdatui.engine.environments.processes import Processes, gone
from lambdatui.engine.telemetry import Telemetry

INTERNAL_S, EXTERNAL_S = 0.5, 2.0
RUNTIME_SHARE = 0.3
FLUSH_S = 0.2  # for the last telemetry, before those who take it leave

SPINDOWN, TIMEOUT, FAILURE = "SPINDOWN", "TIMEOUT", "FAILURE"


async def bid(processes: Processes, extensions: Extensions, telemetry: Telemetry | None, reason: str) -> None:
    """Let everybody leave by themselves, as long as they may."""
    loop = asyncio.get_running_loop()
    external = extensions.external
    budget = EXTERNAL_S if external else INTERNAL_S
    until = loop.time() + budget
    runtime = processes.runtime
    if runtime is not None and not runtime.ended:
        runtime.signal(signal.SIGTERM)
        if not await gone(runtime, budget * RUNTIME_SHARE if external else budget):
            runtime.end()
            await gone(runtime, budget * RUNTIME_SHARE)
    if telemetry is not None:
        await telemetry.flush(FLUSH_S)
    extensions.shut_down(reason, max(0.0, until - loop.time()))
    for extension in external:
        if extension.process is None or extension.process.ended:
            continue
        if SHUTDOWN not in extension.events:
            extension.process.end()
        await gone(extension.process, max(0.0, until - loop.time()))
