"""Batches: which records are done, which come again."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from lambdatui import events
from tests.events.judges.judging import ids, say


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
