"""Queues that get what failed, what lies in them, and bringing it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lambdatui.model.neighbours import NeighboursState


class RoleKind(StrEnum):
    """Whose failures a queue gets."""

    FUNCTION = "function"
    """Asynchronous events: DeadLetterConfig."""
    DESTINATION = "destination"
    """Asynchronous events: OnFailure."""
    MAPPING = "mapping"
    """Batches of a stream: OnFailure of an event source mapping."""
    QUEUE = "queue"
    """Messages received too often: RedrivePolicy."""


@dataclass(frozen=True, slots=True)
class Role:
    """Whose failures: the name of a function, or of a queue."""

    kind: RoleKind
    name: str


@dataclass(frozen=True, slots=True)
class DeadLetterQueue:
    """A queue that gets what failed."""

    name: str
    arn: str
    url: str
    count: int
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class DeadLettersView:
    """All of them, or why there are none."""

    stamp: str
    state: NeighboursState
    sentence: str = ""
    queues: tuple[DeadLetterQueue, ...] = ()


class LetterKind(StrEnum):
    """What a message in such a queue is."""

    DEAD_LETTER = "dead letter"
    """An asynchronous event as it was; attributes say why it failed."""
    RECORD = "failure record"
    """A destination's record, with the event in it."""
    BATCH = "batch record"
    """Says which records of a stream failed, not what they were."""
    MESSAGE = "message"
    """Of a queue, as it was."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, decoded."""

    id: str
    kind: LetterKind
    body: str
    payload: str | None
    """What a function is to get when it is tried again; None where nobody kept it."""
    when: datetime | None = None
    receives: int = 0
    function: str = ""
    request_id: str = ""
    code: str = ""
    message: str = ""


class AimKind(StrEnum):
    """Where letters are brought back to."""

    FUNCTION = "function"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Aim:
    """A function, which is invoked with Event, or a queue, which is sent the message."""

    kind: AimKind
    name: str


@dataclass(frozen=True, slots=True)
class RedrivePlan:
    """What is brought back where."""

    aim: Aim
    total: int
    ids: tuple[str, ...] = ()
    """Only these messages; empty: as many as there were."""
    rate: float | None = None
    """Messages a second; None: one after the other."""


@dataclass(frozen=True, slots=True)
class RedriveState:
    """How far a redrive is, or was when it stopped."""

    plan: RedrivePlan
    done: frozenset[str] = frozenset()
    """Sent, and deleted from the queue."""
    sent: frozenset[str] = frozenset()
    """Sent, not deleted yet: another redrive only deletes them."""
    unclear: frozenset[str] = frozenset()
    """Nobody knows whether they were sent: nothing answered."""
    refused: tuple[tuple[str, str], ...] = ()
    """Not taken, each with the reason; they stay in the queue."""
    over: bool = False
    running: bool = False
    sentence: str = ""
    """Why it stopped before its end."""
