"""How a client of Kafka is told to authenticate itself. No broker of these tests asks for it: what would be
told to a client is looked at itself."""

from __future__ import annotations

import asyncio
import datetime
import json
import ssl
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from lambdatui.engine.sources.kafka_access import INVALID_CERTIFICATE, Access, Unusable, access

USER = json.dumps({"username": "me", "password": "hidden"})


def certificate(password: str = "") -> dict[str, str]:
    """A self-signed one, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    how: KeySerializationEncryption = NoEncryption()
    if password:
        how = BestAvailableEncryption(password.encode())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how).decode()
    found = {"certificate": built.public_bytes(Encoding.PEM).decode(), "privateKey": pem}
    return {**found, "privateKeyPassword": password} if password else found


def asked(secrets: dict[str, Any], *configurations: tuple[str, str]) -> Access:
    async def secret(arn: str) -> str:
        found = secrets[arn]
        return found if isinstance(found, str) else json.dumps(found)

    return asyncio.run(access([{"Type": kind, "URI": uri} for kind, uri in configurations], secret))


def test_a_network_alone_asks_for_nothing() -> None:
    found = asked({}, ("VPC_SUBNET", "subnet:subnet-1"), ("VPC_SECURITY_GROUP", "security_group:sg-1"))
    assert (dict(found.settings), found.kind) == ({}, "")


@pytest.mark.parametrize(
    ("kind", "mechanism"),
    [
        ("BASIC_AUTH", "PLAIN"),
        ("SASL_SCRAM_256_AUTH", "SCRAM-SHA-256"),
        ("SASL_SCRAM_512_AUTH", "SCRAM-SHA-512"),
    ],
)
def test_names_and_passwords_go_over_tls(kind: str, mechanism: str) -> None:
    found = asked({"arn": USER}, (kind, "arn"))
    settings = dict(found.settings)
    context = settings.pop("ssl_context")
    assert settings == {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": mechanism,
        "sasl_plain_username": "me",
        "sasl_plain_password": "hidden",
    }
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert found.kind == "SaslScram"


def test_an_authority_of_ones_own_is_the_only_one_trusted() -> None:
    own = certificate()
    found = asked({"arn": own}, ("SERVER_ROOT_CA_CERTIFICATE", "arn"))
    assert found.settings["security_protocol"] == "SSL"
    assert [dict(one["subject"][0]) for one in found.settings["ssl_context"].get_ca_certs()] == [
        {"commonName": "broker"}
    ]
    both = asked({"arn": own, "user": USER}, ("SERVER_ROOT_CA_CERTIFICATE", "arn"), ("BASIC_AUTH", "user"))
    assert both.settings["security_protocol"] == "SASL_SSL"
    assert len(both.settings["ssl_context"].get_ca_certs()) == 1


@pytest.mark.parametrize("password", ["", "of the key"])
def test_a_certificate_is_shown(password: str) -> None:
    found = asked({"arn": certificate(password)}, ("CLIENT_CERTIFICATE_TLS_AUTH", "arn"))
    assert found.settings["security_protocol"] == "SSL"
    assert found.kind == "Tls"


@pytest.mark.parametrize(
    ("secret", "kind", "sentence"),
    [
        ("no json", "BASIC_AUTH", "The secret arn is no JSON object."),
        ("[]", "BASIC_AUTH", "The secret arn has no username and no password."),
        ({"username": "me", "password": 7}, "SASL_SCRAM_512_AUTH", "The secret arn has no password."),
        ({"certificate": "x"}, "CLIENT_CERTIFICATE_TLS_AUTH", "The secret arn has no privateKey."),
        ({"certificate": "x", "privateKey": "y"}, "CLIENT_CERTIFICATE_TLS_AUTH", INVALID_CERTIFICATE),
        ({"certificate": "x"}, "SERVER_ROOT_CA_CERTIFICATE", INVALID_CERTIFICATE),
        ("", "OAUTHBEARER_AUTH", "This engine cannot authenticate itself to brokers by OAUTHBEARER_AUTH."),
    ],
)
def test_what_does_not_serve_is_said_without_what_it_holds(secret: Any, kind: str, sentence: str) -> None:
    with pytest.raises(Unusable) as caught:
        asked({"arn": secret}, (kind, "arn"))
    assert str(caught.value) == sentence


def test_a_key_whose_password_is_another() -> None:
    wrong = {**certificate("right"), "privateKeyPassword": "wrong"}
    with pytest.raises(Unusable, match=INVALID_CERTIFICATE):
        asked({"arn": wrong}, ("CLIENT_CERTIFICATE_TLS_AUTH", "arn"))


def test_two_ways_are_one_too_many() -> None:
    with pytest.raises(Unusable, match="BASIC_AUTH and SASL_SCRAM_512_AUTH are two"):
        asked({"arn": USER}, ("BASIC_AUTH", "arn"), ("SASL_SCRAM_512_AUTH", "arn"))
