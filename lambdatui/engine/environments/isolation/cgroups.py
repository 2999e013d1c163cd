"""Control groups, where this machine lets us make some: memory, CPU share, processes, freezing, killing.

Both versions are used, also side by side as on machines that keep version 1 for its controllers and version 2
for nothing but its core. Groups of engines that died are swept up by the next one.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lambdatui.engine.environments import proc

FULL_CPU_MB = 1769  # the memory at which Lambda gives one whole CPU
PERIOD_US = 20_000
CONTROLLERS = ("memory", "cpu", "pids")
OURS = re.compile(r"lambdatui-(\d+)-(\d+)")
GONE_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Hierarchies:
    """Where groups can be made: the parent folder of ours for each controller, and for version 2's core."""

    memory: Path | None = None
    cpu: Path | None = None
    pids: Path | None = None
    core: Path | None = None
    """Version 2: freezing and killing."""
    second: bool = False
    """The controllers are version 2's as well."""

    @property
    def folders(self) -> tuple[Path, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys(filter(None, (self.memory, self.cpu, self.pids, self.core))))

    def engine(self) -> str:
        """The name of this engine's groups: it tells whether that engine still lives."""
        return f"lambdatui-{os.getpid()}-{started(os.getpid())}"


def started(pid: int) -> int:
    """When a process began, in ticks; 0 if there is none."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (OSError, IndexError):
        return 0


def find() -> Hierarchies:
    """What can be used here; tried, not believed."""
    places = dict(_places())
    core = next((place for place in _upwards(places.get("")) if _usable(place)), None)
    first = {name: places[name] for name in CONTROLLERS if name in places and _usable(places[name])}
    if first or core is None:
        return Hierarchies(first.get("memory"), first.get("cpu"), first.get("pids"), core)
    for place in _upwards(places.get("")):
        wanted = set(CONTROLLERS) & set(_read(place / "cgroup.subtree_control").split())
        if wanted and _usable(place):
            memory, cpu, pids = (place if name in wanted else None for name in CONTROLLERS)
            return Hierarchies(memory, cpu, pids, place, second=True)
    return Hierarchies(core=core)


def _places() -> Iterator[tuple[str, Path]]:
    """Our own group in every hierarchy: by controller, version 2 by the empty name."""
    mounts: dict[str, Path] = {}
    for line in _read(Path("/proc/self/mounts")).splitlines():
        _, mounted, kind, options, *_ = line.split()
        if kind == "cgroup2":
            mounts.setdefault("", Path(mounted))
        elif kind == "cgroup":
            for option in options.split(","):
                mounts.setdefault(option, Path(mounted))
    for line in _read(Path("/proc/self/cgroup")).splitlines():
        _, names, path = line.split(":", 2)
        for name in names.split(","):
            place = mounts.get(name)
            if place is not None:
                own = place / path.lstrip("/")
                yield name, own if own.is_dir() else place


def _upwards(place: Path | None) -> Iterator[Path]:
    while place is not None and (place / "cgroup.procs").exists():
        yield place
        place = place.parent


def _usable(place: Path) -> bool:
    """Whether a group can be made there and a process can be moved into it: done once, with a child."""
    trial = place / f"lambdatui-{os.getpid()}-trial"
    try:
        trial.mkdir()
    except OSError:
        return False
    try:
        return os.access(trial / "cgroup.procs", os.W_OK) and os.access(place / "cgroup.procs", os.W_OK)
    finally:
        trial.rmdir()


@dataclass(slots=True)
class Group:
    """The groups of one environment, one folder for each hierarchy."""

    at: Hierarchies
    name: str
    _made: dict[Path, Path] = field(default_factory=dict)
    _frozen: bool = False

    def make(self) -> tuple[list[str], str | None]:
        """Make the folders: the files by which version 1 is joined, the folder of version 2 to be born in.

        Writing to cgroup.procs would take 10 ms and more each time.
        """
        engine = self.at.engine()
        for parent in self.at.folders:
            folder = parent / engine / self.name
            if not folder.parent.is_dir():
                folder.parent.mkdir(exist_ok=True)
                if self.at.second and parent == self.at.memory:
                    enabled = " ".join(f"+{name}" for name in CONTROLLERS if getattr(self.at, name))
                    (folder.parent / "cgroup.subtree_control").write_text(enabled)
            folder.mkdir(exist_ok=True)
            self._made[parent] = folder
        core = self._made.get(self.at.core) if self.at.core is not None else None
        first = [folder for folder in self._made.values() if folder != core]
        return [str(folder / "tasks") for folder in first], str(core) if core is not None else None

    def limit(self, memory: int, processes: int) -> None:
        """Bound bytes of memory and the number of processes."""
        if self.at.memory is not None:
            name = "memory.max" if self.at.second else "memory.limit_in_bytes"
            self._write(self.at.memory, name, memory)
        if self.at.pids is not None:
            self._write(self.at.pids, "pids.max", processes)

    def share_cpu(self, memory_mb: int) -> None:
        """Lambda's share of a CPU for so much memory."""
        if self.at.cpu is None:
            return
        quota = max(1000, PERIOD_US * memory_mb // FULL_CPU_MB)
        if self.at.second:
            self._write(self.at.cpu, "cpu.max", f"{quota} {PERIOD_US}")
        else:
            self._write(self.at.cpu, "cpu.cfs_period_us", PERIOD_US)
            self._write(self.at.cpu, "cpu.cfs_quota_us", quota)

    def killed(self) -> int:
        """How often the kernel ended a process for want of memory."""
        folder = self._made.get(self.at.memory) if self.at.memory is not None else None
        if folder is None:
            return 0
        name = "memory.events" if self.at.second else "memory.oom_control"
        for line in _read(folder / name).splitlines():
            key, _, value = line.partition(" ")
            if key == "oom_kill":
                return int(value)
        return 0

    def freeze(self, frozen: bool) -> bool:
        """Stop everything in the group, or let it go on; False where that takes signals."""
        if self.at.core is None or self.at.core not in self._made:
            return False
        self._write(self.at.core, "cgroup.freeze", int(frozen))
        return True

    def remove(self) -> None:
        """End what is left in it, and take it away; it may take a moment, so not in the event loop."""
        made, self._made = self._made, {}
        for folder in made.values():
            remove(folder)

    def _write(self, parent: Path, name: str, value: object) -> None:
        folder = self._made.get(parent)
        if folder is None:  # a thread takes it away at this moment
            return
        with contextlib.suppress(OSError):  # of an environment that is just ending
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CLOEXEC)
            try:
                os.write(descriptor, str(value).encode())
            finally:
                os.close(descriptor)


def remove(folder: Path) -> bool:
    """Take a group away with all below it, once its processes are gone; bounded."""
    until = time.monotonic() + GONE_WITHIN_S
    while folder.is_dir():
        for below in [entry for entry in _entries(folder) if entry.is_dir()]:
            remove(below)
        with contextlib.suppress(OSError):
            folder.rmdir()
            break
        for pid in _read(folder / "cgroup.procs").split():
            if int(pid) > 1:
                proc.kill(int(pid))
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True


def remove_everywhere(name: str) -> None:
    """Remove a group from every hierarchy there is: OCI runtimes make it in all of them."""
    for place in set(dict(_places()).values()):
        remove(place / name)


def sweep(hierarchies: Hierarchies) -> None:
    """Remove the groups of engines that are gone."""
    for parent in {*hierarchies.folders, *dict(_places()).values()}:
        for folder in _entries(parent):
            name = OURS.fullmatch(folder.name)
            if name and started(int(name[1])) != int(name[2]):
                remove(folder)


def close(hierarchies: Hierarchies) -> None:
    """Remove this engine's own groups at its end."""
    for parent in hierarchies.folders:
        remove(parent / hierarchies.engine())
    if hierarchies.folders:
        remove_everywhere(hierarchies.engine())


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
