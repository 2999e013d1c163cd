"""Every change that is sent to a target: what, when, how it ended; and back again where AWS has a way.

What was there before is kept in memory only: it may hold environment variables. The file on disk says what
was done, never with what values.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lambdatui.model.journal import Undo, Write
from lambdatui.service.clean import clean_line
from lambdatui.service.errors import Changed, NotFound, ServiceError
from lambdatui.service.undo import WAYS, Params, Read, Step, Way

KEEP = 500
"""Changes of earlier runs that are shown."""

_SUBJECTS = ("FunctionName", "LayerName", "Resource", "UUID", "logGroupName")
_QUALIFIERS = ("Qualifier", "Name")
_UNSAID = ("Environment", "ZipFile", "Code", "Payload", "Policy", "EventSourceToken", "RevisionId")
_SHORT = 60


@dataclass(frozen=True, slots=True)
class _Past:
    """What undo needs to know."""

    way: Way
    params: Params
    step: Step
    after: Any


class Journal:
    """The changes of one target, the newest first."""

    def __init__(self, file: Path | None = None, *, now: Callable[[], datetime] | None = None) -> None:
        """Without a file nothing outlives the process."""
        self._file = file
        self._now = now or (lambda: datetime.now(UTC))
        self._writes: dict[int, Write] = {}
        self._past: dict[int, _Past] = {}
        self._known = False
        self._grew = asyncio.Event()
        self.stamp = 0
        """Another one when there is something new."""

    async def record(
        self, read: Read, call: Callable[[], Awaitable[Params]], service: str, operation: str, params: Params
    ) -> Params:
        """Make a change and write it down. Looking before and after it never stops it."""
        way = WAYS.get((service, operation))
        before = await _look(way, read, params)
        try:
            answer = await call()
        except ServiceError as error:
            await self._add(operation, params, error=error.sentence)
            raise
        number = await self._add(operation, params)
        if way is not None and not isinstance(before, ServiceError):
            step = way.back(params, answer, before)
            after = await _look(way, read, params)
            if step is not None and not isinstance(after, ServiceError):
                self._past[number] = _Past(way, params, step, after)
                self._put(replace(self._writes[number], undo=Undo.READY, way_back=_said(step)))
        return answer

    async def undo(self, number: int, read: Read, send: Callable[[Step], Awaitable[object]]) -> str:
        """Take a change back; refuses (Changed) when what it changed was changed again since."""
        past, write = self._past.get(number), self._writes.get(number)
        if past is None or write is None:
            raise NotFound("There is no way back from this change any more.")
        now = await past.way.look(read, past.params)
        if now != past.after:
            raise Changed(f"{write.subject} was changed again since. Nothing was taken back.")
        await send(past.step)
        del self._past[number]
        self._put(replace(write, undo=Undo.DONE))
        return f"{write.operation} of {write.subject} is taken back."

    async def writes(self) -> list[Write]:
        """All that is known, the newest first; earlier runs too."""
        if not self._known:
            self._known = True
            for write in await asyncio.to_thread(self._read):
                self._writes.setdefault(write.number, write)
        return [self._writes[number] for number in sorted(self._writes, reverse=True)]

    async def changed(self, since: int, within_s: float) -> None:
        """Wait until there is more than at that stamp, or so long."""
        if self.stamp == since:
            self._grew.clear()
            try:
                await asyncio.wait_for(self._grew.wait(), within_s)
            except TimeoutError:
                return

    async def _add(self, operation: str, params: Params, *, error: str = "") -> int:
        await self.writes()  # those of before come first
        when = self._now()
        number = max(self._writes, default=0) + 1
        write = Write(number, when, _aws_name(operation), _subject(params), _details(params), error)
        self._put(write)
        await asyncio.to_thread(self._append, write)
        return number

    def _put(self, write: Write) -> None:
        self._writes[write.number] = write
        self.stamp += 1
        self._grew.set()

    def _append(self, write: Write) -> None:
        if self._file is None:
            return
        said = {
            "when": write.when.isoformat(),
            "operation": write.operation,
            "subject": write.subject,
            "details": write.details,
            "error": write.error,
        }
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            with os.fdopen(os.open(self._file, flags, 0o600), "a", encoding="utf-8") as out:
                out.write(json.dumps(said) + "\n")
        except OSError:
            return  # a full disk is no reason to fail a change that was made

    def _read(self) -> list[Write]:
        try:
            lines = self._file.read_text(encoding="utf-8").splitlines()[-KEEP:] if self._file else []
        except (OSError, UnicodeDecodeError):
            return []
        found = []
        for number, line in enumerate(lines, 1):
            try:
                said = json.loads(line)
                when = datetime.fromisoformat(said.pop("when"))
                found.append(Write(number, when, **said, undo=Undo.PAST))
            except (ValueError, TypeError, KeyError):  # a line cut by a crash, or of a later version
                continue
        return found


async def _look(way: Way | None, read: Read, params: Params) -> Any:
    """What is there now; the error when that cannot be told."""
    if way is None:
        return None
    try:
        return await way.look(read, params)
    except ServiceError as error:
        return error


def _aws_name(operation: str) -> str:
    return "".join(map(str.capitalize, operation.split("_")))


def _subject(params: Params) -> str:
    name = next((str(params[one]) for one in _SUBJECTS if params.get(one)), "")
    qualifier = next((str(params[one]) for one in _QUALIFIERS if params.get(one)), "")
    return clean_line(f"{name}:{qualifier}" if qualifier else name)


def _details(params: Params) -> str:
    """What was set: names, and such values as are short and no secret."""
    parts = []
    for name, value in params.items():
        if name in (*_SUBJECTS, *_QUALIFIERS):
            continue
        plain = isinstance(value, str | int | float | bool) and len(str(value)) <= _SHORT
        parts.append(f"{name} {value}" if plain and name not in _UNSAID else name)
    return clean_line(", ".join(parts))


def _said(step: Step) -> str:
    return f"{_aws_name(step.operation)} {_subject(step.params)}: {_details(step.params)}".rstrip(": ")
