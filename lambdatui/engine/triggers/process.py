"""The neighbour process from the engine's side: started, spoken to, ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lambdatui.engine.triggers.frames import LENGTH, Frame, length_of, pack, unpack
from lambdatui.engine.triggers.upstream import Endpoint

logger = logging.getLogger(__name__)

READY_WITHIN = 30.0
END_WITHIN = 3.0
TOKEN_HEADER = "X-Lambdatui-Neighbour"  # noqa: S105 - the name of a header
_PACKAGES = Path(__file__).parents[3]


class ChildProcess:
    """One life of the neighbours. It ends by itself when this end of its socket is gone, for any reason."""

    def __init__(self, hear: Callable[[Frame, ChildProcess], None]) -> None:
        self._hear = hear
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._port: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self, url: str, clock: Frame) -> Endpoint:
        """Where it answers; OSError or TimeoutError if it does not come up."""
        token = secrets.token_urlsafe(32)
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "lambdatui.engine.triggers.child", str(theirs.fileno())),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=_environment(),
            )
        reader, self._writer = await asyncio.open_unix_connection(sock=ours)
        self._reading = asyncio.create_task(self._read(reader))
        self.order({"start": {"token": token, "url": url}, "clock": clock})
        async with asyncio.timeout(READY_WITHIN):
            port = await self._port
        return Endpoint("127.0.0.1", port, headers=((TOKEN_HEADER, token),))

    def order(self, frame: Frame) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(pack(frame))

    def answer(self, asked: Frame, result: Any) -> None:
        self.order({"answer": asked["ask"], "result": result})

    def refuse(self, asked: Frame, code: str, message: str) -> None:
        self.order({"answer": asked["ask"], "error": {"code": code, "message": message}})

    async def ended(self) -> int:
        """Waits for its end; its exit code."""
        assert self._process is not None
        return await self._process.wait()

    async def close(self) -> None:
        """Ends it, by force if it takes its time."""
        if self._reading is not None:
            self._reading.cancel()
        if self._writer is not None:
            self._writer.close()
        if self._process is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_WITHIN):
                await self._process.wait()
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                head = await reader.readexactly(LENGTH.size)
                frame = unpack(await reader.readexactly(length_of(head)))
                if frame.get("kind") == "ready":
                    if not self._port.done():
                        self._port.set_result(int(frame["port"]))
                else:
                    self._hear(frame, self)
        except (asyncio.IncompleteReadError, OSError):
            if not self._port.done():
                self._port.set_exception(ConnectionResetError("it ended while it started"))


def _environment() -> dict[str, str]:
    """The user's, without what moto or a client of AWS would read: no key of theirs gets near it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    return kept | {
        "PYTHONPATH": str(_PACKAGES),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "MOTO_DISABLE_GLOBAL_CORS": "true",
    }
