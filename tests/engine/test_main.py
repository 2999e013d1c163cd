"""Starting and stopping: one engine per folder, sentences for what goes wrong, nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import platform
import random
import resource
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdatui.engine import settings
from lambdatui.engine.introspection import Leases
from tests.conftest import EngineProcess
from tests.engine.processes import cpu_s
from tests.engine.signing import send, signed

Make = Callable[..., EngineProcess]


def run(*arguments: str | Path, limit: int | None = None) -> tuple[int, str]:
    """Runs an engine that is expected to end by itself; its exit code and what it said on stderr."""
    command = [sys.executable, "-m", "lambdatui.engine", *map(str, arguments)]
    if limit is not None:
        command = ["sh", "-c", f'ulimit -f {limit}; exec "$@"', "sh", *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stderr


def test_what_a_running_engine_leaves_for_clients(fresh_engine: Make) -> None:
    engine = fresh_engine()
    address = json.loads((engine.data_dir / "engine.json").read_text())
    assert address["pid"] == engine.process.pid
    assert address["url"] == engine.url
    assert address["port"] == engine.port
    assert address["unsigned"] is False
    assert stat.S_IMODE(engine.data_dir.stat().st_mode) == 0o700
    for name in ("engine.json", "keys.json", "engine.lock", "lambda.db", "logs.db"):
        assert stat.S_IMODE((engine.data_dir / name).stat().st_mode) == 0o600, name
    with (engine.data_dir / "engine.lock").open() as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(fresh_engine: Make, number: int) -> None:
    engine = fresh_engine()
    assert engine.stop(number) == 0
    assert not (engine.data_dir / "engine.json").exists()
    assert engine.stderr() == ""


def test_keys_last_and_a_killed_engine_is_no_obstacle(fresh_engine: Make) -> None:
    first = fresh_engine()
    first.stop(signal.SIGKILL)
    second = fresh_engine(data_dir=first.data_dir)
    assert (second.access_key, second.secret_key) == (first.access_key, first.secret_key)
    assert second.client("sts").get_caller_identity()["Account"] == "000000000000"


def test_a_second_engine_on_the_folder_is_told_whose_it_is(fresh_engine: Make) -> None:
    engine = fresh_engine()
    code, said = run("--port", "0", "--data-dir", engine.data_dir)
    assert code == 3
    assert f"process {engine.process.pid}" in said
    assert len(said.splitlines()) == 1
    assert engine.client("sts").get_caller_identity()


def test_an_engine_that_is_about_to_end_is_waited_for(fresh_engine: Make) -> None:
    engine = fresh_engine()
    with socket.create_connection(("127.0.0.1", engine.port)) as unfinished:
        unfinished.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
        engine.process.terminate()
        second = fresh_engine(data_dir=engine.data_dir)
    assert engine.process.wait(20) == 0
    assert second.client("sts").get_caller_identity()


def test_a_busy_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = run("--port", str(port), "--data-dir", tmp_path / "data")
    assert code == 4
    assert said == (
        f"lambdatui engine: Port {port} is in use by another program."
        " Choose another with --port (0: any free one).\n"
    )
    assert not (tmp_path / "data" / "engine.json").exists()


def spare_port() -> int:
    """A port that is free, and the next one too; none that the system gives to others by itself."""
    for port in random.sample(range(20_000, 30_000, 2), 50):
        with contextlib.suppress(OSError):
            for one in (port, port + 1):
                socket.create_server(("127.0.0.1", one)).close()
            return port
    raise AssertionError("no free port")


def test_the_port_of_function_urls(fresh_engine: Callable[..., EngineProcess], tmp_path: Path) -> None:
    port = spare_port()
    engine = fresh_engine("--url-port", str(port))
    assert json.loads((engine.data_dir / "engine.json").read_text())["url_port"] == port
    code, said = run("--port", "0", "--url-port", str(port), "--data-dir", tmp_path / "no")
    assert code == 4
    assert f"Port {port} is in use by another program. Choose another with --url-port" in said
    engine.stop()
    with socket.create_server(("127.0.0.1", port + 1)):
        engine = fresh_engine("--port", str(port))  # nobody insists on the next port: any other will do
        address = json.loads((engine.data_dir / "engine.json").read_text())
    assert address["port"] == port
    assert address["url_port"] not in (0, port + 1)


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    code, said = run("--port", "0", "--data-dir", tmp_path / "file" / "data")
    assert code == 5
    assert str(tmp_path / "file" / "data") in said
    assert len(said.splitlines()) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    code, said = run("--port", "0", "--data-dir", tmp_path / "data")
    assert (code, len(said.splitlines())) == (5, 1)


def test_a_disk_without_room(tmp_path: Path) -> None:
    code, said = run("--port", "0", "--data-dir", tmp_path / "data", limit=0)
    assert code == 5
    assert len(said.splitlines()) == 1, said


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "70000"],
        ["--clock", "x0"],
        ["--clock", "fast"],
        ["--settle", "-1"],
        ["--isolation", "none"],
    ],
)
def test_arguments_that_make_no_sense(arguments: list[str]) -> None:
    code, said = run(*arguments)
    assert code == 2
    assert arguments[0] in said


def test_memory_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lambdatui.engine", "--port", "0", "--memory"]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("lambdatui engine ready at ")
        assert list(tmp_path.iterdir())
        process.terminate()
        assert process.wait(20) == 0
    assert not list(tmp_path.iterdir())


def test_ready_within_a_moment(fresh_engine: Make) -> None:
    engine = fresh_engine()
    answer = send(engine, signed(engine, "GET", "/2015-03-31/functions"))
    assert answer.json() == {"Functions": []}
    assert cpu_s(engine.process.pid) < 3  # 0.4 s where nobody else works


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="other C libraries keep memory by rules of their own"
)
def test_the_memory_of_a_large_event_serves_the_next(fresh_engine: Make) -> None:
    engine = fresh_engine()
    event = json.dumps("x" * 6_000_000).encode()
    request = signed(engine, "POST", "/2015-03-31/functions/none/invocations", event)
    page_faults = []
    for _ in range(6):
        assert send(engine, request).status == 404  # found out once its JSON is checked
        fields = Path(f"/proc/{engine.process.pid}/stat").read_text().rpartition(")")[2].split()
        page_faults.append(int(fields[7]))
    assert page_faults[5] - page_faults[3] < len(event) / resource.getpagesize() / 2


def test_leases_end_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    leases = Leases()
    leases.renew("one")
    now += settings.LEASE_TTL - 1
    leases.heard()
    assert (leases.alive, leases.over) == (1, False)
    now += 2
    assert (leases.alive, leases.over) == (0, False)
    now += settings.LEASE_GRACE - 3
    assert not leases.over
    now += 2
    assert leases.over


def test_a_leased_engine_without_leases_stops(fresh_engine: Make, tmp_path: Path) -> None:
    shorter = tmp_path / "sitecustomize.py"
    shorter.write_text(
        "from lambdatui.engine import settings\nsettings.LEASE_GRACE = 0.5\nsettings.LEASE_TTL = 0.5\n"
    )
    engine = fresh_engine("--lease", env={"PYTHONPATH": str(tmp_path)})
    assert engine.process.wait(20) == 0
    assert not (engine.data_dir / "engine.json").exists()


def test_garbage_never_hurts(engine: EngineProcess) -> None:
    """Sockets full of nonsense, all at once; afterwards the engine answers as before."""

    async def noise() -> None:
        await asyncio.gather(*(one(number) for number in range(40)))

    async def one(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", engine.port)
        start = b"POST /2015-03-31/functions HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % engine.port
        pieces = [
            os.urandom(2000),
            start + b"Content-Length: 99999999999999999999\r\n\r\n",
            start + b"Content-Length: 5000\r\n\r\n{",
            start + b"Authorization: " + bytes(range(128, 256)) + b"\r\n\r\n",
            start + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
            b"GET /%ff%fe/%00?%ff=%zz HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n".replace(
                b"%d", b"%d" % engine.port
            ),
        ]
        writer.write(pieces[number % len(pieces)])
        try:
            async with asyncio.timeout(0.5):
                await reader.read()
        except (TimeoutError, ConnectionError):
            pass
        writer.close()

    asyncio.run(noise())
    assert engine.client("sts").get_caller_identity()["Account"] == "000000000000"
    assert "Traceback" not in engine.stderr()


def test_a_folder_of_somebody_else_keeps_its_modes(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    (shared / "letter.txt").write_text("not the engine's")
    code, said = run("--port", "0", "--data-dir", shared)
    assert code == 5
    assert "holds other things and others may enter it" in said
    assert stat.S_IMODE(shared.stat().st_mode) == 0o755
