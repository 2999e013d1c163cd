"""What is ready to run: functions that were invoked or may be soon, where their qualifiers lead, and all that
environments have to know of a version, put together once."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdatui.engine import faulty
from lambdatui.engine.environments.pool import Group, Pool
from lambdatui.engine.environments.spec import Command, RunSpec
from lambdatui.engine.metrics.runs import Beside
from lambdatui.engine.planning import Planning, refuse_what_cannot_run
from lambdatui.engine.store import aliases, layers, versions
from lambdatui.engine.store.database import Database
from lambdatui.engine.store.versions import LATEST
from lambdatui.engine.wire.errors import conflict, not_found

logger = logging.getLogger(__name__)

READY_AHEAD = 100
"""So many functions are kept ready that nobody has invoked yet: memory must not grow with their number."""
STILL = "The operation cannot be performed at this time. The function is currently in the following state: "

Key = tuple[str, str, str]


@dataclass(slots=True)
class Route:
    """What a qualifier leads to."""

    arn: str
    version: str
    other: str | None = None
    """An alias's second version, and its share of the invocations."""
    share: float = 0.0

    def draw(self) -> str:
        """The version that an invocation runs."""
        if self.other is not None and random.random() < self.share:  # noqa: S311 - a weight, not a secret
            return self.other
        return self.version


@dataclass(slots=True)
class Plan:
    """A version that is ready to run."""

    spec: RunSpec
    fingerprint: str
    group: Group
    lacking: dict[faulty.Lack, Plan] = field(default_factory=dict)
    """The same in environments from which fault switches took something."""


@dataclass(slots=True)
class Function:
    """What is remembered of a function between invocations."""

    key: Key
    generation: int = 0
    routes: dict[str | None, Route] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    preparing: dict[str, asyncio.Task[Plan]] = field(default_factory=dict)
    running: int = 0
    qualified: int = 0
    """How many of those were invoked by a qualifier, and below by which, and what they run."""
    by_qualifier: Counter[str] = field(default_factory=Counter)
    by_version: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, qualifier: str, version: str, more: int) -> None:
        """One that was invoked by a qualifier begins, or is over."""
        self.qualified += more
        self.by_qualifier[qualifier] += more
        self.by_version[qualifier, version] += more

    def beside(self, qualifier: str | None, version: str) -> Beside:
        """What runs with one of them, itself included."""
        if qualifier is None:
            return self.running, self.running - self.qualified, 0
        return self.running, self.by_qualifier[qualifier], self.by_version[qualifier, version]


class Plans:
    """Looks things up once, and again when they change."""

    def __init__(
        self, database: Database, planning: Planning, pool: Pool, beside: Callable[[Command], None]
    ) -> None:
        self._beside = beside
        self._database = database
        self._planning = planning
        self._pool = pool
        self._functions: dict[Key, Function] = {}
        self._unused: dict[Key, None] = {}  # ready, but never invoked since; the oldest first
        self._tasks: set[asyncio.Task[None]] = set()

    def function(self, key: Key) -> Function:
        """What is remembered of a function, if only from now on."""
        function = self._functions.get(key)
        if function is None:
            function = self._functions[key] = Function(key)
        return function

    def of(self, key: Key) -> Mapping[str, Plan]:
        """The versions of a function that lie ready."""
        function = self._functions.get(key)
        return function.plans if function is not None else {}

    def known(self, key: Key, version: str = LATEST) -> Plan | None:
        """The plan of a version, if it lies ready."""
        return self.of(key).get(version)

    def ready(self, key: Key, qualifier: str | None) -> bool:
        """Whether an invocation is known to have something to run; else ask the store."""
        function = self._functions.get(key)
        route = function.routes.get(qualifier) if function is not None else None
        plan = self.known(key, route.version) if route is not None else None
        return plan is not None and not plan.spec.tenant_isolation

    def used(self, function: Function) -> None:
        """It is invoked, and stays ready."""
        self._unused.pop(function.key, None)

    def soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Work that nobody waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forget(self, key: Key) -> None:
        """The function, an alias or a version changed or went: look again, and drain what is out of date."""
        function = self.function(key)
        function.generation += 1
        function.routes.clear()
        function.preparing.clear()
        conn = self._database.read()
        for version, plan in list(function.plans.items()):
            record = versions.get(conn, *key, version)
            if record is None or record.fingerprint != plan.fingerprint:
                del function.plans[version]
                self.retire(plan)
        latest = versions.get(conn, *key, LATEST)
        if latest is None:
            self._drop_if_unused(function)
        elif latest.state == "Active" and LATEST not in function.plans:
            self.soon(self._get_ready(function))

    def take_back(self, function: Function) -> Plan | None:
        """$LATEST is put together anew, and what runs of it is not used again."""
        function.generation += 1
        function.preparing.clear()
        plan = function.plans.pop(LATEST, None)
        if plan is not None:
            self.retire(plan)
        return plan

    def retire(self, plan: Plan) -> None:
        """What runs of it ends in peace."""
        for one in (plan, *plan.lacking.values()):
            self._pool.retire(one.spec)

    async def _get_ready(self, function: Function) -> None:
        """Lay out a version that may be invoked soon; whatever is wrong with it, its invocations will say."""
        try:
            plan = await self.prepared(function, LATEST)
        except Exception as problem:
            logger.debug("%s is not ready to run: %s", function.key, problem)
        else:
            self._pool.site.standbys.expect(plan.spec.program)
            self._unused.pop(function.key, None)
            self._unused[function.key] = None
            while len(self._unused) > READY_AHEAD:
                self._let_go(next(iter(self._unused)))

    def _let_go(self, key: Key) -> None:
        """Nobody has invoked this function: its first invocation will lay it out again."""
        del self._unused[key]
        function = self._functions.get(key)
        if function is None or function.running:
            return
        plan = function.plans.pop(LATEST, None)
        if plan is not None:
            self.retire(plan)
        self._drop_if_unused(function)

    def _drop_if_unused(self, function: Function) -> None:
        if not function.plans and not function.running:
            self._functions.pop(function.key, None)

    # -- looking up ------------------------------------------------------------------------------

    def route(self, function: Function, qualifier: str | None) -> Route:
        """Look a qualifier up; only what can run is remembered."""
        conn = self._database.read()
        account, region, name = function.key
        arn = f"arn:aws:lambda:{region}:{account}:function:{name}"
        record = versions.get(conn, *function.key, qualifier or LATEST)
        route = Route(f"{arn}:{qualifier}" if qualifier else arn, qualifier or LATEST)
        if record is None:
            alias = aliases.get(conn, *function.key, qualifier) if qualifier else None
            if alias is None:
                self._drop_if_unused(function)
                raise not_found(f"Function not found: {arn}:{qualifier or LATEST}")
            route.version = alias.version
            for version, share in alias.weights.items():
                route.other, route.share = version, share
        function.routes[qualifier] = route
        return route

    async def prepared(self, function: Function, version: str) -> Plan:
        """The plan of a version; several callers share one preparation."""
        task = function.preparing.get(version)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._prepare(function, version))
            function.preparing[version] = task
            task.add_done_callback(lambda over: _forget_task(function, version, over))
        return await asyncio.shield(task)

    async def _prepare(self, function: Function, version: str) -> Plan:
        generation = function.generation
        conn = self._database.read()
        record = versions.get(conn, *function.key, version)
        if record is None:
            account, region, name = function.key
            raise not_found(
                f"Function not found: arn:aws:lambda:{region}:{account}:function:{name}:{version}"
            )
        if record.state in ("Pending", "Failed"):
            raise conflict(f"{STILL}{record.state}")
        refuse_what_cannot_run(record)
        shas = [
            layer.code_sha256
            for one in record.config.get("Layers", ())
            if (layer := layers.by_arn(conn, one["Arn"], deleted=True)) is not None
        ]
        spec = await asyncio.to_thread(self._planning.spec, record, shas)
        chore = self._planning.programs.compiling(spec.program)
        if chore is not None:
            self._beside(chore)
        plan = Plan(spec, record.fingerprint, self._pool.group(spec))
        if generation == function.generation:
            function.plans[version] = plan
        else:
            self.retire(plan)  # out of date before anybody could use it
        return plan


def _forget_task(function: Function, version: str, task: asyncio.Task[Plan]) -> None:
    if function.preparing.get(version) is task:
        del function.preparing[version]
    if not task.cancelled():
        task.exception()  # its waiters hear of it; nobody may be left who waits
