"""The log stream of one environment: what its processes print, between the lines that Lambda writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from lambdatui.engine.environments.output import Output
from lambdatui.engine.environments.spec import RunSpec
from lambdatui.engine.logs.lines import Splitter

TAIL = 4096


class Lines(Protocol):
    """Where lines go."""

    @property
    def congested(self) -> bool: ...

    def when_relieved(self, call: Callable[[], None]) -> None: ...

    def line(self, account: str, region: str, group: str, stream: str, ts_ms: int, message: str) -> None: ...


class Transcript:
    """Writes one stream, and keeps the end of it for callers who asked for the tail."""

    def __init__(self, lines: Lines, spec: RunSpec, stream: str) -> None:
        self.stream = stream
        self._lines = lines
        self._spec = spec
        self._splitter = Splitter()
        self._output: Output | None = None
        self._tail: bytearray | None = None

    def listen(self, output: Output) -> None:
        """Take what a new process writes."""
        self._output = output
        output.listen(self._take)

    def hang_up(self) -> None:
        """Nothing that the process still writes is taken."""
        if self._output is not None:
            self._output.close()
            self._output = None
        self.flush_partial()

    def drain(self) -> None:
        """Take what the process has written so far."""
        if self._output is not None:
            self._output.drain()

    def flush_partial(self) -> None:
        """A last line without its newline is an event too."""
        if self._splitter.holds:
            self._put(self._splitter.finish())

    def begin(self, tail: bool) -> None:
        """An invocation starts: its tail, if it is wanted, starts too."""
        self._tail = bytearray() if tail else None

    def tail(self) -> bytes | None:
        """The last 4096 bytes since `begin`."""
        tail, self._tail = self._tail, None
        return bytes(tail[-TAIL:]) if tail is not None else None

    def write(self, *messages: str) -> None:
        """Lines of Lambda's own."""
        self._put(messages)

    def _take(self, data: bytes) -> None:
        self._put(self._splitter.feed(data))
        if self._lines.congested and self._output is not None:
            output = self._output
            output.pause()
            self._lines.when_relieved(output.resume)

    def _put(self, messages: Sequence[str]) -> None:
        if not messages:
            return
        now = int(time.time() * 1000)
        spec, line = self._spec, self._lines.line
        for message in messages:
            line(spec.account, spec.region, spec.log_group, self.stream, now, message)
            if self._tail is not None:
                self._tail += message.encode()
                if len(self._tail) > 4 * TAIL:
                    del self._tail[:-TAIL]
