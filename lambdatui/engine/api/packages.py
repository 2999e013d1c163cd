"""Deployment packages: where code comes from and what it may be."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdatui.engine.store import layers
from lambdatui.engine.store.archive import ArchiveTooLarge, BadArchive
from lambdatui.engine.wire.errors import ApiError, invalid_parameter

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

ZIPPED_LIMIT = 52_428_800
UNZIPPED_LIMIT = 262_144_000


@dataclass(frozen=True, slots=True)
class Package:
    """A zip that lies in the store."""

    sha256: str
    size: int


async def keep(ctx: Context, code: dict[str, Any]) -> Package:
    """Check and keep the package that a request brings; ``code`` has ZipFile, or S3Bucket and S3Key."""
    if code.get("ImageUri"):
        raise invalid_parameter("This engine cannot run container images: upload the package as ZipFile.")
    if code.get("S3Bucket"):
        raise invalid_parameter("This engine cannot read packages from S3: upload the package as ZipFile.")
    data = code.get("ZipFile")
    if data is None:
        raise invalid_parameter("Please provide a source for your code.")
    return await keep_zip(ctx, data)


async def keep_zip(ctx: Context, data: bytes) -> Package:
    """Check, keep and unpack a zip."""
    if len(data) > ZIPPED_LIMIT:
        raise ApiError(
            "RequestEntityTooLargeException",
            f"Zipped size must be smaller than {ZIPPED_LIMIT} bytes",
            413,
            type=None,
        )
    try:
        sha256 = await asyncio.to_thread(ctx.store.blobs.put, data)
    except ArchiveTooLarge as error:
        raise invalid_parameter(f"Unzipped size must be smaller than {UNZIPPED_LIMIT} bytes") from error
    except BadArchive as error:
        raise invalid_parameter(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        ) from error
    return Package(sha256, len(data))


async def check_together(ctx: Context, sha256: str, layer_arns: Sequence[str]) -> None:
    """Refuse code that is too large together with its layers."""
    found = [layers.by_arn(ctx.store.read(), arn, deleted=True) for arn in layer_arns]
    shas = [record.code_sha256 for record in found if record is not None]
    if not shas:
        return
    sizes = await asyncio.to_thread(lambda: [ctx.store.blobs.unzipped(sha) for sha in (sha256, *shas)])
    if sum(sizes) > UNZIPPED_LIMIT:
        raise invalid_parameter(
            f"Function code combined with layers exceeds the maximum allowed size of {UNZIPPED_LIMIT} bytes."
            f" The actual size is {sum(sizes)} bytes."
        )
