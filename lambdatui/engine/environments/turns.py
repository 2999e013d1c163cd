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
        self.current: Turn | None = None
        """Of an invocation that is not over, whether it is answered or not."""
        self.init_ms: float | None = None
        """Of an INIT that no report has told of yet."""
        self._spec = spec
        self._chronicle = chronicle
        self._processes = processes

    def begin(self, invocation: InvokeRequest) -> Turn:
        """From here on the invocation's time counts."""
        self._chronicle.log.begin(invocation.tail)
        due_ms = int((time.time() + self._spec.timeout_s) * 1000)
        self.current = turn = Turn(invocation, time.perf_counter(), due_ms)
        return turn

    def answered(self, outcome: tuple[str | None, bytes], status: str, *, over: bool) -> None:
        """Type of the error, if it is one, and payload; `over`: there are no extensions to wait for."""
        turn = self.current
        assert turn is not None
        turn.answered = time.perf_counter()
        turn.error_type, turn.payload = outcome
        turn.status = status
        if over:
            self.current = None
            self._conclude(turn, turn.answered, status, turn.error_type)
        elif not turn.invocation.tail:  # who wants the log with its report waits for it
            self._answer(turn, self._measures(turn, turn.answered, status, turn.error_type))

    def runtime_returned(self) -> None:
        """The runtime has asked for the next event: its part of the current one is over."""
        if self.current is not None:
            self._runtime_done(self.current, self.current.status, self.current.error_type)

    def break_off(self, status: str, error_type: str | None) -> None:
        """What was answered, but not over, is over now."""
        turn, self.current = self.current, None
        if turn is not None:
            self._conclude(turn, time.perf_counter(), status, error_type)

    def _runtime_done(self, turn: Turn, status: str, error_type: str | None) -> None:
        if not turn.runtime_done:
            turn.runtime_done = True
            took = (turn.answered - turn.begun) * 1000
            self._chronicle.runtime_done(turn.invocation, status, error_type, took, len(turn.payload))

    def _conclude(self, turn: Turn, over: float, status: str, error_type: str | None) -> None:
        """Write the report, and answer who waits for that."""
        self._chronicle.log.catch_up()
        failed = error_type if status != "success" else None
        self._runtime_done(turn, status, failed)
        measures = self._measures(turn, over, status, failed)
        self.init_ms = None
        if not turn.invocation.tail:  # nobody but who wants the log has to wait for its report
            self._answer(turn, measures)
        self._chronicle.reported(turn.invocation, measures)
        self._answer(turn, measures)

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
