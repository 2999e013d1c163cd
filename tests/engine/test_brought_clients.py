"""Java and .NET functions run by the runtime client that their package brings."""

from __future__ import annotations

import shutil
import stat
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy

NewEngine = Callable[..., EngineProcess]

CLIENT = "com/amazonaws/services/lambda/runtime/api/client/AWSLambda"
# A client as small as can be, under the name of the real one: it answers with what the handler is called.
SOURCE = """
package com.amazonaws.services.lambda.runtime.api.client;
import java.net.*;
import java.io.*;
public class AWSLambda {
  public static void main(String[] args) throws Exception {
    String base = "http://" + System.getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/";
    while (true) {
      HttpURLConnection next = (HttpURLConnection) new URL(base + "next").openConnection();
      String id = next.getHeaderField("Lambda-Runtime-Aws-Request-Id");
      String event = new String(next.getInputStream().readAllBytes());
      HttpURLConnection answer = (HttpURLConnection) new URL(base + id + "/response").openConnection();
      answer.setRequestMethod("POST");
      answer.setDoOutput(true);
      String said = "{\\"handler\\": \\"" + args[0] + "\\", \\"event\\": " + event + "}";
      answer.getOutputStream().write(said.getBytes());
      answer.getInputStream().readAllBytes();
    }
  }
}
"""


@pytest.fixture(scope="module")
def client_class(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The compiled client."""
    for program in ("java", "javac"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}: apt install default-jdk-headless")
    folder = tmp_path_factory.mktemp("java")
    (folder / "AWSLambda.java").write_text(SOURCE)
    subprocess.run(["javac", "-d", ".", "AWSLambda.java"], cwd=folder, check=True, timeout=60)
    return (folder / f"{CLIENT}.class").read_bytes()


def jar(folder: Path, files: Mapping[str, bytes]) -> bytes:
    path = folder / "client.jar"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path.read_bytes()


@pytest.mark.parametrize("place", ["classes", "library"])
def test_java(engine: EngineProcess, client_class: bytes, tmp_path: Path, place: str) -> None:
    client = engine.client("lambda")
    files = {f"{CLIENT}.class": client_class}
    code: dict[str, str | bytes] = (
        dict(files) if place == "classes" else {"lib/client.jar": jar(tmp_path, files), "note.txt": "x"}
    )
    handler = "example.Handler::handleRequest"
    name = deploy(client, code, Runtime="java17", Handler=handler, Timeout=30, MemorySize=512)
    assert call(client, name, {"order": 42}).value == {"handler": handler, "event": {"order": 42}}


def test_a_java_package_without_the_client_says_what_it_needs(engine: EngineProcess) -> None:
    if shutil.which("java") is None:
        pytest.skip("needs java: apt install default-jre-headless")
    client = engine.client("lambda")
    name = deploy(client, {"a.txt": "x"}, Runtime="java17", Handler="example.Handler::handleRequest")
    with pytest.raises(ClientError, match="aws-lambda-java-runtime-interface-client"):
        client.invoke(FunctionName=name)


# A dotnet that has one runtime; what it is told to execute, it "runs" in Python.
STUB = """#!/usr/bin/env python3
import json, os, sys, urllib.request
if sys.argv[1:] == ["--list-runtimes"]:
    print("Microsoft.NETCore.App 8.0.4 [/usr/share/dotnet/shared/Microsoft.NETCore.App]")
    sys.exit()
base = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
while True:
    with urllib.request.urlopen(f"{base}/next") as event:
        request = event.headers["Lambda-Runtime-Aws-Request-Id"]
        event.read()
    said = json.dumps([argument.rpartition("/")[2] for argument in sys.argv[1:]]).encode()
    urllib.request.urlopen(f"{base}/{request}/response", said).close()
"""


@pytest.mark.parametrize(
    ("handler", "files", "told"),
    [
        (
            "Shop::Shop.Function::Handle",
            ("Shop.dll", "Shop.deps.json", "Shop.runtimeconfig.json"),
            ["exec", "--depsfile", "Shop.deps.json", "--runtimeconfig", "Shop.runtimeconfig.json"],
        ),
        ("Shop", ("Shop.dll",), ["Shop.dll"]),
    ],
    ids=["handler", "program"],
)
def test_dotnet(
    fresh_engine: NewEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    handler: str,
    files: tuple[str, ...],
    told: list[Any],
) -> None:
    stub = tmp_path / "dotnet"
    stub.write_text(STUB)
    stub.chmod(stat.S_IRWXU)
    monkeypatch.setenv("DOTNET_ROOT", str(tmp_path))
    client = fresh_engine("--isolation", "process").client("lambda")
    code: dict[str, str | bytes] = dict.fromkeys([*files, "Amazon.Lambda.RuntimeSupport.dll"], "x")
    name = deploy(client, code, Runtime="dotnet8", Handler=handler, Timeout=20)
    asked = call(client, name).value
    assert asked[: len(told)] == told
    assert asked[len(told) :] == (["Amazon.Lambda.RuntimeSupport.dll", handler] if "::" in handler else [])
    bare = deploy(client, {"Shop.dll": "x"}, Runtime="dotnet8", Handler=handler)
    with pytest.raises(ClientError, match=r"Amazon\.Lambda\.RuntimeSupport"):
        client.invoke(FunctionName=bare)
