"""What the neighbours say to the engine: events for functions, rules and schedules, and questions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from lambdatui.engine.credentials import SessionKeys
from lambdatui.engine.dispatch import Dispatch, InvokeRequest, Outcome
from lambdatui.engine.settings import DEFAULT_ACCOUNT
from lambdatui.engine.triggers.errors import NeighbourError
from lambdatui.engine.triggers.frames import Frame
from lambdatui.engine.triggers.functions import FunctionName, Functions, Sender
from lambdatui.engine.triggers.process import ChildProcess
from lambdatui.engine.triggers.schedules import Schedules, shot_of_rule
from lambdatui.engine.triggers.targets import Shot, Targets
from lambdatui.engine.wire.errors import ApiError
from lambdatui.patterns import InvalidPattern, Pattern, compile_pattern

if TYPE_CHECKING:
    from lambdatui.engine.clock import Clock
    from lambdatui.engine.logs.sink import LogSink
    from lambdatui.engine.queue import EventQueue
    from lambdatui.engine.store import Store
    from lambdatui.engine.triggers.neighbours import Neighbours

logger = logging.getLogger(__name__)

S3, SNS = "s3.amazonaws.com", "sns.amazonaws.com"
Session = Callable[[str, str, str, str], SessionKeys]


class Triggers:
    """Follows what the neighbour process sends, in order; whatever takes time goes on beside."""

    def __init__(
        self,
        neighbours: Neighbours,
        *,
        store: Store,
        queue: EventQueue,
        dispatch: Dispatch,
        sink: LogSink,
        clock: Clock,
        session: Session,
    ) -> None:
        self.functions = Functions(store, queue)
        self.targets = Targets(self.functions, neighbours, sink, clock, queue.activity)
        self._activity = queue.activity
        self.schedules = Schedules(clock, self._shoot, self._forget_schedule)
        self._neighbours = neighbours
        self._dispatch = dispatch
        self._session = session
        self._running: set[asyncio.Task[None]] = set()
        neighbours.hear = self.hear
        neighbours.on_death(self.schedules.clear)

    def hear(self, frame: Frame, child: ChildProcess) -> None:
        """One frame of the neighbour process."""
        kind = frame["kind"]
        if kind == "s3":
            sender = Sender(S3, frame["bucket"], frame["account"])
            self._soon(self._push(frame, sender))
        elif kind == "sns":
            sender = Sender(SNS, frame["topic"], frame["account"])
            self._soon(self._push(frame, sender))
        elif kind == "event":
            self._match(frame["rule"], frame["event"])
        elif kind == "rule":
            self.schedules.rule(frame["key"], frame["rule"])
        elif kind == "schedule":
            self.schedules.schedule(frame["key"], frame["schedule"])
        elif "ask" in frame:
            self._answer(kind, frame, child)

    async def deliver(
        self,
        arn: str,
        payload: bytes,
        *,
        service: str,
        source_arn: str | None = None,
        source_account: str | None = None,
        trace: str | None = None,
    ) -> bool:
        """Queues an event that a service pushes, if the function's policy lets it."""
        sender = Sender(service, source_arn, source_account)
        refusal = await self.functions.deliver(arn, payload, sender, trace)
        if refusal is not None:
            logger.warning("an event was not delivered: %s", refusal)
        return refusal is None

    async def close(self) -> None:
        """What waits for a retry ends with the engine, as the rules do that it came from."""
        for task in list(self._running):
            task.cancel()
        if self._running:
            await asyncio.wait(list(self._running), timeout=1.0)

    # -- told ------------------------------------------------------------------------------------

    async def _push(self, frame: Frame, sender: Sender) -> None:
        delivered = await self.deliver(
            frame["function"],
            orjson.dumps(frame["event"]),
            service=sender.service,
            source_arn=sender.source_arn,
            source_account=sender.source_account,
            trace=frame.get("trace"),
        )
        queue = frame.get("dead_letter")
        if not delivered and queue:
            notice = frame["event"]["Records"][0]["Sns"]
            await self.targets.bury(queue, orjson.dumps(notice).decode(), {})

    def _match(self, rule: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        if rule["state"] != "ENABLED" or not rule["pattern"]:
            return
        pattern = _compiled(rule["pattern"])
        if pattern is None:
            logger.warning("%s matches nothing: its pattern is not valid", rule["arn"])
        elif pattern.matches(dict(event)):
            for target in rule["targets"]:
                self._shoot(shot_of_rule(rule, target, event))

    def _shoot(self, shot: Shot) -> None:
        self._soon(self.targets.fire(shot))

    def _forget_schedule(self, schedule: Mapping[str, Any]) -> None:
        self._soon(self._delete_schedule(schedule))

    async def _delete_schedule(self, schedule: Mapping[str, Any]) -> None:
        _, _, _, region, account, _ = schedule["Arn"].split(":", 5)
        client = self._neighbours.client("scheduler", account, region)
        try:
            await client.call("DeleteSchedule", Name=schedule["Name"], GroupName=schedule["GroupName"])
        except NeighbourError as error:
            logger.warning("%s ran and could not be deleted: %s", schedule["Arn"], error)

    # -- asked -----------------------------------------------------------------------------------

    def _answer(self, kind: str, frame: Frame, child: ChildProcess) -> None:
        if kind == "s3-may":
            function = self.functions.exists(frame["function"])
            sender = Sender(S3, frame["bucket"], frame["account"])
            allowed = function is not None and self.functions.may(function, frame["function"], sender).allowed
            child.answer(frame, allowed)
        elif kind == "exists":
            child.answer(frame, self.functions.exists(frame["function"]) is not None)
        elif kind == "keys":
            role = str(frame["role"] or "")
            account = role.split(":")[4] if role.count(":") >= 5 else DEFAULT_ACCOUNT
            keys = self._session(account, role, "states", "neighbours")
            child.answer(
                frame, {"access_key": keys.access_key, "secret_key": keys.secret_key, "token": keys.token}
            )
        elif kind == "invoke":
            self._invoke(frame, child)
        else:
            child.refuse(frame, "Unknown", f"The engine does not know {kind!r}.")

    def _invoke(self, frame: Frame, child: ChildProcess) -> None:
        """A synchronous call of a neighbour; the function's own failure is an answer, too."""
        arn = frame["function"]
        function: FunctionName | None = self.functions.exists(arn)
        if function is None:
            child.refuse(frame, "ResourceNotFoundException", f"Function not found: {arn}")
            return
        decision = self.functions.may(function, arn, Sender(frame["service"], None, frame["account"]))
        if not decision.allowed:
            child.refuse(frame, "AccessDeniedException", decision.why)
            return
        request: InvokeRequest = function.request(str(frame["payload"]).encode())

        def done(outcome: Outcome | ApiError) -> None:
            if isinstance(outcome, ApiError):
                child.refuse(frame, outcome.code, outcome.message or "")
            elif outcome.function_error:
                child.refuse(frame, outcome.function_error, outcome.payload.decode("utf-8", "replace"))
            else:
                child.answer(frame, outcome.payload.decode("utf-8", "replace"))

        self._dispatch.invoke(request, done)

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        self._activity.begin()
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            logger.exception("an event of a neighbour was lost")
        finally:
            self._activity.end()


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Pattern | None:
    try:
        return compile_pattern(pattern)
    except InvalidPattern:
        return None
