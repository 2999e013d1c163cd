"""Event sources that a test moves by hand. Filters are tried by lambdatui's own patterns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lambdatui.model.polling import Blocked, Clause, SeenRecord, SourcesView, SourceWork, Verdict
from lambdatui.patterns import Filters, InvalidPattern, Source
from lambdatui.service.errors import Invalid, NotFound
from tests.dashboard.fake_account import ACCOUNT, NOW, REGION, Gates
from tests.dashboard.inspect.watched import Watched

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
WORK = (
    SourceWork(
        "11111111-0000-4000-8000-000000000001",
        "sqs",
        f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders",
        f"{FUNCTION}checkout:prod",
        "Enabled",
        batch_size=10,
        filters=('{"body":{"kind":["order"]}}',),
        reading=True,
        backlog=1204,
        in_flight=20,
        batches=311,
        polled=3120,
        filtered_out=14,
    ),
    SourceWork(
        "11111111-0000-4000-8000-000000000002",
        "kinesis",
        f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks",
        f"{FUNCTION}invoice",
        "Enabled",
        last_result="PROBLEM: Function call failed",
        batch_size=100,
        window_s=5,
        reading=True,
        backlog=42,
        batches=17,
        failed_batches=6,
        polled=59,
        last_error="Function call failed: ValueError",
        iterator_age_ms=93_000,
        blocked=(
            Blocked(
                "shardId-000000000001",
                "49590797375347077386837958937174230429688155151746834390",
                3,
                6,
                "Function call failed: ValueError",
            ),
        ),
    ),
    SourceWork(
        "11111111-0000-4000-8000-000000000003",
        "dynamodb",
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/stock/stream/2026-11-21T00:00:00.000",
        f"{FUNCTION}payments",
        "Disabled",
        reason="USER_INITIATED",
        batch_size=100,
    ),
)


def message(**body: Any) -> str:
    return json.dumps({"messageId": "m-1", "body": json.dumps(body), "eventSource": "aws:sqs"}, indent=2)


class FakeSourceWork(Watched):
    def __init__(self, gates: Gates) -> None:
        super().__init__(gates)
        self.work = list(WORK)
        self.read = [
            SeenRecord("filtered out", message(kind="tea", cups=2)),
            SeenRecord("passed", message(kind="order", total=18)),
        ]

    async def view(self, *, since: str = "", wait_s: float = 0.0) -> SourcesView:
        return SourcesView(await self.until(since), NOW.timestamp(), tuple(self.work))

    async def records(self, id: str) -> list[SeenRecord]:  # noqa: A002
        await self.gates.pass_through("records", id)
        if not next(one for one in self.work if one.id == id).reading:
            raise NotFound("Nothing is read for this mapping now.")
        return self.read

    async def test(
        self, kind: str, record: Mapping[str, Any], patterns: Sequence[Mapping[str, Any]]
    ) -> Verdict:
        await self.gates.pass_through("test", kind)
        try:
            filters = Filters(Source(kind), patterns)
        except InvalidPattern as error:
            raise Invalid(f"Invalid filter pattern definition. {error}") from None
        told = (
            tuple(Clause(clause.path, clause.ok, clause.sentence) for clause in match.clauses)
            for match in filters.explain(record)
        )
        return Verdict(filters.accepts(record), tuple(told))
