"""An account in memory: what it holds, with fixed ids and times, and the gates before every call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from lambdatui.model import Alias, Function, FunctionState, LogEvent, Version
from lambdatui.service.errors import NotFound, ServiceError

NOW = datetime(2026, 11, 21, 14, 2, 10, 113_000, tzinfo=UTC)
ACCOUNT, REGION = "000000000000", "us-east-1"


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
