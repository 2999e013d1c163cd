"""Invocations through the wire: what comes back, what is kept between them, what ends them."""

from __future__ import annotations

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import Answer, call, deploy, settled, until, zipped

ECHO = "def handler(event, context):\n    return event\n"
COUNTS = """
import os
n = 0
def handler(event, context):
    global n
    n += 1
    return {}
"""
RAISES = """class Bad(Exception): pass

def inner():
    raise Bad('boom')

def handler(event, context):
    inner()
"""
HOARDS = """
def handler(event, context):
    kept = []
    while True:
        kept.append(bytearray(b"x") * (4 << 20))
"""
PARENT = """
import subprocess, sys
def handler(event, context):
    code = "b = bytearray(b'x') * (300 << 20); input()"
    subprocess.run([sys.executable, "-c", code], stdin=subprocess.PIPE)
"""


@pytest.fixture(scope="module")
def client(engine: EngineProcess) -> Any:
    return engine.client("lambda")


@pytest.fixture(scope="module")
def open_client(open_engine: EngineProcess) -> Any:
    return open_engine.client("lambda")


@pytest.fixture(scope="module")
def echo(client: Any) -> str:
    return deploy(client, ECHO, Timeout=20)


# -- payloads ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [{"a": [1, 2.5, None, True]}, [], "text", 7, None, False, {"emoji": "🦊", "quotes": '"\\"'}],
)
def test_any_json_value_comes_back_equal(client: Any, echo: str, event: Any) -> None:
    assert call(client, echo, json.dumps(event).encode()).value == event


def test_no_payload_is_an_empty_object(client: Any, echo: str) -> None:
    assert json.load(client.invoke(FunctionName=echo)["Payload"]) == {}


def test_returning_nothing_gives_null(client: Any) -> None:
    name = deploy(client, "def handler(event, context): pass\n")
    answer = call(client, name)
    assert (answer.body, answer.version, answer.error) == (b"null", "$LATEST", None)


def test_six_megabytes_in_and_out(client: Any, echo: str) -> None:
    event = "x" * (6_291_456 - 2)
    assert call(client, echo, event).value == event


def test_a_response_that_is_too_large_is_an_error_and_leaves_the_environment_usable(client: Any) -> None:
    name = deploy(client, COUNTS.format("'x' * event['size'] + str(n)"), Timeout=20, MemorySize=512)
    answer = call(client, name, {"size": 6_291_556})
    assert answer.error == "Unhandled"
    assert answer.value == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    assert call(client, name, {"size": 0}).value == "2"


def test_decimals_and_text_beyond_ascii_are_written_as_on_lambda(client: Any) -> None:
    code = "from decimal import Decimal\ndef handler(event, context): return [Decimal('1.5'), 'ü']\n"
    assert call(client, deploy(client, code)).value == [1.5, "ü"]


# -- errors ------------------------------------------------------------------------------------------


def test_an_exception(client: Any) -> None:
    answer = call(client, deploy(client, RAISES))
    assert answer.error == "Unhandled"
    assert list(answer.value) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert answer.value == {
        "errorMessage": "boom",
        "errorType": "Bad",
        "requestId": answer.request_id,
        "stackTrace": [
            '  File "/var/task/app.py", line 7, in handler\n    inner()\n',
            "  File \"/var/task/app.py\", line 4, in inner\n    raise Bad('boom')\n",
        ],
    }


@pytest.mark.parametrize(
    ("code", "handler", "kind", "message"),
    [
        (
            "import nowhere\n",
            "app.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'nowhere'",
        ),
        (
            "",
            "other.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'other': No module named 'other'",
        ),
        ("x = 1\n", "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        (
            "x = 1\n",
            "handler",
            "Runtime.MalformedHandlerName",
            "Bad handler 'handler': not enough values to unpack (expected 2, got 1)",
        ),
        (
            "def handler(event, context:\n",
            "app.handler",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'app': '(' was never closed (app.py, line 1)",
        ),
    ],
)
def test_a_handler_that_cannot_be_loaded(
    client: Any, code: str, handler: str, kind: str, message: str
) -> None:
    answer = call(client, deploy(client, code, Handler=handler))
    assert answer.error == "Unhandled"
    assert (answer.value["errorType"], answer.value["errorMessage"]) == (kind, message)
    assert answer.value["requestId"] == ""
    assert f"[ERROR] {kind}: {message}" in answer.tail


def test_an_exception_at_import_shows_the_import(client: Any) -> None:
    answer = call(client, deploy(client, "raise ValueError('at import')\n"))
    assert (answer.value["errorType"], answer.value["requestId"]) == ("ValueError", "")
    assert answer.value["stackTrace"][0].startswith(
        '  File "/var/lang/lib/python3.11/importlib/__init__.py", line '
    )
    assert answer.value["stackTrace"][-1] == (
        "  File \"/var/task/app.py\", line 1, in <module>\n    raise ValueError('at import')\n"
    )


def test_a_result_that_is_no_json(client: Any) -> None:
    answer = call(client, deploy(client, "def handler(event, context): return {1}\n"))
    assert answer.value["errorType"] == "Runtime.MarshalError"
    assert (
        answer.value["errorMessage"]
        == "Unable to marshal response: Object of type set is not JSON serializable"
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("sys.exit()", "Runtime exited without providing a reason"),
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("sys.exit(2)", "Runtime exited with error: exit status 2"),
        ("os._exit(127)", "Runtime exited with error: exit status 127"),
        ("os.kill(os.getpid(), 11)", "Runtime exited with error: signal: segmentation fault"),
    ],
)
@pytest.mark.parametrize("place", ["handler", "import"])
def test_the_end_of_the_process(client: Any, body: str, reason: str, place: str) -> None:
    code = f"import os, sys\ndef handler(event, context):\n    {body}\n"
    answer = call(client, deploy(client, code if place == "handler" else f"import os, sys\n{body}\n"))
    assert answer.error == "Unhandled"
    assert answer.value == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {answer.request_id} Error: {reason}",
    }
    assert answer.tail.rstrip().endswith("Status: error\tError Type: Runtime.ExitError")


def test_after_a_crash_the_next_invocation_starts_afresh(client: Any) -> None:
    name = deploy(client, COUNTS.format("n if event else os._exit(1)"))
    assert [call(client, name, {"go": 1}).value for _ in range(2)] == [1, 2]
    assert call(client, name, {}).error == "Unhandled"
    assert call(client, name, {"go": 1}).value == 1


# -- limits ------------------------------------------------------------------------------------------

SLOW = """
import os, subprocess, sys, tempfile, time
PLACE = os.path.join(tempfile.gettempdir(), "seen")
count = 0

def handler(event, context):
    global count
    count += 1
    if event.get("fast"):
        return {"count": count, "seen": os.path.exists(PLACE), "pid": os.getpid()}
    open(PLACE, "w").close()
    print("before", flush=True)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with open(event["pids"], "w") as out:
        out.write(f"{os.getpid()} {child.pid}")
    time.sleep(60)
    print("after")
"""


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_timeout_ends_the_function_and_its_children(open_client: Any, tmp_path: Any) -> None:
    name = deploy(open_client, SLOW, Timeout=1)
    pids = tmp_path / "pids"
    answer = call(open_client, name, {"pids": str(pids)})
    assert answer.error == "Unhandled"
    assert answer.value == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {answer.request_id} Error: Task timed out after 1.00 seconds",
    }
    duration = re.search(r"\tDuration: ([\d.]+) ms", answer.tail)
    assert duration
    assert 1000 <= float(duration[1]) < 1500
    assert "before\n" in answer.tail
    assert "after" not in answer.tail
    assert answer.tail.endswith("\tStatus: timeout\n")
    until(lambda: not any(alive(int(pid)) for pid in pids.read_text().split()), 2)
    again = call(open_client, name, {"fast": True})
    assert (again.value["count"], again.value["seen"]) == (1, True), "globals are fresh, the /tmp is not"
    assert "Init Duration" not in again.tail


def test_every_invocation_has_the_whole_timeout(client: Any) -> None:
    code = "import time\ndef handler(event, context):\n    time.sleep(event)\n    return event\n"
    name = deploy(client, code, Timeout=2)
    for _ in range(3):
        assert call(client, name, 0.9).value == 0.9
    answer = call(client, name, 5)
    assert answer.value["errorType"] == "Sandbox.Timedout"
    duration = re.search(r"\tDuration: ([\d.]+) ms", answer.tail)
    assert duration
    assert 2000 <= float(duration[1]) < 2500


def test_too_much_memory_is_the_end(client: Any) -> None:
    answer = call(client, deploy(client, HOARDS, Timeout=20))
    assert answer.value == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {answer.request_id} Error: Runtime exited with error: signal: killed",
    }
    assert "Memory Size: 128 MB\tMax Memory Used: 128 MB\t" in answer.tail


def test_memory_of_children_counts(client: Any) -> None:
    answer = call(client, deploy(client, PARENT, Timeout=20))
    assert answer.value["errorMessage"].endswith("signal: killed")


def test_max_memory_used_is_the_peak(client: Any) -> None:
    code = "def handler(event, context):\n    b = bytearray(b'x') * (event['mb'] << 20)\n    del b\n"
    name = deploy(client, code, MemorySize=256, Timeout=20)
    peaks = [
        int(re.search(r"Max Memory Used: (\d+) MB", call(client, name, {"mb": mb}).tail)[1])  # type: ignore[index]
        for mb in (1, 100, 1)
    ]
    assert peaks[0] < 60
    assert 100 <= peaks[1] <= 140
    assert peaks[2] == peaks[1], "the peak is the environment's, as on Lambda"


# -- the environment ---------------------------------------------------------------------------------


def test_warm_invocations_share_globals_and_the_environment(client: Any) -> None:
    name = deploy(client, COUNTS.format("[n, os.getpid()]"))
    answers = [call(client, name) for _ in range(3)]
    assert [answer.value[0] for answer in answers] == [1, 2, 3]
    assert len({answer.value[1] for answer in answers}) == 1
    assert ["Init Duration" in answer.tail for answer in answers] == [True, False, False]


CONTEXT = """
import os
AT_IMPORT = os.environ.get("_X_AMZN_TRACE_ID")
def handler(event, context):
    names = ["aws_request_id", "function_name", "function_version", "invoked_function_arn", "log_group_name",
             "log_stream_name", "memory_limit_in_mb"]
    shown = {name: getattr(context, name) for name in names}
    client = context.client_context
    shown["left"] = context.get_remaining_time_in_millis()
    shown["custom"] = client and client.custom
    shown["title"] = client and client.client.app_title
    shown["identity"] = context.identity.cognito_identity_id
    shown["environ"] = dict(os.environ)
    shown["cwd"] = os.getcwd()
    shown["at_import"] = AT_IMPORT
    return shown
"""


def test_context_and_environment(client: Any, engine: EngineProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    name = deploy(client, CONTEXT, Variables={"MINE": "ü 1", "TZ": "Europe/Paris"}, MemorySize=192)
    seen = call(client, name)
    context = seen.value
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    assert context["aws_request_id"] == seen.request_id
    assert (context["function_name"], context["function_version"]) == (name, "$LATEST")
    assert (context["invoked_function_arn"], context["memory_limit_in_mb"]) == (arn, "192")
    assert context["log_group_name"] == f"/aws/lambda/{name}"
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", context["log_stream_name"])
    assert 0 < context["left"] <= 3000
    assert (context["custom"], context["identity"], context["at_import"]) == (None, None, None)
    environ = context["environ"]
    assert (environ["MINE"], environ["TZ"]) == ("ü 1", "Europe/Paris")
    assert environ["AWS_ENDPOINT_URL"] == engine.url
    assert environ["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand"
    assert environ["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.11"
    assert environ["LAMBDA_TASK_ROOT"] == context["cwd"]
    assert environ["_HANDLER"] == "app.handler"
    assert re.fullmatch(
        r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};.*", environ["_X_AMZN_TRACE_ID"]
    )
    assert not [key for key in os.environ if key in environ and key.startswith(("PYTEST", "VIRTUAL_ENV"))]
    assert environ["HOME"] != os.environ["HOME"]
    assert environ["AWS_ACCESS_KEY_ID"] != engine.access_key


@pytest.mark.parametrize("qualifier", ["$LATEST", "1", "live"])
def test_the_arn_is_as_invoked(client: Any, qualifier: str) -> None:
    name = deploy(client, CONTEXT, Publish=True)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    until(lambda: client.get_function(FunctionName=name, Qualifier="1")["Configuration"]["State"] == "Active")
    answer = call(client, name, Qualifier=qualifier)
    assert (
        answer.value["invoked_function_arn"]
        == f"arn:aws:lambda:us-east-1:000000000000:function:{name}:{qualifier}"
    )
    assert answer.version == ("$LATEST" if qualifier == "$LATEST" else "1")


def test_client_context(client: Any) -> None:
    import base64

    given = {"custom": {"k": "ü"}, "client": {"app_title": "T"}, "env": {}}
    encoded = base64.b64encode(json.dumps(given, ensure_ascii=False).encode()).decode()
    answer = call(client, deploy(client, CONTEXT), ClientContext=encoded)
    assert (answer.value["custom"], answer.value["title"]) == ({"k": "ü"}, "T")


def test_code_comes_before_layers_and_layers_before_boto3(client: Any) -> None:
    layer = client.publish_layer_version(
        LayerName="tests-order",
        Content={
            "ZipFile": zipped({"python/both.py": "here = 'layer'\n", "python/only.py": "here = 'layer'\n"})
        },
    )["LayerVersionArn"]
    code = (
        "import both, only, boto3, sys\n"
        "def handler(event, context):\n"
        "    return [both.here, only.here, boto3.client('sts').get_caller_identity()['Arn'], sys.path]\n"
    )
    name = deploy(client, {"app.py": code, "both.py": "here = 'code'\n"}, Layers=[layer], Timeout=20)
    both, only, arn, path = call(client, name).value
    assert (both, only) == ("code", "layer")
    assert arn == f"arn:aws:sts::000000000000:assumed-role/tests/{name}"
    assert not [place for place in path if place.endswith("site-packages") and ".venv" in place]


def test_a_module_in_a_folder_and_a_wrapper_script(client: Any) -> None:
    files = {
        "sub/mod.py": "import os\ndef handler(event, context): return os.environ['FROM_WRAPPER']\n",
        "wrap": '#!/bin/sh\nexport FROM_WRAPPER=yes\nexec "$@"\n',
    }
    variables = {"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrap"}
    name = deploy(client, files, Handler="sub/mod.handler", Variables=variables)
    assert call(client, name).value == "yes"


def test_a_wrapper_that_is_not_there(client: Any) -> None:
    name = deploy(client, ECHO, Variables={"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/nothing"})
    assert call(client, name).value["errorMessage"].endswith("Runtime exited with error: exit status 127")


def test_a_bootstrap_of_ones_own(client: Any) -> None:
    bootstrap = """#!/usr/bin/python3
import json, os, urllib.request
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
while True:
    with urllib.request.urlopen(f"{api}/next") as event:
        request_id = event.headers["Lambda-Runtime-Aws-Request-Id"]
        body = json.dumps({"saw": json.load(event)}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{api}/{request_id}/response", data=body)).read()
"""
    name = deploy(client, {"bootstrap": bootstrap}, Runtime="provided.al2023", Handler="x")
    assert [call(client, name, n).value for n in (1, 2)] == [{"saw": 1}, {"saw": 2}]


# -- many at a time ----------------------------------------------------------------------------------


SAYS_WHERE = """
import time
def handler(event, context):
    time.sleep(event)
    return context.log_stream_name
"""


def test_simultaneous_invocations_get_environments_of_their_own(client: Any) -> None:
    name = deploy(client, SAYS_WHERE, Timeout=20)
    with ThreadPoolExecutor(6) as pool:
        streams = {answer.value for answer in pool.map(lambda _: call(client, name, 0.5), range(6))}
        assert len(streams) == 6
        again = {answer.value for answer in pool.map(lambda _: call(client, name, 0.5), range(6))}
    assert again <= streams, "what is warm is used again"


def test_the_environment_used_last_is_used_first(client: Any) -> None:
    name = deploy(client, SAYS_WHERE, Timeout=20)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: call(client, name, 0.3), range(3)))
    assert len({call(client, name, 0).value for _ in range(5)}) == 1


def test_reserved_concurrency_of_zero_throttles(client: Any, echo: str) -> None:
    name = deploy(client, ECHO)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(client.exceptions.TooManyRequestsException) as refused:
        client.invoke(FunctionName=name)
    assert refused.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert refused.value.response["Error"]["Message"] == "Rate Exceeded."
    client.delete_function_concurrency(FunctionName=name)
    assert call(client, name, 1).value == 1


def test_an_aliass_weights_are_drawn_for_each_invocation(client: Any) -> None:
    code = "import os\ndef handler(event, context): return os.environ['AWS_LAMBDA_FUNCTION_VERSION']\n"
    name = deploy(client, code, Publish=True)
    client.update_function_configuration(FunctionName=name, Description="second")
    settled(client, name)
    client.publish_version(FunctionName=name)
    client.create_alias(
        FunctionName=name,
        Name="split",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.4}},
    )
    answers = [call(client, name, Qualifier="split") for _ in range(150)]
    assert all(answer.value == answer.version for answer in answers)
    share = sum(answer.version == "2" for answer in answers) / len(answers)
    assert 0.2 < share < 0.6, "five standard deviations around 0.4"


# -- changes -----------------------------------------------------------------------------------------


def running(client: Any, name: str, pool: ThreadPoolExecutor, flag: Any, event: Any) -> Any:
    """An invocation that has reached its handler."""
    future = pool.submit(call, client, name, event)
    until(flag.exists)
    return future


WAITS = """
import os, pathlib, time
def handler(event, context):
    pathlib.Path(event["flag"]).touch()
    time.sleep(event["s"])
    return "VERSION"
"""


def test_what_runs_during_an_update_ends_on_the_old_code(open_client: Any, tmp_path: Any) -> None:
    name = deploy(open_client, WAITS.replace("VERSION", "old"), Timeout=20)
    with ThreadPoolExecutor(1) as pool:
        flag = tmp_path / "flag"
        old = running(open_client, name, pool, flag, {"flag": str(flag), "s": 1.5})
        open_client.update_function_code(
            FunctionName=name, ZipFile=zipped({"app.py": WAITS.replace("VERSION", "new")})
        )
        settled(open_client, name)
        quick = {"flag": str(tmp_path / "other"), "s": 0}
        assert call(open_client, name, quick).value == "new"
        assert old.result().value == "old"
    assert [call(open_client, name, quick).value for _ in range(3)] == ["new"] * 3


def test_what_runs_while_its_function_is_deleted_still_answers(open_client: Any, tmp_path: Any) -> None:
    name = deploy(open_client, WAITS, Timeout=20)
    with ThreadPoolExecutor(1) as pool:
        flag = tmp_path / "flag"
        old = running(open_client, name, pool, flag, {"flag": str(flag), "s": 1})
        open_client.delete_function(FunctionName=name)
        with pytest.raises(open_client.exceptions.ResourceNotFoundException):
            open_client.invoke(FunctionName=name)
        assert old.result().value == "VERSION"


def test_a_pending_function_refuses(client: Any) -> None:
    client.create_function(
        FunctionName="pending-one",
        Runtime="python3.11",
        Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/r",
        Code={"ZipFile": zipped({"app.py": ECHO})},
    )
    with pytest.raises(client.exceptions.ResourceConflictException) as refused:
        client.invoke(FunctionName="pending-one")
    assert refused.value.response["Error"]["Message"] == (
        "The operation cannot be performed at this time."
        " The function is currently in the following state: Pending"
    )
    settled(client, "pending-one")
    assert call(client, "pending-one", 1).value == 1


def test_an_unknown_function_is_named_with_latest(client: Any) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException) as refused:
        client.invoke(FunctionName="nobody")
    message = refused.value.response["Error"]["Message"]
    assert message == "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody:$LATEST"


def test_another_python_runs_when_it_is_asked_for(client: Any) -> None:
    name = deploy(
        client, "import sys\ndef handler(event, context): return sys.version\n", Runtime="python3.12"
    )
    answer: Answer = call(client, name)
    assert answer.error is None
    assert answer.value.startswith("3.")
