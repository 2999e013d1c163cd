"""Long polls of queues: in real time, woken by what makes a message visible, and in order.

moto looks for messages a hundred times a second, gives a group's messages out of order once their visibility
time-out is over, and takes no lock between those who send, receive and delete. Here every queue shares one lock,
and who waits is woken by a message, a deletion, a changed visibility, the clock, or the engine's word.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lambdatui.engine.triggers.child.patching import replace

if TYPE_CHECKING:
    from lambdatui.engine.triggers.child.clock import FollowedClock

FOREVER_S = 3600.0


class Polls:
    """Everybody who waits for a message."""

    def __init__(self, clock: FollowedClock) -> None:
        self._clock = clock
        self._news = threading.Condition(threading.RLock())
        self._ended: Counter[str] = Counter()

    def look_again(self) -> None:
        """The clock jumped, or something became visible."""
        with self._news:
            self._news.notify_all()

    def end(self, arn: str) -> None:
        """Whoever waits at this queue is answered now, with nothing."""
        with self._news:
            self._ended[arn] += 1
            self._news.notify_all()

    def attach(self) -> None:
        """Puts these polls in the place of moto's."""
        from moto.sqs import models

        receive = models.SQSBackend.receive_message
        replace(
            models.Queue,
            add_message=self._heard(models.Queue.add_message),
            delete_message=self._heard(models.Queue.delete_message),
        )
        replace(
            models.SQSBackend,
            change_message_visibility=self._heard(models.SQSBackend.change_message_visibility),
            purge_queue=self._heard(models.SQSBackend.purge_queue),
        )

        def patient(
            backend: Any,
            queue_name: str,
            count: int,
            wait_seconds_timeout: int,
            visibility_timeout: int,
            message_attribute_names: list[str] | None = None,
        ) -> Any:
            until = time.monotonic() + wait_seconds_timeout
            queue = backend.get_queue(queue_name)
            with self._news:
                ended = self._ended[queue.queue_arn]
                while True:
                    _forget_timed_out(queue)
                    found = receive(
                        backend, queue_name, count, 0, visibility_timeout, message_attribute_names
                    )
                    left = until - time.monotonic()
                    if found or left <= 0 or self._ended[queue.queue_arn] != ended:
                        return found
                    self._news.wait(min(left, self._until_visible(queue)))

        replace(models.SQSBackend, receive_message=patient)

    def _heard(self, change: Callable[..., Any]) -> Callable[..., Any]:
        def changed(*args: Any, **more: Any) -> Any:
            with self._news:
                try:
                    return change(*args, **more)
                finally:
                    self._news.notify_all()

        return changed

    def _until_visible(self, queue: Any) -> float:
        """Real seconds until the clock lets another message be seen."""
        now = self._clock.now() * 1000
        times = (max(message.visible_at, message.delayed_until) for message in queue._messages)
        ahead = min((at - now for at in times if at >= now), default=None)
        if ahead is None or not self._clock.factor:
            return FOREVER_S
        return float(ahead / 1000 / self._clock.factor + 0.002)


def _forget_timed_out(queue: Any) -> None:
    """All messages of a group come back together; moto lets the first wait for the others."""
    for message in [one for one in queue.pending_messages if one.visible]:
        queue.pending_messages.discard(message)
