"""Sentences name keys as the person's config has them: no screen tells of a key that was given away."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from lambdatui import dashboard
from lambdatui.dashboard.keys import BY_ID
from lambdatui.model.inspection import EventState
from tests.dashboard.driver import opened
from tests.dashboard.fakes import FakeService, shop
from tests.dashboard.inspect.inside import engine

ROOT = Path(dashboard.__file__).parent

# -- no sentence of the code names a key by itself -------------------------------------------------

SAID = "\0"
"""Stands for what a sentence takes from elsewhere: ``{key_of('invoke')}`` among it."""
SINGLE = "".join(
    sorted({key for one in BY_ID.values() for key in one.keys.split(",") if len(key) == 1} - {"a"})
)
LITERAL = re.compile(
    rf"""
      \b(?:ctrl|shift|alt)\+\w             # ctrl+n makes one
    | \b(?:esc|Esc|Enter|escape|f2)\b      # esc closes
    | \b[Pp]ress\ (?!the\b)[^\s<{SAID}]    # press e, press 2
    | \b[0-9{SINGLE}],\ then\ \w           # c, then 5
    | (?<![\w'’{SAID}0-9%.-])(?<![0-9{SAID}]\ )(?<!,\ in\ )  # no unit of time or size
      [B-HJ-Zb-z](?=[\s,.;:)]|$)(?!\.\w)   # p makes version 1
    | (?:^|[.;·]\ )[#&=@|~<>*+/-]\ [a-z]+s\b   # '#' shows it again
    """,
    re.VERBOSE,
)
NO_KEYS_OF_OURS = {
    "tab, enter": "from button to button, and pressing it: Textual's own keys",
    "tab next choice · enter take it": "the same",
}


def sentences(source: str) -> Iterator[tuple[int, str]]:
    """Texts of a module that are no docstrings, with the parts of an f-string put together."""
    tree = ast.parse(source)
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped.update(map(id, node.values))
            parts = [part.value if isinstance(part, ast.Constant) else SAID for part in node.values]
            yield node.lineno, "".join(map(str, parts))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.lineno, node.value


def literal_keys(source: str) -> list[str]:
    """The sentences that name a key by itself."""
    return [
        f"{line}: {text!r} names {found[0]!r}"
        for line, text in sentences(source)
        if " " in text and "{ " not in text  # styles have braces
        and not any(known in text for known in NO_KEYS_OF_OURS)
        and (found := LITERAL.search(text))
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sentence",
    [
        "'Press i to invoke it.'",
        "'No tags. ctrl+n adds one.'",
        "f'{name} is there. e edits it.'",
        "f'{name}, f adds them'",
        "'Nothing is changed yet: Enter changes a row.'",
        "'esc closes'",
        "'c, then 5, on the main screen'",
        "'The burst goes on. # shows it again.'",
        "'none: publish one first, with p'",
    ],
)
def test_a_key_in_a_sentence_is_found(sentence: str) -> None:
    assert literal_keys(f"said = {sentence}")


@pytest.mark.parametrize(
    "sentence",
    [
        "f'Press {key_of(\"invoke\")} to invoke it.'",
        "'Press <invoke> to invoke it.'",
        "f'waited {seconds} s, 3 d'",
        "'This account\\'s role: a policy'",
        "f'{size} B of 6 MB'",
    ],
)
def test_what_is_no_key_is_left_alone(sentence: str) -> None:
    assert not literal_keys(f"said = {sentence}")


def test_no_sentence_names_a_key_by_itself() -> None:
    found = {
        str(file.relative_to(ROOT)): literal_keys(file.read_text("utf-8")) for file in ROOT.rglob("*.py")
    }
    assert {file: named for file, named in found.items() if named} == {}


def test_every_id_that_a_sentence_names_is_in_the_table() -> None:
    named = re.compile(r"<([a-z_.-]+)>")
    for file in ROOT.rglob("*.py"):
        for line, text in sentences(file.read_text("utf-8")):
            for name in named.findall(text):
                assert name in BY_ID, f"{file}:{line}: {text!r}"


# -- and none on the screens -----------------------------------------------------------------------

KEYMAP = {
    "invoke": "f5",
    "payload": "f6",
    "refresh": "f7",
    "new": "f8",
    "command": "f9",
    "event": "f10",
    "quit": "f11",
    "add": "f12",
    "part-settings": "alt+2",
    "part-sources": "alt+5",
    "part-tags": "alt+0",
    "review": "alt+s",
    "change": "alt+c",
    "configuration": "alt+o",
    "inspect-queue": "alt+q",
    "pane-functions": "alt+1",
    "pane-invoke": "alt+3",
    "delete": "alt+x",
    "leave": "alt+l",
    "tour": "alt+t",
    "alias": "alt+a",
    "inspect-sources": "alt+r",
    "publish-layer": "alt+p",
}
"""Keys of one person; what a sentence may have named before is no key there any more."""


def nothing() -> FakeService:
    """A target without a single function."""
    return FakeService(shop().target)


def idle() -> FakeService:
    """An engine where nothing happens."""
    service, inside = engine()
    inside.queue.events[EventState.WAITING] = []
    inside.sources.work = []
    return service


@pytest.mark.parametrize(
    ("made", "keys", "sees", "misses"),
    [
        (nothing, (), ("f8 makes one; or press f9 and pick",), ("ctrl+n",)),
        (shop, (), ("Press f5.", "press f5 to invoke checkout", "alt+1 Functions"), ("ress i",)),
        (shop, ("2", "g", "alt+x"), ("press alt+1, then alt+x",), ("press 1",)),
        (shop, ("ctrl+c",), ("f11 leaves lambdatui",), ("q leaves",)),
        (shop, ("f6", "home", "x", "escape", "f5"), ("Press f6 to edit it",), ("Press e",)),
        (shop, ("alt+a",), ("alt+l close",), ("esc close",)),
        (shop, ("question_mark",), ("alt+t tour", "alt+l closes"), ("esc closes",)),
        (shop, ("question_mark", "alt+t", "enter"), ("f5 runs the chosen", "f6 edits the"), (" i runs",)),
        (shop, ("G", "enter", "9"), ("press alt+2 and change Layers",), ("press 2",)),
        (shop, ("alt+o", "alt+s"), ("alt+c changes a row",), ("nter changes",)),
        (shop, ("enter", "6"), ("a setting, press alt+2",), ("press 2",)),
        (idle, ("alt+q",), ("Send one: f10, then f5",), ("one: m",)),
        (idle, ("alt+r",), ("alt+o, then alt+5, then f12",), ("c, then 5",)),
    ],
)  # fmt: skip
async def test_a_key_that_was_changed_is_named_as_it_is(
    made: Callable[[], FakeService], keys: Sequence[str], sees: Sequence[str], misses: Sequence[str]
) -> None:
    async with opened(made(), (120, 40), keymap=KEYMAP) as ui:
        await ui.press(*keys)
        said = ui.text() + " ".join(ui.toasts())
        flat = re.sub(r"[\s│▌]+", " ", said)
        for text in sees:
            assert text in flat, f"{text!r} is not said:\n{said}"
        for text in misses:
            assert text not in flat, f"{text!r} is said:\n{said}"
