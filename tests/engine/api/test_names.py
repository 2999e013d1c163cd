"""Every operation that takes a function's name: all spellings, and what is said when nobody has that name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import botocore
import pytest

from tests.conftest import EngineProcess
from tests.engine.api.any_request import MODEL
from tests.engine.api.aws import Lambda, invalid, missing, zipped

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
STATEMENT = {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "*"}
NO_FUNCTION = "Function not found: {arn}"
NO_LATEST = "Function not found: {arn}:$LATEST"
NO_VERSION = "Function not found: {arn}:1"
NO_CONFIG = "The function {arn}:$LATEST doesn't have an EventInvokeConfig"
NO_EVENT_FUNCTION = "The function doesn't exist."
NO_URL_FUNCTION = "Function does not exist"
NOTHING = "The resource you requested does not exist."

# By operation: what it needs beside the name, and the 404's text when there is no such function.
OPERATIONS: dict[str, tuple[dict[str, Any], str]] = {
    "AddPermission": (STATEMENT, NO_FUNCTION),
    "CreateAlias": ({"Name": "live", "FunctionVersion": "1"}, NO_VERSION),
    "CreateFunctionUrlConfig": ({"AuthType": "NONE"}, NO_URL_FUNCTION),
    "DeleteAlias": ({"Name": "live"}, NO_FUNCTION),
    "DeleteFunction": ({}, NO_FUNCTION),
    "DeleteFunctionCodeSigningConfig": ({}, NO_FUNCTION),
    "DeleteFunctionConcurrency": ({}, NO_FUNCTION),
    "DeleteFunctionEventInvokeConfig": ({}, NO_CONFIG),
    "DeleteFunctionUrlConfig": ({}, NOTHING),
    "DeleteProvisionedConcurrencyConfig": ({"Qualifier": "1"}, NO_VERSION),
    "GetAlias": ({"Name": "live"}, "Cannot find alias arn: {arn}:live"),
    "GetFunction": ({}, NO_FUNCTION),
    "GetFunctionCodeSigningConfig": ({}, NO_FUNCTION),
    "GetFunctionConcurrency": ({}, NO_FUNCTION),
    "GetFunctionConfiguration": ({}, NO_FUNCTION),
    "GetFunctionEventInvokeConfig": ({}, NO_CONFIG),
    "GetFunctionRecursionConfig": ({}, NO_FUNCTION),
    "GetFunctionScalingConfig": ({"Qualifier": "1"}, NO_VERSION),
    "GetFunctionUrlConfig": ({}, NOTHING),
    "GetPolicy": ({}, NOTHING),
    "GetProvisionedConcurrencyConfig": ({"Qualifier": "1"}, NO_VERSION),
    "GetRuntimeManagementConfig": ({}, NO_FUNCTION),
    "Invoke": ({}, NO_LATEST),
    "InvokeAsync": ({"InvokeArgs": b"{}"}, NO_LATEST),
    "InvokeWithResponseStream": ({}, NO_LATEST),
    "ListAliases": ({}, NO_FUNCTION),
    "ListDurableExecutionsByFunction": ({}, NO_FUNCTION),
    "ListFunctionEventInvokeConfigs": ({}, NO_EVENT_FUNCTION),
    "ListFunctionUrlConfigs": ({}, NO_URL_FUNCTION),
    "ListProvisionedConcurrencyConfigs": ({}, NO_FUNCTION),
    "ListVersionsByFunction": ({}, NO_FUNCTION),
    "PublishVersion": ({}, NO_FUNCTION),
    "PutFunctionConcurrency": ({"ReservedConcurrentExecutions": 1}, NO_LATEST),
    "PutFunctionEventInvokeConfig": ({"MaximumRetryAttempts": 1}, NO_EVENT_FUNCTION),
    "PutFunctionRecursionConfig": ({"RecursiveLoop": "Allow"}, NO_FUNCTION),
    "PutFunctionScalingConfig": ({"Qualifier": "1"}, NO_VERSION),
    "PutProvisionedConcurrencyConfig": ({"Qualifier": "1", "ProvisionedConcurrentExecutions": 1}, NO_VERSION),
    "PutRuntimeManagementConfig": ({"UpdateRuntimeOn": "Auto"}, NO_FUNCTION),
    "RemovePermission": ({"StatementId": "s"}, "No policy found for: {arn}"),
    "UpdateAlias": ({"Name": "live"}, "Alias not found: {arn}:live"),
    "UpdateFunctionCode": ({"ZipFile": zipped()}, NO_FUNCTION),
    "UpdateFunctionConfiguration": ({}, NO_FUNCTION),
    "UpdateFunctionEventInvokeConfig": ({"MaximumRetryAttempts": 1}, NO_EVENT_FUNCTION),
    "UpdateFunctionUrlConfig": ({"AuthType": "NONE"}, NO_URL_FUNCTION),
}
# Tested with their families: a new name, a mapping's 400, a filter, a config that is looked for first.
ELSEWHERE = {
    "CreateFunction",
    "CreateEventSourceMapping",
    "UpdateEventSourceMapping",
    "ListEventSourceMappings",
    "PutFunctionCodeSigningConfig",
}
QUALIFIED = [name for name in OPERATIONS if "Qualifier" in MODEL.operation_model(name).input_shape.members]
BARE_ONLY = {"GetFunctionScalingConfig", "PutFunctionScalingConfig"}  # by the model's own pattern
NO_NAMES = [
    "*",
    "my-function!",
    "invalid:function:name",
    "none:1:2",
    "none:$LATES",
    "function:none:$LATEST:extra",
    "arn:aws:s3:::bucket",
    "arn:aws:lambda::000000000000:function:none",
    "arn:aws:lambda:us-east-1::function:none",
]
SPELLINGS: dict[str, Callable[[Lambda], str]] = {
    "name": lambda aws: "none",
    "partial": lambda aws: "function:none",
    "account": lambda aws: f"{aws.account}:function:none",
    "region": lambda aws: f"us-east-1:{aws.account}:function:none",
    "arn": lambda aws: aws.arn("none"),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_nobody_has_this_name_however_it_is_spelled(aws: Lambda, operation: str) -> None:
    members, text = OPERATIONS[operation]
    for spelling, name in SPELLINGS.items():
        failure = aws.failure(_method(operation), FunctionName=name(aws), **members)
        assert failure == missing(text.format(arn=aws.arn("none"))), spelling


@pytest.mark.parametrize("operation", OPERATIONS)
def test_other_regions_and_accounts(aws: Lambda, operation: str) -> None:
    members, text = OPERATIONS[operation]
    elsewhere = f"arn:aws:lambda:eu-west-1:{aws.account}:function:none"
    assert aws.failure(_method(operation), FunctionName=elsewhere, **members) == missing(
        "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"
    )
    other = "arn:aws:lambda:us-east-1:999999999999:function:none"
    assert aws.failure(_method(operation), FunctionName=other, **members) == missing(text.format(arn=other))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_no_name(aws: Lambda, operation: str) -> None:
    for name in NO_NAMES:
        failure = aws.failure(_method(operation), FunctionName=name, **OPERATIONS[operation][0])
        assert (failure.status, failure.code, failure.type) == (400, "ValidationException", None), name
        assert f"Value '{name}' at 'functionName' failed to satisfy constraint" in (failure.message or "")


@pytest.mark.parametrize("operation", [name for name in QUALIFIED if name not in BARE_ONLY])
def test_two_qualifiers_must_agree_whether_or_not_the_function_exists(aws: Lambda, operation: str) -> None:
    members = OPERATIONS[operation][0] | {"Qualifier": "other"}
    failure = aws.failure(_method(operation), FunctionName="none:live", **members)
    assert failure == invalid(
        "The derived qualifier from the function name does not match the specified qualifier."
    )


@pytest.mark.parametrize("operation", QUALIFIED)
def test_a_qualifier_has_a_pattern_and_is_checked_before_the_name(aws: Lambda, operation: str) -> None:
    members = OPERATIONS[operation][0] | {"Qualifier": "not one!"}
    failure = aws.failure(_method(operation), FunctionName="*", **members)
    assert (failure.code, failure.type) == ("ValidationException", None)
    assert failure.message is not None
    first, second = failure.message.split("; ")
    assert first.startswith("2 validation errors detected: Value 'not one!' at 'qualifier' failed to satisfy")
    assert second.startswith("Value '*' at 'functionName' failed to satisfy")


def test_a_function_may_be_called_function(aws: Lambda) -> None:
    arn = f"arn:aws:lambda:us-east-1:{aws.account}:function"
    assert aws.failure("get_function", FunctionName=arn) == missing(
        f"Function not found: {aws.arn('function')}"
    )
    assert aws.failure("invoke", FunctionName=arn) == missing(
        f"Function not found: {aws.arn('function', '$LATEST')}"
    )


def test_other_accounts_are_served_by_their_arns(engine: EngineProcess, own: Lambda) -> None:
    stranger = Lambda(engine.client("lambda", access_key="999999999998"), "999999999998")
    assert stranger("get_function", FunctionName=own.arn("f"))["Configuration"]["FunctionArn"] == own.arn("f")
    assert len(stranger("list_versions_by_function", FunctionName=own.arn("f"))["Versions"]) == 2
    alias = stranger("create_alias", FunctionName=own.arn("f"), Name="theirs", FunctionVersion="1")
    assert alias["AliasArn"] == own.arn("f", "theirs")
    stranger("tag_resource", Resource=own.arn("f"), Tags={"a": "b"})
    assert own("list_tags", Resource=own.arn("f"))["Tags"] == {"a": "b"}
    stranger("put_function_concurrency", FunctionName=own.arn("f"), ReservedConcurrentExecutions=3)
    assert own("get_function_concurrency", FunctionName="f")["ReservedConcurrentExecutions"] == 3
    assert stranger("list_functions")["Functions"] == []
    assert stranger("delete_function", FunctionName=own.arn("f"))["status"] == 204
    assert own.failure("get_function", FunctionName="f").status == 404


def test_long_names(aws: Lambda) -> None:
    assert aws.failure("get_function", FunctionName="n" * 65) == missing(
        f"Function not found: {aws.arn('n' * 65)}"
    )
    long = f"arn:aws:lambda:us-east-1:{aws.account}:function:{'n' * 100}"
    new = {"Runtime": "python3.12", "Role": "arn:aws:iam::000000000000:role/r", "Handler": "h.h"}
    failure = aws.failure("create_function", FunctionName=long, Code={"ZipFile": zipped()}, **new)
    assert (failure.status, failure.code) == (400, "ValidationException")
    assert failure.message is not None
    assert failure.message.endswith("Member must have length less than or equal to 140")


def test_no_operation_was_left_out() -> None:
    named = {
        name
        for name in MODEL.operation_names
        if (shape := MODEL.operation_model(name).input_shape) is not None and "FunctionName" in shape.members
    }
    assert named == set(OPERATIONS) | ELSEWHERE


def _method(operation: str) -> str:
    return str(botocore.xform_name(operation))
