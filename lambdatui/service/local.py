"""The local engine as a process: attach to the one that runs, or start one beside us."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lambdatui import address, paths
from lambdatui.address import Address
from lambdatui.service.clean import clean_line
from lambdatui.service.connection import Access, gone
from lambdatui.service.errors import EngineFailed

_DEMO = "lambdatui-demo-"
_FORGOTTEN_S = 600.0
LOG = "engine.log"  # what an engine that we started writes, in its data folder
_START_S = 20.0
_STOP_S = 5.0
_FOLDER_IN_USE = 3  # exit code: another engine was quicker
_LOG_BYTES = 1 << 20


class LocalEngine:
    """An engine found or started on a data folder."""

    def __init__(self, folder: Path, region: str, *, throw_away: bool) -> None:
        self.folder = folder
        self._region = region
        self._throw_away = throw_away
        self._process: subprocess.Popen[bytes] | None = None
        self._stamp: tuple[int, int] | None = None
        self._address: Address | None = None

    @classmethod
    async def open(
        cls, data_dir: Path | None, region: str, *, demo: bool, progress: Callable[[str], None]
    ) -> LocalEngine:
        """Attach to the engine of a data folder (the lasting one when none is named); start it if need be."""
        if demo:
            await asyncio.to_thread(_sweep)
            folder = Path(tempfile.mkdtemp(prefix=_DEMO))
        else:
            folder = (data_dir or paths.engine_dir()).absolute()
        engine = cls(folder, region, throw_away=demo)
        try:
            if await asyncio.to_thread(address.find, folder) is None:
                progress("starting the local engine")
                await engine._start()
            engine.access()
        except BaseException:
            await engine.close()
            raise
        return engine

    def access(self) -> Access:
        """How the engine is reached now; notices when another one took over the folder."""
        stamp = address.stamp(self.folder)
        if self._address is None or stamp != self._stamp:
            found = address.find(self.folder)
            if found is None:
                raise gone(f"the local engine on {self.folder}")
            self._address, self._stamp = found, stamp
        return Access(
            region=self._region,
            endpoint=self._address.url,
            keys=(self._address.access_key, self._address.secret_key),
        )

    @property
    def endpoint(self) -> str | None:
        """Where it listened when it was last reached."""
        return self._address.url if self._address is not None else None

    def stamp(self, database: str) -> object | None:
        """Differs from an earlier one when something was written to that database of the engine since;
        None when its files do not tell. Costs microseconds where asking the engine costs milliseconds."""
        try:
            written = [os.stat(self.folder / f"{database}.db{end}") for end in ("", "-wal")]
        except OSError:  # an engine that keeps everything in memory
            return None
        return tuple((file.st_ino, file.st_size, file.st_mtime_ns) for file in written)

    async def close(self) -> None:
        """Leave the engine alone: it ends with its last lease. A throw-away one ends now, with its folder."""
        if not self._throw_away:
            return
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.to_thread(self._process.wait, _STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                await asyncio.to_thread(self._process.wait)
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)

    async def _start(self) -> None:
        self._process = _spawn(self.folder, demo=self._throw_away)  # 2 ms; a thread could not be cancelled
        try:
            async with asyncio.timeout(_START_S):
                while address.find(self.folder) is None:
                    code = self._process.poll()
                    if code is not None and code != _FOLDER_IN_USE:
                        raise EngineFailed(
                            f"The local engine ended with code {code} as it started: {self._last_words()}"
                        )
                    await asyncio.sleep(0.02)
        except TimeoutError:
            self._process.terminate()
            raise EngineFailed(
                f"The local engine did not answer within {_START_S:.0f} s: {self._last_words()}"
            ) from None

    def _last_words(self) -> str:
        """The last line that the engine wrote, and where the others are."""
        log = self.folder / LOG
        try:
            lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            lines = []
        last = next((line for line in reversed(lines) if line.strip()), "it said nothing")
        return f"{clean_line(last.strip())} (all of it is in {log})"


def _sweep() -> None:
    """Throw away what demos left behind that were killed: our folders, without an engine for a while."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_DEMO}*"):
        try:
            status = folder.lstat()
        except OSError:
            continue
        ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
        if ours and time.time() - status.st_mtime > _FORGOTTEN_S and address.find(folder) is None:
            shutil.rmtree(folder, ignore_errors=True)


def _spawn(folder: Path, *, demo: bool) -> subprocess.Popen[bytes]:
    """Start an engine that outlives us and stops by itself when nobody holds a lease any more."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        log = folder / LOG
        mode = os.O_TRUNC if log.exists() and log.stat().st_size > _LOG_BYTES else os.O_APPEND
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | mode, 0o600)
    except OSError as error:
        raise EngineFailed(
            f"The data folder {folder} cannot be used: {error.strerror}. Name another with --data-dir."
        ) from None
    command = [sys.executable, "-m", "lambdatui", "engine", "--port", "0", "--lease"]
    command += ["--data-dir", str(folder), *(["--demo"] if demo else [])]
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
            cwd="/",
        )
    finally:
        os.close(descriptor)
