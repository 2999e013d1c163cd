"""SNS invokes its subscribers, as far as their policies let it."""

from __future__ import annotations

import json

from tests.conftest import EngineProcess
from tests.engine.deploying import unique, until
from tests.engine.triggers.callee import Function, make_queue


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
    queue, arn = make_queue(engine)
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn})}
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function.arn, Attributes=redrive)
    sns.publish(TopicArn=topic, Message="undelivered")
    [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    assert json.loads(message["Body"])["Message"] == "undelivered"
