"""An engine in bad weather: killed again and again, between neighbours that cannot be relied on.

The functions write down what they begin and what they finish, so that the books can be compared afterwards.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from tests.conftest import EngineProcess
from tests.engine.deploying import deploy, until
from tests.engine.own import OwnApi
from tests.soak.proxy import CuttingProxy

NewEngine = Callable[..., EngineProcess]
ACCOUNT, REGION = "000000000000", "us-east-1"
FIRST_DELAY_S = "0.2"
VISIBILITY_S = 6
RETRIES = 2
CUT = 0.12
ROUND_S = (0.2, 0.9)
KINDS = ("good", "good", "flaky", "bad", "crash")
FIFO_KINDS = (*("good",) * 6, "flaky", "crash")  # each that fails holds its group up for a time-out

COMMON = """\
import base64, json, os, pathlib
OUT = pathlib.Path("@OUT@")
def note(book, *words):
    with open(OUT / book, "a") as out:
        out.write(" ".join(words) + "\\n")
def first_time(name):
    mark = OUT / "marks" / name
    if mark.exists():
        return False
    mark.touch()
    return True
"""
EVENT = """\
def handler(event, context):
    note("handlers", str(os.getpid()))
    note("events", context.aws_request_id)
    if event["kind"] == "bad":
        raise ValueError("never good")
    if event["kind"] != "good" and first_time(context.aws_request_id):
        if event["kind"] == "crash":
            os.kill(os.getpid(), 9)
        raise ValueError("not the first time")
"""
RECORDS = """\
def text(record):
    if "kinesis" in record:
        return base64.b64decode(record["kinesis"]["data"]).decode()
    return record["body"]
def handler(event, context):
    note("handlers", str(os.getpid()))
    for record in event["Records"]:
        source, group, number, kind = text(record).split()
        note(source, "start", group, number)
        if kind == "bad":
            raise ValueError("never good")
        if kind in ("flaky", "crash") and first_time(source + group + number):
            if kind == "crash":
                os.kill(os.getpid(), 9)
            raise ValueError("not the first time")
        note(source, "done", group, number)
"""


class Neighbours:
    """moto in a process of its own, asked here without a proxy in between."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.neighbours"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        self.port = int(urlsplit(self.url).port or 0)
        self.sqs = self._client("sqs")
        self.kinesis = self._client("kinesis")

    def close(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=10)

    def _client(self, service: str) -> Any:
        client = botocore.session.Session().create_client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="x",
            aws_secret_access_key="x",
            config=Config(read_timeout=30),
        )
        client.meta.events.register("before-call", _in_account)
        return client

    def queue(self, name: str, **attributes: str) -> str:
        settings = {"VisibilityTimeout": str(VISIBILITY_S), **attributes}
        return str(self.sqs.create_queue(QueueName=name, Attributes=settings)["QueueUrl"])

    def left(self, url: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(told[name]) for name in names)

    def take(self, url: str) -> list[dict[str, Any]]:
        """All messages of a queue; they are deleted."""
        found: list[dict[str, Any]] = []
        while messages := self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            found += messages
            for one in messages:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return found


def _in_account(params: dict[str, Any], **_: Any) -> None:
    params["headers"]["x-moto-account-id"] = ACCOUNT


def arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


class Storm:
    """Engines on one data folder, one after the other, and everything they were given."""

    def __init__(self, new: NewEngine, folder: Path, seed: int) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.chance = random.Random(seed)
        self.neighbours = Neighbours()
        self.proxy = CuttingProxy(self.neighbours.port, random.Random(seed + 1))
        self.kills = {"engine": 0, "handler": 0}
        self.accepted: dict[str, str] = {}
        self.sent: dict[str, dict[str, int]] = {"fifo": {}, "stream": {}, "plain": {}}
        self.poison: set[tuple[str, str]] = set()
        self.sequences: dict[tuple[str, str], tuple[str, int]] = {}
        """Shard and sequence number of every record of the stream, by its group and number."""
        self.given_up: list[dict[str, Any]] = []
        """Failure records of the stream."""
        self._new = new
        self._numbers = {"fifo": 0, "stream": 0, "plain": 0}
        (folder / "marks").mkdir()
        self._make_sources()
        self.engine: EngineProcess | None = self.start()
        self._make_functions(self.engine)

    def close(self) -> None:
        self.proxy.close()
        self.neighbours.close()

    def start(self) -> EngineProcess:
        more = ("--retry-delay", FIRST_DELAY_S, "--isolation", "process", "--neighbours", self.proxy.url)
        return self._new(*more, data_dir=self.data)

    # -- what there is ---------------------------------------------------------------------------

    def _make_sources(self) -> None:
        make = self.neighbours.queue
        self.ends, self.dead, self.lost = make("ends"), make("dead"), make("lost")
        self.given_up_url = make("given-up")
        redrive = json.dumps({"deadLetterTargetArn": arn("sqs", "lost"), "maxReceiveCount": "3"})
        self.plain = make("plain", RedrivePolicy=redrive)
        self.fifo = make("order.fifo", FifoQueue="true", ContentBasedDeduplication="true")
        kinesis = self.neighbours.kinesis
        kinesis.create_stream(StreamName="stream", ShardCount=2)
        kinesis.get_waiter("stream_exists").wait(StreamName="stream", WaiterConfig={"Delay": 1})

    def _make_functions(self, engine: EngineProcess) -> None:
        client = engine.client("lambda")
        common = COMMON.replace("@OUT@", str(self.folder))
        dead = {"TargetArn": arn("sqs", "dead")}
        self.name = deploy(client, common + EVENT, Timeout=3, DeadLetterConfig=dead)
        to = {"Destination": arn("sqs", "ends")}
        client.put_function_event_invoke_config(
            FunctionName=self.name, DestinationConfig={"OnSuccess": to, "OnFailure": to}
        )
        reader = deploy(client, common + RECORDS, Timeout=3)
        made = [
            client.create_event_source_mapping(
                FunctionName=reader, EventSourceArn=arn("sqs", "plain"), BatchSize=2
            ),
            client.create_event_source_mapping(
                FunctionName=reader, EventSourceArn=arn("sqs", "order.fifo"), BatchSize=3
            ),
            client.create_event_source_mapping(
                FunctionName=reader,
                EventSourceArn=arn("kinesis", "stream/stream"),
                StartingPosition="TRIM_HORIZON",
                BatchSize=4,
                ParallelizationFactor=2,
                MaximumRetryAttempts=RETRIES,
                BisectBatchOnFunctionError=True,
                DestinationConfig={"OnFailure": {"Destination": arn("sqs", "given-up")}},
            ),
        ]
        self.stream_mapping = made[2]["UUID"]
        until(lambda: all(_enabled(client, one["UUID"]) for one in made))

    # -- one round -------------------------------------------------------------------------------

    def round(self) -> None:
        """Load, bad weather, and one kill at a random moment."""
        self.proxy.rate = CUT
        engine = self.engine or self.start()
        self.engine = engine
        senders = [threading.Thread(target=self._send_events, args=(engine,)) for _ in range(2)]
        senders.append(threading.Thread(target=self._feed))
        for sender in senders:
            sender.start()
        time.sleep(self.chance.uniform(*ROUND_S))  # the moment is what is tried here
        if self.chance.random() < 0.3:
            self.proxy.cut_all()
        kill_it = self.chance.random() < 0.7
        if kill_it:
            self._kill_engine(engine)
        else:
            self._kill_handlers(engine)
        for sender in senders:
            sender.join(40)
            assert not sender.is_alive()
        if kill_it:
            self.check_checkpoints()

    def _send_events(self, engine: EngineProcess) -> None:
        client = engine.client("lambda", connect_timeout=2, read_timeout=10)
        for _ in range(4):
            kind = self.chance.choice(KINDS)
            payload = json.dumps({"kind": kind})
            try:
                answer = client.invoke(FunctionName=self.name, InvocationType="Event", Payload=payload)
            except (BotoCoreError, ClientError, HTTPClientError):
                return
            self.accepted[answer["ResponseMetadata"]["RequestId"]] = kind

    def _feed(self) -> None:
        for _ in range(3):
            self._put_message("fifo", self.fifo, self.chance.choice(FIFO_KINDS))
            self._put_message("plain", self.plain, self.chance.choice(KINDS))
            self._put_record(self.chance.choice(KINDS))

    def _next(self, source: str, kind: str) -> tuple[str, str, str]:
        """The group and number of what is sent next, and its text."""
        group = self.chance.choice("abcd")
        number = self.sent[source].get(group, -1) + 1
        if kind == "bad":
            self.poison.add((f"{source} {group}", str(number)))
        return group, str(number), f"{source} {group} {number} {kind}"

    def _put_message(self, source: str, url: str, kind: str) -> None:
        group, number, text = self._next(source, kind)
        more = {"MessageGroupId": group} if source == "fifo" else {}
        self.neighbours.sqs.send_message(QueueUrl=url, MessageBody=text, **more)
        self.sent[source][group] = int(number)

    def _put_record(self, kind: str) -> None:
        group, number, text = self._next("stream", kind)
        told = self.neighbours.kinesis.put_record(
            StreamName="stream", Data=text.encode(), PartitionKey=group * 3
        )
        self.sequences[group, number] = told["ShardId"], int(told["SequenceNumber"])
        self.sent["stream"][group] = int(number)

    def _kill_engine(self, engine: EngineProcess) -> None:
        engine.stop(signal.SIGKILL)
        self.engine = None
        self.kills["engine"] += 1

    def _kill_handlers(self, engine: EngineProcess) -> None:
        book = self.folder / "handlers"
        pids = {int(line) for line in book.read_text().split()[-20:]} if book.exists() else set()
        for pid in pids:
            if _descends(pid, engine.process.pid):
                os.kill(pid, signal.SIGKILL)
                self.kills["handler"] += 1

    # -- the books -------------------------------------------------------------------------------

    def lines(self, book: str) -> list[list[str]]:
        file = self.folder / book
        return [line.split() for line in file.read_text().splitlines()] if file.exists() else []

    def done(self, source: str) -> set[tuple[str, str]]:
        return {(group, number) for what, group, number in self.lines(source) if what == "done"}

    def note_given_up(self) -> None:
        """Take the failure records that have arrived."""
        self.given_up += [json.loads(one["Body"]) for one in self.neighbours.take(self.given_up_url)]

    def check_checkpoints(self) -> None:
        """With no engine alive: everything before a checkpoint was done, or its failure record is kept."""
        with sqlite3.connect(self.data / "lambda.db") as database:
            kept = database.execute("SELECT body FROM deliveries WHERE condition != 'Success'").fetchall()
            rows = database.execute(
                "SELECT shard, position FROM checkpoints WHERE mapping = ?", (self.stream_mapping,)
            ).fetchall()
        database.close()
        self.note_given_up()
        waiting = [json.loads(body) for (body,) in kept]
        told = _ranges([*self.given_up, *(one for one in waiting if "KinesisBatchInfo" in one)])
        done = self.done("stream")
        for shard, position in rows:
            after = int(json.loads(position).get("after", -1))
            for name, (where, sequence) in self.sequences.items():
                if where == shard and sequence <= after:
                    assert name in done or _covers(told, shard, sequence), (name, shard, sequence, after)

    def drain(self, patience_s: float) -> None:
        """Fair weather, until nothing waits anywhere."""
        self.proxy.rate = 0.0
        if self.engine is None:
            self.engine = self.start()
        own = OwnApi(self.engine)
        deadline = time.monotonic() + patience_s
        while waiting := self._waiting(own):
            assert time.monotonic() < deadline, waiting
            time.sleep(0.2)
        assert own.deliveries("failed") == []
        self.engine.stop()
        self.engine = None
        self.note_given_up()

    def _waiting(self, own: OwnApi) -> dict[str, int]:
        """How much is not at its end, and of what."""
        (source,) = own("GET", f"sources?uuid={self.stream_mapping}")["sources"]
        shards = source["poller"]["shards"]
        ends = {name: int(one["position"].get("after", -1)) for name, one in shards.items()}
        found = {
            "events": own("GET", "flow")["depth"],
            "deliveries": len(own.deliveries()),
            "messages": self.neighbours.left(self.plain),
            "FIFO messages": self.neighbours.left(self.fifo),
            "records": sum(seq > ends.get(shard, -1) for shard, seq in self.sequences.values()),
        }
        return {name: count for name, count in found.items() if count}


def _enabled(client: Any, uuid: str) -> bool:
    return bool(client.get_event_source_mapping(UUID=uuid)["State"] == "Enabled")


def _ranges(records: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    infos = [one["KinesisBatchInfo"] for one in records]
    return [(one["shardId"], int(one["startSequenceNumber"]), int(one["endSequenceNumber"])) for one in infos]


def _covers(ranges: list[tuple[str, int, int]], shard: str, sequence: int) -> bool:
    return any(where == shard and first <= sequence <= last for where, first, last in ranges)


def given_up(storm: Storm, name: tuple[str, str]) -> bool:
    """Whether a failure record tells of a record of the stream."""
    shard, sequence = storm.sequences[name]
    return _covers(_ranges(storm.given_up), shard, sequence)


def _descends(pid: int, ancestor: int) -> bool:
    """Whether a process is one of an engine's."""
    while pid > 1 and pid != ancestor:
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            return False
    return pid == ancestor
