"""How the services judge what a function answers."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdatui import events
from lambdatui.events import Verdict

FAILED = {"errorType": "ValueError", "errorMessage": "boom", "requestId": "1", "stackTrace": []}


def say(sample_id: str, answer: Any, **more: Any) -> Verdict:
    return events.judge(sample_id, json.dumps(answer).encode(), **more)


def ids(event: dict[str, Any]) -> list[str]:
    return [record["messageId"] for record in event["Records"]]


@pytest.mark.parametrize("sample", events.catalog(), ids=lambda sample: sample.id)
def test_every_sample_is_judged(sample: events.Sample) -> None:
    event = events.build(sample.id, seed=1)
    failed = say(sample.id, FAILED, error="Unhandled", event=event)
    assert not failed.ok
    assert "boom" in failed.sentence
    assert events.judge(sample.id, b"null", event=event).sentence
    assert events.judge(sample.id, b"not json", event=event).sentence
    assert events.judge(sample.id, b"null", event=None).sentence
    if sample.caller.timeout_s:
        slow = events.judge(sample.id, b"null", None, sample.caller.timeout_s + 1, event=event)
        assert not slow.ok
        assert f"waits {sample.caller.timeout_s:g} s" in slow.sentence


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["statusCode", "body", "headers", "records", "response", "event", "results", "sessionState"]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(st.sampled_from([sample.id for sample in events.catalog()]), anything, st.booleans())
def test_no_answer_upsets_a_judge(sample_id: str, answer: Any, partial: bool) -> None:
    event = events.build(sample_id, seed=1)
    assert say(sample_id, answer, event=event, partial=partial).sentence


@cache
def good_answers() -> list[tuple[str, Any, Any]]:
    """An answer that each kind of judge likes, with its event."""
    by_id = {sample.id: events.build(sample.id, seed=1) for sample in events.catalog()}
    by_id["ses"] = events.build("ses", {"mode": "RequestResponse"})
    token, task = by_id["apigw-authorizer-token"], by_id["s3-batch-1"]
    stream = by_id["kinesis"]["Records"][0]["kinesis"]["sequenceNumber"]
    directive = by_id["alexa-smart-home"]["directive"]["header"]
    edge = {
        name: by_id[f"cloudfront-viewer-{name}"]["Records"][0]["cf"][name] for name in ("request", "response")
    }
    web = {"statusCode": 200, "headers": {"a": "b"}, "body": "x"}
    record = {"recordId": by_id["firehose"]["records"][0]["recordId"], "result": "Ok", "data": "eA=="}
    result = {"taskId": task["tasks"][0]["taskId"], "resultCode": "Succeeded", "resultString": "x"}
    speech = {
        "outputSpeech": {"type": "PlainText", "text": "x"},
        "reprompt": {"outputSpeech": {"type": "SSML", "ssml": "x"}},
        "directives": [],
        "shouldEndSession": True,
    }
    answers = {
        "apigw-rest": {**web, "multiValueHeaders": {"a": ["b"]}},
        "apigw-http": {**web, "cookies": ["a"], "body": "eA==", "isBase64Encoded": True},
        "alb": {**web, "statusDescription": "200 OK"},
        "apigw-websocket": web,
        "apigw-authorizer-token": policy("Allow", token["methodArn"], context={"a": "b"}),
        "apigw-authorizer-http": {"isAuthorized": True, "context": {"a": "b"}},
        "appsync-authorizer": {"isAuthorized": True, "deniedFields": [], "resolverContext": {"a": 1}},
        "cloudfront-viewer-request": edge["request"],
        "cloudfront-origin-request": {
            "status": "200",
            "headers": {"a": [{"key": "A", "value": "b"}]},
            "body": "x",
        },
        "cloudfront-viewer-response": edge["response"],
        "sqs": {"batchItemFailures": [{"itemIdentifier": ids(by_id["sqs"])[0]}]},
        "sqs-fifo": {"batchItemFailures": [{"itemIdentifier": ids(by_id["sqs-fifo"])[0]}]},
        "kinesis": {"batchItemFailures": [{"itemIdentifier": stream}]},
        "kinesis-window": {"state": {"n": 1}, "batchItemFailures": []},
        "msk": {"batchItemFailures": [{"itemIdentifier": "my-topic-0:15"}]},
        "firehose": {"records": [{**record, "metadata": {"partitionKeys": {"a": "b"}}}]},
        "s3-batch-1": {
            "invocationSchemaVersion": "1.0",
            "invocationId": task["invocationId"],
            "treatMissingKeysAs": "PermanentFailure",
            "results": [result],
        },
        "cognito-pre-signup": by_id["cognito-pre-signup"],
        "cognito-sync": by_id["cognito-sync"],
        "lex": lex("ElicitSlot", messages=[{"contentType": "PlainText", "content": "x"}], slotToElicit="a"),
        "alexa-skill": {"version": "1.0", "sessionAttributes": {}, "response": speech},
        "alexa-smart-home": {
            "event": {"header": {**directive, "namespace": "Alexa", "name": "Response"}, "payload": {}}
        },
        "ses": {"disposition": "CONTINUE"},
    }
    return [(sample_id, by_id[sample_id], answer) for sample_id, answer in answers.items()]


def spoiled(value: Any, junk: Any, draw: Any) -> Any:
    """The value with one place in it replaced by junk."""
    if draw(st.integers(0, 3)) and value and isinstance(value, dict | list):
        key = draw(st.sampled_from(sorted(value) if isinstance(value, dict) else list(range(len(value)))))
        copy: Any = dict(value) if isinstance(value, dict) else list(value)
        copy[key] = spoiled(value[key], junk, draw)
        return copy
    return junk


def test_good_answers_are_good() -> None:
    for sample_id, event, answer in good_answers():
        verdict = say(sample_id, answer, event=event, partial=True)
        assert verdict.ok, (sample_id, verdict)


@given(st.data(), anything | st.sampled_from(["²", "9" * 5000, 1e300, "!"]))
@settings(max_examples=300)
def test_no_spoiled_answer_upsets_a_judge(data: Any, junk: Any) -> None:
    sample_id, event, answer = data.draw(st.sampled_from(good_answers()))
    broken = spoiled(answer, junk, data.draw)
    assert say(sample_id, broken, event=data.draw(st.sampled_from([event, None])), partial=True).sentence


def test_deep_answers_do_not_upset_a_judge() -> None:
    assert not events.judge("apigw-rest", b"[" * 100_000).ok


# ---- HTTP --------------------------------------------------------------------

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


def policy(effect: str, resource: str, **more: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}
    return {"principalId": "u", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}, **more}


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


# ---- CloudFront --------------------------------------------------------------


def test_edge_requests() -> None:
    event = events.build("cloudfront-viewer-request")
    request = event["Records"][0]["cf"]["request"]
    assert say("cloudfront-viewer-request", request, event=event).ok
    assert say("cloudfront-viewer-request", {**request, "uri": "/x"}, event=event).detail["uri"] == "/x"
    response = {"status": "302", "headers": {"location": [{"key": "Location", "value": "/"}]}}
    assert say("cloudfront-viewer-request", response, event=event).detail["status"] == 302
    wrong = [
        None,
        {**request, "uri": "x"},
        {**request, "method": "PUT"},
        {**request, "headers": {"X-A": [{"value": "b"}]}},
        {**request, "headers": {"x-edge-a": [{"value": "b"}]}},
        {**request, "headers": {"x-a": "b"}},
        {"status": "99"},
        {"status": 200, "body": "!", "bodyEncoding": "base64"},
    ]
    for answer in wrong:
        assert say("cloudfront-viewer-request", answer, event=event).detail["status"] == 502, answer
    assert say("cloudfront-viewer-request", FAILED, error="Unhandled").detail["status"] == 503
    assert say("cloudfront-viewer-request", {"status": 200, "body": "x" * 40_960}).detail["status"] == 503


def test_edge_responses() -> None:
    event = events.build("cloudfront-viewer-response")
    response = event["Records"][0]["cf"]["response"]
    assert say("cloudfront-viewer-response", response, event=event).ok
    assert not say("cloudfront-viewer-response", {**response, "status": "404"}, event=event).ok
    origin = events.build("cloudfront-origin-response")
    assert (
        say("cloudfront-origin-response", {**response, "status": "404"}, event=origin).detail["status"] == 404
    )
    assert not say("cloudfront-origin-response", origin["Records"][0]["cf"]["request"], event=origin).ok


# ---- batches -----------------------------------------------------------------


@pytest.mark.parametrize("answer", [None, "", {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
@pytest.mark.parametrize("sample_id", ["sqs", "kinesis", "dynamodb-modify"])
def test_whole_batch_succeeds(sample_id: str, answer: Any) -> None:
    event = events.build(sample_id, {"count": "2"})
    verdict = say(sample_id, answer, event=event, partial=True)
    assert verdict.ok
    assert verdict.detail.get("returned", verdict.detail.get("retried")) == []


@pytest.mark.parametrize(
    "failures",
    [
        [{"itemIdentifier": ""}],
        [{"itemIdentifier": None}],
        [{"itemIdentifier": "unknown"}],
        [{"foo": "x"}],
        ["x"],
        "x",
        5,
    ],
)
@pytest.mark.parametrize("sample_id", ["sqs", "kinesis", "dynamodb-modify"])
def test_whole_batch_fails(sample_id: str, failures: Any) -> None:
    event = events.build(sample_id, {"count": "2"})
    verdict = say(sample_id, {"batchItemFailures": failures}, event=event, partial=True)
    assert not verdict.ok
    assert len(verdict.detail.get("returned") or verdict.detail["retried"]) == 2
    assert say(
        sample_id, {"batchItemFailures": failures}, event=event, partial=False
    ).ok  # then it is ignored


def test_partial_sqs_batch() -> None:
    event = events.build("sqs", {"count": "3"})
    first, second, third = ids(event)
    answer = {"batchItemFailures": [{"itemIdentifier": second}]}
    verdict = say("sqs", answer, event=event, partial=True)
    assert verdict.detail == {"deleted": [first, third], "returned": [second]}
    assert events.judge("sqs", b"{", event=event, partial=True).detail["returned"] == [first, second, third]


def test_fifo_order_breaks() -> None:
    event = events.build("sqs-fifo", {"count": "3"})
    first, second, third = ids(event)
    later = {"batchItemFailures": [{"itemIdentifier": second}, {"itemIdentifier": third}]}
    assert say("sqs-fifo", later, event=event, partial=True).ok
    alone = say("sqs-fifo", {"batchItemFailures": [{"itemIdentifier": first}]}, event=event, partial=True)
    assert not alone.ok
    assert "order breaks" in alone.sentence


def test_stream_checkpoint_is_the_lowest() -> None:
    event = events.build("kinesis", {"count": "4"})
    numbers = [record["kinesis"]["sequenceNumber"] for record in event["Records"]]
    answer = {"batchItemFailures": [{"itemIdentifier": numbers[3]}, {"itemIdentifier": numbers[1]}]}
    verdict = say("kinesis", answer, event=event, partial=True)
    assert verdict.detail == {"checkpoint": numbers[1], "done": numbers[:1], "retried": numbers[1:]}


def test_windows_need_their_state() -> None:
    event = events.build("kinesis-window")
    assert say("kinesis-window", {"state": {"n": 1}}, event=event).detail["state"] == {"n": 1}
    assert not say("kinesis-window", None, event=event).ok
    assert not say("kinesis-window", {"state": {"n": "x" * 1_048_576}}, event=event).ok
    assert say("kinesis-window", None, event=events.build("kinesis-window", {"final": "true"})).ok


def test_firehose() -> None:
    event = events.build("firehose", {"count": "3"})
    first, second, third = (record["recordId"] for record in event["records"])
    data = base64.b64encode(b"x").decode()
    good = [
        {"recordId": first, "result": "Ok", "data": data, "metadata": {"partitionKeys": {"a": "b"}}},
        {"recordId": second, "result": "Dropped"},
        {"recordId": third, "result": "ProcessingFailed", "data": data},
    ]
    verdict = say("firehose", {"records": good}, event=event)
    assert verdict.ok
    assert (verdict.detail["Ok"], verdict.detail["Dropped"]) == ([first], [second])
    wrong = {
        "was not returned": good[:2],
        "returned twice": [*good, good[0]],
        "no such record": [*good, {"recordId": "9", "result": "Dropped"}],
        "not one of Ok": [{**good[0], "result": "ok"}, *good[1:]],
        "no base64": [{**good[0], "data": "!"}, *good[1:]],
        "partitionKeys": [{**good[0], "metadata": {"partitionKeys": {"a": 1}}}, *good[1:]],
    }
    for text, records in wrong.items():
        told = say("firehose", {"records": records}, event=event)
        assert not told.ok
        assert text in told.sentence
    assert "three more times" in say("firehose", {"result": []}, event=event).sentence


def test_s3_batch() -> None:
    event = events.build("s3-batch-2")
    task = event["tasks"][0]["taskId"]
    answer = {
        "invocationSchemaVersion": "2.0",
        "invocationId": event["invocationId"],
        "treatMissingKeysAs": "TemporaryFailure",
        "results": [{"taskId": task, "resultCode": "Succeeded", "resultString": ""}],
    }
    assert say("s3-batch-2", answer, event=event).detail["results"] == {task: "Succeeded"}
    assert say("s3-batch-2", {**answer, "results": []}, event=event).detail["results"] == {
        task: "TemporaryFailure"
    }
    for change in (
        {"invocationSchemaVersion": "1.0"},
        {"invocationId": "x"},
        {"treatMissingKeysAs": "Fine"},
        {"results": None},
        {"results": [{"taskId": task, "resultCode": "OK"}]},
    ):
        assert not say("s3-batch-2", {**answer, **change}, event=event).ok, change


# ---- Cognito -----------------------------------------------------------------


def test_cognito() -> None:
    event = events.build("cognito-pre-signup")
    assert say("cognito-pre-signup", event, event=event).ok
    told = say("cognito-pre-signup", {**event, "response": {"autoConfirmUser": True}}, event=event)
    assert told.detail["response"] == {"autoConfirmUser": True}
    for answer in (None, {}, {**event, "userName": "eve"}, {**event, "response": {"autoConfirmUser": "yes"}}):
        assert (
            say("cognito-pre-signup", answer, event=event).detail["code"] == "InvalidLambdaResponseException"
        )
    failed = say("cognito-pre-signup", FAILED, error="Unhandled", event=event)
    assert failed.detail["code"] == "UserLambdaValidationException"
    assert failed.detail["message"] == "PreSignUp failed with error boom."
    assert (
        say("cognito-pre-signup", event, event=event, took_s=5.1).detail["code"]
        == "UnexpectedLambdaException"
    )


@pytest.mark.parametrize(
    ("sample_id", "response", "ok"),
    [
        ("cognito-define-auth-challenge", {"issueTokens": True, "failAuthentication": False}, True),
        ("cognito-define-auth-challenge", {"issueTokens": False, "failAuthentication": False}, False),
        ("cognito-verify-auth-challenge", {"answerCorrect": True}, True),
        ("cognito-verify-auth-challenge", {}, False),
        ("cognito-user-migration", {"userAttributes": {"email": "a@example.com"}}, True),
        ("cognito-user-migration", {}, False),
        ("cognito-pre-token-v2", {"claimsAndScopeOverrideDetails": {}}, True),
        ("cognito-pre-token-v2", {"claimsAndScopeOverrideDetails": []}, False),
        ("cognito-custom-message", {"emailMessage": "code {####}"}, True),
        ("cognito-custom-message", {"emailMessage": 5}, False),
    ],
)
def test_cognito_responses(sample_id: str, response: dict[str, Any], ok: bool) -> None:
    event = events.build(sample_id)
    assert say(sample_id, {**event, "response": response}, event=event).ok is ok


# ---- Lex, Alexa --------------------------------------------------------------

INTENT = {"name": "OrderFlowers", "state": "Fulfilled", "slots": {}}


def lex(kind: str, intent: Any = INTENT, messages: Any = None, **action: Any) -> dict[str, Any]:
    state = {"dialogAction": {"type": kind, **action}, "intent": intent}
    return {"sessionState": state} | ({"messages": messages} if messages else {})


@pytest.mark.parametrize(
    ("answer", "ok"),
    [
        (lex("Close", messages=[{"contentType": "PlainText", "content": "done"}]), True),
        (lex("Delegate"), True),
        (lex("ElicitSlot", slotToElicit="FlowerType"), True),
        (lex("ElicitIntent", intent=None, messages=[{"contentType": "PlainText", "content": "what?"}]), True),
        (lex("ElicitSlot"), False),
        (lex("ElicitIntent", intent=None), False),
        (lex("Close", intent={"name": "OrderFlowers"}), False),
        (lex("Delegate", intent=None), False),
        (lex("Open"), False),
        (lex("Delegate", messages=[{"contentType": "Text", "content": "x"}]), False),
        (lex("Delegate", messages=[{"contentType": "PlainText"}]), False),
        ({"dialogAction": {"type": "Close"}}, False),
        ("hi", False),
    ],
)
def test_lex(answer: Any, ok: bool) -> None:
    assert say("lex", answer).ok is ok


def test_alexa() -> None:
    speech = {"type": "PlainText", "text": "hello"}
    good = {"version": "1.0", "response": {"outputSpeech": speech, "shouldEndSession": True}}
    assert say("alexa-skill", good).detail == {"speech": "hello", "ends": True}
    wrong: list[dict[str, Any]] = [
        {"outputSpeech": {"type": "Text"}},
        {"outputSpeech": {"type": "SSML", "text": "x"}},
        {"directives": {}},
    ]
    for response in wrong:
        assert not say("alexa-skill", {"version": "1.0", "response": response}).ok
    assert not say("alexa-skill", {"response": {}}).ok
    assert not say("alexa-skill", good, took_s=8.5).ok
    ended = events.build("alexa-skill", {"request": "SessionEndedRequest"})
    assert say("alexa-skill", None, event=ended).ok


def test_smart_home() -> None:
    event = events.build("alexa-smart-home")
    token = event["directive"]["header"]["correlationToken"]
    header = {
        "namespace": "Alexa",
        "name": "Response",
        "messageId": "1",
        "payloadVersion": "3",
        "correlationToken": token,
    }
    assert say("alexa-smart-home", {"event": {"header": header, "payload": {}}}, event=event).ok
    for change in ({"payloadVersion": "2"}, {"correlationToken": "x"}, {"messageId": ""}):
        assert not say(
            "alexa-smart-home", {"event": {"header": {**header, **change}, "payload": {}}}, event=event
        ).ok
    assert not say("alexa-smart-home", {"event": {"header": header}}, event=event).ok


# ---- the others --------------------------------------------------------------


def test_asynchronous_callers_ignore_the_answer() -> None:
    assert say("s3", {"anything": 1}).detail == {"retried": False}
    assert say("sns", FAILED, error="Unhandled").detail == {"retried": True}


@pytest.mark.parametrize(
    ("sample_id", "call"),
    [
        ("cloudformation", "ResponseURL"),
        ("codepipeline", "PutJobSuccessResult"),
        ("config", "PutEvaluations"),
    ],
)
def test_callers_that_wait_for_a_call(sample_id: str, call: str) -> None:
    assert call in say(sample_id, None).detail["waits_for"]
    assert call in say(sample_id, FAILED, error="Unhandled").sentence


def test_step_functions() -> None:
    assert say("stepfunctions", [1]).detail == {"result": [1]}
    assert say("stepfunctions", FAILED, error="Unhandled").detail["error"] == "ValueError"
    assert say("stepfunctions", "x" * 262_144).detail["error"] == "States.DataLimitExceeded"
    assert events.judge("stepfunctions", b"{").detail["error"] == "States.Runtime"


def test_ses_waits_only_when_asked() -> None:
    waiting = events.build("ses", {"mode": "RequestResponse"})
    assert say("ses", {"disposition": "STOP_RULE"}, event=waiting).detail["disposition"] == "STOP_RULE"
    assert not say("ses", {"disposition": "DROP"}, event=waiting).ok
    assert not say("ses", {"disposition": "CONTINUE"}, event=waiting, took_s=31).ok
    assert say("ses", None, event=events.build("ses"), took_s=31).ok


def test_appsync() -> None:
    assert say("appsync", {"id": 1}).detail == {"result": {"id": 1}}
    assert say("appsync", FAILED, error="Unhandled").detail["errorType"] == "Lambda:Unhandled"
