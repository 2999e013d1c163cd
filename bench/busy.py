"""Keys while much goes on: 10,000 functions listed, a log of 1,000 lines a second, in a real pty.

Each key is measured until the text that only its answer shows was written, beside a Textual app that
does nothing but say how often a key was pressed. On a machine that others use as well, ``chrt -f 20``
before the command takes most of their part out of the figures.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator

from bench.crowd import FUNCTIONS, RATE
from bench.measure import Terminal, judge, row, terminal
from lambdatui.dashboard.widgets.log_view import CAPACITY

FLOOR = [sys.executable, "-m", "bench.one_key"]
DASHBOARD = [sys.executable, "-m", "bench.crowd"]
PRESSES = 40
GAP_S = 0.11
"""Between two keys: a quick hand. No multiple of what the log is drawn at."""

GOAL_MS = 12.0
CAUSE = (
    "what a key changed is painted at once, 1 to 2 ms; a filter then paints all rows of its list, 3 to 5 ms,"
    " and a layout of the whole screen that Textual asks for goes before either, 2 to 8 ms"
)

FLOOD = 25_000  # lines a second
MEMORY_MB = 110.0
KEPT = (
    f"a log keeps {CAPACITY:,} lines: of each its text, and packed what is drawn of it and the event;"
    " of a line of 100 characters 160 bytes"
)

Press = tuple[bytes, bytes]
"""A key, and text that only its answer shows; none if it is only on the way to the next one."""


def answered(program: Terminal, key: bytes, text: bytes, limit: float = 2.0) -> float | None:
    """Milliseconds from a key until its answer was written; None if nothing is waited for."""
    end = time.perf_counter() + GAP_S
    while (left := end - time.perf_counter()) > 0:
        program.read(left)
    program.text = b""
    began = time.perf_counter()
    os.write(program.fd, key)
    if not text:
        return None
    while text not in program.text:
        program.read(0.05)
        if time.perf_counter() - began > limit:
            raise AssertionError(f"{key!r} did not bring {text!r}")
    return (time.perf_counter() - began) * 1000


def down() -> Iterator[Press]:
    """Each row has its own name; it is shown again when the cursor comes to it."""
    for number in range(1, PRESSES + 1):
        yield b"j", b"f-%05d" % number


def up() -> Iterator[Press]:
    for number in range(PRESSES - 1, -1, -1):
        yield b"k", b"f-%05d" % number


def panes() -> Iterator[Press]:
    """The title of the pane that takes the focus is drawn anew."""
    for _ in range(PRESSES // 4):
        yield from ((b"2", b"2 Versions"), (b"3", b"3 Invoke"), (b"4", b"4 Log"), (b"1", b"1 Functions"))


def filtering() -> Iterator[Press]:
    """The title says how many are left of all."""
    nines = sum("9" in f"{number:05d}" for number in range(FUNCTIONS))
    pairs = sum("99" in f"{number:05d}" for number in range(FUNCTIONS))
    for _ in range(PRESSES // 4):
        yield b"/", b"runtime: tag:"
        yield b"9", b"%d of %d" % (nines, FUNCTIONS)
        yield b"9", b"%d of %d" % (pairs, FUNCTIONS)
        yield b"\x15", "─ %d".encode() % FUNCTIONS
        yield b"\r", b""


def timed(program: Terminal, what: str, presses: Iterable[Press], idle: float = 0.0) -> None:
    """Real time of a kind of key, and processor time beside what passes when none is pressed."""
    began, cpu = time.perf_counter(), program.cpu_seconds()
    times = [took for key, text in presses if (took := answered(program, key, text)) is not None]
    spent = program.cpu_seconds() - cpu - idle * (time.perf_counter() - began)
    row(f"{what}: p50", statistics.median(times))
    judge(f"{what}: p95", statistics.quantiles(times, n=20)[-1], "ms", GOAL_MS, CAUSE)
    row("  its processor time, with what follows from it", spent * 1000 / len(times))


def idle(program: Terminal, seconds: float = 4.0) -> float:
    """How much of a core it takes while no key is pressed."""
    cpu, began = program.cpu_seconds(), time.perf_counter()
    while (left := began + seconds - time.perf_counter()) > 0:
        program.read(left)
    return (program.cpu_seconds() - cpu) / seconds


def floor() -> None:
    with terminal(FLOOR) as program:
        assert program.wait_for(b"press 0.", 15) is not None
        presses = ((b"j", b"press %d." % number) for number in range(1, PRESSES + 1))
        timed(program, "floor: one-widget Textual app", presses)


def dashboard(home: str, rate: int) -> None:
    """Every kind of key on one dashboard, and what it costs when none is pressed."""
    with terminal([*DASHBOARD, str(rate)], env={"LAMBDATUI_HOME": home}) as program:
        assert program.wait_for(b"f-00005", 30) is not None, program.text[-2000:]
        program.settle(quiet=0.5, limit=3)
        print(f"  -- {FUNCTIONS:,} functions, {rate:,} lines/s")
        share = idle(program)
        row("no key", share * 100, "% core")
        kinds = {"cursor down": down, "cursor up": up, "another pane": panes, "filter": filtering}
        for name, presses in kinds.items():
            timed(program, name, presses(), share)
        row("memory (RSS)", program.rss_mb(), "MB", goal="goal <= 110 MB")


def memory(home: str) -> None:
    """An hour of a log in a quarter of a minute: as many lines as are kept, then as many again."""
    with terminal([*DASHBOARD, str(FLOOD)], env={"LAMBDATUI_HOME": home}) as program:
        assert program.wait_for(b"f-00005", 30) is not None, program.text[-2000:]
        print(f"  -- {FUNCTIONS:,} functions, {FLOOD:,} lines/s")
        row("memory (RSS) at first", program.rss_mb(), "MB")
        for times in (1, 2):
            idle(program, CAPACITY / FLOOD * 1.2)
            program.text = b""
            what = f"memory (RSS), {times * CAPACITY:,} lines later"
            judge(what, program.rss_mb(), "MB", MEMORY_MB, KEPT)


def main() -> None:
    floor()
    for rate in (0, RATE):
        with tempfile.TemporaryDirectory() as home:
            dashboard(home, rate)
    with tempfile.TemporaryDirectory() as home:
        memory(home)
