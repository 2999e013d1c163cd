"""Follow a log."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime

from lambdatui.headless.output import OK, jsonable, say, when
from lambdatui.model import FollowKind, FollowState, LogEvent
from lambdatui.service import Service


async def tail(service: Service, options: argparse.Namespace) -> int:
    """A function's log, until its end or for ever."""
    group = options.function
    if not group.startswith("/"):
        group = (await service.functions.get(group)).latest.log_group
    since_ms = int((time.time() - options.since) * 1000)
    events: AsyncIterator[list[LogEvent]]
    if options.no_follow:
        events = service.logs.since(group, since_ms)
    else:
        events = service.logs.follow(group, since_ms=since_ms, on_state=lambda state: _tell(group, state))
    async for batch in events:
        for event in batch:
            if options.json:
                print(json.dumps(jsonable(asdict(event))))
            else:
                print(f"{when(datetime.fromtimestamp(event.timestamp_ms / 1000, UTC))}  {event.message}")
        sys.stdout.flush()
    return OK


def _tell(group: str, state: FollowState) -> None:
    match state.kind:
        case FollowKind.ABSENT:
            say(f"{group}: no logs yet")
        case FollowKind.THROTTLED | FollowKind.UNREACHABLE:
            say(f"{state.sentence} Asking again in {state.retry_s:.0f} s.")
