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


def test_a_dashboard_that_was_closed_is_garbage() -> None:
    async def a_day() -> list[weakref.ref[Any]]:
        async with opened(shop()) as ui:
            await ui.press("j", "i", "question_mark", "escape")
            return [weakref.ref(it) for it in (ui.app, ui.main, *ui.main.query("*").results())]

    assert still_there(asyncio.run(a_day())) == []
    gc.collect()
    assert not [it for it in gc.get_objects() if isinstance(it, StylesCache)]  # lines that were drawn


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
        assert still_there(left) == []
