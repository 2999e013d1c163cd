"""All environments of an engine: which one takes an invocation, when new ones are made, when old ones end."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from lambdatui.engine.clock import Clock, Timer
from lambdatui.engine.environments.environment import Environment
from lambdatui.engine.environments.invocation import InvokeRequest, Outcome, exit_reason, exited
from lambdatui.engine.environments.site import Site, State
from lambdatui.engine.environments.spec import RunSpec

logger = logging.getLogger(__name__)

IDLE_S = 600.0
STARTING_AT_ONCE = max(4, 2 * (os.cpu_count() or 1))
"""More interpreters that start side by side only make each other late for their INIT budget."""

STARTING_FOR_S = 0.5
"""Who still starts after this does not burn the machine, but waits for something."""
INIT_ATTEMPTS = 6
"""So often AWS tries to initialise what is provisioned."""
LEFT_WITHIN_S = 3.0  # extensions have two seconds
RETURNS_WITHIN_S = 0.05
"""A caller may come with its next call before the runtime asks for work: no reason to start another."""


@dataclass(eq=False)
class Group:
    """The environments of one version of a function (and one tenant)."""

    spec: RunSpec
    tenant_id: str | None = None
    idle: list[Environment] = field(default_factory=list)
    """The last one is the one used last, and the next to be used."""
    waiting: deque[InvokeRequest] = field(default_factory=deque)
    """Invocations for which an environment is to be started."""
    members: set[Environment] = field(default_factory=set)
    retired: bool = False
    provisioned: Group | None = None
    """Environments of the same version that were made ahead of time and are kept; they serve first."""

    @property
    def serves_at_once(self) -> bool:
        """One of its environments is idle, or about to be."""
        return bool(self.idle) or sum(one.returning for one in self.members) > len(self.waiting)


class Pool:
    """Keeps environments from their start to their end."""

    def __init__(self, site: Site, clock: Clock, *, idle_s: float = IDLE_S) -> None:
        self.site = site
        self.idle_s = idle_s
        self._clock = clock
        self._groups: dict[tuple[RunSpec, str | None, bool], Group] = {}
        self._to_start: deque[Group] = deque()  # once for each invocation in their `waiting`
        self._starting: set[Environment] = set()
        self._provisioning: dict[Environment, asyncio.Future[bool]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._reaper: Timer | None = None
        self._closed = False

    def group(self, spec: RunSpec, tenant_id: str | None = None, *, provisioned: bool = False) -> Group:
        """The group of a version; keep it, it is the fast way in."""
        key = (spec, tenant_id, provisioned)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(spec, tenant_id)
        return group

    def invoke(self, group: Group, invocation: InvokeRequest) -> None:
        """Run an invocation in a provisioned environment, in the one used last, or in a new one."""
        ahead = group.provisioned
        if ahead is not None and ahead.serves_at_once:
            if ahead.idle:
                ahead.idle.pop().invoke(invocation)
            else:
                ahead.waiting.append(invocation)
            return
        if group.idle:
            group.idle.pop().invoke(invocation)
            return
        group.waiting.append(invocation)
        if group.spec.debug_port is not None and group.members:
            return  # one port, one environment
        returning = sum(environment.returning for environment in group.members)
        if returning >= len(group.waiting):
            asyncio.get_running_loop().call_later(RETURNS_WITHIN_S, self._start_one, group)
        else:
            self._start_one(group)

    def start(self, group: Group) -> None:
        """One environment that nobody has called for yet."""
        environment = self._new(group)
        task = asyncio.get_running_loop().create_task(self._start(environment, None))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def failed(self, spec: RunSpec) -> bool:
        """Whether nothing of a version lives, although it was started."""
        members = [one for key, group in self._groups.items() if key[0] is spec for one in group.members]
        return not any(one.initialised or one.state is State.STARTING for one in members)

    def end_all(self, spec: RunSpec, how: str) -> None:
        """End the environments of a version at once, and what runs in them."""
        for group in [found for key, found in self._groups.items() if key[0] is spec]:
            for environment in list(group.members):
                self.end(environment, how)

    def retire(self, spec: RunSpec) -> None:
        """The version changed or is gone: what runs ends in peace, nothing is used again."""
        for key in [key for key in self._groups if key[0] is spec]:
            group = self._groups[key]
            self._retire(group, "its function was changed, or is gone")
            self._forget_if_empty(group)

    def _retire(self, group: Group, how: str) -> None:
        group.retired = True
        for environment in group.members:
            environment.retired, environment.life.how = True, how
        for environment in [*group.idle, *(one for one in group.members if one.held)]:
            self._end(environment)

    def provisioned_for(self, group: Group) -> bool:
        """Whether an invocation would now be served by a provisioned environment."""
        return group.provisioned is not None and group.provisioned.serves_at_once

    async def provision(self, group: Group, count: int) -> bool:
        """Keep ``count`` initialised environments ahead of time; False if that went wrong too often."""
        ahead = self.group(group.spec, provisioned=True)
        if ahead.retired:
            ahead = self._groups[group.spec, None, True] = Group(group.spec)
        for environment in list(ahead.idle)[count:]:
            self.end(environment, "no longer provisioned")
        failures = 0
        while len(ahead.members) < count and failures < INIT_ATTEMPTS and not (ahead.retired or self._closed):
            missing = min(count - len(ahead.members), STARTING_AT_ONCE)
            outcomes = await asyncio.gather(*(self._provision_one(ahead) for _ in range(missing)))
            failures += outcomes.count(False)
        if ahead.retired or len(ahead.members) < count:
            self.unprovision(group)
            return False
        group.provisioned = ahead
        return True

    def unprovision(self, group: Group) -> None:
        """Keep nothing ahead any more; what runs ends in peace."""
        group.provisioned = None
        ahead = self._groups.get((group.spec, None, True))
        if ahead is None:
            return
        self._retire(ahead, "no longer provisioned")
        while ahead.waiting:
            self.invoke(group, ahead.waiting.popleft())
        self._forget_if_empty(ahead)

    async def _provision_one(self, ahead: Group) -> bool:
        """Make one environment; whether its INIT went well."""
        environment = self._new(ahead, provisioned=True)
        outcome: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._provisioning[environment] = outcome
        try:
            await environment.start(None)
        except Exception:
            logger.exception("an environment of %s could not be started", environment.spec.name)
            self._end(environment)
        return await outcome

    def environments(self) -> Iterator[Environment]:
        """All that live."""
        for group in self._groups.values():
            yield from group.members

    def counts(self) -> tuple[int, int]:
        """How many are warm and idle, and how many are busy or starting."""
        idle = sum(len(group.idle) for group in self._groups.values())
        return idle, sum(len(group.members) for group in self._groups.values()) - idle

    async def close(self) -> None:
        """End all environments."""
        self._closed = True
        if self._reaper is not None:
            self._reaper.cancel()
        for group in list(self._groups.values()):
            while group.waiting:
                _refuse(group.spec, group.waiting.popleft())
            for environment in list(group.members):
                self.end(environment, "the engine stops")
        for task in list(self._tasks):
            task.cancel()
        if self.site.leaving:
            await asyncio.wait(self.site.leaving, timeout=LEFT_WITHIN_S)

    # -- starting --------------------------------------------------------------------------------

    def _new(self, group: Group, *, provisioned: bool = False) -> Environment:
        environment = Environment(group.spec, self.site, self, group.tenant_id, provisioned=provisioned)
        environment.group, environment.retired = group, group.retired
        group.members.add(environment)
        return environment

    def _start_one(self, group: Group) -> None:
        if group.waiting:
            self._to_start.append(group)
            self._start_more()

    def _start_more(self) -> None:
        while self._to_start and len(self._starting) < STARTING_AT_ONCE and not self._closed:
            group = self._to_start.popleft()
            if not group.waiting:
                continue
            invocation = group.waiting.popleft()
            environment = self._new(group)
            self._starting.add(environment)
            asyncio.get_running_loop().call_later(STARTING_FOR_S, self.initialised, environment)
            task = asyncio.get_running_loop().create_task(self._start(environment, invocation))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _start(self, environment: Environment, invocation: InvokeRequest | None) -> None:
        try:
            await environment.start(invocation)
        except Exception:
            logger.exception("an environment of %s could not be started", environment.spec.name)
            environment.current = None
            self._end(environment)
            if invocation is not None:
                _refuse(environment.spec, invocation)

    # -- what environments tell ------------------------------------------------------------------

    def initialised(self, environment: Environment) -> None:
        """One less is starting."""
        if environment in self._starting:
            self._starting.remove(environment)
            self._start_more()

    def idle(self, environment: Environment) -> None:
        """Give it what waits for its kind, or keep it for later."""
        group = environment.group
        if environment in self._provisioning:
            if not environment.initialised:
                self._end(environment)
                return
            self._provisioning.pop(environment).set_result(True)
        if environment.retired and not group.waiting:
            self.end(environment, environment.life.how)
        elif group.waiting:
            environment.invoke(group.waiting.popleft())
        else:
            environment.idle_since = self._clock.now()
            group.idle.append(environment)
            if self._reaper is None:
                self._reaper = self._clock.call_later(self.idle_s, self._reap)

    def worn(self, environment: Environment) -> None:
        """Handlers find their role's keys in variables, which do not change: another one takes its place."""
        if environment.provisioned and not environment.retired:
            task = asyncio.get_running_loop().create_task(self._replace(environment))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self._put_aside(environment)

    async def _replace(self, environment: Environment) -> None:
        """What is provisioned goes when the one after it is there."""
        await self._provision_one(environment.group)
        if environment.state is not State.ENDED:
            self._put_aside(environment)

    def _put_aside(self, environment: Environment) -> None:
        environment.retired, environment.life.how = True, "its role's keys run out"
        if environment in environment.group.idle or environment.held:
            self._end(environment)

    # -- ending ----------------------------------------------------------------------------------

    def end(self, environment: Environment, how: str) -> None:
        """End it, and say in its life why."""
        environment.life.how = how
        self._end(environment)

    def hold(self, environment: Environment) -> None:
        """Have one that is idle stand still, and give it nothing."""
        environment.group.idle.remove(environment)
        environment.hold()

    def cool(self, spec: RunSpec, how: str) -> None:
        """End what is idle of a version, and what is busy when it is done: the next invocation is cold."""
        group = self.group(spec)
        for environment in list(group.members):
            environment.life.how, environment.retired = how, True
            if environment in group.idle or environment.held:
                self._end(environment)

    def _end(self, environment: Environment) -> None:
        group = environment.group
        group.members.discard(environment)
        if environment in group.idle:
            group.idle.remove(environment)
        environment.end()
        if (outcome := self._provisioning.pop(environment, None)) is not None and not outcome.done():
            outcome.set_result(False)
        self.initialised(environment)
        if group.spec.debug_port is not None and not group.members:
            self._start_one(group)
        self._forget_if_empty(group)

    def _forget_if_empty(self, group: Group) -> None:
        if group.retired and not group.members and not group.waiting:
            for key in [key for key, found in self._groups.items() if found is group]:
                del self._groups[key]

    def _reap(self) -> None:
        """End what has been idle for too long, and come back when the next one may be."""
        self._reaper = None
        oldest = None
        limit = self._clock.now() - self.idle_s
        kept = [key for key in self._groups if key[2] or key[0].debug_port is not None]
        for group in [group for key, group in self._groups.items() if key not in kept]:
            for environment in [one for one in group.idle if one.idle_since <= limit]:
                self.end(environment, "idle for too long")
            for environment in group.idle:
                oldest = min(oldest or environment.idle_since, environment.idle_since)
        if oldest is not None:
            self._reaper = self._clock.call_at(oldest + self.idle_s, self._reap)


def _refuse(spec: RunSpec, invocation: InvokeRequest) -> None:
    """Answer for an environment that never came to life."""
    error_type, body = exited(invocation.request_id, exit_reason(None))
    invocation.done(Outcome(body, spec.version, error_type))


__all__ = ["Group", "Pool", "State"]
