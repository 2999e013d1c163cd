"""The services beside Lambda that send it work or get its answers: what they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NeighbourKind(StrEnum):
    """What holds something; the value is what people call it."""

    QUEUE = "queue"
    TOPIC = "topic"
    BUCKET = "bucket"
    STREAM = "stream"
    TABLE = "table"
    BUS = "bus"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One queue, topic, bucket, stream, table or bus."""

    kind: NeighbourKind
    name: str
    arn: str
    address: str = ""
    """What its service is asked with, where that is neither name nor ARN: a queue's URL."""
    count: int | None = None
    """How many things are inside; None where nobody counts them."""
    more: bool = False
    """There are more than counted."""
    what: str = ""
    """What is counted: messages, subscriptions, objects, shards, items, rules."""
    risk: str = ""
    """What looking inside does to it beside being counted; a person is asked first."""
    notes: tuple[str, ...] = ()
    """What else is to know, in a few words each."""
    fields: tuple[str, ...] = ()
    """What it wants to be told beside the content."""
    sample: str = ""
    """Something that can be put into it as it is."""


@dataclass(frozen=True, slots=True)
class Item:
    """A message, object, record, table item, subscription or rule."""

    id: str
    text: str
    """Its content, as far as it was read."""
    when: datetime | None = None
    size: int = 0
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Inside:
    """What was found in a neighbour."""

    items: tuple[Item, ...]
    more: bool = False
    """There is more than was read."""
    effect: str = ""
    """What looking did to it, if anything."""


class NeighboursState(StrEnum):
    """Whether there is somebody to ask."""

    READY = "ready"
    ASLEEP = "not started"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class NeighboursView:
    """All of them, or why there are none."""

    stamp: str
    state: NeighboursState
    sentence: str = ""
    neighbours: tuple[Neighbour, ...] = ()
