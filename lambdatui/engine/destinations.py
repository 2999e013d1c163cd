"""What an event came to, as AWS tells it: records for destinations, messages for dead-letter queues."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import orjson

from lambdatui.engine import lineage
from lambdatui.engine.retries import NO_CONCURRENCY, SUCCESS, Policy
from lambdatui.engine.store.deliveries import Delivery
from lambdatui.engine.store.events import EventRecord

KAFKA = "kafka"
SERVICES = ("sqs", "sns", "lambda", "events", "s3", KAFKA)
OTHER = "other"
SNS_LIMIT = 262_144
MESSAGE_LIMIT = 1024
OBJECT_KEY = "ObjectKey"
"""The attribute of a delivery to a bucket that says under which key."""
GRACE_S = 60.0
"""A delivery gets so long in any case, also that of an event which is already too old."""

_SERVICE = re.compile(r"arn:[^:]*:([a-z0-9-]+):")


def deliveries(
    event: EventRecord, policy: Policy, dead_letters: str | None, error: tuple[int, str], now: float
) -> list[Delivery]:
    """The messages that the end of an event calls for. `error` is what a dead-letter queue is told."""
    target = policy.on_success if event.condition == SUCCESS else policy.on_failure
    trace_id, _ = lineage.step(event.trace_id, function_arn(event))
    made = []
    if target:
        body = orjson.dumps(record(event, now))
        if service_of(target) == "sns" and len(body) > SNS_LIMIT:
            body = orjson.dumps(record(event, now, payloads=False))
        made.append(_delivery(event, "destination", target, body, {}, policy, trace_id, now))
    if dead_letters and event.condition != SUCCESS:
        attributes = dead_letter_attributes(event.request_id, *error)
        made.append(_delivery(event, "dlq", dead_letters, event.payload, attributes, policy, trace_id, now))
    return made


def record(event: EventRecord, now: float, *, payloads: bool = True) -> dict[str, Any]:
    """The invocation record; its keys come in AWS's order."""
    shown: dict[str, Any] = {
        "version": "1.0",
        "timestamp": iso(now),
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": function_arn(event),
            "condition": event.condition,
            "approximateInvokeCount": event.attempts,
        },
    }
    if payloads:
        shown["requestPayload"] = orjson.Fragment(event.payload)
    if event.response is None or event.condition == NO_CONCURRENCY:
        return shown
    context: dict[str, Any] = {"statusCode": 200, "executedVersion": event.executed_version}
    if event.condition != SUCCESS:
        context["functionError"] = "Unhandled"
    shown["responseContext"] = context
    if payloads:
        shown["responsePayload"] = _json(event.response)
    return shown


def bus_entry(delivery: Delivery) -> dict[str, Any]:
    """The record as an entry of PutEvents."""
    outcome = "Success" if delivery.condition == SUCCESS else "Failure"
    entry = {
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {outcome}",
        "Resources": [delivery.target, qualified(*delivery.key, delivery.qualifier)],
        "Detail": delivery.body.decode(),
        "EventBusName": delivery.target,
    }
    if delivery.trace_id:
        entry["TraceHeader"] = delivery.trace_id
    return entry


def object_key(delivery: Delivery, unique: str) -> str:
    """Where a record lies in a bucket."""
    made = datetime.fromtimestamp(delivery.made, UTC)
    return f"aws/lambda/async/{delivery.function}/{made:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{unique}"


def dead_letter_attributes(request_id: str, code: int, message: str) -> dict[str, dict[str, str]]:
    """Message attributes, the same for SQS and SNS."""
    return {
        "RequestID": {"DataType": "String", "StringValue": request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": str(code)},
        "ErrorMessage": {"DataType": "String", "StringValue": clipped(message) or "unknown"},
    }


def error_message(response: bytes | None) -> str:
    """The message of a function's error object; the answer itself where it has none."""
    if response is None:
        return ""
    try:
        body = orjson.loads(response)
    except orjson.JSONDecodeError:
        return response.decode("utf-8", "replace")
    message = body.get("errorMessage") if isinstance(body, dict) else None
    return message if isinstance(message, str) else response.decode("utf-8", "replace")


def clipped(text: str) -> str:
    """The first KB, cut between characters, without what a message attribute may not hold."""
    safe = "".join(char for char in text if char in "\t\n\r" or " " <= char <= "\ufffd" or char > "\uffff")
    return safe.encode("utf-8", "replace")[:MESSAGE_LIMIT].decode("utf-8", "ignore")


def function_arn(event: EventRecord) -> str:
    """The function as it was invoked, always with a qualifier."""
    return qualified(*event.key, event.qualifier)


def qualified(account: str, region: str, name: str, qualifier: str | None) -> str:
    return f"arn:aws:lambda:{region}:{account}:function:{name}:{qualifier or '$LATEST'}"


def service_of(arn: str) -> str:
    """The service of a target, as its ARN says; `OTHER` for one that takes no deliveries."""
    if arn.startswith("kafka://"):
        return KAFKA
    match = _SERVICE.match(arn)
    return match[1] if match and match[1] in SERVICES else OTHER


def iso(at: float) -> str:
    """A time as records spell it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _delivery(
    event: EventRecord,
    kind: str,
    target: str,
    body: bytes,
    attributes: dict[str, Any],
    policy: Policy,
    trace_id: str,
    now: float,
) -> Delivery:
    return Delivery(
        id=0,
        service=service_of(target),
        kind=kind,
        target=target,
        account=event.account,
        region=event.region,
        function=event.function,
        qualifier=event.qualifier,
        request_id=event.request_id,
        condition=event.condition or "",
        body=body,
        trace_id=trace_id,
        made=now,
        deadline=max(event.accepted + policy.age_s, now + GRACE_S),
        next_at=now,
        attributes=attributes,
    )


def _json(body: bytes) -> Any:
    """A function's answer as the JSON that it is, else as text."""
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")
    return orjson.Fragment(body)
