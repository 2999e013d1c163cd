"""What the protocols have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from lambdatui.engine.wire.errors import ApiError
from lambdatui.engine.wire.model import Json, Operation, ServiceModel

# What the door says to every service has older names in the query protocol.
OLD_CODES = {
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "UnrecognizedClientException": "InvalidClientTokenId",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "IncompleteSignatureException": "IncompleteSignature",
    "ExpiredTokenException": "ExpiredToken",
    "AccessDeniedException": "AccessDenied",
    "ValidationException": "ValidationError",
    "UnknownOperationException": "InvalidAction",
    "ServiceException": "InternalFailure",
}

OF_THE_DOOR = frozenset(list(OLD_CODES)[:5])
"""Said before a service is asked, whatever that service itself calls by the same name."""

REQUEST_ID = "x-amzn-RequestId"
ERROR_TYPE = "x-amzn-ErrorType"


class Request(Protocol):
    """The part of an HTTP exchange that a protocol reads."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query(self) -> str: ...
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def body(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Match:
    """The operation that a request names, and what its path says beside."""

    operation: Operation
    labels: dict[str, str]


@dataclass(slots=True)
class Reply:
    """An answer, ready to be sent."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""


class WireProtocol(ABC):
    """One protocol, for one service."""

    content_type: ClassVar[str]

    def __init__(self, model: ServiceModel, statuses: dict[str, int]) -> None:
        self.model = model
        self._statuses = statuses

    @staticmethod
    def speaks(request: Request) -> bool:
        """Whether a request is made by this protocol, where a service has several."""
        return True

    @abstractmethod
    def match(self, request: Request) -> Match:
        """The operation that is asked for; raises ApiError if there is none such."""

    def headers_of(self, match: Match) -> tuple[str, ...] | None:
        """The headers that, with path and query, say everything but the body; None if more than those do."""
        return None

    @abstractmethod
    def parse(self, match: Match, request: Request) -> dict[str, Any]:
        """The members of the operation's input as Python values; raises ApiError."""

    @abstractmethod
    def reply(self, operation: Operation, result: dict[str, Any], request_id: str) -> Reply: ...

    @abstractmethod
    def fail(self, error: ApiError, request_id: str) -> Reply: ...

    def status_of(self, operation: Operation, result: dict[str, Any]) -> int:
        known = self._statuses.get(operation.name, operation.status)
        return int(result.get("__status__") or known)

    def error_status(self, error: ApiError, shape: Json | None) -> int:
        if error.status is not None:
            return error.status
        modelled = (shape or {}).get("error", {}).get("httpStatusCode")
        if modelled is None and shape is not None and shape.get("fault"):
            return 500
        return int(modelled or 400)


def unknown_operation(what: str) -> ApiError:
    return ApiError("UnknownOperationException", what, 404, type=None)


def query_error(model: ServiceModel, shape: Json | None, code: str, status: int) -> list[tuple[str, str]]:
    """The header in which services that spoke the query protocol say an error's older name."""
    if "awsQueryCompatible" not in model.metadata:
        return []
    side = "Sender" if status < 500 else "Receiver"
    return [("x-amzn-query-error", f"{error_code(shape, OLD_CODES.get(code, code))};{side}")]


def error_code(shape: Json | None, code: str) -> str:
    """Some services say another code on the wire than their shape's name."""
    return str((shape or {}).get("error", {}).get("code", code))
