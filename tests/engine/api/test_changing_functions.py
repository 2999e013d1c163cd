"""Changes of code and configuration: revisions that change, and what else does or does not."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest

from tests.engine.api.aws import NEW, Failure, Lambda, invalid, stale, zipped


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
