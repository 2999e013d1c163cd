"""Functions as an SDK sees them: exact answers, exact errors, states that settle, revisions that change."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.api.aws import ROLE, Failure, Lambda, invalid, missing, stale, zipped

NEW = {"Runtime": "python3.12", "Role": ROLE, "Handler": "handler.handler", "Code": {"ZipFile": zipped()}}
REGIONS = r"((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?"


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


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("update_function_code", {"ZipFile": zipped("x = 1")}),
        ("update_function_code", {"ZipFile": zipped()}),
        ("update_function_configuration", {"Timeout": 9}),
        ("update_function_configuration", {}),
    ],
)
def test_an_update_is_two_revisions(aws: Lambda, operation: str, members: dict[str, Any]) -> None:
    before = aws.function("f")
    updated = aws(operation, FunctionName="f", **members)
    assert updated.get("StateReason") == before.get("StateReason"), "said of the interpreter that stands in"
    progress = {key: value for key, value in updated.items() if "Stat" in key and key != "StateReason"}
    assert progress == {
        "State": "Active",
        "LastUpdateStatus": "InProgress",
        "LastUpdateStatusReason": "The function is being created.",
        "LastUpdateStatusReasonCode": "Creating",
    }
    shown = aws("get_function", FunctionName="f")["Configuration"]
    assert (shown["LastUpdateStatus"], shown["RevisionId"]) == ("InProgress", updated["RevisionId"])
    assert aws.failure(operation, FunctionName="f", **members) == Failure(
        409,
        "ResourceConflictException",
        "The operation cannot be performed at this time. An update is in progress for resource: "
        + aws.arn("f"),
        "User",
    )
    after = aws.settled("f")
    assert len({before["RevisionId"], updated["RevisionId"], after["RevisionId"]}) == 3
    assert not {"LastUpdateStatusReason", "LastUpdateStatusReasonCode"} & after.keys()


def test_code_comes_back_byte_for_byte(aws: Lambda) -> None:
    aws.function("f")
    code = aws("get_function", FunctionName="f")["Code"]
    assert code["RepositoryType"] == "S3"
    with urllib.request.urlopen(code["Location"], timeout=10) as answer:
        assert answer.read() == zipped()
    forged = code["Location"][:-4] + "AAAA"
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(forged, timeout=10)


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


NAMES: list[tuple[str, Callable[[Lambda], str], str | None, Callable[[Lambda], str]]] = [
    ("bare", lambda aws: "f", None, lambda aws: aws.arn("f")),
    ("partial", lambda aws: "function:f", None, lambda aws: aws.arn("f")),
    ("account", lambda aws: f"{aws.account}:function:f", None, lambda aws: aws.arn("f")),
    ("region", lambda aws: f"us-east-1:{aws.account}:function:f", None, lambda aws: aws.arn("f")),
    ("arn", lambda aws: aws.arn("f"), None, lambda aws: aws.arn("f")),
    ("suffix", lambda aws: "f:1", None, lambda aws: aws.arn("f", "1")),
    ("arn and alias", lambda aws: aws.arn("f", "live"), None, lambda aws: aws.arn("f", "live")),
    ("latest", lambda aws: "f", "$LATEST", lambda aws: aws.arn("f", "$LATEST")),
    ("twice the same", lambda aws: "f:live", "live", lambda aws: aws.arn("f", "live")),
]


def test_a_function_has_many_names(own: Lambda) -> None:
    for label, name, qualifier, arn in NAMES:
        members = {"FunctionName": name(own)} | ({"Qualifier": qualifier} if qualifier else {})
        shown = own("get_function", **members)["Configuration"]
        assert shown["FunctionArn"] == arn(own), label
        assert shown["Version"] == ("1" if arn(own).endswith((":1", ":live")) else "$LATEST"), label


LOOKUP_ERRORS: list[tuple[str, dict[str, str], Failure | str]] = [
    ("unknown", {"FunctionName": "none"}, "Function not found: {fn:none}"),
    ("version", {"FunctionName": "f", "Qualifier": "7"}, "Function not found: {fn:f}:7"),
    ("zero", {"FunctionName": "f", "Qualifier": "0"}, "Function not found: {fn:f}:0"),
    ("leading zero", {"FunctionName": "f", "Qualifier": "01"}, "Function not found: {fn:f}:01"),
    ("alias", {"FunctionName": "f", "Qualifier": "none"}, "Function not found: {fn:f}:none"),
    ("lower case", {"FunctionName": "f", "Qualifier": "$latest"}, "Function not found: {fn:f}:$latest"),
    (
        "two qualifiers",
        {"FunctionName": "none:1", "Qualifier": "2"},
        invalid("The derived qualifier from the function name does not match the specified qualifier."),
    ),
    (
        "region",
        {"FunctionName": "arn:aws:lambda:eu-west-1:000000000000:function:f"},
        "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    ),
]


@pytest.mark.parametrize("operation", ["get_function", "get_function_configuration"])
def test_lookup_errors(own: Lambda, operation: str) -> None:
    for label, members, expected in LOOKUP_ERRORS:
        if isinstance(expected, str):
            text = re.sub(r"\{fn:(\w+)\}", lambda match: own.arn(match[1]), expected)
            expected = missing(text)
        assert own.failure(operation, **members) == expected, label


@pytest.mark.parametrize(
    "name", ["*", "my-function!", "invalid:function:name", "f:1:2", "arn:aws:s3:::bucket"]
)
def test_what_is_no_name_is_a_validation_error(aws: Lambda, name: str) -> None:
    failure = aws.failure("get_function", FunctionName=name)
    assert (failure.status, failure.code, failure.type) == (400, "ValidationException", None)
    assert failure.message is not None
    assert failure.message.startswith(
        f"1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint:"
        rf" Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?{REGIONS}"
    )


def test_only_given_members_change(aws: Lambda) -> None:
    before = aws.function("f", Timeout=7, Description="kept", Environment={"Variables": {"AA": "1"}})
    aws("update_function_configuration", FunctionName="f", MemorySize=256)
    after = aws.settled("f")
    changing = {"MemorySize", "RevisionId", "LastModified"}
    assert {key: value for key, value in before.items() if key not in changing} == {
        key: value for key, value in after.items() if key not in changing
    }
    aws("update_function_configuration", FunctionName="f", Environment={"Variables": {"BB": "2"}})
    assert aws.settled("f")["Environment"] == {"Variables": {"BB": "2"}}  # replaced, not merged


def test_a_stale_revision_changes_nothing(aws: Lambda) -> None:
    before = aws.function("f")
    for operation, members in (
        ("update_function_code", {"ZipFile": zipped("x")}),
        ("update_function_configuration", {"Timeout": 4}),
        ("publish_version", {}),
    ):
        assert aws.failure(operation, FunctionName="f", RevisionId="stale", **members) == stale()
    assert aws("get_function_configuration", FunctionName="f") == before
    aws("update_function_configuration", FunctionName="f", Timeout=4, RevisionId=before["RevisionId"])


def test_log_levels_come_and_go_with_the_format(aws: Lambda) -> None:
    aws.function("f")
    group = {"LogGroup": "/aws/lambda/f"}
    levels = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
    for given, expected in (
        ({"LogFormat": "JSON"}, {"LogFormat": "JSON", **levels, **group}),
        ({"SystemLogLevel": "WARN"}, {"LogFormat": "JSON", **levels, "SystemLogLevel": "WARN", **group}),
        ({"LogGroup": "/own"}, {"LogFormat": "JSON", **levels, "SystemLogLevel": "WARN", "LogGroup": "/own"}),
        ({"LogFormat": "Text"}, {"LogFormat": "Text", "LogGroup": "/own"}),
    ):
        shown = aws("update_function_configuration", FunctionName="f", LoggingConfig=given)
        assert shown["LoggingConfig"] == expected
        aws.settled("f")


def test_a_removed_dead_letter_queue_is_shown_once_more(aws: Lambda) -> None:
    dlq = {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:dlq"}
    aws.function("f", DeadLetterConfig=dlq)
    assert (
        aws("update_function_configuration", FunctionName="f", DeadLetterConfig={})["DeadLetterConfig"] == dlq
    )
    assert "DeadLetterConfig" not in aws.settled("f")


def test_lists_show_no_states_and_page_by_name(aws: Lambda) -> None:
    for name in ("c", "a", "b"):
        aws.function(name)
    aws("publish_version", FunctionName="b")
    functions = aws("list_functions")["Functions"]
    assert [shown["FunctionName"] for shown in functions] == ["a", "b", "c"]
    hidden = {"State", "StateReason", "StateReasonCode", "LastUpdateStatus", "RuntimeVersionConfig"}
    assert not hidden & functions[0].keys()
    pages = list(aws.client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2}))
    assert [[f["FunctionName"] for f in page["Functions"]] for page in pages] == [["a", "b"], ["c"]]
    everything = aws.client.get_paginator("list_functions").paginate(
        FunctionVersion="ALL", PaginationConfig={"PageSize": 1}
    )
    arns = [shown["FunctionArn"] for page in everything for shown in page["Functions"]]
    assert arns == [
        aws.arn("a", "$LATEST"),
        aws.arn("b", "$LATEST"),
        aws.arn("b", "1"),
        aws.arn("c", "$LATEST"),
    ]


DELETIONS: list[tuple[dict[str, str], Failure | int]] = [
    ({"Qualifier": "$LATEST"}, invalid("$LATEST version cannot be deleted without deleting the function.")),
    ({"Qualifier": "live"}, invalid("Deletion of aliases is not currently supported.")),
    (
        {"Qualifier": "1"},
        Failure(
            409,
            "ResourceConflictException",
            "Unable to delete version because the following aliases reference it: [live]",
            "User",
        ),
    ),
    ({"Qualifier": "42"}, 204),
]


def test_what_deletion_refuses(own: Lambda) -> None:
    for members, expected in DELETIONS:
        if isinstance(expected, int):
            assert own("delete_function", FunctionName="f", **members)["status"] == expected
        else:
            assert own.failure("delete_function", FunctionName="f", **members) == expected
    gone = missing(f"Function not found: {own.arn('none')}")
    assert own.failure("delete_function", FunctionName="none", Qualifier="1") == gone
    own("delete_alias", FunctionName="f", Name="live")
    assert own("delete_function", FunctionName="f", Qualifier="1")["status"] == 204
    assert own.failure("get_function", FunctionName="f:1") == missing(
        f"Function not found: {own.arn('f', '1')}"
    )


def test_a_deleted_function_leaves_nothing_to_its_successor(own: Lambda) -> None:
    of_f: dict[str, Any] = {"FunctionName": "f"}
    own("create_function_url_config", AuthType="NONE", **of_f)
    own("put_function_event_invoke_config", MaximumRetryAttempts=0, **of_f)
    own("put_function_concurrency", ReservedConcurrentExecutions=1, **of_f)
    own("add_permission", StatementId="s", Action="lambda:InvokeFunction", Principal="*", **of_f)
    own("tag_resource", Resource=own.arn("f"), Tags={"a": "b"})
    own("delete_function", **of_f)
    own.function("f")
    shown = own("get_function", **of_f)
    assert not {"Tags", "Concurrency"} & shown.keys()
    assert own("list_aliases", **of_f)["Aliases"] == []
    assert len(own("list_versions_by_function", **of_f)["Versions"]) == 1
    for operation in ("get_function_url_config", "get_function_event_invoke_config", "get_policy"):
        assert own.failure(operation, **of_f).code == "ResourceNotFoundException"
    assert own("publish_version", **of_f)["Version"] == "1"


@pytest.mark.slow
def test_what_unpacks_to_too_much_is_refused(aws: Lambda) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        out.writestr("zeros", b"\0" * 262_144_001)
    failure = aws.failure(
        "create_function", FunctionName="f", **(NEW | {"Code": {"ZipFile": buffer.getvalue()}})
    )
    assert failure == invalid("Unzipped size must be smaller than 262144000 bytes")


def test_a_dry_run_changes_nothing(aws: Lambda) -> None:
    before = aws.function("f")
    tried = aws("update_function_code", FunctionName="f", ZipFile=zipped("x = 2"), DryRun=True)
    assert tried["CodeSha256"] != before["CodeSha256"]
    assert tried["RevisionId"] == before["RevisionId"]
    assert aws("get_function_configuration", FunctionName="f") == before


def test_packages_that_the_engine_cannot_take_are_said_plainly(aws: Lambda) -> None:
    aws.function("f")
    assert aws.failure("update_function_code", FunctionName="f", ImageUri="x") == invalid(
        "Please don't provide ImageUri when updating a function with packageType Zip."
    )
    s3 = aws.failure("update_function_code", FunctionName="f", S3Bucket="bucket", S3Key="key")
    assert s3.code == "InvalidParameterValueException"
    large = aws.failure(
        "create_function", FunctionName="g", **(NEW | {"Code": {"ZipFile": b"\0" * 52_428_801}})
    )
    assert large == Failure(
        413, "RequestEntityTooLargeException", "Zipped size must be smaller than 52428800 bytes", None
    )


def test_account_settings_count(aws: Lambda) -> None:
    aws.function("f")
    aws("publish_version", FunctionName="f")
    shown = aws("get_account_settings")
    assert shown["AccountLimit"] == {
        "TotalCodeSize": 80530636800,
        "CodeSizeUnzipped": 262144000,
        "CodeSizeZipped": 52428800,
        "ConcurrentExecutions": 1000,
        "UnreservedConcurrentExecutions": 1000,
    }
    assert shown["AccountUsage"] == {"TotalCodeSize": 2 * len(zipped()), "FunctionCount": 1}


def test_accounts_and_regions_are_apart(engine: EngineProcess, aws: Lambda) -> None:
    aws.function("f", Description="mine")
    other_region = Lambda(engine.client("lambda", access_key=aws.account, region="eu-west-1"), aws.account)
    assert other_region("list_functions")["Functions"] == []
    neighbour = Lambda(engine.client("lambda"), "000000000000")
    assert aws.arn("f") not in {entry["FunctionArn"] for entry in neighbour("list_functions")["Functions"]}
    shown = neighbour("get_function", FunctionName=aws.arn("f"))["Configuration"]
    assert (shown["Description"], shown["FunctionArn"]) == ("mine", aws.arn("f"))


def test_a_page_goes_on_when_its_last_item_is_gone(aws: Lambda) -> None:
    for name in ("a", "b", "c"):
        aws.function(name)
    first = aws("list_functions", MaxItems=2)
    aws("delete_function", FunctionName="b")
    rest = aws("list_functions", Marker=first["NextMarker"])["Functions"]
    assert [shown["FunctionName"] for shown in rest] == ["c"]
    for marker in ("rubbish", "e30=", "WzEsMl0="):
        expected = invalid("The provided marker is not valid.")
        assert aws.failure("list_functions", Marker=marker) == expected
        assert aws.failure("list_functions", Marker=marker, FunctionVersion="ALL") == expected


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
