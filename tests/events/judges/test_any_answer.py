"""Every sample has a judge, and no answer whatever upsets it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdatui import events
from tests.events.judges.judging import FAILED, ids, lex, policy, say


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
