"""The terminal, when the last known frame stands on it already: it is not cleared first."""

from __future__ import annotations

from textual.drivers.linux_driver import LinuxDriver

from lambdatui.last_frame import ENTER


class PaintedDriver(LinuxDriver):
    """Goes on with the alternate screen that is on. Terminals clear it when they are told to enter it."""

    _entered = False

    def write(self, data: str) -> None:
        if data == ENTER and not self._entered:
            self._entered = True
            return
        super().write(data)
