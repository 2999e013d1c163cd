"""The sample functions that come with lambdatui, as zips ready to be created."""

from __future__ import annotations

import io
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TAG = "lambdatui:sample"
_FOLDER = Path(__file__).parent.parent / "samples"
_OUR_PYTHON = f"python3.{sys.version_info.minor}"  # the engine runs on it too, so it is there
_EPOCH = (2020, 1, 1, 0, 0, 0)  # the same zip, and so the same hash, every time


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample: its settings, its code, and a payload to try it with."""

    name: str
    runtime: str
    handler: str
    code: bytes
    memory_mb: int = 128
    timeout_s: int = 3
    description: str = ""
    payload: bytes = b"{}"
    history: tuple[bytes, ...] = ()  # what it is invoked with to have something to show
    environment: Mapping[str, str] = field(default_factory=dict)


def load(folder: Path = _FOLDER) -> list[Sample]:
    """Every folder with a ``sample.toml``, by name."""
    return [_load(settings) for settings in sorted(folder.glob("*/sample.toml"))]


def _load(settings: Path) -> Sample:
    raw: dict[str, Any] = tomllib.loads(settings.read_text(encoding="utf-8"))
    return Sample(
        name=settings.parent.name,
        runtime=raw.get("runtime", _OUR_PYTHON),
        handler=raw["handler"],
        code=_zipped(settings.parent),
        memory_mb=raw.get("memory_mb", 128),
        timeout_s=raw.get("timeout_s", 3),
        description=raw.get("description", ""),
        payload=raw.get("payload", "{}").encode(),
        history=tuple(payload.encode() for payload in raw.get("history", ())),
        environment=raw.get("environment", {}),
    )


def _zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.name == "sample.toml" or "__pycache__" in path.parts:
                continue
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            entry.external_attr = (0o100755 if path.stat().st_mode & 0o100 else 0o100644) << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
