"""The images that functions were made from, unpacked once each and kept by their digest."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from lambdatui.engine.environments.images import sources, unpack
from lambdatui.engine.environments.images.references import Reference
from lambdatui.engine.environments.images.unpack import BadImage
from lambdatui.engine.environments.spec import Image

_UNREADABLE = (OSError, LookupError, AttributeError, TypeError, ValueError, RecursionError)
"""What comes of parts that are not what they should be."""
SPARED_S = 3600  # an image that no function names may belong to one that is just being made


class Images:
    """A folder with a root file system for every image."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, reference: Reference) -> str:
        """Find an image, unpack it; its digest, in hex. Raises BadImage. It takes its time: use a thread."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o711)
        with tempfile.TemporaryDirectory(dir=self._folder, prefix="part-") as name:
            scratch = Path(name)
            try:
                parts = sources.find(reference, scratch)
                digest = parts.digest.removeprefix("sha256:")
                if not self._touch(self._place(digest)):
                    self._unpack(parts, scratch / "image", digest)
            except _UNREADABLE as error:
                raise BadImage(f"it cannot be read ({error})") from error
        return digest

    def _unpack(self, parts: sources.Parts, scratch: Path, digest: str) -> None:
        root = scratch / "rootfs"
        root.mkdir(parents=True)
        left = unpack.LARGEST
        for layer in parts.layers:
            left = unpack.lay_over(layer, root, left)
        for name in ("proc", "dev", "tmp", "etc"):  # what is mounted there needs a place
            unpack.inside(root, name).mkdir(parents=True, exist_ok=True)
        unpack.inside(root, "tmp").chmod(0o1777)  # runtimes give what they mount there the same mode
        for name in ("etc/resolv.conf", "etc/hosts"):
            place = unpack.inside(root, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch(exist_ok=True)
        (scratch / "config.json").write_text(json.dumps(_checked(parts.config.get("config") or {})))
        for folder in (scratch, root):
            folder.chmod(0o755)
        try:
            scratch.rename(self._place(digest))
        except OSError:  # somebody was quicker
            shutil.rmtree(scratch, ignore_errors=True)

    def collect(self, referenced: Collection[str]) -> int:
        """Delete what no function names and what a crash left, once it is an hour old; return how many."""
        limit, gone = time.time() - SPARED_S, 0
        for place in self._folder.iterdir() if self._folder.is_dir() else ():
            if place.name not in referenced and place.stat().st_mtime < limit:
                rest = place.rename(place.with_name(f"part-{uuid.uuid4().hex}"))  # half of it is no image
                shutil.rmtree(rest, ignore_errors=True)
                gone += 1
        return gone

    @staticmethod
    def _touch(place: Path) -> bool:
        """Make an image young again; whether it is there."""
        try:
            os.utime(place)
        except FileNotFoundError:
            return False
        return True

    def image(self, digest: str, override: Mapping[str, Any]) -> Image | None:
        """What runs of an image, by its own configuration and the function's ``ImageConfig``."""
        place = self._place(digest)
        if not digest or not place.is_dir():
            return None
        own = json.loads((place / "config.json").read_text())
        entry = override.get("EntryPoint") or own.get("Entrypoint") or []
        command = override.get("Command") or own.get("Cmd") or []
        return Image(
            root=place / "rootfs",
            argv=(*entry, *command),
            variables=dict(text.partition("=")[::2] for text in own.get("Env") or ()),
            cwd=override.get("WorkingDirectory") or own.get("WorkingDir") or "/",
        )

    def _place(self, digest: str) -> Path:
        return self._folder / digest


def extensions_of(root: Path) -> dict[str, Path]:
    """The external extensions that an image brings, in the order in which they start, and their programs."""
    found = {}
    with contextlib.suppress(OSError, BadImage):
        for entry in sorted(unpack.inside(root, "opt/extensions").iterdir()):
            program = unpack.inside(root, f"opt/extensions/{entry.name}")
            if program.is_file():
                found[entry.name] = program
    return found


def _checked(config: dict[str, Any]) -> dict[str, Any]:
    """What an image says of itself, as far as it counts."""
    words = [
        *(config.get(name) or [] for name in ("Entrypoint", "Cmd", "Env")),
        [config.get("WorkingDir") or ""],
    ]
    if not all(isinstance(some, list) and all(isinstance(word, str) for word in some) for some in words):
        raise BadImage("its configuration is not as it should be")
    return config
