"""Where operations are: each in one module, and none twice."""

from __future__ import annotations

import inspect

import botocore
import pytest

from lambdatui.engine.api import lambda_api
from tests.engine.api.any_request import MODEL

LONGEST = 60  # lines: a screen


def homes(operation: str) -> list[str]:
    name = str(botocore.xform_name(operation))
    return [
        module.__name__  # type: ignore[attr-defined]
        for module in lambda_api.MODULES
        if hasattr(module, name) or hasattr(module, f"raw_{name}")
    ]


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_an_operation_has_one_home(operation: str) -> None:
    assert len(homes(operation)) == 1


def test_no_function_is_longer_than_a_screen() -> None:
    for module in lambda_api.MODULES:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__:  # type: ignore[attr-defined]
                assert len(inspect.getsource(function).splitlines()) <= LONGEST, name
