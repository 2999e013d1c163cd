"""Local routes: paths, events and answers of API Gateway and load balancers, over plain HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from lambdatui.engine.web.paths import BadPath, Template
from tests.conftest import EngineProcess
from tests.engine.deploying import deploy
from tests.engine.signing import Answer, send, signed
from tests.engine.web_client import HANDLER, Page, fetch

PATH = "/_lambdatui/routes"
HTTP_FAILED = (500, {"message": "Internal Server Error"})
REST_FAILED = (502, {"message": "Internal server error"})


@dataclass
class Routes:
    """The routes of one engine, as the command line manages them."""

    engine: EngineProcess
    function: str

    @property
    def base(self) -> str:
        return (
            f"http://127.0.0.1:{json.loads((self.engine.data_dir / 'engine.json').read_text())['url_port']}"
        )

    def ask(self, method: str, target: str = PATH, body: Any = None, **keys: Any) -> Answer:
        sent = b"" if body is None else json.dumps(body).encode()
        return send(self.engine, signed(self.engine, method, target, sent, **keys))

    def add(self, path: str, kind: str, function: str | None = None, **keys: Any) -> Answer:
        body = {"path": path, "function": function or self.function, "as": kind}
        return self.ask("PUT", body=body, **keys)

    def remove(self, path: str) -> Answer:
        return self.ask("DELETE", f"{PATH}?path={quote(path, safe='')}")

    def get(self, path: str, **more: Any) -> Page:
        return fetch(self.base, path, **more)

    def answer(self, path: str, answer: Any) -> Page:
        """What a client gets when the function answers this."""
        return fetch(self.base, path, "POST", f"answer:{json.dumps(answer)}", Content_Type="text/plain")


@pytest.fixture(scope="module")
def routes(engine: EngineProcess) -> Routes:
    return Routes(engine, deploy(engine.client("lambda"), HANDLER))


# -- events ----------------------------------------------------------------------------------------


def test_an_http_api(routes: Routes) -> None:
    shown = routes.add("/http/{id}/{proxy+}", "http").json()
    assert (shown["url"], shown["as"]) == (f"{routes.base}/http/{{id}}/{{proxy+}}", "http")
    page = routes.get("/http/a%20b/x/y?q=1&q=2", Cookie="a=1")
    event = page.json()
    assert (event["version"], event["routeKey"]) == ("2.0", "ANY /http/{id}/{proxy+}")
    assert event["pathParameters"] == {"id": "a b", "proxy": "x/y"}
    assert (event["rawPath"], event["queryStringParameters"]) == ("/http/a%20b/x/y", {"q": "1,2"})
    assert event["cookies"] == ["a=1"]
    context = event["requestContext"]
    assert (context["accountId"], context["stage"]) == ("000000000000", "$default")
    assert context["http"]["method"] == "GET"
    assert page.header("apigw-requestid") == context["requestId"]


def test_a_rest_api(routes: Routes) -> None:
    routes.add("/rest/{id}", "rest")
    event = routes.get("/rest/7?q=1&q=2&e=", X_Custom="yes").json()
    assert list(event) == [
        "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
        "multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext", "body",
        "isBase64Encoded",
    ]  # fmt: skip
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/rest/{id}", "/rest/7", "GET")
    assert event["headers"]["X-Custom"] == "yes"
    assert event["multiValueHeaders"]["X-Custom"] == ["yes"]
    assert event["queryStringParameters"] == {"q": "2", "e": ""}
    assert event["multiValueQueryStringParameters"] == {"q": ["1", "2"], "e": [""]}
    assert event["pathParameters"] == {"id": "7"}
    assert (event["stageVariables"], event["body"], event["isBase64Encoded"]) == (None, None, False)
    context = event["requestContext"]
    assert (context["resourcePath"], context["stage"], context["protocol"]) == (
        "/rest/{id}",
        "prod",
        "HTTP/1.1",
    )
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["identity"].keys() >= {"userAgent", "caller", "user", "userArn", "accountId"}
    bare = routes.get("/rest/7").json()
    assert (bare["queryStringParameters"], bare["multiValueQueryStringParameters"]) == (None, None)


def test_a_load_balancer(routes: Routes) -> None:
    routes.add("/alb/*", "alb")
    event = routes.get("/alb/x/y?q=%20a&q=b%2Fc", X_Custom="yes").json()
    assert event.keys() == {
        "requestContext", "httpMethod", "path", "queryStringParameters", "headers", "body", "isBase64Encoded",
    }  # fmt: skip
    group = event["requestContext"]["elb"]["targetGroupArn"]
    assert group.startswith("arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/")
    assert (event["path"], event["queryStringParameters"]) == ("/alb/x/y", {"q": "b%2Fc"})
    assert (event["headers"]["x-custom"], event["body"], event["isBase64Encoded"]) == ("yes", "", False)


def test_binary_bodies_both_ways(routes: Routes) -> None:
    for kind in ("http", "rest", "alb"):
        routes.add(f"/binary-{kind}", kind)
        page = fetch(routes.base, f"/binary-{kind}", "POST", b"\x89PNG", Content_Type="image/png")
        assert (page.json()["body"], page.json()["isBase64Encoded"]) == ("iVBORw==", True)
        back = routes.answer(f"/binary-{kind}", {"statusCode": 200, "body": "AP8=", "isBase64Encoded": True})
        assert back.body == b"\x00\xff"


# -- answers ---------------------------------------------------------------------------------------


def test_what_a_rest_api_takes(routes: Routes) -> None:
    routes.add("/rest-answer", "rest")
    good = {
        "statusCode": "201",
        "headers": {"A": "1", "B": "2"},
        "multiValueHeaders": {"a": ["3", "4"]},
        "body": "x",
    }
    page = routes.answer("/rest-answer", good)
    assert (page.status, page.body, page.values("a"), page.header("b")) == (201, b"x", ["3", "4"], "2")
    assert page.header("content-type") == "application/json"
    assert routes.answer("/rest-answer", {}).status == 200
    for bad in (
        "text",
        [1],
        {"statusCode": 200, "body": {}},
        {"statusCode": 200, "cookies": []},
        {"statusCode": 1},
    ):
        page = routes.answer("/rest-answer", bad)
        assert (page.status, page.json()) == REST_FAILED, bad
    failed = fetch(routes.base, "/rest-answer", "POST", "fail", Content_Type="text/plain")
    assert (failed.status, failed.json()) == REST_FAILED


def test_what_an_http_api_takes(routes: Routes) -> None:
    routes.add("/http-answer", "http")
    assert routes.answer("/http-answer", {"hello": 1}).json() == {"hello": 1}
    page = routes.answer("/http-answer", {"statusCode": 204, "cookies": ["a=1"]})
    assert (page.status, page.values("set-cookie")) == (204, ["a=1"])
    for body in ("fail", 'answer:{"statusCode": "x"}'):
        failed = fetch(routes.base, "/http-answer", "POST", body, Content_Type="text/plain")
        assert (failed.status, failed.json()) == HTTP_FAILED


def test_what_a_load_balancer_takes(routes: Routes) -> None:
    routes.add("/alb-answer", "alb")
    good = {
        "statusCode": 201,
        "statusDescription": "201 Created",
        "multiValueHeaders": {"a": ["1", "2"]},
        "body": "x",
    }
    page = routes.answer("/alb-answer", good)
    assert (page.status, page.body, page.values("a")) == (201, b"x", ["1", "2"])
    for bad in ("text", {}, {"statusCode": "200"}, {"statusCode": 200, "body": {}}):
        page = routes.answer("/alb-answer", bad)
        assert (page.status, page.header("content-type")) == (502, "text/html"), bad
    large = fetch(routes.base, "/alb-answer", "POST", b"x" * (1 << 20 | 1), Content_Type="text/plain")
    assert large.status == 413


# -- management ------------------------------------------------------------------------------------


def test_routes_are_kept_changed_and_removed(fresh_engine: Callable[..., EngineProcess]) -> None:
    engine = fresh_engine()
    first = Routes(engine, deploy(engine.client("lambda"), HANDLER))
    first.add("/kept/{id}/", "http")
    first.add("/kept/{other}", "rest")  # the same path in other words
    listed = first.ask("GET").json()["routes"]
    assert [(route["path"], route["as"]) for route in listed] == [("/kept/{other}", "rest")]
    engine.stop()
    again = Routes(fresh_engine(data_dir=engine.data_dir), first.function)
    assert again.get("/kept/1").json()["pathParameters"] == {"other": "1"}
    assert again.remove("/kept/{other}").status == 200
    assert again.get("/kept/1").status == 404
    assert again.remove("/kept/{other}").status == 404


def test_what_is_refused(routes: Routes) -> None:
    for path, kind in (
        ("no-slash", "http"),
        ("/lambda-url/x", "http"),
        ("/a/{b+}/c", "rest"),
        ("/x", "soap"),
    ):
        answer = routes.add(path, kind)
        assert (answer.status, list(answer.json())) == (400, ["message"]), path
    assert routes.add("/x", "http", "nowhere").status == 404
    assert routes.add("/x", "http", f"{routes.function}:no-alias").status == 404
    assert routes.ask("PUT", body=[]).status == 400
    routes.add("/mine", "http")
    other = "210000000001"
    name = deploy(routes.engine.client("lambda", access_key=other), HANDLER)
    assert routes.add("/mine", "http", name, access_key=other).status == 409


def test_the_more_exact_path_wins(routes: Routes) -> None:
    for path in ("/deep/{proxy+}", "/deep/{id}", "/deep/fixed", "/deep/{id}/end"):
        routes.add(path, "rest")
    found = {
        path: routes.get(path).json()["resource"]
        for path in ("/deep/fixed", "/deep/other", "/deep/1/end", "/deep/1/2/3", "/deep/fixed/")
    }
    assert found == {
        "/deep/fixed": "/deep/fixed",
        "/deep/other": "/deep/{id}",
        "/deep/1/end": "/deep/{id}/end",
        "/deep/1/2/3": "/deep/{proxy+}",
        "/deep/fixed/": "/deep/fixed",
    }


def test_pages_of_other_sites_do_not_call(routes: Routes) -> None:
    routes.add("/guarded", "http")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://["},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"},
    ):
        assert routes.get("/guarded", **headers).status == 403
    for headers in (
        {"Origin": "http://localhost:3000"},
        {"Origin": "http://127.0.0.1:8080"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"},
        {},
    ):
        assert routes.get("/guarded", **headers).status == 200
    assert routes.get("/nowhere").status == 404


@pytest.mark.parametrize(
    ("template", "path", "found"),
    [
        ("/", "/", {}),
        ("/", "/a", None),
        ("/a/{b}", "/a", None),
        ("/a/{b}", "/a/1/2", None),
        ("/a/{b+}", "/a", None),
        ("/a/{b+}", "/a/1%2F2/3", {"b": "1/2/3"}),
        ("/a/*", "/a", {}),
        ("/a/*", "/ab", None),
        ("/a%20b", "/a b", {}),
        ("/A", "/a", None),
    ],
)
def test_matching(template: str, path: str, found: dict[str, str] | None) -> None:
    assert Template.read(template).match(path) == found


@pytest.mark.parametrize(
    "text", ["", "a", "/a//b", "/{a}/{a}", "/../a", "/{a", "/a?b", "/*/a", f"/{'a' * 1024}"]
)
def test_paths_that_are_none(text: str) -> None:
    with pytest.raises(BadPath):
        Template.read(text)
