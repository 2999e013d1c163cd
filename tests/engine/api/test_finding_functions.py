"""Functions by all their names, in lists and pages, apart by account and region."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.conftest import EngineProcess
from tests.engine.api.aws import Failure, Lambda, invalid, missing

REGIONS = r"((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?"
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
