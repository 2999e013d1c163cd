"""`lambdatui doctor`: what of Lambda the engine can hold here, what runs functions, what is polled."""

from __future__ import annotations

import json
import shutil
import textwrap
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from lambdatui import address, paths

PATIENCE_S = 10.0
SIGNS = {"held": "●", "partly held": "◐", "not held": "○"}


def run(data_dir: Path | None, *, as_json: bool, every_tier: bool = False) -> int:
    """Ask the running engine, else the machine; print it."""
    record = examine(data_dir or paths.engine_dir())
    print(json.dumps(record, indent=2) if as_json else "\n".join(lines(record, every_tier)))
    return 0


def examine(folder: Path) -> dict[str, Any]:
    """All that is printed."""
    running = address.find(folder)
    status = _status(running) if running is not None else None
    same = {"runtimes": _runtimes(), "sources": _sources()}
    if status is not None and running is not None:
        engine = {"url": running.url, "pid": running.pid, "version": running.version}
        return {"engine": engine, "isolation": status["isolation"], **same}
    from lambdatui.engine.environments.isolation.tiers import probe

    return {"engine": None, "isolation": probe().record(), **same}


def _status(running: address.Address) -> dict[str, Any] | None:
    """What the engine says of itself; nothing if it does not say."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest("GET", f"{running.url}/_lambdatui/status", headers={})
    keys = Credentials(running.access_key, running.secret_key)
    SigV4Auth(keys, "lambda", address.DEFAULT_REGION).add_auth(request)
    question = urllib.request.Request(request.url, headers=dict(request.headers))  # noqa: S310 - our own
    try:
        with urllib.request.urlopen(question, timeout=PATIENCE_S) as answer:  # noqa: S310
            status = json.load(answer)
    except (OSError, ValueError, urllib.error.URLError):
        return None
    return dict(status) if "isolation" in status else None


def _runtimes() -> list[dict[str, Any]]:
    """What serves each runtime that AWS still supports, and images."""
    from datetime import UTC, datetime

    from lambdatui.engine.environments.images import oci
    from lambdatui.engine.runtimes.catalog import RUNTIMES, Status
    from lambdatui.engine.runtimes.interpreters import Missing, find

    today = datetime.now(UTC).date()
    found = []
    for name, runtime in RUNTIMES.items():
        if runtime.status(today) not in (Status.SUPPORTED, Status.ENDING):
            continue
        match = find(name)
        if isinstance(match, Missing):
            words = f"{match.reason} {match.install}"
            found.append({"runtime": name, "program": None, "near": False, "words": words})
        else:
            words, program = match.notice or "", str(match.executable)
            found.append({"runtime": name, "program": program, "near": not match.exact, "words": words})
    container, trouble = oci.find()
    words = trouble or "Containers see this machine's network and nothing else of it."
    return [*found, {"runtime": "images", "program": container or None, "near": False, "words": words}]


def _sources() -> list[dict[str, str]]:
    """How far what polls for event source mappings does as AWS's does."""
    from lambdatui.engine.sources.promises import table

    return [promise.record() for promise in table()]


# -- for people --------------------------------------------------------------------------------------


def lines(record: dict[str, Any], every_tier: bool = False) -> list[str]:
    """The report as text."""
    width = max(60, min(120, shutil.get_terminal_size((100, 24)).columns))
    isolation, engine = record["isolation"], record["engine"]
    where = f"the engine at {engine['url']} says" if engine else "no engine runs: this machine was asked"
    legend = "  ".join(f"{sign} {held}" for held, sign in SIGNS.items())
    text = [f"Isolation: {isolation['chosen']} ({where})", legend, ""]
    for tier in isolation["tiers"]:
        chosen = tier["name"] == isolation["chosen"]
        text.append(f"{tier['name']}: {_standing(tier, chosen)}")
        if chosen or every_tier:
            for row in tier["holds"]:
                text += _row(f"  {SIGNS[row['held']]} {row['what']}", row["words"], width)
    text += ["", "Runtimes:"]
    for runtime in record["runtimes"]:
        words = " ".join(filter(None, [runtime["program"] or "missing.", runtime["words"]]))
        sign = "○" if not runtime["program"] else "◐" if runtime["near"] else "●"
        text += _row(f"  {sign} {runtime['runtime']}", words, width)
    text += ["", "Event sources:"]
    for source in record["sources"]:
        text += _row(f"  {SIGNS[source['held']]} {source['what']}", source["words"], width)
    return text


def _standing(tier: dict[str, str], chosen: bool) -> str:
    if chosen:
        return "in use"
    return f"can be had: lambdatui engine --isolation {tier['name']}" if tier["available"] else tier["reason"]


def _row(head: str, words: str, width: int) -> list[str]:
    indent = " " * 20
    wrapped = textwrap.wrap(words, width - len(indent)) or [""]
    return [f"{head:<{len(indent)}}{wrapped[0]}", *(f"{indent}{more}" for more in wrapped[1:])]
