"""Events and deliveries to look at and to act upon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from lambdatui.engine.clock import Clock
from lambdatui.engine.endings import Ending
from lambdatui.engine.own.looking import changed
from lambdatui.engine.own.routes import Call, Refused, Routes
from lambdatui.engine.queue import EventQueue
from lambdatui.engine.retries import Policy
from lambdatui.engine.store import deliveries, events
from lambdatui.engine.store.deliveries import Delivery
from lambdatui.engine.store.events import EventRecord

LIMIT, MOST = 100, 1000
LONGEST_SETTLE_S = 300.0
LARGEST_EVENT = 1_048_576
METRICS = (
    "AsyncEventsReceived",
    "AsyncEventsDropped",
    "DestinationDeliveryFailures",
    "DeadLetterErrors",
)
Described = Callable[[EventRecord, int], dict[str, Any]]


async def list_events(call: Call) -> dict[str, Any]:
    queue = call.engine.queue
    settled = await queue.activity.quiet(call.number("settle_s", 0, LONGEST_SETTLE_S))
    stamp = await changed(call, lambda: _stamp(call))
    failed, after, limit = _page(call, "waiting", "failed", "done")
    function = call.query.get("function")
    described = describer(queue)
    if call.query.get("state") == "done":
        ended = [
            one
            for one in queue.endings.latest()
            if one.event.failed is None and function in (None, one.event.function)
        ]
        rows, following = [_over(described, one) for one in ended[:limit]], None
    else:
        found = await queue.database.scan(
            lambda conn: events.page(conn, failed=failed, function=function, after=after, limit=limit)
        )
        rows = [described(event, size) for event, size in found]
        following = found[-1][0].id if len(found) == limit else None
    return {
        "stamp": stamp,
        "depth": queue.depth,
        "running": sum(queue.running().values()),
        "settled": settled,
        "paused": queue.paused.names,
        "flow": _totals(queue),
        "clock": _time(queue.clock),
        "events": rows,
        "next": following,
    }


async def find_event(call: Call) -> dict[str, Any]:
    """The event of a request, wherever it is: 404 for one that is long over, or never was."""
    queue, request_id = call.engine.queue, call.query.get("request_id", "")
    await changed(call, lambda: _stamp(call))
    event = await queue.database.scan(lambda conn: events.find(conn, request_id))
    described = describer(queue)
    ending = queue.endings.get(request_id)
    if event is not None and event.failed is None:
        found = described(event, len(event.payload))
    elif ending is not None:
        found = _over(described, ending)
    elif event is not None:
        found = described(event, len(event.payload))
    else:
        raise Refused(404, f"No event of request {request_id} is known: it is long over, or never was.")
    return {"stamp": _stamp(call), "clock": _time(queue.clock), "event": found}


def _stamp(call: Call) -> str:
    """Differs when something in the queue or the clock's course may have changed."""
    queue, clock = call.engine.queue, call.engine.clock
    return f"{call.engine.started}/{queue.activity.changes}/{clock.mode}/{clock.describe()['offset_s']}"


def _time(clock: Clock) -> dict[str, Any]:
    return {"mode": clock.mode, "factor": clock.factor, "now": clock.now()}


def _totals(queue: EventQueue) -> dict[str, int]:
    """How many events are where. Kept up to date as they move: no backlog is counted."""
    running = sum(queue.running().values())
    totals = {metric: int(queue.metrics.grand_total(metric)) for metric in METRICS}
    return {
        "accepted": totals["AsyncEventsReceived"],
        "waiting": max(0, queue.depth - queue.retrying),
        "retrying": queue.retrying,
        "running": running,
        "done": queue.endings.count - totals["AsyncEventsDropped"],
        "failed": totals["AsyncEventsDropped"],
        "destination": queue.outbox.delivered["destination"],
        "dlq": queue.outbox.delivered["dlq"],
        "undelivered": totals["DestinationDeliveryFailures"] + totals["DeadLetterErrors"],
    }


def _over(described: Described, ending: Ending) -> dict[str, Any]:
    """An event whose row may be gone."""
    state = "failed" if ending.event.failed is not None else "done"
    found = described(ending.event, 0)
    return {**found, "state": state, "next_due": None, "ended": ending.at, "sent_to": ending.sent_to}


async def get_event(call: Call) -> dict[str, Any]:
    queue = call.engine.queue
    event = _event(call)
    return {
        **describer(queue)(event, len(event.payload)),
        "payload": event.payload.decode("utf-8", "replace"),
        "response": None if event.response is None else event.response.decode("utf-8", "replace"),
        "executed_version": event.executed_version,
    }


async def run_event(call: Call) -> dict[str, Any]:
    if _event(call).function in call.engine.queue.paused:
        raise Refused(409, "The events of this function are paused: resume them.")
    if not await call.engine.queue.run_now(call.id):
        raise Refused(409, "This event was given up: replay it.")
    return {}


async def replay_event(call: Call) -> dict[str, Any]:
    payload = None
    if "payload" in call.body:
        payload = orjson.dumps(call.body["payload"])
        if len(payload) > LARGEST_EVENT:
            raise Refused(400, f"An event holds {LARGEST_EVENT} bytes, this one has {len(payload)}.")
    accepted = await call.engine.queue.replay(call.id, payload)
    if accepted is None:
        raise _unknown("event", call.id)
    request_id, number = accepted
    return {"id": number, "request_id": request_id}


async def drop_event(call: Call) -> dict[str, Any]:
    event = _event(call)
    if call.engine.queue.runs(event):
        raise Refused(409, "This event runs: wait until the attempt is over.")
    if not await call.engine.queue.drop(call.id):
        raise _unknown("event", call.id)
    return {}


async def list_deliveries(call: Call) -> dict[str, Any]:
    queue = call.engine.queue
    failed, after, limit = _page(call, "waiting", "failed")
    found = await queue.database.scan(
        lambda conn: deliveries.page(conn, failed=failed, after=after, limit=limit)
    )
    return {
        "deliveries": [_delivery(one, size) for one, size in found],
        "next": found[-1][0].id if len(found) == limit else None,
    }


async def get_delivery(call: Call) -> dict[str, Any]:
    found = deliveries.get(call.engine.queue.database.read(), call.id)
    if found is None:
        raise _unknown("delivery", call.id)
    return {
        **_delivery(found, len(found.body)),
        "body": found.body.decode("utf-8", "replace"),
        "attributes": found.attributes,
    }


async def run_delivery(call: Call) -> dict[str, Any]:
    if not await call.engine.queue.outbox.retry(call.id):
        raise _unknown("delivery", call.id)
    return {}


async def drop_delivery(call: Call) -> dict[str, Any]:
    if not await call.engine.queue.outbox.drop(call.id):
        raise _unknown("delivery", call.id)
    return {}


async def flow(call: Call) -> dict[str, Any]:
    """How many events are where, function by function."""
    queue = call.engine.queue
    rows = await queue.database.scan(events.counts)
    sent = await queue.database.scan(deliveries.counts)
    running = queue.running()
    received = queue.metrics.functions()
    keys = sorted({*((row[0], row[1], row[2]) for row in (*rows, *sent)), *running, *received})
    waiting = {(row[0], row[1], row[2]): row[3:] for row in rows}
    outgoing = {(row[0], row[1], row[2], row[3]): (row[4], row[5]) for row in sent}
    shown_functions = []
    for key in keys:
        fresh, retrying, failed = waiting.get(key, (0, 0, 0))
        account, region, name = key
        shown_functions.append(
            {
                "account": account,
                "region": region,
                "function": name,
                "first_attempt": fresh,
                "another_attempt": retrying,
                "running": running.get(key, 0),
                "failed": failed,
                **{kind: _ways(outgoing.get((*key, kind), (0, 0))) for kind in ("destination", "dlq")},
                "totals": {metric: int(queue.metrics.total(key, metric)) for metric in METRICS},
            }
        )
    return {"depth": queue.depth, "next_due": queue.next_due(), "functions": shown_functions}


def describer(queue: EventQueue) -> Described:
    """Describes events of one answer: what their functions ask for is looked up once for all of them."""
    known: dict[tuple[object, ...], tuple[Policy, str | None]] = {}

    def described(event: EventRecord, size: int) -> dict[str, Any]:
        key = (event.key, event.qualifier, event.executed_version)
        if key not in known:
            known[key] = queue.policy(event), queue.dead_letters(event)
        return _described(queue, event, size, *known[key])

    return described


def _described(
    queue: EventQueue, event: EventRecord, size: int, policy: Policy, dead_letters: str | None
) -> dict[str, Any]:
    """One event, as a list shows it."""
    now = queue.clock.now()
    runs = queue.runs(event)
    state = "failed" if event.failed is not None else "running" if runs else "waiting"
    return {
        "id": event.id,
        "request_id": event.request_id,
        "account": event.account,
        "region": event.region,
        "function": event.function,
        "qualifier": event.qualifier,
        "state": state,
        "accepted": event.accepted,
        "age_s": now - event.accepted,
        "too_old_at": event.accepted + policy.age_s,
        "attempts": event.attempts,
        "of": policy.retries + 1,
        "postponements": event.postponements,
        "next_due": event.next_at if state == "waiting" else None,
        "last_error": event.history[-1]["error"] if event.history else None,
        "condition": event.condition,
        "failed": event.failed,
        "targets": {
            "on_success": policy.on_success,
            "on_failure": policy.on_failure,
            "dlq": dead_letters,
        },
        "history": event.history,
        "bytes": size,
    }


def _delivery(one: Delivery, size: int) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "target": one.target,
        "account": one.account,
        "region": one.region,
        "function": one.function,
        "request_id": one.request_id,
        "condition": one.condition,
        "state": "failed" if one.failed is not None else "waiting",
        "made": one.made,
        "deadline": one.deadline,
        "next_due": None if one.failed is not None else one.next_at,
        "tries": one.tries,
        "error": one.error,
        "bytes": size,
    }


def _ways(counts: tuple[int, int]) -> dict[str, int]:
    return {"waiting": counts[0], "failed": counts[1]}


def _page(call: Call, *states: str) -> tuple[bool, int, int]:
    state = call.query.get("state", states[0])
    if state not in states:
        raise Refused(400, f"state is {', '.join(states[:-1])} or {states[-1]}.")
    limit = max(1, int(call.number("limit", LIMIT, MOST)))
    return state == "failed", int(call.number("after", 0, 2**62)), limit


def _event(call: Call) -> EventRecord:
    event = events.get(call.engine.queue.database.read(), call.id)
    if event is None:
        raise _unknown("event", call.id)
    return event


def _unknown(what: str, number: int) -> Refused:
    return Refused(404, f"There is no {what} {number}: it is done, or never was.")


ROUTES: Routes = {
    ("GET", "queue"): list_events,
    ("GET", "event"): find_event,
    ("GET", "queue/*"): get_event,
    ("POST", "queue/*/run"): run_event,
    ("POST", "queue/*/replay"): replay_event,
    ("DELETE", "queue/*"): drop_event,
    ("GET", "deliveries"): list_deliveries,
    ("GET", "deliveries/*"): get_delivery,
    ("POST", "deliveries/*/run"): run_delivery,
    ("DELETE", "deliveries/*"): drop_delivery,
    ("GET", "flow"): flow,
}
