"""Who waits for which call back, until when, and what it said; all in memory."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from lambdatui.engine.clock import Clock, Timer

if TYPE_CHECKING:
    from lambdatui.engine.http import Exchange

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
    url: str | None = None
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


class Callbacks:
    """Everything that waits, and the newest that does not any more."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: dict[int, Waiting] = {}
        self._by_key: dict[tuple[Kind, str], Waiting] = {}
        self._last = 0

    def wait_for(self, kind: Kind, key: str | None, deadline_s: float | None, url: str) -> Waiting:
        """Begin to wait. For CloudFormation a key is made: it is the secret of its address below `url`."""
        key = key or secrets.token_urlsafe(24)
        self._last += 1
        deadline = None if deadline_s is None else self._clock.now() + deadline_s
        made = Waiting(self._last, kind, key, deadline)
        if kind is Kind.CLOUDFORMATION:
            made.url = f"{url}{PREFIX}{key}"
        if deadline is not None:
            made.timer = self._clock.call_at(deadline, lambda: self._miss(made))
        self._all[made.id] = self._by_key[kind, key] = made
        while len(self._all) > KEPT:
            self.drop(next(iter(self._all)))
        return made

    def __iter__(self) -> Any:
        return iter(self._all.values())

    def get(self, number: int) -> Waiting | None:
        return self._all.get(number)

    def drop(self, number: int) -> bool:
        """Wait no more; whether somebody did."""
        gone = self._all.pop(number, None)
        if gone is None:
            return False
        if self._by_key.get((gone.kind, gone.key)) is gone:  # somebody else may wait for the same by now
            del self._by_key[gone.kind, gone.key]
        if gone.timer is not None:
            gone.timer.cancel()
        gone.over.set()
        return True

    def answer(self, kind: Kind, key: str, call: str, said: Any) -> bool:
        """Take an answer; the first one counts. Whether anybody waits for it, or did."""
        found = self._by_key.get((kind, key))
        if found is None:
            return False
        if found.state == "waiting":
            found.call, found.answer, found.answered = call, said, self._clock.now()
            if found.timer is not None:
                found.timer.cancel()
            found.over.set()
        return True

    def receive(self, exchange: Exchange) -> None:
        """CloudFormation's PUT: whoever holds the address may answer, as with a presigned URL of S3."""
        key = exchange.path.removeprefix(PREFIX)
        found = self._by_key.get((Kind.CLOUDFORMATION, key))
        if found is None or exchange.method != "PUT":
            exchange.respond(403, _XML, _error("AccessDenied", "Access Denied"))
            return
        kind = exchange.headers.get("content-type", "").strip()
        if kind:
            del found.refused[: 1 - MOST_REFUSED]
            found.refused.append(
                f"It was sent with the Content-Type {kind[:200]}: S3 refuses that, it must be empty."
            )
            text = "The request signature we calculated does not match the signature you provided."
            exchange.respond(403, _XML, _error("SignatureDoesNotMatch", text))
            return
        text = exchange.body[: LARGEST_ANSWER + 1].decode("utf-8", "replace")
        self.answer(Kind.CLOUDFORMATION, key, "PUT", text)
        exchange.respond(200, (), b"")

    @staticmethod
    def _miss(waiting: Waiting) -> None:
        waiting.missed = True
        waiting.over.set()


def _error(code: str, message: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    ).encode()
