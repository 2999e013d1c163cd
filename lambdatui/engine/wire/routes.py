"""Finds the operation of a REST request: a tree of path segments, literals before labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_plus

from lambdatui.engine.wire.model import Operation


@dataclass(slots=True)
class _Leaf:
    operation: Operation
    labels: tuple[str, ...]
    constants: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    label: _Node | None = None
    greedy: _Node | None = None
    leaves: dict[str, list[_Leaf]] = field(default_factory=dict)


class Routes:
    """The routes of one service."""

    def __init__(self, operations: list[Operation]) -> None:
        self._root = _Node()
        for operation in operations:
            self._add(operation)

    def find(self, method: str, path: str, query: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation and its decoded path labels. `path` is still percent-encoded."""
        segments = path.strip("/").split("/")
        for leaves, values in _walk(self._root, segments, 0, []):
            for leaf in leaves.get(method, ()):
                if leaf.constants and not _has_constants(query, leaf.constants):
                    continue
                labels = {name: unquote(value) for name, value in zip(leaf.labels, values, strict=True)}
                return leaf.operation, labels
        return None

    def _add(self, operation: Operation) -> None:
        path, _, query = operation.uri.partition("?")
        node, labels = self._root, []
        for segment in path.strip("/").split("/"):
            if segment.startswith("{"):
                name = segment[1:-1]
                labels.append(name.rstrip("+"))
                if name.endswith("+"):
                    node.greedy = node.greedy or _Node()
                    node = node.greedy
                else:
                    node.label = node.label or _Node()
                    node = node.label
            else:
                node = node.literals.setdefault(segment, _Node())
        constants = tuple(query_pairs(query))
        leaves = node.leaves.setdefault(operation.method, [])
        leaves.append(_Leaf(operation, tuple(labels), constants))
        leaves.sort(key=lambda leaf: -len(leaf.constants))  # the most particular route first


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Decoded names and values in their order; blank values are kept."""
    if not query:
        return []
    pairs = (piece.partition("=") for piece in query.split("&") if piece)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]


def _walk(
    node: _Node, segments: list[str], at: int, values: list[str]
) -> list[tuple[dict[str, list[_Leaf]], list[str]]]:
    """Every place where the segments may end, the most literal first."""
    if at == len(segments):
        return [(node.leaves, values)] if node.leaves else []
    segment = segments[at]
    found = []
    following = node.literals.get(segment)
    if following is not None:
        found += _walk(following, segments, at + 1, values)
    if node.label is not None and segment:
        found += _walk(node.label, segments, at + 1, [*values, segment])
    if node.greedy is not None and segment:
        for end in range(len(segments), at, -1):
            found += _walk(node.greedy, segments, end, [*values, "/".join(segments[at:end])])
    return found


def _has_constants(query: str, constants: tuple[tuple[str, str], ...]) -> bool:
    given = query_pairs(query)
    return all((name, value) in given or (not value and name in dict(given)) for name, value in constants)
