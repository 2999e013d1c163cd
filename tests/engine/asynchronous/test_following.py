"""One event after its 202: found by its request id, heard of when it changes, told of when it is over."""

from __future__ import annotations

import threading
import time

from tests.engine.asynchronous.sending import Async


def test_an_event_is_followed_from_waiting_to_done(world: Async) -> None:
    name = world.deploy()
    request_id = world.send(name, fail="no stock")
    world.own.settle()
    found = world.own("GET", f"event?request_id={request_id}")["event"]
    assert (found["state"], found["attempts"], found["of"]) == ("waiting", 1, 3)
    assert found["last_error"] == "ValueError"
    for _ in range(2):
        world.own.next()
    over = world.own("GET", f"event?request_id={request_id}")["event"]
    assert (over["state"], over["condition"], over["attempts"]) == ("failed", "RetriesExhausted", 3)

    fine = world.send(name)
    world.own.settle()
    done = world.own("GET", f"event?request_id={fine}")["event"]
    assert (done["state"], done["attempts"], done["next_due"]) == ("done", 1, None)
    assert fine in [one["request_id"] for one in world.own.events("done")]
    assert request_id not in [one["request_id"] for one in world.own.events("done")]


def test_an_event_nobody_knows(world: Async) -> None:
    status, answer = world.own.ask("GET", "event?request_id=7c1e")
    assert status == 404
    assert answer["message"] == "No event of request 7c1e is known: it is long over, or never was."


def test_a_look_waits_for_a_change_and_no_longer(world: Async) -> None:
    name = world.deploy()
    stamp = world.own("GET", "queue")["stamp"]
    began = time.monotonic()
    assert world.own("GET", f"queue?since={stamp}&wait_s=0.3")["stamp"] == stamp
    assert time.monotonic() - began >= 0.3
    heard: list[str] = []
    look = threading.Thread(
        target=lambda: heard.append(world.own("GET", f"queue?since={stamp}&wait_s=8")["stamp"])
    )
    look.start()
    world.send(name)
    look.join(30)
    assert heard
    assert heard != [stamp]
    world.own.settle()


def test_the_flow_counts_where_events_are(world: Async) -> None:
    name = world.deploy()
    before = world.own("GET", "queue")["flow"]
    world.send(name)
    world.send(name, fail="no stock")
    world.own.settle()
    flow = world.own("GET", "queue")["flow"]
    assert flow["accepted"] == before["accepted"] + 2
    assert flow["done"] == before["done"] + 1
    assert flow["retrying"] == before["retrying"] + 1
    for _ in range(2):
        world.own.next()
    flow = world.own("GET", "queue")["flow"]
    assert flow["retrying"] == before["retrying"]
    assert flow["failed"] == before["failed"] + 1
