"""Errors byte for byte: which key the message has, whether there is a Type, what the header names."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.conftest import EngineProcess
from tests.engine.api.aws import ROLE, Lambda, zipped
from tests.engine.signing import Answer, send, signed

FUNCTIONS = "/2015-03-31/functions"
UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
ABSENT = "arn:aws:lambda:us-east-1:{account}:code-signing-config:csc-00000000000000000"
STALE = (
    "The Revision Id provided does not match the latest Revision Id."
    " Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
)
RESERVED_TOO_MUCH = (
    "Specified ReservedConcurrentExecutions for function decreases account's"
    " UnreservedConcurrentExecution below its minimum value of [100]."
)
PROVISIONED_TOO_MUCH = (
    "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [1000]."
)
NO_LATEST_WEIGHTS = "$LATEST is not supported for an alias pointing to more than 1 version"

# What is sent, and what comes back: status, code, body. {fn} and {account} are filled in.
ERRORS: list[tuple[str, str, str, Any, int, str, dict[str, Any]]] = [
    (
        "not found: Message and Type",
        "GET",
        f"{FUNCTIONS}/none",
        None,
        404,
        "ResourceNotFoundException",
        {"Type": "User", "Message": "Function not found: {fn}none"},
    ),
    (
        "invalid parameter: message and Type",
        "DELETE",
        f"{FUNCTIONS}/f?Qualifier=$LATEST",
        None,
        400,
        "InvalidParameterValueException",
        {
            "Type": "User",
            "message": "$LATEST version cannot be deleted without deleting the function.",
        },
    ),
    (
        "conflict: message and Type",
        "POST",
        f"{FUNCTIONS}/f/aliases",
        {"Name": "live", "FunctionVersion": "1"},
        409,
        "ResourceConflictException",
        {"Type": "User", "message": "Alias already exists: {fn}f:live"},
    ),
    (
        "precondition: message and Type",
        "PUT",
        f"{FUNCTIONS}/f/configuration",
        {"RevisionId": "11111111-2222-3333-4444-555555555555"},
        412,
        "PreconditionFailedException",
        {"Type": "User", "message": STALE},
    ),
    (
        "validation: only message",
        "PUT",
        f"{FUNCTIONS}/f/configuration",
        {"Timeout": 901},
        400,
        "ValidationException",
        {
            "message": "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint:"
            " Member must have value less than or equal to 900"
        },
    ),
    (
        "denied: a null Message",
        "POST",
        FUNCTIONS,
        {
            "FunctionName": "arn:aws:lambda:us-east-1:999999999999:function:f",
            "Role": ROLE,
            "Code": {"ZipFile": ""},
            "Runtime": "python3.12",
            "Handler": "h.h",
        },
        403,
        "AccessDeniedException",
        {"Message": None},
    ),
    (
        "content: message and Type",
        "POST",
        f"{FUNCTIONS}/f/invocations",
        b"\x87",
        400,
        "InvalidRequestContentException",
        {
            "Type": "User",
            "message": "Could not parse request body into json: Could not parse payload into json:"
            " Invalid UTF-8 start byte 0x87\n at [Source: REDACTED"
            " (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1]",
        },
    ),
    (
        "no provisioned config: message and Type",
        "GET",
        "/2019-09-30/functions/f/provisioned-concurrency?Qualifier=1",
        None,
        404,
        "ProvisionedConcurrencyConfigNotFoundException",
        {"Type": "User", "message": "No Provisioned Concurrency Config found for this function"},
    ),
    (
        "no such signing config for a function: Message and Type",
        "PUT",
        "/2020-06-30/functions/f/code-signing-config",
        {"CodeSigningConfigArn": ABSENT},
        404,
        "CodeSigningConfigNotFoundException",
        {
            "Type": "User",
            "Message": "The code signing configuration cannot be found. Check that the provided"
            f" configuration is not deleted: {ABSENT}.",
        },
    ),
    (
        "no such signing config: no Type",
        "GET",
        f"/2020-04-22/code-signing-configs/{ABSENT}",
        None,
        404,
        "ResourceNotFoundException",
        {"Message": f"The Lambda code signing configuration {ABSENT} can not be found."},
    ),
    (
        "reserved beyond the account: no Type",
        "PUT",
        "/2017-10-31/functions/f/concurrency",
        {"ReservedConcurrentExecutions": 901},
        400,
        "InvalidParameterValueException",
        {"message": RESERVED_TOO_MUCH},
    ),
    (
        "provisioned beyond the account: no Type",
        "PUT",
        "/2019-09-30/functions/f/provisioned-concurrency?Qualifier=1",
        {"ProvisionedConcurrentExecutions": 1001},
        400,
        "InvalidParameterValueException",
        {"message": PROVISIONED_TOO_MUCH},
    ),
    (
        "weights beside $LATEST: no Type",
        "POST",
        f"{FUNCTIONS}/f/aliases",
        {
            "Name": "new",
            "FunctionVersion": "$LATEST",
            "RoutingConfig": {"AdditionalVersionWeights": {"1": 0.5}},
        },
        400,
        "InvalidParameterValueException",
        {"message": NO_LATEST_WEIGHTS},
    ),
    (
        "an empty body where members are required",
        "POST",
        FUNCTIONS,
        None,
        400,
        "ValidationException",
        {
            "message": "3 validation errors detected: Value null at 'functionName' failed to satisfy"
            " constraint: Member must not be null; Value null at 'role' failed to satisfy constraint: Member"
            " must not be null; Value null at 'code' failed to satisfy constraint: Member must not be null"
        },
    ),
]


def ask(engine: EngineProcess, aws: Lambda, method: str, target: str, body: Any) -> Answer:
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return send(engine, signed(engine, method, target, data, access_key=aws.account))


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "code", "expected"),
    [row[1:] for row in ERRORS],
    ids=[row[0] for row in ERRORS],
)
def test_an_error_has_exactly_these_keys(
    engine: EngineProcess,
    own: Lambda,
    method: str,
    target: str,
    body: Any,
    status: int,
    code: str,
    expected: dict[str, Any],
) -> None:
    def filled(value: Any) -> Any:
        text = json.dumps(value).replace("{fn}", own.arn("")).replace("{account}", own.account)
        return json.loads(text)

    sent = body if isinstance(body, bytes) or body is None else filled(body)
    answer = ask(engine, own, method, target.replace("{account}", own.account), sent)
    assert (answer.status, answer.json()) == (status, filled(expected))
    assert answer.headers["x-amzn-errortype"] == code
    assert answer.headers["content-type"] == "application/json"
    assert re.fullmatch(UUID4, answer.headers["x-amzn-requestid"])


def test_a_throttled_caller_learns_why(engine: EngineProcess, own: Lambda) -> None:
    own("put_function_concurrency", FunctionName="f", ReservedConcurrentExecutions=0)
    answer = ask(engine, own, "POST", f"{FUNCTIONS}/f/invocations", None)
    assert answer.status == 429
    assert answer.headers["x-amzn-errortype"] == "TooManyRequestsException"
    assert answer.json() == {
        "Type": "User",
        "message": "Rate Exceeded.",
        "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
    }


def test_answers_hold_no_nulls_and_nothing_that_was_not_given(engine: EngineProcess, own: Lambda) -> None:
    own("publish_layer_version", LayerName="l", Content={"ZipFile": zipped()})
    own("create_function_url_config", FunctionName="f", AuthType="NONE")
    own("put_function_event_invoke_config", FunctionName="f", MaximumRetryAttempts=0)
    for target in (
        f"{FUNCTIONS}/f",
        f"{FUNCTIONS}/f:live",
        f"{FUNCTIONS}/f/configuration",
        f"{FUNCTIONS}",
        f"{FUNCTIONS}/f/versions",
        f"{FUNCTIONS}/f/aliases",
        "/2018-10-31/layers",
        "/2018-10-31/layers/l/versions",
        "/2018-10-31/layers/l/versions/1",
        "/2021-10-31/functions/f/url",
        "/2019-09-25/functions/f/event-invoke-config/list",
        "/2019-09-30/functions/f/concurrency",
    ):
        answer = ask(engine, own, "GET", target, None)
        assert answer.status == 200
        empty = {name for name, value in walk(answer.json()) if value in (None, "", {}, [])}
        assert empty <= {"Description", "OnSuccess", "OnFailure"}, target


def walk(value: Any) -> list[tuple[str, Any]]:
    """Every member of an answer with its name."""
    if isinstance(value, dict):
        inner = [pair for part in value.values() for pair in walk(part)]
        return [*value.items(), *inner]
    if isinstance(value, list):
        return [pair for part in value for pair in walk(part)]
    return []
