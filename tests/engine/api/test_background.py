"""What goes on after an answer outlives a full disk."""

from __future__ import annotations

import asyncio
import logging

import pytest

from lambdatui.engine.api import background
from lambdatui.engine.store import StoreUnavailable


async def test_work_is_done_again_until_the_store_takes_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background, "AGAIN_S", 0.001)
    done = asyncio.Event()
    tries: list[int] = []

    async def work() -> None:
        tries.append(1)
        if len(tries) < 4:
            raise StoreUnavailable("The disk is full.")
        done.set()

    with caplog.at_level(logging.WARNING):
        background.soon(work)
        async with asyncio.timeout(20):
            await done.wait()
    assert len(tries) == 4
    assert caplog.text.count("The disk is full.") == 1


async def test_a_defect_is_logged_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[int] = []

    async def work() -> None:
        tries.append(1)
        raise LookupError("a defect")

    monkeypatch.setattr(background, "AGAIN_S", 0.001)
    background.soon(work)
    await asyncio.sleep(0.05)  # fifty times as long as a repetition would take to come
    assert len(tries) == 1
    assert "LookupError: a defect" in caplog.text
