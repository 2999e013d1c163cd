"""The engine over HTTP: start, create, cold and warm invokes, beside floors measured in the same run."""

from __future__ import annotations

import base64
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.measure import Connection, judge, median_ms, row, times_ms
from bench.usage import Stopwatch

HANDLER = "def handler(event, context):\n    return event\n"
FUNCTIONS = "/2015-03-31/functions"
RUNTIME = f"python3.{sys.version_info.minor}"


def package(source: str | bytes = HANDLER, name: str = "handler.py") -> str:
    """A zip of one handler, as CreateFunction takes it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = 0o755 << 16
        archive.writestr(info, source)
    return base64.b64encode(buffer.getvalue()).decode()


@contextmanager
def engine(
    folder: Path, *options: str, signed: bool = False, program: Sequence[str] = ("-m", "lambdatui", "engine")
) -> Iterator[int]:
    """An engine on a free port, unsigned unless said otherwise; yields the port."""
    command = [sys.executable, *program, "--port", "0", "--data-dir", str(folder)]
    command += ["--settle", "0", *([] if signed else ["--unsigned"]), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline().rsplit(":", 1)[1])
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def echo_server() -> Iterator[int]:
    """The floor: an httptools protocol on asyncio that answers with the body it got."""
    process = subprocess.Popen([sys.executable, "-m", "bench.echo"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def create(client: Connection, name: str, code: str, **config: object) -> None:
    body = {
        "FunctionName": name,
        "Runtime": RUNTIME,
        "Handler": "handler.handler",
        "Role": "arn:aws:iam::000000000000:role/bench",
        "Code": {"ZipFile": code},
        "MemorySize": 1769,  # a whole processor: with less, it is the function that is waited for
        **config,
    }
    status, answer = client.call("POST", FUNCTIONS, json.dumps(body).encode())
    assert status == 201, answer


def invoke(client: Connection, name: str, payload: bytes = b"{}") -> None:
    status, answer = client.call("POST", f"{FUNCTIONS}/{name}/invocations", payload)
    assert status == 200, answer
    assert answer == payload or len(payload) > 100, answer


def wait_active(client: Connection, name: str) -> None:
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        _, answer = client.call("GET", f"{FUNCTIONS}/{name}/configuration")
        if json.loads(answer)["State"] == "Active":
            return
        time.sleep(0.01)
    raise TimeoutError(name)


def start_to_list(folder: Path) -> float:
    """Milliseconds from process start to the first answered ListFunctions."""
    began = time.perf_counter()
    with engine(folder) as port:
        status, _ = Connection(port).call("GET", f"{FUNCTIONS}/")
        assert status == 200
        return (time.perf_counter() - began) * 1000


def main() -> None:
    bare = median_ms(lambda: subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True), 15)
    row("floor: python3 -I -S -c pass", bare)
    with tempfile.TemporaryDirectory() as folder:
        imports = median_ms(
            lambda: subprocess.run([sys.executable, "-c", "import lambdatui.engine.main"], check=True), 5
        )
        starts = [start_to_list(Path(folder) / "start") for _ in range(5)]
        judge(
            "start to first ListFunctions",
            statistics.median(starts),
            "ms",
            400,
            f"{imports:.0f} ms of it are imports",
        )
        with echo_server() as echo_port, engine(Path(folder) / "engine") as port:
            client, echo = Connection(port), Connection(echo_port)
            code = package()
            names = [f"bench-{number}" for number in range(20)]
            pid = json.loads((Path(folder) / "engine" / "engine.json").read_text())["pid"]
            watch = Stopwatch(pid)
            creates = [times_ms(lambda name=name: create(client, name, code), 1)[0] for name in names]  # type: ignore[misc]
            cause = f"the engine worked {watch.stop().engine / len(names) / 1000:.1f} ms for one"
            judge("CreateFunction", statistics.median(creates), "ms", 5, cause)
            for name in names:
                wait_active(client, name)
            watch = Stopwatch(pid)
            colds = [times_ms(lambda name=name: invoke(client, name), 1)[0] for name in names]  # type: ignore[misc]
            cause = f"{watch.stop().engine / len(names) / 1000:.1f} ms of it the engine's own work"
            judge("cold first invoke", statistics.median(colds), "ms", 3, cause, floor=bare)
            floor = median_ms(lambda: echo.call("POST", "/", b"{}"), 2000)
            row("floor: asyncio HTTP echo", floor)
            watch = Stopwatch(pid)
            warm = median_ms(lambda: invoke(client, names[0]), 2000)
            cause = f"an invoke is {watch.stop().each(2000)}; the rest passes outside of the engine"
            judge("warm invoke p50", warm, "ms", 2.5, cause, floor=floor)
            big = json.dumps("x" * (6 * 1024 * 1024 - 100)).encode()
            big_floor = median_ms(lambda: echo.call("POST", "/", big), 10)
            row("floor: echo of 6 MB", big_floor)
            row("6 MB in and out", median_ms(lambda: invoke(client, names[0], big), 10), floor=big_floor)
            get = median_ms(lambda: client.call("GET", f"{FUNCTIONS}/{names[0]}"), 500)
            judge("GetFunction", get, "ms", 2, f"an echo takes {floor:.2f} ms")
    print(f"  ({os.cpu_count()} cores, Python {sys.version.split()[0]})")


if __name__ == "__main__":
    main()
