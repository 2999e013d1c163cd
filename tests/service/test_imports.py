"""What is heavy is not imported before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ("botocore", "boto3", "aiobotocore", "aiohttp", "lambdatui.engine")


@pytest.mark.parametrize(
    ("module", "refused"),
    [
        ("lambdatui.cli", (*HEAVY, "textual", "asyncio", "lambdatui.service", "lambdatui.dashboard")),
        ("lambdatui.address", (*HEAVY, "textual", "asyncio")),
        ("lambdatui.config", (*HEAVY, "textual", "asyncio")),
        ("lambdatui.choice", (*HEAVY, "textual")),
        ("lambdatui.model", (*HEAVY, "textual", "asyncio")),
        ("lambdatui.service", (*HEAVY, "textual")),
        ("lambdatui.headless", (*HEAVY, "textual")),
        ("lambdatui.dashboard.app", HEAVY),
    ],
)
def test_import(module: str, refused: tuple[str, ...]) -> None:
    script = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    output = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    loaded = json.loads(output)
    assert module in loaded
    assert [
        name for name in loaded if name.startswith(tuple(f"{bad}." for bad in refused)) or name in refused
    ] == []


def test_certificates_are_spared_only_while_aiohttp_is_imported() -> None:
    script = """
import ssl
reads = ssl.SSLContext.set_default_verify_paths
from lambdatui.service.sparing import certificates_unread
try:
    with certificates_unread():
        import aiohttp
        assert ssl.SSLContext.set_default_verify_paths is not reads
        raise KeyError
except KeyError:
    assert ssl.SSLContext.set_default_verify_paths is reads
"""
    subprocess.run([sys.executable, "-c", script], timeout=60, check=True)
