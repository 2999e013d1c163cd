"""What a handler finds around itself."""

from __future__ import annotations

import base64
import json
import os
import re
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, until, zipped

ECHO = "def handler(event, context):\n    return event\n"
COUNTS = """
import os
n = 0
def handler(event, context):
    global n
    n += 1
    return {}
"""


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


def test_context_and_environment(client: Any, tiered_engine: EngineProcess) -> None:
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
    assert environ["AWS_ENDPOINT_URL"] == tiered_engine.url
    assert environ["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand"
    assert environ["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.11"
    assert environ["LAMBDA_TASK_ROOT"] == context["cwd"]
    assert environ["_HANDLER"] == "app.handler"
    assert re.fullmatch(
        r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};.*", environ["_X_AMZN_TRACE_ID"]
    )
    assert not [key for key in os.environ if key in environ and key.startswith(("PYTEST", "VIRTUAL_ENV"))]
    assert environ["HOME"] != os.environ["HOME"]
    assert environ["AWS_ACCESS_KEY_ID"] != tiered_engine.access_key


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
