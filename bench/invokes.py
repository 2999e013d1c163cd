"""Invokes: warm, many, large, streamed, cold from the pool and not, idle; beside their floors in one run.

A figure that is missed blocks nothing: what dominates it is said beside it.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from bench.engine import FUNCTIONS, create, echo_server, engine, invoke, package, wait_active
from bench.load import Load, Loader, NoCompiler, compiled, cpu_us, request
from bench.measure import Connection, judge, median_ms, row, times_ms
from bench.usage import Stopwatch, Usage

C_SOURCE = Path(__file__).parents[1] / "tests" / "parity" / "bootstrap.c"
EVENT = b'{"key": "value"}'
BIG = json.dumps("x" * (6 * 1024 * 1024 - 100)).encode()
NODE_HANDLER = "exports.handler = async event => event\n"
CHUNKS = 2000
SIDE_BY_SIDE = 2000
NODE_STREAM = f"""exports.handler = awslambda.streamifyResponse(async (event, out) => {{
    for (let i = 0; i < {CHUNKS}; i++) {{ out.write('x'.repeat(1000)); await new Promise(setImmediate) }}
    out.end()
}})
"""
SLEEPER = "import time\ndef handler(event, context):\n    time.sleep(event['s'])\n    return event\n"
COLDS = 12
BURST = 20
HANDLER_S = 0.2
IDLE = 200


@dataclass
class Site:
    """One engine that is measured."""

    port: int
    folder: Path
    loader: Loader | None

    @property
    def client(self) -> Connection:
        return Connection(self.port)

    @property
    def pid(self) -> int:
        return int(json.loads((self.folder / "engine.json").read_text())["pid"])

    def make(self, name: str, code: str, **config: object) -> None:
        client = self.client
        create(client, name, code, **config)
        wait_active(client, name)

    def path(self, name: str) -> str:
        return f"{FUNCTIONS}/{name}/invocations"


def loaded(site: Site, callers: int, total: int, ask: bytes, rounds: int = 3) -> tuple[Load, float, Usage]:
    """The best of some rounds, the engine's least microseconds for one invoke, and what they went to."""
    assert site.loader is not None
    site.loader.run(site.port, callers, max(total // 10, callers), ask)
    seen = []
    for _ in range(rounds):
        watch = Stopwatch(site.pid)
        load = site.loader.run(site.port, callers, total, ask)
        seen.append((load, watch.stop()))
        assert not load.bad, load
    least = min((usage for _, usage in seen), key=lambda one: one.engine)
    return max((load for load, _ in seen), key=lambda one: one.rate), least.engine / total, least


def warm(folder: Path, echo: int, loader: Loader, bootstrap: str) -> None:
    """Small events to warm environments."""
    alone = best_echo(loader, echo, 1, 5000)
    row("floor: echo, 32 callers", best_echo(loader, echo, 32, 20_000).rate, "/s")
    row("floor: echo, p50 by a caller in C", alone.p50 * 1000, "us")
    with engine(folder / "warm", "--isolation", "process") as port:
        site = Site(port, folder / "warm", loader)
        site.make("c", bootstrap, Runtime="provided.al2023")
        site.make("python", package())
        for name in ("c", "python"):
            ask = request(port, site.path(name), EVENT)
            watch = Stopwatch(site.pid)
            floor, took = side_by_side(Connection(echo), site.client, site.path(name))
            row("floor: echo, p50 by a caller in Python", floor * 1000, "us")
            cause = f"an invoke is {watch.stop().each(SIDE_BY_SIDE)}; the rest passes outside of the engine"
            judge(f"{name}: warm p50, the same caller", took * 1000, "us", 1.6, cause, floor=floor * 1000)
            one, cpu, usage = loaded(site, 1, 3000, ask)
            row(f"{name}: warm p50 by a caller in C", one.p50 * 1000, "us", floor=alone.p50 * 1000)
            judge(f"{name}: engine CPU an invoke, 1 caller", cpu, "us", 60, usage.each(3000))
            many, cpu, usage = loaded(site, 32, 12_000, ask)
            judge(f"{name}: 32 callers", many.rate, "/s", 10_000, usage.cores(), least=True)
            judge(f"{name}: engine CPU an invoke, 32 callers", cpu, "us", 60, usage.each(12_000))
        ask, floor_big = request(port, site.path("c"), BIG), best_echo(loader, echo, 1, 20, BIG)
        row("floor: echo of 6 MB, p50", floor_big.p50)
        big, cpu, usage = loaded(site, 1, 20, ask)
        cause = f"{usage.each(20)}; 24 MB pass its sockets, 12 MB those of an echo, and the event is checked"
        judge("c: 6 MB in and out, p50", big.p50, "ms", 1.5, cause, floor=floor_big.p50)
        row("c: engine CPU of 6 MB in and out", cpu / 1000)
    with engine(folder / "signed", "--isolation", "process", signed=True) as port:
        site = Site(port, folder / "signed", loader)
        ask = signed(site, "POST", FUNCTIONS, function_body("c", bootstrap))
        assert not loader.run(port, 1, 1, ask).bad
        time.sleep(1)
        _, cpu, usage = loaded(site, 1, 3000, signed(site, "POST", site.path("c"), EVENT))
        judge("c: engine CPU an invoke, signed", cpu, "us", 75, usage.each(3000))


def side_by_side(echo: Connection, client: Connection, path: str) -> tuple[float, float]:
    """Medians of an echo and of an invoke, in turns, so that both see the same machine."""
    echoes: list[float] = []
    invokes: list[float] = []
    for _ in range(SIDE_BY_SIDE // 100):
        echoes += times_ms(lambda: echo.call("POST", "/", EVENT), 100)
        invokes += times_ms(lambda: client.call("POST", path, EVENT), 100)
    return statistics.median(echoes), statistics.median(invokes)


def best_echo(loader: Loader, port: int, callers: int, total: int, body: bytes = EVENT) -> Load:
    rounds = [loader.run(port, callers, total, request(port, "/", body)) for _ in range(3)]
    return Load(
        max(one.rate for one in rounds), min(one.p50 for one in rounds), min(one.p99 for one in rounds), 0
    )


def function_body(name: str, code: str) -> bytes:
    config = {"FunctionName": name, "Runtime": "provided.al2023", "Handler": "handler.handler"}
    return json.dumps(
        {**config, "Role": "arn:aws:iam::000000000000:role/bench", "Code": {"ZipFile": code}}
    ).encode()


def signed(site: Site, method: str, path: str, body: bytes) -> bytes:
    """A request as boto3 signs it."""
    keys = json.loads((site.folder / "keys.json").read_text())
    headers = {"Content-Type": "application/json", "User-Agent": "Boto3/1.43 md/Botocore#1.43 ua/2.1"}
    made = AWSRequest(method, f"http://127.0.0.1:{site.port}{path}", data=body, headers=headers)
    SigV4Auth(Credentials(keys["access_key"], keys["secret_key"]), "lambda", "us-east-1").add_auth(made)
    more = "".join(f"{name}: {value}\r\n" for name, value in made.headers.items() if name != "Content-Length")
    return request(site.port, path, body, more)


def cold(folder: Path, tier: str, bootstrap: str | None) -> dict[str, float]:
    """Medians of first invokes, in milliseconds, for each way in which an environment comes to life."""
    kinds: dict[str, tuple[str, dict[str, object]]] = {
        "pool": (package(), {}),
        "spawned": (package(), {"Environment": {"Variables": {"PYTHONHASHSEED": "1"}}}),
    }
    if shutil.which("node"):
        version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
        node: dict[str, object] = {"Runtime": f"nodejs{version[1:].split('.')[0]}.x"}
        kinds["node"] = (package(NODE_HANDLER, "handler.js"), node)
    if bootstrap is not None:
        kinds["provided"] = (bootstrap, {"Runtime": "provided.al2023"})
    found: dict[str, list[float]] = {kind: [] for kind in kinds}
    with engine(folder / f"cold-{tier}", "--isolation", tier) as port:
        site = Site(port, folder / f"cold-{tier}", None)
        client = site.client
        for number in range(COLDS + 1):
            for kind, (code, config) in kinds.items():
                site.make(f"{kind}-{number}", code, **config)
                time.sleep(0.25)  # the pool fills again
                took = times_ms(lambda name=f"{kind}-{number}": invoke(client, name), 1)[0]  # type: ignore[misc]
                if number:  # the first one finds no pool
                    found[kind].append(took)
    return {kind: statistics.median(took) for kind, took in found.items()}


def colds(folder: Path, bootstrap: str | None) -> None:
    python = median_ms(lambda: subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True), 15)
    row("floor: python3 -I -S -c pass", python)
    plain = cold(folder, "process", bootstrap)
    strict = cold(folder, "strict", bootstrap)
    cause = f"{plain['pool']:.1f} ms of it in the process tier too, the rest is isolation"
    judge("cold from the pool, strict", strict["pool"], "ms", 0.4, cause, floor=python)
    cause = f"{python:.1f} ms is what an interpreter took meanwhile that does nothing"
    judge("cold from the pool, process", plain["pool"], "ms", 0.4, cause, floor=python)
    cause = f"{plain['spawned']:.1f} ms of it in the process tier too, the rest is isolation"
    judge("cold, spawned, strict", strict["spawned"], "ms", 3, cause, floor=python)
    added = strict["pool"] - plain["pool"]
    slow = f"at {python:.1f} ms for an interpreter that does nothing, this time"
    judge("strict adds to a start from the pool", added, "ms", 1.5, slow)
    added = strict["spawned"] - plain["spawned"]
    judge("strict adds to a spawned start", added, "ms", 5, slow)
    if "node" in strict:
        node = median_ms(lambda: subprocess.run(["node", "-e", "0"], check=True), 9)
        row("floor: node -e 0", node)
        for tier, figures in (("strict", strict), ("process", plain)):
            cause = f"{plain['node']:.1f} ms of it without isolation"
            judge(f"node from the pool, {tier}", figures["node"], "ms", 0.3, cause, floor=node)
    if "provided" in strict:
        cause = f"{plain['provided']:.1f} ms of it without isolation; {slow}"
        judge("provided, strict", strict["provided"], "ms", 4, cause)


def burst(folder: Path) -> None:
    """Twenty first invokes at once, of one function."""
    took = []
    with engine(folder / "burst") as port:
        site = Site(port, folder / "burst", None)
        for number in range(4):
            name = f"burst-{number}"
            site.make(name, package(SLEEPER))
            time.sleep(1)
            watch = Stopwatch(site.pid)
            took.append((together(site, name, BURST, {"s": HANDLER_S}) - HANDLER_S * 1000, watch.stop()))
    last, usage = sorted(took[1:], key=lambda one: one[0])[1]
    spent = usage.machine / 1000
    cause = f"{spent:.0f} ms of processor time were spent, {usage.engine / 1000:.0f} ms of them by the engine"
    judge(f"burst of {BURST} cold starts, the last answer", last, "ms", 300, cause)


def together(site: Site, name: str, count: int, event: object) -> float:
    """Milliseconds until the last of some invokes that begin at once is answered."""
    clients = [site.client for _ in range(count)]
    ask = request(site.port, site.path(name), json.dumps(event).encode())
    began = time.perf_counter()
    for client in clients:
        client.socket.sendall(ask)
    for client in clients:
        status, answer = client.answer()
        assert status == 200, answer
    return (time.perf_counter() - began) * 1000


def streamed(folder: Path) -> None:
    """What a chunk on its way from a runtime to a caller costs the engine."""
    if not shutil.which("node"):
        return
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    with engine(folder / "stream", "--isolation", "process") as port:
        site = Site(port, folder / "stream", None)
        code = package(NODE_STREAM, "handler.js")
        site.make("stream", code, Runtime=f"nodejs{version[1:].split('.')[0]}.x", Timeout=30)
        ask = request(port, "/2021-11-15/functions/stream/response-streaming-invocations", b"{}")
        costs = []
        for _ in range(4):
            client = site.client
            watch = Stopwatch(site.pid)
            client.socket.sendall(ask)
            data = b""
            while not data.endswith(b"0\r\n\r\n"):
                data = data[-8:] + client.socket.recv(1 << 18)
            costs.append(watch.stop())
    least = min(costs[1:], key=lambda one: one.engine)
    judge("engine CPU of a streamed chunk", least.engine / CHUNKS, "us", 50, least.each(CHUNKS))


def idle(folder: Path) -> None:
    """What environments cost that nobody calls."""
    with engine(folder / "idle") as port:
        site = Site(port, folder / "idle", None)
        site.make("idle", package(SLEEPER), Timeout=60)
        for count in (50, 100, 150, IDLE):
            together(site, "idle", count, {"s": 3})
        time.sleep(2)
        pids = [site.pid, *descendants(site.pid)]
        before, watch = sum(map(cpu_us, pids)), Stopwatch(site.pid)
        time.sleep(5)
        used = (sum(map(cpu_us, pids)) - before) / 5e6 * 100
        engine_used = watch.stop().engine / 5e6 * 100
        sizes = sorted(pss_mb(pid) for pid in pids[1:])[-IDLE:]
    judge(f"{IDLE} idle environments, CPU of one core", used, "%", 0.5, f"{engine_used:.2f} of it the engine")
    cause = f"from {sizes[0]:.1f} to {sizes[-1]:.1f} MB"
    judge("an idle environment, proportional memory", statistics.mean(sizes), "MB", 12, cause)


def descendants(pid: int) -> list[int]:
    found = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, file.read_text().split()):
            found += [child, *descendants(child)]
    return found


def pss_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bootstrap = None
        try:
            loader = Loader(folder)
            program = compiled(C_SOURCE, folder / "bootstrap")
            bootstrap = package(program.read_bytes(), "bootstrap")
            with echo_server() as echo:
                warm(folder, echo, loader, bootstrap)
        except NoCompiler:
            print("  warm figures need gcc: a caller in Python would be most of what is measured")
        parts: tuple[Callable[[Path], None], ...] = (lambda at: colds(at, bootstrap), burst, streamed, idle)
        for part in parts:
            part(folder)


if __name__ == "__main__":
    main()
