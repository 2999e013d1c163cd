"""Configs of asynchronous invocation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.api.aws import Lambda, invalid, missing, not_valid

PUT, UPDATE = "put_function_event_invoke_config", "update_function_event_invoke_config"
GET, DELETE = "get_function_event_invoke_config", "delete_function_event_invoke_config"
NONE: dict[str, Any] = {"OnSuccess": {}, "OnFailure": {}}
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


def without_time(shown: dict[str, Any]) -> dict[str, Any]:
    assert shown.pop("LastModified").year > 2000
    return shown


def test_put_replaces_and_update_merges(own: Lambda) -> None:
    arn = own.arn("f", "$LATEST")
    put = without_time(own(PUT, FunctionName="f", MaximumRetryAttempts=1))
    assert put == {"status": 200, "FunctionArn": arn, "MaximumRetryAttempts": 1, "DestinationConfig": NONE}
    merged = without_time(own(UPDATE, FunctionName="f", MaximumEventAgeInSeconds=90))
    assert merged == {**put, "MaximumEventAgeInSeconds": 90}
    assert without_time(own(GET, FunctionName="f", Qualifier="$LATEST")) == merged
    replaced = without_time(
        own(PUT, FunctionName="f", DestinationConfig={"OnFailure": {"Destination": QUEUE}})
    )
    assert replaced == {
        "status": 200,
        "FunctionArn": arn,
        "DestinationConfig": {"OnSuccess": {}, "OnFailure": {"Destination": QUEUE}},
    }
    assert own(DELETE, FunctionName="f")["status"] == 204


def test_each_qualifier_has_its_own(own: Lambda) -> None:
    for qualifier in ("live", "1", None):
        own(PUT, FunctionName="f", MaximumRetryAttempts=0, **({"Qualifier": qualifier} if qualifier else {}))
    listed = own("list_function_event_invoke_configs", FunctionName="f")["FunctionEventInvokeConfigs"]
    assert [entry["FunctionArn"] for entry in listed] == [own.arn("f", q) for q in ("$LATEST", "1", "live")]
    first = own("list_function_event_invoke_configs", FunctionName="f", MaxItems=2)
    rest = own("list_function_event_invoke_configs", FunctionName="f", Marker=first["NextMarker"])
    assert [len(page["FunctionEventInvokeConfigs"]) for page in (first, rest)] == [2, 1]


def test_what_is_not_there(own: Lambda) -> None:
    nothing = missing(f"The function {own.arn('f', '$LATEST')} doesn't have an EventInvokeConfig")
    assert own.failure(GET, FunctionName="f") == nothing
    assert own.failure(DELETE, FunctionName="f") == nothing
    assert own.failure(UPDATE, FunctionName="f", MaximumRetryAttempts=1) == nothing
    gone = missing("The function doesn't exist.")
    for operation in (PUT, UPDATE):
        assert own.failure(operation, FunctionName="none", MaximumRetryAttempts=1) == gone
        assert own.failure(operation, FunctionName="f:none", MaximumRetryAttempts=1) == gone
    assert own.failure("list_function_event_invoke_configs", FunctionName="none") == gone
    assert own.failure(GET, FunctionName="none").message is not None
    assert own.failure(PUT, FunctionName="f") == invalid(
        "You must specify at least one of error handling or destination setting."
    )


@pytest.mark.parametrize(
    ("member", "value", "bound"),
    [
        ("MaximumEventAgeInSeconds", 59, "greater than or equal to 60"),
        ("MaximumEventAgeInSeconds", 21_601, "less than or equal to 21600"),
        ("MaximumRetryAttempts", -1, "greater than or equal to 0"),
        ("MaximumRetryAttempts", 3, "less than or equal to 2"),
    ],
)
def test_ages_and_retries_have_bounds(own: Lambda, member: str, value: int, bound: str) -> None:
    place = member[0].lower() + member[1:]
    wrong = not_valid(f"'{value}'", place, f"Member must have value {bound}")
    assert own.failure(PUT, FunctionName="f", **{member: value}) == wrong


@pytest.mark.parametrize(
    ("destination", "sentence"),
    [
        ("{f}", "You can't specify the function as a destination for itself."),
        ("{none}", "The destination ARN {none} is invalid."),
        (
            "arn:aws:iam::000000000000:role/r",
            "The provided destination config DestinationConfig("
            "onSuccess=OnSuccess(destination=arn:aws:iam::000000000000:role/r), onFailure=null) is invalid.",
        ),
        (
            "arn:aws:s3:::bucket",
            "The provided destination config DestinationConfig("
            "onSuccess=OnSuccess(destination=arn:aws:s3:::bucket), onFailure=null) is invalid.",
        ),
    ],
)
def test_destinations_that_cannot_be(own: Lambda, destination: str, sentence: str) -> None:
    names = {"f": own.arn("f"), "none": own.arn("none")}
    config = {"OnSuccess": {"Destination": destination.format(**names)}}
    assert own.failure(PUT, FunctionName="f", DestinationConfig=config) == invalid(sentence.format(**names))


def test_destinations_that_can_be(own: Lambda) -> None:
    config = {"OnSuccess": {"Destination": own.arn("g")}, "OnFailure": {"Destination": "arn:aws:s3:::bucket"}}
    assert own(PUT, FunctionName="f", DestinationConfig=config)["DestinationConfig"] == config
    assert own(PUT, FunctionName="f", DestinationConfig={"OnSuccess": {}})["DestinationConfig"] == NONE
