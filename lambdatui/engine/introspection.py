"""What AWS has no API for, under /_lambdatui/: the engine's state, and the leases of dashboards."""

from __future__ import annotations

import logging
import os
import re
import time
from typing import TYPE_CHECKING, Any

import orjson

from lambdatui.engine.api import background
from lambdatui.engine.credentials import Principal
from lambdatui.engine.own import callbacks, clock, debug, environments, faults, pauses, queue, routes, sources
from lambdatui.engine.own.routes import Handler, Routes
from lambdatui.engine.settings import LEASE_GRACE, LEASE_TTL, version
from lambdatui.engine.web import management

if TYPE_CHECKING:
    from lambdatui.engine.engine import Engine
    from lambdatui.engine.http import Exchange

logger = logging.getLogger(__name__)

_LEASE = re.compile(r"/_lambdatui/leases/([A-Za-z0-9_.-]{1,128})", re.ASCII)
ROUTES: Routes = {
    **environments.ROUTES,
    **queue.ROUTES,
    **callbacks.ROUTES,
    **clock.ROUTES,
    **debug.ROUTES,
    **faults.ROUTES,
    **pauses.ROUTES,
    **sources.ROUTES,
}
_JSON = (("Content-Type", "application/json"),)


class Leases:
    """Who still needs the engine. A lease ends by itself when it is not renewed."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._busy_at = time.monotonic()

    def renew(self, name: str) -> None:
        self._until[name] = time.monotonic() + LEASE_TTL

    def drop(self, name: str) -> None:
        self._until.pop(name, None)

    def heard(self) -> None:
        """A request came: the engine is in use, lease or none."""
        self._busy_at = time.monotonic()

    @property
    def alive(self) -> int:
        now = time.monotonic()
        self._until = {name: until for name, until in self._until.items() if until > now}
        return len(self._until)

    @property
    def over(self) -> bool:
        """Nobody holds a lease, and nobody asked anything for a while."""
        return not self.alive and time.monotonic() - self._busy_at > LEASE_GRACE


class Introspection:
    """Routes under /_lambdatui/; the door has checked the signature."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def serve(self, exchange: Exchange, principal: Principal) -> None:
        if principal.session:
            self._answer(
                exchange, 403, {"message": "A function's session keys do not open the engine itself."}
            )
            return
        if exchange.path == management.PATH:
            background.soon(lambda: management.manage(self._engine, exchange, principal))
            return
        found = routes.find(ROUTES, exchange.method, exchange.path)
        if found is not None:
            background.soon(lambda: self._serve(exchange, *found))
            return
        try:
            status, body = self._route(exchange.method, exchange.path)
        except Exception:
            logger.exception("%s %s failed", exchange.method, exchange.path)
            status, body = 500, {"message": "The engine could not say; its log on stderr says more."}
        self._answer(exchange, status, body)

    async def _serve(self, exchange: Exchange, handler: Handler, number: int) -> None:
        self._answer(exchange, *await routes.answer(self._engine, exchange, handler, number))

    def _route(self, method: str, path: str) -> tuple[int, dict[str, Any]]:
        if path == "/_lambdatui/status" and method == "GET":
            return 200, self.status()
        lease = _LEASE.fullmatch(path)
        if lease and method == "PUT":
            self._engine.leases.renew(lease[1])
            return 200, {"ttl_s": LEASE_TTL}
        if lease and method == "DELETE":
            self._engine.leases.drop(lease[1])
            return 200, {}
        return 404, {"message": f"There is no {method} {path}."}

    def status(self) -> dict[str, Any]:
        engine = self._engine
        return {
            "version": version(),
            "pid": os.getpid(),
            "uptime_s": round(time.monotonic() - engine.started, 3),
            "leases": engine.leases.alive,
            **engine.describe(),
        }

    @staticmethod
    def _answer(exchange: Exchange, status: int, body: dict[str, Any]) -> None:
        exchange.respond(status, _JSON, orjson.dumps(body))
