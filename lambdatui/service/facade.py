"""Everything that can be asked of one target. What the first screen does without is imported when it is
first asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from lambdatui import paths
from lambdatui.model import Target, TargetKind
from lambdatui.service.functions import Functions
from lambdatui.service.invoker import Invoker
from lambdatui.service.journal import Journal
from lambdatui.service.logs import AWS, LOCAL, Logs
from lambdatui.service.metrics import Metrics
from lambdatui.service.versions import Versions

if TYPE_CHECKING:
    from lambdatui.service.async_config import AsyncConfigs
    from lambdatui.service.burst import Bursts
    from lambdatui.service.callbacks import Callbacks
    from lambdatui.service.catalog import Catalog
    from lambdatui.service.code import Code
    from lambdatui.service.concurrency import Concurrency
    from lambdatui.service.connection import Connection
    from lambdatui.service.creation import Creation
    from lambdatui.service.dead_letters import DeadLetters
    from lambdatui.service.differences import Differences
    from lambdatui.service.engine import EngineControl
    from lambdatui.service.history import History
    from lambdatui.service.inspection import Inspection
    from lambdatui.service.last_event import LastEvents
    from lambdatui.service.layers import Layers
    from lambdatui.service.local import LocalEngine
    from lambdatui.service.mappings import EventSources
    from lambdatui.service.neighbours import Neighbours
    from lambdatui.service.policies import Policies
    from lambdatui.service.pool import Pool
    from lambdatui.service.redrive import Redrives
    from lambdatui.service.retention import Retention
    from lambdatui.service.roles import Roles
    from lambdatui.service.saved_events import SavedEvents
    from lambdatui.service.settings import Settings
    from lambdatui.service.shared_events import SharedEvents
    from lambdatui.service.shifts.shifts import Shifts
    from lambdatui.service.spec import TargetSpec
    from lambdatui.service.tags import Tags
    from lambdatui.service.urls import Urls

_AT_WORK = ("bursts", "shifts", "redrives")
"""What may go on by itself, and is ended with the service."""


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
        local = self._local = target.kind is TargetKind.LOCAL
        self.spec = spec
        self._target = target
        self._connection = connection
        self._process = process
        self.history = history
        self.engine = engine
        self.functions = Functions(connection, local=local, account=target.account)
        self.versions = Versions(connection)
        self.metrics = Metrics(connection)
        logged = partial(process.stamp, "logs") if process is not None else None
        self.logs = Logs(connection, pace=LOCAL if local else AWS, stamp=logged)
        self.invoker = Invoker(connection, history, running=self.logs.nudge)
        self.journal = connection.journal = Journal(history.folder / "journal.jsonl")
        self.undo = connection.undo

    # -- one function ---------------------------------------------------------------------------

    @cached_property
    def creation(self) -> Creation:
        from lambdatui.service.creation import Creation

        return Creation(self._connection, self.functions, local=self._local, account=self._target.account)

    @cached_property
    def settings(self) -> Settings:
        from lambdatui.service.settings import Settings

        return Settings(self._connection)

    @cached_property
    def code(self) -> Code:
        from lambdatui.service.code import Code

        return Code(self._connection, self.settings)

    @cached_property
    def differences(self) -> Differences:
        from lambdatui.service.differences import Differences

        return Differences(self.settings, self.code)

    @cached_property
    def tags(self) -> Tags:
        from lambdatui.service.tags import Tags

        return Tags(self._connection)

    @cached_property
    def concurrency(self) -> Concurrency:
        from lambdatui.service.concurrency import Concurrency

        return Concurrency(self._connection)

    @cached_property
    def async_configs(self) -> AsyncConfigs:
        from lambdatui.service.async_config import AsyncConfigs

        return AsyncConfigs(self._connection)

    @cached_property
    def sources(self) -> EventSources:
        from lambdatui.service.mappings import EventSources

        return EventSources(self._connection)

    @cached_property
    def urls(self) -> Urls:
        from lambdatui.service.urls import Urls

        return Urls(self._connection)

    @cached_property
    def policies(self) -> Policies:
        from lambdatui.service.policies import Policies

        return Policies(self._connection)

    @cached_property
    def layers(self) -> Layers:
        from lambdatui.service.layers import Layers

        return Layers(self._connection)

    @cached_property
    def retention(self) -> Retention:
        from lambdatui.service.retention import Retention

        return Retention(self._connection)

    @cached_property
    def bursts(self) -> Bursts:
        from lambdatui.service.burst import Bursts

        return Bursts(self.invoker, region=self._target.region)

    @cached_property
    def last_events(self) -> LastEvents:
        from lambdatui.service.last_event import LastEvents

        return LastEvents(self.logs, self.inspection)

    @cached_property
    def shifts(self) -> Shifts:
        from lambdatui.service.shifts.files import ShiftFiles
        from lambdatui.service.shifts.shifts import Shifts

        files = ShiftFiles(self.history.folder / "shifts")
        return Shifts(self.versions, self.metrics, files, look_s=2.0 if self._local else 15.0)

    # -- the account ----------------------------------------------------------------------------

    @cached_property
    def roles(self) -> Roles:
        from lambdatui.service.roles import Roles

        return Roles(self._connection)

    @cached_property
    def catalog(self) -> Catalog:
        from lambdatui.service.catalog import Catalog

        return Catalog(self._connection, local=self._local, stamp=self.stamp)

    @cached_property
    def pool(self) -> Pool:
        from lambdatui.service.pool import Pool

        return Pool(self.functions, self.concurrency, self.metrics, local=self._local, stamp=self.stamp)

    @cached_property
    def dead_letters(self) -> DeadLetters:
        from lambdatui.service.dead_letters import DeadLetters

        return DeadLetters(self._connection, self.neighbours)

    @cached_property
    def redrives(self) -> Redrives:
        from lambdatui.service.redrive import Redrives

        return Redrives(self._connection, self.history.folder / "redrives", local=self._local)

    @cached_property
    def saved_events(self) -> SavedEvents:
        from lambdatui.service.saved_events import SavedEvents

        return SavedEvents(paths.data_dir() / "events")

    @cached_property
    def shared_events(self) -> SharedEvents | None:
        from lambdatui.service.shared_events import SharedEvents

        elsewhere = self._local or self._target.endpoint
        return None if elsewhere else SharedEvents(self._connection)

    # -- what only a local engine has -------------------------------------------------------------

    @cached_property
    def callbacks(self) -> Callbacks | None:
        from lambdatui.service.callbacks import Callbacks

        return Callbacks(self._connection) if self._local else None

    @cached_property
    def inspection(self) -> Inspection | None:
        from lambdatui.service.inspection import Inspection

        return Inspection(self._connection) if self.engine is not None else None

    @cached_property
    def neighbours(self) -> Neighbours | None:
        from lambdatui.service.neighbours import Neighbours

        return Neighbours(self._connection) if self.engine is not None else None

    # -- the target itself ------------------------------------------------------------------------

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
        return await self._connection.expiry() if self.target.kind is TargetKind.AWS else None

    async def close(self) -> None:
        """Give back everything; nothing is left running but an engine that others may use."""
        for name in _AT_WORK:
            if (part := vars(self).get(name)) is not None:
                await part.close()
        if self.engine is not None:
            await self.engine.close()
        await self._connection.close()
        if self._process is not None:
            await self._process.close()
