"""AWS_LAMBDA_EXEC_WRAPPER: a script around the runtime, for the runtimes that Lambda brings."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, zipped

WRAP = '#!/bin/sh\nexport W=yes\nexec "$@"\n'
WRAPPED = {"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrap"}
BOOTSTRAP = """#!/usr/bin/python3
import json, os, urllib.request
api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
while True:
    with urllib.request.urlopen(f"{api}/next") as event:
        request_id = event.headers["Lambda-Runtime-Aws-Request-Id"]
    body = json.dumps(os.environ.get("W")).encode()
    urllib.request.urlopen(urllib.request.Request(f"{api}/{request_id}/response", data=body)).read()
"""


@pytest.fixture(scope="module")
def engine(tiered_engine: EngineProcess) -> EngineProcess:
    return tiered_engine


@pytest.mark.parametrize(
    ("runtime", "program", "files"),
    [
        ("python3.11", "python3", {"app.py": "import os\ndef handler(e, c): return os.environ.get('W')\n"}),
        ("nodejs20.x", "node", {"app.js": "exports.handler = async () => process.env.W || null\n"}),
        ("ruby3.3", "ruby", {"app.rb": "def handler(event:, context:)\n  ENV['W']\nend\n"}),
    ],
)
def test_what_a_wrapper_exports_reaches_the_handler(
    client: Any, runtime: str, program: str, files: dict[str, str]
) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} here")
    name = deploy(client, {**files, "wrap": WRAP}, Runtime=runtime, Variables=WRAPPED, Timeout=20)
    assert call(client, name).value == "yes"


def test_a_bootstrap_of_ones_own_is_not_wrapped(client: Any) -> None:
    files = {"bootstrap": BOOTSTRAP, "wrap": WRAP}
    name = deploy(client, files, Runtime="provided.al2023", Variables=WRAPPED)
    assert call(client, name).value is None


def test_a_wrapper_from_a_layer(client: Any) -> None:
    layer = client.publish_layer_version(LayerName="wrapping", Content={"ZipFile": zipped({"wrap": WRAP})})
    code = "import os\ndef handler(event, context): return os.environ.get('W')\n"
    variables = {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrap"}
    name = deploy(client, code, Layers=[layer["LayerVersionArn"]], Variables=variables)
    assert call(client, name).value == "yes"
