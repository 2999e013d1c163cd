"""A stream of somebody else's: what AWS's answers may hold that no local neighbour's do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = dict[str, Any] | tuple[int, str]
"""The body, or the status and code of an error."""


class Stub:
    """An endpoint that answers operations of AWS's JSON protocols as it is told."""

    def __init__(self, **answers: Callable[[dict[str, Any]], Answer]) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers = answers
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                operation = self.headers["X-Amz-Target"].rpartition(".")[2]
                stub.asked.append((operation, body))
                status, answer = stub.answer(operation, body)
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, operation: str, body: dict[str, Any]) -> tuple[int, bytes]:
        told = self.answers[operation](body)
        if isinstance(told, dict):
            return 200, json.dumps(told).encode()
        status, code = told
        return status, json.dumps({"__type": code, "message": "as told"}).encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
