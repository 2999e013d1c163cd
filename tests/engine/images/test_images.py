"""Functions of package type Image, by an OCI runtime; as whoever runs the tests and as an ordinary user."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError

from lambdatui.engine.environments.images import oci
from tests.conftest import EngineProcess
from tests.engine.deploying import ROLE, Answer, call, deploy, log_lines, settled, until
from tests.engine.images.building import BuiltImage, layer, program, standard
from tests.engine.isolation.strictly import Strict
from tests.engine.processes import processes
from tests.engine.tiers import table


def create(client: Any, uri: str, **config: Any) -> str:
    name = f"i-{uuid.uuid4().hex[:12]}"
    client.create_function(
        FunctionName=name, PackageType="Image", Code={"ImageUri": uri}, Role=ROLE, **{"Timeout": 20, **config}
    )
    settled(client, name)
    return name


def seen(client: Any, name: str, **event: Any) -> dict[str, Any]:
    answer = call(client, name, event)
    assert answer.error is None, (answer.value, answer.tail)
    return dict(answer.value)


def test_an_image_runs_with_what_it_says_of_itself(engine: EngineProcess, client: Any, folder: Path) -> None:
    name = create(client, f"oci:{standard().lay_out(folder / 'layout', 'v1')}:v1")
    answer: Answer = call(client, name, {"n": 1})
    assert answer.error is None, (answer.value, answer.tail)
    assert answer.value == {
        "argc": 2,
        "last": "from-image",
        "own": "image",
        "execution": "AWS_Lambda_Image",
        "cwd": "/deep",
        "files": ["one", "linked", ""],
        "writes": [1, 0],
        "pid": 1,
        "event": {"n": 1},
    }
    until(lambda: "hello from the image\n" in log_lines(engine.client("logs"), name))
    assert seen(client, name, n=2)["event"] == {"n": 2}


def test_the_function_says_otherwise(client: Any, folder: Path) -> None:
    uri = f"oci:{standard().lay_out(folder / 'layout', 'v1')}:v1"
    config = {"EntryPoint": ["/usr/bin/app", "x"], "Command": ["mine"], "WorkingDirectory": "/usr"}
    name = create(client, uri, ImageConfig=config, Environment={"Variables": {"OWN": "function"}})
    one = seen(client, name)
    assert (one["argc"], one["last"], one["own"], one["cwd"]) == (3, "mine", "function", "/usr")
    shown = client.get_function_configuration(FunctionName=name)
    assert shown["ImageConfigResponse"] == {"ImageConfig": config}


def test_a_tag_becomes_a_digest(client: Any, folder: Path) -> None:
    layout = folder / "layout"
    first = standard("one")
    uri = f"oci:{first.lay_out(layout, 'live')}:live"
    name = create(client, uri)
    second = standard("two")
    second.lay_out(layout, "live")
    assert seen(client, name)["files"][0] == "one", "the tag moved, the function did not"
    code = client.get_function(FunctionName=name)["Code"]
    assert code["ResolvedImageUri"] == f"oci:{layout}@{first.manifest}"
    assert client.publish_version(FunctionName=name)["CodeSha256"] == first.manifest.removeprefix("sha256:")
    client.update_function_code(FunctionName=name, ImageUri=uri)
    settled(client, name)
    assert seen(client, name)["files"][0] == "two"
    answer = call(client, name, {}, Qualifier="1")
    assert answer.value["files"][0] == "one", "what was published stays"


def test_archives(client: Any, folder: Path) -> None:
    name = create(client, f"oci-archive:{standard('packed').archive(folder / 'a.tar')}")
    assert seen(client, name)["files"][0] == "packed"
    name = create(client, f"docker-archive:{standard('saved').saved(folder / 's.tar', 'app:v3')}:v3")
    assert seen(client, name)["files"][0] == "saved"


class Registry(BaseHTTPRequestHandler):
    """What a registry does for those who pull."""

    image: ClassVar[BuiltImage]
    login: ClassVar[str] = ""
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.login and self.headers.get("Authorization") != self.login:
            self.send_response(401)
            self.end_headers()
            return
        what, _, name = self.path.removeprefix("/v2/team/app/").partition("/")
        digest = self.image.manifest if (what, name) == ("manifests", "v1") else name
        data = self.image.blobs.get(digest)
        self.send_response(200 if data is not None else 404)
        self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def registry() -> Iterator[int]:
    Registry.image, Registry.login = standard("pulled"), ""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_registry_of_this_machine(client: Any, registry: int) -> None:
    name = create(client, f"localhost:{registry}/team/app:v1")
    assert seen(client, name)["files"][0] == "pulled"
    name = create(client, f"127.0.0.1:{registry}/team/app@{Registry.image.manifest}")
    assert seen(client, name)["files"][0] == "pulled"


@pytest.mark.parametrize("name", ["team/app:v2", "team/other:v1"])
def test_what_a_registry_does_not_have(client: Any, registry: int, name: str) -> None:
    with pytest.raises(ClientError) as refused:
        create(client, f"localhost:{registry}/{name}")
    error = refused.value.response["Error"]
    assert error["Code"] == "InvalidParameterValueException"
    assert error["Message"].startswith(f"Source image localhost:{registry}/{name} does not exist.")


def test_what_was_damaged_on_its_way_is_refused(client: Any, folder: Path) -> None:
    layout = standard().lay_out(folder / "layout", "v1")
    blob = max((layout / "blobs" / "sha256").iterdir(), key=lambda one: one.stat().st_size)
    blob.write_bytes(blob.read_bytes()[:-1] + b"x")
    with pytest.raises(ClientError) as refused:
        create(client, f"oci:{layout}:v1")
    assert "is damaged" in refused.value.response["Error"]["Message"]


def test_nothing_is_written_outside_of_an_image(client: Any, folder: Path) -> None:
    secret = folder / "outside"
    secret.mkdir(mode=0o777)
    files: dict[str, bytes | str | None] = {
        "app": program(),
        "way": str(secret),
        "way/planted": b"x",
        f"../../../../{secret}/climbed": b"x",
        "first": b"kept",
    }
    name = create(
        client, f"oci:{BuiltImage.of(layer(files), Entrypoint=['/app']).lay_out(folder / 'l', 'v1')}:v1"
    )
    assert seen(client, name)["files"][0] == "kept"
    assert list(secret.iterdir()) == []


# -- limits ------------------------------------------------------------------------------------------


@pytest.fixture
def uri(folder: Path) -> str:
    return f"oci:{standard().lay_out(folder / 'layout', 'v1')}:v1"


def test_too_much_memory_is_the_end(client: Any, uri: str) -> None:
    name = create(client, uri)
    answer = call(client, name, {"hoard": 1})
    assert answer.value["errorType"] == "Runtime.ExitError"
    assert answer.value["errorMessage"].endswith("Runtime exited with error: signal: killed")
    assert "Memory Size: 128 MB\tMax Memory Used: 128 MB\t" in answer.tail
    assert seen(client, name)["pid"] == 1


def test_tmp_is_full_at_its_size_and_is_no_memory(client: Any, uri: str) -> None:
    name = create(client, uri, MemorySize=1769)
    answer = call(client, name, {"fill": 1})
    assert answer.value in (511, 512)
    used = re.search(r"Max Memory Used: (\d+) MB", answer.tail)
    assert used
    assert int(used[1]) < 60


def test_the_share_of_a_cpu(engine: EngineProcess, client: Any, uri: str) -> None:
    if table(engine)["CPU share"] != "held":
        pytest.skip("the CPU share is not held here, and said so")
    small, whole = (create(client, uri, MemorySize=mb) for mb in (128, 1769))
    slow = min(call(client, small, {"busy": 1}).value for _ in range(2))
    assert 13.8 * 0.75 <= slow <= 13.8 * 1.25
    assert min(call(client, whole, {"busy": 1}).value for _ in range(3)) < slow / 2


# -- endings -----------------------------------------------------------------------------------------


@pytest.fixture
def marked(client: Any, folder: Path) -> tuple[str, str]:
    """A function and the mark of its processes."""
    mark = f"image-{os.getpid()}-{time.time_ns()}"
    uri = f"oci:{standard().lay_out(folder / 'layout', 'v1')}:v1"
    return create(client, uri, Timeout=2, Environment={"Variables": {"MARKED": mark}}), mark


def test_an_exit_is_told(client: Any, marked: tuple[str, str]) -> None:
    answer = call(client, marked[0], {"exit": 1})
    assert answer.value["errorMessage"].endswith("Runtime exited with error: exit status 3")
    assert seen(client, marked[0])["pid"] == 1


def test_a_timeout_ends_the_container(client: Any, marked: tuple[str, str]) -> None:
    name, mark = marked
    assert call(client, name, {"fork": 1}).error is None
    assert len(processes(mark)) >= 2
    answer = call(client, name, {"hang": 1})
    assert answer.value["errorType"] == "Sandbox.Timedout"
    until(lambda: not processes(mark), 5)
    assert seen(client, name)["pid"] == 1


def test_nothing_outlives_the_engine(place: Strict, folder: Path) -> None:
    engine = place.start("killed")
    client = engine.client("lambda")
    mark = f"image-{os.getpid()}-{time.time_ns()}"
    uri = f"oci:{standard().lay_out(folder / 'layout', 'v1')}:v1"
    name = create(client, uri, Environment={"Variables": {"MARKED": mark}})
    call(client, name, {"fork": 1})
    assert processes(mark)
    engine.stop(9)
    until(lambda: not processes(mark), 5)
    again = place.start("killed")
    assert seen(again.client("lambda"), name)["pid"] == 1
    again.stop()
    until(lambda: not processes(mark), 5)


# -- what cannot be ----------------------------------------------------------------------------------


def test_an_image_that_only_ecr_has_is_said(client: Any) -> None:
    uri = "000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app:v1"
    name = create(client, uri)
    with pytest.raises(ClientError) as refused:
        call(client, name)
    assert (
        f"{uri} is not on this machine. Name oci:FOLDER[:TAG]" in refused.value.response["Error"]["Message"]
    )


def test_ecr_of_a_neighbour(fresh_engine: Any, registry: int, tmp_path: Path) -> None:
    """Whoever stands for AWS says where the registry is, and how to log in."""
    if not oci.find()[0]:
        pytest.skip("needs an OCI runtime (Debian: runc)")
    token = base64.b64encode(b"AWS:secret").decode()
    Registry.login = f"Basic {token}"

    class Ecr(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            grant = {"authorizationToken": token, "proxyEndpoint": f"http://127.0.0.1:{registry}"}
            body = json.dumps({"authorizationData": [grant]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ecr)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        engine = fresh_engine("--neighbours", f"http://127.0.0.1:{server.server_port}")
        client = engine.client("lambda")
        uri = "000000000000.dkr.ecr.us-east-1.amazonaws.com/team/app"
        name = create(client, f"{uri}:v1")
        code = client.get_function(FunctionName=name)["Code"]
        assert code["ResolvedImageUri"] == f"{uri}@{Registry.image.manifest}"
        assert seen(client, name)["files"][0] == "pulled"
    finally:
        server.shutdown()
        server.server_close()


def test_what_is_packed_with_zstd_is_said(client: Any, folder: Path) -> None:
    image = BuiltImage()
    layer = image.add(b"\x28\xb5\x2f\xfd" + bytes(64))
    config = image.add(b'{"config": {}}')
    manifest = {"schemaVersion": 2, "config": config, "layers": [layer]}
    image.manifest = str(image.add(json.dumps(manifest).encode())["digest"])
    with pytest.raises(ClientError) as refused:
        create(client, f"oci:{image.lay_out(folder / 'layout', 'v1')}:v1")
    message = refused.value.response["Error"]["Message"]
    assert "zstd" in message
    assert "compression=gzip" in message


NAMES = """
import boto3
def handler(event, context):
    client = boto3.client("lambda")
    try:
        role = "arn:aws:iam::000000000000:role/r"
        client.create_function(FunctionName="mine", PackageType="Image", Role=role, Code={"ImageUri": event})
    except client.exceptions.ClientError as error:
        return error.response["Error"]
"""


@pytest.mark.parametrize("kind", ["oci", "oci-archive", "docker-archive", "registry"])
def test_functions_name_nothing_of_this_machine(client: Any, folder: Path, registry: int, kind: str) -> None:
    """What their author cannot read they cannot have made into an image either, nor hear that it is there."""
    uris = {
        "oci": f"oci:{standard().lay_out(folder / 'layout', 'v1')}:v1",
        "oci-archive": f"oci-archive:{standard().archive(folder / 'a.tar')}",
        "docker-archive": "docker-archive:/etc/passwd",
        "registry": f"localhost:{registry}/team/app:v1",
    }
    name = deploy(client, NAMES, Timeout=60, MemorySize=1769)
    Registry.asked.clear()
    error = call(client, name, uris[kind]).value
    assert error["Code"] == "AccessDeniedException"
    assert error["Message"].endswith("files and registries of this machine are its user's.")
    assert not Registry.asked


def test_without_a_runtime_it_is_said_what_to_install(tmp_path: Path) -> None:
    probe = "from lambdatui.engine.environments.images import oci; oci.PLACES = ''; print(oci.find()[1])"
    said = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, env={"PATH": str(tmp_path)}, check=True
    )
    assert "apt install runc" in said.stdout


def test_podman_says_which_runtime_it_has(tmp_path: Path) -> None:
    """It is no such runtime itself, and the one that it brings may lie anywhere."""
    runtime, trouble = oci.find()
    if not runtime:
        pytest.skip(f"{trouble} (Debian: runc)")
    hidden = tmp_path / "libexec" / "engine"
    hidden.parent.mkdir()
    hidden.symlink_to(runtime)
    asked = "info --format {{.Host.OCIRuntime.Path}}"
    podman = tmp_path / "podman"
    podman.write_text(f'#!/bin/sh\n[ "$*" = "{asked}" ] && echo {hidden}\n')
    podman.chmod(0o755)
    probe = "from lambdatui.engine.environments.images import oci; oci.PLACES = ''; print(oci.find()[0])"
    command = [sys.executable, "-c", probe]
    for said, found in ((hidden, str(hidden)), (tmp_path / "in-a-machine-elsewhere", "")):
        podman.write_text(podman.read_text().replace(str(hidden), str(said)))
        done = subprocess.run(
            command, capture_output=True, text=True, env={"PATH": str(tmp_path)}, check=True, cwd=Path.cwd()
        )
        assert done.stdout.strip() == found
