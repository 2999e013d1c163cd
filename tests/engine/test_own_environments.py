"""The lives of environments as the engine's own API tells them."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import deploy, until
from tests.engine.own import OwnApi

CODE = """\
import json, os, time
def handler(event, context):
    time.sleep(event.get("sleep", 0))
    if event.get("crash"):
        os._exit(3)
    return os.getpid()
"""


class World:
    def __init__(self, engine: EngineProcess) -> None:
        self.client = engine.client("lambda")
        self.own = OwnApi(engine)

    def deploy(self, **config: Any) -> str:
        return deploy(self.client, CODE, **config)

    def invoke(self, name: str, body: str = "{}", **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.invoke(FunctionName=name, Payload=body, **more)
        return answer

    def at_once(self, name: str, count: int) -> None:
        """So many invocations side by side."""
        threads = [threading.Thread(target=self.invoke, args=(name, '{"sleep": 1}')) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def lives(self, name: str) -> list[dict[str, Any]]:
        found = self.own("GET", "environments")["environments"]
        return [life for life in found if life["function"] == name]

    def until(self, name: str, state: str) -> dict[str, Any]:
        """The newest life, once it is in that state."""
        good = (state, *(["frozen"] * (state == "idle")))
        until(lambda: self.lives(name)[-1]["state"] in good)
        return self.lives(name)[-1]


@pytest.fixture
def world(engine: EngineProcess) -> World:
    return World(engine)


def test_each_says_why_it_was_born_and_how_long_init_took(world: World) -> None:
    name = world.deploy()
    world.at_once(name, 2)
    first, second = world.lives(name)
    assert (first["why"], second["why"]) == ("first", "scale-out")
    assert first["init_ms"] > 0
    assert second["init_ms"] > 0
    assert first["marks"][0][1] == "init"
    assert "busy" in [state for _, state in first["marks"]]
    assert first["invocations"] == 1
    assert first["peak_mb"] > 0

    world.client.publish_version(FunctionName=name)
    world.invoke(name, Qualifier="1")
    assert world.lives(name)[-1]["why"] == "new version"


def test_one_that_was_killed_is_followed_by_a_reset(world: World) -> None:
    name = world.deploy()
    world.invoke(name)
    life = world.until(name, "idle")
    world.own("POST", f"environments/{life['id']}/kill")
    gone = world.lives(name)[-1]
    assert (gone["state"], gone["how"]) == ("ended", "killed by hand")
    assert gone["memory_mb"] == 0
    assert gone["peak_mb"] > 0
    world.invoke(name)
    following = world.lives(name)[-1]
    assert (following["why"], following["after"]) == ("reset", "killed by hand")
    status, answer = world.own.ask("POST", f"environments/{life['id']}/kill")
    assert (status, answer["message"]) == (409, f"Environment {life['id']} has ended: killed by hand.")
    assert world.own.ask("POST", "environments/999999/kill")[0] == 404


def test_one_that_crashes_lives_on_with_a_mark(world: World) -> None:
    name = world.deploy()
    world.invoke(name, '{"crash": true}')
    world.until(name, "idle")
    assert "killed" in [state for _, state in world.lives(name)[0]["marks"]]
    world.invoke(name)
    assert [life["invocations"] for life in world.lives(name)] == [2]


def test_what_is_held_takes_nothing_until_it_is_let_go(world: World) -> None:
    name = world.deploy()
    world.invoke(name)
    held = world.until(name, "idle")["id"]
    assert world.own("POST", f"environments/{held}/freeze") == {"held": True}
    assert world.lives(name)[0]["state"] == "frozen"
    world.invoke(name)
    assert [life["why"] for life in world.lives(name)] == ["first", "scale-out"]
    world.own("POST", f"environments/{world.until(name, 'idle')['id']}/kill")
    assert world.own("POST", f"environments/{held}/freeze") == {"held": False}
    world.invoke(name)
    assert world.lives(name)[0]["invocations"] == 2


def test_a_busy_one_is_not_frozen_by_hand(world: World) -> None:
    name = world.deploy()
    thread = threading.Thread(target=world.invoke, args=(name, '{"sleep": 3}'))
    thread.start()
    until(lambda: bool(world.lives(name)))
    busy = world.until(name, "busy")["id"]
    assert world.own.ask("POST", f"environments/{busy}/freeze")[0] == 409
    world.own("POST", f"environments/{busy}/cool")
    assert world.lives(name)[-1]["state"] == "busy"  # it may finish
    thread.join()
    assert world.until(name, "ended")["how"] == "made cold by hand"


def test_a_look_hears_of_a_change_at_once(world: World) -> None:
    name = world.deploy()
    world.invoke(name)
    world.until(name, "idle")
    time.sleep(0.1)  # and frozen, where it freezes
    stamp = world.own("GET", "environments")["stamp"]
    heard: list[tuple[float, dict[str, Any]]] = []

    def look() -> None:
        heard.append((time.monotonic(), world.own("GET", f"environments?since={stamp}&wait_s=8")))
        heard.append((time.monotonic(), {}))

    thread = threading.Thread(target=look)
    thread.start()
    time.sleep(0.4)
    assert not heard
    began = time.monotonic()
    world.invoke(name)
    thread.join()
    assert heard[1][0] - began < 5, "it would have looked for eight seconds"
    answer = heard[0][1]
    assert not answer["whole"]
    assert [life["function"] for life in answer["environments"]] == [name]
    assert all(at > float(stamp) for at, _ in answer["environments"][0]["marks"])


def test_provisioned_ones_say_so(world: World) -> None:
    name = world.deploy()
    world.client.publish_version(FunctionName=name)
    world.client.put_provisioned_concurrency_config(
        FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=2
    )
    until(lambda: [life["why"] for life in world.lives(name)] == ["provisioned", "provisioned"])
    world.until(name, "idle")


def test_the_tier_and_what_it_holds_stand_beside(world: World) -> None:
    answer = world.own("GET", "environments")
    assert answer["tier"] in ("strict", "landlock", "process")
    assert {"what", "held", "words"} == set(answer["holds"][0])


def test_an_engine_that_is_looked_at_stops_at_once(fresh_engine: Any, tmp_path: Path) -> None:
    engine = fresh_engine()
    own = OwnApi(engine)
    stamp = own("GET", "environments")["stamp"]
    looking = threading.Thread(target=lambda: own.ask("GET", f"environments?since={stamp}&wait_s=8"))
    looking.start()
    time.sleep(0.3)
    began = time.monotonic()
    assert engine.stop() == 0
    looking.join()
    assert time.monotonic() - began < 6, "it would have looked for eight seconds"
