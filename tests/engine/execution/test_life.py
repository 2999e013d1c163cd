"""The life of environments: how long they stay, what INIT may take, what queued events run on."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.session
import pytest

from tests.conftest import IN_SIGHT, EngineProcess
from tests.engine.deploying import call, deploy, log_lines, settled, until, zipped

NewEngine = Callable[..., EngineProcess]


def status(engine: EngineProcess) -> Any:
    """What the engine says of itself."""
    url = f"{engine.url}/_lambdatui/status"
    request = botocore.awsrequest.AWSRequest("GET", url)
    keys = botocore.credentials.Credentials(engine.access_key, engine.secret_key)
    botocore.auth.SigV4Auth(keys, "lambda", "us-east-1").add_auth(request)
    with urllib.request.urlopen(urllib.request.Request(url, headers=dict(request.headers))) as answer:
        return json.load(answer)


def test_idle_environments_end_after_ten_minutes_of_the_clock(fresh_engine: NewEngine) -> None:
    engine = fresh_engine("--clock", "x300")
    client = engine.client("lambda")
    name = deploy(client, "def handler(event, context): return context.log_stream_name\n")
    stream = call(client, name).value
    assert status(engine)["environments"] == {"warm": 1, "busy": 0}
    until(lambda: status(engine)["environments"] == {"warm": 0, "busy": 0})
    assert call(client, name).value != stream


def test_a_deleted_function_leaves_no_environment(fresh_engine: NewEngine) -> None:
    engine = fresh_engine(*IN_SIGHT)
    client = engine.client("lambda")
    name = deploy(client, "import os\ndef handler(event, context): return os.getpid()\n")
    pid = call(client, name).value
    client.delete_function(FunctionName=name)
    until(lambda: not Path(f"/proc/{pid}").exists())
    until(lambda: status(engine)["environments"] == {"warm": 0, "busy": 0})


def test_publishing_and_aliases_leave_latest_warm(fresh_engine: NewEngine) -> None:
    client = fresh_engine().client("lambda")
    name = deploy(client, "n = 0\ndef handler(event, context):\n    global n\n    n += 1\n    return n\n")
    assert call(client, name).value == 1
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert call(client, name).value == 2


def test_queued_events_run_on_the_new_code(fresh_engine: NewEngine, tmp_path: Path) -> None:
    client = fresh_engine(*IN_SIGHT).client("lambda")
    code = (
        "import pathlib, time\ndef handler(event, context):\n"
        "    with open(event['out'], 'a') as out: out.write('VERSION\\n')\n    time.sleep(event['s'])\n"
    )
    name = deploy(client, code.replace("VERSION", "old"), Timeout=20)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    out = tmp_path / "out"
    for seconds in (2, 0):
        payload = json.dumps({"out": str(out), "s": seconds})
        client.invoke(FunctionName=name, InvocationType="Event", Payload=payload)
        until(out.exists)
    client.update_function_code(FunctionName=name, ZipFile=zipped({"app.py": code.replace("VERSION", "new")}))
    settled(client, name)
    until(lambda: len(out.read_text().split()) == 2)
    assert out.read_text().split() == ["old", "new"]


WHO = """
import os, boto3
def handler(event, context):
    arn = boto3.client("sts").get_caller_identity()["Arn"]
    keys = [os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")]
    return arn, keys, context.log_stream_name
"""


def test_an_environment_is_replaced_before_its_keys_run_out(fresh_engine: NewEngine) -> None:
    engine = fresh_engine("--session", "4")
    client = engine.client("lambda")
    name = deploy(client, WHO, Timeout=1, MemorySize=1024)
    streams: list[str] = []
    first: list[str] = []

    def replaced() -> bool:
        answer = call(client, name)
        assert answer.error is None, answer.body
        arn, keys, stream = answer.value
        assert arn == f"arn:aws:sts::000000000000:assumed-role/tests/{name}"
        first[:] = first or keys
        streams.append(stream)
        return len(set(streams)) >= 3

    until(replaced)
    session = botocore.session.Session()
    old = session.create_client(
        "sts",
        "us-east-1",
        endpoint_url=engine.url,
        aws_access_key_id=first[0],
        aws_secret_access_key=first[1],
        aws_session_token=first[2],
    )
    with pytest.raises(old.exceptions.ClientError) as refused:
        old.get_caller_identity()
    assert refused.value.response["Error"]["Code"] == "ExpiredToken"


KIND = """
import os
def handler(event, context):
    return os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], context.log_stream_name
"""


def test_provisioned_environments_are_replaced_too(fresh_engine: NewEngine) -> None:
    engine = fresh_engine("--session", "3")
    client = engine.client("lambda")
    name = deploy(client, KIND, Timeout=1, Publish=True)
    client.put_provisioned_concurrency_config(
        FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=1
    )
    get = client.get_provisioned_concurrency_config
    until(lambda: get(FunctionName=name, Qualifier="1")["Status"] == "READY")
    streams: set[str] = set()

    def replaced() -> bool:
        answer = call(client, name, Qualifier="1")
        assert answer.value[0] == "provisioned-concurrency", "nobody waits for a cold start"
        streams.add(answer.value[1])
        return len(streams) >= 3

    until(replaced)


def test_a_package_without_bootstrap(tiered_engine: EngineProcess) -> None:
    client = tiered_engine.client("lambda")
    name = deploy(client, {"nothing.txt": ""}, Runtime="provided.al2023")
    answers = [call(client, name) for _ in range(2)]
    for answer in answers:
        assert answer.error == "Unhandled"
        assert answer.value == {
            "errorType": "Runtime.InvalidEntrypoint",
            "errorMessage": f"RequestId: {answer.request_id} Error: "
            "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]",
        }


TRIES = """
import os, tempfile
place = os.path.join(tempfile.gettempdir(), "tries")
with open(place, "a") as out:
    out.write("x")
tries = os.path.getsize(place)
print("try", tries, flush=True)
if tries < int(os.environ["GOOD_FROM"]):
    raise ValueError("not yet") if os.environ["HOW"] == "raise" else os._exit(4)
def handler(event, context):
    if event.get("die"):
        os._exit(1)
    return tries
"""


def kinds(lines: list[str]) -> list[str]:
    """What Lambda's own lines begin with."""
    own = ("INIT_START", "INIT_REPORT", "START", "END", "REPORT")
    return [line.split()[0] for line in lines if line.startswith(own)]


@pytest.mark.parametrize("how", ["raise", "exit"])
def test_a_failed_init_is_tried_again_inside_the_invocation(tiered_engine: EngineProcess, how: str) -> None:
    client, logs = tiered_engine.client("lambda"), tiered_engine.client("logs")
    name = deploy(client, TRIES, Variables={"GOOD_FROM": "2", "HOW": how})
    answer = call(client, name)
    assert (answer.error, answer.value) == (None, 2), "the second try had the /tmp of the first"
    assert "Init Duration" not in answer.tail
    lines = log_lines(logs, name)
    assert kinds(lines) == ["INIT_START", "INIT_REPORT", "START", "END", "REPORT"]
    failed = next(line for line in lines if line.startswith("INIT_REPORT"))
    kind = "ValueError" if how == "raise" else "Runtime.ExitError"
    assert failed.endswith(f"Phase: init\tStatus: error\tError Type: {kind}\n")


def test_an_init_that_fails_twice_is_the_invocations_error(tiered_engine: EngineProcess) -> None:
    client, logs = tiered_engine.client("lambda"), tiered_engine.client("logs")
    name = deploy(client, TRIES, Variables={"GOOD_FROM": "4", "HOW": "raise"})
    answer = call(client, name)
    assert (answer.value["errorType"], answer.value["errorMessage"]) == ("ValueError", "not yet")
    lines = log_lines(logs, name)
    assert kinds(lines) == ["INIT_START", "INIT_REPORT", "INIT_REPORT", "START", "END", "REPORT"]
    assert ["Phase: init" in line for line in lines if line.startswith("INIT_REPORT")] == [True, False]
    assert call(client, name).error == "Unhandled", "the third try"
    again = call(client, name)
    assert (again.error, again.value) == (None, 4)


def test_a_reset_keeps_tmp_and_the_log_stream(tiered_engine: EngineProcess) -> None:
    client, logs = tiered_engine.client("lambda"), tiered_engine.client("logs")
    name = deploy(client, TRIES, Variables={"GOOD_FROM": "0", "HOW": "raise"})
    assert call(client, name).value == 1
    assert call(client, name, {"die": 1}).value["errorType"] == "Runtime.ExitError"
    after = call(client, name)
    assert after.value == 2
    assert "Init Duration" not in after.tail
    assert kinds(log_lines(logs, name)).count("INIT_START") == 1
    assert len(logs.describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]) == 1


@pytest.mark.slow
def test_an_init_of_more_than_ten_seconds_is_tried_again_inside_the_invocation(
    tiered_engine: EngineProcess,
) -> None:
    client = tiered_engine.client("lambda", read_timeout=60)
    code = "import time\ntime.sleep(11)\ndef handler(event, context): return 'late'\n"
    patient = deploy(client, code, Timeout=20)
    answer = call(client, patient)
    assert (answer.error, answer.value) == (None, "late")
    lines = log_lines(tiered_engine.client("logs"), patient)
    kinds = [line.split()[0] for line in lines]
    assert kinds == ["INIT_START", "INIT_REPORT", "START", "END", "REPORT"]
    assert lines[1].endswith("Phase: init\tStatus: timeout\n")
    assert "Init Duration" not in lines[-1]
    hasty = deploy(client, code, Timeout=1)
    assert call(client, hasty).value["errorType"] == "Sandbox.Timedout"
