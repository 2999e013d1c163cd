"""What runs functions of package type Image: an OCI runtime, whatever the tier of the others."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from lambdatui.engine.environments.environment import Environment
from lambdatui.engine.environments.images import holder, oci
from lambdatui.engine.environments.isolation import cgroups
from lambdatui.engine.environments.isolation.cgroups import Hierarchies
from lambdatui.engine.environments.isolation.rooms import Room
from lambdatui.engine.environments.isolation.strict import hosts_for
from lambdatui.engine.environments.launching import Launcher
from lambdatui.engine.environments.process_tier import (
    OPT,
    TASK,
    ProcessTier,
    Session,
    known_to_extensions,
    unwrapped,
)
from lambdatui.engine.environments.spec import Command, RunSpec

HOME = "/tmp"  # noqa: S108 - the only place it may write to
SHOWN, HOSTS = ("/etc/resolv.conf",), "/etc/hosts"
HOLDER = "/dev/holder"
STATE, OPENED = "oci", "opened"
WAIT = 'until [ -s "$0" ]; do sleep 0.01; done; exec "$@"'
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
        """The image's program, in a container of its own, or in the one that its extensions are in."""
        assert spec.image is not None
        program = self._inside(spec, environment, spec.image.argv, spec.image.cwd)
        if spec.extensions:
            return self._join(environment, program, "runtime.json")
        return self._open(spec, environment, program)

    def extension(self, spec: RunSpec, environment: Environment, name: str) -> Command:
        """A program of the image, beside the runtime."""
        program = self._inside(unwrapped(spec), environment, (f"{OPT}/extensions/{name}",), "/")
        program = replace(program, variables=known_to_extensions(program.variables))
        return self._join(environment, program, f"extension-{list(spec.extensions).index(name)}.json")

    def shell(self, spec: RunSpec, environment: Environment, extension: Command) -> Command:
        """The container, held by a program of ours."""
        first = oci.Inside((HOLDER,), {}, "/", self.user)
        place = self._bundle(environment) / "holder"
        holder.lay(place)
        return self._open(spec, environment, first, {HOLDER: str(place)})

    def _inside(self, spec: RunSpec, environment: Environment, argv: tuple[str, ...], cwd: str) -> oci.Inside:
        """A program with what it sees of the function."""
        assert spec.image is not None
        seen = replace(spec, code=Path(TASK), layers=None, runtime="Image")
        variables = dict(super().command(seen, environment).env)
        del variables["TMPDIR"], variables["_HANDLER"]
        own = {"PATH": PATH, **spec.image.variables}
        variables = {**variables, **own, **spec.environment, **self._fixed_alone(seen, environment)}
        return oci.Inside(argv, variables, cwd, self.user)

    def _open(
        self,
        spec: RunSpec,
        environment: Environment,
        first: oci.Inside,
        more: Mapping[str, str] | None = None,
    ) -> Command:
        """Make the container, with a program in it that may be one of this machine."""
        image, room = spec.image, environment.room
        assert image is not None
        assert room is not None
        room.shape(spec, [])
        bundle = self._bundle(environment)
        group = f"{self.hierarchies.engine()}/{room.name}" if self.hierarchies.folders else ""
        address = room.address if spec.extensions else "127.0.0.1"
        shown = {path: path for path in SHOWN if os.path.isfile(path)} | dict(more or {})
        shown[HOSTS] = str(hosts_for(environment.folder, address))
        oci.write(bundle, oci.Container(image.root, first, spec.storage_mb, group, shown))
        shutil.rmtree(environment.folder / STATE, ignore_errors=True)  # of a process before this one
        (bundle / OPENED).unlink(missing_ok=True)
        opened = ("--pid-file", str(bundle / OPENED))
        return self._run(environment, "run", *opened, "--bundle", str(bundle), environment.id)

    def _join(self, environment: Environment, program: oci.Inside, name: str) -> Command:
        """Start another program in the container, once that is there."""
        bundle = self._bundle(environment)
        oci.write_program(bundle / name, program)
        command = self._run(environment, "exec", "--process", str(bundle / name), environment.id)
        return replace(command, argv=("/bin/sh", "-c", WAIT, str(bundle / OPENED), *command.argv))

    def _run(self, environment: Environment, *words: str) -> Command:
        assert self._found is not None
        argv = (self._found[0], "--root", str(environment.folder / STATE), *words)
        marker = {"AWS_LAMBDA_RUNTIME_API": environment.api.address, "PATH": PATH}
        return Command(argv, marker, self._bundle(environment), nest=True)

    @staticmethod
    def _bundle(environment: Environment) -> Path:
        """Where the runtime is told of the container, and of what runs in it."""
        place = environment.folder / "bundle"
        place.mkdir(exist_ok=True)
        return place

    def _fixed_alone(self, seen: RunSpec, environment: Environment) -> dict[str, str]:
        """What neither the image nor the function can change."""
        fixed = dict(self._fixed(seen, environment))
        del fixed["TMPDIR"], fixed["_HANDLER"]
        return {**fixed, "HOME": HOME, "PWD": seen.image.cwd if seen.image is not None else "/"}
