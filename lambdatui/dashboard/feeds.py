"""Asks the service on behalf of a screen; answers come back to it as messages.

Each concern has one worker group and a newer question replaces the one before, so what the screen
hears last is what it asked last. Nothing here knows a widget.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from lambdatui.dashboard.messages import (
    ActivityKnown,
    Concern,
    Created,
    Done,
    Failed,
    FunctionsListed,
    Invoked,
    LogGrew,
    LogState,
    Recalled,
    Remembered,
    StatesKnown,
    StatusKnown,
    TargetOpened,
    TargetOpening,
    VersionsLoaded,
)
from lambdatui.model import InvocationType, TargetKind
from lambdatui.service.errors import NotReady, ServiceError

if TYPE_CHECKING:
    from textual.message import Message
    from textual.screen import Screen
    from textual.worker import WorkType

    from lambdatui.model import FollowState, Function, Invocation
    from lambdatui.model.invocation import Chunk
    from lambdatui.service import Service, TargetSpec

Work = Callable[[], Coroutine[None, None, None]]
Opener = Callable[..., Awaitable["Service"]]

HISTORY_MS = {TargetKind.LOCAL: 24 * 3600_000, TargetKind.AWS: 900_000}
"""How far back the log starts."""

STATES_AT_ONCE = 60

ACTIVITY_MINUTES, ACTIVITY_STEPS = 60, 6
"""What the list shows of what functions did: the last hour in as many steps as it has columns."""

CREATION_S = 60.0
"""How long an invocation waits for its function to be created."""


class Feeds:
    """The questions one screen asks."""

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self._service: Service | None = None

    def _run(self, concern: Concern, work: Work, key: str = "", *, patient: bool = False) -> None:
        """Start work on a concern. It replaces what is under way, unless it is ``patient``: then it is
        left out, so that a slow answer is not asked for again and again and never heard."""
        if patient and self._busy(concern):
            return

        async def guarded() -> None:
            try:
                await work()
            except ServiceError as error:
                self._tell(Failed(concern, key, error))
            except Exception as error:
                self._screen.log.error(error)
                sentence = f"Something in lambdatui broke: {type(error).__name__}: {error}"
                self._tell(Failed(concern, key, ServiceError(sentence)))

        job: WorkType[None] = guarded
        self._screen.run_worker(job, group=concern, exclusive=True, exit_on_error=False)

    def _busy(self, concern: Concern) -> bool:
        return any(
            worker.group == concern and worker.node is self._screen and not worker.is_finished
            for worker in self._screen.workers
        )

    def _tell(self, message: Message) -> None:
        self._screen.post_message(message)

    @property
    def service(self) -> Service:
        assert self._service is not None, "nothing is asked before the target is open"
        return self._service

    def open(self, spec: TargetSpec, opener: Opener | None) -> None:
        """Attach to the target, or start its engine."""
        self._run(Concern.TARGET, partial(self._open, spec, opener))

    async def _open(self, spec: TargetSpec, opener: Opener | None) -> None:
        if opener is None:
            from lambdatui.service import open_target  # not before the first frame

            opener = open_target
        self._service = await opener(spec, progress=lambda step: self._tell(TargetOpening(step)))
        self._tell(TargetOpened(self._service))

    def functions(self, *, first: bool = False, patient: bool = False) -> None:
        """List the functions; the first time page by page, later all at once."""
        self._run(Concern.FUNCTIONS, partial(self._functions, first), patient=patient)

    async def _functions(self, first: bool) -> None:
        found: list[Function] = []
        async for page in self.service.functions.pages():
            found.extend(page)
            if first:
                self._tell(FunctionsListed(list(found), complete=False))
        self._tell(FunctionsListed(found, complete=True))

    def states(self, names: Sequence[str]) -> None:
        """Ask for what lists leave out."""
        self._run(Concern.STATES, partial(self._states, names[:STATES_AT_ONCE]), patient=True)

    async def _states(self, names: Sequence[str]) -> None:
        self._tell(StatesKnown(await self.service.functions.states(names)))

    def activity(self, names: Sequence[str]) -> None:
        """Ask what functions did lately."""
        self._run(Concern.ACTIVITY, partial(self._activity, names), patient=True)

    async def _activity(self, names: Sequence[str]) -> None:
        minutes, steps = ACTIVITY_MINUTES, ACTIVITY_STEPS
        self._tell(ActivityKnown(await self.service.metrics.activity(names, minutes=minutes, steps=steps)))

    def versions(self, name: str, *, delay: float = 0.0, patient: bool = False) -> None:
        """Ask for versions and aliases; the delay spares rows the cursor only passes."""
        self._run(Concern.VERSIONS, partial(self._versions, name, delay), name, patient=patient)

    async def _versions(self, name: str, delay: float) -> None:
        if delay:
            await asyncio.sleep(delay)
        service = self.service.versions
        versions, aliases = await asyncio.gather(service.list(name), service.aliases(name))
        self._tell(VersionsLoaded(name, versions, aliases))

    def log(
        self, groups: Sequence[str], now_ms: int, *, back_ms: int | None = None, delay: float = 0.0
    ) -> None:
        """Follow log groups: their recent past (``back_ms``; 0: all of it), then what comes."""
        back_ms = HISTORY_MS[self.service.target.kind] if back_ms is None else back_ms
        since_ms = now_ms - back_ms if back_ms else 0
        self._run(Concern.LOG, partial(self._logs, groups, since_ms, delay))

    async def _logs(self, groups: Sequence[str], since_ms: int, delay: float) -> None:
        if delay:
            await asyncio.sleep(delay)
        async with asyncio.TaskGroup() as following:
            for group in groups:
                following.create_task(self._log(group, since_ms))

    async def _log(self, group: str, since_ms: int) -> None:
        try:
            await self._follow(group, since_ms)
        except ServiceError as error:  # the other groups are followed all the same
            self._tell(Failed(Concern.LOG, group, error))

    async def _follow(self, group: str, since_ms: int) -> None:
        def say(state: FollowState) -> None:
            self._tell(LogState(group, state))

        async for events in self.service.logs.follow(group, since_ms=since_ms, on_state=say):
            self._tell(LogGrew(group, events))

    def invoke(
        self,
        name: str,
        payload: bytes,
        qualifier: str | None,
        kind: InvocationType,
        *,
        client_context: str = "",
        streamed: bool | None = None,
        on_chunk: Callable[[Chunk], None] = lambda chunk: None,
    ) -> None:
        """Invoke; the answer is awaited until :meth:`stop_waiting`. ``streamed``: None does as the function's
        URL says."""
        if kind is not InvocationType.REQUEST_RESPONSE:
            streamed = False

        async def send(in_parts: bool) -> Invocation:
            invoker = self.service.invoker
            if in_parts:
                return await invoker.stream(
                    name, payload, qualifier=qualifier, client_context=client_context, on_chunk=on_chunk
                )
            return await invoker.invoke(
                name, payload, qualifier=qualifier, type=kind, client_context=client_context
            )

        self._run(Concern.INVOKE, partial(self._invoke, name, qualifier, streamed, send), name)

    async def _invoke(
        self,
        name: str,
        qualifier: str | None,
        streamed: bool | None,
        send: Callable[[bool], Awaitable[Invocation]],
    ) -> None:
        if streamed is None:
            streamed = await self.service.urls.streams(name, qualifier)
        try:
            run = await send(streamed)
        except NotReady:  # nothing ran, so nothing is sent twice
            self._tell(Created(ready=False))
            await self.service.functions.settled(name, within_s=CREATION_S)
            self._tell(Created(ready=True))
            run = await send(streamed)
        self._tell(Invoked(run))

    def remember(self, name: str) -> None:
        """Ask what a function was last invoked with."""
        self._run(Concern.HISTORY, partial(self._remember, name), name)

    async def _remember(self, name: str) -> None:
        for run in await self.service.history.of(name, limit=1):
            self._tell(Remembered(name, run.payload.decode("utf-8", "replace")))

    def recall(self, name: str, request_id: str) -> None:
        """Look for an invocation of before."""
        self._run(Concern.HISTORY, partial(self._recall, name, request_id), name)

    async def _recall(self, name: str, request_id: str) -> None:
        runs = await self.service.history.of(name)
        found = next((run for run in runs if run.request_id == request_id and run.text), None)
        self._tell(Recalled(name, found))

    def stop_waiting(self) -> None:
        """No longer wait for the invocation under way."""
        self._screen.workers.cancel_group(self._screen, Concern.INVOKE)

    def status(self) -> None:
        """Ask a local engine how it is."""
        if self.service.engine is not None:
            self._run(Concern.STATUS, self._status, patient=True)

    async def _status(self) -> None:
        engine = self.service.engine
        assert engine is not None
        self._tell(StatusKnown(await engine.status()))

    def act(self, key: str, work: Callable[[Service], Awaitable[str]]) -> None:
        """Do something once; what it returns is said to the person."""

        async def acting() -> None:
            self._tell(Done(await work(self.service)))

        self._run(Concern.ACTION, acting, key)

    async def close(self) -> None:
        """Let the target go."""
        if self._service is not None:
            await self._service.close()
