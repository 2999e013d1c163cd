"""New functions: from a template, a folder, a zip, an image or S3."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lambdatui.model import Function
from lambdatui.service import samples
from lambdatui.service.clean import clean_line
from lambdatui.service.code import ZIP_LIMIT
from lambdatui.service.connection import Connection
from lambdatui.service.errors import Invalid, ServiceError, TooLarge
from lambdatui.service.functions import Functions
from lambdatui.service.packing import pack, read_zip

_TEMPLATES = Path(__file__).parent.parent / "templates"
_ROLES_ASKED_S = 5.0

Say = Callable[[str], None]


class Source(StrEnum):
    """Where the code of a new function comes from."""

    TEMPLATE = "template"
    FOLDER = "folder"
    ZIP = "zip"
    IMAGE = "image"
    S3 = "S3"


@dataclass(frozen=True, slots=True)
class NewFunction:
    """Everything that CreateFunction is told."""

    name: str
    source: Source
    origin: str  # template, path, image URI, or bucket/key
    runtime: str = ""
    handler: str = ""
    memory_mb: int = 128
    timeout_s: int = 3
    architecture: str = "x86_64"
    role: str = ""
    description: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


def templates() -> list[samples.SampleFunction]:
    """Small functions to begin with: the samples, and their likes in other languages."""
    return [*samples.load(), *samples.load(_TEMPLATES)]


class Creation:
    """CreateFunction with what comes before it."""

    def __init__(self, connection: Connection, functions: Functions, *, local: bool, account: str) -> None:
        self._connection = connection
        self._functions = functions
        self._account = account
        self.local = local

    @property
    def default_role(self) -> str:
        """Locally any role will do."""
        return f"arn:aws:iam::{self._account}:role/lambdatui" if self.local else ""

    async def roles(self) -> list[str]:
        """The roles that Lambda may assume; none where IAM does not answer or may not be asked."""
        try:
            async with asyncio.timeout(_ROLES_ASKED_S):
                return [
                    clean_line(role["Arn"])
                    async for page in self._connection.pages("iam", "list_roles")
                    for role in page.get("Roles", ())
                    if _for_lambda(role.get("AssumeRolePolicyDocument"))
                ]
        except (ServiceError, TimeoutError):
            return []

    async def create(self, new: NewFunction, *, say: Say = lambda step: None) -> Function:
        """Make it, and wait until it can be invoked. ``say`` hears what goes on."""
        members: dict[str, Any] = {
            "FunctionName": new.name,
            "Role": new.role or self.default_role,
            "MemorySize": new.memory_mb,
            "Timeout": new.timeout_s,
            "Architectures": [new.architecture],
            "Description": new.description,
            "Code": await self._code(new, say),
        }
        if new.environment:
            members["Environment"] = {"Variables": dict(new.environment)}
        if new.source is Source.IMAGE:
            members["PackageType"] = "Image"
        else:
            members |= {"Runtime": new.runtime, "Handler": new.handler}
        await self._connection.call("lambda", "create_function", **members)
        say("Lambda is getting it ready")
        return await self._functions.settled(new.name)

    async def _code(self, new: NewFunction, say: Say) -> dict[str, Any]:
        if new.source is Source.IMAGE:
            say("asking for the image")
            return {"ImageUri": new.origin}
        if new.source is Source.S3:
            bucket, _, key = new.origin.removeprefix("s3://").partition("/")
            say("fetching the package from S3")
            return {"S3Bucket": bucket, "S3Key": key}
        say("packing")
        package = await asyncio.to_thread(_packed, new)
        if len(package) > ZIP_LIMIT:
            megabytes = len(package) / 1024**2
            raise TooLarge(
                f"The package has {megabytes:.0f} MB. Lambda takes up to 50 MB here;"
                " put bigger ones into S3 and choose S3."
            )
        say(f"uploading {max(1, len(package) // 1024)} KB")
        return {"ZipFile": package}


def _packed(new: NewFunction) -> bytes:
    if new.source is Source.TEMPLATE:
        found = next((each for each in templates() if each.name == new.origin), None)
        if found is None:
            raise Invalid(f"There is no template {new.origin}.")
        return found.code
    path = Path(new.origin).expanduser()
    if not path.exists():
        raise Invalid(f"There is nothing at {clean_line(str(path))}.")
    try:
        if new.source is not Source.ZIP:
            return pack(path)
        if path.is_dir():
            raise Invalid(f"{clean_line(str(path))} is a folder; choose folder as the source.")
        return read_zip(path)
    except OSError as error:
        raise Invalid(f"{clean_line(str(path))} cannot be read: {error.strerror}.") from None


def _for_lambda(document: object) -> bool:
    """Whether a trust policy lets Lambda in."""
    try:
        text = document if isinstance(document, dict) else json.loads(unquote(str(document)))
    except ValueError:
        return False
    return "lambda.amazonaws.com" in json.dumps(text)
