"""Who waits for which call back, until when, and what it said; an engine that is started again waits on."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from lambdatui.engine.clock import Clock, Timer
from lambdatui.engine.store import Store, StoreUnavailable, documents
from lambdatui.engine.store.documents import Document

if TYPE_CHECKING:
    from lambdatui.engine.http import Exchange

logger = logging.getLogger(__name__)

PREFIX = "/_answer/"
KEPT, MOST_REFUSED = 1000, 20
LARGEST_ANSWER = 4096
"""Bytes that CloudFormation reads of an answer; what is longer is kept in part, and judged."""

_XML = (("Content-Type", "application/xml"),)


class Kind(StrEnum):
    """Who waits."""

    CLOUDFORMATION = "cloudformation"
    CODEPIPELINE = "codepipeline"
    CONFIG = "config"


DEADLINES = {Kind.CLOUDFORMATION: 3600.0, Kind.CODEPIPELINE: 3600.0, Kind.CONFIG: None}
"""Seconds that each waits if nothing else is said; None: nobody knows."""


@dataclass(slots=True)
class Waiting:
    """One call back that somebody waits for."""

    id: int
    kind: Kind
    key: str
    """A secret part of the address, the job's id, or the result token."""
    deadline: float | None
    call: str | None = None
    """How it was answered, such as PutJobSuccessResult."""
    answer: Any = None
    answered: float | None = None
    refused: list[str] = field(default_factory=list)
    """Answers that the service would not have taken, and why."""
    missed: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    timer: Timer | None = None

    @property
    def state(self) -> str:
        if self.answered is not None:
            return "answered"
        return "missed" if self.missed else "waiting"

    def kept(self) -> Document:
        """What outlives the engine."""
        members = {name: getattr(self, name) for name in _KEPT_MEMBERS}
        return Document(*_PLACE, f"{self.id:012}", self.kind, members)


_PLACE = ("", "", "callback")  # whatever the account and region
_KEPT_MEMBERS = ("id", "kind", "key", "deadline", "call", "answer", "answered", "refused", "missed")


class Callbacks:
    """Everything that waits, and the newest that does not any more. What is said of it is on disk by then."""

    def __init__(self, clock: Clock, store: Store, url: Callable[[], str]) -> None:
        """`url`: where the engine answers; an address to answer at lies below it."""
        self._clock = clock
        self._store = store
        self._url = url
        self._all: dict[int, Waiting] = {}
        self._by_key: dict[tuple[Kind, str], Waiting] = {}
        self._last = 0
        self._one_by_one = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Take up what an earlier engine was asked to wait for."""
        for entry in documents.everywhere(self._store.read(), _PLACE[-1]):
            members = entry.document
            self._add(Waiting(**{**members, "kind": Kind(members["kind"])}))

    async def close(self) -> None:
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=1.0)

    async def wait_for(self, kind: Kind, key: str | None, deadline_s: float | None) -> Waiting:
        """Begin to wait. For CloudFormation a key is made: it is the secret of its address."""
        key = key or secrets.token_urlsafe(24)
        deadline = None if deadline_s is None else self._clock.now() + deadline_s
        self._last += 1
        made = Waiting(self._last, kind, key, deadline)
        await self._keep(made)
        self._add(made)
        while len(self._all) > KEPT:
            await self.drop(next(iter(self._all)))
        return made

    def __iter__(self) -> Iterator[Waiting]:
        return iter(self._all.values())

    def get(self, number: int) -> Waiting | None:
        return self._all.get(number)

    def url_of(self, waiting: Waiting) -> str | None:
        """Where CloudFormation waits."""
        return f"{self._url()}{PREFIX}{waiting.key}" if waiting.kind is Kind.CLOUDFORMATION else None

    async def drop(self, number: int) -> bool:
        """Wait no more; whether somebody did."""
        gone = self._all.pop(number, None)
        if gone is None:
            return False
        if self._by_key.get((gone.kind, gone.key)) is gone:  # somebody else may wait for the same by now
            del self._by_key[gone.kind, gone.key]
        if gone.timer is not None:
            gone.timer.cancel()
        gone.over.set()
        entry = gone.kept()
        await self._store.write(lambda conn: documents.delete(conn, *_PLACE, entry.id))
        return True

    async def answer(self, kind: Kind, key: str, call: str, said: Any) -> bool:
        """Take an answer; the first one counts. Whether anybody waits for it, or did."""
        async with self._one_by_one:
            found = self._by_key.get((kind, key))
            if found is None:
                return False
            if found.state == "waiting":
                await self._keep(replace(found, call=call, answer=said, answered=self._clock.now()))
                found.call, found.answer, found.answered = call, said, self._clock.now()
                if found.timer is not None:
                    found.timer.cancel()
                found.over.set()
            return True

    def receive(self, exchange: Exchange) -> None:
        """CloudFormation's PUT: whoever holds the address may answer, as with a presigned URL of S3."""
        found = self._by_key.get((Kind.CLOUDFORMATION, exchange.path.removeprefix(PREFIX)))
        if found is None or exchange.method != "PUT":
            exchange.respond(403, _XML, _error("AccessDenied", "Access Denied"))
            return
        self._soon(self._receive(found, exchange))

    async def _receive(self, found: Waiting, exchange: Exchange) -> None:
        kind = exchange.headers.get("content-type", "").strip()
        try:
            if kind:
                await self._refuse(found, kind)
            else:
                text = exchange.body[: LARGEST_ANSWER + 1].decode("utf-8", "replace")
                await self.answer(Kind.CLOUDFORMATION, found.key, "PUT", text)
        except StoreUnavailable as error:
            exchange.respond(503, _XML, _error("ServiceUnavailable", str(error)))
            return
        if kind:
            text = "The request signature we calculated does not match the signature you provided."
            exchange.respond(403, _XML, _error("SignatureDoesNotMatch", text))
        else:
            exchange.respond(200, (), b"")

    async def _refuse(self, found: Waiting, kind: str) -> None:
        del found.refused[: 1 - MOST_REFUSED]
        found.refused.append(
            f"It was sent with the Content-Type {kind[:200]}: S3 refuses that, it must be empty."
        )
        await self._keep(found)

    # -- keeping ---------------------------------------------------------------------------------

    def _add(self, waiting: Waiting) -> None:
        self._last = max(self._last, waiting.id)
        self._all[waiting.id] = self._by_key[waiting.kind, waiting.key] = waiting
        if waiting.state != "waiting":
            waiting.over.set()
        elif waiting.deadline is not None:
            waiting.timer = self._clock.call_at(waiting.deadline, lambda: self._miss(waiting))

    def _miss(self, waiting: Waiting) -> None:
        waiting.missed = True
        waiting.over.set()
        self._soon(self._note(waiting))

    async def _note(self, waiting: Waiting) -> None:
        try:
            await self._keep(waiting)
        except StoreUnavailable as error:
            logger.warning("that call back %s is late could not be kept: %s", waiting.id, error)

    async def _keep(self, waiting: Waiting) -> None:
        entry = waiting.kept()
        await self._store.write(lambda conn: documents.put(conn, entry))

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _error(code: str, message: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    ).encode()
