"""A terminal of 40 by 12 still says where one is, and a size that changes loses nothing."""

from __future__ import annotations

import pytest

from lambdatui.dashboard.screens.main import MainScreen
from lambdatui.dashboard.widgets.line_table import LineTable
from tests.dashboard.driver import opened
from tests.dashboard.fakes import shop
from tests.dashboard.test_every_key import whole

TINY = (40, 12)
PLACES = {
    "2": "2 Versions and aliases",
    "3": "3 Invoke",
    "4": "4 Log",
    "J": "Journal",
    "K": "Concurrency",
    "L": "Layers",
    "P": "Payloads",
}
PARTS = {
    "1": "Overview",
    "2": "Settings",
    "3": "Versions",
    "4": "Code",
    "5": "Event sour",
    "6": "Asynchrono",
    "7": "Concurrency",
    "8": "URL and pe",
    "9": "Layers",
    "0": "Tags",
    "minus": "Execution",
}


async def test_every_screen_says_where_one_is_and_ends_with_the_help() -> None:
    async with opened(shop(), TINY) as ui:
        for key, title in PLACES.items():
            await ui.press(key)
            _fits(ui.text(), title)
            if not isinstance(ui.app.screen, MainScreen):
                await ui.press("escape")
        await ui.press("1", "enter")
        for key, title in PARTS.items():
            await ui.press(key)
            _fits(ui.text(), f"checkout ▸ {title}")


def _fits(drawn: str, title: str) -> None:
    lines = drawn.splitlines()
    assert lines[0].startswith(" λ LOCAL engine :4574 · us-east-1"), drawn
    assert any(title in line for line in lines[1:3]), drawn
    assert lines[-1].rstrip().endswith("? help"), drawn


async def test_a_size_that_changes_between_two_keys_loses_neither() -> None:
    async with opened(shop(), TINY) as ui:
        await ui.press("3", "e")
        for at, letter in enumerate('{"order":42}'):
            await ui.pilot.resize_terminal(*((120, 40), (80, 24), TINY)[at % 3])
            await ui.type(letter)
        await ui.resize(120, 40)
        assert ui.main.invocation.payload == '{"order":42}'
        await ui.press("escape", "1")
        for key in "jjkj":
            await ui.pilot.resize_terminal(*TINY)
            await ui.press(key)
            await ui.pilot.resize_terminal(120, 40)
        assert ui.main.function_name == "nightly-report"


@pytest.mark.parametrize("key", ["V", "Q", "F", "S", "K", "L", "B", "D"])
async def test_rows_have_room_before_what_is_said_of_them(key: str) -> None:
    async with opened(whole(), TINY) as ui:
        await ui.press(key)
        table = ui.app.screen.query_one(LineTable)
        assert table.row_count
        assert len(list(table.rows_in_sight())) >= min(3, table.row_count), ui.text()
        ui.sees("▸ ")
