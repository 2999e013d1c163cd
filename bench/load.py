"""Load from a program in C: Python's own clients would be most of what is measured."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


class NoCompiler(Exception):  # noqa: N818
    """There is no gcc: the figures that need it are left out."""


@dataclass(frozen=True, slots=True)
class Load:
    """What some callers got: answers a second, milliseconds, answers that tell of a failure."""

    rate: float
    p50: float
    p99: float
    bad: int


class Loader:
    """The compiled program, in a folder of the caller's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = compiled(HERE / "load.c", folder / "load")

    def run(self, port: int, callers: int, total: int, request: bytes) -> Load:
        """Send a request so many times from so many callers."""
        file = self._folder / "request"
        file.write_bytes(request)
        words = [str(self._program), str(port), str(callers), str(total), str(file)]
        done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
        return Load(**json.loads(done.stdout))


def compiled(source: Path, program: Path) -> Path:
    """A C program, linked statically: it runs in every tier."""
    compiler = shutil.which("gcc")
    if compiler is None:
        raise NoCompiler
    subprocess.run([compiler, "-O2", "-static", "-o", str(program), str(source)], check=True)
    return program


def request(port: int, path: str, body: bytes, headers: str = "") -> bytes:
    """The bytes of a POST."""
    fields = f"Host: 127.0.0.1:{port}\r\nContent-Length: {len(body)}\r\n{headers}"
    return f"POST {path} HTTP/1.1\r\n{fields}\r\n".encode() + body


def cpu_us(pid: int) -> float:
    """Microseconds of processor time that all threads of a process have used."""
    used = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            used += int(Path(f"/proc/{pid}/task/{thread}/schedstat").read_text().split()[0])
        except OSError:
            continue  # it has ended
    return used / 1000
