"""S3's notifications: in AWS's shape, to our functions, and checked when they are configured."""

from __future__ import annotations

import secrets
import time
from typing import Any
from urllib.parse import quote_plus

from lambdatui.engine.triggers.child import tracing
from lambdatui.engine.triggers.child.channel import Channel
from lambdatui.engine.triggers.child.events import send as send_event
from lambdatui.engine.triggers.child.patching import replace

REASONS = {
    "ObjectCreated:Put": "PutObject",
    "ObjectCreated:Post": "POST Object",
    "ObjectCreated:Copy": "CopyObject",
    "ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
    "ObjectRemoved:Delete": "DeleteObject",
    "ObjectRemoved:DeleteMarkerCreated": "DeleteObject",
}


def attach(channel: Channel) -> None:
    """Replaces moto's way to functions and to EventBridge."""
    from moto.s3 import exceptions, models, notifications

    def notify_function(_: str, event: Any, arn: str, __: str) -> None:
        bucket = event["Records"][0]["s3"]["bucket"]
        owner = bucket.get("ownerIdentity", {}).get("principalId", "")
        channel.tell(
            "s3", function=arn, bucket=bucket["arn"], account=owner, event=event, trace=tracing.header()
        )

    def notify_bus(account: str, bucket: Any, event_name: Any, key: Any) -> None:
        send_event(account, bucket.region_name, _bus_event(account, bucket, str(event_name.value), key))

    replace(
        notifications,
        _get_s3_event=_record,
        _invoke_awslambda=notify_function,
        _send_event_bridge_message=notify_bus,
    )

    _only_what_was_asked(notifications)
    configure = models.FakeBucket.set_notification_configuration

    def checked(self: Any, config: Any) -> None:
        wanted = (config or {}).get("CloudFunctionConfiguration") or []
        for one in wanted if isinstance(wanted, list) else [wanted]:
            arn = str(one.get("CloudFunction", ""))
            if not channel.ask("s3-may", function=arn, bucket=self.arn, account=self.account_id):
                raise exceptions.S3ClientError(
                    "InvalidArgument", "Unable to validate the following destination configurations"
                )
        configure(self, config)

    replace(models.FakeBucket, set_notification_configuration=checked)
    _tell_of_delete_markers(models, notifications)


def _only_what_was_asked(notifications: Any) -> None:
    """moto says of every object that its readers and tags were set; AWS only where somebody asked for it."""
    from flask import request

    events = notifications.S3NotificationEvent
    aside = {events.OBJECT_ACL_UPDATE_EVENT: "acl", events.OBJECT_TAGGING_PUT_EVENT: "tagging"}
    send = notifications.send_event

    def send_asked(account_id: str, event_name: Any, bucket: Any, key: Any) -> None:
        if event_name not in aside or aside[event_name] in request.args:
            send(account_id, event_name, bucket, key)

    replace(notifications, send_event=send_asked)


def _tell_of_delete_markers(models: Any, notifications: Any) -> None:
    """A delete in a versioned bucket leaves a marker, of which moto says nothing."""
    mark = models.S3Backend._set_delete_marker

    def marked(self: Any, bucket_name: str, key_name: str) -> Any:
        marker = mark(self, bucket_name, key_name)
        event = notifications.S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
        notifications.send_event(self.account_id, event, self.get_bucket(bucket_name), marker)
        return marker

    replace(models.S3Backend, _set_delete_marker=marked)


def _record(event_name: str, bucket: Any, key: Any, notification_id: str) -> dict[str, Any]:
    from moto.core.utils import iso_8601_datetime_with_milliseconds

    name = getattr(event_name, "value", event_name).removeprefix("s3:")
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": bucket.region_name,
                "eventTime": iso_8601_datetime_with_milliseconds(),
                "eventName": name,
                "userIdentity": {"principalId": f"AWS:{bucket.account_id}"},
                "requestParameters": {"sourceIPAddress": "127.0.0.1"},
                "responseElements": {
                    "x-amz-request-id": secrets.token_hex(8).upper(),
                    "x-amz-id-2": secrets.token_urlsafe(48),
                },
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": notification_id,
                    "bucket": {
                        "name": bucket.name,
                        "ownerIdentity": {"principalId": bucket.account_id},
                        "arn": bucket.arn,
                    },
                    "object": _object(name, bucket, key, "eTag", quote_plus(key.name, safe="/"), "versionId"),
                },
            }
        ]
    }


def _object(name: str, bucket: Any, key: Any, etag: str, shown: str, version: str) -> dict[str, Any]:
    """The object of an event; one that was removed has no size."""
    made: dict[str, Any] = {"key": shown}
    if not name.startswith("ObjectRemoved"):
        made |= {"size": key.size, etag: key.etag.replace('"', "")}
    if bucket.is_versioned:
        made[version] = str(key.version_id)
    return {**made, "sequencer": f"{time.time_ns():018X}"}


def _bus_event(account: str, bucket: Any, event_name: str, key: Any) -> dict[str, Any]:
    from moto.s3.notifications import _detail_type

    name = event_name.removeprefix("s3:")
    return {
        "detail-type": _detail_type(event_name),
        "source": "aws.s3",
        "resources": [bucket.arn],
        "detail": {
            "version": "0",
            "bucket": {"name": bucket.name},
            "object": _object(name, bucket, key, "etag", key.name, "version-id"),
            "request-id": secrets.token_hex(8).upper(),
            "requester": account,
            "source-ip-address": "127.0.0.1",
            "reason": REASONS.get(name, name.partition(":")[2]),
        },
    }
