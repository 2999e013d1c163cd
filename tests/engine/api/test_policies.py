"""Resource policies, statement by statement and as documents."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.engine.api.aws import Lambda, conflict, invalid, missing, stale

INVOKE = {"Action": "lambda:InvokeFunction"}
NOTHING = missing("The resource you requested does not exist.")


def add(aws: Lambda, sid: str = "one", **members: Any) -> dict[str, Any]:
    request = {"FunctionName": "f", "StatementId": sid, "Principal": "s3.amazonaws.com", **INVOKE, **members}
    shown: dict[str, Any] = json.loads(aws("add_permission", **request)["Statement"])
    return shown


PRINCIPALS: list[tuple[str, Any]] = [
    ("s3.amazonaws.com", {"Service": "s3.amazonaws.com"}),
    ("lambda.alarms.cloudwatch.amazonaws.com", {"Service": "lambda.alarms.cloudwatch.amazonaws.com"}),
    ("*", "*"),
    ("123456789012", {"AWS": "arn:aws:iam::123456789012:root"}),
    ("arn:aws:iam::123456789012:role/r", {"AWS": "arn:aws:iam::123456789012:role/r"}),
]


def test_principals(own: Lambda) -> None:
    for number, (given, shown) in enumerate(PRINCIPALS):
        assert add(own, f"s{number}", Principal=given)["Principal"] == shown
    assert own.failure(
        "add_permission", FunctionName="f", StatementId="x", Principal="invalid.nonaws.com", **INVOKE
    ) == invalid("The provided principal was invalid. Please check the principal and try again.")


def test_a_statement_has_its_keys_in_order(own: Lambda) -> None:
    answer = own(
        "add_permission",
        FunctionName="f",
        Qualifier="live",
        StatementId="one",
        Principal="*",
        Action="lambda:InvokeFunctionUrl",
        SourceArn="arn:aws:s3:::b",
        SourceAccount="111111111111",
        FunctionUrlAuthType="NONE",
        PrincipalOrgID="o-1234567890",
    )
    assert answer["status"] == 201
    assert answer["Statement"] == (
        '{"Sid":"one","Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunctionUrl","Resource":"'
        + own.arn("f", "live")
        + '","Condition":{"StringEquals":{"AWS:SourceAccount":"111111111111",'
        '"lambda:FunctionUrlAuthType":"NONE","aws:PrincipalOrgID":"o-1234567890"},'
        '"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"}}}'
    )


def test_policies_grow_and_shrink_with_revisions_of_their_own(own: Lambda) -> None:
    first, second = add(own, "one"), add(own, "two")
    shown = own("get_policy", FunctionName="f")
    assert json.loads(shown["Policy"]) == {
        "Version": "2012-10-17",
        "Id": "default",
        "Statement": [first, second],
    }
    remove = {"FunctionName": "f", "StatementId": "one"}
    assert own.failure("remove_permission", **remove, RevisionId="old") == stale("GetPolicy")
    assert own("remove_permission", **remove, RevisionId=shown["RevisionId"])["status"] == 204
    after = own("get_policy", FunctionName="f")
    assert after["RevisionId"] != shown["RevisionId"]
    assert json.loads(after["Policy"])["Statement"] == [second]
    own("remove_permission", FunctionName="f", StatementId="two")
    assert own.failure("get_policy", FunctionName="f") == NOTHING


def test_policies_belong_to_qualifiers(own: Lambda) -> None:
    add(own)
    assert own.failure("get_policy", FunctionName="f", Qualifier="1") == NOTHING
    assert add(own, Qualifier="1")["Resource"] == own.arn("f", "1")
    alias = own("get_alias", FunctionName="f", Name="live")
    assert add(own, Qualifier="live", RevisionId=alias["RevisionId"])["Sid"] == "one"


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"FunctionName": "none"}, "Function not found: {none}"),
        ({"Qualifier": "none"}, "Cannot find alias arn: {f}:none"),
        ({"Qualifier": "42"}, "Function not found: {f}:42"),
    ],
)
def test_whom_nothing_can_be_added_to(own: Lambda, members: dict[str, str], sentence: str) -> None:
    request = {"FunctionName": "f", "StatementId": "s", "Principal": "*", **INVOKE, **members}
    expected = missing(sentence.format(f=own.arn("f"), none=own.arn("none")))
    assert own.failure("add_permission", **request) == expected


def test_what_cannot_be_added_or_removed(own: Lambda) -> None:
    def removal(name: str = "f", sid: str = "one", **members: str) -> Any:
        return own.failure("remove_permission", FunctionName=name, StatementId=sid, **members)

    assert removal() == missing("No policy is associated with the given resource.")
    assert removal("none") == missing(f"No policy found for: {own.arn('none')}")
    assert removal(Qualifier="none") == missing(f"Cannot find alias arn: {own.arn('f', 'none')}")
    add(own)
    assert removal(sid="two") == missing("Statement two is not found in resource policy.")
    request = {"FunctionName": "f", "StatementId": "one", "Principal": "*", **INVOKE}
    assert own.failure("add_permission", **request) == conflict(
        "The statement id (one) provided already exists. Please provide a new statement id, or remove the"
        " existing statement."
    )
    assert own.failure("add_permission", **request, Qualifier="$LATEST") == invalid(
        "We currently do not support adding policies for $LATEST."
    )


def test_whole_documents(own: Lambda) -> None:
    arn = own.arn("f")
    statement = {"Sid": "q", "Effect": "Allow", "Principal": "*", "Action": "lambda:*", "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    put = own("put_resource_policy", ResourceArn=arn, Policy=document)
    assert json.loads(put["Policy"])["Statement"] == [statement]
    assert own("get_policy", FunctionName="f")["RevisionId"] == put["RevisionId"]
    old = "0" * 8 + "-0000-0000-0000-" + "0" * 12
    again = {"ResourceArn": arn, "Policy": document, "RevisionId": old}
    assert own.failure("put_resource_policy", **again) == stale("GetResourcePolicy")
    broken = own.failure("put_resource_policy", ResourceArn=arn, Policy="{")
    assert (broken.status, broken.code) == (400, "InvalidParameterValueException")
    assert own("delete_resource_policy", ResourceArn=arn)["status"] == 204
    assert own.failure("get_resource_policy", ResourceArn=arn) == NOTHING
    assert own.failure("delete_resource_policy", ResourceArn=arn) == NOTHING
