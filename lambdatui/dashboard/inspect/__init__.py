"""Screens that look inside a target, each one key from the main screen; which there are, and how to add one.

A screen is a module here with a subclass of `screen.InspectScreen`, which says what to override. To add one:

1. the service offers a *view* of it: a frozen record of `lambdatui.model` with a ``stamp``, and a call that
   takes ``since`` (the last stamp) and ``wait_s`` and answers once the stamp is another
   (`lambdatui.service.inspection`; on the engine's side `lambdatui.engine.own.looking.changed`). A target
   whose API has no such thing is asked at a pace of the screen's own: see `InspectScreen.PACE_S`;
2. an entry in `SCREENS` below, with the capability that a target must have (None: every target has it);
3. in `dashboard/keys.py` a `Where` that heads its part of the help, a key ``inspect-NAME`` of
   `Where.INSIDE` with the action ``inspect('NAME')``, and its own keys;
4. ``inspect-NAME`` in `DOORS`, which both the main screen and every inspection screen bind.

Keys, palette entries and help follow from the table: a target without the capability has none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from lambdatui.model import Capability

if TYPE_CHECKING:
    from lambdatui.dashboard.inspect.screen import InspectScreen, Outlook
    from lambdatui.model import Target


class Entry(NamedTuple):
    """What a target needs for a screen, and the module and class that draw it."""

    needs: Capability | None
    home: str


SCREENS: Mapping[str, Entry] = {
    "environments": Entry(Capability.ENVIRONMENTS, "environments:EnvironmentsScreen"),
    "queue": Entry(Capability.QUEUE, "queue:QueueScreen"),
    "journal": Entry(None, "journal:JournalScreen"),
    "faults": Entry(Capability.FAULTS, "faults:FaultsScreen"),
    "neighbours": Entry(Capability.NEIGHBOURS, "neighbours:NeighboursScreen"),
    "dead-letters": Entry(None, "dead_letters:DeadLettersScreen"),
    "concurrency": Entry(None, "concurrency:ConcurrencyScreen"),
    "layers": Entry(None, "layers:LayersScreen"),
    "sources": Entry(Capability.SOURCES, "sources:SourcesScreen"),
}
DOORS = tuple(f"inspect-{name}" for name in SCREENS)
"""The keys that lead to them."""


def offered(name: object, target: Target) -> bool:
    """Whether a target has what the screen shows."""
    entry = SCREENS.get(str(name))
    return entry is not None and (entry.needs is None or target.can(entry.needs))


def make(name: str, outlook: Outlook) -> InspectScreen[Any]:
    """The screen of that name; its module is imported when it is first opened."""
    module, _, found = SCREENS[name].home.partition(":")
    made: type[InspectScreen[Any]] = getattr(import_module(f"lambdatui.dashboard.inspect.{module}"), found)
    return made(outlook)
