"""The engine's own API: the queue to look at and to act upon, and the clock."""

from __future__ import annotations

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import IN_SIGHT, EngineProcess
from tests.engine.asynchronous.sending import Async
from tests.engine.deploying import until
from tests.engine.own import OwnApi

NewEngine = Callable[..., EngineProcess]


def test_an_event_shows_where_it_stands(world: Async) -> None:
    target = world.deploy("def handler(event, context): pass\n")
    arn = world.client.get_function(FunctionName=target)["Configuration"]["FunctionArn"]
    name = world.deploy(DeadLetterConfig={"TargetArn": "arn:aws:sqs:us-east-1:000000000000:letters"})
    world.configure(name, DestinationConfig={"OnFailure": {"Destination": arn}})
    request_id = world.send(name, fail="no")
    world.own.settle()
    world.own("POST", "clock", {"advance_s": 7})
    (event,) = world.own.events()
    now = world.own("GET", "clock")["now"]
    number = event["id"]
    assert event == {
        "id": number,
        "request_id": request_id,
        "account": "000000000000",
        "region": "us-east-1",
        "function": name,
        "qualifier": None,
        "state": "waiting",
        "accepted": now - 7,
        "age_s": 7,
        "too_old_at": now - 7 + 21600,
        "attempts": 1,
        "of": 3,
        "postponements": 0,
        "next_due": now + 53,
        "last_error": "ValueError",
        "condition": None,
        "failed": None,
        "targets": {
            "on_success": None,
            "on_failure": arn,
            "dlq": "arn:aws:sqs:us-east-1:000000000000:letters",
        },
        "history": [
            {
                "at": now - 7,
                "outcome": "function error",
                "error": "ValueError",
                "version": "$LATEST",
                "next_at": now + 53,
            }
        ],
        "bytes": len(json.dumps({"out": str(world.out), "fail": "no"})),
    }
    whole = world.own("GET", f"queue/{number}")
    assert json.loads(whole["payload"]) == {"out": str(world.out), "fail": "no"}
    assert json.loads(whole["response"])["errorType"] == "ValueError"


def test_run_now(world: Async) -> None:
    name = world.deploy()
    world.send(name, fail="no")
    world.own.settle()
    (event,) = world.own.events()
    world.own("POST", f"queue/{event['id']}/run")
    world.own.settle()
    (event,) = world.own.events()
    assert (event["attempts"], event["next_due"] - event["accepted"]) == (2, 120)
    assert len(world.runs()) == 2


def test_a_pause(world: Async) -> None:
    """Events of a paused function are kept and begun when it is resumed; others go on, and time too."""
    paused, other = world.deploy(), world.deploy()
    world.send(paused, fail="no")
    world.own.settle()
    assert world.own("PUT", "pauses", {"function": paused}) == {"functions": [paused]}
    second = world.send(paused)
    third = world.send(other)
    world.own.settle()
    assert world.runs()[1:] == [third]
    waiting, fresh = world.own.events(function=paused)
    assert (waiting["attempts"], fresh["attempts"], fresh["state"]) == (1, 0, "waiting")
    status, refused = world.own.ask("POST", f"queue/{fresh['id']}/run")
    assert (status, "resume" in refused["message"]) == (409, True)
    assert world.own.ask("POST", "clock", {"to": "next"})[0] == 409, "what is paused is not due"
    world.own.advance(60)
    assert len(world.runs()) == 2
    assert world.own("DELETE", f"pauses?function={paused}") == {"functions": []}
    world.own.settle()
    assert sorted(world.runs()[2:]) == sorted([waiting["request_id"], second])
    assert world.own.next() == 120


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_pause_outlives_the_engine(
    fresh_engine: Callable[..., EngineProcess], tmp_path: Path, number: int
) -> None:
    engine = fresh_engine("--isolation", "process")
    world = Async(engine, tmp_path)
    name, other = world.deploy(), world.deploy()
    world.own("PUT", "pauses", {"function": name})
    assert world.own("GET", "queue")["paused"] == [name]
    waiting = world.send(name)
    engine.stop(number)
    world = Async(fresh_engine("--isolation", "process", data_dir=engine.data_dir), tmp_path)
    assert world.own("GET", "pauses") == {"functions": [name]}
    free = world.send(other)
    until(lambda: world.runs() == [free])
    assert [event["request_id"] for event in world.own.events(function=name)] == [waiting]
    assert world.own("DELETE", f"pauses?function={name}") == {"functions": []}
    until(lambda: world.runs() == [free, waiting])
    world.engine.stop(number)
    world = Async(fresh_engine("--isolation", "process", data_dir=engine.data_dir), tmp_path)
    assert world.own("GET", "pauses") == {"functions": []}


def test_what_grew_too_old_in_a_pause_is_dropped(world: Async) -> None:
    name = world.deploy()
    world.configure(name, MaximumEventAgeInSeconds=60)
    world.own("PUT", "pauses", {"function": name})
    world.send(name)
    world.own.advance(61)
    assert len(world.own.events(function=name)) == 1
    world.own("DELETE", "pauses")
    world.own.settle()
    assert world.own.events("failed", function=name)[0]["condition"] == "EventAgeExceeded"
    assert world.runs() == []


@pytest.mark.parametrize("body", [{}, {"function": 7}, {"function": ""}, {"function": "f", "for_s": 3}])
def test_a_pause_of_nothing(world: Async, body: dict[str, Any]) -> None:
    assert world.own.ask("PUT", "pauses", body)[0] == 400


def test_drop(world: Async) -> None:
    name = world.deploy()
    world.send(name, fail="no")
    world.own.settle()
    (event,) = world.own.events()
    world.own("DELETE", f"queue/{event['id']}")
    assert world.own.events() == []
    assert world.own("GET", "queue")["depth"] == 0
    world.own.advance(60)
    assert len(world.runs()) == 1
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/run"), ("POST", "/replay")):
        assert world.own.ask(method, f"queue/{event['id']}{path}")[0] == 404


def test_what_runs_cannot_be_dropped(world: Async, tmp_path: Path) -> None:
    name = world.deploy(Timeout=60)
    hold = tmp_path / "hold"
    hold.touch()
    world.send(name, hold=str(hold))
    until(lambda: len(world.runs()) == 1)
    (event,) = world.own.events()
    assert event["state"] == "running"
    assert world.own.ask("DELETE", f"queue/{event['id']}")[0] == 409
    hold.unlink()
    world.own.settle()


def test_replay_of_what_was_given_up_with_another_payload(world: Async) -> None:
    name = world.deploy()
    world.configure(name, MaximumRetryAttempts=0)
    request_id = world.send(name, fail="no")
    world.own.settle()
    (failed,) = world.own.events("failed")
    assert world.own.ask("POST", f"queue/{failed['id']}/run")[0] == 409
    again = world.own("POST", f"queue/{failed['id']}/replay", {"payload": {"out": str(world.out)}})
    world.own.settle()
    assert world.runs() == [request_id, again["request_id"]]
    assert len(world.own.events("failed")) == 1
    world.own("POST", f"queue/{failed['id']}/replay")
    world.own.settle()
    assert len(world.own.events("failed")) == 2


def test_pages_of_a_long_queue(world: Async) -> None:
    name, other = world.deploy(), world.deploy()
    for _ in range(5):
        world.send(name, fail="no")
    world.send(other, fail="no")
    world.own.settle()
    seen, after = [], 0
    while True:
        page = world.own("GET", f"queue?limit=2&after={after}&function={name}")
        seen += [event["id"] for event in page["events"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert len(seen) == len(set(seen)) == 5
    assert len(world.own.events()) == 6


def test_the_flow_of_a_function(world: Async) -> None:
    name = world.deploy()
    world.configure(name, MaximumRetryAttempts=1)
    world.send(name)
    world.send(name, fail="no")
    world.own.settle()
    world.own.advance(60)
    world.send(name, fail="no")
    world.own.settle()
    flow = world.own("GET", "flow")
    (shown,) = (one for one in flow["functions"] if one["function"] == name)
    assert shown == {
        "account": "000000000000",
        "region": "us-east-1",
        "function": name,
        "first_attempt": 0,
        "another_attempt": 1,
        "running": 0,
        "failed": 1,
        "destination": {"waiting": 0, "failed": 0},
        "dlq": {"waiting": 0, "failed": 0},
        "totals": {
            "AsyncEventsReceived": 3,
            "AsyncEventsDropped": 1,
            "DestinationDeliveryFailures": 0,
            "DeadLetterErrors": 0,
        },
    }
    assert flow["next_due"] == world.own("GET", "clock")["now"] + 60


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "queue?state=lost", None),
        ("GET", "queue?limit=x", None),
        ("GET", "queue?limit=1001", None),
        ("GET", "queue?after=-1", None),
        ("POST", "clock", {"advance_s": -1}),
        ("POST", "clock", {"advance_s": True}),
        ("POST", "clock", {"mode": "backwards"}),
        ("POST", "clock", {"to": "yesterday"}),
        ("POST", "clock", {"hurry": 1}),
        ("POST", "clock", []),
        ("PUT", "faults", {"kind": "flood"}),
        ("PUT", "faults", {"kind": ["throttle"]}),
        ("PUT", "faults", {"kind": "throttle", "function": {}}),
        ("PUT", "faults", {"kind": "throttle", "times": "some"}),
        ("PUT", "faults", {"kind": "throttle", "often": 1}),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    world: Async, method: str, path: str, body: Any
) -> None:
    status, answer = world.own.ask(method, path, body)
    assert status == 400
    assert answer["message"].endswith(".")


def test_without_a_signature_nothing_is_told_or_done(world: Async) -> None:
    for path in ("queue", "clock", "faults", "flow", "deliveries"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{world.engine.url}/_lambdatui/{path}")
        assert caught.value.code == 403


def test_the_clock_changes_its_speed_and_never_goes_back(fresh_engine: NewEngine) -> None:
    own = OwnApi(fresh_engine())
    assert own("GET", "clock")["mode"] == "real"
    seen = [own("GET", "clock")["now"]]
    own("POST", "clock", {"advance_s": 3600})
    for mode in ("x100", "manual", "real", "manual"):
        shown = own("POST", "clock", {"mode": mode})
        assert shown["mode"] == mode
        seen.append(shown["now"])
    assert seen == sorted(seen)
    assert 3600 <= seen[-1] - seen[0] < 3700
    assert own("GET", "clock")["now"] == own("GET", "clock")["now"]


def test_a_real_retry_is_fast_forwarded(fresh_engine: NewEngine, tmp_path: Path) -> None:
    engine = fresh_engine(*IN_SIGHT)
    world = Async(engine, tmp_path)
    name = world.deploy()
    request_id = world.send(name, fail="no")
    world.own.settle()
    for _ in range(2):
        assert 0 < world.own.next() <= 120
    assert world.runs() == [request_id] * 3


def test_time_does_not_go_back_over_a_restart(fresh_engine: NewEngine, tmp_path: Path) -> None:
    data = tmp_path / "data"
    engine = fresh_engine(*IN_SIGHT, "--clock", "manual", "--settle", "0", data_dir=data)
    world = Async(engine, tmp_path)
    name = world.deploy()
    world.own("POST", "clock", {"advance_s": 5000})
    request_id = world.send(name, fail="no")
    world.own.settle()
    engine.stop()
    again = Async(fresh_engine(*IN_SIGHT, "--clock", "manual", data_dir=data), tmp_path)
    assert again.own.next() == 60
    assert again.runs() == [request_id] * 2


def test_events_that_are_run_and_dropped_at_one_moment_are_counted_right(world: Async) -> None:
    name = world.deploy()
    world.configure(name, MaximumRetryAttempts=1)  # the next attempt is the last one
    before = world.own("GET", "status")["queue"]
    for _ in range(40):
        world.send(name, fail="no")
    world.own.settle()
    numbers = [event["id"] for event in world.own.events(function=name)]
    assert len(numbers) == 40
    paths = [pair for number in numbers for pair in (("POST", f"{number}/run"), ("DELETE", f"{number}"))]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda one: world.own.ask(one[0], f"queue/{one[1]}"), paths))
    world.own.settle()
    left = world.own.events(function=name)
    assert world.own("GET", "status")["queue"] == before + len(left)
    for event in left:
        world.own("DELETE", f"queue/{event['id']}")
    assert world.own("GET", "status")["queue"] == before
