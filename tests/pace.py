"""How fast the machine is just now: what a test allows in processor time grows with it."""

from __future__ import annotations

import time

REFERENCE_S = 0.0071
"""What the piece of work below takes where the budgets were set."""


def slowness() -> float:
    """How many times longer than there a processor works at the same; 1 where it is faster."""
    return max(1.0, min(_work() for _ in range(5)) / REFERENCE_S)


def _work() -> float:
    start = time.process_time()
    total = 0
    for number in range(100_000):
        total += len(str(number))
    return time.process_time() - start
