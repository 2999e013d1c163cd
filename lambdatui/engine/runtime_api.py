"""The Runtime API of one environment: a loopback port that only its own processes know.

It checks who asks and in what order, and hands everything else to the environment that owns it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Protocol

import orjson

from lambdatui.engine import http
from lambdatui.engine.environments.invocation import InvokeRequest
from lambdatui.engine.peers import is_ours

MAX_RESPONSE = 6291556
HOST = "127.0.0.1"
PREFIX = "/2018-06-01/runtime/"
INVOCATION = f"{PREFIX}invocation/"
NEXT = f"{INVOCATION}next"
RESPONSE_MODE = "lambda-runtime-function-response-mode"
MAX_ERROR_TYPE = 256
MAX_PEERS = 1000

_JSON = ("Content-Type", "application/json")
_JSON_LINE = "Content-Type: application/json\r\n"
_ACCEPTED = b'{"status":"OK"}\n'


class Owner(Protocol):
    """What a runtime tells its environment."""

    def runtime_ready(self) -> None:
        """It asks for an event: `RuntimeApi.waiting` is set."""

    def runtime_answered(self, payload: bytes) -> None:
        """It answered the current invocation."""

    def runtime_failed(self, error_type: str, payload: bytes) -> None:
        """It reported an error for the current invocation."""

    def runtime_answer_too_large(self) -> None:
        """Its answer to the current invocation was over the limit."""

    def runtime_streams(self, exchange: http.Exchange) -> http.BodySink:
        """It begins to answer the current invocation by a stream: who takes the pieces."""

    def runtime_init_failed(self, error_type: str, payload: bytes) -> None:
        """It could not start."""

    def other_call(self, exchange: http.Exchange) -> bool:
        """Something is asked for that is not of the Runtime API; whether that was answered."""


class RuntimeApi:
    """A listener. `current` is the id of the invocation that is owed an answer."""

    def __init__(self) -> None:
        self.owner: Owner | None = None
        self._server: http.Server | None = None
        self._hosts: frozenset[str] = frozenset()
        self._port = 0
        self._next: http.Exchange | None = None
        self._peers: set[tuple[str, int]] = set()
        self.current: str | None = None
        self._streaming = False
        self.address = ""
        self.initialised = False

    async def open(self) -> None:
        """Listen on a free port."""
        self._server = await http.serve(
            self._handle,
            HOST,
            0,
            max_body=MAX_RESPONSE,
            on_too_large=self._handle_too_large,
            sink_for=self._sink_for,
        )
        self._port = self._server.port
        self.address = f"{HOST}:{self._port}"
        self._hosts = frozenset((self.address, f"localhost:{self._port}"))

    @property
    def port(self) -> int:
        """Its port on this machine."""
        return self._port

    def listen_on(self, listening: socket.socket) -> Callable[[], None]:
        """Be there in a network of its own, too; what comes back ends that."""
        assert self._server is not None
        return self._server.listen_on(listening)

    def close(self) -> None:
        """Stop listening and drop every connection."""
        self._next = None
        if self._server is not None:
            self._server.close()
            self._server.abort()
            self._server = None

    @property
    def waiting(self) -> bool:
        """Whether the runtime waits for an event."""
        return self._next is not None

    @property
    def _owner(self) -> Owner:
        assert self.owner is not None
        return self.owner

    def reset(self) -> None:
        """The runtime is gone; another will come."""
        self._next = None
        self.current = None
        self._streaming = False
        self.initialised = False

    def send(self, invocation: InvokeRequest, deadline_ms: int) -> None:
        """Give the waiting runtime its event."""
        exchange, self._next = self._next, None
        assert exchange is not None
        exchange.on_gone = None
        self.current = invocation.request_id
        self._streaming = False
        lines = (
            f"Lambda-Runtime-Aws-Request-Id: {invocation.request_id}\r\n"
            f"Lambda-Runtime-Deadline-Ms: {deadline_ms}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {invocation.arn}\r\n"
            f"Lambda-Runtime-Trace-Id: {invocation.trace_id or ''}\r\n"
            f"Lambda-Runtime-InvokeRequest-Id: {invocation.request_id}\r\n{_JSON_LINE}"
        )
        if invocation.client_context:
            lines += http.header_lines([("Lambda-Runtime-Client-Context", invocation.context_json)])
        if invocation.tenant_id is not None:
            lines += http.header_lines([("Lambda-Runtime-Aws-Tenant-Id", invocation.tenant_id)])
        exchange.answer(200, lines, invocation.payload)

    # -- requests --------------------------------------------------------------------------------

    def _handle(self, exchange: http.Exchange) -> None:
        if not self._may_come(exchange):
            _forbid(exchange)
            return
        if self.owner is None:
            _refuse_transition(exchange, "the environment is not set up")
            return
        path, method = exchange.path, exchange.method
        if method == "GET" and path == NEXT:
            self._give_next(exchange)
        elif method == "POST" and path.startswith(INVOCATION):
            request_id, _, what = path[len(INVOCATION) :].partition("/")
            if what == "response":
                self._take_response(exchange, request_id)
            elif what == "error":
                self._take_error(exchange, request_id)
            else:
                _refuse(exchange, 404, "UnknownPath", f"There is nothing at {path}.")
        elif path == f"{PREFIX}init/error" and method == "POST":
            self._take_init_error(exchange)
        elif not self._owner.other_call(exchange):
            _refuse(exchange, 404, "UnknownPath", f"The Runtime API has no {method} {path}.")

    def _sink_for(self, exchange: http.Exchange) -> http.BodySink | None:
        """A streamed answer to the current invocation is passed on as it comes; all else is handled whole."""
        if RESPONSE_MODE not in exchange.headers or exchange.headers[RESPONSE_MODE].lower() != "streaming":
            return None
        if self.owner is None or self.current is None or self._streaming:
            return None
        mine = exchange.method == "POST" and exchange.path == f"{INVOCATION}{self.current}/response"
        if not mine or not self._may_come(exchange):
            return None
        self._streaming = True
        return self.owner.runtime_streams(exchange)

    def _handle_too_large(self, exchange: http.Exchange) -> None:
        if not self._may_come(exchange):
            _forbid(exchange)
            return
        message = f"Exceeded maximum allowed payload size ({MAX_RESPONSE} bytes)."
        _refuse(exchange, 413, "RequestEntityTooLarge", message)
        path = exchange.path
        if self.current is not None and path.startswith(f"{INVOCATION}{self.current}/"):
            self.current = None
            self._owner.runtime_answer_too_large()

    def _may_come(self, exchange: http.Exchange) -> bool:
        """Browsers, other hosts' names and other users have no business here."""
        headers, peer = exchange.headers, exchange.peer
        if headers.get("host") not in self._hosts or "origin" in headers or peer is None:
            return False
        return peer in self._peers or self._is_ours(peer)

    def _is_ours(self, peer: tuple[str, int]) -> bool:
        if not is_ours(peer, (HOST, self._port)):
            return False
        if len(self._peers) >= MAX_PEERS:
            self._peers.clear()
        self._peers.add(peer)
        return True

    def _give_next(self, exchange: http.Exchange) -> None:
        if self._next is not None:
            _refuse_transition(exchange, "another request for the next invocation is waiting")
            return
        if self.current is not None:
            _refuse_transition(exchange, "the current invocation has not been answered")
            return
        self._next = exchange
        exchange.on_gone = lambda: self._forget_next(exchange)
        self.initialised = True
        self._owner.runtime_ready()

    def _forget_next(self, exchange: http.Exchange) -> None:
        """The runtime's connection broke while it waited; it may come back with another."""
        if self._next is exchange:
            self._next = None

    def _is_current(self, exchange: http.Exchange, request_id: str) -> bool:
        if self.current is None:
            _refuse_transition(exchange, "there is no invocation to answer")
        elif request_id != self.current:
            _refuse(exchange, 400, "InvalidRequestID", "Invalid request ID")
        elif self._streaming:
            _refuse_transition(exchange, "the current invocation is being answered")
        else:
            self.current = None
            return True
        return False

    def _take_response(self, exchange: http.Exchange, request_id: str) -> None:
        if self._is_current(exchange, request_id):
            exchange.answer(202, _JSON_LINE, _ACCEPTED, may_wait=True)
            self._owner.runtime_answered(exchange.body)

    def _take_error(self, exchange: http.Exchange, request_id: str) -> None:
        if self._is_current(exchange, request_id):
            exchange.respond(202, (_JSON,), _ACCEPTED, may_wait=True)
            self._owner.runtime_failed(_error_type(exchange), exchange.body)

    def _take_init_error(self, exchange: http.Exchange) -> None:
        if self.initialised:
            _refuse_transition(exchange, "the runtime has been initialised")
            return
        exchange.respond(202, (_JSON,), _ACCEPTED)
        self.initialised = True
        self._owner.runtime_init_failed(_error_type(exchange), exchange.body)


def _error_type(exchange: http.Exchange) -> str:
    """What the runtime calls the error: by its header, else by the body, else unknown."""
    named = exchange.headers.get("lambda-runtime-function-error-type", "")
    if not named:
        try:
            body = orjson.loads(exchange.body)
            named = str(body.get("errorType", "")) if isinstance(body, dict) else ""
        except orjson.JSONDecodeError:
            named = ""
    return named[:MAX_ERROR_TYPE] or "Runtime.UnknownReason"


def _refuse(exchange: http.Exchange, status: int, kind: str, message: str) -> None:
    exchange.respond(status, (_JSON,), orjson.dumps({"errorMessage": message, "errorType": kind}))


def _forbid(exchange: http.Exchange) -> None:
    _refuse(exchange, 403, "Forbidden", "This port serves the processes of one environment only.")


def _refuse_transition(exchange: http.Exchange, why: str) -> None:
    _refuse(exchange, 403, "InvalidStateTransition", f"This call is not allowed now: {why}.")
