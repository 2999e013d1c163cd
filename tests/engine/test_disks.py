"""Disks that are full or read-only: one sentence, its exit code, nothing corrupted."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ENGINE = [sys.executable, "-m", "lambdatui", "engine", "--port", "0"]
FILL = "dd if=/dev/zero of={folder}/ballast bs=4k 2>/dev/null;"


def in_a_room_of_its_own(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script where it may mount; skipped where this machine lets nobody do so."""
    if shutil.which("unshare") is None:
        pytest.skip("no unshare(1) here")
    room = ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*room, "true"], capture_output=True, check=False).returncode:
        pytest.skip("user namespaces are refused here")
    return subprocess.run(
        [*room, "sh", "-c", script], capture_output=True, text=True, timeout=60, check=False
    )


def start(folder: Path, before: str) -> subprocess.CompletedProcess[str]:
    engine = shlex.join([*ENGINE, "--data-dir", str(folder / "engine")])
    return in_a_room_of_its_own(f"{before.format(folder=shlex.quote(str(folder)))} exec {engine}")


def assert_one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 5, (done.returncode, done.stderr)
    assert done.stderr.count("\n") == 1, done.stderr
    assert all(word in done.stderr for word in words), done.stderr


def test_a_new_folder_on_a_full_disk(tmp_path: Path) -> None:
    done = start(tmp_path, "mount -t tmpfs -o size=3m none {folder} && " + FILL)
    assert_one_sentence(done, "The disk is full", "free some space")


def test_an_old_folder_on_a_disk_that_became_full(tmp_path: Path) -> None:
    engine = shlex.join([*ENGINE, "--data-dir", str(tmp_path / "engine")])
    once = f"timeout --preserve-status --signal TERM 3 {engine};"
    done = start(tmp_path, f"mount -t tmpfs -o size=8m none {{folder}} && {once} {FILL}")
    assert_one_sentence(done, "full", "disk")


def test_a_read_only_folder(tmp_path: Path) -> None:
    done = start(tmp_path, "mount --bind {folder} {folder} && mount -o remount,bind,ro {folder} &&")
    assert_one_sentence(done, "cannot be written", "read-only file system")
