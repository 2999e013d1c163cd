"""What was closed is let go: a working day does not add up."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any

from textual._styles_cache import StylesCache

from tests.dashboard.driver import opened
from tests.dashboard.fakes import shop
from tests.dashboard.function.busy import full


def still_there(gone: list[weakref.ref[Any]]) -> list[Any]:
    gc.collect()
    return [it for each in gone if (it := each()) is not None]


def drawn_lines() -> list[StylesCache]:
    """All holders of lines that there are, those of earlier tests too."""
    gc.collect()
    return [it for it in gc.get_objects() if isinstance(it, StylesCache)]


async def timers_let_go() -> None:
    """asyncio keeps a timer that was cancelled, with all that was under way where it was made, until it would
    have been due, or until most timers are cancelled ones: then it sweeps."""
    loop = asyncio.get_running_loop()
    for timer in [loop.call_later(60, gc.collect) for _ in range(1000)]:
        timer.cancel()
    await asyncio.sleep(0)


def test_a_dashboard_that_was_closed_is_garbage() -> None:
    async def a_day() -> list[weakref.ref[Any]]:
        async with opened(shop()) as ui:
            await ui.press("j", "i", "question_mark", "escape")
            return [weakref.ref(it) for it in (ui.app, ui.main, *ui.main.query("*").results())]

    others = drawn_lines()
    assert still_there(asyncio.run(a_day())) == []
    assert [it for it in drawn_lines() if it not in others] == []


async def test_screens_that_were_left_are_garbage_while_the_dashboard_goes_on() -> None:
    async with opened(full()) as ui:
        left: list[weakref.ref[Any]] = []
        for keys in ("enter 4 escape", "enter 2 escape", "J escape", "question_mark q", "ctrl+p escape"):
            *into, back = keys.split()
            await ui.press(*into)
            screen = ui.app.screen
            assert screen is not ui.main
            left += [weakref.ref(it) for it in (screen, *screen.query("*").results())]
            await ui.press(back)
            assert ui.app.screen is ui.main
        del screen
        await timers_let_go()
        assert still_there(left) == []
