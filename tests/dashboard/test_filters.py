"""The same key looks through every list that may be long, and through every text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from textual.widget import Widget

from lambdatui.dashboard.function.lines import SpanLines
from lambdatui.dashboard.function.settings_tab import SettingsTab
from lambdatui.dashboard.panes.pane import FilterLine
from lambdatui.dashboard.widgets.line_table import LineTable
from tests.dashboard.driver import SIZES, Person, opened
from tests.dashboard.fakes import FakeService, shop
from tests.dashboard.function.busy import full
from tests.dashboard.test_every_key import whole

LISTS: dict[str, tuple[Callable[[], FakeService], Sequence[str], str]] = {
    "settings": (shop, ("enter", "2"), "timeout"),
    "tags": (full, ("enter", "0", "ctrl+n", "x", "enter"), "team"),
    "access": (full, ("enter", "8"), "s3"),
    "journal": (whole, ("p", "enter", "y", "J"), "publish"),
    "faults": (whole, ("F",), "throttle"),
    "sources": (whole, ("S",), "clicks"),
    "dead letters": (whole, ("D",), "orders"),
    "letters": (whole, ("D", "enter"), "order"),
    "inside a neighbour": (whole, ("B", "j", "enter"), "tea"),
}
"""What is opened how, and what some of its rows have and others have not."""


def table(ui: Person) -> LineTable[Any]:
    """The list in front of the person."""
    return next(one for one in ui.app.screen.query(LineTable) if one.is_on_screen)


def has_focus(ui: Person, widget: Widget) -> bool:
    return ui.app.focused is widget


@pytest.mark.parametrize("name", LISTS)
async def test_rows_are_filtered(name: str) -> None:
    made, keys, text = LISTS[name]
    async with opened(made(), SIZES["120x40"]) as ui:
        await ui.press(*keys)
        ui.sees("/ filter", where="Footer")
        rows = table(ui)
        total = rows.row_count
        await ui.press("slash")
        assert has_focus(ui, ui.app.screen.query_one(FilterLine).input)
        await ui.type(text)
        assert 0 < rows.row_count < total
        await ui.press("enter")
        assert has_focus(ui, rows)
        await ui.press("slash")
        await ui.type(" nothing has it")
        assert rows.row_count == 0
        ui.sees("Nothing matches “")
        await ui.press("escape")
        assert rows.row_count == total
        assert has_focus(ui, rows)


@pytest.mark.parametrize("name", LISTS)
async def test_esc_shows_all_rows_again_before_it_goes_back(name: str) -> None:
    made, keys, text = LISTS[name]
    async with opened(made(), SIZES["80x24"]) as ui:
        await ui.press(*keys)
        screen, total = ui.app.screen, table(ui).row_count
        await ui.press("slash")
        await ui.type(text)
        await ui.press("enter")
        assert table(ui).row_count < total
        await ui.press("escape")
        assert ui.app.screen is screen
        assert table(ui).row_count == total
        await ui.press("escape")
        assert ui.app.screen is not screen


async def test_a_short_list_has_no_filter() -> None:
    async with opened(shop()) as ui:
        await ui.press("enter", "6")
        ui.misses("/ filter", where="Footer")
        await ui.press("slash")
        assert not any(line.display for line in ui.app.screen.query(FilterLine))


async def test_values_of_variables_are_not_found_by_the_filter() -> None:
    service = shop()
    async with opened(service, SIZES["120x40"]) as ui:
        await ui.press("enter", "2", "ctrl+n")
        await ui.type("TOKEN=hunter2")
        await ui.press("enter", "slash")
        await ui.type("hunter2")
        assert ui.app.screen.query_one(SettingsTab).table.row_count == 0
        await ui.press("escape", "slash")
        await ui.type("token")
        ui.sees("TOKEN").misses("hunter2")


async def test_a_new_variable_is_shown_though_the_filter_would_hide_it() -> None:
    async with opened(shop(), SIZES["120x40"]) as ui:
        await ui.press("enter", "2", "slash")
        await ui.type("timeout")
        await ui.press("enter", "ctrl+n")
        await ui.type("STAGE=dev")
        await ui.press("enter")
        tab = ui.app.screen.query_one(SettingsTab)
        assert tab.table.cursor_row is not None
        assert tab.table.cursor_row.label == "STAGE"


@pytest.mark.parametrize("file", [False, True])
async def test_text_is_looked_for_in_a_difference(file: bool) -> None:
    async with opened(full(), SIZES["120x40"]) as ui:
        await ui.press("d", "enter", *(["enter"] if file else []))
        view, text = ui.app.screen.query_one(SpanLines), "p"
        lines = [at for at in range(view.line_count) if text in view.line_text(at).lower()]
        assert len(lines) > 1
        await ui.press("g", "slash")
        await ui.type(text)
        await ui.press("enter")
        assert has_focus(ui, view)
        assert view.cursor == lines[0]
        await ui.press("n")
        assert view.cursor == lines[1]
        await ui.press("N")
        assert view.cursor == lines[0]
        screen = ui.app.screen
        await ui.press("escape")
        assert ui.app.screen is screen
        assert view.search_text == ""
        await ui.press("escape")
        assert ui.app.screen is not screen


@pytest.mark.parametrize("keys", [(), ("enter", "2"), ("F",)])
async def test_a_key_that_is_typed_is_not_in_the_footer(keys: Sequence[str]) -> None:
    async with opened(whole(), SIZES["120x40"]) as ui:
        await ui.press(*keys)
        ui.sees("/ filter", where="Footer")
        await ui.press("slash")
        ui.misses("/ filter", where="Footer").sees("esc clear", where="Footer")
        await ui.press("slash")
        assert ui.app.screen.query_one(FilterLine).text == "/"


async def test_while_a_value_is_typed_nothing_else_is_picked_or_added() -> None:
    async with opened(whole(), SIZES["120x40"]) as ui:
        await ui.press("enter", "2")
        tab = ui.app.screen.query_one(SettingsTab)
        tab.table.move_to_key("role")
        await ui.settle()
        ui.sees("ctrl+l list", "ctrl+n add", where="Footer")
        await ui.press("ctrl+n", "a")
        ui.misses("ctrl+l list", "ctrl+n add", where="Footer")
        await ui.press("ctrl+n", "ctrl+l")
        assert tab.value_line.input.value == "a"
