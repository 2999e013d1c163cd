"""What is painted before anything is known: only the same target's frame, without anything private."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from lambdatui import last_frame
from lambdatui.model import TargetKind
from lambdatui.service import TargetSpec
from tests.dashboard.driver import opened
from tests.dashboard.fakes import shop

LOCAL = TargetSpec(TargetKind.LOCAL)
LINES = ["one  ", "two  "]


def test_a_frame_is_found_again_for_the_same_target_and_size_only(tmp_path: Path) -> None:
    last_frame.save(LOCAL, LINES)
    assert last_frame.load(LOCAL, (5, 2)) == ("one  ", "two  ")
    assert last_frame.load(LOCAL, (6, 2)) == ()
    for other in (
        replace(LOCAL, region="eu-west-1"),
        replace(LOCAL, data_dir=tmp_path / "other"),
        TargetSpec(TargetKind.AWS),
    ):
        assert last_frame.load(other, (5, 2)) == ()
    (file,) = (tmp_path / "state" / "frames").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_on_aws_other_credentials_are_another_frame(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "dev")
    aws = TargetSpec(TargetKind.AWS)
    last_frame.save(aws, LINES)
    assert last_frame.load(aws, (5, 2))
    monkeypatch.setenv("AWS_PROFILE", "prod")
    assert last_frame.load(aws, (5, 2)) == ()
    monkeypatch.setenv("AWS_PROFILE", "dev")
    config.write_text("[default]\nrole_arn = other\n")
    assert last_frame.load(aws, (5, 2)) == ()


def test_a_file_that_was_tampered_with_sends_nothing_to_the_terminal(tmp_path: Path) -> None:
    last_frame.save(LOCAL, LINES)
    (file,) = (tmp_path / "state" / "frames").iterdir()
    said = json.loads(file.read_text())
    file.write_text(json.dumps(said | {"lines": ["\x1b]52;c;YQ==\x07ok", "x"]}))
    assert last_frame.load(LOCAL, (5, 2)) == ("]52;c;YQ==ok", "x")
    for text in ("{", "[]", '{"whose": 1}'):
        file.write_text(text)
        assert last_frame.load(LOCAL, (5, 2)) == ()


async def test_leaving_keeps_names_but_nothing_typed_answered_or_logged() -> None:
    service = shop()
    async with opened(service) as ui:
        ui.main.invocation.payload = '{"card": "4242-secret"}'
        await ui.press("i", "q")
    drawn = "\n".join(last_frame.load(service.spec, (120, 40)))
    assert "checkout" in drawn
    assert "4 Log" in drawn
    assert "secret" not in drawn
    assert "charging" not in drawn


async def test_the_frame_covers_the_panes_until_the_functions_are_listed() -> None:
    service = shop()
    gate = service.gates.hold("list")
    frame = ["λ".ljust(120), *["from before".ljust(120)] * 38, " " * 120]
    async with opened(service, frame=frame) as ui:
        ui.sees("from before", "LOCAL engine").misses("2 Versions")
        gate.set()
        await ui.settle()
        ui.sees("checkout", "2 Versions").misses("from before")


async def test_another_size_takes_the_frame_away() -> None:
    service = shop()
    service.gates.hold("list")
    frame = ["λ".ljust(120), *["from before".ljust(120)] * 39]
    async with opened(service, frame=frame) as ui:
        await ui.resize(110, 35)
        ui.misses("from before").sees("2 Versions")
