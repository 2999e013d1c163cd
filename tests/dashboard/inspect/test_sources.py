"""Sources: what waits, what runs, what blocks a shard; filters tried as they are typed."""

from __future__ import annotations

import json
from dataclasses import replace

from textual.widgets import TextArea

from tests.dashboard.driver import SIZES, Person, opened
from tests.dashboard.inspect.inside import engine
from tests.dashboard.inspect.polled import WORK


async def test_each_mapping_says_what_waits_what_runs_and_what_came_of_it() -> None:
    service, _ = engine()
    async with opened(service, SIZES["200x60"]) as ui:
        await ui.press("S")
        ui.sees("3 mappings · 1 blocked · 1,246 waiting")
        orders, clicks, stock = ui.text("LineTable").splitlines()[1:4]
        for part in ("SQS orders", "checkout:prod", "● Enabled", "1,204", "20", "311", "OK"):
            assert part in orders
        for part in ("Kinesis clicks", "▲ blocked", "42", "17 ✗ 6", "1 min 33 s", "PROBLEM: Function call"):
            assert part in clicks
        for part in ("DynamoDB stock", "payments", "◌ Disabled", "paused"):
            assert part in stock
        ui.sees("batches of 10 · 1 filter · 3,120 read, 14 filtered out", where="#details")


async def test_the_record_that_blocks_a_shard_is_named() -> None:
    service, inside = engine()
    async with opened(service) as ui:
        await ui.press("S", "j")
        blocked = "▲ record 495907…834390 and 2 more block shardId-000000000001, try 6: Function call failed"
        ui.sees(blocked, where="#details")
        inside.sources.work[1] = replace(WORK[1], blocked=())
        inside.sources.changed()
        await ui.pilot.pause(0.3)
        ui.sees("3 mappings · 1,246 waiting").misses("▲ record")


async def test_pause_and_go_on_by_the_same_key() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("S", "s")
        assert ui.toasts()[-1].startswith("SQS orders is paused")
        await ui.press("G", "s")
        assert service.gates.made("enable") == [(WORK[0].id, False), (WORK[2].id, True)]
        assert ui.toasts()[-1] == "DynamoDB stock is fetched from again."


async def test_the_size_of_batches_is_asked_for_and_checked() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("S", "j", "enter")
        ui.sees("Batches of Kinesis clicks", "100")
        await ui.press("ctrl+u")
        await ui.type("0")
        await ui.press("enter")
        ui.sees("A number from 1 to 10000.")
        await ui.press("ctrl+u")
        await ui.type("25")
        await ui.press("enter")
        assert service.gates.made("set_batch") == [(WORK[1].id, 25, 5)]


async def edit(ui: Person, which: str, text: str) -> None:
    ui.app.screen.query_one(f"#{which} TextArea", TextArea).text = text
    await ui.settle()
    await ui.settle()


async def test_the_clause_that_fails_is_named_as_one_types() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("S", "e")
        await ui.settle()
        ui.sees("Sources ▸ SQS orders ▸ Record", "was filtered out", "tea")
        ui.sees("✗ The record is filtered out.", "✗ body.kind is", where="#verdict")
        await ui.type("x")
        await ui.settle()
        ui.sees("The pattern is not JSON yet: line 1, column 1", where="#verdict")
        await ui.press("backspace")
        await ui.settle()
        ui.sees("✗ body.kind is", where="#verdict")
        await edit(ui, "pattern", '{"body": {"kind": ["tea"], "cups": [{"numeric": [">", 3]}]}}')
        ui.sees("✗ The record is filtered out.", "✓ body.kind is", "✗ body.cups is 2", where="#verdict")
        await edit(ui, "pattern", '[{"body": {"cups": [2]}}, {"body": {"cups": [3]}}]')
        ui.sees("✓ The record passes.", "filter 1 holds", "filter 2 does not hold", where="#verdict")
        await edit(ui, "pattern", '{"body": {}}')
        ui.sees("Invalid filter pattern definition.", where="#verdict")
        await edit(ui, "record", "[1]")
        ui.sees("The record is not a JSON object.", where="#verdict")
        await edit(ui, "pattern", "")
        await edit(ui, "record", "{}")
        ui.sees("The record passes: there is no filter.", where="#verdict")


async def test_a_record_is_picked_and_the_pattern_set() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("S", "e", "ctrl+r")
        ui.sees("1  was filtered out", "2  was read and passed", "3  a sample")
        await ui.type("passed")
        await ui.press("enter")
        ui.sees("total", "✓ The record passes.")
        await edit(ui, "pattern", '{"body": {"total": [18]}}')
        await ui.press("ctrl+s")
        ((mapping, patterns),) = service.gates.made("set_filters")
        assert mapping == WORK[0].id
        assert isinstance(patterns, tuple)
        assert [json.loads(one) for one in patterns] == [{"body": {"total": [18]}}]
        assert ui.toasts()[-1] == "SQS orders has this filter now."
        ui.sees("─ Sources ─")


async def test_what_was_typed_is_there_the_next_time() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("S", "e")
        await edit(ui, "pattern", '{"body": {"mine": [1]}}')
        await ui.press("escape", "escape", "S", "e")
        ui.sees('{"body": {"mine": [1]}}')


async def test_a_mapping_that_is_paused_is_tried_with_a_sample() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("S", "G", "e")
        ui.sees("a sample", "eventName", "there is no filter")


async def test_read_only_tries_filters_but_sets_none() -> None:
    service, _ = engine()
    service.target = replace(service.target, read_only=True)
    async with opened(service) as ui:
        await ui.press("S", "s", "enter")
        ui.misses("Batches of")
        await ui.press("e", "ctrl+s")
        ui.sees("✗ body.kind is")
    assert not {call[0] for call in service.gates.calls} & {"enable", "set_batch", "set_filters"}
