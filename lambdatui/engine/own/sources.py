"""Event source mappings at work, and why a filter lets a record pass or not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lambdatui.engine.own.looking import changed
from lambdatui.engine.own.routes import Call, Refused, Routes
from lambdatui.patterns import Filters, InvalidPattern, Source


async def list_sources(call: Call) -> dict[str, Any]:
    stamp = await changed(call, call.engine.sources.stamp)
    found = await call.engine.sources.describe()
    uuid, function = call.query.get("uuid"), call.query.get("function")
    if uuid is not None:
        found = [one for one in found if one["uuid"] == uuid]
    if function is not None:
        found = [one for one in found if one["function"].split(":")[6] == function]
    return {"stamp": stamp, "now": call.engine.clock.now(), "sources": found}


async def list_records(call: Call) -> dict[str, Any]:
    """Records to try a filter on: those that block their shards, then what was read last."""
    poller = call.engine.sources.poller(call.query.get("uuid", ""))
    if poller is None:
        raise Refused(404, "Nothing is read for this mapping now: it is not enabled, or is gone.")
    accepts = poller.mapping.filters.accepts
    stuck = [{"state": "stuck", "record": one.record} for one in poller.stuck.values()]
    seen = [
        {"state": "passed" if accepts(record) else "filtered out", "record": record}
        for record in reversed(poller.seen)
    ]
    return {"records": [*stuck, *seen]}


async def filter_test(call: Call) -> dict[str, Any]:
    """One answer for every pattern; the record passes when any of them holds, or when there is none."""
    unknown = sorted(call.body.keys() - {"source", "record", "patterns"})
    if unknown:
        raise Refused(400, f"{unknown[0]} means nothing here: say source, record and patterns.")
    record, patterns = call.body.get("record"), call.body.get("patterns")
    if not isinstance(record, dict) or not isinstance(patterns, list):
        raise Refused(400, "record is an object and patterns is an array.")
    try:
        source = Source(call.body.get("source", ""))
    except ValueError:
        raise Refused(400, f"source is one of {', '.join(Source)}.") from None
    if not all(isinstance(one, str | dict) for one in patterns):
        raise Refused(400, "A pattern is an object, or its JSON text.")
    try:
        filters = Filters(source, patterns)
    except InvalidPattern as error:
        raise Refused(400, f"Invalid filter pattern definition. {error}") from None
    told = filters.explain(record)
    return {
        "accepted": filters.accepts(record),
        "filters": [
            {"ok": match.ok, "clauses": [asdict(clause) for clause in match.clauses]} for match in told
        ],
    }


ROUTES: Routes = {
    ("GET", "sources"): list_sources,
    ("GET", "source-records"): list_records,
    ("POST", "filter-test"): filter_test,
}
