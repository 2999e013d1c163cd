"""Nothing of a journey depends on the machine: its folders, its time zone, its locale."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ["LC_ALL"] = "C.UTF-8"  # before the signs are chosen


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home of the test's own, and the time zone of the pictures."""
    monkeypatch.setenv("LAMBDATUI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
