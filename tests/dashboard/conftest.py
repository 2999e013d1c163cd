"""Nothing on the screen depends on the machine: time zone, locale, blinking, config files."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ["LC_ALL"] = "C.UTF-8"  # before the signs are chosen

from textual import constants
from textual.widgets import Input, TextArea

from tests.dashboard import waiting

waiting.install()


def pytest_collection_finish() -> None:
    """An app is thousands of objects: looking through all that was imported, again and again while they are
    made, took a third of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Everything that moves by itself stands still."""
    monkeypatch.setattr(constants, "TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    monkeypatch.setattr(TextArea, "_toggle_cursor_blink_visible", lambda self: None)
    monkeypatch.setenv("LAMBDATUI_HOME", str(tmp_path))
    for name in ("VISUAL", "EDITOR", "DISPLAY", "WAYLAND_DISPLAY", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
