"""What the processes of an environment write, read from their common pipe."""

from __future__ import annotations

import asyncio
import os
import select
from collections.abc import Callable

CHUNK = 64 * 1024
PIPE_READS = 4  # a pipe holds 64 KB; a few more reads for pieces that were written one by one


class Output:
    """The pipe behind stdout and stderr. One pipe for both keeps their order."""

    __slots__ = ("_loop", "_poll", "_reading", "_take", "_writing")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._take: Callable[[bytes], None] | None = None
        reading, self._writing = os.pipe()
        os.set_blocking(reading, False)
        self._reading: int | None = reading
        self._poll = select.poll()
        self._poll.register(reading, select.POLLIN)

    def listen(self, take: Callable[[bytes], None]) -> None:
        """Begin to read."""
        self._take = take
        self.resume()

    @property
    def writing(self) -> int:
        """The end that a process gets."""
        return self._writing

    def started(self) -> None:
        """The process has its copy of the writing end; drop ours, so that its end is seen."""
        os.close(self._writing)

    def drain(self) -> None:
        """Take what has been written up to now: it fits the pipe, whoever still writes behind it."""
        for _ in range(PIPE_READS):
            # Mostly there is nothing: to ask costs less than the exception of a read.
            if self._reading is None or not self._poll.poll(0) or not self._read():
                return

    def pause(self) -> None:
        """Let the writer wait."""
        if self._reading is not None:
            self._loop.remove_reader(self._reading)

    def resume(self) -> None:
        """Read on."""
        if self._reading is not None:
            self._loop.add_reader(self._reading, self._readable)

    def close(self) -> None:
        """Stop listening, whoever still writes."""
        if self._reading is not None:
            self._loop.remove_reader(self._reading)
            os.close(self._reading)
            self._reading = None

    def _readable(self) -> None:
        self._read()

    def _read(self) -> bool:
        if self._reading is None or self._take is None:
            return False
        try:
            data = os.read(self._reading, CHUNK)
        except (BlockingIOError, InterruptedError):
            return False
        if not data:
            self.close()
            return False
        self._take(data)
        return True
