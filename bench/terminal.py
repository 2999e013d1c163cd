"""The dashboard in a real pty: first text, keys, idle cost, beside a one-widget Textual app."""

from __future__ import annotations

import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import Terminal, judge, row, terminal
from lambdatui import address

FLOOR = [sys.executable, "-m", "bench.one_widget"]
DASHBOARD = [sys.executable, "-m", "lambdatui", "--demo"]
LOCAL = [sys.executable, "-m", "lambdatui", "--local"]
RUNS = 5
CAUSE = (
    "what a key changes first is painted at once, what follows from it in Textual's next frame, 16.7 ms later"
)


SCREENS = (
    ("help", b"?"),
    ("palette", b"\x10"),
    ("a dialog", b"p"),
    ("journal", b"J"),
    ("function", b"\r"),
)
SETTLED = (
    "one thread's work: 100 ms Textual, 90 the main screen's modules and 110 to mount and draw it,"
    " 130 aiobotocore, 80 its clients and the first calls"
)
SWITCH = (
    "the palette lays out all of its commands, and each screen waits for one of Textual's frames, 16.7 ms"
)


def environment(home: str) -> dict[str, str]:
    """Modules are kept compiled, as they are where the package is installed; else a start is mostly that."""
    return {
        "LAMBDATUI_HOME": home,
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": f"{home}/compiled",
    }


def first_text(command: list[str], text: bytes, home: str) -> tuple[float, float]:
    """Milliseconds until a text was on its way to the screen: real ones, and of the processor."""
    times, spent = [], []
    for _ in range(1 + RUNS):
        with terminal(command, env=environment(home)) as program:
            came = program.wait_for(text, 30)
            assert came is not None, program.text[-2000:]
            times.append(came)
            spent.append(program.cpu_seconds() * 1000)
    return statistics.median(times[1:]), statistics.median(spent[1:])  # the first one compiled


def last_frame(home: str) -> tuple[float, float]:
    """First text of a second start: the frame that the first one left."""
    with terminal(LOCAL, env=environment(home)) as program:
        assert program.wait_for(b"hungry", 30) is not None, program.text[-2000:]
        program.settle(quiet=1.0, limit=5)
        os.write(program.fd, b"q")
        program.settle(quiet=1.0, limit=5)
    return first_text(LOCAL, b"hungry", home)


def settled(home: str, *, running: bool) -> tuple[float, float]:
    """Milliseconds until the rows, versions and log of the main screen stand still, and those of the
    processor: on an engine that runs, or one that has to be started on its samples."""
    times, spent = [], []
    folder = Path(home) / "data" / "engine"
    with terminal(LOCAL, env=environment(home)) as first:
        assert first.wait_for(b"hungry", 30) is not None, first.text[-2000:]
        first.settle(quiet=1.0, limit=5)
        for _ in range(RUNS):
            if not running and (engine := address.find(folder)) is not None:
                os.kill(engine.pid, signal.SIGTERM)
                while address.find(folder) is not None:
                    first.read(0.05)
            with terminal(LOCAL, env=environment(home)) as program:
                assert program.wait_for(b"hungry", 30) is not None, program.text[-2000:]
                times.append(program.settle(quiet=0.9, limit=5))
                spent.append(program.cpu_seconds() * 1000)
            first.settle(quiet=0.0, limit=0.1)
    return statistics.median(times), statistics.median(spent)


def figure(
    what: str, took: tuple[float, float], floor: tuple[float, float] | None = None, *, goal: str = ""
) -> None:
    row(what, took[0], floor=floor[0] if floor else None, goal=goal)
    row("  its processor time", took[1], floor=floor[1] if floor else None)


def switch(program: Terminal, name: str, key: bytes) -> None:
    """A screen that was open before is opened again: until its last byte, and processor time."""
    times, spent = [], []
    for _ in range(1 + RUNS):
        cpu = program.cpu_seconds()
        times.append(program.key(key)[0])
        spent.append((program.cpu_seconds() - cpu) * 1000)
        program.key(b"\x1b")
    judge(f"screen switch to its last byte: {name}", statistics.median(times[1:]), "ms", 60, SWITCH)
    row("  its processor time", statistics.mean(spent[1:]))


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        floor = first_text(FLOOR, b"one widget", home)
        figure("floor: one-widget Textual app, first text", floor)
        figure(
            "dashboard, first text", first_text(DASHBOARD, b"lambdatui", home), floor, goal="goal <= 1.3 x"
        )
        took, spent = settled(home, running=True)
        judge("settled, on an engine that runs", took, "ms", 600, SETTLED)
        row("  its processor time", spent, floor=floor[1])
        figure("settled, with the engine's start", settled(home, running=False), floor)
        figure("last known frame, first text", last_frame(home), floor, goal="goal <= 100 ms")
        with terminal(DASHBOARD, env=environment(home)) as program:
            shown = program.wait_for(b"hungry", 30)
            row("functions of the demo on screen", shown or float("nan"))
            time.sleep(1)
            program.settle(quiet=1.5, limit=20)
            for name, key in (("cursor down", b"j"), ("cursor up", b"k"), ("next pane", b"\t")):
                presses = [program.key(key) for _ in range(12)]
                took = statistics.median(t for t, _ in presses)
                judge(f"key to last byte: {name}", took, "ms", 20, CAUSE)
            for name, key in SCREENS:
                switch(program, name, key)
            program.settle(quiet=1.0, limit=5)
            idle_seconds = 10.0
            cpu, written = program.cpu_seconds(), program.written
            end = time.perf_counter() + idle_seconds
            while time.perf_counter() < end:
                program.read(0.2)
            used = (program.cpu_seconds() - cpu) / idle_seconds * 100
            row("idle CPU", used, "% core", goal="goal <= 0.5 %")
            row("idle bytes written", program.written - written, "B", goal="goal 0")
            row("memory (RSS)", program.rss_mb(), "MB")
    print(f"  ({os.cpu_count()} cores, Python {sys.version.split()[0]})")


if __name__ == "__main__":
    main()
