"""Every key that a screen offers is pressed for real, and each must do something.

A scene is a screen with one of its parts in focus. What its help lists and what is bound there is
pressed key by key; before and after, the person's view is compared: screens, focus, what is drawn,
what was said, copied and asked of the service. A key that changes nothing there is a key too many.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding

from lambdatui.dashboard.commands import MOVES, Commands, title_of
from lambdatui.dashboard.function.screen import PARTS
from lambdatui.dashboard.keys import BY_ID, KEYS, Where
from lambdatui.dashboard.screens.help import BEYOND, HelpScreen, bound
from lambdatui.model import Invocation, InvocationType, LogEvent
from tests.dashboard.driver import SIZES, Person, opened
from tests.dashboard.fake_account import NOW
from tests.dashboard.fakes import AWS, FakeService, shop
from tests.dashboard.inspect.beside import FakeNeighbours
from tests.dashboard.inspect.failed import FakeDeadLetters, FakeRedrives
from tests.dashboard.inspect.inside import engine
from tests.dashboard.test_create import FakeCreation


def whole() -> FakeService:
    """The shop on an engine with everything that can be looked into, and enough of it to move in."""
    service, _ = engine()
    service.neighbours = FakeNeighbours(service.gates)
    service.dead_letters = FakeDeadLetters(service.gates)
    service.redrives = FakeRedrives(service.gates)
    service.creation = FakeCreation(service)  # type: ignore[attr-defined]
    service.parts.fill()
    return service


def talkative() -> FakeService:
    """With more to read than fits, some of it errors."""
    service = whole()
    at = int(NOW.timestamp() * 1000)
    lines = ["first", "long " * 60, "[ERROR] refused", *map(str, range(20))]
    events = [
        LogEvent(at + n, line, "s", f"{n}", level="ERROR" if "ERROR" in line else "")
        for n, line in enumerate(lines)
    ]
    service.store.write_log("/aws/lambda/checkout", *events, *events)
    payload = json.dumps({"wide": "wide " * 60, "deep": list(range(40))})
    sent = Invocation("checkout", None, InvocationType.EVENT, payload.encode(), NOW, 1.0, 202, "r")
    service.history.runs["checkout"] = [sent]
    return service


def account() -> FakeService:
    """The same as an account of AWS."""
    service = shop(AWS)
    service.creation = FakeCreation(service)  # type: ignore[attr-defined]
    service.parts.fill()
    return service


@dataclass(frozen=True, slots=True)
class Scene:
    """How to come to a part of a screen, and what has to be pressed before some keys there."""

    name: str
    come: tuple[str, ...] = ()
    service: Callable[[], FakeService] = whole
    before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    still: frozenset[str] = frozenset()
    """Keys that honestly do nothing in this scene: there is nothing to move to."""
    among: Callable[[str], bool] = lambda name: True
    """Which ids are tried: not again what another walk tries, and what takes a new start each time."""


async def look(ui: Person) -> tuple[object, ...]:
    """All that a person could notice."""
    app = ui.app
    if not app.is_running:
        return ("gone",)
    screen = app.screen
    drawn = [
        (segment.text, segment.style) for strip in screen._compositor.render_strips() for segment in strip
    ]
    stack = tuple(id(each) for each in app.screen_stack)
    said = len(app.said), len(ui.copies), app.theme  # type: ignore[attr-defined]
    return stack, id(app.focused), drawn, said, len(ui.service.gates.calls)


def no_door_but_one(name: str) -> bool:
    """The doors to the inspection screens are tried on the main screen, all of them."""
    return not name.startswith("inspect-") or name == "inspect-queue"


def of_values(name: str) -> bool:
    """What only a line that is typed into has."""
    return BY_ID[name].where is Where.VALUE


SEARCHED = {
    "list.next_match": ("slash", "e", "enter"),
    "list.previous_match": ("slash", "e", "enter"),
    "log.previous_error": ("G",),
    "log.next_error": ("g",),
}

BEFORE: Mapping[str, tuple[str, ...]] = {
    "list.up": ("G",),
    "list.top": ("G",),
    "list.page_up": ("G",),
    "list.down": ("g",),
    "list.bottom": ("g",),
    "list.page_down": ("g",),
}
"""What makes room for a movement, wherever it is tried."""

OWN = {"refresh", "copy", "delete", "next-pane", "back", "change", "list.open"}
"""Keys that mean the same everywhere, and are done by each screen in its own way."""

FITS = frozenset({"list.left", "list.right", "lines.wrap"})
"""No line is too long, so there is nothing aside and nothing to wrap."""

LAST = {"quit": 3, "back": 2, "leave": 2}
"""Keys that leave, tried when all others were."""


Offer = tuple[str, str, str]


def offered(ui: Person) -> Iterator[Offer]:
    """The ids of the keys that work here, the key, and where it is bound."""
    for pressed, active in ui.app.screen.active_bindings.items():
        name = active.binding.id
        if name is not None and name in BY_ID and active.enabled:
            yield name, pressed, _owner(name, active.node)


def _owner(name: str, node: Any) -> str:
    """The class that binds a key; where each screen does it in its own way, the screen's."""
    if name in OWN:
        return type(node).__name__
    return next(
        each.__name__
        for each in type(node).__mro__
        if any(name == binding.id for binding in Binding.make_bindings(each.__dict__.get("BINDINGS", [])))
    )


def place(ui: Person) -> tuple[object, ...]:
    return tuple(id(each) for each in ui.app.screen_stack), id(ui.app.focused)


async def back(ui: Person, home: tuple[object, ...], focused: Any) -> bool:
    """Return to the scene; False when that takes a new start."""
    for _ in range(4):
        if not ui.app.is_running or len(ui.app.screen_stack) < len(home[0]):  # type: ignore[arg-type]
            return False
        if len(ui.app.screen_stack) == len(home[0]):  # type: ignore[arg-type]
            break
        await ui.press("escape")
    if place(ui)[0] != home[0] or (focused is not None and not (focused.is_attached and focused.focusable)):
        return False
    if ui.app.focused is not focused:
        ui.app.screen.set_focus(focused)
        await ui.settle()
    return place(ui) == home


@asynccontextmanager
async def fresh(scene: Scene, homes: Iterator[Path]) -> AsyncIterator[Person]:
    """The scene on an app that remembers nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAMBDATUI_HOME", str(next(homes)))
        async with opened(scene.service(), SIZES["80x24"]) as ui:
            for step in scene.come:
                await (ui.type(step[1:]) if step.startswith(">") else ui.press(step))
            yield ui


async def tried(
    scene: Scene, homes: Iterator[Path], seen: set[tuple[str, str, str]], listed: set[str]
) -> list[str]:
    """Press every key of the scene that was not tried elsewhere; what did nothing."""
    silent: list[str] = []
    todo: list[Offer] | None = None
    while todo is None or todo:
        async with fresh(scene, homes) as ui:
            home = place(ui)
            focused = ui.app.focused
            if todo is None:
                new = [each for each in offered(ui) if each not in seen and scene.among(each[0])]
                todo = sorted(new, key=lambda each: LAST.get(each[0], 0))
                seen.update(todo)
                if any(name == "help" for name, *_ in offered(ui)):
                    await ui.press("question_mark")
                    assert isinstance(ui.app.screen, HelpScreen)
                    listed |= {key.id for key in ui.app.screen.listed}
                    assert await back(ui, home, focused)
            while todo:
                name, pressed, _ = todo.pop(0)
                for step in scene.before.get(name, BEFORE.get(name, ())):
                    await ui.press(step)
                if pressed not in ui.app.screen.active_bindings:
                    silent.append(f"{scene.name}: {pressed} ({name}) is no key any more")
                    break
                was = await look(ui)
                await ui.press(pressed)
                if await look(ui) == was and name not in scene.still:
                    silent.append(f"{scene.name}: {pressed} ({name})")
                if not await back(ui, home, focused):
                    break
    return silent


WALKS: Mapping[str, tuple[Scene, ...]] = {
    "main": (
        Scene("functions", still=frozenset({"pane-functions"})),
        Scene(
            "log",
            ("4",),
            talkative,
            before=SEARCHED | {"list.open": ("i", "4", "G", "k"), "list.left": ("right",)},
        ),
        Scene("log searched", ("4", "slash", "r", "enter"), talkative, still=FITS),
        Scene("response", ("i", "3"), talkative, before=SEARCHED | {"list.left": ("right",)}),
        Scene("versions", ("2",)),
        Scene("payload", ("e",)),
        Scene("filter", ("slash", "p")),
    ),
    "function": (
        *(
            Scene(
                name,
                ("enter", BY_ID[f"part-{name}"].keys),
                still=FITS | {f"part-{name}"},
                before={"reveal": ("G",)},
            )
            for name in PARTS
        ),
        Scene("value", ("enter", "2", "j", "enter"), among=of_values),
        Scene("value of a list", ("enter", "2", "j", "j", "j", "enter"), among=of_values),
    ),
    "inspect": (
        Scene("environments", ("V",), before={"hold": ("j",), "cool": ("j",)}, among=no_door_but_one),
        Scene("queue", ("Q",)),
        Scene("event", ("Q", "enter")),
        Scene("journal", ("t", "escape", "y", "y", "m", "p", "enter", "J")),
        Scene("faults", ("F",)),
        Scene("neighbours", ("B",)),
        Scene("inside", ("B", "enter")),
        Scene("dead letters", ("D",)),
        Scene("letters", ("D", "enter")),
        Scene("concurrency", ("K",)),
        Scene("layers", ("L",)),
        Scene("sources", ("S",)),
        Scene("filter tester", ("S", "e")),
    ),
    "invoking": (
        Scene("payloads", ("P",), still=frozenset({"refresh"})),  # there are no others meanwhile
        Scene("burst", ("number_sign", "enter"), still=FITS),
        Scene("compare", ("equals_sign", "enter")),
        Scene("answer", ("equals_sign", "enter", "tab"), still=FITS),
        Scene("shift", ("2", "j", "b", "enter")),
    ),
    "dialogs": (
        Scene("new", ("ctrl+n",)),
        Scene("bulk", ("space", "A")),
        Scene("columns", ("vertical_line",), before={"toggle-column": ("j",), "sort-by": ("g",)}),
        Scene("publish", ("p",)),
        Scene("alias", ("a",)),
        Scene("delete", ("x",)),
        Scene("which two", ("d",)),
        Scene("two", ("d", "enter"), still=FITS, before={"list.open": ("G", "k")}),
        Scene("target", ("t",)),
        Scene("help", ("question_mark",)),
        Scene("tour", ("question_mark", "question_mark")),
        Scene("jump", ("ctrl+o",)),
        Scene("add to the log", ("4", "plus")),
        Scene("clean up", ("enter", "3", "C")),
        Scene("text", ("Q", "e")),
    ),
    "account": (
        Scene("row", (), account, among="console".__eq__),
        Scene("function", ("enter",), account, among="console".__eq__),
    ),
}


TRIED: dict[str, set[str]] = {}
"""What each walk pressed."""

NOT_TRIED = {
    "stop-transfer": "while code goes up or down: test_transfers",
    "stop-burst": "while a burst goes on: test_screens",
    "stop-job": "while many are changed: test_bulk",
    "stop-redrive": "while letters go back: test_dead_letters",
    "start-neighbours": "while they sleep: test_neighbours",
    "undo-write": "of a change that can be undone: test_journal",
    "rename-payload": "of a saved payload: test_screens",
    "delete-payload": "of a saved payload: test_screens",
    "log.drop": "while several are followed: test_log_lines",
    "disarm": "of an armed fault: test_faults",
    "next-page": "while there are more pages: test_queue",
    "page-before": "while there are more pages: test_queue",
    "queue-waiting": "while another list is shown: test_queue",
    "pick-value": "of a value that the account has a list of: test_role",
    "next-choice": "of a value with choices: test_create",
    "choice-before": "of a value with choices: test_create",
    "sort-by": "the list's own Enter: test_functions_list",
    "interrupt": "where no text is selected: test_keys",
    "complete": "while a word is suggested: test_functions_list",
}
"""Keys that are there only at times; where they are pressed."""


@pytest.mark.parametrize("walk", WALKS)
async def test_every_key_that_is_offered_does_something(walk: str, tmp_path: Path) -> None:
    homes = (tmp_path / str(number) for number in count())
    seen: set[Offer] = set()
    listed: set[str] = set()
    silent: list[str] = []
    for scene in WALKS[walk]:
        silent += await tried(scene, homes, seen, listed)
    assert not silent, "\n" + "\n".join(silent)
    TRIED[walk] = {name for name, *_ in seen}
    beyond = {key.id for key in KEYS if key.where in BEYOND | {Where.FILTER, Where.VALUE}}
    doors = {key.id for key in KEYS if key.where is Where.INSIDE}
    missed = listed - TRIED[walk] - beyond - doors - NOT_TRIED.keys()
    assert walk == "account" or not missed, "in the help, in no part of the screen"


def test_every_key_of_the_table_was_tried() -> None:
    if TRIED.keys() != WALKS.keys():
        pytest.skip("not every walk was walked in this process")
    missed = {key.id for key in KEYS} - set[str]().union(*TRIED.values())
    assert not missed - NOT_TRIED.keys(), " ".join(sorted(missed - NOT_TRIED.keys()))
    assert not NOT_TRIED.keys() - missed, " ".join(sorted(NOT_TRIED.keys() - missed))


# -- the palette ---------------------------------------------------------------------------------

NOT_IN_PALETTE = {
    "command": "leads there",
    "palette": "leads there",
    "interrupt": "a reflex, that only says how to quit",
    "back": "esc closes the palette first",
    **{f"list.{way}": "moves the cursor" for way in MOVES},
}
TYPED_OR_CLOSED = {Where.EDITOR, Where.FILTER, Where.VALUE, Where.DIALOG, Where.HELP, Where.TOUR}


@pytest.mark.parametrize("come", [(), ("i", "4"), ("enter", "4"), ("enter", "3"), ("V",), ("Q",), ("P",)])
async def test_every_action_of_the_screen_is_in_the_palette(come: tuple[str, ...]) -> None:
    async with opened(whole(), SIZES["80x24"]) as ui:
        await ui.press(*come)
        there = {one.id for one in bound(ui.app.screen)}
        titles = {title for title, *_ in Commands(ui.app.screen)._actions()}
        for key in KEYS:
            if key.id in there and key.id not in NOT_IN_PALETTE and key.where not in TYPED_OR_CLOSED:
                assert title_of(key) in titles, key
                assert key.description.lower() in title_of(key).lower()


@pytest.mark.parametrize(
    ("typed", "sees"),
    [
        ("wrap long", "key w · Log"),
        ("follow one more", "Log"),
        ("canary", "Shift: move an alias"),
        ("region", "look at another account"),
        ("chaos", "Faults: make AWS's bad days happen"),
    ],
)
async def test_people_find_what_they_look_for(typed: str, sees: str) -> None:
    async with opened(whole()) as ui:
        await ui.press("ctrl+p")
        await ui.type(typed)
        ui.sees(sees)


async def test_the_palette_does_what_the_key_does_in_another_pane() -> None:
    async with opened(talkative()) as ui:
        await ui.press("ctrl+p")
        await ui.type("own lines as they came")
        await ui.press("down", "enter")
        ui.sees("─ raw", where="#log")
