"""Who may call a function URL: the two grants that a caller needs."""

from __future__ import annotations

import pytest

from lambdatui.model import FunctionUrl, Policy, Statement
from lambdatui.service.policies import INVOKE, INVOKE_URL, audit, statements_of

ACCOUNT = "arn:aws:iam::210987654321:root"
VIA = ("Bool", "lambda:InvokedViaFunctionUrl", "true")


def url(auth: str, qualifier: str = "") -> FunctionUrl:
    return FunctionUrl("https://abc.lambda-url.us-east-1.on.aws/", qualifier, auth)


def grant(action: str, who: str = "*", *conditions: tuple[str, str, str], qualifier: str = "") -> Statement:
    return Statement(f"s{action[-3:]}", qualifier, "Allow", (who,), (action,), conditions)


def auth(kind: str) -> tuple[str, str, str]:
    return "StringEquals", "lambda:FunctionUrlAuthType", kind


@pytest.mark.parametrize(
    ("address", "statements", "missing"),
    [
        (url("NONE"), [], [("*", INVOKE_URL), ("*", INVOKE)]),
        (url("NONE"), [grant(INVOKE_URL, "*", auth("NONE"))], [("*", INVOKE)]),
        (url("NONE"), [grant(INVOKE_URL, "*", auth("NONE")), grant(INVOKE, "*", VIA)], []),
        (
            url("NONE"),
            [grant(INVOKE_URL, "*", auth("AWS_IAM")), grant(INVOKE, "*", VIA)],
            [("*", INVOKE_URL)],
        ),
        (url("AWS_IAM"), [], []),  # this account's own policies may do
        (url("AWS_IAM"), [grant(INVOKE_URL, ACCOUNT, auth("AWS_IAM"))], [(ACCOUNT, INVOKE)]),
        (url("AWS_IAM"), [grant(INVOKE, ACCOUNT, VIA)], [(ACCOUNT, INVOKE_URL)]),
        (url("AWS_IAM"), [grant("lambda:*", ACCOUNT)], []),
        (url("NONE", "prod"), [grant(INVOKE_URL), grant(INVOKE)], [("*", INVOKE_URL), ("*", INVOKE)]),
    ],
)
def test_what_is_missing(
    address: FunctionUrl, statements: list[Statement], missing: list[tuple[str, str]]
) -> None:
    found = audit([address], [Policy("", tuple(statements))])
    assert [(each.principal, each.action) for each in found] == missing


def test_a_grant_that_is_added_has_a_name_of_its_own() -> None:
    taken = Statement("FunctionUrlInvokeAllow", "", "Deny", ("*",), (INVOKE,))
    found = audit([url("NONE")], [Policy("", (taken,))])
    assert [each.sid for each in found] == ["FunctionUrlAllow", "FunctionUrlInvokeAllow2"]


def test_policies_are_read_in_every_spelling() -> None:
    document = (
        '{"Statement": {"Sid": "a\\u001b", "Principal": {"AWS": ["1", "2"], "Service": "s3.amazonaws.com"},'
        ' "Action": ["x", "y"], "Condition": {"ArnLike": {"AWS:SourceArn": ["a", "b"]}}}}'
    )
    (found,) = statements_of(document, "prod")
    assert found.sid == "a␛"
    assert found.principals == ("1", "2", "s3.amazonaws.com")
    assert found.condition("aws:sourcearn") == "a, b"
    assert statements_of("no json", "") == ()
