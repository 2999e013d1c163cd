"""The one clock behind everything that waits on Lambda's behalf: retries, windows, ages, idle time.

Handler, init and socket time-outs, signature dates and log times never ask it: they live in real time.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import math
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

LONGEST_WAIT = 3600.0  # an event loop refuses waits of months; waking up once an hour costs nothing


class Timer:
    """A callback that is due at some time of the clock; `cancel` takes it back."""

    __slots__ = ("_call", "when")

    def __init__(self, when: float, call: Callable[[], object]) -> None:
        self.when = when
        self._call: Callable[[], object] | None = call

    @property
    def cancelled(self) -> bool:
        """Whether it will not run any more: cancelled, or run before."""
        return self._call is None

    def cancel(self) -> None:
        """Forget the callback."""
        self._call = None

    def fire(self) -> None:
        """Run the callback, once."""
        call, self._call = self._call, None
        if call is not None:
            call()


class Clock:
    """Real time, real time `x60` as fast, or a `manual` time that stands still; `advance` in any mode."""

    def __init__(self, mode: str = "real") -> None:
        self.mode = mode
        self.factor = factor_of(mode)
        self._started = time.time() if self.factor else float(int(time.time()))
        """Whole seconds on a manual clock: what is due in 60 s is due after exactly 60."""
        self._offset = 0.0
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._wake: asyncio.TimerHandle | None = None
        self._followers: list[Callable[[], object]] = []

    def now(self) -> float:
        """Seconds since 1970 on this clock."""
        return self._started + (time.time() - self._started) * self.factor + self._offset

    def call_at(self, when: float, call: Callable[[], object]) -> Timer:
        """Run `call` in the event loop once the clock shows `when`."""
        timer = Timer(when, call)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        self._arm()
        return timer

    def call_later(self, delay: float, call: Callable[[], object]) -> Timer:
        """Run `call` after `delay` seconds of this clock."""
        return self.call_at(self.now() + delay, call)

    async def sleep(self, delay: float) -> None:
        """Wait for `delay` seconds of this clock."""
        over = asyncio.get_running_loop().create_future()
        timer = self.call_later(delay, lambda: None if over.done() else over.set_result(None))
        try:
            await over
        finally:
            timer.cancel()

    def advance(self, seconds: float) -> None:
        """Jump ahead for good; what became due runs at once, in order of time."""
        if seconds < 0:
            raise ValueError("The clock does not go back.")
        self._offset += seconds
        for follower in self._followers:
            follower()
        self._run_due()

    def catch_up(self, at: float | None) -> None:
        """Time does not go back over a restart: what was pushed ahead, or ran fast, goes on from there."""
        if at is not None and at > self.now():
            self.advance(at - self.now())

    def change(self, mode: str) -> None:
        """Go on from the present time at another speed; a ValueError for a mode that does not exist."""
        factor = factor_of(mode)
        now = self.now()
        self._started = time.time() if factor else float(math.ceil(now))
        self._offset = now - self._started if factor else 0.0
        self.mode, self.factor = mode, factor
        for follower in self._followers:
            follower()
        self._run_due()

    def on_advance(self, follower: Callable[[], object]) -> None:
        """Call `follower` after every jump: for whoever keeps a time of its own that must not fall behind."""
        self._followers.append(follower)

    def describe(self) -> dict[str, object]:
        """What the engine's status shows."""
        waiting = [timer.when for _, _, timer in self._timers if not timer.cancelled]
        return {
            "mode": self.mode,
            "now": self.now(),
            "offset_s": round(self._offset, 3),
            "next_due": min(waiting, default=None),
        }

    def close(self) -> None:
        """Drop every timer."""
        self._timers.clear()
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None

    def _run_due(self) -> None:
        while self._timers and self._timers[0][0] <= self.now():
            _, _, timer = heapq.heappop(self._timers)
            try:
                timer.fire()
            except Exception:
                logger.exception("what was due on the clock failed")
        self._arm()

    def _arm(self) -> None:
        """Wake up when the earliest timer is due; a manual clock only moves when it is told to."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        while self._timers and self._timers[0][2].cancelled:
            heapq.heappop(self._timers)
        if not self._timers:
            return
        ahead = max(0.0, self._timers[0][0] - self.now())
        if self.factor:
            wait = min(ahead / self.factor, LONGEST_WAIT)
        elif ahead:
            return
        else:
            wait = 0.0
        self._wake = asyncio.get_running_loop().call_later(wait, self._run_due)


def factor_of(mode: str) -> float:
    """How fast a clock of this mode runs; a ValueError for one that does not exist."""
    if mode == "real":
        return 1.0
    if mode == "manual":
        return 0.0
    if mode.startswith("x"):
        try:
            factor = float(mode[1:])
        except ValueError:
            factor = 0.0
        if 0 < factor <= 1e6:
            return factor
    raise ValueError(f"{mode!r} is no clock: say real, manual, or x and a number, such as x60.")
