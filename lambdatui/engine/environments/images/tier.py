"""What runs functions of package type Image: an OCI runtime, whatever the tier of the others."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lambdatui.engine.environments.environment import Environment
from lambdatui.engine.environments.images import oci
from lambdatui.engine.environments.isolation import cgroups
from lambdatui.engine.environments.isolation.cgroups import Hierarchies
from lambdatui.engine.environments.isolation.rooms import Room
from lambdatui.engine.environments.launching import Launcher
from lambdatui.engine.environments.process_tier import TASK, ProcessTier, Session
from lambdatui.engine.environments.spec import Command, RunSpec

HOME = "/tmp"  # noqa: S108 - the only place it may write to
SHOWN = ("/etc/resolv.conf", "/etc/hosts")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class ContainerRoom(Room):
    """A room whose control groups an OCI runtime makes more of than we do."""

    def close(self) -> None:
        super().close()
        name = f"{self.group.at.engine()}/{self.name}"
        asyncio.get_running_loop().run_in_executor(None, cgroups.remove_everywhere, name)


class ImageTier(ProcessTier):
    """Makes commands that run containers."""

    name = "image"
    ahead = False

    def __init__(self, session: Session, endpoint: Callable[[], str], launcher: Launcher) -> None:
        super().__init__(session, endpoint)
        self.hierarchies = Hierarchies()
        self.user = oci.own_user()
        self._launcher = launcher
        self._found: tuple[str, str] | None = None

    def trouble(self) -> str:
        """Why no image can run here; empty if one can. The first time it is tried: call it from a thread."""
        if self._found is None or not self._found[0]:
            self._found = oci.find()
        return self._found[1]

    def room(self) -> Room:
        """Control groups, and nothing else: the rest is the runtime's."""
        return ContainerRoom(self._launcher, self.hierarchies)

    def command(self, spec: RunSpec, environment: Environment) -> Command:
        """The image's program, in a container of its own."""
        image, room = spec.image, environment.room
        assert image is not None
        assert room is not None
        assert self._found is not None
        seen = replace(spec, code=Path(TASK), layers=None, runtime="Image")
        variables = dict(super().command(seen, environment).env)
        del variables["TMPDIR"], variables["_HANDLER"]
        own = {"PATH": PATH, **image.variables}
        variables = {**variables, **own, **spec.environment, **self._fixed_alone(seen, environment)}
        room.shape(spec, [])
        bundle = environment.folder / "bundle"
        bundle.mkdir(exist_ok=True)
        group = f"{self.hierarchies.engine()}/{room.name}" if self.hierarchies.folders else ""
        shown = tuple(path for path in SHOWN if os.path.isfile(path))
        container = oci.Container(
            image.root, image.argv, variables, image.cwd, self.user, spec.storage_mb, group, shown
        )
        oci.write(bundle, container)
        state = environment.folder / "oci"
        shutil.rmtree(state, ignore_errors=True)  # of a process before this one
        runtime = (self._found[0], "--root", str(state), "run", "--bundle", str(bundle), environment.id)
        marker = {"AWS_LAMBDA_RUNTIME_API": environment.api.address, "PATH": PATH}
        return Command(runtime, marker, bundle, nest=True)

    def _fixed_alone(self, seen: RunSpec, environment: Environment) -> dict[str, str]:
        """What neither the image nor the function can change."""
        fixed = dict(self._fixed(seen, environment))
        del fixed["TMPDIR"], fixed["_HANDLER"]
        return {**fixed, "HOME": HOME, "PWD": seen.image.cwd if seen.image is not None else "/"}
