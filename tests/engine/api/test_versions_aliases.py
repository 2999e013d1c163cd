"""Versions and aliases."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.api.aws import Failure, Lambda, conflict, invalid, missing, not_valid, stale, zipped


def test_a_version_is_frozen_and_numbered(aws: Lambda) -> None:
    latest = aws.function("f", Description="of latest")
    one = aws("publish_version", FunctionName="f", Description="of one")
    assert one["status"] == 201
    assert (one["Version"], one["FunctionArn"], one["Description"]) == ("1", aws.arn("f", "1"), "of one")
    assert (one["State"], one["LastUpdateStatus"]) == ("Active", "Successful")
    after = aws("get_function_configuration", FunctionName="f")
    assert len({latest["RevisionId"], one["RevisionId"], after["RevisionId"]}) == 3
    assert after["Description"] == "of latest"

    again = aws("publish_version", FunctionName="f", Description="other")
    assert (again["status"], again["Version"], again["RevisionId"]) == (201, "1", one["RevisionId"])
    assert aws("get_function_configuration", FunctionName="f")["RevisionId"] == after["RevisionId"]

    aws("update_function_configuration", FunctionName="f", Timeout=77)
    aws.settled("f")
    two = aws("publish_version", FunctionName="f")
    assert (two["Version"], two["Timeout"], two["Description"]) == ("2", 77, "of latest")
    assert aws("get_function_configuration", FunctionName="f:1")["Timeout"] == 3


def test_numbers_are_never_given_twice(aws: Lambda) -> None:
    aws.function("f")
    for number, timeout in ((1, 10), (2, 11)):
        aws("update_function_configuration", FunctionName="f", Timeout=timeout)
        aws.settled("f")
        assert aws("publish_version", FunctionName="f")["Version"] == str(number)
        aws("delete_function", FunctionName="f", Qualifier=str(number))
    assert aws("publish_version", FunctionName="f")["Version"] == "3"


def test_publishing_guards(aws: Lambda) -> None:
    latest = aws.function("f")
    assert aws.failure("publish_version", FunctionName="f", RevisionId="old") == stale()
    assert aws.failure("publish_version", FunctionName="f", CodeSha256="abc") == invalid(
        f"CodeSHA256 (abc) is different from current CodeSHA256 in $LATEST ({latest['CodeSha256']})."
        " Please try again with the CodeSHA256 in $LATEST."
    )
    assert aws.failure("publish_version", FunctionName="none") == missing(
        f"Function not found: {aws.arn('none')}"
    )
    guards = {"CodeSha256": latest["CodeSha256"], "RevisionId": latest["RevisionId"]}
    assert aws("publish_version", FunctionName="f", **guards)["Version"] == "1"


def test_code_updates_can_publish_at_once(aws: Lambda) -> None:
    aws.function("f")
    shown = aws("update_function_code", FunctionName="f", ZipFile=zipped("x = 1"), Publish=True)
    assert (shown["Version"], shown["FunctionArn"]) == ("1", aws.arn("f", "1"))
    assert (shown["State"], shown["StateReasonCode"]) == ("Pending", "Creating")
    assert "LastUpdateStatus" not in shown
    latest = aws("get_function", FunctionName="f")["Configuration"]
    assert latest["LastUpdateStatus"] == "InProgress"
    settled = aws.settled("f:1")
    assert settled["RevisionId"] == shown["RevisionId"]


def test_versions_are_listed_latest_first_then_ascending(aws: Lambda) -> None:
    aws.function("f")
    for timeout in (10, 11):
        aws("publish_version", FunctionName="f")
        aws("update_function_configuration", FunctionName="f", Timeout=timeout)
        aws.settled("f")
    pages = aws.client.get_paginator("list_versions_by_function").paginate(
        FunctionName="f", PaginationConfig={"PageSize": 2}
    )
    shown = [[version["FunctionArn"] for version in page["Versions"]] for page in pages]
    assert shown == [[aws.arn("f", "$LATEST"), aws.arn("f", "1")], [aws.arn("f", "2")]]
    assert aws.failure("list_versions_by_function", FunctionName="none") == missing(
        f"Function not found: {aws.arn('none')}"
    )


def test_an_alias_shows_what_it_has(own: Lambda) -> None:
    shown = own("create_alias", FunctionName="f", Name="a-1", FunctionVersion="1", RoutingConfig={})
    revision = shown.pop("RevisionId")
    expected: dict[str, Any] = {
        "AliasArn": own.arn("f", "a-1"),
        "Name": "a-1",
        "FunctionVersion": "1",
        "Description": "",
    }
    assert shown == {**expected, "status": 201}
    assert own("get_alias", FunctionName="f", Name="a-1") == {
        **expected,
        "RevisionId": revision,
        "status": 200,
    }
    unchanged = own("update_alias", FunctionName="f", Name="a-1")
    assert unchanged["RevisionId"] != revision
    assert own.failure("update_alias", FunctionName="f", Name="a-1", RevisionId=revision) == stale()
    latest = own("create_alias", FunctionName="f", Name="2024-01-02", FunctionVersion="$LATEST")
    assert latest["FunctionVersion"] == "$LATEST"


def test_weights_come_and_go(own: Lambda) -> None:
    own("update_function_configuration", FunctionName="f", Timeout=9)
    own.settled("f")
    own("publish_version", FunctionName="f")
    half = {"AdditionalVersionWeights": {"2": 0.5}}
    assert own("update_alias", FunctionName="f", Name="live", RoutingConfig=half)["RoutingConfig"] == half
    assert own("update_alias", FunctionName="f", Name="live", Description="d")["RoutingConfig"] == half
    assert "RoutingConfig" not in own(
        "update_alias", FunctionName="f", Name="live", RoutingConfig={"AdditionalVersionWeights": {}}
    )
    naming_two = own("update_alias", FunctionName="f", Name="live", RoutingConfig=half)
    assert naming_two["RoutingConfig"] == half
    assert own.failure("delete_function", FunctionName="f", Qualifier="2").code == "ResourceConflictException"


def weights(**given: float) -> dict[str, Any]:
    return {
        "RoutingConfig": {"AdditionalVersionWeights": {key.strip("v"): value for key, value in given.items()}}
    }


ALIAS_ERRORS: list[tuple[str, dict[str, Any], Failure | str]] = [
    (
        "numeric",
        {"Name": "123"},
        not_valid(
            "'123'", "name", "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"
        ),
    ),
    ("version", {"FunctionVersion": "8"}, "Function not found: {f}:8"),
    ("function", {"FunctionName": "none"}, "Function not found: {none}:1"),
    ("weight's version", weights(v8=0.5), "Function not found: {f}:8"),
    (
        "two weights",
        weights(v2=0.1, v3=0.1),
        invalid("Number of items in AdditionalVersionWeights cannot be greater than 1"),
    ),
    (
        "same version",
        weights(v1=0.5),
        invalid(
            "Invalid function version 1. Function version 1 is already included in routing configuration."
        ),
    ),
    (
        "latest with weights",
        {"FunctionVersion": "$LATEST", **weights(v1=0.5)},
        invalid("$LATEST is not supported for an alias pointing to more than 1 version", None),
    ),
    (
        "weight too large",
        weights(v2=2.0),
        not_valid(
            "'{2=2.0}'",
            "routingConfig.additionalVersionWeights",
            "Map value must satisfy constraint: [Member must have value less than or equal to 1.0,"
            " Member must have value greater than or equal to 0.0, Member must not be null]",
        ),
    ),
]


@pytest.mark.parametrize(
    ("members", "expected"), [row[1:] for row in ALIAS_ERRORS], ids=[row[0] for row in ALIAS_ERRORS]
)
def test_alias_errors(own: Lambda, members: dict[str, Any], expected: Failure | str) -> None:
    if isinstance(expected, str):
        expected = missing(expected.format(f=own.arn("f"), none=own.arn("none")))
    request = {"FunctionName": "f", "Name": "new", "FunctionVersion": "1"} | members
    assert own.failure("create_alias", **request) == expected


def test_aliases_that_exist_or_do_not(own: Lambda) -> None:
    again = own.failure("create_alias", FunctionName="f", Name="live", FunctionVersion="1")
    assert again == conflict(f"Alias already exists: {own.arn('f', 'live')}")
    none = own.arn("f", "none")
    assert own.failure("get_alias", FunctionName="f", Name="none") == missing(
        f"Cannot find alias arn: {none}"
    )
    assert own.failure("update_alias", FunctionName="f", Name="none") == missing(f"Alias not found: {none}")
    assert own("delete_alias", FunctionName="f", Name="none")["status"] == 204
    assert own("delete_alias", FunctionName="f", Name="live")["status"] == 204
    assert own("list_aliases", FunctionName="f")["Aliases"] == []


def test_aliases_are_listed_by_name_and_main_version(own: Lambda) -> None:
    own("create_alias", FunctionName="f", Name="a", FunctionVersion="$LATEST")
    names = [alias["Name"] for alias in own("list_aliases", FunctionName="f")["Aliases"]]
    assert names == ["a", "live"]
    first = own("list_aliases", FunctionName="f", MaxItems=1)
    rest = own("list_aliases", FunctionName="f", MaxItems=1, Marker=first["NextMarker"])
    assert [page["Aliases"][0]["Name"] for page in (first, rest)] == names
    assert "NextMarker" not in rest
    filtered = own("list_aliases", FunctionName="f", FunctionVersion="1")["Aliases"]
    assert [alias["Name"] for alias in filtered] == ["live"]
    assert own.failure("list_aliases", FunctionName="f", Marker="rubbish") == invalid(
        "The provided marker is not valid."
    )
