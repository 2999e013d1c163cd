"""The models behind table and log against simple ones, over many random histories."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdatui.dashboard.widgets import Column, LogView
from lambdatui.dashboard.widgets.needle import BadPatternError, Needle
from lambdatui.dashboard.widgets.row_map import RowMap
from lambdatui.dashboard.widgets.rows import Rows
from lambdatui.dashboard.widgets.spans import wrap_starts
from tests.dashboard.drawn import lines, showing
from tests.dashboard.test_log_view import Entry, Renderer

Pair = tuple[int, str]

KEYS = st.integers(0, 9)
TEXTS = st.text("abAB", max_size=4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("fill"), st.lists(st.tuples(KEYS, TEXTS), unique_by=lambda pair: pair[0])),
        st.tuples(st.just("put"), st.tuples(KEYS, TEXTS)),
        st.tuples(st.just("drop"), KEYS),
        st.tuples(st.just("sort"), st.sampled_from([None, False, True])),
        st.tuples(st.just("filter"), TEXTS),
        st.tuples(st.just("prepare"), st.none()),
    ),
    max_size=25,
)


@settings(deadline=None)  # machines are slow at times
@given(STEPS)
def test_rows_are_always_what_filtering_and_sorting_all_of_them_would_give(
    steps: list[tuple[str, object]],
) -> None:
    column: Column[Pair] = Column(
        "text", "Text", lambda pair: pair[1], sort_key=lambda pair: pair[1], search=lambda pair: pair[1]
    )
    rows: Rows[Pair] = Rows([column], lambda pair: pair[0])
    model: dict[int, Pair] = {}
    order: object = None
    looked_for = ""
    for what, value in steps:
        if what == "fill":
            assert isinstance(value, list)
            rows.fill(value)
            model = {pair[0]: pair for pair in value}
        elif what == "put":
            assert isinstance(value, tuple)
            assert rows.put(value) == model.get(value[0])
            model[value[0]] = value
        elif what == "drop":
            assert isinstance(value, int)
            assert rows.drop(value) is (model.pop(value, None) is not None)
        elif what == "sort":
            order = value
            rows.sort(None if value is None else column, reverse=bool(value))
        elif what == "prepare":
            rows.prepare()
        else:
            looked_for = str(value)
            rows.filter(Needle(looked_for))
        expected = [pair for pair in model.values() if Needle(looked_for).found_in(pair[1])]
        if order is not None:
            expected.sort(key=lambda pair: pair[1], reverse=bool(order))
        assert [rows.row(index) for index in range(len(rows.view))] == expected
        assert [rows.index(pair[0]) for pair in expected] == list(range(len(expected)))
        assert rows.total == len(model)
        assert all(rows.get(key) == pair for key, pair in model.items())


def wrap_rows(length: int, width: int) -> int:
    return len(wrap_starts("x" * length, width))


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(st.lists(st.integers(0, 40), max_size=5), st.integers(1, 12), st.tuples(st.integers(1, 30)))
    )
)
def test_the_row_map_counts_right_after_any_history(steps: list[list[int] | int | tuple[int]]) -> None:
    row_map = RowMap(lambda _: 1)
    model: list[int] = []
    width = 0
    for step in steps:
        if isinstance(step, list):
            row_map.extend(step)
            model += step
        elif isinstance(step, tuple):
            width = step[0]
            row_map.set_width(width)
        else:
            gone = model[:step]
            assert row_map.drop(step) == sum(wrap_rows(length, width) if width else 1 for length in gone)
            del model[:step]
        counts = [wrap_rows(length, width) if width else 1 for length in model]
        assert (row_map.lines, row_map.rows) == (len(model), sum(counts))
        places = [(line, part) for line, count in enumerate(counts) for part in range(count)]
        assert [row_map.line_at(row) for row in range(sum(counts))] == places


@pytest.mark.parametrize("seed", range(3))
async def test_a_log_shows_the_right_lines_after_any_history(seed: int) -> None:
    choose = random.Random(seed)
    widget: LogView[Entry] = LogView(Renderer(), capacity=40)
    async with showing(widget, (30, 8)) as (pilot, _):
        model: list[Entry] = []
        number = 0
        for _ in range(40):
            what = choose.choice(["append", "append", "filter", "wrap", "key"])
            if what == "append":
                count = choose.randint(1, 30)
                new = [
                    Entry(number + step, f"n {number + step} " + "x" * choose.randint(0, 60))
                    for step in range(count)
                ]
                number += count
                widget.append(new)
                widget.flush()
                model = (model + new)[-40:]
            elif what == "filter":
                widget.filter_text = choose.choice(["", "1", "12", "x", "nothing"])
            elif what == "wrap":
                widget.action_toggle_wrap()
            else:
                await pilot.press(choose.choice(["k", "j", "G", "g", "ctrl+b", "ctrl+f"]))
            await pilot.pause()
            shown = [entry for entry in model if Needle(widget.filter_text).found_in(entry.message)]
            assert widget.items == shown
            assert widget.dropped_count == number - len(model)
            if widget.following and shown:
                assert widget.prepare(len(shown) - 1).text == shown[-1].message
                assert any(f"{shown[-1].number:04}" in line for line in lines(widget))
            cursor = widget.cursor_item
            assert cursor is None or cursor in shown


def test_needles() -> None:
    assert Needle("pay").spans("Pay the PAYMENT") == [(0, 3), (8, 11)]
    assert Needle("PAY").spans("Pay the PAYMENT") == [(8, 11)]
    assert Needle("a.c").spans("abc a.c") == [(4, 7)]
    assert Needle("a.c", regex=True).spans("abc a.c") == [(0, 3), (4, 7)]
    assert Needle("x*", regex=True).spans("axxb") == [(1, 3)]
    assert not Needle("").spans("abc")
    assert Needle("payments").narrows(Needle("pay"))
    assert not Needle("pay").narrows(Needle("payments"))
    assert not Needle("pay").narrows(Needle("Pay"))
    assert not Needle("PAY").narrows(Needle("Pay"))
    assert Needle("PAYments").narrows(Needle("pay"))
    with pytest.raises(BadPatternError, match="no regular expression"):
        Needle("(", regex=True)
