"""Engines in the strict tier, as whoever runs the tests and, where that is root, as an ordinary user too."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

import pytest

import lambdatui
from tests import conftest
from tests.conftest import EngineProcess
from tests.engine.tiers import needs_tier

NOBODY = 65534


def command_as_nobody() -> tuple[str, ...]:
    """The engine's command as another user, with a Python that this user may run."""
    setpriv = shutil.which("setpriv")
    if os.getuid() != 0 or setpriv is None:
        pytest.skip("only root can become another user, with setpriv")
    # By way of env: what setpriv itself starts is still looked up with root's rights.
    become = (setpriv, "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "/usr/bin/env")
    system = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, system):
        check = subprocess.run(
            [*become, python, "-c", "import lambdatui.engine.main"], env=nobodys_variables(), check=False
        )
        if check.returncode == 0:
            return (*become, python, *conftest.COMMAND[1:])
    pytest.skip(f"an ordinary user may run neither {sys.executable} nor {system} with our packages")


def nobodys_variables() -> dict[str, str]:
    packages = [path for path in sys.path if path.endswith("-packages")]
    root = str(Path(lambdatui.__file__).parents[1])
    return {"PYTHONPATH": ":".join([root, *packages]), "PYTHONDONTWRITEBYTECODE": "1"}


class Strict:
    """A way to start engines in the strict tier."""

    def __init__(self, who: str) -> None:
        self.who = who
        # Not below /tmp: a function has one of its own, which would hide what it must not see.
        self.home = Path(tempfile.mkdtemp(prefix="lambdatui-strict-", dir="/var/tmp"))
        self.home.chmod(0o755)
        (self.home / "secret").write_text("a user's own")
        self.command: tuple[str, ...] = conftest.COMMAND
        self.env = {"LAMBDATUI_HOME": str(self.home / "home")}
        if who == "nobody":
            self.command = command_as_nobody()
            self.env |= nobodys_variables()
            os.chown(self.home, NOBODY, NOBODY)
        self.made: list[EngineProcess] = []

    def start(self, name: str = "data", *more: str) -> EngineProcess:
        with mock.patch.object(conftest, "COMMAND", self.command):
            engine = EngineProcess(self.home / name, "--isolation", "strict", *more, env=self.env)
        self.made.append(engine)
        needs_tier(engine, "strict")
        return engine

    def close(self) -> None:
        for engine in self.made:
            with contextlib.suppress(ProcessLookupError):
                engine.stop()
        shutil.rmtree(self.home, ignore_errors=True)
