"""Bodies of failed runs, and what is said when nobody answers."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lambdatui.model import InvocationType, InvokeError, TargetKind
from lambdatui.model.rules import Rule
from lambdatui.service import Service, TargetSpec, errors, open_target
from lambdatui.service.connection import Access, Connection
from lambdatui.service.invoker import EVENT_LIMIT, SYNC_LIMIT, error_body
from tests.conftest import EngineProcess
from tests.service.conftest import ROLE


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            {
                "errorMessage": "'x'",
                "errorType": "KeyError",
                "requestId": "",
                "stackTrace": ['  File "/var/task/h.py", line 2, in handler\n    return event["x"]\n'],
            },
            InvokeError(
                "KeyError", "'x'", ('  File "/var/task/h.py", line 2, in handler', '    return event["x"]')
            ),
        ),
        (
            {
                "errorType": "Error",
                "errorMessage": "no",
                "trace": ["Error: no", "    at handler (/var/task/i.js:1:1)"],
            },
            InvokeError("Error", "no", ("Error: no", "    at handler (/var/task/i.js:1:1)")),
        ),
        (
            {
                "errorMessage": "no",
                "errorType": "Function<RuntimeError>",
                "stackTrace": ["/var/task/f.rb:2:in `h'"],
            },
            InvokeError("Function<RuntimeError>", "no", ("/var/task/f.rb:2:in `h'",)),
        ),
        (
            {"errorMessage": "old", "stackTrace": [["/var/task/h.py", 2, "handler", "raise X"]]},
            InvokeError("", "old", ("/var/task/h.py, 2, handler, raise X",)),
        ),
        ({"errorMessage": "2026-01-31T12:00:00.000Z id Task timed out after 1.00 seconds"}, None),
        ({"errorMessage": "\x1b]52;c;eA==\x07boo", "errorType": "E\nF"}, InvokeError("E␊F", "boo")),
        ("just text", InvokeError("", '"just text"')),
        (None, InvokeError("", "null")),
    ],
)
def test_error_bodies(body: object, error: InvokeError | None) -> None:
    found = error_body(json.dumps(body).encode())
    if error is None:
        assert found.type == ""
        assert "timed out" in found.message
    else:
        assert found == error


def test_error_bodies_that_are_no_json() -> None:
    assert error_body(b"\x1b[31mplain") == InvokeError("", "plain")
    assert error_body(b"[" * 100_000).type == ""


async def test_nobody_answers() -> None:
    with socket.socket() as reserved:  # bound and not listening: refused
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        access = Access(region="us-east-1", endpoint=url, keys=("key", "secret"))
        connection = Connection(lambda: access, where="the local engine")
        with pytest.raises(errors.Unreachable, match="The local engine is gone"):
            await connection.call("lambda", "list_functions")
        await connection.close()


async def test_a_call_can_be_cancelled_and_leaves_nothing_behind() -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        asked.set()
        while await reader.read(65536):
            pass
        gone.set()
        writer.close()

    server = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    access = Access(region="us-east-1", endpoint=url, keys=("key", "secret"))
    connection = Connection(lambda: access, where="the local engine")
    call = asyncio.create_task(connection.invoke(FunctionName="slow"))
    await asyncio.wait_for(asked.wait(), 20)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.wait_for(gone.wait(), 20)
    await connection.close()
    server.close()


async def test_invoke_is_never_sent_twice() -> None:
    """The connection breaks after the request was read: the function may have run."""
    requests = 0

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        await reader.readuntil(b"\r\n\r\n")
        requests += 1
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    access = Access(region="us-east-1", endpoint=url)
    connection = Connection(lambda: access, where="AWS")
    with pytest.raises(errors.Unreachable):
        await connection.invoke(FunctionName="charge")
    await connection.close()
    server.close()
    assert requests == 1


class Aws:
    """Answers every request of STS and Lambda; refuses the access keys in ``expired``."""

    def __init__(self) -> None:
        self.expired: set[str] = set()
        self.server: asyncio.Server

    async def start(self) -> str:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = head.partition("Credential=")[2].partition("/")[0]
        sts = head.startswith("POST / ")
        if key in self.expired:
            status, body = (
                "403 Forbidden",
                '{"message": "The security token included in the request is expired"}',
            )
        elif sts:
            status, body = "200 OK", _WHO
        else:
            status, body = "200 OK", '{"Functions": []}'
        kind = "x-amzn-ErrorType: ExpiredTokenException\r\n" if key in self.expired else ""
        head = f"HTTP/1.1 {status}\r\n{kind}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write((head + body).encode())
        await writer.drain()
        writer.close()


_WHO = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    "<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>u</UserId><Account>123456789012</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)


async def test_a_login_elsewhere_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    credentials = tmp_path / "aws-credentials"
    credentials.write_text("[default]\naws_access_key_id = first\naws_secret_access_key = x\n")
    aws = Aws()
    service = await open_target(TargetSpec(TargetKind.AWS, endpoint=await aws.start()))
    assert [page async for page in service.functions.pages()] == [[]]
    aws.expired.add("first")
    with pytest.raises(errors.Expired, match="have expired"):
        [page async for page in service.functions.pages()]
    credentials.write_text("[default]\naws_access_key_id = second\naws_secret_access_key = x\n")
    assert [page async for page in service.functions.pages()] == [[]]
    await service.close()
    aws.server.close()


async def test_nobody_is_asked_for_an_mfa_code(
    aws_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore would read the terminal, which a dashboard owns."""
    monkeypatch.setattr("getpass.getpass", lambda *_: pytest.fail("asked on the terminal"))
    (tmp_path / "aws-config").write_text(
        "[profile admin]\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = base\n"
        "mfa_serial = arn:aws:iam::123456789012:mfa/me\nregion = eu-west-1\n"
        "[profile base]\naws_access_key_id = a\naws_secret_access_key = b\n"
    )
    with pytest.raises(errors.NoCredentials, match="MFA"):
        await open_target(TargetSpec(TargetKind.AWS, profile="admin", endpoint=aws_url))


async def test_no_credentials(aws_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(errors.NoCredentials, match="No AWS credentials"):
        await open_target(TargetSpec(TargetKind.AWS, endpoint=aws_url))


def test_refused_credentials_name_the_endpoint_and_leave_nothing_open(engine: EngineProcess) -> None:
    """In a process of its own: what was left open is said when the interpreter ends."""
    done = subprocess.run(
        [sys.executable, "-m", "lambdatui", "ls", "--endpoint-url", engine.url],
        env=os.environ | {"AWS_ACCESS_KEY_ID": engine.access_key},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    sentence = f"lambdatui: The endpoint {engine.url} in eu-west-1 does not accept these credentials: "
    assert done.stderr.startswith(sentence)
    assert len(done.stderr.splitlines()) == 1


async def test_no_region(aws_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(errors.NoCredentials, match="--region"):
        await open_target(TargetSpec(TargetKind.AWS, endpoint=aws_url))


async def test_unknown_profile(aws_url: str) -> None:
    with pytest.raises(errors.NoCredentials, match="nope"):
        await open_target(TargetSpec(TargetKind.AWS, profile="nope", endpoint=aws_url))


async def test_not_an_endpoint() -> None:
    with pytest.raises(errors.Invalid, match="endpoint"):
        await open_target(TargetSpec(TargetKind.AWS, endpoint="nonsense"))


@pytest.mark.parametrize(
    "asked",
    [
        TargetSpec(TargetKind.AWS, read_only=True),
        TargetSpec(TargetKind.AWS, rules=(Rule("123456789012", read_only=True),)),
    ],
    ids=["by the person", "by the config"],
)
async def test_read_only_changes_nothing(aws_url: str, aws: Service, code: bytes, asked: TargetSpec) -> None:
    await aws.functions.create("one", runtime="python3.12", handler="h.h", code=code, role=ROLE)
    looking = await open_target(replace(asked, endpoint=aws_url))
    assert looking.target.read_only
    for change in (
        looking.functions.delete("one"),
        looking.versions.publish("one"),
        looking.versions.put_alias("one", "prod", version="1"),
        looking.versions.delete_alias("one", "prod"),
        looking.invoker.invoke("one", b"{}"),
        looking.invoker.invoke("one", b"{}", type=InvocationType.EVENT),
    ):
        with pytest.raises(errors.ReadOnly, match="read-only"):
            await change
    assert (await looking.functions.get("one")).name == "one"
    await looking.close()


async def test_payloads_over_the_limit_are_not_sent(aws: Service) -> None:
    with pytest.raises(errors.TooLarge, match="6291456"):
        await aws.invoker.invoke("any", b" " * (SYNC_LIMIT + 1))
    with pytest.raises(errors.TooLarge, match="1048576"):
        await aws.invoker.invoke("any", b" " * (EVENT_LIMIT + 1), type=InvocationType.EVENT)


def said(code: str, message: str, status: int = 400) -> str:
    """The sentence for an answer of AWS about function checkout."""
    from botocore.exceptions import ClientError

    from lambdatui.service.failures import translate

    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    found = translate(ClientError(answer, "Invoke"), "Invoke", {"FunctionName": "checkout"}, "AWS (dev)")
    assert found is not None
    return found.sentence


@pytest.mark.parametrize(
    ("code", "message", "sentence"),
    [
        (
            "ResourceConflictException",
            "The operation cannot be performed at this time."
            " The function is currently in the following state: Pending",
            "Function checkout is still being created. Try again in a moment.",
        ),
        (
            "ResourceConflictException",
            "Function already exist: checkout",
            "Function checkout exists already.",
        ),
        (
            "ResourceConflictException",
            "The operation cannot be performed at this time. An update is in progress for resource: arn",
            "Function checkout is being changed right now. Try again in a moment.",
        ),
        (
            "InvalidParameterValueException",
            "Could not unzip uploaded file. Please check your file, then try to upload again.",
            "The package for function checkout is no zip file that Lambda can open.",
        ),
        (
            "InvalidRequestContentException",
            "Could not parse request body into json: Unexpected end-of-input",
            "The payload for function checkout is not JSON: Unexpected end-of-input.",
        ),
        (
            "InvalidParameterValueException",
            "Lambda was unable to configure your environment variables because the environment variables"
            " you have provided contains reserved keys that are currently not supported for modification."
            " Reserved keys used in this request: AWS_REGION",
            "Lambda sets these variables itself, choose other names: AWS_REGION.",
        ),
        (
            "RequestTooLargeException",
            "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
            "Too large: Lambda takes up to 6 MB at once.",
        ),
        (
            "ExpiredTokenException",
            "The security token included in the request is expired",
            "The credentials for AWS (dev) have expired. Log in again (aws sso login), then refresh.",
        ),
        (
            "AccessDeniedException",
            "User: arn:aws:iam::123456789012:user/me is not authorized to perform: lambda:InvokeFunction",
            "These credentials may not call Invoke on function checkout: User:"
            " arn:aws:iam::123456789012:user/me is not authorized to perform: lambda:InvokeFunction.",
        ),
        (
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            "AWS (dev) does not accept these credentials: The security token included in the request is"
            " invalid.",
        ),
        (
            "TooManyRequestsException",
            "Rate Exceeded.",
            "AWS (dev) is throttling Invoke: Rate Exceeded. Try again in a moment.",
        ),
    ],
)
def test_what_lambda_says_in_plain_words(code: str, message: str, sentence: str) -> None:
    assert said(code, message) == sentence


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:checkout:9",
            "There is no version 9 of checkout.",
        ),
        (
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:checkout:12",
            "There is no version 12 of checkout.",
        ),
        (
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:checkout",
            "Alias q of checkout is not there: Function not found:"
            " arn:aws:lambda:us-east-1:000000000000:function:checkout.",
        ),
    ],
)
def test_an_alias_to_a_version_that_is_not_there(message: str, sentence: str) -> None:
    from botocore.exceptions import ClientError

    from lambdatui.service.failures import translate

    answer = {"Error": {"Code": "ResourceNotFoundException", "Message": message}}
    params = {
        "FunctionName": "checkout",
        "Name": "q",
        "FunctionVersion": "9",
        "RoutingConfig": {"AdditionalVersionWeights": {"12": 0.1}},
    }
    found = translate(ClientError(answer, "CreateAlias"), "CreateAlias", params, "AWS (dev)")
    assert found is not None
    assert found.sentence == sentence
    assert message in found.aws_message


def test_a_name_at_the_beginning_stays_as_it_is() -> None:
    assert str(errors.NotFound("payments has no alias prod.")) == "payments has no alias prod."
