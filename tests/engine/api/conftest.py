"""What the API's tests share: an account of their own on the running engine."""

from __future__ import annotations

import itertools

import pytest

from tests.conftest import EngineProcess
from tests.engine.api.aws import Lambda

_accounts = itertools.count(200_000_000_001)


@pytest.fixture
def aws(engine: EngineProcess) -> Lambda:
    """Lambda in an account that nobody else uses."""
    account = str(next(_accounts))
    return Lambda(engine.client("lambda", access_key=account, parameter_validation=False), account)


@pytest.fixture
def own(aws: Lambda) -> Lambda:
    """The same, with a function ``f`` that has version 1 and alias ``live``, and a function ``g``."""
    aws.function("f")
    aws.function("g")
    aws("publish_version", FunctionName="f")
    aws("create_alias", FunctionName="f", Name="live", FunctionVersion="1")
    return aws
