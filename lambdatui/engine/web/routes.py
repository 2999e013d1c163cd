"""Local routes: a path of the listener that leads to a function, as behind a gateway or a load balancer."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

from lambdatui.engine.dispatch import InvokeRequest, Outcome
from lambdatui.engine.http import Exchange
from lambdatui.engine.store import documents
from lambdatui.engine.store.database import Connection
from lambdatui.engine.store.documents import Document
from lambdatui.engine.web.answers import Answer, Malformed
from lambdatui.engine.web.function_urls import EVENT_LIMIT
from lambdatui.engine.web.gateways import GATEWAYS, Gateway
from lambdatui.engine.web.paths import Template
from lambdatui.engine.web.payloads import Place
from lambdatui.engine.web.request import WebRequest
from lambdatui.engine.wire.errors import ApiError, conflict

if TYPE_CHECKING:
    from lambdatui.engine.engine import Engine

KIND = "route"
_TEXT = (("Content-Type", "text/plain; charset=utf-8"),)


@dataclass(frozen=True, slots=True)
class Route:
    """One path and the function behind it."""

    template: Template
    kind: str
    account: str
    region: str
    name: str
    qualifier: str | None

    @classmethod
    def of(cls, stored: Document) -> Route:
        config = stored.document
        return cls(
            Template.read(stored.id),
            config["as"],
            stored.account,
            stored.region,
            config["name"],
            config["qualifier"],
        )

    @property
    def function(self) -> str:
        """The function as a command would name it."""
        return f"{self.name}:{self.qualifier}" if self.qualifier else self.name

    def stored(self) -> Document:
        document = {"as": self.kind, "name": self.name, "qualifier": self.qualifier}
        return Document(self.account, self.region, KIND, self.template.text, self.name, document)


class Routes:
    """All routes of the engine. A path belongs to one account and region only: there is but one listener."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: list[Route] | None = None

    def all(self) -> list[Route]:
        """Every route, the more exact paths first."""
        if self._known is None:
            found = map(Route.of, documents.everywhere(self._engine.store.read(), KIND))
            self._known = sorted(found, key=lambda route: route.template.rank)
        return self._known

    async def put(self, route: Route) -> None:
        """Add a route, or change where its path leads; raises ApiError if the path is somebody else's."""

        def change(conn: Connection) -> None:
            for stored in documents.everywhere(conn, KIND):
                other = Route.of(stored)
                if other.template.shape != route.template.shape:
                    continue
                if (other.account, other.region) != (route.account, route.region):
                    raise conflict(f"{other.template.text} belongs to account {other.account}.")
                documents.delete(conn, other.account, other.region, KIND, other.template.text)
            documents.put(conn, route.stored())

        await self._engine.store.write(change)
        self._known = None

    async def remove(self, account: str, region: str, path: str) -> bool:
        """Take a route away; whether there was one."""
        gone = await self._engine.store.write(
            lambda conn: documents.delete(conn, account, region, KIND, path)
        )
        self._known = None
        return gone

    def serve(self, exchange: Exchange, host: str) -> None:
        """Answer a request by the function that its path leads to."""
        if _from_elsewhere(exchange.headers):
            exchange.respond(403, _TEXT, b"Requests from pages of other sites are refused.\n")
            return
        for route in self.all():
            parameters = route.template.match(exchange.path)
            if parameters is not None:
                self._pass_on(exchange, host, route, parameters)
                return
        exchange.respond(404, _TEXT, b"No route leads here; lambdatui route list shows them all.\n")

    def _pass_on(self, exchange: Exchange, host: str, route: Route, parameters: dict[str, str]) -> None:
        gateway = GATEWAYS[route.kind]
        request = WebRequest.of(exchange, exchange.path, host)
        name = f"{gateway.any_method}{route.template.text}"
        place = Place(_api_id(route), route.account, route.region, name, parameters)
        call = _Call(exchange, request, gateway)
        payload = orjson.dumps(gateway.event(request, place))
        if len(exchange.body) > gateway.request_limit or len(payload) > EVENT_LIMIT:
            call.respond(gateway.too_large)
            return
        if gateway.patience_s is not None:
            call.timer = asyncio.get_running_loop().call_later(gateway.patience_s, call.respond, gateway.slow)
        invocation = InvokeRequest(
            account=route.account,
            region=route.region,
            name=route.name,
            qualifier=route.qualifier,
            payload=payload,
            request_id=request.id,
            trace_id=request.trace_id,
        )
        self._engine.dispatch.invoke(invocation, call.done)


@dataclass(slots=True)
class _Call:
    """One request on its way through a gateway."""

    exchange: Exchange
    request: WebRequest
    gateway: Gateway
    timer: asyncio.TimerHandle | None = field(default=None)

    def done(self, outcome: Outcome | ApiError) -> None:
        """The function answered, failed, or was never run."""
        if self.timer is not None:
            self.timer.cancel()
        answer = self.gateway.failed
        if isinstance(outcome, Outcome) and not outcome.function_error:
            try:
                answer = self.gateway.answer(outcome.payload)
            except Malformed:
                answer = self.gateway.failed
        self.respond(answer)

    def respond(self, answer: Answer) -> None:
        if self.exchange.gone or self.exchange.answered:
            return
        header = self.gateway.id_header
        ids = [(header, self.request.id)] if header else []
        self.exchange.respond(answer.status, [*answer.headers, *ids], answer.body)


def _api_id(route: Route) -> str:
    return hashlib.sha256(f"{route.account}\n{route.region}".encode()).hexdigest()[:10]


def _from_elsewhere(headers: dict[str, str]) -> bool:
    """Pages of other sites may link to a route; they may not call it. Pages of this machine may."""
    origin = headers.get("origin")
    if origin is not None:
        try:
            return not _is_local(urlsplit(origin).hostname)
        except ValueError:
            return True
    return headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate"


def _is_local(name: str | None) -> bool:
    return name in ("localhost", "127.0.0.1", "::1") or (name or "").endswith(".localhost")
