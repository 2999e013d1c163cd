"""Where lambdatui keeps its files: platform folders, or everything below LAMBDATUI_HOME."""

from __future__ import annotations

import os
from pathlib import Path


def _folder(kind: str) -> Path:
    home = os.environ.get("LAMBDATUI_HOME")
    if home:
        return Path(home).expanduser() / kind
    import platformdirs  # 6 ms, only when somebody asks

    finders = {
        "config": platformdirs.user_config_path,
        "data": platformdirs.user_data_path,
        "cache": platformdirs.user_cache_path,
        "state": platformdirs.user_state_path,
    }
    return finders[kind]("lambdatui", appauthor=False)


def config_dir() -> Path:
    """Config file and user themes."""
    return _folder("config")


def data_dir() -> Path:
    """What must last: the engine's store lives in ``data_dir() / "engine"``."""
    return _folder("data")


def cache_dir() -> Path:
    """What can be made again."""
    return _folder("cache")


def state_dir() -> Path:
    """What is nice to find again: history, last target, journal."""
    return _folder("state")


def engine_dir() -> Path:
    """The engine's lasting data folder when none is named."""
    return data_dir() / "engine"
