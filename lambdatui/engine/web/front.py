"""The listener of function URLs and local routes. It never serves the API."""

from __future__ import annotations

import errno
import re
from typing import TYPE_CHECKING

from lambdatui.engine.http import Exchange, Server, serve
from lambdatui.engine.settings import HOST
from lambdatui.engine.web.function_urls import FunctionUrls
from lambdatui.engine.web.routes import Routes

if TYPE_CHECKING:
    from lambdatui.engine.engine import Engine

MAX_BODY = 6_291_456
PATH_FORM = "/lambda-url/"
_NAME_FORM = re.compile(r"([a-z0-9]{1,64})\.lambda-url\.localhost", re.ASCII)
_TEXT = (("Content-Type", "text/plain; charset=utf-8"),)


class Front:
    """Two spellings of every function URL, and the routes.

    ``http://ID.lambda-url.localhost:PORT/`` needs a client that takes every name below localhost for this
    machine, as browsers do; ``http://127.0.0.1:PORT/lambda-url/ID/`` works everywhere.
    """

    def __init__(self, engine: Engine) -> None:
        self.urls = FunctionUrls(engine)
        self.routes = Routes(engine)
        self._engine = engine
        self._server: Server | None = None
        self._hosts: frozenset[str] = frozenset()

    @property
    def port(self) -> int:
        return self._server.port if self._server else 0

    async def listen(self, port: int, *, or_any: bool) -> None:
        """Takes the port, or any free one if it is taken and nobody insists; else raises OSError."""
        try:
            self._server = await self._open(port)
        except OSError as error:
            if not or_any or error.errno != errno.EADDRINUSE:
                raise
            self._server = await self._open(0)
        self._hosts = frozenset(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]"))

    async def _open(self, port: int) -> Server:
        return await serve(self, HOST, port, max_body=MAX_BODY, on_too_large=_too_large)

    async def close(self, within: float) -> None:
        """Lets answers go out that are under way."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed(within)
            self._server.abort()

    def url_of(self, url_id: str) -> str:
        """A function URL in the spelling that every client can reach."""
        return f"http://{HOST}:{self.port}{PATH_FORM}{url_id}/"

    def route_url(self, path: str) -> str:
        """Where a route answers."""
        return f"http://{HOST}:{self.port}{path}"

    def __call__(self, exchange: Exchange) -> None:
        host = exchange.headers.get("host", "").lower()
        url_id = self._named(host)
        if url_id is not None:
            self._engine.heard()
            self.urls.serve(exchange, url_id, exchange.path, host)
        elif host not in self._hosts:
            exchange.respond(421, _TEXT, b"This port serves function URLs and local routes by their names.\n")
        else:
            self._engine.heard()
            self._by_path(exchange, host)

    def _named(self, host: str) -> str | None:
        name, _, port = host.rpartition(":")
        found = _NAME_FORM.fullmatch(name)
        return found[1] if found and port == str(self.port) else None

    def _by_path(self, exchange: Exchange, host: str) -> None:
        if not exchange.path.startswith(PATH_FORM):
            self.routes.serve(exchange, host)
            return
        url_id, _, path = exchange.path.removeprefix(PATH_FORM).partition("/")
        self.urls.serve(exchange, url_id, f"/{path}", f"{url_id}.lambda-url.localhost:{self.port}")


def _too_large(exchange: Exchange) -> None:
    exchange.respond(413, (("Content-Type", "application/json"),), b'{"message":"Request Too Long"}')
