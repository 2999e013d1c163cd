"""The same function on the engine and in an AWS account (moto), compared."""

from __future__ import annotations

from typing import Any

import pytest

from lambdatui.model import TargetKind
from lambdatui.service import Service, TargetSpec, errors, open_target
from tests.conftest import EngineProcess
from tests.service.conftest import ROLE


async def test_a_function_is_compared_across_targets(
    engine: EngineProcess, aws: Service, code: bytes
) -> None:
    local = await open_target(
        TargetSpec(TargetKind.LOCAL, data_dir=engine.data_dir, read_only=False), interactive=False
    )
    try:
        common: dict[str, Any] = {"runtime": "python3.12", "handler": "handler.handler", "role": ROLE}
        await local.functions.create("twice", **common, code=code, environment={"STAGE": "dev"})
        await aws.functions.create("twice", **common, code=code, environment={"STAGE": "prod"})
        await aws.settings.change("twice", {"memory": "1024"})
        found = await local.differences.between("twice", "$LATEST", "$LATEST", other=aws.differences)
        assert ("Memory", "128 MB", "1024 MB") in [(c.name, c.before, c.after) for c in found.settings]
        assert [(c.name, c.before, c.after) for c in found.variables] == [("STAGE", "dev", "prod")]
        assert found.left.version.arn != found.right.version.arn
        with pytest.raises(errors.NotFound):
            await local.differences.between("twice", "$LATEST", "prod", other=aws.differences)
    finally:
        await local.close()
