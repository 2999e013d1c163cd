"""Drives the dashboard as a person does: press keys, read what is drawn."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Self

from textual import events
from textual.pilot import Pilot
from textual.widget import Widget

from lambdatui.dashboard.app import LambdaTui
from lambdatui.dashboard.clipboard import Clipboard
from lambdatui.dashboard.messages import Concern
from lambdatui.dashboard.screens.main import MainScreen
from tests.dashboard.fake_account import NOW
from tests.dashboard.fakes import FakeService
from tests.dashboard.waiting import asleep_for

WITHIN = 30.0
"""What takes longer does not come at all."""
SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x60": (200, 60)}
_NAMES = {
    '"': "quotation_mark", ":": "colon", "{": "left_curly_bracket", "}": "right_curly_bracket",
    " ": "space", ",": "comma", "/": "slash", "?": "question_mark", ".": "full_stop",
    "[": "left_square_bracket", "]": "right_square_bracket", "-": "minus", "$": "dollar_sign",
}  # fmt: skip


_CONTROL = {"\r": "enter", "\n": "ctrl+j", "\t": "tab", "\x1b": "escape"}


class Copies(Clipboard):
    """A clipboard that only remembers."""

    def __init__(self) -> None:
        super().__init__(self._keep, environ={})
        self.texts: list[str] = []

    def _keep(self, _sequence: str) -> None:
        """Nothing reaches a terminal."""

    async def copy(self, text: str) -> Any:
        self.texts.append(text)
        return await super().copy(text)


def dashboard(service: FakeService, **options: Any) -> LambdaTui:
    """The app on a fake; it asks for nothing by itself unless a test ticks."""
    settings: dict[str, Any] = {"opener": service.open, "now": _fixed, "tick_s": 0, "clipboard": Copies()}
    return LambdaTui(service.spec, **settings | options)


def _fixed() -> datetime:
    return NOW


class Person:
    """Presses keys and looks at the screen."""

    def __init__(self, pilot: Pilot[int], service: FakeService) -> None:
        self.pilot = pilot
        self.app = pilot.app
        self.service = service

    async def press(self, *keys: str) -> Person:
        """Press keys one after the other; each is answered before the next."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()
        return self

    async def type(self, text: str) -> Person:
        """Type text into what has the focus."""
        await self.pilot.press(*(_NAMES.get(letter, letter) for letter in text))
        await self.settle()
        return self

    async def burst(self, text: str) -> Person:
        """Type faster than anything is answered: every key is read before the first is handled."""
        for letter in text:
            key = _NAMES.get(letter) or _CONTROL.get(letter) or letter
            self.app.post_message(events.Key(key, letter if letter.isprintable() else None))
        await self.settle()
        await self.settle()
        return self

    async def until(self, *texts: str, where: str = "") -> Self:
        """Wait until every text is on the screen: for what comes by itself, a moment after the keys."""
        try:
            async with asyncio.timeout(WITHIN):
                while True:
                    await self.pilot.pause(0.02)
                    if not self._missing(texts, where):
                        return self
        except TimeoutError:
            self.sees(*texts, where=where)
            raise

    def _missing(self, texts: tuple[str, ...], where: str) -> list[str]:
        """Which texts are not there now: all of them where the screen with that widget has still to come."""
        drawn = self.text(where) if not where or self.app.screen.query(where) else ""
        flat = re.sub(r"[\s│▌]+", " ", drawn)  # sentences may go on in the next line
        return [text for text in texts if text not in drawn and text not in flat]

    async def until_gone(self, text: str) -> Self:
        """Wait until the text is no longer on the screen."""
        try:
            async with asyncio.timeout(WITHIN):
                while text in self.text():
                    await self.pilot.pause(0.02)
        except TimeoutError:
            self.misses(text)
            raise
        return self

    async def settle(self) -> None:
        """Wait for every worker that ends, and for what it said to be drawn."""
        await settle(self.pilot)

    async def tick(self) -> None:
        """A second passes."""
        self.main.tick()
        await self.settle()

    async def resize(self, width: int, height: int) -> Person:
        """Change the size of the terminal."""
        await self.pilot.resize_terminal(width, height)
        await self.settle()
        return self

    @property
    def main(self) -> MainScreen:
        """The main screen."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, MainScreen))

    # -- looking ------------------------------------------------------------------------------

    def text(self, selector: str = "") -> str:
        """What is drawn, in the whole terminal or in one widget."""
        screen = self.app.screen
        lines = ["".join(segment.text for segment in strip) for strip in screen._compositor.render_strips()]
        if selector:
            region = self._widget(selector).region
            lines = [line[region.x : region.right] for line in lines[region.y : region.bottom]]
        return "\n".join(lines)

    def _widget(self, selector: str) -> Widget:
        return self.app.screen.query_one(selector, Widget)

    def sees(self, *texts: str, where: str = "") -> Person:
        """Every text is on the screen."""
        missing = self._missing(texts, where)
        assert not missing, f"{missing} is not to be seen:\n{self.text(where)}"
        return self

    def misses(self, *texts: str, where: str = "") -> Person:
        """None of the texts is on the screen."""
        drawn = self.text(where)
        for text in texts:
            assert text not in drawn, f"{text!r} is to be seen:\n{drawn}"
        return self

    def toasts(self) -> list[str]:
        """What was said in passing."""
        return [f"{note.title} {note.message}".strip() for note in self.app._notifications]

    @property
    def copies(self) -> list[str]:
        """What was copied, oldest first."""
        clipboard = self.main.deeds.clipboard
        assert isinstance(clipboard, Copies)
        return clipboard.texts


_ENDLESS = frozenset({Concern.LOG, Concern.WATCH})


async def settle(pilot: Pilot[int]) -> None:
    """Wait until nothing is under way but what never ends, and calls a test holds."""
    for _ in range(100):
        await pilot.pause()
        ending = [w for w in pilot.app.workers if w.group not in _ENDLESS and not w.is_finished]
        if not ending:
            return
        rest = 0.15 + max(asleep_for(worker._task) for worker in ending)
        done, _ = await asyncio.wait([asyncio.ensure_future(_ended(w)) for w in ending], timeout=rest)
        if not done:
            return  # a test holds them
    raise AssertionError("the dashboard does not come to rest")


async def _ended(worker: Any) -> None:
    await asyncio.gather(worker.wait(), return_exceptions=True)


@asynccontextmanager
async def opened(
    service: FakeService, size: tuple[int, int] = SIZES["120x40"], **options: Any
) -> AsyncIterator[Person]:
    """The dashboard on this service, at rest."""
    app = dashboard(service, **options)
    async with app.run_test(size=size, notifications=True) as pilot:
        person = Person(pilot, service)
        for _ in range(50):
            await person.settle()
            if any(isinstance(screen, MainScreen) for screen in app.screen_stack):
                break
        await person.settle()
        yield person
