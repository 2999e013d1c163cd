"""Long polls of queues: whatever makes a message visible wakes who waits for it, and nothing else does."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import EngineProcess
from tests.engine.deploying import unique, until
from tests.engine.own import OwnApi

SOON_S = 20.0
"""Far less than the long polls of these tests last."""


class Waiting:
    """A FIFO queue with two messages of one group, the first of them taken, and somebody who waits."""

    def __init__(self, engine: EngineProcess, visibility_s: int) -> None:
        self.sqs = engine.client("sqs")
        attributes = {"FifoQueue": "true", "VisibilityTimeout": str(visibility_s)}
        self.url = self.sqs.create_queue(QueueName=f"{unique('q')}.fifo", Attributes=attributes)["QueueUrl"]
        for body in ("first", "second"):
            self.sqs.send_message(
                QueueUrl=self.url, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=body
            )
        (taken,) = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=1)["Messages"]
        assert taken["Body"] == "first"
        self.receipt: str = taken["ReceiptHandle"]
        self._pool = ThreadPoolExecutor(1)
        self._engine = engine

    def poll(self) -> Future[list[str]]:
        """The bodies that a long poll brings; it waits already."""
        begun = threading.Event()
        sqs = self._engine.client("sqs")
        sqs.meta.events.register("before-send.sqs.ReceiveMessage", lambda **_: begun.set())

        def wait() -> list[str]:
            answer = sqs.receive_message(QueueUrl=self.url, WaitTimeSeconds=20, MaxNumberOfMessages=1)
            return [one["Body"] for one in answer.get("Messages", ())]

        polling = self._pool.submit(wait)
        assert begun.wait(SOON_S)
        with pytest.raises(TimeoutError):
            polling.result(0.3)
        return polling


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """An engine whose clock stands still, so that no time-out ends by itself."""
    engine = EngineProcess(tmp_path_factory.mktemp("polls") / "data", "--clock", "manual")
    try:
        yield engine
    finally:
        engine.stop()


def test_a_deletion_frees_the_group(still: EngineProcess) -> None:
    waiting = Waiting(still, visibility_s=600)
    polling = waiting.poll()
    waiting.sqs.delete_message(QueueUrl=waiting.url, ReceiptHandle=waiting.receipt)
    assert polling.result(SOON_S) == ["second"]


def test_the_end_of_a_visibility_time_out_frees_the_group(still: EngineProcess) -> None:
    waiting = Waiting(still, visibility_s=600)
    polling = waiting.poll()
    OwnApi(still).advance(601)
    assert polling.result(SOON_S) == ["first"]


def test_a_visibility_time_out_ends_by_itself_on_a_clock_that_runs(engine: EngineProcess) -> None:
    waiting = Waiting(engine, visibility_s=2)
    assert waiting.poll().result(SOON_S) == ["first"]


def test_a_time_out_that_is_given_up_frees_the_group(still: EngineProcess) -> None:
    waiting = Waiting(still, visibility_s=600)
    polling = waiting.poll()
    waiting.sqs.change_message_visibility_batch(
        QueueUrl=waiting.url,
        Entries=[{"Id": "1", "ReceiptHandle": waiting.receipt, "VisibilityTimeout": 0}],
    )
    OwnApi(still).advance(0.01)
    assert polling.result(SOON_S) == ["first"]


def test_a_queue_that_is_deleted_lets_nobody_wait(still: EngineProcess) -> None:
    waiting = Waiting(still, visibility_s=600)
    polling = waiting.poll()
    waiting.sqs.delete_queue(QueueUrl=waiting.url)
    with pytest.raises(ClientError, match="NonExistentQueue"):
        polling.result(SOON_S)


def test_who_waits_costs_nothing(fresh_engine: Callable[..., EngineProcess], tmp_path: Path) -> None:
    """Thirty polls that wait for four seconds: the process that holds them hardly runs."""
    engine = fresh_engine("--clock", "manual")
    sqs = engine.client("sqs", max_pool_connections=31)
    url = sqs.create_queue(QueueName="idle")["QueueUrl"]
    pid = OwnApi(engine)("GET", "status")["neighbours"]["pid"]

    def wait() -> Any:
        return sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)

    with ThreadPoolExecutor(30) as pool:
        polls = [pool.submit(wait) for _ in range(30)]
        until(lambda: _quiet(pid))
        before = _switches(pid)
        time.sleep(2)
        woken = _switches(pid) - before
        sqs.delete_queue(QueueUrl=url)
        assert all(isinstance(poll.exception(SOON_S), ClientError) for poll in polls)
    assert woken < 30  # looks by the second were 60 at least


PATIENT = """
import threading
from flask import Flask
from moto import mock_aws
from lambdatui.engine.triggers.child.polls import Polls
from lambdatui.engine.triggers.frames import PATIENCE_HEADER

class Clock:
    factor = 0.0
    def now(self): return 1e9

Polls(Clock()).attach()
with mock_aws():
    from moto.sqs.models import sqs_backends
    backend = sqs_backends["000000000000"]["us-east-1"]
    backend.create_queue("q", {})

    def bodies(wait_s, headers):
        with Flask("x").test_request_context(headers=headers):
            return [one.body for one in backend.receive_message("q", 1, wait_s, 30)]

    print(bodies(0, {}), bodies(0, {PATIENCE_HEADER: "-1"}), bodies(0, {PATIENCE_HEADER: "soon"}))
    timer = threading.Timer(0.3, lambda: backend.send_message("q", "late"))
    timer.start()
    print(bodies(0, {PATIENCE_HEADER: "20"}))
"""


def test_the_engines_own_polls_wait_for_longer() -> None:
    """As long as their header says, whatever the request itself does."""
    done = subprocess.run(
        [sys.executable, "-c", PATIENT], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "[] [] []\n['late']\n", done.stderr


ORDER = """
from moto import mock_aws
from lambdatui.engine.triggers.child.clock import follow
from lambdatui.engine.triggers.child.polls import Polls

class Clock:
    # a little later whenever it is looked at
    factor, shown, step = 0.0, 1e9, 0.0
    def now(self):
        self.shown += self.step
        return self.shown

clock = Clock()
follow(clock)
Polls(clock).attach()
with mock_aws():
    from moto.sqs.models import sqs_backends
    backend = sqs_backends["000000000000"]["us-east-1"]
    for number in range(60):
        name, clock.step = f"q{number}.fifo", 0.0
        backend.create_queue(name, {}, FifoQueue="true", ContentBasedDeduplication="false")
        for body in "abcde":
            backend.send_message(name, body, deduplication_id=body, group_id="g")
        clock.step = 0.0004 + number * 0.00003
        order = [[one.body for one in backend.receive_message(name, 3, 0, 1)]]
        while len(order) < 2:
            found = backend.receive_message(name, 3, 0, 1)
            order += [[one.body for one in found]] if found else []
        assert order == [["a", "b", "c"]] * 2, (number, order)
"""


def test_a_time_out_that_ends_while_somebody_looks_breaks_no_order() -> None:
    """The messages of a group time out at one moment, and none is passed over for those behind it."""
    done = subprocess.run(
        [sys.executable, "-c", ORDER], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_nobody_else_has_such_patience(engine: EngineProcess) -> None:
    sqs = engine.client("sqs")
    url = sqs.create_queue(QueueName=unique("q"))["QueueUrl"]
    sqs.meta.events.register(
        "before-send.sqs.ReceiveMessage",
        lambda request, **_: request.headers.update({"X-Lambdatui-Patience": "60"}),
    )
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0)


def _switches(pid: int) -> int:
    """How often the threads of a process gave the processor away because they waited."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        lines = (task / "status").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt"))
    return total


def _quiet(pid: int) -> bool:
    """Whether all thirty wait."""
    threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    before = _switches(pid)
    time.sleep(0.2)
    return threads > 30 and _switches(pid) == before
