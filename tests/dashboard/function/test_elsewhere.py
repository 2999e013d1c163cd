"""The same function in another account or region, beside this one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lambdatui.model import TargetKind
from lambdatui.service import TargetSpec
from lambdatui.service.errors import NoCredentials
from tests.dashboard.driver import SIZES, opened
from tests.dashboard.fake_parts import HANDLER, zipped
from tests.dashboard.fakes import AWS, FakeService, shop
from tests.dashboard.test_pictures import looks_right, lowest_python_only, no_glow

__all__ = ["lowest_python_only", "no_glow"]  # fixtures

Compare = Callable[..., bool]


@pytest.fixture(autouse=True)
def one_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "aws"
    config.write_text("[profile acme-prod]\nregion = eu-central-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)


class Two:
    """The shop here and in another account, with settings, a secret and a file that differ."""

    def __init__(self) -> None:
        self.here, self.there = shop(), shop(replace(AWS, profile="acme-prod", read_only=True))
        self.asked: list[TargetSpec] = []
        there = self.there
        there.parts.values["memory"] = "1024"
        there.parts.environment = {"STAGE": "prod", "API_TOKEN": "an0ther"}
        there.parts.packages["$LATEST"] = zipped({"handler.py": HANDLER.replace("42", "99")})
        checkout = there.store.functions["checkout"]
        latest = replace(checkout.latest, code_sha256="other")
        there.store.functions["checkout"] = replace(checkout, latest=latest)

    async def open(self, spec: TargetSpec, **_: object) -> FakeService:
        """In place of ``open_target``."""
        self.asked.append(spec)
        if spec.kind is TargetKind.LOCAL:
            return self.here
        await self.there.gates.pass_through("open")
        return self.there


KEYS = (
    "enter",
    "3",
    "d",
    "ctrl+t",
    "a",
    "c",
    "m",
    "e",
    "enter",
    "ctrl+u",
    *("dollar_sign", *"LATEST"),
    "enter",
)


async def test_the_same_function_in_another_account_is_compared() -> None:
    two = Two()
    async with opened(two.here, opener=two.open) as ui:
        await ui.press(*KEYS[:9])
        ui.sees("looked up in acme-prod · eu-central-1, opened read-only.")
        await ui.press(*KEYS[9:])
        ui.sees(
            "$LATEST beside $LATEST", "LOCAL engine :4574", "AWS acme-prod",
            "us-east-1 · 000000000000", "eu-central-1 · 123456789012",
            "Memory", "256 MB", "1024 MB", "API_TOKEN", "~ handler.py", "- lib/util.py",
        ).misses("s3cret", "an0ther")  # fmt: skip
        assert two.asked[-1] == TargetSpec(
            TargetKind.AWS, profile="acme-prod", region="eu-central-1", read_only=True
        )
        await ui.press("v")
        ui.sees("s3cret-token", "an0ther")
        await ui.press("G", "k", "enter")
        ui.sees(
            "Functions ▸ checkout ▸ $LATEST beside $LATEST ▸ handler.py", "-LIMIT = 42", "+LIMIT = 99",
            "--- handler.py  $LATEST in LOCAL engine :4574 · us-east-1 · 000000000000",
            "+++ handler.py  $LATEST in AWS acme-prod · eu-central-1 · 123456789012",
        )  # fmt: skip
        await ui.press("escape", "escape")
        ui.sees("checkout ▸ Versions and aliases", "LOCAL engine")
        assert two.there.closed
        assert not two.here.closed


async def test_a_place_that_cannot_be_opened_is_said_and_asked_again() -> None:
    two = Two()
    two.there.gates.fail("open", NoCredentials("There are no credentials for acme-prod."))
    async with opened(two.here, opener=two.open) as ui:
        await ui.press(*KEYS)
        ui.sees("There are no credentials for acme-prod.", "Press r to try again.")
        two.there.gates.fail("open", None)
        await ui.press("r")
        ui.sees("1024 MB")


async def test_a_function_that_is_not_there_is_said() -> None:
    two = Two()
    del two.there.store.functions["checkout"]
    async with opened(two.here, opener=two.open) as ui:
        await ui.press(*KEYS)
        ui.sees("checkout", "Press r to try again.")


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_two_accounts(snap_compare: Compare, size: tuple[int, int]) -> None:
    two = Two()
    assert looks_right(snap_compare, two.here, *KEYS, size=size, opener=two.open)


def test_asking_where(snap_compare: Compare) -> None:
    two = Two()
    assert looks_right(snap_compare, two.here, *KEYS[:9], size=SIZES["80x24"], opener=two.open)
