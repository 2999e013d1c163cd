"""How fast a queue is read: so many batches side by side, growing while all are in use; with pollers of its
own also so many bytes a second."""

from __future__ import annotations

from typing import Any

START, STEP_PER_S, MOST = 5, 5.0, 1250
"""On demand: so many batches at first, so many more each second, so many at most."""
POLLER_BATCHES, POLLER_BYTES_PER_S = 10, 1 << 20
POLLERS_STEP_PER_S = 1000 / 60
"""What one provisioned poller can do, and by how many batches its like are added each second."""
BURST_S = 1.0  # what a second allows may come at once
UNCOUNTED = "batches and bytes are counted; calls of ReceiveMessage, which AWS bounds too, are not."


class Pace:
    """Decides on the engine's clock how much of a queue may be taken."""

    def __init__(self, concurrency: int | None, pollers: tuple[int, int] | None) -> None:
        self._pollers = pollers
        if pollers is not None:
            self._least, self._most = (number * POLLER_BATCHES for number in pollers)
            self._step = POLLERS_STEP_PER_S
        else:
            self._most = concurrency or MOST
            self._least, self._step = min(START, self._most), STEP_PER_S
        self.batches = self._least
        """So many may run now."""
        self._saturated_at: float | None = None
        self._read_until = 0.0  # when all that was read would have been, at the pace that is allowed

    def wait(self, running: int, now: float) -> float:
        """Seconds until more may be taken while so many batches run: 0 if at once."""
        ahead = self._read_until - now - BURST_S
        if running < self.batches and ahead <= 0:
            if not running:  # quiet again
                self.batches, self._saturated_at = self._least, None
            return 0.0
        self._grow(now)
        if running >= self.batches:
            return 1.0  # there may be more by then
        return max(0.0, ahead)

    def _grow(self, now: float) -> None:
        if self._saturated_at is None:
            self._saturated_at = now
        more = int((now - self._saturated_at) * self._step)
        if more:
            self.batches, self._saturated_at = min(self.batches + more, self._most), now

    def took(self, size: int, now: float) -> None:
        """So many bytes were read."""
        if self._pollers is not None:
            self._read_until = max(self._read_until, now) + size / (self._working * POLLER_BYTES_PER_S)

    @property
    def _working(self) -> int:
        """Pollers now."""
        return -(-self.batches // POLLER_BATCHES)

    def describe(self) -> dict[str, Any]:
        """What the engine's own API shows."""
        if self._pollers is None:
            return {"concurrency": self.batches, "pollers": None}
        least, most = self._pollers
        pollers = {"minimum": least, "maximum": most, "now": self._working, "words": UNCOUNTED}
        return {"concurrency": self.batches, "pollers": pollers}
