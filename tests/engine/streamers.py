"""Functions that stream, and the other end of what they wait for."""

from __future__ import annotations

import socket
import sys
from types import TracebackType
from typing import Any, Self

from tests.engine.deploying import deploy

PATIENCE_S = 20.0

# A runtime of its own: `event` is a list of steps, done one after the other while the answer is on its way.
BOOTSTRAP = f"""#!{sys.executable}
import base64, http.client, json, os, socket, time

host = os.environ["AWS_LAMBDA_RUNTIME_API"]
calls = http.client.HTTPConnection(host)


class Answer:
    def __init__(self, request, content_type):
        name, port = host.split(":")
        self.socket = socket.create_connection((name, int(port)))
        self.socket.sendall((
            f"POST /2018-06-01/runtime/invocation/{{request}}/response HTTP/1.1\\r\\nHost: {{host}}\\r\\n"
            f"Content-Type: {{content_type}}\\r\\n"
            "Lambda-Runtime-Function-Response-Mode: streaming\\r\\nTransfer-Encoding: chunked\\r\\n"
            "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\\r\\n\\r\\n"
        ).encode())

    def send(self, data):
        self.socket.sendall(b"%x\\r\\n%b\\r\\n" % (len(data), data))

    def end(self, trailers=""):
        self.socket.sendall(f"0\\r\\n{{trailers}}\\r\\n".encode())
        print("STATUS", self.socket.recv(65536).split()[1].decode(), flush=True)
        self.socket.close()


def meet(port):
    with socket.create_connection(("127.0.0.1", port)) as other:
        other.settimeout(20)
        return other.recv(1)


while True:
    calls.request("GET", "/2018-06-01/runtime/invocation/next")
    response = calls.getresponse()
    request = response.headers["Lambda-Runtime-Aws-Request-Id"]
    event = json.loads(response.read())
    if "rawPath" in event:
        event = json.loads(event["body"])
    answer = Answer(request, event.get("type", "text/plain"))
    trailers = ""
    for what, value in event["steps"]:
        if what == "send":
            answer.send(value.encode("latin-1"))
        elif what == "fill":
            for _ in range(value):
                answer.send(b"x" * 1048576)
        elif what == "meet":
            meet(value)
        elif what == "print":
            print(value, flush=True)
        elif what == "hang":
            time.sleep(60)
        elif what == "exit":
            os._exit(value)
        elif what == "leave":
            answer.socket.close()
        elif what == "babble":
            trailers = "Lambda-Runtime-Function-Error-Type: App.Late\\r\\n"
            trailers += f"Lambda-Runtime-Function-Error-Body: {{value}}\\r\\n"
        elif what == "fail":
            text = json.dumps({{"errorType": value, "errorMessage": "late"}})
            body = base64.b64encode(text.encode()).decode()
            trailers = (
                f"Lambda-Runtime-Function-Error-Type: {{value}}\\r\\n"
                f"Lambda-Runtime-Function-Error-Body: {{body}}\\r\\n"
            )
    if event["steps"][-1:] != [["leave", None]]:
        answer.end(trailers)
"""


def deploy_bootstrap(client: Any, **config: Any) -> str:
    """A function that does the steps of its event."""
    settings = {"Runtime": "provided.al2023", "Handler": "any", "Timeout": 20, **config}
    return deploy(client, {"bootstrap": BOOTSTRAP}, **settings)


class Meeting:
    """A place where a function waits until the test has seen what it wanted to see."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE_S)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def come(self) -> None:
        """Wait for the function and let it go on."""
        visitor, _ = self._listener.accept()
        with visitor:
            visitor.sendall(b".")

    def arrived(self, within: float) -> bool:
        """Whether the function comes; it goes on at once."""
        self._listener.settimeout(within)
        try:
            self.come()
        except TimeoutError:
            return False
        finally:
            self._listener.settimeout(PATIENCE_S)
        return True
