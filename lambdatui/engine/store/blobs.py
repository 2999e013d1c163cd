"""Code as it was uploaded: zips named by their SHA-256, and the trees that were unpacked from them, once.

A blob is synced and renamed into place before the commit that names it, so the database never names a blob
that is not there. Blobs are known by the base64 digest that AWS shows as ``CodeSha256``.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import hashlib
import os
import shutil
import threading
import time
import uuid
from collections.abc import Collection
from pathlib import Path

from lambdatui.engine.store import archive
from lambdatui.engine.store.database import StoreUnavailable

SPARED_S = 3600  # an unreferenced blob may belong to a commit that is under way


def digest(data: bytes) -> str:
    """The SHA-256 of a zip as AWS shows it."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


class Blobs:
    """The folder of code. Its methods block: call those that write from a thread."""

    def __init__(self, folder: Path) -> None:
        self._zips = folder / "zips"
        self._trees = folder / "trees"
        self._lock = threading.Lock()
        self._unpacking: dict[str, threading.Lock] = {}
        self._sizes: dict[str, int] = {}
        for path in (folder, self._zips, self._trees):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()

    def put(self, data: bytes) -> str:
        """Keep a zip for good and return its digest; unpacks it too, so a bad one raises BadArchive."""
        try:
            return self._put(digest(data), data)
        except OSError as error:
            raise StoreUnavailable(_sentence(error, self._zips.parent)) from error

    def _put(self, sha: str, data: bytes) -> str:
        path = self.path(sha)
        if not self._touch(path):
            self._write(path, data)
        try:
            self.unpacked(sha)
        except archive.BadArchive:
            path.unlink(missing_ok=True)
            raise
        return sha

    def open(self, sha: str) -> bytes:
        """The zip's bytes, exactly as they were uploaded."""
        return self.path(sha).read_bytes()

    def path(self, sha: str) -> Path:
        """Where the zip lies."""
        return self._zips / f"{_file_name(sha)}.zip"

    def unpacked(self, sha: str) -> Path:
        """The folder with the zip's contents, read-only; unpacked at the first call."""
        tree = self._trees / _file_name(sha)
        if tree.is_dir():
            return tree
        with self._lock:
            lock = self._unpacking.setdefault(sha, threading.Lock())
        with lock:
            if not tree.is_dir():
                self._unpack(sha, tree)
        with self._lock:
            self._unpacking.pop(sha, None)
        return tree

    def unzipped(self, sha: str) -> int:
        """How many bytes the zip holds, unpacked."""
        size = self._sizes.get(sha)
        if size is None:
            size = self._sizes[sha] = archive.tree_size(self.unpacked(sha))
        return size

    def collect(self, referenced: Collection[str]) -> int:
        """Delete the zips and trees that nothing names and that are older than an hour; return how many."""
        wanted = {_file_name(sha) for sha in referenced}
        limit = time.time() - SPARED_S
        gone = 0
        for path in self._zips.glob("*.zip"):
            with self._lock:
                old = path.stem not in wanted and path.stat().st_mtime < limit
                if old:
                    rest = self._put_aside(self._trees / path.stem)
                    path.unlink(missing_ok=True)
            if old:
                remove_tree(rest)
                gone += 1
        return gone

    @staticmethod
    def _put_aside(tree: Path) -> Path:
        """The tree under a name that nobody takes for a whole one, should we be killed half-way."""
        rest = tree.with_name(f"{uuid.uuid4().hex}.part")
        with contextlib.suppress(FileNotFoundError):
            tree.chmod(0o755)  # a folder must be writable to be renamed
            tree.rename(rest)
        return rest

    def _touch(self, path: Path) -> bool:
        """Make a zip young again, so that it is not collected before the commit that names it."""
        with self._lock:
            try:
                os.utime(path)
            except FileNotFoundError:
                return False
            return True

    def _write(self, path: Path, data: bytes) -> None:
        scratch = path.with_name(f"{uuid.uuid4().hex}.part")
        try:
            with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            scratch.rename(path)
        except OSError:
            scratch.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)

    def _unpack(self, sha: str, tree: Path) -> None:
        scratch = tree.with_name(f"{uuid.uuid4().hex}.part")
        try:
            archive.unpack(self.open(sha), scratch)
            scratch.chmod(0o755)  # a folder must be writable to be renamed
            scratch.rename(tree)
            tree.chmod(0o555)
        except BaseException:
            remove_tree(scratch)
            raise

    def _sweep(self) -> None:
        """Remove what a crash left half written."""
        for path in self._zips.glob("*.part"):
            path.unlink(missing_ok=True)
        for path in self._trees.glob("*.part"):
            remove_tree(path)


def remove_tree(tree: Path) -> None:
    """Delete a tree of read-only folders, if it is there."""
    for folder, _, _ in os.walk(tree):
        with contextlib.suppress(OSError):
            os.chmod(folder, 0o700)
    shutil.rmtree(tree, ignore_errors=True)


def _file_name(sha: str) -> str:
    return base64.b64decode(sha).hex()


def _sentence(error: OSError, folder: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full: free some space in {folder} and try again."
    return f"Code cannot be kept in {folder}: {error.strerror or error}."


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
