"""The last target: where a dashboard opens when nobody says where."""

from __future__ import annotations

import json
import os
from pathlib import Path

from lambdatui import paths
from lambdatui.model import TargetKind
from lambdatui.service.spec import TargetSpec


def _file() -> Path:
    return paths.state_dir() / "target.json"


def save(spec: TargetSpec) -> None:
    """Keep where we are. A disk that refuses costs only the memory."""
    said = {
        "kind": str(spec.kind),
        "profile": spec.profile,
        "region": spec.region,
        "endpoint": spec.endpoint,
        "data_dir": str(spec.data_dir.absolute()) if spec.data_dir else None,
    }
    file = _file()
    fresh = file.with_suffix(f".{os.getpid()}.tmp")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.write_text(json.dumps(said), encoding="utf-8")
        os.replace(fresh, file)
    except OSError:
        return


def load() -> TargetSpec | None:
    """The target that was kept; None when none was, or when it cannot be read."""
    try:
        said = json.loads(_file().read_text(encoding="utf-8"))
        return TargetSpec(
            TargetKind(said["kind"]),
            profile=said.get("profile"),
            region=said.get("region"),
            endpoint=said.get("endpoint"),
            data_dir=Path(said["data_dir"]) if said.get("data_dir") else None,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
