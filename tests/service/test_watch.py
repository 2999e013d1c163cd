"""A folder that is deployed when it is saved, and how much of an upload is sent: on a real engine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lambdatui.model import TargetKind
from lambdatui.service import Service, TargetSpec, open_target
from lambdatui.service.packing import pack, stamps
from lambdatui.service.watch import Redeploy, Watch
from tests.conftest import EngineProcess

PATIENCE_S = 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "app"
    source.mkdir()
    (source / "handler.py").write_text("def handler(event, context):\n    return 1\n")
    return source


@pytest.fixture
async def local(
    engine: EngineProcess, folder: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Service]:
    service = await open_target(TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir), interactive=False)
    await service.functions.create(
        request.node.name, runtime="python3.11", handler="handler.handler", code=pack(folder)
    )
    yield service
    await service.close()


class Watched:
    """A watch under way, and what it told."""

    def __init__(self, service: Service, name: str, source: Path, deployed: bytes = b"") -> None:
        self.told: asyncio.Queue[Redeploy] = asyncio.Queue()
        watch = Watch(service.code, name, source, self.told.put_nowait, deployed=deployed, look_s=0.02)
        self.task = asyncio.create_task(watch.run())

    async def next(self) -> Redeploy:
        return await asyncio.wait_for(self.told.get(), PATIENCE_S)


async def files(service: Service, name: str) -> dict[str, str]:
    package = await service.code.download(name)
    try:
        return {file.path: package.read(file).decode() for file in package.files}
    finally:
        package.close()


async def test_what_is_saved_is_deployed(
    local: Service, folder: Path, request: pytest.FixtureRequest
) -> None:
    name = request.node.name
    watched = Watched(local, name, folder, deployed=pack(folder))
    try:
        (folder / "extra.py").write_text("x = 1\n")
        told = await watched.next()
        assert told.problem == ""
        assert told.size == len(pack(folder))
        assert told.code_sha256 == (await local.functions.get(name)).latest.code_sha256
        assert await files(local, name) == {
            "extra.py": "x = 1\n",
            "handler.py": "def handler(event, context):\n    return 1\n",
        }
        (folder / "extra.py").unlink()
        await watched.next()
        assert list(await files(local, name)) == ["handler.py"]
    finally:
        watched.task.cancel()


async def test_what_changes_nothing_is_not_deployed(
    local: Service, folder: Path, request: pytest.FixtureRequest
) -> None:
    watched = Watched(local, request.node.name, folder, deployed=pack(folder))
    try:
        (folder / ".git").mkdir()
        (folder / ".git" / "HEAD").write_text("elsewhere\n")
        os.utime(folder / "handler.py", (1, 1))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(watched.told.get(), 0.6)
        (folder / "handler.py").write_text("def handler(event, context):\n    return 2\n")
        assert (await watched.next()).problem == ""
        assert watched.told.empty()
    finally:
        watched.task.cancel()


async def test_what_goes_wrong_is_said_and_does_not_end_it(
    local: Service, folder: Path, request: pytest.FixtureRequest
) -> None:
    watched = Watched(local, request.node.name, folder, deployed=pack(folder))
    try:
        text = (folder / "handler.py").read_text()
        (folder / "handler.py").unlink()
        assert "has no files" in (await watched.next()).problem
        (folder / "handler.py").write_text(text + "# again\n")
        assert (await watched.next()).problem == ""
    finally:
        watched.task.cancel()


async def test_a_function_that_is_not_there(local: Service, folder: Path) -> None:
    watched = Watched(local, "nobody", folder)
    try:
        assert "nobody" in (await watched.next()).problem
    finally:
        watched.task.cancel()


async def test_an_upload_says_how_far_it_is(
    local: Service, folder: Path, request: pytest.FixtureRequest
) -> None:
    (folder / "data.bin").write_bytes(os.urandom(1_000_000))
    seen: list[tuple[int, int]] = []
    await local.code.deploy(
        request.node.name, pack(folder), progress=lambda done, whole: seen.append((done, whole))
    )
    whole = seen[0][1]
    assert whole > 1_000_000  # base64 in a request
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (whole, whole)
    assert len(seen) > 4


def test_skipped_folders_are_not_looked_into(folder: Path) -> None:
    for path in (".git/objects/aa", "lib/__pycache__/x.pyc", ".venv/bin/python", "node_modules/.cache/y"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("")
    assert list(stamps(folder)) == [str(folder / "handler.py")]
    assert stamps(folder / "nowhere") == {}
