"""The OCI runtime of this machine: which one works, and what it is told about a container."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAMES = ("crun", "runc")
PODMAN = ("podman", "info", "--format", "{{.Host.OCIRuntime.Path}}")
PLACES = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
INSTALL = "Functions of package type Image need an OCI runtime here: apt install runc, or crun, or podman."
PATIENCE_S = 10.0
SYSTEM = ("/usr", "/bin", "/lib", "/lib64")
HOST_NAME = "169.254.0.1"
MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Inside:
    """What is to run in a container."""

    argv: tuple[str, ...]
    variables: Mapping[str, str]
    cwd: str
    user: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Container:
    """A container, and what runs in it first."""

    root: Path
    first: Inside
    tmp_mb: int = 512
    group: str = ""
    """Its control group, below the runtime's own; empty where there are none to be had."""
    shown: Mapping[str, str] = field(default_factory=dict)
    """Where it sees which files and folders of this machine."""


def find() -> tuple[str, str]:
    """The path of a runtime that works here, or why there is none. Tried, not believed."""
    path = f"{os.environ.get('PATH', '')}:{PLACES}"
    troubles: dict[str, str] = {}
    for program in _candidates(path):
        if program not in troubles:
            trouble = _try(program)
            if not trouble:
                return program, ""
            troubles[program] = f"{program} does not work here ({trouble})."
    return "", " ".join((*troubles.values(), INSTALL))


def _candidates(path: str) -> Iterator[str]:
    """What is found by its name, then what podman runs its containers with: that may lie anywhere."""
    yield from filter(None, (shutil.which(name, path=path) for name in NAMES))
    podman = shutil.which(PODMAN[0], path=path)
    if podman is not None:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run(
                [podman, *PODMAN[1:]],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )
            program = done.stdout.strip()
            if os.path.isabs(program) and os.access(program, os.X_OK):  # elsewhere it is in a virtual machine
                yield program


def _try(program: str) -> str:
    """What is wrong with a runtime; empty if it runs a program of this machine."""
    with tempfile.TemporaryDirectory(prefix="lambdatui-oci-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        root = folder / "rootfs"
        for place in (*SYSTEM, "/proc", "/dev", "/tmp"):  # noqa: S108 - of the container
            (root / place[1:]).mkdir(parents=True)
        shown = {place: place for place in SYSTEM if os.path.isdir(place)}
        true = Inside(("/usr/bin/true",), {"PATH": "/usr/bin"}, "/", own_user())
        write(folder, Container(root, true, 1, "", shown))
        command = [program, "--root", f"{folder}/state", "run", "--bundle", str(folder), folder.name]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE_S,
                check=False,
                env={},
            )
        except (OSError, subprocess.SubprocessError) as error:
            return str(error)
        said = done.stderr.decode(errors="replace").strip().splitlines()
        return "" if done.returncode == 0 else (said[-1] if said else f"exit status {done.returncode}")[:300]


def own_user() -> tuple[int, int]:
    """Who a container runs as, unless it is said; for an ordinary user, root of a little world."""
    return (65534, 65534) if os.geteuid() == 0 else (0, 0)


def write(folder: Path, container: Container) -> None:
    """The bundle that a runtime is pointed at."""
    (folder / "config.json").write_text(json.dumps(_config(container)))


def write_program(place: Path, program: Inside) -> None:
    """What a runtime is told of a program that comes into a container."""
    place.write_text(json.dumps(_process(program)))


def _process(program: Inside) -> dict[str, Any]:
    uid, gid = program.user
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = min(1024, most) if most != resource.RLIM_INFINITY else 1024
    nothing: dict[str, list[str]] = {
        kind: [] for kind in ("bounding", "effective", "permitted", "inheritable", "ambient")
    }
    return {
        "terminal": False,
        "user": {"uid": uid, "gid": gid},
        "args": list(program.argv),
        "env": [f"{name}={value}" for name, value in program.variables.items()],
        "cwd": program.cwd,
        "capabilities": nothing,
        "noNewPrivileges": True,
        "rlimits": [{"type": "RLIMIT_NOFILE", "hard": files, "soft": files}],
    }


def _config(container: Container) -> dict[str, Any]:
    rootless = os.geteuid() != 0
    kinds = ["pid", "ipc", "uts", "mount", *(["user"] if rootless else [])]
    linux: dict[str, Any] = {
        "namespaces": [{"type": kind} for kind in kinds],
        "maskedPaths": ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug"],
        "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    }
    if rootless:
        linux["uidMappings"] = [{"containerID": 0, "hostID": os.geteuid(), "size": 1}]
        linux["gidMappings"] = [{"containerID": 0, "hostID": os.getegid(), "size": 1}]
    if container.group:
        linux["cgroupsPath"] = container.group
    return {
        "ociVersion": "1.0.2",
        "hostname": HOST_NAME,
        "root": {"path": str(container.root), "readonly": True},
        "process": _process(container.first),
        "mounts": list(_mounts(container)),
        "linux": linux,
    }


def _mounts(container: Container) -> Iterable[dict[str, Any]]:
    def mount(place: str, kind: str, *options: str) -> dict[str, Any]:
        return {"destination": place, "type": kind, "source": kind, "options": list(options)}

    yield mount("/proc", "proc", "nosuid", "noexec", "nodev")
    yield mount("/dev", "tmpfs", "nosuid", "strictatime", "mode=755", "size=64k")
    yield mount("/tmp", "tmpfs", "nosuid", "nodev", "mode=1777", f"size={container.tmp_mb * MB}")  # noqa: S108
    for place, source in container.shown.items():
        options = ["rbind", "ro", "nosuid"]
        yield {"destination": place, "type": "none", "source": source, "options": options}
