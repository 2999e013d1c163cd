"""A service without a target: the same calls, answered from memory, with fixed ids and times.

It knows Lambda's rules only as far as a screen can tell the difference. Tests hold calls back
(:meth:`FakeService.hold`) and make them fail (:meth:`FakeService.fail`) to see what the screen does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from lambdatui import paths
from lambdatui.model import (
    Account,
    Alias,
    Capability,
    EngineStatus,
    FollowKind,
    FollowState,
    Function,
    FunctionState,
    Invocation,
    InvocationType,
    InvokeError,
    LogEvent,
    LogKind,
    Report,
    Target,
    TargetKind,
    Version,
)
from lambdatui.model.invocation import Chunk
from lambdatui.model.metrics import Activity, VersionFigures
from lambdatui.service import TargetSpec
from lambdatui.service.burst import Bursts
from lambdatui.service.canaries import Canaries
from lambdatui.service.canary_files import ShiftFiles
from lambdatui.service.errors import Conflict, Invalid, NotFound, ServiceError
from lambdatui.service.journal import Journal
from lambdatui.service.last_event import LastEvent
from lambdatui.service.saved_events import SavedEvents
from tests.dashboard.fake_parts import FakeParts

NOW = datetime(2026, 11, 21, 14, 2, 10, 113_000, tzinfo=UTC)
ACCOUNT, REGION = "000000000000", "us-east-1"
SAMPLE_TAG = {"lambdatui:sample": "true"}
TRACE = (
    '  File "/var/task/handler.py", line 21, in handler\n    return charge(order)',
    '  File "/var/task/handler.py", line 14, in charge\n    raise PaymentRefused(order)',
)


def arn(name: str, qualifier: str | None = None) -> str:
    """The ARN of a function, version or alias of the fake."""
    whole = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    return f"{whole}:{qualifier}" if qualifier else whole


def version(
    name: str,
    number: str = "$LATEST",
    *,
    ago: timedelta = timedelta(minutes=2),
    description: str = "",
    code: str = "a3f9Zk0mPq8vWn5tRb2xLc7dJh4sGy6fEu1iAoTq1c=",
    runtime: str | None = "python3.12",
    memory_mb: int = 256,
    timeout_s: int = 30,
    state: FunctionState = FunctionState.UNKNOWN,
) -> Version:
    """One version as a list shows it."""
    return Version(
        function=name,
        number=number,
        arn=arn(name, None if number == "$LATEST" else number),
        description=description,
        modified=NOW - ago,
        code_sha256=code,
        code_size=1834,
        memory_mb=memory_mb,
        timeout_s=timeout_s,
        role=f"arn:aws:iam::{ACCOUNT}:role/lambdatui",
        runtime=runtime,
        handler="handler.handler",
        log_group=f"/aws/lambda/{name}",
        revision_id=f"rev-{name}-{number}-{int(ago.total_seconds())}",
        state=state,
    )


class Gates:
    """Lets a test hold calls back, make them fail, and see which were made."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self._errors: dict[str, ServiceError] = {}
        self._held: dict[str, asyncio.Event] = {}

    def fail(self, call: str, error: ServiceError | None) -> None:
        """From now on ``call`` raises ``error``; None makes it work again."""
        if error is None:
            self._errors.pop(call, None)
        else:
            self._errors[call] = error

    def hold(self, call: str) -> asyncio.Event:
        """From now on ``call`` waits until the event returned is set."""
        return self._held.setdefault(call, asyncio.Event())

    async def pass_through(self, call: str, *arguments: object) -> None:
        self.calls.append((call, *arguments))
        if call in self._held:
            await self._held[call].wait()
        if call in self._errors:
            raise self._errors[call]

    def made(self, call: str) -> list[tuple[object, ...]]:
        """The arguments of every call of that name."""
        return [entry[1:] for entry in self.calls if entry[0] == call]


class FakeStore:
    """What the fake account holds."""

    def __init__(self) -> None:
        self.functions: dict[str, Function] = {}
        self.versions: dict[str, list[Version]] = {}  # published, oldest first
        self.aliases: dict[str, dict[str, Alias]] = {}
        self.logs: dict[str, list[LogEvent]] = {}
        self.log_grew = asyncio.Event()

    def add(self, latest: Version, *, tags: Mapping[str, str] | None = None) -> Function:
        function = Function(latest, tags or {})
        self.functions[latest.function] = function
        self.versions.setdefault(latest.function, [])
        self.aliases.setdefault(latest.function, {})
        return function

    def publish(self, published: Version) -> None:
        self.versions[published.function].append(published)

    def set_alias(
        self, function: str, name: str, to: str, routing: Mapping[str, float] | None = None
    ) -> None:
        self.aliases[function][name] = Alias(
            function, name, arn(function, name), to, revision_id=f"rev-{name}-{to}", routing=routing or {}
        )

    def need(self, name: str) -> Function:
        if name not in self.functions:
            raise NotFound(f"There is no function {name}.", code="ResourceNotFoundException")
        return self.functions[name]

    def write_log(self, group: str, *events: LogEvent) -> None:
        self.logs.setdefault(group, []).extend(events)
        self.log_grew.set()


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


class FakeInvoker:
    """Answers with the event; ``boom`` in the event raises, ``cold`` makes it a cold start."""

    def __init__(self, store: FakeStore, gates: Gates) -> None:
        self._store, self._gates = store, gates
        self._runs = 0

    async def invoke(
        self,
        name: str,
        payload: bytes,
        *,
        qualifier: str | None = None,
        type: InvocationType = InvocationType.REQUEST_RESPONSE,  # noqa: A002 - as the service names it
        client_context: str = "",
        remember: bool = True,
    ) -> Invocation:
        if client_context:
            await self._gates.pass_through("client_context", client_context)
        await self._gates.pass_through("invoke", name, payload, qualifier, type)
        self._store.need(name)
        try:
            event = json.loads(payload)
        except ValueError as error:
            raise Invalid("The payload is not JSON.", code="InvalidRequestContentException") from error
        self._runs += 1
        request_id = f"7c1e{self._runs:04d}-0000-4000-8000-0000000000aa"
        sent = Invocation(name, qualifier, type, payload, NOW, 14.0, 200, request_id)
        if type is InvocationType.DRY_RUN:
            return replace(sent, status=204)
        run = self._run(sent, event, qualifier)
        self._store.write_log(f"/aws/lambda/{name}", *_log_of(run))
        if type is InvocationType.EVENT:
            return replace(sent, status=202)
        return run

    async def stream(
        self,
        name: str,
        payload: bytes,
        *,
        qualifier: str | None = None,
        client_context: str = "",
        on_chunk: Callable[[Chunk], None] = lambda chunk: None,
    ) -> Invocation:
        run = await self.invoke(name, payload, qualifier=qualifier, client_context=client_context)
        chunks = []
        for at, piece in enumerate(('{"charged": ', "true}")):
            chunks.append(Chunk(100.0 * (at + 1), len(piece), piece))
            on_chunk(chunks[-1])
            await self._gates.pass_through("chunk", at)
        answer = "".join(chunk.text for chunk in chunks)
        return replace(run, response=answer.encode(), text=answer, chunks=tuple(chunks))

    def _run(self, sent: Invocation, event: object, qualifier: str | None) -> Invocation:
        executed = qualifier or "$LATEST"
        if alias := self._store.aliases[sent.function].get(executed):
            executed = alias.version
        failed = isinstance(event, dict) and "boom" in event
        cold = isinstance(event, dict) and "cold" in event
        error = InvokeError("PaymentRefused", "order 42: refused by the bank", TRACE) if failed else None
        answer = (
            {"errorMessage": error.message, "errorType": error.type, "stackTrace": list(error.trace)}
            if error
            else {"charged": True, "event": event}
        )
        return replace(
            sent,
            executed_version=executed,
            response=json.dumps(answer).encode(),
            text=json.dumps(answer),
            function_error="Unhandled" if error else None,
            error=error,
            log=("charging card ****4242", "done"),
            report=Report(sent.request_id, 12.3, 13, 256, 41, 109.2 if cold else None),
        )


def _log_of(run: Invocation) -> list[LogEvent]:
    at = int(NOW.timestamp() * 1000)
    report = run.report
    assert report is not None
    stream = f"2026/11/21/[{run.executed_version}]aa"
    level = "ERROR" if run.error else ""
    message = f"[ERROR] {run.error.type}: {run.error.message}" if run.error else "charging card ****4242"

    def event(offset: int, text: str, kind: LogKind, **more: object) -> LogEvent:
        return LogEvent(
            at + offset,
            text,
            stream,
            f"{run.request_id}-{offset}",
            kind,
            run.request_id,
            **more,  # type: ignore[arg-type]
        )

    start = f"START RequestId: {run.request_id} Version: {run.executed_version}"
    figures = (
        f"REPORT RequestId: {run.request_id}\tDuration: {report.duration_ms:.2f} ms\t"
        f"Billed Duration: {report.billed_ms} ms\tMemory Size: 256 MB\tMax Memory Used: 41 MB"
    )
    return [
        event(0, start, LogKind.START, version=run.executed_version or ""),
        event(5, message, LogKind.OUTPUT, level=level),
        event(12, f"END RequestId: {run.request_id}", LogKind.END),
        event(13, figures, LogKind.REPORT, report=report),
    ]


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


class FakeLogs:
    def __init__(self, store: FakeStore, gates: Gates) -> None:
        self._store, self._gates = store, gates

    async def follow(
        self,
        group: str,
        *,
        since_ms: int | None = None,
        poll_s: float | None = None,
        on_state: Callable[[FollowState], None] = lambda state: None,
    ) -> AsyncIterator[list[LogEvent]]:
        await self._gates.pass_through("follow", group)
        on_state(FollowState(FollowKind.FOLLOWING))
        sent = 0
        while True:
            events = self._store.logs.get(group, [])
            if len(events) > sent:
                yield events[sent:]
                sent = len(events)
            self._store.log_grew.clear()
            await self._store.log_grew.wait()


class FakeHistory:
    def __init__(self) -> None:
        self.runs: dict[str, list[Invocation]] = {}

    async def of(self, function: str, *, limit: int = 200) -> list[Invocation]:
        return self.runs.get(function, [])[:limit]


class FakeLastEvents:
    def __init__(self) -> None:
        self.found: LastEvent | None = None

    async def of(self, function: str, group: str, now_ms: int) -> LastEvent | None:
        return self.found


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
        self.canaries = Canaries(
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
        await self.canaries.close()

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
