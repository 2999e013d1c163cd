"""Which messages of a queue were sent on, kept on disk line by line, so that nothing is sent twice unsaid.

A message is written down before it is sent and after: what was begun and not ended is unclear, and is said
to be. Whoever redrives a queue holds a lock on its file.
"""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Any

from lambdatui.model.dead_letters import Aim, AimKind, RedrivePlan, RedriveState


class Step(StrEnum):
    """How far one message is."""

    SENDING = "sending"
    SENT = "sent"
    DONE = "done"
    REFUSED = "refused"


class RedriveFile:
    """What was done with the messages of one queue."""

    def __init__(self, folder: Path, arn: str) -> None:
        self._file = folder / f"{hashlib.sha256(arn.encode()).hexdigest()[:16]}.jsonl"
        self._lock: int | None = None
        self._out: int | None = None
        self.steps: dict[str, Step] = {}
        self._why: dict[str, str] = {}
        self.plan: RedrivePlan | None = None
        self.over = False
        self._read()

    def take(self) -> bool:
        """Become the one who writes; False when another lambdatui does."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return False
        self._lock = lock
        self._read()  # another may have written meanwhile
        self._out = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return True

    def begin(self, plan: RedrivePlan) -> None:
        """From now on this is done."""
        self._write({"plan": dataclasses.asdict(plan)})

    def write(self, id_: str, step: Step, why: str = "") -> None:
        """How far a message is; on disk before it returns."""
        self._write({"id": id_, "step": step, "why": why})

    def end(self) -> None:
        """The plan is carried out."""
        self._write({"over": True})

    def close(self) -> None:
        """Give it back; where nothing is left to know the file goes."""
        if self._out is not None:
            os.close(self._out)
            self._out = None
        if self.over and not {Step.SENDING, Step.SENT}.intersection(self.steps.values()):
            self._file.unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def state(self) -> RedriveState | None:
        """All of it; None where nothing was ever begun."""
        if self.plan is None:
            return None
        of = {step: frozenset(id_ for id_, at in self.steps.items() if at is step) for step in Step}
        return RedriveState(
            self.plan,
            done=of[Step.DONE],
            sent=of[Step.SENT],
            unclear=of[Step.SENDING],
            refused=tuple((id_, self._why.get(id_, "")) for id_ in sorted(of[Step.REFUSED])),
            over=self.over,
        )

    def _read(self) -> None:
        try:
            lines = self._file.read_bytes().splitlines()
        except OSError:
            return
        for line in lines:
            try:
                self._take_in(json.loads(line))
            except (ValueError, KeyError, TypeError):  # cut by a crash
                continue

    def _write(self, said: dict[str, Any]) -> None:
        assert self._out is not None
        os.write(self._out, json.dumps(said).encode() + b"\n")
        os.fsync(self._out)
        self._take_in(said)

    def _take_in(self, said: dict[str, Any]) -> None:
        if "plan" in said:
            raw = dict(said["plan"])
            aim = Aim(AimKind(raw["aim"]["kind"]), raw["aim"]["name"])
            self.plan, self.over = RedrivePlan(aim, raw["total"], tuple(raw["ids"]), raw["rate"]), False
        elif "over" in said:
            self.over = True
        else:
            self.steps[said["id"]] = Step(said["step"])
            self._why[said["id"]] = said["why"]
