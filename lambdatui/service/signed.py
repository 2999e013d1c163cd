"""Signed requests that no AWS operation stands for. Imported only once botocore is."""

from __future__ import annotations

import json
from typing import Any

from aiobotocore.httpsession import AIOHTTPSession
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError


async def request(
    method: str, url: str, payload: bytes = b"", *, keys: tuple[str, str], region: str, http: AIOHTTPSession
) -> dict[str, Any]:
    """Send one request, signed as for Lambda; its JSON answer. Errors look like AWS's."""
    asked = AWSRequest(method=method, url=url, data=payload, headers={"Accept": "application/json"})
    SigV4Auth(Credentials(*keys), "lambda", region).add_auth(asked)
    answer = await http.send(asked.prepare())
    body = _json(await answer.content)
    if answer.status_code >= 400:
        code = answer.headers.get("x-amzn-ErrorType") or body.get("__type") or str(answer.status_code)
        raise ClientError(
            {
                "Error": {"Code": code, "Message": str(body.get("message") or body.get("Message") or code)},
                "ResponseMetadata": {"HTTPStatusCode": answer.status_code},
            },
            method,
        )
    return body


def session() -> AIOHTTPSession:
    """Connections to an engine on this machine: no proxies, no certificates."""
    return AIOHTTPSession(verify=False, timeout=(5, 10), max_pool_connections=4)


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body or b"{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
