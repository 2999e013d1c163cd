"""From the bytes that a process writes to the events of its log stream."""

from __future__ import annotations

MAX_EVENT = 256 * 1024
"""Longer lines are cut into several events, as CloudWatch Logs would have them."""

FOLD = b"\xfe\xfe"
"""A line that ends in these bytes, which UTF-8 never has, goes on in the next: so tracebacks stay whole."""


class Splitter:
    """Cuts a stream of bytes into events, one for each line; holds back what is not complete."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[str]:
        """The events that these bytes complete, each with its newline; empty lines are none."""
        first, *others = data.split(b"\n")
        self._held += first
        events: list[str] = []
        if others:
            self._end_line(events)
            rest = others.pop()
            for line in others:
                if self._held or line.endswith(FOLD) or len(line) > MAX_EVENT:
                    self._held += line
                    self._end_line(events)
                elif line:
                    events.append(line.decode("utf-8", "replace") + "\n")
            self._held += rest
        while len(self._held) > MAX_EVENT:
            events.append(_text(self._held[:MAX_EVENT]))
            del self._held[:MAX_EVENT]
        return events

    @property
    def holds(self) -> bool:
        """There is a line whose end has not come."""
        return bool(self._held)

    def finish(self) -> list[str]:
        """A last line that came without its newline."""
        left, self._held = self._held, bytearray()
        return [_text(left)] if left else []

    def _end_line(self, events: list[str]) -> None:
        if self._held.endswith(FOLD):
            self._held[-len(FOLD) :] = b"\n"
            return
        while self._held:
            events.append(_text(self._held[:MAX_EVENT]))
            del self._held[:MAX_EVENT]


def _text(data: bytearray) -> str:
    text = data.decode("utf-8", "replace")
    return text if text.endswith("\n") else f"{text}\n"
