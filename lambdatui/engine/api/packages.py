"""Deployment packages: where code comes from and what it may be."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdatui.engine.environments.images import references
from lambdatui.engine.environments.images.references import Reference
from lambdatui.engine.environments.images.unpack import BadImage
from lambdatui.engine.store import layers
from lambdatui.engine.store.archive import ArchiveTooLarge, BadArchive
from lambdatui.engine.triggers.errors import NeighbourError
from lambdatui.engine.wire.errors import ApiError, invalid_parameter

if TYPE_CHECKING:
    from lambdatui.engine.context import Context

ZIPPED_LIMIT = 52_428_800
UNZIPPED_LIMIT = 262_144_000
_DOWNLOAD_S = 120.0
_IMAGE = re.compile(
    r"(?P<repository>\d{12}\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[a-z0-9]+([._/-]+[a-z0-9]+)*)"
    r"(:(?P<tag>\w[\w.-]{0,127}))?(@sha256:(?P<digest>[0-9a-f]{64}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Package:
    """A zip that lies in the store, or an image that lies elsewhere."""

    sha256: str
    """Base64 for a zip; for an image its digest in hex, empty if only a tag is known."""
    size: int
    image_uri: str | None = None


def check_source(kind: str, request: dict[str, Any]) -> None:
    """What a function of this package type must and must not be created with."""
    image = request["Code"].get("ImageUri")
    if kind == "Image":
        if not image:
            raise invalid_parameter(
                "Please provide ImageUri when creating a function with packageType Image."
            )
        return
    if image:
        raise invalid_parameter(
            "Please don't provide ImageUri when creating a function with packageType Zip."
        )
    if not (request.get("Runtime") and request.get("Handler")):
        raise invalid_parameter(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )


async def keep(ctx: Context, code: dict[str, Any]) -> Package:
    """Check and keep the package that a request brings; ``code`` says where it comes from."""
    data = code.get("ZipFile")
    if code.get("ImageUri"):
        return await _image(ctx, code["ImageUri"])
    if data is not None:
        if code.get("S3Bucket") or code.get("S3Key"):
            raise invalid_parameter(
                "Please do not provide other FunctionCode parameters when providing a ZipFile."
            )
        if len(data) > ZIPPED_LIMIT:
            text = f"Zipped size must be smaller than {ZIPPED_LIMIT} bytes"
            raise ApiError("RequestEntityTooLargeException", text, 413, type=None)
        return await _keep_zip(ctx, data)
    if code.get("S3Bucket") and code.get("S3Key"):
        return await _keep_zip(ctx, await _download(ctx, code))
    raise invalid_parameter("Please provide a source for your code.")


async def _image(ctx: Context, uri: str) -> Package:
    """An image by its name; one that this machine can read is kept, and its tag becomes a digest for good."""
    name = _IMAGE.fullmatch(uri)
    reference = await _in_ecr(ctx, name) if name is not None else references.parse(uri)
    if name is None and reference is not None and ctx.by_function:
        text = f"{uri} is not for functions to name: files and registries of this machine are its user's."
        raise ApiError("AccessDeniedException", text, 403, type=None)
    if reference is None and name is None:
        raise invalid_parameter(f"Source image {uri} is not valid. Provide a valid source image.")
    if reference is None:
        return Package((name and name["digest"]) or "", 0, uri)
    try:
        return Package(await asyncio.to_thread(ctx.engine.images.keep, reference), 0, uri)
    except BadImage as problem:
        text = f"Source image {uri} does not exist. Provide a valid source image. ({problem})"
        raise invalid_parameter(text) from problem


async def _in_ecr(ctx: Context, name: re.Match[str]) -> Reference | None:
    """An image of ECR, by the registry and the login that the neighbour gives; the built-in one has none."""
    if ctx.engine.neighbours.mode != "url":
        return None
    client = ctx.engine.neighbours.client("ecr", ctx.account, ctx.region)
    try:
        answer = await client.call("GetAuthorizationToken")
    except NeighbourError as error:
        raise invalid_parameter(f"ECR does not let this engine in: {error.message}") from error
    grant = answer["authorizationData"][0]
    return Reference(
        registry=grant["proxyEndpoint"].rstrip("/"),
        name=name["repository"].partition("/")[2],
        tag=name["tag"] or "latest",
        digest=f"sha256:{name['digest']}" if name["digest"] else "",
        login=f"Basic {grant['authorizationToken']}",
    )


def image_location(uri: str, digest: str) -> dict[str, Any]:
    """Where an image lies, as GetFunction shows it; resolved only where its digest is known."""
    bare = uri.partition("@")[0]
    head, colon, tag = bare.rpartition(":")
    name = head if colon and "/" not in tag else bare
    return {
        "RepositoryType": "ECR",
        "ImageUri": uri,
        "ResolvedImageUri": f"{name}@sha256:{digest}" if digest else None,
    }


def with_image(config: dict[str, Any], package: Package) -> dict[str, Any]:
    """The configuration, which names the image if the package is one."""
    return {**config, "ImageUri": package.image_uri} if package.image_uri else config


async def _download(ctx: Context, code: dict[str, Any]) -> bytes:
    """The object that a request names, from the neighbour."""
    names = {"Bucket": code["S3Bucket"], "Key": code["S3Key"]}
    if code.get("S3ObjectVersion"):
        names["VersionId"] = code["S3ObjectVersion"]
    client = ctx.engine.neighbours.client("s3", ctx.account, ctx.region)
    try:
        answer = await client.call("GetObject", timeout_s=_DOWNLOAD_S, **names)
    except NeighbourError as error:
        raise invalid_parameter(
            f"Error occurred while GetObject. S3 Error Code: {error.code}. S3 Error Message: {error.message}"
        ) from error
    body: bytes = answer["Body"]
    return body


async def _keep_zip(ctx: Context, data: bytes) -> Package:
    """Check, keep and unpack a zip."""
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
