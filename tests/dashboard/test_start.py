"""What happens before the first frame, and what does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FIRST_FRAME = """
import sys
from lambdatui.dashboard.app import LambdaTui
from lambdatui.model import TargetKind
from lambdatui.service import TargetSpec

class App(LambdaTui):
    async def _begin(self):
        drawn = self.export_screenshot()
        libraries = ("botocore", "boto3", "aiobotocore")
        ours = ("engine", "service.targets", "model.function", "dashboard.panes", "dashboard.widgets.l")
        heavy = [name for name in sys.modules if name.split(".")[0] in libraries
                 or name.startswith(tuple("lambdatui." + one for one in ours))]
        print("Functions" in drawn, "Log" in drawn, heavy)
        self.exit(0)

App(TargetSpec(TargetKind.LOCAL)).run(headless=True, size=(%d, %d))
"""


def first_frame(tmp_path: Path, width: int, height: int) -> str:
    env = os.environ | {"LAMBDATUI_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_FRAME % (width, height)],
        capture_output=True,
        text=True,
        timeout=60,
        env=env,
        check=True,
    )
    return done.stdout.strip()


def test_the_first_frame_is_the_outline_and_nothing_heavy_was_imported(tmp_path: Path) -> None:
    assert first_frame(tmp_path, 120, 40) == "True True []"


def test_the_outline_fits_a_small_terminal(tmp_path: Path) -> None:
    assert first_frame(tmp_path, 60, 16) == "True False []"
