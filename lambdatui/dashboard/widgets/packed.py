"""Long lists that take little room: all but the newest entries are packed, a thousand at a time.

Of 200,000 lines of a log one screenful is looked at. As objects they are 660 bytes each.
"""

from __future__ import annotations

import pickle
import zlib
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from itertools import islice, starmap
from operator import attrgetter
from typing import Any, Generic, TypeVar, overload

from lambdatui.dashboard.widgets.needle import Needle

T = TypeVar("T")

SIZE = 1000
"""Entries that are packed together."""
_OPEN = 4
"""So many packs are kept open: who scrolls comes back."""


class Packed(Sequence[T], Generic[T]):
    """A list that grows at its end and is let go at its start, at the latest when it is over its capacity."""

    def __init__(self, capacity: int | None = None) -> None:
        self._capacity = capacity
        self._packs: list[Any] = []
        self._fresh: list[T] = []
        self._skip = 0  # entries of the first pack that are gone
        self._gone = 0  # packs that are gone
        self._open: OrderedDict[int, list[T]] = OrderedDict()

    def pack(self, entries: list[T]) -> Any:
        """The entries in little room."""
        kind: Any = type(entries[0])
        if not is_dataclass(kind) or any(type(entry) is not kind for entry in entries):
            return None, zlib.compress(pickle.dumps(entries, 5), 1)
        values = attrgetter(*(field.name for field in fields(kind)))
        return kind, zlib.compress(pickle.dumps(list(map(values, entries)), 5), 1)

    def unpack(self, pack: Any) -> list[T]:
        """The entries again."""
        kind, data = pack
        found = pickle.loads(zlib.decompress(data))  # noqa: S301 - made by `pack`, never leaves this process
        return found if kind is None else list(starmap(kind, found))

    def extend(self, entries: Iterable[T]) -> None:
        """Add at the end."""
        self._fresh += entries
        whole = max(0, len(self._fresh) // SIZE - 1)  # the newest are looked at most
        self._packs += [self.pack(self._fresh[at * SIZE : (at + 1) * SIZE]) for at in range(whole)]
        del self._fresh[: whole * SIZE]
        if self._capacity is not None and len(self) > self._capacity:
            self.drop(len(self) - self._capacity)

    def drop(self, count: int) -> None:
        """Let the first ones go."""
        self._skip += count
        whole = min(self._skip // SIZE, len(self._packs))
        del self._packs[:whole]
        self._skip -= whole * SIZE
        self._gone += whole
        if not self._packs:
            del self._fresh[: self._skip]
            self._skip = 0

    def __len__(self) -> int:
        return len(self._packs) * SIZE + len(self._fresh) - self._skip

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> list[T]: ...
    def __getitem__(self, at: int | slice) -> T | list[T]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        number, place = divmod(at + self._skip, SIZE)
        if number < len(self._packs):
            return self._opened(number)[place]
        return self._fresh[at + self._skip - len(self._packs) * SIZE]

    def _opened(self, number: int) -> list[T]:
        serial = self._gone + number
        found = self._open.get(serial)
        if found is None:
            found = self._open[serial] = self.unpack(self._packs[number])
            if len(self._open) > _OPEN:
                self._open.popitem(last=False)
        return found

    def __iter__(self) -> Iterator[T]:
        """Every entry; packs are opened one after the other and not kept."""
        return islice(self._all(), self._skip, None)

    def _all(self) -> Iterator[T]:
        for pack in list(self._packs):
            yield from self.unpack(pack)
        yield from self._fresh


class Texts(Packed[str]):
    """Lines of text, to be searched. Packs that were searched stay unpacked until `tighten`."""

    def __init__(self) -> None:
        super().__init__()
        self._loose: dict[int, str] = {}  # by the pack's number for good

    def pack(self, entries: list[str]) -> Any:
        return zlib.compress("\n".join(entries).encode("utf-8", "surrogatepass"), 1)

    def unpack(self, pack: Any) -> list[str]:
        return _text(pack).split("\n")

    def drop(self, count: int) -> None:
        super().drop(count)
        for serial in [serial for serial in self._loose if serial < self._gone]:
            del self._loose[serial]

    def tighten(self) -> None:
        """Nothing is looked for any more."""
        self._loose.clear()

    def keep(self, needle: Needle, among: Iterable[int] | None = None) -> list[int]:
        """The places of lines in which it is found; ``among``: a few places, and no others can be."""
        if among is not None:
            return [at for at in among if needle.found_in(self[at])]
        found: list[int] = []
        for number, text in enumerate((*self._unpacked(), "\n".join(self._fresh))):
            folded = text if needle.exact or needle.regex else text.lower()
            if needle.regex or needle.text in folded:
                start = number * SIZE - self._skip
                kept = needle.keep(folded.split("\n"))
                found += [start + at for at in kept] if start else kept
        return found[bisect_left(found, 0) : bisect_left(found, len(self))]

    def _unpacked(self) -> Iterator[str]:
        for serial, pack in enumerate(self._packs, self._gone):
            text = self._loose.get(serial)
            if text is None:
                text = self._loose[serial] = _text(pack)
            yield text


def _text(pack: bytes) -> str:
    return zlib.decompress(pack).decode("utf-8", "surrogatepass")
