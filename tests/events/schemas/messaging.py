"""Topics, buses, schedules, devices and mail."""

from __future__ import annotations

from typing import Any

EVENTBRIDGE = {
    "version": "=0",
    "id": "uuid",
    "detail-type": "text",
    "source": "text",
    "account": "digits",
    "time": "iso",
    "region": "text",
    "resources": "array",
    "detail": "object",
}


SCHEMAS: dict[str, Any] = {
    "sns": {
        "Records": [
            {
                "EventSource": "=aws:sns",
                "EventVersion": "=1.0",
                "EventSubscriptionArn": "arn",
                "Sns": {
                    "Type": "=Notification",
                    "MessageId": "uuid",
                    "TopicArn": "arn",
                    "Subject": "text?",
                    "Message": "text",
                    "Timestamp": "iso_ms",
                    "SignatureVersion": "=1",
                    "Signature": "base64",
                    "SigningCertUrl": "text",
                    "UnsubscribeUrl": "text",
                    "MessageAttributes": "object",
                },
            }
        ]
    },
    "eventbridge": EVENTBRIDGE,
    "schedule": {**EVENTBRIDGE, "detail-type": "=Scheduled Event", "source": "=aws.events", "detail": {}},
    "scheduler": {},
    "iot": {"temperature": "float", "topic": "text", "timestamp": "int", "client_id": "text"},
    "iot-events": {
        "eventName": "text",
        "eventTime": "int",
        "payload": {
            "actionExecutionId": "uuid",
            "detector": {"detectorModelName": "text", "keyValue": "text", "detectorModelVersion": "text"},
            "eventTriggerDetails": {"inputName": "text", "messageId": "uuid", "triggerType": "text"},
            "state": {"stateName": "text", "variables": "object", "timers": "object"},
        },
    },
    "ses": {
        "Records": [
            {
                "eventSource": "=aws:ses",
                "eventVersion": "=1.0",
                "ses": {
                    "mail": {
                        "timestamp": "iso_ms",
                        "source": "text",
                        "messageId": "text",
                        "destination": "array",
                        "headersTruncated": "bool",
                        "headers": [{"name": "text", "value": "text"}],
                        "commonHeaders": {
                            "returnPath": "text",
                            "from": "array",
                            "date": "text",
                            "to": "array",
                            "messageId": "text",
                            "subject": "text",
                        },
                    },
                    "receipt": {
                        "timestamp": "iso_ms",
                        "processingTimeMillis": "int",
                        "recipients": "array",
                        **{
                            f"{name}Verdict": {"status": "=PASS"}
                            for name in ("spam", "virus", "spf", "dkim", "dmarc")
                        },
                        "action": {"type": "=Lambda", "functionArn": "arn", "invocationType": "=Event"},
                    },
                },
            }
        ]
    },
}
