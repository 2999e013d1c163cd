"""Event source mappings at work, and filters to be tried on records."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from lambdatui.model.polling import Blocked, Clause, SeenRecord, SourcesView, SourceWork, Verdict
from lambdatui.service.clean import clean
from lambdatui.service.inspection.asking import Asker, line, number

BACKLOG_S = 1.0
"""How often the sources are asked what waits in them: nobody is told when that changes."""


class Sources:
    """Looks at the mappings of an engine."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    async def view(self, *, since: str = "", wait_s: float = 0.0) -> SourcesView:
        """Every mapping; with ``since`` at the latest after a second, when what waits is asked for anew."""
        raw = await self._asker.get("sources", since=since.partition("~")[0], wait_s=min(wait_s, BACKLOG_S))
        waiting = crc32(repr([one.get("backlog") for one in raw.get("sources", ())]).encode())
        return SourcesView(
            stamp=f"{line(raw.get('stamp'))}~{waiting:x}",
            now=float(raw.get("now", 0)),
            sources=tuple(
                sorted(map(_source, raw.get("sources", ())), key=lambda one: (one.source, one.function))
            ),
        )

    async def records(self, id: str) -> list[SeenRecord]:  # noqa: A002 - Lambda's own name for it
        """Records of a mapping to try a filter on: those that block shards, then the newest."""
        raw = await self._asker.get("source-records", uuid=id)
        return [SeenRecord(line(one.get("state")), _laid_out(one["record"])) for one in raw["records"]]

    async def test(
        self, kind: str, record: Mapping[str, Any], patterns: Sequence[Mapping[str, Any]]
    ) -> Verdict:
        """What filters make of a record. Invalid when a pattern is none."""
        body = {"source": kind, "record": record, "patterns": list(patterns)}
        raw = await self._asker.ask("POST", "filter-test", body)
        return Verdict(
            bool(raw.get("accepted")),
            tuple(tuple(map(_clause, one.get("clauses", ()))) for one in raw.get("filters", ())),
        )


def _source(raw: Mapping[str, Any]) -> SourceWork:
    work: Mapping[str, Any] = raw.get("poller") or {}
    return SourceWork(
        id=line(raw["uuid"]),
        kind=line(raw.get("kind")),
        source=line(raw.get("source")),
        function=line(raw.get("function")),
        state=line(raw.get("state")),
        reason=line(raw.get("reason")),
        last_result=line(raw.get("last_result")),
        batch_size=raw.get("batch_size"),
        window_s=int(raw.get("window_s") or 0),
        filters=tuple(clean(str(one)) for one in raw.get("filters", ())),
        reading=raw.get("poller") is not None,
        backlog=raw.get("backlog"),
        in_flight=int(work.get("records_in_flight", 0)),
        batches=int(work.get("batches", 0)),
        failed_batches=int(work.get("failed_batches", 0)),
        polled=int(work.get("polled", 0)),
        filtered_out=int(work.get("filtered_out", 0)),
        last_error=line(work.get("last_error")),
        trouble=line(work.get("trouble")),
        iterator_age_ms=number(work.get("iterator_age_ms")),
        blocked=tuple(map(_blocked, work.get("stuck", ()))),
    )


def _blocked(raw: Mapping[str, Any]) -> Blocked:
    return Blocked(
        shard=line(raw.get("shard")),
        sequence=line(raw.get("sequence")),
        records=int(raw.get("records", 1)),
        tries=int(raw.get("tries", 1)),
        error=line(raw.get("error")),
    )


def _clause(raw: Mapping[str, Any]) -> Clause:
    return Clause(line(raw.get("path")), bool(raw.get("ok")), line(raw.get("sentence")))


def _laid_out(record: Any) -> str:
    return clean(json.dumps(record, indent=2, ensure_ascii=False))
