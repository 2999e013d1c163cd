"""Extensions for tests: real programs in real layers, that print what they see."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from tests.engine.deploying import deploy, log_lines, zipped

# What an extension needs. Its own part follows, and prints one line of JSON behind EXT for all that happens.
BASE = """#!/usr/bin/python3
import http.client, json, os, sys, threading, time
API = os.environ["AWS_LAMBDA_RUNTIME_API"]
NAME = os.path.basename(sys.argv[0])
ID = ""

def say(what, **more):
    print("EXT " + json.dumps({"name": NAME, "what": what, **more}), flush=True)

def ask(method, path, body=None, **headers):
    connection = http.client.HTTPConnection(API)
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    data = body if isinstance(body, (str, type(None))) else json.dumps(body)
    connection.request(method, path, data, fields)
    answer = connection.getresponse()
    text = answer.read()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, json.loads(text) if text else None

def register(*events, name=NAME, **headers):
    global ID
    answer = ask("POST", "/2020-01-01/extension/register", {"events": events},
                 Lambda_Extension_Name=name, **headers)
    ID = answer[1].get("lambda-extension-identifier", "")
    return answer

def call(method, what, body=None, **headers):
    return ask(method, "/2020-01-01/extension/" + what, body, Lambda_Extension_Identifier=ID, **headers)

def next_event():
    return call("GET", "event/next")

def subscribe(document, path="/2022-07-01/telemetry"):
    return ask("PUT", path, document, Lambda_Extension_Identifier=ID)

def loop(each=lambda event: None):
    while True:
        status, headers, event = next_event()
        event["left_s"] = event["deadlineMs"] / 1000 - time.time()
        say("event", event=event, identified="lambda-extension-event-identifier" in headers)
        each(event)
        if event["eventType"] == "SHUTDOWN":
            sys.exit(0)
"""

ECHO = "def handler(event, context):\n    return event\n"


def layer(client: Any, programs: Mapping[str, str]) -> str:
    """A layer of extensions: what each of them does after BASE, or a whole script with a first line."""
    files = {
        f"extensions/{name}": code if code.startswith("#!") else f"{BASE}\n{code}"
        for name, code in programs.items()
    }
    published = client.publish_layer_version(
        LayerName=f"l-{uuid.uuid4().hex[:12]}", Content={"ZipFile": zipped(files)}
    )
    return str(published["LayerVersionArn"])


def extended(client: Any, programs: Mapping[str, str], code: str = ECHO, **config: Any) -> str:
    """A function with extensions beside it."""
    return deploy(client, code, Layers=[layer(client, programs)], **config)


def said(logs: Any, name: str, what: str | None = None) -> list[dict[str, Any]]:
    """What a function's extensions have printed, in order."""
    found = [json.loads(line[4:]) for line in log_lines(logs, name) if line.startswith("EXT ")]
    return [one for one in found if what is None or one["what"] == what]
