"""Measuring and printing: medians, ratios, rows, one keep-alive HTTP connection, a pty to run programs in."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import socket
import statistics
import struct
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


def median_ms(action: Callable[[], object], runs: int) -> float:
    """Median wall time of ``action`` in milliseconds."""
    return statistics.median(times_ms(action, runs))


def times_ms(action: Callable[[], object], runs: int) -> list[float]:
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        action()
        times.append((time.perf_counter() - began) * 1000)
    return times


def row(what: str, value: float, unit: str = "ms", *, goal: str = "", floor: float | None = None) -> None:
    """One figure, its ratio to the floor of the same run, and the goal."""
    ratio = f"{value / floor:6.2f} x floor" if floor else ""
    print(f"  {what:<52} {value:10.2f} {unit:<8} {ratio:<16} {goal}", flush=True)


def judge(
    what: str,
    value: float,
    unit: str,
    limit: float,
    cause: str,
    floor: float | None = None,
    least: bool = False,
) -> None:
    """One figure with its goal, a multiple of the floor if there is one; if it is missed, with the cause."""
    measured = value / floor if floor else value
    sign = ">=" if least else "<="
    row(what, value, unit, floor=floor, goal=f"goal {sign} {limit:g}{' x' if floor else ''}")
    if (measured < limit) if least else (measured > limit):
        print(f"      missed: {cause}", flush=True)


class Connection:
    """A keep-alive HTTP/1.1 connection on a raw socket: the client costs as little as Python allows."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = port
        self.rest = b""

    def call(self, method: str, path: str, body: bytes = b"", headers: str = "") -> tuple[int, bytes]:
        """Send one request, return status and body."""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Length: {len(body)}\r\n"
        self.socket.sendall((head + headers + "\r\n").encode() + body)
        return self.answer()

    def answer(self) -> tuple[int, bytes]:
        """The next answer."""
        data = self.rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head = data[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        parts, have = [data[end + 4 :]], len(data) - end - 4
        while have < length:
            parts.append(self._more())
            have += len(parts[-1])
        body = b"".join(parts)
        self.rest = body[length:]
        return int(head[9:12]), body[:length]

    def _more(self) -> bytes:
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data


@dataclass
class Terminal:
    """A program in a pty of its own: what it wrote, when, and what it costs."""

    pid: int
    fd: int
    began: float
    written: int = 0
    text: bytes = b""

    def read(self, seconds: float) -> bytes:
        """What the program writes within ``seconds``; returns early when it wrote something."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return b""
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            return b""
        self.written += len(data)
        self.text += data
        self._answer(data)
        return data

    def _answer(self, data: bytes) -> None:
        """Answer the questions a terminal is asked, so that nobody waits for it."""
        if b"\x1b[6n" in data:
            os.write(self.fd, b"\x1b[1;1R")

    def wait_for(self, text: bytes, seconds: float) -> float | None:
        """Milliseconds since start until ``text`` was on its way to the screen."""
        limit = time.perf_counter() + seconds
        while time.perf_counter() < limit:
            self.read(0.05)
            if text in self.text:
                return (time.perf_counter() - self.began) * 1000
        return None

    def settle(self, quiet: float = 0.3, limit: float = 10.0) -> float:
        """Read until nothing came for ``quiet`` seconds; milliseconds from the start to the last of it."""
        end = last = time.perf_counter()
        end += limit
        while time.perf_counter() < end and self.read(quiet):
            last = time.perf_counter()
        return (last - self.began) * 1000

    def key(self, key: bytes, quiet: float = 0.12) -> tuple[float, int]:
        """Press a key: milliseconds until the last byte of the answer, and bytes written."""
        before, began = self.written, time.perf_counter()
        os.write(self.fd, key)
        last = began
        while self.read(quiet):
            last = time.perf_counter()
        return (last - began) * 1000, self.written - before

    def cpu_seconds(self) -> float:
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mb(self) -> float:
        with open(f"/proc/{self.pid}/status") as file:
            line = next(line for line in file if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


@contextmanager
def terminal(
    command: Sequence[str], *, size: tuple[int, int] = (120, 40), env: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """Run ``command`` in a pty of ``size`` columns by rows; ended at the end."""
    began = time.perf_counter()
    pid, fd = pty.fork()
    if pid == 0:
        try:
            os.execvpe(command[0], list(command), {**os.environ, "TERM": "xterm-256color", **(env or {})})
        finally:
            os._exit(127)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    try:
        yield Terminal(pid, fd, began)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(fd)
