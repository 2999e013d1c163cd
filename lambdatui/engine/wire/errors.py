"""Errors as AWS words them; the protocols turn them into bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ApiError(Exception):
    """An answer other than success. `status` is only needed where the model's own differs or has none."""

    def __init__(
        self,
        code: str,
        message: str | None,
        status: int | None = None,
        *,
        type: str | None = "User",  # noqa: A002 - AWS's own name for it
        extra: Mapping[str, Any] = {},
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.type = type
        self.extra = extra


def not_found(message: str) -> ApiError:
    return ApiError("ResourceNotFoundException", message)


def invalid_parameter(message: str, type: str | None = "User") -> ApiError:  # noqa: A002
    return ApiError("InvalidParameterValueException", message, type=type)


def conflict(message: str) -> ApiError:
    return ApiError("ResourceConflictException", message)


def precondition_failed(message: str) -> ApiError:
    return ApiError("PreconditionFailedException", message)


def validation(errors: Sequence[str]) -> ApiError:
    """The one error that lists everything that is wrong with the shape of a request."""
    return ApiError("ValidationException", validation_text(errors), 400, type=None)


def validation_text(errors: Sequence[str]) -> str:
    noun = "error" if len(errors) == 1 else "errors"
    return f"{len(errors)} validation {noun} detected: {'; '.join(errors)}"


def serialization(message: str) -> ApiError:
    return ApiError("SerializationException", message, 400, type=None)


def service_failure(message: str | None = None) -> ApiError:
    """What a caller hears when it is our fault; of a defect the details go to the engine's stderr."""
    text = message or "The engine failed to handle this request; its log on stderr says more."
    return ApiError("ServiceException", text, 500, type="Service")
