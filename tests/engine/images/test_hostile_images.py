"""Images that mean harm, or are broken: nothing leaves their folder, and a sentence says why."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from lambdatui.engine.environments.images import sources, unpack
from lambdatui.engine.environments.images.images import Images
from lambdatui.engine.environments.images.references import Reference, parse
from lambdatui.engine.environments.images.unpack import BadImage
from tests.engine.images.building import BuiltImage, layer

PLANTED = b"planted"


@pytest.fixture
def images(tmp_path: Path) -> Images:
    return Images(tmp_path / "data" / "images")


def keep(images: Images, text: str) -> str:
    reference = parse(text)
    assert reference is not None
    return images.keep(reference)


def laid_out(folder: Path, *layers: bytes, **config: Any) -> str:
    return f"oci:{BuiltImage.of(*layers, **config).lay_out(folder, 'v1')}:v1"


class Answers(BaseHTTPRequestHandler):
    """A registry that says whatever it was told to."""

    said: ClassVar[dict[str, bytes]] = {}
    elsewhere: ClassVar[dict[str, str]] = {}
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        type(self).asked.append((self.path, self.headers.get("Authorization")))
        target = next((url for end, url in self.elsewhere.items() if self.path.endswith(end)), None)
        body = next((data for end, data in self.said.items() if self.path.endswith(end)), None)
        self.send_response(307 if target else 404 if body is None else 200)
        if target:
            self.send_header("Location", target)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def registry() -> Iterator[int]:
    Answers.said, Answers.elsewhere, Answers.asked = {}, {}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("part", ["config", "layers"])
@pytest.mark.parametrize("absolute", [True, False])
def test_a_digest_is_no_path(
    images: Images, tmp_path: Path, registry: int, part: str, absolute: bool
) -> None:
    target = f"{tmp_path}/climbed" if absolute else "../climbed"
    good = "sha256:" + hashlib.sha256(b"{}").hexdigest()
    manifest: dict[str, Any] = {"config": {"digest": good}, "layers": []}
    manifest |= {"config": {"digest": target}} if part == "config" else {"layers": [{"digest": target}]}
    Answers.said = {"/manifests/latest": json.dumps(manifest).encode(), good: b"{}", "climbed": PLANTED}
    with pytest.raises(BadImage, match="is no digest"):
        keep(images, f"localhost:{registry}/some/name")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_login_is_for_the_registry_alone(tmp_path: Path, registry: int) -> None:
    built = BuiltImage.of(layer({"a": b"x"}))
    Answers.said = {"/manifests/latest": built.blobs[built.manifest]}
    for digest, data in built.blobs.items():
        Answers.elsewhere[f"/blobs/{digest}"] = f"http://localhost:{registry}/storage/{digest[-8:]}?signed"
        Answers.said[f"/storage/{digest[-8:]}?signed"] = data
    reference = Reference(registry=f"http://127.0.0.1:{registry}", name="n", tag="latest", login="Basic eDp5")
    assert sources.find(reference, tmp_path).digest == built.manifest
    sent = {path.partition("/")[2].partition("/")[0]: login for path, login in Answers.asked}
    assert sent == {"v2": "Basic eDp5", "storage": None}


@pytest.mark.parametrize("kind", ["oci", "oci-archive", "docker-archive"])
def test_what_is_not_there_is_said_so(images: Images, tmp_path: Path, kind: str) -> None:
    with pytest.raises(BadImage, match=f"there is nothing at {tmp_path}/nowhere"):
        keep(images, f"{kind}:{tmp_path}/nowhere:v1")


@pytest.mark.parametrize("name", [".wh.", ".wh..", ".wh...", "deep/.wh...", "deep/.wh."])
def test_a_whiteout_deletes_what_has_a_name(images: Images, tmp_path: Path, name: str) -> None:
    uri = laid_out(tmp_path / "layout", layer({"deep": None, "deep/a": b"x"}), layer({name: b""}))
    with pytest.raises(BadImage, match="deletes nothing"):
        keep(images, uri)


def entries(*members: tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for member in members:
            archive.addfile(member)
    return out.getvalue()


def entry(name: str, kind: bytes, target: str = "", mode: int = 0o644) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.mode = kind, target, mode
    return made


def test_links_and_devices(images: Images, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    over = entries(
        entry("up", tarfile.SYMTYPE, "../../../../../.."),
        entry(f"up{outside}/climbed", tarfile.REGTYPE),
        entry("hard", tarfile.LNKTYPE, f"{outside}/secret"),
        entry("harder", tarfile.LNKTYPE, "../../../../../../../../../.." + f"{outside}/secret"),
        entry("null", tarfile.CHRTYPE),
        entry("disk", tarfile.BLKTYPE),
        entry("pipe", tarfile.FIFOTYPE),
        entry(f"{outside}/absolute", tarfile.REGTYPE),
        entry("suid", tarfile.REGTYPE, mode=0o6755),
        entry("loop", tarfile.SYMTYPE, str(outside)),
        entry("loop/.wh.secret", tarfile.REGTYPE),
        entry("loop/.wh..wh..opq", tarfile.REGTYPE),
    )
    digest = keep(images, laid_out(tmp_path / "layout", over))
    assert [path.name for path in outside.iterdir()] == ["secret"]
    root = tmp_path / "data" / "images" / digest / "rootfs"
    assert not any((root / name).exists() for name in ("hard", "harder", "null", "disk", "pipe"))
    assert (root / "suid").stat().st_mode & 0o7777 == 0o755


def test_a_circle_of_links(images: Images, tmp_path: Path) -> None:
    circle = entries(
        entry("a", tarfile.SYMTYPE, "b"), entry("b", tarfile.SYMTYPE, "a"), entry("a/c", tarfile.REGTYPE)
    )
    with pytest.raises(BadImage, match="circle"):
        keep(images, laid_out(tmp_path / "layout", circle))


def test_what_is_said_of_an_entry_is_bounded(images: Images, tmp_path: Path) -> None:
    header = entry("././@LongLink", tarfile.GNUTYPE_LONGNAME)
    header.size = 64 << 20
    bomb = header.tobuf(tarfile.GNU_FORMAT) + b"x" * header.size
    with pytest.raises(BadImage, match=r"too long|no tar"):
        keep(images, laid_out(tmp_path / "layout", bomb))


def test_the_size_of_an_image_is_that_of_all_its_layers(
    images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, "LARGEST", 100_000)
    half = layer({"a": b"x" * 60_000})
    keep(images, laid_out(tmp_path / "one", half))
    with pytest.raises(BadImage, match="larger than"):
        keep(images, laid_out(tmp_path / "two", half, layer({"b": b"x" * 60_000})))
    many = layer({f"{number}": b"" for number in range(200)})
    with pytest.raises(BadImage, match="larger than"):
        keep(images, laid_out(tmp_path / "three", many))


@pytest.mark.parametrize(
    "config",
    [{"Env": [1]}, {"Env": "A=1"}, {"Entrypoint": "/app"}, {"Cmd": [None]}, {"WorkingDir": 1}],
)
def test_a_configuration_that_is_none(images: Images, tmp_path: Path, config: dict[str, Any]) -> None:
    with pytest.raises(BadImage, match="configuration"):
        keep(images, laid_out(tmp_path / "layout", layer({"a": b""}), **config))


@pytest.mark.parametrize(
    "index",
    [
        pytest.param(b"[]", id="list"),
        pytest.param(b"{}", id="nothing"),
        pytest.param(b'{"manifests": ["x"]}', id="text"),
        pytest.param(b'{"manifests": 1}', id="number"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"\xff", id="binary"),
        pytest.param(b"", id="empty"),
    ],
)
def test_an_index_that_is_none(images: Images, tmp_path: Path, index: bytes) -> None:
    (tmp_path / "index.json").write_bytes(index)
    with pytest.raises(BadImage):
        keep(images, f"oci:{tmp_path}")
    assert not list((tmp_path / "data" / "images").iterdir())


def test_a_file_that_is_cut_off(images: Images, tmp_path: Path) -> None:
    place = tmp_path / "image.tar.gz"
    whole = gzip.compress(
        BuiltImage.of(layer({"a": bytes(range(256)) * 999})).archive(tmp_path / "i.tar").read_bytes()
    )
    place.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadImage):
        keep(images, f"oci-archive:{place}")


def test_only_old_images_that_nobody_names_are_deleted(images: Images, tmp_path: Path) -> None:
    names = ("used", "old", "young", "again")
    used, old, young, again = (keep(images, laid_out(tmp_path / one, layer({one: b""}))) for one in names)
    folder = tmp_path / "data" / "images"
    (folder / "part-of-a-crash").mkdir()
    for name in (used, old, again, "part-of-a-crash"):
        os.utime(folder / name, (time.time() - 7200,) * 2)
    keep(images, f"oci:{tmp_path / 'again'}:v1")
    assert images.collect({used}) == 2
    assert {place.name for place in folder.iterdir()} == {used, young, again}
