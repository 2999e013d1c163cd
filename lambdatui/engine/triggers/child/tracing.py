"""The trace header goes on: SDKs in functions send it, queues carry it, loops are found by it."""

from __future__ import annotations

from typing import Any

from lambdatui.engine.triggers.child.patching import replace

CARRIER = "AWSTraceHeader"


def header() -> str | None:
    """The trace header of the request that this thread serves."""
    from flask import has_request_context, request

    return request.headers.get("X-Amzn-Trace-Id") if has_request_context() else None


def attach() -> None:
    """Has SQS keep the header with the message, unless the sender gave one."""
    from moto.sqs import models

    send: Any = models.SQSBackend.send_message

    def send_message(
        self: Any, *args: Any, system_attributes: dict[str, Any] | None = None, **more: Any
    ) -> Any:
        carried = dict(system_attributes or {})
        trace = header()
        if trace and CARRIER not in carried:
            carried[CARRIER] = {"DataType": "String", "StringValue": trace}
        return send(self, *args, system_attributes=carried or None, **more)

    replace(models.SQSBackend, send_message=send_message)
