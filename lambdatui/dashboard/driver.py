"""The ways to a terminal that Textual's own driver does not know."""

from __future__ import annotations

from collections.abc import Sequence

from textual.drivers.linux_driver import LinuxDriver

from lambdatui.characters import charset, fitting
from lambdatui.last_frame import ENTER


class FittingDriver(LinuxDriver):
    """Writes only what the terminal can show."""

    _charset = charset()

    def write(self, data: str) -> None:
        super().write(fitting(data, self._charset))


class PaintedDriver(FittingDriver):
    """Goes on with the alternate screen that is on, where the last known frame stands. Terminals clear it
    when they are told to enter it."""

    _entered = False

    def write(self, data: str) -> None:
        if data == ENTER and not self._entered:
            self._entered = True
            return
        super().write(data)


def driver_for(frame: Sequence[str]) -> type[LinuxDriver]:
    """The driver for a terminal on which that frame stands, if any does."""
    return PaintedDriver if frame else FittingDriver
