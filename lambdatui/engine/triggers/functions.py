"""Events for our functions from the services beside them: the resource policy decides, the queue keeps."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambdatui.engine.context import new_request_id
from lambdatui.engine.dispatch import InvokeRequest
from lambdatui.engine.permissions import Decision, Request, decide
from lambdatui.engine.store import facets, versions
from lambdatui.engine.store.versions import LATEST

if TYPE_CHECKING:
    from lambdatui.engine.queue import EventQueue
    from lambdatui.engine.store import Store

logger = logging.getLogger(__name__)

_ARN = re.compile(
    r"arn:aws[\w-]*:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):function:(?P<name>[\w-]+)"
    r"(?::(?P<qualifier>\$LATEST|[\w-]+))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class FunctionName:
    """A function, and the version or alias that an ARN named."""

    account: str
    region: str
    name: str
    qualifier: str | None

    @classmethod
    def of(cls, arn: str) -> FunctionName | None:
        match = _ARN.fullmatch(arn)
        return None if match is None else cls(**match.groupdict())

    @property
    def key(self) -> tuple[str, str, str]:
        return self.account, self.region, self.name

    def request(self, payload: bytes, trace: str | None = None) -> InvokeRequest:
        return InvokeRequest(*self.key, self.qualifier, payload, new_request_id(), trace_id=trace)


@dataclass(frozen=True, slots=True)
class Sender:
    """The service that sends, and on whose behalf."""

    service: str
    source_arn: str | None = None
    source_account: str | None = None
    also: str | None = None
    """Another name of the service, by which a policy may name it as well."""


class Functions:
    """Whether somebody may invoke, and the invocation."""

    def __init__(self, store: Store, queue: EventQueue) -> None:
        self._store = store
        self._queue = queue

    def exists(self, arn: str) -> FunctionName | None:
        """The function of an ARN, if it is there."""
        function = FunctionName.of(arn)
        if function is None:
            return None
        conn = self._store.read()
        return function if versions.get_version(conn, *function.key, function.qualifier) else None

    def may(self, function: FunctionName, arn: str, sender: Sender) -> Decision:
        """What the policy of the function, or of the version or alias that is named, says to a service."""
        qualifier = "" if function.qualifier in (None, LATEST) else str(function.qualifier)
        policy = facets.get(self._store.read(), *function.key, "policy", qualifier) or {}
        context = {"aws:SourceArn": sender.source_arn, "aws:SourceAccount": sender.source_account}
        request = Request(
            principal={"Service": sender.service},
            resource=arn.removesuffix(f":{LATEST}"),
            context={key: value for key, value in context.items() if value is not None},
        )
        statements = policy.get("Statement", ())
        decision = decide(statements, request)
        if decision.allowed or sender.also is None:
            return decision
        return decide(statements, replace(request, principal={"Service": sender.also}))

    async def deliver(
        self, arn: str, payload: bytes, sender: Sender | None, trace: str | None = None
    ) -> str | None:
        """Queues an event; why not, if it may not or cannot. Without `sender` a role decides: it may.

        `trace` is the trace header of what led to the event.
        """
        function = self.exists(arn)
        if function is None:
            return f"Function not found: {arn}"
        decision = self.may(function, arn, sender) if sender is not None else None
        if decision is not None and not decision.allowed:
            return f"{sender.service if sender else ''} is not authorized to invoke {arn}. {decision.why}"
        await self._queue.accept(function.request(payload, trace))
        return None
