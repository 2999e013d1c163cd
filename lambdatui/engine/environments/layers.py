"""Several layers as the one tree that a function sees in /opt."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path


def programs_of(opt: Path | None) -> dict[str, Path]:
    """The external extensions that layers bring, in the order in which they start, and their programs."""
    folder = opt / "extensions" if opt is not None else None
    if folder is None or not folder.is_dir():
        return {}
    return {entry.name: entry for entry in sorted(folder.iterdir()) if entry.is_file()}


def merged(layers: Sequence[Path], folder: Path) -> Path | None:
    """The layers as one tree, later ones over earlier ones; made of links, once for each combination."""
    if not layers:
        return None
    if len(layers) == 1:
        return layers[0]
    name = hashlib.sha256("\n".join(map(str, layers)).encode()).hexdigest()[:32]
    target = folder / name
    if target.is_dir():
        return target
    scratch = folder / f"{uuid.uuid4().hex}.part"  # another function may need the same at this moment
    scratch.mkdir(parents=True)
    try:
        for layer in layers:
            _lay_over(layer, scratch)
        scratch.rename(target)
    except OSError:
        shutil.rmtree(scratch, ignore_errors=True)
        if not target.is_dir():
            raise
    return target


def _lay_over(layer: Path, target: Path) -> None:
    for name, folders, files in os.walk(layer):
        here = target / Path(name).relative_to(layer)
        for folder in folders:
            place = here / folder
            if place.is_symlink() or place.is_file():
                place.unlink()
            if Path(name, folder).is_symlink():
                _link(Path(name, folder), place)
            else:
                place.mkdir(exist_ok=True)
        for file in files:
            _link(Path(name, file), here / file)


def _link(source: Path, place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
    if source.is_symlink():
        place.symlink_to(os.readlink(source))
        return
    try:
        place.hardlink_to(source)
    except OSError:  # another file system, or one that has none
        shutil.copy2(source, place)
