"""The Lambda API as a whole: the modules that hold its operations, and what goes on beside requests."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from lambdatui.engine.api import (
    account,
    aliases,
    background,
    capacity,
    code_signing,
    concurrency,
    durable,
    event_invoke,
    function_settings,
    functions,
    invoke,
    invoke_stream,
    layers,
    mappings,
    policies,
    provisioned,
    states,
    tags,
    urls,
    versions,
)
from lambdatui.engine.store import functions as rows

if TYPE_CHECKING:
    from lambdatui.engine.engine import Engine

logger = logging.getLogger(__name__)

MODULES: tuple[object, ...] = (
    functions,
    versions,
    aliases,
    invoke,
    invoke_stream,
    mappings,
    event_invoke,
    layers,
    policies,
    urls,
    concurrency,
    provisioned,
    tags,
    account,
    function_settings,
    code_signing,
    capacity,
    durable,
)
COLLECT_EVERY_S = 3600.0


def resume(engine: Engine) -> None:
    """Finish what was under way when the engine last ended, and begin to keep house."""
    for family in (states, mappings, provisioned, capacity):
        family.resume(engine)
    background.soon(lambda: _keep_house(engine))


async def _keep_house(engine: Engine) -> None:
    """Delete code that nothing names any more, now and every hour, for as long as the engine runs."""
    while True:
        referenced = await engine.store.main.scan(rows.referenced_code)
        gone = await asyncio.to_thread(engine.store.blobs.collect, referenced)
        if gone:
            logger.info("collected %d packages that nothing names", gone)
        await asyncio.sleep(COLLECT_EVERY_S)
