"""LineTable: what it draws, how keys and mouse move it, what it says."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from textual.app import ComposeResult

from lambdatui.dashboard.widgets import Column, LineTable
from lambdatui.dashboard.widgets.columns import lay_out
from lambdatui.dashboard.widgets.needle import Needle
from lambdatui.dashboard.widgets.rows import Rows
from lambdatui.dashboard.widgets.signs import ASCII
from tests.dashboard.drawn import SIZES, OneWidget, lines, of_type, showing, style_at, styled
from tests.dashboard.item_table import COLUMNS, Item, items, name_of, table
from tests.pace import slowness


@pytest.mark.parametrize("size", SIZES)
async def test_draws_a_header_and_the_rows_in_sight_at_every_size(size: tuple[int, int]) -> None:
    widget = table()
    async with showing(widget, size) as (pilot, _):
        widget.set_rows(items(500))
        await pilot.pause()
        drawn = lines(widget)
        assert drawn[0].split() == ["Function", "Memory", "Code"]
        assert drawn[1].split() == ["▸", "fn-000", "128", "MB", "a3f9…0eb7"]
        assert drawn[2].split() == ["fn-001", "256", "MB", "a3f9…0eb7"]
        assert len(drawn) == size[1]
        assert len(widget.visible_rows()) == size[1] - 1
        assert max(map(len, drawn)) <= size[0] - 1


async def test_columns_go_by_priority_when_it_gets_narrow() -> None:
    widget = table()
    async with showing(widget, (40, 10)) as (pilot, _):
        widget.set_rows(items(3))
        await pilot.pause()
        assert lines(widget)[0].split() == ["Function", "Memory", "Code"]
        await pilot.resize_terminal(30, 10)
        assert lines(widget)[0].split() == ["Function", "Memory"]
        await pilot.resize_terminal(16, 10)
        assert lines(widget)[0].split() == ["Function"]
        assert lines(widget)[1] == "▸ fn-000"


def test_flexible_columns_share_what_is_left_up_to_their_maximum() -> None:
    columns: list[Column[Item]] = [
        Column("a", "A", name_of, min_width=5, weight=2),
        Column("b", "B", name_of, min_width=5, max_width=10),
        Column("c", "C", name_of, width=6),
    ]
    assert [placed.width for placed in lay_out(columns, 60)] == [40, 10, 6]
    assert [placed.width for placed in lay_out(columns, 26)] == [9, 7, 6]


async def test_text_that_is_too_long_is_cut_at_the_end_or_in_the_middle() -> None:
    widget = table()
    async with showing(widget, (36, 5)) as (pilot, _):
        widget.set_rows([Item("a-function-with-a-long-name"), Item("日本語の関数の名前です")])
        await pilot.pause()
        assert "a3f9…0eb7" in lines(widget)[1]
        assert "a-function-…" in lines(widget)[1]
        assert "日本語の関…" in lines(widget)[2]


async def test_keys_move_the_cursor_and_say_so() -> None:
    widget = table()
    async with showing(widget, (80, 11)) as (pilot, messages):
        widget.set_rows(items(100))
        await pilot.pause()
        places = []
        for key in [
            "j",
            "down",
            "k",
            "up",
            "G",
            "k",
            "g",
            "ctrl+f",
            "pagedown",
            "ctrl+b",
            "pageup",
            "end",
            "home",
        ]:
            await pilot.press(key)
            places.append(widget.cursor_index)
        assert places == [1, 2, 1, 0, 99, 98, 0, 9, 18, 9, 0, 99, 0]
        highlighted = of_type(messages, LineTable.RowHighlighted)
        assert [each.key for each in highlighted][:4] == ["fn-000", "fn-001", "fn-002", "fn-001"]
        assert highlighted[-1].row == widget.cursor_row
        await pilot.press("G")
        await pilot.press("enter")
        assert [each.key for each in of_type(messages, LineTable.RowSelected)] == ["fn-099"]
        assert lines(widget)[10].startswith("▸ fn-099")


async def test_rows_may_be_given_before_the_table_is_on_screen() -> None:
    widget = table()

    class Early(OneWidget):
        def compose(self) -> ComposeResult:
            widget.set_rows(items(50))
            widget.sort("name", reverse=True)
            widget.move_to(3)
            yield widget

    async with Early(widget).run_test(size=(60, 10)):
        assert [line[:8] for line in lines(widget)[1:5]] == ["  fn-049", "  fn-048", "  fn-047", "▸ fn-046"]


async def test_the_filter_narrows_as_it_is_typed_and_shows_where_it_matches() -> None:
    widget = table()
    async with showing(widget) as (pilot, _):
        widget.set_rows([Item("payments"), Item("repay"), Item("Checkout"), Item("resize")])
        match = widget.style_of("match").bgcolor
        widget.filter_text = "p"
        assert [row.name for row in widget.rows] == ["payments", "repay"]
        widget.filter_text = "pay"
        await pilot.pause()
        assert styled(widget, 1, lambda style: style.bgcolor == match) == "pay"
        widget.filter_text = "payx"
        await pilot.pause()
        assert [line.strip() for line in lines(widget) if line.strip()][1] == "Nothing matches “payx”."
        widget.filter_text = "check"
        assert [row.name for row in widget.rows] == ["Checkout"]
        widget.filter_text = "CHECK"  # capitals are meant
        assert widget.rows == []
        widget.set_filter(Needle("^re.*[ye]$", regex=True))
        assert [row.name for row in widget.rows] == ["repay", "resize"]
        widget.filter_text = ""
        assert widget.row_count == 4


async def test_a_click_on_a_heading_sorts_and_a_second_one_turns_it_round() -> None:
    widget = table()
    async with showing(widget) as (pilot, messages):
        widget.set_rows(items(9))
        await pilot.pause()
        x = lines(widget)[0].index("Memory")
        await pilot.click(widget, offset=(x, 0))
        assert [row.memory for row in widget.rows] == [128] * 3 + [256] * 3 + [384] * 3
        assert "Memory ↑" in lines(widget)[0]
        await pilot.click(widget, offset=(x, 0))
        await pilot.pause()
        assert widget.rows[0].memory == 384
        assert "Memory ↓" in lines(widget)[0]
        said = of_type(messages, LineTable.Sorted)
        assert [(each.column, each.reverse) for each in said] == [("memory", False), ("memory", True)]
        await pilot.click(widget, offset=(lines(widget)[0].index("Code"), 0))
        assert widget.sort_column == "memory"
        widget.sort(None)
        assert [row.name for row in widget.rows] == [row.name for row in items(9)]
        with pytest.raises(ValueError, match="sha"):
            widget.sort("sha")


async def test_a_click_chooses_a_double_click_opens_and_the_wheel_scrolls() -> None:
    widget = table()
    async with showing(widget, (80, 11)) as (pilot, messages):
        widget.set_rows(items(50))
        await pilot.pause()
        await pilot.click(widget, offset=(5, 4))
        assert widget.cursor_row == items(4)[3]
        await pilot.click(widget, offset=(5, 6), times=2)
        assert [each.key for each in of_type(messages, LineTable.RowSelected)] == ["fn-005"]
        assert widget.selected_text is None
        await pilot.click(widget, offset=(lines(widget)[0].index("Code"), 0), times=2)
        assert len(of_type(messages, LineTable.RowSelected)) == 1
        widget.scroll_to(y=20, animate=False)
        await pilot.pause()
        assert lines(widget)[1].strip().startswith("fn-020")
        assert widget.cursor_key == "fn-005"


async def test_it_says_when_other_rows_come_into_sight_and_only_then() -> None:
    widget = table()
    async with showing(widget, (80, 11)) as (pilot, messages):
        widget.set_rows(items(100))
        await pilot.pause()
        assert [row.name for row in widget.visible_rows()][::9] == ["fn-000", "fn-009"]
        seen = len(of_type(messages, LineTable.VisibleRowsChanged))
        assert seen >= 1
        await pilot.press("j", "j")
        widget.set_rows(items(100))
        await pilot.pause()
        assert len(of_type(messages, LineTable.VisibleRowsChanged)) == seen
        await pilot.press("G")
        assert len(of_type(messages, LineTable.VisibleRowsChanged)) == seen + 1
        assert [row.name for row in widget.visible_rows()][-1] == "fn-099"


async def test_empty_tables_say_why() -> None:
    widget = table(empty="No functions in us-east-1.\nctrl+n makes one.")
    async with showing(widget) as (pilot, _):
        assert [line.strip() for line in lines(widget) if line.strip()] == [
            lines(widget)[0].strip(),
            "No functions in us-east-1.",
            "ctrl+n makes one.",
        ]
        widget.empty = "Still nothing."
        await pilot.pause()
        assert "Still nothing." in "\n".join(lines(widget))


async def test_whole_values_are_copied_however_little_is_shown() -> None:
    widget = table()
    async with showing(widget) as (pilot, _):
        widget.set_rows(items(3))
        await pilot.pause()
        assert widget.cell_text("fn-001", "sha") == "sha256:a3f9c01b77ab0eb7"
        assert widget.row_text("fn-001") == "fn-001\t256 MB\tsha256:a3f9c01b77ab0eb7"
        assert widget.row_text("nobody") == widget.cell_text("fn-001", "nothing") == ""


async def test_the_mouse_selects_text() -> None:
    widget = table()
    async with showing(widget) as (pilot, _):
        widget.set_rows(items(9))
        await pilot.pause()
        await pilot.mouse_down(widget, offset=(2, 2))
        await pilot.hover(widget, offset=(8, 3))
        await pilot.mouse_up(widget, offset=(8, 3))
        selected = widget.screen.get_selected_text()
        assert selected is not None
        first, second = selected.splitlines()
        assert first.startswith("fn-001")
        assert second.strip() == "fn-002"


async def test_the_row_under_the_cursor_stands_out_more_with_the_focus() -> None:
    widget = table()
    async with showing(widget) as (pilot, _):
        widget.set_rows(items(3))
        await pilot.pause()
        focused = style_at(widget, 5, 1).bgcolor
        plain = style_at(widget, 5, 2).bgcolor
        widget.screen.set_focus(None)
        await pilot.pause()
        blurred = style_at(widget, 5, 1).bgcolor
        assert len({str(focused), str(plain), str(blurred)}) == 3


async def test_without_unicode_the_signs_are_ascii() -> None:
    widget = LineTable(COLUMNS, name_of, signs=ASCII, markable=True)
    async with showing(widget, (40, 6)) as (pilot, _):
        widget.set_rows(items(3))
        widget.sort("name")
        await pilot.press("space", "k")
        assert all(line.isascii() for line in lines(widget))
        assert lines(widget)[1].startswith(">#fn-000")


async def test_only_rows_in_sight_are_asked_for_their_cells() -> None:
    asked: set[str] = set()

    def cell(item: Item) -> str:
        asked.add(item.name)
        return item.name

    widget = LineTable([Column[Item]("name", "Name", cell)], name_of)
    async with showing(widget, (80, 24)) as (pilot, _):
        widget.set_rows(items(1000))
        await pilot.pause()
        await pilot.press("G")
        assert asked == {item.name for item in [*items(1000)[:23], *items(1000)[-23:]]}


def best(work: Callable[[], object], rounds: int = 5) -> float:
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def test_fifty_thousand_rows_are_filled_sorted_and_filtered_at_typing_speed() -> None:
    many = [Item(f"fn-{number * 7919 % 50_000:05}", number % 64) for number in range(50_000)]
    rows: Rows[Item] = Rows(COLUMNS, name_of)

    def filled() -> None:
        rows.fill(many)
        assert len(rows.view) == 50_000

    def filtered() -> None:
        rows.filter(Needle(""))
        rows.filter(Needle("9"))
        assert rows.view

    def turned() -> None:
        rows.sort(COLUMNS[0], reverse=True)
        assert rows.view

    # The budget is 20 ms each; four times that leaves room for others on the same core.
    assert best(filled) < 0.08 * slowness()
    assert best(turned) < 0.08 * slowness()
    assert best(filtered) < 0.08 * slowness()
