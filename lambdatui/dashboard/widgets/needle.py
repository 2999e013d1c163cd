"""What is looked for in lines and rows: plain text or a regular expression."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator


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
        return (
            not self.regex
            and not earlier.regex
            and earlier.text.lower() in self.text.lower()
            and (self.exact or not earlier.exact)
        )

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

    def keep(self, texts: list[str], folded: list[str]) -> list[int]:
        """The positions of the texts it occurs in; ``folded`` are the same texts in lower case."""
        if self.regex:
            return [at for at, text in enumerate(texts) if next(self._find(text), None) is not None]
        needle = self.text
        return [at for at, text in enumerate(texts if self.exact else folded) if needle in text]


NOTHING = Needle("")
"""Looks for nothing."""
