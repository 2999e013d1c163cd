"""Policy documents and their statements, for functions and layers alike."""

from __future__ import annotations

import re
from typing import Any

import orjson

from lambdatui.engine.api.values import new_revision
from lambdatui.engine.wire.errors import ApiError, conflict, invalid_parameter, not_found

Policy = dict[str, Any]
LIMIT_BYTES = 20_480
_SERVICE = re.compile(
    r"[a-z0-9][a-z0-9.-]*\.amazonaws\.com(\.cn)?|(alexa-appkit|alexa-connectedhome)\.amazon\.com"
)
_ARN = re.compile(r"arn:aws[a-zA-Z-]*:(iam|sts)::\d{12}:.+")


def statement(request: dict[str, Any], resource: str, condition: dict[str, Any]) -> dict[str, Any]:
    """The statement that a request to add a permission describes; keys in AWS's order."""
    made = {
        "Sid": request["StatementId"],
        "Effect": "Allow",
        "Principal": principal(request["Principal"]),
        "Action": request["Action"],
        "Resource": resource,
    }
    return {**made, "Condition": condition} if condition else made


def principal(text: str) -> str | dict[str, str]:
    """A principal as policies spell it."""
    if text == "*":
        return "*"
    if re.fullmatch(r"\d{12}", text):
        return {"AWS": f"arn:aws:iam::{text}:root"}
    if _ARN.fullmatch(text):
        return {"AWS": text}
    if _SERVICE.fullmatch(text):
        return {"Service": text}
    raise invalid_parameter("The provided principal was invalid. Please check the principal and try again.")


def conditions(request: dict[str, Any]) -> dict[str, Any]:
    """The conditions of a function's statement; operators and keys in AWS's order."""
    equal = {
        "AWS:SourceAccount": request.get("SourceAccount"),
        "lambda:FunctionUrlAuthType": request.get("FunctionUrlAuthType"),
        "aws:PrincipalOrgID": request.get("PrincipalOrgID"),
        "lambda:EventSourceToken": request.get("EventSourceToken"),
    }
    via_url = request.get("InvokedViaFunctionUrl")
    made = {
        "StringEquals": {key: value for key, value in equal.items() if value is not None},
        "Bool": {} if via_url is None else {"lambda:InvokedViaFunctionUrl": str(via_url).lower()},
        "ArnLike": {"AWS:SourceArn": request["SourceArn"]} if request.get("SourceArn") else {},
    }
    return {operator: keys for operator, keys in made.items() if keys}


def add(policy: Policy, made: dict[str, Any]) -> Policy:
    """The policy with one more statement and a new revision."""
    if any(present.get("Sid") == made["Sid"] for present in policy["Statement"]):
        raise conflict(
            f"The statement id ({made['Sid']}) provided already exists. Please provide a new statement id, or"
            " remove the existing statement."
        )
    longer = {**policy, "Statement": [*policy["Statement"], made], "RevisionId": new_revision()}
    size = len(show(longer))
    if size > LIMIT_BYTES:
        raise ApiError(
            "PolicyLengthExceededException",
            f"The final policy size ({size}) is bigger than the limit ({LIMIT_BYTES}).",
        )
    return longer


def remove(policy: Policy, sid: str) -> Policy:
    """The policy without one statement, and a new revision; 404 when it is not there."""
    left = [present for present in policy["Statement"] if present.get("Sid") != sid]
    if len(left) == len(policy["Statement"]):
        raise not_found(f"Statement {sid} is not found in resource policy.")
    return {**policy, "Statement": left, "RevisionId": new_revision()}


def show(policy: Policy) -> str:
    """The policy as the JSON text that AWS answers."""
    document = {
        "Version": policy.get("Version", "2012-10-17"),
        "Id": policy.get("Id", "default"),
        "Statement": policy["Statement"],
    }
    return orjson.dumps(document).decode()


def parse(text: str) -> Policy:
    """A whole policy document as a caller wrote it."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise invalid_parameter(f"The policy is not valid JSON: {error}") from None
    statements = document.get("Statement") if isinstance(document, dict) else None
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements or not all(map(_is_statement, statements)):
        raise invalid_parameter(
            "The policy must have a Statement whose parts each have Effect, Principal and Action."
        )
    sids = [part["Sid"] for part in statements if "Sid" in part]
    if len(sids) != len(set(sids)):
        raise invalid_parameter("The policy's statements must have different Sids.")
    return {**document, "Statement": statements}


def _is_statement(part: Any) -> bool:
    return (
        isinstance(part, dict)
        and part.get("Effect") in ("Allow", "Deny")
        and "Principal" in part
        and "Action" in part
    )
