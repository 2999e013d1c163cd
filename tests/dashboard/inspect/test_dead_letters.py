"""Dead-letter queues: what failed, why, and bringing it back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lambdatui.model.dead_letters import Aim, AimKind, RedrivePlan, RedriveState
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fakes import AWS
from tests.dashboard.inspect.failed import LETTERS, failing

IDS = [one.id for one in LETTERS]
TO_ORDERS = Aim(AimKind.QUEUE, "orders")


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_each_queue_says_whose_failures_it_gets(size: tuple[int, int]) -> None:
    service, _, _ = failing()
    async with opened(service, size) as ui:
        await ui.press("D")
        first, second = ui.text("LineTable").splitlines()[1:3]
        for part in ("orders-dlq", "4 messages", "events of checkout"):
            assert part in first
        assert "clicks-dlq" in second
        ui.sees("events of checkout · messages of queue orders", where="#details")


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_each_letter_says_what_failed_and_why(size: tuple[int, int]) -> None:
    service, _, _ = failing()
    async with opened(service, size) as ui:
        await ui.press("D", "enter")
        rows = ui.text("LineTable").splitlines()[1:5]
        assert "checkout" in rows[0]
        assert "200 Payment" in rows[0]
        assert "RetriesExhaus" in rows[1]
        assert "batch record" in rows[3]
        ui.sees("PaymentRefused: the bank refused the card", "request 7c1e0001-", where="#details")
        await ui.press("G")
        ui.sees("no function can be given it", where="#details")
        await ui.press("g", "enter")
        ui.sees('"order": 42', "esc leaves")


async def test_looking_receives_once() -> None:
    service, _, _ = failing()
    async with opened(service) as ui:
        await ui.press("D", "enter")
        ui.sees("each look adds 1 to the receive count")
        await ui.pilot.pause(0.8)
        assert service.gates.made("letters") == [("orders-dlq",)]
        await ui.press("r")
        assert len(service.gates.made("letters")) == 2


async def test_one_goes_back_to_its_function_many_at_a_rate() -> None:
    service, _, redrives = failing()
    async with opened(service) as ui:
        await ui.press("D", "enter", "R")
        ui.sees("Sends 1 message of orders-dlq, and deletes each from there once it is taken.", "checkout")
        await ui.press("enter")
        plan = RedrivePlan(Aim(AimKind.FUNCTION, "checkout"), 1, (IDS[0],), 10.0)
        assert service.gates.made("redrive") == [("orders-dlq", plan, {}, False)]
        await ui.until("0 of 1 message brought back to function checkout, going on.", "s stop")
        await ui.press("R", "x", "A", "e")
        ui.misses("Redrive ─", "Delete messages")
        redrives.set(RedriveState(plan, done=frozenset({IDS[0]}), over=True))
        await ui.until("1 of 1 message brought back to function checkout.", "3 messages")
        await ui.press("g", "j", "space", "space", "R")
        ui.sees("Sends 2 messages of orders-dlq")
        ui.misses("They failed in")
        await ui.press("escape", "A")
        ui.sees("Sends all messages of orders-dlq")
        await ui.press("ctrl+u")
        await ui.type("barrel")
        await ui.press("enter")
        ui.sees("A function or a queue.")


async def test_a_redrive_half_way_through_goes_on_and_says_what_is_unclear() -> None:
    service, _, redrives = failing()
    plan = RedrivePlan(TO_ORDERS, 4, (), 2.0)
    redrives.set(
        RedriveState(
            plan, frozenset({IDS[0]}), unclear=frozenset({IDS[1]}), refused=((IDS[3], "Too large."),),
            sentence="Nobody answered.",
        )
    )  # fmt: skip
    async with opened(service) as ui:
        await ui.press("D")
        ui.sees("A redrive stopped half way: enter, then A goes on.")
        await ui.press("enter")
        ui.sees(
            "1 of 4 messages brought back to queue orders, then it stopped. 1 may have been sent (▲)."
            " 1 refused: Too large. Nobody answered. A goes on."
        )
        assert "▲" in ui.text("LineTable").splitlines()[1]
        await ui.press("A")
        ui.sees("It goes on; what was sent is only deleted.", "1 message may have been sent already")
        await ui.press("tab", "tab", "tab", "ctrl+u")
        await ui.type("again")
        await ui.press("enter")
        assert service.gates.made("redrive") == [("orders-dlq", plan, {}, True)]
        await ui.pilot.pause(0.4)
        await ui.press("s")
        await ui.pilot.pause(0.4)
        ui.sees("It was stopped. A goes on.")


async def test_editing_before_it_goes_back() -> None:
    service, _, _ = failing()
    async with opened(service) as ui:
        await ui.press("D", "enter", "j", "e")
        ui.sees(f"Redrive {IDS[1]}", "To function", "payments:prod", '"order": 43')
        await ui.press("ctrl+j")
        _, plan, edits, again = service.gates.made("redrive")[0]
        assert plan == RedrivePlan(Aim(AimKind.FUNCTION, "payments:prod"), 1, (IDS[1],))
        assert edits == {IDS[1]: '{\n  "order": 43\n}'}
        assert again is False
        assert "1 of 1 message brought back to function payments:prod." in ui.toasts()[-1]


async def test_deleting_asks() -> None:
    service, _, _ = failing()
    async with opened(service) as ui:
        await ui.press("D", "enter", "x")
        ui.sees("Delete 1 message of orders-dlq? Nobody gets them any more.")
        await ui.press("tab", "enter")
        assert service.gates.made("delete_letters") == [(frozenset({IDS[0]}),)]


async def test_who_sleeps_is_not_woken_by_looking() -> None:
    service, letters, _ = failing()
    letters.asleep = True
    async with opened(service) as ui:
        await ui.press("D")
        ui.sees("do not run. s starts them.", "s start them")
        await ui.press("s")
        ui.sees("orders-dlq")


async def test_there_may_be_none_and_a_queue_may_be_empty() -> None:
    service, letters, _ = failing()
    async with opened(service) as ui:
        await ui.press("D", "j", "enter")
        ui.sees("clicks-dlq is empty.")
        await ui.press("R", "A", "x", "e")
        ui.misses("Redrive ─")
        await ui.press("escape", "escape")
        letters.known = ()
        await ui.press("D")
        ui.sees("No function, event source mapping or queue names a dead-letter queue here.")


async def test_on_aws_too_but_not_what_changes_something_where_it_is_read_only() -> None:
    service, _, _ = failing(replace(AWS, read_only=True))
    async with opened(service) as ui:
        await ui.press("D", "enter", "R", "x", "A", "e")
        ui.sees("─ Dead letters ─ orders-dlq")
        ui.misses("Redrive ─", "Delete messages", "R redrive")
