"""Function URLs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdatui.model.attachments import FunctionUrl
from lambdatui.service.clean import clean_line
from lambdatui.service.connection import Connection
from lambdatui.service.errors import ServiceError


class Urls:
    """The FunctionUrlConfig operations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._streams: dict[str, frozenset[str]] = {}  # qualifiers that stream, of functions asked about

    async def streams(self, name: str, qualifier: str | None = None) -> bool:
        """Whether the function's URL streams its answers; asked once, and no when nobody may know."""
        if name not in self._streams:
            try:
                found = await self.list(name)
            except ServiceError:
                found = []
            self._streams[name] = frozenset(url.qualifier for url in found if url.mode == "RESPONSE_STREAM")
        return (qualifier or "") in self._streams[name]

    async def list(self, name: str) -> list[FunctionUrl]:
        """The URLs of the function and its aliases."""
        return [
            _url(raw)
            async for page in self._connection.pages("lambda", "list_function_url_configs", FunctionName=name)
            for raw in page.get("FunctionUrlConfigs", ())
        ]

    async def create(self, name: str, *, qualifier: str = "", auth: str = "AWS_IAM") -> FunctionUrl:
        """Give the function or an alias an address. Nobody may call it before grants say so."""
        return _url(
            await self._connection.call(
                "lambda", "create_function_url_config", FunctionName=name, AuthType=auth, **_chosen(qualifier)
            )
        )

    async def set_auth(self, name: str, qualifier: str, auth: str) -> FunctionUrl:
        """Whether callers must sign (AWS_IAM) or not (NONE)."""
        return _url(
            await self._connection.call(
                "lambda", "update_function_url_config", FunctionName=name, AuthType=auth, **_chosen(qualifier)
            )
        )

    async def remove(self, name: str, qualifier: str = "") -> None:
        """Delete the address; a new one will read differently."""
        await self._connection.call(
            "lambda", "delete_function_url_config", FunctionName=name, **_chosen(qualifier)
        )


def _chosen(qualifier: str) -> dict[str, str]:
    return {"Qualifier": qualifier} if qualifier else {}


def _url(raw: Mapping[str, Any]) -> FunctionUrl:
    parts = clean_line(raw.get("FunctionArn", "")).split(":")
    return FunctionUrl(
        url=clean_line(raw["FunctionUrl"]),
        qualifier=parts[7] if len(parts) > 7 else "",
        auth=clean_line(raw.get("AuthType", "")),
        mode=clean_line(raw.get("InvokeMode") or "BUFFERED"),
        origins=tuple(map(clean_line, (raw.get("Cors") or {}).get("AllowOrigins") or ())),
    )
