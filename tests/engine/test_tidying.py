"""Old code goes while the engine runs, but nothing that a function may still run by."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from lambdatui.engine.environments.images.images import Images
from lambdatui.engine.store import Store, functions, layers, versions
from lambdatui.engine.store.layers import LayerRecord
from lambdatui.engine.store.versions import LATEST, VersionRecord
from lambdatui.engine.tidying import Tidying
from tests.engine.deploying import zipped

KEY = ("000000000000", "us-east-1", "f")


class Folder:
    """A store with code of long ago."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.tidying = Tidying(store, Images(folder / "images"))

    def code(self, text: str) -> str:
        sha = self.store.blobs.put(zipped({"app.py": text}))
        os.utime(self.store.blobs.path(sha), (0, 0))
        return sha

    async def name(self, sha: str, *layer_arns: str) -> None:
        """Have the function run this code with these layers."""
        used = [{"Arn": arn, "CodeSize": 1} for arn in layer_arns]
        record = VersionRecord(
            *KEY,
            version=LATEST,
            config={"Runtime": "python3.12", "Layers": used},
            description="",
            code_sha256=sha,
            code_size=10,
            fingerprint=sha,
            revision_id="r",
            modified="2026-01-01T00:00:00.000+0000",
        )
        await self.store.write(lambda conn: versions.put(conn, record))

    async def layer(self, number: int, sha: str, *, deleted: bool = False) -> str:
        record = LayerRecord(*KEY[:2], "lib", number, sha, 10, {}, deleted=deleted)
        await self.store.write(lambda conn: layers.put(conn, record))
        return record.arn

    def has(self, sha: str) -> bool:
        return self.store.blobs.path(sha).exists()


@pytest_asyncio.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Folder]:
    store = Store.open(tmp_path / "engine")
    await store.write(lambda conn: functions.insert(conn, *KEY))
    yield Folder(store, tmp_path)
    await store.close()


async def test_what_nothing_names_goes_at_the_start(folder: Folder) -> None:
    used, left = folder.code("used = 1"), folder.code("left = 1")
    await folder.name(used)
    await folder.tidying.look()
    assert (folder.has(used), folder.has(left)) == (True, False)


async def test_code_that_was_replaced_goes_a_look_later(folder: Folder) -> None:
    old, new = folder.code("old = 1"), folder.code("new = 1")
    await folder.name(old)
    await folder.tidying.look()
    new = folder.code("new = 1")
    await folder.name(new)
    await folder.tidying.look()
    assert folder.has(old), "an environment may still run by it"
    await folder.tidying.look()
    assert (folder.has(old), folder.has(new)) == (False, True)


async def test_a_deleted_layer_version_stays_for_as_long_as_a_function_has_it(folder: Folder) -> None:
    code, kept, gone = folder.code("code = 1"), folder.code("kept = 1"), folder.code("gone = 1")
    arn = await folder.layer(1, kept, deleted=True)
    await folder.layer(2, gone, deleted=True)
    whole = folder.code("whole = 1")
    await folder.layer(3, whole)
    await folder.name(code, arn)
    await folder.tidying.look()
    assert [folder.has(one) for one in (code, kept, gone, whole)] == [True, True, False, True]
    await folder.name(code)
    await folder.tidying.look()
    await folder.tidying.look()
    assert [folder.has(one) for one in (kept, whole)] == [False, True]
