"""What Lambda itself sends to destinations."""

from __future__ import annotations

from typing import Any

from tests.events.schemas.messaging import EVENTBRIDGE


def failed_batch(name: str, arrival: str) -> dict[str, Any]:
    return {
        "requestContext": {
            "requestId": "uuid",
            "functionArn": "arn",
            "condition": "=RetryAttemptsExhausted",
            "approximateInvokeCount": "int",
        },
        "responseContext": {"statusCode": "int", "executedVersion": "text", "functionError": "text?"},
        "version": "=1.0",
        "timestamp": "iso_ms",
        name: {
            "shardId": "text",
            "startSequenceNumber": "digits",
            "endSequenceNumber": "digits",
            "approximateArrivalOfFirstRecord": arrival,
            "approximateArrivalOfLastRecord": arrival,
            "batchSize": "int",
            "streamArn": "arn",
        },
    }


def result(condition: str, **response: Any) -> dict[str, Any]:
    return {
        "version": "=1.0",
        "timestamp": "iso_ms",
        "requestContext": {
            "requestId": "uuid",
            "functionArn": "arn",
            "condition": f"={condition}",
            "approximateInvokeCount": "int",
        },
        "requestPayload": "any",
        "responseContext": {"statusCode": "int", "executedVersion": "text", **response},
        "responsePayload": "any",
    }


SCHEMAS: dict[str, Any] = {
    "destination-success": result("Success"),
    "destination-failure": result("RetriesExhausted", functionError="=Unhandled"),
    "destination-eventbridge": {
        **EVENTBRIDGE,
        "detail-type": "=Lambda Function Invocation Result - Failure",
        "source": "=lambda",
        "detail": result("RetriesExhausted", functionError="=Unhandled"),
    },
    "kafka-failure": {
        **{name: told for name, told in failed_batch("", "").items() if name},
        "KafkaBatchInfo": {
            "batchSize": "int",
            "eventSourceArn": "arn",
            "bootstrapServers": "text",
            "payloadSize": "int",
            "recordsInfo": {
                "my-topic-0": {
                    "firstRecordOffset": "digits",
                    "lastRecordOffset": "digits",
                    "firstRecordTimestamp": "iso_ms",
                    "lastRecordTimestamp": "iso_ms",
                }
            },
        },
    },
    "kinesis-failure": failed_batch("KinesisBatchInfo", "iso_ms"),
    "dynamodb-failure": failed_batch("DDBStreamBatchInfo", "iso"),
}
