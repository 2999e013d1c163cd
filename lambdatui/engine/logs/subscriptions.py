"""Log events on their way to the functions that subscribed to them.

Events are gathered for a moment, by stream, and queued as any other asynchronous event; what was logged in
the last moment before the engine is killed is not sent.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import itertools
import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import orjson

from lambdatui.engine.logs.patterns import compile_pattern
from lambdatui.engine.store import subscriptions, versions
from lambdatui.engine.store.logs import Line
from lambdatui.engine.store.subscriptions import Subscription
from lambdatui.engine.triggers.functions import FunctionName, Functions, Sender

if TYPE_CHECKING:
    from lambdatui.engine.lanes import Activity
    from lambdatui.engine.logs.sink import LogSink
    from lambdatui.engine.store import Store

logger = logging.getLogger(__name__)

GATHER_S = 0.2
AT_ONCE_BYTES = 512 << 10
"""Of messages in one event: packed they stay below what an asynchronous event may hold."""

Group = tuple[str, str, str]  # account, region, name
_Found = list[tuple[int, str]]


class Subscriptions:
    """Every subscription filter at work."""

    def __init__(self, store: Store, functions: Functions, sink: LogSink, activity: Activity) -> None:
        self._store = store
        self._functions = functions
        self._sink = sink
        self._activity = activity
        self._filters: dict[Group, list[Filter]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._sending: asyncio.Task[None] | None = None
        self._ids = itertools.count(1)
        self._stopped: set[tuple[Group, str]] = set()

    def start(self) -> None:
        """Follow what is logged from here on."""
        self.changed()
        self._sink.followers.append(self.stored)

    async def close(self) -> None:
        """Send what was logged so far."""
        await self._sink.flush()
        if self.stored in self._sink.followers:  # not in those of an engine that could not start
            self._sink.followers.remove(self.stored)
        if self._sending is not None:
            await self._sending
        if self._timer is not None:
            self._time_came()
            assert self._sending is not None
            await self._sending

    def changed(self) -> None:
        """A subscription came, changed or went; its group may have gone with it."""
        filters: defaultdict[Group, list[Filter]] = defaultdict(list)
        for one in subscriptions.every(self._store.logs.read()):
            filters[one.account, one.region, one.group].append(Filter(one))
        for group, known in self._filters.items():
            for fresh in filters.get(group, ()):
                fresh.take_over(known)
        self._filters = dict(filters)

    def stored(self, lines: Sequence[Line]) -> None:
        """Lines are in the store: those of subscribed groups are gathered."""
        if not self._filters:
            return
        for account, region, group, stream, at, message in lines:
            for one in self._filters.get((account, region, group), ()):
                if one.take(stream, at, message) and self._timer is None:
                    self._activity.begin()
                    self._wait()

    # -- who writes where ------------------------------------------------------------------------

    def log_group(self, function: FunctionName) -> Group | None:
        """Where a function's own lines go."""
        found = versions.get_version(self._store.read(), *function.key, function.qualifier)
        if found is None:
            return None
        name = found.config.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{function.name}"
        return (function.account, function.region, name)

    def feeds(self, destination: str, group: Group) -> bool:
        """Whether what a function logs would come to a group again, by the subscriptions there are."""
        seen: set[Group] = set()
        waiting = [destination]
        while waiting:
            function = FunctionName.of(waiting.pop())
            own = self.log_group(function) if function is not None else None
            if own == group:
                return True
            if own is not None and own not in seen:
                seen.add(own)
                waiting += [one.subscription.destination for one in self._filters.get(own, ())]
        return False

    # -- sending ---------------------------------------------------------------------------------

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(GATHER_S, self._time_came)

    def _time_came(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._sending is not None:
            self._wait()
            return
        self._timer = None
        self._sending = asyncio.get_running_loop().create_task(self._send())

    async def _send(self) -> None:
        try:
            for one, found in self._take():
                for stream, events in found.items():
                    await self._deliver(one, stream, events)
        except Exception:
            logger.exception("log events could not be sent to their subscribers")
        finally:
            self._sending = None
            self._activity.end()

    def _take(self) -> list[tuple[Filter, dict[str, _Found]]]:
        """What was gathered, all of it at once: filters may change while it is sent."""
        taken = []
        for one in itertools.chain.from_iterable(self._filters.values()):
            if one.found:
                taken.append((one, dict(one.found)))
                one.found.clear()
        return taken

    async def _deliver(self, one: Filter, stream: str, found: _Found) -> None:
        subscription = one.subscription
        group = (subscription.account, subscription.region, subscription.group)
        arn, refusal = subscription.destination, None
        if self.feeds(arn, group):
            refusal = "What its function logs comes back to it: each event would cause the next."
        for part in _parts(found) if refusal is None else ():
            payload = self._event(subscription, stream, part)
            refusal = await self._functions.deliver(arn, payload, logs_sender(*group))
            if refusal is not None:
                break
        self._say(group, subscription.name, refusal)

    def _say(self, group: Group, name: str, refusal: str | None) -> None:
        """Say once that nothing is sent, and why."""
        if refusal is None:
            self._stopped.discard((group, name))
        elif (group, name) not in self._stopped:
            self._stopped.add((group, name))
            logger.warning("the subscription %s of %s sends nothing: %s", name, group[2], refusal)

    def _event(self, subscription: Subscription, stream: str, found: _Found) -> bytes:
        document = {
            "messageType": "DATA_MESSAGE",
            "owner": subscription.account,
            "logGroup": subscription.group,
            "logStream": stream,
            "subscriptionFilters": [subscription.name],
            "logEvents": [
                {"id": f"{at:020d}{next(self._ids):036d}", "timestamp": at, "message": message}
                for at, message in found
            ],
        }
        packed = base64.b64encode(gzip.compress(orjson.dumps(document), 6)).decode()
        return orjson.dumps({"awslogs": {"data": packed}})


class Filter:
    """One subscription, and what it has gathered by stream."""

    def __init__(self, subscription: Subscription) -> None:
        self.subscription = subscription
        self.found: defaultdict[str, _Found] = defaultdict(list)
        self._matches = compile_pattern(subscription.pattern)

    def take(self, stream: str, at: int, message: str) -> bool:
        """Keep an event if it matches; whether it did."""
        if not self._matches(message):
            return False
        self.found[stream].append((at, message))
        return True

    def take_over(self, known: list[Filter]) -> None:
        """What was gathered before something changed is sent all the same."""
        for one in known:
            if one.subscription.name == self.subscription.name:
                self.found = one.found


def logs_sender(account: str, region: str, group: str) -> Sender:
    """CloudWatch Logs, on behalf of a log group."""
    arn = f"arn:aws:logs:{region}:{account}:log-group:{group}:*"
    return Sender(f"logs.{region}.amazonaws.com", arn, account, also="logs.amazonaws.com")


def _parts(found: _Found) -> Iterator[_Found]:
    """Pieces of which each fits an event."""
    part: _Found = []
    size = 0
    for one in found:
        if part and size + len(one[1]) > AT_ONCE_BYTES:
            yield part
            part, size = [], 0
        part.append(one)
        size += len(one[1])
    yield part
