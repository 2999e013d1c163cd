"""One change of many functions: reviewed, done, stopped, looked at again."""

from __future__ import annotations

from dataclasses import replace

from lambdatui.model.rules import Rule
from lambdatui.service.errors import Denied
from tests.dashboard.driver import Person, opened
from tests.dashboard.fakes import AWS, FakeService, shop


async def choose(ui: Person, kind: str) -> None:
    """Open the screen on all that is shown and pick a kind of change."""
    await ui.press("A")
    kinds = ["tag", "untag", "memory", "concurrency", "retention", "delete"]
    await ui.press(*["j"] * kinds.index(kind), "enter")


async def test_memory_of_the_marked_functions_is_reviewed_then_changed() -> None:
    async with opened(shop()) as ui:
        await ui.press("space", "space")
        await choose(ui, "memory")
        ui.sees("Change 2 marked functions", "128 to 10240")
        await ui.type("100")
        ui.sees("128 to 10240 MB")
        await ui.press("backspace", "backspace", "backspace")
        await ui.type("256")
        ui.sees("nothing to change", "Gives 1 function 256 MB.")
        assert ui.service.gates.made("change") == []
        await ui.press("enter", "enter")
        assert [call[:2] for call in ui.service.gates.made("change")] == [("invoice", {"memory": "256"})]
        ui.sees("Memory: 1 done, 1 nothing to change.")
        await ui.press("escape")
        ui.misses("Memory: 1 done")


async def test_a_row_that_fails_says_why_and_does_not_stop_the_others() -> None:
    service = shop()
    async with opened(service) as ui:
        await choose(ui, "tag")
        await ui.type("team=pay")
        service.gates.fail("put_tags", Denied("You may not tag this."))
        await ui.press("enter", "enter")
        ui.sees("You may not tag this.", "5 failed")
        assert len(service.gates.made("put_tags")) == 5


async def test_it_goes_on_when_the_screen_is_left_and_is_found_again() -> None:
    service = shop()
    gate = service.gates.hold("put_tags")
    async with opened(service) as ui:
        await choose(ui, "tag")
        await ui.type("team=pay")
        await ui.press("enter", "enter")
        ui.sees("0 of 5", "esc leaves this screen, the change goes on")
        await ui.press("escape")
        ui.misses("0 of 5")
        await ui.press("A")
        ui.sees("0 of 5")
        await ui.press("s", "escape")
        gate.set()
        await ui.settle()
        assert any("Add a tag: 4 done, 1 not done." in toast for toast in ui.toasts())


async def test_deleting_never_happens_on_a_bare_enter() -> None:
    async with opened(shop()) as ui:
        await ui.press("space", "x")
        ui.sees("Deletes 1 function with all versions and aliases.", "Leave it")
        await ui.press("enter", "enter")
        assert ui.service.gates.made("delete") == []
        ui.misses("Leave it")
        await ui.press("x", "enter", "tab", "enter")
        assert ui.service.gates.made("delete") == [("checkout",)]
        await ui.press("escape")
        ui.misses("checkout", where="#functions")


async def test_on_aws_the_first_change_asks_and_rules_may_want_a_word_typed() -> None:
    service: FakeService = shop(replace(AWS, rule=Rule(type_name=True)))
    async with opened(service) as ui:
        await ui.press("space", "x")
        ui.sees("Type delete 1")
        await ui.press("enter")
        await ui.type("delete 1")
        await ui.press("enter", "tab", "enter")
        ui.sees("First change on AWS", "123456789012")
        assert service.gates.made("delete") == []
        await ui.press("tab", "enter")
        assert service.gates.made("delete") == [("checkout",)]


async def test_read_only_has_no_bulk() -> None:
    async with opened(shop(replace(AWS, read_only=True))) as ui:
        await ui.press("space", "A")
        assert len(ui.app.screen_stack) == 2
