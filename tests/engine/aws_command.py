"""The `aws` command as tests type it, in a folder of theirs."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

ANSWERS_WITHIN_S = 60.0
_DRIVER = Path(__file__).with_name("aws_driver.py")


@dataclass(frozen=True)
class Typed:
    """What came of a command: its exit code, what it printed, and what it complained of."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        """The object that it printed; None when it printed none."""
        return json.loads(self.out) if self.out.startswith("{") else None


class AwsCommand:
    """`aws`, until the block that holds it ends."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(_DRIVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=env | {"AWS_PAGER": ""},
        )

    def __enter__(self) -> AwsCommand:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        with self._process as process:
            process.kill()

    def type(self, *words: str) -> Typed:
        """Type a command and wait for its end."""
        return Typed(**self._ask(words))

    def commands(self, service: str) -> dict[str, list[str]]:
        """The names of all commands of a service, and of all that its `wait` waits for."""
        found: dict[str, list[str]] = self._ask(service)
        return found

    def _ask(self, asked: tuple[str, ...] | str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(asked)}\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], ANSWERS_WITHIN_S)
        assert ready, f"no answer to {asked}"
        return json.loads(self._process.stdout.readline())
