"""What an environment has of this machine for its whole life, also when its processes end and come again."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import Iterable, Mapping
from typing import Any

from lambdatui.engine.environments.isolation.cgroups import Group, Hierarchies
from lambdatui.engine.environments.launching import Launcher, Process
from lambdatui.engine.environments.memory import PROCESSES
from lambdatui.engine.environments.spec import RunSpec

MB = 1 << 20
SPARE = 32 * MB  # for what the kernel books on a group beside what its programs hold
SMALLEST_DISK = 512 * MB
LEAST_DISK = 4096  # with no size at all the kernel gives it half of the memory

_numbers = itertools.count(1)


class Room:
    """A name by which the launcher knows its /tmp, and a control group. It outlives what runs in it."""

    def __init__(self, launcher: Launcher, hierarchies: Hierarchies) -> None:
        self.name = f"room{next(_numbers)}"
        self.launcher = launcher
        self.group = Group(hierarchies, self.name)
        self.joining, self.core = self.group.make()
        number = int(self.name.removeprefix("room"))
        self.address = f"127.{64 + (number >> 16) % 128}.{number >> 8 & 255}.{number & 255}"
        """Its own on the machine's loopback, so that listeners in two rooms can have one port."""
        self._kills = 0
        self._shares = False

    def shape(
        self, spec: RunSpec | None, binds: list[tuple[str, str]], ports: Iterable[int] = ()
    ) -> dict[str, Any]:
        """What the launcher has to know to build it; for a function, or for none yet.

        `ports` are those of the engine that a function without a network can still reach.
        """
        size = SMALLEST_DISK
        if spec is not None:
            # What lies in /tmp is memory to the kernel: the exact limit is kept by looking (`memory`).
            size = max(spec.storage_mb * MB, LEAST_DISK)
            self.group.limit(spec.most_mb * MB + size + SPARE, PROCESSES)
        self._kills = self.group.killed()
        return {
            "name": self.name,
            "task": spec and str(spec.code),
            "opt": spec and spec.layers and str(spec.layers),
            "tmp_size": size,
            "binds": binds,
            "hosts": None,
            "cgroups": self.joining,
            "core": self.core,
            "processes": PROCESSES,
            "no_network": spec is not None and spec.no_network,
            "ports": list(ports),
        }

    def share_cpu(self, spec: RunSpec) -> None:
        """From the first invocation on; INIT has the whole machine, as on Lambda."""
        if not self._shares and spec.debug_port is None:
            self._shares = True
            self.group.share_cpu(spec.memory_mb)

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether the kernel ended something in it since it was last started in."""
        return self.group.killed() > self._kills

    def freeze(self, process: Process) -> None:
        """Stop all that runs in it."""
        if not self.group.freeze(True):
            process.signal(signal.SIGSTOP)

    def thaw(self, process: Process) -> None:
        """Let it go on."""
        if not self.group.freeze(False):
            process.signal(signal.SIGCONT)

    def close(self) -> None:
        """The environment is over; call it when its processes were told to end."""
        self.launcher.tell({"do": "drop", "id": 0, "name": self.name})
        asyncio.get_running_loop().run_in_executor(None, self.group.remove)


Shape = Mapping[str, Any]
