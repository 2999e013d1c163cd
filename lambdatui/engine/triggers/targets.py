"""Where rules and schedules send: our functions and the neighbours, with retries and a dead-letter queue."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from lambdatui.engine.triggers.errors import NeighbourError
from lambdatui.engine.triggers.functions import Functions, Sender
from lambdatui.engine.triggers.inputs import at_path

if TYPE_CHECKING:
    from lambdatui.engine.clock import Clock
    from lambdatui.engine.lanes import Activity
    from lambdatui.engine.logs.sink import LogSink
    from lambdatui.engine.triggers.neighbours import Neighbours

logger = logging.getLogger(__name__)

LONGEST_WAIT_S = 300.0
ATTEMPTS, AGE_S = 185, 86_400
_UNIVERSAL = re.compile(r"arn:aws[\w-]*:scheduler:::aws-sdk:([a-z0-9]+):([a-zA-Z0-9]+)", re.ASCII)
_SDK_NAMES = {"sfn": "stepfunctions", "eventbridge": "events"}


@dataclass(frozen=True, slots=True)
class Shot:
    """One event on its way to one target."""

    target: Mapping[str, Any]
    payload: bytes
    event: Mapping[str, Any]
    source: str
    """ARN of the rule or schedule."""
    account: str
    region: str
    sender: Sender | None
    """None: the schedule's role decides, which no resource policy knows."""

    @property
    def arn(self) -> str:
        return str(self.target["Arn"])


class Targets:
    """Sends, and tries again on the engine's clock as the target's retry policy says."""

    def __init__(
        self,
        functions: Functions,
        neighbours: Neighbours,
        sink: LogSink,
        clock: Clock,
        activity: Activity,
    ) -> None:
        self._activity = activity
        self._functions = functions
        self._neighbours = neighbours
        self._sink = sink
        self._clock = clock

    async def fire(self, shot: Shot) -> None:
        """Delivers, or gives up in the end: to the target's dead-letter queue, and to the log.

        The caller's activity began; while this waits for another attempt, nothing is going on.
        """
        policy = shot.target.get("RetryPolicy") or {}
        attempts = policy.get("MaximumRetryAttempts", ATTEMPTS)
        until = self._clock.now() + policy.get("MaximumEventAgeInSeconds", AGE_S)
        for attempt in range(attempts + 1):
            code, why, again = await self._try(shot)
            if code is None:
                return
            wait = min(2.0**attempt, LONGEST_WAIT_S)
            if not again or attempt == attempts or self._clock.now() + wait > until:
                await self._give_up(shot, code, why)
                return
            self._activity.end()
            try:
                await self._clock.sleep(wait)
            finally:
                self._activity.begin()

    async def _try(self, shot: Shot) -> tuple[str | None, str, bool]:
        """The error's code, if it failed, its words, and whether trying again may help."""
        try:
            refusal = await self._send(shot)
        except NeighbourError as error:
            again = error.unreachable or error.status >= 500 or "Throttl" in error.code
            return error.code, error.message, again
        except Exception as error:
            logger.exception("%s could not send to %s", shot.source, shot.arn)
            return "SDK_CLIENT_ERROR", str(error), False
        return (None, "", False) if refusal is None else ("NO_PERMISSIONS", refusal, False)

    async def _give_up(self, shot: Shot, code: str, why: str) -> None:
        logger.warning("%s could not send to %s: %s: %s", shot.source, shot.arn, code, why)
        queue = (shot.target.get("DeadLetterConfig") or {}).get("Arn")
        if not queue:
            return
        attributes = {
            "RULE_ARN": shot.source,
            "TARGET_ARN": shot.arn,
            "ERROR_CODE": code,
            "ERROR_MESSAGE": why[:1024] or code,
        }
        await self.bury(queue, shot.payload.decode("utf-8", "replace"), attributes)

    async def bury(self, queue: str, body: str, attributes: Mapping[str, str]) -> None:
        """Sends what could not be delivered to a dead-letter queue."""
        try:
            await self._client("sqs", queue).call(
                "SendMessage",
                QueueUrl=self._neighbours.queue_url(queue),
                MessageBody=body,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            )
        except NeighbourError as error:
            logger.warning("the dead-letter queue %s refused: %s", queue, error)

    # -- one way for every kind ------------------------------------------------------------------

    async def _send(self, shot: Shot) -> str | None:
        """Why it was refused, or None; raises NeighbourError."""
        universal = _UNIVERSAL.fullmatch(shot.arn)
        if universal is not None:
            return await self._call_sdk(shot, universal[1], universal[2])
        service = shot.arn.split(":")[2]
        if service == "lambda":
            return await self._functions.deliver(shot.arn, shot.payload, shot.sender)
        if service == "logs":
            self._log(shot)
            return None
        call = _CALLS.get(service)
        if call is None:
            return f"This engine does not send to {service}."
        name, operation, members = call(self, shot)
        await self._client(name, shot.arn).call(operation, **members)
        return None

    async def _call_sdk(self, shot: Shot, service: str, operation: str) -> str | None:
        """Scheduler's universal target: the input is the request."""
        members = orjson.loads(shot.payload)
        if (service, operation) == ("lambda", "invoke"):
            name, payload = str(members.get("FunctionName", "")), members.get("Payload", "{}")
            arn = name
            if not name.startswith("arn:"):
                arn = f"arn:aws:lambda:{shot.region}:{shot.account}:function:{name}"
            text = payload if isinstance(payload, str) else orjson.dumps(payload).decode()
            return await self._functions.deliver(arn, text.encode(), None)
        client = self._neighbours.client(_SDK_NAMES.get(service, service), shot.account, shot.region)
        await client.call(operation[:1].upper() + operation[1:], **members)
        return None

    def _log(self, shot: Shot) -> None:
        _, _, _, region, account, _, group, *_ = shot.arn.split(":")
        now = int(self._clock.now() * 1000)
        place = (account, region, group, uuid.uuid4().hex)
        self._sink.take(place, now, [shot.payload.decode("utf-8", "replace")])

    def _client(self, service: str, arn: str) -> Any:
        parts = arn.split(":")
        return self._neighbours.client(service, parts[4], parts[3])

    def _sqs(self, shot: Shot) -> tuple[str, str, dict[str, Any]]:
        group = (shot.target.get("SqsParameters") or {}).get("MessageGroupId")
        members = {
            "QueueUrl": self._neighbours.queue_url(shot.arn),
            "MessageBody": shot.payload.decode("utf-8", "replace"),
        }
        if group:
            members |= {
                "MessageGroupId": group,
                "MessageDeduplicationId": str(shot.event.get("id", uuid.uuid4())),
            }
        return "sqs", "SendMessage", members

    def _sns(self, shot: Shot) -> tuple[str, str, dict[str, Any]]:
        return "sns", "Publish", {"TopicArn": shot.arn, "Message": shot.payload.decode("utf-8", "replace")}

    def _kinesis(self, shot: Shot) -> tuple[str, str, dict[str, Any]]:
        parameters = shot.target.get("KinesisParameters") or {}
        key = parameters.get("PartitionKey")
        if key is None:
            key = at_path(shot.event, parameters.get("PartitionKeyPath") or "$.id")
        members = {"StreamARN": shot.arn, "Data": shot.payload, "PartitionKey": str(key)[:256]}
        return "kinesis", "PutRecord", members

    def _firehose(self, shot: Shot) -> tuple[str, str, dict[str, Any]]:
        name = shot.arn.rpartition("/")[2]
        return "firehose", "PutRecord", {"DeliveryStreamName": name, "Record": {"Data": shot.payload}}

    def _states(self, shot: Shot) -> tuple[str, str, dict[str, Any]]:
        members = {"stateMachineArn": shot.arn, "input": shot.payload.decode("utf-8", "replace")}
        return "stepfunctions", "StartExecution", members

    def _bus(self, shot: Shot) -> tuple[str, str, dict[str, Any]]:
        parameters = shot.target.get("EventBridgeParameters") or {}
        detail = shot.event.get("detail", {}) if not parameters else orjson.loads(shot.payload)
        entry = {
            "Source": parameters.get("Source") or shot.event["source"],
            "DetailType": parameters.get("DetailType") or shot.event["detail-type"],
            "Detail": orjson.dumps(detail).decode(),
            "Resources": list(shot.event.get("resources", ())),
            "EventBusName": shot.arn,
        }
        return "events", "PutEvents", {"Entries": [entry]}


_CALLS = {
    "sqs": Targets._sqs,
    "sns": Targets._sns,
    "kinesis": Targets._kinesis,
    "firehose": Targets._firehose,
    "states": Targets._states,
    "events": Targets._bus,
}
