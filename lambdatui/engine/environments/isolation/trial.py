"""Asks this machine what it allows: ``python -I -S trial.py FOLDER`` prints JSON. Tried, not believed.

A room is opened whole, with a program run in it, by a child that is thrown away. FOLDER is for the trial
alone.
"""

from __future__ import annotations

import json
import os
import resource
import select
import socket
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROGRAM = ("/bin/true", "/usr/bin/true")
PATIENCE_MS = 3000


def strict(folder: str) -> str:
    """Why no room can be made here; empty if one can."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        problem = "it ended without a word"
        try:
            problem = _try_room(folder)
        except OSError as error:
            problem = str(error.args[1] if len(error.args) > 1 else error)
        finally:
            os.write(writing, problem.encode())
            os._exit(0)
    os.close(writing)
    said = b""
    while piece := os.read(reading, 4096):
        said += piece
    os.waitpid(pid, 0)
    return said.decode(errors="replace")


def _try_room(folder: str) -> str:
    from isolation.house import House  # type: ignore[import-not-found]  # a program has no packages
    from isolation.kernel import supported  # type: ignore[import-not-found]

    if not supported():
        return f"this version does not know the machine {os.uname().machine}"
    program = next((path for path in PROGRAM if os.access(path, os.X_OK)), "")
    plan = {"root": f"{folder}/root", "uid": 993, "gid": 990, "private_users": os.geteuid() != 0, "binds": []}
    room: dict[str, Any] = {"name": "trial", "task": "/usr", "opt": None, "tmp_size": 1 << 20, "binds": []}
    room |= {"cgroups": [], "core": None, "processes": 64, "no_network": False, "ports": [], "hosts": None}
    message = {"argv": [program], "env": {}, "cwd": "/tmp", "files": 64, "inherit": 3, "room": room}  # noqa: S108
    os.makedirs(f"{folder}/root", exist_ok=True)
    _, line = House(plan).open(message, [0, 1, 2])
    return _listen(line)


def _listen(line: socket.socket) -> str:
    """What the warden of the trial has to say."""
    poll = select.poll()
    poll.register(line, select.POLLIN)
    while poll.poll(PATIENCE_MS):
        data = line.recv(4096)
        said = json.loads(data) if data else {"failed": "the room fell silent"}
        if "failed" in said:
            return str(said["failed"])
        if "status" in said:
            return "" if said["status"] == 0 else "a program in the room failed"
    return f"a room was not ready within {PATIENCE_MS / 1000:.0f} s"


def facts(folder: str) -> dict[str, Any]:
    """All that is asked."""
    found: dict[str, Any] = {
        "system": sys.platform,
        "kernel": os.uname().release,
        "landlock": 0,
        "strict": "",
    }
    if sys.platform == "linux":
        from isolation.kernel import landlock_abi

        found["landlock"] = landlock_abi()
        found["strict"] = strict(folder)
    else:
        found["strict"] = "namespaces are Linux's own"
    found["open_files"] = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return found


if __name__ == "__main__":
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    print(json.dumps(facts(sys.argv[1])))
