"""Layers of an image, laid over each other in a folder. What is in them is not trusted.

Every name is followed inside the folder, links in it too, as the image itself would see them; nothing is ever
written outside. Devices, set-user-id bits and owners are left out.
"""

from __future__ import annotations

import lzma
import os
import shutil
import stat
import tarfile
import zlib
from pathlib import Path
from typing import Self

LARGEST = 10 << 30  # AWS's own limit for an image
WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"
MOST_LINKS = 40
ENTRY = 512  # bytes that an entry takes at least, of the archive and of a disk
MOST_WORDS = 1 << 20  # bytes of a name, or of what else is said of an entry
ZSTD = b"\x28\xb5\x2f\xfd"
AS_GZIP = "docker buildx build --output type=oci,dest=FILE,compression=gzip,force-compression=true"
_WORDY = frozenset(
    (
        *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
        *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    )
)


class BadImage(Exception):  # noqa: N818 - an answer to whoever named it
    """It cannot be used; the text says why."""


class _Entry(tarfile.TarInfo):
    """What tarfile reads whole before anybody sees the entry is bounded."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        found = super().frombuf(buf, encoding, errors)
        if found.type in _WORDY and found.size > MOST_WORDS:
            raise BadImage("an entry of a layer has a name that is too long")
        return found


def lay_over(layer: Path, root: Path, most: int) -> int:
    """Unpack one layer over those before it; how much is left of ``most`` bytes."""
    left = most
    try:
        with tarfile.open(layer, "r:*", tarinfo=_Entry) as archive:
            for member in archive:
                left -= ENTRY + member.size
                if left < 0:
                    raise BadImage(f"it is larger than {LARGEST >> 30} GB")
                _lay(archive, member, root)
                archive.members = []  # type: ignore[attr-defined]  # else it keeps them all
    except tarfile.TarError as error:
        raise BadImage(_unreadable(layer, error)) from error
    except (EOFError, zlib.error, lzma.LZMAError) as error:
        raise BadImage(f"a layer is damaged ({error})") from error
    return left


def _unreadable(layer: Path, error: tarfile.TarError) -> str:
    with layer.open("rb") as file:
        if file.read(len(ZSTD)) == ZSTD:
            return f"a layer is packed with zstd, which takes Python 3.14: pack it with gzip, {AS_GZIP}"
    return f"a layer is no tar that can be read here ({error})"


def _lay(archive: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    name = os.path.normpath("/" + member.name).lstrip("/")
    if not name:
        return
    folder = inside(root, os.path.dirname(name))
    folder.mkdir(parents=True, exist_ok=True)
    base = os.path.basename(name)
    if base == OPAQUE:
        for entry in list(folder.iterdir()):
            _remove(entry)
        return
    if base.startswith(WHITEOUT):
        gone = base.removeprefix(WHITEOUT)
        if gone in ("", ".", ".."):
            raise BadImage(f"{member.name[:80]!r} deletes nothing that has a name")
        _remove(folder / gone)
        return
    place = folder / base
    if member.isdir():
        if place.is_symlink() or not place.is_dir():
            _remove(place)
            place.mkdir()
        place.chmod(0o755 | member.mode & 0o777)
        return
    _remove(place)
    if member.issym():
        place.symlink_to(member.linkname)
    elif member.islnk():
        source = inside(root, os.path.normpath("/" + member.linkname).lstrip("/"))
        if source.is_file():
            place.hardlink_to(source)
    elif member.isreg() and (data := archive.extractfile(member)) is not None:
        with data, open(place, "xb") as out:
            shutil.copyfileobj(data, out, 1 << 20)
        place.chmod(member.mode & 0o777 | stat.S_IRUSR | stat.S_IWUSR)


def inside(root: Path, name: str) -> Path:
    """Where a name leads when `root` is the root."""
    todo = [part for part in name.split("/") if part]
    here: list[str] = []
    links = 0
    while todo:
        part = todo.pop(0)
        if part == "..":
            here = here[:-1]
            continue
        if part == ".":
            continue
        place = root.joinpath(*here, part)
        if not place.is_symlink():
            here.append(part)
            continue
        links += 1
        if links > MOST_LINKS:
            raise BadImage(f"{name} is a circle of links")
        target = os.readlink(place)
        if target.startswith("/"):
            here = []
        todo = [part for part in target.split("/") if part] + todo
    return root.joinpath(*here)


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
