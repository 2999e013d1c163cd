"""What the AWS/Lambda metrics are made of: gathered in memory, kept a few seconds later.

Metrics live in real time, as logs do: who reads them asks for the minutes of a real clock.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from lambdatui.engine.metrics.runs import Beside, Function, MinuteOfRuns, made, places
from lambdatui.engine.metrics.sketch import Distribution
from lambdatui.engine.store import metrics
from lambdatui.engine.store.database import Connection, Database, StoreUnavailable
from lambdatui.engine.store.metrics import Series

if TYPE_CHECKING:
    from lambdatui.engine.concurrency import Entry
    from lambdatui.engine.environments.invocation import InvokeRequest, Outcome
    from lambdatui.engine.environments.pool import Group
    from lambdatui.engine.environments.spec import RunSpec

logger = logging.getLogger(__name__)

EVERY_S = 10.0
"""So much of what was observed is lost at most when the engine is killed."""
FORGET_EVERY_S = 3600.0


class _Minute:
    """What was observed since the last time it was kept, all within one minute."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.runs = MinuteOfRuns()
        self.others: dict[Series, Distribution] = {}

    def series(self) -> Iterator[tuple[int, Series, Distribution]]:
        """Every series once."""
        whole: dict[Series, Distribution] = {}
        for series, distribution in (*self.runs.series(), *self.others.items()):
            known = whole.get(series)
            if known is None:
                known = whole[series] = Distribution()
            known.merge(distribution)
        return ((self.at, series, distribution) for series, distribution in whole.items())


class Metrics:
    """All metrics of an engine."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._minute = _Minute(0)
        self._over: list[_Minute] = []
        self._totals: defaultdict[tuple[Function, str], float] = defaultdict(float)
        self._grand_totals: defaultdict[str, float] = defaultdict(float)
        self._timer: asyncio.TimerHandle | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._forgot = float("-inf")

    # -- observing -------------------------------------------------------------------------------

    def ran(
        self,
        function: Function,
        qualifier: str | None,
        outcome: Outcome,
        beside: Beside,
        entry: Entry,
        group: Group,
    ) -> None:
        """An invocation is over, and still counts among those that run beside it."""
        runs = self._now().runs
        where = (function, qualifier, outcome.executed_version)
        runs.ran(where, outcome.duration_ms, outcome.error_type is not None, beside, entry)
        ahead = group.provisioned
        if ahead is not None:
            found = runs.runs[where]
            if entry.provisioned:
                used = max(1, len(ahead.members) - len(ahead.idle))
                found.provisioned[used] += 1
                found.utilization[used / max(used, len(ahead.members))] += 1
            else:
                found.spilled += 1

    def throttled(self, function: Function, qualifier: str | None, version: str | None = None) -> None:
        """An invocation was refused: there was no room for it."""
        self._now().runs.runs[function, qualifier, version or ""].throttles += 1

    def lingered(self, spec: RunSpec, invocation: InvokeRequest, milliseconds: float) -> None:
        """Extensions went on for so long after the runtime had answered."""
        function = (spec.account, spec.region, spec.name)
        for dimensions in places(spec.name, invocation.qualifier, spec.version):
            self.observe(made(function, "PostRuntimeExtensionsDuration", dimensions), milliseconds)

    def add(self, function: Function, metric: str, value: float, qualifier: str | None = None) -> None:
        """Observe something of a function beside its invocations; 1 for a count."""
        self._totals[function, metric] += value
        self._grand_totals[metric] += value
        for dimensions in places(function[2], qualifier):
            self.observe(made(function, metric, dimensions), value)

    def observe(self, series: Series, value: float, at: float | None = None) -> None:
        """Observe anything, now or at some other time."""
        others = (self._now() if at is None else self._then(int(at) // 60 * 60)).others
        known = others.get(series)
        if known is None:
            known = others[series] = Distribution()
        known.add(value)

    def total(self, function: Function, metric: str) -> float:
        """The sum of a function's metric since the engine started."""
        return self._totals.get((function, metric), 0.0)

    def grand_total(self, metric: str) -> float:
        """The same of all functions."""
        return self._grand_totals.get(metric, 0.0)

    def functions(self) -> set[Function]:
        """Those of which something was observed beside invocations."""
        return {function for function, _ in self._totals}

    # -- keeping ---------------------------------------------------------------------------------

    async def flush(self) -> None:
        """Return once everything observed so far is kept."""
        if self._keeping is not None:
            await asyncio.shield(self._keeping)
        self._keep()
        if self._keeping is not None:
            await asyncio.shield(self._keeping)

    async def close(self) -> None:
        """Keep what is left."""
        await self.flush()
        if self._timer is not None:
            self._timer.cancel()

    def _now(self) -> _Minute:
        at = int(time.time()) // 60 * 60
        minute = self._minute
        if minute.at != at:
            if minute.at:
                self._over.append(minute)
            minute = self._minute = _Minute(at)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(EVERY_S, self._keep)
        return minute

    def _then(self, at: int) -> _Minute:
        now = self._now()
        for minute in (now, *self._over):
            if minute.at == at:
                return minute
        self._over.append(_Minute(at))
        return self._over[-1]

    def _keep(self) -> None:
        """Hand everything to the writer; not while it is at work on what came before."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        if self._keeping is not None:
            self._timer = asyncio.get_running_loop().call_later(EVERY_S, self._keep)
            return
        minutes, self._over, self._minute = [*self._over, self._minute], [], _Minute(0)
        self._keeping = asyncio.get_running_loop().create_task(self._kept(minutes))

    async def _kept(self, minutes: list[_Minute]) -> None:
        try:
            await self.database.write(partial(self._write, minutes))
        except StoreUnavailable as error:
            logger.warning("metrics could not be kept: %s", error)
        except Exception:
            logger.exception("metrics could not be kept")
        self._keeping = None

    def _write(self, minutes: list[_Minute], conn: Connection) -> None:
        """In the writer's thread."""
        for minute in minutes:
            metrics.record(conn, minute.series())
        now = time.time()
        if now - self._forgot > FORGET_EVERY_S:
            self._forgot = now
            metrics.forget_before(conn, int(now) - metrics.KEPT_S)
