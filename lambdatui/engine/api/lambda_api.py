"""The Lambda API as a whole: the modules that hold its operations, and what goes on beside requests."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from lambdatui.engine.api import (
    account_settings,
    aliases,
    background,
    capacity_providers,
    code,
    code_signing,
    concurrency,
    configuration,
    durable_executions,
    event_invoke,
    functions,
    invoke,
    invoke_stream,
    layers,
    mappings,
    policies,
    provisioned_concurrency,
    recursion,
    runtime_management,
    scaling,
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
    code,
    configuration,
    versions,
    aliases,
    invoke,
    invoke_stream,
    event_invoke,
    mappings,
    layers,
    policies,
    urls,
    concurrency,
    provisioned_concurrency,
    scaling,
    tags,
    code_signing,
    runtime_management,
    recursion,
    account_settings,
    capacity_providers,
    durable_executions,
)
COLLECT_EVERY_S = 3600.0


def resume(engine: Engine) -> None:
    """Finish what was under way when the engine last ended, and begin to keep house."""
    for family in (states, mappings, provisioned_concurrency, capacity_providers):
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
