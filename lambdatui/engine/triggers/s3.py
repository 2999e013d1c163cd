"""What is S3's own about requests: host names with a bucket in them, stated bodies, and the old signature.

SDKs still presign S3 URLs with Signature Version 2 where the region allows it: boto3 does so in us-east-1.
"""

from __future__ import annotations

import base64
import hmac
import re
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus

from lambdatui.engine import sigv4
from lambdatui.engine.settings import DEFAULT_REGION
from lambdatui.engine.sigv4 import Signature
from lambdatui.engine.triggers.forward import virtual_bucket
from lambdatui.engine.wire.errors import ApiError

if TYPE_CHECKING:
    from lambdatui.engine.wire.protocol import Request

_SECONDS = re.compile(r"\d{1,15}", re.ASCII)
_SUBRESOURCES = frozenset(
    (
        *("accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "inventory", "lifecycle"),
        *("location", "logging", "metrics", "notification", "object-lock", "partNumber", "policy"),
        *("replication", "requestPayment", "restore", "select", "select-type", "storageClass", "tagging"),
        *("torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website"),
        *("response-cache-control", "response-content-disposition", "response-content-encoding"),
        *("response-content-language", "response-content-type", "response-expires"),
    )
)


def is_s3(request: Request) -> bool:
    """Whether a request says it is signed for S3, in any of the ways."""
    if not request.query and "authorization" not in request.headers:
        return False
    return sigv4.claimed_service(request) == "s3" or _is_old(request)


def is_virtual_host(host: str, hosts: Collection[str]) -> bool:
    """Whether this is bucket.localhost:PORT of one of our own `hosts`: such names lead to loopback only."""
    return virtual_bucket(host) is not None and f"localhost:{host.rpartition(':')[2]}" in hosts


def read(request: Request) -> Signature | None:
    """The signature of a request, old or new."""
    if not _is_old(request):
        return sigv4.read(request)
    pairs = _pairs(request)
    return Signature(
        access_key=pairs.get("AWSAccessKeyId", ""),
        date="",
        region=DEFAULT_REGION,
        service="s3",
        signed_headers=(),
        signature=pairs.get("Signature", ""),
        timestamp=pairs.get("Expires", ""),
        token=pairs.get("x-amz-security-token"),
        expires=0,
    )


def verify(request: Request, signature: Signature, secret_for: Callable[[str], str | None]) -> None:
    """Raises ApiError unless the request is signed; its body is checked against what it states later."""
    if signature.signed_headers:
        sigv4.verify(request, signature, secret_for, payload=_stated_payload(request, signature))
        return
    secret = secret_for(signature.access_key)
    if secret is None:
        text = "The AWS Access Key Id you provided does not exist in our records."
        raise sigv4.denied("InvalidAccessKeyId", text)
    if not _SECONDS.fullmatch(signature.timestamp) or int(signature.timestamp) < time.time():
        raise sigv4.denied("AccessDenied", "Request has expired")
    digest = hmac.digest(secret.encode(), _old_text(request, signature).encode(), "sha1")
    if not hmac.compare_digest(base64.b64encode(digest), signature.signature.encode("utf-8", "replace")):
        text = (
            "The request signature we calculated does not match the signature you provided."
            " Check your key and signing method."
        )
        raise sigv4.denied("SignatureDoesNotMatch", text)


def _stated_payload(request: Request, signature: Signature) -> str:
    """What the request says of its body: a hash, or that it is not signed, or signed in pieces."""
    stated = request.headers.get("x-amz-content-sha256")
    if stated is None and signature.expires is None:
        text = "Missing required header for this request: x-amz-content-sha256"
        raise ApiError("InvalidRequest", text, 400, type=None)
    return stated or sigv4.UNSIGNED_PAYLOAD


def _is_old(request: Request) -> bool:
    query = request.query
    return "AWSAccessKeyId=" in query and "Signature=" in query and "authorization" not in request.headers


def _pairs(request: Request) -> dict[str, str]:
    pieces = (piece.partition("=") for piece in request.query.split("&") if piece)
    return {unquote(name): unquote_plus(value) for name, _, value in pieces}


def _old_text(request: Request, signature: Signature) -> str:
    """What Signature Version 2 signs; headers may have moved into the query."""
    query = _pairs(request)
    given = {name.lower(): value for name, value in query.items()} | request.headers
    amz = sorted((name, value) for name, value in given.items() if name.startswith("x-amz-"))
    bucket = virtual_bucket(request.headers.get("host", ""))
    resource = f"/{bucket}{request.path}" if bucket else request.path
    wanted = sorted(
        (piece.partition("=") for piece in request.query.split("&")),
        key=lambda piece: piece[0],
    )
    subresources = "&".join(
        f"{name}={unquote_plus(value)}" if sign else name
        for name, sign, value in wanted
        if name in _SUBRESOURCES
    )
    lines = [
        request.method,
        given.get("content-md5", ""),
        given.get("content-type", ""),
        signature.timestamp,
        *(f"{name}:{value.strip()}" for name, value in amz),
        f"{resource}?{subresources}" if subresources else resource,
    ]
    return "\n".join(lines)
