"""How a log reads: Lambda's own lines become the opening and closing signs of a run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from enum import Enum

from lambdatui.dashboard.widgets.figures import duration_text
from lambdatui.dashboard.widgets.signs import SIGNS
from lambdatui.dashboard.widgets.spans import Span, clip, plain
from lambdatui.model import LogEvent, LogKind, Report

_TONES = {"TRACE": "debug", "DEBUG": "debug", "WARN": "warning", "ERROR": "error", "FATAL": "error"}
_LOGGED = re.compile(r"\[(\w+)\]\t\S+Z\t\S+\t")
"""What Python's runtime puts before a logged line: level, time and request, all shown otherwise."""

_MESSAGES = ("message", "msg")
_SHOWN_OTHERWISE = {"level", "timestamp", "time", "requestId", "function_request_id", "AWSRequestId"}
"""What a line logged as JSON calls its text, and what of it stands elsewhere in the line or the log."""

LEVELS = ("", "INFO", "WARN", "ERROR")
"""The least level to show, one after the other; empty: all."""
_RANKS = {"TRACE": 0, "DEBUG": 1, "": 2, "INFO": 2, "WARN": 3, "ERROR": 4, "FATAL": 5}

_RAISED = ("[ERROR] ", "ERROR\tInvoke Error", "[ERROR]\tInvoke Error")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log as it is drawn."""

    timestamp_ms: int
    spans: tuple[Span, ...]  # none where all of it has one tone: there are 200,000 lines
    text: str
    request_id: str = ""
    failed: bool = False
    ends: bool = False  # the closing line of a run
    tone: str = ""
    function: str = ""  # whose line it is, where the log is that of several


class Reader:
    """Turns events into lines; remembers which run each stream is in."""

    def __init__(self, *, raw: bool = False, least: str = "", function: str = "") -> None:
        """``least``: the function's own lines of a lower level are left out; one without a level is INFO.
        ``function`` is written on the lines, where the log is that of several."""
        self.function = function
        self.raw = raw
        self.least = least
        self._rank = _RANKS[least] if least else 0
        self._running: dict[str, str] = {}  # stream -> request
        self._cold: set[str] = set()  # streams that are starting
        self._failed: set[str] = set()  # requests that ended badly

    def lines(self, events: Iterable[LogEvent]) -> Iterator[Line]:
        """The lines of these events."""
        if not self.function:
            return self._lines(events)
        return (replace(line, function=self.function) for line in self._lines(events))

    def _lines(self, events: Iterable[LogEvent]) -> Iterator[Line]:
        for event in events:
            if self._rank and event.kind is LogKind.OUTPUT and _RANKS.get(event.level, 2) < self._rank:
                continue
            if self.raw:
                yield from _split(event, event.message, _TONES.get(event.level, ""))
            else:
                yield from self._drawn(event)

    def _drawn(self, event: LogEvent) -> Iterator[Line]:
        if event.kind is LogKind.OUTPUT:
            yield from self._output(event)
        elif event.kind is LogKind.INIT_START:
            self._cold.add(event.stream)
            yield _line(event, [(f"{SIGNS.init} ", "platform"), ("a new environment starts", "platform")])
        elif event.kind is LogKind.INIT_REPORT:
            said = "  ".join(event.message.split("\t")).strip()
            yield _line(event, [(f"{SIGNS.failed} ", "fail"), (said, "fail")], failed=True)
        elif event.kind is LogKind.START:
            self._running[event.stream] = event.request_id
            yield self._start(event)
        elif event.kind is LogKind.REPORT and event.report is not None:
            self._running.pop(event.stream, None)
            yield self._end(event, event.report)

    def _output(self, event: LogEvent) -> Iterator[Line]:
        request = event.request_id or self._running.get(event.stream, "")
        if event.message.startswith(_RAISED):
            self._failed.add(request)
        tone = _TONES.get(event.level, "")
        if event.message.startswith("{") and (line := _structured(event, request)):
            yield line
            return
        logged = _LOGGED.match(event.message)
        text = f"{logged[1]:<5} {event.message[logged.end() :]}" if logged else event.message
        yield from _split(event, text, tone, request=request, indent="  ")

    def _start(self, event: LogEvent) -> Line:
        warmth = "cold" if event.stream in self._cold else "warm"
        self._cold.discard(event.stream)
        return _line(
            event,
            [
                (f"{SIGNS.run_start} ", "accent"),
                (event.request_id[:4], "strong"),
                (f"  version {event.version or '?'}  {warmth}", "platform"),
            ],
        )

    def _end(self, event: LogEvent, report: Report) -> Line:
        failed = bool(report.status) or event.request_id in self._failed
        self._failed.discard(event.request_id)
        tone = "fail" if failed else "platform"
        spans: list[Span] = [
            (f"{SIGNS.run_end} ", "fail" if failed else "accent"),
            (event.request_id[:4], "fail strong" if failed else "strong"),
            (f"  {figures(report)}", tone),
        ]
        if report.init_ms is not None:
            spans.append((f"  {SIGNS.init} init {duration_text(report.init_ms)}", "wait"))
        if failed:
            spans.append((f"  {SIGNS.failed} {report.status or 'error'}", "fail strong"))
        return _line(event, spans, failed=failed, ends=True)


def figures(report: Report) -> str:
    """``12 ms  billed 13 ms  41/256 MB``."""
    memory = f"{report.max_memory_mb}/{report.memory_mb} MB"
    return f"{duration_text(report.duration_ms)}  billed {duration_text(report.billed_ms)}  {memory}"


def _structured(event: LogEvent, request: str) -> Line | None:
    """A line that was logged as JSON with a message: level, message, then what else it says."""
    try:
        said = json.loads(event.message)
    except (ValueError, RecursionError):
        return None
    word = next((name for name in _MESSAGES if isinstance(said.get(name), str)), None)
    if word is None:
        return None
    tone = _TONES.get(event.level, "")
    message = said[word].replace("\n", " ").replace("\t", "  ")
    more = "".join(
        f"  {name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in said.items()
        if name != word and name not in _SHOWN_OTHERWISE
    ).replace("\n", " ")
    level = f"{event.level:<5} " if event.level else ""
    spans: list[Span] = [(f"  {level}{message}", tone), (more, "muted")]
    return Line(event.timestamp_ms, tuple(spans), plain(spans), request, tone == "error")


def _line(event: LogEvent, spans: list[Span], *, failed: bool = False, ends: bool = False) -> Line:
    return Line(event.timestamp_ms, tuple(spans), plain(spans), event.request_id, failed, ends)


def _split(event: LogEvent, text: str, tone: str, *, request: str = "", indent: str = "") -> Iterator[Line]:
    """A message of several lines, line by line."""
    for part in text.rstrip("\n").split("\n"):
        shown = indent + part.replace("\t", "  ").rstrip()
        owner = request or event.request_id
        yield Line(event.timestamp_ms, (), shown, owner, failed=tone == "error", tone=tone)


MOST_NAME = 14
"""Columns that the name of a function may take before a line."""


class Times(Enum):
    """How times are written: the format, and the columns it takes."""

    CLOCK = "%H:%M:%S", 14
    DATE = "%Y-%m-%d %H:%M:%S", 25
    UTC = "%Y-%m-%dT%H:%M:%S", 26

    @property
    def next(self) -> Times:
        """The one after it."""
        ways = list(Times)
        return ways[(ways.index(self) + 1) % len(ways)]


class Renderer:
    """Draws lines with their time before them."""

    def __init__(self, times: Times = Times.CLOCK, tones: Mapping[str, str] | None = None) -> None:
        """``tones``: where the log is that of several functions, the tone in which each is named."""
        self.times = times
        self.tones = tones or {}
        self._format, self.indent = times.value
        width = min(max(map(len, self.tones), default=0), MOST_NAME)
        self._names: dict[str, Span] = {
            name: (f"{clip(name, width, middle=True, mark=SIGNS.ellipsis):<{width}}  ", tone)
            for name, tone in self.tones.items()
        }
        self.indent += width + 2 if self._names else 0
        self._zone: tzinfo | None = UTC if times is Times.UTC else None
        self._mark = "Z" if times is Times.UTC else ""
        self._second = -1
        self._clock = ""

    def prefix(self, item: Line) -> list[Span]:
        """Down to milliseconds, in the zone of the reader or in UTC."""
        second, ms = divmod(item.timestamp_ms, 1000)
        if second != self._second:
            self._second = second
            self._clock = datetime.fromtimestamp(second, self._zone).strftime(self._format)
        prefix: list[Span] = [(f"{self._clock}.{ms:03d}{self._mark}  ", "time")]
        if item.function in self._names:
            prefix.append(self._names[item.function])
        return prefix

    def spans(self, item: Line) -> list[Span]:
        """The line in colours."""
        return list(item.spans) or [(item.text, item.tone)]

    def text(self, item: Line) -> str:
        """The line without colours."""
        return item.text

    def is_error(self, item: Line) -> bool:
        """Whether a jump to errors stops here."""
        return item.failed
