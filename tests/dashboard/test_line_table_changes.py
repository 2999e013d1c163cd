"""LineTable while its rows change: the cursor and the marks go with them, and only changes are drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lambdatui.dashboard.widgets import LineTable
from lambdatui.dashboard.widgets.line_widget import Row
from tests.dashboard.drawn import lines, of_type, showing, styled, until
from tests.dashboard.item_table import Item, items, table


async def test_the_cursor_stays_with_its_row_and_its_place_on_screen() -> None:
    widget = table()
    async with showing(widget, (80, 11)) as (pilot, _):
        widget.set_rows(items(100))
        await pilot.press("ctrl+f", "ctrl+f", "ctrl+f", "k", "k")
        assert widget.cursor_key == "fn-025"
        place = next(y for y, line in enumerate(lines(widget)) if line.startswith("▸"))
        widget.set_rows([Item(f"aa-{number}") for number in range(40)] + items(100))
        await pilot.pause()
        assert widget.cursor_key == "fn-025"
        assert lines(widget)[place].startswith("▸ fn-025")
        widget.sort("name", reverse=True)
        assert widget.cursor_key == "fn-025"
        widget.filter_text = "n-025"
        assert (widget.cursor_key, widget.row_count, widget.total_count) == ("fn-025", 1, 140)
        widget.filter_text = ""
        assert widget.cursor_key == "fn-025"


async def test_the_cursor_goes_to_the_neighbour_when_its_row_goes() -> None:
    widget = table()
    async with showing(widget) as (pilot, messages):
        widget.set_rows(items(10))
        await pilot.press("j", "j", "j")
        assert widget.remove_row("fn-003")
        assert not widget.remove_row("fn-003")
        await pilot.pause()
        assert widget.cursor_key == "fn-004"
        assert of_type(messages, LineTable.RowHighlighted)[-1].key == "fn-004"
        widget.set_rows([])
        await pilot.pause()
        assert widget.cursor_row is None
        assert of_type(messages, LineTable.RowHighlighted)[-1].row is None
        await pilot.press("j", "G", "enter", "space")
        assert not of_type(messages, LineTable.RowSelected)


async def test_a_refresh_without_change_says_nothing() -> None:
    widget = table()
    async with showing(widget) as (pilot, messages):
        widget.set_rows(items(10))
        await pilot.press("j")
        said = len(of_type(messages, LineTable.RowHighlighted))
        widget.set_rows(items(10))
        widget.put_row(items(2)[1])
        await pilot.pause()
        assert len(of_type(messages, LineTable.RowHighlighted)) == said
        widget.set_rows([replace(item, memory=1) for item in items(10)])
        await pilot.pause()
        assert of_type(messages, LineTable.RowHighlighted)[-1].row == Item("fn-001", 1)


async def test_marks_follow_their_rows() -> None:
    widget = table()
    async with showing(widget) as (pilot, messages):
        widget.set_rows(items(5))
        await pilot.press("j", "space", "space")
        assert list(widget.marked_keys) == ["fn-001", "fn-002"]
        assert [line[:8] for line in lines(widget)[1:5]] == ["  fn-000", " ◆fn-001", " ◆fn-002", "▸ fn-003"]
        await pilot.press("g", "j", "space")
        assert list(widget.marked_keys) == ["fn-002"]
        widget.set_rows([Item("fn-002", 4096), Item("fn-009")])
        assert [row.memory for row in widget.marked_rows] == [4096]
        widget.clear_marks()
        await pilot.pause()
        assert widget.marked_rows == []
        assert len(of_type(messages, LineTable.MarksChanged)) == 4


async def test_one_changed_row_is_drawn_alone_and_only_its_changed_cell_glows_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lambdatui.dashboard.widgets.line_table.GLOW_SECONDS", 0.2)
    widget = table()
    async with showing(widget) as (pilot, messages):
        widget.set_rows(items(50))
        await pilot.pause()
        glow = widget.style_of("glow").bgcolor
        painted: list[int] = []
        paint = widget.paint_row

        def noted(y: int) -> Row:
            painted.append(y)
            return paint(y)

        monkeypatch.setattr(widget, "paint_row", noted)
        widget.put_row(Item("fn-004", 9999))
        await until(pilot, lambda: bool(painted))
        assert set(painted) == {5}
        assert "9999" in lines(widget)[5]
        assert styled(widget, 5, lambda style: style.bgcolor == glow).strip() == "9999 MB"
        await until(pilot, lambda: not styled(widget, 5, lambda style: style.bgcolor == glow))
        widget.put_row(Item("fn-000", 77))
        await pilot.pause()
        assert of_type(messages, LineTable.RowHighlighted)[-1].row == Item("fn-000", 77)
        assert widget.get_row("fn-000") == Item("fn-000", 77)


async def test_a_refresh_makes_changed_cells_in_sight_glow_and_nothing_else() -> None:
    widget = table()
    async with showing(widget) as (pilot, _):
        rows = items(50)
        widget.set_rows(rows)
        await pilot.pause()
        glow = widget.style_of("glow").bgcolor
        widget.set_rows([replace(rows[0], memory=1), *rows[1:]])
        await pilot.pause()
        glowing = [styled(widget, y, lambda style: style.bgcolor == glow).strip() for y in range(24)]
        assert glowing == ["", "1 MB", *[""] * 22]


async def test_a_row_that_sorts_or_filters_differently_moves() -> None:
    widget = table()
    async with showing(widget) as (pilot, _):
        widget.set_rows(items(5))
        widget.sort("memory")
        widget.put_row(Item("fn-000", 5000))
        assert widget.rows[-1] == Item("fn-000", 5000)
        assert widget.cursor_key == "fn-000"
        widget.put_row(Item("new", 1))
        assert widget.rows[0] == Item("new", 1)
        widget.filter_text = "fn"
        assert widget.row_count == 5
        widget.put_row(Item("fn-zzz", 1))
        await pilot.pause()
        assert widget.row_count == 6
