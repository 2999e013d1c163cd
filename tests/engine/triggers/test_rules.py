"""EventBridge sends the events that match its rules."""

from __future__ import annotations

import json
from typing import Any

from tests.conftest import EngineProcess
from tests.engine.deploying import unique, until
from tests.engine.triggers.callee import Function, make_queue, make_rule, put_event


def test_a_rule_sends_the_events_that_match(engine: EngineProcess, function: Function) -> None:
    pattern = json.dumps({"source": ["shop"], "detail": {"price": [{"numeric": [">", 10]}]}})
    rule = make_rule(engine, function, EventPattern=pattern)
    events = engine.client("events")
    events.put_targets(Rule=rule, Targets=[{"Id": "f", "Arn": function.arn}])
    put_event(engine, price=5)
    wanted = put_event(engine, price=50)
    [event] = function.got()
    assert event.pop("time").endswith("Z")
    assert event == {
        "version": "0",
        "id": wanted,
        "detail-type": "order",
        "source": "shop",
        "account": "000000000000",
        "region": "us-east-1",
        "resources": ["arn:r"],
        "detail": {"price": 50},
    }
    events.disable_rule(Name=rule)
    put_event(engine, price=60)
    events.enable_rule(Name=rule)
    put_event(engine, price=70)
    assert [event["detail"]["price"] for event in function.got(2)] == [50, 70]


def test_targets_get_what_they_ask_for(engine: EngineProcess, function: Function) -> None:
    rule = make_rule(
        engine, function, EventPattern=json.dumps({"detail-type": ["order"], "source": ["shop"]})
    )
    transformer = {
        "InputPathsMap": {"who": "$.detail.who", "items": "$.detail.items"},
        "InputTemplate": '{"text": "for <who>", "who": <who>, "items": <items>,'
        ' "rule": <aws.events.rule-name>}',
    }
    engine.client("events").put_targets(
        Rule=rule,
        Targets=[
            {"Id": "fixed", "Arn": function.arn, "Input": '{"fixed": true}'},
            {"Id": "part", "Arn": function.arn, "InputPath": "$.detail"},
            {"Id": "made", "Arn": function.arn, "InputTransformer": transformer},
        ],
    )
    put_event(engine, who='Ann "A"', items=[1, 2])
    got = function.got(3)
    assert {"fixed": True} in got
    assert {"who": 'Ann "A"', "items": [1, 2]} in got
    assert {"text": 'for Ann "A"', "who": 'Ann "A"', "items": [1, 2], "rule": rule} in got


def test_other_targets_and_the_queue_for_what_cannot_be_delivered(engine: EngineProcess) -> None:
    sqs, events = engine.client("sqs"), engine.client("events")
    queue, arn = make_queue(engine)
    rule, missing = unique("rule"), f"arn:aws:lambda:us-east-1:000000000000:function:{unique('none')}"
    events.put_rule(Name=rule, EventPattern=json.dumps({"detail": {"to": [rule]}}))
    targets = [
        {"Id": "queue", "Arn": arn},
        {"Id": "none", "Arn": missing, "DeadLetterConfig": {"Arn": arn}},
    ]
    events.put_targets(Rule=rule, Targets=targets)
    put_event(engine, to=rule)
    messages: list[Any] = []

    def both() -> bool:
        answer = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2, MessageAttributeNames=["All"])
        messages.extend(answer.get("Messages", ()))
        return len(messages) >= 2

    until(both)
    assert [json.loads(message["Body"])["detail"] for message in messages] == [{"to": rule}] * 2
    [dead] = [message["MessageAttributes"] for message in messages if "MessageAttributes" in message]
    assert dead["TARGET_ARN"]["StringValue"] == missing
    assert dead["RULE_ARN"]["StringValue"].endswith(f"rule/{rule}")
