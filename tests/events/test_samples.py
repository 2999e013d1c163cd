"""Every sample builds, has the shape of the real event, and computes what can be computed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdatui import events
from lambdatui.events import Invocation
from tests.events.schemas import SCHEMAS

IDS = [sample.id for sample in events.catalog()]
NOW = datetime(2026, 11, 21, 8, 0, 0, 123_000, tzinfo=UTC)

PATTERNS = {
    "text": r"(?s).*",
    "digits": r"\d+",
    "hex": r"[0-9a-fA-F]+",
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "arn": r"arn:aws:[a-z0-9-]+:[a-z0-9-]*:\d*:.+",
    "iso": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "iso_ms": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "clf": r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000",
}
KINDS: dict[str, Any] = {"int": int, "float": float, "bool": bool, "object": dict, "array": list}


def differences(schema: Any, value: Any, path: str = "event") -> list[str]:
    """Where a value is not what its schema says."""
    if isinstance(schema, dict):
        if not isinstance(value, dict):
            return [f"{path} is no object"]
        known = {name.rstrip("?"): (kind, name.endswith("?")) for name, kind in schema.items()}
        found = [f"{path}.{name} is unexpected" for name in value.keys() - known.keys()]
        for name, (kind, optional) in known.items():
            if name in value:
                found += differences(kind, value[name], f"{path}.{name}")
            elif not optional:
                found.append(f"{path}.{name} is missing")
        return found
    if isinstance(schema, list):
        if not isinstance(value, list) or not value:
            return [f"{path} is no filled array"]
        return [text for i, item in enumerate(value) for text in differences(schema[0], item, f"{path}[{i}]")]
    return [] if fits(schema, value) else [f"{path} is {value!r}, not {schema}"]


def fits(kind: str, value: Any) -> bool:
    if kind == "any":
        return True
    if kind.startswith("="):
        return bool(value == kind[1:])
    if kind.endswith("?"):
        return value is None or fits(kind[:-1], value)
    if kind in PATTERNS:
        return isinstance(value, str) and re.fullmatch(PATTERNS[kind], value) is not None
    if kind == "json":
        return isinstance(json.loads(value), dict)
    if kind == "base64":
        return bool(base64.b64decode(value, validate=True)) and isinstance(value, str)
    return type(value) is KINDS[kind]


def test_every_sample_has_a_schema() -> None:
    assert sorted(SCHEMAS) == sorted(IDS)


@pytest.mark.parametrize("sample_id", IDS)
def test_shape(sample_id: str) -> None:
    event = events.build(sample_id)
    assert json.loads(json.dumps(event)) == event
    assert differences(SCHEMAS[sample_id], event) == []


@pytest.mark.parametrize("sample_id", IDS)
def test_seed_and_now_decide_everything(sample_id: str) -> None:
    event = events.build(sample_id, now=NOW, seed=7)
    assert events.build(sample_id, now=NOW.timestamp(), seed=7) == event
    if events.build(sample_id, now=NOW) != events.build(sample_id, now=NOW):  # it has identifiers
        assert events.build(sample_id, now=NOW, seed=8) != event


@pytest.mark.parametrize("sample_id", IDS)
def test_no_expression_is_left_over(sample_id: str) -> None:
    assert "${" not in json.dumps(events.build(sample_id))


@pytest.mark.parametrize("sample_id", IDS)
def test_every_choice_builds(sample_id: str) -> None:
    for parameter in events.get(sample_id).parameters:
        values = [str(choice) for choice in parameter.choices] or (
            ["true", "false"] if parameter.kind == "flag" else []
        )
        for value in values:
            assert events.build(sample_id, {parameter.name: value}, seed=1) is not None


@pytest.mark.parametrize("sample_id", IDS)
def test_every_text_parameter_matters(sample_id: str) -> None:
    """A parameter that changes nothing would be a lie, unless another one hides it."""
    hidden = {
        ("cloudformation", "physical_id"),
        ("firehose", "partition_key"),
        ("function-url", "account"),
        ("function-url", "user"),
    }
    base = json.dumps(events.build(sample_id, now=NOW, seed=1))
    for parameter in events.get(sample_id).parameters:
        if parameter.kind == "text" and not parameter.choices and (sample_id, parameter.name) not in hidden:
            changed = json.dumps(events.build(sample_id, {parameter.name: "zz-99"}, now=NOW, seed=1))
            assert changed != base, parameter.name


def test_what_each_caller_allows() -> None:
    cognito, sqs, sns, alb = (events.get(name) for name in ("cognito-pre-signup", "sqs", "sns", "alb"))
    assert (cognito.caller.timeout_s, cognito.caller.principal) == (5, "cognito-idp.amazonaws.com")
    assert (sqs.invocation, sqs.caller.principal) == (Invocation.POLL, None)
    assert (sns.invocation, sns.caller.event_limit) == (Invocation.EVENT, 1024 * 1024)
    assert (alb.invocation, alb.caller.answer_limit) == (Invocation.REQUEST_RESPONSE, 1024 * 1024)


@pytest.mark.parametrize("sample", events.catalog(), ids=lambda sample: sample.id)
def test_every_caller_is_known(sample: events.Sample) -> None:
    assert sample.caller.principal or sample.caller.identity
    assert sample.doc.startswith("https://")
    assert sample.title
    assert all(parameter.help for parameter in sample.parameters)
    assert sample.carries is None or sample.parameter(sample.carries)


# ---- computed values ---------------------------------------------------------


@given(st.text(min_size=1, max_size=50))
def test_sqs_body_and_its_md5(body: str) -> None:
    (record,) = events.build("sqs", {"body": body}, seed=1)["Records"]
    assert record["body"] == body
    assert record["md5OfBody"] == hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def test_sqs_attributes_and_their_md5() -> None:
    (record,) = events.build("sqs", {"attributes": '{"timestamp": 1493147359900}'})["Records"]
    assert record["md5OfMessageAttributes"] == "235c5c510d26fb653d073faed50ae77c"
    assert record["messageAttributes"] == {
        "timestamp": {
            "stringValue": "1493147359900",
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": "Number",
        }
    }
    assert "md5OfMessageAttributes" not in events.build("sqs")["Records"][0]
    assert events.build("sqs", {"window": "true"})["Records"][0]["md5OfMessageAttributes"] is None


def test_sqs_record_has_its_members_in_order() -> None:
    (record,) = events.build("sqs", {"attributes": '{"a": "b"}'})["Records"]
    assert list(record) == [
        "messageId",
        "receiptHandle",
        "body",
        "attributes",
        "messageAttributes",
        "md5OfMessageAttributes",
        "md5OfBody",
        "eventSource",
        "eventSourceARN",
        "awsRegion",
    ]


def test_fifo_messages_are_in_order() -> None:
    records = events.build("sqs-fifo", {"count": "10"})["Records"]
    numbers = [int(record["attributes"]["SequenceNumber"]) for record in records]
    assert numbers == sorted(set(numbers))
    assert len({record["messageId"] for record in records}) == 10
    with pytest.raises(events.BadParameter, match="at most 10"):
        events.build("sqs-fifo", {"count": "11"})


@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_s3_key_size_and_etag(key: str, body: str) -> None:
    (record,) = events.build("s3", {"key": key, "body": body}, seed=1)["Records"]
    told = record["s3"]["object"]
    assert unquote_plus(told["key"]) == key
    assert " " not in told["key"]
    assert told["size"] == len(body.encode())
    assert told["eTag"] == hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def test_s3_key_is_encoded_as_s3_does() -> None:
    (record,) = events.build("s3", {"key": "a b/ü+c.txt"})["Records"]
    assert record["s3"]["object"]["key"] == "a+b/%C3%BC%2Bc.txt"


@given(st.text(max_size=60))
def test_kinesis_data(data: str) -> None:
    (record,) = events.build("kinesis", {"data": data}, seed=1)["Records"]
    assert base64.b64decode(record["kinesis"]["data"]).decode() == data
    assert record["eventID"] == f"shardId-000000000000:{record['kinesis']['sequenceNumber']}"


def test_log_lines_are_packed() -> None:
    data = events.build("logs", {"message": "boom", "count": "3"})["awslogs"]["data"]
    told = json.loads(gzip.decompress(base64.b64decode(data)))
    assert told["messageType"] == "DATA_MESSAGE"
    assert [line["message"] for line in told["logEvents"]] == ["boom"] * 3
    control = json.loads(
        gzip.decompress(base64.b64decode(events.build("logs", {"control": "yes"})["awslogs"]["data"]))
    )
    assert control["messageType"] == "CONTROL_MESSAGE"


def test_dynamodb_sizes_and_images() -> None:
    same = {"keys": '{"id": "id_value"}', "new": '{"id": "id_value"}'}
    assert events.build("dynamodb-insert", same)["Records"][0]["dynamodb"]["SizeBytes"] == 20
    typed = events.build("dynamodb-insert", {"new": '{"n": 1.5, "b": true, "l": [null, {"m": "x"}]}'})[
        "Records"
    ][0]
    assert typed["dynamodb"]["NewImage"] == {
        "n": {"N": "1.5"},
        "b": {"BOOL": True},
        "l": {"L": [{"NULL": True}, {"M": {"m": {"S": "x"}}}]},
    }
    keys_only = events.build("dynamodb-modify", {"view": "KEYS_ONLY"})["Records"][0]["dynamodb"]
    assert not {"NewImage", "OldImage"} & keys_only.keys()
    old_only = events.build("dynamodb-modify", {"view": "OLD_IMAGE"})["Records"][0]["dynamodb"]
    assert "OldImage" in old_only
    assert "NewImage" not in old_only


def test_http_requests() -> None:
    params = {
        "query": "a=1&a=%2F2&b=x",
        "headers": '{"Cookie": "c=1; d=2", "X-Many": ["1", "2"]}',
        "body": "hello",
        "binary": "true",
        "method": "POST",
    }
    http = events.build("apigw-http", params)
    assert http["queryStringParameters"] == {"a": "1,/2", "b": "x"}
    assert http["rawQueryString"] == "a=1&a=%2F2&b=x"
    assert http["cookies"] == ["c=1", "d=2"]
    assert http["headers"]["x-many"] == "1,2"
    assert "cookie" not in http["headers"]
    assert (http["body"], http["isBase64Encoded"]) == ("aGVsbG8=", True)
    rest = events.build("apigw-rest", params)
    assert rest["queryStringParameters"] == {"a": "/2", "b": "x"}
    assert rest["multiValueQueryStringParameters"] == {"a": ["1", "/2"], "b": ["x"]}
    assert rest["multiValueHeaders"]["X-Many"] == ["1", "2"]
    alb = events.build("alb", {**params, "multi_value": "true"})
    assert alb["multiValueQueryStringParameters"] == {"a": ["1", "%2F2"], "b": ["x"]}
    assert "headers" not in alb


def test_function_url_without_a_body_has_no_body() -> None:
    assert "body" not in events.build("function-url")
    assert events.build("function-url")["requestContext"]["accountId"] == "anonymous"
    signed = events.build("function-url", {"iam": "true", "user": "bob"})["requestContext"]
    assert signed["authorizer"]["iam"]["userArn"].endswith(":user/bob")


def test_times_come_from_now() -> None:
    context = events.build("apigw-http", now=NOW)["requestContext"]
    assert (context["time"], context["timeEpoch"]) == ("21/Nov/2026:08:00:00 +0000", 1795248000123)
    assert events.build("s3", now=NOW)["Records"][0]["eventTime"] == "2026-11-21T08:00:00.123Z"
    window = events.build("kinesis-window", {"window": "60"}, now=NOW)["window"]
    assert window == {"start": "2026-11-21T08:00:00Z", "end": "2026-11-21T08:01:00Z"}


def test_partitions_follow_the_region() -> None:
    (record,) = events.build("sqs", {"region": "cn-north-1"})["Records"]
    assert record["eventSourceARN"] == "arn:aws-cn:sqs:cn-north-1:000000000000:my-queue"


def test_failure_records_leave_out_what_never_happened() -> None:
    assert "responseContext" not in events.build("kinesis-failure", {"condition": "RecordAgeExceeded"})
    assert events.build("kinesis-failure", {"named": "true"})["responseContext"]["functionError"] is None
    refused = events.build("destination-failure", {"condition": "ZeroReservedConcurrency", "attempts": "0"})
    assert not {"responseContext", "responsePayload"} & refused.keys()


# ---- what is refused ---------------------------------------------------------


@pytest.mark.parametrize(
    ("sample_id", "params", "error", "text"),
    [
        ("sqss", {}, events.UnknownSample, "did you mean 'sqs'"),
        ("../secrets", {}, events.UnknownSample, "no sample event"),
        ("_poll", {}, events.UnknownSample, "no sample event"),
        ("sqs", {"bdy": "x"}, events.UnknownParameter, "did you mean 'body'"),
        ("sqs", {"count": "many"}, events.BadParameter, "a whole number"),
        ("sqs", {"count": "0"}, events.BadParameter, "at least 1"),
        ("sqs", {"attributes": "{"}, events.BadParameter, "JSON"),
        ("alb", {"multi_value": "maybe"}, events.BadParameter, "true or false"),
        ("s3", {"event": "ObjectCreated:Putt"}, events.BadParameter, "did you mean 'ObjectCreated:Put'"),
        ("sqs", {"body": "x" * 1_048_577}, events.TooLarge, "the limit is 1,048,576"),
        ("sqs", {"body": "x" * 1_000_000, "count": "7"}, events.TooLarge, "Lambda can send 6,291,456"),
        ("sns", {"message": "x" * 262_145}, events.TooLarge, "the limit is 262,144"),
        ("alb", {"body": "x" * 1_048_576}, events.TooLarge, "Elastic Load Balancing can send 1,048,576"),
        ("ses", {"subject": "x" * 1_048_576}, events.TooLarge, "Event invocation"),
    ],
)
def test_refused(sample_id: str, params: dict[str, str], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        events.build(sample_id, params)
    assert text in str(caught.value)
    assert isinstance(caught.value, events.EventError)


# ---- chains ------------------------------------------------------------------


def test_s3_through_sns_to_sqs() -> None:
    event = events.compose(
        ["s3", "sns", "sqs"], {"bucket": "b", "key": "k", "topic": "t", "queue": "q", "count": "2"}
    )
    first, second = event["Records"]
    envelope = json.loads(first["body"])
    assert envelope["Type"] == "Notification"
    assert envelope["TopicArn"].endswith(":t")
    assert envelope["Subject"] == "Amazon S3 Notification"
    assert {"SigningCertURL", "UnsubscribeURL"} <= envelope.keys()
    (record,) = json.loads(envelope["Message"])["Records"]
    assert record["s3"]["bucket"]["name"] == "b"
    assert first["md5OfBody"] == hashlib.md5(first["body"].encode(), usedforsecurity=False).hexdigest()
    assert json.loads(second["body"])["MessageId"] != envelope["MessageId"]


def test_raw_delivery_hands_over_message_and_attributes() -> None:
    params = {"message": "hi", "attributes": '{"a": "b"}'}
    (raw,) = events.compose(["sns", "sqs"], params, raw=True)["Records"]
    assert raw["body"] == "hi"
    assert raw["messageAttributes"]["a"]["stringValue"] == "b"
    (wrapped,) = events.compose(["sns", "sqs"], params)["Records"]
    assert wrapped["messageAttributes"] == {}
    assert json.loads(wrapped["body"])["MessageAttributes"] == {"a": {"Type": "String", "Value": "b"}}


def test_s3_to_eventbridge_is_its_own_event() -> None:
    assert events.compose(["s3", "eventbridge"])["detail-type"] == "Object Created"
    (record,) = events.compose(["s3", "eventbridge", "sqs"], {"bucket": "b"})["Records"]
    assert json.loads(record["body"])["detail"]["bucket"]["name"] == "b"


def test_logs_reach_kinesis_packed() -> None:
    (record,) = events.compose(["logs", "kinesis"], {"message": "boom"})["Records"]
    packed = base64.b64decode(record["kinesis"]["data"])
    assert json.loads(gzip.decompress(packed))["logEvents"][0]["message"] == "boom"


def test_kinesis_to_firehose_names_its_stream() -> None:
    event = events.compose(["kinesis", "firehose"], {"data": "hello"})
    assert event["sourceKinesisStreamArn"].endswith(":stream/my-stream")
    assert base64.b64decode(event["records"][0]["data"]) == b"hello"


def test_chains_are_deterministic_too() -> None:
    chain = ["destination-failure", "sns", "sqs"]
    assert events.compose(chain, now=NOW, seed="x") == events.compose(chain, now=NOW, seed="x")


@pytest.mark.parametrize(
    ("chain", "params", "text"),
    [
        ([], {}, "at least one"),
        (["sqs", "sns"], {}, "sqs does not send to sns"),
        (["s3", "kinesis"], {}, "it sends to sns, sqs"),
        (["eventbridge", "sns", "sqs"], {"detail": json.dumps("x" * 262_144)}, "sns takes 262,144"),
        (["s3", "sqs"], {"topic": "t"}, "no parameter 'topic'"),
    ],
)
def test_chains_that_are_refused(chain: list[str], params: dict[str, str], text: str) -> None:
    with pytest.raises(events.EventError) as caught:
        events.compose(chain, params)
    assert text in str(caught.value)


def test_every_name_is_there() -> None:
    assert all(getattr(events, name) is not None for name in events.__all__)
    with pytest.raises(AttributeError, match="no attribute"):
        events.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_only_the_standard_library_is_imported() -> None:
    code = (
        "import sys, lambdatui.events.printing; "
        "print(*sorted({n.partition('.')[0] for n in sys.modules} - set(sys.stdlib_module_names)))"
    )
    told = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert told.stdout.split() == ["__main__", "lambdatui"]
