"""What Lambda refuses, operation by operation: one row of error_table.json for each refusal.

``new`` adds what a new function needs; ``package`` is the member that takes a zip. {fn}, {layer} and
{account} stand for the caller's own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engine.api.aws import NEW, Failure, Lambda, zipped

TABLE: list[dict[str, Any]] = json.loads(Path(__file__).with_name("error_table.json").read_text())
OPERATIONS = sorted({row["operation"] for row in TABLE})


def filled(text: str, aws: Lambda) -> str:
    layer = f"arn:aws:lambda:us-east-1:{aws.account}:layer"
    return text.replace("{fn}", aws.arn("")).replace("{layer}", layer).replace("{account}", aws.account)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_refused(own: Lambda, operation: str) -> None:
    for row in TABLE:
        if row["operation"] != operation:
            continue
        members: dict[str, Any] = json.loads(filled(json.dumps(row["members"]), own))
        if row.get("new"):
            members = NEW | members
        if "package" in row:
            members[row["package"]] = {"ZipFile": zipped()}
        expected = Failure(row["status"], row["code"], filled(row["message"], own), row.get("type"))
        assert own.failure(operation, **members) == expected, row
