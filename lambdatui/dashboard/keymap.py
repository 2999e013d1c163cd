"""Keys that a person gave to actions: what is wrong with them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from textual.keys import Keys, _character_to_key

from lambdatui.dashboard.keys import BY_ID, KEYS, Key, Where, shown

_SHARED = {Where.EVERYWHERE, Where.LINES}
_INSIDE = (
    Where.ENVIRONMENTS, Where.QUEUE, Where.FAULTS, Where.NEIGHBOURS, Where.DEAD_LETTERS, Where.SOURCES,
    Where.CONCURRENCY, Where.LAYERS, Where.JOURNAL,
)  # fmt: skip
_MAIN = _SHARED | {Where.FUNCTION, Where.INSIDE}
_AT_ONCE: tuple[set[Where], ...] = (
    *(_MAIN | {pane} for pane in (Where.ROWS, Where.RESPONSE, Where.LOG)),
    _SHARED | {Where.SCREEN},
    *(_SHARED | {Where.INSIDE, place} for place in _INSIDE),
    *(_SHARED | {place} for place in (Where.PAYLOADS, Where.BURST, Where.COMPARE, Where.CANARY)),
    *({place} for place in (Where.EDITOR, Where.FILTER, Where.VALUE, Where.DIALOG, Where.HELP, Where.TOUR)),
    {Where.TESTER, Where.DIALOG},
)
"""Places whose keys may work at one time."""

_MODIFIERS = {"ctrl", "shift", "alt", "super", "hyper", "meta"}
_NAMES = {key.value for key in Keys} | {_character_to_key(chr(code)) for code in range(33, 127)} | {"space"}


class Wrong(NamedTuple):
    """An action whose key cannot stay, and why."""

    id: str
    problem: str


def problems(keymap: Mapping[str, str]) -> Iterator[Wrong]:
    """What is wrong with the keys of a config, action by action: no such key, or another action has it."""
    for name, text in keymap.items():
        if name not in BY_ID:
            continue
        for key in _keys(text):
            *modifiers, last = key.split("+")
            if set(modifiers) - _MODIFIERS or last not in _NAMES:
                near = difflib.get_close_matches(key, _NAMES, n=1, cutoff=0.6)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                yield Wrong(name, f"there is no key {key!r}{hint}")
            elif (other := _holder(BY_ID[name], key, keymap)) is not None:
                yield Wrong(name, f"{shown(key)} is the key of {other.id!r} there ({other.tooltip})")


def _holder(key: Key, pressed: str, keymap: Mapping[str, str]) -> Key | None:
    """Which other action that may be there at the same time has this key, if this one has it newly."""
    if pressed in _keys(key.keys):
        return None
    beside = [places for places in _AT_ONCE if key.where in places]
    return next(
        (
            other
            for other in KEYS
            if other.id != key.id
            and any(other.where in places for places in beside)
            and pressed in _keys(keymap.get(other.id, other.keys))
        ),
        None,
    )


def _keys(text: str) -> list[str]:
    """The keys of a text as Textual names them: ``#`` is ``number_sign``."""
    parts = [part.strip() for part in text.split(",")]
    return [_character_to_key(part) if len(part) == 1 else part for part in parts if part]
