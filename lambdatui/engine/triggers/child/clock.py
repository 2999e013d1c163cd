"""The engine's clock inside moto: visibility time-outs, delays and ages follow it.

moto takes the time from one place, the functions of `moto.core.utils`; they are given another `datetime`.
"""

from __future__ import annotations

import datetime
import time
import types
from typing import Any

from lambdatui.engine.triggers.child.patching import replace


class FollowedClock:
    """What the engine's clock shows, from what it showed at some moment and how fast it runs."""

    def __init__(self) -> None:
        self._shown = self._at = time.time()
        self.factor = 1.0

    def set(self, shown: float, factor: float) -> None:
        self._shown, self._at, self.factor = shown, time.time(), factor

    def now(self) -> float:
        return self._shown + (time.time() - self._at) * self.factor


def follow(clock: FollowedClock) -> None:
    """Has moto ask `clock`."""
    from moto.core import utils

    class Datetime(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return datetime.datetime.fromtimestamp(clock.now(), tz)

    ours = types.SimpleNamespace(datetime=Datetime, timedelta=datetime.timedelta, timezone=datetime.timezone)
    replace(utils, datetime=ours)
