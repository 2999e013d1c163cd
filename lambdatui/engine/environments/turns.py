"""The account of an invocation: what it took, what its report says, when its caller hears of it."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass

from lambdatui.engine.environments.chronicle import Chronicle
from lambdatui.engine.environments.invocation import InvokeRequest, Outcome
from lambdatui.engine.environments.processes import Processes
from lambdatui.engine.environments.spec import RunSpec
from lambdatui.engine.logs.records import Measures

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Turn:
    """An invocation whose time counts. It is over when everybody has asked for the next event."""

    invocation: InvokeRequest
    begun: float
    due_ms: int
    """When the function has to be done, as it is told."""
    delivered: bool = False
    answered: float = 0.0
    payload: bytes = b""
    error_type: str | None = None
    status: str = ""
    runtime_done: bool = False
    told: bool = False
    """Its caller has the answer."""


class Turns:
    """Closes one account after the other."""

    def __init__(self, spec: RunSpec, chronicle: Chronicle, processes: Processes) -> None:
        self.init_ms: float | None = None
        """Of an INIT that no report has told of yet."""
        self._spec = spec
        self._chronicle = chronicle
        self._processes = processes

    def begin(self, invocation: InvokeRequest) -> Turn:
        """From here on the invocation's time counts."""
        self._chronicle.log.begin(invocation.tail)
        return Turn(invocation, time.perf_counter(), int((time.time() + self._spec.timeout_s) * 1000))

    def answer_early(self, turn: Turn) -> None:
        """The caller need not wait for extensions, unless it wants the log with its report."""
        if not turn.invocation.tail:
            self._answer(turn, self._measures(turn, turn.answered, turn.status, turn.error_type))

    def runtime_done(self, turn: Turn, status: str, error_type: str | None) -> None:
        """The runtime's part is over."""
        if not turn.runtime_done:
            turn.runtime_done = True
            took = (turn.answered - turn.begun) * 1000
            self._chronicle.runtime_done(turn.invocation, status, error_type, took, len(turn.payload))

    def conclude(self, turn: Turn, status: str, error_type: str | None, over: float | None = None) -> None:
        """It is over: write the report, and answer who waits for that."""
        self._chronicle.log.catch_up()
        failed = error_type if status != "success" else None
        self.runtime_done(turn, status, failed)
        measures = self._measures(turn, over or turn.answered, status, failed)
        self.init_ms = None
        self._chronicle.reported(turn.invocation, measures)
        self._answer(turn, measures)

    def conclude_now(self, turn: Turn, status: str, error_type: str | None) -> None:
        """It is over with this moment, which is later than its answer."""
        self.conclude(turn, status, error_type, time.perf_counter())

    def _measures(self, turn: Turn, over: float, status: str, error_type: str | None) -> Measures:
        duration = (over - turn.begun) * 1000
        if status == "timeout":
            duration = max(duration, self._spec.timeout_s * 1000.0)
        return Measures(
            duration_ms=duration,
            billed_ms=math.ceil(duration + (self.init_ms or 0.0)),
            memory_mb=self._spec.memory_mb,
            max_memory_mb=self._processes.peak_mb(duration),
            init_ms=self.init_ms,
            status=status,
            error_type=error_type,
        )

    def _answer(self, turn: Turn, m: Measures) -> None:
        """Tell the caller, once."""
        if turn.told:
            return
        turn.told = True
        tail = self._chronicle.log.tail()
        outcome = Outcome(turn.payload, self._spec.version, turn.error_type, m.duration_ms, tail)
        try:
            turn.invocation.done(outcome)
        except Exception:
            logger.exception("the caller of %s could not take its answer", turn.invocation.request_id)
