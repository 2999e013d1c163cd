"""A new function as an SDK sees it: the exact answer, the exact errors, and that it settles."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.api.aws import NEW, ROLE, Failure, Lambda, invalid, missing, zipped


def test_a_new_function_shows_exactly_what_aws_shows(aws: Lambda) -> None:
    shown = aws("create_function", FunctionName="f", **NEW)
    package = zipped()
    revision, modified = shown.pop("RevisionId"), shown.pop("LastModified")
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", revision)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", modified)
    runtime = shown.pop("RuntimeVersionConfig")["RuntimeVersionArn"]
    assert re.fullmatch(r"arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}", runtime)
    assert shown == {
        "status": 201,
        "Architectures": ["x86_64"],
        "CodeSha256": base64.b64encode(hashlib.sha256(package).digest()).decode(),
        "CodeSize": len(package),
        "Description": "",
        "EphemeralStorage": {"Size": 512},
        "FunctionArn": aws.arn("f"),
        "FunctionName": "f",
        "Handler": "handler.handler",
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"},
        "MemorySize": 128,
        "PackageType": "Zip",
        "Role": ROLE,
        "Runtime": "python3.12",
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "State": "Pending",
        "StateReason": "The function is being created.",
        "StateReasonCode": "Creating",
        "Timeout": 3,
        "TracingConfig": {"Mode": "PassThrough"},
        "Version": "$LATEST",
    }


def test_creation_settles_and_changes_the_revision(aws: Lambda) -> None:
    created = aws("create_function", FunctionName="f", **NEW)
    read = aws("get_function_configuration", FunctionName="f")
    assert (read["State"], read["RevisionId"]) == ("Pending", created["RevisionId"])
    settled = aws.settled("f")
    assert settled["RevisionId"] != created["RevisionId"]
    assert "StateReasonCode" not in settled
    assert "nearest version" in settled.get("StateReason", "nearest version"), "said where one stands in"
    assert aws("get_function_configuration", FunctionName="f")["RevisionId"] == settled["RevisionId"]


def test_what_is_given_is_kept_and_what_is_not_stays_absent(aws: Lambda) -> None:
    given: dict[str, Any] = {
        "Environment": {"Variables": {"GREETING": "hé"}},
        "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:dlq"},
        "MemorySize": 512,
        "Timeout": 30,
        "EphemeralStorage": {"Size": 1024},
        "TracingConfig": {"Mode": "Active"},
        "Architectures": ["arm64"],
        "Description": "what it does",
        "KMSKeyArn": "arn:aws:kms:us-east-1:000000000000:key/k",
    }
    shown = aws.function("f", **given, Tags={"a": "b"})
    assert {member: shown[member] for member in given} == given
    assert aws("get_function", FunctionName="f")["Tags"] == {"a": "b"}
    bare = aws.function("g")
    absent = {
        "Layers",
        "Environment",
        "VpcConfig",
        "DeadLetterConfig",
        "Tags",
        "KMSKeyArn",
        "ImageConfigResponse",
    }
    assert not absent & bare.keys()
    assert "Tags" not in aws("get_function", FunctionName="g")
    assert aws.function("h", Environment={"Variables": {}})["Environment"] == {"Variables": {}}


def test_publishing_at_creation_answers_version_one_unqualified(aws: Lambda) -> None:
    shown = aws("create_function", FunctionName="f", Publish=True, **NEW)
    assert (shown["Version"], shown["FunctionArn"], shown["State"]) == ("1", aws.arn("f"), "Pending")
    assert aws.settled("f:1")["Version"] == "1"


CREATE_ERRORS: list[tuple[str, dict[str, Any], Failure]] = [
    (
        "runtime",
        {"Runtime": "PYTHON3.9"},
        invalid(
            "Value PYTHON3.9 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set:"
            " [nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x,"
            " java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9,"
            " java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2]"
            " or be a valid ARN"
        ),
    ),
    (
        "retired runtime",
        {"Runtime": "python3.7"},
        invalid(
            "The runtime parameter of python3.7 is no longer supported for creating or updating AWS Lambda"
            " functions. We recommend you use a supported runtime while creating or updating functions."
        ),
    ),
    (
        "no zip",
        {"Code": {"ZipFile": b"this is not a zip"}},
        invalid("Could not unzip uploaded file. Please check your file, then try to upload again."),
    ),
    (
        "long name",
        {"FunctionName": "n" * 65},
        invalid(
            f"1 validation error detected: Value '{'n' * 65}' at 'functionName' failed to satisfy constraint:"
            " Member must have length less than or equal to 64"
        ),
    ),
    (
        "other account",
        {"FunctionName": "arn:aws:lambda:us-east-1:999999999999:function:f"},
        Failure(403, "AccessDeniedException", None, None),
    ),
    (
        "other region",
        {"FunctionName": "arn:aws:lambda:eu-west-1:999999999999:function:f"},
        missing("Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"),
    ),
    (
        "reserved variable",
        {"Environment": {"Variables": {"AWS_REGION": "x", "FINE": "y"}}},
        invalid(
            "Lambda was unable to configure your environment variables because the environment variables you"
            " have provided contains reserved keys that are currently not supported for modification."
            " Reserved keys used in this request: AWS_REGION"
        ),
    ),
    (
        "too many tags",
        {"Tags": {f"t{n}": "" for n in range(51)}},
        invalid("Number of tags exceeds resource tag limit."),
    ),
    (
        "architectures",
        {"Architectures": ["x86_64", "arm64"]},
        Failure(
            400,
            "ValidationException",
            "1 validation error detected: Value '[x86_64, arm64]' at 'architectures' failed to satisfy"
            " constraint: Member must have length less than or equal to 1",
            None,
        ),
    ),
    (
        "role",
        {"Role": "nobody"},
        Failure(
            400,
            "ValidationException",
            "1 validation error detected: Value 'nobody' at 'role' failed to satisfy constraint: Member must"
            r" satisfy regular expression pattern:"
            r" arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+",
            None,
        ),
    ),
]


@pytest.mark.parametrize(
    ("members", "expected"), [row[1:] for row in CREATE_ERRORS], ids=[row[0] for row in CREATE_ERRORS]
)
def test_creation_errors(aws: Lambda, members: dict[str, Any], expected: Failure) -> None:
    assert aws.failure("create_function", **({"FunctionName": "f"} | NEW | members)) == expected
    assert aws("list_functions")["Functions"] == []


def test_a_name_is_taken_once_and_free_after_deletion(aws: Lambda) -> None:
    aws.function("f")
    conflict = Failure(409, "ResourceConflictException", "Function already exist: f", "User")
    assert aws.failure("create_function", FunctionName="f", **NEW) == conflict
    assert aws("delete_function", FunctionName="f")["status"] == 204
    gone = missing(f"Function not found: {aws.arn('f')}")
    assert aws.failure("delete_function", FunctionName="f") == gone
    assert aws.function("f")["State"] == "Active"


def test_environment_variables_may_take_four_kilobytes(aws: Lambda) -> None:
    frame = len('{"AA":""}')
    fits = {"Variables": {"AA": "x" * (4096 - frame)}}
    assert aws.function("f", Environment=fits)["Environment"] == fits
    over = "x" * (4097 - frame)
    expected = invalid(
        "Lambda was unable to configure your environment variables because the environment variables you have"
        f' provided exceeded the 4KB limit. String measured: {{"AA":"{over}"}}'
    )
    assert (
        aws.failure("create_function", FunctionName="g", **NEW, Environment={"Variables": {"AA": over}})
        == expected
    )
    update = aws.failure(
        "update_function_configuration", FunctionName="f", Environment={"Variables": {"AA": over}}
    )
    assert update == expected


@pytest.mark.slow
def test_what_unpacks_to_too_much_is_refused(aws: Lambda) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        out.writestr("zeros", b"\0" * 262_144_001)
    failure = aws.failure(
        "create_function", FunctionName="f", **(NEW | {"Code": {"ZipFile": buffer.getvalue()}})
    )
    assert failure == invalid("Unzipped size must be smaller than 262144000 bytes")


def test_what_is_said_to_be_missing_at_creation(aws: Lambda) -> None:
    unsigned = f"arn:aws:lambda:us-east-1:{aws.account}:code-signing-config:csc-{'0' * 17}"
    failure = aws.failure("create_function", FunctionName="f", **NEW, CodeSigningConfigArn=unsigned)
    assert (failure.status, failure.code) == (404, "CodeSigningConfigNotFoundException")
    failure = aws.failure("create_function", FunctionName="f", **(NEW | {"Handler": None}))
    assert failure.code == "InvalidParameterValueException"
    failure = aws.failure("create_function", FunctionName="f", **NEW, PublishTo="LATEST_PUBLISHED")
    assert failure == invalid("This engine has no managed instances: PublishTo cannot be used.")


@pytest.mark.parametrize("number", [15, 9], ids=["stopped", "killed"])
def test_what_was_answered_survives_and_settles(
    fresh_engine: Callable[..., EngineProcess], tmp_path: Path, number: int
) -> None:
    folder = tmp_path / "data"
    first = fresh_engine("--settle", "30", data_dir=folder)
    before = Lambda(first.client("lambda"), "000000000000")
    created = before("create_function", FunctionName="f", **NEW)
    first.stop(number)
    again = Lambda(fresh_engine(data_dir=folder).client("lambda"), "000000000000")
    settled = again.settled("f")
    assert settled["CodeSha256"] == created["CodeSha256"]
    assert settled["RevisionId"] != created["RevisionId"]
