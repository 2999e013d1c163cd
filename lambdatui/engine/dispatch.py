"""From a qualifier to an answer: which version runs, whether there is room, which environments serve it."""

from __future__ import annotations

import asyncio
import base64
import logging
import random
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass, field
from typing import Any

import orjson

from lambdatui.engine import faulty, lineage
from lambdatui.engine.concurrency import Concurrency
from lambdatui.engine.environments.invocation import Invocation, Reply, Result
from lambdatui.engine.environments.pool import Group, Pool
from lambdatui.engine.environments.spec import Command, RunSpec
from lambdatui.engine.faults import Faults
from lambdatui.engine.metrics.registry import Metrics
from lambdatui.engine.planning import Planning, refuse_what_cannot_run
from lambdatui.engine.store import aliases, facets, layers, versions
from lambdatui.engine.store.database import Database, StoreUnavailable
from lambdatui.engine.store.versions import LATEST
from lambdatui.engine.wire.errors import ApiError, conflict, invalid_parameter, not_found, service_failure

logger = logging.getLogger(__name__)

ACCOUNT_LIMIT = 1000
LOOP = "Lambda has detected that {} is invoked in a recursive loop and stopped it."
READY_AHEAD = 100
"""So many functions are kept ready that nobody has invoked yet: memory must not grow with their number."""
STILL = "The operation cannot be performed at this time. The function is currently in the following state: "


@dataclass(slots=True)
class InvokeRequest:
    """An invocation as it was asked for."""

    account: str
    region: str
    name: str
    qualifier: str | None
    payload: bytes
    request_id: str
    tail: bool = False
    client_context: str | None = None
    """Base64, as it came."""
    trace_id: str | None = None
    tenant_id: str | None = None
    reply: Reply | None = None
    """Who takes a streamed response as it comes; without it the response is collected."""


@dataclass(slots=True)
class Outcome:
    """An invocation that ran, well or badly."""

    payload: bytes
    executed_version: str
    function_error: str | None
    log_tail: bytes | None
    duration_ms: float
    billed_ms: int
    init_ms: float | None
    max_memory_mb: int
    error_type: str | None = None


Done = Callable[[Outcome | ApiError], None]
Key = tuple[str, str, str]


@dataclass(slots=True)
class _Route:
    """What a qualifier leads to."""

    arn: str
    version: str
    other: str | None = None
    """An alias's second version, and its share of the invocations."""
    share: float = 0.0

    def draw(self) -> str:
        if self.other is not None and random.random() < self.share:  # noqa: S311 - a weight, not a secret
            return self.other
        return self.version


@dataclass(slots=True)
class _Plan:
    """A version that is ready to run."""

    spec: RunSpec
    fingerprint: str
    group: Group
    lacking: dict[faulty.Lack, _Plan] = field(default_factory=dict)
    """The same in environments from which fault switches took something."""


@dataclass(slots=True)
class _Function:
    """What is remembered of a function between invocations."""

    key: Key
    generation: int = 0
    routes: dict[str | None, _Route] = field(default_factory=dict)
    plans: dict[str, _Plan] = field(default_factory=dict)
    preparing: dict[str, asyncio.Task[_Plan]] = field(default_factory=dict)
    running: int = 0


class Dispatch:
    """Takes invocations and answers by callback; on the way of a warm one there is no task and no query."""

    def __init__(
        self,
        database: Database,
        planning: Planning,
        pool: Pool,
        *,
        beside: Callable[[Command], None],
        faults: Faults,
        metrics: Metrics,
    ) -> None:
        self._beside = beside
        self._faults = faults
        self._metrics = metrics
        self.concurrency = Concurrency(database)
        self.debugging = planning.debugging
        self._database = database
        self._planning = planning
        self._pool = pool
        self._functions: dict[Key, _Function] = {}
        self._unused: dict[Key, None] = {}  # ready, but never invoked since; the oldest first
        self._tasks: set[asyncio.Task[None]] = set()

    def invoke(self, request: InvokeRequest, done: Done) -> None:
        """Run an invocation; `done` is called once, with its outcome or with why it could not run."""
        try:
            function = self._function((request.account, request.region, request.name))
            route = function.routes.get(request.qualifier) or self._route(function, request.qualifier)
            if self._faults.armed:
                self._refuse(function, request)
            version = faulty.version(self._faults, request.name, route.other) or route.draw()
            plan = function.plans.get(version)
            if plan is not None:
                self._run(function, route, plan, request, done)
                return
        except ApiError as error:
            done(error)
            return
        self._soon(self._run_soon(function, route, version, request, done))

    def _refuse(self, function: _Function, request: InvokeRequest) -> None:
        """Raises what a fault switch answers."""
        try:
            faulty.refuse(self._faults, request.name)
        except ApiError as error:
            if error.status == 429:
                self._metrics.throttled(function.key, request.qualifier)
            raise

    def forget(self, account: str, region: str, name: str) -> None:
        """The function, an alias or a version changed or went: look again, and drain what is out of date."""
        function = self._function((account, region, name))
        self.concurrency.forget(account, region, name)
        function.generation += 1
        function.routes.clear()
        function.preparing.clear()
        conn = self._database.read()
        for version, plan in list(function.plans.items()):
            record = versions.get(conn, account, region, name, version)
            if record is None or record.fingerprint != plan.fingerprint:
                del function.plans[version]
                self._retire(plan)
        latest = versions.get(conn, account, region, name, LATEST)
        if latest is None:
            self._drop_if_unused(function)
        elif latest.state == "Active" and LATEST not in function.plans:
            self._soon(self._get_ready(function))

    def ready(self, account: str, region: str, name: str, qualifier: str | None) -> bool:
        """Whether an invocation is known to have something to run; else ask the store."""
        function = self._functions.get((account, region, name))
        route = function.routes.get(qualifier) if function is not None else None
        plan = function.plans.get(route.version) if function is not None and route is not None else None
        return plan is not None and not plan.spec.tenant_isolation

    def prepared(self, key: Key) -> RunSpec | None:
        """What runs of $LATEST, once it lies ready."""
        function = self._functions.get(key)
        plan = function.plans.get(LATEST) if function is not None else None
        return plan.spec if plan is not None else None

    async def start_anew(self, account: str, region: str, name: str, *, ahead: bool) -> RunSpec:
        """What runs of $LATEST ends now, whatever it does; ``ahead``: the next one starts at once."""
        function = self._function((account, region, name))
        function.generation += 1
        function.preparing.clear()
        if (plan := function.plans.pop(LATEST, None)) is not None:
            self._retire(plan)
            self._pool.end_all(plan.spec, "it starts anew, with or without a debugger")
        while (plan := function.plans.get(LATEST)) is None:  # again, if it changes meanwhile
            await self._prepared(function, LATEST)
            function = self._function((account, region, name))
        if ahead:
            self._pool.start(plan.group)
        return plan.spec

    def running(self, account: str, region: str) -> int:
        """How many invocations run now."""
        return self.concurrency.running(account, region)

    async def provision(self, account: str, region: str, name: str, version: str, count: int) -> bool:
        """Keep so many initialised environments ready for a version; False if they cannot be initialised."""
        while True:
            function = self._function((account, region, name))
            plan = function.plans.get(version)
            if plan is not None:
                return await self._pool.provision(plan.group, count)
            await self._prepared(function, version)

    def unprovision(self, account: str, region: str, name: str, keep: Collection[str]) -> None:
        """Let go of what is provisioned for other versions than these."""
        function = self._functions.get((account, region, name))
        for version, plan in function.plans.items() if function else ():
            if version not in keep:
                self._pool.unprovision(plan.group)

    async def _get_ready(self, function: _Function) -> None:
        """Lay out a version that may be invoked soon; whatever is wrong with it, its invocations will say."""
        try:
            plan = await self._prepared(function, LATEST)
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
            self._retire(plan)
        self._drop_if_unused(function)

    def _retire(self, plan: _Plan) -> None:
        for one in (plan, *plan.lacking.values()):
            self._pool.retire(one.spec)

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _drop_if_unused(self, function: _Function) -> None:
        if not function.plans and not function.running:
            self._functions.pop(function.key, None)

    # -- running ---------------------------------------------------------------------------------

    async def _run_soon(
        self, function: _Function, route: _Route, version: str, request: InvokeRequest, done: Done
    ) -> None:
        """The first invocation of a version waits until its code lies ready."""
        generation = function.generation
        try:
            plan = await self._prepared(function, version)
            if generation != function.generation:
                self.invoke(request, done)
            else:
                self._run(function, route, plan, request, done)
        except ApiError as error:
            done(error)
        except StoreUnavailable as error:
            done(service_failure(str(error)))
        except Exception:
            logger.exception("%s could not be prepared", request.name)
            done(service_failure())

    def _run(
        self, function: _Function, route: _Route, plan: _Plan, request: InvokeRequest, done: Done
    ) -> None:
        self._unused.pop(function.key, None)
        check_tenant(plan.spec.tenant_isolation, request.tenant_id)
        trace_id, before = lineage.step(request.trace_id, route.arn)
        if before >= lineage.STOPS_AT and not self._may_loop(function):
            self._metrics.add(function.key, "RecursiveInvocationsDropped", 1, request.qualifier)
            raise ApiError("RecursiveInvocationException", LOOP.format(function.key[2]), 400)
        if self._faults.armed:
            plan = self._lacking(plan)
        group = plan.group
        if request.tenant_id is not None:
            group = self._pool.group(plan.spec, request.tenant_id)
        if request.reply is not None:
            request.reply.version = plan.spec.version
        try:
            entry = self.concurrency.enter(function.key, provisioned=self._pool.provisioned_for(group))
        except ApiError:
            self._metrics.throttled(function.key, request.qualifier, plan.spec.version)
            raise
        function.running += 1

        def finished(result: Result) -> None:
            version, running = plan.spec.version, function.running
            self._metrics.ran(function.key, request.qualifier, version, result, running, entry, group)
            self.concurrency.leave(entry)
            function.running -= 1
            done(_outcome(result, plan.spec.version))

        invocation = Invocation(
            request_id=request.request_id,
            payload=request.payload,
            arn=route.arn,
            trace_id=trace_id,
            done=finished,
            client_context=_decoded(request.client_context),
            tenant_id=request.tenant_id,
            tail=request.tail,
            reply=request.reply,
        )
        self._pool.invoke(group, invocation)

    def _lacking(self, plan: _Plan) -> _Plan:
        """The plan, or one like it without what fault switches take from the next environment."""
        lack = faulty.lacks(self._faults, plan.spec.name)
        if lack == faulty.NOTHING:
            return plan
        if lack not in plan.lacking:
            spec = faulty.without(plan.spec, lack, self._pool.site.tier.name)
            plan.lacking[lack] = _Plan(spec, plan.fingerprint, self._pool.group(spec))
        return plan.lacking[lack]

    def _may_loop(self, function: _Function) -> bool:
        """Whether a chain of events may come back to this function for ever."""
        document: dict[str, Any] = facets.get(self._database.read(), *function.key, "recursion") or {}
        return document.get("RecursiveLoop") == "Allow"

    # -- looking up ------------------------------------------------------------------------------

    def _function(self, key: Key) -> _Function:
        function = self._functions.get(key)
        if function is None:
            function = self._functions[key] = _Function(key)
        return function

    def _route(self, function: _Function, qualifier: str | None) -> _Route:
        """Look a qualifier up; only what can run is remembered."""
        conn = self._database.read()
        account, region, name = function.key
        arn = f"arn:aws:lambda:{region}:{account}:function:{name}"
        record = versions.get(conn, *function.key, qualifier or LATEST)
        route = _Route(f"{arn}:{qualifier}" if qualifier else arn, qualifier or LATEST)
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

    async def _prepared(self, function: _Function, version: str) -> _Plan:
        """The plan of a version; several callers share one preparation."""
        task = function.preparing.get(version)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._prepare(function, version))
            function.preparing[version] = task
            task.add_done_callback(lambda over: _forget_task(function, version, over))
        return await asyncio.shield(task)

    async def _prepare(self, function: _Function, version: str) -> _Plan:
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
        plan = _Plan(spec, record.fingerprint, self._pool.group(spec))
        if generation == function.generation:
            function.plans[version] = plan
        else:
            self._retire(plan)  # out of date before anybody could use it
        return plan


def check_tenant(isolated: bool, tenant_id: str | None) -> None:
    """A function keeps tenants apart or knows none."""
    if isolated and not tenant_id:
        raise invalid_parameter(
            "The invoked function is enabled with tenancy configuration."
            " Add a valid tenant ID in your request and try again."
        )
    if tenant_id and not isolated:
        raise invalid_parameter(
            "The invoked function is not enabled with tenancy configuration."
            " Remove the tenant ID from your request and try again."
        )


def _forget_task(function: _Function, version: str, task: asyncio.Task[_Plan]) -> None:
    if function.preparing.get(version) is task:
        del function.preparing[version]
    if not task.cancelled():
        task.exception()  # its waiters hear of it; nobody may be left who waits


def _decoded(client_context: str | None) -> str | None:
    """Client context as one line of ASCII JSON, fit for a header."""
    if not client_context:
        return None
    import json

    return json.dumps(orjson.loads(base64.b64decode(client_context)))


def _outcome(result: Result, version: str) -> Outcome:
    return Outcome(
        payload=result.payload,
        executed_version=version,
        function_error="Unhandled" if result.error_type else None,
        log_tail=result.log_tail,
        duration_ms=result.duration_ms,
        billed_ms=result.billed_ms,
        init_ms=result.init_ms,
        max_memory_mb=result.max_memory_mb,
        error_type=result.error_type,
    )
