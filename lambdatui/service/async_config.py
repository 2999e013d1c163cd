"""What Lambda does with the asynchronous events of a function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdatui.model.attachments import AsyncConfig
from lambdatui.service.clean import clean_line
from lambdatui.service.connection import Connection


class AsyncConfigs:
    """The FunctionEventInvokeConfig operations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self, name: str) -> list[AsyncConfig]:
        """The configs of the function, its versions and aliases."""
        return [
            _config(raw)
            async for page in self._connection.pages(
                "lambda", "list_function_event_invoke_configs", FunctionName=name
            )
            for raw in page.get("FunctionEventInvokeConfigs", ())
        ]

    async def put(self, name: str, config: AsyncConfig) -> None:
        """Make the config what is given; what is None or empty goes back to Lambda's default."""
        params: dict[str, Any] = {"FunctionName": name, **_qualifier(config.qualifier)}
        if config.retries is not None:
            params["MaximumRetryAttempts"] = config.retries
        if config.age_s is not None:
            params["MaximumEventAgeInSeconds"] = config.age_s
        destinations = {"OnSuccess": config.on_success, "OnFailure": config.on_failure}
        params["DestinationConfig"] = {key: {"Destination": arn} for key, arn in destinations.items() if arn}
        await self._connection.call("lambda", "put_function_event_invoke_config", **params)

    async def remove(self, name: str, qualifier: str) -> None:
        """Back to Lambda's defaults: two retries within six hours, nobody told."""
        await self._connection.call(
            "lambda", "delete_function_event_invoke_config", FunctionName=name, **_qualifier(qualifier)
        )


def _qualifier(qualifier: str) -> dict[str, str]:
    return {"Qualifier": qualifier} if qualifier and qualifier != "$LATEST" else {}


def _config(raw: Mapping[str, Any]) -> AsyncConfig:
    destinations = raw.get("DestinationConfig") or {}

    def to(key: str) -> str:
        return clean_line((destinations.get(key) or {}).get("Destination", ""))

    return AsyncConfig(
        qualifier=_qualifier_of(clean_line(raw.get("FunctionArn", ""))),
        retries=raw.get("MaximumRetryAttempts"),
        age_s=raw.get("MaximumEventAgeInSeconds"),
        on_success=to("OnSuccess"),
        on_failure=to("OnFailure"),
        modified=raw.get("LastModified"),
    )


def _qualifier_of(arn: str) -> str:
    parts = arn.split(":")
    return parts[7] if len(parts) > 7 else "$LATEST"
