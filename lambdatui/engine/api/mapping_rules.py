"""What an event source mapping may say, by the kind of its source, and what it has when it says nothing."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from lambdatui.engine.wire.errors import invalid_parameter
from lambdatui.patterns import Filters, InvalidPattern, Source

Members = dict[str, Any]


class Kind(StrEnum):
    """The kinds of sources."""

    SQS = "sqs"
    KINESIS = "kinesis"
    DYNAMODB = "dynamodb"
    MSK = "kafka"
    SELF_MANAGED_KAFKA = "self-managed-kafka"
    MQ = "mq"
    DOCUMENTDB = "rds"


_STREAMS = (Kind.KINESIS, Kind.DYNAMODB)
_PROVISIONED = (Kind.SQS, Kind.MSK, Kind.SELF_MANAGED_KAFKA)
_STARTING = (*_STREAMS, Kind.MSK, Kind.DOCUMENTDB)
_FILTERED = {
    Kind.SQS: Source.SQS,
    Kind.KINESIS: Source.KINESIS,
    Kind.DYNAMODB: Source.DYNAMODB,
    Kind.MSK: Source.KAFKA,
    Kind.SELF_MANAGED_KAFKA: Source.KAFKA,
    Kind.MQ: Source.ACTIVEMQ,
    Kind.DOCUMENTDB: Source.DOCUMENTDB,
}
_RESULT = {"LastProcessingResult": "No records processed"}
_STREAM_DEFAULTS: Members = {
    **_RESULT,
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "TumblingWindowInSeconds": 0,
}
_UNPOLLED = {
    Kind.MQ: "This engine does not poll ActiveMQ and RabbitMQ.",
    Kind.DOCUMENTDB: "This engine does not poll DocumentDB.",
}
KEPT = (
    "EventSourceArn",
    "BatchSize",
    "FilterCriteria",
    "KMSKeyArn",
    "MetricsConfig",
    "LoggingConfig",
    "ScalingConfig",
    "MaximumBatchingWindowInSeconds",
    "ParallelizationFactor",
    "StartingPosition",
    "DestinationConfig",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "TumblingWindowInSeconds",
    "Topics",
    "Queues",
    "SourceAccessConfigurations",
    "SelfManagedEventSource",
    "FunctionResponseTypes",
    "AmazonManagedKafkaEventSourceConfig",
    "SelfManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
    "ProvisionedPollerConfig",
)
EMPTIED = ("ScalingConfig", "ProvisionedPollerConfig")
"""Members that an empty value takes away."""


def kind_of(members: Members) -> Kind:
    """What a mapping reads from."""
    arn = members.get("EventSourceArn")
    if arn is None:
        if members.get("SelfManagedEventSource"):
            return Kind.SELF_MANAGED_KAFKA
        raise invalid_parameter("Unrecognized event source.")
    try:
        return Kind(arn.split(":")[2])
    except (ValueError, IndexError):
        raise invalid_parameter("Unrecognized event source.") from None


def unpolled(kind: Kind) -> str | None:
    """Why nothing will ever come from such a source, if so."""
    return _UNPOLLED.get(kind)


def initiator(kind: Kind) -> str:
    """How AWS says, for such a source, that the user wanted a change."""
    return "User action" if kind in _STREAMS else "USER_INITIATED"


def defaults(kind: Kind, uuid: str) -> Members:
    """What a mapping has that was not said."""
    common: Members = {"FunctionResponseTypes": []}
    if kind is Kind.SQS:
        return {**common, "BatchSize": 10, "MaximumBatchingWindowInSeconds": 0}
    if kind in _STREAMS:
        return {**common, **_STREAM_DEFAULTS, "BatchSize": 100, "MaximumBatchingWindowInSeconds": 0}
    if kind is Kind.MSK:
        group = {"AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": uuid}}
        return {**common, **_RESULT, **group, "BatchSize": 100}
    if kind is Kind.SELF_MANAGED_KAFKA:
        group = {"SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": uuid}}
        return {**common, **_RESULT, **group, "BatchSize": 100, "StartingPosition": "TRIM_HORIZON"}
    return {**common, "BatchSize": 100}


def check_new(kind: Kind, request: Members) -> None:
    """What must be said, and may only be said, when a mapping is made."""
    if kind in _STARTING and "StartingPosition" not in request:
        raise invalid_parameter(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint:"
            " Member must not be null."
        )
    if request.get("StartingPosition") == "AT_TIMESTAMP":
        if kind is Kind.DYNAMODB:
            text = f"Unsupported starting position for arn type: {request['EventSourceArn']}"
            raise invalid_parameter(text)
        if "StartingPositionTimestamp" not in request:
            raise invalid_parameter("Need to specify a timestamp")
    if kind is Kind.SELF_MANAGED_KAFKA and not request.get("SourceAccessConfigurations"):
        raise invalid_parameter("Required 'sourceAccessConfigurations' parameter is missing.")


def check(kind: Kind, request: Members, merged: Members) -> None:
    """What holds for new and changed mappings; ``merged`` is the mapping as it would become."""
    if kind is Kind.SQS:
        if request.get("DestinationConfig"):
            raise invalid_parameter(
                "Unsupported DestinationConfig parameter for given event source mapping type."
            )
        _check_queue_batch(merged)
    _check_scaling(kind, merged)
    if -1 < merged.get("MaximumRecordAgeInSeconds", -1) < 60:
        raise invalid_parameter("MaximumRecordAgeInSeconds must be -1 or between 60 and 604800.")
    patterns = [entry.get("Pattern", "") for entry in request.get("FilterCriteria", {}).get("Filters", [])]
    try:
        Filters(_FILTERED[kind], patterns)
    except InvalidPattern as error:
        raise invalid_parameter(str(error)) from error


def _check_queue_batch(merged: Members) -> None:
    size, window = merged["BatchSize"], merged["MaximumBatchingWindowInSeconds"]
    if merged["EventSourceArn"].endswith(".fifo"):
        if size > 10:
            raise invalid_parameter("The maximum batch size of a FIFO queue is 10.")
        if window:
            raise invalid_parameter("Batching window is not supported for FIFO queues")
    if size > 10 and window < 1:
        raise invalid_parameter(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )


def _check_scaling(kind: Kind, merged: Members) -> None:
    """A limit is for queues; pollers of one's own are for queues and Kafka, and bring limits of their own."""
    limit, pollers = merged.get("ScalingConfig"), merged.get("ProvisionedPollerConfig")
    if limit and kind is not Kind.SQS:
        raise invalid_parameter("ScalingConfig is only supported for Amazon SQS event source mappings.")
    if not pollers:
        return
    if kind not in _PROVISIONED:
        raise invalid_parameter(
            "ProvisionedPollerConfig is only supported for Amazon SQS, Amazon MSK and self-managed Apache"
            " Kafka event source mappings."
        )
    if limit:
        raise invalid_parameter("ScalingConfig and ProvisionedPollerConfig cannot be set together.")
    fewest = 2 if kind is Kind.SQS else 1
    least, most = pollers.get("MinimumPollers", fewest), pollers.get("MaximumPollers", 200)
    if min(least, most) < fewest:
        raise invalid_parameter(
            "MinimumPollers and MaximumPollers of an Amazon SQS event source mapping are at least 2."
        )
    if least > most:
        raise invalid_parameter("MinimumPollers must not be greater than MaximumPollers.")


def source_key(kind: Kind, members: Members) -> str:
    """What two mappings have in common that read the same thing."""
    if kind is not Kind.SELF_MANAGED_KAFKA:
        return str(members["EventSourceArn"])
    endpoints = members["SelfManagedEventSource"].get("Endpoints", {})
    brokers = ",".join(broker for names in endpoints.values() for broker in names)
    return f"{brokers} {','.join(members.get('Topics', []))}"


def duplicate_text(kind: Kind, members: Members, function_arn: str, uuid: str) -> str:
    """What AWS says of a second mapping between the same two."""
    name = function_arn.split(":")[6]
    advice = f"Please update or delete the existing mapping with UUID {uuid}"
    if kind is Kind.SELF_MANAGED_KAFKA:
        brokers, _, topics = source_key(kind, members).partition(" ")
        return (
            f'An event source mapping with event source ("{brokers}"), function ("{function_arn}"),'
            f' topics ("{topics}") already exists. {advice}'
        )
    arn = members["EventSourceArn"]
    if kind is Kind.SQS:
        return (
            f'An event source mapping with SQS arn (" {arn} ") and function (" {name} ") already exists.'
            f" {advice}"
        )
    return (
        f'The event source arn (" {arn} ") and function (" {name} ") provided mapping already exists.'
        f" {advice}"
    )
