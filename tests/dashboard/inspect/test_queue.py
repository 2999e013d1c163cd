"""The queue: every event between its 202 and its end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lambdatui.model.inspection import EventState
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.inspect.inside import AT, engine, event


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_each_row_shows_attempt_error_countdown_and_final_target(size: tuple[int, int]) -> None:
    service, _ = engine()
    async with opened(service, size) as ui:
        await ui.press("Q")
        first, second, third, fourth = ui.text("LineTable").splitlines()[1:5]
        for part in ("checkout:prod", "75 s", "3 of 3", "PaymentRefused", "in 110 s", "▸ sqs orders"):
            assert part in first
        for part in ("2 of 3", "Sandbox.Timedo", "in 42 s", "▸ sns failu"):
            assert part in second
        assert "1 of 3" in third
        assert "running" in third
        for part in ("1 of 3", "in 2 s", "nowhere"):
            assert part in fourth


async def test_the_chosen_event_has_a_track() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("Q")
        ui.sees(
            "accepted ● ─ try 1 ✗ ─ 60 s ─ try 2 ✗ ─ 120 s ─ ◌ … ▸ sqs orders-dlq",
            "7c1e0001-0000-4000-8000-0000000000aa",
            "DLQ ▸ sqs orders-dlq",
            where="#details",
        )
        await ui.press("j", "j", "j")
        ui.sees("accepted ● ─ throttle ▲ ─ 4 s ─ ◌ …", "no dead-letter queue", where="#details")


async def test_the_flow_is_counted() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("Q")
        ui.sees("accepted 1,204 ─▸ waiting 1 ─▸ running 1 ─▸ done 1,190 ─▸ destination 4", where="#flow")
        ui.sees("retried 3 ─▸ given up 6 ─▸ dlq 5 · not delivered 1", where="#flow")


async def test_those_given_up_and_those_done() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("Q", "2")
        ui.sees("given up", "3 of 3", "PaymentRefused", "▸ sqs orders-dlq", where="LineTable")
        ui.sees("given up: RetriesExhausted", where="#details")
        await ui.press("i")
        assert not service.gates.made("run")
        await ui.press("3")
        ui.sees("done", "▸ sns failures", where="LineTable")
        await ui.press("R", "x", "e")
        ui.misses("Drop event", "Replay")
        await ui.press("1")
        ui.sees("checkout:prod", where="LineTable")


async def test_run_now_fast_forward_and_the_clock() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("Q", "i")
        assert service.gates.made("run") == [(1,)]
        await ui.press("f")
        assert service.gates.made("next_due") == [()]
        assert ui.toasts()[-1] == "The clock went 42 s ahead."
        await ui.press("T", "ctrl+u")
        await ui.type("x60")
        await ui.press("enter")
        await ui.pilot.pause(0.3)
        ui.sees("clock x60")


async def test_replay_as_it_was_or_edited() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("Q", "R")
        ui.sees("Accept the event", "of checkout:prod once more? It runs again, as a new one.")
        assert not service.gates.made("replay")
        await ui.press("enter")
        assert service.gates.made("replay") == [(1, None)]
        await ui.press("e")
        ui.sees("Replay for checkout:prod", '"order": 42')
        await ui.press("ctrl+a")
        await ui.type("[1]")
        await ui.press("ctrl+j")
        assert service.gates.made("replay")[1][0] == 1
        assert "[1]" in str(service.gates.made("replay")[1][1])
        ui.sees("─ Queue ─")


async def test_a_function_s_events_are_paused_and_go_on() -> None:
    service, inside = engine()
    async with opened(service, (200, 60)) as ui:
        await ui.press("Q")
        ui.misses("paused")
        await ui.press("s")
        await ui.pilot.pause(0.3)
        assert service.gates.made("pause") == [("checkout",)]
        assert ui.toasts()[-1] == "No event of checkout is begun until it goes on; what runs ends."
        ui.sees("paused checkout", "pause/go on")
        first, second = ui.text("LineTable").splitlines()[1:3]
        assert "paused" in first
        assert "paused" not in second
        await ui.press("s")
        await ui.pilot.pause(0.3)
        assert service.gates.made("resume") == [("checkout",)]
        ui.sees("in 110 s").misses("paused checkout")
        inside.queue.paused = frozenset({"checkout", "gone"})
        inside.queue.events[EventState.WAITING].clear()
        inside.queue.changed()
        await ui.pilot.pause(0.3)
        ui.sees("paused 2 functions")
        await ui.press("s")
        await ui.pilot.pause(0.3)
        assert service.gates.made("resume")[1:] == [("checkout",), ("gone",)]
        assert ui.toasts()[-1] == "Events of 2 functions go on."
        ui.misses("paused 2", "pause/go on")


async def test_drop_asks_and_names_what_is_lost() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("Q", "x")
        ui.sees("Drop the event 7c1e0001", "no destination or dead-letter queue hears of it")
        await ui.press("enter")  # the harmless button
        assert not service.gates.made("drop")
        await ui.press("x", "tab", "enter")
        await ui.pilot.pause(0.3)
        assert service.gates.made("drop") == [(1,)]
        ui.misses("checkout:prod", where="LineTable")


async def test_a_stale_row_says_what_it_is_now() -> None:
    service, inside = engine()
    async with opened(service) as ui:
        await ui.press("Q")
        inside.queue.events[EventState.DONE].append(
            replace(inside.queue.events[EventState.WAITING].pop(0), state=EventState.DONE, number=99)
        )
        await ui.press("i")
        assert ui.toasts() == ["The event of checkout:prod is done meanwhile."]


async def test_a_hundred_thousand_events_come_page_by_page() -> None:
    service, inside = engine()
    inside.queue.events[EventState.WAITING] = [
        event(number, f"f-{number}", EventState.WAITING, next_due=AT) for number in range(1, 100_001)
    ]
    async with opened(service) as ui:
        await ui.press("Q")
        ui.sees("1 under way 100,000", "page 1", "f-1 ")
        await ui.press("right_square_bracket")
        ui.sees("page 2", "f-101 ").misses("f-1 ")
        await ui.press("left_square_bracket", "left_square_bracket")
        ui.sees("page 1", "f-1 ")


async def test_empty_lists_say_what_would_fill_them() -> None:
    service, inside = engine()
    for some in inside.queue.events.values():
        some.clear()
    async with opened(service) as ui:
        await ui.press("Q")
        ui.sees("No event is under way. Send one")
        await ui.press("2")
        ui.sees("No event was given up.")


async def test_enter_opens_the_event_with_its_attempts_payload_and_response() -> None:
    service, inside = engine()
    async with opened(service) as ui:
        await ui.press("Q", "enter")
        ui.sees("─ Event ─ checkout:prod ─ 7c1e0001-0000-4000-8000-0000000000aa")
        ui.sees("try 1: function error PaymentRefused, the next 60 s later", where="#story")
        ui.sees("try 2: function error PaymentRefused, the next 120 s later", where="#story")
        ui.sees("Payload · 17 B", '"order": 42', "Last response of version 3", '"errorMessage": "no money"')
        inside.queue.events[EventState.WAITING][0] = replace(
            inside.queue.events[EventState.WAITING][0], state=EventState.RUNNING
        )
        await ui.press("r")
        ui.sees("try 3 ▶", where="#story")
        await ui.press("y")
        assert ui.copies == ['{"order": 42}']
        await ui.press("Q")
        ui.sees("─ Queue ─")
        await ui.press("2", "enter")
        ui.sees("given up: RetriesExhausted", "dlq to sqs orders-dlq under way, 2 tries: AccessDenied")
        await ui.press("escape", "3", "enter")
        ui.sees("The engine keeps no payload of an event that ended well.", "sent to sns failures")
        ui.misses("given up")
        await ui.press("V")
        ui.sees("─ Environments ─")


async def test_the_filter_looks_at_function_request_and_error() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("Q", "slash")
        await ui.type("timedout")
        await ui.press("enter")
        ui.sees("invoice", where="LineTable")
        ui.misses("checkout", where="LineTable")
        await ui.press("escape")
        ui.sees("checkout", where="LineTable")
        ui.sees("─ Queue ─")


async def test_ctrl_e_in_a_text_means_the_editor_not_the_end_of_the_line() -> None:
    async with opened(engine()[0]) as ui:
        await ui.press("Q", "e", "ctrl+e")
        ui.sees("Set EDITOR to the editor of your choice first.")
