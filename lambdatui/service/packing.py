"""From a folder to a zip for Lambda: which files go in, and how to notice that one of them was saved."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from lambdatui.service.clean import clean_line
from lambdatui.service.errors import Invalid, TooLarge

UNZIPPED_LIMIT = 250 * 1024 * 1024
_SKIPPED = {".git", "__pycache__", ".venv", ".cache", ".DS_Store", ".mypy_cache", ".pytest_cache"}

Stamps = dict[str, tuple[int, int, int]]
"""When each file was saved, its size and mode."""


def pack(source: Path, without: Collection[str] = ()) -> bytes:
    """A zip for Lambda: a folder's contents, one file, or a zip as it is.

    What version control and caches leave behind is left out, and so are links that lead out of the
    folder and files of the names in `without`. The same files make the same zip.
    """
    if source.is_file() and (source.suffix.lower() == ".zip" or zipfile.is_zipfile(source)):
        return read_zip(source)
    if not source.exists():
        raise Invalid(f"There is no file or folder {source}.")
    root = source if source.is_dir() else source.parent
    taken, total = [], 0
    for file in _files(source):
        if file.name not in without and _stays_inside(file, root):
            taken.append(file)
            total += file.stat().st_size
            if total > UNZIPPED_LIMIT:  # said before anything is read: it may be a whole disk
                raise TooLarge(f"{source} holds more than the 250 MB that Lambda takes.")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for file in sorted(taken):
            entry = zipfile.ZipInfo(str(PurePosixPath(file.relative_to(root))), (1980, 1, 1, 0, 0, 0))
            runs = file.stat().st_mode & stat.S_IXUSR
            entry.external_attr = (stat.S_IFREG | (0o755 if runs else 0o644)) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, file.read_bytes())
    if not taken:
        raise Invalid(f"The folder {source} has no files to upload.")
    return target.getvalue()


def read_zip(path: Path) -> bytes:
    """A zip as it is, once it was seen that it can be read whole."""
    name = clean_line(str(path))
    if not zipfile.is_zipfile(path):
        raise Invalid(f"{name} is not a zip that can be read.")
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise Invalid(f"{name} is a zip that cannot be read: {clean_line(str(error))}.") from None
    if broken is not None:
        raise Invalid(f"{name} is damaged: {clean_line(broken)} cannot be unpacked.")
    return path.read_bytes()


def stamps(source: Path) -> Stamps:
    """What tells whether anything that ``pack`` takes was saved since; nothing when there is no source."""
    found: Stamps = {}
    for file in _files(source):
        try:
            there = file.stat()
        except OSError:
            continue  # gone between the listing and the look
        found[str(file)] = there.st_mtime_ns, there.st_size, there.st_mode
    return found


def _files(source: Path) -> Iterator[Path]:
    """The files of a folder, or the file itself; what is skipped is not even looked into."""
    if not source.is_dir():
        yield source
        return
    for folder, folders, files in os.walk(source):
        folders[:] = [name for name in folders if name not in _SKIPPED]
        yield from (Path(folder, name) for name in files if name not in _SKIPPED)


def _stays_inside(file: Path, root: Path) -> bool:
    resolved = file.resolve()
    return resolved.is_file() and resolved.is_relative_to(root.resolve())
