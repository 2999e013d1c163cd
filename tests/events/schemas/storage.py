"""S3, by itself, by EventBridge and by its batches."""

from __future__ import annotations

from typing import Any

from tests.events.schemas.messaging import EVENTBRIDGE


def s3_batch(version: str, job: dict[str, str], **task: str) -> dict[str, Any]:
    return {
        "invocationSchemaVersion": f"={version}",
        "invocationId": "text",
        "job": job,
        "tasks": [{"taskId": "text", "s3Key": "text", "s3VersionId": "text?", **task}],
    }


SCHEMAS: dict[str, Any] = {
    "s3": {
        "Records": [
            {
                "eventVersion": "text",
                "eventSource": "=aws:s3",
                "awsRegion": "text",
                "eventTime": "iso_ms",
                "eventName": "=ObjectCreated:Put",
                "userIdentity": {"principalId": "text"},
                "requestParameters": {"sourceIPAddress": "text"},
                "responseElements": {"x-amz-request-id": "text", "x-amz-id-2": "text"},
                "s3": {
                    "s3SchemaVersion": "=1.0",
                    "configurationId": "text",
                    "bucket": {"name": "text", "ownerIdentity": {"principalId": "text"}, "arn": "arn"},
                    "object": {"key": "text", "size": "int", "eTag": "hex", "sequencer": "hex"},
                },
            }
        ]
    },
    "s3-test": {
        "Service": "=Amazon S3",
        "Event": "=s3:TestEvent",
        "Time": "iso_ms",
        "Bucket": "text",
        "RequestId": "text",
        "HostId": "text",
    },
    "s3-eventbridge": {
        **EVENTBRIDGE,
        "detail-type": "=Object Created",
        "source": "=aws.s3",
        "detail": {
            "version": "=0",
            "bucket": {"name": "text"},
            "object": {"key": "=folder/my file.txt", "size": "int", "etag": "hex", "sequencer": "hex"},
            "request-id": "text",
            "requester": "digits",
            "source-ip-address": "text",
            "reason": "=PutObject",
        },
    },
    "s3-batch-1": s3_batch("1.0", {"id": "uuid"}, s3BucketArn="arn"),
    "s3-batch-2": s3_batch("2.0", {"id": "uuid", "userArguments": "object"}, s3Bucket="text"),
}
