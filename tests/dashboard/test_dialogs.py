"""Publishing, aliases, deleting: what is asked, what is sent, what stays when it fails."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input

from lambdatui.model.rules import Rule
from lambdatui.service.errors import Changed, Conflict, ServiceError
from tests.dashboard.driver import Person, opened
from tests.dashboard.fake_account import version
from tests.dashboard.fakes import AWS, FakeService, shop


async def fill(ui: Person, field: str, text: str) -> None:
    """Write into a field of the dialog, instead of what is there."""
    ui.app.screen.query_one(f"#{field}", Input).focus()
    await ui.press("end", "ctrl+u")
    await ui.type(text)


async def test_publish_asks_for_a_description_and_the_version_appears() -> None:
    async with opened(shop()) as ui:
        await ui.press("p")
        ui.sees("Publish checkout", "Description")
        await ui.type("new tax")
        await ui.press("enter")
        assert ui.service.gates.made("publish") == [("checkout", "new tax")]
        ui.sees("Version 4 of checkout is published.").sees("new tax", where="#versions")


async def test_a_publish_that_fails_keeps_the_dialog_and_what_was_typed() -> None:
    async with opened(shop()) as ui:
        ui.service.gates.fail("publish", Conflict("Checkout is still being updated. Try again in a moment."))
        await ui.press("p")
        await ui.type("q")
        await ui.press("enter")
        ui.sees("Checkout is still being updated. Try again in a moment.", where="#dialog")
        assert ui.app.screen.query_one("#description", Input).value == "q"
        ui.service.gates.fail("publish", None)
        await ui.press("enter")
        ui.sees("Version 4 of checkout is published.")


async def test_esc_leaves_a_dialog_and_nothing_was_sent() -> None:
    async with opened(shop()) as ui:
        await ui.press("p", "escape")
        ui.misses("Publish checkout")
        await ui.press("a", "escape", "x", "escape")
        assert not {"publish", "put_alias", "delete"} & {call[0] for call in ui.service.gates.calls}


async def test_a_dialog_says_the_keys_that_do_it_and_that_close_it() -> None:
    async with opened(shop(), keymap={"leave": "f4"}) as ui:
        await ui.press("p")
        ui.sees("enter publish · f4 close", where="#dialog")
        await ui.press("f4", "a")
        ui.sees("tab next field · enter create · f4 close", where="#dialog")
        await ui.press("f4", "x")
        ui.sees("tab, enter delete · f4 close", where="#dialog")
        await ui.press("tab", "enter")
        assert ui.service.gates.made("delete") == [("checkout",)]


async def test_a_new_alias_takes_the_chosen_version_and_a_share_for_a_second_one() -> None:
    async with opened(shop()) as ui:
        await ui.press("2", "j", "j", "j", "a")
        ui.sees("New alias of checkout")
        assert ui.app.screen.query_one("#version", Input).value == "3"
        await ui.type("canary")
        await fill(ui, "second", "1")
        await fill(ui, "share", "2.5 %")
        await ui.press("enter")
        assert ui.service.gates.made("put_alias") == [("checkout", "canary", "3", {"1": 0.025})]
        ui.sees("Alias canary of checkout sends 97.5 % to version 3, 2.5 % to version 1.", where="Toast")
        ui.sees("◀ canary", where="#versions")


def unseen() -> FakeService:
    """The shop, with versions of the function under its first one, which nobody has asked for yet."""
    service = shop()
    for number in "12":
        service.store.publish(version("invoice", number))
    return service


async def test_a_new_alias_waits_for_versions_that_are_not_known_yet() -> None:
    """And takes the newest, though everything was typed and sent before that one was known."""
    async with opened(unseen()) as ui:
        known = ui.service.gates.hold("versions")
        await ui.press("j", "a")
        ui.sees("New alias of invoice")
        await ui.type("canary")
        await fill(ui, "second", "1")
        await fill(ui, "share", "10")
        await ui.press("enter")
        assert ui.service.gates.made("put_alias") == []
        known.set()
        await ui.settle()
        assert ui.service.gates.made("put_alias") == [("invoice", "canary", "2", {"1": 0.1})]


async def test_a_version_that_was_typed_stays_when_the_newest_is_known() -> None:
    async with opened(unseen()) as ui:
        known = ui.service.gates.hold("versions")
        await ui.press("j", "a")
        await fill(ui, "version", "1")
        known.set()
        await ui.settle()
        assert ui.app.screen.query_one("#version", Input).value == "1"


async def test_versions_that_cannot_be_asked_for_are_typed() -> None:
    async with opened(unseen()) as ui:
        ui.service.gates.fail("versions", ServiceError("Not allowed to list versions."))
        await ui.press("j", "a")
        await ui.type("canary")
        await fill(ui, "version", "1")
        await ui.press("enter")
        assert ui.service.gates.made("put_alias") == [("invoice", "canary", "1", {})]


async def test_nothing_is_said_of_aliases_before_they_are_known() -> None:
    async with opened(unseen()) as ui:
        ui.service.gates.hold("aliases")
        await ui.press("j", "b")
        assert ui.toasts() == ["The versions of invoice are not known yet."]


async def test_an_alias_that_is_chosen_is_repointed() -> None:
    async with opened(shop()) as ui:
        await ui.press("2", "j", "a")
        ui.sees("Alias prod of checkout")
        await fill(ui, "version", "1")
        await fill(ui, "second", "")
        await fill(ui, "share", "")
        await ui.press("enter")
        assert ui.service.gates.made("put_alias") == [("checkout", "prod", "1", {})]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("alias", "", "An alias needs a name, such as prod."),
        ("version", "", "An alias points at a version, such as 1 or $LATEST."),
        ("version", "77", "checkout has no version 77."),
        ("share", "lots", "The share is a number from 0 to 100."),
        ("share", "101", "The share is a number from 0 to 100."),
        ("second", "", "The share needs a second version that takes it."),
    ],
)
async def test_an_alias_that_cannot_be_is_refused_with_a_sentence(
    field: str, value: str, sentence: str
) -> None:
    async with opened(shop()) as ui:
        await ui.press("2", "j", "a")
        await fill(ui, field, value)
        await ui.press("enter")
        ui.sees(sentence, where="#dialog")
        assert ui.app.screen.query_one(f"#{field}", Input).value == value


async def test_an_alias_that_somebody_else_changed_is_not_overwritten() -> None:
    async with opened(shop()) as ui:
        ui.service.gates.fail("put_alias", Changed("Alias prod was changed by somebody else. Press r."))
        await ui.press("2", "j", "a", "enter")
        ui.sees("Alias prod was changed by somebody else.", where="#dialog")


async def test_deleting_a_function_names_what_goes_and_enter_alone_does_nothing() -> None:
    async with opened(shop()) as ui:
        await ui.press("x")
        ui.sees(
            "Delete function checkout? Its 3 versions and 2 aliases go with it; its log stays.", where="#text"
        )
        await ui.press("enter")
        assert ui.service.gates.made("delete") == []
        await ui.press("x", "tab", "enter")
        assert ui.service.gates.made("delete") == [("checkout",)]
        ui.sees("Function checkout is deleted.", "4 functions")


async def test_where_the_config_says_so_the_name_is_typed_to_confirm() -> None:
    async with opened(shop(replace(AWS, rule=Rule(type_name=True, writes_allowed=True)))) as ui:
        await ui.press("x")
        ui.sees("Type checkout to confirm.")
        await ui.press("enter")
        ui.sees("That is not checkout. Nothing was done.")
        await ui.type("chekout")
        await ui.press("enter")
        assert ui.service.gates.made("delete") == []
        await fill(ui, "typed-name", "checkout")
        await ui.press("enter")
        assert ui.service.gates.made("delete") == [("checkout",)]


async def test_deleting_a_version_says_which_alias_uses_it() -> None:
    async with opened(shop()) as ui:
        await ui.press("2", "G", "x")
        ui.sees("Delete version 1 of checkout? No alias uses it (prod, stage).", where="#text")
        await ui.press("tab", "enter")
        assert ui.service.gates.made("delete_version") == [("checkout", "1")]
        await ui.press("k", "x")
        ui.sees("Lambda refuses while alias", where="#text")
        await ui.press("tab", "enter")
        ui.sees("is used by alias", where="#dialog")


async def test_deleting_an_alias_leaves_its_version() -> None:
    async with opened(shop()) as ui:
        await ui.press("2", "j", "x")
        ui.sees("Delete alias prod of checkout?", "Version 3 stays.", where="#text")
        await ui.press("tab", "enter")
        assert ui.service.gates.made("delete_alias") == [("checkout", "prod")]


async def test_latest_goes_only_with_its_function() -> None:
    async with opened(shop()) as ui:
        await ui.press("2", "x")
        assert any("$LATEST goes only with the whole function" in toast for toast in ui.toasts())


async def test_waiting_for_lambda_is_said_in_the_dialog() -> None:
    async with opened(shop()) as ui:
        gate = ui.service.gates.hold("publish")
        await ui.press("p", "enter")
        await ui.until("Waiting for Lambda…", where="#dialog")
        gate.set()
        await ui.settle()
        ui.misses("Waiting for Lambda…")
