"""What tests of event sources share: functions that keep what they are given, sources, and mappings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.conftest import EngineProcess
from tests.engine.deploying import deploy, unique, until
from tests.engine.own import OwnApi

KEEPER = """\
import json, os, time
def handler(event, context):
    with open(os.environ["OUT"], "a") as out:
        out.write(json.dumps(event) + "\\n")
    while os.path.exists(os.environ["OUT"] + ".hold"):
        time.sleep(0.005)
    plan = os.environ["OUT"] + ".plan"
    if os.path.exists(plan):
        with open(plan) as file:
            told = json.load(file)
        if "raise" in told:
            raise ValueError(told["raise"])
        return told["return"]
"""


class Feed:
    """One engine with a function that writes its events down, and does as it is told."""

    def __init__(self, engine: EngineProcess, folder: Path, code: str = KEEPER, **config: Any) -> None:
        self.engine = engine
        self.folder = folder
        self.client = engine.client("lambda")
        self.sqs = engine.client("sqs")
        self.own = OwnApi(engine)
        self.out = folder / unique("out")
        variables = {"OUT": str(self.out), **config.pop("Variables", {})}
        self.name = deploy(self.client, code, Variables=variables, **{"Timeout": 20, **config})
        self.arn = self.client.get_function_configuration(FunctionName=self.name)["FunctionArn"]

    # -- the function ----------------------------------------------------------------------------

    def fails(self, message: str = "no") -> None:
        """From now on every run fails."""
        self._beside(".plan").write_text(json.dumps({"raise": message}))

    def answers(self, value: Any) -> None:
        """From now on every run returns this."""
        self._beside(".plan").write_text(json.dumps({"return": value}))

    def works(self) -> None:
        """From now on every run goes well."""
        self._beside(".plan").unlink(missing_ok=True)

    def hold(self) -> None:
        """From now on runs do not end."""
        self._beside(".hold").touch()

    def release(self) -> None:
        self._beside(".hold").unlink(missing_ok=True)

    def _beside(self, suffix: str) -> Path:
        return self.out.with_name(self.out.name + suffix)

    @property
    def events(self) -> list[dict[str, Any]]:
        """All events so far, in the order in which their runs began."""
        text = self.out.read_text() if self.out.exists() else ""
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def got(self, runs: int) -> list[dict[str, Any]]:
        """The events, once so many runs have begun."""
        until(lambda: len(self.events) >= runs)
        return self.events

    def records(self, count: int) -> list[dict[str, Any]]:
        """The records of all events, once there are so many."""
        until(lambda: len(self._records()) >= count)
        return self._records()

    def _records(self) -> list[dict[str, Any]]:
        return [record for event in self.events for record in event["Records"]]

    def bodies(self, count: int) -> list[str]:
        return [record["body"] for record in self.records(count)]

    # -- queues ----------------------------------------------------------------------------------

    def queue(self, name: str | None = None, **attributes: str) -> str:
        """A new queue's URL."""
        url = self.sqs.create_queue(QueueName=name or unique("q"), Attributes=attributes)["QueueUrl"]
        return str(url)

    def queue_arn(self, url: str) -> str:
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    def send(self, url: str, *bodies: str, **more: Any) -> list[str]:
        """Messages, one by one; their ids."""
        return [self.sqs.send_message(QueueUrl=url, MessageBody=body, **more)["MessageId"] for body in bodies]

    def left(self, url: str) -> int:
        """How many messages a queue holds, seen or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def emptied(self, url: str) -> None:
        """Wait until a queue holds nothing."""
        until(lambda: self.left(url) == 0)

    def receive(self, url: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages", []
        )
        return found

    # -- mappings --------------------------------------------------------------------------------

    def map(self, arn: str, **more: Any) -> str:
        """A mapping's UUID, once it is enabled."""
        made = self.client.create_event_source_mapping(
            FunctionName=more.pop("FunctionName", self.name), EventSourceArn=arn, **more
        )
        self.reached(made["UUID"], "Enabled")
        return str(made["UUID"])

    def mapping(self, uuid: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get_event_source_mapping(UUID=uuid)
        return found

    def reached(self, uuid: str, state: str) -> None:
        until(lambda: self.mapping(uuid)["State"] == state)

    def source(self, uuid: str) -> dict[str, Any]:
        """What the engine's own API says of a mapping."""
        (found,) = self.own("GET", f"sources?uuid={uuid}")["sources"]
        return dict(found)

    def idle(self, uuid: str) -> None:
        """Wait until nothing of a mapping is under way."""
        until(lambda: self.source(uuid)["poller"]["batches_in_flight"] == 0)
        self.own.settle()
