"""In the place of a caller that waits to be called back: CloudFormation, CodePipeline, Config."""

from __future__ import annotations

import json
import re
from typing import Any

from lambdatui.events import CalledBack, Sample
from lambdatui.model.callback import CallBack
from lambdatui.service import Service

_OF_NOBODY = re.compile(r"https://cloudformation-custom-resource-response-[^/]+\.amazonaws\.com(\.cn)?/.*")


async def expect(service: Service, sample: Sample, event: bytes) -> tuple[CallBack | None, bytes]:
    """Wait from now on, if this sample's caller does and the target can; the event with its address."""
    if service.callbacks is None:
        return None, event
    document: Any = json.loads(event)
    if sample.judge == "cloudformation":
        if not _OF_NOBODY.fullmatch(document["ResponseURL"]):
            return None, event  # the user's own address listens
        waiting = await service.callbacks.wait_for("cloudformation")
        document["ResponseURL"] = waiting.url
        return waiting, json.dumps(document).encode()
    if sample.judge == "codepipeline":
        return await service.callbacks.wait_for("codepipeline", document["CodePipeline.job"]["id"]), event
    if sample.judge == "config":
        return await service.callbacks.wait_for("config", document["resultToken"]), event
    return None, event


async def called(service: Service, waiting: CallBack, wait_s: float) -> CalledBack:
    """What came within so many seconds."""
    assert service.callbacks is not None
    found = await service.callbacks.answer(waiting, wait_s)
    until = f"{found.deadline.astimezone():%H:%M:%S}" if found.deadline is not None else ""
    return CalledBack(found.call, found.answer, wait_s, until, found.refused)
