"""One AWS service: from an HTTP exchange to a plain function and back."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from lambdatui.engine.wire import model, overrides, packed
from lambdatui.engine.wire.errors import ApiError, service_failure, validation
from lambdatui.engine.wire.json_rpc import JsonRpc
from lambdatui.engine.wire.protocol import REQUEST_ID, Match, Reply, Request, WireProtocol
from lambdatui.engine.wire.query import Query
from lambdatui.engine.wire.rest_json import RestJson
from lambdatui.engine.wire.rpc_cbor import RpcCbor
from lambdatui.engine.wire.validate import Validator

if TYPE_CHECKING:
    from lambdatui.engine.context import Context
    from lambdatui.engine.http import Exchange, Headers

logger = logging.getLogger(__name__)

Operation = Callable[["Context", dict[str, Any]], Awaitable[dict[str, Any]]]
RawOperation = Callable[["Context", "Exchange", dict[str, Any]], None]

_PROTOCOLS: dict[str, type[WireProtocol]] = {
    "smithy-rpc-v2-cbor": RpcCbor,
    "rest-json": RestJson,
    "json": JsonRpc,
    "query": Query,
}
"""Of a service that speaks several, the first that a request fits is the one it is answered in."""

Place = tuple[str, str, str]
PLACES, OF_EACH = 1024, 16
"""So many places, and so many requests of each, are known before all are forgotten."""
LONGEST_REMEMBERED = 256
"""Characters of headers: longer ones seldom come twice."""


class _Known:
    """Requests for one place, a method, path and query, that were read and found valid.

    The members that do not come from the body depend on these and on a few headers; the body of a raw
    operation is not ours to read.
    """

    __slots__ = ("_names", "_seen", "raw")

    def __init__(self, raw: RawOperation, names: tuple[str, ...]) -> None:
        self.raw = raw
        self._names = names
        self._seen: dict[tuple[str | None, ...], dict[str, Any]] = {}

    def find(self, exchange: Exchange) -> dict[str, Any] | None:
        """The members of a request like this one."""
        return self._seen.get(tuple(map(exchange.headers.get, self._names)))

    def keep(self, exchange: Exchange, request: dict[str, Any]) -> None:
        """Remember what was read from a request, its body apart."""
        values = tuple(map(exchange.headers.get, self._names))
        if sum(len(value) for value in values if value) > LONGEST_REMEMBERED:
            return
        if len(self._seen) >= OF_EACH:
            self._seen.clear()
        self._seen[values] = {name: value for name, value in request.items() if not isinstance(value, bytes)}


class Service:
    """`Service("lambda", modules=[functions, versions])`: PublishVersion is `publish_version` of any module.

    A function named `raw_publish_version(ctx, exchange, request)` instead gets the members of path, query and
    headers, checked, and the untouched body in `exchange`; it answers by `respond` and `fail`, now or later.
    """

    def __init__(
        self,
        name: str,
        modules: Iterable[object],
        failures: tuple[type[Exception], ...] = (),
        *,
        signs_as: str | None = None,
    ) -> None:
        """`failures`: exceptions whose text is meant for the caller, such as a full disk. `signs_as`: the
        name in its requests' signatures, where it is not botocore's."""
        self.name = name
        self.signs_as = signs_as or name
        self._modules = tuple(modules)
        self._failures = failures
        self._wires: list[WireProtocol] = []
        self._packed = False
        """Whether clients may compress what they send."""
        self._validator: Validator | None = None
        self._plain: dict[str, Operation | None] = {}
        self._raw: dict[str, RawOperation | None] = {}
        self._known: dict[Place, _Known] = {}
        self._running: set[asyncio.Task[None]] = set()

    def wire(self, request: Request) -> WireProtocol:
        """The protocol that a request is made by."""
        if not self._wires:
            self._load()
        if len(self._wires) == 1:
            return self._wires[0]
        return next((wire for wire in self._wires if wire.speaks(request)), self._wires[-1])

    def find(self, request: Request) -> Match | None:
        """The operation that is asked for; None if this service has none such."""
        try:
            return self.wire(request).match(request)
        except ApiError:
            return None

    def serve(self, ctx: Context, exchange: Exchange) -> None:
        """Answers `exchange`, whatever it contains."""
        known = self._known.get((exchange.method, exchange.path, exchange.query))
        try:
            if known is not None and (request := known.find(exchange)) is not None:
                known.raw(ctx, exchange, request)
                return
            wire = self.wire(exchange)
            if self._packed:
                packed.unpack(exchange)
            match = wire.match(exchange)
            raw = self._raw_operation(match.operation.name)
            request = wire.parse(match, exchange)
            self._check(wire, match, request)
            if raw is not None:
                self._remember(wire, match, exchange, raw, request)
                raw(ctx, exchange, request)
                return
            operation = self._operation(match.operation.name)
        except ApiError as error:
            self.fail(ctx, exchange, error)
        except Exception as error:
            self._defect(ctx, exchange, error)
        else:
            task = asyncio.get_running_loop().create_task(self._run(ctx, exchange, match, operation, request))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def respond(self, ctx: Context, exchange: Exchange, status: int, lines: str, body: bytes) -> None:
        """A raw operation's answer: its header lines as they are, and the request's id."""
        if not exchange.gone:
            exchange.answer(status, f"{lines}{REQUEST_ID}: {ctx.request_id}\r\n", body)

    def start(self, ctx: Context, exchange: Exchange, status: int, headers: Headers) -> None:
        """The same of an answer that comes in pieces."""
        if not exchange.gone:
            exchange.start(status, (*headers, (REQUEST_ID, ctx.request_id)))

    def fail(self, ctx: Context, exchange: Exchange, error: ApiError) -> None:
        """An error, in this service's protocol."""
        self._send(exchange, self.wire(exchange).fail(error, ctx.request_id))

    def too_large(self, ctx: Context, exchange: Exchange, limit: int) -> None:
        """The answer to a body that was refused while it came in."""
        match = self.find(exchange)
        name = (
            "InvokeFunction" if match and match.operation.name == "Invoke" else match and match.operation.name
        )
        text = f"Request must be smaller than {limit} bytes for the {name or 'requested'} operation"
        self.fail(ctx, exchange, ApiError("RequestEntityTooLargeException", text, 413, type=None))

    @property
    def busy(self) -> bool:
        return bool(self._running)

    async def _run(
        self, ctx: Context, exchange: Exchange, match: Match, operation: Operation, request: dict[str, Any]
    ) -> None:
        try:
            result = await operation(ctx, request)
            self._send(exchange, self.wire(exchange).reply(match.operation, result, ctx.request_id))
        except ApiError as error:
            self.fail(ctx, exchange, error)
        except Exception as error:
            self._defect(ctx, exchange, error)

    def _check(self, wire: WireProtocol, match: Match, request: dict[str, Any]) -> None:
        if self._validator is None:
            self._validator = Validator(wire.model, overrides.RULES.get(self.name, {}))
        errors = self._validator.errors(match.operation, request)
        if errors:
            raise validation(errors)

    def _remember(
        self, wire: WireProtocol, match: Match, exchange: Exchange, raw: RawOperation, request: dict[str, Any]
    ) -> None:
        """The next request that differs in its body alone needs no second look."""
        names = wire.headers_of(match)
        if names is None:
            return
        place = (exchange.method, exchange.path, exchange.query)
        if place not in self._known and len(self._known) >= PLACES:
            self._known.clear()
        self._known.setdefault(place, _Known(raw, names)).keep(exchange, request)

    def _operation(self, name: str) -> Operation:
        if name not in self._plain:
            self._plain[name] = self._lookup(_snake(name))
        found = self._plain[name]
        if found is None:
            text = f"The lambdatui engine does not have the operation {name} of {self.name} yet."
            raise ApiError("NotImplementedException", text, 501, type=None)
        return found

    def _raw_operation(self, name: str) -> RawOperation | None:
        if name not in self._raw:
            self._raw[name] = self._lookup(f"raw_{_snake(name)}")
        return self._raw[name]

    def _lookup(self, function: str) -> Any:
        for module in self._modules:
            found = getattr(module, function, None)
            if found is not None:
                return found
        return None

    def _load(self) -> None:
        loaded = model.load(self.name)
        self._packed = loaded.packed
        statuses = overrides.STATUS.get(self.name, {})
        self._wires = [
            kind(loaded, statuses) for name, kind in _PROTOCOLS.items() if name in loaded.protocols
        ]

    def _defect(self, ctx: Context, exchange: Exchange, error: Exception) -> None:
        known = isinstance(error, self._failures)
        what = f"{exchange.method} {exchange.path} (request {ctx.request_id})"
        logger.error("%s failed: %s", what, error, exc_info=None if known else error)
        if not exchange.answered:
            self.fail(ctx, exchange, service_failure(str(error) if known else None))

    @staticmethod
    def _send(exchange: Exchange, reply: Reply) -> None:
        if not exchange.gone:
            exchange.respond(reply.status, reply.headers, reply.body)


def _snake(name: str) -> str:
    """PublishVersion -> publish_version, ListFunctionsByCodeSigningConfig -> list_functions_by_…"""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
