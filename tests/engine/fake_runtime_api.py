"""A Runtime API made of plain sockets, and real runtime clients run against it: events in, answers out."""

from __future__ import annotations

import base64
import json
import os
import queue
import re
import select
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE_S = 20.0
ARN = "arn:aws:lambda:eu-west-1:000000000000:function:hello"


@dataclass(frozen=True, slots=True)
class Answer:
    """One POST of the client."""

    kind: str  # response, error, init/error
    request_id: str
    headers: Mapping[str, str]
    body: bytes
    trailers: Mapping[str, str]
    with_next: bool
    """The request for the next event came in the same write."""

    @property
    def value(self) -> Any:
        return json.loads(self.body)

    @property
    def trailing_error(self) -> Any:
        return json.loads(base64.b64decode(self.trailers["lambda-runtime-function-error-body"]))


@dataclass(slots=True)
class _Event:
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class _Reader:
    """Reads HTTP requests from a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.buffer = b""

    def _more(self) -> None:
        data = self.connection.recv(262144)
        if not data:
            raise EOFError
        self.buffer += data

    def until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            self._more()
        found, _, self.buffer = self.buffer.partition(mark)
        return found

    def exactly(self, count: int) -> bytes:
        pieces: list[bytes] = [self.buffer]
        missing = count - len(self.buffer)
        while missing > 0:
            piece = self.connection.recv(262144)
            if not piece:
                raise EOFError
            pieces.append(piece)
            missing -= len(piece)
        joined = b"".join(pieces)
        self.buffer = joined[count:]
        return joined[:count]

    def chunked(self) -> tuple[bytes, dict[str, str]]:
        body = b""
        while size := int(self.until(b"\r\n"), 16):
            body += self.exactly(size)
            assert self.exactly(2) == b"\r\n"
        lines: list[bytes] = []
        while line := self.until(b"\r\n"):
            lines.append(line)
        return body, _headers(lines)


def _headers(lines: Sequence[bytes]) -> dict[str, str]:
    pairs = (line.decode().partition(":") for line in lines)
    return {name.lower(): value.strip() for name, _, value in pairs}


def _gone(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False


class FakeRuntimeApi:
    """Serves one environment: long-polls for events, keeps what the client answers."""

    def __init__(self) -> None:
        self.answers: queue.Queue[Answer] = queue.Queue()
        self.polled = threading.Semaphore(0)  # released for each request for an event
        self.connections = 0
        self.max_body = 1 << 30  # larger answers are refused, and the connection is closed
        self._events: queue.Queue[_Event | None] = queue.Queue()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def send(self, body: bytes, headers: Mapping[str, str]) -> None:
        self._events.put(_Event(body, headers))

    def close(self) -> None:
        self._events.put(None)
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # or a pending accept would keep it open
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        reader = _Reader(connection)
        try:
            while True:
                line, *lines = reader.until(b"\r\n\r\n").split(b"\r\n")
                method, path, _ = line.decode().split(" ")
                assert path.startswith("/2018-06-01/runtime/")
                if method == "GET":
                    self._next(connection)
                else:
                    self._answer(reader, path.removeprefix("/2018-06-01/runtime/"), _headers(lines))
        except (EOFError, OSError):
            connection.close()

    def _next(self, connection: socket.socket) -> None:
        self.polled.release()
        while True:
            try:
                event = self._events.get(timeout=0.02)
            except queue.Empty:
                event = None
            else:
                if event is None:
                    raise EOFError
            if _gone(connection):  # the event is for its next connection
                if event:
                    self._events.put(event)
                raise EOFError
            if event:
                break
        head = "".join(f"{name}: {value}\r\n" for name, value in event.headers.items())
        length = f"Content-Length: {len(event.body)}\r\n"
        connection.sendall(f"HTTP/1.1 200 OK\r\n{head}{length}\r\n".encode() + event.body)

    def _answer(self, reader: _Reader, path: str, headers: dict[str, str]) -> None:
        trailers: dict[str, str] = {}
        if headers.get("transfer-encoding") == "chunked":
            body, trailers = reader.chunked()
        else:
            body = reader.exactly(int(headers["content-length"]))
        _, _, rest = path.partition("invocation/")
        request_id, _, kind = rest.partition("/")
        with_next = reader.buffer.startswith(b"GET ")
        if len(body) > self.max_body:
            reader.connection.sendall(
                b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            )
            raise EOFError
        self.answers.put(Answer(kind or path, request_id, headers, body, trailers, with_next))
        reader.connection.sendall(b'HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n')


class Client:
    """A runtime client at work on a handler."""

    def __init__(self, api: FakeRuntimeApi, process: subprocess.Popen[bytes]) -> None:
        self.api = api
        self.process = process
        assert process.stdout
        self._pipe = process.stdout.fileno()
        self._output: list[bytes] = []
        self._taking = threading.Lock()
        self._number = 0
        self._drain = threading.Thread(target=self._read, daemon=True)
        self._drain.start()

    def _read(self) -> None:
        while self._take():
            select.select([self._pipe], [], [])

    def _take(self) -> bool:
        """Take what stands in the pipe; False at its end."""
        with self._taking:
            while select.select([self._pipe], [], [], 0)[0]:
                data = os.read(self._pipe, 65536)
                if not data:
                    return False
                self._output.append(data)
        return True

    def invoke(self, event: object = None, **headers: str) -> Answer:
        """Send an event and wait for its answer; headers by name without prefix, `_` for `-`."""
        self.send(event, **headers)
        return self.answer()

    def send(self, event: object = None, **headers: str) -> None:
        self._number += 1
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        extra = {f"Lambda-Runtime-{name.replace('_', '-')}": value for name, value in headers.items()}
        basic = {
            "Lambda-Runtime-Aws-Request-Id": f"id-{self._number}",
            "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 3000),
            "Lambda-Runtime-Invoked-Function-Arn": ARN,
            "Content-Type": "application/json",
        }
        self.api.send(body, basic | extra)

    def answer(self) -> Answer:
        try:
            return self.api.answers.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise AssertionError(f"no answer; output so far: {self.output}") from None

    def exit_status(self) -> int:
        """Wait until it ends by itself."""
        return self.process.wait(PATIENCE_S)

    def stop(self) -> str:
        """End it as the engine does, by closing the connection, and give all it has printed."""
        self.api.close()
        try:
            self.process.wait(PATIENCE_S)
        finally:
            self.process.kill()
            self.process.wait()
        self._drain.join(PATIENCE_S)
        assert not self._drain.is_alive()
        return self.output

    @property
    def output(self) -> str:
        """All it has printed; line ends inside a record, which the engine unfolds, as carriage returns."""
        if self._drain.is_alive():
            self._take()
        return b"".join(self._output).replace(b"\xfe\xfe\n", b"\r").decode(errors="replace")


def environment(root: Path, handler: str, address: str, extra: Mapping[str, str]) -> dict[str, str]:
    """The documented variables of an environment, and nothing of this process's."""
    return {
        "AWS_LAMBDA_RUNTIME_API": address,
        "_HANDLER": handler,
        "LAMBDA_TASK_ROOT": str(root),
        "AWS_LAMBDA_FUNCTION_NAME": "hello",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/hello",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/21/[$LATEST]0123",
        "PATH": "/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        **extra,
    }


def write_files(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@contextmanager
def running(
    command: Sequence[str],
    root: Path,
    handler: str,
    extra: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> Iterator[Client]:
    """A client process on a handler; ended, whatever happens."""
    api = FakeRuntimeApi()
    process = subprocess.Popen(
        command,
        cwd=root,
        env=environment(root, handler, api.address, extra or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=pass_fds,
    )
    client = Client(api, process)
    try:
        yield client
    finally:
        client.stop()
        assert process.stdout
        process.stdout.close()


@contextmanager
def on_standby(
    command: Sequence[str],
    root: Path,
    handler: str,
    extra: Mapping[str, str] | None = None,
    before: Callable[[], None] = lambda: None,
) -> Iterator[Client]:
    """As `running`, but started with nothing and configured once it says that it is ready."""
    api = FakeRuntimeApi()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen(
            [*command, f"--standby={theirs.fileno()}"],
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        ours.settimeout(PATIENCE_S)
        assert ours.recv(64) == b"ready\n"
        before()
        env = environment(root, handler, api.address, extra or {})
        ours.sendall(json.dumps({"env": env, "cwd": str(root)}).encode() + b"\n")
        assert ours.recv(1) == b"", "it closes the descriptor before the handler runs"
    client = Client(api, process)
    try:
        yield client
    finally:
        client.stop()
        assert process.stdout
        process.stdout.close()


def matching(pattern: str, text: str) -> re.Match[str]:
    """The match, or a failure that shows the text."""
    found = re.search(pattern, text)
    assert found, f"{pattern!r} is not in {text!r}"
    return found
