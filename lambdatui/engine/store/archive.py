"""Unpacking zips that came from outside, without believing a word they say."""

from __future__ import annotations

import errno
import io
import os
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

UNZIPPED_LIMIT = 262_144_000  # bytes; Lambda's own limit
MOST_ENTRIES = 250_000
"""Files and folders of one zip: each takes a place on the disk, however little it holds."""
_CHUNK = 1 << 20
_LONGEST_LINK = 4096


class BadArchive(Exception):  # noqa: N818
    """Not a zip, or one that reaches outside its own tree."""


class ArchiveTooLarge(BadArchive):
    """More bytes come out than a function may have."""


def unpack(data: bytes, target: Path, limit: int = UNZIPPED_LIMIT) -> int:
    """Unpack into the new folder ``target``, read-only, and return the real number of bytes.

    Execute bits and links inside the tree are kept. Refused are absolute names, ``..``, links that leave the
    tree, entries that would be written through a link, and anything that is no file, folder or link.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _unpack(archive, target, limit)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadArchive(str(error)) from error  # RuntimeError: encrypted
    except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
        raise BadArchive(f"two entries claim one name: {error.filename}") from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise BadArchive("a name is longer than a file system takes") from error
        raise


def _unpack(archive: zipfile.ZipFile, target: Path, limit: int) -> int:
    target.mkdir()
    total = 0
    links: list[tuple[Path, zipfile.ZipInfo]] = []
    names: set[PurePosixPath] = set()
    for entry in archive.infolist():
        name = _safe_name(entry.filename)
        _count(name, names)
        path = target / name
        kind = stat.S_IFMT(_mode(entry))
        if entry.is_dir() or kind == stat.S_IFDIR:
            path.mkdir(parents=True, exist_ok=True)
        elif kind == stat.S_IFLNK:
            links.append((path, entry))
        elif kind in (0, stat.S_IFREG):
            total += _write_file(archive, entry, path, limit - total)
        else:
            raise BadArchive(f"{entry.filename} is no file, folder or link")
    # Links come last, so that no file can be written through one.
    for path, entry in links:
        with archive.open(entry) as source:
            _make_link(path, source.read(_LONGEST_LINK), target)
    _seal(target, [path for path, _ in links])
    return total


def _safe_name(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\0" in name or not path.parts:
        raise BadArchive(f"unsafe name: {name!r}")
    return path


def _count(name: PurePosixPath, names: set[PurePosixPath]) -> None:
    """Note a name and the folders above it."""
    while name.parts and name not in names:
        names.add(name)
        if len(names) > MOST_ENTRIES:
            raise BadArchive(f"more than {MOST_ENTRIES} files and folders")
        name = name.parent


def _mode(entry: zipfile.ZipInfo) -> int:
    return entry.external_attr >> 16


def _write_file(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, room: int) -> int:
    """Write one file, counting what really comes out; the header's size is only a claim."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(entry) as source, path.open("wb") as out:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > room:
                raise ArchiveTooLarge(f"more than {UNZIPPED_LIMIT} bytes")
            out.write(chunk)
    path.chmod(0o555 if _mode(entry) & 0o111 else 0o444)
    return written


def _make_link(path: Path, raw: bytes, root: Path) -> None:
    if path.parent.resolve() != root.resolve() / path.parent.relative_to(root):
        raise BadArchive(f"{path.name} would be written through a link")
    path.parent.mkdir(parents=True, exist_ok=True)  # through no link: outside it would make folders, too
    destination = os.fsdecode(raw)
    if not destination or "\0" in destination or os.path.isabs(destination):
        raise BadArchive(f"{path.name} is a link that leaves the tree")
    path.symlink_to(destination)


def _seal(root: Path, links: list[Path]) -> None:
    """Check where every link really ends now that all exist, and make the folders read-only."""
    home = root.resolve()
    for link in links:
        try:
            end = link.resolve()
        except (OSError, RuntimeError) as error:
            raise BadArchive(f"{link.name} is a link to itself") from error
        if end != home and home not in end.parents:
            raise BadArchive(f"{link.name} is a link that leaves the tree")
    for folder, _, _ in os.walk(root, topdown=False):
        os.chmod(folder, 0o555)  # noqa: S103 - any user may read code, as on Lambda


def tree_size(root: Path) -> int:
    """The bytes of all files below a folder; links count nothing."""
    return sum(
        os.lstat(os.path.join(folder, name)).st_size
        for folder, _, names in os.walk(root)
        for name in names
        if not os.path.islink(os.path.join(folder, name))
    )
