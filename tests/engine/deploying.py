"""Functions for tests: put them in, wait until they are Active, call them, read what they logged."""

from __future__ import annotations

import base64
import io
import json
import stat
import time
import uuid
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

ROLE = "arn:aws:iam::000000000000:role/tests"
PATIENCE_S = 30.0


def unique(prefix: str) -> str:
    """A name that no other test gives to anything."""
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A package; everything in it is executable, which does no harm."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (stat.S_IFREG | 0o755) << 16
            package.writestr(entry, content)
    return out.getvalue()


def deploy(client: Any, code: str | Mapping[str, str | bytes], **config: Any) -> str:
    """Create a function, `app.handler` in Python unless said otherwise; its name, once it is Active."""
    files = {"app.py": code} if isinstance(code, str) else code
    name = config.pop("FunctionName", unique("f"))
    variables = config.pop("Variables", None)
    if variables:
        config["Environment"] = {"Variables": variables}
    settings = {"Runtime": "python3.11", "Handler": "app.handler", "Role": ROLE, **config}
    client.create_function(FunctionName=name, Code={"ZipFile": zipped(files)}, **settings)
    settled(client, name)
    return str(name)


def settled(client: Any, name: str) -> None:
    """Wait until a function is Active and its last update is through."""

    def done() -> bool:
        config = client.get_function_configuration(FunctionName=name)
        return (config["State"], config.get("LastUpdateStatus")) == ("Active", "Successful")

    until(done)


def until(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Wait for something that comes by itself; fail if it does not."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"it did not happen within {patience_s} s")
        time.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an invocation came to."""

    body: bytes
    version: str
    error: str | None
    tail: str
    request_id: str

    @property
    def value(self) -> Any:
        return json.loads(self.body)


def call(client: Any, name: str, event: Any = None, **more: Any) -> Answer:
    """Invoke and wait, with the log's tail."""
    payload = event if isinstance(event, bytes) else json.dumps({} if event is None else event).encode()
    answer = client.invoke(FunctionName=name, Payload=payload, LogType="Tail", **more)
    return Answer(
        answer["Payload"].read(),
        answer["ExecutedVersion"],
        answer.get("FunctionError"),
        base64.b64decode(answer["LogResult"]).decode(),
        answer["ResponseMetadata"]["RequestId"],
    )


def log_lines(logs: Any, name: str) -> list[str]:
    """Every event of a function's log group, in order."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}")
    return [event["message"] for page in pages for event in page["events"]]
