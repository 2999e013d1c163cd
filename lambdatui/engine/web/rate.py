"""How often something happened in the last second."""

from __future__ import annotations

import time
from collections import deque

WINDOW_S = 1.0


class Rate:
    """Counts by name; what is older than a second is forgotten."""

    def __init__(self) -> None:
        self._times: dict[str, deque[float]] = {}

    def take(self, name: str, limit: int) -> bool:
        """Count one more, unless that were more than `limit`."""
        times = self._times.setdefault(name, deque())
        now = time.monotonic()
        while times and times[0] <= now - WINDOW_S:
            times.popleft()
        if len(times) >= limit:
            return False
        times.append(now)
        return True
