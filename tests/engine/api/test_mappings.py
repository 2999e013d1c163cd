"""Event source mappings as resources: members, states, errors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.api.aws import Failure, Lambda, conflict, invalid, missing, not_valid

CREATE, GET = "create_event_source_mapping", "get_event_source_mapping"
UPDATE, DELETE = "update_event_source_mapping", "delete_event_source_mapping"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:queue"
STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026-01-01T00:00:00.000"
NOTHING = missing("The resource you requested does not exist.")


def reached(aws: Lambda, uuid: str, state: str) -> dict[str, Any]:
    return aws.until(lambda: aws(GET, UUID=uuid), lambda shown: shown["State"] == state)


def identity(aws: Lambda, shown: dict[str, Any]) -> dict[str, Any]:
    """What is left of a mapping when its identity and time, checked, are taken away."""
    uuid = shown.pop("UUID")
    arn = f"arn:aws:lambda:us-east-1:{aws.account}:event-source-mapping:{uuid}"
    assert shown.pop("EventSourceMappingArn") == arn
    assert shown.pop("LastModified").year > 2000
    return shown


def test_a_queue_shows_no_stream_members(own: Lambda) -> None:
    created = own(CREATE, FunctionName="f", EventSourceArn=QUEUE, FilterCriteria={"Filters": []})
    uuid = created["UUID"]
    expected: dict[str, Any] = {
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": 0,
        "EventSourceArn": QUEUE,
        "FunctionArn": own.arn("f"),
        "FunctionResponseTypes": [],
        "StateTransitionReason": "USER_INITIATED",
    }
    assert identity(own, created) == {**expected, "State": "Creating", "status": 202}
    assert identity(own, reached(own, uuid, "Enabled")) == {**expected, "State": "Enabled", "status": 200}


def test_a_stream_shows_its_defaults(own: Lambda) -> None:
    created = own(CREATE, FunctionName="f:live", EventSourceArn=STREAM, StartingPosition="LATEST")
    assert identity(own, created) == {
        "status": 202,
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 0,
        "EventSourceArn": STREAM,
        "FunctionArn": own.arn("f", "live"),
        "FunctionResponseTypes": [],
        "State": "Creating",
        "StateTransitionReason": "User action",
        "StartingPosition": "LATEST",
        "LastProcessingResult": "No records processed",
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "TumblingWindowInSeconds": 0,
    }


def test_states_go_their_way(own: Lambda) -> None:
    uuid = own(CREATE, FunctionName="f", EventSourceArn=QUEUE)["UUID"]
    reached(own, uuid, "Enabled")
    for members, passing, end in (
        ({"BatchSize": 3}, "Updating", "Enabled"),
        ({"Enabled": False}, "Disabling", "Disabled"),
        ({"BatchSize": 4}, "Updating", "Disabled"),
        ({"Enabled": True}, "Enabling", "Enabled"),
        ({"FunctionName": "g"}, "Updating", "Enabled"),
    ):
        updated = own(UPDATE, UUID=uuid, **members)
        assert (updated["status"], updated["State"]) == (202, passing)
        shown = reached(own, uuid, end)
    assert (shown["BatchSize"], shown["FunctionArn"]) == (4, own.arn("g"))
    deleted = own(DELETE, UUID=uuid)
    assert (deleted["status"], deleted["State"]) == (202, "Deleting")
    own.until(lambda: own("list_event_source_mappings"), lambda listed: listed["EventSourceMappings"] == [])
    for operation in (GET, UPDATE, DELETE):
        assert own.failure(operation, UUID=uuid) == NOTHING


def test_made_disabled_and_left_behind_by_its_function(own: Lambda) -> None:
    shown = own(CREATE, FunctionName="g", EventSourceArn=QUEUE, Enabled=False, Tags={"a": "b"})
    assert shown["State"] == "Disabled"
    assert own("list_tags", Resource=shown["EventSourceMappingArn"])["Tags"] == {"a": "b"}
    own("delete_function", FunctionName="g")
    assert own(GET, UUID=shown["UUID"])["FunctionArn"] == own.arn("g")


def test_filters_are_kept_and_removed(own: Lambda) -> None:
    criteria = {"Filters": [{"Pattern": '{"body":{"a":[1]}}'}]}
    uuid = own(CREATE, FunctionName="f", EventSourceArn=QUEUE, FilterCriteria=criteria)["UUID"]
    assert own(GET, UUID=uuid)["FilterCriteria"] == criteria
    assert own(UPDATE, UUID=uuid, BatchSize=2)["FilterCriteria"] == criteria
    assert "FilterCriteria" not in own(UPDATE, UUID=uuid, FilterCriteria={})


@pytest.mark.parametrize(
    "pattern", ["null", '"text"', '{"eventSource":"aws:sqs"}', '{"eventSource":[]}', "{"]
)
def test_patterns_that_are_none(own: Lambda, pattern: str) -> None:
    criteria = {"Filters": [{"Pattern": pattern}]}
    expected = invalid("Invalid filter pattern definition.")
    assert own.failure(CREATE, FunctionName="f", EventSourceArn=QUEUE, FilterCriteria=criteria) == expected


BROKERS = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["a:9092", "b:9092"]}}
TWO, POLLERS = {"MaximumConcurrency": 2}, {"MinimumPollers": 2, "MaximumPollers": 4}
ERRORS: list[tuple[str, dict[str, Any], Failure]] = [
    ("no source", {}, invalid("Unrecognized event source.")),
    ("no function", {"EventSourceArn": QUEUE, "FunctionName": "none"}, invalid("Function does not exist")),
    (
        "no position",
        {"EventSourceArn": STREAM},
        invalid(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint:"
            " Member must not be null."
        ),
    ),
    (
        "no such position",
        {"EventSourceArn": STREAM, "StartingPosition": "MIDDLE"},
        not_valid(
            "'MIDDLE'",
            "startingPosition",
            "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
        ),
    ),
    (
        "table by time",
        {"EventSourceArn": TABLE, "StartingPosition": "AT_TIMESTAMP"},
        invalid(f"Unsupported starting position for arn type: {TABLE}"),
    ),
    (
        "queue with destination",
        {"EventSourceArn": QUEUE, "DestinationConfig": {"OnFailure": {"Destination": QUEUE}}},
        invalid("Unsupported DestinationConfig parameter for given event source mapping type."),
    ),
    (
        "large batch at once",
        {"EventSourceArn": QUEUE, "BatchSize": 11},
        invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        ),
    ),
    (
        "large batch in order",
        {"EventSourceArn": f"{QUEUE}.fifo", "BatchSize": 11},
        invalid("The maximum batch size of a FIFO queue is 10."),
    ),
    (
        "window in order",
        {"EventSourceArn": f"{QUEUE}.fifo", "MaximumBatchingWindowInSeconds": 1},
        invalid("Batching window is not supported for FIFO queues"),
    ),
    (
        "two ways to scale",
        {"EventSourceArn": QUEUE, "ScalingConfig": TWO, "ProvisionedPollerConfig": POLLERS},
        invalid("ScalingConfig and ProvisionedPollerConfig cannot be set together."),
    ),
    (
        "a stream of so many side by side",
        {"EventSourceArn": STREAM, "StartingPosition": "LATEST", "ScalingConfig": TWO},
        invalid("ScalingConfig is only supported for Amazon SQS event source mappings."),
    ),
    (
        "a stream with pollers",
        {"EventSourceArn": STREAM, "StartingPosition": "LATEST", "ProvisionedPollerConfig": POLLERS},
        invalid(
            "ProvisionedPollerConfig is only supported for Amazon SQS, Amazon MSK and self-managed Apache"
            " Kafka event source mappings."
        ),
    ),
    (
        "more pollers than there may be",
        {"EventSourceArn": QUEUE, "ProvisionedPollerConfig": {"MinimumPollers": 9, "MaximumPollers": 8}},
        invalid("MinimumPollers must not be greater than MaximumPollers."),
    ),
    (
        "one poller of a queue",
        {"EventSourceArn": QUEUE, "ProvisionedPollerConfig": {"MinimumPollers": 1}},
        invalid("MinimumPollers and MaximumPollers of an Amazon SQS event source mapping are at least 2."),
    ),
    (
        "since no time",
        {"EventSourceArn": STREAM, "StartingPosition": "AT_TIMESTAMP"},
        invalid("Need to specify a timestamp"),
    ),
    (
        "too many side by side",
        {"EventSourceArn": QUEUE, "ScalingConfig": {"MaximumConcurrency": 1001}},
        not_valid(
            "'1001'", "scalingConfig.maximumConcurrency", "Member must have value less than or equal to 1000"
        ),
    ),
    (
        "too young to be old",
        {"EventSourceArn": STREAM, "StartingPosition": "LATEST", "MaximumRecordAgeInSeconds": 59},
        invalid("MaximumRecordAgeInSeconds must be -1 or between 60 and 604800."),
    ),
    (
        "too large a batch",
        {"EventSourceArn": STREAM, "StartingPosition": "LATEST", "BatchSize": 10_001},
        not_valid("'10001'", "batchSize", "Member must have value less than or equal to 10000"),
    ),
    (
        "too long a window",
        {"EventSourceArn": QUEUE, "MaximumBatchingWindowInSeconds": 301},
        not_valid(
            "'301'", "maximumBatchingWindowInSeconds", "Member must have value less than or equal to 300"
        ),
    ),
    (
        "too many keys side by side",
        {"EventSourceArn": STREAM, "StartingPosition": "LATEST", "ParallelizationFactor": 11},
        not_valid("'11'", "parallelizationFactor", "Member must have value less than or equal to 10"),
    ),
    (
        "too long a tumbling window",
        {"EventSourceArn": STREAM, "StartingPosition": "LATEST", "TumblingWindowInSeconds": 901},
        not_valid("'901'", "tumblingWindowInSeconds", "Member must have value less than or equal to 900"),
    ),
    (
        "kafka without access",
        {"SelfManagedEventSource": BROKERS, "Topics": ["topic"]},
        invalid("Required 'sourceAccessConfigurations' parameter is missing."),
    ),
]


@pytest.mark.parametrize(("members", "expected"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_what_cannot_be_mapped(own: Lambda, members: dict[str, Any], expected: Failure) -> None:
    assert own.failure(CREATE, **({"FunctionName": "f"} | members)) == expected


def test_how_a_queue_scales_can_be_changed(own: Lambda) -> None:
    uuid = own(CREATE, FunctionName="f", EventSourceArn=QUEUE, ScalingConfig=TWO)["UUID"]
    together = invalid("ScalingConfig and ProvisionedPollerConfig cannot be set together.")
    assert own.failure(UPDATE, UUID=uuid, ProvisionedPollerConfig=POLLERS) == together
    changed = own(UPDATE, UUID=uuid, ScalingConfig={}, ProvisionedPollerConfig=POLLERS)
    assert "ScalingConfig" not in changed
    assert changed["ProvisionedPollerConfig"] == POLLERS
    assert "ProvisionedPollerConfig" not in own(UPDATE, UUID=uuid, ProvisionedPollerConfig={})


def test_duplicates_name_the_mapping_that_is_there(own: Lambda) -> None:
    queue = own(CREATE, FunctionName="f", EventSourceArn=QUEUE)["UUID"]
    position = {"EventSourceArn": STREAM, "StartingPosition": "LATEST"}
    stream = own(CREATE, FunctionName="f", **position)["UUID"]
    kafka = {
        "SelfManagedEventSource": BROKERS,
        "Topics": ["topic"],
        "SourceAccessConfigurations": [{"Type": "VPC_SUBNET", "URI": "subnet:subnet-1"}],
    }
    made = own(CREATE, FunctionName="f", **kafka)
    assert (made["StartingPosition"], made["BatchSize"]) == ("TRIM_HORIZON", 100)
    assert made["SelfManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": made["UUID"]}
    assert "MaximumBatchingWindowInSeconds" not in made
    advice = "Please update or delete the existing mapping with UUID"
    assert own.failure(CREATE, FunctionName="f", EventSourceArn=QUEUE) == conflict(
        f'An event source mapping with SQS arn (" {QUEUE} ") and function (" f ") already'
        f" exists. {advice} {queue}"
    )
    assert own.failure(CREATE, FunctionName="f", **position) == conflict(
        f'The event source arn (" {STREAM} ") and function (" f ") provided mapping already exists.'
        f" {advice} {stream}"
    )
    assert own.failure(CREATE, FunctionName="f", **kafka) == conflict(
        f'An event source mapping with event source ("a:9092,b:9092"), function ("{own.arn("f")}"),'
        f' topics ("topic") already exists. {advice} {made["UUID"]}'
    )
    assert own(CREATE, FunctionName="g", EventSourceArn=QUEUE)["status"] == 202


def test_sources_that_are_not_polled_say_so(own: Lambda) -> None:
    broker = "arn:aws:mq:us-east-1:000000000000:broker:b:b-1"
    uuid = own(CREATE, FunctionName="f", EventSourceArn=broker, Queues=["q"])["UUID"]
    assert reached(own, uuid, "Disabled")["StateTransitionReason"] == (
        "This engine does not poll ActiveMQ and RabbitMQ."
    )


def test_filters_under_a_key_are_told_by_get_but_not_by_lists(own: Lambda) -> None:
    filters = {"Filters": [{"Pattern": '{"body": {"kind": ["order"]}}'}]}
    key = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555"
    created = own(CREATE, FunctionName="f", EventSourceArn=QUEUE, FilterCriteria=filters, KMSKeyArn=key)
    assert own(GET, UUID=created["UUID"])["FilterCriteria"] == filters
    (listed,) = own("list_event_source_mappings", EventSourceArn=QUEUE)["EventSourceMappings"]
    assert listed["KMSKeyArn"] == key
    assert "FilterCriteria" not in listed


def test_lists_filter_and_page(own: Lambda) -> None:
    made = {own(CREATE, FunctionName="f", EventSourceArn=f"{QUEUE}{n}")["UUID"] for n in range(3)}
    other = own(CREATE, FunctionName="g", EventSourceArn=f"{QUEUE}0")["UUID"]
    pages = own.client.get_paginator("list_event_source_mappings").paginate(
        FunctionName="f", PaginationConfig={"PageSize": 2}
    )
    sizes = [[entry["UUID"] for entry in page["EventSourceMappings"]] for page in pages]
    assert [len(page) for page in sizes] == [2, 1]
    assert {uuid for page in sizes for uuid in page} == made
    by_source = own("list_event_source_mappings", EventSourceArn=f"{QUEUE}0")["EventSourceMappings"]
    assert other in {entry["UUID"] for entry in by_source}
    assert len(by_source) == 2
