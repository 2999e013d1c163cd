"""S3, SQS and the others behind the engine's own endpoint, as clients see them."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, until
from tests.engine.own import OwnApi
from tests.engine.processes import alive
from tests.engine.signing import plain, send, signed

Engines = Callable[..., EngineProcess]


def status(engine: EngineProcess) -> dict[str, Any]:
    """What the engine says of its neighbours."""
    answer = send(engine, signed(engine, "GET", "/_lambdatui/status"))
    found: dict[str, Any] = answer.json()["neighbours"]
    return found


def test_nothing_is_started_before_it_is_used(fresh_engine: Engines) -> None:
    engine = fresh_engine()
    engine.client("lambda").list_functions()
    assert status(engine)["state"] == "not started"
    assert status(engine)["pid"] is None
    queue = engine.client("sqs").create_queue(QueueName="first")["QueueUrl"]
    assert queue == f"{engine.url}/000000000000/first"
    after = status(engine)
    assert (after["state"], after["restarts"]) == ("running", 0)
    assert alive(after["pid"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_they_end_with_the_engine(fresh_engine: Engines, number: int) -> None:
    engine = fresh_engine()
    engine.client("sqs").list_queues()
    pid = status(engine)["pid"]
    engine.stop(number)
    until(lambda: not alive(pid))


def test_killed_they_come_back_empty_and_that_is_said(fresh_engine: Engines) -> None:
    engine = fresh_engine()
    sqs = engine.client("sqs", retries={"total_max_attempts": 5, "mode": "standard"})
    sqs.create_queue(QueueName="lost")
    os.kill(status(engine)["pid"], signal.SIGKILL)
    until(lambda: status(engine)["restarts"] == 1)
    assert "QueueUrls" not in sqs.list_queues()
    assert "empty" in status(engine)["sentence"]
    assert "what they held is lost" in engine.stderr()


def test_many_first_requests_share_one_start(fresh_engine: Engines) -> None:
    engine = fresh_engine()
    command = [sys.executable, "-c", LIST_QUEUES]
    asking = [subprocess.Popen(command, env=engine.env(), stdout=subprocess.PIPE) for _ in range(4)]
    assert [process.communicate(timeout=60)[0] for process in asking] == [b"ok\n"] * 4
    assert status(engine)["restarts"] == 0
    assert len(children(engine, "triggers.child")) == 1


LIST_QUEUES = "import boto3; boto3.client('sqs').list_queues(); print('ok')"


def children(engine: EngineProcess, text: str) -> list[int]:
    """The engine's child processes that have `text` on their command line."""
    folder = Path(f"/proc/{engine.process.pid}/task/{engine.process.pid}/children")
    numbers = [int(number) for number in folder.read_text().split()]
    return [number for number in numbers if text in Path(f"/proc/{number}/cmdline").read_text()]


def test_protocols_of_every_kind(engine: EngineProcess) -> None:
    engine.client("dynamodb").create_table(
        TableName="items",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    assert engine.client("dynamodbstreams").list_streams(TableName="items")["Streams"]
    assert engine.client("sns").create_topic(Name="t")["TopicArn"] == "arn:aws:sns:us-east-1:000000000000:t"
    engine.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    assert engine.client("kinesis").list_streams()["StreamNames"] == ["s"]
    assert engine.client("ec2").describe_subnets()["Subnets"]
    assert engine.client("events").list_event_buses()["EventBuses"][0]["Name"] == "default"
    assert engine.client("scheduler").list_schedule_groups()["ScheduleGroups"][0]["Name"] == "default"
    assert engine.client("kms").create_key()["KeyMetadata"]["AWSAccountId"] == "000000000000"
    engine.client("secretsmanager").create_secret(Name="s", SecretString="hush")
    assert engine.client("secretsmanager").get_secret_value(SecretId="s")["SecretString"] == "hush"
    role = engine.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]
    assert role["Arn"] == "arn:aws:iam::000000000000:role/r"
    assert engine.client("stepfunctions").list_state_machines()["stateMachines"] == []


def test_accounts_and_regions_are_apart(engine: EngineProcess) -> None:
    keys = {"access_key": "111111111111", "secret_key": engine.secret_key}
    engine.client("sqs").create_queue(QueueName="mine")
    other = engine.client("sqs", **keys)
    assert "QueueUrls" not in other.list_queues(QueueNamePrefix="mine")
    url = other.create_queue(QueueName="theirs")["QueueUrl"]
    arn = other.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    assert arn == "arn:aws:sqs:us-east-1:111111111111:theirs"
    assert "QueueUrls" not in engine.client("sqs", region="eu-west-1").list_queues(QueueNamePrefix="mine")


def test_the_engine_keeps_what_is_its_own(engine: EngineProcess) -> None:
    assert engine.client("sts").get_caller_identity()["Account"] == "000000000000"
    with pytest.raises(ClientError, match="NotImplementedException"):
        engine.client("cloudtrail").list_trails()


@pytest.mark.parametrize("service", ["sqs", "sns", "s3", "ec2", "dynamodb"])
def test_a_wrong_secret_is_refused_in_the_words_of_the_service(engine: EngineProcess, service: str) -> None:
    client = engine.client(service, secret_key="wrong")
    calls = {
        "sqs": "list_queues",
        "sns": "list_topics",
        "s3": "list_buckets",
        "ec2": "describe_vpcs",
        "dynamodb": "list_tables",
    }
    with pytest.raises(ClientError) as caught:
        getattr(client, calls[service])()
    code = caught.value.response["Error"]["Code"]
    assert code in ("SignatureDoesNotMatch", "InvalidSignatureException")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_the_process_itself_answers_only_the_engine(engine: EngineProcess) -> None:
    engine.client("sqs").list_queues()
    port = listening(status(engine)["pid"])
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10)
    assert caught.value.code == 403


def test_nobody_resets_them_by_a_page_of_their_own(engine: EngineProcess) -> None:
    queue = engine.client("sqs").create_queue(QueueName="kept")["QueueUrl"]
    for service, path in (
        ("s3", "/moto-api/reset"),
        ("sqs", "/moto-api/reset"),
        ("s3", "/latest/meta-data/"),
    ):
        stated = {"x-amz-content-sha256": hashlib.sha256(b"").hexdigest()}
        request = signed(engine, "POST", path, service=service, headers=stated)
        assert send(engine, request).status == 501
    assert queue in engine.client("sqs").list_queues()["QueueUrls"]


def listening(pid: int) -> int:
    """The TCP port that a process listens on."""
    inodes = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.exists()}
    for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
            return int(fields[1].rpartition(":")[2], 16)
    raise AssertionError("it listens nowhere")


# -- handlers, other endpoints, none at all -----------------------------------------------------


HANDLER = """
import boto3

def handler(event, context):
    boto3.client("s3").put_object(Bucket=event["bucket"], Key="from/handler", Body=b"hello")
    boto3.client("dynamodb").put_item(TableName=event["table"], Item={"k": {"S": "from-handler"}})
    boto3.client("sqs").send_message(QueueUrl=event["queue"], MessageBody="from handler")
    return boto3.client("sts").get_caller_identity()["Arn"]
"""


def test_handlers_reach_them_with_their_own_keys(engine: EngineProcess, bucket: str) -> None:
    table = f"t{os.urandom(4).hex()}"
    engine.client("dynamodb").create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    queue = engine.client("sqs").create_queue(QueueName=table)["QueueUrl"]
    function = deploy(engine.client("lambda"), HANDLER, Timeout=30, MemorySize=512)
    answer = call(engine.client("lambda"), function, {"bucket": bucket, "table": table, "queue": queue})
    assert answer.error is None, answer.body
    assert ":assumed-role/" in answer.value
    assert engine.client("s3").get_object(Bucket=bucket, Key="from/handler")["Body"].read() == b"hello"
    assert engine.client("dynamodb").scan(TableName=table)["Count"] == 1
    [message] = engine.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert message["Body"] == "from handler"


def test_the_aws_cli(engine: EngineProcess, bucket: str, tmp_path: Path) -> None:
    file = tmp_path / "file.bin"
    file.write_bytes(os.urandom(20_000_000))
    aws = [str(Path(sys.executable).with_name("aws"))]
    subprocess.run(
        [*aws, "s3", "cp", str(file), f"s3://{bucket}/x"], env=engine.env(), check=True, timeout=60
    )
    back = tmp_path / "back.bin"
    subprocess.run(
        [*aws, "s3", "cp", f"s3://{bucket}/x", str(back)], env=engine.env(), check=True, timeout=60
    )
    assert back.read_bytes() == file.read_bytes()


def test_a_long_poll_ends_in_real_time_on_a_clock_that_stands_still(fresh_engine: Engines) -> None:
    engine = fresh_engine("--clock", "manual")
    sqs = engine.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    started = time.monotonic()
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)
    assert 0.9 < time.monotonic() - started < 10


def test_visibility_follows_a_clock_that_is_pushed(fresh_engine: Engines) -> None:
    engine = fresh_engine("--clock", "manual")
    sqs = engine.client("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="again", DelaySeconds=60)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    OwnApi(engine).advance(61)
    assert sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    OwnApi(engine).advance(598)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    OwnApi(engine).advance(3)
    assert sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]


def test_a_poll_whose_client_left_takes_nothing(engine: EngineProcess) -> None:
    sqs = engine.client("sqs")
    url = sqs.create_queue(QueueName="left")["QueueUrl"]
    with pytest.raises(ReadTimeoutError):
        engine.client("sqs", read_timeout=0.5).receive_message(QueueUrl=url, WaitTimeSeconds=20)
    sqs.send_message(QueueUrl=url, MessageBody="for somebody")
    [message] = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10, AttributeNames=["All"])["Messages"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"


def test_what_was_asked_of_a_killed_process_fails_as_aws_fails(fresh_engine: Engines) -> None:
    engine = fresh_engine()
    sqs = engine.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    pid = status(engine)["pid"]
    killer = threading.Timer(0.5, os.kill, (pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(ClientError, match="ServiceUnavailable") as caught:
        sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


def test_requests_that_nobody_signed(fresh_engine: Engines) -> None:
    engine = fresh_engine("--unsigned")
    json_kind = {"X-Amz-Target": "AmazonSQS.CreateQueue", "Content-Type": "application/x-amz-json-1.0"}
    answer = plain(engine, "POST", "/", b'{"QueueName": "q"}', json_kind)
    assert answer.json()["QueueUrl"] == f"{engine.url}/000000000000/q"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = plain(engine, "POST", "/", b"Action=CreateTopic&Version=2010-03-31&Name=t", form)
    assert b"arn:aws:sns:us-east-1:000000000000:t" in answer.body


def test_visibility_follows_a_scaled_clock(fresh_engine: Engines) -> None:
    engine = fresh_engine("--clock", "x1000")
    sqs = engine.client("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="again and again")
    assert sqs.receive_message(QueueUrl=url)["Messages"]
    again = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10, AttributeNames=["All"])["Messages"]
    assert again[0]["Attributes"]["ApproximateReceiveCount"] == "2"


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def test_neighbours_of_the_users_own(fresh_engine: Engines, elsewhere: str) -> None:
    engine = fresh_engine("--neighbours", elsewhere)
    sqs = engine.client("sqs", region="eu-central-1")
    url = sqs.create_queue(QueueName="there")["QueueUrl"]
    assert url.startswith(elsewhere)
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    assert arn == "arn:aws:sqs:eu-central-1:000000000000:there"
    told = status(engine)
    assert "does not come here: have them send to a queue that is mapped." in told.pop("sentence")
    assert told == {"mode": "url", "state": "elsewhere", "restarts": 0, "pid": None}


def test_an_endpoint_where_nobody_answers(fresh_engine: Engines) -> None:
    engine = fresh_engine("--neighbours", "http://127.0.0.1:9")
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        engine.client("sqs").list_queues()


def test_switched_off(fresh_engine: Engines) -> None:
    engine = fresh_engine("--neighbours", "off")
    for service, operation in (("s3", "list_buckets"), ("sqs", "list_queues"), ("sns", "list_topics")):
        with pytest.raises(ClientError, match="--neighbours off"):
            getattr(engine.client(service), operation)()


def test_not_installed(fresh_engine: Engines, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['moto'] = None\n")
    engine = fresh_engine(env={"PYTHONPATH": str(tmp_path)})
    for service, operation in (("s3", "list_buckets"), ("ec2", "describe_vpcs"), ("sns", "list_topics")):
        with pytest.raises(ClientError, match=r"pip install 'lambdatui\[neighbours\]'"):
            getattr(engine.client(service), operation)()
    assert status(engine)["state"] == "not installed"


@pytest.mark.parametrize("wrong", ["ftp://x", "nonsense", "http://"])
def test_a_wrong_option_is_a_usage_error(wrong: str) -> None:
    command = [sys.executable, "-m", "lambdatui.engine", "--neighbours", wrong]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert "--neighbours" in done.stderr
