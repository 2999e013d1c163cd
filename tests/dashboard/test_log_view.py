"""LogView: nothing is lost, the view stays where the user looks, filter, search, copy."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from textual.events import MouseMove, MouseScrollUp

from lambdatui.dashboard.widgets import LogView, Needle
from lambdatui.dashboard.widgets.row_map import RowMap
from lambdatui.dashboard.widgets.spans import Span, cells, wrap_starts
from tests.dashboard.drawn import SIZES, lines, of_type, showing, styled, until
from tests.pace import slowness


@dataclass(frozen=True, slots=True)
class Entry:
    number: int
    message: str
    level: str = ""


class Renderer:
    """Seconds before the message; the time format can be switched."""

    def __init__(self) -> None:
        self.long = False

    @property
    def indent(self) -> int:
        return 13 if self.long else 6

    def prefix(self, item: Entry) -> list[Span]:
        return [(f"{'14:02:' if self.long else ''}{item.number:04}".ljust(self.indent), "time")]

    def spans(self, item: Entry) -> list[Span]:
        return [(item.message, item.level)]

    def text(self, item: Entry) -> str:
        return item.message

    def is_error(self, item: Entry) -> bool:
        return item.level == "error"


def log(**options: object) -> LogView[Entry]:
    return LogView(Renderer(), **options)  # type: ignore[arg-type]


def entries(count: int, start: int = 0) -> list[Entry]:
    return [Entry(number, f"line {number}") for number in range(start, start + count)]


@pytest.mark.parametrize("size", SIZES)
async def test_follows_the_end_at_every_size(size: tuple[int, int]) -> None:
    widget = log()
    async with showing(widget, size) as (pilot, _):
        assert lines(widget)[0] == "No log lines yet."
        widget.append(entries(500))
        widget.flush()
        await pilot.pause()
        assert lines(widget)[-1] == "0499  line 499"
        assert lines(widget)[0] == f"{500 - size[1]:04}  line {500 - size[1]}"
        await pilot.resize_terminal(size[0], size[1] - 4)
        assert lines(widget)[-1] == "0499  line 499"


async def test_lines_that_come_fast_are_drawn_together_and_none_is_lost() -> None:
    widget = log()
    async with showing(widget) as (pilot, messages):
        for start in range(0, 5000, 10):
            widget.append(entries(10, start))
        await until(pilot, lambda: widget.line_count == 5000)
        assert [item.number for item in widget.items] == list(range(5000))
        assert len(of_type(messages, LogView.StateChanged)) < 20


async def test_the_ring_keeps_the_newest_and_says_how_many_went() -> None:
    widget = log(capacity=100)
    async with showing(widget) as (pilot, _):
        for start in range(0, 250, 50):
            widget.append(entries(50, start))
            widget.flush()
        await pilot.pause()
        assert [item.number for item in widget.items] == list(range(150, 250))
        assert (widget.total_count, widget.dropped_count) == (100, 150)
        widget.append(entries(1000, 250))
        widget.flush()
        assert [item.number for item in widget.items] == list(range(1150, 1250))
        assert widget.dropped_count == 1150
        widget.clear()
        await pilot.pause()
        assert lines(widget)[0] == "No log lines yet."


@pytest.mark.parametrize("wrap", [True, False])
async def test_paused_the_view_stands_still_while_lines_come_and_go(wrap: bool) -> None:
    widget = log(capacity=300, wrap=wrap)
    async with showing(widget, (40, 12)) as (pilot, messages):
        widget.append(Entry(number, f"line {number} " + "x" * (number % 3 * 30)) for number in range(300))
        widget.flush()
        await pilot.press("s")
        await pilot.press("ctrl+b", "ctrl+b")
        before = lines(widget)
        widget.append(entries(200, 300))
        widget.flush()
        await pilot.pause()
        assert lines(widget) == before
        assert (widget.following, widget.unseen) == (False, 200)
        assert of_type(messages, LogView.StateChanged)
        await pilot.press("G")
        assert lines(widget)[-1] == "0499  line 499"
        assert (widget.following, widget.unseen, widget.cursor) == (True, 0, None)


async def test_looking_elsewhere_stops_following() -> None:
    widget = log()
    async with showing(widget, (40, 10)) as (pilot, _):
        widget.append(entries(100))
        widget.flush()
        await pilot.press("k")
        assert (widget.following, widget.cursor) == (False, 99)
        await pilot.press("k", "up")
        assert widget.cursor_item == Entry(97, "line 97")
        await pilot.press("g")
        assert lines(widget)[0] == "0000  line 0"
        await pilot.press("end")
        assert widget.copy_text() == ""
        widget.scroll_to(y=20, animate=False)
        await pilot.pause()
        assert lines(widget)[0] == "0020  line 20"
        await pilot.press("j")
        assert widget.cursor == 20
        await pilot.press("s")
        assert lines(widget)[-1] == "0099  line 99"


async def test_long_lines_wrap_under_their_beginning_and_wrap_can_be_switched_off() -> None:
    widget = log()
    async with showing(widget, (31, 6)) as (pilot, _):
        widget.append([Entry(1, "abcdefghijklmnopqrstuvwxyz0123456789"), Entry(2, "日本語" * 6)])
        widget.flush()
        await pilot.pause()
        assert lines(widget)[:4] == [
            "0001  abcdefghijklmnopqrstuvwx",
            "      yz0123456789",
            "0002  日本語日本語日本語日本語",
            "      日本語日本語",
        ]
        await pilot.press("w")
        assert lines(widget)[:2] == ["0001  abcdefghijklmnopqrstuvwx", "0002  日本語日本語日本語日本語"]
        await pilot.press("right")
        assert lines(widget)[:2] == ["0001  ijklmnopqrstuvwxyz012345", "0002  本語日本語日本語日本語日"]
        await pilot.press("left", "w")
        assert lines(widget)[1] == "      yz0123456789"
        await pilot.resize_terminal(61, 6)
        assert lines(widget)[0] == "0001  abcdefghijklmnopqrstuvwxyz0123456789"


async def test_the_filter_works_on_what_is_there_and_what_comes() -> None:
    widget = log()
    async with showing(widget, (40, 10)) as (pilot, _):
        widget.append(entries(100))
        widget.flush()
        match = widget.style_of("match").bgcolor
        widget.filter_text = "E 9"
        assert widget.items == []
        widget.filter_text = "e 9"
        await pilot.pause()
        assert [item.number for item in widget.items] == [9, *range(90, 100)]
        assert styled(widget, 9, lambda style: style.bgcolor == match) == "e 9"
        widget.append([Entry(100, "nothing"), Entry(101, "the line 9 again")])
        widget.flush()
        await pilot.pause()
        assert lines(widget)[-1] == "0101  the line 9 again"
        assert (widget.line_count, widget.total_count) == (12, 102)
        widget.set_filter(Needle(r"^line \d$", regex=True))
        assert [item.number for item in widget.items] == list(range(10))
        widget.filter_text = ""
        assert widget.line_count == 102


async def test_filtered_lines_leave_the_ring_too() -> None:
    widget = log(capacity=100)
    async with showing(widget, (40, 10)) as (pilot, _):
        widget.filter_text = "5"
        widget.append(entries(100))
        widget.flush()
        widget.append(entries(50, 100))
        widget.flush()
        await pilot.pause()
        assert [item.number for item in widget.items] == [n for n in range(50, 150) if "5" in str(n)]
        widget.filter_text = ""
        assert widget.items[0].number == 50


async def test_search_goes_round_and_highlights() -> None:
    widget = log()
    async with showing(widget, (40, 10)) as (pilot, messages):
        widget.append(entries(200))
        widget.flush()
        await pilot.press("g")
        assert widget.search("ine 17")
        current = widget.style_of("match-current").bgcolor
        places = [widget.cursor]
        for key in ["n", "n", "N", "N", "N"]:
            await pilot.press(key)
            places.append(widget.cursor)
        assert places == [17, 170, 171, 170, 17, 179]
        y = next(y for y, line in enumerate(lines(widget)) if "line 179" in line)
        assert styled(widget, y, lambda style: style.bgcolor == current) == "ine 17"
        searched = of_type(messages, LogView.Searched)
        assert [(each.found, each.wrapped) for each in searched] == [*[(True, False)] * 5, (True, True)]
        assert not widget.search("nowhere")
        await pilot.pause()
        assert of_type(messages, LogView.Searched)[-1].found is False
        assert widget.cursor == 179


async def test_jumps_from_error_to_error_and_opens_lines() -> None:
    widget = log()
    async with showing(widget, (40, 10)) as (pilot, messages):
        wrong = {20, 50, 90}
        widget.append(Entry(n, f"line {n}", "error" if n in wrong else "") for n in range(100))
        widget.flush()
        places = []
        for key in ["comma", "comma", "full_stop", "comma", "comma", "comma"]:
            await pilot.press(key)
            places.append(widget.cursor)
        assert places == [90, 50, 90, 50, 20, 20]
        error = widget.style_of("error").color
        y = next(y for y, line in enumerate(lines(widget)) if "line 20" in line)
        assert styled(widget, y, lambda style: style.color == error) == "line 20"
        await pilot.press("enter")
        assert [each.item.number for each in of_type(messages, LogView.LineSelected)] == [20]
        await pilot.click(widget, offset=(10, y + 1), times=2)
        assert [each.item.number for each in of_type(messages, LogView.LineSelected)] == [20, 21]


async def test_the_owner_switches_the_time_format() -> None:
    widget = log()
    async with showing(widget, (40, 10)) as (pilot, _):
        widget.append(entries(50))
        widget.flush()
        longer = Renderer()
        longer.long = True
        widget.renderer = longer
        await pilot.pause()
        assert lines(widget)[-1] == "14:02:0049   line 49"
        widget.filter_text = "line 4"
        assert widget.line_count == 11


@pytest.mark.parametrize("wrap", [True, False])
async def test_the_mouse_selects_across_lines_and_wrapped_rows(wrap: bool) -> None:
    widget = log(wrap=wrap)
    async with showing(widget, (31, 6)) as (pilot, _):
        widget.append([Entry(1, "abcdefghijklmnopqrstuvwxyz0123456789"), Entry(2, "second line")])
        widget.flush()
        await pilot.pause()
        last = 2 if wrap else 1
        await pilot.mouse_down(widget, offset=(8, 0))
        await pilot.hover(widget, offset=(11, last))
        await pilot.mouse_up(widget, offset=(11, last))
        assert widget.screen.get_selected_text() == "cdefghijklmnopqrstuvwxyz0123456789\n0002  second"
        assert not widget.following  # the text must not run away from the mouse
        assert widget.copy_text() == "cdefghijklmnopqrstuvwxyz0123456789\n0002  second"
        selected = widget.selection_style.bgcolor
        assert styled(widget, 0, lambda style: style.bgcolor == selected) == "cdefghijklmnopqrstuvwx"
        assert styled(widget, last, lambda style: style.bgcolor == selected) == "0002  second"


async def test_dragging_past_the_edge_scrolls_and_selects_on() -> None:
    widget = log()
    async with showing(widget, (40, 10)) as (pilot, _):
        widget.append(entries(100))
        widget.flush()
        await pilot.press("g")
        await pilot.mouse_down(widget, offset=(6, 3))
        pilot.app.post_message(MouseMove(None, 10, 9, 4, 6, 1, False, False, False, 10, 9))
        await until(pilot, lambda: widget.scroll_offset.y >= 5)
        await pilot.mouse_up(widget, offset=(10, 9))
        selected = (widget.selected_text or "").splitlines()
        assert selected[:2] == ["line 3", "0004  line 4"]
        assert len(selected) > 10


async def test_the_wheel_leaves_the_end_and_comes_back() -> None:
    widget = log()
    async with showing(widget, (40, 10)) as (pilot, _):
        widget.append(entries(100))
        widget.flush()
        await pilot.pause()
        widget.post_message(MouseScrollUp(widget, 5, 5, 0, -1, 0, False, False, False))
        await pilot.pause()
        assert (widget.following, lines(widget)[-1]) == (False, "0097  line 97")
        await pilot.press("s")
        assert lines(widget)[-1] == "0099  line 99"


async def test_a_selection_stays_with_its_text_when_lines_leave_the_ring() -> None:
    widget = log(capacity=50)
    async with showing(widget, (40, 10)) as (pilot, _):
        widget.append(entries(50))
        widget.flush()
        await pilot.press("s")
        await pilot.mouse_down(widget, offset=(0, 2))
        await pilot.hover(widget, offset=(12, 3))
        await pilot.mouse_up(widget, offset=(12, 3))
        assert widget.selected_text == "0042  line 42\n0043  line 43"
        widget.append(entries(20, 50))
        widget.flush()
        await pilot.pause()
        assert widget.selected_text == "0042  line 42\n0043  line 43"


async def test_copy_takes_the_line_of_the_cursor() -> None:
    widget = log()
    async with showing(widget, (40, 10)) as (pilot, _):
        widget.append(entries(5))
        widget.flush()
        assert widget.copy_text() == ""
        await pilot.press("g", "j")
        assert widget.copy_text() == "line 1"


async def test_markup_and_brackets_are_only_text() -> None:
    widget = log()
    async with showing(widget, (60, 5)) as (pilot, _):
        widget.append([Entry(1, "[red]not red[/red] [link=x] \\[")])
        widget.flush()
        await pilot.pause()
        assert lines(widget)[0] == "0001  [red]not red[/red] [link=x] \\["


async def test_a_line_of_a_megabyte_is_drawn_in_part_and_copied_whole() -> None:
    widget = log()
    async with showing(widget, (80, 10)) as (pilot, _):
        widget.append([Entry(1, "x" * 1_000_000), Entry(2, "after")])
        widget.flush()
        await pilot.pause()
        assert lines(widget)[-1] == "0002  after"
        await pilot.press("g")
        assert len(widget.copy_text()) == 1_000_000


def test_the_row_map_agrees_with_the_wrapping_whatever_the_width() -> None:
    texts = ["", "x", "y" * 10, "z" * 11, "日本語" * 7, "a日" * 9, "é" * 20]
    row_map = RowMap(lambda at: len(wrap_starts(texts[at], width)))
    row_map.extend(len(text) if cells(text) == len(text) else -cells(text) for text in texts)
    for width in (1, 2, 3, 7, 10, 11, 40):
        row_map.set_width(width)
        expected = [len(wrap_starts(text, width)) for text in texts]
        assert row_map.rows == sum(expected)
        places = [(line, part) for line, count in enumerate(expected) for part in range(count)]
        assert [row_map.line_at(row) for row in range(row_map.rows)] == places
    dropped = row_map.drop(3)
    assert dropped == sum(expected[:3])
    assert row_map.rows == sum(expected[3:])
    assert row_map.line_at(0) == (0, 0)
    assert row_map.first_row(1) == expected[3]


async def test_five_thousand_lines_a_second_leave_most_of_a_core_free() -> None:
    widget = log()
    async with showing(widget, (160, 45)) as (pilot, _):
        message = (
            "charging card ****4242 for order 4711 at the gateway, attempt 1 of 3, request 7c1e-" + "0" * 27
        )
        widget.append(Entry(number, message) for number in range(190_000))
        widget.flush()
        batch = [Entry(number, message) for number in range(400)]
        await pilot.pause()
        start = time.process_time()
        for _ in range(25):  # two seconds of the dozen batches a second
            widget.append(batch)
            widget.flush()
            assert len(lines(widget)) == 45
        spent = (time.process_time() - start) / 2
        assert widget.dropped_count == 0
        assert widget.total_count == 200_000
        assert spent < 0.8 * slowness()  # of a core; 0.2 are meant, others on it cost, too
