"""The engine's own way to its neighbours: botocore's words, one small HTTP client."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from botocore.awsrequest import HeadersDict
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import ResponseParserError, create_parser
from botocore.serialize import create_serializer
from botocore.utils import percent_encode_sequence

from lambdatui.engine.triggers.errors import NeighbourError, unreachable
from lambdatui.engine.triggers.frames import PATIENCE_HEADER
from lambdatui.engine.triggers.signing import Header
from lambdatui.engine.triggers.upstream import Response, send

if TYPE_CHECKING:
    from lambdatui.engine.triggers.neighbours import Neighbours


class Client:
    """`await client.call("SendMessage", QueueUrl=..., MessageBody=...)`; made by `Neighbours.client`."""

    def __init__(self, neighbours: Neighbours, service: str, account: str, region: str) -> None:
        self._neighbours = neighbours
        self._service = service
        self._account = account
        self._region = region

    async def call(
        self, operation: str, *, timeout_s: float = 30.0, patience_s: int = 0, **members: Any
    ) -> dict[str, Any]:
        """The operation's answer, by botocore's member names; raises NeighbourError.

        `patience_s`: how long a poll may wait where the neighbours are ours (`Neighbours.ours`).
        """
        model = _model(self._service).operation_model(operation)
        request = _serializer(self._service).serialize_to_request(members, model)
        target, headers, body = self._wire(model, request)
        try:
            async with asyncio.timeout(timeout_s):
                endpoint = await self._neighbours.endpoint()
                scope = (self._account, self._region, str(model.service_model.signing_name))
                headers += endpoint.signature(scope, request["method"], target, headers, body)
                headers.append(("Host", endpoint.own_host or self._neighbours.host))
                if patience_s:
                    headers.append((PATIENCE_HEADER, str(patience_s)))
                response = await send(endpoint, request["method"], target, headers, body)
        except NeighbourError as error:
            raise unreachable(error.message, self._service, operation) from error
        except TimeoutError as error:
            text = f"{self._service} did not answer within {timeout_s:g} s."
            raise unreachable(text, self._service, operation) from error
        except OSError as error:
            raise unreachable(f"{self._service} is gone: {error}.", self._service, operation) from error
        return self._parsed(model, response)

    def _wire(self, model: OperationModel, request: dict[str, Any]) -> tuple[str, list[Header], bytes]:
        query, body = request["query_string"], request["body"]
        if isinstance(query, dict):
            query = percent_encode_sequence(query)
        if isinstance(body, dict):
            body = urlencode(body)
        data = body.encode() if isinstance(body, str) else bytes(body or b"")
        path = request["url_path"]
        headers = [(key, str(value)) for key, value in request["headers"].items()]
        headers.append(("Content-Length", str(len(data))))
        if not query:
            return path, headers, data
        return f"{path}{'&' if '?' in path else '?'}{query}", headers, data

    def _parsed(self, model: OperationModel, response: Response) -> dict[str, Any]:
        streamed = model.has_streaming_output and response.status < 300  # bytes, which no parser may read
        parts = {
            "status_code": response.status,
            "headers": HeadersDict(response.headers),
            "body": b"" if streamed else response.body,
            "context": {"operation_name": model.name},
        }
        parser = create_parser(model.service_model.resolved_protocol)
        try:
            parsed: dict[str, Any] = parser.parse(parts, model.output_shape)
        except ResponseParserError as error:
            text = f"{self._service} answered {response.status}, which is no answer to {model.name}."
            raise unreachable(text, self._service, model.name) from error
        if response.status >= 300:
            error_ = parsed.get("Error", {})
            raise NeighbourError(
                error_.get("Code") or str(response.status),
                error_.get("Message") or "",
                status=response.status,
                service=self._service,
                operation=model.name,
                unreachable=response.status == 503,
            )
        parsed.pop("ResponseMetadata", None)
        if streamed:
            parsed[model.output_shape.serialization["payload"]] = response.body
        return parsed


@cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@cache
def _serializer(service: str) -> Any:
    return create_serializer(_model(service).resolved_protocol)
