"""S3 invokes functions, as far as their policies let it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import EngineProcess
from tests.engine.deploying import unique, until
from tests.engine.triggers.callee import Function, make_bucket, make_queue, make_rule, notify


def test_s3_invokes(engine: EngineProcess, function: Function) -> None:
    bucket = make_bucket(engine)
    function.allow("s3", f"arn:aws:s3:::{bucket}", SourceAccount="000000000000")
    rules = [{"Name": "prefix", "Value": "in/"}]
    notify(engine, bucket, function.arn, Filter={"Key": {"FilterRules": rules}})
    s3 = engine.client("s3")
    s3.put_object(Bucket=bucket, Key="out/ignored", Body=b"x")
    s3.put_object(Bucket=bucket, Key="in/a file+ä.txt", Body=b"hello")
    s3.delete_object(Bucket=bucket, Key="in/a file+ä.txt")
    created, removed = sorted(
        (event["Records"][0] for event in function.got(2)), key=lambda r: r["eventName"]
    )
    assert (created["eventSource"], created["eventName"]) == ("aws:s3", "ObjectCreated:Put")
    assert (created["awsRegion"], created["eventVersion"]) == ("us-east-1", "2.1")
    assert created["s3"]["configurationId"] == "one"
    assert created["s3"]["bucket"] == {
        "name": bucket,
        "ownerIdentity": {"principalId": "000000000000"},
        "arn": f"arn:aws:s3:::{bucket}",
    }
    stored = created["s3"]["object"]
    assert stored.pop("sequencer") < removed["s3"]["object"]["sequencer"]
    assert stored == {
        "key": "in/a+file%2B%C3%A4.txt",
        "size": 5,
        "eTag": "5d41402abc4b2a76b9719d911017c592",
    }
    assert removed["eventName"] == "ObjectRemoved:Delete"
    assert "size" not in removed["s3"]["object"]


def test_s3_does_not_take_a_destination_that_it_may_not_invoke(
    engine: EngineProcess, function: Function
) -> None:
    bucket = make_bucket(engine)
    sentence = "Unable to validate the following destination configurations"
    with pytest.raises(ClientError, match=sentence):
        notify(engine, bucket, function.arn)
    function.allow("s3", "arn:aws:s3:::another")
    with pytest.raises(ClientError, match=sentence):
        notify(engine, bucket, function.arn)
    function.allow("s3", f"arn:aws:s3:::{bucket}")
    with pytest.raises(ClientError, match=sentence):
        notify(engine, bucket, f"{function.arn}:gone")
    notify(engine, bucket, function.arn)


def test_a_statement_that_is_gone_stops_the_next_event(engine: EngineProcess, function: Function) -> None:
    bucket = make_bucket(engine)
    statement = function.allow("s3", f"arn:aws:s3:::{bucket}")
    notify(engine, bucket, function.arn)
    s3 = engine.client("s3")
    s3.put_object(Bucket=bucket, Key="first", Body=b"x")
    function.got(1)
    function.client.remove_permission(FunctionName=function.name, StatementId=statement)
    s3.put_object(Bucket=bucket, Key="second", Body=b"x")
    until(lambda: refusals(engine, function) == 1)
    function.allow("s3", f"arn:aws:s3:::{bucket}")
    s3.put_object(Bucket=bucket, Key="third", Body=b"x")
    keys = [event["Records"][0]["s3"]["object"]["key"] for event in function.got(2)]
    assert sorted(keys) == ["first", "third"]


def refusals(engine: EngineProcess, function: Function) -> int:
    return engine.stderr().count(f"s3.amazonaws.com is not authorized to invoke {function.arn}")


def test_s3_to_sns_to_sqs_keeps_its_shape(engine: EngineProcess) -> None:
    sns, sqs, bucket = engine.client("sns"), engine.client("sqs"), make_bucket(engine)
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    queue, arn = make_queue(engine)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    engine.client("s3").put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]
        },
    )
    engine.client("s3").put_object(Bucket=bucket, Key="k", Body=b"x")
    bodies: list[Any] = []

    def arrived() -> bool:
        for message in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2).get("Messages", ()):
            bodies.append(json.loads(message["Body"]))
        return any("Records" in body for body in bodies)

    until(arrived)
    [record] = next(body["Records"] for body in bodies if "Records" in body)
    assert record["s3"]["object"]["key"] == "k"
    assert "sequencer" in record["s3"]["object"]


def test_s3_by_way_of_eventbridge(engine: EngineProcess, function: Function) -> None:
    bucket = make_bucket(engine)
    engine.client("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}
    rule = make_rule(engine, function, EventPattern=json.dumps(pattern))
    engine.client("events").put_targets(Rule=rule, Targets=[{"Id": "f", "Arn": function.arn}])
    engine.client("s3").put_object(Bucket=bucket, Key="a key", Body=b"hello")
    [event] = function.got()
    assert (event["detail-type"], event["resources"]) == ("Object Created", [f"arn:aws:s3:::{bucket}"])
    assert event["detail"]["reason"] == "PutObject"
    assert (event["detail"]["object"]["key"], event["detail"]["object"]["size"]) == ("a key", 5)


def test_the_aws_cli_all_the_way(engine: EngineProcess, function: Function, tmp_path: Path) -> None:
    bucket = make_bucket(engine)
    function.allow("s3", f"arn:aws:s3:::{bucket}")
    notify(engine, bucket, function.arn)
    (tmp_path / "hello.txt").write_text("hello")
    command = [str(Path(sys.executable).with_name("aws")), "s3", "cp", "hello.txt", f"s3://{bucket}/"]
    subprocess.run(command, cwd=tmp_path, env=engine.env(), check=True, timeout=60, capture_output=True)
    [event] = function.got()
    assert event["Records"][0]["s3"]["object"]["key"] == "hello.txt"
