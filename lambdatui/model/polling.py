"""Event source mappings at work, as a local engine tells of them, and what a filter makes of a record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Blocked:
    """A batch that failed and is tried again, while everything behind it in its shard waits."""

    shard: str
    sequence: str
    """Of its first record."""
    records: int
    tries: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class SourceWork:
    """One mapping: what it is, and what its poller did since it was enabled."""

    id: str
    kind: str
    """sqs, kinesis, dynamodb, kafka, …: whose records its filters see."""
    source: str
    """ARN, or topics of brokers of one's own."""
    function: str
    """ARN of what is invoked."""
    state: str
    reason: str = ""
    last_result: str = ""
    batch_size: int | None = None
    window_s: int = 0
    filters: tuple[str, ...] = ()
    """The patterns, as JSON."""
    reading: bool = False
    """Whether a poller is at work; without one nothing below is known."""
    backlog: int | None = None
    """How much waits in the source; None: it does not say."""
    in_flight: int = 0
    """Records that run now."""
    batches: int = 0
    failed_batches: int = 0
    polled: int = 0
    filtered_out: int = 0
    last_error: str = ""
    trouble: str = ""
    """Why nothing can be read now."""
    iterator_age_ms: float | None = None
    blocked: tuple[Blocked, ...] = ()

    @property
    def enabled(self) -> bool:
        """Whether it fetches, or is about to."""
        return self.state in ("Enabled", "Enabling", "Creating", "Updating")


@dataclass(frozen=True, slots=True)
class SourcesView:
    """All mappings of an engine."""

    stamp: str
    now: float
    sources: tuple[SourceWork, ...]


@dataclass(frozen=True, slots=True)
class SeenRecord:
    """A record to try a filter on."""

    state: str
    """stuck, passed, filtered out"""
    text: str
    """The record as functions get it, as JSON."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of a pattern."""

    path: str
    ok: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the filters of a mapping make of a record: it passes when any of them holds, or there is none."""

    accepted: bool
    filters: tuple[tuple[Clause, ...], ...] = ()
