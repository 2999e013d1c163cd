"""The engine's own API as tests reach it: signed JSON requests under /_lambdatui/."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.conftest import EngineProcess

SETTLE_S = 20.0


@dataclass
class OwnApi:
    """One engine's own API."""

    engine: EngineProcess

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        """Status and answer of a request, well or badly."""
        url = f"{self.engine.url}/_lambdatui/{path}"
        data = None if body is None else json.dumps(body).encode()
        request = AWSRequest(method, url, data=data)
        keys = Credentials(self.engine.access_key, self.engine.secret_key)
        SigV4Auth(keys, "lambda", "us-east-1").add_auth(request)
        plain = urllib.request.Request(url, data, dict(request.headers), method=method)
        try:
            with urllib.request.urlopen(plain, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def __call__(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The answer of a request that must succeed."""
        status, answer = self.ask(method, path, body)
        assert status == 200, answer
        return answer

    def settle(self) -> None:
        """Wait until nothing is due that has not run and been delivered."""
        assert self("GET", f"queue?limit=1&settle_s={SETTLE_S}")["settled"]

    def advance(self, seconds: float) -> None:
        """Push the clock, and wait until everything that became due is over."""
        assert self("POST", "clock", {"advance_s": seconds, "settle_s": SETTLE_S})["settled"]

    def next(self) -> float:
        """Jump to the next due event; how far that was."""
        answer = self("POST", "clock", {"to": "next", "settle_s": SETTLE_S})
        assert answer["settled"]
        return float(answer["advanced_s"])

    def events(self, state: str = "waiting", **query: Any) -> list[dict[str, Any]]:
        """The events in a state, by number."""
        more = "".join(f"&{name}={value}" for name, value in query.items())
        found: list[dict[str, Any]] = self("GET", f"queue?state={state}{more}")["events"]
        return found

    def deliveries(self, state: str = "waiting") -> list[dict[str, Any]]:
        """The messages that have not arrived."""
        found: list[dict[str, Any]] = self("GET", f"deliveries?state={state}")["deliveries"]
        return found

    def totals(self, function: str) -> dict[str, int]:
        """A function's async metrics since the engine started."""
        flow = self("GET", "flow")["functions"]
        found: dict[str, int] = next(one["totals"] for one in flow if one["function"] == function)
        return found

    def fault(self, kind: str, **more: Any) -> None:
        """Set a switch."""
        self("PUT", "faults", {"kind": kind, **more})
