"""Where payloads come from: saved ones, what was sent, what the function got, samples, files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from lambdatui.dashboard.function.subject import attempt
from lambdatui.dashboard.panes.pane import Clock
from lambdatui.events import Sample, build, catalog
from lambdatui.service.errors import ServiceError
from lambdatui.service.last_event import laid_out

if TYPE_CHECKING:
    from lambdatui.model import Invocation
    from lambdatui.service import Service

SENT_BEFORE = 12
"""Different payloads of the history that are offered."""


class Kind(StrEnum):
    """What an entry is, as it is written in the list."""

    SAVED = "saved"
    SHARED = "shared"
    LAST = "last got"
    SENT = "sent"
    FILE = "file"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can become the payload."""

    kind: Kind
    name: str
    about: str
    load: Callable[[], Awaitable[str]]
    size: int | None = None
    when: datetime | None = None
    sample: Sample | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class Found:
    """The entries, and what could not be looked at."""

    entries: list[Entry]
    problems: list[str]


class Sources:
    """Everything that can be sent to one function."""

    def __init__(self, service: Service, function: str, group: str, now: Clock) -> None:
        self.service = service
        self.function = function
        self.group = group
        self.now = now

    async def all(self) -> Found:
        """The entries, the nearest first; a part that fails leaves the others."""
        asked = [self._saved(), self._shared(), self._last(), self._sent()]
        found: list[Entry] = []
        problems: list[str] = []
        for part in await asyncio.gather(*(attempt(one) for one in asked)):
            if isinstance(part, ServiceError):
                problems.append(part.sentence)
            else:
                found += part
        about = "a file of this machine, up to 8 MB"
        found.append(Entry(Kind.FILE, "from a file…", about, _nothing))
        return Found([*found, *self._samples()], problems)

    async def _saved(self) -> list[Entry]:
        saved = self.service.saved_events
        return [
            Entry(Kind.SAVED, one.name, "", partial(saved.read, self.function, one.name), one.size, one.saved)
            for one in await saved.of(self.function)
        ]

    async def _shared(self) -> list[Entry]:
        if self.service.shared_events is None:
            return []
        shared = await self.service.shared_events.of(self.function)
        about = "shareable test event of the Lambda console"
        return [
            Entry(Kind.SHARED, name, about, partial(_given, text), len(text.encode()))
            for name, text in shared.items()
        ]

    async def _last(self) -> list[Entry]:
        now_ms = int(self.now().timestamp() * 1000)
        last = await self.service.last_events.of(self.function, self.group, now_ms)
        if last is None:
            return []
        when = datetime.fromtimestamp(last.at_ms / 1000, UTC)
        size = len(last.payload.encode())
        return [Entry(Kind.LAST, "last real event", last.origin, partial(_given, last.payload), size, when)]

    async def _sent(self) -> list[Entry]:
        runs = different(await self.service.history.of(self.function))
        return [
            Entry(
                Kind.SENT,
                run.started.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
                _came_of(run),
                partial(_given, laid_out(run.payload.decode("utf-8", "replace"))),
                len(run.payload),
                run.started,
            )
            for run in runs
        ]

    def _samples(self) -> list[Entry]:
        return [
            Entry(Kind.SAMPLE, sample.title, sample.id, partial(self._built, sample), sample=sample)
            for sample in catalog()
        ]

    async def _built(self, sample: Sample) -> str:
        target = self.service.target
        known = {"region": target.region, "account": target.account, "function": self.function}
        given = {one.name: known[one.name] for one in sample.parameters if one.name in known}
        return json.dumps(build(sample.id, given), indent=2, ensure_ascii=False)


def different(runs: Iterable[Invocation]) -> list[Invocation]:
    """The newest run of each payload."""
    found: dict[bytes, Invocation] = {}
    for run in runs:
        found.setdefault(run.payload, run)
        if len(found) == SENT_BEFORE:
            break
    return list(found.values())


def _came_of(run: Invocation) -> str:
    aim = f"to {run.qualifier}" if run.qualifier else "to $LATEST"
    failed = run.error.type if run.error and run.error.type else run.function_error
    return f"{aim}, {failed or run.status}"


async def _given(text: str) -> str:
    return text


async def _nothing() -> str:
    return ""
