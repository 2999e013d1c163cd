"""The table of keys is the truth: bindings, footer, help and palette follow it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

from lambdatui import dashboard
from lambdatui.dashboard import keys
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fakes import AWS, shop

MODULES = [
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(dashboard.__path__, f"{dashboard.__name__}.")
]
OURS = {
    found
    for module in MODULES
    for _, found in inspect.getmembers(module, inspect.isclass)
    if issubclass(found, DOMNode) and found.__module__.startswith("lambdatui.")
}


def bound() -> list[Binding]:
    """Every binding of our own classes, key by key."""
    found: list[Binding] = []
    for owner in OURS:
        for base in owner.__mro__:
            if base.__module__.startswith("lambdatui."):
                found += Binding.make_bindings(base.__dict__.get("BINDINGS", []))
    return found


def test_ids_are_unique_and_every_binding_is_in_the_table_with_its_key() -> None:
    assert len(keys.BY_ID) == len(keys.KEYS)
    for binding in bound():
        assert binding.id is not None, binding
        assert binding.id in keys.BY_ID, binding
        assert binding.key in keys.BY_ID[binding.id].keys.split(","), binding


def test_every_key_of_the_table_is_bound_somewhere() -> None:
    assert {key.id for key in keys.KEYS} == {binding.id for binding in bound()}


def test_every_key_has_words_that_fit() -> None:
    for key in keys.KEYS:
        assert key.description
        assert len(key.description) <= 16
        assert key.tooltip.endswith(".")
        assert len(key.tooltip) <= 44


async def test_the_help_tells_of_what_works_here_and_of_nothing_else() -> None:
    async with opened(shop(), (120, 90)) as ui:
        await ui.press("question_mark")
        ui.sees("i           Invoke the chosen row", "A short tour", "Make the function.")
        ui.misses("Environments, live.", "Save the deployed package")
        await ui.press("q")
        ui.misses("esc closes")
        await ui.press("enter", "4", "question_mark")
        ui.sees("W           Save the deployed package as a zip.", "U           Deploy a folder")
        ui.misses("Give the function or an alias a URL.", "A short tour", "Make the function.")
        await ui.press("escape", "3", "question_mark")
        ui.sees("p           Publish $LATEST", "C           Delete old versions")
        ui.sees("Compare with another target.")


async def test_the_help_scrolls_where_it_does_not_fit() -> None:
    async with opened(shop(), SIZES["80x24"]) as ui:
        await ui.press("question_mark")
        ui.misses("letters and digits are text")
        await ui.press("G")
        ui.sees("letters and digits are text")
        await ui.press("g", "j", "ctrl+f", "ctrl+b", "k", "q")
        ui.sees("─ 1 Functions")


async def test_the_footer_shows_what_works_here_and_ends_with_the_help() -> None:
    async with opened(shop()) as ui:
        ui.sees("i invoke  m Event  e payload  p publish  a alias", "? help", where="Footer")
        await ui.press("4")
        ui.sees("s pause", where="Footer")
        await ui.press("e")
        ui.sees("ctrl+j invoke", where="Footer").misses("p publish", where="Footer")


async def test_keys_can_be_changed_and_footer_and_help_follow() -> None:
    async with opened(shop(), keymap={"invoke": "v", "help": "f1"}) as ui:
        ui.sees("v invoke", "f1 help", where="Footer")
        await ui.press("i")
        assert ui.service.gates.made("invoke") == []
        await ui.press("v")
        assert len(ui.service.gates.made("invoke")) == 1
        await ui.press("f1")
        ui.sees("v           Invoke the chosen row")


async def test_esc_never_quits_and_q_does_only_on_the_main_screen() -> None:
    async with opened(shop()) as ui:
        await ui.press("escape", "escape", "p", "q", "escape", "question_mark", "q", "ctrl+c")
        assert ui.app.is_running
        assert any("q leaves lambdatui" in toast for toast in ui.toasts())
        await ui.press("q")
        assert not ui.app.is_running


@pytest.mark.parametrize("key", ["i", "m", "p", "a", "x"])
async def test_a_read_only_target_has_no_key_that_changes_something(key: str) -> None:
    from dataclasses import replace

    async with opened(shop(replace(AWS, read_only=True))) as ui:
        ui.sees("read-only").misses("invoke", "publish", "alias", where="Footer")
        await ui.press(key)
        assert len(ui.app.screen_stack) == 2
        assert ui.service.gates.made("invoke") == []
        assert ui.main.invocation.kind == "RequestResponse"


# -- palette and copying ----------------------------------------------------------------------


async def test_the_palette_finds_actions_functions_and_themes() -> None:
    async with opened(shop()) as ui:
        await ui.press("colon")
        await ui.type("function pay")
        await ui.press("down", "enter")
        assert ui.main.functions.table.cursor_key == "payments"
        await ui.press("ctrl+p")
        await ui.type("theme light")
        await ui.press("down", "enter")
        assert ui.app.theme == "light"
        await ui.press("ctrl+p")
        await ui.type("publish $LATEST")
        await ui.press("down", "enter")
        ui.sees("Publish payments")


async def test_the_palette_copies_the_exports_of_a_local_engine() -> None:
    async with opened(shop()) as ui:
        await ui.press("colon")
        await ui.type("exports")
        await ui.press("down", "enter")
        assert ui.copies[-1].splitlines()[0] == "export AWS_ENDPOINT_URL=http://127.0.0.1:4574"
        assert any("the exports of this engine" in toast for toast in ui.toasts())


async def test_the_palette_adds_and_removes_samples() -> None:
    async with opened(shop()) as ui:
        await ui.press("colon")
        await ui.type("add the sample")
        await ui.press("down", "enter")
        ui.sees("hello", where="#functions")
        await ui.press("colon")
        await ui.type("remove the sample")
        await ui.press("down", "enter")
        ui.misses("hello", where="#functions")


async def test_y_copies_what_the_cursor_is_on() -> None:
    async with opened(shop()) as ui:
        await ui.press("y", "2", "j", "y", "i", "3", "j", "y", "4", "g", "j", "y")
        assert ui.copies == [
            "arn:aws:lambda:us-east-1:000000000000:function:checkout",
            "arn:aws:lambda:us-east-1:000000000000:function:checkout:prod",
            "true",
            "  charging card ****4242",
        ]


async def test_capital_y_copies_the_invocation_as_an_aws_command() -> None:
    async with opened(shop()) as ui:
        ui.main.invocation.payload = '{"it\'s": 1}'
        await ui.press("2", "j", "m", "Y")
        assert ui.copies == [
            "aws lambda invoke --function-name checkout --qualifier prod --invocation-type Event"
            " --cli-binary-format raw-in-base64-out --payload '{\"it'\"'\"'s\": 1}'"
            " --region us-east-1 --endpoint-url http://127.0.0.1:4574 /dev/stdout"
        ]


async def test_the_users_editor_needs_a_name() -> None:
    async with opened(shop()) as ui:
        await ui.press("E")
        assert any("Set EDITOR" in toast for toast in ui.toasts())


async def test_the_help_of_another_screen_leaves_out_what_is_no_key_there() -> None:
    async with opened(shop(), (120, 90)) as ui:
        await ui.press("enter", "question_mark")
        ui.misses("Look at another account, region or engine.", "Go to the versions and aliases.")
        ui.sees("Function screen", "Show these keys.", "A letter on everything that can be gone to.")
