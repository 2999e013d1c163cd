"""Engines for tests: real processes, reached only as users reach them."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.config import Config

READY = "lambdatui engine ready at "
COMMAND = (sys.executable, "-m", "lambdatui.engine", "--port", "0", "--settle", "0.2")
IN_SIGHT = ("--isolation", "process")
"""For functions that meet their test in a file, or whose processes it looks for."""
START_WITHIN = 40.0
STOP_WITHIN = 40.0


_running: list[EngineProcess] = []
_session = botocore.session.Session()  # reads the services' models once


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails shows what its engines said."""
    report = yield
    if report.failed:
        for engine in _running:
            if said := engine.stderr():
                report.sections.append((f"stderr of the engine on {engine.data_dir}", said[-20_000:]))
    return report


class EngineProcess:
    """`python -m lambdatui.engine` on a data folder."""

    def __init__(self, data_dir: Path, *arguments: str, env: dict[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.stderr_path = data_dir.with_name(f"{data_dir.name}.stderr")
        with self.stderr_path.open("ab") as stderr:
            self.process = subprocess.Popen(
                [*COMMAND, "--data-dir", str(data_dir), *arguments],
                stdout=subprocess.PIPE,
                stderr=stderr,
                stdin=subprocess.DEVNULL,
                env=os.environ | (env or {}),
            )
        try:
            self.url = self._await_ready()
            keys = json.loads((data_dir / "keys.json").read_text())
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        _running.append(self)
        self.access_key: str = keys["access_key"]
        self.secret_key: str = keys["secret_key"]
        self.port = int(self.url.rpartition(":")[2])

    def env(self, **more: str) -> dict[str, str]:
        """An environment in which AWS's tools talk to this engine."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return own | {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            **more,
        }

    def client(
        self,
        service: str,
        *,
        access_key: str | None = None,
        secret_key: str | None = None,
        region: str = "us-east-1",
        **config: Any,
    ) -> Any:
        """A botocore client of this engine that never retries, unless `config` says otherwise."""
        settings = {"retries": {"total_max_attempts": 1}, "read_timeout": 30, **config}
        return _session.create_client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=access_key or self.access_key,
            aws_secret_access_key=secret_key or self.secret_key,
            config=Config(**settings),
        )

    def stderr(self) -> str:
        return self.stderr_path.read_text()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Sends a signal and waits for the end; the exit code."""
        if self in _running:
            _running.remove(self)
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(
                f"the engine did not stop within {STOP_WITHIN} s:\n{self.stderr()}"
            ) from None
        finally:
            if self.process.stdout:
                self.process.stdout.close()

    def _await_ready(self) -> str:
        assert self.process.stdout is not None
        until = time.monotonic() + START_WITHIN
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, until - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 4096) if ready else b""
            if not piece:
                code = self.process.poll()
                raise AssertionError(f"the engine did not start (exit code {code}):\n{self.stderr()}")
            line += piece
        text = line.decode().strip()
        assert text.startswith(READY), text
        return text.removeprefix(READY)


@pytest.fixture(scope="session")
def shared_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """One engine for all tests that leave it running."""
    running = EngineProcess(tmp_path_factory.mktemp("engine") / "data")
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def engine(shared_engine: EngineProcess) -> EngineProcess:
    """The same, for modules that do not say otherwise."""
    return shared_engine


@pytest.fixture(scope="session")
def open_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """The same for functions that see this machine as their test does."""
    running = EngineProcess(tmp_path_factory.mktemp("open") / "data", *IN_SIGHT)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session", params=["strict", "process"])
def tiered_engine(request: pytest.FixtureRequest) -> EngineProcess:
    """Both of them in turn: for what is true wherever a function runs."""
    from tests.engine.tiers import needs_tier

    name = "shared_engine" if request.param == "strict" else "open_engine"
    wanted: EngineProcess = request.getfixturevalue(name)
    needs_tier(wanted, request.param)
    return wanted


@pytest.fixture
def fresh_engine(tmp_path: Path) -> Iterator[Callable[..., EngineProcess]]:
    """Makes engines of one's own: `fresh_engine("--unsigned", data_dir=...)`. They end with the test."""
    made: list[EngineProcess] = []

    def make(
        *arguments: str, data_dir: Path | None = None, env: dict[str, str] | None = None
    ) -> EngineProcess:
        made.append(EngineProcess(data_dir or tmp_path / f"data{len(made)}", *arguments, env=env))
        return made[-1]

    yield make
    for running in made:
        with contextlib.suppress(ProcessLookupError):
            running.stop()
