"""Layers: versions, sizes, users, policies; publish and delete."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lambdatui.model.attachments import Statement
from lambdatui.model.rules import Rule
from lambdatui.service.errors import Invalid
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fakes import AWS, shop
from tests.dashboard.inspect.inside import engine
from tests.dashboard.inspect.layered import FOREIGN, LAYER, FakeCatalog


async def test_each_version_says_its_size_its_age_and_who_uses_it() -> None:
    service, _ = engine()
    async with opened(service, SIZES["200x60"]) as ui:
        await ui.press("L")
        ui.sees("3 layers · 4 versions · 35.3 KB · 1 unused")
        money, old, pictures, foreign = ui.text("LineTable").splitlines()[1:5]
        for part in (
            "money",
            "3",
            "17.8 KB",
            "2 h ago",
            "checkout, checkout:3, invoice, payments and 1 more",
        ):
            assert part in money
        assert "◌ unused" in old
        for part in ("pictures", "…", "resize-image", "any", "libvips"):
            assert part in pictures
        for part in ("AWSSDKPandas-Python312", "16", "53.4 MB", "another account's, or deleted"):
            assert part in foreign


async def test_the_policy_of_the_chosen_version_is_told() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("L")
        ui.sees(f"{LAYER}money:3", "MIT", "policy: partners lets 123456789012 use it", where="#details")
        await ui.press("j")
        ui.sees("no function uses it", "no policy: this account only", where="#details")
        await ui.press("G")
        ui.sees(FOREIGN, where="#details").misses("policy", where="#details")
        assert len(service.gates.made("layer_policy")) == 2


async def test_a_layer_for_everybody_is_said_so() -> None:
    service, _ = engine()
    service.catalog.statements = (Statement("all", "", "Allow", ("*",), ("lambda:GetLayerVersion",)),)
    async with opened(service) as ui:
        await ui.press("L")
        ui.sees("policy: all lets everybody use it", where="#details")


async def test_unused_is_a_word_of_the_filter() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("L", "slash")
        await ui.type("unused")
        await ui.press("enter")
        ui.sees("unused", where="LineTable").misses("pictures", where="LineTable")


async def test_publish_from_a_folder() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("L", "p")
        ui.sees("Publish a layer version", "money", "python3.12 python3.13")
        await ui.press("enter")
        ui.sees("A folder or a zip.")
        service.gates.fail("publish_layer", Invalid("There is no file or folder /nowhere."))
        await ui.type("/nowhere")
        await ui.press("enter")
        ui.sees("There is no file or folder /nowhere.", "money")
        service.gates.fail("publish_layer", None)
        await ui.press("enter")
        sent = ("money", Path("/nowhere"), "", ("python3.12", "python3.13"))
        assert service.gates.made("publish_layer")[-1] == sent
        assert ui.toasts()[-1] == "money has version 4 now."
        await ui.pilot.pause(0.3)
        ui.sees("5 versions")


async def test_delete_names_the_users_and_asks() -> None:
    service, _ = engine()
    async with opened(service) as ui:
        await ui.press("L", "x")
        ui.sees("Delete version 3 of money?", "payments and 1 more keep it as it is")
        await ui.press("enter")
        assert not service.gates.made("delete_layer")
        await ui.press("j", "x")
        ui.sees("Delete version 2 of money? No function uses it.")
        await ui.press("tab", "enter")
        assert service.gates.made("delete_layer") == [(f"{LAYER}money:2",)]
        await ui.press("G", "x")  # another account's
        ui.misses("Delete version 16")


async def test_on_aws_the_name_has_to_be_typed_where_the_config_says_so() -> None:
    service = shop(replace(AWS, rule=Rule(type_name=True, writes_allowed=True)))
    service.catalog = FakeCatalog(service.gates)
    async with opened(service) as ui:
        await ui.press("L", "x")
        ui.sees("Type money:3 to confirm.")


async def test_read_only_changes_nothing() -> None:
    service, _ = engine()
    service.target = replace(service.target, read_only=True)
    async with opened(service) as ui:
        await ui.press("L", "p", "x")
        ui.sees("─ Layers ─").misses("Publish a layer version", "Delete version")
