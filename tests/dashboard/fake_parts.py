"""What belongs to one function, answered from memory: settings, code, tags, limits, triggers, grants."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lambdatui.model import (
    AsyncConfig,
    Change,
    Difference,
    EventSource,
    FileChange,
    FunctionSettings,
    FunctionState,
    FunctionUrl,
    LayerUse,
    Policy,
    Provisioned,
    Statement,
    Version,
)
from lambdatui.model.function import LATEST, Layer
from lambdatui.service.code import Package
from lambdatui.service.differences import file_changes, setting_changes, value_changes
from lambdatui.service.errors import Changed, NotFound
from tests.dashboard.function.fake_roles import FakeRoles

if TYPE_CHECKING:
    from tests.dashboard.fakes import FakeService

QUEUE = "arn:aws:sqs:us-east-1:000000000000:"
HANDLER = '''"""Charges an order."""

LIMIT = 42


def handler(event, context):
    order = event.get("order", 0)
    if order > LIMIT:
        raise ValueError("too much")
    return {"charged": True, "order": order}
'''


def zipped(files: Mapping[str, str]) -> bytes:
    """A package of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 21, 12, 0, 0)), text)
    return buffer.getvalue()


class FakeParts:
    """Everything of the service that only the function screen asks for."""

    def __init__(self, service: FakeService) -> None:
        self._store, self._gates = service.store, service.gates
        self._revision = 1
        self.values: dict[str, str] = {}
        self.environment: dict[str, str] = {"STAGE": "dev", "API_TOKEN": "s3cret-token"}
        self.packages: dict[str, bytes] = {
            LATEST: zipped({"handler.py": HANDLER, "lib/util.py": "def add(a, b):\n    return a + b\n"}),
            "3": zipped({"handler.py": HANDLER.replace("42", "10")}),
        }
        self.tagged: dict[str, str] = {"team": "payments"}
        self.reservation: int | None = None
        self.ready: list[Provisioned] = []
        self.configs: list[AsyncConfig] = []
        self.mappings: list[EventSource] = []
        self.addresses: list[FunctionUrl] = []
        self.statements: dict[str, list[Statement]] = {}
        self.layers_used: tuple[LayerUse, ...] = ()
        service.settings = FakeSettings(self)  # type: ignore[attr-defined]
        service.code = FakeCode(self)  # type: ignore[attr-defined]
        service.differences = FakeDifferences(self)  # type: ignore[attr-defined]
        service.tags = FakeTags(self)  # type: ignore[attr-defined]
        service.concurrency = FakeConcurrency(self)  # type: ignore[attr-defined]
        service.async_configs = FakeAsync(self)  # type: ignore[attr-defined]
        service.sources = FakeSources(self)  # type: ignore[attr-defined]
        service.urls = FakeUrls(self)  # type: ignore[attr-defined]
        service.policies = FakePolicies(self)  # type: ignore[attr-defined]
        service.layers = FakeLayers(self)  # type: ignore[attr-defined]
        service.roles = FakeRoles(self)  # type: ignore[attr-defined]

    def fill(self) -> None:
        """Triggers, destinations and grants, for pictures."""
        function = "arn:aws:lambda:us-east-1:000000000000:function:checkout"
        self.values["dead_letter"] = f"{QUEUE}dead"
        self.reservation = 20
        checkout = self._store.functions["checkout"]
        self._store.functions["checkout"] = replace(checkout, tags=self.tagged, reserved_concurrency=20)
        self.ready = [Provisioned("prod", 5, 5, 5, "READY")]
        self.configs = [AsyncConfig(LATEST, 1, 3600, "", f"{QUEUE}failed")]
        ids = [f"11111111-0000-4000-8000-00000000000{number}" for number in (1, 2)]
        self.mappings = [
            EventSource(ids[0], f"{QUEUE}orders", function, "Enabled", "", 10),
            EventSource(ids[1], f"{QUEUE}refunds", f"{function}:prod", "Disabled", "", 5),
        ]
        self.addresses = [FunctionUrl("https://abc.lambda-url.us-east-1.on.aws/", "", "NONE")]
        uploads = ("ArnLike", "AWS:SourceArn", "arn:aws:s3:::uploads")
        signed = ("StringEquals", "lambda:FunctionUrlAuthType", "NONE")
        self.statements[""] = [
            Statement("uploads", "", "Allow", ("s3.amazonaws.com",), ("lambda:InvokeFunction",), (uploads,)),
            Statement("open", "", "Allow", ("*",), ("lambda:InvokeFunctionUrl",), (signed,)),
        ]

    async def passed(self, call: str, *arguments: object) -> None:
        await self._gates.pass_through(call, *arguments)

    def version(self, name: str, qualifier: str | None) -> Version:
        """The version that a qualifier means."""
        latest = self._store.need(name).latest
        if qualifier in (None, LATEST):
            return latest
        if alias := self._store.aliases[name].get(str(qualifier)):
            qualifier = alias.version
        found = next((each for each in self._store.versions[name] if each.number == qualifier), None)
        if found is None:
            raise NotFound(f"{name} has no version {qualifier}.")
        return found

    def settings_of(self, name: str, qualifier: str | None = None) -> FunctionSettings:
        version = self.version(name, qualifier)
        values = {
            "description": version.description,
            "memory": str(version.memory_mb),
            "timeout": str(version.timeout_s),
            "storage": "512",
            "role": version.role,
            "runtime": version.runtime or "",
            "handler": version.handler or "",
            "layers": "",
            "snap_start": "None",
            "architectures": "x86_64",
            "package": "Zip",
            "log_format": "Text",
            "log_group": version.log_group,
            "tracing": "PassThrough",
        }
        own = version.number == LATEST
        environment = self.environment if own else {"STAGE": "dev"}
        layers = tuple(Layer(use.arn, use.size) for use in self.layers_used)
        return FunctionSettings(
            replace(
                version,
                state=version.state or FunctionState.ACTIVE,
                last_update="Successful",
                environment=dict(environment),
                layers=layers,
                revision_id=f"rev-{self._revision}" if own else version.revision_id,
            ),
            values | (self.values if own else {}),
        )

    def touch(self) -> None:
        """Somebody changed the function."""
        self._revision += 1


class _Part:
    def __init__(self, parts: FakeParts) -> None:
        self._parts = parts


class FakeSettings(_Part):
    async def get(self, name: str, qualifier: str | None = None) -> FunctionSettings:
        await self._parts.passed("settings", name, qualifier)
        return self._parts.settings_of(name, qualifier)

    async def change(
        self,
        name: str,
        values: Mapping[str, str],
        *,
        variables: Mapping[str, str | None] | None = None,
        revision_id: str | None = None,
    ) -> FunctionSettings:
        parts = self._parts
        await parts.passed("change", name, dict(values), dict(variables or {}), revision_id)
        if revision_id is not None and revision_id != parts.settings_of(name).revision_id:
            raise Changed(f"{name} was changed by somebody else meanwhile.")
        parts.values.update(values)
        merged = {**parts.environment, **(variables or {})}
        parts.environment = {key: value for key, value in merged.items() if value is not None}
        parts.touch()
        return parts.settings_of(name)


class FakeCode(_Part):
    async def download(self, name: str, qualifier: str | None = None, *, progress: Any = None) -> Package:
        await self._parts.passed("download", name, qualifier)
        number = self._parts.version(name, qualifier).number
        return Package(io.BytesIO(self._parts.packages.get(number) or self._parts.packages[LATEST]), "")

    async def deploy(
        self,
        name: str,
        package: bytes,
        *,
        revision_id: str | None = None,
        progress: Callable[[int, int], None] = lambda done, whole: None,
    ) -> str:
        progress(len(package) // 2, len(package))
        await self._parts.passed("deploy", name, package)
        self._parts.packages[LATEST] = package
        return "sha"


class FakeDifferences(_Part):
    async def between(
        self, name: str, left: str, right: str, *, other: FakeDifferences | None = None
    ) -> Difference:
        parts, there = self._parts, (other or self)._parts
        await parts.passed("between", name, left, right)
        before, after = parts.settings_of(name, left), there.settings_of(name, right)
        files: tuple[FileChange, ...] = ()
        if before.version.code_sha256 != after.version.code_sha256:
            old, new = (
                Package(io.BytesIO(side.packages.get(s.version.number) or side.packages[LATEST]), "")
                for side, s in ((parts, before), (there, after))
            )
            files = file_changes(old, new)
        changes: tuple[Change, ...] = setting_changes(before, after)
        return Difference(before, after, changes, value_changes(before.environment, after.environment), files)


class FakeTags(_Part):
    async def of(self, arn: str) -> dict[str, str]:
        await self._parts.passed("tags", arn)
        return dict(sorted(self._parts.tagged.items()))

    async def put(self, arn: str, tags: Mapping[str, str]) -> None:
        await self._parts.passed("put_tags", dict(tags))
        self._parts.tagged.update(tags)

    async def remove(self, arn: str, keys: Sequence[str]) -> None:
        await self._parts.passed("remove_tags", tuple(keys))
        for key in keys:
            del self._parts.tagged[key]


class FakeConcurrency(_Part):
    async def reserved(self, name: str) -> int | None:
        await self._parts.passed("reserved", name)
        return self._parts.reservation

    async def reserve(self, name: str, count: int) -> None:
        await self._parts.passed("reserve", name, count)
        self._parts.reservation = count

    async def unreserve(self, name: str) -> None:
        await self._parts.passed("unreserve", name)
        self._parts.reservation = None

    async def provisioned(self, name: str) -> list[Provisioned]:
        await self._parts.passed("provisioned", name)
        return list(self._parts.ready)

    async def provision(self, name: str, qualifier: str, count: int) -> None:
        await self._parts.passed("provision", name, qualifier, count)
        self._parts.ready.append(Provisioned(qualifier, count, 0, 0, "IN_PROGRESS"))

    async def unprovision(self, name: str, qualifier: str) -> None:
        await self._parts.passed("unprovision", name, qualifier)
        self._parts.ready = [each for each in self._parts.ready if each.qualifier != qualifier]


class FakeAsync(_Part):
    async def list(self, name: str) -> list[AsyncConfig]:
        await self._parts.passed("async", name)
        return [*self._parts.configs]

    async def put(self, name: str, config: AsyncConfig) -> None:
        await self._parts.passed("put_async", name, config)
        self._parts.configs = [config]

    async def remove(self, name: str, qualifier: str) -> None:
        await self._parts.passed("remove_async", name, qualifier)
        self._parts.configs = []


class FakeSources(_Part):
    async def list(self, name: str) -> list[EventSource]:
        await self._parts.passed("sources", name)
        return [*self._parts.mappings]

    async def enable(self, id: str, on: bool) -> EventSource:  # noqa: A002
        await self._parts.passed("enable", id, on)
        state = "Enabled" if on else "Disabled"
        self._parts.mappings = [replace(m, state=state) if m.id == id else m for m in self._parts.mappings]
        return EventSource(id, "", "", state)

    async def set_batch(self, id: str, size: int, window_s: int) -> EventSource:  # noqa: A002
        await self._parts.passed("set_batch", id, size, window_s)
        self._parts.mappings = [
            replace(m, batch_size=size, window_s=window_s) if m.id == id else m for m in self._parts.mappings
        ]
        return EventSource(id, "", "", "Enabled", "", size, window_s)

    async def set_filters(self, id: str, patterns: Sequence[str]) -> EventSource:  # noqa: A002
        await self._parts.passed("set_filters", id, tuple(patterns))
        return EventSource(id, "", "", "Enabled")

    async def remove(self, id: str) -> None:  # noqa: A002
        await self._parts.passed("remove_source", id)
        self._parts.mappings = [m for m in self._parts.mappings if m.id != id]


class FakeUrls(_Part):
    async def streams(self, name: str, qualifier: str | None = None) -> bool:
        return any(url.mode == "RESPONSE_STREAM" for url in self._parts.addresses)

    async def list(self, name: str) -> list[FunctionUrl]:
        await self._parts.passed("urls", name)
        return [*self._parts.addresses]

    async def create(self, name: str, *, qualifier: str = "", auth: str = "AWS_IAM") -> FunctionUrl:
        await self._parts.passed("create_url", name, qualifier, auth)
        made = FunctionUrl("https://abc.lambda-url.us-east-1.on.aws/", qualifier, auth)
        self._parts.addresses.append(made)
        return made

    async def set_auth(self, name: str, qualifier: str, auth: str) -> FunctionUrl:
        await self._parts.passed("set_auth", name, qualifier, auth)
        self._parts.addresses = [replace(each, auth=auth) for each in self._parts.addresses]
        return self._parts.addresses[0]

    async def remove(self, name: str, qualifier: str = "") -> None:
        await self._parts.passed("remove_url", name, qualifier)
        self._parts.addresses = []


class FakePolicies(_Part):
    async def all(self, name: str, qualifiers: Sequence[str]) -> list[Policy]:
        await self._parts.passed("policies", name)
        return [Policy(each, tuple(self._parts.statements.get(each, ()))) for each in ("", *qualifiers)]

    async def grant(self, name: str, sid: str, **wanted: Any) -> None:
        await self._parts.passed("grant", name, sid, wanted["principal"])
        qualifier = wanted.get("qualifier", "")
        made = Statement(sid, qualifier, "Allow", (wanted["principal"],), ("lambda:InvokeFunction",))
        self._parts.statements.setdefault(qualifier, []).append(made)

    async def grant_url(self, name: str, missing: Any) -> None:
        await self._parts.passed("grant_url", name, missing.action)
        made = Statement(missing.sid, missing.url.qualifier, "Allow", (missing.principal,), (missing.action,))
        self._parts.statements.setdefault(missing.url.qualifier, []).append(made)

    async def drop(self, name: str, sid: str, qualifier: str = "") -> None:
        await self._parts.passed("drop", name, sid)
        kept = [each for each in self._parts.statements[qualifier] if each.sid != sid]
        self._parts.statements[qualifier] = kept


class FakeLayers(_Part):
    async def used(self, layers: Sequence[Layer]) -> list[LayerUse]:
        await self._parts.passed("layers")
        return list(self._parts.layers_used)
