"""The mouse does in the real screens what keys do: it goes to rows, marks them, sorts them and scrolls."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual import events
from textual.widget import Widget

from lambdatui.dashboard.widgets.line_table import LineTable
from lambdatui.dashboard.widgets.line_widget import LineWidget
from tests.dashboard.driver import SIZES, Person, opened
from tests.dashboard.fake_account import version
from tests.dashboard.fakes import shop
from tests.dashboard.test_every_key import talkative


async def wheel(ui: Person, widget: Widget, *, up: bool = False) -> None:
    """Turn it by one step over the widget."""
    kind = events.MouseScrollUp if up else events.MouseScrollDown
    await ui.pilot._post_mouse_events([kind], widget=widget, offset=(5, 2))
    await ui.settle()


def cursor_of(widget: LineWidget) -> int | None:
    """The row that has the cursor, in a table."""
    return widget.cursor_index if isinstance(widget, LineTable) else None


async def test_a_click_before_a_row_marks_it_and_another_one_does_not() -> None:
    async with opened(shop(), SIZES["120x40"]) as ui:
        table = ui.main.functions.table
        await ui.pilot.click(table, offset=(1, 2))
        assert table.cursor_index == 1
        assert list(table.marked_keys) == ["invoice"]
        await ui.pilot.click(table, offset=(8, 3))
        assert table.cursor_index == 2
        assert list(table.marked_keys) == ["invoice"]
        await ui.pilot.click(table, offset=(8, 3), control=True)
        assert list(table.marked_keys) == ["invoice", "nightly-report"]
        await ui.settle()
        ui.sees("2 marked", where="#functions")
        await ui.pilot.click(table, offset=(0, 2))
        assert list(table.marked_keys) == ["nightly-report"]


async def test_two_quick_clicks_on_a_mark_open_nothing() -> None:
    async with opened(shop(), SIZES["120x40"]) as ui:
        await ui.pilot.click(ui.main.functions.table, offset=(1, 2), times=2)
        await ui.settle()
        assert ui.app.screen is ui.main
        assert ui.main.functions.table.marked_keys == ()


async def test_a_click_marks_nothing_where_nothing_can_be_done_with_marks() -> None:
    async with opened(shop(), SIZES["120x40"]) as ui:
        table = ui.main.versions.table
        await ui.pilot.click(table, offset=(1, 2))
        await ui.pilot.click(table, offset=(9, 3), control=True)
        assert list(table.marked_keys) == []


async def test_a_click_on_a_heading_sorts_and_another_one_turns_the_order() -> None:
    async with opened(shop(), SIZES["120x40"]) as ui:
        table = ui.main.functions.table
        heading = ui.text("#functions").splitlines()[1]
        at = (heading.index("name") - 1, 0)
        await ui.pilot.click(table, offset=at)
        assert (table.sort_column, table.sort_reverse) == ("name", False)
        assert table.rows[0].name == "checkout"
        await ui.pilot.click(table, offset=at)
        assert table.sort_reverse
        assert table.rows[0].name == "resize-image"


@pytest.mark.parametrize(
    ("keys", "height"),
    [
        ((), 12),
        (("2",), 12),
        (("i", "3"), 16),
        (("4", "g"), 12),
        (("enter", "2"), 12),
        (("d", "enter"), 10),
        (("V",), 8),
        (("Q",), 10),
        (("F",), 7),
        (("L",), 8),
        (("K",), 10),
        (("S",), 7),
        (("B",), 8),
        (("P",), 12),
    ],
)
async def test_the_wheel_scrolls_what_does_not_fit(keys: Sequence[str], height: int) -> None:
    service = talkative()
    for number in range(30):
        service.store.add(version(f"zz-{number:02}"))
        service.store.publish(version("checkout", str(number + 4)))
    async with opened(service, (60, height)) as ui:
        await ui.press(*keys)
        widget = ui.app.focused
        assert isinstance(widget, LineWidget)
        await ui.press("g")
        assert widget.max_scroll_y > 0, "all of it fits: nothing is shown of the wheel"
        cursor, before = cursor_of(widget), ui.text()
        await wheel(ui, widget)
        assert ui.text() != before
        assert widget.scroll_offset.y > 0
        await wheel(ui, widget, up=True)
        assert widget.scroll_offset.y == 0
        assert ui.text() == before
        assert cursor_of(widget) == cursor


async def test_rows_that_come_do_not_turn_the_wheel_back() -> None:
    service = shop()
    for number in range(40):
        service.store.add(version(f"zz-{number:02}"))
    async with opened(service, SIZES["80x24"]) as ui:
        table = ui.main.functions.table
        for _ in range(12):
            await wheel(ui, table)
        top = table.top
        assert top > 10
        service.store.add(version("zz-99"))
        await ui.tick()
        await ui.press("r")
        assert (table.top, table.cursor_index) == (top, 0)
        await ui.press("j")
        assert table.top <= table.cursor_index == 1
