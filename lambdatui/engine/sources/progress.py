"""How far a shard is done with: never past a record that is not, whatever is done behind it."""

from __future__ import annotations

from collections.abc import Iterable


class Progress:
    """The records of a shard that were read, in order, and which of them are done."""

    def __init__(self) -> None:
        self._open: dict[str, bool] = {}
        self.after: str | None = None
        """The last record of the shard before which all are done."""

    def __len__(self) -> int:
        return len(self._open)

    def read(self, sequences: Iterable[str]) -> None:
        self._open.update(dict.fromkeys(sequences, False))

    def done(self, sequences: Iterable[str]) -> bool:
        """Note what is done; whether that moved `after`."""
        for sequence in sequences:
            if sequence in self._open:
                self._open[sequence] = True
        before = self.after
        while self._open:
            first = next(iter(self._open))
            if not self._open[first]:
                break
            self.after = first
            del self._open[first]
        return self.after != before
