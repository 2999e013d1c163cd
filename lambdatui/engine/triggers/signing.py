"""Who asks, in requests to neighbours.

The process of our own reads an account and a region from a signature and checks nothing: the door has. An
endpoint that the user names gets real signatures (SigV4). Whoever takes any key (ElasticMQ, LocalStack, moto)
is shown the account as the key, by which LocalStack keeps accounts apart; no secret of the user's is used for
them. AWS itself (a host below amazonaws.com, of one service) is asked with the keys of the environment that
the engine was started in: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.

What the engine asks for itself (polling, deliveries, secrets) is signed with its body. What it passes on is
signed before the body is there: with the hash that the client states, else as S3's UNSIGNED-PAYLOAD, which
AWS takes for S3 alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

Header = tuple[str, str]

_AWS = re.compile(r"(.+\.)?(amazonaws\.com(\.cn)?|api\.aws)", re.ASCII)
ANY_SECRET = "lambdatui"  # noqa: S105 - who takes any key knows no secret
UNSIGNED = "UNSIGNED-PAYLOAD"
SIGNED = frozenset(("x-amz-date", "x-amz-security-token"))
"""Headers that a signature of ours brings along."""


def scope_headers(account: str, region: str, service: str) -> list[Header]:
    """What the process of our own reads."""
    day = time.strftime("%Y%m%d", time.gmtime())
    scope = f"{account}/{day}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"
    return [("Authorization", text), ("X-Moto-Account-Id", account)]


@dataclass(frozen=True, slots=True)
class Keys:
    """What requests are signed with; an empty access key stands for the account."""

    access_key: str = ""
    secret_key: str = ANY_SECRET
    token: str | None = None


def is_aws(host: str) -> bool:
    """Whether an endpoint is AWS itself."""
    return _AWS.fullmatch(host) is not None


def keys_for(host: str, environment: Mapping[str, str] = os.environ) -> Keys:
    """What an endpoint is to be asked with."""
    access_key = environment.get("AWS_ACCESS_KEY_ID")
    if not is_aws(host) or not access_key:
        return Keys()
    return Keys(
        access_key, environment.get("AWS_SECRET_ACCESS_KEY", ""), environment.get("AWS_SESSION_TOKEN") or None
    )


def signed(
    keys: Keys,
    account: str,
    region: str,
    service: str,
    *,
    method: str,
    url: str,
    headers: Iterable[Header],
    payload: str | bytes,
) -> list[Header]:
    """The headers that sign a request. `payload`: the body, or what stands for its hash."""
    from botocore.auth import S3SigV4Auth, SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    digest = hashlib.sha256(payload).hexdigest() if isinstance(payload, bytes) else payload
    covered = {name: value for name, value in headers if name.lower().startswith("x-amz-")}
    covered = {name: value for name, value in covered.items() if name.lower() not in SIGNED}
    covered |= {"Host": urlsplit(url).netloc, "X-Amz-Content-SHA256": digest}
    request = AWSRequest(method, url, covered)
    credentials = Credentials(keys.access_key or account, keys.secret_key, keys.token)
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    signer = kind(credentials, service, region)
    signer.payload = lambda _: digest
    signer.add_auth(request)
    brought = {*SIGNED, "authorization", "x-amz-content-sha256"}
    made = [(name, str(value)) for name, value in request.headers.items() if name.lower() in brought]
    return [*made, ("X-Moto-Account-Id", account)]
