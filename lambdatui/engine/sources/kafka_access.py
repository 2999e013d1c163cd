"""How a mapping reaches its brokers: where they are, over TLS or not, and who it says it is.

Secrets are read from Secrets Manager beside Lambda when the mapping begins, as AWS does; none is kept.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

SASL = {
    "BASIC_AUTH": "PLAIN",
    "SASL_SCRAM_256_AUTH": "SCRAM-SHA-256",
    "SASL_SCRAM_512_AUTH": "SCRAM-SHA-512",
}
CERTIFICATE, AUTHORITY = "CLIENT_CERTIFICATE_TLS_AUTH", "SERVER_ROOT_CA_CERTIFICATE"
_NETWORK = ("VPC_SUBNET", "VPC_SECURITY_GROUP")
INVALID_CERTIFICATE = "Provided certificate or private key is invalid."

Secret = Callable[[str], Awaitable[str]]
"""The text of a secret, by its ARN."""


class Unusable(Exception):  # noqa: N818 - a state of the mapping
    """What is configured cannot work; the text says why."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a Kafka client is told beside its brokers."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""
    """Which brokers take it: GetBootstrapBrokers answers with them as `BootstrapBrokerString` + kind."""


async def access(configurations: list[dict[str, str]], secret: Secret) -> Access:
    """What a mapping's SourceAccessConfigurations ask for. Raises Unusable."""
    told = {one["Type"]: one["URI"] for one in configurations}
    foreign = sorted(set(told) - {*SASL, CERTIFICATE, AUTHORITY, *_NETWORK})
    if foreign:
        raise Unusable(f"This engine cannot authenticate itself to brokers by {', '.join(foreign)}.")
    methods = [name for name in (*SASL, CERTIFICATE) if name in told]
    if len(methods) > 1:
        raise Unusable(f"A mapping authenticates itself in one way: {' and '.join(methods)} are two.")
    if not methods and AUTHORITY not in told:
        return Access()
    authority = await _members(secret, told[AUTHORITY], "certificate") if AUTHORITY in told else {}
    settings: dict[str, Any] = {"security_protocol": "SSL"}
    own: Mapping[str, str] = {}
    if CERTIFICATE in told:
        own = await _members(secret, told[CERTIFICATE], "certificate", "privateKey")
    elif methods:
        user = await _members(secret, told[methods[0]], "username", "password")
        settings = {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": SASL[methods[0]],
            "sasl_plain_username": user["username"],
            "sasl_plain_password": user["password"],
        }
    settings["ssl_context"] = _context(authority.get("certificate"), own)
    return Access(settings, "SaslScram" if settings["security_protocol"] == "SASL_SSL" else "Tls")


async def _members(secret: Secret, arn: str, *names: str) -> Mapping[str, str]:
    """A secret's JSON, which must have these members. What it holds is never said."""
    try:
        found = orjson.loads(await secret(arn))
    except orjson.JSONDecodeError:
        raise Unusable(f"The secret {arn} is no JSON object.") from None
    missing = [name for name in names if not isinstance(found, dict) or not isinstance(found.get(name), str)]
    if missing:
        raise Unusable(f"The secret {arn} has no {' and no '.join(missing)}.")
    return dict(found)


def _context(authority: str | None, own: Mapping[str, str]) -> ssl.SSLContext:
    """TLS that trusts an authority of one's own, or those that the machine trusts."""
    try:
        context = ssl.create_default_context(cadata=authority)
        if own:
            _show(context, own)
    except (ssl.SSLError, ValueError) as error:
        raise Unusable(INVALID_CERTIFICATE) from error
    return context


def _show(context: ssl.SSLContext, own: Mapping[str, str]) -> None:
    """Take over a certificate and its key, which Python reads from files only: private ones, gone at once."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name in ("certificate", "privateKey"):
            files.append(os.path.join(folder, name))
            with open(os.open(files[-1], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(own[name])
        certificate, key = files
        context.load_cert_chain(certificate, key, lambda: own.get("privateKeyPassword", ""))
