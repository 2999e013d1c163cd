"""Requests signed by botocore and sent as they are: what no client would send can be tested too."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import botocore.auth
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.conftest import EngineProcess


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def signed(
    engine: EngineProcess,
    method: str,
    target: str,
    body: bytes = b"",
    *,
    service: str = "lambda",
    region: str = "us-east-1",
    access_key: str | None = None,
    secret_key: str | None = None,
    token: str | None = None,
    headers: dict[str, str] | None = None,
    age: timedelta = timedelta(),
    presigned: int | None = None,
) -> AWSRequest:
    """A request as botocore signs it; `age` ago, in its header or (`presigned` seconds) in its query."""
    url = f"{engine.url}{target}"
    request = AWSRequest(method, url, headers or {}, body)
    keys = Credentials(access_key or engine.access_key, secret_key or engine.secret_key, token)
    signer: Any = (
        SigV4Auth(keys, service, region)
        if presigned is None
        else SigV4QueryAuth(keys, service, region, expires=presigned)
    )
    real = botocore.auth.get_current_datetime
    with mock.patch.object(botocore.auth, "get_current_datetime", lambda *a, **k: real(*a, **k) - age):
        signer.add_auth(request)
    return request


def send(engine: EngineProcess, request: AWSRequest, **changed: Any) -> Answer:
    """Sends a signed request; `changed` may replace method, target, body, or add headers, after the fact."""
    parts = urlsplit(request.url)
    target = changed.get("target", parts.path + (f"?{parts.query}" if parts.query else ""))
    headers = dict(request.headers.items()) | changed.get("headers", {})
    return plain(
        engine, changed.get("method", request.method), target, changed.get("body", request.data), headers
    )


def plain(
    engine: EngineProcess, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> Answer:
    """Sends a request that nobody signed."""
    connection = http.client.HTTPConnection("127.0.0.1", engine.port, timeout=30)
    try:
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, response.read())
    finally:
        connection.close()
