"""Sizes and downloads, through the whole engine."""

from __future__ import annotations

import base64
import io
import json
import os
import zipfile

import pytest
from botocore.exceptions import ClientError

from tests.conftest import EngineProcess
from tests.engine.signing import plain, send, signed

ROLE = "arn:aws:iam::000000000000:role/r"
FUNCTIONS = "/2015-03-31/functions"


def package(source: str = "def handler(event, context):\n    return event\n", filler: int = 0) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("handler.py", source)
        if filler:
            archive.writestr("filler", os.urandom(filler))
    return out.getvalue()


def test_a_link_to_code_gives_the_very_bytes(engine: EngineProcess) -> None:
    client = engine.client("lambda")
    code = package(filler=300_000)
    client.create_function(
        FunctionName="code-link",
        Runtime="python3.13",
        Handler="handler.handler",
        Role=ROLE,
        Code={"ZipFile": code},
    )
    location = client.get_function(FunctionName="code-link")["Code"]["Location"]
    assert location.startswith(engine.url)
    answer = plain(engine, "GET", location.removeprefix(engine.url))
    assert (answer.status, answer.body) == (200, code)
    head = plain(engine, "HEAD", location.removeprefix(engine.url))
    assert (head.status, head.headers["content-length"]) == (200, str(len(code)))
    assert plain(engine, "POST", location.removeprefix(engine.url)).status == 404
    assert plain(engine, "GET", location.removeprefix(engine.url)[:-2]).status == 404
    foreign = {"Origin": "https://evil.example"}
    assert plain(engine, "GET", location.removeprefix(engine.url), headers=foreign).status == 403


def test_a_request_that_is_too_large_is_named(engine: EngineProcess) -> None:
    body = b'{"FunctionName": "' + b"x" * 70_167_211 + b'"}'
    answer = send(engine, signed(engine, "POST", FUNCTIONS, body))
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (413, "RequestEntityTooLargeException")
    text = "Request must be smaller than 70167211 bytes for the CreateFunction operation"
    assert answer.json() == {"message": text}


def test_a_zip_that_is_too_large_is_named_first(engine: EngineProcess) -> None:
    body = {
        "FunctionName": "large",
        "Runtime": "python3.13",
        "Handler": "handler.handler",
        "Role": ROLE,
        "Code": {"ZipFile": base64.b64encode(b"x" * 52_428_801).decode()},
    }
    answer = send(engine, signed(engine, "POST", FUNCTIONS, json.dumps(body).encode()))
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (413, "RequestEntityTooLargeException")
    assert answer.json() == {"message": "Zipped size must be smaller than 52428800 bytes"}


def test_an_event_that_is_too_large(engine: EngineProcess) -> None:
    with pytest.raises(ClientError) as caught:
        engine.client("lambda").invoke(FunctionName="any", Payload=b'"' + b"x" * 6_291_456 + b'"')
    assert caught.value.response["Error"]["Code"] == "RequestEntityTooLargeException"


def test_names_travel_as_arns(engine: EngineProcess) -> None:
    client = engine.client("lambda")
    client.create_function(
        FunctionName="by-arn",
        Runtime="python3.13",
        Handler="handler.handler",
        Role=ROLE,
        Code={"ZipFile": package()},
        Tags={"süß ü/b": "a+b c"},
    )
    arn = client.get_function(FunctionName="by-arn")["Configuration"]["FunctionArn"]
    for name in ("by-arn", "function:by-arn", "000000000000:function:by-arn", arn, f"{arn}:$LATEST"):
        assert client.get_function(FunctionName=name)["Configuration"]["FunctionName"] == "by-arn"
    assert client.list_tags(Resource=arn)["Tags"] == {"süß ü/b": "a+b c"}


def test_accounts_and_regions_are_apart(engine: EngineProcess) -> None:
    engine.client("lambda", access_key="111111111111", region="eu-west-1").create_function(
        FunctionName="apart", Runtime="python3.13", Handler="h.h", Role=ROLE, Code={"ZipFile": package()}
    )
    for account, region, there in (
        ("111111111111", "eu-west-1", True),
        ("111111111111", "us-east-1", False),
        ("222222222222", "eu-west-1", False),
    ):
        listed = engine.client("lambda", access_key=account, region=region).list_functions()["Functions"]
        assert [entry["FunctionArn"] for entry in listed] == (
            [f"arn:aws:lambda:{region}:{account}:function:apart"] if there else []
        )
