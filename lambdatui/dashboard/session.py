"""Where a person was: kept for each target, found again at the next start. What cannot be read or written
costs only the memory."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lambdatui import paths
from lambdatui.model import Target, TargetKind
from lambdatui.service import TargetSpec

LIMIT = 512 * 1024
"""Bytes that one place may take; a bigger one is not kept."""


def file_of(spec: TargetSpec, target: Target) -> Path | None:
    """One file for each target, so that accounts never mix; a throw-away one has none."""
    if spec.demo:
        return None
    if target.kind is TargetKind.LOCAL:  # its port is another one every time
        where = str((spec.data_dir or paths.engine_dir()).absolute())
    else:
        where = f"{target.profile} {target.endpoint}"
    whose = str(target.kind), where, target.account, target.region
    digest = hashlib.sha256("\n".join(whose).encode()).hexdigest()[:16]
    return paths.state_dir() / "sessions" / f"{digest}.json"


def load(file: Path) -> dict[str, Any]:
    """What was kept; nothing when there is none, or when it cannot be understood."""
    try:
        with file.open("rb") as opened:
            raw = json.loads(opened.read(LIMIT))
    except (OSError, ValueError):
        return {}
    return raw if isinstance(raw, dict) else {}


def save(file: Path, place: Mapping[str, Any]) -> None:
    """Keep it, whole or not at all."""
    text = json.dumps(place, ensure_ascii=False)
    if len(text) > LIMIT:
        return
    fresh = file.with_suffix(f".{os.getpid()}.tmp")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(text)
        os.replace(fresh, file)
    except (OSError, UnicodeEncodeError):
        return
