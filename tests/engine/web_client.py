"""Function URLs and routes as clients reach them, and the functions behind them."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.conftest import EngineProcess
from tests.engine.deploying import deploy

# Answers what the event's body says, or the event itself.
HANDLER = """
import json

def handler(event, context):
    body = event.get("body") or ""
    if body == "fail":
        raise ValueError("no")
    if body.startswith("answer:"):
        return json.loads(body[7:])
    if event.get("version") == "2.0":
        return event
    return {"statusCode": 200, "body": json.dumps(event)}
"""


@dataclass(frozen=True)
class Page:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """The value of a header that came once."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) < 2, values
        return values[0] if values else None

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


def fetch(
    url: str,
    path: str = "",
    method: str = "GET",
    body: bytes | str = b"",
    host: str | None = None,
    **headers: str,
) -> Page:
    """Ask for `path` behind `url`; `host` may be another name than the one that is connected to."""
    parts = urlsplit(url)
    assert parts.hostname
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if host is not None:
        sent["Host"] = host
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        connection.request(method, f"{parts.path}{path}", body or None, sent)
        response = connection.getresponse()
        return Page(response.status, response.getheaders(), response.read())
    finally:
        connection.close()


def signed_headers(
    engine: EngineProcess,
    url: str,
    method: str = "GET",
    body: bytes = b"",
    service: str = "lambda",
    **keys: str,
) -> dict[str, str]:
    """The headers that sign a request, with underscores as `fetch` takes them."""
    request = AWSRequest(method, url, {}, body)
    credentials = Credentials(
        keys.get("access_key", engine.access_key), keys.get("secret_key", engine.secret_key)
    )
    botocore.auth.SigV4Auth(credentials, service, "us-east-1").add_auth(request)
    return {name.replace("-", "_"): value for name, value in request.headers.items()}


def allow(client: Any, name: str, auth_type: str = "NONE", principal: str = "*", **more: Any) -> None:
    """Both permissions that a function URL asks for."""
    client.add_permission(
        FunctionName=name,
        StatementId="url",
        Action="lambda:InvokeFunctionUrl",
        Principal=principal,
        FunctionUrlAuthType=auth_type,
        **more,
    )
    client.add_permission(
        FunctionName=name,
        StatementId="invoke",
        Action="lambda:InvokeFunction",
        Principal=principal,
        InvokedViaFunctionUrl=True,
        **more,
    )


def open_url(client: Any, name: str, **config: Any) -> str:
    """A URL of a function that everybody may call."""
    created = client.create_function_url_config(FunctionName=name, **{"AuthType": "NONE", **config})
    qualifier = {"Qualifier": config["Qualifier"]} if "Qualifier" in config else {}
    allow(client, name, created["AuthType"], **qualifier)
    return str(created["FunctionUrl"])


def deployed_url(client: Any, code: str = HANDLER, **config: Any) -> tuple[str, str]:
    """A function with an open URL: its name and the URL."""
    name = deploy(client, code, Timeout=10)
    return name, open_url(client, name, **config)
