"""The Telemetry and Logs APIs: extensions that listen, and what they are told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import call, log_lines, until
from tests.engine.extending import extended, said
from tests.engine.tiers import engine_in

# Listens on PORT of HOST and prints every event it is sent.
LISTENS = """
import http.server, socketserver
class Receiver(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for event in json.loads(body):
            if "EXT " not in str(event["record"]):
                say("told", event=event, path=self.path, method=self.command)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    do_POST = do_PUT = answer
    def log_message(self, *arguments):
        pass
class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    def server_bind(self):
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]
def listen(host, port):
    server = Server((host, port), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]
"""
SUBSCRIBES = LISTENS + (
    "register('INVOKE', 'SHUTDOWN')\n"
    "port = listen(HOST, PORT)\n"
    "answer = subscribe({'schemaVersion': '2022-12-13', 'types': ['platform', 'function', 'extension'],"
    " 'buffering': {'maxItems': 1000, 'maxBytes': 262144, 'timeoutMs': 25},"
    " 'destination': {'protocol': 'HTTP', 'URI': f'http://sandbox.localdomain:{port}/x?y=1'}})\n"
    "say('subscribed', seen=answer[::2])\n"
    "print('a line of the extension', flush=True)\n"
    "loop()\n"
)
SPEAKS = """
import sys
print("at import", flush=True)
def handler(event, context):
    print("in handler", flush=True)
    if event.get("raise"):
        raise ValueError("no")
    return "x" * 10
"""


@pytest.fixture(scope="module", params=["strict", "process"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    with engine_in(request.param, tmp_path_factory.mktemp("engine")) as running:
        yield running


@pytest.fixture(scope="module")
def place(engine: EngineProcess) -> str:
    """Where a listener of an extension listens: by name, where that is its own."""
    strict = "strict" in engine.process.args  # type: ignore[operator]
    return "HOST, PORT = 'sandbox.localdomain', 4243\n" if strict else "HOST, PORT = '127.0.0.1', 0\n"


def told(logs: Any, name: str) -> list[dict[str, Any]]:
    return [one["event"] for one in said(logs, name, "told")]


def heard(client: Any, logs: Any, name: str, kind: str, times: int = 1) -> None:
    """Go on invoking until it has been told: between invocations a listener may stand still."""

    def enough() -> bool:
        return [one["type"] for one in told(logs, name)].count(kind) >= times

    until(lambda: enough() or (call(client, name) is not None and enough()))


def test_an_extension_is_told_the_whole_life(client: Any, logs: Any, place: str) -> None:
    name = extended(client, {"listener": place + SUBSCRIBES}, SPEAKS)
    first = call(client, name)
    assert said(logs, name, "subscribed")[0]["seen"] == [200, "OK"]
    assert (
        "TELEMETRY\tName: listener\tState: Subscribed\tTypes: [Platform, Function, Extension]\n"
        in log_lines(logs, name)
    )
    second = call(client, name, {"raise": 1})
    heard(client, logs, name, "platform.report", 2)
    events = told(logs, name)
    kinds = [one["type"] for one in events]
    order = ["initStart", "telemetrySubscription", "initRuntimeDone", "extension", "initReport", "start"]
    assert [kind for kind in kinds if kind.startswith("platform.")][:6] == [
        f"platform.{one}" for one in order
    ]
    by_kind = {one["type"]: one["record"] for one in reversed(events)}
    assert by_kind["platform.initStart"]["initializationType"] == "on-demand"
    assert by_kind["platform.initStart"]["functionName"] == name
    assert by_kind["platform.initRuntimeDone"]["status"] == "success"
    assert by_kind["platform.initReport"]["metrics"]["durationMs"] > 0
    assert by_kind["platform.extension"] == {
        "name": "listener",
        "state": "Ready",
        "events": ["INVOKE", "SHUTDOWN"],
    }
    start = by_kind["platform.start"]
    assert (start["requestId"], start["version"]) == (first.request_id, "$LATEST")
    assert start["tracing"]["type"] == "X-Amzn-Trace-Id"
    done = [one["record"] for one in events if one["type"] == "platform.runtimeDone"]
    assert (done[0]["status"], done[0]["metrics"]["producedBytes"]) == ("success", 12)
    assert (done[1]["requestId"], done[1]["status"], done[1]["errorType"]) == (
        second.request_id,
        "error",
        "ValueError",
    )
    report = by_kind["platform.report"]
    assert report["requestId"] == first.request_id
    assert report["metrics"]["memorySizeMB"] == 128
    assert report["metrics"]["initDurationMs"] > 0
    lines = [one["record"] for one in events if one["type"] == "function"]
    assert lines[:2] == ["at import", "in handler"]
    assert "a line of the extension" in [one["record"] for one in events if one["type"] == "extension"]
    assert {(one["path"], one["method"]) for one in said(logs, name, "told")} == {("/x?y=1", "POST")}


def test_json_lines_are_told_as_objects(client: Any, logs: Any, place: str) -> None:
    code = "import logging\ndef handler(event, context):\n    logging.getLogger().info('seen')\n"
    name = extended(
        client,
        {"listener": place.replace("4243", "4244") + SUBSCRIBES},
        code,
        LoggingConfig={"LogFormat": "JSON"},
    )
    call(client, name)
    heard(client, logs, name, "function")
    record = next(one["record"] for one in told(logs, name) if one["type"] == "function")
    assert (record["message"], record["level"]) == ("seen", "INFO")


def test_the_last_telemetry_comes_before_the_end(client: Any, logs: Any, place: str) -> None:
    slow = SUBSCRIBES.replace("'timeoutMs': 25", "'timeoutMs': 30000")
    name = extended(client, {"listener": place.replace("4243", "4245") + slow}, SPEAKS)
    call(client, name)
    assert not told(logs, name), "nothing is sent before its time"
    client.update_function_configuration(FunctionName=name, Description="changed")
    until(lambda: any(one["type"] == "platform.report" for one in told(logs, name)))


TCP = (
    "import socket\nregister('INVOKE')\nserver = socket.create_server((HOST, PORT))\n"
    "def receive():\n    stream = server.accept()[0].makefile()\n"
    "    for line in stream:\n"
    "        event = json.loads(line)\n"
    "        if 'EXT ' not in str(event['record']): say('told', event=event)\n"
    "threading.Thread(target=receive, daemon=True).start()\n"
    "answer = subscribe({'schemaVersion': '2021-03-18', 'types': ['platform', 'function'],"
    " 'buffering': {'timeoutMs': 25}, 'destination': {'protocol': 'TCP', 'port': server.getsockname()[1]}},"
    " '/2020-08-15/logs')\n"
    "say('subscribed', seen=answer[::2])\n"
    "say('other', seen=subscribe({'schemaVersion': '2022-12-13', 'types': ['platform'],"
    " 'destination': {'protocol': 'TCP', 'port': 1}})[::2])\n"
    "loop()\n"
)


def test_the_logs_api_by_tcp(client: Any, logs: Any, place: str) -> None:
    name = extended(client, {"older": place.replace("4243", "4246") + TCP}, SPEAKS)
    first = call(client, name)
    heard(client, logs, name, "platform.report")
    assert said(logs, name, "subscribed")[0]["seen"] == [200, "OK"]
    assert said(logs, name, "other")[0]["seen"][0] == 400, "one API for an extension"
    kinds = [one["type"] for one in told(logs, name)]
    assert not [kind for kind in kinds if kind.startswith("platform.init")]
    assert {"platform.start", "platform.end", "platform.report", "platform.runtimeDone", "function"} <= set(
        kinds
    )
    end = next(one for one in told(logs, name) if one["type"] == "platform.end")
    assert end["record"] == {"requestId": first.request_id}
    assert "LOGS\tName: older\tState: Subscribed\tTypes: [Platform, Function]\n" in log_lines(logs, name)


REFUSED = (
    "register('INVOKE')\n"
    "fine = {'schemaVersion': '2022-12-13', 'types': ['platform'],"
    " 'destination': {'protocol': 'HTTP', 'URI': 'http://sandbox.localdomain:9'}}\n"
    "changes = [{'schemaVersion': '1999-01-01'}, {'types': []}, {'types': ['everything']},"
    " {'buffering': {'maxItems': 1}}, {'buffering': {'timeoutMs': 5}}, {'destination': {}},"
    " {'buffering': [1]}, {'buffering': {'maxItems': 1000.5}},"
    " {'destination': {'protocol': 'TCP', 'port': True}},"
    " {'destination': {'protocol': 'TCP', 'port': 0}},"
    " {'destination': {'protocol': 'HTTP', 'URI': 'http://example.com/'}},"
    " {'destination': {'protocol': 'HTTP', 'URI': 'http://127.0.0.1:99999/'}}]\n"
    "say('bad', seen=[subscribe({**fine, **change})[::2] for change in changes] + [subscribe('{')[::2]])\n"
    "def each(event):\n    say('late', seen=subscribe(fine)[::2])\n"
    "loop(each)\n"
)


def test_what_cannot_be_subscribed(client: Any, logs: Any) -> None:
    name = extended(client, {"asker": REFUSED})
    call(client, name)
    (bad,) = said(logs, name, "bad")
    assert len(bad["seen"]) == 13
    assert all((status, body["errorType"]) == (400, "ValidationError") for status, body in bad["seen"])
    until(lambda: bool(said(logs, name, "late")))
    status, body = said(logs, name, "late")[0]["seen"]
    assert (status, body["errorType"]) == (403, "Telemetry.SubscriptionClosed")


def test_what_nobody_takes_is_dropped_and_told(client: Any, logs: Any, place: str) -> None:
    late = SUBSCRIBES.replace("port = listen(HOST, PORT)\n", "port = PORT or 4299\n").replace(
        "loop()\n",
        "loop(lambda event: 'listening' in globals() or globals().update(listening=listen(HOST, port)))\n",
    )
    code = (
        "import time\nprint('lost', flush=True)\ntime.sleep(3)\n"
        "def handler(event, context):\n    time.sleep(event.get('s', 0))\n"
    )
    name = extended(client, {"late": place.replace("4243", "4247") + late}, code, Timeout=20)
    call(client, name, {"s": 1})
    call(client, name, {"s": 1})
    until(lambda: any(one["type"] == "platform.logsDropped" for one in told(logs, name)))
    dropped = next(one["record"] for one in told(logs, name) if one["type"] == "platform.logsDropped")
    assert dropped["droppedRecords"] >= 1
    assert dropped["droppedBytes"] > 0
    assert dropped["reason"].startswith("could not send events: ")


def test_listeners_of_two_environments_do_not_meet(client: Any, logs: Any, engine: EngineProcess) -> None:
    if "strict" not in engine.process.args:  # type: ignore[operator]
        pytest.skip("without a room both would have the machine's one address")
    from concurrent.futures import ThreadPoolExecutor

    code = (
        "import time\ndef handler(event, context):\n    time.sleep(1)\n    return context.log_stream_name\n"
    )
    place = "HOST, PORT = 'sandbox.localdomain', 4250\n"
    name = extended(client, {"listener": place + SUBSCRIBES}, code, Timeout=10)
    with ThreadPoolExecutor(2) as pool:
        streams = {answer.value for answer in pool.map(lambda _: call(client, name), range(2))}
    assert len(streams) == 2
    for stream in streams:

        def heard(stream: str = stream) -> bool:
            found = logs.get_log_events(logGroupName=f"/aws/lambda/{name}", logStreamName=stream)["events"]
            return sum('"platform.start"' in one["message"] for one in found) == 1

        until(heard)
