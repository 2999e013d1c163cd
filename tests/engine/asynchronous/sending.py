"""What tests of asynchronous invocation share: a function that does as its event says, and its sender."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.conftest import EngineProcess
from tests.engine.deploying import deploy
from tests.engine.own import OwnApi

CODE = """\
import json, os, time
def handler(event, context):
    with open(event["out"], "a") as out:
        out.write(f"{context.aws_request_id} {context.function_version}\\n")
    while "hold" in event and os.path.exists(event["hold"]):
        time.sleep(0.005)
    if event.get("crash"):
        os._exit(3)
    if event.get("sleep"):
        time.sleep(event["sleep"])
    if event.get("fail"):
        raise ValueError(event["fail"])
    return {"done": event.get("n")}
"""


class Async:
    """One engine on a manual clock, with what a test needs to send events and to see them run."""

    def __init__(self, engine: EngineProcess, folder: Path) -> None:
        self.engine = engine
        self.client = engine.client("lambda")
        self.own = OwnApi(engine)
        self.out = folder / "out"

    def deploy(self, code: str = CODE, **config: Any) -> str:
        return deploy(self.client, code, **config)

    def send(self, name: str, qualifier: str | None = None, **event: Any) -> str:
        """Send an event; its request id."""
        more = {"Qualifier": qualifier} if qualifier else {}
        answer = self.client.invoke(
            FunctionName=name,
            InvocationType="Event",
            Payload=json.dumps({"out": str(self.out), **event}),
            **more,
        )
        assert answer["StatusCode"] == 202
        return str(answer["ResponseMetadata"]["RequestId"])

    def runs(self) -> list[str]:
        """The request ids of all attempts that began, in order."""
        return [line.split()[0] for line in self._lines()]

    def versions(self) -> list[str]:
        return [line.split()[1] for line in self._lines()]

    def _lines(self) -> list[str]:
        return self.out.read_text().splitlines() if self.out.exists() else []

    def configure(self, name: str, qualifier: str | None = None, **config: Any) -> None:
        more = {"Qualifier": qualifier} if qualifier else {}
        self.client.put_function_event_invoke_config(FunctionName=name, **more, **config)
