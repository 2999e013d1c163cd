"""Queues, topics, buckets, streams, tables and buses: what they hold, and putting something in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lambdatui.model.neighbours import Inside, NeighboursState
from lambdatui.service.errors import Invalid
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fakes import AWS, shop
from tests.dashboard.inspect.beside import SAMPLE, beside


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_each_says_what_it_is_and_how_much_it_holds(size: tuple[int, int]) -> None:
    service, _ = beside()
    async with opened(service, size) as ui:
        await ui.press("B")
        rows = ui.text("LineTable").splitlines()[1:8]
        for row, parts in zip(
            rows,
            (
                ("queue", "orders", "12 messages", "2 in flight"),
                ("queue", "orders-dlq", "3 messages"),
                ("topic", "failures", "1 subscription"),
                ("bucket", "invoices", "1000+ objects"),
                ("stream", "clicks", "2 shards"),
                ("table", "customers", "4 items", "key id"),
                ("bus", "default", "0 rules"),
            ),
            strict=True,
        ):
            for part in parts:
                assert part in row
        ui.sees("gives up to orders-dlq", where="#details")


async def test_looking_wakes_nobody_but_a_key_does() -> None:
    service, neighbours = beside()
    neighbours.state = NeighboursState.ASLEEP
    async with opened(service) as ui:
        await ui.press("B")
        ui.sees("were not needed yet and do not run. s starts them.", "s start them")
        await ui.press("i", "x", "ctrl+n")
        ui.sees("─ not started ─")
        await ui.press("s")
        ui.sees("orders-dlq")
        ui.misses("start them")


async def test_who_is_not_installed_says_how_to_install() -> None:
    service, neighbours = beside()
    neighbours.state, neighbours.sentence = NeighboursState.ABSENT, "They are not installed: pip install it"
    async with opened(service) as ui:
        await ui.press("B")
        ui.sees("They are not installed: pip install it")
        ui.misses("start them")


async def test_looking_inside_says_what_it_does_and_opens_one_whole() -> None:
    service, _ = beside()
    async with opened(service) as ui:
        await ui.press("B", "enter")
        ui.sees("After 3 receives a message goes to orders-dlq. Looking is a receive")
        await ui.press("escape")
        assert not service.gates.made("inside")
        await ui.press("enter", "enter")
        ui.sees("─ Inside ─ queue orders ─ 3 messages ─", "adds 1 to the receive count")
        ui.sees('{"order": 42, "items": ["tea", "milk"]}', where="LineTable")
        ui.sees("receives 1 · ErrorCode 200", where="#details")
        assert service.gates.made("inside") == [("orders",)]
        await ui.press("enter")
        ui.sees('"tea",', "esc leaves")
        await ui.press("ctrl+j")
        ui.sees('"tea",')
        await ui.press("escape", "j", "y")
        assert ui.copies == ['{"order": 43}']
        await ui.press("r")
        assert len(service.gates.made("inside")) == 2
        await ui.press("escape")
        ui.sees("─ Neighbours ─")


async def test_an_empty_one_says_so_and_a_door_leads_on_from_inside() -> None:
    service, neighbours = beside()
    neighbours.inside_now = Inside((), True)
    async with opened(service) as ui:
        await ui.press("B", "enter", "enter")
        ui.sees("orders is empty. i puts something in.")
        await ui.press("Q")
        ui.sees("─ Queue ─")
        await ui.press("escape")
        ui.sees("1 Functions")


async def test_putting_begins_with_a_sample_and_keeps_what_was_typed() -> None:
    service, _ = beside()
    async with opened(service) as ui:
        await ui.press("B", "i")
        ui.sees("Put into queue orders", '"order": 42')
        await ui.press("ctrl+a")
        await ui.type("[1]")
        await ui.press("escape", "i")
        ui.sees("[")
        service.gates.fail("put", Invalid("This is not JSON: nowhere."))
        await ui.press("ctrl+j")
        ui.sees("This is not JSON: nowhere.", "Put into queue orders")
        service.gates.fail("put", None)
        await ui.press("ctrl+j")
        assert ui.toasts()[-1] == "orders took it."
        name, text, values = service.gates.made("put")[-1]
        assert (name, values) == ("orders", {})
        assert str(text).startswith("[1]")
        ui.sees("13 messages")


async def test_an_object_asks_for_its_key() -> None:
    service, _ = beside()
    async with opened(service) as ui:
        await ui.press("B", "j", "j", "j", "i")
        ui.sees("Put into bucket invoices", "Key", "orders/42.json")
        await ui.type("a/b")
        await ui.press("ctrl+j")
        assert service.gates.made("put") == [("invoices", SAMPLE, {"key": "a/b"})]


async def test_making_and_deleting() -> None:
    service, _ = beside()
    async with opened(service) as ui:
        await ui.press("B", "ctrl+n", "tab")
        await ui.type("fresh")
        await ui.press("enter")
        assert service.gates.made("create") == [("queue", "fresh")]
        ui.sees("fresh")
        await ui.press("ctrl+n")
        await ui.press("ctrl+u")
        await ui.type("barrel")
        await ui.press("enter")
        ui.sees("One of queue, topic, bucket, stream, table, bus.")
        await ui.press("escape", "x")
        ui.sees("Delete queue orders? What it holds (12 messages) is gone with it.")
        await ui.press("tab", "enter")
        assert service.gates.made("delete_neighbour") == [("orders",)]
        await ui.settle()
        assert "orders " not in ui.text("LineTable").replace("orders-dlq", "")


async def test_the_filter() -> None:
    service, _ = beside()
    async with opened(service) as ui:
        await ui.press("B", "slash")
        await ui.type("dlq")
        await ui.press("enter")
        ui.sees("orders-dlq", where="LineTable")
        ui.misses("invoices", where="LineTable")
        await ui.press("escape")
        ui.sees("invoices", where="LineTable")


async def test_read_only_has_no_key_that_changes_something() -> None:
    service, _ = beside()
    service.target = replace(service.target, read_only=True)
    async with opened(service) as ui:
        await ui.press("B", "i", "x", "ctrl+n")
        ui.sees("─ Neighbours ─", "enter look inside")
        ui.misses("put in", "Delete queue", "New neighbour")


async def test_aws_has_none() -> None:
    async with opened(shop(AWS)) as ui:
        await ui.press("B")
        ui.sees("1 Functions")
