"""The sample functions that come with lambdatui, as zips ready to be created."""

from __future__ import annotations

import io
import json
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TAG = "lambdatui:sample"
_FOLDER = Path(__file__).parent.parent / "samples"
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
    environment: Mapping[str, str] = field(default_factory=dict)


def load(folder: Path = _FOLDER) -> list[Sample]:
    """Every folder with a ``sample.toml``, by name."""
    return [_load(settings) for settings in sorted(folder.glob("*/sample.toml"))]


def _load(settings: Path) -> Sample:
    raw: dict[str, Any] = tomllib.loads(settings.read_text(encoding="utf-8"))
    return Sample(
        name=raw["name"],
        runtime=raw["runtime"],
        handler=raw["handler"],
        code=_zipped(settings.parent),
        memory_mb=raw.get("memory", 128),
        timeout_s=raw.get("timeout", 3),
        description=raw.get("description", ""),
        payload=_payload(raw.get("payload", {})),
        environment=raw.get("environment", {}),
    )


def _payload(written: object) -> bytes:
    """A payload is written as JSON text or as a TOML table."""
    return written.encode() if isinstance(written, str) else json.dumps(written, indent=2).encode()


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
