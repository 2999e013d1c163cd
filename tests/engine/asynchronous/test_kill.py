"""Engines killed at random moments: what was answered with 202 runs, is retried and ends where it should."""

from __future__ import annotations

import json
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from tests.conftest import EngineProcess
from tests.engine.deploying import deploy, until
from tests.engine.own import OwnApi

NewEngine = Callable[..., EngineProcess]

WORK = """\
import json, os, pathlib
OUT = pathlib.Path("@OUT@")
def handler(event, context):
    with open(OUT / "runs", "a") as out:
        out.write(context.aws_request_id + "\\n")
    if event["kind"] == "bad":
        raise ValueError("never good")
    mark = OUT / "marks" / context.aws_request_id
    if event["kind"] != "good" and not mark.exists():
        mark.touch()
        if event["kind"] == "crash":
            os.kill(os.getpid(), 9)
        raise ValueError("not the first time")
"""
SINK = """\
import json, pathlib
def handler(event, context):
    with open(pathlib.Path("@OUT@") / "records", "a") as out:
        context, count = event["requestContext"], event["requestContext"]["approximateInvokeCount"]
        out.write(json.dumps([context["requestId"], context["condition"], count]) + "\\n")
"""
KINDS = ("good", "bad", "flaky", "crash")
FIRST_DELAY_S = "0.2"  # in real time: how slow the machine is must not make events too old


class Rounds:
    """Engines on one data folder, one after the other, and everything that they accepted."""

    def __init__(self, new: NewEngine, folder: Path) -> None:
        self.new = new
        self.folder = folder
        self.data = folder / "data"
        self.accepted: dict[str, str] = {}
        self.histories: dict[str, list[dict[str, Any]]] = {}
        (folder / "marks").mkdir()
        self.engine: EngineProcess | None = self.start()
        client = self.engine.client("lambda")
        sink = deploy(client, SINK.replace("@OUT@", str(folder)))
        self.name = deploy(client, WORK.replace("@OUT@", str(folder)), Timeout=60)
        arn = client.get_function(FunctionName=sink)["Configuration"]["FunctionArn"]
        to = {"Destination": arn}
        client.put_function_event_invoke_config(
            FunctionName=self.name, DestinationConfig={"OnSuccess": to, "OnFailure": to}
        )

    def start(self) -> EngineProcess:
        return self.new("--retry-delay", FIRST_DELAY_S, "--isolation", "process", data_dir=self.data)

    def round(self, number: int) -> None:
        """Send until the engine is killed, at a random moment."""
        chance = random.Random(number)
        engine, self.engine = self.engine or self.start(), None
        client = engine.client("lambda", connect_timeout=2, read_timeout=10)
        senders = [
            threading.Thread(target=self._send, args=(client, chance.randrange(len(KINDS)))) for _ in range(3)
        ]
        for sender in senders:
            sender.start()
        time.sleep(chance.uniform(0.05, 0.4))  # the moment is what is tried here
        engine.stop(signal.SIGKILL)
        for sender in senders:
            sender.join(20)
            assert not sender.is_alive()

    def _send(self, client: Any, at: int) -> None:
        for step in range(12):
            kind = KINDS[(at + step) % len(KINDS)]
            try:
                answer = client.invoke(
                    FunctionName=self.name, InvocationType="Event", Payload=json.dumps({"kind": kind})
                )
            except (BotoCoreError, ClientError, HTTPClientError):
                return
            self.accepted[answer["ResponseMetadata"]["RequestId"]] = kind

    def drain(self) -> None:
        """Let the last engine finish everything."""
        own = OwnApi(self.start())
        until(lambda: self._empty(own), 120)
        assert own.deliveries("failed") == []
        for event in own.events("failed", limit=1000):
            self.histories[event["request_id"]] = event["history"]

    @staticmethod
    def _empty(own: OwnApi) -> bool:
        flow = own("GET", "flow")
        waiting = sum(one["destination"]["waiting"] for one in flow["functions"])
        return not flow["depth"] and not waiting

    def records(self) -> dict[str, list[list[Any]]]:
        found: dict[str, list[list[Any]]] = {}
        for line in (self.folder / "records").read_text().splitlines():
            request_id, *rest = json.loads(line)
            found.setdefault(request_id, []).append(rest)
        return found


@pytest.fixture
def rounds(fresh_engine: NewEngine, tmp_path: Path) -> Rounds:
    return Rounds(fresh_engine, tmp_path)


def survive(rounds: Rounds, times: int) -> None:
    for number in range(times):
        rounds.round(number)
    rounds.drain()
    assert len(rounds.accepted) > times
    runs = Counter((rounds.folder / "runs").read_text().split())
    records = rounds.records()
    least = {"good": 1, "flaky": 1, "crash": 1, "bad": 3}
    ends = {"good": "Success", "flaky": "Success", "crash": "Success", "bad": "RetriesExhausted"}
    for request_id, kind in rounds.accepted.items():
        assert runs[request_id] >= least[kind], (kind, rounds.histories.get(request_id))
        told = records.get(request_id, [])
        assert told, (request_id, kind)
        assert {condition for condition, _ in told} == {ends[kind]}
        # An attempt that the engine's death cut off does not count.
        assert {count for _, count in told} <= {"bad": {3}, "good": {1}}.get(kind, {1, 2})


def test_four_kills(rounds: Rounds) -> None:
    survive(rounds, 4)


@pytest.mark.slow
def test_two_hundred_kills(rounds: Rounds) -> None:
    survive(rounds, 200)
