"""What the tiers add to a cold start: the same functions in engines of both, taken in turns."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.engine import create, engine, invoke, package, wait_active
from bench.measure import Connection, median_ms, row, times_ms

ROUNDS = 15
PAUSE_S = 0.25  # until the shelf of interpreters is full again
AFRESH = {"PYTHONUNBUFFERED": "1"}  # read when an interpreter starts, so none that waits will do
TIERS = ("process", "strict")


def cold(client: Connection, name: str, code: str, variables: dict[str, str]) -> float:
    """Milliseconds of the first invocation of a new function."""
    create(client, name, code, Environment={"Variables": variables})
    wait_active(client, name)
    time.sleep(PAUSE_S)
    return times_ms(lambda: invoke(client, name), 1)[0]


def main() -> None:
    bare = median_ms(lambda: subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True), 15)
    row("floor: python3 -I -S -c pass", bare)
    code = package()
    with (
        tempfile.TemporaryDirectory() as folder,
        engine(Path(folder) / "process", "--isolation", "process") as first,
        engine(Path(folder) / "strict", "--isolation", "strict") as second,
    ):
        clients = {"process": Connection(first), "strict": Connection(second)}
        _, status = clients["strict"].call("GET", "/_lambdatui/status")
        if json.loads(status)["tier"] != "strict":
            print("  no strict tier on this machine")
            return
        for kind, variables, most in (("pre-warmed", {}, 1.5), ("spawned", AFRESH, 5.0)):
            took: dict[str, list[float]] = {tier: [] for tier in TIERS}
            for number in range(ROUNDS + 1):
                for tier in TIERS:
                    took[tier].append(cold(clients[tier], f"{kind}-{number}", code, variables))
            medians = {tier: statistics.median(times[1:]) for tier, times in took.items()}
            for tier in TIERS:
                row(f"cold first invoke, {kind}, {tier}", medians[tier], floor=bare)
            added = medians["strict"] - medians["process"]
            row(f"strict adds to a {kind} start", added, goal=f"goal <= {most} ms")


if __name__ == "__main__":
    main()
