"""botocore's service models, found by our own loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from lambdatui.service import clients
from lambdatui.service.connection import Access

KINDS = ("service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1")


def ours() -> Any:
    made = clients.session(Access("eu-west-1", endpoint="http://127.0.0.1:1", keys=("key", "secret")))
    return made.get_component("data_loader")


@pytest.mark.parametrize("service", ["lambda", "logs", "cloudwatch", "sts", "sqs", "s3", "dynamodb"])
def test_what_is_found_is_what_botocore_finds(service: str) -> None:
    for kind in KINDS:
        try:
            theirs = Loader().load_service_model(service, kind)
        except UnknownServiceError:
            with pytest.raises(UnknownServiceError):
                ours().load_service_model(service, kind)
        else:
            assert ours().load_service_model(service, kind) == theirs


def test_the_newest_version_of_every_service_is_found() -> None:
    theirs, loader = Loader(), ours()
    for service in theirs.list_available_services("service-2"):
        assert loader.determine_latest_version(service, "service-2") == theirs.determine_latest_version(
            service, "service-2"
        )


def test_a_service_that_does_not_exist_is_said_so() -> None:
    with pytest.raises(UnknownServiceError, match="lambada"):
        ours().load_service_model("lambada", "service-2")


def test_models_of_the_user_are_found_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "models" / "lambada" / "2026-01-01"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text(json.dumps({"metadata": {"serviceId": "Lambada"}}))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path / "models"))
    assert ours().load_service_model("lambada", "service-2") == {"metadata": {"serviceId": "Lambada"}}
