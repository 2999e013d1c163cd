"""The API with 10,000 functions: does anything grow with them that should not?"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.engine import FUNCTIONS, create, echo_server, engine, package
from bench.measure import Connection, median_ms, row, times_ms

COUNT = 10_000
PORTION = 1_000
CLIENTS = 4


def create_portion(clients: list[Connection], first: int, code: str) -> float:
    """Create PORTION functions, side by side; how many a second."""

    def work(client: Connection, numbers: range) -> None:
        for number in numbers:
            create(client, f"bench-{number:05}", code)

    threads = [
        threading.Thread(target=work, args=(client, range(first + place, first + PORTION, len(clients))))
        for place, client in enumerate(clients)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return PORTION / (time.perf_counter() - began)


def pages(client: Connection, query: str = "") -> Iterator[tuple[float, int]]:
    """Every page of ListFunctions: milliseconds, and how many items it had."""
    marker = ""
    while True:
        began = time.perf_counter()
        _, body = client.call("GET", f"{FUNCTIONS}/?{query}&Marker={marker}")
        took = (time.perf_counter() - began) * 1000
        answer = json.loads(body)
        yield took, len(answer["Functions"])
        if "NextMarker" not in answer:
            return
        marker = answer["NextMarker"]


def rss_mb(pid: int) -> float:
    with open(f"/proc/{pid}/status") as file:
        line = next(line for line in file if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


@contextmanager
def running(folder: Path) -> Iterator[tuple[int, int, float]]:
    """An engine on ``folder``: its port, its pid, and the milliseconds until it answered."""
    began = time.perf_counter()
    with engine(folder) as port:
        status, _ = Connection(port).call("GET", f"{FUNCTIONS}/?MaxItems=1")
        assert status == 200
        took = (time.perf_counter() - began) * 1000
        pid = int(json.loads((folder / "engine.json").read_text())["pid"])
        yield port, pid, took


def fill(folder: Path) -> None:
    """Create all functions: the first thousand beside the last."""
    with running(folder) as (port, pid, took):
        row("start with no function", took)
        clients, code = [Connection(port) for _ in range(CLIENTS)], package()
        rates, memory = [], [rss_mb(pid)]
        for first in range(0, COUNT, PORTION):
            rates.append(create_portion(clients, first, code))
            memory.append(rss_mb(pid))
        row("CreateFunction, first thousand", rates[0], "/s")
        row("CreateFunction, last thousand", rates[-1], "/s", goal="goal: as the first")
        row("memory that the first thousand took", memory[1] - memory[0], "MB")
        row("memory that the last thousand took", memory[-1] - memory[-2], "MB", goal="goal: flat")
        row("memory with all of them", memory[-1], "MB")


def read(folder: Path) -> None:
    """Start on them, and read."""
    with running(folder) as (port, _, took), echo_server() as echo_port:
        client, echo = Connection(port), Connection(echo_port)
        row(f"start with {COUNT:,} functions", took, goal="goal <= 1000 ms")
        floor = median_ms(lambda: echo.call("GET", "/"), 500)
        row("floor: asyncio HTTP echo", floor)
        listed = list(pages(client))
        assert sum(items for _, items in listed) == COUNT
        row("ListFunctions, a page of 50", statistics.median(ms for ms, _ in listed), goal="goal <= 10 ms")
        row("ListFunctions, the slowest page", max(ms for ms, _ in listed))
        listed = list(pages(client, "FunctionVersion=ALL"))
        row("ListFunctions, every version, a page", statistics.median(ms for ms, _ in listed))
        names = [f"bench-{number:05}" for number in range(0, COUNT, 20)]
        gets = [times_ms(lambda name=name: client.call("GET", f"{FUNCTIONS}/{name}"), 1)[0] for name in names]  # type: ignore[misc]
        row("GetFunction", statistics.median(gets), floor=floor, goal="goal <= 2 ms")
        row("GetFunction, 99 of 100", sorted(gets)[-len(gets) // 100])
        row("GetAccountSettings", median_ms(lambda: client.call("GET", "/2016-08-19/account-settings"), 50))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder) / "data")
        read(Path(folder) / "data")
    print(f"  ({os.cpu_count()} cores, {CLIENTS} clients, Python {sys.version.split()[0]})")


if __name__ == "__main__":
    main()
