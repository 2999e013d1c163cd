"""Our widgets beside Textual's own, in one run, on a screen without a terminal.

Figures are CPU time of the whole process, painting included: wall time would mostly be Textual
waiting for its next frame.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from rich.text import Text
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import DataTable, RichLog, TextArea

from bench.measure import row
from lambdatui.dashboard.theme import ThemedApp
from lambdatui.dashboard.widgets import Column, JsonView, LineTable, LogView, Span

SIZE = (120, 40)
MANY = 50_000
FEW = 10_000  # as many as Textual's table takes in a time one cares to wait


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    runtime: str
    memory: int


def items(count: int) -> list[Item]:
    choose = random.Random(1)  # the same rows in every run
    teams, runtimes = ["pay", "ship", "auth", "report"], ["python3.12", "nodejs22.x", "provided.al2023"]
    return [
        Item(
            f"{choose.choice(teams)}-{choose.getrandbits(40):010x}",
            choose.choice(runtimes),
            128 * choose.randint(1, 8),
        )
        for _ in range(count)
    ]


COLUMNS: list[Column[Item]] = [
    Column(
        "name",
        "Function",
        lambda item: item.name,
        sort_key=lambda item: item.name,
        search=lambda item: item.name,
    ),
    Column(
        "runtime", "Runtime", lambda item: (item.runtime, "muted"), width=16, search=lambda item: item.runtime
    ),
    Column("memory", "Memory", lambda item: f"{item.memory} MB", width=8, align="right"),
]


class Lines:
    """Draws log lines: a time, then the text."""

    indent = 10

    def prefix(self, item: str) -> list[Span]:
        return [("14:02:10  ", "time")]

    def spans(self, item: str) -> list[Span]:
        return [(item[:9], "accent"), (item[9:], "")]

    def text(self, item: str) -> str:
        return item

    def is_error(self, item: str) -> bool:
        return False


class Stage(ThemedApp[None]):
    """Nothing but a place to put a widget."""

    CSS = "Screen > * { height: 1fr; }"


async def cpu_ms(pilot: Pilot[None], action: Callable[[], object]) -> float:
    """CPU time of an action and of painting what it changed."""
    await pilot.pause()
    gc.collect()  # what came before is not this action's to clear away
    start = time.process_time()
    action()
    await pilot.pause()
    return (time.process_time() - start) * 1000


async def typical_ms(pilot: Pilot[None], actions: Sequence[Callable[[], object]]) -> float:
    """The median CPU time of some actions of a kind."""
    return statistics.median([await cpu_ms(pilot, action) for action in actions])


async def on_stage(pilot: Pilot[None], widget: Widget) -> None:
    await pilot.app.screen.remove_children()
    await pilot.app.screen.mount(widget)
    widget.focus()
    await pilot.pause()


async def our_table(pilot: Pilot[None], count: int, floor: dict[str, float]) -> None:
    table = LineTable(COLUMNS, lambda item: item.name)
    await on_stage(pilot, table)
    rows = items(count)

    def figure(what: str, ms: float) -> None:
        row(f"LineTable, {count:,} rows: {what}", ms, goal="20 ms", floor=floor.get(what))

    figure("fill", await cpu_ms(pilot, lambda: table.set_rows(rows)))
    figure("fill again (refresh)", await cpu_ms(pilot, lambda: table.set_rows(list(rows))))
    await asyncio.sleep(0.5)  # as long as it takes to see the list and press /
    keys = ["p", "pa", "pay", "pay-", "pay-1", "pay-", "pay", ""]
    filters = [partial(setattr, table, "filter_text", text) for text in keys]
    times = [await cpu_ms(pilot, each) for each in filters]
    figure("filter, first key", times[0])
    figure("filter, each key after", statistics.median(times[1:]))
    figure("sort by name", await cpu_ms(pilot, lambda: table.sort("name")))
    names = [item.name for item in rows]
    least = await cpu_ms(pilot, lambda: sorted(range(count), key=names.__getitem__))
    row(f"  of which Python's own sort of {count:,} names", least)
    figure("cursor down", await typical_ms(pilot, [lambda: table.action_move(1)] * 9))
    figure("page down", await typical_ms(pilot, [lambda: table.action_page(1)] * 9))
    key = table.cursor_key
    changed = [partial(table.put_row, Item(str(key), "changed", n)) for n in range(5)]
    figure("update one row", await typical_ms(pilot, changed))


async def textual_table(pilot: Pilot[None], count: int) -> dict[str, float]:
    table: DataTable[str] = DataTable(cursor_type="row")
    await on_stage(pilot, table)
    table.add_columns("Function", "Runtime", "Memory")
    rows = [(item.name, item.runtime, f"{item.memory} MB") for item in items(count)]
    times = {"fill": await cpu_ms(pilot, lambda: table.add_rows(rows))}
    column = next(iter(table.columns))
    times["sort by name"] = await cpu_ms(pilot, lambda: table.sort(column))
    times["cursor down"] = await typical_ms(pilot, [table.action_cursor_down] * 9)
    times["page down"] = await typical_ms(pilot, [table.action_page_down] * 9)
    key = next(iter(table.rows))
    changes = [partial(table.update_cell, key, column, f"changed {n}") for n in range(5)]
    times["update one row"] = await typical_ms(pilot, changes)
    for what, ms in times.items():
        row(f"Textual's DataTable, {count:,} rows: {what}", ms)
    return times


MESSAGE = (
    "INFO     charging card ****4242 for order {} at the payment gateway, attempt 1 of 3, request 7c1e22b0"
)


async def log_rate(write: Callable[[list[str]], object], seconds: float) -> tuple[int, float, float]:
    """5,000 lines a second for a while: how many, percent of a core, the longest the loop was late (ms)."""
    latest, number = 0.0, 0
    began, spent = time.perf_counter(), time.process_time()
    due = began
    while due - began < seconds:
        write([MESSAGE.format(number + step) for step in range(100)])
        number += 100
        due += 0.02
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        latest = max(latest, time.perf_counter() - due)
    wall = time.perf_counter() - began
    return number, (time.process_time() - spent) / wall * 100, latest * 1000


async def logs(pilot: Pilot[None]) -> None:
    plain = RichLog(max_lines=100_000)
    await on_stage(pilot, plain)
    batch = [Text.assemble(("14:02:10  ", "dim"), MESSAGE.format(number)) for number in range(3000)]
    ms = await cpu_ms(pilot, lambda: [plain.write(line) for line in batch])
    row("Textual's RichLog: CPU a line", ms / len(batch) * 1000, "us")
    floor = ms / len(batch)

    view: LogView[str] = LogView(Lines())
    await on_stage(pilot, view)
    lines = [MESSAGE.format(number) for number in range(199_000)]

    def fill() -> None:
        view.append(lines)
        view.flush()

    ms = await cpu_ms(pilot, fill)
    row("LogView: CPU a line", ms / len(lines) * 1000, "us", floor=floor * 1000)
    sent, percent, late = await log_rate(view.append, 4.0)
    view.flush()
    row("LogView: 5,000 lines/s into a full ring", percent, "% core", goal="20 %")
    row("LogView: the same, longest wait of the loop", late)
    row("LogView: lines lost", len(lines) + sent - view.total_count - view.dropped_count, "lines", goal="0")
    for text in ("c", "ca", "card", "card 7"):
        ms = await cpu_ms(pilot, partial(setattr, view, "filter_text", text))
        row(f"LogView, 200,000 lines: filter “{text}”", ms)
    view.filter_text = ""
    row("LogView, 200,000 lines: wrap off", await cpu_ms(pilot, view.action_toggle_wrap))
    row("LogView, 200,000 lines: wrap on", await cpu_ms(pilot, view.action_toggle_wrap))
    row("LogView, 200,000 lines: page up", await typical_ms(pilot, [lambda: view.action_page(-1)] * 7))


def answer(megabytes: float) -> str:
    record = {
        "name": "somebody of some length",
        "tags": ["a", "b"],
        "address": {"street": "Main 1", "zip": 12.5},
    }
    return json.dumps([{"id": number, **record} for number in range(int(megabytes * 8750))])


def shown_ms(view: JsonView, text: str) -> float:
    """CPU time until the first screen of the text can be drawn; the rest follows between frames."""
    gc.collect()
    start = time.process_time()
    view.set_text(text)
    drawn = [view.render_line(y) for y in range(view.size.height)]
    assert all(strip.text.strip() for strip in drawn)
    return (time.process_time() - start) * 1000


async def answers(pilot: Pilot[None]) -> None:
    small, big = answer(1), answer(6)
    area = TextArea("", read_only=True)
    await on_stage(pilot, area)
    ms = await cpu_ms(pilot, lambda: setattr(area, "text", json.dumps(json.loads(small), indent=2)))
    row("Textual's TextArea, 1 MB of JSON, laid out by json: show", ms)

    view = JsonView("")
    await on_stage(pilot, view)
    row("JsonView, 1 MB of JSON: show", shown_ms(view, small), floor=ms)
    row("JsonView, 6 MB of JSON: show", shown_ms(view, big), goal="200 ms")
    began = time.process_time()
    view.finish()
    row(f"JsonView: all {view.line_count:,} lines laid out", (time.process_time() - began) * 1000)
    row(
        "JsonView: search the last record",
        await cpu_ms(pilot, lambda: view.search('"id": 52499')),
        goal="200 ms",
    )
    row("JsonView: fold everything", await cpu_ms(pilot, view.action_fold_all), goal="200 ms")
    row("JsonView: page down", await typical_ms(pilot, [lambda: view.action_page(1)] * 7))


async def measure() -> None:
    app = Stage()
    async with app.run_test(size=SIZE) as pilot:
        row("nothing changed (cost of measuring)", await typical_ms(pilot, [lambda: None] * 9))
        floor = await textual_table(pilot, FEW)
        await our_table(pilot, FEW, floor)
        await our_table(pilot, MANY, {})
        await logs(pilot)
        await answers(pilot)


def main() -> None:
    gc.set_threshold(20_000, 20, 20)  # as in the dashboard
    asyncio.run(measure())


if __name__ == "__main__":
    main()
