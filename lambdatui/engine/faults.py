"""Faults on demand: what AWS does to functions now and then, made to happen here and now.

A switch fires a number of times or until it is taken back, for one function or for all, and counts how often
it did. Whoever can make a fault happen asks `take` when it would: nothing is pretended elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

KINDS = {
    "throttle": "Invocations are refused with 429, as when all concurrency is in use.",
    "system-error": "Invocations fail with 500 ServiceException before they reach the function.",
    "kms-denied": "Invocations fail with 502: the environment variables could not be decrypted.",
    "eni-limit": "Invocations fail with 502: no network interface is left in the VPC.",
    "slow-init": "INIT takes `seconds` longer; beyond ten seconds it runs again inside the invocation.",
    "kill-after-init": "The runtime's process is killed when INIT is over and the event would come.",
    "out-of-memory": "The runtime is killed as soon as it holds more than `megabytes`, for one invocation.",
    "tmp-full": "The invocation runs in an environment whose /tmp has no room left.",
    "network-off": "The invocation runs in an environment that reaches the engine and nothing else.",
    "clock-skew": "Requests that the function signs are refused, as if its clock were `seconds` (an hour)"
    " behind; what it reads of the time stays true.",
    "timeout": "The function's timeout is over as soon as the invocation begins.",
    "other-version": "An alias with weights sends the invocation to its second version.",
    "duplicate": "An asynchronous event is run twice, side by side: delivery is at least once.",
    "out-of-order": "An asynchronous event waits `seconds` (5) first: what comes behind it overtakes it.",
    "partial-batch": "The last item of a batch failed, says the function (ReportBatchItemFailures).",
    "dlq-refused": "The dead-letter queue refuses the event (DeadLetterErrors).",
    "destination-denied": "The destination refuses the record (DestinationDeliveryFailures).",
}


@dataclass(slots=True)
class Fault:
    """One switch. `left` is None for one that stays on."""

    kind: str
    function: str | None
    """A name, whatever the account and region; None: every function."""
    left: int | None
    seconds: float = 0.0
    megabytes: float = 0.0
    fired: int = 0

    def describe(self) -> dict[str, Any]:
        """What the engine's own API shows."""
        return {
            "kind": self.kind,
            "function": self.function,
            "left": self.left,
            "seconds": self.seconds,
            "megabytes": self.megabytes,
            "fired": self.fired,
        }


class Faults:
    """All switches of an engine. `armed` names the kinds that may fire, so that asking costs nothing."""

    def __init__(self) -> None:
        self.armed: frozenset[str] = frozenset()
        self._set: dict[tuple[str, str | None], Fault] = {}

    def __iter__(self) -> Any:
        return iter(self._set.values())

    def put(self, fault: Fault) -> None:
        """Set a switch; it replaces the one of its kind for the same function."""
        self._set[(fault.kind, fault.function)] = fault
        self._arm()

    def clear(self, kind: str | None = None, name: str | None = None) -> None:
        """Take back all switches, those of a kind, or those for a function."""
        for where, fault in list(self._set.items()):
            if kind in (None, fault.kind) and name in (None, fault.function):
                del self._set[where]
        self._arm()

    def take(self, kind: str, name: str) -> Fault | None:
        """The switch that fires now for a function of this name, if one does."""
        if kind not in self.armed:
            return None
        for where in ((kind, name), (kind, None)):
            fault = self._set.get(where)
            if fault is not None and fault.left != 0:
                fault.fired += 1
                if fault.left is not None:
                    fault.left -= 1
                    self._arm()
                return fault
        return None

    def _arm(self) -> None:
        self.armed = frozenset(fault.kind for fault in self._set.values() if fault.left != 0)
