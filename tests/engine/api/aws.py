"""Lambda as tests reach it: by an SDK, with answers and errors that compare."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::000000000000:role/lambda"
CODE = "def handler(event, context):\n    return event\n"
WITHIN = 30.0

Answer = dict[str, Any]


def zipped(code: str = CODE, name: str = "handler.py") -> bytes:
    """A package with one file; the same code gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr(zipfile.ZipInfo(name), code)
    return buffer.getvalue()


NEW: dict[str, Any] = {
    "Runtime": "python3.12",
    "Role": ROLE,
    "Handler": "handler.handler",
    "Code": {"ZipFile": zipped()},
}
"""What a function is created with."""


@dataclass(frozen=True)
class Failure:
    """What a caller sees of an error."""

    status: int
    code: str
    message: str | None
    type: str | None


@dataclass
class Lambda:
    """One account's Lambda, reached as an SDK reaches it."""

    client: Any
    account: str
    region: str = "us-east-1"

    def __call__(self, operation: str, **members: Any) -> Answer:
        """Call an operation; the answer without what the SDK adds, but with ``status``."""
        answer: Answer = getattr(self.client, operation)(**members)
        return answer | {"status": answer.pop("ResponseMetadata")["HTTPStatusCode"]}

    def failure(self, operation: str, **members: Any) -> Failure:
        """Call an operation that must fail."""
        with pytest.raises(ClientError) as caught:
            getattr(self.client, operation)(**members)
        answer = caught.value.response
        error = answer["Error"]
        return Failure(
            answer["ResponseMetadata"]["HTTPStatusCode"], error["Code"], error["Message"], answer.get("Type")
        )

    def arn(self, name: str, qualifier: str | None = None) -> str:
        arn = f"arn:aws:lambda:{self.region}:{self.account}:function:{name}"
        return f"{arn}:{qualifier}" if qualifier else arn

    def function(self, name: str = "f", **members: Any) -> Answer:
        """Create a function and wait until it can be used."""
        self("create_function", FunctionName=name, **(NEW | members))
        return self.settled(name)

    def settled(self, name: str) -> Answer:
        """The configuration of a function once nothing is under way."""
        return self.until(
            lambda: self("get_function_configuration", FunctionName=name),
            lambda shown: shown["State"] == "Active" and shown.get("LastUpdateStatus") == "Successful",
        )

    @staticmethod
    def until(look: Callable[[], Answer], good: Callable[[Answer], bool]) -> Answer:
        """Look again until it is good, within bounds."""
        end = time.monotonic() + WITHIN
        while True:
            answer = look()
            if good(answer):
                return answer
            assert time.monotonic() < end, answer
            time.sleep(0.02)


def invalid(message: str, type_: str | None = "User") -> Failure:
    """An InvalidParameterValueException."""
    return Failure(400, "InvalidParameterValueException", message, type_)


def missing(message: str, type_: str | None = "User") -> Failure:
    """A ResourceNotFoundException."""
    return Failure(404, "ResourceNotFoundException", message, type_)


def conflict(message: str) -> Failure:
    """A ResourceConflictException."""
    return Failure(409, "ResourceConflictException", message, "User")


def not_valid(value: str, path: str, constraint: str) -> Failure:
    """A ValidationException with one error."""
    text = (
        f"1 validation error detected: Value {value} at '{path}' failed to satisfy constraint: {constraint}"
    )
    return Failure(400, "ValidationException", text, None)


def stale(read_with: str = "GetFunction/GetAlias") -> Failure:
    """A PreconditionFailedException."""
    return Failure(
        412,
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id."
        f" Call the {read_with} API to retrieve the latest Revision Id",
        "User",
    )
