"""A service without a target: the same calls, answered from memory, with fixed ids and times.

It knows Lambda's rules only as far as a screen can tell the difference. Tests hold calls back
(:meth:`Gates.hold`) and make them fail (:meth:`Gates.fail`) to see what the screen does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

from lambdatui import paths
from lambdatui.model import (
    Account,
    Alias,
    Capability,
    EngineStatus,
    Function,
    FunctionState,
    Target,
    TargetKind,
    Version,
)
from lambdatui.model.metrics import Activity, VersionFigures
from lambdatui.service import TargetSpec
from lambdatui.service.burst import Bursts
from lambdatui.service.errors import Conflict, NotFound
from lambdatui.service.journal import Journal
from lambdatui.service.saved_events import SavedEvents
from lambdatui.service.shifts.files import ShiftFiles
from lambdatui.service.shifts.shifts import Shifts
from tests.dashboard.fake_account import ACCOUNT, NOW, REGION, FakeStore, Gates, arn, version
from tests.dashboard.fake_parts import FakeParts
from tests.dashboard.fake_runs import FakeHistory, FakeInvoker, FakeLastEvents, FakeLogs

SAMPLE_TAG = {"lambdatui:sample": "true"}


class FakeFunctions:
    def __init__(self, store: FakeStore, gates: Gates) -> None:
        self._store, self._gates = store, gates
        self.page_size = 50

    async def pages(self) -> AsyncIterator[list[Function]]:
        await self._gates.pass_through("list")
        found = [replace(f, tags={}) for _, f in sorted(self._store.functions.items())]
        for start in range(0, len(found), self.page_size):
            yield found[start : start + self.page_size]

    async def get(self, name: str, qualifier: str | None = None) -> Function:
        await self._gates.pass_through("get", name)
        return self._known(name)

    async def states(self, names: Sequence[str]) -> dict[str, Function]:
        await self._gates.pass_through("states", tuple(names))
        return {name: self._known(name) for name in names if name in self._store.functions}

    async def settled(self, name: str, *, within_s: float = 60.0) -> Function:
        await self._gates.pass_through("settled", name)
        return self._known(name)

    def _known(self, name: str) -> Function:
        function = self._store.need(name)
        state = function.latest.state or FunctionState.ACTIVE
        return replace(function, latest=replace(function.latest, state=state))

    async def delete(self, name: str) -> None:
        await self._gates.pass_through("delete", name)
        self._store.need(name)
        del self._store.functions[name]

    async def account(self) -> Account:
        return Account(1000, 1000, 80_530_636_800, 1834, len(self._store.functions))

    async def add_samples(self) -> list[str]:
        await self._gates.pass_through("add_samples")
        self._store.add(version("hello", memory_mb=128, timeout_s=3), tags=SAMPLE_TAG)
        return ["hello"]

    async def remove_samples(self) -> list[str]:
        await self._gates.pass_through("remove_samples")
        names = [name for name, f in self._store.functions.items() if f.tags == SAMPLE_TAG]
        for name in names:
            del self._store.functions[name]
        return names


class FakeVersions:
    def __init__(self, store: FakeStore, gates: Gates) -> None:
        self._store, self._gates = store, gates

    async def list(self, name: str) -> list[Version]:
        await self._gates.pass_through("versions", name)
        latest = self._store.need(name).latest
        return [latest, *reversed(self._store.versions[name])]

    async def aliases(self, name: str) -> list[Alias]:  # type: ignore[valid-type]
        await self._gates.pass_through("aliases", name)
        self._store.need(name)
        return sorted(self._store.aliases[name].values(), key=lambda alias: alias.name)

    async def publish(self, name: str, *, description: str = "", revision_id: str | None = None) -> Version:
        await self._gates.pass_through("publish", name, description)
        latest = self._store.need(name).latest
        published = self._store.versions[name]
        number = str(int(published[-1].number) + 1 if published else 1)
        new = replace(latest, number=number, arn=arn(name, number), description=description, modified=NOW)
        self._store.publish(new)
        return new

    async def put_alias(
        self,
        name: str,
        alias: str,
        *,
        version: str,
        routing: Mapping[str, float] | None = None,
        description: str | None = None,
        revision_id: str | None = None,
    ) -> Alias:
        await self._gates.pass_through("put_alias", name, alias, version, dict(routing or {}))
        if version not in {"$LATEST", *(v.number for v in self._store.versions[name])}:
            raise NotFound(f"{name} has no version {version}.", code="ResourceNotFoundException")
        self._store.set_alias(name, alias, version, routing)
        return self._store.aliases[name][alias]

    async def delete_alias(self, name: str, alias: str) -> None:
        await self._gates.pass_through("delete_alias", name, alias)
        del self._store.aliases[name][alias]

    async def delete(self, name: str, number: str) -> None:
        await self._gates.pass_through("delete_version", name, number)
        used = [alias.name for alias in self._store.aliases[name].values() if number in dict(alias.weights)]
        if used:
            raise Conflict(f"Version {number} is used by alias {used[0]}.", code="ResourceConflictException")
        self._store.versions[name] = [v for v in self._store.versions[name] if v.number != number]


class FakeMetrics:
    def __init__(self, gates: Gates) -> None:
        self._gates = gates
        self.counts: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}  # invocations, errors
        self.figures: dict[str, VersionFigures] = {}

    async def by_version(
        self, name: str, alias: str, versions: Sequence[str], *, since: datetime
    ) -> tuple[VersionFigures, ...]:
        await self._gates.pass_through("by_version", name, alias, tuple(versions))
        return tuple(self.figures.get(number, VersionFigures(number)) for number in versions)

    async def activity(
        self, names: Sequence[str], *, minutes: int = 60, steps: int = 30
    ) -> dict[str, Activity]:
        await self._gates.pass_through("activity", tuple(names))
        nothing = (0,) * steps
        return {
            name: Activity(NOW - timedelta(hours=1), 600, *self.counts.get(name, (nothing, nothing)))
            for name in names
        }


class FakeEngine:
    def __init__(self, store: FakeStore, gates: Gates) -> None:
        self._store, self._gates = store, gates

    async def status(self) -> EngineStatus:
        await self._gates.pass_through("status")
        return EngineStatus(
            version="0.1.0",
            pid=4242,
            account=ACCOUNT,
            tier="process",
            uptime_s=61.0,
            functions=len(self._store.functions),
            warm=3,
            busy=0,
            queue=2,
        )

    async def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": "http://127.0.0.1:4574",
            "AWS_ACCESS_KEY_ID": "AKIALOCAL",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": REGION,
        }


LOCAL = Target(
    TargetKind.LOCAL,
    REGION,
    ACCOUNT,
    f"arn:aws:iam::{ACCOUNT}:root",
    endpoint="http://127.0.0.1:4574",
    capabilities=frozenset({Capability.STATUS}),
)
AWS = Target(
    TargetKind.AWS,
    "eu-central-1",
    "123456789012",
    "arn:aws:sts::123456789012:assumed-role/dev/ada",
    profile="acme-dev",
)


class FakeService:
    """The same attributes as :class:`lambdatui.service.Service`."""

    def __init__(self, target: Target = LOCAL) -> None:
        self.spec = TargetSpec(target.kind)
        self.target = target
        self.gates = Gates()
        self.store = FakeStore()
        self.functions = FakeFunctions(self.store, self.gates)
        self.versions = FakeVersions(self.store, self.gates)
        self.invoker = FakeInvoker(self.store, self.gates)
        self.logs = FakeLogs(self.store, self.gates)
        self.metrics = FakeMetrics(self.gates)
        self.history = FakeHistory()
        self.inspection: Any = None
        self.pool: Any = None
        self.catalog: Any = None
        self.neighbours: Any = None
        self.dead_letters: Any = None
        self.redrives: Any = None
        self.bursts = Bursts(cast("Any", self.invoker), region=target.region)
        self.saved_events = SavedEvents(paths.data_dir() / "events")
        self.shared_events: Any = None
        self.last_events = FakeLastEvents()
        files = ShiftFiles(paths.state_dir() / "shifts")
        self.shifts = Shifts(
            cast("Any", self.versions), cast("Any", self.metrics), files, look_s=0.0, clock=NOW.timestamp
        )
        local = target.kind is TargetKind.LOCAL
        self.engine = FakeEngine(self.store, self.gates) if local else None
        self.parts = FakeParts(self)
        self.journal = Journal(now=lambda: NOW)
        self.closed = False
        self.stamped: object | None = None

    async def close(self) -> None:
        self.closed = True
        await self.bursts.close()
        await self.shifts.close()

    def stamp(self) -> object | None:
        """What changes with functions and versions; None unless a test sets it."""
        return self.stamped

    async def open(
        self,
        spec: TargetSpec,
        *,
        progress: Callable[[str], None] = lambda _: None,
        interactive: bool = True,
    ) -> FakeService:
        """What a test gives the app in place of ``open_target``."""
        await self.gates.pass_through("open")
        return self


def shop(target: Target = LOCAL) -> FakeService:
    """The little shop of the sketches: five functions, versions and aliases on one of them."""
    service = FakeService(target)
    store = service.store
    store.add(version("checkout"))
    store.add(version("payments", runtime="nodejs22.x", memory_mb=512, timeout_s=15, ago=timedelta(hours=3)))
    store.add(version("invoice", memory_mb=128, timeout_s=3, ago=timedelta(days=2)))
    store.add(
        version(
            "resize-image",
            runtime="provided.al2023",
            memory_mb=1024,
            timeout_s=60,
            ago=timedelta(days=40),
            state=FunctionState.FAILED,
        )
    )
    store.add(version("nightly-report", runtime="ruby3.3", timeout_s=900, ago=timedelta(hours=20)))
    for number, text, ago, code in (
        ("1", "first", timedelta(days=9), "0b7dKx2mQz9pVt4nRw6yLs8cJf3hGe5uBa1iDoXk91="),
        ("2", "coupons", timedelta(days=2), "77abHn3kWp7rZv2mTx9qCs5dLf8jGy4eUb6iAoMz0e="),
        ("3", "tax hotfix", timedelta(hours=1), "9c01Qm4tXn6vKp2zRb8wLd7sJh3fGy5eUa1cIoVb44="),
    ):
        store.publish(version("checkout", number, description=text, ago=ago, code=code))
    store.set_alias("checkout", "prod", "3", {"2": 0.1})
    store.set_alias("checkout", "stage", "2")
    return service
