"""Layers: versions, policies, and what functions may name."""

from __future__ import annotations

import io
import json
import urllib.request
import zipfile
from typing import Any

import pytest

from tests.engine.api.aws import Failure, Lambda, conflict, invalid, missing, not_valid, stale, zipped

PATTERN = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:layer:"
    r"[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)"
)


def arn(aws: Lambda, name: str, version: int | None = None) -> str:
    layer = f"arn:aws:lambda:us-east-1:{aws.account}:layer:{name}"
    return f"{layer}:{version}" if version else layer


def publish(aws: Lambda, name: str = "l", **members: Any) -> dict[str, Any]:
    return aws("publish_layer_version", LayerName=name, Content={"ZipFile": zipped(name="l.py")}, **members)


def test_a_layer_version_shows_what_it_was_given(aws: Lambda) -> None:
    bare = publish(aws)
    content, created = bare.pop("Content"), bare.pop("CreatedDate")
    assert bare == {
        "status": 201,
        "LayerArn": arn(aws, "l"),
        "LayerVersionArn": arn(aws, "l", 1),
        "Description": "",
        "Version": 1,
    }
    assert content["CodeSize"] == len(zipped(name="l.py"))
    assert created.endswith("+0000")
    with urllib.request.urlopen(content["Location"], timeout=10) as answer:
        assert answer.read() == zipped(name="l.py")
    full: dict[str, Any] = {
        "Description": "d",
        "CompatibleRuntimes": ["python3.12"],
        "CompatibleArchitectures": [],
        "LicenseInfo": "MIT",
    }
    shown = publish(aws, **full)
    assert {member: shown[member] for member in full} == full
    by_number = aws("get_layer_version", LayerName="l", VersionNumber=2)
    by_arn = aws("get_layer_version_by_arn", Arn=arn(aws, "l", 2))
    for answer in (by_number, by_arn):
        answer["Content"].pop("Location")
    assert by_number == by_arn


def test_versions_go_on_after_deletion(aws: Lambda) -> None:
    for _ in range(2):
        publish(aws)
    for number in (1, 2, 2, 9):
        assert aws("delete_layer_version", LayerName="l", VersionNumber=number)["status"] == 204
    assert aws("list_layer_versions", LayerName="l")["LayerVersions"] == []
    assert aws("list_layers")["Layers"] == []
    assert publish(aws)["Version"] == 3


def test_lists_show_the_newest_first(aws: Lambda) -> None:
    publish(aws, CompatibleRuntimes=["python3.12"])
    publish(aws)
    publish(aws, "m")
    listed = aws("list_layer_versions", LayerName=arn(aws, "l"))["LayerVersions"]
    assert [entry["Version"] for entry in listed] == [2, 1]
    assert not {"Content", "LayerArn"} & listed[0].keys()
    layers = aws("list_layers")["Layers"]
    assert [(layer["LayerName"], layer["LatestMatchingVersion"]["Version"]) for layer in layers] == [
        ("l", 2),
        ("m", 1),
    ]
    (matching,) = aws("list_layers", CompatibleRuntime="python3.12")["Layers"]
    assert matching["LatestMatchingVersion"]["Version"] == 1
    pages = aws.client.get_paginator("list_layer_versions").paginate(
        LayerName="l", PaginationConfig={"PageSize": 1}
    )
    assert [page["LayerVersions"][0]["Version"] for page in pages] == [2, 1]


def test_what_is_no_layer_version(aws: Lambda) -> None:
    nothing = missing("The resource you requested does not exist.")
    below = invalid("Layer Version Cannot be less than 1")
    assert aws.failure("get_layer_version", LayerName="l", VersionNumber=1) == nothing
    assert aws.failure("get_layer_version", LayerName="l", VersionNumber=0) == below
    assert aws.failure("delete_layer_version", LayerName="l", VersionNumber=-1) == below
    assert aws.failure("get_layer_version_by_arn", Arn=arn(aws, "l", 1)) == nothing
    assert aws.failure("get_layer_version_by_arn", Arn=arn(aws, "l")) == not_valid(
        f"'{arn(aws, 'l')}'", "arn", f"Member must satisfy regular expression pattern: {PATTERN}"
    )
    both = aws.failure(
        "publish_layer_version",
        LayerName="l",
        Content={"ZipFile": zipped()},
        CompatibleRuntimes=["invalidruntime", "nodejs20.x"],
        CompatibleArchitectures=["x128"],
    )
    assert both.message is not None
    assert both.message.startswith(
        "2 validation errors detected: Value '[invalidruntime, nodejs20.x]' at 'compatibleRuntimes' failed to"
        " satisfy constraint: Member must satisfy enum value set: [nodejs20.x, python3.14, "
    )
    assert "; Value '[x128]' at 'compatibleArchitectures' failed to satisfy constraint: " in both.message


def test_functions_keep_a_layer_that_was_deleted(aws: Lambda) -> None:
    size = publish(aws)["Content"]["CodeSize"]
    named = [{"Arn": arn(aws, "l", 1), "CodeSize": size}]
    assert aws.function("f", Layers=[arn(aws, "l", 1)])["Layers"] == named
    aws("delete_layer_version", LayerName="l", VersionNumber=1)
    aws("update_function_configuration", FunctionName="f", Timeout=9)
    assert aws.settled("f")["Layers"] == named
    aws("update_function_configuration", FunctionName="f", Layers=[])
    assert "Layers" not in aws.settled("f")


def test_layers_that_functions_cannot_name(aws: Lambda) -> None:
    for _ in range(2):
        publish(aws)
    one, two = arn(aws, "l", 1), arn(aws, "l", 2)
    elsewhere = one.replace("us-east-1", "eu-west-1")
    cases: list[tuple[list[str], Failure]] = [
        ([arn(aws, f"l{n}", 1) for n in range(6)], invalid("Cannot reference more than 5 layers.")),
        (
            [one, two],
            invalid(
                "Two different versions of the same layer are not allowed to be referenced in the"
                " same function."
                f" {one} and {two} are versions of the same layer."
            ),
        ),
        ([arn(aws, "l", 9)], invalid(f"Layer version {arn(aws, 'l', 9)} does not exist.")),
        (
            [elsewhere],
            invalid(
                "Layers are not in the same region as the function."
                " Layers are expected to be in region us-east-1."
            ),
        ),
        (
            [arn(aws, "l")],
            not_valid(
                f"'[{arn(aws, 'l')}]'",
                "layers",
                "Member must satisfy constraint: [Member must have length less than or equal to 2048,"
                " Member must"
                " have length greater than or equal to 1, Member must satisfy regular expression pattern:"
                f" {PATTERN}, Member must not be null]",
            ),
        ),
    ]
    aws.function("f")
    for layers, expected in cases:
        assert aws.failure("update_function_configuration", FunctionName="f", Layers=layers) == expected


@pytest.mark.slow
def test_code_and_layers_have_one_limit(aws: Lambda) -> None:
    def zeros(count: int) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            out.writestr("zeros", b"\0" * count)
        return buffer.getvalue()

    aws("publish_layer_version", LayerName="large", Content={"ZipFile": zeros(262_000_000)})
    layer = [arn(aws, "large", 1)]
    total = 262_000_000 + 144_001
    too_much = invalid(
        "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes."
        f" The actual size is {total} bytes."
    )
    aws.function("f", Layers=layer)
    assert aws.failure("update_function_code", FunctionName="f", ZipFile=zeros(144_001)) == too_much
    aws.function("g", Code={"ZipFile": zeros(144_001)})
    assert aws.failure("update_function_configuration", FunctionName="g", Layers=layer) == too_much
    aws("update_function_code", FunctionName="f", ZipFile=zeros(144_000))


PERMISSION = {"LayerName": "l", "VersionNumber": 1, "StatementId": "s"}
SHARE = {**PERMISSION, "Action": "lambda:GetLayerVersion", "Principal": "*"}


def test_layer_policies(aws: Lambda) -> None:
    publish(aws)
    nothing = missing("No policy is associated with the given resource.")
    version = {"LayerName": "l", "VersionNumber": 1}
    assert aws.failure("get_layer_version_policy", **version) == nothing
    assert aws.failure("remove_layer_version_permission", **PERMISSION) == nothing
    added = aws("add_layer_version_permission", **SHARE)
    assert added["status"] == 201
    assert json.loads(added["Statement"]) == {
        "Sid": "s",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "lambda:GetLayerVersion",
        "Resource": arn(aws, "l", 1),
    }
    shown = aws("get_layer_version_policy", **version)
    assert shown["RevisionId"] == added["RevisionId"]
    assert json.loads(shown["Policy"])["Statement"] == [json.loads(added["Statement"])]
    assert aws.failure("add_layer_version_permission", **SHARE) == conflict(
        "The statement id (s) provided already exists. Please provide a new statement id, or"
        " remove the existing"
        " statement."
    )
    other = {**SHARE, "StatementId": "t", "Principal": "123456789012"}
    assert aws.failure("add_layer_version_permission", **other, RevisionId="old") == stale("GetLayerPolicy")
    assert aws.failure("remove_layer_version_permission", **{**PERMISSION, "StatementId": "t"}) == missing(
        "Statement t is not found in resource policy."
    )
    assert aws("remove_layer_version_permission", **PERMISSION)["status"] == 204
    assert aws.failure("get_layer_version_policy", **version) == nothing


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("add_layer_version_permission", SHARE),
        ("remove_layer_version_permission", PERMISSION),
        ("get_layer_version_policy", {"LayerName": "l", "VersionNumber": 1}),
    ],
)
def test_policies_of_no_layer(aws: Lambda, operation: str, members: dict[str, Any]) -> None:
    assert aws.failure(operation, **members) == missing(f"Layer version {arn(aws, 'l', 1)} does not exist.")
