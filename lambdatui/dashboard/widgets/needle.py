"""What is looked for in lines and rows: plain text or a regular expression."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator


class BadPatternError(ValueError):
    """The regular expression cannot be understood; the message says why."""


class Needle:
    """Something to look for, made once and asked for every line.

    Plain text is looked for without regard to case, unless it has capitals itself.
    """

    __slots__ = ("_find", "exact", "regex", "text")

    def __init__(self, text: str, *, regex: bool = False) -> None:
        self.text = text
        self.regex = regex
        self.exact = text != text.lower()
        try:
            pattern = re.compile(text if regex else re.escape(text), 0 if self.exact else re.IGNORECASE)
        except re.error as error:
            raise BadPatternError(f"“{text}” is no regular expression: {error}") from error
        self._find: Callable[[str], Iterator[re.Match[str]]] = pattern.finditer

    def __bool__(self) -> bool:
        return bool(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Needle) and (self.text, self.regex) == (other.text, other.regex)

    def __hash__(self) -> int:
        return hash((self.text, self.regex))

    def narrows(self, earlier: Needle) -> bool:
        """Whether everything this one finds was found by the earlier one too."""
        if self.regex or earlier.regex:
            return False
        if earlier.exact:
            return self.exact and earlier.text in self.text
        return earlier.text in self.text.lower()

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it occurs in the text: start and end of every match that is not empty."""
        if not self.text:
            return []
        return [match.span() for match in self._find(text) if match.end() > match.start()]

    def found_in(self, text: str) -> bool:
        """Whether it occurs in the text."""
        if self.regex:
            return next(self._find(text), None) is not None
        return self.text in (text if self.exact else text.lower())

    def haystack(self, texts: list[str], folded: list[str]) -> list[str]:
        """Which of the two to look through: the texts, or the same texts in lower case."""
        return texts if self.exact or self.regex else folded

    def keep(self, haystack: list[str], among: Iterable[int] | None = None) -> list[int]:
        """The positions in the haystack that it occurs in; ``among`` limits where to look."""
        if self.regex:
            find = self._find
            at_all = range(len(haystack)) if among is None else among
            return [at for at in at_all if next(find(haystack[at]), None) is not None]
        needle = self.text
        if among is None:
            return [at for at, text in enumerate(haystack) if needle in text]
        return [at for at in among if needle in haystack[at]]


NOTHING = Needle("")
"""Looks for nothing."""
