"""What this machine allows, which tier follows, and in words what each tier holds and what it cannot."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from lambdatui.engine.environments.isolation import cgroups, trial
from lambdatui.engine.environments.isolation.cgroups import Hierarchies

NAMES = ("strict", "landlock", "process")
"""The best one first."""
PATIENCE_S = 10.0
TMP = "/tmp"  # noqa: S108 - as the functions name it


class Held(StrEnum):
    """How far something is held."""

    YES = "held"
    PARTLY = "partly held"
    NO = "not held"


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that Lambda holds, and what becomes of it here."""

    what: str
    held: Held
    words: str

    def record(self) -> dict[str, str]:
        return {"what": self.what, "held": self.held.value, "words": self.words}


@dataclass(frozen=True, slots=True)
class Tiers:
    """The outcome of the probe."""

    asked: str
    chosen: str
    refused: dict[str, str]
    """Why a tier cannot be had, by its name."""
    hierarchies: Hierarchies
    landlock: int = 0
    kernel: str = ""

    def promises(self, tier: str | None = None) -> list[Promise]:
        """The table of a tier, of the chosen one if none is named."""
        return table(tier or self.chosen, self.hierarchies)

    def record(self) -> dict[str, Any]:
        """For the API and `lambdatui doctor --json`."""
        return {
            "asked": self.asked,
            "chosen": self.chosen,
            "kernel": self.kernel,
            "tiers": [
                {
                    "name": name,
                    "available": name not in self.refused,
                    "reason": self.refused.get(name),
                    "holds": [promise.record() for promise in self.promises(name)],
                }
                for name in NAMES
            ],
        }


def probe(asked: str = "auto", folder: Path | None = None) -> Tiers:
    """Ask the machine; takes about 50 ms, most of it for starting the program that asks."""
    place = Path(tempfile.mkdtemp(prefix="lambdatui-trial-", dir=folder))
    try:
        facts = _ask(place)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    refused = {}
    if facts["strict"]:
        refused["strict"] = f"This machine refuses namespaces: {facts['strict']}."
    if not facts["landlock"]:
        refused["landlock"] = (
            "This kernel has no Landlock (Linux 5.13 and newer have it, unless switched off)."
        )
    available = [name for name in NAMES if name not in refused]
    wanted = NAMES.index(asked) if asked in NAMES else 0  # `auto` is the best there is
    chosen = next(name for name in available if NAMES.index(name) >= wanted)
    hierarchies = cgroups.find() if sys.platform == "linux" else Hierarchies()
    return Tiers(asked, chosen, refused, hierarchies, facts["landlock"], facts["kernel"])


def _ask(folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-I", "-S", trial.__file__, str(folder)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, env={}, timeout=PATIENCE_S, check=True
        )
        return dict(json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        return {"strict": f"the trial failed ({error})", "landlock": 0, "kernel": os.uname().release}


def table(tier: str, at: Hierarchies) -> list[Promise]:
    """What a tier holds on a machine that has these control groups."""
    rooms = tier == "strict"
    groups = at if rooms else Hierarchies()
    return [
        Promise("timeout", Held.YES, "the whole process tree is killed on time"),
        _memory(groups),
        _cpu(groups),
        _storage(tier),
        _files(tier),
        _processes(tier, groups),
        Promise("open files", Held.YES, "1,024 for each process"),
        _freeze(tier, groups),
        _network(tier),
        _orphans(tier),
    ]


def _memory(at: Hierarchies) -> Promise:
    looking = "kept by looking every 5 ms: may be overshot by about 10 MB before the function is killed"
    if at.memory is not None:
        return Promise("memory", Held.YES, f"{looking}; the kernel bounds memory and /tmp together")
    return Promise("memory", Held.PARTLY, looking)


def _cpu(at: Hierarchies) -> Promise:
    if at.cpu is not None:
        return Promise("CPU share", Held.YES, "memory / 1,769 MB of one CPU, from the first invocation on")
    return Promise("CPU share", Held.NO, "CPU not held: a function gets all it can, whatever its memory")


def _storage(tier: str) -> Promise:
    if tier == "strict":
        return Promise(TMP, Held.YES, "its own, at its true path, full at its size; kept in memory")
    words = "a folder named by TMPDIR, kept by looking every 250 ms: a function that has filled it is ended;"
    if tier == "landlock":
        return Promise(TMP, Held.PARTLY, f"{words} a literal /tmp is closed")
    return Promise(TMP, Held.PARTLY, f"{words} a literal /tmp is the machine's, without limit")


def _files(tier: str) -> Promise:
    if tier == "strict":
        words = (
            "/var/task, /opt and the system read-only, at their true paths; home and engine data out of sight"
        )
        return Promise("file system", Held.YES, words)
    if tier == "landlock":
        words = "read-only but for TMPDIR, home and engine data closed; code is not at /var/task"
        return Promise("file system", Held.PARTLY, words)
    words = "not isolated: a function reads and writes what you can; code is not at /var/task"
    return Promise("file system", Held.NO, words)


def _processes(tier: str, at: Hierarchies) -> Promise:
    if at.pids is not None or (tier == "strict" and os.geteuid() != 0):
        return Promise("processes", Held.YES, "1,024 for each environment")
    words = "kept by looking every 50 ms: over 1,024, all are ended; some hundreds may be too many"
    return Promise("processes", Held.PARTLY, words)


def _freeze(tier: str, at: Hierarchies) -> Promise:
    if tier != "strict":
        return Promise("freezing", Held.NO, "background work goes on between invocations")
    means = "by control group" if at.core is not None else "by signals"
    return Promise("freezing", Held.YES, f"10 ms after an invocation everything stands still, {means}")


def _network(tier: str) -> Promise:
    words = "shared with this machine: a function reaches what you reach"
    if tier == "strict":
        words += "; with --vpc-network none those in a VPC reach the engine and nothing else"
    return Promise("network", Held.NO, words)


def _orphans(tier: str) -> Promise:
    means = (
        "by the kernel: the pid namespace ends" if tier == "strict" else "by the launcher, which adopts them"
    )
    return Promise("orphans", Held.YES, f"nothing outlives the engine, daemons included, {means}")
