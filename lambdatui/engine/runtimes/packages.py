"""boto3 and what it needs, where Python handlers find it: behind code and layers, and nothing else of ours.

The folder is made of links to wherever the engine has the packages, in directories of its own, so that every
Python can keep its compiled modules there: to compile botocore anew costs a cold start more than a second.
It is kept between engines; another version of boto3 gets another folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from importlib import util
from importlib.metadata import metadata
from pathlib import Path

from lambdatui.engine.environments.spec import Command

MODULES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
HIDDEN = "/tmp"  # noqa: S108 - the place that Lambda gives to functions
COMPILE = "import compileall, os, sys; os.nice(19); compileall.compile_dir(sys.argv[1], quiet=2)"


class Packages:
    """The folder, and which Pythons have compiled it."""

    def __init__(self, cache: Path) -> None:
        self.sources = list(_sources())
        text = "\n".join(["2", *(f"{source} {source.stat().st_mtime_ns}" for source in self.sources)])
        self.folder = cache / f"boto3-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        self._asked: set[str] = set()

    @staticmethod
    def oldest() -> tuple[int, ...]:
        """The oldest Python that the boto3 of this machine runs on."""
        wanted = metadata("boto3")["Requires-Python"] or ""
        found = re.search(r">=\s*(\d+)\.(\d+)", wanted)
        return tuple(map(int, found.groups())) if found else ()

    def lay_out(self) -> None:
        """Make the folder, unless it is there."""
        if self.folder.is_dir():
            return
        scratch = self.folder.with_name(f"{uuid.uuid4().hex}.part")
        scratch.mkdir(parents=True)
        for source in self.sources:
            _link(source, scratch / source.name)
        try:
            scratch.rename(self.folder)
        except OSError:  # another engine was quicker
            shutil.rmtree(scratch, ignore_errors=True)

    def compiling(self, executable: str) -> Command | None:
        """What compiles the modules for an interpreter; once, and not if it was done before."""
        with_cache = self.folder / "boto3" / "__pycache__"
        tag = Path(executable).name.replace("python", "").replace(".", "")
        if executable in self._asked or any(with_cache.glob(f"session.cpython-{tag}*.pyc")):
            return None
        self._asked.add(executable)
        return Command((executable, "-I", "-S", "-c", COMPILE, str(self.folder)), {}, Path("/"))


def _sources() -> Iterator[Path]:
    """The packages and modules as the engine itself would import them."""
    for name in MODULES:
        spec = util.find_spec(name)
        if spec is not None and spec.origin is not None:
            origin = Path(spec.origin)
            yield origin.parent if origin.name == "__init__.py" else origin


def _link(source: Path, place: Path) -> None:
    """Folders with modules in them become folders; files and folders of data become links."""
    if source.is_dir() and any(source.rglob("*.py")):
        place.mkdir()
        for entry in os.scandir(source):
            if entry.name != "__pycache__":
                _link(Path(entry.path), place / entry.name)
    else:
        _bring(source, place)


def _bring(source: Path, place: Path) -> None:
    """A link; but a function's own /tmp hides what the engine has in /tmp, so that comes along itself."""
    if not source.resolve().is_relative_to(HIDDEN):
        place.symlink_to(source)
    elif source.is_dir():
        shutil.copytree(source, place, copy_function=_duplicate)
    else:
        _duplicate(source, place)


def _duplicate(source: str | Path, place: str | Path) -> None:
    try:
        os.link(source, place)
    except OSError:  # another disk
        shutil.copy2(source, place)
