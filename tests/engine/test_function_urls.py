"""Function URLs: events, answers, permissions and cross-origin rules, over plain HTTP."""

from __future__ import annotations

import base64
import json
import re
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from lambdatui.engine.web.rate import Rate
from tests.conftest import EngineProcess
from tests.engine.deploying import deploy
from tests.engine.web_client import HANDLER, allow, deployed_url, fetch, open_url, signed_headers

FORBIDDEN = {
    "Message": "Forbidden. For troubleshooting Function URL authorization issues, see:"
    " https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
}
BAD = (502, "application/json", b"Internal Server Error")
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


@pytest.fixture(scope="module")
def url(client: Any) -> str:
    return deployed_url(client)[1]


def test_the_event(url: str) -> None:
    page = fetch(
        url,
        "pa2%Fth/1?multiQuery=foo&multiQuery=%2Fbar&empty=",
        "POST",
        '{"a": 1}',
        Content_Type="application/json",
        User_Agent="tests",
        Cookie="a=1; b=2",
        X_Mixed="Kept As Is",
    )
    event = page.json()
    parts = urlsplit(url)
    url_id = parts.path.split("/")[2]
    host = f"{url_id}.lambda-url.localhost:{parts.port}"
    context = event["requestContext"]
    assert list(event) == [
        "version", "routeKey", "rawPath", "rawQueryString", "cookies", "headers", "queryStringParameters",
        "requestContext", "body", "isBase64Encoded",
    ]  # fmt: skip
    assert (event["version"], event["routeKey"], event["rawPath"]) == ("2.0", "$default", "/pa2%Fth/1")
    assert event["rawQueryString"] == "multiQuery=foo&multiQuery=%2Fbar&empty="
    assert event["queryStringParameters"] == {"multiQuery": "foo,/bar", "empty": ""}
    assert event["cookies"] == ["a=1", "b=2"]
    assert (event["body"], event["isBase64Encoded"]) == ('{"a": 1}', False)
    headers = event["headers"]
    assert headers["x-mixed"] == "Kept As Is"
    assert headers["host"] == host
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-port"] == str(parts.port)
    assert headers["x-amzn-trace-id"].startswith("Root=1-")
    assert not headers.keys() & {"cookie", "connection"}
    assert context.keys() == {
        "accountId", "apiId", "domainName", "domainPrefix", "http", "requestId", "routeKey", "stage", "time",
        "timeEpoch",
    }  # fmt: skip
    assert (context["accountId"], context["apiId"], context["stage"]) == ("anonymous", url_id, "$default")
    assert (context["domainName"], context["domainPrefix"]) == (host, url_id)
    assert context["http"] == {
        "method": "POST",
        "path": "/pa2%Fth/1",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "tests",
    }
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", context["time"])
    assert isinstance(context["timeEpoch"], int)
    assert re.fullmatch(UUID, context["requestId"])
    assert page.header("x-amzn-RequestId") == context["requestId"]


def test_what_is_not_there_has_no_member(url: str) -> None:
    event = fetch(url).json()
    assert event["rawPath"] == "/"
    assert not event.keys() & {"body", "cookies", "queryStringParameters", "pathParameters"}
    assert (event["rawQueryString"], event["isBase64Encoded"]) == ("", False)


def test_the_handler_sees_the_id_that_the_client_gets(client: Any) -> None:
    _, url = deployed_url(client, "def handler(event, context):\n    return context.aws_request_id\n")
    page = fetch(url)
    assert page.body.decode() == page.header("x-amzn-RequestId")


@pytest.mark.parametrize(
    ("kind", "body", "encoded"),
    [
        ("text/plain; charset=utf-8", "grün".encode(), False),
        ("application/vnd.api+json", b"{}", False),
        ("text/plain", b"\xff\xfe", True),
        ("multipart/form-data; boundary=x", b"--x--", True),
        ("application/x-www-form-urlencoded", b"a=1", True),
        ("image/png", b"\x89PNG", True),
    ],
)
def test_bodies_that_are_no_text_come_in_base64(url: str, kind: str, body: bytes, encoded: bool) -> None:
    event = fetch(url, "", "POST", body, Content_Type=kind).json()
    assert event["isBase64Encoded"] is encoded
    sent = base64.b64decode(event["body"]) if encoded else event["body"].encode()
    assert sent == body


@pytest.mark.parametrize(
    ("answer", "status", "kind", "body"),
    [
        ({"hello": "world"}, 200, "application/json", b'{"hello":"world"}'),
        ("hello", 200, "application/json", b"hello"),
        (3, 200, "application/json", b"3"),
        (True, 200, "application/json", b"true"),
        (None, 200, "application/json", b"null"),
        (["hello", 3, True], 200, "application/json", b'["hello",3,true]'),
        ({"statusCode": 201}, 201, "application/json", b""),
        ({"statusCode": "418", "body": "tea"}, 418, "application/json", b"tea"),
        ({"statusCode": 200, "body": {"a": [1]}}, 200, "application/json", b'{"a":[1]}'),
        ({"statusCode": 200, "headers": {"content-type": "a/b"}, "body": "é"}, 200, "a/b", "é".encode()),
        ({"statusCode": 202, "body": "AAH/", "isBase64Encoded": True}, 202, "application/json", b"\0\1\xff"),
        ({"statusCode": "many"}, *BAD),
        ({"statusCode": 99}, *BAD),
        ({"statusCode": 200, "headers": []}, *BAD),
        ({"statusCode": 200, "headers": {"a b": "c"}}, *BAD),
        ({"statusCode": 200, "cookies": "a=1"}, *BAD),
        ({"statusCode": 200, "body": "?", "isBase64Encoded": True}, *BAD),
    ],
)  # fmt: skip
def test_what_becomes_of_an_answer(url: str, answer: Any, status: int, kind: str, body: bytes) -> None:
    page = fetch(url, "", "POST", f"answer:{json.dumps(answer)}", Content_Type="text/plain")
    assert (page.status, page.header("content-type"), page.body) == (status, kind, body)


def test_an_answer_may_be_as_deep_as_it_likes(client: Any) -> None:
    code = """
import sys

def handler(event, context):
    sys.setrecursionlimit(100_000)
    nest = []
    for _ in range(5000):
        nest = [nest]
    return nest if event["rawPath"] == "/" else {"statusCode": 200, "headers": nest}
"""
    _, url = deployed_url(client, code)
    assert fetch(url).body == b"[" * 5001 + b"]" * 5001
    assert fetch(url, "object").status == 502  # headers that are a list


def test_headers_and_cookies_of_an_answer(url: str) -> None:
    answer = {
        "statusCode": 200,
        "headers": {"X-One": "1\r\nX-Evil: 1", "X-Two": 2, "Content-Length": "999", "X-Nothing": None},
        "cookies": ["a=1; Path=/", "b=2"],
    }
    page = fetch(url, "", "POST", f"answer:{json.dumps(answer)}", Content_Type="text/plain")
    assert (page.header("x-one"), page.header("x-two")) == ("1  X-Evil: 1", "2")
    assert page.header("content-length") == "0"
    assert page.values("set-cookie") == ["a=1; Path=/", "b=2"]
    assert page.header("x-nothing") is None
    assert page.header("x-evil") is None


def test_a_function_that_fails_is_a_bad_gateway(url: str) -> None:
    page = fetch(url, "", "POST", "fail", Content_Type="text/plain")
    assert (page.status, page.body) == (502, b"Internal Server Error")


def test_too_large_is_too_large(url: str) -> None:
    for size in (7 << 20, 5 << 20):  # over the limit as it is, and once it is base64
        page = fetch(url, "", "POST", b"\xff" * size, Content_Type="image/png")
        assert (page.status, page.json()) == (413, {"message": "Request Too Long"})


def test_head_has_no_body(url: str) -> None:
    page = fetch(url, "", "HEAD")
    assert (page.status, page.body) == (200, b"")


# -- names ---------------------------------------------------------------------------------------


def test_two_spellings_and_no_others(url: str, engine: EngineProcess) -> None:
    parts = urlsplit(url)
    base, url_id = f"http://127.0.0.1:{parts.port}", parts.path.split("/")[2]
    named = f"{url_id}.lambda-url.localhost:{parts.port}"
    assert fetch(base, "/some/path", host=named).json()["rawPath"] == "/some/path"
    assert fetch(base, f"/lambda-url/{url_id}").json()["rawPath"] == "/"
    assert fetch(base, "/lambda-url/nobody/").json() == {"Message": None}
    unknown = fetch(base, "/", host=f"{'a' * 32}.lambda-url.localhost:{parts.port}")
    assert (unknown.status, unknown.header("x-amzn-ErrorType")) == (403, "AccessDeniedException")
    assert unknown.json() == {"Message": None}
    for host in (f"evil.example:{parts.port}", f"{url_id}.lambda-url.localhost:1", f"x.{named}", ""):
        assert fetch(base, f"/lambda-url/{url_id}/", host=host).status == 421


def test_the_listener_never_serves_the_api(url: str, engine: EngineProcess) -> None:
    base = f"http://127.0.0.1:{urlsplit(url).port}"
    for path in ("/2015-03-31/functions", "/_lambdatui/status", "/_code/x"):
        headers = signed_headers(engine, f"{base}{path}")
        assert fetch(base, path, **headers).status == 404
    status = json.loads((engine.data_dir / "engine.json").read_text())
    assert status["url_port"] == urlsplit(url).port


# -- permissions -----------------------------------------------------------------------------------


def test_both_permissions_are_needed_and_the_next_request_knows(client: Any) -> None:
    name, url = deployed_url(client)
    for statement in ("url", "invoke"):
        assert fetch(url).status == 200
        client.remove_permission(FunctionName=name, StatementId=statement)
        page = fetch(url)
        assert (page.status, page.json()) == (403, FORBIDDEN)
        assert page.header("x-amzn-ErrorType") == "AccessDeniedException"
        assert page.header("content-type") == "application/json"
        left = client.get_policy(FunctionName=name) if statement == "url" else None
        if left:
            client.remove_permission(FunctionName=name, StatementId="invoke")
            allow(client, name)


def test_a_grant_for_the_other_kind_of_url_is_none(client: Any) -> None:
    name = deploy(client, HANDLER)
    url = client.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]
    allow(client, name, "AWS_IAM")
    assert fetch(url).json() == FORBIDDEN


def test_signed_urls(engine: EngineProcess, client: Any) -> None:
    name = deploy(client, HANDLER)
    url = client.create_function_url_config(FunctionName=name, AuthType="AWS_IAM")["FunctionUrl"]
    event = fetch(url, **signed_headers(engine, url)).json()
    iam = event["requestContext"]["authorizer"]["iam"]
    assert event["requestContext"]["accountId"] == iam["accountId"] == "000000000000"
    assert (iam["accessKey"], iam["userArn"]) == (engine.access_key, "arn:aws:iam::000000000000:root")
    assert iam.keys() == {
        "accessKey", "accountId", "callerId", "cognitoIdentity", "principalOrgId", "userArn", "userId",
    }  # fmt: skip
    assert fetch(url).json() == FORBIDDEN
    wrong = fetch(url, **signed_headers(engine, url, secret_key="guessed"))
    assert (wrong.status, wrong.header("x-amzn-ErrorType")) == (403, "InvalidSignatureException")
    other = fetch(url, **signed_headers(engine, url, service="execute-api"))
    assert (other.status, other.header("x-amzn-ErrorType")) == (403, "InvalidSignatureException")
    stranger = signed_headers(engine, url, access_key="111122223333")
    assert fetch(url, **stranger).json() == FORBIDDEN
    allow(client, name, "AWS_IAM", "111122223333")
    assert fetch(url, **stranger).json()["requestContext"]["accountId"] == "111122223333"


def test_an_alias_has_a_url_and_a_policy_of_its_own(client: Any) -> None:
    name = deploy(client, "def handler(event, context):\n    return context.invoked_function_arn\n")
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    url = open_url(client, name, Qualifier="live")
    assert fetch(url).body.decode().endswith(f":{name}:live")
    client.delete_alias(FunctionName=name, Name="live")
    gone = fetch(url)
    assert (gone.status, gone.header("x-amzn-ErrorType")) == (403, "AccessDeniedException")


def test_a_url_that_was_deleted_or_changed(client: Any) -> None:
    name, url = deployed_url(client)
    assert fetch(url).status == 200
    client.update_function_url_config(FunctionName=name, AuthType="AWS_IAM")
    assert fetch(url).json() == FORBIDDEN
    client.delete_function_url_config(FunctionName=name)
    assert fetch(url).json() == {"Message": None}


def test_throttles(client: Any) -> None:
    name, url = deployed_url(client)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    page = fetch(url)
    assert (page.status, page.header("x-amzn-ErrorType")) == (429, "TooManyRequestsException")
    assert page.json()["message"] == "Rate Exceeded."


def test_ten_calls_a_second_for_each_reserved_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    rate = Rate()
    assert [rate.take("url", 2) for _ in range(3)] == [True, True, False]
    assert rate.take("another", 2)
    now += 0.9
    assert not rate.take("url", 2)
    now += 0.2
    assert rate.take("url", 2)


# -- cross-origin ----------------------------------------------------------------------------------

CORS = {
    "AllowOrigins": ["https://app.example", "https://*.example.org"],
    "AllowMethods": ["GET", "PUT"],
    "AllowHeaders": ["x-token"],
    "ExposeHeaders": ["x-total"],
    "MaxAge": 60,
    "AllowCredentials": True,
}
OWN_CORS = {
    "statusCode": 200,
    "headers": {"Access-Control-Allow-Origin": "https://of.function", "X-Total": "1"},
}


@pytest.fixture(scope="module")
def shared(client: Any) -> str:
    return deployed_url(client, Cors=CORS)[1]


def test_preflight_is_answered_without_the_function(shared: str) -> None:
    page = fetch(shared, "", "OPTIONS", Origin="https://app.example", Access_Control_Request_Method="PUT")
    assert (page.status, page.body) == (200, b"")
    assert page.header("access-control-allow-origin") == "https://app.example"
    assert page.header("access-control-allow-methods") == "GET,PUT"
    assert page.header("access-control-allow-headers") == "x-token"
    assert page.header("access-control-max-age") == "60"
    assert page.header("access-control-allow-credentials") == "true"
    stranger = fetch(
        shared, "", "OPTIONS", Origin="https://evil.example", Access_Control_Request_Method="PUT"
    )
    assert not [name for name, _ in stranger.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://app.example", True),
        ("https://deep.sub.example.org", True),
        ("https://example.org", False),
        ("http://app.example", False),
        ("null", False),
    ],
)
def test_rules_replace_what_the_function_says(shared: str, origin: str, allowed: bool) -> None:
    body = f"answer:{json.dumps(OWN_CORS)}"
    page = fetch(shared, "", "POST", body, Content_Type="text/plain", Origin=origin)
    assert page.header("access-control-allow-origin") == (origin if allowed else None)
    assert page.header("access-control-expose-headers") == ("x-total" if allowed else None)
    assert (page.header("vary"), page.header("x-total")) == ("Origin", "1")


def test_without_rules_the_function_speaks_for_itself(url: str) -> None:
    body = f"answer:{json.dumps(OWN_CORS)}"
    page = fetch(url, "", "POST", body, Content_Type="text/plain", Origin="https://app.example")
    assert page.header("access-control-allow-origin") == "https://of.function"
    options = fetch(url, "", "OPTIONS", Origin="https://a.example", Access_Control_Request_Method="PUT")
    assert options.json()["requestContext"]["http"]["method"] == "OPTIONS"


def test_everybody(client: Any) -> None:
    _, url = deployed_url(client, Cors={"AllowOrigins": ["*"], "AllowMethods": ["*"], "AllowHeaders": ["*"]})
    page = fetch(
        url, "", "OPTIONS", Origin="https://any.example", Access_Control_Request_Method="PATCH",
        Access_Control_Request_Headers="x-a, x-b",
    )  # fmt: skip
    assert page.header("access-control-allow-origin") == "*"
    assert page.header("access-control-allow-methods") == "PATCH"
    assert page.header("access-control-allow-headers") == "x-a, x-b"
    assert page.header("access-control-allow-credentials") is None
