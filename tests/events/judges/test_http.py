"""API Gateway, load balancers, function URLs and authorizers: what the client of HTTP gets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdatui import events
from tests.events.judges.judging import FAILED, policy, say

HTTP = [
    # sample, answer, ok, status, body
    ("alb", {"statusCode": 200, "statusDescription": "200 OK", "body": "hi"}, True, 200, "hi"),
    ("alb", {"statusCode": 200, "isBase64Encoded": True, "body": "aGk="}, True, 200, b"hi"),
    ("alb", {"statusCode": 200, "isBase64Encoded": True, "body": "!"}, False, 502, None),
    ("alb", {"statusCode": "200"}, False, 502, None),
    ("alb", {"body": "hi"}, False, 502, None),
    ("alb", "hi", False, 502, None),
    ("apigw-rest", {"statusCode": 201, "headers": {"a": "b"}, "body": "hi"}, True, 201, "hi"),
    ("apigw-rest", {"statusCode": "418"}, True, 418, ""),
    ("apigw-rest", {}, True, 200, ""),
    ("apigw-rest", {"statusCode": 200, "body": {"a": 1}}, False, 502, '{"message": "Internal server error"}'),
    ("apigw-rest", {"statusCode": 200, "cookies": []}, False, 502, '{"message": "Internal server error"}'),
    ("apigw-rest", {"statusCode": 200, "multiValueHeaders": {"a": "b"}}, False, 502, None),
    ("apigw-rest", {"statusCode": "ok"}, False, 502, None),
    ("apigw-rest", {"statusCode": 99}, False, 502, None),
    ("apigw-rest", "hi", False, 502, None),
    ("apigw-http", {"statusCode": 204, "cookies": ["a=b"]}, True, 204, ""),
    ("apigw-http", {"hello": "world"}, True, 200, '{"hello":"world"}'),
    ("apigw-http", {"statusCode": 200, "headers": "x"}, False, 500, None),
    ("function-url", "hello", True, 200, "hello"),
    ("function-url", 3, True, 200, "3"),
    ("function-url", ["hello", 3, True], True, 200, '["hello",3,true]'),
    ("function-url", {"statusCode": "418", "body": {"a": 1}}, True, 418, '{"a":1}'),
    ("function-url", {"statusCode": "teapot"}, False, 502, "Internal Server Error"),
]


@pytest.mark.parametrize(("sample_id", "answer", "ok", "status", "body"), HTTP)
def test_http(sample_id: str, answer: Any, ok: bool, status: int, body: Any) -> None:
    verdict = say(sample_id, answer)
    assert (verdict.ok, verdict.detail["status"]) == (ok, status)
    if body is not None:
        assert verdict.detail["body"] == body


def test_http_errors_and_time_outs() -> None:
    assert say("apigw-rest", FAILED, error="Unhandled").detail["status"] == 502
    assert say("apigw-rest", {}, took_s=30).detail["status"] == 504
    assert say("apigw-http", {}, took_s=31).detail["status"] == 503
    assert say("function-url", FAILED, error="Unhandled").detail["body"] == "Internal Server Error"
    assert say("alb", {"statusCode": 200, "body": "x" * 1_048_576}).detail["status"] == 502
    assert say("function-url", {"statusCode": 200, "headers": {"A": "b"}}).detail["headers"] == {
        "content-type": "application/json",
        "a": "b",
    }


def test_websocket() -> None:
    connect = events.build("apigw-websocket", {"event": "CONNECT"})
    assert say("apigw-websocket", {"statusCode": 200}, event=connect).detail["accepted"] is True
    assert say("apigw-websocket", {"statusCode": 403}, event=connect).detail["accepted"] is False
    assert not say("apigw-websocket", None, event=connect).ok
    message = events.build("apigw-websocket")
    refused = say("apigw-websocket", "hi", event=message)
    assert json.loads(refused.detail["body"])["connectionId"] == message["requestContext"]["connectionId"]
    assert say("apigw-websocket", None, event=events.build("apigw-websocket", {"event": "DISCONNECT"})).ok


def test_authorizers() -> None:
    event = events.build("apigw-authorizer-token")
    arn = event["methodArn"]
    assert say("apigw-authorizer-token", policy("Allow", arn), event=event).detail["allowed"] is True
    assert say("apigw-authorizer-token", policy("Allow", arn.replace("/GET/", "/*/")), event=event).detail[
        "allowed"
    ]
    assert say("apigw-authorizer-token", policy("Deny", "*"), event=event).detail["status"] == 403
    assert say("apigw-authorizer-token", policy("Allow", "arn:other"), event=event).detail["allowed"] is False
    assert say("apigw-authorizer-token", policy("Allow", arn)).detail["allowed"] is None
    assert say("apigw-authorizer-token", policy("Allow", arn, context={"a": {}})).detail["status"] == 500
    assert say("apigw-authorizer-token", policy("Maybe", arn)).detail["status"] == 500
    assert say("apigw-authorizer-token", {"isAuthorized": True}).detail["status"] == 500
    told = say("apigw-authorizer-token", {"errorMessage": "Unauthorized"}, error="Unhandled")
    assert (told.ok, told.detail["status"]) == (True, 401)


def test_simple_authorizers() -> None:
    assert (
        say("apigw-authorizer-http", {"isAuthorized": True, "context": {"a": {"b": 1}}}).detail["allowed"]
        is True
    )
    assert say("apigw-authorizer-http", {"isAuthorized": False}).detail["status"] == 403
    assert not say("apigw-authorizer-http", {"isAuthorized": "yes"}).ok
    event = events.build("apigw-authorizer-http")
    assert say("apigw-authorizer-http", policy("Allow", event["routeArn"]), event=event).detail["allowed"]
    assert say("appsync-authorizer", {"isAuthorized": True, "ttlOverride": 10}).detail["allowed"]
    assert not say("appsync-authorizer", {"isAuthorized": True, "resolverContext": {"a": []}}).ok
