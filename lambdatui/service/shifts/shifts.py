"""Traffic shifts under way on one target: asks for figures, tells Lambda what the plan wants.

What is decided is on disk before it is sent, so that a lambdatui that ends in between finds out what
became of it. Closing a screen changes nothing; closing lambdatui holds the shift where it stands.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from lambdatui.model.metrics import VersionFigures
from lambdatui.service.errors import Changed, Conflict, NotFound, ServiceError
from lambdatui.service.shifts.files import ShiftFiles
from lambdatui.service.shifts.shift import Figures, Phase, Plan, Shift, begin
from lambdatui.service.versions import Versions

TICK_S = 0.5
AWAY = "lambdatui was closed meanwhile"
SAMPLES = 600


class VersionMetrics(Protocol):
    """Where figures come from."""

    async def by_version(
        self, name: str, alias: str, versions: Sequence[str], *, since: datetime
    ) -> tuple[VersionFigures, ...]: ...


@dataclass(frozen=True, slots=True)
class Measured:
    """Both versions at one moment: totals since the shift began."""

    at: float
    old: Figures
    new: Figures


@dataclass
class Live:
    """One shift and what is known about it."""

    shift: Shift
    samples: list[Measured] = field(default_factory=list)
    problem: str = ""  # why figures or the alias cannot be had right now
    looked: float = 0.0
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def new(self) -> Figures:
        return self.samples[-1].new if self.samples else Figures()

    @property
    def old(self) -> Figures:
        return self.samples[-1].old if self.samples else Figures()


class Shifts:
    """The shifts of one target."""

    def __init__(
        self,
        versions: Versions,
        metrics: VersionMetrics,
        files: ShiftFiles,
        *,
        look_s: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``look_s`` is how often figures are asked for; ``clock`` tells seconds since 1970."""
        self._versions = versions
        self._metrics = metrics
        self._files = files
        self._look_s = look_s
        self.clock = clock
        self._live: dict[tuple[str, str], Live] = {}
        self._task: asyncio.Task[None] | None = None

    # -- what is there ------------------------------------------------------------------------

    def live(self, function: str, alias: str) -> Live | None:
        """The shift of that alias, if one is known here."""
        return self._live.get((function, alias))

    async def interrupted(self) -> list[Shift]:
        """Shifts that a lambdatui before us did not bring to their end; held from now on."""
        found = []
        for shift in await asyncio.to_thread(self._files.read):
            key = shift.plan.function, shift.plan.alias
            if key in self._live or not await asyncio.to_thread(self._files.take, *key):
                continue
            live = self._live[key] = Live(shift.hold(self.clock(), AWAY))
            await self._keep(live)
            found.append(live.shift)
        if found:
            self._run()
        return found

    # -- what the person does -----------------------------------------------------------------

    async def start(self, plan: Plan) -> Live:
        """Begin; the first step is sent at once."""
        key = plan.function, plan.alias
        known = self._live.get(key)
        if known is not None and not known.shift.is_over:
            raise Conflict(f"A shift of {plan.alias} is under way already.")
        alias = next(
            (one for one in await self._versions.aliases(plan.function) if one.name == plan.alias), None
        )
        if alias is None:
            raise NotFound(f"{plan.function} has no alias {plan.alias}.")
        shift = begin(plan, alias, self.clock())
        if not await asyncio.to_thread(self._files.take, *key):
            raise Conflict(f"Another lambdatui shifts {plan.alias} of {plan.function} right now.")
        live = Live(shift)
        await self._keep(live)
        try:
            await self._send(live)
        except ServiceError:
            await asyncio.to_thread(self._files.forget, *key)
            raise
        self._live[key] = live
        self._run()
        return live

    async def change(self, live: Live, change: Callable[[Shift, float], Shift]) -> None:
        """Hold, go on, take the next step or go back: one of Shift's own words for it."""
        async with live.busy:
            live.shift = change(live.shift, self.clock())
            await self._keep(live)
            await self._try_to_send(live)
        self._run()

    # -- what happens by itself ---------------------------------------------------------------

    async def tick(self, live: Live) -> None:
        """Look at the figures when it is time, and do what the plan says."""
        async with live.busy:
            if live.shift.is_over and not live.shift.unsent:
                return
            now = self.clock()
            if now - live.looked >= self._look_s or live.shift.waited(now):
                live.looked = now
                await self._look(live, now)
                await self._try_to_send(live)

    async def _look(self, live: Live, now: float) -> None:
        plan = live.shift.plan
        try:
            aliases = await self._versions.aliases(plan.function)
            alias = next((one for one in aliases if one.name == plan.alias), None)
            before = live.shift
            if alias is None:
                live.shift = before.stopped(f"{plan.alias} was deleted")
            else:
                live.shift = before.found(alias, now)
            if not live.shift.is_over:
                await self._measure(live, now)
                live.shift = live.shift.due(now, live.new)
            if live.shift != before:
                await self._keep(live)
            live.problem = ""
        except ServiceError as error:
            live.problem = error.sentence

    async def _measure(self, live: Live, now: float) -> None:
        plan = live.shift.plan
        since = datetime.fromtimestamp(live.shift.began, UTC)
        found = await self._metrics.by_version(plan.function, plan.alias, (plan.old, plan.new), since=since)
        figures = {one.version: Figures(one.invocations, one.errors, one.p95_ms) for one in found}
        live.samples.append(Measured(now, figures.get(plan.old, Figures()), figures.get(plan.new, Figures())))
        del live.samples[:-SAMPLES]

    async def _try_to_send(self, live: Live) -> None:
        try:
            await self._send(live)
        except ServiceError as error:
            live.problem = error.sentence

    async def _send(self, live: Live) -> None:
        """Tell Lambda what the plan wants, if it does not know yet."""
        if not live.shift.unsent:
            return
        plan, (version, routing) = live.shift.plan, live.shift.wanted
        try:
            alias = await self._versions.put_alias(
                plan.function,
                plan.alias,
                version=version,
                routing=routing,
                revision_id=live.shift.revision,
            )
        except (Changed, NotFound):
            await self._look_again(live)
        else:
            live.shift = live.shift.sent(alias, self.clock())
            live.problem = ""
        if live.shift.is_last and live.shift.phase is Phase.RUNNING:
            live.shift = live.shift.due(self.clock(), live.new)
        await self._keep(live)

    async def _look_again(self, live: Live) -> None:
        plan = live.shift.plan
        aliases = await self._versions.aliases(plan.function)
        alias = next((one for one in aliases if one.name == plan.alias), None)
        if alias is None:
            live.shift = live.shift.stopped(f"{plan.alias} was deleted")
        else:
            live.shift = live.shift.found(alias, self.clock())

    async def _keep(self, live: Live) -> None:
        plan = live.shift.plan
        try:
            if live.shift.is_over and not live.shift.unsent:
                await asyncio.to_thread(self._files.forget, plan.function, plan.alias)
            else:
                await asyncio.to_thread(self._files.write, live.shift)
        except OSError as error:
            live.problem = f"Where the shift stands cannot be kept on disk: {error.strerror}."

    # -- running ------------------------------------------------------------------------------

    def _run(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drive())

    async def _drive(self) -> None:
        while pending := [one for one in self._live.values() if not one.shift.is_over or one.shift.unsent]:
            for live in pending:
                await self.tick(live)
            await asyncio.sleep(TICK_S)

    async def close(self) -> None:
        """Stop looking; the shifts stay as they are and can be gone on with."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._files.close()
