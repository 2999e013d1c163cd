"""What the tests of judges say to them."""

from __future__ import annotations

import json
from typing import Any

from lambdatui import events
from lambdatui.events import Verdict

FAILED = {"errorType": "ValueError", "errorMessage": "boom", "requestId": "1", "stackTrace": []}


def say(sample_id: str, answer: Any, **more: Any) -> Verdict:
    return events.judge(sample_id, json.dumps(answer).encode(), **more)


def ids(event: dict[str, Any]) -> list[str]:
    return [record["messageId"] for record in event["Records"]]


def policy(effect: str, resource: str, **more: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}
    return {"principalId": "u", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}, **more}


INTENT = {"name": "OrderFlowers", "state": "Fulfilled", "slots": {}}


def lex(kind: str, intent: Any = INTENT, messages: Any = None, **action: Any) -> dict[str, Any]:
    state = {"dialogAction": {"type": kind, **action}, "intent": intent}
    return {"sessionState": state} | ({"messages": messages} if messages else {})
