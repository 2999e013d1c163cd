"""The sample functions that come with lambdatui, as zips ready to be created."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TAG = "lambdatui:sample"
_FOLDER = Path(__file__).parent.parent / "samples"
_OUR_PYTHON = f"python3.{sys.version_info.minor}"  # the engine runs on it too, so it is there


@dataclass(frozen=True, slots=True)
class SampleFunction:
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


def load(folder: Path = _FOLDER) -> list[SampleFunction]:
    """Every folder with a ``sample.toml``, by name."""
    return [_load(settings) for settings in sorted(folder.glob("*/sample.toml"))]


def _load(settings: Path) -> SampleFunction:
    from lambdatui.service.packing import pack  # at most once in a data folder's life

    raw: dict[str, Any] = tomllib.loads(settings.read_text(encoding="utf-8"))
    return SampleFunction(
        name=settings.parent.name,
        runtime=raw.get("runtime", _OUR_PYTHON),
        handler=raw["handler"],
        code=pack(settings.parent, without={settings.name}),
        memory_mb=raw.get("memory_mb", 128),
        timeout_s=raw.get("timeout_s", 3),
        description=raw.get("description", ""),
        payload=raw.get("payload", "{}").encode(),
        history=tuple(payload.encode() for payload in raw.get("history", ())),
        environment=raw.get("environment", {}),
    )
