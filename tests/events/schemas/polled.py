"""Queues and streams, which Lambda reads by itself."""

from __future__ import annotations

from typing import Any

SQS_ATTRIBUTES = {
    "ApproximateReceiveCount": "digits",
    "SentTimestamp": "digits",
    "SenderId": "text",
    "ApproximateFirstReceiveTimestamp": "digits",
    "AWSTraceHeader?": "text",
    "DeadLetterQueueSourceArn?": "arn",
}


def sqs(**more: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": "uuid",
                "receiptHandle": "base64",
                "body": "text",
                "attributes": {**SQS_ATTRIBUTES, **more},
                "messageAttributes": "object",
                "md5OfMessageAttributes?": "hex?",
                "md5OfBody": "hex",
                "eventSource": "=aws:sqs",
                "eventSourceARN": "arn",
                "awsRegion": "=us-east-1",
            }
        ]
    }


KINESIS_RECORD = {
    "kinesis": {
        "kinesisSchemaVersion": "=1.0",
        "partitionKey": "text",
        "sequenceNumber": "digits",
        "data": "base64",
        "approximateArrivalTimestamp": "float",
    },
    "eventSource": "=aws:kinesis",
    "eventVersion": "=1.0",
    "eventID": "text",
    "eventName": "=aws:kinesis:record",
    "invokeIdentityArn": "arn",
    "awsRegion": "text",
    "eventSourceARN": "arn",
}


def dynamodb(name: str, images: dict[str, str], **more: Any) -> dict[str, Any]:
    change = {
        "ApproximateCreationDateTime": "float",
        "Keys": "object",
        **images,
        "SequenceNumber": "digits",
        "SizeBytes": "int",
        "StreamViewType": "=NEW_AND_OLD_IMAGES",
    }
    return {
        "Records": [
            {
                "eventID": "hex",
                "eventName": f"={name}",
                "eventVersion": "=1.1",
                "eventSource": "=aws:dynamodb",
                "awsRegion": "text",
                "dynamodb": change,
                "eventSourceARN": "arn",
                **more,
            }
        ]
    }


WINDOW = {
    "window": {"start": "iso", "end": "iso"},
    "state": "object",
    "shardId": "text",
    "eventSourceARN": "arn",
    "isFinalInvokeForWindow": "bool",
    "isWindowTerminatedEarly": "bool",
}


KAFKA_RECORDS = {
    "my-topic-0": [
        {
            "topic": "text",
            "partition": "int",
            "offset": "int",
            "timestamp": "int",
            "timestampType": "=CREATE_TIME",
            "key": "base64",
            "value": "base64",
            "headers": "array",
        }
    ]
}


SCHEMAS: dict[str, Any] = {
    "sqs": sqs(),
    "sqs-fifo": sqs(SequenceNumber="digits", MessageGroupId="text", MessageDeduplicationId="text"),
    "kinesis": {"Records": [KINESIS_RECORD]},
    "kinesis-window": {"Records": [KINESIS_RECORD], **WINDOW},
    "dynamodb-window": dynamodb("MODIFY", {"NewImage": "object", "OldImage": "object"}) | WINDOW,
    "dynamodb-insert": dynamodb("INSERT", {"NewImage": "object"}),
    "dynamodb-modify": dynamodb("MODIFY", {"NewImage": "object", "OldImage": "object"}),
    "dynamodb-remove": dynamodb("REMOVE", {"OldImage": "object"}),
    "dynamodb-ttl": dynamodb(
        "REMOVE",
        {"OldImage": "object"},
        userIdentity={"type": "=Service", "principalId": "=dynamodb.amazonaws.com"},
    ),
    "msk": {
        "eventSource": "=aws:kafka",
        "eventSourceArn": "arn",
        "bootstrapServers": "text",
        "records": KAFKA_RECORDS,
    },
    "kafka": {"eventSource": "=SelfManagedKafka", "bootstrapServers": "text", "records": KAFKA_RECORDS},
    "activemq": {
        "eventSource": "=aws:mq",
        "eventSourceArn": "arn",
        "messages": [
            {
                "messageID": "text",
                "messageType": "=jms/text-message",
                "deliveryMode": "int",
                "replyTo": "text?",
                "type": "text?",
                "expiration": "int",
                "priority": "int",
                "correlationId": "text",
                "redelivered": "bool",
                "destination": {"physicalName": "text"},
                "data": "base64",
                "timestamp": "int",
                "brokerInTime": "int",
                "brokerOutTime": "int",
                "connectionId": "text",
                "properties": "object",
            }
        ],
    },
    "rabbitmq": {
        "eventSource": "=aws:rmq",
        "eventSourceArn": "arn",
        "rmqMessagesByQueue": {
            "my-queue::/": [{"basicProperties": "object", "redelivered": "bool", "data": "base64"}]
        },
    },
    "documentdb": {
        "eventSourceArn": "arn",
        "events": [
            {
                "event": {
                    "_id": "object",
                    "clusterTime": "object",
                    "documentKey": "object",
                    "fullDocument": "object",
                    "ns": {"db": "text", "coll": "text"},
                    "operationType": "=insert",
                }
            }
        ],
        "eventSource": "=aws:docdb",
    },
    "firehose": {
        "invocationId": "uuid",
        "deliveryStreamArn": "arn",
        "region": "text",
        "records": [{"recordId": "text", "approximateArrivalTimestamp": "int", "data": "base64"}],
    },
}
