"""Who may come in: signatures, hosts, origins, sessions, accounts."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdatui.engine.credentials import Credentials
from tests.conftest import EngineProcess
from tests.engine.signing import plain, send, signed

STATUS = "/_lambdatui/status"
IDENTITY = b"Action=GetCallerIdentity&Version=2011-06-15"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MISMATCH = "The request signature we calculated does not match the signature you provided."


def own_keys(engine: EngineProcess) -> Credentials:
    return Credentials(engine.access_key, engine.secret_key)


def test_identity_of_the_engine_s_keys(engine: EngineProcess) -> None:
    answer = engine.client("sts").get_caller_identity()
    assert answer["Account"] == "000000000000"
    assert answer["Arn"] == "arn:aws:iam::000000000000:root"
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]


def test_a_key_of_twelve_digits_is_an_account_of_its_own(engine: EngineProcess) -> None:
    assert engine.client("sts", access_key="123456789012").get_caller_identity()["Account"] == "123456789012"


def test_the_aws_cli_comes_in(engine: EngineProcess) -> None:
    aws = Path(sys.executable).with_name("aws")
    done = subprocess.run(
        [aws, "sts", "get-caller-identity", "--query", "Account", "--output", "text"],
        env=engine.env(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr.strip()) == ("000000000000", "")


def test_session_keys_of_a_function_name_its_role(engine: EngineProcess) -> None:
    keys = own_keys(engine).session("123456789012", "arn:aws:iam::123456789012:role/app/r", "f", "env-1")
    request = signed(
        engine,
        "POST",
        "/",
        IDENTITY,
        service="sts",
        access_key=keys.access_key,
        secret_key=keys.secret_key,
        token=keys.token,
        headers=FORM,
    )
    answer = send(engine, request)
    assert answer.status == 200
    assert b"<Arn>arn:aws:sts::123456789012:assumed-role/r/f</Arn>" in answer.body
    assert b"<Account>123456789012</Account>" in answer.body


def test_session_keys_do_not_open_the_engine_itself(engine: EngineProcess) -> None:
    keys = own_keys(engine).session("000000000000", "arn:aws:iam::000000000000:role/r", "f", "env-1")
    session: dict[str, Any] = asdict(keys)
    assert send(engine, signed(engine, "GET", STATUS, **session)).status == 403
    assert send(engine, signed(engine, "PUT", "/_lambdatui/leases/x", **session)).status == 403


@pytest.mark.parametrize("token", [None, "", "nonsense", "e30=.AAAA"])
def test_session_keys_need_their_own_token(engine: EngineProcess, token: str | None) -> None:
    keys = own_keys(engine).session("000000000000", "arn:aws:iam::000000000000:role/r", "f", "env-1")
    request = signed(
        engine, "GET", STATUS, access_key=keys.access_key, secret_key=keys.secret_key, token=token
    )
    answer = send(engine, request)
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (403, "UnrecognizedClientException")


def test_session_keys_are_good_for_their_time(engine: EngineProcess) -> None:
    arguments = ("000000000000", "arn:aws:iam::000000000000:role/r", "f", "env-1")
    for session_s, status in ((60.0, 200), (-2.0, 403)):
        keys = replace(own_keys(engine), session_s=session_s).session(*arguments)
        session: dict[str, Any] = asdict(keys)
        answer = send(engine, signed(engine, "POST", "/", IDENTITY, service="sts", headers=FORM, **session))
        assert answer.status == status
        if status == 403:
            assert b"<Code>ExpiredToken</Code>" in answer.body
            assert b"The security token included in the request is expired" in answer.body
    answer = send(engine, signed(engine, "GET", "/2015-03-31/functions/", **session))
    assert answer.headers["x-amzn-errortype"] == "ExpiredTokenException"


def test_sessions_of_different_functions_have_different_keys(engine: EngineProcess) -> None:
    keys = own_keys(engine)
    one = keys.session("000000000000", "arn:aws:iam::000000000000:role/r", "f", "env-1")
    other = keys.session("000000000000", "arn:aws:iam::000000000000:role/r", "f", "env-2")
    again = keys.session("000000000000", "arn:aws:iam::000000000000:role/r", "f", "env-1")
    assert (one.access_key, one.secret_key) == (again.access_key, again.secret_key)
    assert len({one.access_key, other.access_key, one.secret_key, other.secret_key}) == 4


def test_a_request_that_is_not_signed(engine: EngineProcess) -> None:
    answer = plain(engine, "GET", "/2015-03-31/functions")
    assert answer.status == 403
    assert answer.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"
    assert answer.json() == {"message": "Missing Authentication Token"}
    form = plain(engine, "POST", "/", IDENTITY, FORM)
    assert b"<Code>MissingAuthenticationToken</Code>" in form.body


def test_an_unknown_key(engine: EngineProcess) -> None:
    with pytest.raises(ClientError) as caught:
        engine.client("sts", access_key="AKIAIOSFODNN7EXAMPLE").get_caller_identity()
    assert caught.value.response["Error"]["Code"] == "InvalidClientTokenId"
    assert (
        caught.value.response["Error"]["Message"] == "The security token included in the request is invalid."
    )
    answer = send(engine, signed(engine, "GET", STATUS, access_key="AKIAIOSFODNN7EXAMPLE"))
    assert answer.headers["x-amzn-errortype"] == "UnrecognizedClientException"


def test_a_wrong_secret(engine: EngineProcess) -> None:
    with pytest.raises(ClientError) as caught:
        engine.client("sts", secret_key="wrong").get_caller_identity()
    assert caught.value.response["Error"]["Code"] == "SignatureDoesNotMatch"
    assert caught.value.response["Error"]["Message"].startswith(MISMATCH)
    answer = send(engine, signed(engine, "GET", STATUS, secret_key="wrong"))
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (403, "InvalidSignatureException")


@pytest.mark.parametrize("presigned", [None, 60])
@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"target": "/2015-03-31/functions/other"},
        {"body": b'{"a": 2}'},
        {"headers": {"X-Amz-Meta": "changed"}},
    ],
)
def test_whatever_was_signed_cannot_be_changed(
    engine: EngineProcess, change: dict[str, Any], presigned: int | None
) -> None:
    if presigned and "target" in change:
        pytest.skip("the signature of a presigned request is in its target")
    request = signed(
        engine,
        "POST",
        "/2015-03-31/functions",
        b'{"a": 1}',
        headers={"X-Amz-Meta": "signed", "Content-Type": "application/json"},
        presigned=presigned,
    )
    answer = send(engine, request, **change)
    assert (answer.status, answer.json()["message"][: len(MISMATCH)]) == (403, MISMATCH)


def test_a_stated_body_hash_must_be_that_of_the_body(engine: EngineProcess) -> None:
    stated = {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}
    answer = send(engine, signed(engine, "POST", "/2015-03-31/functions", b"{}", headers=stated))
    assert answer.headers["x-amzn-errortype"] == "InvalidSignatureException"


@pytest.mark.parametrize("path", ["/_lambdatui/status?b=2&a=1&a=0", "/_lambdatui/status?x=%20%2F~-_.&y="])
def test_queries_are_signed_in_order(engine: EngineProcess, path: str) -> None:
    assert send(engine, signed(engine, "GET", path)).status == 200
    assert send(engine, signed(engine, "GET", path, presigned=60)).status == 200


@pytest.mark.parametrize("minutes", [16, 60 * 24 * 365])
def test_a_signature_expires(engine: EngineProcess, minutes: int) -> None:
    answer = send(engine, signed(engine, "GET", STATUS, age=timedelta(minutes=minutes)))
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (403, "InvalidSignatureException")
    assert answer.json()["message"].startswith("Signature expired: ")
    assert answer.json()["message"].endswith(" - 15 min.)")


def test_a_signature_from_the_future(engine: EngineProcess) -> None:
    answer = send(engine, signed(engine, "GET", STATUS, age=timedelta(minutes=-16)))
    assert answer.json()["message"].startswith("Signature not yet current: ")


def test_signatures_within_the_window(engine: EngineProcess) -> None:
    for minutes in (-14, 14):
        assert send(engine, signed(engine, "GET", STATUS, age=timedelta(minutes=minutes))).status == 200


def test_a_presigned_request_lasts_as_long_as_it_says(engine: EngineProcess) -> None:
    long = signed(engine, "GET", STATUS, presigned=3600, age=timedelta(minutes=50))
    assert send(engine, long).status == 200
    short = signed(engine, "GET", STATUS, presigned=60, age=timedelta(minutes=2))
    assert send(engine, short).status == 403
    stretched = send(
        engine, short, target=short.url.split("/", 3)[3].join(("/", "")).replace("=60&", "=600&")
    )
    assert stretched.status == 403


@pytest.mark.parametrize(
    "header",
    [
        "Basic YTpi",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=",
        "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=x",
        "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host",
        "AWS4-HMAC-SHA256 Credential=a//us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=x",
        "AWS4-HMAC-SHA256 ,,,===,",
        "\xff\xfe",
    ],
)
def test_headers_that_are_no_signature(engine: EngineProcess, header: str) -> None:
    headers = {"Authorization": header, "X-Amz-Date": "20260101T000000Z"}
    answer = plain(engine, "GET", "/2015-03-31/functions", headers=headers)
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (403, "IncompleteSignatureException")


@pytest.mark.parametrize("date", ["", "yesterday", "2026-01-01T00:00:00Z", "99999999T999999Z"])
def test_dates_that_are_none(engine: EngineProcess, date: str) -> None:
    request = signed(engine, "GET", STATUS)
    answer = send(engine, request, headers={"X-Amz-Date": date})
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (403, "IncompleteSignatureException")


@pytest.mark.parametrize("region", ["../../etc", "us east", "a" * 40, "ÄÖ"])
def test_regions_that_are_none(engine: EngineProcess, region: str) -> None:
    answer = send(engine, signed(engine, "GET", STATUS, region=region.encode().decode("latin-1")))
    assert answer.status == 403


def test_a_signature_must_cover_the_host(engine: EngineProcess) -> None:
    request = signed(engine, "GET", STATUS)
    header = request.headers["Authorization"].replace("SignedHeaders=host;", "SignedHeaders=")
    answer = send(engine, request, headers={"Authorization": header})
    assert "'Host'" in answer.json()["message"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost:80", "", "0.0.0.0"])
def test_a_foreign_host_is_refused(engine: EngineProcess, host: str) -> None:
    answer = send(engine, signed(engine, "GET", STATUS), headers={"Host": host})
    assert answer.status == 421
    assert b"localhost" in answer.body


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
def test_own_hosts_are_accepted(engine: EngineProcess, host: str) -> None:
    request = signed(engine, "GET", STATUS, headers={"Host": f"{host}:{engine.port}"})
    assert send(engine, request).status == 200


@pytest.mark.parametrize(
    "header", ["Host: evil.example", "Host: 127.0.0.1:{port}\r\nOrigin: https://evil.example"]
)
def test_the_body_of_what_is_refused_is_not_waited_for(engine: EngineProcess, header: str) -> None:
    head = f"POST /x HTTP/1.1\r\n{header.format(port=engine.port)}\r\nContent-Length: 60000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", engine.port), timeout=10) as client:
        client.sendall(head.encode() + b"the first bytes of many")
        assert client.recv(12) in (b"HTTP/1.1 421", b"HTTP/1.1 403")


SCOPE = "{key}/{day}/us-east-1/lambda/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + "0" * 64


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ([], "MissingAuthenticationTokenException"),
        (["Authorization: AWS4-HMAC-SHA256 Credential=made/up"], "IncompleteSignatureException"),
        ([f"Authorization: AWS4-HMAC-SHA256 Credential={SCOPE}"], "UnrecognizedClientException"),
        ([f"Authorization: AWS4-HMAC-SHA256 Credential={SCOPE}", "stated"], "InvalidSignatureException"),
    ],
    ids=["none", "no signature", "unknown key", "stated hash"],
)
@pytest.mark.parametrize("length", ["Content-Length: 60000000", "Transfer-Encoding: chunked"])
def test_a_large_body_is_not_read_from_who_cannot_come_in(
    engine: EngineProcess, headers: list[str], code: str, length: str
) -> None:
    now = datetime.now(UTC)
    lines = [f"Host: 127.0.0.1:{engine.port}", f"X-Amz-Date: {now:%Y%m%dT%H%M%SZ}", length]
    key = engine.access_key if "stated" in headers else "AKIAUNKNOWN"
    lines += [f"X-Amz-Content-Sha256: {'0' * 64}" if one == "stated" else one for one in headers]
    head = "\r\n".join(["POST /2015-03-31/functions HTTP/1.1", *lines, "", ""])
    with socket.create_connection(("127.0.0.1", engine.port), timeout=10) as client:
        client.sendall(head.format(key=key, day=f"{now:%Y%m%d}").encode() + b"5\r\nfirst")
        answer = client.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 403")
    assert f"x-amzn-errortype: {code}" in answer.lower().replace(code.lower(), code)


def test_a_large_body_of_who_may_come_in_is_read(engine: EngineProcess) -> None:
    body = json.dumps({"FunctionName": "f" * 200_000}).encode()
    answer = send(engine, signed(engine, "POST", "/2015-03-31/functions", body))
    assert (answer.status, b"validation error" in answer.body) == (400, True)
    stated = hashlib.sha256(body).hexdigest()
    request = signed(engine, "POST", "/2015-03-31/functions", body, headers={"X-Amz-Content-Sha256": stated})
    assert send(engine, request).status == 400


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1"])
def test_a_foreign_origin_is_refused(engine: EngineProcess, origin: str) -> None:
    for target in (STATUS, "/2015-03-31/functions", "/_code/x"):
        answer = send(engine, signed(engine, "GET", target), headers={"Origin": origin})
        assert answer.status == 403
        assert b"other sites" in answer.body


def test_an_own_origin_is_accepted(engine: EngineProcess) -> None:
    assert send(engine, signed(engine, "GET", STATUS), headers={"Origin": engine.url}).status == 200


@pytest.mark.parametrize(
    "expires", ["%C2%B2", pytest.param("9" * 5000, id="5000 digits"), "-1", "1e9", "", "1", "99999999999"]
)
def test_an_old_signature_with_a_date_that_is_none(engine: EngineProcess, expires: str) -> None:
    target = f"/bucket/key?AWSAccessKeyId={engine.access_key}&Signature=x&Expires={expires}"
    assert plain(engine, "GET", target).status == 403


def test_a_link_to_code_that_never_was(engine: EngineProcess) -> None:
    for token in ("", "x", "../../keys.json", "%2e%2e/keys.json", "A" * 80):
        assert plain(engine, "GET", f"/_code/{token}").status == 404


def test_without_signatures_everything_is_believed(fresh_engine: Callable[..., EngineProcess]) -> None:
    engine = fresh_engine("--unsigned")
    assert b"<Account>000000000000</Account>" in plain(engine, "POST", "/", IDENTITY, FORM).body
    anyone = engine.client("sts", access_key="111122223333", secret_key="anything")
    assert anyone.get_caller_identity()["Account"] == "111122223333"
    assert engine.client("sts", access_key="AKIAIOSFODNN7EXAMPLE", secret_key="x").get_caller_identity()
    assert plain(engine, "GET", STATUS).status == 200


def test_without_signatures_host_and_origin_still_count(fresh_engine: Callable[..., EngineProcess]) -> None:
    engine = fresh_engine("--unsigned")
    assert plain(engine, "GET", STATUS, headers={"Host": "evil.example"}).status == 421
    assert plain(engine, "GET", STATUS, headers={"Origin": "https://evil.example"}).status == 403
    act = "/?Action=GetCallerIdentity&Version=2011-06-15"  # a picture's address: browsers send no Origin
    assert plain(engine, "GET", act, headers={"Sec-Fetch-Site": "cross-site"}).status == 403
    assert plain(engine, "GET", act, headers={"Sec-Fetch-Site": "none"}).status == 200


def test_a_service_that_is_not_there_says_so(engine: EngineProcess) -> None:
    answer = send(engine, signed(engine, "GET", "/", service="braket"))
    assert answer.status == 501
    assert "'braket'" in answer.json()["message"]


def test_the_status(engine: EngineProcess) -> None:
    status = send(engine, signed(engine, "GET", STATUS)).json()
    assert status["pid"] == engine.process.pid
    assert status["account"] == "000000000000"
    assert status["uptime_s"] > 0
    assert status["clock"]["mode"] == "real"


def test_leases_are_counted_and_given_back(engine: EngineProcess) -> None:
    for name in ("one", "two", "one"):
        assert send(engine, signed(engine, "PUT", f"/_lambdatui/leases/{name}")).json() == {"ttl_s": 15.0}
    assert send(engine, signed(engine, "GET", STATUS)).json()["leases"] == 2
    for name in ("one", "two", "never"):
        assert send(engine, signed(engine, "DELETE", f"/_lambdatui/leases/{name}")).status == 200
    assert send(engine, signed(engine, "GET", STATUS)).json()["leases"] == 0


def test_paths_of_the_engine_that_are_none(engine: EngineProcess) -> None:
    for method, path in (("GET", "nothing"), ("POST", "status"), ("PUT", "leases/a%2Fb"), ("PUT", "leases/")):
        assert send(engine, signed(engine, method, f"/_lambdatui/{path}")).status == 404
