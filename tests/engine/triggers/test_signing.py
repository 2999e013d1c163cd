"""Endpoints of the user's own are asked as any client asks: signed, in the account's name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from lambdatui.engine import sigv4
from lambdatui.engine.clock import Clock
from lambdatui.engine.triggers.neighbours import Neighbours
from lambdatui.engine.triggers.signing import ANY_SECRET, Keys, keys_for
from tests.conftest import EngineProcess
from tests.engine.deploying import deploy, until
from tests.engine.own import OwnApi

Engines = Callable[..., EngineProcess]


@dataclass
class Request:
    """One request as it came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class Listener(BaseHTTPRequestHandler):
    """Keeps what it is asked, and answers nothing of worth."""

    heard: list[Request]

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.heard.append(Request(self.command, path, query, headers, body))
        self.send_response(200)
        answer = b"{}" if self.command == "POST" else b""
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_POST(self) -> None:
        self.answer()

    def do_PUT(self) -> None:
        self.answer()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[tuple[str, list[Request]]]:
    heard: list[Request] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Listener,), {"heard": heard}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        server.server_close()


def check(request: Request, service: str, payload: str | None = None) -> None:
    """The signature is the account's, and good."""
    signature = sigv4.read(request)
    assert signature is not None
    assert (signature.access_key, signature.service) == ("000000000000", service)
    sigv4.verify(request, signature, lambda _: ANY_SECRET, payload=payload)


def test_what_is_passed_on_is_signed_anew(fresh_engine: Engines, listener: tuple[str, list[Request]]) -> None:
    url, heard = listener
    engine = fresh_engine("--neighbours", url)
    engine.client("s3").put_object(Bucket="b", Key="a key", Body=b"x", ChecksumAlgorithm="CRC32")
    engine.client("sqs").send_message(QueueUrl=f"{engine.url}/000000000000/q", MessageBody="x")
    put, send = heard
    check(put, "s3", put.headers["x-amz-content-sha256"])
    assert put.path == "/b/a%20key"
    check(send, "sqs", "UNSIGNED-PAYLOAD")
    for one in heard:
        assert engine.secret_key not in str(one.headers)
        assert one.headers["host"] == url.removeprefix("http://")


def test_what_the_engine_asks_is_signed_with_its_body(
    fresh_engine: Engines, listener: tuple[str, list[Request]]
) -> None:
    url, heard = listener
    engine = fresh_engine("--neighbours", url)
    client = engine.client("lambda")
    name = deploy(client, "def handler(event, context): pass")
    queue = "arn:aws:sqs:us-east-1:000000000000:q"
    client.create_event_source_mapping(FunctionName=name, EventSourceArn=queue)
    until(lambda: len(heard) > 0)
    check(heard[0], "sqs")


def test_queues_of_aws_keep_their_messages_unless_it_is_said(fresh_engine: Engines) -> None:
    """Who reads a queue deletes what went well, and a queue counts every look: a trial must not do that."""
    engine = fresh_engine("--neighbours", "https://sqs.us-east-1.amazonaws.com")
    client = engine.client("lambda")
    name = deploy(client, "def handler(event, context): pass")
    queue = "arn:aws:sqs:us-east-1:000000000000:q"
    uuid = client.create_event_source_mapping(FunctionName=name, EventSourceArn=queue)["UUID"]
    own = OwnApi(engine)

    def poller() -> dict[str, Any]:
        (source,) = own("GET", f"sources?uuid={uuid}")["sources"]
        return dict(source["poller"] or {})

    until(lambda: "--consume" in str(poller().get("trouble")))
    assert poller()["polled"] == poller()["batches"] == 0
    client.delete_event_source_mapping(UUID=uuid)
    until(lambda: own("GET", "sources")["sources"] == [])


@pytest.mark.parametrize(
    ("url", "consume", "spared"),
    [
        ("https://sqs.eu-west-1.amazonaws.com", False, True),
        ("https://sqs.eu-west-1.amazonaws.com", True, False),
        ("http://localhost:4566", False, False),
        ("built-in", False, False),
    ],
)
def test_whose_messages_are_spared(url: str, consume: bool, spared: bool) -> None:
    assert Neighbours(url, Clock("manual"), str, consume=consume).spared is spared


def test_the_keys_of_the_environment_are_for_aws_alone() -> None:
    environment = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
    assert keys_for("sqs.eu-west-1.amazonaws.com", environment) == Keys("AKIA", "s", "t")
    assert keys_for("sqs.eu-west-1.amazonaws.com", {}) == Keys()
    for host in ("localhost", "localstack", "amazonaws.com.evil.example", "notamazonaws.com"):
        assert keys_for(host, environment) == Keys("", ANY_SECRET, None)
