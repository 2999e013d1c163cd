"""Long polls of queues: in real time, woken by what makes a message visible, and in order.

moto looks for messages a hundred times a second, gives a group's messages out of order once their visibility
time-out is over, and takes no lock between senders, receivers and deletions. Here all queues share one lock,
and who waits sleeps until a message, a deletion (it frees a group), a changed visibility, the end of a
visibility time-out, the clock or the engine's word wakes them: nobody looks by the second.
"""

from __future__ import annotations

import contextlib
import itertools
import select
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from math import inf
from typing import TYPE_CHECKING, Any

from lambdatui.engine.triggers.child.patching import replace
from lambdatui.engine.triggers.frames import PATIENCE_HEADER

if TYPE_CHECKING:
    from lambdatui.engine.triggers.child.clock import FollowedClock

FIRST_NUMBER = 18_850_000_000_000_000_000


class Polls:
    """Everybody who waits for a message."""

    def __init__(self, clock: FollowedClock) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._news: dict[str, threading.Condition] = {}
        self._ended: Counter[str] = Counter()

    def look_again(self) -> None:
        """The clock jumped."""
        with self._lock:
            for news in self._news.values():
                news.notify_all()

    def end(self, arn: str) -> None:
        """Whoever waits at this queue is answered now, with nothing."""
        with self._lock:
            self._ended[arn] += 1
            self._at(arn).notify_all()

    def attach(self) -> None:
        """Puts these polls in the place of moto's."""
        from moto.sqs import models

        receive, moment = models.SQSBackend.receive_message, _moments(models)
        replace(
            models.Queue,
            add_message=self._heard(_numbered(models.Queue.add_message)),
            delete_message=self._heard(models.Queue.delete_message),
        )
        replace(
            models.SQSBackend,
            change_message_visibility=self._heard(models.SQSBackend.change_message_visibility),
            delete_queue=self._heard(models.SQSBackend.delete_queue),
        )

        def patient(
            backend: Any,
            queue_name: str,
            count: int,
            wait_seconds_timeout: int,
            visibility_timeout: int,
            message_attribute_names: list[str] | None = None,
        ) -> Any:
            until = time.monotonic() + max(wait_seconds_timeout, _patience())
            with self._lock:
                ended = self._ended[backend.get_queue(queue_name).queue_arn]
                while True:
                    queue = backend.get_queue(queue_name)  # it may be gone by now, or be another one
                    looked = self._clock.now()
                    with moment():
                        _forget_timed_out(queue)
                        found = receive(
                            backend, queue_name, count, 0, visibility_timeout, message_attribute_names
                        )
                    left = until - time.monotonic()
                    if found or left <= 0 or self._ended[queue.queue_arn] != ended:
                        return found
                    self._at(queue.queue_arn).wait(min(left, self._until_visible(queue, looked)))
                    if _hung_up():  # who has gone must not be given a message
                        return []

        def is_kept(backend: Any, queue_name: str, message: Any) -> bool:
            """Younger than its queue keeps messages; moto counts the whole queue to say so."""
            kept_s = int(backend.get_queue(queue_name).message_retention_period)
            return bool(kept_s + message.sent_timestamp / 1000 > self._clock.now())

        replace(
            models.SQSBackend,
            receive_message=patient,
            is_message_valid_based_on_retention_period=is_kept,
        )

    def _at(self, arn: str) -> threading.Condition:
        return self._news.setdefault(arn, threading.Condition(self._lock))

    def _heard(self, change: Callable[..., Any]) -> Callable[..., Any]:
        """A change of a queue (or of the queue that is named first), after which its waiters look again."""

        def changed(owner: Any, *args: Any, **more: Any) -> Any:
            with self._lock:
                queue = owner
                if not hasattr(owner, "queue_arn"):
                    queue = owner.get_queue(args[0] if args else more["queue_name"])
                try:
                    return change(owner, *args, **more)
                finally:
                    self._at(queue.queue_arn).notify_all()

        return changed

    def _until_visible(self, queue: Any, looked: float) -> float:
        """Real seconds until the clock shows a message that it did not when it was `looked` for one.

        One that became visible since then counts: nobody else would tell of it.
        """
        if not self._clock.factor:
            return inf
        times = (max(message.visible_at, message.delayed_until) for message in queue._messages)
        first = min((at for at in times if at >= looked * 1000), default=inf)
        return max(0.0, (first / 1000 - self._clock.now()) / self._clock.factor) + 0.002


def _moments(models: Any) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """One moment for a whole look at a queue: what is not visible at its start is not at its end, and what is
    received together times out together. Else a message that times out during a look would be given before
    those of its group that were just passed over."""
    now, held = models.unix_time_millis, threading.local()

    def unix_time_millis(*args: Any) -> float:
        at = None if args else getattr(held, "at", None)
        return float(now(*args) if at is None else at)

    @contextlib.contextmanager
    def moment() -> Iterator[None]:
        held.at = now()
        try:
            yield
        finally:
            held.at = None

    replace(models, unix_time_millis=unix_time_millis)
    return moment


def _numbered(add: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Numbers messages of FIFO queues in their order; moto draws lots, and not for all of them."""
    numbers = itertools.count(FIRST_NUMBER)

    def added(queue: Any, message: Any) -> None:
        if queue.fifo_queue:
            message.sequence_number = str(next(numbers))
        add(queue, message)

    return added


def _patience() -> int:
    """How long the engine's own poller wants to wait; 0 for anybody else."""
    from flask import has_request_context, request

    text = request.headers.get(PATIENCE_HEADER, "") if has_request_context() else ""
    return int(text) if text.isdecimal() else 0


def _hung_up() -> bool:
    """Whether the caller of the present request has gone."""
    from flask import has_request_context, request

    connection = request.environ.get("werkzeug.socket") if has_request_context() else None
    if connection is None or not select.select([connection], [], [], 0)[0]:
        return False
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return True


def _forget_timed_out(queue: Any) -> None:
    """All messages of a group come back together; moto lets the first wait for the others."""
    for message in [one for one in queue.pending_messages if one.visible]:
        queue.pending_messages.discard(message)
