"""Event sources: from a message to the handler's start, messages a second, and what idle mappings cost."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config

from bench.engine import RUNTIME, engine, package
from bench.measure import judge, row

HANDLER = """\
import os, time
def handler(event, context):
    now = time.time()
    with open(os.environ["OUT"], "a") as out:
        for record in event["Records"]:
            out.write(f"{record['body']} {now}\\n")
"""
TICKS = os.sysconf("SC_CLK_TCK")
IDLE_S = 15.0
FASTER = 20
"""How many times as often sources are asked in an engine of HURRIED: each is asked while we look."""
HURRIED = f"""
import runpy
from lambdatui.engine.sources import shard, sqs, streams
sqs.LONG_POLL_S = sqs.PATIENT_POLL_S = sqs.PATIENT_POLL_S // {FASTER}
shard.TOLD_IDLE_S /= {FASTER}
streams.LOOK_EVERY_S /= {FASTER}
runpy.run_module("lambdatui.engine", run_name="__main__")
"""
LATENCIES, BURST = 60, 1000


class Bench:
    """Clients of one engine, and a function that writes down when it began."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.out = folder / "out"
        session = botocore.session.Session()
        self.clients = {
            name: session.create_client(
                name,
                endpoint_url=f"http://127.0.0.1:{port}",
                region_name="us-east-1",
                aws_access_key_id="000000000000",
                aws_secret_access_key="x",
                config=Config(retries={"total_max_attempts": 1}),
            )
            for name in ("lambda", "sqs", "kinesis", "dynamodb")
        }
        self.own: Any = self.clients["lambda"]
        self.own.create_function(
            FunctionName="f",
            Runtime=RUNTIME,
            Handler="handler.handler",
            Role="arn:aws:iam::000000000000:role/r",
            Code={"ZipFile": base64.b64decode(package(HANDLER))},
            Environment={"Variables": {"OUT": str(self.out)}},
        )
        self.own.get_waiter("function_active_v2").wait(FunctionName="f", WaiterConfig={"Delay": 1})

    def queue(self, name: str) -> str:
        url = self.clients["sqs"].create_queue(QueueName=name)["QueueUrl"]
        self.map(f"arn:aws:sqs:us-east-1:000000000000:{name}")
        return str(url)

    def map(self, arn: str, **more: Any) -> None:
        self.own.create_event_source_mapping(FunctionName="f", EventSourceArn=arn, **more)

    def lines(self) -> list[str]:
        return self.out.read_text().splitlines() if self.out.exists() else []

    def wait(self, count: int) -> None:
        until = time.monotonic() + 30
        while len(self.lines()) < count and time.monotonic() < until:
            time.sleep(0.001)

    def pids(self) -> list[int]:
        url = f"http://127.0.0.1:{self.port}/_lambdatui/status"
        with urllib.request.urlopen(url, timeout=10) as answer:
            status = json.load(answer)
        return [status["pid"], status["neighbours"]["pid"]]


def cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def latency(bench: Bench) -> None:
    url = bench.queue("latency")
    times = []
    for number in range(LATENCIES):
        sent = time.time()
        bench.clients["sqs"].send_message(QueueUrl=url, MessageBody=repr(sent))
        bench.wait(number + 1)
        body, began = bench.lines()[number].split()
        times.append((float(began) - float(body)) * 1000)
    warm = times[5:]
    floor = round_trip_ms(bench)
    row("message sent and received by boto3, no mapping, p50", floor)
    row(
        "message sent (by boto3) to handler start, p50", statistics.median(warm), floor=floor, goal="<= 50 ms"
    )
    row("… the slowest of 20", sorted(warm)[int(len(warm) * 0.95)])


def round_trip_ms(bench: Bench) -> float:
    """The floor: a message sent, and received by who asks for it."""
    sqs = bench.clients["sqs"]
    url = sqs.create_queue(QueueName="floor")["QueueUrl"]
    times = []
    for _ in range(20):
        began = time.perf_counter()
        sqs.send_message(QueueUrl=url, MessageBody="x")
        assert sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)["Messages"]
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def spent(bench: Bench) -> list[float]:
    """Per cent of a core that the engine and its neighbours take while nothing happens, their CPU time."""
    time.sleep(3)
    pids = bench.pids()
    before = [cpu_s(pid) for pid in pids]
    time.sleep(IDLE_S)
    return [(cpu_s(pid) - at) / IDLE_S * 100 for pid, at in zip(pids, before, strict=True)]


def burst(bench: Bench) -> None:
    before = len(bench.lines())
    url = bench.clients["sqs"].create_queue(QueueName="burst")["QueueUrl"]
    for begin in range(0, BURST, 10):
        entries = [{"Id": str(one), "MessageBody": "x"} for one in range(begin, begin + 10)]
        bench.clients["sqs"].send_message_batch(QueueUrl=url, Entries=entries)
    began = time.perf_counter()
    bench.map("arn:aws:sqs:us-east-1:000000000000:burst")
    bench.wait(before + BURST)
    done = len(bench.lines()) - before
    row(f"{BURST} messages that wait, in batches of 10", done / (time.perf_counter() - began), "msg/s")


def idle(kinds: str, make: Callable[[Bench], None]) -> None:
    """What a hundred mappings cost while nothing comes: all the time, and for asking now and then."""
    with fresh() as bench:
        bench.clients["sqs"].list_queues()
        floor = sum(spent(bench))
        make(bench)
        still = spent(bench)
    with fresh(hurried=True) as bench:
        make(bench)
        asking = [max(0.0, (often - one) / FASTER) for often, one in zip(spent(bench), still, strict=True)]
    whole = sum(still) + sum(asking)
    row(f"no mapping ({kinds})", floor, "% core")
    row(f"100 idle mappings ({kinds}): the engine", still[0] + asking[0], "% core")
    row("  the neighbours", still[1] + asking[1], "% core")
    judge("  together", whole, "% core", 2, f"{sum(asking):.2f} % of it for asking")


def _map_queues(bench: Bench) -> None:
    for number in range(100):
        bench.queue(f"idle{number}")


def _map_mixed(bench: Bench) -> None:
    for number in range(50):
        bench.queue(f"idle{number}")
    for number in range(25):
        bench.clients["kinesis"].create_stream(StreamName=f"idle{number}", ShardCount=1)
        bench.map(f"arn:aws:kinesis:us-east-1:000000000000:stream/idle{number}", StartingPosition="LATEST")
        table = bench.clients["dynamodb"].create_table(
            TableName=f"idle{number}",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        )["TableDescription"]
        bench.map(table["LatestStreamArn"], StartingPosition="LATEST")


@contextlib.contextmanager
def fresh(*, hurried: bool = False) -> Iterator[Bench]:
    """An engine of its own with one function."""
    program = ("-c", HURRIED) if hurried else ("-m", "lambdatui.engine")
    with (
        tempfile.TemporaryDirectory() as folder,
        engine(Path(folder) / "data", "--isolation", "process", program=program) as port,
    ):
        yield Bench(port, Path(folder))


def main() -> None:
    with fresh() as bench:
        latency(bench)
        burst(bench)
    idle("queues", _map_queues)
    idle("queues, streams, tables", _map_mixed)


if __name__ == "__main__":
    main()
