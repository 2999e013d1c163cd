"""The files of a package as a tree of rows, folders with the size of all they hold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lambdatui.service.code import CodeFile


@dataclass(frozen=True, slots=True)
class Node:
    """A folder or a file."""

    path: str
    depth: int
    size: int
    files: int  # how many files a folder holds
    file: CodeFile | None = None
    folded: bool = False

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def is_folder(self) -> bool:
        return self.file is None


def tree_of(
    files: Sequence[CodeFile], folded: Collection[str], needle: str = "", holding: Collection[str] = ()
) -> list[Node]:
    """The rows: folders before files, both by name. With something to look for, only files whose path
    has it or whose text is ``holding`` it, and the folders on the way to them."""
    chosen = [file for file in files if needle.lower() in file.path.lower() or file.path in holding]
    sizes: dict[str, tuple[int, int]] = {}
    for file in chosen:
        for folder in _folders(file.path):
            size, count = sizes.get(folder, (0, 0))
            sizes[folder] = size + file.size, count + 1
    entries: list[tuple[tuple[tuple[int, str], ...], str, CodeFile | None]] = [
        (_order(folder, is_file=False), folder, None) for folder in sizes
    ]
    entries += [(_order(file.path, is_file=True), file.path, file) for file in chosen]
    nodes = []
    for _, path, found in sorted(entries, key=lambda entry: entry[0]):
        if not needle and any(parent in folded for parent in _folders(path)):
            continue
        size, count = (found.size, 1) if found else sizes[path]
        closed = found is None and path in folded and not needle
        nodes.append(Node(path, path.count("/"), size, count, found, closed))
    return nodes


def _folders(path: str) -> list[str]:
    """The folders that a path is in, the outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: at + 1]) for at in range(len(parts))]


def _order(path: str, *, is_file: bool) -> tuple[tuple[int, str], ...]:
    *folders, last = path.split("/")
    return (*((0, folder) for folder in folders), (int(is_file), last))
