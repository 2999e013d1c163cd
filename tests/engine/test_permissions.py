"""What resource policies say, statement by statement."""

from __future__ import annotations

from typing import Any

import pytest

from lambdatui.engine.permissions import Decision, Request, decide

ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"
BUCKET = "arn:aws:s3:::photos"


def statement(**changed: Any) -> dict[str, Any]:
    made = {
        "Sid": "s",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": ARN,
        **changed,
    }
    return {name: value for name, value in made.items() if value is not None}


def ask(
    *statements: dict[str, Any],
    principal: Any = None,
    resource: str = ARN,
    action: str = "lambda:InvokeFunction",
    **context: str,
) -> Decision:
    shown = {name.replace("_", ":"): value for name, value in context.items()}
    wanted = Request(principal or {"Service": "s3.amazonaws.com"}, resource, action, shown)
    return decide(statements, wanted)


def test_nobody_is_let_in_without_a_statement() -> None:
    assert ask() == Decision(False, "No statement of its resource policy is about this caller.")


def test_a_service_is_let_in_by_its_name() -> None:
    assert ask(statement()) == Decision(True, "Statement s allows it.")
    refused = ask(statement(Principal={"Service": "sns.amazonaws.com"}))
    assert refused == Decision(False, "Statement s does not allow it: it names another principal.")


def test_the_source_must_be_the_one_that_is_named() -> None:
    only = statement(Condition={"ArnLike": {"AWS:SourceArn": BUCKET}})
    assert ask(only, aws_SourceArn=BUCKET).allowed
    assert ask(only, aws_SourceArn=f"{BUCKET}2").why.endswith(f"AWS:SourceArn is '{BUCKET}2'.")
    assert ask(only).why.endswith("there is no AWS:SourceArn.")


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        ("arn:aws:s3:::ph*", True),
        ("arn:aws:s3:::photo?", True),
        ("arn:aws:s3:*", False),
        ("arn:*:s3:::photos", True),
        ("arn:aws:*:::photos", True),
    ],
)
def test_wildcards_of_arns_stay_in_their_part(pattern: str, allowed: bool) -> None:
    only = statement(Condition={"ArnLike": {"AWS:SourceArn": pattern}})
    assert ask(only, aws_SourceArn=BUCKET).allowed is allowed


def test_all_conditions_must_hold() -> None:
    both = statement(
        Condition={
            "StringEquals": {"AWS:SourceAccount": "000000000000"},
            "ArnLike": {"AWS:SourceArn": BUCKET},
        }
    )
    assert ask(both, aws_SourceArn=BUCKET, aws_SourceAccount="000000000000").allowed
    assert not ask(both, aws_SourceArn=BUCKET, aws_SourceAccount="111111111111").allowed


def test_a_denial_wins_wherever_it_stands() -> None:
    denial = statement(Sid="no", Effect="Deny", Principal="*")
    assert ask(statement(), denial) == Decision(False, "Statement no denies it.")
    assert ask(denial, statement()) == Decision(False, "Statement no denies it.")
    elsewhere = statement(Effect="Deny", Condition={"StringEquals": {"AWS:SourceAccount": "111111111111"}})
    assert ask(elsewhere, statement(), aws_SourceAccount="000000000000").allowed


@pytest.mark.parametrize(
    ("principal", "caller", "allowed"),
    [
        ("*", "*", True),
        ({"AWS": "*"}, "*", True),
        ({"Service": "*"}, "*", False),
        ({"AWS": "arn:aws:iam::111111111111:root"}, {"AWS": "arn:aws:iam::111111111111:user/u"}, True),
        ({"AWS": "111111111111"}, {"AWS": "arn:aws:iam::111111111111:user/u"}, True),
        ({"AWS": "arn:aws:iam::222222222222:root"}, {"AWS": "arn:aws:iam::111111111111:user/u"}, False),
        (
            {"AWS": "arn:aws:iam::111111111111:role/path/r"},
            {"AWS": "arn:aws:sts::111111111111:assumed-role/r/session"},
            True,
        ),
        (
            {"AWS": "arn:aws:iam::111111111111:role/other"},
            {"AWS": "arn:aws:sts::111111111111:assumed-role/r/session"},
            False,
        ),
        ({"AWS": ["arn:aws:iam::111111111111:user/u"]}, {"AWS": "arn:aws:iam::111111111111:user/u"}, True),
    ],
)
def test_principals(principal: Any, caller: Any, allowed: bool) -> None:
    assert ask(statement(Principal=principal), principal=caller).allowed is allowed


def test_actions_and_resources() -> None:
    assert ask(statement(Action="lambda:*")).allowed
    assert ask(statement(Action="LAMBDA:invokefunction")).allowed
    assert not ask(statement(), action="lambda:InvokeFunctionUrl").allowed
    assert not ask(statement(), resource=f"{ARN}:live").allowed
    assert ask(statement(Resource=f"{ARN}:*"), resource=f"{ARN}:live").allowed
    assert not ask(statement(Action=None, NotAction="lambda:Invoke*")).allowed


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "holds"),
    [
        ("StringEquals", ["a", "b"], "b", True),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", "a", "a", False),
        ("StringNotEquals", "a", None, True),
        ("StringLike", "a*c", "abc", True),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("Bool", True, "true", True),
        ("Bool", "false", "true", False),
        ("Null", "true", None, True),
        ("Null", "true", "x", False),
        ("NumericLessThan", "10", "9", True),
        ("NumericLessThan", "10", "many", False),
        ("IpAddress", "127.0.0.0/8", "127.0.0.1", True),
        ("NotIpAddress", "127.0.0.0/8", "127.0.0.1", False),
        ("ForAnyValue:StringEquals", ["a"], "a", True),
        ("StringSounds", "a", "a", False),
    ],
)
def test_conditions(operator: str, wanted: Any, value: str | None, holds: bool) -> None:
    only = statement(Condition={operator: {"aws:Key": wanted}})
    assert ask(only, **({} if value is None else {"AWS_key": value})).allowed is holds


def test_a_condition_that_nobody_knows_lets_nobody_in_and_keeps_denying() -> None:
    strange = {"StringSounds": {"aws:Key": "a"}}
    assert not ask(statement(Condition=strange), aws_Key="a").allowed
    denial = statement(Sid="no", Effect="Deny", Condition=strange)
    assert not ask(statement(), denial, aws_Key="a").allowed
