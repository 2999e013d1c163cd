"""The local engine as a process: found, started, lost, found again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lambdatui import address
from lambdatui.model import Capability, TargetKind
from lambdatui.service import Service, TargetSpec, errors, open_target
from lambdatui.service.local import LOG
from tests.conftest import EngineProcess


@pytest.fixture
def ends() -> Iterator[Callable[[Path], None]]:
    """Engines that lambdatui itself started on these folders are ended after the test."""
    folders: list[Path] = []
    yield folders.append
    for folder in folders:
        if running := address.find(folder):
            os.kill(running.pid, signal.SIGTERM)
            with contextlib.suppress(ChildProcessError):  # ended and noticed already
                os.waitpid(running.pid, 0)


def local(folder: Path) -> TargetSpec:
    return TargetSpec(TargetKind.LOCAL, data_dir=folder)


async def test_attach_to_the_one_that_runs(engine: EngineProcess) -> None:
    service = await open_target(local(engine.data_dir), interactive=False)
    assert service.target.endpoint == engine.url
    assert service.target.account == "000000000000"
    assert service.target.can(Capability.STATUS)
    assert service.engine
    status = await service.engine.status()
    assert (status.pid, status.account) == (engine.process.pid, "000000000000")
    assert await service.engine.environment() == {
        name: value for name, value in engine.env().items() if name in await service.engine.environment()
    }
    await service.close()
    assert engine.process.poll() is None


async def test_the_users_aws_setup_does_not_matter(
    engine: EngineProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "aws-config").write_text("[default\nbroken")
    monkeypatch.setenv("AWS_PROFILE", "does-not-exist")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "wrong")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    service = await open_target(local(engine.data_dir), interactive=False)
    assert (service.target.account, service.target.region) == ("000000000000", "us-east-1")
    await service.close()


async def test_start_one_that_outlives_us(tmp_path: Path, ends: Callable[[Path], None]) -> None:
    folder = tmp_path / "engine"
    ends(folder)
    steps: list[str] = []
    service = await open_target(local(folder), progress=steps.append, interactive=False)
    assert "starting the local engine" in steps
    assert stat.S_IMODE((folder / LOG).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    await service.close()
    running = address.find(folder)
    assert running
    assert os.getsid(running.pid) == running.pid
    again = await open_target(local(folder), progress=steps.append, interactive=False)
    assert steps.count("starting the local engine") == 1
    await again.close()


async def test_two_at_once_share_one_engine(tmp_path: Path, ends: Callable[[Path], None]) -> None:
    folder = tmp_path / "engine"
    ends(folder)
    one, two = await asyncio.gather(*(open_target(local(folder), interactive=False) for _ in range(2)))
    assert one.target.endpoint == two.target.endpoint
    await one.close()
    await two.close()


async def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(errors.EngineFailed, match="--data-dir"):
        await open_target(local(blocked))


async def test_an_engine_that_dies_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "engine"
    folder.mkdir()
    (folder / "lambda.db").write_text("this is no database" * 1000)
    with pytest.raises(errors.EngineFailed, match=str(folder / LOG)) as caught:
        await open_target(local(folder))
    assert "it said nothing" not in caught.value.sentence


async def test_a_lost_engine_is_found_again(
    tmp_path: Path, fresh_engine: Callable[..., EngineProcess]
) -> None:
    folder = tmp_path / "engine"
    first = fresh_engine(data_dir=folder)
    service = await open_target(local(folder), interactive=False)
    first.stop(signal.SIGKILL)  # leaves its address behind
    with pytest.raises(errors.Unreachable, match="The local engine is gone"):
        await service.functions.account()
    second = fresh_engine(data_dir=folder)
    assert second.url != first.url
    assert service.engine
    assert (await service.engine.status()).pid == second.process.pid
    second.stop()  # takes its address away
    with pytest.raises(errors.Unreachable, match="gone"):
        await service.functions.account()
    await service.close()


async def test_demo_is_thrown_away() -> None:
    service = await open_target(TargetSpec(TargetKind.LOCAL, demo=True))
    assert service._process
    folder = service._process.folder
    running = address.find(folder)
    assert running
    names = [function.name async for page in service.functions.pages() for function in page]
    assert {"hello", "flaky"} <= set(names)
    invocations = await service.history.of("flaky")
    assert len(invocations) == 3
    assert [one for one in invocations if not one.ok]
    await service.close()
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(running.pid, 0)


async def test_leaving_while_it_starts_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    forgotten, recent = tmp_path / "lambdatui-demo-killed", tmp_path / "lambdatui-demo-recent"
    for folder in (forgotten, recent):
        folder.mkdir()
        (folder / "lambda.db").write_text("")
    os.utime(forgotten, (0, 0))
    starting = asyncio.Event()
    opening = asyncio.create_task(
        open_target(TargetSpec(TargetKind.LOCAL, demo=True), progress=lambda step: starting.set())
    )
    await asyncio.wait_for(starting.wait(), 20)
    assert not forgotten.exists()
    assert len(list(tmp_path.glob("lambdatui-demo-*"))) == 2
    await asyncio.wait([opening], timeout=0.05)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert list(tmp_path.glob("lambdatui-demo-*")) == [recent]


async def test_samples_come_once(fresh_engine: Callable[..., EngineProcess], tmp_path: Path) -> None:
    folder = tmp_path / "engine"
    fresh_engine(data_dir=folder)

    async def names(service: Service) -> set[str]:
        return {function.name async for page in service.functions.pages() for function in page}

    service = await open_target(local(folder))
    samples = await names(service)
    assert len(samples) >= 6
    assert set(await service.functions.remove_samples()) == samples
    await service.close()
    again = await open_target(local(folder))
    assert await names(again) == set()
    assert set(await again.functions.add_samples()) == samples
    assert await again.functions.add_samples() == []
    await again.close()


def test_an_address_left_behind_is_no_engine(tmp_path: Path) -> None:
    assert address.find(tmp_path) is None
    (tmp_path / "keys.json").write_text('{"access_key": "a", "secret_key": "b"}')
    (tmp_path / "engine.lock").write_text("")
    for text in ("", "[]", "{}", '{"url": "http://127.0.0.1:1", "pid": "x"}'):
        (tmp_path / "engine.json").write_text(text)
        assert address.find(tmp_path) is None
    (tmp_path / "engine.json").write_text(json.dumps({"url": "http://127.0.0.1:1", "pid": os.getpid()}))
    assert address.find(tmp_path) is None  # the process lives, but holds no lock


def test_secrets_are_not_shown() -> None:
    shown = repr(address.Address("http://127.0.0.1:1", 1, "", "the-key", "the-secret"))
    assert "the-key" not in shown
    assert "the-secret" not in shown
