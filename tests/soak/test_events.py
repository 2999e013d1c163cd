"""Engines and handlers killed at random moments, between neighbours whose connections are cut at random.

What was answered with 202 has run, was retried as configured and ended where it should, at least once; a
stream's checkpoint never moves past a record that is not done; the order of FIFO groups never breaks.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import EngineProcess
from tests.soak.storm import RETRIES, Storm, given_up

SEED = int(os.environ.get("LAMBDATUI_SOAK_SEED", "1"))
Storms = Callable[[], Storm]


@pytest.fixture
def storm(fresh_engine: Callable[..., EngineProcess], tmp_path: Path) -> Iterator[Storm]:
    made = Storm(fresh_engine, tmp_path, SEED)
    try:
        yield made
    finally:
        made.close()


def survive(storm: Storm, rounds: int) -> None:
    for _ in range(rounds):
        storm.round()
    storm.drain(120 + 3 * rounds)
    print(f"{rounds} rounds: {storm.kills}, {storm.proxy.cuts} cuts, {len(storm.accepted)} events")
    _judge_events(storm)
    _judge_order(storm)
    _judge_stream(storm)
    _judge_messages(storm)


def _judge_events(storm: Storm) -> None:
    """Every event ran, and its end was told to its destination; what failed for good is in the DLQ too."""
    ran = {request_id for (request_id,) in storm.lines("events")}
    ends: dict[str, set[tuple[str, int]]] = {}
    for one in storm.neighbours.take(storm.ends):
        context = json.loads(one["Body"])["requestContext"]
        told = (context["condition"], context["approximateInvokeCount"])
        ends.setdefault(context["requestId"], set()).add(told)
    dead = {one["MessageAttributes"]["RequestID"]["StringValue"] for one in storm.neighbours.take(storm.dead)}
    assert len(storm.accepted) > 0
    for request_id, kind in storm.accepted.items():
        assert request_id in ran, kind
        assert ends.get(request_id), (request_id, kind, "reached no destination")
        conditions = {condition for condition, _ in ends[request_id]}
        assert len(conditions) == 1, (kind, ends[request_id])
        if "RetriesExhausted" in conditions:
            assert {count for _, count in ends[request_id]} == {RETRIES + 1}
            assert request_id in dead
            assert kind == "bad" or storm.kills["handler"], kind
        else:
            assert conditions == {"Success"}
            assert kind != "bad"


def _judge_order(storm: Storm) -> None:
    """Nothing of a group begins before all that came before it is done."""
    done: dict[str, int] = {}
    for what, group, number in storm.lines("fifo"):
        assert int(number) <= done.get(group, -1) + 1, (group, number, done)
        if what == "done":
            done[group] = max(done.get(group, -1), int(number))
    assert done == storm.sent["fifo"]


def _judge_stream(storm: Storm) -> None:
    """Every record was done, or a failure record tells of it; groups keep their order."""
    done = storm.done("stream")
    for name in storm.sequences:
        assert name in done or given_up(storm, name), name
    begun: dict[str, int] = {}
    for what, group, number in storm.lines("stream"):
        if what == "start":
            assert int(number) <= begun.get(group, -1) + 1, (group, number)
            begun[group] = max(begun.get(group, -1), int(number))


def _judge_messages(storm: Storm) -> None:
    """Every message was done, or lies in the queue's own dead-letter queue."""
    done = storm.done("plain")
    lost = {tuple(one["Body"].split()[1:3]) for one in storm.neighbours.take(storm.lost)}
    for group, last in storm.sent["plain"].items():
        for number in range(last + 1):
            assert {(group, str(number))} & (done | lost), (group, number)


def test_two_rounds(storm: Storm) -> None:
    survive(storm, 2)


@pytest.mark.slow
def test_two_hundred_rounds(storm: Storm) -> None:
    survive(storm, 200)
