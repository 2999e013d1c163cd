"""Where a dead letter came from: SQS says so to whoever receives it."""

from __future__ import annotations

import threading
from typing import Any

from lambdatui.engine.triggers.child.patching import replace

NAME = "DeadLetterQueueSourceArn"
_HOME, _SOURCE = "lambdatui_home", "lambdatui_source"


def attach() -> None:
    """Has moto's queues note the way of every message, and tell of it."""
    from moto.sqs import models, responses

    add, receive = models.Queue.add_message, models.SQSBackend.receive_message
    answer = responses.SQSResponse.receive_message
    found = threading.local()

    def add_message(self: Any, message: Any) -> None:
        if home := getattr(message, _HOME, None):  # only a redrive policy moves a message
            setattr(message, _SOURCE, home)
        setattr(message, _HOME, self.queue_arn)
        add(self, message)

    def received(self: Any, *args: Any, **more: Any) -> Any:
        messages = receive(self, *args, **more)
        found.sources = {
            one.receipt_handle: source for one in messages if (source := getattr(one, _SOURCE, None))
        }
        return messages

    def receive_message(self: Any) -> Any:
        found.sources = {}
        told: Any = answer(self)
        asked = {*self._get_param("AttributeNames", []), *self._get_param("MessageSystemAttributeNames", [])}
        if found.sources and asked & {"All", NAME}:
            for one in told.result.get("Messages", ()):
                if source := found.sources.get(one["ReceiptHandle"]):
                    one.setdefault("Attributes", {})[NAME] = source
        return told

    replace(models.Queue, add_message=add_message)
    replace(models.SQSBackend, receive_message=received)
    replace(responses.SQSResponse, receive_message=receive_message)
