"""Function URLs that stream: chunks while they are made, preludes, ends that are none."""

from __future__ import annotations

import http.client
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import deploy, log_lines, until
from tests.engine.streamers import Meeting, deploy_bootstrap
from tests.engine.web_client import HANDLER, Page, fetch, open_url

PRELUDE_TYPE = "application/vnd.awslambda.http-integration-response"
BAD = (502, b"Internal Server Error")
Steps = list[list[Any]]

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js (Debian: nodejs)")


@pytest.fixture(scope="module")
def name(client: Any) -> str:
    return deploy_bootstrap(client)


@pytest.fixture(scope="module")
def url(client: Any, name: str) -> str:
    return open_url(client, name, InvokeMode="RESPONSE_STREAM")


@contextmanager
def opened(url: str, body: Any) -> Iterator[http.client.HTTPResponse]:
    """An answer whose body is still coming."""
    parts = urlsplit(url)
    assert parts.hostname
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    try:
        connection.request("POST", parts.path, json.dumps(body), {"Content-Type": "application/json"})
        yield connection.getresponse()
    finally:
        connection.close()


def streamed(url: str, steps: Steps, kind: str = "text/plain") -> Page:
    body = json.dumps({"steps": steps, "type": kind})
    return fetch(url, "", "POST", body, Content_Type="application/json")


def test_bytes_arrive_before_the_next_are_made(url: str) -> None:
    with Meeting() as meeting:
        steps: Steps = [["send", "one"], ["meet", meeting.port], ["send", "two"], ["meet", meeting.port]]
        with opened(url, {"steps": steps, "type": "text/event-stream"}) as answer:
            assert (answer.status, answer.headers["content-type"]) == (200, "text/event-stream")
            assert answer.read(3) == b"one"
            meeting.come()
            assert answer.read(3) == b"two"
            meeting.come()
            assert answer.read() == b""


@pytest.mark.parametrize("cut", [0, 5, 41, 46, 49])
def test_a_prelude_says_status_headers_and_cookies(url: str, cut: int) -> None:
    prelude = json.dumps({"statusCode": 201, "headers": {"X-A": "b"}, "cookies": ["a=1", "b=2"]})
    text = f"{prelude}\0\0\0\0\0\0\0\0body"
    steps: Steps = [["send", piece] for piece in (text[:cut], text[cut:]) if piece]
    page = streamed(url, steps, PRELUDE_TYPE)
    assert (page.status, page.body, page.header("x-a")) == (201, b"body", "b")
    assert page.values("set-cookie") == ["a=1", "b=2"]
    assert page.header("content-type") == "application/octet-stream"
    assert page.header("x-amzn-RequestId")


@pytest.mark.parametrize(
    "steps",
    [
        [["send", '{"statusCode": 200}']],
        [["send", "no JSON\0\0\0\0\0\0\0\0body"]],
        [["send", '{"statusCode": "many"}\0\0\0\0\0\0\0\0body']],
        [["fill", 2]],
        [["send", '{"statusCode": 200}'], ["exit", 1]],
    ],
)
def test_a_prelude_that_is_none(url: str, steps: Steps) -> None:
    page = streamed(url, steps, PRELUDE_TYPE)
    assert (page.status, page.body) == BAD


@pytest.mark.parametrize("step", [["fail", "App.Late"], ["exit", 1], ["fill", 201]])
def test_an_end_that_is_none_cuts_the_connection(url: str, step: list[Any]) -> None:
    with opened(url, {"steps": [["send", "so far"], step]}) as answer:
        assert answer.read(6) == b"so far"
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            answer.read()


def test_a_client_that_leaves_stops_nobody(engine: EngineProcess, url: str, name: str) -> None:
    with Meeting() as meeting:
        steps: Steps = [["send", "x"], ["meet", meeting.port], ["fill", 30], ["print", "to the end"]]
        with opened(url, {"steps": steps}) as answer:
            assert answer.read(1) == b"x"
        meeting.come()
    logs = engine.client("logs")
    until(lambda: "to the end\n" in log_lines(logs, name))


def test_answers_that_are_no_stream(client: Any) -> None:
    plain = deploy(client, HANDLER)
    url = open_url(client, plain, InvokeMode="RESPONSE_STREAM")
    answer = {"statusCode": 201, "body": "text"}
    page = fetch(url, "", "POST", f"answer:{json.dumps(answer)}", Content_Type="text/plain")
    assert (page.status, page.json()) == (200, answer)
    assert fetch(url, "", "POST", "fail", Content_Type="text/plain").status == 502
    client.remove_permission(FunctionName=plain, StatementId="url")
    assert fetch(url).status == 403


def test_a_stream_behind_a_url_that_does_not_stream(client: Any) -> None:
    buffered = open_url(client, deploy_bootstrap(client))
    page = streamed(buffered, [["send", '{"statusCode": 418,'], ["send", ' "body": "tea"}']])
    assert (page.status, page.body) == (418, b"tea")


def test_cross_origin_rules_hold_for_streams(client: Any) -> None:
    url = open_url(
        client,
        deploy_bootstrap(client),
        InvokeMode="RESPONSE_STREAM",
        Cors={"AllowOrigins": ["https://a.example"]},
    )
    body = json.dumps({"steps": [["send", "x"]]})
    page = fetch(url, "", "POST", body, Content_Type="application/json", Origin="https://a.example")
    assert (page.body, page.header("access-control-allow-origin")) == (b"x", "https://a.example")


NODE = """
const net = require('net');
const meet = (port) => new Promise((resolve) => net.connect(port, '127.0.0.1').on('data', resolve));
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  const metadata = { statusCode: 203, headers: { 'Content-Type': 'text/html' }, cookies: ['a=1'] };
  stream = awslambda.HttpResponseStream.from(stream, metadata);
  stream.write('one');
  await meet(Number(event.body));
  stream.write('two');
  stream.end();
});
"""


@needs_node
def test_nodes_http_stream(client: Any) -> None:
    name = deploy(client, {"app.js": NODE}, Runtime="nodejs20.x", Timeout=20)
    url = open_url(client, name, InvokeMode="RESPONSE_STREAM")
    with Meeting() as meeting, opened(url, meeting.port) as answer:
        assert (answer.status, answer.headers["content-type"]) == (203, "text/html")
        assert answer.headers["set-cookie"] == "a=1"
        assert answer.read(3) == b"one"
        meeting.come()
        assert answer.read() == b"two"
