"""What can be wrong with a request for a sample event; every text is for a person."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class EventError(ValueError):
    """The event cannot be made as asked."""


class UnknownSample(EventError):  # noqa: N818 - reads as what it is
    """There is no sample of that name."""


class UnknownParameter(EventError):  # noqa: N818
    """The sample has no parameter of that name."""


class BadParameter(EventError):  # noqa: N818
    """The parameter cannot have that value."""


class TooLarge(EventError):  # noqa: N818
    """A part of the event, or all of it, is larger than the service lets through."""


def nearest(wanted: str, known: Iterable[str]) -> str:
    """ " (did you mean …?)", or nothing."""
    found = difflib.get_close_matches(wanted, list(known), n=1, cutoff=0.4)
    return f" (did you mean {found[0]!r}?)" if found else ""
