"""The engine's clock inside moto: visibility time-outs, delays and ages follow it.

moto takes the time from one place, the functions of `moto.core.utils`; they are given another `datetime`.
Long polls stay in real time: on a clock that stands still they would never end.
"""

from __future__ import annotations

import datetime
import time
import types
from typing import Any

from lambdatui.engine.triggers.child.patching import replace

LOOK_EVERY_S = 0.25


class FollowedClock:
    """What the engine's clock shows, from what it showed at some moment and how fast it runs."""

    def __init__(self) -> None:
        self._shown = self._at = time.time()
        self._factor = 1.0

    def set(self, shown: float, factor: float) -> None:
        self._shown, self._at, self._factor = shown, time.time(), factor

    def now(self) -> float:
        return self._shown + (time.time() - self._at) * self._factor


def follow(clock: FollowedClock) -> None:
    """Has moto ask `clock`."""
    from moto.core import utils

    class Datetime(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return datetime.datetime.fromtimestamp(clock.now(), tz)

    ours = types.SimpleNamespace(datetime=Datetime, timedelta=datetime.timedelta, timezone=datetime.timezone)
    replace(utils, datetime=ours)
    _poll_in_real_time()


def _poll_in_real_time() -> None:
    from moto.sqs import models

    receive = models.SQSBackend.receive_message

    def patient(
        self: Any,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
    ) -> Any:
        until = time.monotonic() + wait_seconds_timeout
        while True:
            found = receive(self, queue_name, count, 0, visibility_timeout, message_attribute_names)
            left = until - time.monotonic()
            if found or left <= 0:
                return found
            _wait(self.get_queue(queue_name), min(left, LOOK_EVERY_S))

    replace(models.SQSBackend, receive_message=patient)


def _wait(queue: Any, seconds: float) -> None:
    """Until a message is sent; those that become visible again by the clock are seen at the next look."""
    with queue._messages_lock:
        if queue.fifo_queue or not queue.messages:
            queue._messages_lock.wait(seconds)
