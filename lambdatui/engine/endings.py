"""What became of the latest asynchronous events; of those that succeeded no row is left."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lambdatui.engine.store.deliveries import Delivery
from lambdatui.engine.store.events import EventRecord

KEPT = 1000


@dataclass(frozen=True, slots=True)
class Ending:
    """One event that is over, without its payload, and where its end was sent."""

    event: EventRecord
    at: float
    sent_to: tuple[str, ...]


class Endings:
    """The newest ends, in memory: a restarted engine has seen none."""

    def __init__(self) -> None:
        self.count = 0
        """How many there were since the engine started."""
        self._kept: OrderedDict[str, Ending] = OrderedDict()

    def note(self, event: EventRecord, messages: Iterable[Delivery], now: float) -> None:
        """An event is over."""
        self.count += 1
        targets = tuple(one.target for one in messages)
        self._kept[event.request_id] = Ending(replace(event, payload=b"", response=None), now, targets)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def get(self, request_id: str) -> Ending | None:
        """How the event of that request ended, if it did lately."""
        return self._kept.get(request_id)

    def latest(self) -> Sequence[Ending]:
        """All that are kept, the newest first."""
        return list(reversed(self._kept.values()))
