"""The half of the engine that runs functions, as one object."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lambdatui import paths
from lambdatui.engine.clock import Clock
from lambdatui.engine.dispatch import Dispatch
from lambdatui.engine.environments.environment import Site
from lambdatui.engine.environments.launching import Launcher, null_device
from lambdatui.engine.environments.memory import MemoryWatch
from lambdatui.engine.environments.pool import Pool
from lambdatui.engine.environments.process_tier import SHORTCOMINGS, ProcessTier, Session
from lambdatui.engine.environments.spec import Command
from lambdatui.engine.environments.standby import Standbys
from lambdatui.engine.logs.sink import LogSink
from lambdatui.engine.queue import EventQueue
from lambdatui.engine.runtimes.programs import Programs
from lambdatui.engine.store import logs as log_rows
from lambdatui.engine.store.blobs import Blobs
from lambdatui.engine.store.database import Database

logger = logging.getLogger(__name__)


class Execution:
    """Launcher, environments, dispatch, queue and log sink, started and closed together."""

    def __init__(
        self,
        *,
        database: Database,
        log_database: Database,
        blobs: Blobs,
        clock: Clock,
        session: Session,
        folder: Path,
        endpoint: Callable[[], str],
        isolation: str = "auto",
    ) -> None:
        self._folder = folder
        self._log_database = log_database
        if isolation not in ("auto", ProcessTier.name):
            logger.warning("the isolation tier %s is not there: functions run as plain processes", isolation)
        self.launcher = Launcher()
        self.sink = LogSink(log_database)
        self.tier = ProcessTier(session, endpoint)
        self.standbys = Standbys(self.launcher)
        site = Site(
            self.launcher, self.tier, MemoryWatch(), self.standbys, self.sink, folder / "environments"
        )
        self.pool = Pool(site, clock)
        self._programs = Programs(folder / "runtimes", paths.cache_dir() / "runtimes")
        self.dispatch = Dispatch(
            database, blobs, self.pool, self._programs, folder / "layers", beside=self._run_beside
        )
        self.queue = EventQueue(database, self.dispatch, clock)

    async def start(self) -> None:
        """Begin with an empty scratch folder; then take up accepted events."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, mode=0o700)
        await asyncio.to_thread(self._programs.prepare)
        self.launcher.start()
        await self._log_database.write(log_rows.forget_expired)
        self.queue.start()

    async def close(self) -> None:
        """End everything that runs, then keep what it said."""
        await self.queue.close()
        await self.pool.close()
        self.standbys.close()
        await self.launcher.close()
        await self.sink.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run_beside(self, command: Command) -> None:
        """Run a chore that nobody waits for; it ends with the launcher at the latest."""
        with null_device() as null:
            self.launcher.spawn(command, (null, null, null))

    def figures(self) -> dict[str, Any]:
        """What the engine's status shows of this half."""
        warm, busy = self.pool.counts()
        return {
            "tier": self.tier.name,
            "shortcomings": list(SHORTCOMINGS),
            "environments": {"warm": warm, "busy": busy},
            "queue": self.queue.depth,
        }
