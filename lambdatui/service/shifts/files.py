"""Shifts under way, kept so that a later lambdatui can go on with them: one private file each.

Whoever drives a shift holds a lock on its file; another dashboard sees the file and leaves it alone.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from lambdatui.service.shifts.shift import Phase, Plan, Rules, Shift, Step


class ShiftFiles:
    """The shifts of one target."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._locks: dict[tuple[str, str], int] = {}

    def read(self) -> list[Shift]:
        """Every shift that was kept; what cannot be read is left out."""
        found = []
        for file in sorted(self._folder.glob("*.json")):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                found.append(_read(json.loads(file.read_text(encoding="utf-8"))))
        return found

    def take(self, function: str, alias: str) -> bool:
        """Become the one who drives it; False when another lambdatui does."""
        key = function, alias
        if key in self._locks:
            return True
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self._file(function, alias).with_suffix(".lock")
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._locks[key] = descriptor
        return True

    def write(self, shift: Shift) -> None:
        """Keep where it stands; on disk before it returns."""
        file = self._file(shift.plan.function, shift.plan.alias)
        fresh = file.with_suffix(f".{os.getpid()}.tmp")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(dataclasses.asdict(shift), out)
            out.flush()
            os.fsync(out.fileno())
        os.replace(fresh, file)

    def forget(self, function: str, alias: str) -> None:
        """It is over, and so is driving it."""
        self._file(function, alias).unlink(missing_ok=True)
        self._release((function, alias))

    def close(self) -> None:
        """Drive nothing any more; the files stay."""
        for key in list(self._locks):
            self._release(key)

    def _release(self, key: tuple[str, str]) -> None:
        descriptor = self._locks.pop(key, None)
        if descriptor is not None:
            os.close(descriptor)

    def _file(self, function: str, alias: str) -> Path:
        digest = hashlib.sha256(f"{function}:{alias}".encode()).hexdigest()[:16]
        return self._folder / f"{digest}.json"


def _read(raw: dict[str, Any]) -> Shift:
    plan = raw.pop("plan")
    steps = tuple(Step(**step) for step in plan.pop("steps"))
    rules = Rules(**plan.pop("rules"))
    raw["phase"] = Phase(raw["phase"])
    return Shift(plan=Plan(**plan, steps=steps, rules=rules), **raw)
