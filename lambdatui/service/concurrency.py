"""How many environments of a function may run, and how many are kept ready."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdatui.model.attachments import Provisioned
from lambdatui.service.clean import clean_line
from lambdatui.service.connection import Connection


class Concurrency:
    """Reserved and provisioned concurrency."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def reserved(self, name: str) -> int | None:
        """The reservation, which is also the limit; None when there is none."""
        raw = await self._connection.call("lambda", "get_function_concurrency", FunctionName=name)
        found = raw.get("ReservedConcurrentExecutions")
        return None if found is None else int(found)

    async def reserve(self, name: str, count: int) -> None:
        """Keep that many for the function, and allow it no more; 0 stops it."""
        await self._connection.call(
            "lambda", "put_function_concurrency", FunctionName=name, ReservedConcurrentExecutions=count
        )

    async def unreserve(self, name: str) -> None:
        """Let the function share what is unreserved again."""
        await self._connection.call("lambda", "delete_function_concurrency", FunctionName=name)

    async def provisioned(self, name: str) -> list[Provisioned]:
        """What is kept ready, by version and alias."""
        return [
            _provisioned(raw)
            async for page in self._connection.pages(
                "lambda", "list_provisioned_concurrency_configs", FunctionName=name
            )
            for raw in page.get("ProvisionedConcurrencyConfigs", ())
        ]

    async def provision(self, name: str, qualifier: str, count: int) -> None:
        """Keep that many environments of a version or alias ready."""
        await self._connection.call(
            "lambda",
            "put_provisioned_concurrency_config",
            FunctionName=name,
            Qualifier=qualifier,
            ProvisionedConcurrentExecutions=count,
        )

    async def unprovision(self, name: str, qualifier: str) -> None:
        """Keep none ready any more."""
        await self._connection.call(
            "lambda", "delete_provisioned_concurrency_config", FunctionName=name, Qualifier=qualifier
        )


def _provisioned(raw: Mapping[str, Any]) -> Provisioned:
    return Provisioned(
        qualifier=clean_line(raw["FunctionArn"]).rpartition(":")[2],
        requested=int(raw.get("RequestedProvisionedConcurrentExecutions", 0)),
        allocated=int(raw.get("AllocatedProvisionedConcurrentExecutions", 0)),
        available=int(raw.get("AvailableProvisionedConcurrentExecutions", 0)),
        status=clean_line(raw.get("Status", "")),
        reason=clean_line(raw.get("StatusReason", "")),
    )
