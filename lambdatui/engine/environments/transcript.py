"""The log stream of one environment: what its processes print, between the lines that Lambda writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Protocol

from lambdatui.engine.environments.output import Output
from lambdatui.engine.environments.spec import RunSpec
from lambdatui.engine.logs import levels
from lambdatui.engine.logs.lines import Splitter

TAIL = 4096
FUNCTION, EXTENSION = "function", "extension"

Place = tuple[str, str, str, str]
"""Account, region, group, stream."""

Hearer = Callable[[str, str], None]
"""Takes who speaks, function or extension, and the line."""


class Lines(Protocol):
    """Where lines go."""

    @property
    def congested(self) -> bool: ...

    def when_relieved(self, call: Callable[[], None]) -> None: ...

    def take(self, place: Place, ts_ms: int, messages: Iterable[str]) -> None: ...


class Voice:
    """One process that writes into the stream."""

    __slots__ = ("_output", "_splitter", "_take", "kind")

    def __init__(self, kind: str, output: Output, take: Callable[[Voice, list[str]], None]) -> None:
        self.kind = kind
        self._output = output
        self._splitter = Splitter()
        self._take = take
        output.listen(self._heard)

    def drain(self) -> None:
        """Take what it has written so far."""
        self._output.drain()

    def flush(self) -> None:
        """A last line without its newline is an event too."""
        if self._splitter.holds:
            self._take(self, self._splitter.finish())

    def pause(self) -> None:
        """Let it wait."""
        self._output.pause()

    def resume(self) -> None:
        """Read on."""
        self._output.resume()

    def close(self) -> None:
        """Nothing that it still writes is taken."""
        self._output.close()
        self.flush()

    def _heard(self, data: bytes) -> None:
        self._take(self, self._splitter.feed(data))


class Transcript:
    """Writes one stream, and keeps the end of it for callers who asked for the tail."""

    def __init__(self, lines: Lines, spec: RunSpec, stream: str) -> None:
        self.stream = stream
        self.hearer: Hearer | None = None
        """Who else wants the lines of processes."""
        self._lines = lines
        self._place = (spec.account, spec.region, spec.log_group, stream)
        self._floor = levels.rank(spec.log_level) if spec.log_json else 0
        self._voices: list[Voice] = []
        self._tail: bytearray | None = None

    def listen(self, output: Output, kind: str = FUNCTION) -> None:
        """Take what a new process writes."""
        self._voices.append(Voice(kind, output, self._take))

    def hang_up(self) -> None:
        """Nothing that the processes still write is taken."""
        voices, self._voices = self._voices, []
        for voice in voices:
            voice.close()

    def drain(self) -> None:
        """Take what the processes have written so far."""
        for voice in self._voices:
            voice.drain()

    def catch_up(self) -> None:
        """Take what the processes have written so far; a last line without its newline is an event too."""
        for voice in self._voices:
            voice.drain()
            voice.flush()

    def begin(self, tail: bool) -> None:
        """An invocation starts: its tail, if it is wanted, starts too."""
        self._tail = bytearray() if tail else None

    def tail(self) -> bytes | None:
        """The last 4096 bytes since `begin`."""
        tail, self._tail = self._tail, None
        return bytes(tail[-TAIL:]) if tail is not None else None

    def write(self, *messages: str) -> None:
        """Whole lines; what is empty is none."""
        self._lines.take(self._place, int(time.time() * 1000), messages)
        if self._tail is not None:
            self._tail += "".join(messages).encode()
            if len(self._tail) > 4 * TAIL:
                del self._tail[:-TAIL]

    def _take(self, voice: Voice, messages: list[str]) -> None:
        if not messages:
            return
        if self.hearer is not None:
            for message in messages:
                self.hearer(voice.kind, message)
        if self._floor and voice.kind == FUNCTION:
            messages = [message for message in messages if levels.rank_of(message) >= self._floor]
        self.write(*messages)
        if self._lines.congested:
            voice.pause()
            self._lines.when_relieved(voice.resume)
