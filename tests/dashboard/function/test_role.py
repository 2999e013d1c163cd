"""The role of a function in words, and picking what a setting names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lambdatui.service.errors import Denied, Unsupported
from tests.dashboard.driver import SIZES, Person, opened
from tests.dashboard.fakes import AWS, FakeService, shop
from tests.dashboard.function.busy import full
from tests.dashboard.test_pictures import looks_right, lowest_python_only, no_glow

__all__ = ["lowest_python_only", "no_glow"]  # fixtures

Compare = Callable[..., bool]


async def test_a_role_is_told_in_words_with_what_it_lacks() -> None:
    async with opened(full(), SIZES["200x60"]) as ui:
        await ui.press("enter", "minus")
        ui.sees(
            "Execution role",
            "Lambda may take it on",
            "logs:CreateLogGroup, logs:CreateLogStream, logs:PutLogEvents on everything",
            "AWSLambdaBasicExecutionRole",
            "▲ missing", "to fetch from its event source: sqs:ReceiveMessage",
            "forbids", "dynamodb:DeleteTable on everything, if aws:PrincipalTag/team StringEquals pay",
            "lambdatui ·", "missing",
        )  # fmt: skip


async def test_an_engine_without_iam_and_a_refusal_are_said_in_words() -> None:
    service = full()
    service.gates.fail("role", Unsupported("IAM is not there."))
    async with opened(service) as ui:
        await ui.press("enter", "minus")
        ui.sees("This engine knows no IAM", "On AWS checkout would be arn:aws:iam::")
    service = shop(AWS)
    service.gates.fail("role", Denied("You may not call GetRole."))
    async with opened(service) as ui:
        await ui.press("enter", "minus")
        ui.sees("You may not call GetRole.", "Press r to ask again.")


async def to_row(ui: Person, label: str) -> None:
    """Put the cursor on a setting."""
    await ui.press("g")
    for _ in range(30):
        table = ui.app.screen.query_one("#part-settings").table  # type: ignore[attr-defined]
        if table.cursor_row.label == label:
            return
        await ui.press("j")
    raise AssertionError(f"there is no {label}")


async def test_a_role_is_picked() -> None:
    async with opened(full()) as ui:
        await ui.press("enter", "2")
        ui.misses("ctrl+l")
        await to_row(ui, "Role")
        await ui.press("ctrl+l")
        ui.sees("billing", "may charge cards")
        await ui.type("bill")
        await ui.press("enter")
        ui.sees("1 change not sent")
        await ui.press("ctrl+s", "enter")
        assert ui.service.gates.made("change")[0][1] == {"role": "arn:aws:iam::000000000000:role/billing"}


async def test_subnets_are_added_and_left_out_one_by_one() -> None:
    async with opened(full()) as ui:
        await ui.press("enter", "2")
        await to_row(ui, "Subnets")
        for name in ("subnet-a", "subnet-b", "subnet-a", "subnet-c"):
            await ui.press("ctrl+l")
            await ui.type(name)
            await ui.press("enter")
        await to_row(ui, "Security groups")
        await ui.press("enter")
        await ui.type("sg-9")
        await ui.press("enter", "ctrl+s", "enter")
        assert ui.service.gates.made("change")[0][1] == {
            "subnets": "subnet-b1 subnet-c1",
            "security_groups": "sg-9",
        }


async def test_a_list_that_is_refused_leaves_typing() -> None:
    service: FakeService = full()
    service.gates.fail("offers", Denied("You may not call ListRoles."))
    async with opened(service) as ui:
        await ui.press("enter", "2")
        await to_row(ui, "Role")
        await ui.press("ctrl+l")
        assert any("You may not call ListRoles. enter types one." in said for said in ui.toasts())


async def test_a_list_that_is_empty_is_said() -> None:
    service: FakeService = full()
    service.roles.empty = True  # type: ignore[attr-defined]
    async with opened(service) as ui:
        await ui.press("enter", "2")
        await to_row(ui, "Role")
        await ui.press("ctrl+l")
        assert any("has none in us-east-1 to pick from. enter types one." in said for said in ui.toasts())


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_role(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert looks_right(snap_compare, full(), "enter", "minus", size=size)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_picking_a_subnet(snap_compare: Compare, size: tuple[int, int]) -> None:
    service = full()
    service.parts.values["subnets"] = "subnet-a1"
    keys = ("enter", "2", "G", *("k",) * 3, "ctrl+l")
    assert looks_right(snap_compare, service, *keys, size=size)
