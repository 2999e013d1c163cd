"""What only a local engine can tell: its own figures, its address, and that somebody is still watching."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from typing import Any
from urllib.parse import quote, urlencode

from lambdatui import address
from lambdatui.model import DebugSession, EngineStatus, Route
from lambdatui.service.clean import clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import ServiceError

_RENEW_S = 5.0  # a lease lasts 15 s
_GOODBYE_S = 2.0


class EngineControl:
    """The part of an engine that AWS has no API for, under ``/_lambdatui/``."""

    def __init__(self, connection: Connection, *, region: str) -> None:
        self._connection = connection
        self._region = region
        self._lease = uuid.uuid4().hex
        self._keeper: asyncio.Task[None] | None = None

    async def status(self) -> EngineStatus:
        """The engine's figures at this moment."""
        raw = await self._ask("GET", "status")
        environments, clock = raw.get("environments", {}), raw.get("clock", {})
        return EngineStatus(
            version=clean_line(str(raw.get("version", ""))),
            pid=int(raw.get("pid", 0)),
            account=clean_line(str(raw.get("account", ""))),
            tier=clean_line(str(raw.get("tier", ""))),
            uptime_s=float(raw.get("uptime_s", 0)),
            functions=int(raw.get("functions", 0)),
            warm=int(environments.get("warm", 0)),
            busy=int(environments.get("busy", 0)),
            queue=int(raw.get("queue", 0)),
            clock=clean_line(str(clock.get("mode", "real") if isinstance(clock, dict) else clock)),
        )

    async def environment(self) -> dict[str, str]:
        """What another client needs to reach the engine: the variables that ``lambdatui env`` exports."""
        access = self._connection.access()
        assert access.keys
        assert access.endpoint
        found = address.Address(access.endpoint, 0, "", *access.keys)
        return found.environment(self._region)

    async def routes(self) -> list[Route]:
        """The paths at which functions are served to browsers."""
        raw = await self._ask("GET", "routes")
        return [_route(one) for one in raw.get("routes", ())]

    async def add_route(self, path: str, function: str, kind: str) -> Route:
        """Serve a function at a path; ``kind``: http, rest or alb."""
        body = json.dumps({"path": path, "function": function, "as": kind}).encode()
        return _route(await self._ask("PUT", "routes", body))

    async def remove_route(self, path: str) -> None:
        """Serve nothing at a path any more."""
        await self._ask("DELETE", f"routes?path={quote(path, safe='')}")

    async def debug(self, function: str, *, port: int, wait: bool) -> DebugSession:
        """Put a function's $LATEST under a debugger; any free port for 0."""
        account = (await self.status()).account
        body = {"function": function, "account": account, "region": self._region, "port": port, "wait": wait}
        return _debug_session(await self._ask("PUT", "debug", json.dumps(body).encode()))

    async def end_debug(self, session: DebugSession) -> None:
        """Run it as ever again; what is in the debugger ends."""
        query = {"function": session.function, "account": session.account, "region": session.region}
        await self._ask("DELETE", f"debug?{urlencode(query)}")

    def keep_alive(self) -> None:
        """Hold a lease from now on, so that an engine started for us stays."""
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Give the lease back."""
        if self._keeper is None:
            return
        self._keeper.cancel()
        await asyncio.gather(self._keeper, return_exceptions=True)
        self._keeper = None
        with contextlib.suppress(ServiceError, TimeoutError):  # gone already, or it ends our lease by itself
            async with asyncio.timeout(_GOODBYE_S):
                await self._ask("DELETE", f"leases/{self._lease}")

    async def _keep(self) -> None:
        while True:
            # A failure is told where somebody waits for an answer; a new engine gets our lease next time.
            with contextlib.suppress(ServiceError):
                await self._ask("PUT", f"leases/{self._lease}")
            await asyncio.sleep(_RENEW_S)

    async def _ask(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        return await self._connection.signed(method, f"/_lambdatui/{path}", body)


def _debug_session(raw: dict[str, Any]) -> DebugSession:
    names = ("function", "account", "region", "debugger", "host", "root")
    words = {name: clean_line(str(raw.get(name, ""))) for name in names}
    return DebugSession(**words, port=int(raw.get("port", 0)))


def _route(raw: dict[str, Any]) -> Route:
    return Route(*(clean_line(str(raw.get(name, ""))) for name in ("path", "function", "as", "url")))
