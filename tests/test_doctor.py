"""`lambdatui doctor`: the table of the tier, from the engine or from the machine itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import EngineProcess


def doctor(*arguments: str) -> str:
    command = [sys.executable, "-m", "lambdatui", "doctor", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_machine_is_asked_when_no_engine_runs(tmp_path: Path) -> None:
    record = json.loads(doctor("--json", "--data-dir", str(tmp_path)))
    assert record["engine"] is None
    tiers = record["isolation"]["tiers"]
    assert [tier["name"] for tier in tiers] == ["strict", "landlock", "process"]
    for tier in tiers:
        assert tier["available"] or tier["reason"]
        assert {"memory", "CPU share", "/tmp", "file system", "network", "processes", "freezing"} <= {
            row["what"] for row in tier["holds"]
        }
    process = {row["what"]: row for row in tiers[-1]["holds"]}
    assert process["CPU share"]["held"] == "not held"
    assert process["CPU share"]["words"].startswith("CPU not held")
    assert "python3.12" in [runtime["runtime"] for runtime in record["runtimes"]]
    images = record["runtimes"][-1]
    assert images["runtime"] == "images"
    assert images["program"] or "apt install runc" in images["words"]
    sources = {source["what"]: source for source in record["sources"]}
    assert {name for name, one in sources.items() if one["held"] == "not held"} == {"Amazon MQ", "DocumentDB"}
    assert "no poller's pace is kept" in sources["Kafka, MSK"]["words"]


@pytest.mark.parametrize("asked", ["process", "strict"])
def test_a_running_engine_speaks_for_itself(tmp_path: Path, asked: str) -> None:
    engine = EngineProcess(tmp_path / "data", "--isolation", asked)
    try:
        record = json.loads(doctor("--json", "--data-dir", str(engine.data_dir)))
        assert record["engine"]["url"] == engine.url
        assert record["isolation"]["asked"] == asked
        chosen = record["isolation"]["chosen"]
        assert chosen == asked or not record["isolation"]["tiers"][0]["available"]
        text = doctor("--data-dir", str(engine.data_dir))
    finally:
        engine.stop()
    assert text.startswith(f"Isolation: {chosen} (the engine at {engine.url} says)\n")
    assert f"\n{chosen}: in use\n" in text
    assert "network" in text
    assert "\nEvent sources:\n  ◐ SQS " in text
