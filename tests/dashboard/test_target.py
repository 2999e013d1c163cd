"""Another target: everything of the one before is gone, nothing mixes."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambdatui.model import TargetKind
from lambdatui.service import TargetSpec
from lambdatui.service.errors import NoCredentials
from tests.dashboard.driver import opened
from tests.dashboard.fake_account import version
from tests.dashboard.fakes import AWS, FakeService, shop

CONFIG = """
[default]
region = eu-west-1
[profile acme-dev]
region = eu-central-1
sso_session = acme
[profile broken]
[sso-session acme]
sso_start_url = https://example.com
"""


@pytest.fixture(autouse=True)
def own_aws_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(CONFIG)
    (tmp_path / "credentials").write_text("[keys-only]\naws_access_key_id = x\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)


class Two(FakeService):
    """Opens itself on this machine and another service on AWS."""

    def __init__(self) -> None:
        super().__init__()
        self.store.add(version("orders"))
        self.there = shop(AWS)
        self.asked: list[TargetSpec] = []

    async def open(self, spec: TargetSpec, **options: object) -> FakeService:
        self.asked.append(spec)
        await self.gates.pass_through("open")
        return self.there if spec.kind is TargetKind.AWS else self


async def test_t_goes_to_a_profile_and_nothing_of_here_stays() -> None:
    service = Two()
    async with opened(service) as ui:
        ui.sees("orders", where="#functions")
        await ui.press("t")
        ui.sees("local engine", "starts when it is opened", "acme-dev", "AWS profile · eu-central-1 · SSO")
        ui.sees("keys-only").misses("sso-session")
        await ui.type("acme")
        ui.misses("keys-only", where="#picker")
        await ui.press("enter")
        assert service.asked[-1] == TargetSpec(TargetKind.AWS, profile="acme-dev", region="eu-central-1")
        ui.sees("AWS acme-dev", "checkout").misses("orders", where="#functions")
        assert service.closed


async def test_a_region_is_picked_or_typed() -> None:
    service = Two()
    async with opened(service) as ui:
        await ui.press("t")
        await ui.type("tokyo")
        await ui.press("enter")
        assert service.asked[-1].region == "ap-northeast-1"
        await ui.press("t")
        await ui.type("zz-new-9")
        ui.sees("as typed")
        await ui.press("enter")
        assert service.asked[-1] == TargetSpec(TargetKind.LOCAL, region="zz-new-9")


async def test_esc_stays_here() -> None:
    service = Two()
    async with opened(service) as ui:
        await ui.press("t", "down", "down", "escape")
        ui.sees("orders", where="#functions")
        assert len(service.asked) == 1


async def test_a_target_that_does_not_open_leaves_a_way_on() -> None:
    service = Two()
    async with opened(service) as ui:
        service.gates.fail("open", NoCredentials("No credentials for this profile. Run aws sso login."))
        await ui.press("t")
        await ui.type("broken")
        await ui.press("enter")
        ui.sees("aws sso login.", "t to look").misses("orders", where="#functions")
        service.gates.fail("open", None)
        await ui.press("t", "enter")
        ui.sees("orders", where="#functions")
