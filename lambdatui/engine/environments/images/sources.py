"""Where the parts of an image are read: an OCI layout, what ``docker save`` wrote, a registry."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from lambdatui.engine.environments.images.references import Reference
from lambdatui.engine.environments.images.unpack import LARGEST, BadImage, lay_over

MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
TAG = "org.opencontainers.image.ref.name"
TAKES = ", ".join(
    (
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    )
)
PATIENCE_S = 60.0
MOST_WORDS = 4 << 20  # bytes of a manifest or a configuration
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Parts:
    """An image that was found."""

    digest: str
    config: dict[str, Any]
    layers: tuple[Path, ...]


class _Place(Protocol):
    def words(self, digest: str) -> bytes:
        """A manifest or a configuration."""

    def layer(self, digest: str) -> Path:
        """A layer, as a file."""


def find(reference: Reference, scratch: Path) -> Parts:
    """The image that a name means now; ``scratch`` is a folder for what has to be copied."""
    if reference.path is None:
        registry = _Registry(reference, scratch)
        words = registry.manifest(reference.digest or reference.tag)
        return _parts(registry, words, reference.digest)
    folder = reference.path
    if not folder.exists():
        raise BadImage(f"there is nothing at {folder}")
    if folder.is_file():
        folder = scratch / "archive"
        folder.mkdir()
        lay_over(reference.path, folder, LARGEST)
    if (folder / "index.json").is_file():
        layout = _Layout(folder)
        index = _read(layout.file("index.json"))
        return _parts(layout, layout.words(_named(index, reference.tag)), "")
    if (folder / "manifest.json").is_file():
        return _saved(folder, reference.tag)
    raise BadImage(f"{reference.path} is neither an OCI layout nor what docker save writes")


def _parts(place: _Place, words: bytes, wanted: str) -> Parts:
    """The parts that a manifest names; of an index, the one for this machine."""
    manifest = _object(words)
    if "manifests" in manifest:
        return _parts(place, place.words(_for_this_machine(manifest)), "")
    digest = "sha256:" + hashlib.sha256(words).hexdigest()
    if wanted and digest != wanted:
        raise BadImage(f"what came is {digest}")
    config = _object(place.words(_digest_of(manifest["config"])))
    return Parts(digest, config, tuple(place.layer(_digest_of(layer)) for layer in manifest["layers"]))


def _named(index: dict[str, Any], tag: str) -> str:
    found = index.get("manifests", [])
    if tag:
        found = [one for one in found if one.get("annotations", {}).get(TAG, "").rpartition(":")[2] == tag]
    if len(found) != 1:
        raise BadImage(f"{len(found)} images in it have the tag {tag}" if tag else "it needs a tag")
    return _digest_of(found[0])


def _digest_of(part: dict[str, Any]) -> str:
    """How a part is named: it becomes a part of paths, and nobody has checked it yet."""
    digest = str(part["digest"])
    if not _DIGEST.fullmatch(digest):
        raise BadImage(f"{digest[:80]!r} is no digest")
    return digest


def _for_this_machine(index: dict[str, Any]) -> str:
    machine = MACHINES.get(platform.machine(), platform.machine())
    for one in index["manifests"]:
        if one.get("platform", {}).get("architecture", machine) == machine:
            return _digest_of(one)
    raise BadImage(f"there is none for {machine}")


def _saved(folder: Path, tag: str) -> Parts:
    """What older versions of docker save write: no digests but the image's id."""
    layout = _Layout(folder)
    entries = json.loads(_words(layout.file("manifest.json")))
    named = [one for one in entries if any(name.endswith(f":{tag}") for name in one.get("RepoTags") or ())]
    found = named if tag else entries
    if len(found) != 1:
        raise BadImage(f"{len(found)} images in it have the tag {tag}" if tag else "it needs a tag")
    words = _words(layout.file(found[0]["Config"]))
    layers = tuple(layout.file(name) for name in found[0]["Layers"])
    return Parts("sha256:" + hashlib.sha256(words).hexdigest(), _object(words), layers)


class _Layout:
    """A folder with blobs by their digests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def file(self, name: str) -> Path:
        place = (self._folder / name).resolve()
        if not place.is_relative_to(self._folder) or not place.is_file():
            raise BadImage(f"{name} is not in it")
        return place

    def words(self, digest: str) -> bytes:
        return _words(self.layer(digest))

    def layer(self, digest: str) -> Path:
        kind, _, value = digest.partition(":")
        place = self.file(f"blobs/{kind}/{value}")
        _check(digest, _pieces(place))
        return place


class _Registry:
    """A registry's API, version 2."""

    def __init__(self, reference: Reference, scratch: Path) -> None:
        self._base = f"{reference.registry}/v2/{reference.name}"
        self._login = reference.login
        self._scratch = scratch

    def manifest(self, name: str) -> bytes:
        with self._open(f"manifests/{name}") as answer:
            return bytes(answer.read(MOST_WORDS))

    def words(self, digest: str) -> bytes:
        try:
            with self._open(f"blobs/{digest}") as answer:
                data = bytes(answer.read(MOST_WORDS))
        except BadImage:
            data = self.manifest(digest)  # a manifest that an index names
        _check(digest, iter((data,)))
        return data

    def layer(self, digest: str) -> Path:
        place = self._scratch / digest.replace(":", "-")
        with self._open(f"blobs/{digest}") as answer, place.open("wb") as out:
            left = LARGEST
            while piece := answer.read(1 << 20):
                left -= len(piece)
                if left < 0:
                    raise BadImage(f"a layer is larger than {LARGEST >> 30} GB")
                out.write(piece)
        _check(digest, _pieces(place))
        return place

    def _open(self, path: str) -> Any:
        request = urllib.request.Request(f"{self._base}/{path}", headers={"Accept": TAKES})  # noqa: S310 - made by us
        if self._login:  # not for whoever it sends us on to: S3 takes no two signatures
            request.add_unredirected_header("Authorization", self._login)
        try:
            return urllib.request.urlopen(request, timeout=PATIENCE_S)  # noqa: S310
        except urllib.error.HTTPError as error:
            raise BadImage(f"the registry answers {error.code} for {path}") from error
        except OSError as error:
            raise BadImage(f"the registry does not answer ({error})") from error


def _pieces(place: Path) -> Iterator[bytes]:
    with place.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece


def _check(digest: str, pieces: Iterator[bytes]) -> None:
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    if digest != f"sha256:{found.hexdigest()}":
        raise BadImage(f"{digest} is damaged")


def _read(place: Path) -> dict[str, Any]:
    return _object(_words(place))


def _words(place: Path) -> bytes:
    """A manifest or a configuration, which is no large file."""
    if place.stat().st_size > MOST_WORDS:
        raise BadImage(f"{place.name} is larger than {MOST_WORDS >> 20} MB")
    return place.read_bytes()


def _object(words: bytes) -> dict[str, Any]:
    try:
        found = json.loads(words)
    except ValueError as error:
        raise BadImage("a part of it is no JSON") from error
    if not isinstance(found, dict):
        raise BadImage("a part of it is no JSON object")
    return found
