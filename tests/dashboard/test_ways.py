"""Ways to move: back and forward, letters to jump to, the tour."""

from __future__ import annotations

from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fakes import AWS, shop


def chosen(ui: object) -> str:
    return ui.main.function.name  # type: ignore[attr-defined, no-any-return]


async def test_back_and_forward_through_what_was_looked_at() -> None:
    async with opened(shop()) as ui:
        first = chosen(ui)
        await ui.press("j", "j")
        third = chosen(ui)
        await ui.press("left_square_bracket", "left_square_bracket")
        assert chosen(ui) == first
        await ui.press("left_square_bracket")
        assert ui.toasts()[-1] == "No function was looked at before this one."
        await ui.press("right_square_bracket", "right_square_bracket")
        assert chosen(ui) == third


async def test_looking_at_another_one_forgets_what_was_ahead() -> None:
    async with opened(shop()) as ui:
        await ui.press("j", "left_square_bracket", "G", "right_square_bracket")
        assert ui.toasts()[-1] == "No function was looked at after this one."


async def test_a_function_that_is_gone_is_passed_over() -> None:
    async with opened(shop()) as ui:
        first = chosen(ui)
        await ui.press("j", "j", "k", "x", "tab", "enter")  # the second one goes
        await ui.press("left_square_bracket", "left_square_bracket", "left_square_bracket")
        assert chosen(ui) == first


async def test_a_letter_goes_to_a_row_of_any_list() -> None:
    async with opened(shop(AWS)) as ui:
        await ui.press("ctrl+o")
        letter = ui.text("#jump-d")
        assert letter.strip() == "d"
        await ui.press("d")
        assert ui.main.functions.table.cursor_index == 2
        await ui.press("ctrl+o", "h")
        assert ui.main.focused is ui.main.versions.table
        await ui.press("ctrl+o", "escape")
        assert ui.main.focused is ui.main.versions.table


async def test_a_key_that_is_no_letter_of_it_leaves() -> None:
    async with opened(shop()) as ui:
        await ui.press("ctrl+o", "full_stop")
        assert ui.app.screen is ui.main


async def test_the_tour_tells_the_keys_that_hold_now() -> None:
    async with opened(shop(), SIZES["80x24"], keymap={"invoke": "f5"}) as ui:
        await ui.press("question_mark", "question_mark")
        ui.sees("Tour ─ Functions", "1 of 5", "/ filters")
        await ui.press("enter")
        ui.sees("f5 runs the chosen function")
        await ui.press("left")
        ui.sees("1 of 5")
        await ui.press(*["enter"] * 5)
        assert ui.app.screen is ui.main


async def test_the_tabs_have_letters_where_one_pane_is_seen_at_a_time() -> None:
    async with opened(shop(), SIZES["80x24"]) as ui:
        await ui.press("ctrl+o", "f")  # the fourth name
        assert ui.main.focused is ui.main.log_pane.view
        await ui.press("1", "enter", "ctrl+o", "f")
        ui.sees("checkout ▸ Code")


async def test_a_filter_key_keeps_the_row_or_goes_to_the_first_match() -> None:
    async with opened(shop()) as ui:
        await ui.press("G", "slash")
        await ui.type("-")
        assert chosen(ui) == "resize-image", "the row is still there"
        await ui.press("escape", "k", "slash")
        assert chosen(ui) == "payments"
        await ui.type("-")
        assert chosen(ui) == "nightly-report", "the first of the two that match"
