"""Functions in a VPC without a way out: in a network of their own there is the engine and nothing else."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdatui.engine.environments.images import oci
from tests.conftest import EngineProcess
from tests.engine.deploying import call, deploy, log_lines, until
from tests.engine.extending import extended, said
from tests.engine.images.building import standard
from tests.engine.images.test_images import create
from tests.engine.isolation.strictly import Strict
from tests.engine.test_telemetry import SUBSCRIBES as SUBSCRIBES_BY_HTTP
from tests.engine.test_telemetry import TCP, heard, told
from tests.engine.tiers import isolation

VPC = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}

REACHES = """
import os, socket
def attempt(address):
    try:
        socket.create_connection(address, 3).close()
        return "reached"
    except OSError as error:
        return type(error).__name__
def handler(event, context):
    return {
        "neighbour": attempt(("127.0.0.1", event["port"])),
        "outside": attempt(("192.0.2.1", 80)),
        "interfaces": [name for _, name in socket.if_nameindex()],
    }
"""


@pytest.fixture(scope="module")
def engine(strict: Strict) -> EngineProcess:
    return strict.start("data", "--vpc-network", "none")


@pytest.fixture
def listening() -> Iterator[int]:
    """Somebody else's port on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_in_a_vpc_there_is_no_network(client: Any, listening: int) -> None:
    name = deploy(client, REACHES, Timeout=20, MemorySize=512, VpcConfig=VPC)
    for _ in range(2):
        seen = call(client, name, {"port": listening}).value
        assert seen["neighbour"] == "ConnectionRefusedError"
        assert seen["outside"] == "OSError", "there is no route"
        assert seen["interfaces"] == ["lo"]


def test_without_a_vpc_there_is_the_machines(client: Any, listening: int) -> None:
    seen = call(client, deploy(client, REACHES, Timeout=20, MemorySize=512), {"port": listening}).value
    assert seen["neighbour"] == "reached"


def test_the_engine_can_be_reached(client: Any) -> None:
    code = """
import boto3
def handler(event, context):
    return boto3.client("sts").get_caller_identity()["Arn"]
"""
    name = deploy(client, code, Timeout=60, MemorySize=1769, VpcConfig=VPC)
    for _ in range(2):
        assert call(client, name).value == f"arn:aws:sts::000000000000:assumed-role/tests/{name}"


def test_the_next_process_has_no_network_either(client: Any) -> None:
    code = """
import os, socket
def handler(event, context):
    if event.get("end"):
        os._exit(3)
    return [name for _, name in socket.if_nameindex()]
"""
    name = deploy(client, code, Timeout=20, VpcConfig=VPC)
    assert call(client, name).value == ["lo"]
    assert call(client, name, {"end": 1}).error == "Unhandled"
    assert call(client, name).value == ["lo"]


SUBSCRIBES = """
import http.client, json, os
def ask(method, path, body, **headers):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection.request(method, path, json.dumps(body), {k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), json.loads(answer.read())
_, headers, _ = ask("POST", "/2020-01-01/extension/register", {"events": []}, Lambda_Extension_Name="inside")
own = {"Lambda_Extension_Identifier": headers["Lambda-Extension-Identifier"]}
destination = {"protocol": "HTTP", "URI": f"http://sandbox.localdomain:{os.environ['PORT']}/planted"}
wanted = {"types": ["platform"], "buffering": {"timeoutMs": 25}, "destination": destination}
told = ask("PUT", "/2022-07-01/telemetry", wanted, **own)[::2]
import threading
waits = lambda: ask("GET", "/2020-01-01/extension/event/next", None, **own)
threading.Thread(target=waits, daemon=True).start()
def handler(event, context):
    return told
"""


def test_telemetry_is_no_way_out(client: Any) -> None:
    """It goes to the port of the room, never to who listens at the same port of the machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = {"PORT": str(server.getsockname()[1])}
        name = deploy(client, SUBSCRIBES, Timeout=20, MemorySize=512, VpcConfig=VPC, Variables=port)
        assert call(client, name).value == [200, "OK"]
        call(client, name)
        server.settimeout(0.5)
        with pytest.raises(TimeoutError):
            server.accept()


SPEAKS_AND_ENDS = """
import os
print("at import", flush=True)
def handler(event, context):
    if event.get("end"):
        os._exit(3)
"""


@pytest.mark.parametrize("program", [SUBSCRIBES_BY_HTTP, TCP], ids=["telemetry over HTTP", "logs over TCP"])
def test_who_listens_in_a_closed_network_is_told(client: Any, logs: Any, program: str) -> None:
    listener = {"listener": "HOST, PORT = 'sandbox.localdomain', 4243\n" + program}
    name = extended(client, listener, SPEAKS_AND_ENDS, Timeout=20, MemorySize=512, VpcConfig=VPC)
    first = call(client, name)
    assert said(logs, name, "subscribed")[0]["seen"] == [200, "OK"]
    heard(client, logs, name, "platform.report")
    records = {one["type"]: one["record"] for one in reversed(told(logs, name))}
    assert records["platform.report"]["requestId"] == first.request_id
    assert records["function"] == "at import"
    assert call(client, name, {"end": 1}).error == "Unhandled"
    again = call(client, name)

    def told_again() -> bool:
        ids = [one["record"].get("requestId") for one in told(logs, name) if one["type"] == "platform.start"]
        return again.request_id in ids

    until(lambda: told_again() or (call(client, name) is not None and told_again()))
    assert len(said(logs, name, "subscribed")) == 2, "the next processes in the room listen, too"


def test_a_tier_that_cannot_says_so(fresh_engine: Any) -> None:
    engine: EngineProcess = fresh_engine("--isolation", "process", "--vpc-network", "none")
    assert isolation(engine)["chosen"] == "process"
    client = engine.client("lambda")
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
        name = deploy(client, REACHES, Timeout=20, VpcConfig=VPC)
        answer = call(client, name, {"port": server.getsockname()[1]})
    assert answer.value["neighbour"] == "reached"
    words = "The tier process cannot close the network to a function in a VPC"
    until(lambda: any(words in line for line in log_lines(engine.client("logs"), name)))


def test_a_container_cannot_and_says_so(fresh_engine: Any, tmp_path: Path) -> None:
    if not oci.find()[0]:
        pytest.skip("needs an OCI runtime (Debian: runc)")
    engine = fresh_engine("--vpc-network", "none")
    client = engine.client("lambda")
    layout = standard().lay_out(tmp_path / "layout", "v1")
    name = create(client, f"oci:{layout}:v1", VpcConfig=VPC)
    assert call(client, name).error is None
    words = "A container cannot close the network"
    until(lambda: any(words in line for line in log_lines(engine.client("logs"), name)))
