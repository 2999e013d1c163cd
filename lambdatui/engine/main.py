"""Starts and stops the engine: one per data folder, found by its address file."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import fcntl
import gc
import json
import logging
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from lambdatui import paths
from lambdatui.engine.credentials import write_private
from lambdatui.engine.engine import Engine
from lambdatui.engine.settings import EngineOptions, version
from lambdatui.engine.store import StoreUnavailable

logger = logging.getLogger(__name__)

CLEAN, UNEXPECTED, FOLDER_IN_USE, PORT_BUSY, NOT_WRITABLE = 0, 1, 3, 4, 5
ADDRESS = "engine.json"
STOP_WITHIN = 15.0  # seconds after which a stop no longer waits for anything
# Bytes of addresses: the check of an event's JSON takes twelve times its size, and fills little.
KEPT = 128 << 20
KEPT_AT_LEAST = 32 << 20  # what C libraries before 2.35 allow
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_FULL = {os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT)}
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Refusal(Exception):  # noqa: N818 - not a defect: a start that cannot be
    """Why the engine does not start, as one sentence, and the exit code that says so."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def main(options: EngineOptions) -> int:
    """Runs the engine until it is told to stop; returns its exit code."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    try:
        with _data_folder(options) as folder, _locked(folder):
            return _run(options, folder)
    except Refusal as refusal:
        print(f"lambdatui engine: {refusal}", file=sys.stderr)
        return refusal.code
    except KeyboardInterrupt:
        return CLEAN
    except Exception:
        logger.exception("the engine ended unexpectedly")
        return UNEXPECTED


def _run(options: EngineOptions, folder: Path) -> int:
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        return runner.run(_serve(options, folder))


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:  # not on every platform
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


async def _serve(options: EngineOptions, folder: Path) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    with _refusing(folder):
        engine = Engine(options, folder)
    try:
        await _listen(engine, options)
        with _refusing(folder):
            await engine.start()
            _announce(engine)
        _spare_the_collector()
        _keep_pages()
        _say_ready(engine.url)
        await _until_over(engine, stop)
    finally:
        (folder / ADDRESS).unlink(missing_ok=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_WITHIN):
                await engine.close()
    return CLEAN


def _spare_the_collector() -> None:
    """What was made so far stays: looking through it again and again for garbage would cost every call."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _keep_pages() -> None:
    """The memory of one large event is kept for the next: to get it anew from the kernel, page by page, takes
    longer than all that is done with the event."""
    with contextlib.suppress(AttributeError, OSError):  # this allocator is the C library's of GNU
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, KEPT) or library.mallopt(_MMAP_THRESHOLD, KEPT_AT_LEAST)
        library.mallopt(_TRIM_THRESHOLD, KEPT)


async def _listen(engine: Engine, options: EngineOptions) -> None:
    try:
        await engine.listen()
    except OSError as error:
        raise _port_refusal("--port", options.port, error) from error
    wanted = options.url_port
    if wanted is None:  # a known place for those who have one, any free one for those who do not
        await engine.front.listen(options.port and engine.port % 65535 + 1, or_any=True)
        return
    try:
        await engine.front.listen(wanted, or_any=False)
    except OSError as error:
        raise _port_refusal("--url-port", wanted, error) from error


async def _until_over(engine: Engine, stop: asyncio.Event) -> None:
    if not engine.settings.lease:
        await stop.wait()
        return
    while not stop.is_set() and not (engine.leases.over and engine.idle):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1.0)


@contextlib.contextmanager
def _data_folder(options: EngineOptions) -> Iterator[Path]:
    """The engine's folder, which only the user may enter; a throw-away one goes with the engine."""
    if options.memory:
        folder = Path(tempfile.mkdtemp(prefix="lambdatui-engine-"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return
    folder = (options.data_dir or paths.engine_dir()).expanduser().absolute()
    with _refusing(folder):
        _make_private(folder)
    yield folder


def _make_private(folder: Path) -> None:
    """Shuts the folder to others, but only one that is the engine's own: never somebody's ``/tmp``."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = (folder / "engine.lock").exists() or not any(folder.iterdir())
    if own:
        folder.chmod(0o700)
    elif folder.stat().st_mode & 0o077:
        text = f"{folder} holds other things and others may enter it: name a folder of its own as --data-dir."
        raise Refusal(NOT_WRITABLE, text)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One engine per folder. The lock goes with the process, however it ends."""
    path = folder / "engine.lock"
    with _refusing(folder):
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _take(lock, folder / ADDRESS):
            holder = os.read(lock, 32).decode("ascii", "replace").strip() or "unknown"
            text = f"{folder} is in use by another engine (process {holder})."
            raise Refusal(FOLDER_IN_USE, f"{text} Stop that one, or name another --data-dir.")
        with _refusing(folder):
            os.ftruncate(lock, 0)
            os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(lock)


def _take(lock: int, address: Path) -> bool:
    """Takes the lock. A first refusal is not the last word: clients look at the lock for a moment, and an
    engine that has no address any more is about to end."""
    started = time.monotonic()
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        waited = time.monotonic() - started
        if waited > STOP_WITHIN or (waited > 0.1 and address.exists()):
            return False
        time.sleep(0.02)


def _announce(engine: Engine) -> None:
    """Writes the address file, by which clients find the engine while it answers."""
    options = engine.settings
    address = {
        "pid": os.getpid(),
        "url": engine.url,
        "port": engine.port,
        "url_port": engine.front.port,
        "started": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "version": version(),
        "unsigned": options.unsigned,
        "demo": options.demo,
    }
    write_private(engine.folder / ADDRESS, json.dumps(address))


@contextlib.contextmanager
def _refusing(folder: Path) -> Iterator[None]:
    """Turns what the file system says into one sentence."""
    try:
        yield
    except StoreUnavailable as error:
        raise Refusal(NOT_WRITABLE, str(error)) from error
    except OSError as error:
        reason = _reason(error)
        if reason in _FULL:
            text = f"The disk is full: free some space for {folder} and start again."
        else:
            text = f"{folder} cannot be written ({reason.lower()})."
        raise Refusal(NOT_WRITABLE, text) from error


def _reason(error: OSError) -> str:
    """Why, in the system's words; a copy of many files that failed says why for its first one."""
    if isinstance(error, shutil.Error) and isinstance(error.args[0], list):
        _source, _target, why = error.args[0][0]
        return re.sub(r"^\[Errno \d+\] ([^:]*).*", r"\1", str(why), flags=re.DOTALL)
    return error.strerror or str(error)


def _port_refusal(option: str, port: int, error: OSError) -> Refusal:
    if error.errno == errno.EADDRINUSE:
        text = f"Port {port} is in use by another program. Choose another with {option} (0: any free one)."
    else:
        text = f"Port {port} cannot be opened ({(error.strerror or str(error)).lower()})."
    return Refusal(PORT_BUSY, text)


def _say_ready(url: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # nobody listens: no reason not to run
        print(f"lambdatui engine ready at {url}", flush=True)
