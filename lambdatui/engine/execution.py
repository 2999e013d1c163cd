"""The half of the engine that runs functions, as one object."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lambdatui import paths
from lambdatui.engine import peers
from lambdatui.engine.clock import Clock
from lambdatui.engine.credentials import SESSION_S
from lambdatui.engine.dispatch import Dispatch
from lambdatui.engine.environments.images.images import Images
from lambdatui.engine.environments.images.tier import ImageTier
from lambdatui.engine.environments.isolation import cgroups
from lambdatui.engine.environments.isolation.cgroups import Hierarchies
from lambdatui.engine.environments.isolation.freezing import Freezer
from lambdatui.engine.environments.isolation.landlocked import LandlockTier
from lambdatui.engine.environments.isolation.strict import StrictTier, functions_user
from lambdatui.engine.environments.isolation.tiers import Tiers, probe
from lambdatui.engine.environments.launching import Launcher, null_device
from lambdatui.engine.environments.memory import MemoryWatch
from lambdatui.engine.environments.pool import Pool
from lambdatui.engine.environments.process_tier import TASK, ProcessTier, Session
from lambdatui.engine.environments.site import Site
from lambdatui.engine.environments.spec import Command, Listener, RunSpec
from lambdatui.engine.environments.standby import Standbys
from lambdatui.engine.faults import Faults
from lambdatui.engine.logs.sink import LogSink
from lambdatui.engine.metrics.registry import Metrics
from lambdatui.engine.planning import Planning
from lambdatui.engine.queue import EventQueue
from lambdatui.engine.retries import BASE_DELAY_S
from lambdatui.engine.runtimes.programs import Programs
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
        images: Images,
        clock: Clock,
        session: Session,
        folder: Path,
        endpoint: Callable[[], str],
        listen_on: Listener,
        isolation: str = "auto",
        vpc_network: bool = True,
        retry_delay: float = BASE_DELAY_S,
        session_s: float = SESSION_S,
    ) -> None:
        self.faults = Faults()
        self.metrics = Metrics(log_database)
        self._folder = folder
        self._isolation = isolation
        self._session, self._endpoint, self._listen_on = session, endpoint, listen_on
        self.tiers = Tiers(isolation, ProcessTier.name, {}, Hierarchies())
        self.launcher = Launcher()
        self.sink = LogSink(log_database)
        tier = ProcessTier(session, endpoint)
        self.standbys = Standbys(self.launcher, tier)
        self.images = ImageTier(session, endpoint, self.launcher)
        self.site = Site(
            self.launcher,
            tier,
            MemoryWatch(),
            self.standbys,
            self.sink,
            folder / "environments",
            images=self.images,
            faults=self.faults,
            session_s=session_s,
            lingered=self.metrics.lingered,
        )
        self.pool = Pool(self.site, clock)
        self._programs = Programs(folder / "runtimes", paths.cache_dir() / "runtimes")
        planning = Planning(
            blobs,
            images,
            self._programs,
            folder / "layers",
            tier=lambda: self.site.tier.name,
            image_trouble=self.images.trouble,
            vpc_network=vpc_network,
        )
        self.dispatch = Dispatch(
            database,
            planning,
            self.pool,
            beside=self._run_beside,
            faults=self.faults,
            metrics=self.metrics,
        )
        self.queue = EventQueue(
            database,
            self.dispatch,
            clock,
            faults=self.faults,
            metrics=self.metrics,
            base_delay_s=retry_delay,
        )

    async def start(self) -> None:
        """Begin with an empty scratch folder; then take up accepted events."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, mode=0o700)
        probing = asyncio.to_thread(probe, self._isolation, self._folder)
        self.tiers, _ = await asyncio.gather(probing, asyncio.to_thread(self._programs.prepare))
        await self._wall_in(self.tiers)
        if os.geteuid() == 0:
            self.images.user = functions_user()
            peers.users.add(self.images.user[0])
        self.images.hierarchies = self.tiers.hierarchies
        self.launcher.start()
        self.queue.start()

    async def _wall_in(self, tiers: Tiers) -> None:
        """Wall environments in as well as it was asked for and can be had."""
        if self._isolation not in ("auto", tiers.chosen):
            reason = tiers.refused[self._isolation]
            logger.warning("%s Functions run in the tier %s.", reason, tiers.chosen)
        if tiers.chosen == StrictTier.name:
            await asyncio.to_thread(cgroups.sweep, tiers.hierarchies)
            strict = StrictTier(
                self._session,
                self._endpoint,
                self.launcher,
                tiers.hierarchies,
                self._programs,
                self._listen_on,
            )
            self.launcher.plan = plan = strict.plan(self._folder / "house")
            peers.users.add(plan["uid"])
            self.site.tier = self.standbys.tier = strict
            self._programs.blank = strict.blank
            self.site.freezer = Freezer()
        elif tiers.chosen == LandlockTier.name:
            landlocked = LandlockTier(self._session, self._endpoint, self._programs)
            self.site.tier = self.standbys.tier = landlocked

    async def close(self) -> None:
        """End everything that runs, then keep what it said."""
        await self.queue.close()
        await self.pool.close()
        self.standbys.close()
        await self.launcher.close()
        await asyncio.to_thread(cgroups.close, self.tiers.hierarchies)
        await self.sink.close()
        await self.metrics.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run_beside(self, command: Command) -> None:
        """Run a chore that nobody waits for; it ends with the launcher at the latest."""
        with null_device() as null:
            self.launcher.spawn(command, (null, null, null))

    def root_of(self, spec: RunSpec) -> str:
        """Where a function finds its code, as a debugger has to know."""
        return TASK if self.tiers.chosen == StrictTier.name else str(spec.code)

    def figures(self) -> dict[str, Any]:
        """What the engine's status shows of this half."""
        warm, busy = self.pool.counts()
        return {
            "tier": self.tiers.chosen,
            "isolation": self.tiers.record(),
            "environments": {"warm": warm, "busy": busy},
            "queue": self.queue.depth,
        }
