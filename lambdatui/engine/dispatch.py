"""From a qualifier to an answer: which version runs, whether there is room, which environments serve it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from lambdatui.engine import faulty, lineage
from lambdatui.engine.concurrency import Concurrency, Entry
from lambdatui.engine.environments.invocation import InvokeRequest, Outcome
from lambdatui.engine.environments.pool import Group, Pool
from lambdatui.engine.environments.spec import Command, RunSpec
from lambdatui.engine.faults import Faults
from lambdatui.engine.metrics.registry import Metrics
from lambdatui.engine.planning import Planning
from lambdatui.engine.plans import Function, Key, Plan, Plans, Route
from lambdatui.engine.store import facets
from lambdatui.engine.store.database import Database, StoreUnavailable
from lambdatui.engine.store.versions import LATEST
from lambdatui.engine.wire.errors import ApiError, invalid_parameter, service_failure

__all__ = ["Dispatch", "Done", "InvokeRequest", "Outcome", "check_tenant"]

logger = logging.getLogger(__name__)

LOOP = "Lambda has detected that {} is invoked in a recursive loop and stopped it."

Done = Callable[[Outcome | ApiError], None]


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
        self._faults = faults
        self._metrics = metrics
        self.concurrency = Concurrency(database)
        self.debugging = planning.debugging
        self._database = database
        self._pool = pool
        self._plans = Plans(database, planning, pool, beside)

    def invoke(self, request: InvokeRequest, done: Done) -> None:
        """Run an invocation; `done` is called once, with its outcome or with why it could not run."""
        try:
            function = self._plans.function((request.account, request.region, request.name))
            route = function.routes.get(request.qualifier) or self._plans.route(function, request.qualifier)
            version = self._faulty_version(function, route, request) if self._faults.armed else route.draw()
            plan = function.plans.get(version)
            if plan is not None:
                self._run(function, route, plan, request, done)
                return
        except ApiError as error:
            done(error)
            return
        self._plans.soon(self._run_soon(function, route, version, request, done))

    def _faulty_version(self, function: Function, route: Route, request: InvokeRequest) -> str:
        """The version that runs where fault switches are on; raises what one of them answers."""
        try:
            faulty.refuse(self._faults, request.name)
        except ApiError as error:
            if error.status == 429:
                self._metrics.throttled(function.key, request.qualifier)
            raise
        return faulty.version(self._faults, request.name, route.other) or route.draw()

    def forget(self, account: str, region: str, name: str) -> None:
        """The function, an alias or a version changed or went: look again, and drain what is out of date."""
        self.concurrency.forget(account, region, name)
        self._plans.forget((account, region, name))

    def ready(self, account: str, region: str, name: str, qualifier: str | None) -> bool:
        """Whether an invocation is known to have something to run; else ask the store."""
        return self._plans.ready((account, region, name), qualifier)

    def prepared(self, key: Key) -> RunSpec | None:
        """What runs of $LATEST, once it lies ready."""
        plan = self._plans.known(key)
        return plan.spec if plan is not None else None

    async def start_anew(self, account: str, region: str, name: str, *, ahead: bool) -> RunSpec:
        """What runs of $LATEST ends now, whatever it does; ``ahead``: the next one starts at once."""
        key = (account, region, name)
        if (plan := self._plans.take_back(self._plans.function(key))) is not None:
            self._pool.end_all(plan.spec, "it starts anew, with or without a debugger")
        while (plan := self._plans.known(key)) is None:  # again, if it changes meanwhile
            await self._plans.prepared(self._plans.function(key), LATEST)
        if ahead:
            self._pool.start(plan.group)
        return plan.spec

    def running(self, account: str, region: str) -> int:
        """How many invocations run now."""
        return self.concurrency.running(account, region)

    async def provision(self, account: str, region: str, name: str, version: str, count: int) -> bool:
        """Keep so many initialised environments ready for a version; False if they cannot be initialised."""
        key = (account, region, name)
        while (plan := self._plans.known(key, version)) is None:
            await self._plans.prepared(self._plans.function(key), version)
        return await self._pool.provision(plan.group, count)

    def unprovision(self, account: str, region: str, name: str, keep: Collection[str]) -> None:
        """Let go of what is provisioned for other versions than these."""
        for version, plan in self._plans.of((account, region, name)).items():
            if version not in keep:
                self._pool.unprovision(plan.group)

    # -- running ---------------------------------------------------------------------------------

    async def _run_soon(
        self, function: Function, route: Route, version: str, request: InvokeRequest, done: Done
    ) -> None:
        """The first invocation of a version waits until its code lies ready."""
        generation = function.generation
        try:
            plan = await self._plans.prepared(function, version)
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

    def _run(self, function: Function, route: Route, plan: Plan, request: InvokeRequest, done: Done) -> None:
        self._plans.used(function)
        spec, group = plan.spec, plan.group
        if spec.tenant_isolation or request.tenant_id is not None:
            check_tenant(spec.tenant_isolation, request.tenant_id)
        trace_id, before = lineage.step(request.trace_id, route.arn)
        if before >= lineage.STOPS_AT and not self._may_loop(function):
            self._metrics.add(function.key, "RecursiveInvocationsDropped", 1, request.qualifier)
            raise ApiError("RecursiveInvocationException", LOOP.format(function.key[2]), 400)
        if self._faults.armed:
            plan = self._lacking(plan)
            spec, group = plan.spec, plan.group
        if request.tenant_id is not None:
            group = self._pool.group(spec, request.tenant_id)
        if request.reply is not None:
            request.reply.version = spec.version
        try:
            entry = self.concurrency.enter(function.key, provisioned=self._pool.provisioned_for(group))
        except ApiError:
            self._metrics.throttled(function.key, request.qualifier, spec.version)
            raise
        function.running += 1
        if request.qualifier is not None:
            function.count(request.qualifier, spec.version, 1)
        request.arn, request.trace_id = route.arn, trace_id
        request.done = partial(self._over, function, group, entry, request.qualifier, done)
        self._pool.invoke(group, request)

    def _over(
        self,
        function: Function,
        group: Group,
        entry: Entry,
        qualifier: str | None,
        done: Done,
        outcome: Outcome,
    ) -> None:
        """An invocation is over."""
        version = outcome.executed_version
        beside = function.beside(qualifier, version)
        self._metrics.ran(function.key, qualifier, outcome, beside, entry, group)
        self.concurrency.leave(entry)
        function.running -= 1
        if qualifier is not None:
            function.count(qualifier, version, -1)
        done(outcome)

    def _lacking(self, plan: Plan) -> Plan:
        """The plan, or one like it without what fault switches take from the next environment."""
        lack = faulty.lacks(self._faults, plan.spec.name)
        if lack == faulty.NOTHING:
            return plan
        if lack not in plan.lacking:
            spec = faulty.without(plan.spec, lack, self._pool.site.tier.name)
            plan.lacking[lack] = Plan(spec, plan.fingerprint, self._pool.group(spec))
        return plan.lacking[lack]

    def _may_loop(self, function: Function) -> bool:
        """Whether a chain of events may come back to this function for ever."""
        document: dict[str, Any] = facets.get(self._database.read(), *function.key, "recursion") or {}
        return document.get("RecursiveLoop") == "Allow"


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
