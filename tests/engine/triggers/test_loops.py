"""Functions that set off what invokes them are stopped, by the trace header that goes round."""

from __future__ import annotations

import json

from tests.conftest import EngineProcess
from tests.engine.deploying import deploy, unique
from tests.engine.own import OwnApi
from tests.engine.triggers.callee import Function, make_bucket, make_queue, notify

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
    queue, _ = make_queue(engine)
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
