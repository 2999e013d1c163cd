"""From what the user asked for to a target that answered."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from lambdatui import paths
from lambdatui.address import DEFAULT_REGION
from lambdatui.model import Capability, Target, TargetKind
from lambdatui.model.rules import rule_for
from lambdatui.service import last, samples
from lambdatui.service.async_config import AsyncConfigs
from lambdatui.service.burst import Bursts
from lambdatui.service.callbacks import Callbacks
from lambdatui.service.catalog import Catalog
from lambdatui.service.clean import clean_line
from lambdatui.service.code import Code
from lambdatui.service.concurrency import Concurrency
from lambdatui.service.connection import Access, Connection
from lambdatui.service.creation import Creation
from lambdatui.service.dead_letters import DeadLetters
from lambdatui.service.differences import Differences
from lambdatui.service.engine import EngineControl
from lambdatui.service.errors import Denied, NotFound, Unsupported
from lambdatui.service.functions import Functions
from lambdatui.service.history import History
from lambdatui.service.inspection import Inspection
from lambdatui.service.invoker import Invoker
from lambdatui.service.journal import Journal
from lambdatui.service.last_event import LastEvents
from lambdatui.service.layers import Layers
from lambdatui.service.local import LocalEngine
from lambdatui.service.logs import AWS, LOCAL, Logs
from lambdatui.service.mappings import EventSources
from lambdatui.service.metrics import Metrics
from lambdatui.service.neighbours import Neighbours
from lambdatui.service.policies import Policies
from lambdatui.service.pool import Pool
from lambdatui.service.redrive import Redrives
from lambdatui.service.retention import Retention
from lambdatui.service.roles import Roles
from lambdatui.service.saved_events import SavedEvents
from lambdatui.service.settings import Settings
from lambdatui.service.shared_events import SharedEvents
from lambdatui.service.shifts.files import ShiftFiles
from lambdatui.service.shifts.shifts import Shifts
from lambdatui.service.spec import TargetSpec
from lambdatui.service.tags import Tags
from lambdatui.service.together import together
from lambdatui.service.urls import Urls
from lambdatui.service.versions import Versions

_WELCOMED = ".samples"  # in a data folder whose samples were added once: removing them is respected


class Service:
    """Everything that can be asked of one target."""

    def __init__(
        self,
        spec: TargetSpec,
        target: Target,
        connection: Connection,
        *,
        history: History,
        engine: EngineControl | None = None,
        process: LocalEngine | None = None,
    ) -> None:
        local = target.kind is TargetKind.LOCAL
        self.spec = spec
        self._target = target
        self.history = history
        self.functions = Functions(connection, local=local, account=target.account)
        self.creation = Creation(connection, self.functions, local=local, account=target.account)
        self.versions = Versions(connection)
        self.settings = Settings(connection)
        self.code = Code(connection, self.settings)
        self.differences = Differences(self.settings, self.code)
        self.tags = Tags(connection)
        self.concurrency = Concurrency(connection)
        self.async_configs = AsyncConfigs(connection)
        self.sources = EventSources(connection)
        self.urls = Urls(connection)
        self.policies = Policies(connection)
        self.roles = Roles(connection)
        self.layers = Layers(connection)
        self.retention = Retention(connection)
        self.metrics = Metrics(connection)
        self.catalog = Catalog(connection, local=local, stamp=self.stamp)
        self.pool = Pool(self.functions, self.concurrency, self.metrics, local=local, stamp=self.stamp)
        self.callbacks = Callbacks(connection) if local else None
        logged = partial(process.stamp, "logs") if process is not None else None
        self.logs = Logs(connection, pace=LOCAL if local else AWS, stamp=logged)
        self.invoker = Invoker(connection, history, running=self.logs.nudge)
        self.engine = engine
        self.journal = connection.journal = Journal(history.folder / "journal.jsonl")
        self.undo = connection.undo
        self.inspection = Inspection(connection) if engine is not None else None
        self.neighbours = Neighbours(connection) if engine is not None else None
        self.dead_letters = DeadLetters(connection, self.neighbours)
        self.redrives = Redrives(connection, history.folder / "redrives", local=local)
        self.bursts = Bursts(self.invoker, region=target.region)
        self.saved_events = SavedEvents(paths.data_dir() / "events")
        self.last_events = LastEvents(self.logs, self.inspection)
        self.shared_events = None if local or target.endpoint else SharedEvents(connection)
        shifts = ShiftFiles(history.folder / "shifts")
        self.shifts = Shifts(self.versions, self.metrics, shifts, look_s=2.0 if local else 15.0)
        self._connection = connection
        self._process = process

    @property
    def target(self) -> Target:
        """Who and where we are. A local engine that was started again may listen elsewhere."""
        endpoint = self._process.endpoint if self._process is not None else self._target.endpoint
        if endpoint != self._target.endpoint:
            self._target = replace(self._target, endpoint=endpoint)
        return self._target

    def stamp(self) -> object | None:
        """Differs from an earlier one when functions, versions or aliases may have changed since; None when
        only asking tells."""
        return self._process.stamp("lambda") if self._process is not None else None

    async def expires(self) -> datetime | None:
        """When the credentials run out, as far as anybody tells; it moves when they are renewed."""
        return await _expiry(self._connection) if self.target.kind is TargetKind.AWS else None

    async def seed_history(self) -> None:
        """Really invoke the sample functions a few times, so that there is something to see."""
        ready = await asyncio.to_thread(samples.load)

        async def run(sample: samples.SampleFunction) -> None:
            await self.functions.settled(sample.name)
            for payload in sample.history:
                await self.invoker.invoke(sample.name, payload)

        await together(map(run, ready))

    async def close(self) -> None:
        """Give back everything; nothing is left running but an engine that others may use."""
        await self.bursts.close()
        await self.shifts.close()
        await self.redrives.close()
        if self.engine is not None:
            await self.engine.close()
        await self._connection.close()
        if self._process is not None:
            await self._process.close()


async def open_target(
    spec: TargetSpec,
    *,
    progress: Callable[[str], None] = lambda step: None,
    interactive: bool = True,
) -> Service:
    """Attach to or start the engine, or resolve credentials; find out who we are.

    When a person is to look at it (``interactive``), an empty local engine gets the sample functions,
    once, and the target is where the next dashboard opens by itself.
    """
    if spec.kind is TargetKind.LOCAL:
        service = await _open_local(spec, progress, with_samples=interactive)
    else:
        service = await _open_aws(spec, progress)
    if interactive and not spec.demo:
        last.save(spec)
    return service


async def _open_local(spec: TargetSpec, progress: Callable[[str], None], *, with_samples: bool) -> Service:
    region = spec.region or DEFAULT_REGION
    process = await LocalEngine.open(spec.data_dir, region, demo=spec.demo, progress=progress)
    connection = Connection(process.access, where="the local engine", read_only=spec.read_only)
    control = EngineControl(connection, region=region)
    try:
        control.keep_alive()
        progress("connecting")
        account, identity = await _identity(connection)
        target = Target(
            kind=TargetKind.LOCAL,
            region=region,
            account=account,
            identity=identity,
            endpoint=process.access().endpoint,
            read_only=spec.read_only,
            capabilities=frozenset(Capability),
        )
        folder = process.folder / "history" if spec.demo else _history_folder(str(process.folder), region)
        service = Service(spec, target, connection, history=History(folder), engine=control, process=process)
        if (with_samples or spec.demo) and not spec.read_only:
            await _welcome(service, process.folder, progress)
        if spec.demo and not spec.read_only:
            progress("making some traffic")
            await service.seed_history()
    except BaseException:
        await control.close()
        await connection.close()
        await process.close()
        raise
    return service


async def _open_aws(spec: TargetSpec, progress: Callable[[str], None]) -> Service:
    wanted = Access(
        region=spec.region or os.environ.get("AWS_REGION"), profile=spec.profile, endpoint=spec.endpoint
    )
    where = f"AWS ({spec.profile})" if spec.profile else "AWS"
    if spec.endpoint:
        where = f"the endpoint {spec.endpoint}"
    connection = Connection(lambda: wanted, where=where, read_only=spec.read_only)
    try:
        progress("loading the AWS client")
        client = await connection.client("lambda")
        region, endpoint = client.meta.region_name, client.meta.endpoint_url
        connection.where = f"{where} in {region}"
        progress("asking who we are")
        account, identity = await _identity(connection, lenient=not _is_aws(endpoint))
        profile = spec.profile or os.environ.get("AWS_PROFILE")
        rule = rule_for(spec.rules, profile, account)
        connection.read_only = spec.read_only or rule.read_only
        target = Target(
            kind=TargetKind.AWS,
            region=region,
            account=account,
            identity=identity,
            profile=profile,
            endpoint=None if _is_aws(endpoint) else endpoint,
            read_only=connection.read_only,
            expires=await _expiry(connection),
            rule=rule,
        )
    except BaseException:
        await connection.close()
        raise
    folder = _history_folder(target.endpoint or "aws", account, region)
    return Service(spec, target, connection, history=History(folder))


async def _identity(connection: Connection, *, lenient: bool = False) -> tuple[str, str]:
    """Account and ARN of the caller; an endpoint that is not AWS may not know STS."""
    try:
        raw = await connection.call("sts", "get_caller_identity")
    except (Unsupported, NotFound, Denied):
        if not lenient:
            raise
        return "", ""
    return clean_line(raw["Account"]), clean_line(raw["Arn"])


async def _expiry(connection: Connection) -> datetime | None:
    """When the credentials run out, as far as anybody tells."""
    expires = getattr(await connection.credentials(), "_expiry_time", None)  # botocore keeps it to itself
    if isinstance(expires, datetime):
        return expires
    try:
        return datetime.fromisoformat(os.environ["AWS_CREDENTIAL_EXPIRATION"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None


async def _welcome(service: Service, folder: Path, progress: Callable[[str], None]) -> None:
    mark = folder / _WELCOMED
    if mark.exists():
        return
    async for page in service.functions.pages():
        if page:
            break
    else:
        progress("adding sample functions")
        await service.functions.add_samples()
    mark.touch(mode=0o600)


def _is_aws(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))


def _history_folder(*whose: str) -> Path:
    """One folder per target, so that accounts never mix."""
    digest = hashlib.sha256("\n".join(whose).encode()).hexdigest()[:16]
    return paths.state_dir() / "history" / digest
