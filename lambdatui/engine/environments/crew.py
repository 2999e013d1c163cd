"""Everybody who runs in an environment: the runtime, the extensions beside it, who of them listens.

They start together, stand still together and leave together.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from lambdatui.engine.environments import farewell
from lambdatui.engine.environments.chronicle import Chronicle
from lambdatui.engine.environments.extensions import MOST, Extension, Extensions, Stage
from lambdatui.engine.environments.launching import Process
from lambdatui.engine.environments.processes import Processes
from lambdatui.engine.environments.scratch import Scratch
from lambdatui.engine.environments.site import Site
from lambdatui.engine.environments.spec import RunSpec
from lambdatui.engine.environments.standby import Standby

if TYPE_CHECKING:
    from lambdatui.engine.environments.environment import Environment

logger = logging.getLogger(__name__)


class Crew:
    """One generation after the other of an environment's processes."""

    def __init__(self, spec: RunSpec, site: Site, chronicle: Chronicle) -> None:
        self.processes = Processes(site.launcher, site.watch, spec, chronicle.log)
        self.extensions: Extensions | None = None  # nobody has any work with those that do not exist
        self._spec = spec
        self._site = site
        self._chronicle = chronicle
        self._afterwards: Callable[[], None] | None = None

    @property
    def leaving(self) -> bool:
        """SHUTDOWN is under way."""
        return self._afterwards is not None

    @property
    def busy(self) -> bool:
        """An extension has not asked for the next event."""
        return self.extensions is not None and self.extensions.busy

    @property
    def sandbox(self) -> str:
        """The address that listeners among them have."""
        room = self.processes.room
        return room.address if room is not None and self._spec.extensions else "127.0.0.1"

    async def dial(self, port: int) -> socket.socket:
        """A connection to one of them who listens, in a network of their own too."""
        room, spec = self.processes.room, self._spec
        apart = room is not None and spec.no_network and spec.image is None
        made = await self.processes.lent_socket() if apart else socket.socket()
        try:
            made.setblocking(False)
            await asyncio.get_running_loop().sock_connect(made, (self.sandbox, port))
        except BaseException:
            made.close()
            raise
        return made

    # -- where they are --------------------------------------------------------------------------

    async def move_in(self, environment: Environment) -> Standby | None:
        """Make their room and a port for the runtime, or take those of one that was started ahead of time."""
        tmp = environment.folder / "tmp"
        tmp.mkdir(parents=True)
        # What was started ahead of time has its room to itself: extensions come before the runtime.
        standby = None if self._spec.extensions else self._site.standbys.take(self._spec.program)
        if standby is not None:
            environment.api = standby.api
            self.processes.room = standby.room
        else:
            self.processes.room = self._site.tier_of(self._spec).room()
            await environment.api.open()
        if self.processes.room is None:
            self.processes.scratch = Scratch(
                tmp, self._spec.storage_mb, lambda used_mb: self._filled_tmp(environment, used_mb)
            )
        return standby

    def move_out(self, environment: Environment) -> None:
        """Nobody will come back."""
        if self.processes.room is not None:
            self.processes.room.close()
        environment.api.close()
        folder = environment.folder
        asyncio.get_running_loop().run_in_executor(None, lambda: shutil.rmtree(folder, ignore_errors=True))

    def _filled_tmp(self, environment: Environment, used_mb: int) -> None:
        """A write cannot be made to fail here: who has filled its /tmp is ended, and that is said."""
        if environment.current is not None and environment.initialised:
            environment.retired = True
            size = f"{used_mb} of {self._spec.storage_mb} MB"
            self._chronicle.log.write(f"[lambdatui] /tmp holds {size}: the function was ended.\n")
            self.processes.end_runtime()

    # -- starting --------------------------------------------------------------------------------

    def start_extensions(
        self, environment: Environment, changed: Callable[[], None], exited: Callable[[Extension], None]
    ) -> tuple[str, str] | None:
        """Start the programs of /opt/extensions; type and reason of the error if one cannot be started."""
        extensions = self.extensions = Extensions(self._spec.extensions, changed)
        for place, extension in enumerate(extensions):
            refusal = self._refusal(place, extension)
            if refusal:
                return extension.fatal, refusal
        tier = self._site.tier_of(self._spec)
        commands = [tier.extension(self._spec, environment, one.name) for one in extensions]
        shell = tier.shell(self._spec, environment, commands[0])
        if shell is not None:
            self.processes.open_shell(shell)
        for extension, command in zip(extensions, commands, strict=True):
            extension.process = self.processes.start_extension(command)
            extension.process.on_exit = lambda one=extension: exited(one)
        return None

    def _refusal(self, place: int, extension: Extension) -> str:
        """Why it cannot be started, if so."""
        kind = reason = ""
        if place >= MOST:
            kind, reason = "TooManyExtensions", f"Extension limit ({MOST}) reached"
        elif not os.access(self._spec.extensions[extension.name], os.X_OK):
            kind = "PermissionDenied"
            reason = f"fork/exec /opt/extensions/{extension.name}: permission denied"
        if kind:
            extension.stage, extension.error_type = Stage.LAUNCH_ERROR, kind
        return reason

    def start_runtime(
        self, environment: Environment, standby: Standby | None, exited: Callable[[Process], None]
    ) -> None:
        """Start the runtime, or set one to work that was started ahead of time."""
        self.processes.start_runtime(
            self._site.tier_of(self._spec).command(self._spec, environment), standby, exited
        )

    def report_extensions(self) -> None:
        """INIT is over: say how far each of them came."""
        for one in self.extensions or ():
            self._chronicle.extension(one.name, one.stage.value, one.events, one.error_type)

    # -- standing still --------------------------------------------------------------------------

    def freeze(self) -> None:
        """Stand still until the next invocation."""
        if self._chronicle.telemetry is not None:
            self._chronicle.telemetry.hold(True)
        self.processes.freeze()

    def thaw(self) -> None:
        """Go on."""
        self.processes.thaw()
        if self._chronicle.telemetry is not None:
            self._chronicle.telemetry.hold(False)

    # -- leaving ---------------------------------------------------------------------------------

    def leave(self, reason: str, afterwards: Callable[[], None]) -> None:
        """End everybody, with as much grace as AWS has for them; then do what comes after that."""
        if self._afterwards is not None:
            self._afterwards = afterwards
        elif self.extensions is None or not len(self.extensions):
            self._drop()
            afterwards()
        else:
            self._afterwards = afterwards
            telemetry = self._chronicle.telemetry
            goodbye = farewell.bid(self.processes, self.extensions, telemetry, reason)
            leaving = asyncio.get_running_loop().create_task(goodbye)
            self._site.leaving.add(leaving)
            leaving.add_done_callback(self._left)

    def then(self, afterwards: Callable[[], None]) -> None:
        """What is to come after a SHUTDOWN that is under way."""
        self._afterwards = afterwards

    def _left(self, leaving: asyncio.Task[None]) -> None:
        self._site.leaving.discard(leaving)
        problem = None if leaving.cancelled() else leaving.exception()
        if problem is not None:
            logger.error("an environment of %s could not be shut down", self._spec.name, exc_info=problem)
        afterwards, self._afterwards = self._afterwards, None
        self._drop()
        if afterwards is not None:
            afterwards()

    def _drop(self) -> None:
        """Kill who is left, and hear nothing more of them."""
        self.processes.drop()
        self._chronicle.generation_over()
        self.extensions = None
