"""S3, SNS, EventBridge, Secrets Manager and Step Functions reach functions, as far as policies let them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import EngineProcess
from tests.engine.deploying import ROLE, deploy, log_lines, until
from tests.engine.own import OwnApi
from tests.engine.signing import send, signed

Engines = Callable[..., EngineProcess]

ECHO = """
import json
def handler(event, context):
    print("GOT " + json.dumps(event))
    return event
"""


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


class Function:
    """A function that logs what it is given."""

    def __init__(self, engine: EngineProcess, code: str = ECHO, **config: Any) -> None:
        self.engine = engine
        self.client = engine.client("lambda")
        self.name = deploy(self.client, code, **config)
        self.arn = self.client.get_function_configuration(FunctionName=self.name)["FunctionArn"]

    def allow(self, service: str, arn: str, **more: Any) -> str:
        sid = unique("s")
        self.client.add_permission(
            FunctionName=self.name,
            StatementId=sid,
            Action="lambda:InvokeFunction",
            Principal=f"{service}.amazonaws.com",
            SourceArn=arn,
            **more,
        )
        return sid

    def got(self, count: int = 1) -> list[Any]:
        """What it was given, once it ran `count` times."""

        def events() -> list[Any]:
            lines = log_lines(self.engine.client("logs"), self.name)
            return [json.loads(line.removeprefix("GOT ")) for line in lines if line.startswith("GOT ")]

        until(lambda: self._logs() and len(events()) >= count)
        return events()

    def _logs(self) -> bool:
        prefix = f"/aws/lambda/{self.name}"
        return bool(self.engine.client("logs").describe_log_groups(logGroupNamePrefix=prefix)["logGroups"])


@pytest.fixture
def function(engine: EngineProcess) -> Function:
    return Function(engine)


def make_bucket(engine: EngineProcess) -> str:
    name = unique("bucket")
    engine.client("s3").create_bucket(Bucket=name)
    return name


def notify(engine: EngineProcess, bucket: str, arn: str, **more: Any) -> None:
    one = {
        "Id": "one",
        "LambdaFunctionArn": arn,
        "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
        **more,
    }
    engine.client("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [one]}
    )


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


def test_sns_invokes(engine: EngineProcess, function: Function) -> None:
    sns = engine.client("sns")
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    function.allow("sns", topic)
    policy = json.dumps({"kind": ["wanted"]})
    subscription = sns.subscribe(
        TopicArn=topic,
        Protocol="lambda",
        Endpoint=function.arn,
        Attributes={"FilterPolicy": policy},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    for kind in ("other", "wanted"):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        sent = sns.publish(TopicArn=topic, Message="hi", Subject="hey", MessageAttributes=attributes)
    [event] = function.got()
    [record] = event["Records"]
    notice = record.pop("Sns")
    assert record == {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription,
    }
    assert list(notice) == [
        *(
            "Type",
            "MessageId",
            "TopicArn",
            "Subject",
            "Message",
            "Timestamp",
            "SignatureVersion",
            "Signature",
        ),
        *("SigningCertUrl", "UnsubscribeUrl", "MessageAttributes"),
    ]
    assert (notice["Type"], notice["Message"], notice["Subject"]) == ("Notification", "hi", "hey")
    assert (notice["MessageId"], notice["TopicArn"]) == (sent["MessageId"], topic)
    assert notice["MessageAttributes"] == {"kind": {"Type": "String", "Value": "wanted"}}


def test_sns_needs_the_permission_of_the_alias_that_it_calls(
    engine: EngineProcess, function: Function
) -> None:
    sns = engine.client("sns")
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    version = function.client.publish_version(FunctionName=function.name)["Version"]
    function.client.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    function.allow("sns", topic)
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=f"{function.arn}:live")
    sns.publish(TopicArn=topic, Message="refused")
    until(lambda: f"not authorized to invoke {function.arn}:live" in engine.stderr())
    function.allow("sns", topic, Qualifier="live")
    sns.publish(TopicArn=topic, Message="taken")
    [event] = function.got()
    assert event["Records"][0]["Sns"]["Message"] == "taken"
    assert event["Records"][0]["Sns"]["Subject"] is None


def test_what_sns_may_not_deliver_goes_to_the_queue_of_its_subscription(
    engine: EngineProcess, function: Function
) -> None:
    sns, sqs = engine.client("sns"), engine.client("sqs")
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    queue = sqs.create_queue(QueueName=unique("dead"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn})}
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function.arn, Attributes=redrive)
    sns.publish(TopicArn=topic, Message="undelivered")
    [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    assert json.loads(message["Body"])["Message"] == "undelivered"


LOOP = """
import os, boto3
def handler(event, context):
    print("GOT 1")
    boto3.client("sns").publish(TopicArn=os.environ["TOPIC"], Message="again")
"""


def test_a_loop_by_way_of_sns_is_stopped(engine: EngineProcess) -> None:
    sns = engine.client("sns")
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    function = Function(engine, LOOP, Variables={"TOPIC": topic}, Timeout=30, MemorySize=512)
    function.allow("sns", topic)
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function.arn)
    sns.publish(TopicArn=topic, Message="first")
    function.got(16)
    OwnApi(engine).settle()
    assert len(function.got(16)) == 16


def test_a_loop_by_way_of_s3_is_stopped(engine: EngineProcess) -> None:
    code = """
import boto3, uuid
def handler(event, context):
    print("GOT 1")
    bucket = event["Records"][0]["s3"]["bucket"]["name"]
    boto3.client("s3").put_object(Bucket=bucket, Key=str(uuid.uuid4()), Body=b"again")
"""
    bucket = make_bucket(engine)
    function = Function(engine, code, Timeout=30, MemorySize=512)
    function.allow("s3", f"arn:aws:s3:::{bucket}")
    notify(engine, bucket, function.arn)
    engine.client("s3").put_object(Bucket=bucket, Key="first", Body=b"x")
    function.got(16)
    OwnApi(engine).settle()
    assert len(function.got(16)) == 16


def test_messages_carry_the_trace_header_of_their_sender(engine: EngineProcess) -> None:
    sqs = engine.client("sqs")
    queue = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
    code = """
import boto3
def handler(event, context):
    queue = boto3.client("sqs")
    queue.send_message(QueueUrl=event, MessageBody="one")
    queue.send_message_batch(QueueUrl=event, Entries=[{"Id": "1", "MessageBody": "two"}])
"""
    client = engine.client("lambda")
    name = deploy(client, code, Timeout=30, MemorySize=512)
    client.invoke(FunctionName=name, Payload=json.dumps(queue).encode())
    asked = {"QueueUrl": queue, "MaxNumberOfMessages": 10, "AttributeNames": ["AWSTraceHeader"]}
    messages = sqs.receive_message(**asked)["Messages"]
    assert len(messages) == 2
    assert all("Lineage=1:" in message["Attributes"]["AWSTraceHeader"] for message in messages)


def test_s3_to_sns_to_sqs_keeps_its_shape(engine: EngineProcess) -> None:
    sns, sqs, bucket = engine.client("sns"), engine.client("sqs"), make_bucket(engine)
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    queue = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
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


# -- EventBridge ---------------------------------------------------------------------------------


def make_rule(engine: EngineProcess, function: Function, **rule: Any) -> str:
    name = unique("rule")
    arn: str = engine.client("events").put_rule(Name=name, **rule)["RuleArn"]
    function.allow("events", arn)
    return name


def put_event(engine: EngineProcess, **detail: Any) -> str:
    entry = {"Source": "shop", "DetailType": "order", "Detail": json.dumps(detail), "Resources": ["arn:r"]}
    [made] = engine.client("events").put_events(Entries=[entry])["Entries"]
    return str(made["EventId"])


def test_a_rule_sends_the_events_that_match(engine: EngineProcess, function: Function) -> None:
    pattern = json.dumps({"source": ["shop"], "detail": {"price": [{"numeric": [">", 10]}]}})
    rule = make_rule(engine, function, EventPattern=pattern)
    events = engine.client("events")
    events.put_targets(Rule=rule, Targets=[{"Id": "f", "Arn": function.arn}])
    put_event(engine, price=5)
    wanted = put_event(engine, price=50)
    [event] = function.got()
    assert event.pop("time").endswith("Z")
    assert event == {
        "version": "0",
        "id": wanted,
        "detail-type": "order",
        "source": "shop",
        "account": "000000000000",
        "region": "us-east-1",
        "resources": ["arn:r"],
        "detail": {"price": 50},
    }
    events.disable_rule(Name=rule)
    put_event(engine, price=60)
    events.enable_rule(Name=rule)
    put_event(engine, price=70)
    assert [event["detail"]["price"] for event in function.got(2)] == [50, 70]


def test_targets_get_what_they_ask_for(engine: EngineProcess, function: Function) -> None:
    rule = make_rule(
        engine, function, EventPattern=json.dumps({"detail-type": ["order"], "source": ["shop"]})
    )
    transformer = {
        "InputPathsMap": {"who": "$.detail.who", "items": "$.detail.items"},
        "InputTemplate": '{"text": "for <who>", "who": <who>, "items": <items>,'
        ' "rule": <aws.events.rule-name>}',
    }
    engine.client("events").put_targets(
        Rule=rule,
        Targets=[
            {"Id": "fixed", "Arn": function.arn, "Input": '{"fixed": true}'},
            {"Id": "part", "Arn": function.arn, "InputPath": "$.detail"},
            {"Id": "made", "Arn": function.arn, "InputTransformer": transformer},
        ],
    )
    put_event(engine, who='Ann "A"', items=[1, 2])
    got = function.got(3)
    assert {"fixed": True} in got
    assert {"who": 'Ann "A"', "items": [1, 2]} in got
    assert {"text": 'for Ann "A"', "who": 'Ann "A"', "items": [1, 2], "rule": rule} in got


def test_other_targets_and_the_queue_for_what_cannot_be_delivered(engine: EngineProcess) -> None:
    sqs, events = engine.client("sqs"), engine.client("events")
    queue = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rule, missing = unique("rule"), f"arn:aws:lambda:us-east-1:000000000000:function:{unique('none')}"
    events.put_rule(Name=rule, EventPattern=json.dumps({"detail": {"to": [rule]}}))
    targets = [
        {"Id": "queue", "Arn": arn},
        {"Id": "none", "Arn": missing, "DeadLetterConfig": {"Arn": arn}},
    ]
    events.put_targets(Rule=rule, Targets=targets)
    put_event(engine, to=rule)
    messages: list[Any] = []

    def both() -> bool:
        answer = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2, MessageAttributeNames=["All"])
        messages.extend(answer.get("Messages", ()))
        return len(messages) >= 2

    until(both)
    assert [json.loads(message["Body"])["detail"] for message in messages] == [{"to": rule}] * 2
    [dead] = [message["MessageAttributes"] for message in messages if "MessageAttributes" in message]
    assert dead["TARGET_ARN"]["StringValue"] == missing
    assert dead["RULE_ARN"]["StringValue"].endswith(f"rule/{rule}")


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


# -- schedules -----------------------------------------------------------------------------------


def test_a_rule_on_a_clock_that_is_pushed(fresh_engine: Engines) -> None:
    engine = fresh_engine("--clock", "manual", "--settle", "0")
    own, function = OwnApi(engine), Function(engine)
    rule = make_rule(engine, function, ScheduleExpression="rate(1 hour)")
    engine.client("events").put_targets(Rule=rule, Targets=[{"Id": "f", "Arn": function.arn}])
    began = own("GET", "clock")["now"]
    own.advance(3599)
    assert own.events() == []
    own.advance(2)
    [event] = function.got(1)
    due = datetime.fromtimestamp(began + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert event["time"] == due
    own.advance(3 * 3600)
    assert len({event["time"] for event in function.got(4)}) == 4
    [shown] = own("GET", "schedules")["schedules"]
    assert (shown["expression"], shown["next"]) == ("rate(1 hour)", began + 5 * 3600)
    assert own.next() == began + 5 * 3600 - (began + 3601 + 3 * 3600)
    assert len(function.got(5)) == 5


def test_schedules_run_on_the_engines_clock(fresh_engine: Engines) -> None:
    engine = fresh_engine("--clock", "x600")
    function = Function(engine)
    rule = make_rule(engine, function, ScheduleExpression="rate(5 minutes)")
    events = engine.client("events")
    events.put_targets(Rule=rule, Targets=[{"Id": "f", "Arn": function.arn}])
    first, second = function.got(2)[:2]
    assert (first["source"], first["detail-type"], first["detail"]) == ("aws.events", "Scheduled Event", {})
    assert first["resources"] == [events.describe_rule(Name=rule)["Arn"]]
    assert first["time"] < second["time"]
    events.remove_targets(Rule=rule, Ids=["f"])
    events.delete_rule(Name=rule)


def test_the_scheduler(fresh_engine: Engines) -> None:
    engine = fresh_engine("--clock", "x600")
    function, scheduler = Function(engine), engine.client("scheduler")
    target = {"Arn": function.arn, "RoleArn": ROLE}
    window = {"Mode": "OFF"}
    arn = scheduler.create_schedule(
        Name="every",
        ScheduleExpression="rate(10 minutes)",
        FlexibleTimeWindow=window,
        Target={**target, "Input": '{"of": "<aws.scheduler.schedule-arn>"}'},
    )["ScheduleArn"]
    assert function.got(2)[:2] == [{"of": arn}] * 2
    scheduler.delete_schedule(Name="every")
    now = send(engine, signed(engine, "GET", "/_lambdatui/status")).json()["clock"]["now"]
    soon = datetime.fromtimestamp(now + 1200, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    call = {"FunctionName": function.name, "Payload": '{"universal": 1}'}
    universal = {**target, "Arn": "arn:aws:scheduler:::aws-sdk:lambda:invoke", "Input": json.dumps(call)}
    once = {"Name": "once", "FlexibleTimeWindow": window, "Target": universal}
    scheduler.create_schedule(
        **once, ScheduleExpression="at(2020-01-01T00:00:00)", ActionAfterCompletion="DELETE"
    )
    scheduler.update_schedule(**once, ScheduleExpression=f"at({soon})", ActionAfterCompletion="DELETE")
    until(lambda: {"universal": 1} in function.got())
    until(lambda: scheduler.list_schedules()["Schedules"] == [])


# -- synchronous ---------------------------------------------------------------------------------


def test_secrets_are_rotated_by_our_function(engine: EngineProcess) -> None:
    code = ECHO.replace("return event", "return None")
    function, secrets = Function(engine, code), engine.client("secretsmanager")
    name = secrets.create_secret(Name=unique("secret"), SecretString="one")["Name"]
    function.client.add_permission(
        FunctionName=function.name,
        StatementId="rotation",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
    )
    secrets.rotate_secret(
        SecretId=name, RotationLambdaARN=function.arn, RotationRules={"AutomaticallyAfterDays": 30}
    )
    steps = [event["Step"] for event in function.got(4)]
    assert steps == ["createSecret", "setSecret", "testSecret", "finishSecret"]


def test_state_machines_run_our_functions(engine: EngineProcess) -> None:
    pytest.importorskip("antlr4")
    function = Function(engine)
    steps = engine.client("stepfunctions")
    definition = {
        "StartAt": "Direct",
        "States": {
            "Direct": {"Type": "Task", "Resource": function.arn, "ResultPath": "$.direct", "Next": "Invoke"},
            "Invoke": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": function.arn, "Payload": {"deep.$": "$.direct.n"}},
                "OutputPath": "$.Payload",
                "End": True,
            },
        },
    }
    machine = steps.create_state_machine(
        name=unique("machine"), definition=json.dumps(definition), roleArn=ROLE
    )["stateMachineArn"]
    run = steps.start_execution(stateMachineArn=machine, input='{"n": 7}')["executionArn"]
    until(lambda: steps.describe_execution(executionArn=run)["status"] != "RUNNING", 30)
    ended = steps.describe_execution(executionArn=run)
    assert (ended["status"], json.loads(ended.get("output", "null"))) == ("SUCCEEDED", {"deep": 7})


def test_the_aws_cli_all_the_way(engine: EngineProcess, function: Function, tmp_path: Path) -> None:
    bucket = make_bucket(engine)
    function.allow("s3", f"arn:aws:s3:::{bucket}")
    notify(engine, bucket, function.arn)
    (tmp_path / "hello.txt").write_text("hello")
    command = [str(Path(sys.executable).with_name("aws")), "s3", "cp", "hello.txt", f"s3://{bucket}/"]
    subprocess.run(command, cwd=tmp_path, env=engine.env(), check=True, timeout=60, capture_output=True)
    [event] = function.got()
    assert event["Records"][0]["s3"]["object"]["key"] == "hello.txt"


def test_schedules_go_with_the_neighbours_that_kept_them(fresh_engine: Engines) -> None:
    engine = fresh_engine("--clock", "x600")
    function = Function(engine)
    rule = make_rule(engine, function, ScheduleExpression="rate(10 minutes)")
    engine.client("events").put_targets(Rule=rule, Targets=[{"Id": "f", "Arn": function.arn}])
    function.got(1)

    def neighbours() -> Any:
        return send(engine, signed(engine, "GET", "/_lambdatui/status")).json()["neighbours"]

    os.kill(neighbours()["pid"], signal.SIGKILL)
    until(lambda: neighbours()["restarts"] == 1)
    assert engine.client("events").list_rules()["Rules"] == []
    sent = len(function.got())
    function.client.invoke(FunctionName=function.name, Payload=b'{"marker": 1}')
    assert len(function.got(sent + 1)) <= sent + 2
