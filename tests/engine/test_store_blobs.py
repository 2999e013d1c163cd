"""Blobs: kept once, unpacked once, and no zip writes where it should not."""

from __future__ import annotations

import io
import os
import stat
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdatui.engine.store import archive
from lambdatui.engine.store.blobs import Blobs, digest
from tests.conftest import EngineProcess
from tests.engine import deploying


def zipped(*entries: tuple[str, bytes, int]) -> bytes:
    """A zip of (name, content, unix mode)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content, mode in entries:
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = mode << 16
            out.writestr(info, content)
    return buffer.getvalue()


FILE, LINK = stat.S_IFREG | 0o644, stat.S_IFLNK | 0o777


def test_a_zip_comes_back_as_it_was_and_unpacks_once(tmp_path: Path) -> None:
    data = zipped(
        ("bootstrap", b"#!/bin/sh\n", stat.S_IFREG | 0o4755),
        ("lib/a.py", b"A = 1\n", FILE),
        ("lib/link.py", b"a.py", LINK),
        ("empty/", b"", stat.S_IFDIR | 0o755),
    )
    blobs = Blobs(tmp_path)
    sha = blobs.put(data)
    assert sha == digest(data)
    assert blobs.put(data) == sha
    assert blobs.open(sha) == data
    tree = blobs.unpacked(sha)
    assert stat.S_IMODE((tree / "bootstrap").stat().st_mode) == 0o555  # no setuid
    assert stat.S_IMODE((tree / "lib/a.py").stat().st_mode) == 0o444
    assert os.readlink(tree / "lib/link.py") == "a.py"
    assert (tree / "empty").is_dir()
    assert stat.S_IMODE(tree.stat().st_mode) == 0o555
    assert blobs.unpacked(sha) == tree
    assert not list(tmp_path.glob("*/*.part"))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"no zip at all", id="no zip"),
        pytest.param(b"", id="empty"),
        pytest.param(zipped(("../out", b"x", FILE)), id="parent"),
        pytest.param(zipped(("a/../../out", b"x", FILE)), id="parent inside"),
        pytest.param(zipped(("/tmp/out", b"x", FILE)), id="absolute"),
        pytest.param(zipped(("a", b"/etc/passwd", LINK)), id="absolute link"),
        pytest.param(zipped(("a", b"../out", LINK)), id="link out"),
        pytest.param(
            zipped(("x/y/z/l", b"../../..", LINK), ("m", b"x/y/z/l/../..", LINK)),
            id="link out through a link",
        ),
        pytest.param(zipped(("a", b"b", LINK), ("b", b"a", LINK)), id="links in a circle"),
        pytest.param(
            zipped(("d/keep", b"x", FILE), ("l", b"d", LINK), ("l/in", b"keep", LINK)), id="through a link"
        ),
        pytest.param(zipped(("a", b".", LINK), ("a/b", b"x", FILE)), id="link and folder of one name"),
        pytest.param(zipped(("l", b"../..", LINK), ("l/in/a", b"b", LINK)), id="folder through a link"),
        pytest.param(zipped(("l", b"a" * 100_000, LINK)), id="link of any length"),
        pytest.param(zipped(("dev", b"", stat.S_IFCHR | 0o666)), id="device"),
        pytest.param(zipped(("pipe", b"", stat.S_IFIFO | 0o666)), id="pipe"),
    ],
)
def test_what_reaches_outside_is_refused_and_leaves_nothing(tmp_path: Path, data: bytes) -> None:
    blobs = Blobs(tmp_path / "code")
    with pytest.raises(archive.BadArchive):
        blobs.put(data)
    left = [path for path in tmp_path.rglob("*") if path.name not in ("code", "zips", "trees")]
    assert left == []


def test_real_bytes_are_counted_not_the_claim(tmp_path: Path) -> None:
    data = bytearray(zipped(("big", b"\0" * 3_000_000, FILE)))
    position = data.rindex(b"PK\x01\x02")
    data[position + 24 : position + 28] = (10).to_bytes(4, "little")  # the directory says ten bytes
    with pytest.raises(archive.BadArchive):
        archive.unpack(bytes(data), tmp_path / "lying", limit=1_000_000)
    with pytest.raises(archive.ArchiveTooLarge):
        archive.unpack(zipped(("big", b"\0" * 3_000_000, FILE)), tmp_path / "honest", limit=1_000_000)


def test_a_zip_has_only_so_many_files_and_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names cost nothing: a few MB of them would be millions of folders."""
    monkeypatch.setattr(archive, "MOST_ENTRIES", 100)
    archive.unpack(zipped(*((f"a/b/{number}", b"", FILE) for number in range(98))), tmp_path / "enough")
    many = zipped(*((f"a/b/{number}", b"", FILE) for number in range(99)))
    deep = zipped(("d/" * 101 + "file", b"", FILE))
    for number, data in enumerate((many, deep)):
        with pytest.raises(archive.BadArchive, match="more than 100 files and folders"):
            archive.unpack(data, tmp_path / str(number))


def test_a_link_cannot_be_a_bomb(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        info = zipfile.ZipInfo("l")
        info.create_system, info.external_attr = 3, LINK << 16
        out.writestr(info, b"a" * 50_000_000, zipfile.ZIP_DEFLATED)
    data = buffer.getvalue()
    assert len(data) < 1_000_000
    tracemalloc.start()
    try:
        with pytest.raises(archive.BadArchive):
            archive.unpack(data, tmp_path / "tree")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_only_old_and_unreferenced_code_is_collected(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    make: Callable[[bytes], str] = lambda text: blobs.put(zipped(("f.py", text, FILE)))  # noqa: E731
    used, unused, young = make(b"used"), make(b"unused"), make(b"young")
    long_ago = time.time() - 2 * 3600
    for sha in (used, unused):
        os.utime(blobs.path(sha), (long_ago, long_ago))
    tree = blobs.unpacked(unused)
    assert blobs.collect({used}) == 1
    assert not tree.exists()
    assert not blobs.path(unused).exists()
    assert blobs.path(used).exists()
    assert blobs.path(young).exists()


def test_half_written_things_of_a_crash_are_swept(tmp_path: Path) -> None:
    Blobs(tmp_path)
    (tmp_path / "zips" / "x.part").write_bytes(b"half")
    (tmp_path / "trees" / "y.part" / "in").mkdir(parents=True)
    Blobs(tmp_path)
    assert not list(tmp_path.glob("*/*.part"))


def test_a_restart_gives_back_the_room_of_old_code(fresh_engine: Callable[..., EngineProcess]) -> None:
    engine = fresh_engine()
    client = engine.client("lambda")
    kept, gone = (
        deploying.deploy(client, f"def handler(event, context):\n    return {number}\n") for number in (1, 2)
    )
    zips, trees = engine.data_dir / "code" / "zips", engine.data_dir / "code" / "trees"
    for path in zips.iterdir():
        os.utime(path, (time.time() - 7200,) * 2)
    client.update_function_code(
        FunctionName=kept,
        ZipFile=deploying.zipped({"app.py": "def handler(event, context):\n    return 3\n"}),
    )
    deploying.settled(client, kept)
    client.publish_layer_version(LayerName="l", Content={"ZipFile": deploying.zipped({"l.py": "x = 4"})})
    client.delete_function(FunctionName=gone)
    assert len(list(zips.iterdir())) == 4
    engine.stop()
    engine = fresh_engine(data_dir=engine.data_dir)
    deploying.until(lambda: len(list(zips.iterdir())) == len(list(trees.iterdir())) == 2)
    assert deploying.call(engine.client("lambda"), kept).value == 3
