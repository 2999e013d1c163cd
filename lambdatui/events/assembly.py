"""Making events: one sample, or a chain in which every service wraps what the one before sent."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from lambdatui.events.errors import EventError, TooLarge, UnknownParameter, nearest
from lambdatui.events.render import PerRecord, Renderer
from lambdatui.events.sample import Sample, get
from lambdatui.events.values import Ids, to_bytes, to_json, to_time

_NOTIFICATION = (
    "Type",
    "MessageId",
    "TopicArn",
    "Subject",
    "Message",
    "Timestamp",
    "SignatureVersion",
    "Signature",
)


def build(
    sample_id: str,
    params: Mapping[str, Any] | None = None,
    *,
    now: datetime | float | None = None,
    seed: int | str | None = None,
) -> Any:
    """The event of a sample. Values may be texts, as a command line gives them, or already typed.

    With `seed` the identifiers are always the same, with `now` the times are.
    """
    sample, given = get(sample_id), params or {}
    _refuse_unknown(given, [sample])
    event = _render(sample, given, to_time(now), Ids(seed))
    _check_event(sample, event)
    return event


def compose(
    names: Sequence[str],
    params: Mapping[str, Any] | None = None,
    *,
    raw: bool = False,
    now: datetime | float | None = None,
    seed: int | str | None = None,
) -> Any:
    """The event that arrives at the end of a chain: `compose(["s3", "sns", "sqs"])`.

    A parameter goes to every link that takes it. `raw` is SNS's raw message delivery to SQS and Firehose.
    """
    links = chain(names)
    given = dict(params or {})
    _refuse_unknown(given, links)
    *before, last = links
    moment, ids = to_time(now), Ids(seed)
    own = _own(given, links, raw)
    if before:
        inner = {name: value for name, value in given.items() if name != "count"}
        count = _values(last, own).get("count", 1)
        sent = [_sent(before, inner, last, raw, moment, ids) for _ in range(count)]
        own[str(last.carries)] = PerRecord(sent)
    event = _render(last, own, moment, ids)
    _check_event(last, event)
    return event


# ---- chains --------------------------------------------------------------------------------------


def chain(names: Sequence[str]) -> list[Sample]:
    """The samples of a chain; S3 followed by EventBridge is one link, as S3 sends such events itself."""
    names = list(names)
    if names[:2] == ["s3", "eventbridge"]:
        names = ["s3-eventbridge", *names[2:]]
    if not names:
        raise EventError("a chain needs at least one sample, such as s3 sns sqs")
    links = [get(name) for name in names]
    for before, after in pairwise(links):
        if after.id not in _TARGETS.get(before.id, ()):
            possible = ", ".join(_TARGETS.get(before.id, ())) or "nothing but a function"
            raise EventError(f"{before.id} does not send to {after.id}; it sends to {possible}")
    return links


_RULE_TARGETS = ("sqs", "sqs-fifo", "sns", "kinesis", "firehose")
_TARGETS = {
    "s3": ("sns", "sqs", "eventbridge"),
    "s3-test": ("sns", "sqs"),
    "s3-eventbridge": _RULE_TARGETS,
    "sns": ("sqs", "firehose"),
    "eventbridge": _RULE_TARGETS,
    "schedule": _RULE_TARGETS,
    "scheduler": _RULE_TARGETS,
    "iot": ("sqs", "sns", "kinesis", "firehose"),
    "logs": ("kinesis", "firehose"),
    "kinesis": ("firehose",),
    "destination-success": ("sqs", "sns"),
    "destination-failure": ("sqs", "sns"),
    "destination-eventbridge": _RULE_TARGETS,
    "kinesis-failure": ("sqs", "sns"),
    "dynamodb-failure": ("sqs", "sns"),
}


def _own(given: Mapping[str, Any], links: Sequence[Sample], raw: bool) -> dict[str, Any]:
    """The parameters of the last link, with what it takes over from the one before."""
    *before, last = links
    own = {name: value for name, value in given.items() if last.parameter(name)}
    sender = before[-1].id if before else ""
    if sender == "sns" and not raw:
        own.pop("attributes", None)  # they stay inside the envelope
    if sender in ("s3", "s3-test") and last.id == "sns":
        own.setdefault("subject", "Amazon S3 Notification")
    if sender == "kinesis":
        own.setdefault("stream", _values(before[-1], {})["stream"])
    return own


def _sent(
    links: Sequence[Sample], given: Mapping[str, Any], to: Sample, raw: bool, moment: datetime, ids: Ids
) -> str | bytes:
    """What the last of these links sends to the one after it, after taking in what came from before."""
    *before, last = links
    own = _own(given, links, raw)
    if before:
        own[str(last.carries)] = _sent(before, given, last, raw, moment, ids)
    event = _render(last, own, moment, ids)
    payload = _payload(last, event, raw)
    limit = to.part_limits.get(str(to.carries))
    size = len(to_bytes(payload))
    if limit is not None and size > limit:
        raise TooLarge(f"what {last.id} sends is {size:,} bytes; {to.id} takes {limit:,} as its {to.carries}")
    return payload


def _payload(sample: Sample, event: Any, raw: bool) -> str | bytes:
    """The bytes that go on: not every service sends what it would hand to a function."""
    if sample.id == "sns":
        return _notification(event["Records"][0], raw)
    if sample.id == "logs":
        return _decoded(event["awslogs"]["data"])
    if sample.id == "kinesis":
        return _decoded(event["Records"][0]["kinesis"]["data"])
    return to_json(event)


def _decoded(text: str) -> bytes:
    return base64.b64decode(text)


def _notification(record: Mapping[str, Any], raw: bool) -> str:
    """SNS's envelope for SQS and Firehose. It spells two members differently from the one for Lambda."""
    body = record["Sns"]
    if raw:
        return str(body["Message"])
    envelope = {name: body[name] for name in _NOTIFICATION if body[name] is not None}
    envelope["SigningCertURL"], envelope["UnsubscribeURL"] = body["SigningCertUrl"], body["UnsubscribeUrl"]
    if body["MessageAttributes"]:
        envelope["MessageAttributes"] = body["MessageAttributes"]
    return json.dumps(envelope, ensure_ascii=False, indent=2)


# ---- parameters and limits -----------------------------------------------------------------------


def _refuse_unknown(given: Mapping[str, Any], samples: Sequence[Sample]) -> None:
    known = [parameter.name for sample in samples for parameter in sample.parameters]
    for name in given:
        if name not in known:
            what = " ".join(sample.id for sample in samples)
            raise UnknownParameter(f"{what} has no parameter {name!r}{nearest(name, known)}")


def _values(sample: Sample, given: Mapping[str, Any]) -> dict[str, Any]:
    values = {}
    for parameter in sample.parameters:
        value = given.get(parameter.name, parameter.default)
        values[parameter.name] = value if isinstance(value, PerRecord | bytes) else parameter.read(value)
    return values


def _render(sample: Sample, given: Mapping[str, Any], moment: datetime, ids: Ids) -> Any:
    values = _values(sample, given)
    for name, limit in sample.part_limits.items():
        parts = values[name].values if isinstance(values[name], PerRecord) else [values[name]]
        size = max(len(to_bytes(part)) for part in parts)
        if size > limit:
            raise TooLarge(f"{name} of {sample.id} is {size:,} bytes; the limit is {limit:,}")
    return Renderer(values, moment, ids).render(sample.template)


def _check_event(sample: Sample, event: Any) -> None:
    size, limit = len(to_bytes(to_json(event))), sample.caller.event_limit
    if size > limit:
        raise TooLarge(
            f"the event is {size:,} bytes; {sample.caller.service} can send {limit:,} in one "
            f"{sample.invocation} invocation"
        )
