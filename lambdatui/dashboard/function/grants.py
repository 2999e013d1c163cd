"""Policy statements in words."""

from __future__ import annotations

from lambdatui.dashboard.function.naming import principal, short_arn
from lambdatui.model import Statement

_ACTIONS = {
    "lambda:InvokeFunction": "invoke it",
    "lambda:InvokeFunctionUrl": "call its URL",
    "lambda:*": "do everything with it",
    "*": "do everything with it",
    "lambda:GetFunction": "read its code and settings",
    "lambda:UpdateFunctionCode": "change its code",
    "lambda:UpdateFunctionConfiguration": "change its settings",
}
_KNOWN = {
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:principalorgid",
    "lambda:functionurlauthtype",
    "lambda:invokedviafunctionurl",
    "lambda:eventsourcetoken",
}


def who(statement: Statement) -> str:
    """Who is meant."""
    return ", ".join(principal(each) for each in statement.principals) or "nobody"


def what(statement: Statement) -> str:
    """What they may do."""
    return " and ".join(_ACTIONS.get(each, each.removeprefix("lambda:")) for each in statement.actions)


def where(statement: Statement) -> str:
    """Under which conditions."""
    parts = []
    if arn := statement.condition("aws:SourceArn"):
        parts.append(f"from {short_arn(arn)}")
    if account := statement.condition("aws:SourceAccount"):
        parts.append(f"for account {account}")
    if organization := statement.condition("aws:PrincipalOrgID"):
        parts.append(f"from organization {organization}")
    if statement.condition("lambda:InvokedViaFunctionUrl") == "true":
        parts.append("through its URL")
    auth = statement.condition("lambda:FunctionUrlAuthType")
    if auth:
        parts.append("without a signature" if auth == "NONE" else "signed")
    if statement.condition("lambda:EventSourceToken"):
        parts.append("with a token")
    parts += [f"if {key} {operator} {value}" for operator, key, value in statement.conditions
              if key.lower() not in _KNOWN]  # fmt: skip
    return ", ".join(parts)


def sentence(statement: Statement) -> str:
    """``Amazon S3 may invoke it from S3 uploads``."""
    may = "may" if statement.effect == "Allow" else "may NOT"
    alias = f" (alias {statement.qualifier})" if statement.qualifier else ""
    subject = who(statement)
    return f"{subject[:1].upper()}{subject[1:]} {may} {what(statement)} {where(statement)}".rstrip() + alias
