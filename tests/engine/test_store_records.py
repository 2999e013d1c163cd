"""What hangs together in the store: what goes with a function, and which code is still named."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from lambdatui.engine.store import Store, StoreUnavailable, aliases, facets, functions, layers, versions
from lambdatui.engine.store.aliases import AliasRecord
from lambdatui.engine.store.facets import Facet
from lambdatui.engine.store.layers import LayerRecord
from lambdatui.engine.store.versions import LATEST, VersionRecord

KEY = ("000000000000", "us-east-1", "f")


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store.open(tmp_path / "engine")
    yield store
    await store.close()


def version(number: str, sha: str = "sha", **members: object) -> VersionRecord:
    return VersionRecord(
        *KEY,
        version=number,
        config={"Runtime": "python3.12", **members},
        description="",
        code_sha256=sha,
        code_size=10,
        fingerprint=f"{number}-{sha}",
        revision_id="r",
        modified="2026-01-01T00:00:00.000+0000",
    )


def fill(conn: sqlite3.Connection) -> None:
    functions.insert(conn, *KEY)
    versions.put(conn, version(LATEST, "latest"))
    versions.put(conn, version("1", "one"))
    aliases.put(conn, AliasRecord(*KEY, "live", "1", "", {}, "r"))
    facets.put(conn, Facet(*KEY, "url", "live", {"UrlId": "u"}))


async def test_a_qualifier_names_a_version_or_an_alias(store: Store) -> None:
    await store.write(fill)
    conn = store.read()
    for qualifier, number in ((None, LATEST), (LATEST, LATEST), ("1", "1"), ("live", "1")):
        found = versions.get_version(conn, *KEY, qualifier)
        assert found is not None
        assert found.version == number
    for qualifier in ("2", "none", "01", "0", "1 ", "²", ""):
        found = versions.get(conn, *KEY, qualifier)
        assert found is None
    assert versions.get(conn, *KEY, "1") == version("1", "one")


async def test_a_function_takes_everything_with_it(store: Store) -> None:
    await store.write(fill)
    await store.write(lambda conn: functions.delete(conn, *KEY))
    conn = store.read()
    assert versions.of_function(conn, *KEY) == []
    assert aliases.of_function(conn, *KEY) == []
    assert facets.of_kind(conn, "url") == []


async def test_code_is_named_by_versions_and_by_layers_even_deleted_ones(store: Store) -> None:
    await store.write(fill)
    layer = LayerRecord(*KEY, 1, "layer", 5, {})
    await store.write(lambda conn: layers.put(conn, layer))
    await store.write(lambda conn: layers.put(conn, LayerRecord(*KEY, 2, "deleted", 5, {}, deleted=True)))
    assert await store.main.scan(functions.referenced_code) == {"latest", "one", "layer", "deleted"}
    assert functions.code_bytes(store.read(), *KEY[:2]) == 25
    assert layers.by_arn(store.read(), layer.arn) == layer
    assert layers.by_arn(store.read(), f"{layer.layer_arn}:2") is None
    assert layers.by_arn(store.read(), f"{layer.layer_arn}:2", deleted=True) is not None


async def test_unsettled_versions_are_found_again(store: Store) -> None:
    await store.write(fill)
    assert list(versions.unsettled(store.read())) == []

    def begin(conn: sqlite3.Connection) -> None:
        conn.execute("UPDATE versions SET state = 'Pending' WHERE number = 1")
        conn.execute("UPDATE versions SET update_status = 'InProgress' WHERE number = 0")

    await store.write(begin)
    assert {record.version for record in versions.unsettled(store.read())} == {LATEST, "1"}


async def test_watchers_hear_of_their_kind(store: Store) -> None:
    heard: list[tuple[str, str, str]] = []
    store.watch("url", lambda *key: heard.append(key))
    assert (store.watched("url"), store.watched("mapping")) == (True, False)
    store.announce("mapping", *KEY)
    store.announce("url", *KEY)
    store.announce_all(*KEY)
    assert heard == [KEY, KEY]


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        Store.open(tmp_path / "file" / "engine")
