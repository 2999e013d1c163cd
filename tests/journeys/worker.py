"""Who works with the dashboard and knows nothing by heart."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, cast

from textual.screen import ModalScreen
from textual.widgets import Input, Static

from lambdatui.dashboard.bars import Footer, Tabs
from lambdatui.dashboard.function.screen import PartLine
from lambdatui.dashboard.keys import shown
from lambdatui.dashboard.screens.help import HelpScreen
from lambdatui.dashboard.screens.main import MainScreen
from tests.dashboard.driver import WITHIN
from tests.journeys.watcher import Watcher

if TYPE_CHECKING:
    from lambdatui.dashboard.app import LambdaTui


class Worker(Watcher):
    """Presses only what the screen shows, and counts."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.pressed: list[str] = []
        self._helped: dict[str, set[str]] = {}

    async def press(self, *keys: str) -> Worker:
        for key in keys:
            await self._find_shown(key)
            self.pressed.append(key)
            await super().press(key)
        return self

    async def type(self, text: str) -> Worker:
        """A name or a value, as quickly as a hand can."""
        await self.burst(text)
        return self

    async def hears(self, text: str) -> None:
        """Wait until it was said."""
        try:
            async with asyncio.timeout(WITHIN):
                while not any(text in said.text for said in cast("LambdaTui", self.app).said):
                    await self.pilot.pause(0.02)
        except TimeoutError:
            raise AssertionError(f"{text!r} was not said, but {self.toasts()}:\n{self.text()}") from None

    async def begin_again(self) -> None:
        """Back to the functions, with nothing counted."""
        while not isinstance(self.app.screen, MainScreen):
            await self.pilot.press("escape")
        await self.pilot.press("1")
        self.pressed.clear()

    async def fill(self, text: str) -> Worker:
        """Type a value, in the place of what stands there."""
        line = self.app.focused
        assert isinstance(line, Input), f"there is nothing to type into:\n{self.text()}"
        line.value = ""
        await self.type(text)
        return self

    async def find(self, name: str) -> Worker:
        """Go to a function, by the filter."""
        await self.press("slash")
        await self.fill(name)
        await self.press("enter")
        await self.until(f"▸ {name}")
        return self

    async def open(self, name: str, part: str) -> Worker:
        """Go to a function's own screen, and there to the part with this key."""
        await self.find(name)
        await self.press("enter")
        await self.until("▸ Overview")
        return await self.press(part)

    async def knows_versions(self) -> None:
        """Wait until the versions are known, which a narrow terminal does not show."""
        async with asyncio.timeout(WITHIN):
            while self.main.versions.chosen is None:
                await self.pilot.pause(0.02)

    async def _find_shown(self, key: str) -> None:
        """Look until the key is shown: a screen may open, or learn what it can do, a moment later."""
        known: set[str] = set()
        try:
            async with asyncio.timeout(WITHIN):
                while shown(key) not in (known := self._in_sight()):
                    if shown(key) in (known := known | await self._in_help()):
                        return
                    await self.pilot.pause(0.02)
        except TimeoutError:
            raise AssertionError(f"{key} is not shown here, but {sorted(known)}:\n{self.text()}") from None

    def _in_sight(self) -> set[str]:
        """The keys in the footer, at the edge of a dialog and before the names of tabs."""
        screen = self.app.screen
        found: set[str] = set()
        for bar in screen.query(Footer):
            found |= {key for key, _, _ in bar._fitting()} if bar.region else set()
        for frame in screen.query() if isinstance(screen, ModalScreen) else ():
            found |= set(re.split(r"[\s,·]+", str(frame.border_subtitle)))
        for line in [*screen.query(Tabs), *screen.query(PartLine)]:
            found |= set(str(line.render()).split()) if line.region else set()
        return found

    async def _in_help(self) -> set[str]:
        """The keys that the help of this screen has, which is opened for that."""
        screen = self.app.screen
        help_key = next((one for one in screen.active_bindings.values() if one.binding.id == "help"), None)
        if help_key is None or isinstance(self.app.focused, Input):
            return set()
        place = f"{type(screen).__name__} {sorted(screen.active_bindings)}"
        if place not in self._helped:
            await self.pilot.press("question_mark")
            await self.until("Keys ─")
            assert isinstance(self.app.screen, HelpScreen)
            lines = "\n".join(
                str(part.render()) for part in self.app.screen.query("#help Static").results(Static)
            )
            self._helped[place] = {
                key for line in lines.splitlines() for key in re.split(r"\s{2,}", line)[0].split()
            }
            await self.pilot.press("escape")
            await self.pilot.pause()
        working = {shown(key) for key in screen.active_bindings}
        return self._helped[place] & working
