"""Shareable test events, as the registry of EventBridge answers on the wire."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from lambdatui.service.connection import Access, Connection
from lambdatui.service.errors import Denied
from lambdatui.service.shared_events import SharedEvents

SCHEMA = {
    "openapi": "3.0.0",
    "info": {"version": "1.0.0", "title": "Event"},
    "paths": {},
    "components": {
        "schemas": {"Event": {"type": "object"}},
        "examples": {"small-order": {"value": {"order": 42}}, "no\x1b[31mvalue": {}},
    },
}


class Registry(BaseHTTPRequestHandler):
    """Answers DescribeSchema for one function."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        name = self.path.partition("?")[0].rpartition("/")[2]
        if name == "_checkout-schema":
            self._answer(200, {"SchemaName": name, "Type": "OpenApi3", "Content": json.dumps(SCHEMA)})
        elif name == "_secret-schema":
            self._answer(403, {"Code": "ForbiddenException", "Message": "no"}, "ForbiddenException")
        else:
            self._answer(404, {"Code": "NotFoundException", "Message": "no"}, "NotFoundException")

    def _answer(self, status: int, body: dict[str, Any], error: str = "") -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if error:
            self.send_header("x-amzn-ErrorType", error)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Quietly."""


@pytest.fixture
def registry() -> Iterator[str]:
    Registry.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def test_what_colleagues_shared_is_read_by_the_names_that_the_console_gives(registry: str) -> None:
    connection = Connection(lambda: Access(region="eu-west-1", endpoint=registry), where="AWS")
    try:
        shared = SharedEvents(connection)
        assert await shared.of("checkout") == {"small-order": '{\n  "order": 42\n}'}
        assert await shared.of("nobody") == {}
        with pytest.raises(Denied):
            await shared.of("secret")
    finally:
        await connection.close()
    assert Registry.asked[0] == "/v1/registries/name/lambda-testevent-schemas/schemas/name/_checkout-schema"
